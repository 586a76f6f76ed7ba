"""Writes the tables of households and relationships; gives everybody's household of now."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from braid.language.dates import years_lived
from braid.language.household_findings import (
    HOUSEHOLD_EVENT,
    HOUSEHOLD_HISTORY,
    HOUSEHOLD_MEMBER,
)
from braid.people.household_events import Away, HouseholdEvent, Reasons, find_events, keep_undated
from braid.people.household_members import (
    Earlier,
    Households,
    Membership,
    cut_out,
    find_heirs,
    name_households,
    with_heirs,
)
from braid.people.household_spells import Spell, find_presences, find_spells
from braid.people.households import Apart, Sign, read_applications, read_homes
from braid.people.model import Identities
from braid.store.engine import Engine

ADULT_YEARS = 18
WITH_PARENTS = "P1"
"""SSDA903 placement code: placed with own parents or another person with parental responsibility, so not away."""
PARTED = "RELATIONSHIP_BREAKDOWN"
CAUSES = {
    "new": "first_seen",
    "merged": "members_changed",
    "split": "members_changed",
    "retired": "no_members_left",
    "returned": "members_back",
}
"""Why the identity of a household changed: nothing but its members can change it."""


@dataclass(frozen=True)
class EarlierTables:
    """Households and events of the run before, as its tables hold them."""

    households: Earlier
    events: tuple[HouseholdEvent, ...] = ()


def create_household_tables(
    engine: Engine,
    identities: Identities,
    apart: Apart,
    earlier: EarlierTables,
    draw: Callable[[], str],
    as_of: dt.date,
) -> dict[str, str]:
    """Create `household_member`, `household_event` and `household_history`.

    Return the household to which each person belongs now. A child who is placed in care belongs to it, and is no member
    of it on the days of the placement.
    """
    person_ids = identities.person_ids
    known = earlier.households
    signs = (*read_applications(engine), *read_homes(engine))
    spells = _find_spells(signs, person_ids, apart, as_of)
    found = name_households(spells, known, draw, apart, as_of)
    reasons = _read_reasons(engine, person_ids)
    members = list(cut_out(found.members, reasons.away))
    events = find_events(members, reasons, known.as_of, as_of)
    events += keep_undated(earlier.events, events, members)
    engine.load_rows(HOUSEHOLD_MEMBER, _member_rows(members, reasons.born))
    engine.load_rows(HOUSEHOLD_EVENT, [vars(event) for event in events])
    engine.load_rows(HOUSEHOLD_HISTORY, _history_rows(found))
    return dict(found.homes)


def _find_spells(signs: Sequence[Sign], person_ids: Mapping[str, str], apart: Apart, as_of: dt.date) -> list[Spell]:
    """Return the spells of everybody. People go by their first record meanwhile: ids are drawn, and where two homes
    have as good a right to go on as one, chance would decide.
    """
    first_record: dict[str, str] = {}
    for record_id in sorted(person_ids):
        first_record.setdefault(person_ids[record_id], record_id)
    known = {record_id: first_record[person_id] for record_id, person_id in person_ids.items()}
    sides = {first_record[person_id]: held for person_id, held in apart.items() if person_id in first_record}
    spells = find_spells(find_presences(signs, known, as_of), as_of, sides)
    named = (replace(spell, person_id=person_ids[spell.person_id]) for spell in spells)
    return sorted(named, key=lambda spell: (spell.person_id, spell.first_date))


def read_as_of(engine: Engine) -> dt.date:
    """Return the newest day of which an extract speaks; where none says, the day of the run."""
    newest: dt.date | None = engine.rows("select max(as_of_date) as day from person_record")[0]["day"]
    return newest or dt.datetime.now(dt.UTC).date()


def find_known_to(previous_links: Path | None) -> dt.date | None:
    """Return the day up to which the run before knew households, from the table beside its links, or `None`."""
    path = previous_links.with_name("household_member.parquet") if previous_links else None
    if path is None or not path.exists():
        return None
    day: dt.date | None = pc.max(pq.read_table(path, columns=["shown_to_date"]).column(0)).as_py()
    return day


def read_earlier(
    previous_links: Path | None,
    identities: Identities,
    persons: Collection[str] | None = None,
    forgotten: Collection[str] = frozenset(),
) -> EarlierTables:
    """Return what the run before knew of households, from the tables beside its links; nothing where it had none.

    `persons` are ids of the run before whose households are asked for; without them everybody's are. Of `forgotten`
    ones nothing is remembered, but the id of the household that they are found in: what a withdrawn record said of a
    home must not outlive it, nor what two people had while they were taken for one.
    """
    path = previous_links.with_name("household_member.parquet") if previous_links else None
    if path is None or not path.exists():
        return EarlierTables(Earlier())
    heirs = find_heirs(set(identities.person_ids.values()), identities.history)
    columns = [name for name in HOUSEHOLD_MEMBER.names if name != "age_role"]
    asked = None if persons is None else pc.field("person_id").isin(pa.array(sorted(persons), pa.string()))

    def read(name: str, columns: Sequence[str] | None = None) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = pq.read_table(
            path.with_name(f"{name}.parquet"), columns=columns, filters=asked
        ).to_pylist()
        return found

    members = [row for row in read("household_member", columns) if row["person_id"] not in forgotten]
    rows = [Membership(**row) for row in members]
    events = [HouseholdEvent(**row) for row in read("household_event") if row["person_id"] not in forgotten]
    people = read("person", ["person_id", "household_id"])
    homes = {
        heirs[row["person_id"]]: row["household_id"]
        for row in people
        if row["household_id"] and row["person_id"] in heirs
    }
    known_to = find_known_to(previous_links)
    return EarlierTables(Earlier(known_to, with_heirs(rows, heirs), homes), _with_heirs(events, heirs))


def _with_heirs(events: Iterable[HouseholdEvent], heirs: Mapping[str, str]) -> tuple[HouseholdEvent, ...]:
    return tuple(
        HouseholdEvent(**{**vars(event), "person_id": heirs[event.person_id]})
        for event in events
        if event.person_id in heirs
    )


def _read_reasons(engine: Engine, person_ids: Mapping[str, str]) -> Reasons:
    born: dict[str, dt.date] = {}
    died: dict[str, dt.date] = {}
    for row in engine.rows(
        "select record_id, birth_date, birth_date_precision, death_date from person_record order by record_id"
    ):
        person_id = person_ids.get(row["record_id"])
        if person_id is None:
            continue
        if row["birth_date"] and row["birth_date_precision"] in (None, "day"):
            born.setdefault(person_id, row["birth_date"])
        if row["death_date"]:
            died.setdefault(person_id, row["death_date"])
    ends, parted, starts = _read_days_of_stays(engine, person_ids)
    return Reasons(born, died, _read_away(engine, person_ids), parted, starts, ends)


def _read_away(engine: Engine, person_ids: Mapping[str, str]) -> Away:
    """Return the care placements away from home, with days that run on made one."""
    found: dict[str, list[tuple[dt.date, dt.date | None]]] = defaultdict(list)
    for row in engine.rows(
        "select person_record_id, start_date, end_date, reason_in from stay"
        " where kind = 'care_placement' and start_date is not null order by start_date, end_date"
    ):
        person_id = person_ids.get(row["person_record_id"])
        is_at_home = str(row["reason_in"] or "").rpartition(":")[2] == WITH_PARENTS
        if person_id is not None and not is_at_home:
            _add_days(found[person_id], row["start_date"], row["end_date"])
    return found


def _add_days(days: list[tuple[dt.date, dt.date | None]], first: dt.date, back: dt.date | None) -> None:
    """Add a placement to those that began before it."""
    if not days or (days[-1][1] is not None and days[-1][1] < first):
        days.append((first, back))
        return
    before = days[-1][1]
    days[-1] = (days[-1][0], None if before is None or back is None else max(before, back))


def _read_days_of_stays(
    engine: Engine, person_ids: Mapping[str, str]
) -> tuple[frozenset[tuple[str, dt.date]], frozenset[tuple[str, dt.date]], frozenset[tuple[str, dt.date]]]:
    """Return persons with the stated last days of stays, those that a breakdown of a relationship ended, first days."""
    rows = [
        row
        for row in engine.rows(
            "select person_record_id, start_date, end_date, reason_out from stay"
            " where not confidential and (start_date is not null or end_date is not null)"
        )
        if row["person_record_id"] in person_ids
    ]
    ended = [row for row in rows if row["end_date"]]
    parted = [row for row in ended if str(row["reason_out"] or "").rpartition(":")[2] == PARTED]
    begun = [row for row in rows if row["start_date"]]
    return (
        frozenset((person_ids[row["person_record_id"]], row["end_date"]) for row in ended),
        frozenset((person_ids[row["person_record_id"]], row["end_date"]) for row in parted),
        frozenset((person_ids[row["person_record_id"]], row["start_date"]) for row in begun),
    )


def _member_rows(members: Sequence[Membership], born: Mapping[str, dt.date]) -> list[dict[str, Any]]:
    return [
        {**vars(member), "age_role": _age_role(born.get(member.person_id), member.shown_to_date)} for member in members
    ]


def _age_role(born: dt.date | None, day: dt.date) -> str | None:
    if born is None or born > day:
        return None
    return "adult" if years_lived(born, day) >= ADULT_YEARS else "child"


def _history_rows(found: Households) -> list[dict[str, Any]]:
    return [
        {
            "household_id": row.person_id,
            "change": row.change,
            "other_household_id": row.other_person_id,
            "cause": CAUSES[row.change],
        }
        for row in found.history
    ]
