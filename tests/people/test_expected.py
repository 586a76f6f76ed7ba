"""What linking expects of its own error: each figure against a slow obvious twin, and all of it against a truth."""

from __future__ import annotations

import math
import random
from collections import Counter, defaultdict
from itertools import combinations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from braid.people.expected import ALL, Gap, Join, chance_of, create_link_error, find_gaps, find_joins, load_errors
from braid.people.model import Decisions, Edge, Facts
from braid.people.resolve import Contradictions
from braid.people.run import run
from braid.people.run_call import Said
from braid.store.duckdb_engine import DuckDBEngine
from people.little_place import LittlePlace, make_place

pytestmark = pytest.mark.filterwarnings("ignore:Arrow output on a DB-API result:UserWarning")

RECORDS = "abcdef"
STANDARDS = {record: "xyz"[place % 3] for place, record in enumerate(RECORDS)}
PAIRS = list(combinations(RECORDS, 2))
NOTHING = Contradictions({})


def widest(records: str, weights: dict[tuple[str, str], float]) -> dict[tuple[str, str], float]:
    """The twin: of each pair of records the weakest edge on the best way between them, by trying every stop."""
    way = {
        (one, other): weights.get((min(one, other), max(one, other)), -math.inf) for one in records for other in records
    }
    for stop in records:
        for one in records:
            for other in records:
                way[one, other] = max(way[one, other], min(way[one, stop], way[stop, other]))
    return {pair: way[pair] for pair in combinations(records, 2)}


@given(st.lists(st.one_of(st.none(), st.integers(-4, 30)), min_size=len(PAIRS), max_size=len(PAIRS)))
def test_joins_hold_every_pair_once_and_each_is_false_as_the_weakest_edge_of_its_best_way(drawn):
    weights = {pair: float(weight) for pair, weight in zip(PAIRS, drawn, strict=True) if weight is not None}
    edges = [Edge(*pair, weight) for pair, weight in weights.items()]
    joins = list(find_joins({"p": RECORDS}, edges, STANDARDS))
    assert sum(sum(join.pairs.values()) for join in joins) == len(PAIRS)
    expected: Counter[tuple[str, str]] = Counter()
    for (one, other), weight in widest(RECORDS, weights).items():
        standards = sorted((STANDARDS[one], STANDARDS[other]))
        expected[standards[0], standards[1]] += 0.0 if weight == -math.inf else 1 - chance_of(weight)
    found: Counter[tuple[str, str]] = Counter()
    for join in joins:
        for pair, count in join.pairs.items():
            found[pair] += count * join.false
    assert found == pytest.approx({pair: found_of for pair, found_of in expected.items() if pair in found})


def gaps_of(persons: dict[str, str], weights: dict[str, float], contradictions: Contradictions = NOTHING) -> dict:
    edges = [Edge(pair[0], pair[1], weight) for pair, weight in weights.items()]
    found = find_gaps(persons, edges, STANDARDS, contradictions)
    return {(gap.person_id, gap.other_person_id): (sum(gap.pairs.values()), gap.missed) for gap in found}


def test_a_gap_is_missed_with_the_chance_of_its_best_pair_and_then_every_pair_across_it_is():
    found = gaps_of({"p": "ab", "q": "cde", "r": "f"}, {"ac": 3.0, "bd": 5.0, "ab": 20.0})
    assert found == {("p", "q"): (6, pytest.approx(chance_of(5.0)))}


def test_of_several_who_contradict_each_other_one_at_most_is_missed():
    facts = {"b": Facts({"nhs": "1"}), "c": Facts({"nhs": "2"})}
    found = gaps_of({"p": "a", "q": "b", "r": "c"}, {"ab": 10.0, "ac": 10.0}, Contradictions(facts))
    assert [missed for _, missed in found.values()] == [pytest.approx(1024 / 2049)] * 2
    free = gaps_of({"p": "a", "q": "b", "r": "c"}, {"ab": 10.0, "ac": 10.0})
    assert [missed for _, missed in free.values()] == [pytest.approx(1024 / 1025)] * 2, "who may be one are both missed"


@pytest.mark.parametrize(
    "contradictions",
    [
        Contradictions({"a": Facts({"nhs": "1"}), "b": Facts({"nhs": "2"})}),
        Contradictions({}, Decisions(cannot_link=frozenset({("a", "b")}))),
        Contradictions({}, sides={"a": frozenset({("seal", "before")}), "b": frozenset({("seal", "after")})}),
        Contradictions({}, sides={"a": frozenset({("seal", "before")})}),
    ],
    ids=["identifiers", "humans", "seal", "sealed"],
)
def test_who_cannot_be_one_or_is_sealed_is_in_no_gap(contradictions):
    assert gaps_of({"p": "a", "q": "b"}, {"ab": 20.0}, contradictions) == {}


def test_sums_by_group_are_those_counted_one_by_one():
    draw = random.Random(7)
    people = [f"p{number}" for number in range(12)]
    group = {person: draw.choice(["x", "y", "unknown"]) for person in people}
    joins = [Join(p, {("s", "t"): draw.randint(1, 3), ("s", "s"): 2}, draw.random()) for p in people for _ in range(2)]
    gaps = [Gap(*sorted(draw.sample(people, 2)), {("s", "t"): draw.randint(1, 3)}, draw.random()) for _ in range(30)]
    engine = DuckDBEngine()
    rows = {"person_id": people, "code": [group[person] for person in people]}
    engine.load_arrow("person", pa.table(rows))
    engine.load_arrow("person_link", pa.table({"person_id": people, "person_record_id": people}))
    engine.load_arrow("person_record", pa.table({"record_id": people, "standard": ["s", "t"] * 6}))
    names = pa.table({"record_id": people, "forename": ["A", None, None] * 4, "surname": ["B"] * 12})
    load_errors(engine, joins, gaps)
    create_link_error(engine, names, {"sex": "select person_id, code as group_code from person"})
    for row in engine.rows("select * from link_error"):
        code, pair = row["group_code"], (row["source_a"], row["source_b"])
        of = {person for person in people if code in (ALL, group[person])}
        share = {(one, other): _share(group[one], group[other], code) for one in people for other in people}
        own = [(join, _count(join.pairs, pair)) for join in joins if join.person_id in of]
        sides = [(gap, share[gap.person_id, gap.other_person_id] * _count(gap.pairs, pair)) for gap in gaps]
        records = [p for n, p in enumerate(people) if p in of and (pair == (ALL, ALL) or "st"[n % 2] in pair)]
        expected = {
            "links": sum(count for _, count in own),
            "false_links": sum(join.false * count for join, count in own),
            "false_variance": sum(count**2 * join.false * (1 - join.false) for join, count in own),
            "missed_links": sum(gap.missed * count for gap, count in sides),
            "missed_variance": sum(count**2 * gap.missed * (1 - gap.missed) for gap, count in sides),
            "people": len(of),
            "records": len(records),
            "unnamed": sum(people.index(person) % 3 > 0 for person in records),
        }
        assert {name: row[name] for name in expected} == pytest.approx(expected), (code, pair)
    engine.close()


def _count(pairs, pair) -> int:
    return sum(pairs.values()) if pair == (ALL, ALL) else pairs.get(pair, 0)


def _share(one: str, other: str, code: str) -> float:
    """How much of a gap counts for a group: half for each side's, all of it where a side's is not known."""
    if code == ALL or one == other == code:
        return 1.0
    if code not in (one, other) or (code == "unknown" and one != other):
        return 0.0
    return 1.0 if "unknown" in (one, other) else 0.5


GROUPS = {
    "sex": "select person_id, coalesce(sex, 'unknown') as group_code from person",
    "born": "select person_id, coalesce(cast(floor(br_year(birth_date) / 8) as varchar), 'unknown') as group_code"
    " from person",
    "district": "select person_id, coalesce(district_code, 'unknown') as group_code from person",
}


@pytest.fixture(scope="module")
def place() -> LittlePlace:
    return make_place(households=900, seed=23)


@pytest.fixture(scope="module")
def linked(place: LittlePlace):
    engine = place.engine()
    run(engine, said=Said(groups=GROUPS))
    yield engine
    engine.close()


def missed_by_group(place: LittlePlace, engine: DuckDBEngine, name: str, *, compared: bool) -> Counter[str]:
    """The truth: missed links by group, of all pairs or of those between persons of whom any two were compared."""
    link = {row["person_record_id"]: row["person_id"] for row in engine.rows("select * from person_link")}
    group = {row["person_id"]: row["group_code"] for row in engine.rows(GROUPS[name])}
    gaps = {(row["person_id"], row["other_person_id"]) for row in engine.rows("select * from link_gap")}
    parts: dict[str, Counter[str]] = defaultdict(Counter)
    for record, person in place.truth.items():
        parts[person][link[record]] += 1
    missed: Counter[str] = Counter()
    for sizes in parts.values():
        for one, other in combinations(sorted(sizes), 2):
            if not compared or (one, other) in gaps:
                for code in {group[one], group[other]}:
                    missed[code] += sizes[one] * sizes[other] * _share(group[one], group[other], code)
    return missed


def test_what_is_expected_to_be_missed_covers_the_truth_of_what_was_compared_in_most_groups(place, linked):
    held, groups = 0, 0
    for name in GROUPS:
        seen, whole = (missed_by_group(place, linked, name, compared=compared) for compared in (True, False))
        for row in linked.rows("select * from link_error where characteristic = ? and source_a = ?", [name, ALL]):
            if row["links"] < 100:
                continue
            spread = 1.96 * math.sqrt(row["missed_variance"])
            held += abs(row["missed_links"] - seen[row["group_code"]]) <= spread + 1
            groups += 1
            assert row["missed_links"] - spread - 1 <= whole[row["group_code"]], "never more than there are"
    assert groups >= 6 and held >= 0.8 * groups
    (everybody,) = linked.rows("select * from link_error where characteristic = ? and source_a = ?", [ALL, ALL])
    assert sum(missed_by_group(place, linked, "sex", compared=False).values()) > 2 * everybody["missed_links"], (
        "most are missed without having been compared: what the pages say of the figure must not be left out"
    )


def test_sums_over_all_standards_are_those_of_the_pairs(linked):
    rows = linked.rows("select * from link_error")
    for name in ("links", "false_links", "missed_links"):
        by_pair = sum(row[name] for row in rows if row["characteristic"] == ALL and row["source_a"] != ALL)
        (whole,) = (row[name] for row in rows if row["characteristic"] == ALL and row["source_a"] == ALL)
        assert by_pair == pytest.approx(whole)
        by_sex = sum(row[name] for row in rows if row["characteristic"] == "sex" and row["source_a"] == ALL)
        assert by_sex == pytest.approx(whole)
    found = linked.rows(
        "select count(*) as n from person_link a join person_link b on a.person_id = b.person_id"
        " and a.person_record_id < b.person_record_id"
    )
    (links,) = (row["links"] for row in rows if row["characteristic"] == ALL and row["source_a"] == ALL)
    assert links == found[0]["n"]
