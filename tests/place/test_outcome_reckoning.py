"""Outcomes counted by queries against the slow count, and against the cohort language of the run's own day."""

from __future__ import annotations

import datetime as dt
from contextlib import closing
from itertools import pairwise
from typing import Any

import pytest

from braid.place.outcomes.conditions import cohort_predicate, create_held
from braid.place.outcomes.known import first_due
from braid.place.outcomes.model import Counted, Measure, Met
from braid.place.outcomes.periods import period_of, periods_before
from braid.place.outcomes.reckoning import create_outcome_count
from braid.place.outcomes.reference import outcome_counts
from braid.problems.cohorts import condition_sql
from braid.problems.model import Aged, Cohort, Condition, HasNeed, InEpisode, LivesIn, StaysIn, WaitsFor
from braid.store.duckdb_engine import DuckDBEngine
from place.generated_outcomes import AS_OF, all_forms, generate, load

DISTRICTS = ("E1", "E2", "E3")
COLUMNS = ("outcome_id", "period_end_date", "district_code")


def in_order(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: tuple(str(row[name] or "") for name in COLUMNS))


@pytest.mark.parametrize("seed", range(4))
def test_queries_count_what_the_slow_count_counts(seed: int) -> None:
    rows = generate(seed, 90, DISTRICTS)
    outcomes = all_forms()
    with closing(DuckDBEngine(threads=1)) as engine:
        load(engine, rows)
        create_outcome_count(engine, outcomes, AS_OF, DISTRICTS)
        found = in_order(engine.rows("select * from outcome_count"))
    wanted = in_order(outcome_counts(rows, outcomes, AS_OF, DISTRICTS))
    assert len(found) == len(wanted)
    for one, other in zip(found, wanted, strict=True):
        assert one == other
    counted = {row["outcome_id"] for row in found if row["observations"]}
    assert counted >= {outcome.id for outcome in outcomes} - {"settled_home_days", "ended_within_26_weeks"}
    assert any(row["known"] for row in found)
    assert not all(row["known"] for row in found)


CONDITIONS: tuple[Condition, ...] = (
    WaitsFor(("cf_assessment", "therapy")),
    WaitsFor(("cf_assessment", "therapy"), clocks=("within",)),
    WaitsFor(("cf_assessment", "therapy"), clocks=("past",), least_days=40),
    WaitsFor(("cf_assessment", "therapy"), clocks=("no_limit", "not_reckoned")),
    WaitsFor(("cf_assessment",), most_days_left=50),
    StaysIn(("ta_bnb",)),
    LivesIn(("E1", "E2")),
    HasNeed(("domestic_abuse",), ("person",)),
    InEpisode(("cin", "ta")),
    Aged(5, 30),
)


@pytest.mark.parametrize("condition", CONDITIONS, ids=repr)
def test_on_the_day_of_the_run_conditions_ask_what_cohorts_ask(condition: Condition) -> None:
    rows = generate(7, 300, DISTRICTS)
    for row in rows["person_wait"]:
        row["elapsed_days"] = ((row["stop_date"] or AS_OF) - row["start_date"]).days
        row["days_left"] = (row["due_date"] - AS_OF).days if row["due_date"] and not row["stop_date"] else None
    with closing(DuckDBEngine(threads=1)) as engine:
        load(engine, rows)
        create_held(engine)
        today = {row["person_id"] for row in engine.rows(condition_sql(condition, AS_OF, sees_secret=True))}
        predicate = cohort_predicate(Cohort((condition,), ()))
        asked = f"select person_id, date '{AS_OF}' as day from person"
        then = {row["person_id"] for row in engine.rows(f"select o.person_id from ({asked}) o where {predicate}")}
    assert today
    assert then == today


@pytest.mark.parametrize(
    ("kind", "as_of", "last"),
    [
        ("week", "2026-11-15", ("2026-11-09", "2026-11-15")),
        ("week", "2026-11-14", ("2026-11-02", "2026-11-08")),
        ("month", "2026-11-15", ("2026-10-01", "2026-10-31")),
        ("month", "2026-11-30", ("2026-11-01", "2026-11-30")),
        ("month", "2026-01-01", ("2025-12-01", "2025-12-31")),
        ("quarter", "2026-11-15", ("2026-07-01", "2026-09-30")),
        ("quarter", "2026-12-31", ("2026-10-01", "2026-12-31")),
    ],
)
def test_periods_are_the_calendars_and_over(kind: str, as_of: str, last: tuple[str, str]) -> None:
    found = periods_before(kind, dt.date.fromisoformat(as_of), 5)
    assert (found[-1].first.isoformat(), found[-1].last.isoformat()) == last
    for one, other in pairwise(found):
        assert other.first - one.last == dt.timedelta(days=1)


@pytest.mark.parametrize("kind", ["week", "month", "quarter"])
def test_the_period_of_each_of_its_days_is_the_same(kind: str) -> None:
    for period in periods_before(kind, dt.date(2027, 2, 28), 9):
        for number in range((period.last - period.first).days + 1):
            assert period_of(kind, period.first + dt.timedelta(days=number)) == period


@pytest.mark.parametrize(
    ("of", "known_from", "due"),
    [
        ("waits_ended", None, ("2026-10-01", "2026-12-31")),
        ("waits_ended", "2026-10-01", ("2026-10-01", "2026-12-31")),
        ("waits_ended", "2026-10-02", ("2027-01-01", "2027-03-31")),
        ("waits_open", "2026-10-02", ("2026-10-01", "2026-12-31")),
        ("waits_open", "2027-01-05", ("2027-01-01", "2027-03-31")),
    ],
)
def test_a_first_value_is_due_with_the_first_period_that_may_be_known(
    of: str, known_from: str | None, due: tuple[str, str]
) -> None:
    day = dt.date.fromisoformat(known_from) if known_from else None
    counted = Counted(of, ("therapy",))
    period = first_due(Measure("median", "quarter", counted, Met(), None, day), dt.date(2026, 11, 15))
    assert (period.first.isoformat(), period.last.isoformat()) == due
    ends_that_day = first_due(Measure("median", "quarter", counted, Met(), None, None), dt.date(2026, 12, 31))
    assert ends_that_day.first == dt.date(2027, 1, 1)
