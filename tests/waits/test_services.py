"""The measures of services: the same as a slow twin finds on whatever rows, and what they mean on rows one can see."""

from __future__ import annotations

import datetime as dt
from contextlib import closing
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from braid.language.codes import WAIT_KINDS
from braid.language.findings import SERVICE_MEASURE, SERVICE_OVERLAP, SERVICE_WEEK, TABLES
from braid.store.duckdb_engine import DuckDBEngine
from braid.store.portable import compile_sql
from braid.waits import overlaps, services, services_reference, tallies
from braid.waits.run import create_measures
from braid.waits.tallies import create_tallies
from drawn import drawn
from waits.test_reference import same

AS_OF = dt.date(2026, 11, 15)
BACK = st.one_of(st.integers(0, 30), st.integers(355, 375), st.sampled_from([90, 91, 92, 126, 127, 364, 365, 455, 456]))
Row = dict[str, Any]
MADE = (SERVICE_MEASURE, SERVICE_WEEK, SERVICE_OVERLAP)


def wait(
    kind: str = "rtt",
    start: int = 10,
    stop: int | None = None,
    *,
    person: str = "p1",
    organisation: str = "north",
    limit: int | None = None,
    clock: str | None = None,
) -> Row:
    """A row of `person_wait` that started and stopped so many days before the as-of date."""
    start_date, stop_date = (None if days is None else AS_OF - dt.timedelta(days=days) for days in (start, stop))
    assert start_date is not None
    due = None if limit is None else start_date + dt.timedelta(days=limit)
    kept = due is not None and (stop_date or AS_OF) <= due
    reckoned = ("within" if kept else "past") if due else "no_limit"
    status = reckoned if stop_date is None else {"no_limit": "stopped"}.get(reckoned, f"stopped_{reckoned}")
    table = TABLES["person_wait"]
    return {
        **{column.name: "any" if column.required else None for column in table.columns},
        "as_of_date": AS_OF,
        "person_id": person,
        "kind": kind,
        "backlog": WAIT_KINDS[kind].backlog,
        "organisation_id": organisation,
        "start_date": start_date,
        "stop_date": stop_date,
        "elapsed_days": ((stop_date or AS_OF) - start_date).days,
        "due_date": due,
        "clock": clock or status,
    }


@st.composite
def waits(draw: st.DrawFn) -> list[Row]:
    rows = []
    for _ in range(draw(st.integers(0, 16))):
        start, stop = draw(BACK), draw(st.none() | BACK)
        rows.append(
            wait(
                draw(st.sampled_from(["rtt", "register", "care_proceedings"])),
                max(start, stop or 0),
                None if stop is None else min(start, stop),
                person=draw(st.sampled_from("abc")),
                organisation=draw(st.sampled_from(["north", "south"])),
                limit=draw(st.sampled_from([None, 0, 91, 126])),
            )
        )
    return rows


def measured(rows: list[Row]) -> tuple[list[Row], list[Row], list[Row]]:
    """The three tables that the engine makes of `person_wait`, in order of their keys."""
    with closing(_made(rows)) as engine:
        found = [_in_order(engine, table) for table in MADE]
    return found[0], found[1], found[2]


def _made(rows: list[Row]) -> DuckDBEngine:
    engine = DuckDBEngine(memory_limit="512MB", threads=1)
    engine.load_rows(TABLES["person_wait"], rows)
    engine.load_rows(TABLES["person"], [])
    create_tallies(engine, AS_OF)
    create_measures(engine, AS_OF)
    return engine


def _in_order(engine: DuckDBEngine, table: Any) -> list[Row]:
    order = ", ".join(f"coalesce(cast({name} as varchar), '')" for name in table.key)
    return engine.rows(f"select * from {table.name} order by {order}")


@drawn(15, 200)
@given(waits())
def test_fast_and_slow_agree(rows: list[Row]) -> None:
    measures, weeks, both = measured(rows)
    same(measures, services_reference.service_measures(rows, AS_OF))
    same(weeks, services_reference.service_weeks(rows, AS_OF))
    same(both, services_reference.service_overlaps(rows, AS_OF))


@drawn(10, 100)
@given(waits())
def test_sizes_follow_from_additions_and_removals_and_providers_sum_to_the_place(rows: list[Row]) -> None:
    measures, weeks, _ = measured(rows)
    for measure in measures:
        own = [row for row in weeks if all(row[name] == measure[name] for name in ("kind", "organisation_id"))]
        assert len(own) == 52
        assert own[-1]["week_end_date"] == AS_OF
        assert own[-1]["waiting"] == measure["waiting"]
        for before, after in pairwise(own):
            assert after["waiting"] == before["waiting"] + after["additions"] - after["removals"]
            assert after["waiting"] >= 0
        recent = own[-13:]
        assert sum(row["removals"] for row in recent) == measure["completed"]
    by_provider = [row for row in measures if row["organisation_id"] is not None]
    for measure in (row for row in measures if row["organisation_id"] is None):
        parts = [row for row in by_provider if row["kind"] == measure["kind"]]
        for name in ("waiting", "completed", "with_limit", "within_limit", "completed_within"):
            assert measure[name] == sum(part[name] for part in parts), name


def test_the_tables_have_the_shape_of_the_registry(tmp_path: Any) -> None:
    with closing(_made([wait(), wait("register", 40), wait("therapy", 80, 3)])) as engine:
        rows = [engine.write(table, tmp_path / "table") for table in MADE]
    assert rows == [6, 6 * 52, 4]


def test_nobody_waits_and_nothing_is_measured() -> None:
    assert measured([]) == ([], [], [])
    assert measured([wait(start=900, stop=400)]) == ([], [], [])


def test_a_service_of_which_the_last_wait_ended_this_year_has_a_queue_of_nobody() -> None:
    measures, weeks, _ = measured([wait(start=300, stop=200)])
    assert [(row["organisation_id"], row["waiting"], row["completed"]) for row in measures] == [
        (None, 0, 0),
        ("north", 0, 0),
    ]
    assert measures[0]["open_median_days"] is None
    assert measures[0]["clearance_weeks"] is None
    assert max(row["waiting"] for row in weeks) == 1


def test_come_and_gone_in_one_week_is_an_addition_and_a_removal() -> None:
    _, weeks, _ = measured([wait(start=6, stop=0)])
    assert [weeks[51][name] for name in ("additions", "removals", "waiting")] == [1, 1, 0]


def test_weeks_end_with_the_as_of_date_and_the_year_before_is_the_first_size() -> None:
    _, weeks, _ = measured([wait(start=0), wait(start=7), wait(start=363), wait(start=364)])
    place = weeks[:52]
    assert [row["additions"] for row in place] == [1, *[0] * 49, 1, 1]
    assert [place[week]["waiting"] for week in (0, 49, 50, 51)] == [2, 2, 3, 4]


def test_percentiles_interpolate_between_the_two_nearest_waits() -> None:
    rows = [wait(start=days) for days in (10, 20, 30, 40)] + [wait(start=100 + days, stop=50) for days in (0, 50)]
    (place, _), _, _ = measured(rows)
    assert (place["open_median_days"], place["open_p92_days"], place["open_mean_days"]) == (25, pytest.approx(37.6), 25)
    assert (place["completed_median_days"], place["completed_p92_days"]) == (75, pytest.approx(96))


def test_clearance_is_the_queue_by_what_ends_in_a_week() -> None:
    (place, _), _, _ = measured([*(wait(start=20) for _ in range(6)), *(wait(start=99, stop=90) for _ in range(26))])
    assert place["clearance_weeks"] == pytest.approx(3)
    assert place["known_since_date"] == AS_OF - dt.timedelta(days=90)
    (later, _), _, _ = measured([wait(), wait(start=99, stop=89)])
    assert later["clearance_weeks"] is None


def test_over_so_many_weeks_is_counted_for_hospital_treatment_alone() -> None:
    rows = [wait(kind, days) for kind in ("register", "rtt") for days in (126, 127, 364, 365, 455, 456)]
    measures, _, _ = measured(rows)
    over = {row["kind"]: [row[f"over_{weeks}_weeks"] for weeks in (18, 52, 65)] for row in measures}
    assert over == {"register": [None, None, None], "rtt": [5, 3, 1]}


def test_a_service_without_a_limit_counts_nobody_as_within_or_past_one() -> None:
    measures, _, _ = measured([wait("register", 3000), wait("register", 3000, 5), wait("rtt", 200, limit=126)])
    counted = ("with_limit", "within_limit", "completed_with_limit", "completed_within", "limit_days")
    place = {row["kind"]: [row[name] for name in counted] for row in measures if row["organisation_id"] is None}
    assert place == {"register": [0, 0, 0, 0, None], "rtt": [1, 0, 0, 0, 126]}


LONG_AGO = [wait(kind, 400, 390, person="zoe") for kind in ("rtt", "register")]
"""Ends before the window: all of it is known."""


def test_time_in_two_queues_counts_each_day_of_a_person_once() -> None:
    rows = [
        *LONG_AGO,
        wait("rtt", 21, 7, person="ann"),
        wait("rtt", 14, 0, person="ann"),
        wait("register", 14, person="ann"),
        wait("rtt", 28, 14, person="ben"),
    ]
    _, _, both = measured(rows)
    seen = {(row["kind"], row["other_kind"]): row for row in both if row["organisation_id"] is None}
    assert seen.keys() == {("rtt", "register"), ("register", "rtt")}
    hospital, register = seen["rtt", "register"], seen["register", "rtt"]
    assert (hospital["people"], hospital["both_weeks"], hospital["service_weeks"]) == (1, 2, 5)
    assert hospital["share"] == pytest.approx(2 / 5)
    assert hospital["since_date"] == AS_OF - dt.timedelta(days=363)
    assert register["both_weeks"] == 2
    assert register["share"] == pytest.approx(14 / 15)


def test_only_days_that_are_known_of_both_services_count() -> None:
    rows = [wait("rtt", 300, person="ann"), wait("rtt", 60, 49, person="ben"), wait("register", 300, person="ann")]
    _, _, both = measured(rows)
    row = next(row for row in both if (row["kind"], row["organisation_id"]) == ("rtt", None))
    assert (row["since_date"], row["both_weeks"], row["share"]) == (AS_OF, pytest.approx(1 / 7), 1)
    _, _, both = measured([*rows, wait("register", 90, 70, person="ben")])
    row = next(row for row in both if (row["kind"], row["organisation_id"]) == ("rtt", None))
    assert (row["since_date"], row["both_weeks"]) == (AS_OF - dt.timedelta(days=49), pytest.approx(50 / 7))


def test_weeks_are_known_from_the_first_that_begins_no_earlier_than_the_first_end() -> None:
    for stop, known in ((5, 0), (6, 1), (12, 1), (13, 2), (400, 52)):
        _, weeks, _ = measured([wait(start=500), wait(start=450, stop=stop)])
        assert [week["known"] for week in weeks[:52]] == [False] * (52 - known) + [True] * known


def test_one_kind_at_two_providers_is_two_services_and_one_in_the_place() -> None:
    _, _, both = measured([wait(organisation="north"), wait(organisation="south")])
    assert [(row["organisation_id"], row["other_organisation_id"]) for row in both] == [
        ("north", "south"),
        ("south", "north"),
    ]


def test_queries_are_portable() -> None:
    texts = [
        services._measures(AS_OF),
        services._scope(AS_OF, services.PROVIDER),
        services._flows(AS_OF, services.PROVIDER),
        services._flows(AS_OF, services.WHOLE_PLACE),
        services._SERVICE_WEEK,
        tallies._WAIT_TALLY,
        tallies._PEOPLE_TALLY,
        tallies._ISLANDS,
        tallies._BOTH,
        tallies.overlap_tally_sql(tallies._OVERLAP_TALLY, AS_OF),
        overlaps._known(AS_OF),
        overlaps._overlap(AS_OF),
    ]
    for text in texts:
        assert compile_sql(text, "spark")
