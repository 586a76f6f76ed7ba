"""A made-up log of honest workers, and snoopers among them, each of one kind and of any boldness, some too careful.

Honest days are uneven: caseloads differ, there are meetings, overtime, wrong clicks. The numbers here were chosen from
what such work looks like and not from the thresholds; a snooper may stay under one and is then missed, and counted so.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator

from braid.trust.audit import Entry

FIRST_DAY = dt.date(2026, 3, 2)
WEEKS = 4
WORKERS = 24
LOOK = {"kind": "look", "relation": "concerned", "page": "person"}


class World:
    """One log; `snoopers` says by user name which rule each should be caught by."""

    def __init__(self, seed: int, kinds: tuple[str, ...]) -> None:
        self.choose = random.Random(seed)
        self.entries: list[Entry] = []
        self.honest = [f"worker{number}" for number in range(WORKERS)]
        self.snoopers = {f"snooper-{kind}": kind for kind in kinds}
        for username in (*self.honest, *self.snoopers):
            self._work(username)
        for username, kind in self.snoopers.items():
            getattr(self, f"_snoop_{kind}")(username)

    def _add(self, username: str, at: dt.datetime, person: int, reference: str, **values) -> None:
        known = {**LOOK, **values}
        number = len(self.entries) + 1
        self.entries.append(
            Entry(
                number,
                at,
                username=username,
                role="practitioner",
                purpose="school_from_ta",
                reference=reference,
                person_id=f"p{person}",
                **known,
            )
        )

    def _days(self) -> Iterator[dt.date]:
        for offset in range(7 * WEEKS):
            day = FIRST_DAY + dt.timedelta(days=offset)
            if day.weekday() < 5:
                yield day

    def _at(self, day: dt.date, first_hour: float, last_hour: float) -> dt.datetime:
        hours = self.choose.uniform(first_hour, last_hour)
        return dt.datetime.combine(day, dt.time(), dt.UTC) + dt.timedelta(hours=hours)

    def _work(self, username: str) -> None:
        """Open one's own cases again and again, each under its reference; a meeting a week; little mishaps."""
        caseload = [self.choose.randrange(10_000) for _ in range(self.choose.randint(12, 35))]
        busy = self.choose.lognormvariate(1.5, 0.35)
        for day in self._days():
            for _ in range(min(25, int(self.choose.expovariate(1 / busy)) + 1)):
                person = self.choose.choice(caseload)
                at = self._at(day, 8, 18) if self.choose.random() > 0.004 else self._at(day, 18, 23)
                week = day.isocalendar().week
                self._add(username, at, person, f"CASE-{person}-{week}")
            if day.weekday() == 2:
                self._meeting(username, day, caseload)
            if self.choose.random() < 0.05:
                for _ in range(self.choose.randint(1, 3)):
                    self._refuse(username, self._at(day, 9, 17))

    def _meeting(self, username: str, day: dt.date, caseload: list[int]) -> None:
        start = self._at(day, 9, 11)
        for place, person in enumerate(self.choose.sample(caseload, self.choose.randint(3, 10))):
            self._add(username, start + dt.timedelta(minutes=4 * place), person, f"MTG-{username}-{day:%j}")

    def _refuse(self, username: str, at: dt.datetime) -> None:
        values = {"kind": "refused", "decision": "deny", "reason": "no_relationship", "relation": ""}
        self._add(username, at, self.choose.randrange(10_000), "MTG-1", **values)

    def _workday(self) -> dt.date:
        return self.choose.choice(list(self._days()))

    def _snoop_without_relationship(self, username: str) -> None:
        self._add(username, self._at(self._workday(), 9, 17), 77, "MTG-77", relation="")

    def _snoop_many_people(self, username: str) -> None:
        day = self._workday()
        for _ in range(self.choose.randint(18, 70)):
            person = self.choose.randrange(10_000)
            self._add(username, self._at(day, 8, 18), person, f"CASE-{person}-1")

    def _snoop_in_sequence(self, username: str) -> None:
        at, first = self._at(self._workday(), 9, 16), self.choose.randrange(20_000, 30_000)
        for place in range(self.choose.randint(8, 40)):
            at += dt.timedelta(seconds=self.choose.uniform(5, 60))
            self._add(username, at, first + place, f"CASE-{first + place}-1")

    def _snoop_off_duty(self, username: str) -> None:
        day = self._workday()
        for _ in range(self.choose.randint(1, 5)):
            self._add(username, self._at(day, 22, 29), self.choose.randrange(10_000), "MTG-9")

    def _snoop_repeated(self, username: str) -> None:
        start = FIRST_DAY + dt.timedelta(days=self.choose.randrange(14))
        for _ in range(self.choose.randint(5, 20)):
            self._add(username, self._at(start + dt.timedelta(days=self.choose.randrange(7)), 8, 18), 40_000, "MTG-3")

    def _snoop_one_reference(self, username: str) -> None:
        for _ in range(self.choose.randint(10, 40)):
            person = self.choose.randrange(10_000)
            self._add(username, self._at(self._workday(), 8, 18), person, "MTG-2026-001")

    def _snoop_probing(self, username: str) -> None:
        at = self._at(self._workday(), 9, 16)
        for _ in range(self.choose.randint(4, 20)):
            at += dt.timedelta(seconds=self.choose.uniform(5, 240))
            self._refuse(username, at)
