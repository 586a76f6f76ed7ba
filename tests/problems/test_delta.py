"""A nightly delta finds, table for table and row for row, what a full run of the same night finds."""

from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from braid.problems.delta import TooMuchTouched
from problems.nights import AS_OF, differences, nights, places, run_delta, run_fully
from waits.place import SOURCE, TinyPlace

NEXT_DAY = AS_OF + dt.timedelta(days=1)


def assert_nights_agree(data: st.DataObject, count: int) -> None:
    """Draw a place and nights; each delta rests on the one before and is held against a full run of its night."""
    place, as_of = data.draw(places()), AS_OF
    with tempfile.TemporaryDirectory(prefix="braid-nights-") as name:
        folder = Path(name)
        earlier, before = folder / "first", run_fully(place, as_of, folder / "first")
        for night in range(count):
            place, as_of = data.draw(nights(place, as_of))
            full, made = folder / f"full{night}", folder / f"delta{night}"
            whole = run_fully(place, as_of, full)
            before, _ = run_delta(place, as_of, before, earlier, made)
            assert differences(made, full) == {}
            assert before == whole
            earlier = made


@settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_night_after_night_a_delta_finds_what_a_full_run_finds(data: st.DataObject) -> None:
    assert_nights_agree(data, 2)


@pytest.mark.slow
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_many_drawn_nights_agree(data: st.DataObject) -> None:
    assert_nights_agree(data, 4)


def place_of_five() -> TinyPlace:
    """Five people in treatment; the limit of the first is the as-of date: 18 weeks, 126 days."""
    place = TinyPlace()
    for number, days in enumerate((126, 35, 40, 50, 200)):
        record = place.person(f"p{number}")
        place.wait(record, "rtt", f"{AS_OF - dt.timedelta(days=days)}")
    return place


def overnight(place: TinyPlace, tmp_path: Path, most: float = 1.0):
    """Run a place in the evening, and the same rows as extracts of the next day by a delta."""
    before = run_fully(place, AS_OF, tmp_path / "evening")
    for name in SOURCE:
        for row in place.rows[name]:
            row["as_of_date"] = NEXT_DAY
    _, delta = run_delta(place, NEXT_DAY, before, tmp_path / "evening", tmp_path / "night", most)
    run_fully(place, NEXT_DAY, tmp_path / "full")
    assert differences(tmp_path / "night", tmp_path / "full") == {}
    return delta.touched, {
        row["person_id"]: row for row in pq.read_table(tmp_path / "night" / "person_wait.parquet").to_pylist()
    }


def test_a_limit_that_runs_out_touches_whose_it_is_and_extracts_that_come_again_touch_nobody(tmp_path: Path) -> None:
    touched, waits = overnight(place_of_five(), tmp_path)
    assert (touched.rows_changed, touched.persons, touched.persons_in_all) == (0, 1, 5)
    assert (waits["p0"]["clock"], waits["p0"]["days_left"], waits["p0"]["elapsed_days"]) == ("past", -1, 127)
    assert (waits["p1"]["clock"], waits["p1"]["days_left"], waits["p1"]["elapsed_days"]) == ("within", 90, 36)
    assert {row["as_of_date"] for row in waits.values()} == {NEXT_DAY}


def test_whoever_shares_a_case_with_somebody_touched_is_touched_too(tmp_path: Path) -> None:
    place = place_of_five()
    for number in (0, 3):
        record = place.rows["person_record"][number]["record_id"]
        place.add("episode", person_record_id=record, kind="family_case", role="respondent", episode_ref="F1")
    assert overnight(place, tmp_path)[0].persons == 2


def test_a_stay_that_changes_by_night_moves_the_stays_it_is_added_up_with(tmp_path: Path) -> None:
    place = place_of_five()
    record = place.record("p1")
    first = place.wait(record, "bnb_family", "2026-09-01", "2026-09-28", episode_ref="c")
    place.wait(record, "bnb_family", "2026-10-05", episode_ref="c")
    before = run_fully(place, AS_OF, tmp_path / "evening")
    (stay,) = [row for row in place.rows["wait"] if row["record_id"] == first]
    stay["stop_date"] = dt.date(2026, 9, 20)
    _, delta = run_delta(place, NEXT_DAY, before, tmp_path / "evening", tmp_path / "night")
    run_fully(place, NEXT_DAY, tmp_path / "full")
    assert differences(tmp_path / "night", tmp_path / "full") == {}
    rows = pq.read_table(tmp_path / "night" / "person_wait.parquet").to_pylist()
    (second,) = [row for row in rows if row["counted_from_date"]]
    assert (second["pauses"], second["due_date"]) == ("2026-09-21:2026-10-04", dt.date(2026, 10, 26))
    assert delta.touched.persons == 2, "and who passes a limit that day"


def test_who_has_another_newest_source_of_a_wait_is_touched_though_no_row_changed(tmp_path: Path) -> None:
    place = place_of_five()
    record = place.record("p3")
    place.wait(record, "cf_assessment", "2026-10-05", episode_ref="c")
    place.wait(record, "cf_assessment", "2026-10-05", "2026-11-02", episode_ref="d", feed="third", standard="csc_api")
    place.rows["wait"][-1]["as_of_date"] = AS_OF - dt.timedelta(days=1)
    before = run_fully(place, AS_OF, tmp_path / "evening")
    place.rows["wait"][-1]["as_of_date"] = NEXT_DAY
    _, delta = run_delta(place, NEXT_DAY, before, tmp_path / "evening", tmp_path / "night")
    run_fully(place, NEXT_DAY, tmp_path / "full")
    assert differences(tmp_path / "night", tmp_path / "full") == {}
    stops = [
        [
            row["stop_date"]
            for row in pq.read_table(folder / "person_wait.parquet").to_pylist()
            if row["person_id"] == "p3"
        ]
        for folder in (tmp_path / "evening", tmp_path / "night")
    ]
    assert dt.date(2026, 11, 2) not in stops[0] and dt.date(2026, 11, 2) in stops[1]
    assert (delta.touched.rows_changed, delta.touched.persons) == (0, 2), "and who passes a limit that day"


def test_more_touched_people_than_are_worth_it_stop_the_delta(tmp_path: Path) -> None:
    with pytest.raises(TooMuchTouched, match="1 of 5 people are touched"):
        overnight(place_of_five(), tmp_path, most=0.1)
