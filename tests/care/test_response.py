"""The response as one plan: strands, the two sides, clocks of the Victims' Code, and windows by what happened."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from braid.care.case_types import shipped_case_types
from braid.care.response import (
    APART,
    DECISION,
    INCIDENT,
    OF_THE_APART,
    REPORT,
    STRAND_OF_EVENT,
    STRANDS,
    Event,
    check_correction,
    check_ended,
    check_event,
    check_strand,
    reckon_event,
    sees_apart,
    sees_incident,
    sees_response,
    strand_of_action,
    strand_of_seat,
    strand_of_wait,
)
from braid.care.services import SERVICES
from braid.care.windows import ACTS, WINDOWS, windows_of
from braid.language.calendars import england_bank_holidays
from braid.language.codes import BACKLOGS, WAIT_KINDS
from braid.language.dates import london_date
from care.table import is_refused, london

MARAC = shipped_case_types()["marac"]
NOW = london("2026-11-28T22:30")
HOUR = dt.timedelta(hours=1)
MOMENTS = st.integers(0, 60 * 24 * 2800).map(
    lambda minutes: dt.datetime(2022, 1, 1, tzinfo=dt.UTC) + minutes * HOUR / 60
)


def test_each_seat_of_the_conference_opens_the_sides_that_the_protocol_opens_to_it() -> None:
    both = {"police", "advocate", "childrens_social_care", "coordination"}
    seats = set(MARAC.agencies)
    assert {seat for seat in seats if sees_apart(MARAC, seat)} == both | {"probation"}
    assert {seat for seat in seats if sees_response(MARAC, seat)} == seats - {"probation"}
    assert {seat for seat in seats if sees_incident(MARAC, seat)} == both | {"health"}
    for sees in (sees_apart, sees_response, sees_incident):
        assert not sees(MARAC, "no_such_seat")


def test_every_strand_wait_seat_and_service_has_its_place() -> None:
    backlogs = [one for strand in STRANDS.values() for one in strand.backlogs]
    kinds = [one for strand in STRANDS.values() for one in strand.wait_kinds]
    services = [one for strand in STRANDS.values() for one in strand.services]
    assert len(set(backlogs)) == len(backlogs) and set(backlogs) <= set(BACKLOGS)
    assert len(set(kinds)) == len(kinds) and set(kinds) | OF_THE_APART <= set(WAIT_KINDS)
    assert len(set(services)) == len(services) and set(services) <= set(SERVICES)
    assert {seat for strand in STRANDS.values() for seat in strand.seats} <= set(MARAC.agencies)
    assert set(STRAND_OF_EVENT.values()) <= set(STRANDS)
    for kind in WAIT_KINDS.values():
        strand = strand_of_wait(kind.code, kind.backlog)
        assert strand in STRANDS or (strand == "" and kind.code in OF_THE_APART)
    assert strand_of_wait("therapy", "victim_support") == "therapy"
    assert strand_of_wait("rtt", "hospital_treatment") == "health"
    assert strand_of_wait("send", "send") == "other"
    assert strand_of_seat("housing") == "housing" and strand_of_seat("probation") == "other"


def test_an_action_is_in_the_strand_chosen_or_that_of_a_team_of_one_strand() -> None:
    assert strand_of_action("court", ["therapy"]) == "court"
    assert strand_of_action("", ["therapy"]) == "therapy"
    assert strand_of_action("", ["therapy", "health"]) == "other", "nobody guesses"
    assert strand_of_action("", []) == "other"
    for strand in ("", APART, *STRANDS):
        check_strand(strand)
    assert is_refused(check_strand, "gossip")


def naive_working_days(start: dt.date, count: int) -> dt.date:
    day, left = start, count
    while left:
        day += dt.timedelta(days=1)
        left -= day.weekday() < 5 and day not in england_bank_holidays()
    return day


@given(MOMENTS, st.sampled_from([REPORT, DECISION]), st.sampled_from([True, False, None]), st.integers(0, 60))
def test_clocks_of_the_victims_code_by_days_counted(
    at: dt.datetime, kind: str, enhanced: bool | None, later: int
) -> None:
    days = 2 if kind == REPORT else 5 if enhanced is False else 1  # while nobody knows, the shorter time counts
    start, as_of = london_date(at), london_date(at) + dt.timedelta(days=later)
    last = naive_working_days(start, days)
    found = reckon_event(Event(kind, at, is_enhanced=enhanced), as_of)
    assert (found.due_date, found.clock) == (last, "within" if as_of <= last else "past")
    assert "Victims' Code 2021" in found.explanation
    done = reckon_event(Event(kind, at, is_enhanced=enhanced, ended_on=as_of), as_of)
    assert done.clock == ("stopped_within" if as_of <= last else "stopped_past")


def test_what_happened_starts_no_clock_and_ends_by_itself() -> None:
    event = Event(INCIDENT, NOW - HOUR, frozenset({"oral"}))
    assert reckon_event(event, london_date(NOW)) is None
    assert is_refused(check_ended, event, london_date(NOW), NOW)


def test_an_event_is_in_the_past_and_its_acts_fit() -> None:
    check_event(Event(INCIDENT, NOW - HOUR, frozenset({"oral"})), NOW)
    check_event(Event(REPORT, NOW), NOW)
    for wrong in (
        Event("gossip", NOW - HOUR),
        Event(REPORT, NOW + HOUR),
        Event(REPORT, NOW - dt.timedelta(days=367)),
        Event(REPORT, NOW - HOUR, frozenset({"oral"})),
        Event(INCIDENT, NOW - HOUR),
        Event(INCIDENT, NOW - HOUR, frozenset({"unheard_of"})),
    ):
        assert is_refused(check_event, wrong, NOW)
    begun = Event(REPORT, NOW - 48 * HOUR)
    today = london_date(NOW)
    assert check_ended(begun, today, NOW) == today
    for day in (None, today + dt.timedelta(days=1), today - dt.timedelta(days=3)):
        assert is_refused(check_ended, begun, day, NOW)
    assert is_refused(check_ended, Event(REPORT, NOW - HOUR, ended_on=today), today, NOW)


def test_a_correction_says_what_is_right_or_that_it_was_not_so() -> None:
    stood = Event(DECISION, NOW - 48 * HOUR, is_enhanced=False, ended_on=london_date(NOW))
    check_correction(stood, replace(stood, is_enhanced=True), "learned_later", NOW)
    check_correction(stood, replace(stood, ended_on=None), "typed_wrong", NOW)
    check_correction(stood, None, "not_so", NOW)
    for right, reason in (
        (stood, "typed_wrong"),
        (None, "typed_wrong"),
        (replace(stood, is_enhanced=True), "other_case"),
        (replace(stood, is_enhanced=True), "tired"),
        (replace(stood, kind=REPORT), "typed_wrong"),
        (replace(stood, at=NOW + HOUR), "typed_wrong"),
        (replace(stood, ended_on=london_date(NOW) - dt.timedelta(days=9)), "typed_wrong"),
        (replace(stood, acts=frozenset({"oral"})), "typed_wrong"),
    ):
        assert is_refused(check_correction, stood, right, reason, NOW), (right, reason)


@given(st.frozensets(st.sampled_from(sorted(ACTS))), MOMENTS, st.integers(0, 400))
def test_windows_open_by_what_happened_and_close_by_the_clock(
    acts: frozenset[str], at: dt.datetime, hours: int
) -> None:
    now = at + hours * HOUR
    found = {one.window.code: one for one in windows_of(acts, at, now)}
    for window in WINDOWS:
        assert (window.code in found) == bool([act for act in acts if act in window.acts])
    for one in found.values():
        assert one.is_open == (hours <= one.window.hours)
        assert one.until - at == one.window.hours * HOUR
        assert one.best_until is None or at < one.best_until < one.until
    lengths = [one.window.hours for one in windows_of(acts, at, now)]
    assert lengths == sorted(lengths)


@pytest.mark.parametrize(
    ("act", "code", "hours"),
    [
        ("vaginal", "vaginal_samples", 168),
        ("anal", "anal_samples", 72),
        ("oral", "oral_samples", 48),
        ("digital", "digital_samples", 48),
        ("skin", "skin_samples", 48),
        ("drugs", "blood", 72),
        ("drugs", "urine", 120),
        ("anal", "hiv_prophylaxis", 72),
        ("vaginal", "contraception", 120),
    ],
)
def test_figures_written_down_apart_from_the_code(act: str, code: str, hours: int) -> None:
    (window,) = [one for one in WINDOWS if one.code == code]
    assert act in window.acts
    assert (window.hours, bool(window.source)) == (hours, True)


def test_a_window_runs_by_the_clock_over_the_change_of_the_hour() -> None:
    at = london("2026-10-24T12:00")
    (found,) = windows_of({"skin"}, at, at)
    assert found.until == london("2026-10-26T11:00"), "an hour is gained in the night to the 25th"
