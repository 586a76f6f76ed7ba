"""The same counts, worked out slowly and obviously over lists of rows. The tests hold the queries against it."""

from __future__ import annotations

import datetime as dt
import statistics
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from braid.place.outcomes.intervals import median_rank
from braid.place.outcomes.known import AT_END
from braid.place.outcomes.model import Measure, Met, Outcome
from braid.place.outcomes.periods import Period, periods_before
from braid.problems.model import (
    RUNNING_CLOCKS,
    Aged,
    Cohort,
    Condition,
    HasNeed,
    InEpisode,
    LivesIn,
    StaysIn,
    WaitsFor,
)

Row = Mapping[str, Any]
Tables = Mapping[str, Sequence[Row]]


@dataclass(frozen=True)
class Seen:
    """One observation: of whom, on which day, how long, and whether it meets what is asked of it alone."""

    person: str
    day: dt.date
    days: int | None
    met: bool


def outcome_counts(
    tables: Tables, outcomes: Iterable[Outcome], as_of: dt.date, districts: Sequence[str]
) -> list[dict[str, Any]]:
    """Return the rows of `outcome_count`, by outcome, period and district."""
    world = _World(tables, as_of)
    return [
        world.row(outcome, period, district)
        for outcome in outcomes
        for period in periods_before(outcome.measure.period, as_of)
        for district in (None, *districts)
    ]


class _World:
    """The rows of a run, by person."""

    def __init__(self, tables: Tables, as_of: dt.date) -> None:
        self.tables, self.as_of = tables, as_of
        self.person_of = {row["person_record_id"]: row["person_id"] for row in tables["person_link"]}
        self.everybody = {row["person_id"]: row for row in tables["person"]}

    def row(self, outcome: Outcome, period: Period, district: str | None) -> dict[str, Any]:
        measure = outcome.measure
        seen = [one for one in self.seen(measure, period) if self.lies_in(one.person, district)]
        meeting = [one for one in seen if one.met and self.belongs(one.person, one.day, measure.met.who)]
        of, behind = len(seen), seen if measure.figure in ("share", "median") else meeting
        if measure.per is not None:
            among = [one for one in self.everybody if self.belongs(one, period.last, measure.per)]
            of = sum(self.lies_in(one, district) for one in among)
        days = sorted(one.days for one in seen if one.days is not None)
        rank = median_rank(len(days))
        return {
            "outcome_id": outcome.id,
            "period_start_date": period.first,
            "period_end_date": period.last,
            "district_code": district,
            "known": self.knows(measure, period),
            "observations": of,
            "met": len(meeting),
            "people": len({one.person for one in behind}),
            "median_days": float(statistics.median(days)) if days else None,
            "low_days": float(days[rank - 1]) if rank else None,
            "high_days": float(days[len(days) - rank]) if rank else None,
        }

    def lies_in(self, person: str, district: str | None) -> bool:
        row = self.everybody[person]
        return district is None or (not row["protected"] and row["district_code"] == district)

    def seen(self, measure: Measure, period: Period) -> list[Seen]:
        found = getattr(self, measure.counted.of)(measure, period)
        return [one for one in found if self.belongs(one.person, one.day, measure.counted.among)]

    def waits_ended(self, measure: Measure, period: Period) -> Iterator[Seen]:
        for row in self.waits(measure):
            stop = row["stop_date"]
            if stop is not None and period.first <= stop <= period.last:
                last_day = max(row["start_date"], stop - dt.timedelta(days=1))
                yield _length(row, last_day, stop, measure.met, row["clock"] == "stopped_within")

    def waits_began(self, measure: Measure, period: Period) -> Iterator[Seen]:
        for row in self.waits(measure):
            if period.first <= row["start_date"] <= period.last:
                yield Seen(row["person_id"], row["start_date"], 0, met=True)

    def waits_open(self, measure: Measure, period: Period) -> Iterator[Seen]:
        for row in self.waits(measure):
            if _waits_on(row, period.last):
                within = row["due_date"] is not None and row["due_date"] >= period.last
                yield _length(row, period.last, period.last, measure.met, within)

    def waits(self, measure: Measure) -> Iterator[Row]:
        for row in self.tables["person_wait"]:
            if row["kind"] in measure.counted.kinds and (row["due_date"] is not None or not measure.met.within_limit):
                yield row

    def people(self, _measure: Measure, period: Period) -> Iterator[Seen]:
        return (Seen(person, period.last, None, met=True) for person in self.everybody)

    def events(self, measure: Measure, period: Period) -> Iterator[Seen]:
        found: dict[tuple[str, str, dt.date], bool] = defaultdict(bool)
        for row in self.tables["event"]:
            day, person = row["start_date"], self.person_of.get(row["person_record_id"])
            if person is None or day is None or row["kind"] not in measure.counted.kinds:
                continue
            if period.first <= day <= period.last and row["status"] != "entered_in_error":
                found[person, row["kind"], day] |= _event_met(row, measure.met)
        for (person, _, day), met in found.items():
            yield Seen(person, day, None, met=met)

    def pupils(self, measure: Measure, period: Period) -> Iterator[Seen]:
        sums: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        for row in self.tables["outcome"]:
            person, day = self.person_of.get(row["person_record_id"]), row["result_date"]
            if person and row["measure"] == "attendance:sessions" and day and period.first <= day <= period.last:
                attended, possible = row["result"].split("/")
                sums[person][0] += int(attended)
                sums[person][1] += int(possible)
        percent = measure.met.attended_percent
        for person, (attended, possible) in sums.items():
            if possible > 0:
                yield Seen(person, period.last, None, met=percent is None or 100 * attended >= percent * possible)

    def belongs(self, person: str, day: dt.date, cohort: Cohort | None) -> bool:
        if cohort is None:
            return True

        def meets(condition: Condition) -> bool:
            return self.meets(person, day, condition)

        wanted = all(map(meets, cohort.all_of)) and (not cohort.any_of or any(map(meets, cohort.any_of)))
        return wanted and not any(map(meets, cohort.none_of))

    def meets(self, person: str, day: dt.date, condition: Condition) -> bool:
        row = self.everybody[person]
        if isinstance(condition, WaitsFor):
            return any(w["person_id"] == person and _waits_so(w, day, condition) for w in self.tables["person_wait"])
        if isinstance(condition, LivesIn):
            hidden = row["protected"] or row["location_withheld"]
            return not hidden and row["district_code"] in condition.districts
        if isinstance(condition, Aged):
            return row["birth_date"] is not None and _aged_so(row["birth_date"], day, condition)
        if isinstance(condition, HasNeed):
            return any(
                need["code"] in condition.codes
                and need["whose"] in condition.whose
                and (need["assessed_date"] is None or need["assessed_date"] <= day)
                for need in self.held("need", person)
            )
        assert isinstance(condition, StaysIn | InEpisode)
        table = "stay" if isinstance(condition, StaysIn) else "episode"
        return any(each["kind"] in condition.kinds and _lasts_on(each, day) for each in self.held(table, person))

    def held(self, table: str, person: str) -> Iterator[Row]:
        return (row for row in self.tables[table] if self.person_of.get(row["person_record_id"]) == person)

    def knows(self, measure: Measure, period: Period) -> bool:
        since = max((measure.known_from or dt.date.min, *self.first_days(measure)))
        if measure.counted.of in AT_END:
            return period.last + dt.timedelta(days=1) >= since
        return period.first >= since

    def first_days(self, measure: Measure) -> Iterator[dt.date]:
        counted = measure.counted
        if counted.of == "pupils":
            of = [row for row in self.tables["outcome"] if row["measure"] == "attendance:sessions"]
            yield self.first(of, "result_date")
        table, column = ("event", "start_date") if counted.of == "events" else ("person_wait", "stop_date")
        for kind in counted.kinds:
            yield self.first_of(table, kind, column)
        for cohort in (counted.among, measure.met.who, measure.per):
            for condition in cohort.conditions if cohort else ():
                if isinstance(condition, WaitsFor):
                    yield from (self.first_of("person_wait", kind, "stop_date") for kind in condition.kinds)
                if isinstance(condition, StaysIn | InEpisode):
                    held = "stay" if isinstance(condition, StaysIn) else "episode"
                    yield from (self.first_of(held, kind, "end_date") for kind in condition.kinds)

    def first_of(self, table: str, kind: str, column: str) -> dt.date:
        return self.first([row for row in self.tables[table] if row["kind"] == kind], column)

    def first(self, rows: Iterable[Row], column: str) -> dt.date:
        return min((row[column] for row in rows if row[column] is not None), default=self.as_of)


def _length(row: Row, day: dt.date, until: dt.date, met: Met, within: bool) -> Seen:
    days = (until - row["start_date"]).days
    meets = within or not met.within_limit
    meets = meets and (met.days_at_most is None or days <= met.days_at_most)
    meets = meets and (met.days_at_least is None or days >= met.days_at_least)
    return Seen(row["person_id"], day, days, met=meets)


def _event_met(row: Row, met: Met) -> bool:
    return (not met.statuses or row["status"] in met.statuses) and (not met.causes or row["cause_group"] in met.causes)


def _waits_on(row: Row, day: dt.date) -> bool:
    return bool(row["start_date"] <= day and (row["stop_date"] is None or row["stop_date"] > day))


def _waits_so(row: Row, day: dt.date, wait: WaitsFor) -> bool:
    if row["kind"] not in wait.kinds or not _waits_on(row, day):
        return False
    if wait.least_days is not None and (day - row["start_date"]).days < wait.least_days:
        return False
    due = row["due_date"]
    if wait.most_days_left is not None and not (due and 0 <= (due - day).days <= wait.most_days_left):
        return False
    if wait.clocks == RUNNING_CLOCKS:
        return True
    if due is None:
        open_ended = {"no_limit", "not_reckoned"} & set(wait.clocks)
        return bool(open_ended) and row["clock"] in (open_ended | {"stopped"})
    return ("within" if due >= day else "past") in wait.clocks


def _lasts_on(row: Row, day: dt.date) -> bool:
    begun = row["start_date"] is None or row["start_date"] <= day
    return begun and (row["end_date"] is None or row["end_date"] > day)


def _aged_so(birth_date: dt.date, day: dt.date, age: Aged) -> bool:
    years = day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))
    if birth_date > day:
        return False
    return (age.at_least is None or years >= age.at_least) and (age.under is None or years < age.under)
