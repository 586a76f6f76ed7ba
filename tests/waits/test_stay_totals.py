"""Six weeks in bed and breakfast are a total: stays under one application are added up."""

from __future__ import annotations

import datetime as dt

import pytest

from braid.waits.changes import shipped_changes
from braid.waits.person_waits import create_person_wait
from braid.waits.stay_totals import stated_pauses
from braid.waits.what_if import Planned, Running, Upshot, compare
from waits.place import AS_OF, CALENDAR, TinyPlace, close_engines

Stay = tuple[str, str | None, str | None]


def reckoned(stays: list[Stay], feeds: list[str] | None = None, kind: str = "bnb_family") -> list[dict]:
    """Rows of `person_wait` of stays (start, stop, case) of one person, in order of their start."""
    place = TinyPlace()
    record = place.person("p1")
    for number, (start, stop, case) in enumerate(stays):
        place.wait(record, kind, start, stop, episode_ref=case, feed=(feeds or ["feed"] * len(stays))[number])
    engine = place.load()
    create_person_wait(engine, CALENDAR, AS_OF)
    rows = engine.rows("select * from person_wait order by start_date, wait_id")
    close_engines()
    return rows


def ends(rows: list[dict]) -> list[tuple[str, str]]:
    return [(row["due_date"].isoformat(), row["clock"]) for row in rows]


def test_a_week_elsewhere_does_not_begin_the_six_weeks_anew() -> None:
    first, second = reckoned([("2026-09-01", "2026-09-28", "c"), ("2026-10-05", None, "c")])
    assert ends([first, second]) == [("2026-10-12", "stopped_within"), ("2026-10-18", "past")]
    assert (second["start_date"], second["counted_from_date"]) == (dt.date(2026, 10, 5), dt.date(2026, 9, 1))
    assert (second["pauses"], second["elapsed_days"], second["days_left"]) == ("2026-09-29:2026-10-04", 41, -28)
    assert "6 days did not count (days out of bed and breakfast" in second["explanation"]
    assert "added up: this one counts from the first, of 1 September 2026." in second["explanation"]
    assert (first["counted_from_date"], first["pauses"]) == (None, None)
    assert "this one counts from the first" not in first["explanation"]


@pytest.mark.parametrize(
    ("stays", "last"),
    [
        ([("2026-10-01", "2026-10-10", "c"), ("2026-10-11", None, "c")], ("2026-11-11", "past")),
        ([("2026-10-01", "2026-10-10", "c"), ("2026-10-08", None, "c")], ("2026-11-11", "past")),
        ([("2026-10-01", None, "c"), ("2026-10-08", None, "c")], ("2026-11-11", "past")),
        (
            [("2026-09-01", "2026-09-10", "c"), ("2026-09-21", "2026-09-30", "c"), ("2026-10-06", None, "c")],
            ("2026-10-27", "past"),
        ),
        ([("2026-08-01", "2026-10-01", "c"), ("2026-11-10", None, "c")], ("2026-09-11", "past")),
    ],
    ids=["moved within it", "overlapping", "an end not stated", "three stays", "long past before"],
)
def test_stays_of_one_application_are_one_count(stays: list[Stay], last: tuple[str, str]) -> None:
    assert ends(reckoned(stays))[-1] == last


@pytest.mark.parametrize(
    ("stays", "feeds"),
    [
        ([("2026-09-01", "2026-09-28", "c"), ("2026-10-05", None, "d")], None),
        ([("2026-09-01", "2026-09-28", None), ("2026-10-05", None, None)], None),
        ([("2026-09-01", "2026-09-28", "c"), ("2026-10-05", None, "c")], ["feed", "another"]),
    ],
    ids=["a new application", "no case stated", "another council"],
)
def test_a_new_application_begins_another_count(stays: list[Stay], feeds: list[str] | None) -> None:
    last = reckoned(stays, feeds)[-1]
    assert (last["due_date"], last["counted_from_date"]) == (dt.date(2026, 11, 15), None)


def test_only_what_the_law_adds_up_is_added_up() -> None:
    last = reckoned([("2026-09-01", "2026-09-28", "c"), ("2026-10-05", None, "c")], kind="cla_review")[-1]
    assert (last["counted_from_date"], last["pauses"]) == (None, None)


def test_a_planned_change_goes_on_counting() -> None:
    (row,) = [
        row for row in reckoned([("2026-09-20", "2026-10-10", "c"), ("2026-11-02", None, "c")]) if not row["stop_date"]
    ]
    assert ends([row]) == [("2026-11-22", "within")]
    stay = Running(
        "bnb", "bnb_family", row["start_date"], (), stated_pauses(row["pauses"]), None, None, row["counted_from_date"]
    )
    (unchanged,) = compare([stay], (), [], CALENDAR, AS_OF, AS_OF)
    assert unchanged.without.clock.due_date == row["due_date"]
    assert unchanged.without.clock.explanation == row["explanation"]
    away = Planned(shipped_changes()["bnb_left_for_a_while"], dt.date(2026, 11, 16), dt.date(2026, 11, 19))
    (paused,) = compare([stay], (), [away], CALENDAR, AS_OF, dt.date(2026, 11, 24))
    assert (paused.upshot, paused.with_changes.clock.due_date) == (Upshot.SAVED, dt.date(2026, 11, 25))
