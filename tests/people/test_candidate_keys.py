"""Candidate pairs: what shares a key is compared, and no pair is set apart without being counted."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from typing import Any

import pyarrow as pa
import pytest

from braid.people.candidate_keys import (
    PLACE_KEYS,
    RULES,
    SMALLEST_CAP,
    KeyPlan,
    Rule,
    find_cap,
    make_candidates,
    renew_candidates,
)
from braid.people.link_engine import audit_candidates, find_candidates, load_model
from braid.people.run import add_missing_tables
from braid.people.standardise import LINKAGE_SCHEMA, standardise
from braid.store.duckdb_engine import DuckDBEngine
from people.little_place import make_place

NAMES = Rule("names", "one || '|' || other", ("forenames", "surnames"))
ANN = {"forename": "ann", "forenames": ["ann"], "surname": "lee", "surnames": ["lee"]}


@pytest.fixture
def engine() -> Iterator[DuckDBEngine]:
    engine = DuckDBEngine()
    yield engine
    engine.close()


def load(engine: DuckDBEngine, rows: list[dict[str, Any]]) -> None:
    table = pa.Table.from_pylist(rows, schema=LINKAGE_SCHEMA)
    engine.load_arrow("records", table.append_column("unique_id", pa.array(range(len(rows)), pa.int64())))


def by(*rules: Rule) -> KeyPlan:
    """Return the plan of a place with other rules."""
    return replace(PLACE_KEYS, rules=rules)


def pairs(engine: DuckDBEngine) -> set[tuple[int, int]]:
    rows = engine.rows("select left_id, right_id from candidate_pair")
    found = {(row["left_id"], row["right_id"]) for row in rows}
    assert len(found) == len(rows)
    return found


def test_a_pair_is_found_by_any_entry_of_a_list_and_once(engine: DuckDBEngine) -> None:
    double = {"forenames": ["ann", "mary"], "surnames": ["lee", "smith"]}
    load(
        engine,
        [double, {"forenames": ["mary"], "surnames": ["lee"]}, double, {"forenames": ["mary"], "surnames": None}],
    )
    make_candidates(engine, 4, by(NAMES))
    assert pairs(engine) == {(0, 1), (0, 2), (1, 2)}


def test_two_keys_that_one_hash_takes_for_one_are_two(engine: DuckDBEngine) -> None:
    names = (("zanham", "e|2016-08"), ("zanham", "k|2016-06"))
    load(engine, [{"forenames": [one], "surnames": [other]} for one, other in names])
    alike = engine.connection.execute("select hash('zanham|e|2016-08') = hash('zanham|k|2016-06')").fetchall()
    assert alike == [(True,)], "the engine's hash is another by now: look for two texts that it takes for one"
    make_candidates(engine, 2, by(NAMES))
    assert pairs(engine) == set()


def test_where_a_rule_wants_something_one_of_the_two_must_have_it(engine: DuckDBEngine) -> None:
    load(engine, [{**ANN, "birth_date": born} for born in ("1980-05-06", "1990-05-06", None)])
    make_candidates(engine, 3, by(Rule("names", NAMES.value, NAMES.lists, "birth_date is null")))
    assert pairs(engine) == {(0, 2), (1, 2)}


def test_a_key_that_is_too_large_is_divided_and_what_is_set_apart_is_counted(engine: DuckDBEngine) -> None:
    years = [1950 + number % 5 for number in range(SMALLEST_CAP * 2)]
    load(engine, [{**ANN, "birth_date": f"{year}-05-06"} for year in years])
    counts = make_candidates(engine, len(years), by(NAMES))
    expected = {(one, two) for one, two in combinations(range(len(years)), 2) if years[one] == years[two]}
    assert pairs(engine) == expected
    assert (counts.keys_refined, counts.keys_over_cap) == (1, 0)
    assert counts.pairs_lost == len(years) * (len(years) - 1) // 2 - len(expected)


def test_a_key_that_nothing_divides_is_told(engine: DuckDBEngine) -> None:
    load(engine, [ANN] * (SMALLEST_CAP + 1))
    counts = make_candidates(engine, SMALLEST_CAP + 1, by(NAMES))
    assert pairs(engine) == set()
    assert (counts.keys_refined, counts.keys_over_cap) == (1, 1)
    assert counts.pairs_lost == SMALLEST_CAP * (SMALLEST_CAP + 1) // 2


def test_a_common_value_is_no_key_of_a_rare_rule_and_no_loss(engine: DuckDBEngine) -> None:
    load(engine, [ANN] * 50 + [{**ANN, "surnames": ["rare"]}] * 2)
    counts = make_candidates(engine, 52, by(Rule("rare", "one", ("surnames",), pairs_a_record=0.1, is_rare=True)))
    assert pairs(engine) == {(50, 51)}
    assert (counts.keys_refined, counts.keys_over_cap, counts.pairs_lost) == (0, 0, 0)


def test_a_birth_date_and_the_same_with_day_and_month_changed_over_share_a_key(engine: DuckDBEngine) -> None:
    swapped = {"birth_date": "1980-02-03", "birth_date_swapped": "1980-03-02"}
    other = {"birth_date": "1980-03-02", "birth_date_swapped": "1980-02-03"}
    placeholder = {"birth_date": "1900-01-01", "birth_doubt": "placeholder"}
    load(engine, [swapped, other, {"birth_date": "1980-03-03"}, placeholder, placeholder])
    make_candidates(engine, 5, by(Rule("birth", "birth")))
    assert pairs(engine) == {(0, 1)}


@pytest.mark.parametrize(
    ("records", "histogram", "cap"),
    [
        (100, [], SMALLEST_CAP),
        (1_000_000, [(500, 1_000_000)], 1_000),
        (1_000_000, [(60, 1_500_000), (300, 400_000), (700, 400_000)], 699),
        (1_000_000, [(60, 9_000_000)], 59),
        (1_000_000, [(10, 9_000_000)], SMALLEST_CAP),
    ],
)
def test_a_cap_leaves_out_the_largest_keys_beyond_what_a_rule_may_propose(
    records: int, histogram: list[tuple[int, int]], cap: int
) -> None:
    assert find_cap(Rule("two_a_record", "nhs", pairs_a_record=2.0), histogram, records) == cap


def test_keys_find_nearly_all_named_pairs_of_a_little_place_and_few_others() -> None:
    place = make_place(households=700, seed=12)
    engine = place.engine()
    add_missing_tables(engine)
    records = standardise(engine)
    engine.close()
    counts, found = find_candidates(records, "500MB")
    ids, is_named = records.column("record_id").to_pylist(), records.column("forename").is_valid().to_pylist()
    proposed = set(zip(*(found.column(name).to_pylist() for name in ("left_id", "right_id")), strict=True))
    true = {
        pair
        for pair in combinations(range(len(ids)), 2)
        if is_named[pair[0]] and is_named[pair[1]] and place.truth[ids[pair[0]]] == place.truth[ids[pair[1]]]
    }
    assert len(true & proposed) >= 0.995 * len(true)
    assert len(proposed) <= 4 * len(true) * 3  # true pairs of which both have a name are a third of all
    assert counts.keys > 5 * len(ids)
    audit = audit_candidates(records, load_model(), "500MB", pairs=60_000)
    assert 20 <= audit.records_sampled < len(ids)
    assert audit.pairs_compared > 30_000
    assert audit.links > 5
    assert (audit.recall or 0) >= 0.95


def test_every_rule_has_a_name_of_its_own() -> None:
    assert len({rule.name for rule in RULES}) == len(RULES)


NIGHT = by(
    NAMES,
    Rule("birth", "birth"),
    Rule("places", "one", ("postcodes",), "birth_date is null"),
    Rule("rare", "one", ("surnames",), is_rare=True),
)
CAPS = {"names": 3, "birth": 4, "places": 3, "rare": 2}


def drawn(chance: random.Random) -> dict[str, Any]:
    names = [chance.choice(("ann", "bob", "cat")) for _ in range(chance.randint(1, 2))]
    return {
        "forename": names[0],
        "forenames": names,
        "surname": "lee",
        "surnames": [chance.choice(("lee", "ray", "fox"))],
        "sex": chance.choice(("female", "male", None)),
        "postcodes": [chance.choice(("QB1 1AA", "QB1 1AB", "QB2 2AA"))],
        "sector": chance.choice(("QB1 1", "QB2 2", None)),
        "birth_date": chance.choice(("1980-05-06", "1980-06-05", "1991-01-02", None)),
    }


def load_two(engine: DuckDBEngine, then: dict[str, dict[str, Any]], now: dict[str, dict[str, Any]]) -> None:
    """Load what `renew_candidates` asks of two evenings: rows by the id of the record."""
    earlier, ids = sorted(then), sorted(now)
    changed = {one for one in {*then, *now} if then.get(one) != now.get(one)}
    found = {(earlier[left], earlier[right]) for left, right in pairs(engine)}
    kept = [pair for pair in found if changed.isdisjoint(pair)]
    sides = ([ids.index(pair[place]) for pair in kept] for place in (0, 1))
    columns = (pa.array(side, pa.int64()) for side in sides)
    engine.load_arrow("candidate_then", pa.table(dict(zip(("left_id", "right_id"), columns, strict=True))))
    old = [then[one] for one in earlier if one in changed]
    table = pa.Table.from_pylist(old, schema=LINKAGE_SCHEMA)
    numbers = pa.array([-place - 1 for place in range(len(old))], pa.int64())
    engine.load_arrow("records_then", table.append_column("unique_id", numbers))
    places = [place for place, one in enumerate(ids) if one in changed]
    engine.load_arrow("changed_record", pa.table({"unique_id": pa.array(places, pa.int64())}))


def test_pairs_of_a_night_are_those_of_all_keys_made_anew(engine: DuckDBEngine) -> None:
    """Records are edited, come and go, and keys pass their caps, up and down; the twin makes every key again."""
    came = went = 0
    for seed in range(25):
        chance = random.Random(seed)
        then = {f"r{number:02d}": drawn(chance) for number in range(24)}
        now = dict(then)
        for one in chance.sample(sorted(then), 3):
            now[one] = drawn(chance)
        for one in chance.sample(sorted(then), chance.randint(0, 2)):
            now.pop(one)
        for number in range(chance.randint(0, 2)):
            now[f"r{chance.randrange(24):02d}n{number}"] = drawn(chance)
        load(engine, [then[one] for one in sorted(then)])
        earlier = make_candidates(engine, len(then), NIGHT, CAPS)
        load_two(engine, then, now)
        stood = {(row["left_id"], row["right_id"]) for row in engine.rows("select * from candidate_then")}
        load(engine, [now[one] for one in sorted(now)])
        counts = renew_candidates(engine, NIGHT, earlier)
        found = pairs(engine)
        assert counts == make_candidates(engine, len(now), NIGHT, CAPS)
        assert found == pairs(engine)
        ids = sorted(now)
        same = {place for place, one in enumerate(ids) if then.get(one) == now[one]}
        came += len({pair for pair in found if same.issuperset(pair)} - stood)
        went += len(stood - found)
    assert came > 10 and went > 10, "of pairs of which neither record changed"
