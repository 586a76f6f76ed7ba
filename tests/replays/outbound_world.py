"""The world of the replays of what was sent: a family that fled, whom they fled from, and others in the same run.

Everybody is fictional. `LOCATIONS` are the values that must reach nobody who is kept from the family; the checks
look for them in the bytes that arrived, by plain search and through other readers, never by the guard's own code.
"""

import contextlib
import datetime as dt
import uuid
from pathlib import Path
from typing import Any

from sample_run import AS_OF, COUNCIL, PLACE_TOML, VICTIM_SERVICE, _cohort, _person, _wait

from braid.language.findings import TABLES
from braid.store.duckdb_engine import DuckDBEngine
from braid.store.lake import Lake, Run
from braid.store.place_folder import Place, load_place

Tables = dict[str, list[dict[str, Any]]]


def _id(name: str) -> str:
    return uuid.uuid5(uuid.NAMESPACE_OID, f"replay {name}").hex


MOTHER, CHILD, FATHER, EX, OUTSIDER, TWIN, LODGER = map(_id, "mother child father ex outsider twin lodger".split())
ENQUIRER = _id("enquirer")
"""Partner of the lodger, of another home, who has asked the service for victims about him."""
"""A mother and her child at a safe address; whom they fled from; an earlier partner of his; a person of another home;
two more who wait, one of them a lodger at the old home."""
ADOPTED, BIRTH_CHILD, BIRTH_FATHER, ADOPTER = map(_id, "adopted birth-child birth-father adopter".split())
OLD_HOME = ("4 Elm Terrace, Northmere", "QB98 1AA", "100098000001")
NEW_HOME = ("Flat 3, 17 Willow Court, Southwick Down", "QB99 9ZZ", "100099000017")
OUTSIDE_HOME = ("9 Mill Lane, Northmere", "QB97 2BB", "100097000009")
ADOPTIVE_HOME = ("22 Orchard Rise, Southwick Down", "QB96 3CC", "100096000022")
SHARED_PHONE, NEW_PHONE, OUTSIDE_PHONE = "01632 960123", "07700 900201", "07700 900300"
ADOPTIVE_PHONE = "07700 900401"
SCHOOL = "Willow Court Primary School"
LOCATIONS = (NEW_HOME[0], NEW_HOME[1], NEW_HOME[2], "17 Willow Court", NEW_PHONE, SCHOOL)
ADOPTIVE_LOCATIONS = (ADOPTIVE_HOME[0], ADOPTIVE_HOME[1], ADOPTIVE_PHONE)
INBOXES = """
[[inbox]]
organisation = "harbour"
email = "inbox@harbour.example"
address = "1 Quay Street, Northmere, QB95 1AA"
telephone = "01632 960400"

[[inbox]]
organisation = "northmere-council"
email = "inbox@northmere.example"
address = "1 Town Hall Square, Northmere, QB95 2AA"
telephone = "01632 960001"
webhook = "http://127.0.0.1:9/inbox"
"""


class World:
    """A place folder whose runs the replays write, and the rows of the run to be."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "place.toml").write_text(PLACE_TOML, encoding="utf-8")
        self.place: Place = load_place(folder)
        self.tables: Tables = {name: [] for name in TABLES}
        self._number = 0
        _people(self)

    def write_run(self) -> Run:
        """Write the rows as a run of its own and make it current."""
        self._number += 1
        lake = Lake(self.place.lake_folder)
        run_id = f"2026-11-15-replay-{self._number}"
        work = lake.begin(run_id)
        with contextlib.closing(DuckDBEngine()) as engine:
            for name, table in TABLES.items():
                engine.load_rows(table, self.tables[name])
                engine.write(table, work.table(name))
        return lake.publish(work, run_id, {"as_of": AS_OF.isoformat()})

    def record(self, person: str, telephone: str | None = None, sensitivity: str = "normal") -> str:
        """Add a source's record of a person; return its id."""
        record_id = uuid.uuid5(uuid.NAMESPACE_OID, f"record {person} {len(self.tables['person_record'])}").hex[:20]
        row = {"record_id": record_id, "partner_record_id": record_id[:6], "telephone": telephone}
        self.tables["person_record"].append({**_lineage(sensitivity), **row})
        self.tables["person_link"].append({"person_id": person, "person_record_id": record_id, "method": "single"})
        return record_id

    def stay(
        self,
        record_id: str,
        home: tuple[str, str, str],
        start: dt.date,
        end: dt.date | None = None,
        *,
        safe: bool = False,
    ) -> None:
        """Add where somebody lives or lived."""
        lines, postcode, uprn = home
        row = {
            "record_id": uuid.uuid5(uuid.NAMESPACE_OID, f"stay {record_id} {lines} {start}").hex[:20],
            "person_record_id": record_id,
            "kind": "refuge" if safe else "unknown",
            "address_lines": lines,
            "postcode": postcode,
            "uprn": uprn,
            "start_date": start,
            "end_date": end,
            "confidential": safe,
        }
        self.tables["stay"].append({**_lineage("safe_address" if safe else "normal"), **row})

    def relate(self, left: str, right: str, kind: str) -> None:
        """Add how two records are related."""
        key = uuid.uuid5(uuid.NAMESPACE_OID, f"tie {left} {right} {kind}").hex[:20]
        row = {"record_id": key, "person_record_id": left, "other_person_record_id": right, "kind": kind}
        self.tables["relationship"].append({**_lineage("normal"), **row})


def _lineage(sensitivity: str) -> dict[str, Any]:
    return {
        "feed": "northmere-housing-register",
        "organisation_id": COUNCIL,
        "standard": "housing_register",
        "collection_year": 2026,
        "file_sha256": "0" * 64,
        "row_ref": "1",
        "as_of_date": AS_OF,
        "sensitivity": sensitivity,
    }


def _people(world: World) -> None:
    tables = world.tables
    born = dt.date(1990, 5, 4)
    _person(tables, MOTHER, "Maya", "Replay", born, None, protected=True, household="safe-home")
    _person(tables, CHILD, "Cleo", "Replay", dt.date(2016, 2, 3), None, protected=True, household="safe-home")
    _person(tables, FATHER, "Frank", "Replay", born, "E08990001", household="old-home")
    _person(tables, LODGER, "Lee", "Lodger", born, "E08990001", household="lodging")
    _person(tables, ENQUIRER, "Una Maria", "Asking", born, "E08990001", household="enquirer")
    _person(tables, EX, "Erin", "Former", born, "E08990001")
    _person(tables, OUTSIDER, "Olu", "Outside", born, "E08990001", household="outside")
    _person(tables, TWIN, "Toni", "Twin", dt.date(2014, 4, 4), "E08990001")
    _person(tables, ADOPTED, "Nova", "Newname", dt.date(2015, 7, 7), None, protected=True, household="adoptive-home")
    _person(tables, ADOPTER, "Ari", "Newname", born, None, protected=True, household="adoptive-home")
    _person(tables, BIRTH_CHILD, "Nell", "Birthname", dt.date(2015, 7, 7), None, protected=True)
    _person(tables, BIRTH_FATHER, "Bram", "Birthname", born, "E08990001")
    for person in (MOTHER, CHILD, FATHER, EX, OUTSIDER, TWIN, LODGER, ENQUIRER, ADOPTED, BIRTH_CHILD, BIRTH_FATHER):
        for kind, days in (("register", 100), ("temporary_accommodation", 40)):
            _wait(tables, person, kind, days)
        for problem in ("school_from_ta", "victim_response"):
            _cohort(tables, person, problem)
    for person in (MOTHER, ENQUIRER):
        support = {"person_id": person, "organisation_id": VICTIM_SERVICE, "service": "Support for victims"}
        tables["involvement"].append({**support, "as_of_date": AS_OF, "sensitivity": "safe_address"})
    _records(world)


def _records(world: World) -> None:
    then, now = dt.date(2020, 1, 1), dt.date(2026, 9, 1)
    mother, child = world.record(MOTHER, NEW_PHONE, "safe_address"), world.record(CHILD)
    before = world.record(MOTHER, SHARED_PHONE)
    father = world.record(FATHER, SHARED_PHONE)
    for record_id in (before, father):
        world.stay(record_id, OLD_HOME, then, now if record_id == before else None)
    for record_id in (mother, child):
        world.stay(record_id, NEW_HOME, now, safe=True)
    roll = {"record_id": "c" * 20, "person_record_id": child, "kind": "school_roll", "organisation_ref": SCHOOL}
    world.tables["episode"].append({**_lineage("normal"), **roll, "standard": "school"})
    world.relate(mother, child, "child")
    world.relate(father, child, "child")
    world.relate(mother, father, "victim_of")
    world.relate(world.record(EX, "07700 900302"), father, "ex_partner")
    outsider = world.record(OUTSIDER, OUTSIDE_PHONE)
    world.stay(outsider, OUTSIDE_HOME, then)
    world.stay(world.record(TWIN), OUTSIDE_HOME, then, dt.date(2025, 1, 1))
    lodger = world.record(LODGER)
    world.stay(lodger, OLD_HOME, then)
    world.relate(world.record(ENQUIRER), lodger, "partner")
    adopted, adopter = world.record(ADOPTED, ADOPTIVE_PHONE, "safe_address"), world.record(ADOPTER)
    for record_id in (adopted, adopter):
        world.stay(record_id, ADOPTIVE_HOME, then, safe=True)
    world.relate(adopter, adopted, "child")
    birth_child, birth_father = world.record(BIRTH_CHILD), world.record(BIRTH_FATHER, "07700 900500")
    world.stay(birth_father, ("31 Station Road, Northmere", "QB94 4DD", "100094000031"), then)
    world.relate(birth_father, birth_child, "child")
