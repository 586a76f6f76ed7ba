"""What runs knew of who is whom, kept from run to run: membership of records, changes of persons, and who stays apart.

Membership has two times. A record is of one human for as long as its source holds it: `from_date` to `to_date`. Who
that human is, is believed by runs: `known_from_at` to `known_to_at`. So a link that is corrected is corrected for all
the days of the record, and what was believed before is still told. A row is added where something changes, and none
where a night changes nothing.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Set
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from braid.language.findings import KEPT_APART, MEMBERSHIP, PERSON_LINEAGE
from braid.people.decisions import Decided, Decision
from braid.people.model import Decisions
from braid.store.engine import Engine

EARLIER = "earlier_"
Pair = tuple[str, str]


@dataclass(frozen=True)
class Moment:
    """The day that a run speaks of, and when it came to know what it says."""

    as_of_date: dt.date
    known_at: dt.datetime


def now() -> Moment:
    """Return today and now, in UTC."""
    moment = dt.datetime.now(dt.UTC)
    return Moment(moment.date(), moment)


@dataclass(frozen=True)
class Past:
    """What the run before knew.

    `persons` maps a record of it to its person, `remembered` one that only earlier runs held. `formers` are the other
    persons that a record was believed to be, the latest first; `arrived` is when it became the one that it is.
    `by_human` are records that a human's decision joined, `by_household` those that a household did; `apart` are pairs
    that humans parted, each with when. `first_known` is, of records of persons into whom others were merged, when a run
    first held them.
    """

    persons: Mapping[str, str] = field(default_factory=dict)
    remembered: Mapping[str, str] = field(default_factory=dict)
    formers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    arrived: Mapping[str, dt.datetime] = field(default_factory=dict)
    merged_into: Mapping[str, str] = field(default_factory=dict)
    by_human: frozenset[str] = frozenset()
    by_household: frozenset[str] = frozenset()
    first_known: Mapping[str, dt.datetime] = field(default_factory=dict)
    apart: Mapping[Pair, dt.date] = field(default_factory=dict)

    @property
    def known(self) -> dict[str, str]:
        """Who every record ever held was last."""
        return {**self.remembered, **self.persons}

    def last_person(self, record_id: str) -> str | None:
        """Return the person that a record was last, under the id that they have now."""
        person_id = self.persons.get(record_id) or self.remembered.get(record_id)
        seen: set[str] = set()
        while person_id and person_id in self.merged_into and person_id not in seen:
            seen.add(person_id)
            person_id = self.merged_into[person_id]
        return person_id


NOTHING_KNOWN = Past()


def load_past(engine: Engine, previous_links: Path | None) -> None:
    """Load membership, lineage and who is kept apart of the run before into `engine`, for `read_past` and
    `write_lineage`. `previous_links` is its `person_link.parquet`."""
    tables = (MEMBERSHIP, PERSON_LINEAGE, KEPT_APART)
    for table in tables:
        path = previous_links.with_name(f"{table.name}.parquet") if previous_links else None
        if path and path.exists():
            engine.load_parquet(f"{EARLIER}{table.name}", path)
        else:
            engine.load_rows(table, [])
            engine.create(f"{EARLIER}{table.name}", f"select * from {table.name}")


def read_past(engine: Engine, previous_links: Path | None, records: Set[str] | None = None) -> Past:
    """Return what the run before knew; nothing where there was none.

    `previous_links` is its `person_link.parquet`; what it kept besides lies there too, or is from before lineage was
    kept. With `records`, nothing is said of others, and `engine` holds what `load_past` loads.
    """
    if records is None:
        load_past(engine, previous_links)
    if records is not None and not records:
        return replace(NOTHING_KNOWN, merged_into=_read_merges(engine), apart=read_apart(engine))
    persons = read_links(previous_links, records)
    remembered = read_links(_memory_beside(previous_links), records)
    formers = _read_formers(engine, records)
    return Past(
        persons,
        remembered,
        {record: tuple(ended) for record, ended in formers.items()},
        find_arrivals(formers, {**remembered, **persons}),
        _read_merges(engine),
        _joined_by("human", previous_links, records),
        _joined_by("rule", previous_links, records),
        _read_first_known(engine, records),
        read_apart(engine),
    )


def find_standing(engine: Engine, previous_links: Path | None, pairs: Iterable[Pair]) -> frozenset[str]:
    """Return the records of `pairs` that humans parted, and all others of their persons of the run before: of no more
    records `keep_apart` asks. Reads what `load_past` loads."""
    named = frozenset(record for pair in pairs for record in pair)
    if not named:
        return named
    past = replace(
        NOTHING_KNOWN,
        persons=read_links(previous_links, named),
        remembered=read_links(_memory_beside(previous_links), named),
        merged_into=_read_merges(engine),
    )
    persons = {past.last_person(record) for record in named} - {None}
    return named | read_links(previous_links, persons, "person_id").keys()


def _memory_beside(previous_links: Path | None) -> Path | None:
    return previous_links.with_name("record_memory.parquet") if previous_links else None


def read_links(
    path: Path | None, among: Set[str | None] | None = None, column: str = "person_record_id"
) -> dict[str, str]:
    """Return who each record is by a table of records and persons; empty where there is none. With `among`, of rows
    alone of which `column` is in it."""
    if path is None or not path.exists():
        return {}
    table = pq.read_table(path, columns=["person_record_id", "person_id"])
    if among is not None:
        table = table.filter(pc.is_in(table.column(column), pa.array(among, pa.string())))
    return dict(zip(table.column(0).to_pylist(), table.column(1).to_pylist(), strict=True))


def _joined_by(method: str, path: Path | None, records: Set[str] | None) -> frozenset[str]:
    if path is None or not path.exists():
        return frozenset()
    found = pq.read_table(path, columns=["person_record_id"], filters=[("method", "=", method)])
    joined: frozenset[str] = frozenset(found.column(0).to_pylist())
    return joined if records is None else joined & records


def _load_asked(engine: Engine, records: Set[str] | None) -> str:
    """Return what a query of `m` joins so that it asks of `records` alone."""
    if records is None:
        return ""
    engine.load_arrow("asked_record", pa.table({"record_id": pa.array(records, pa.string())}))
    return " join asked_record a on a.record_id = m.person_record_id"


def _read_formers(engine: Engine, records: Set[str] | None = None) -> dict[str, dict[str, dt.datetime]]:
    """Return of each record the persons that it was believed to be, each with until when, the latest first."""
    found: dict[str, dict[str, dt.datetime]] = defaultdict(dict)
    rows = engine.arrow(
        "select m.person_record_id, m.person_id, max(m.known_to_at) as ended_at"
        f" from {EARLIER}{MEMBERSHIP.name} m{_load_asked(engine, records)} where m.known_to_at is not null"
        " group by m.person_record_id, m.person_id order by max(m.known_to_at) desc, m.person_id"
    )
    engine.forget("asked_record")
    for row in rows.to_pylist():
        found[row["person_record_id"]][row["person_id"]] = row["ended_at"]
    return found


def find_arrivals(
    formers: Mapping[str, Mapping[str, dt.datetime]], persons: Mapping[str, str]
) -> dict[str, dt.datetime]:
    """Return when each record became the person that it is: until when it was last believed to be another."""
    others = {
        record: [until for person, until in ended.items() if person != persons.get(record)]
        for record, ended in formers.items()
    }
    return {record: max(ends) for record, ends in others.items() if ends}


def _read_merges(engine: Engine) -> dict[str, str]:
    rows = engine.rows(
        f"select person_id, other_person_id from {EARLIER}{PERSON_LINEAGE.name} where change = 'merged'"
        " order by known_at, person_id"
    )
    return {row["person_id"]: row["other_person_id"] for row in rows}


def _read_first_known(engine: Engine, records: Set[str] | None) -> dict[str, dt.datetime]:
    rows = engine.arrow(
        "select m.person_record_id, min(m.known_from_at) as known_at"
        f" from {EARLIER}{MEMBERSHIP.name} m{_load_asked(engine, records)}"
        f" where exists (select 1 from {EARLIER}{MEMBERSHIP.name} o"
        f" join {EARLIER}{PERSON_LINEAGE.name} p on p.other_person_id = o.person_id and p.change = 'merged'"
        " where o.person_record_id = m.person_record_id and o.known_to_at is null)"
        " group by m.person_record_id"
    )
    engine.forget("asked_record")
    return {row["person_record_id"]: row["known_at"] for row in rows.to_pylist()}


def read_apart(engine: Engine) -> dict[Pair, dt.date]:
    """Return the pairs that humans parted by the run before, each with since when."""
    rows = engine.rows(f"select record_a, record_b, decided_date from {EARLIER}{KEPT_APART.name}")
    return {(row["record_a"], row["record_b"]): row["decided_date"] for row in rows}


def leave_out_older(decided: Decided, past: Past) -> Decided:
    """Return the decisions without those that two records are one from before they were parted."""
    pairs = tuple(
        (pair, decision)
        for pair, decision in decided.pairs
        if not (decision.is_same and pair in past.apart and decision.decided_date < past.apart[pair])
    )
    return replace(decided, pairs=pairs)


def with_parted(past: Past, decided: Mapping[Pair, Decision]) -> Past:
    """Return the past with what humans decided on withdrawn records besides what earlier runs knew: whom they parted,
    and whom they joined since."""
    apart = {
        pair: since
        for pair, since in past.apart.items()
        if not (pair in decided and decided[pair].is_same and decided[pair].decided_date >= since)
    }
    parted = {pair: each.decided_date for pair, each in decided.items() if not each.is_same}
    return replace(past, apart={**parted, **apart})


def keep_apart(past: Past, records: Set[str]) -> dict[Pair, dt.date]:
    """Return the pairs of `records` that humans decided in earlier runs are two people, each with when.

    Where one of the two is held no longer, the other records of its person stand for it: two people stay two whichever
    of their records comes and goes.
    """
    gone = {record for pair in past.apart for record in pair if record not in records}
    members = _members(past.persons, {past.last_person(record) or "" for record in gone})

    def standing(record: str) -> list[str]:
        if record in records:
            return [record]
        return [one for one in members.get(past.last_person(record) or "", ()) if one in records]

    return {
        (min(one, other), max(one, other)): day
        for (left, right), day in past.apart.items()
        for one in standing(left)
        for other in standing(right)
        if one != other and (past.last_person(left) != past.last_person(right) or {left, right} <= records)
    }


def part_whole(past: Past, decisions: Decisions) -> Decisions:
    """Return the decisions with the pairs that they part besides, where they undo a merge.

    Of two records that were two persons before they were one, humans say which the two were: every record that was the
    one is parted from every record that was the other, so that an un-merge is whole on both sides. A record that came
    after the merge was neither, and no human said whose it is: it goes where it weighs most.
    """
    merged = [
        (left, right)
        for left, right in decisions.cannot_link
        if left in past.persons and past.persons[left] == past.persons.get(right)
    ]
    members = _members(past.persons, {past.persons[left] for left, _ in merged})

    def before(record: str, merged_at: dt.datetime | None) -> str:
        """Return who it was before two became one; a record that went and came back was the same all along."""
        now, arrived = past.persons[record], past.arrived.get(record)
        if arrived is not None and merged_at is not None and arrived < merged_at:
            return now  # whoever it was before that, it was this person already
        return next((person for person in past.formers.get(record, ()) if person != now), now)

    found: set[Pair] = set()
    for left, right in merged:
        merged_at = max((past.arrived[end] for end in (left, right) if end in past.arrived), default=None)
        if before(left, merged_at) != before(right, merged_at):
            together = members[past.persons[left]]
            there = [one for one in together if one in (left, right) or _was_there(past, one, merged_at)]
            ours, theirs = (
                [one for one in there if before(one, merged_at) == before(end, merged_at)] for end in (left, right)
            )
            found |= {(min(one, other), max(one, other)) for one in ours for other in theirs}
    return replace(decisions, cannot_link=decisions.cannot_link | (found - decisions.must_link))


def _was_there(past: Past, record: str, merged_at: dt.datetime | None) -> bool:
    """Whether a record was held before two persons became one."""
    known_at = past.first_known.get(record)
    return known_at is None or merged_at is None or known_at < merged_at


def _members(persons: Mapping[str, str], wanted: Collection[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    if wanted:
        for record, person in persons.items():
            if person in wanted:
                found[person].append(record)
    return found


@dataclass(frozen=True)
class Newest:
    """The decisions that hold in a run, the rows that say since when, and the day it speaks of, for what follows."""

    decisions: Decisions
    decided: Decided
    day: dt.date


def remember_apart(
    engine: Engine,
    past: Past,
    newest: Newest,
    records: Set[str],
    withdrawn: Set[str] = frozenset(),
    sealed: Set[str] = frozenset(),
) -> None:
    """Create `kept_apart`: what humans parted in any run so far and did not join since.

    For a record in `withdrawn`, which must not be named again, the others of its person stand from now on. Two that are
    `sealed` are kept apart by their seal, and no table names them together.
    """
    of_withdrawn = {pair: since for pair, since in past.apart.items() if not withdrawn.isdisjoint(pair)}
    apart = keep_apart(replace(past, apart=of_withdrawn), records)
    apart |= {pair: since for pair, since in past.apart.items() if pair not in of_withdrawn}
    dated = {pair: decision.decided_date for pair, decision in newest.decided.pairs if not decision.is_same}
    apart |= {pair: dated.get(pair) or apart.get(pair, newest.day) for pair in newest.decisions.cannot_link}
    rows = (
        {"record_a": pair[0], "record_b": pair[1], "decided_date": since}
        for pair, since in apart.items()
        if pair not in newest.decisions.must_link and not set(pair) <= sealed and withdrawn.isdisjoint(pair)
    )
    engine.load_rows(KEPT_APART, rows)


def write_lineage(
    engine: Engine,
    moment: Moment,
    release: str,
    ended: Collection[str] = (),
    withdrawn: Collection[str] = (),
    zone: Engine | None = None,
) -> None:
    """Create `membership` and `person_lineage` from those of the run before, `person_link` and `person_history`.

    `release` names the model by which the run linked. Nothing is kept of records in `withdrawn`, nor who had an id in
    `ended`: it led across a seal. With `zone`, an engine whose `person_link` is of the records in `zone_record`, what
    was known of other records stands.
    """
    night = pa.table(
        {
            "as_of_date": pa.array([moment.as_of_date], pa.date32()),
            "known_at": pa.array([moment.known_at], pa.timestamp("us", tz="UTC")),
            "release": pa.array([release], pa.string()),
        }
    )
    engine.load_arrow("night", night)
    engine.load_arrow("withdrawn_record", pa.table({"record_id": pa.array(sorted(withdrawn), pa.string())}))
    engine.load_arrow("ended_person", pa.table({"person_id": pa.array(sorted(ended), pa.string())}))
    engine.create("membership_kept", _KEPT if zone is None else f"{_KEPT} and {_IN_ZONE}")
    (zone or engine).create(MEMBERSHIP.name, _MEMBERSHIP)
    if zone is not None:
        columns = ", ".join(MEMBERSHIP.names)
        engine.create(
            MEMBERSHIP.name,
            f"select {columns} from {EARLIER}{MEMBERSHIP.name} m where not {_IN_ZONE}"
            f" union all select {columns} from {MEMBERSHIP.name}",
        )
    engine.create(PERSON_LINEAGE.name, _LINEAGE)


_IN_ZONE = "exists (select 1 from zone_record z where z.record_id = m.person_record_id)"


_KEPT = f"""
select m.person_record_id, m.person_id, m.from_date, m.to_date, m.known_from_at, m.known_to_at
from {EARLIER}{MEMBERSHIP.name} m
where not exists (select 1 from withdrawn_record w where w.record_id = m.person_record_id)
  and not exists (select 1 from ended_person e where e.person_id = m.person_id)"""

_CHANGED = "l.person_id <> m.person_id or (l.person_id is null and m.to_date is null)"
"""Of a believed row beside the link of the record now: it is no longer believed as it stands."""

_BELIEVED = (
    "from membership_kept m left join person_link l on l.person_record_id = m.person_record_id cross join night n"
    " where m.known_to_at is null"
)

_MEMBERSHIP = f"""
select person_record_id, person_id, from_date, to_date, known_from_at, known_to_at from membership_kept
where known_to_at is not null
union all
select m.person_record_id, m.person_id, m.from_date, m.to_date, m.known_from_at,
  case when {_CHANGED} then n.known_at end as known_to_at {_BELIEVED}
union all
select m.person_record_id, coalesce(l.person_id, m.person_id), m.from_date,
  case when l.person_id is null then n.as_of_date else m.to_date end, n.known_at, null {_BELIEVED}
  and ({_CHANGED}) and (l.person_id is not null or m.from_date < n.as_of_date)
union all
select l.person_record_id, l.person_id, n.as_of_date, null, n.known_at, null from person_link l cross join night n
where not exists (
  select 1 from membership_kept m
  where m.person_record_id = l.person_record_id and m.known_to_at is null and m.to_date is null)"""

_LINEAGE = f"""
select p.person_id, p.change, p.other_person_id, p.cause, p.release, p.as_of_date, p.known_at
from {EARLIER}{PERSON_LINEAGE.name} p
where not exists (select 1 from ended_person e where e.person_id = p.person_id or e.person_id = p.other_person_id)
union all
select h.person_id, h.change, h.other_person_id, h.cause, n.release, n.as_of_date, n.known_at
from person_history h cross join night n"""


def find_person(engine: Engine, record_id: str, day: dt.date, known_at: dt.datetime) -> str | None:
    """Return who a record was on `day`, by what was known at `known_at`; `None` where it was not held, or not known.

    `engine` holds `membership`.
    """
    rows = engine.rows(
        f"select person_id from {MEMBERSHIP.name} where person_record_id = ? and from_date <= ?"
        " and (to_date is null or to_date > ?) and known_from_at <= ? and (known_to_at is null or known_to_at > ?)",
        [record_id, day, day, known_at, known_at],
    )
    return rows[0]["person_id"] if rows else None


def list_changes(engine: Engine, person_id: str) -> list[dict[str, Any]]:
    """Return the changes of a person from the first on, and those of others that name them. Reads `person_lineage`."""
    engine.load_arrow("asked_person", pa.table({"person_id": pa.array([person_id], pa.string())}))
    found: list[dict[str, Any]] = engine.arrow(
        "select p.known_at, p.as_of_date, p.person_id, p.change, p.other_person_id, p.cause, p.release"
        f" from {PERSON_LINEAGE.name} p join asked_person a on a.person_id in (p.person_id, p.other_person_id)"
        " order by p.known_at, p.person_id, p.change"
    ).to_pylist()
    return found
