"""Whom a night touches: by what changed, by the passing of days, and by who shares a case with whom.

A finding of a person rests on the person's own rows and on those of everybody who shares a case with them. So the
people whom a night touches are closed under sharing a case, in both runs: whoever is outside is in no case with
anybody inside, and nothing about them can be otherwise than before but what the days alone move.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from braid.language.findings import TABLES
from braid.store.engine import Engine
from braid.waits.delta.changes import EARLIER, IN_A_CASE, PERSON_CONTENT, SOURCES, keys_sql, record_column

DATES = {
    "episode": ("start_date", "end_date"),
    "wait": ("start_date", "stop_date"),
    "event": ("planned_date", "start_date", "end_date"),
    "stay": ("start_date", "end_date"),
}
"""Columns of source tables that are held against the as-of date."""


@dataclass(frozen=True)
class Night:
    """The days between two runs: the one that is being made, and the one before."""

    as_of: dt.date
    earlier_as_of: dt.date
    least_days: tuple[int, ...] = ()
    """Lengths of a wait, in days, from which a problem statement concerns a person."""
    most_days_left: tuple[int, ...] = ()
    """Days to the end of a limit, from which a problem statement does."""

    @property
    def days(self) -> int:
        """Days that passed."""
        return (self.as_of - self.earlier_as_of).days


@dataclass(frozen=True)
class Touched:
    """How much a night touches. Records and persons count once, whichever of the runs they are in."""

    rows_changed: int
    persons: int
    persons_in_all: int


def create_touched(engine: Engine, night: Night) -> Touched:
    """Create `touched_record`, `touched_person` and `touched_key` from both runs' tables and what changed.

    Runs after `braid.waits.delta.changes.create_changes`.
    """
    engine.create("passed_row", " union all ".join(_passed(night)))
    engine.create("case_member", _members())
    engine.view("all_links", _LINKS)
    engine.create("touched_record", _FIRST_RECORDS)
    engine.create("touched_key", _FIRST_KEYS)
    engine.create("touched_person", f"{_persons_of('touched_record')} union {_first_persons(night)}")
    before = -1
    while before != (now := _count(engine, "touched_record") + _count(engine, "touched_key")):
        before = now
        engine.create("touched_record", f"select person_record_id from touched_record union {_RECORDS_OF_PERSONS}")
        engine.create("touched_key", f"select key from touched_key union {_KEYS_OF_RECORDS}")
        engine.create("touched_record", f"select person_record_id from touched_record union {_RECORDS_OF_KEYS}")
        engine.create("touched_person", f"select person_id from touched_person union {_persons_of('touched_record')}")
    return Touched(_count(engine, "changed_row"), _count(engine, "touched_person"), _count(engine, "person"))


_LINKS = f"""
select person_record_id, person_id from person_link
union all
select l.person_record_id, l.person_id from {EARLIER}person_link l
where exists (select 1 from changed_record c where c.person_record_id = l.person_record_id)"""
"""Who each record is, in both runs where they differ."""


def _between(column: str, night: Night) -> str:
    """Whether a day was ahead of the run before, or its own, and is no longer so; wide by a day on either side."""
    return f"{column} between date '{night.earlier_as_of}' and date '{night.as_of}'"


def _passed(night: Night) -> list[str]:
    """Rows that the passing of days may move though they are as they were, and rows without an extract date."""
    parts = []
    for name in SOURCES:
        days = [_between(f"t.{column}", night) for column in DATES.get(name, ())] if night.days else []
        ours, criminal = keys_sql(name)
        parts.append(f"""
        select t.{record_column(name)} as person_record_id, {ours} as case_key, {criminal} as crime_key
        from {name} t where {" or ".join([*days, "t.as_of_date is null"])}""")
    return parts


def _members() -> str:
    """Return the query of who is in which case now: record and key. What only the run before knew is `changed_row`."""
    parts = []
    for name in IN_A_CASE:
        ours, criminal = keys_sql(name)
        source = f"from {name} t where t.episode_ref is not null"
        parts.append(f"select t.person_record_id, {ours} as key {source}")
        if name != "event":
            parts.append(
                f"select person_record_id, key from (select t.person_record_id, {criminal} as key {source}) c"
                " where key is not null"
            )
    for column in ("case_key", "crime_key"):
        parts.append(f"select person_record_id, {column} as key from changed_row where {column} is not null")
    return " union all ".join(parts)


_MOVED = "(select * from passed_row union all select person_record_id, case_key, crime_key from changed_row)"
_FIRST_RECORDS = f"""
select person_record_id from {_MOVED} m union select person_record_id from changed_record"""
_FIRST_KEYS = f"""
select case_key as key from {_MOVED} a where case_key is not null
union select crime_key from {_MOVED} b where crime_key is not null"""
_RECORDS_OF_PERSONS = """
select l.person_record_id from all_links l
where exists (select 1 from touched_person t where t.person_id = l.person_id)"""
_KEYS_OF_RECORDS = """
select m.key from case_member m
where exists (select 1 from touched_record t where t.person_record_id = m.person_record_id)"""
_RECORDS_OF_KEYS = """
select m.person_record_id from case_member m where exists (select 1 from touched_key t where t.key = m.key)"""


def _persons_of(records: str) -> str:
    return f"""
    select l.person_id from all_links l
    where exists (select 1 from {records} t where t.person_record_id = l.person_record_id)"""


def _first_persons(night: Night) -> str:
    """Return the query of persons whom the days touch by themselves, and of those described otherwise."""
    day, before = f"date '{night.as_of}'", f"date '{night.earlier_as_of}'"
    parts = [f"select person_id from {name}" for name in ("changed_person", "ambiguous_person", "retold_person")]
    if night.days:
        parts += [
            f"select person_id from person where br_age(birth_date, {day}) <> br_age(birth_date, {before})"
            f" or {_between('birth_date', night)}",
            f"select person_id from {EARLIER}person_wait where stop_date is null and {_between('due_date', night)}",
            f"select person_id from {EARLIER}person_path where stands_days <= {night.days}",
        ]
    if night.days and (night.least_days or night.most_days_left):
        reached = " or ".join(
            [_reached(least, night) for least in night.least_days]
            + [_neared(most, night) for most in night.most_days_left]
        )
        parts.append(f"select person_id from {EARLIER}person_wait where stop_date is null and ({reached})")
    return " union ".join(parts)


def _reached(least: int, night: Night) -> str:
    first, last = (night.earlier_as_of - dt.timedelta(days=least), night.as_of - dt.timedelta(days=least))
    return f"start_date between date '{first}' and date '{last}'"


def _neared(most: int, night: Night) -> str:
    first, last = (night.earlier_as_of + dt.timedelta(days=most), night.as_of + dt.timedelta(days=most))
    return f"due_date between date '{first}' and date '{last}'"


def restricted(name: str, prefix: str = "") -> str:
    """Return the query of the rows of a source table that bear on the touched people, in this run or the one before.

    A row that names a touched case bears on it even where its record belongs to nobody. Columns that no finding about
    waits rests on are left out, since the whole table must be read for few of its rows.
    """
    columns = ", ".join(f"t.{column}" for column in PERSON_CONTENT if name == "person") or ", ".join(
        f"t.{column}" for column in TABLES[name].names if column not in UNREAD
    )
    if name == "person":
        return f"select {columns} from {prefix}person t where {_is_touched('person', 't.person_id')}"
    ours, _ = keys_sql(name)
    of_case = f" or exists (select 1 from touched_key k where k.key = {ours})" if name == "event" else ""
    touched = _is_touched("record", f"t.{record_column(name)}")
    return f"select {columns} from {prefix}{name} t where {touched}{of_case}"


UNREAD = ("file_sha256", "row_ref", "quality", "collection_year")

ADDED_UP = {
    "person_wait": (
        "wait_id",
        "person_id",
        "kind",
        "backlog",
        "case_record_id",
        "organisation_id",
        "start_date",
        "stop_date",
        "elapsed_days",
        "due_date",
        "days_left",
        "clock",
        "sensitivity",
    ),
    "blocker": (
        "blocker_id",
        "person_id",
        "held_wait_id",
        "holder_type",
        "holder_kind",
        "holder_wait_id",
        "owner_organisation",
        "owner_role",
        "next_action",
        "sensitivity",
    ),
}
"""Columns of findings on which tallies and the ranking of the place rest."""


def restricted_finding(name: str) -> str:
    """Return the query of what the touched people's rows in a finding of the run before added to sums."""
    columns = ", ".join(f"t.{column}" for column in ADDED_UP[name])
    return f"select {columns} from {EARLIER}{name} t where {_is_touched('person', 't.person_id')}"


def _is_touched(what: str, column: str) -> str:
    named = "person_id" if what == "person" else "person_record_id"
    return f"exists (select 1 from touched_{what} x where x.{named} = {column})"


def _count(engine: Engine, table: str) -> int:
    rows: int = engine.rows(f"select count(*) as n from {table}")[0]["n"]
    return rows
