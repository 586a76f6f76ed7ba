"""A motivated intruder: knows what a partner knows of its people, and has a dataset; nothing else of Braid's.

Reads the dataset's files and what is known of each person, and asks for each: which persons of the dataset can
this be? A value of the dataset is compatible with what the intruder knows where it is empty, or says the same in fewer
words. Written apart from the code that builds datasets.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq


@dataclass(frozen=True)
class Known:
    """What the intruder knows of one target: the birth date, the sex, and clocks by kind with start and stop."""

    target: str
    birth_date: dt.date | None
    sex: str | None
    waits: tuple[tuple[str, dt.date, dt.date | None], ...]


@dataclass(frozen=True)
class Record:
    """What the dataset says of one pseudonym."""

    pseudonym: str
    age: str | None
    sex: str | None
    waits: tuple[tuple[str | None, str | None, str | None, str], ...]
    """Kind, start, stop as written, and backlog."""


def read_records(folder: Path) -> list[Record]:
    waits: dict[str, list[tuple[str | None, str | None, str | None, str]]] = defaultdict(list)
    for row in pq.read_table(folder / "waits.parquet").to_pylist():
        waits[row["person"]].append((row["kind"], row["started"], row["stopped"], row["backlog"]))
    people = pq.read_table(folder / "people.parquet").to_pylist()
    return [Record(row["person"], row["age"], row["sex"], tuple(waits[row["person"]])) for row in people]


def candidates(known: Known, records: Iterable[Record], as_of: dt.date) -> list[Record]:
    """The records that may be the target: nothing in them contradicts what is known."""
    return [record for record in records if fits(known, record, as_of)]


def fits(known: Known, record: Record, as_of: dt.date) -> bool:
    if record.sex is not None and known.sex is not None and record.sex != known.sex:
        return False
    if not age_fits(known.birth_date, record.age, as_of):
        return False
    return all(
        any(wait_fits(kind, start, stop, written) for written in record.waits) for kind, start, stop in known.waits
    )


def wait_fits(
    kind: str, start: dt.date, stop: dt.date | None, written: tuple[str | None, str | None, str | None, str]
) -> bool:
    said_kind, started, stopped, _ = written
    if said_kind is not None and said_kind != kind:
        return False
    return date_fits(start, started) and (stopped is None or (stop is not None and date_fits(stop, stopped)))


def date_fits(day: dt.date, written: str | None) -> bool:
    if written is None:
        return True
    found = re.fullmatch(r"(\d{4})(?:-Q(\d))?(?:-(\d\d))?(?:-(\d\d))?", written)
    assert found, written
    year, quarter, month, exact = (int(part) if part else None for part in found.groups())
    return (
        day.year == year
        and (quarter is None or (day.month + 2) // 3 == quarter)
        and (month is None or day.month == month)
        and (exact is None or day.day == exact)
    )


def age_fits(birth: dt.date | None, written: str | None, as_of: dt.date) -> bool:
    if birth is None or written is None:
        return True
    if re.fullmatch(r"\d{4}-\d\d-\d\d", written):
        return birth.isoformat() == written
    age = as_of.year - birth.year - ((as_of.month, as_of.day) < (birth.month, birth.day))
    if written == "under 18":
        return age < 18
    if written.endswith("and over"):
        return age >= int(written.split()[0])
    low, high = map(int, written.split("-"))
    return low <= age <= high


@dataclass(frozen=True)
class Attack:
    """How an attack went: targets that are in the dataset, those singled out and rightly named, smallest crowd."""

    targets: int
    singled_out: int
    named: int
    smallest: int
    attribute_learnt: int
    """Targets of whom all candidates wait in one backlog that the intruder did not know of."""

    @property
    def rate(self) -> float:
        return self.named / self.targets if self.targets else 0.0


def attack(targets: Mapping[str, Known], records: list[Record], own: Mapping[str, str], as_of: dt.date) -> Attack:
    """Try every target that is in the dataset. `own` maps a target to its true pseudonym, to judge the guess alone."""
    there = {record.pseudonym for record in records}
    tried = [known for known in targets.values() if own.get(known.target) in there]
    singled = named = learnt = 0
    crowds = []
    for known in tried:
        found = candidates(known, records, as_of)
        crowds.append(len(found))
        singled += len(found) == 1
        named += len(found) == 1 and found[0].pseudonym == own[known.target]
        shared: set[Any] = set.intersection(*({wait[3] for wait in one.waits} for one in found)) if found else set()
        learnt += bool(shared - backlogs_of(known))
    return Attack(len(tried), singled, named, min(crowds, default=0), learnt)


def backlogs_of(known: Known) -> set[str]:
    from braid.language.codes import WAIT_KINDS

    return {WAIT_KINDS[kind].backlog for kind, _, _ in known.waits}
