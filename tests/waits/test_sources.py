"""Waits that several feeds of one organisation tell: which is kept, what holds of it, and what is counted."""

from __future__ import annotations

import pytest

from braid.language.codes import CODE_LISTS
from braid.waits.run import run
from braid.waits.sources import count_told_again, standards_in_order
from waits.place import AS_OF, CALENDAR, TinyPlace, day

EARLIER, LATER = "2026-11-01", "2026-11-10"


def told(place: TinyPlace, feed: str, standard: str, as_of: str, stop: str | None = None, **more) -> str:
    """Add an assertion of one wait; return its id."""
    record = place.rows["person_record"][0]["record_id"] if place.rows["person_record"] else place.person("p1")
    values = {"kind": "cf_assessment", "start_date": "2026-09-01", "start_event": "referral", **more}
    return place.add(
        "wait", person_record_id=record, feed=feed, standard=standard, as_of_date=as_of, stop_date=stop, **values
    )


def waits_of(place: TinyPlace, **precedence: int):
    engine = place.load()
    summary = run(engine, CALENDAR, AS_OF, precedence=precedence)
    return engine, summary, engine.rows("select * from person_wait order by wait_id")


@pytest.mark.parametrize("newest", ["return", "daily"])
def test_the_newest_extract_holds_and_the_id_is_that_of_the_first_in_order(newest: str) -> None:
    place = TinyPlace()
    dates = {"return": EARLIER, "daily": EARLIER, newest: LATER}
    records = {
        "return": told(place, "return", "cin", dates["return"], "2026-10-01", sensitivity="safe_address"),
        "daily": told(place, "daily", "csc_api", dates["daily"], "2026-10-02", priority="cin:N1"),
    }
    engine, summary, (row,) = waits_of(place)
    assert row["wait_id"] == records["daily"] and row["case_record_id"] == records[newest]
    assert (row["feed"], row["as_of_date"]) == (newest, day(LATER))
    assert row["stop_date"] == day("2026-10-01" if newest == "return" else "2026-10-02")
    assert row["priority"] == (None if newest == "return" else "cin:N1")
    assert row["sensitivity"] == "safe_address"
    assert (summary.told_again, summary.repeated, summary.person_waits) == (1, 0, 1)
    assert count_told_again(engine, AS_OF) == {"daily": 1, "return": 1}


def test_of_extracts_of_one_day_the_order_of_standards_decides_or_what_the_place_says() -> None:
    place = TinyPlace()
    told(place, "return", "cin", LATER, "2026-10-01")
    told(place, "daily", "csc_api", LATER, None)
    told(place, "own", "of_the_place", LATER, "2026-10-03")
    assert [row["stop_date"] for row in waits_of(place)[2]] == [None]
    assert [row["stop_date"] for row in waits_of(place, own=0)[2]] == [day("2026-10-03")]


def test_who_says_that_a_wait_runs_on_is_believed_where_it_is_the_newer() -> None:
    place = TinyPlace()
    told(place, "return", "cin", EARLIER, "2026-10-01")
    told(place, "daily", "csc_api", LATER, None)
    assert [row["stop_date"] for row in waits_of(place)[2]] == [None]


@pytest.mark.parametrize(
    "other",
    [
        {"organisation_id": "hospital"},
        {"start_date": "2026-09-02"},
        {"kind": "cin_decision"},
    ],
)
def test_of_another_organisation_day_or_kind_it_is_another_wait(other: dict[str, str]) -> None:
    place = TinyPlace()
    told(place, "return", "cin", EARLIER)
    told(place, "daily", "csc_api", LATER, **other)
    engine, summary, rows = waits_of(place)
    assert len(rows) == 2 and summary.told_again == 0 and count_told_again(engine, AS_OF) == {}


def test_two_pathways_of_one_day_are_told_apart_by_their_reference() -> None:
    place = TinyPlace()
    for feed, references in (("weekly", ("W1", "W2", None)), ("monthly", ("w 1", "W3", None))):
        for reference in references:
            told(place, feed, "wlmds", EARLIER, kind="rtt", episode_ref=reference)
    engine, summary, rows = waits_of(place)
    assert len(rows) == 5 and summary.told_again == 1
    assert count_told_again(engine, AS_OF) == {"monthly": 1, "weekly": 1}


def test_where_stays_are_added_up_the_count_begins_with_the_earliest_that_any_feed_tells() -> None:
    place = TinyPlace()
    case = {"kind": "bnb_family", "episode_ref": "A"}
    told(place, "long", "hclic", EARLIER, "2026-08-20", start_date="2026-08-01", **case)
    told(place, "long", "hclic", EARLIER, None, **case)
    told(place, "short", "ta_stock", LATER, None, **case)
    rows = waits_of(place)[2]
    (row,) = (one for one in rows if one["start_date"] == day("2026-09-01"))
    assert (row["feed"], row["counted_from_date"]) == ("short", day("2026-08-01"))
    assert row["pauses"] == "2026-08-21:2026-08-31"


def test_the_order_names_each_standard_once() -> None:
    assert len(set(standards_in_order())) == len(standards_in_order()) > 10
    assert set(standards_in_order()) <= CODE_LISTS["standard"].keys()
