from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from braid.language.findings import PERSON, PERSON_HISTORY, PERSON_LINK
from braid.people.comparisons import COMPARISONS
from braid.people.facts import read_cases, read_facts, read_standards
from braid.people.link_engine import explain_pairs, find_edges, load_model
from braid.people.model import Decisions, Facts
from braid.people.quality import Score, score_pairs
from braid.people.resolve import resolve
from braid.people.run import add_missing_tables, run
from braid.people.run_call import Said
from braid.people.standardise import standardise
from braid.store.duckdb_engine import DuckDBEngine
from people.little_place import LittlePlace, make_place

pytestmark = pytest.mark.filterwarnings("ignore:Arrow output on a DB-API result:UserWarning")

LINE = {
    "feed": "f",
    "organisation_id": "c",
    "standard": "wlmds",
    "collection_year": 2026,
    "file_sha256": "0",
    "row_ref": "1",
    "sensitivity": "normal",
}

Opener = Callable[[LittlePlace], DuckDBEngine]


@pytest.fixture(scope="module")
def place() -> LittlePlace:
    return make_place(households=700, seed=11)


@pytest.fixture(scope="module")
def linked(place: LittlePlace) -> Iterator[DuckDBEngine]:
    engine = place.engine()
    run(engine)
    yield engine
    engine.close()


@pytest.fixture
def open_engine() -> Iterator[Opener]:
    opened: list[DuckDBEngine] = []

    def open_place(place: LittlePlace) -> DuckDBEngine:
        opened.append(place.engine())
        return opened[-1]

    yield open_place
    for engine in opened:
        engine.close()


def links(engine: DuckDBEngine) -> dict[str, str]:
    return {row["person_record_id"]: row["person_id"] for row in engine.rows("select * from person_link")}


def test_a_place_without_people_works(tmp_path: Path, open_engine: Opener) -> None:
    engine = open_engine(LittlePlace())
    summary = run(engine)
    assert (summary.records, summary.persons) == (0, 0)
    assert engine.write(PERSON, tmp_path / "person.parquet") == 0


def test_one_feed_alone_works(place: LittlePlace, open_engine: Opener) -> None:
    feed = "north-schools"
    only = LittlePlace()
    only.tables["person_record"] = [row for row in place.tables["person_record"] if row["feed"] == feed]
    summary = run(open_engine(only))
    assert summary.records == len(only.tables["person_record"]) > 50
    assert summary.persons <= summary.records


def test_truth_is_found(place: LittlePlace, linked: DuckDBEngine) -> None:
    score = score_pairs(links(linked), place.truth)
    assert score.precision > 0.99
    assert score.recall > 0.78


def test_named_records_are_found(place: LittlePlace, linked: DuckDBEngine) -> None:
    named = {row["record_id"] for row in place.tables["person_record"] if row["given_name"]}
    truth = {record: person for record, person in place.truth.items() if record in named}
    assert score_pairs(links(linked), truth).recall > 0.95


def test_constraints_cut_false_pairs_and_keep_the_true(place: LittlePlace, open_engine: Opener) -> None:
    engine = open_engine(place)
    add_missing_tables(engine)
    records = standardise(engine)
    ids = records.column("record_id").to_pylist()
    edges = find_edges(records, load_model(), "500MB").edges
    found = [_score(resolve(ids, edges, facts).groups, place) for facts in (read_facts(engine, records), {})]
    assert found[0].precision > found[1].precision
    assert found[0].recall > found[1].recall - 0.01


def _score(groups: tuple[tuple[str, ...], ...], place: LittlePlace) -> Score:
    return score_pairs({record: group[0] for group in groups for record in group}, place.truth)


def test_same_records_give_same_edges(place: LittlePlace, open_engine: Opener) -> None:
    records = standardise(open_engine(place))
    model = load_model()
    assert find_edges(records, model, "500MB") == find_edges(records, model, "300MB")


def test_ids_stay_and_history_is_empty_when_nothing_changes(
    place: LittlePlace, linked: DuckDBEngine, tmp_path: Path, open_engine: Opener
) -> None:
    linked.write(PERSON_LINK, tmp_path / "person_link.parquet")
    again = open_engine(place)
    summary = run(again, tmp_path / "person_link.parquet")
    assert links(again) == links(linked)
    assert (summary.new, summary.merged, summary.split, summary.retired) == (0, 0, 0, 0)
    assert again.write(PERSON_HISTORY, tmp_path / "person_history.parquet") == 0


def test_people_of_one_case_are_never_one_person(place: LittlePlace, linked: DuckDBEngine) -> None:
    seen: set[tuple[str, str, str]] = set()
    person_of = links(linked)
    for row in place.tables["episode"]:
        key = (row["feed"], row["episode_ref"], person_of[row["person_record_id"]])
        assert key not in seen
        seen.add(key)


def test_no_person_holds_two_nhs_numbers_or_two_pupil_numbers(place: LittlePlace, linked: DuckDBEngine) -> None:
    person_of = links(linked)
    held: dict[tuple[str, str], str] = {}
    for row in place.tables["identifier"]:
        key = (person_of[row["person_record_id"]], row["scheme"])
        assert held.setdefault(key, row["value"]) == row["value"]


def test_persons_are_described(place: LittlePlace, linked: DuckDBEngine, tmp_path: Path) -> None:
    rows = linked.rows("select * from person")
    assert linked.write(PERSON, tmp_path / "person.parquet") == len(rows)
    assert sum(row["record_count"] for row in rows) == len(place.truth)
    assert {row["district_code"] for row in rows} <= {"north", "south", None}
    born_right = sum(row["birth_date"] == _truth_of(place, linked)[row["person_id"]] for row in rows)
    assert born_right > 0.97 * len(rows)


def _truth_of(place: LittlePlace, linked: DuckDBEngine) -> dict[str, object]:
    return {person_id: place.people[place.truth[record]].born for record, person_id in links(linked).items()}


def test_a_safe_address_protects_everybody_in_the_household(place: LittlePlace, linked: DuckDBEngine) -> None:
    person_of = links(linked)
    rows = {row["person_id"]: row for row in linked.rows("select * from person")}
    named = {person_of[row["person_record_id"]] for row in place.tables["stay"] if row["confidential"]}
    assert named
    assert all(rows[person_id]["protected"] for person_id in named)
    truly = {place.truth[row["person_record_id"]] for row in place.tables["stay"] if row["confidential"]}
    fragments = {person_of[record] for record, person in place.truth.items() if person in truly}
    homes = {rows[person_id]["household_id"] for person_id in fragments} - {None}
    beside = [row for row in rows.values() if row["household_id"] in homes]
    assert len(beside) > len(homes)
    assert all(row["protected"] for row in beside)
    assert 0 < sum(row["protected"] for row in rows.values()) < len(rows) / 4


def test_review_decisions_hold(place: LittlePlace, linked: DuckDBEngine, open_engine: Opener) -> None:
    by_person: dict[str, list[str]] = {}
    for record, person_id in sorted(links(linked).items()):
        by_person.setdefault(person_id, []).append(record)
    pair = next(tuple(records) for records in by_person.values() if len(records) == 2)
    engine = open_engine(place)
    run(engine, said=Said(decisions=Decisions(cannot_link=frozenset({(pair[0], pair[1])}))))
    after = links(engine)
    assert after[pair[0]] != after[pair[1]]


def test_facts_leave_out_what_fails_its_check_or_is_unverified(open_engine: Opener) -> None:
    place = LittlePlace()
    place.tables["person_record"] = [{**LINE, "record_id": f"r{n}", "partner_record_id": str(n)} for n in range(3)]
    place.tables["identifier"] = [
        {
            **LINE,
            "record_id": f"i{n}",
            "person_record_id": f"r{n}",
            "scheme": "nhs",
            "value": str(n),
            "check_result": check,
            "status": status,
        }
        for n, (check, status) in enumerate(
            [("pass", "nhs_status:01"), ("fail", "nhs_status:01"), ("pass", "nhs_status:02")]
        )
    ]
    engine = open_engine(place)
    add_missing_tables(engine)
    assert read_facts(engine, standardise(engine)) == {"r0": Facts({"nhs": "0"}), "r2": Facts()}


def test_a_person_entered_twice_in_a_case_is_not_two_people() -> None:
    names = {"r0": "ann 2015-02-03", "r1": "ann 2015-02-03", "r2": "bea 2015-02-03"}
    place = LittlePlace()
    place.tables["episode"] = [
        {**LINE, "record_id": f"e{n}", "person_record_id": f"r{n}", "episode_ref": "C1", "kind": "register"}
        for n in range(3)
    ]
    engine = place.engine()
    add_missing_tables(engine)
    cases = read_cases(engine, names)
    engine.close()
    assert cases["r0"].isdisjoint(cases["r1"])
    assert cases["r0"] & cases["r2"]
    assert cases["r1"] & cases["r2"]


@pytest.mark.parametrize("frequencies", [{}, {"forename": {"oliver": 0.01}, "surname": {"smith": 0.02}}])
def test_how_each_field_weighed_is_what_linking_summed(
    place: LittlePlace, linked: DuckDBEngine, frequencies: dict[str, dict[str, float]]
) -> None:
    """Of every edge and every pair below the threshold, to a millionth of a bit, and of nothing that was not asked."""
    records, standards = standardise(linked), read_standards(linked)
    release = {**load_model(), "term_frequencies": frequencies}
    found = find_edges(records, release, "500MB", standards=standards)
    weights = {(edge.left, edge.right): edge.weight for edge in (*found.edges, *found.weak)}
    explained = explain_pairs(records, release, list(weights), "500MB", standards=standards)
    assert explained.keys() == weights.keys() and len(weights) > 500
    for_all = explain_pairs(records, release, list(weights), "500MB")
    assert any(for_all[pair] != fields for pair, fields in explained.items()), "standards of two sources count"
    for pair, fields in explained.items():
        assert sum(one.bits for one in fields) == pytest.approx(weights[pair], abs=1e-5)
        every = ["prior", *(comparison.name for comparison in COMPARISONS)]
        assert [one.comparison for one in fields] in (every, [*every, "alone"])
    levels = {(one.comparison, one.level) for fields in explained.values() for one in fields}
    assert {("birth", "edit"), ("forename", "form"), ("nhs", "missing"), ("surname", "exact")} <= levels
    assert explain_pairs(records, release, [], "500MB") == {}


def test_what_humans_are_to_look_at_is_written_with_its_fields(place: LittlePlace, linked: DuckDBEngine) -> None:
    reviews = linked.rows("select * from link_review order by position")
    assert [row["position"] for row in reviews] == list(range(1, len(reviews) + 1))
    assert [row["expected"] for row in reviews] == sorted((row["expected"] for row in reviews), reverse=True)
    persons = links(linked)
    for row in reviews:
        assert (persons[row["record_a"]], persons[row["record_b"]]) == (row["person_a"], row["person_b"])
        assert row["is_joined"] == (row["person_a"] == row["person_b"])
    unlike = linked.rows(
        "select r.record_a from link_review r join (select record_a, record_b, sum(bits) as bits from link_review_field"
        " group by record_a, record_b) f on f.record_a = r.record_a and f.record_b = r.record_b"
        " where abs(f.bits - r.weight) > 1e-5"
    )
    assert unlike == [] and len(reviews) > 3
