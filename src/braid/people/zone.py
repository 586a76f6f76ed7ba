"""Whom a night touches, and whoever hangs together with them: only of these is it asked anew who is whom.

Two records hang together where one may decide what becomes of the other: an edge, a number, a case, a relationship, a
home or a surname at one postcode, now or in the run before; a person or household of earlier runs; a nameless record
and a household that it may fit. What linking says of a record follows from those that it hangs together with, whatever
becomes of the rest. So a night links the zone, all that hangs together with a touched record, as if it were the
whole place, and what the run before said of everybody else stands (`braid.people.outside`).

Touched are the records of which a source row is otherwise, new or gone, those whose edges are, whom a decision or seal
names or named, and those of whom a day tells something else that passed since: a stay that begins or ends, a birthday.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from braid.language.records import EPISODE, IDENTIFIER, PERSON_RECORD, RELATIONSHIP, STAY
from braid.language.schema import Table
from braid.people.facts import SHARED_CASES
from braid.people.household_tables import ADULT_YEARS
from braid.people.households import APPLICATIONS, NOT_HOMES
from braid.store.engine import Engine

SOURCES = (PERSON_RECORD, IDENTIFIER, STAY, RELATIONSHIP, EPISODE)
"""What linking reads of a record."""
NOT_CONTENT = frozenset({"collection_year", "file_sha256", "row_ref", "as_of_date", "quality"})
"""Columns that may differ while a row says the same."""
LINKAGE_COLUMNS = (
    *("record_id", "forename", "surname", "birth_date", "birth_vague", "postcodes"),
    *("nhs", "upn", "la_child"),
)
MOST = 0.5
"""The share of the records from which on everybody is linked: then a zone spares nothing."""
EARLIER, GONE, REDONE, ZONE, TOLD, BESIDE = "earlier_", "gone_", "redone_", "zone_", "told_", "beside_"
_OUTCOMES = ("household_member", "household_event", "household_history", "person_link", "person_history", "person")


class Part:
    """A part of a place as an engine of its own: source tables hold its rows alone, and what is made of them stands
    apart."""

    def __init__(self, engine: Engine, prefix: str) -> None:
        """Take an engine that holds the source tables of the part under names with a `prefix`."""
        self._engine, self._prefix = engine, prefix
        self._names = frozenset({*(table.name for table in SOURCES), *_OUTCOMES})
        self._pattern = re.compile(rf"\b(from|join) ({'|'.join(sorted(self._names))})\b")

    def _named(self, name: str) -> str:
        return f"{self._prefix}{name}" if name in self._names else name

    def _told(self, sql: str) -> str:
        return self._pattern.sub(rf"\1 {self._prefix}\2", sql)

    def load_parquet(self, name: str, path: Path) -> None:
        """See `Engine.load_parquet`."""
        self._engine.load_parquet(self._named(name), path)

    def load_rows(self, table: Table, rows: Iterable[Mapping[str, Any]]) -> None:
        """See `Engine.load_rows`."""
        self._engine.load_rows(replace(table, name=self._named(table.name)), rows)

    def load_arrow(self, name: str, data: pa.Table) -> None:
        """See `Engine.load_arrow`."""
        self._engine.load_arrow(self._named(name), data)

    def create(self, name: str, sql: str) -> None:
        """See `Engine.create`."""
        self._engine.create(self._named(name), self._told(sql))

    def view(self, name: str, sql: str) -> None:
        """See `Engine.view`."""
        self._engine.view(self._named(name), self._told(sql))

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """See `Engine.rows`."""
        return self._engine.rows(self._told(sql), parameters)

    def arrow(self, sql: str) -> pa.Table:
        """See `Engine.arrow`."""
        return self._engine.arrow(self._told(sql))

    def write(self, table: Table, path: Path, *, in_order: bool = True) -> int:
        """See `Engine.write`."""
        return self._engine.write(replace(table, name=self._named(table.name)), path, in_order=in_order)

    def has(self, name: str) -> bool:
        """See `Engine.has`."""
        return self._engine.has(self._named(name))

    def forget(self, name: str) -> None:
        """See `Engine.forget`."""
        self._engine.forget(self._named(name))

    def close(self) -> None:
        """Let go of nothing: the tables are the engine's."""


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)


_TIES = f"""
  select s.person_record_id as record_id, br_bucket('property', s.uprn) as tie from {{0}}stay s
  where s.uprn is not null and not s.confidential and s.kind not in ({_listed(NOT_HOMES)})
  union all
  select s.person_record_id, br_bucket('home', s.postcode, l.surname)
  from {{0}}stay s join {{0}}linkage l on l.record_id = s.person_record_id
  where s.postcode is not null and l.surname is not null
  union all
  select person_record_id, br_bucket('case', feed, household_ref) from {{0}}stay where household_ref is not null
  union all
  select person_record_id, br_bucket('case', feed, episode_ref) from {{0}}episode
  where episode_ref is not null and kind in ({_listed(sorted({*SHARED_CASES, *APPLICATIONS, "cin", "cla"}))})
  union all
  select person_record_id, br_bucket('related', record_id) from {{0}}relationship
  union all
  select other_person_record_id, br_bucket('related', record_id) from {{0}}relationship
  union all
  select person_record_id, br_bucket('urn', value) from {{0}}identifier where scheme = 'case_urn'
  union all
  select record_id, br_bucket('nhs', nhs) from {{0}}linkage where nhs is not null
  union all
  select record_id, br_bucket('upn', upn) from {{0}}linkage where upn is not null
  union all
  select record_id, br_bucket('la_child', la_child) from {{0}}linkage where la_child is not null
"""
"""What sources say of who hangs together: wider than any rule that reads it, never narrower. Two ties that have one
number by chance make a zone wider."""
_EARLIER_TIES = """
  select person_record_id as record_id, br_bucket('person', person_id) as tie from earlier_membership
  where known_to_at is not null
  union all
  select person_record_id, br_bucket('person', person_id) from earlier_record_memory
  union all
  select l.person_record_id, br_bucket('household', m.household_id) from (
    select person_id, household_id from earlier_household_member
    union select person_id, household_id from earlier_person where household_id is not null
  ) as m join earlier_record_memory l on l.person_id = m.person_id
  union all
  select record_id, br_bucket('fits', home) from earlier_night_homes
  union all
  select record_id, br_bucket('edge', one, other) from (
    select "left" as record_id, "left" as one, "right" as other from told_edge
    union all select "right", "left", "right" from told_edge
    union all select "left", "left", "right" from earlier_night_second
    union all select "right", "left", "right" from earlier_night_second
  ) as ends
"""
_FITS = """
  select distinct p.record_id, br_bucket('fits', d.home) as tie
  from (
    select record_id, birth_date, br_entries(postcodes) as postcode from linkage
    where forename is null and birth_date is not null and not birth_vague
  ) as p
  join (
    select distinct h.home, l.birth_date from {0} h join every_linkage l on l.record_id = h.record_id
    where l.birth_date is not null and not l.birth_vague
  ) as d on d.birth_date = p.birth_date
  join (
    select distinct h.home, br_entries(l.postcodes) as postcode
    from {0} h join every_linkage l on l.record_id = h.record_id
  ) as c on c.home = d.home and c.postcode = p.postcode
"""
"""Nameless records, and the households that they may fit: a member was born that day, and one has that postcode."""


def find_changed(engine: Engine) -> None:
    """Create `changed_record`: the records of which a source row is otherwise than in the run before, new or gone.

    Reads the source tables, and those of the run before under `earlier_…`.
    """
    engine.create("changed_record", " union ".join(query for table in SOURCES for query in _differing(table)))


def _differing(table: Table) -> Iterator[str]:
    same = " and ".join(
        f"n.{name} is not distinct from e.{name}" for name in table.names if name not in NOT_CONTENT | {"record_id"}
    )
    ends = ("record_id",) if table is PERSON_RECORD else ("person_record_id", "other_person_record_id")
    for end in ends:
        if end in table.names:
            yield (
                f"select coalesce(n.{end}, e.{end}) as record_id from {table.name} n"
                f" full join {EARLIER}{table.name} e on e.record_id = n.record_id and {same}"
                " where n.record_id is null or e.record_id is null"
            )


def find_due(engine: Engine, known_to: dt.date, as_of: dt.date) -> set[str]:
    """Return the records of which a day tells something else that passed since the run before: of stays and
    applications that begin or end, and of birthdays."""
    since = f"date '{known_to - dt.timedelta(days=1)}'"
    then, now = f"date '{known_to}'", f"date '{as_of}'"
    grown_up = f"br_age(birth_date, {{0}}) >= {ADULT_YEARS}"
    rows = engine.rows(
        f"select person_record_id as record_id from stay where start_date >= {since} or end_date >= {since}"
        f" union select person_record_id from episode where start_date >= {since} or end_date >= {since}"
        f" union select record_id from person_record where birth_date >= {since} or death_date >= {since}"
        f" or ({grown_up.format(then)}) <> ({grown_up.format(now)})"
    )
    return {row["record_id"] for row in rows}


def find_moving(engine: Engine, known_to: dt.date) -> set[str]:
    """Return the records of people of whom a membership ended with the day before the last that the run before knew.

    It may end a day later now: of who lives with them no source states a first day, so they are shown together on the
    newest day alone, and where they lived before on all days until then.
    """
    rows = engine.rows(
        "select distinct l.person_record_id as record_id from earlier_household_member m"
        " join earlier_person_link l on l.person_id = m.person_id"
        f" where not m.is_open and m.shown_to_date >= date '{known_to - dt.timedelta(days=1)}'"
    )
    return {row["record_id"] for row in rows}


def load_ties(engine: Engine, records: pa.Table, edges: pa.Table) -> None:
    """Create `tie`: a row for each record and each thing by which it hangs together with others.

    `records` is the linkage table, `edges` are the pairs that join somebody, `left` and `right`. Reads `changed_record`
    and what the run before kept, under `earlier_…`, its linkage table as `earlier_night_records`.
    """
    engine.load_arrow("linkage", records.select(LINKAGE_COLUMNS))
    engine.load_arrow("told_edge", edges)
    for name, key in _KEYS:
        engine.create(
            f"{GONE}{name}", f"select t.* from {EARLIER}{name} t join changed_record c on c.record_id = t.{key}"
        )
    columns = ", ".join(f"t.{name}" for name in LINKAGE_COLUMNS)
    engine.create(
        f"{GONE}linkage",
        f"select {columns} from earlier_night_records t join changed_record c on c.record_id = t.record_id",
    )
    engine.create("every_linkage", f"select * from linkage union all select * from {GONE}linkage")
    parts = (_TIES.format(""), _TIES.format(GONE), _EARLIER_TIES, _FITS.format("earlier_night_homes"))
    engine.create("tie", " union all ".join(f"select record_id, tie from ({part}) as told" for part in parts))


_KEYS = tuple((table.name, "record_id" if table is PERSON_RECORD else "person_record_id") for table in SOURCES)


def find_zone(engine: Engine, touched: Iterable[str], zone: Iterable[str] = ()) -> frozenset[str]:
    """Return all records, of now or before, that hang together with a `touched` one. Reads `tie`.

    `zone` is known to be whole in itself, and is part of what is returned.
    """
    found = set(zone)
    new = set(touched) - found
    while new:
        found |= new
        new = find_tied(engine, new) - found
    return frozenset(found)


def find_tied(engine: Engine, records: Iterable[str]) -> set[str]:
    """Return all records, of now or before, with which one of `records` has a tie. Reads `tie`."""
    engine.load_arrow("zone_edge", pa.table({"record_id": pa.array(sorted(records), pa.string())}))
    rows = engine.arrow(
        "select distinct t.record_id from tie t join ("
        "select distinct t.tie from tie t join zone_edge e on e.record_id = t.record_id"
        ") as near on near.tie = t.tie"
    )
    return set(rows.column(0).to_pylist())


def cut_out(engine: Engine, records: Iterable[str], prefix: str = ZONE) -> Part:
    """Create the source tables of some records and return them as an engine of its own; and the table of the records,
    `zone_record` or of another prefix."""
    engine.load_arrow(f"{prefix}record", pa.table({"record_id": pa.array(sorted(records), pa.string())}))
    for name, key in _KEYS:
        engine.create(f"{prefix}{name}", f"select t.* from {name} t join {prefix}record z on z.record_id = t.{key}")
    return Part(engine, prefix)


def find_patients(engine: Engine, homes: Mapping[str, str], zone: frozenset[str]) -> set[str]:
    """Return nameless records outside the zone that may fit one of its `homes`, by record. Reads what `tie` is of."""
    rows = {"record_id": pa.array(homes.keys(), pa.string()), "home": pa.array(homes.values(), pa.string())}
    engine.load_arrow("zone_home", pa.table(rows))
    fitting = engine.arrow(_FITS.format("zone_home")).column("record_id").to_pylist()
    return set(fitting) - zone


def forget_ties(engine: Engine) -> None:
    """Let go of what finding the zone made."""
    names = ["changed_record", "linkage", "gone_linkage", "every_linkage", "told_edge", "tie"]
    names += ["zone_edge", "zone_home"]
    sources = [name for name, _ in _KEYS]
    names += [f"{prefix}{name}" for prefix in (EARLIER, GONE, REDONE) for name in sources]
    names += [f"{prefix}{name}" for prefix in (ZONE, TOLD, BESIDE) for name in (*sources, *_OUTCOMES)]
    names += [f"{prefix}record" for prefix in (ZONE, REDONE, TOLD, BESIDE)]
    for name in names:
        engine.forget(name)
