"""A few people written down by hand, record by record, and linked as a night does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from typing import Any

from braid.language.identifiers import nhs_check_digit, upn_check_letter
from braid.language.records import record_id
from braid.people.model import LinkSummary
from braid.people.run import run
from braid.people.run_call import Course, Said
from braid.people.seals import SealedRow
from braid.store.duckdb_engine import DuckDBEngine
from people.little_place import LittlePlace

LINE = {
    "organisation_id": "north-council",
    "standard": "housing_register",
    "collection_year": 2026,
    "file_sha256": "0",
    "row_ref": "1",
    "as_of_date": "2026-11-15",
    "sensitivity": "normal",
}


def nhs(serial: int) -> str:
    """Return a valid NHS number of the test range."""
    nine = f"999{serial:06d}"
    digit = nhs_check_digit(nine)
    return nine + digit if digit else nhs(serial + 500_000)


def upn(serial: int) -> str:
    """Return a valid pupil number of a council that does not exist."""
    twelve = f"991{serial:09d}"
    return upn_check_letter(twelve) + twelve


class Written:
    """Records under short names; `ids` gives their record ids."""

    def __init__(self) -> None:
        self.place = LittlePlace()
        self.ids: dict[str, str] = {}

    def record(
        self, name: str, feed: str, given: str | None, family: str | None, born: str | None, **more: Any
    ) -> None:
        """Write one person record: `sex`, `postcode`, `uprn`, `confidential`, `standard`, `sensitivity`, numbers."""
        identity = self.ids[name] = record_id(feed, "person_record", name)
        line = {**LINE, "feed": feed, **{key: more[key] for key in ("standard", "sensitivity") if key in more}}
        person = {"given_name": given, "family_name": family, "birth_date": born, "birth_date_precision": "day"}
        row = {**line, "record_id": identity, "partner_record_id": name, **person, "sex": more.get("sex", "female")}
        self.place.tables["person_record"].append(row)
        for scheme in ("nhs", "upn", "former_upn", "la_child", "case_urn"):
            if scheme in more:
                number = {"scheme": scheme, "value": more[scheme], "check_result": "pass", "person_record_id": identity}
                self.place.tables["identifier"].append({**line, "record_id": f"{name} {scheme}", **number})
        if "postcode" in more:
            stay = {"kind": "private_rent", "start_date": "2025-01-10", "confidential": more.get("confidential", False)}
            where = {"postcode": more["postcode"], "uprn": more.get("uprn"), "person_record_id": identity}
            self.place.tables["stay"].append({**line, "record_id": f"{name} stay", **stay, **where})

    def tie(self, name: str, other: str, kind: str) -> None:
        """Say in a source what `other` is to `name`."""
        row = {"person_record_id": self.ids[name], "other_person_record_id": self.ids[other], "kind": kind}
        self.place.tables["relationship"].append({**LINE, "feed": "f", "record_id": f"{name} {other}", **row})

    @contextmanager
    def linked(
        self, decisions: list[dict[str, str]] | None = None, seals: list[SealedRow] | None = None, **more: Any
    ) -> Iterator[Linked]:
        """Link and look."""
        engine = self.place.engine()
        rows = list(enumerate(decisions or [], 2))
        try:
            previous = more.pop("previous_links", None)
            course = Course(**{each.name: more.pop(each.name) for each in fields(Course) if each.name in more})
            said = Said(decision_rows=rows, sealed_rows=seals or (), **more)
            yield Linked(engine, run(engine, previous, said, course), self.ids)
        finally:
            engine.close()


class Linked:
    """What came of it."""

    def __init__(self, engine: DuckDBEngine, summary: LinkSummary, ids: Mapping[str, str]) -> None:
        self.engine, self.summary, self.ids = engine, summary, ids
        persons = {row["person_record_id"]: row["person_id"] for row in engine.rows("select * from person_link")}
        self.person = {name: persons[identity] for name, identity in ids.items()}
        self._names = {identity: name for name, identity in ids.items()}

    def are_one(self, *names: str) -> bool:
        """Tell whether all these records are one person."""
        return len({self.person[name] for name in names}) == 1

    def proposals(self) -> dict[frozenset[str], str]:
        """Return the cause of each proposal."""
        rows = self.engine.rows("select * from link_proposal")
        return {frozenset((self._names[r["record_a"]], self._names[r["record_b"]])): r["cause"] for r in rows}

    def column(self, name: str) -> dict[str, Any]:
        """Return a column of `person` by the name of a record."""
        values = {row["person_id"]: row[name] for row in self.engine.rows(f"select person_id, {name} from person")}
        return {record: values[person_id] for record, person_id in self.person.items()}


def decision(
    left: str, right: str, feeds: tuple[str, str], what: str, *people: str, day: str = "2026-11-16"
) -> dict[str, str]:
    """Return a row of the list of decisions."""
    decided_by, approved_by = (*people, "")[:2]
    return {
        "feed_a": feeds[0],
        "partner_record_id_a": left,
        "feed_b": feeds[1],
        "partner_record_id_b": right,
        "decision": what,
        "decided_by": decided_by,
        "approved_by": approved_by,
        "decided_date": day,
        "reference": "",
    }
