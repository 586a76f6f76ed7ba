"""Protection spreads to whoever could lead to a safe address, and withholding covers their neighbours too."""

from __future__ import annotations

import pytest

from braid.language.findings import TABLES
from braid.language.schema import Type
from braid.people.model import Edge, RefusedEdge
from braid.people.protection import find_protection
from braid.people.quality import score_protection
from braid.store.duckdb_engine import DuckDBEngine

BLANK = {Type.TEXT: "x", Type.INTEGER: 2026, Type.BOOLEAN: False}
SURNAMES = {"mother": "Reed", "child": "Reed", "namesake": "Reed", "neighbour": "Holt", "nameless": None, "far": "Reed"}


def _row(table: str, **values):
    return {**{c.name: BLANK[c.type] for c in TABLES[table].columns if c.required}, **values}


def _stay(person: str, postcode: str, *, confidential: bool = False, kind: str = "unknown"):
    return _row(
        "stay",
        record_id=f"{person} {postcode}",
        person_record_id=person,
        postcode=postcode,
        confidential=confidential,
        kind=kind,
    )


@pytest.fixture
def engine():
    engine = DuckDBEngine()
    people = [_row("person_record", record_id=name, family_name=surname) for name, surname in SURNAMES.items()]
    engine.load_rows(TABLES["person_record"], people)
    stays = [_stay("mother", "QB1 1AA", confidential=True)]
    stays += [_stay(name, "QB1 1AA") for name in ("namesake", "neighbour", "nameless")]
    engine.load_rows(TABLES["stay"], [*stays, _stay("far", "QB9 9ZZ")])
    tie = _row("relationship", record_id="r", person_record_id="mother", other_person_record_id="child", kind="child")
    engine.load_rows(TABLES["relationship"], [tie])
    engine.load_rows(TABLES["episode"], [])
    yield engine
    engine.close()


PERSONS = {name: f"P-{name}" for name in SURNAMES}


def test_it_spreads_to_family_and_surname_and_withholding_to_the_postcode(engine: DuckDBEngine) -> None:
    found = find_protection(engine, PERSONS, {})
    assert found.protected == {"P-mother", "P-child", "P-namesake"}
    assert found.location_withheld == found.protected | {"P-neighbour", "P-nameless"}


def test_it_spreads_over_a_household_and_an_edge_that_linking_refused(engine: DuckDBEngine) -> None:
    refused = [RefusedEdge(Edge("child", "far", 9.0), "constraint")]
    found = find_protection(engine, PERSONS, {"P-mother": "home", "P-neighbour": "home"}, refused)
    assert {"P-neighbour", "P-far"} <= found.protected


def test_it_spreads_over_one_application(engine: DuckDBEngine) -> None:
    rows = [
        _row("episode", record_id=f"e {name}", person_record_id=name, episode_ref="A1", kind="register", end_date=None)
        for name in ("mother", "far")
    ]
    engine.load_rows(TABLES["episode"], rows)
    assert "P-far" in find_protection(engine, PERSONS, {}).protected


def test_a_refuge_protects_without_a_flag(engine: DuckDBEngine) -> None:
    engine.load_rows(TABLES["stay"], [_stay("far", "QB9 9ZZ", kind="refuge")])
    assert find_protection(engine, PERSONS, {}).protected == {"P-far"}


def test_without_a_safe_address_nobody_is_withheld(engine: DuckDBEngine) -> None:
    engine.load_rows(TABLES["stay"], [_stay("far", "QB9 9ZZ")])
    found = find_protection(engine, PERSONS, {})
    assert not found.protected
    assert not found.location_withheld


def test_the_score_counts_leaks_and_what_not_known_says() -> None:
    links = {"r1": "p1", "r2": "p2", "r3": "p3", "r4": "p4"}
    truth = {"r1": "t1", "r2": "t1", "r3": "t2", "r4": "t3"}
    score = score_protection({"p1": False, "p2": True, "p3": False, "p4": False}, links, truth, {"t1", "t2"})
    assert (score.true, score.kept, score.leaks) == (2, 1, 1)
    assert (score.not_shown, score.not_shown_protected) == (3, 2)
