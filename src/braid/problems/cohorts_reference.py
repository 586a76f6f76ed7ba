"""The same cohorts by definition: one person at a time, one row at a time. The tests hold the queries against it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from braid.problems.model import (
    Aged,
    Cohort,
    Condition,
    HasNeed,
    InEpisode,
    LivesIn,
    StaysIn,
    WaitsFor,
    WaitsInBacklogs,
)
from braid.waits.model import STRICTEST, case_reference, sensitivity_rank
from braid.waits.rules import Standing

Row = dict[str, Any]
Tables = Mapping[str, Sequence[Row]]
"""Registry tables by name, each a list of rows: person, person_link, stay, need, episode, wait and person_wait."""


def members(tables: Tables, cohort: Cohort, as_of: dt.date, *, sees_secret: bool) -> set[str]:
    """Return the persons of the cohort on `as_of`; `sees_secret` as in `braid.problems.cohorts`."""
    place = _Place(tables, as_of, sees_secret)
    people = {row["person_id"] for name in ("person", "person_link", "person_wait") for row in tables[name]}
    return {person for person in people if place.belongs(person, cohort)}


class _Place:
    def __init__(self, tables: Tables, as_of: dt.date, sees_secret: bool) -> None:
        self.tables, self.as_of, self.sees_secret = tables, as_of, sees_secret
        self.person_of = {link["person_record_id"]: link["person_id"] for link in tables["person_link"]}

    def belongs(self, person: str, cohort: Cohort) -> bool:
        for condition in cohort.all_of:
            if not self.meets(person, condition):
                return False
        if cohort.any_of and not any(self.meets(person, condition) for condition in cohort.any_of):
            return False
        return not any(self.meets(person, condition) for condition in cohort.none_of)

    def meets(self, person: str, condition: Condition) -> bool:
        if isinstance(condition, WaitsFor):
            waits = [row for row in self.tables["person_wait"] if row["person_id"] == person]
            return any(self.counts(wait, condition) for wait in waits)
        if isinstance(condition, WaitsInBacklogs):
            running = [row for row in self.tables["person_wait"] if row["stop_date"] is None]
            own = [row for row in running if row["person_id"] == person and self.may_count(row)]
            return len({row["backlog"] for row in own if row["kind"] in condition.kinds}) >= condition.at_least
        if isinstance(condition, StaysIn):
            return any(row["kind"] in condition.kinds and self.lasts(row) for row in self.of("stay", person))
        if isinstance(condition, InEpisode):
            rows = [row for row in self.of("episode", person) if self.may_count(row)]
            return any(row["kind"] in condition.kinds and self.lasts(row) for row in rows)
        if isinstance(condition, HasNeed):
            rows = [row for row in self.of("need", person) if self.may_count(row)]
            return any(row["code"] in condition.codes and row["whose"] in condition.whose for row in rows)
        described = [row for row in self.tables["person"] if row["person_id"] == person]
        return any(self.is_described(row, condition) for row in described)

    def of(self, table: str, person: str) -> list[Row]:
        return [row for row in self.tables[table] if self.person_of.get(row["person_record_id"]) == person]

    def lasts(self, row: Row) -> bool:
        if row["start_date"] is not None and row["start_date"] > self.as_of:
            return False
        return row["end_date"] is None or row["end_date"] > self.as_of

    def may_count(self, row: Row) -> bool:
        return self.sees_secret or sensitivity_rank(row["sensitivity"]) < STRICTEST

    def counts(self, wait: Row, condition: WaitsFor) -> bool:
        if wait["stop_date"] is not None or wait["kind"] not in condition.kinds:
            return False
        if wait["clock"] not in condition.clocks:
            return False
        if condition.least_days is not None and (self.as_of - wait["start_date"]).days < condition.least_days:
            return False
        if condition.most_days_left is not None and not self.has_few_days_left(wait, condition.most_days_left):
            return False
        return condition.standing is None or self.is_victim(wait) is (condition.standing is Standing.VICTIM)

    def has_few_days_left(self, wait: Row, most: int) -> bool:
        return wait["clock"] == "within" and bool((wait["due_date"] - self.as_of).days <= most)

    def is_victim(self, wait: Row) -> bool:
        """Whether a case in which the person is the victim is the case of this trial."""
        if sensitivity_rank(wait["sensitivity"]) < STRICTEST:
            return False
        records = [*self.tables["wait"], *self.tables["episode"]]
        (trial,) = {row["episode_ref"] for row in records if row["record_id"] == wait["case_record_id"]}
        return trial is not None and any(
            (row["kind"], row["role"]) == ("criminal_case", "victim")
            and row["episode_ref"] is not None
            and case_reference(row["episode_ref"]) == case_reference(trial)
            for row in self.of("episode", wait["person_id"])
        )

    def is_described(self, person: Row, condition: Aged | LivesIn) -> bool:
        if isinstance(condition, LivesIn):
            withheld = person["protected"] or person["location_withheld"]
            return not withheld and person["district_code"] in condition.districts
        born = person["birth_date"]
        if born is None or born > self.as_of:
            return False
        before_birthday = (self.as_of.month, self.as_of.day) < (born.month, born.day)
        age = self.as_of.year - born.year - (1 if before_birthday else 0)
        old_enough = condition.at_least is None or age >= condition.at_least
        return old_enough and (condition.under is None or age < condition.under)
