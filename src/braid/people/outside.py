"""What the run before said of everybody whom a night does not touch, and how it is put together with what is new.

The zone is whole in itself (`braid.people.zone`), so what was said of records and persons outside it stands, row for
row: who they are, their proposals and refusals, guards, homes. Two things lead out of a zone and are asked of everybody
again: whose location is withheld for the sake of a neighbour, and the days up to which open memberships are shown.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import pyarrow as pa
import pyarrow.parquet as pq

from braid.language.findings import (
    LINK_PROPOSAL,
    MEMBERSHIP,
    PERSON,
    PERSON_HISTORY,
    PERSON_LINK,
    POSTCODE,
    RECORD_MEMORY,
)
from braid.people import contested, night
from braid.people.describe import describe_persons
from braid.people.guarded import Settled
from braid.people.household_tables import find_known_to
from braid.people.model import Edge, RefusedEdge, Resolution
from braid.people.night import Compared, Night
from braid.people.resolve import best_first
from braid.people.second_pass import SECOND_PASS_BITS
from braid.people.standardise import LINKAGE_SCHEMA, standardise
from braid.people.wrong_numbers import WrongNumbers, drop_wrong_numbers
from braid.people.zone import (
    EARLIER,
    MOST,
    REDONE,
    SOURCES,
    TOLD,
    ZONE,
    cut_out,
    find_changed,
    find_due,
    find_moving,
    find_zone,
    forget_ties,
    load_ties,
)
from braid.store.engine import Engine

Pair = tuple[str, str]
STANDING_TABLES = (
    *("person_link", "record_memory", "membership", "person", "link_proposal"),
    *("household_member", "household_event", "postcode"),
)
"""Tables of the run before of which rows stand, or that say who hangs together."""
STATES = (night.RECORDS, night.HOMES, night.SECOND)


@dataclass(frozen=True)
class Outside:
    """What stands of records outside the zone; nothing where everybody was linked.

    `proposals` and `contested` are edges with their causes; `withheld` are records of protected people with the
    postcodes of their stays, `passing` records with those of another person that they were for a while.
    """

    refused: tuple[RefusedEdge, ...] = ()
    proposals: Mapping[Edge, str] = field(default_factory=dict)
    contested: Mapping[Edge, str] = field(default_factory=dict)
    guarded: frozenset[str] = frozenset()
    withheld: frozenset[Pair] = frozenset()
    passing: frozenset[Pair] = frozenset()
    second: tuple[Edge, ...] = ()

    @property
    def postcodes(self) -> frozenset[str]:
        """The postcodes at which a protected person outside the zone has a stay."""
        return frozenset(postcode for _, postcode in self.withheld)


NOTHING = Outside()


def open_evening(engine: Engine, before: Night | None, made_by: str) -> bool:
    """Load what the run before kept, and find whose rows are otherwise. Return whether it may stand: the same code said
    it, by what the place says of its feeds now, and all of it is there."""
    if before is None or before.before is None or before.full:
        return False
    names = (*(table.name for table in SOURCES), *STANDING_TABLES)
    if not all(before.earlier(name).is_file() for name in names) or not before.is_whole:
        return False
    if night.read_made_by(before) != made_by:
        return False
    for name in (*(table.name for table in SOURCES), *STANDING_TABLES, *STATES):
        engine.load_parquet(f"{EARLIER}{name}", before.earlier(name))
    find_changed(engine)
    return True


def standardise_changed(engine: Engine, before: Night, wrong: WrongNumbers) -> tuple[pa.Table, frozenset[str]]:
    """Return the linkage table without wrong numbers, and the records of which a row was made anew.

    Rows of records that nothing changed, and that no decision named, are those of the run before.
    """
    changed = engine.arrow("select record_id from changed_record").column(0).to_pylist()
    redone = frozenset(changed) | night.read_named(before) | wrong.held.keys()
    fresh = drop_wrong_numbers(standardise(cut_out(engine, redone, REDONE)), wrong)
    engine.load_arrow("fresh_linkage", fresh)
    columns = ", ".join(LINKAGE_SCHEMA.names)
    kept = ", ".join(f"e.{name}" for name in LINKAGE_SCHEMA.names)
    records = engine.arrow(
        f"select {columns} from (select {kept} from earlier_night_records e where not exists"
        " (select 1 from redone_record r where r.record_id = e.record_id)"
        f" union all select {columns} from fresh_linkage) as every order by record_id"
    )
    engine.forget("fresh_linkage")
    return records.cast(LINKAGE_SCHEMA), redone


def find_zone_of(
    engine: Engine, before: Night, records: pa.Table, compared: Compared, named: frozenset[str], as_of: dt.date
) -> frozenset[str] | None:
    """Return the records that a night touches and whoever hangs together with them; `None` where that are most, or the
    run before is of a later day.

    `named` are records that decisions, seals or wrong numbers name. Leaves what `find_zone` and `find_patients` read.
    """
    known_to = find_known_to(before.earlier(PERSON_LINK.name))
    if compared.touched is None or known_to is None or known_to > as_of:
        return None
    differing = pa.table({"record_id": pa.array(sorted(compared.changed or ()), pa.string())})
    engine.load_arrow("differing_record", differing)
    engine.create("changed_record", "select record_id from changed_record union select record_id from differing_record")
    changed = frozenset(engine.arrow("select record_id from changed_record").column(0).to_pylist())
    load_ties(engine, records, compared.kept.strong)
    touched = changed | compared.touched | named | night.read_named(before)
    passed = find_due(engine, known_to, as_of) | find_moving(engine, known_to)
    zone = find_zone(engine, touched | passed)
    return zone if len(zone) <= MOST * records.num_rows else None


def read_outside(before: Night, zone: frozenset[str]) -> Outside:
    """Return what the run before said of records that are not in the zone."""
    proposals = {
        Edge(row["record_a"], row["record_b"], row["weight"]): row["cause"]
        for row in pq.read_table(before.earlier(LINK_PROPOSAL.name)).to_pylist()
        if row["record_a"] not in zone
    }
    told = frozenset(contested.CAUSES.values())
    return Outside(
        tuple(item for item in night.read_refused(before) if item.edge.left not in zone),
        {edge: cause for edge, cause in proposals.items() if cause not in told},
        {edge: cause for edge, cause in proposals.items() if cause in told},
        frozenset(_column(before, night.GUARDED, 0)) - zone,
        frozenset(pair for pair in _pairs(before, night.WITHHELD) if pair[0] not in zone),
        frozenset(pair for pair in _pairs(before, night.PASSING) if pair[0] not in zone),
        tuple(Edge(*pair, SECOND_PASS_BITS) for pair in _pairs(before, night.SECOND) if pair[0] not in zone),
    )


def _column(before: Night, name: str, place: int) -> list[str]:
    values: list[str] = pq.read_table(before.earlier(name)).column(place).to_pylist()
    return values


def _pairs(before: Night, name: str) -> list[Pair]:
    return list(zip(_column(before, name, 0), _column(before, name, 1), strict=True))


def with_outside(settled: Settled, outside: Outside) -> Settled:
    """Return what became of the zone together with what stands of everybody else; `groups` are those of the zone."""
    found = settled.resolution
    refused = sorted((*outside.refused, *found.refused), key=lambda item: (best_first(item.edge), item.reason))
    proposed = sorted((*outside.proposals, *found.proposed), key=best_first)
    resolution = Resolution(found.groups, found.held_by, tuple(refused), tuple(proposed), found.contested)
    return replace(
        settled,
        resolution=resolution,
        guarded=settled.guarded | outside.guarded,
        homes=settled.homes | outside.withheld,
        passing=settled.passing | outside.passing,
    )


def forget_earlier(engine: Engine) -> None:
    """Let go of what of the run before was read."""
    for name in (*STANDING_TABLES, *STATES):
        if name != MEMBERSHIP.name:  # which lineage reads
            engine.forget(f"{EARLIER}{name}")
    for name in ("zone_person", "withheld_postcode", "withheld_record", "differing_record"):
        engine.forget(name)
    forget_ties(engine)


def splice_links(engine: Engine) -> None:
    """Create `person_link` of everybody: what `zone_person_link` says, and what stood of all other records; and
    `person_history`, in which there are no others."""
    columns = ", ".join(PERSON_LINK.names)
    kept = ", ".join(f"l.{name}" for name in PERSON_LINK.names)
    engine.create(
        PERSON_LINK.name,
        f"select {kept} from {EARLIER}{PERSON_LINK.name} l where not exists"
        " (select 1 from zone_record z where z.record_id = l.person_record_id)"
        f" union all select {columns} from {ZONE}{PERSON_LINK.name}",
    )
    engine.create(PERSON_HISTORY.name, f"select * from {ZONE}{PERSON_HISTORY.name}")


def splice_memory(engine: Engine) -> None:
    """Add to `record_memory`, that of the zone, what stood of all other records."""
    engine.create(
        RECORD_MEMORY.name,
        f"select l.person_record_id, l.person_id from {EARLIER}{RECORD_MEMORY.name} l where not exists"
        " (select 1 from zone_record z where z.record_id = l.person_record_id)"
        f" union all select person_record_id, person_id from {RECORD_MEMORY.name}",
    )


def splice_households(engine: Engine, persons: Iterable[str], as_of: dt.date) -> None:
    """Create the tables of households of everybody. `persons` are those of the zone, of now and before.

    Who lives somewhere is shown there up to `as_of`, also where nothing was otherwise.
    """
    engine.load_arrow("zone_person", pa.table({"person_id": pa.array(sorted(persons), pa.string())}))
    moved = {"shown_to_date": f"case when t.is_open then date '{as_of}' else t.shown_to_date end"}
    for name, columns in (("household_member", _MEMBER), ("household_event", _EVENT)):
        kept = ", ".join(f"{moved.get(column, f't.{column}')} as {column}" for column in columns)
        engine.create(
            name,
            f"select {kept} from {EARLIER}{name} t where not exists"
            f" (select 1 from zone_person z where z.person_id = t.person_id)"
            f" union all select {', '.join(columns)} from {ZONE}{name}",
        )
    engine.create("household_history", f"select * from {ZONE}household_history")


_MEMBER = (
    *("household_id", "person_id", "from_date", "to_date", "shown_from_date", "shown_to_date"),
    *("is_open", "age_role", "applied_as", "evidence"),
)
_EVENT = ("household_id", "person_id", "change", "event_date", "shown_date", "other_household_id", "cause")


def splice_homes(engine: Engine, whole: Settled) -> None:
    """Add to `person_home`, that of the zone, whom else a safe address protects or withholds, and their households.

    Withheld is whoever has a stay where anybody is protected, or had one as another person while guards were found.
    """
    postcodes = frozenset(postcode for _, postcode in whole.homes)
    passing = sorted(record for record, postcode in whole.passing if postcode in postcodes)
    engine.load_arrow("withheld_postcode", pa.table({"postcode": pa.array(sorted(postcodes), pa.string())}))
    engine.load_arrow("withheld_record", pa.table({"record_id": pa.array(passing, pa.string())}))
    engine.create(
        "person_home",
        f"""
        select person_id, household_id, protected, location_withheld from person_home
        union all
        select p.person_id, p.household_id, p.protected, p.protected or n.person_id is not null as location_withheld
        from {EARLIER}person p left join (
          select l.person_id from person_link l join stay s on s.person_record_id = l.person_record_id
          join withheld_postcode w on w.postcode = s.postcode
          union select l.person_id from person_link l join withheld_record w on w.record_id = l.person_record_id
        ) as n on n.person_id = p.person_id
        where not exists (select 1 from zone_person z where z.person_id = p.person_id)
        """,
    )


def describe_changed(engine: Engine) -> None:
    """Create table `person` of everybody: those of the zone, and others whose location is withheld now or no longer,
    are described; of the rest the run before told what there is to tell."""
    if _are_postcodes_otherwise(engine):
        describe_persons(engine)
        return
    told = engine.arrow(
        f"""
        select l.person_record_id from person_link l join (
          select person_id from zone_person
          union select h.person_id from person_home h join {EARLIER}person p on p.person_id = h.person_id
          where h.location_withheld <> p.location_withheld
        ) as t on t.person_id = l.person_id
        """
    )
    part = cut_out(engine, told.column(0).to_pylist(), TOLD)
    links = f"select l.* from person_link l join {TOLD}record r on r.record_id = l.person_record_id"
    engine.create(f"{TOLD}person_link", links)
    describe_persons(part)
    columns = ", ".join(PERSON.names)
    kept = ", ".join(f"p.{name}" for name in PERSON.names)
    engine.create(
        PERSON.name,
        f"select {kept} from {EARLIER}person p where not exists (select 1 from {TOLD}person t where t.person_id ="
        " p.person_id) and not exists (select 1 from zone_person z where z.person_id = p.person_id)"
        f" union all select {columns} from {TOLD}person",
    )


def _are_postcodes_otherwise(engine: Engine) -> bool:
    """Whether the postcodes by which districts are told are not those of the run before."""
    digest = f"select br_digest({', '.join(POSTCODE.names)}) as content from"
    rows = engine.rows(
        f"select count(*) as found from ({digest} postcode) as n full join ({digest} {EARLIER}postcode) as e"
        " on e.content = n.content where e.content is null or n.content is null"
    )
    return bool(rows[0]["found"])
