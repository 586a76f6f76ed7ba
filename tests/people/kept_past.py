"""What nights keep of who was whom, written down the plain way: beside it stands what the stage keeps itself."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from braid.language.findings import KEPT_APART, MEMBERSHIP, PERSON_HISTORY, PERSON_LINEAGE, PERSON_LINK
from braid.language.schema import Table
from braid.people.guarded import Settled
from braid.people.lineage import (
    EARLIER,
    Moment,
    Newest,
    Past,
    find_arrivals,
    find_person,
    remember_apart,
    write_lineage,
)
from braid.people.model import HistoryRow, Identities
from braid.people.resolve import MUST_LINK_WEIGHT
from braid.store.duckdb_engine import DuckDBEngine

FIRST_DAY = dt.date(2026, 1, 1)
Pair = tuple[str, str]


def moment_of(night: int) -> Moment:
    """Return a night that speaks of the day on which it is made."""
    day = FIRST_DAY + dt.timedelta(days=night)
    return Moment(day, dt.datetime.combine(day, dt.time(2), dt.UTC))


@dataclass(frozen=True)
class Believed:
    """A row of membership: nights, and not days and instants; an end is `None` while it lasts."""

    record: str
    person: str
    since: int
    until: int | None
    known_from: int
    known_to: int | None


class _Loaded:
    """Takes the rows of one table from the stage, as an engine does."""

    rows: list[dict[str, Any]]

    def load_rows(self, table: Table, rows: Iterable[Mapping[str, Any]]) -> None:
        assert table is KEPT_APART
        self.rows = [dict(row) for row in rows]


@dataclass(frozen=True)
class Night:
    """What a night found: persons, why, the decisions that stand behind, and what may be kept no longer."""

    settled: Settled
    newest: Newest
    found: Identities
    ended: frozenset[str]
    withdrawn: frozenset[str]
    sealed: frozenset[str]


@dataclass
class Kept:
    """What the nights of one place kept: the tables of the newest one, and, to be asked, what each of them said."""

    night: int = 0
    persons: dict[str, str] = field(default_factory=dict)
    memory: dict[str, str] = field(default_factory=dict)
    rows: list[Believed] = field(default_factory=list)
    lineage: list[tuple[int, HistoryRow]] = field(default_factory=list)
    apart: dict[Pair, dt.date] = field(default_factory=dict)
    by_human: frozenset[str] = frozenset()
    said: list[dict[str, str]] = field(default_factory=list)
    forgotten: set[str] = field(default_factory=set)
    """Records of whom something kept was taken out: they were withdrawn, or had an id that led across a seal."""

    def copied(self) -> Kept:
        """Return the same, to go on with by itself."""
        return replace(
            self, rows=list(self.rows), lineage=list(self.lineage), said=list(self.said), forgotten=set(self.forgotten)
        )

    def past(self) -> Past:
        """Return what a night reads of the one before."""
        latest: dict[str, dict[str, int]] = defaultdict(dict)
        for row in self.rows:
            if row.known_to is not None:
                latest[row.record][row.person] = max(row.known_to, latest[row.record].get(row.person, -1))
        formers = {
            record: tuple(sorted(ids, key=lambda person: (-ids[person], person))) for record, ids in latest.items()
        }
        until = {record: {one: moment_of(at).known_at for one, at in ids.items()} for record, ids in latest.items()}
        arrived = find_arrivals(until, {**self.memory, **self.persons})
        merged = {
            row.person_id: row.other_person_id
            for _, row in sorted(self.lineage, key=lambda item: (item[0], item[1].person_id))
            if row.change == "merged" and row.other_person_id
        }
        return Past(self.persons, self.memory, formers, arrived, merged, self.by_human, apart=self.apart)

    def keep(self, past: Past, night: Night) -> None:
        """Write a night down. Whom humans parted is remembered by the stage itself."""
        now = dict(night.found.person_ids)
        self.forgotten |= {
            row.record for row in self.rows if row.person in night.ended or row.record in night.withdrawn
        }
        self.rows = list(self._believe(now, night))
        self.lineage = [
            item for item in self.lineage if night.ended.isdisjoint((item[1].person_id, item[1].other_person_id))
        ]
        self.lineage += [(self.night, row) for row in night.found.history]
        loaded = _Loaded()
        remember_apart(loaded, past, night.newest, frozenset(now), night.withdrawn, night.sealed)  # type: ignore[arg-type]
        self.apart = {(row["record_a"], row["record_b"]): row["decided_date"] for row in loaded.rows}
        self.memory = {
            record: person
            for record, person in {**past.known, **now}.items()
            if person not in night.ended and record not in night.withdrawn
        }
        held = night.settled.resolution.held_by
        self.by_human = frozenset(one for one in now if one in held and held[one].weight >= MUST_LINK_WEIGHT)
        self.persons = now
        self.said.append(now)
        self.night += 1

    def _believe(self, now: Mapping[str, str], night: Night) -> Iterator[Believed]:
        last: set[str] = set()
        for row in self.rows:
            if row.record in night.withdrawn or row.person in night.ended:
                continue
            if row.known_to is not None:
                yield row
                continue
            person = now.get(row.record)
            if row.until is None:
                last.add(row.record)
            if person == row.person or (person is None and row.until is not None):
                yield row
                continue
            yield replace(row, known_to=self.night)
            until = row.until if person else self.night
            if person or row.since < self.night:
                yield Believed(row.record, person or row.person, row.since, until, self.night, None)
        yield from (Believed(one, now[one], self.night, None, self.night, None) for one in now if one not in last)

    def who(self, record: str, day: int, known: int) -> str | None:
        """Return who a record was on a day, by what a night knew: by the rows."""
        found = {
            row.person
            for row in self.rows
            if row.record == record
            and row.since <= day
            and (row.until is None or day < row.until)
            and row.known_from <= known
            and (row.known_to is None or known < row.known_to)
        }
        assert len(found) < 2, "two answers to one question"
        return found.pop() if found else None

    def who_by_nights(self, record: str, day: int, known: int) -> str | None:
        """Return the same by what each night said, kept whole."""
        on_the_day = self.said[min(day, known)]
        if record not in on_the_day:
            return None
        return next(said[record] for said in reversed(self.said[: known + 1]) if record in said)


def check_by_engine(before: Kept, past: Past, night: Night, after: Kept, asked: Iterable[tuple[str, int, int]]) -> None:
    """Write the night down by the stage's own statements too: the same rows, and the same answers."""
    engine = DuckDBEngine("200MB")
    try:
        engine.load_rows(MEMBERSHIP, map(_as_row, before.rows))
        engine.create(f"{EARLIER}membership", "select * from membership")
        engine.load_rows(PERSON_LINEAGE, [_as_change(number, row) for number, row in before.lineage])
        engine.create(f"{EARLIER}person_lineage", "select * from person_lineage")
        persons = night.found.person_ids.items()
        links = [{"person_record_id": record, "person_id": person, "method": "single"} for record, person in persons]
        engine.load_rows(PERSON_LINK, links)
        engine.load_rows(PERSON_HISTORY, [vars(row) for row in night.found.history])
        write_lineage(engine, moment_of(before.night), "1", night.ended, night.withdrawn)
        rows = engine.arrow("select * from membership").to_pylist()
        assert sorted(map(_key, rows)) == sorted(map(_key, map(_as_row, after.rows)))
        told = engine.arrow("select * from person_lineage").to_pylist()
        expected = [_as_change(number, row) for number, row in after.lineage]
        assert sorted(map(_key, told)) == sorted(map(_key, expected))
        remember_apart(engine, past, night.newest, frozenset(night.found.person_ids), night.withdrawn, night.sealed)
        apart = engine.rows("select record_a, record_b, decided_date from kept_apart")
        assert {(row["record_a"], row["record_b"]): row["decided_date"] for row in apart} == after.apart
        for record, day, known in asked:
            moment = moment_of(known)
            answer = find_person(engine, record, moment_of(day).as_of_date, moment.known_at)
            assert answer == after.who(record, day, known)
    finally:
        engine.close()


def _as_row(row: Believed) -> dict[str, Any]:
    return {
        "person_record_id": row.record,
        "person_id": row.person,
        "from_date": moment_of(row.since).as_of_date,
        "to_date": None if row.until is None else moment_of(row.until).as_of_date,
        "known_from_at": moment_of(row.known_from).known_at,
        "known_to_at": None if row.known_to is None else moment_of(row.known_to).known_at,
    }


def _as_change(number: int, row: HistoryRow) -> dict[str, Any]:
    moment = moment_of(number)
    return {**vars(row), "release": "1", "as_of_date": moment.as_of_date, "known_at": moment.known_at}


def _key(row: Mapping[str, Any]) -> list[tuple[str, str]]:
    return sorted((name, str(value)) for name, value in row.items())
