"""The desk of one feed: who a partner knows, under which key, and how it wrote them down.

What is written is a function of seed, feed and key alone, so that a person reads the same in every weekly extract.
"""

from __future__ import annotations

import csv
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from random import Random

from braid.example import errors
from braid.example.errors import ErrorRates
from braid.example.model import World
from braid.example.streams import chance

CHILD = "C"
"""Prefix of the number a council gives a child."""

RETENTION_DAYS = 183
"""How long an extract still shows what has ended."""
_MULTIPLIER = 2_654_435_761


@dataclass(frozen=True, slots=True)
class Description:
    """A person as a partner wrote them down."""

    given: str
    family: str
    birth: date | None
    female: bool
    ethnicity: str
    line: str
    postcode: str
    former_family: str


@dataclass
class Desk:
    """One feed at one cut. `keys` gathers whom each key stands for; `rows` counts what was written."""

    world: World
    feed: str
    district: int
    rates: ErrorRates
    cut: date
    keys: dict[str, int] = field(default_factory=dict)
    rows: int = 0

    def stream(self, *names: object) -> Random:
        """Return a generator that depends only on seed, feed and names."""
        return Random(f"{self.world.seed}/{self.feed}/{'/'.join(str(name) for name in names)}")

    def key(self, person: int, prefix: str, record: object = "") -> str:
        """Return the partner's key of a person; for a few records a second one, which makes a duplicate.

        A council numbers its children once, so its census and its return of looked-after children share their keys.
        """
        twice = (
            record != "" and self.rates.duplicate > 0 and chance(self.stream("duplicate", record), self.rates.duplicate)
        )
        register = self.district if prefix == CHILD else self.feed
        offset = zlib.crc32(f"{self.world.seed}/{prefix}/{register}".encode())
        number = (person * _MULTIPLIER + offset) % 2**32 + (2**32 if twice else 0)
        key = f"{prefix}{number:010d}"
        self.keys[key] = person
        return key

    def also(self, key: str, other: str) -> str:
        """Return a second key for whom the first one stands for."""
        self.keys[other] = self.keys[key]
        return other

    def describe(self, person: int, key: str, registered: date) -> Description:
        """Return the person as registered on a day under a key, with the errors made then."""
        world, rates, random = self.world, self.rates, self.stream("describe", key)
        people, geography = world.people, world.geography
        married = people.married.get(person)
        former = people.former_family.get(person, "")
        keeps_former = bool(former) and married is not None and chance(random, rates.former_name)
        recent = married is not None and married > self.cut - timedelta(days=3650)
        unmarried = married is not None and married > self.cut
        family = former if unmarried or (keeps_former and recent) else people.family[person]
        given = errors.write_given(random, people.given[person], rates)
        family = errors.write_family(random, family, rates)
        if chance(random, rates.swapped_names):
            given, family = family, given
        address = world.address(person, registered if chance(random, rates.stale_address) else self.cut)
        born = errors.write_birth_date(random, world.birth_date(person), rates)
        postcode = errors.write_postcode(random, geography.postcode_of(address), rates)
        line = geography.line_of(address)
        return Description(
            given, family, born, bool(people.female[person]), people.ethnicity[person], line, postcode, former
        )

    def nhs_number(self, person: int, key: str) -> str:
        """Return the NHS number as the partner holds it: missing, mistyped, or somebody else's for a few."""
        number, random, rates = self.world.people.nhs[person], self.stream("nhs", key), self.rates
        luck = random.random()
        if not number or luck < rates.missing_number:
            return ""
        if luck < rates.missing_number + rates.wrong_check_digit:
            return errors.break_check_digit(random, number)
        if luck < rates.missing_number + rates.wrong_check_digit + rates.wrong_number:
            return random.choice(self.world.people.nhs) or number
        return number

    def pupil_number(self, number: str, key: str) -> str:
        """Return the pupil number as the partner holds it: missing or mistyped for a few."""
        random, rates = self.stream("upn", key), self.rates
        luck = random.random()
        if not number or luck < rates.missing_number:
            return ""
        mistyped = luck < rates.missing_number + rates.wrong_check_digit * 3
        return errors.break_check_letter(random, number) if mistyped else number

    def shows(self, record: object, known: date, ended: date | None = None, withdrawn: date | None = None) -> bool:
        """Return whether the extract of this cut holds a record: known by then, not long ended, not withdrawn."""
        late = known > self.cut - timedelta(days=8) and chance(self.stream("late", record), self.rates.late_row)
        if known + timedelta(days=7 if late else 0) > self.cut or (withdrawn is not None and withdrawn <= self.cut):
            return False
        return ended is None or ended > self.cut - timedelta(days=RETENTION_DAYS)

    def known(self, day: date | None) -> date | None:
        """Return the day if it has come by the cut."""
        return day if day is not None and day <= self.cut else None

    def code(self, code: str, record: object) -> str:
        """Return the code, or one that no list holds for a few records."""
        return "ZZ9" if chance(self.stream("code", record), self.rates.unknown_code) else code

    def spoils(self, rows: int) -> int:
        """Return how many rows that nobody can read the extract holds: one at least where there are any."""
        return max(1, round(rows * self.rates.rejected_row)) if rows and self.rates.rejected_row else 0

    def write_csv(self, path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
        """Write a table as partners do, with carriage returns; count its rows."""
        count = 0
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(columns)
            for row in rows:
                writer.writerow(row)
                count += 1
        self.rows += count
        return count


def spoil(rows: list[list[object]], count: int, date_column: int, key_column: int) -> list[list[object]]:
    """Return the rows with damaged copies at the end: an impossible date, or no key at all."""
    damaged = []
    for number in range(count):
        row = list(rows[number * 37 % len(rows)])
        row[key_column] = "" if number % 2 else f"{row[key_column]}-X{number}"
        row[date_column] = "31/02/2026" if number % 2 == 0 else row[date_column]
        damaged.append(row)
    return rows + damaged


def uk(day: date | None) -> str:
    """Return a date as dd/mm/yyyy; empty where there is none."""
    return f"{day.day:02d}/{day.month:02d}/{day.year}" if day else ""


def iso(day: date | None) -> str:
    """Return a date as yyyy-mm-dd; empty where there is none."""
    return day.isoformat() if day else ""
