"""Readiness: one item after the other as time passes, against a naive reckoning; nothing is ready that is not."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from braid.care.case_types import ReadinessItem, parse_case_type, shipped_case_types
from braid.care.cases import Member, Right, Sight
from braid.care.model import Owner
from braid.care.readiness import (
    LONGEST_BECAUSE,
    LONGEST_EVIDENCE,
    MACHINE,
    NOT_NEEDED,
    SETTLED,
    Given,
    Item,
    Timing,
    check_day,
    check_gate,
    check_writes_day,
    due_on,
    is_asked,
    left_open,
    silence_on,
    steps_for,
    take_step,
    timing_of,
)
from braid.language.calendars import LAST_DAY, england_bank_holidays
from braid.language.readiness import READINESS_ITEMS
from braid.language.rule_files import RulesInvalid
from braid.language.steps import NotPossible
from care.table import is_refused, london, shipped_text

FAMILY = shipped_case_types()["family_readiness"]
SEATS = sorted(FAMILY.agencies)
MEMBERS = {
    seat: Member(f"of {seat}", f"{seat} organisation", seat, Right.EDIT, Sight.WHOLE, seat == "council_legal")
    for seat in SEATS
}
HOLIDAYS = england_bank_holidays()
ONE_DAY = dt.timedelta(days=1)
DAYS = st.dates(dt.date(2019, 1, 1), dt.date(2029, 6, 30))
EVIDENCE = st.sampled_from(["Filed", "", " ", "x" * (LONGEST_EVIDENCE + 1)])
REASONS = st.sampled_from([*NOT_NEEDED, "", "because"])


def is_working(day: dt.date) -> bool:
    return day.weekday() < 5 and day not in HOLIDAYS


class Checklist(RuleBasedStateMachine):
    """The items of one case, with everybody at the table trying every step while days pass towards a hearing."""

    def __init__(self) -> None:
        super().__init__()
        self.today = dt.date(2026, 11, 27)
        self.hearing = dt.date(2027, 2, 12)
        self.items = {spec.id: Item(spec) for spec in FAMILY.readiness}
        self.asked_by: dict[str, str] = {}
        self.agreed_by: dict[str, str] = {}
        self.seats = frozenset(SEATS)

    @rule(seats=st.sets(st.sampled_from(SEATS), min_size=1))
    def others_come_and_go(self, seats: set[str]) -> None:
        self.seats = frozenset(seats)

    @rule(days=st.integers(1, 20))
    def days_pass(self, days: int) -> None:
        self.today += dt.timedelta(days=days)

    @rule(
        code=st.sampled_from([spec.id for spec in FAMILY.readiness]),
        seat=st.sampled_from(SEATS),
        step=st.sampled_from([*MACHINE.steps, "no_step"]),
        evidence=EVIDENCE,
        reason=REASONS,
        ahead=st.none() | st.integers(-3, 400),
    )
    def somebody_takes_a_step(
        self, code: str, seat: str, step: str, evidence: str, reason: str, ahead: int | None
    ) -> None:
        before, member = self.items[code], MEMBERS[seat]
        expected = None if ahead is None else self.today + dt.timedelta(days=ahead)
        now = london(f"{self.today}T12:00")
        may = step in steps_for(member, before, self.seats)
        try:
            after = take_step(member, before, step, Given(evidence, reason, expected), now, self.seats)
        except NotPossible:
            fitting = {
                "complete": bool(evidence.strip()) and len(evidence) <= LONGEST_EVIDENCE,
                "ask_drop": reason in NOT_NEEDED,
                "say_late": ahead is not None and 0 <= ahead <= 366,
            }
            assert not may or not fitting.get(step, True)
            return
        assert may
        assert after.by == member.username
        if step == "ask_drop":
            assert member.is_lead
            self.asked_by[code] = seat
        elif step in ("agree_drop", "object"):
            assert seat != self.asked_by[code]
            assert before.kind.agency not in self.seats - {self.asked_by[code]} or seat == before.kind.agency
            self.agreed_by[code] = seat
        elif step == "reopen":
            assert member.is_lead or seat == before.kind.agency
        else:
            assert seat == before.kind.agency
        self.items[code] = after

    @invariant()
    def what_a_state_says_is_there(self) -> None:
        for code, item in self.items.items():
            assert bool(item.evidence) == (item.state == "done")
            assert bool(item.reason) == (item.state in ("to_agree", "not_needed"))
            assert (item.expected_on is not None) == (item.state == "late")
            assert item.state != "not_needed" or self.asked_by[code] != self.agreed_by[code], "two seats, never one"

    @invariant()
    def it_is_ready_where_nothing_required_is_open_and_the_gate_says_so(self) -> None:
        naive = [code for code, item in self.items.items() if item.state not in ("done", "not_needed")]
        still_open = left_open(self.items.values())
        assert [item.kind.id for item in still_open] == naive
        assert is_refused(check_gate, FAMILY, "ready", still_open, " ") == bool(naive)
        check_gate(FAMILY, "ready", still_open, "The judge has said so")
        check_gate(FAMILY, "tell_court", still_open, "")
        assert not naive or is_refused(check_gate, FAMILY, "ready", still_open, "x" * (LONGEST_BECAUSE + 1))

    @invariant()
    def what_is_late_is_late_by_days_counted_one_by_one(self) -> None:
        for item in self.items.values():
            due = due_on(item.kind, self.hearing)
            assert timing_of(item, due, self.today) is naive_timing(item, self.hearing, self.today)
            assert timing_of(item, None, self.today) in (Timing.SETTLED, Timing.NO_DAY)
            silence = silence_on(item, due, london(f"{self.today}T12:00"))
            assert (silence is None) == (item.state in SETTLED)
            if silence is not None and due is not None:
                assert silence.is_overdue == (self.today > due)


def naive_due(kind: ReadinessItem, hearing: dt.date) -> dt.date:
    day, left = hearing, kind.due_before
    while left:
        day -= ONE_DAY
        left -= is_working(day)
    return day


def naive_timing(item: Item, hearing: dt.date, today: dt.date) -> Timing:
    """The same by counting days on one's fingers."""
    if item.state in ("done", "not_needed"):
        return Timing.SETTLED
    due = naive_due(item.kind, hearing)
    if today > due:
        return Timing.OVERDUE
    if item.state == "late":
        return Timing.LATE if item.expected_on > due else Timing.IN_TIME
    day = item.since if item.state == "in_hand" else today
    worked = 0
    while True:
        worked += is_working(day)
        if worked >= item.kind.days_needed:
            break
        day += ONE_DAY
    return Timing.SHORT if day > due else Timing.IN_TIME


TestChecklist = Checklist.TestCase
TestChecklist.settings = settings(stateful_step_count=40, max_examples=40)


@given(st.sampled_from(FAMILY.readiness), DAYS, st.integers(0, 120))
def test_an_item_is_due_so_many_working_days_before(spec: ReadinessItem, hearing: dt.date, before: int) -> None:
    changed = replace(spec, due_before=before)
    assert due_on(changed, hearing) == naive_due(changed, hearing)


@given(st.sampled_from(FAMILY.readiness), DAYS, st.integers(-30, 200), st.integers(1, 120))
def test_what_will_be_late_is_known_by_days_counted(
    spec: ReadinessItem, today: dt.date, ahead: int, needed: int
) -> None:
    item, hearing = Item(replace(spec, days_needed=needed)), today + dt.timedelta(days=ahead)
    assert timing_of(item, naive_due(item.kind, hearing), today) is naive_timing(item, hearing, today)


def test_a_day_of_a_hearing_is_to_come_and_within_a_year() -> None:
    now = london("2026-11-27T10:00")
    check_day(dt.date(2026, 11, 27), "hearing", now)
    check_day(dt.date(2027, 11, 28), "meeting", now)
    for day, what in ((dt.date(2026, 11, 26), "hearing"), (dt.date(2027, 11, 29), "hearing"), (dt.date.max, "meeting")):
        assert is_refused(check_day, day, what, now)
    assert is_refused(check_day, dt.date(2026, 12, 1), "picnic", now)
    assert is_refused(check_day, LAST_DAY + ONE_DAY, "hearing", london("2030-12-01T10:00"))


def test_beyond_the_calendar_nothing_is_said_to_be_late() -> None:
    item = Item(FAMILY.readiness[0])
    assert due_on(item.kind, dt.date(2005, 1, 3)) is None
    assert timing_of(item, LAST_DAY, LAST_DAY - ONE_DAY) is Timing.NO_DAY


def test_silence_on_an_item_rises_as_on_a_referral() -> None:
    item, due = Item(FAMILY.readiness[0]), dt.date(2026, 12, 24)
    assert silence_on(item, due, london("2026-12-24T23:59")).level == 0
    assert silence_on(item, due, london("2026-12-25T00:00")).level == 1
    assert Owner.ASKER_LEAD in silence_on(item, due, london("2026-12-30T00:00")).owners
    assert silence_on(item, None, london("2026-12-30T00:00")) is None


def test_the_readiness_list_of_care_proceedings_is_the_courts_own_reasons_turned_round() -> None:
    """Every reason that somebody could have prepared against is named by one item, and no other reason by any."""
    named = [reason for spec in FAMILY.readiness for reason in spec.reasons]
    prepared = {"service_evidence", "cafcass", "expert", "other_agency", "court_capacity", "court_support", "lawyers"}
    assert sorted(named) == sorted(code for code, one in READINESS_ITEMS.items() if one.group in prepared)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("days_needed = 10", "days_needed = 0", "working days, from 1 to 120"),
        ("due_before = 15", "due_before = -1", "working days, from 0 to 120"),
        ('reasons = ["fpl:LA1"]', 'reasons = ["LA1"]', "reasons holds 'LA1'"),
        ('reasons = ["fpl:LA1"]', "required = 1", "'required' must be true or false"),
        ("needs_ready = true", 'needs_ready = "yes"', "'needs_ready' must be true or false"),
    ],
)
def test_a_list_that_is_wrong_is_refused(old: str, new: str, said: str) -> None:
    with pytest.raises(RulesInvalid, match=said):
        parse_case_type(shipped_text("family_readiness").replace(old, new, 1), "mine.toml")


def test_what_is_not_required_is_dropped_by_the_lead_alone() -> None:
    spec = replace(FAMILY.readiness[0], required=False)
    lead, given = MEMBERS["council_legal"], Given(reason="covered")
    assert take_step(lead, Item(spec), "drop", given, london("2026-11-27T12:00")).state == "not_needed"
    assert is_refused(take_step, lead, Item(spec), "ask_drop", given, london("2026-11-27T12:00"))
    assert is_refused(take_step, lead, Item(FAMILY.readiness[0]), "drop", given, london("2026-11-27T12:00"))


def test_a_restricted_member_of_no_concern_is_not_asked() -> None:
    item = replace(Item(FAMILY.readiness[0]), state="to_agree", reason="covered", asked_by="council_legal")
    assert item.kind.agency == "childrens_social_care"
    police = MEMBERS["police"]
    assert is_asked(police, item, frozenset({"council_legal", "police"})), "nobody sits for the seat that owns it"
    assert not is_asked(police, item, frozenset(SEATS))
    assert not is_asked(replace(police, sight=Sight.OWN), item, frozenset({"police"}))
    assert is_asked(replace(MEMBERS["childrens_social_care"], sight=Sight.OWN), item, frozenset(SEATS))
    assert not is_asked(MEMBERS["council_legal"], item, frozenset())


def test_the_lead_or_the_courts_own_seat_writes_the_day() -> None:
    for seat in SEATS:
        may = seat in ("council_legal", "court_listing")
        assert is_refused(check_writes_day, FAMILY, MEMBERS[seat]) is not may, seat
    assert is_refused(check_writes_day, FAMILY, replace(MEMBERS["court_listing"], sight=Sight.OWN))
