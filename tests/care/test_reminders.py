"""Reminders: what is told when, never twice, in words that tell of nobody; and the calendar of the same things."""

from __future__ import annotations

import datetime as dt
import re

import icalendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from braid.care.calendar_feed import Appointment, CaseDay, write_feed
from braid.care.model import Owner, escalation_of
from braid.care.reminders import (
    MOST_NAMED,
    ONLY_TOLD,
    Choices,
    Kind,
    Mail,
    Thing,
    Why,
    check_choices,
    digest_key,
    mail_of,
    reminder_of,
)
from braid.language.calendars import Calendar
from braid.language.dates import LONDON
from braid.language.steps import NotPossible
from care.table import london

NOW = london("2026-11-26T10:00")
OWNERS = st.frozensets(st.sampled_from(list(Owner)), min_size=1)
HOURS = st.integers(-120, 120)


def thing(hours: float = 0, kind: Kind = Kind.ACTION, owners: frozenset[Owner] = frozenset({Owner.INBOX})) -> Thing:
    return Thing(kind, "id-1", "JC-7K3M-42", NOW + dt.timedelta(hours=hours), owners)


@pytest.mark.parametrize(
    ("due", "mine", "why"),
    [
        ("2026-11-28T00:00", Owner.INBOX, Why.TOMORROW),  # the end of the 27th
        ("2026-11-28T00:01", Owner.INBOX, None),
        ("2026-11-26T10:00", Owner.INBOX, Why.OVERDUE),
        ("2026-11-26T10:01", Owner.INBOX, Why.TODAY),
        ("2026-11-27T00:00", Owner.INBOX, Why.TODAY),  # the end of the 26th
        ("2026-11-27T00:01", Owner.INBOX, Why.TOMORROW),
        ("2026-11-26T09:00", Owner.TEAM_LEAD, Why.RISEN),
        ("2026-11-26T09:00", Owner.ASKER_LEAD, None),
        ("2026-11-24T09:00", Owner.ASKER_LEAD, Why.RISEN),
        ("2026-11-28T00:00", Owner.TEAM_LEAD, None),
    ],
)
def test_what_is_told_of_a_thing(due: str, mine: Owner, why: Why | None) -> None:
    one = Thing(Kind.ACTION, "id-1", "JC-7K3M-42", london(due), frozenset({mine}))
    found = reminder_of(one, NOW)
    assert (found.why if found else None) is why


@given(HOURS, OWNERS)
def test_whoever_owns_an_overdue_thing_is_told_and_nobody_else(hours: int, owners: frozenset[Owner]) -> None:
    found = reminder_of(thing(hours, owners=owners), NOW)
    silence = escalation_of(NOW + dt.timedelta(hours=hours), NOW)
    if silence.is_overdue:
        assert (found is not None) is bool(owners & set(silence.owners))
    elif found is not None:
        assert found.why in (Why.TODAY, Why.TOMORROW) and Owner.INBOX in owners


@given(HOURS)
def test_of_a_meeting_one_is_told_two_days_before_and_not_after(hours: int) -> None:
    assert (reminder_of(thing(hours, Kind.MEETING), NOW) is not None) is (0 < hours <= 48)


@given(st.none() | st.integers(-1, 24), st.none() | st.integers(-1, 24), st.integers(0, 23))
def test_hours_of_quiet_are_those_between_by_the_clock_of_the_place(
    first: int | None, last: int | None, hour: int
) -> None:
    choices = Choices(True, first, last)
    is_sound = (first is None and last is None) or (
        first is not None and last is not None and first != last and 0 <= first < 24 and 0 <= last < 24
    )
    if not is_sound:
        with pytest.raises(NotPossible):
            check_choices(choices)
        return
    check_choices(choices)
    quiet = set()
    if first is not None and last is not None:
        at = first
        while at != last:  # hour by hour, round the clock
            quiet.add(at)
            at = (at + 1) % 24
    for day in ("2026-07-01", "2026-12-01"):
        assert choices.is_quiet(london(f"{day}T{hour:02}:30")) is (hour in quiet)


def test_in_quiet_hours_nothing_is_told_and_after_them_what_has_risen_is() -> None:
    quiet = Choices(False, 18, 8)
    risen = [thing(-1, owners=frozenset({Owner.TEAM_LEAD}))]
    assert mail_of(risen, quiet, (), london("2026-11-26T19:00")) is None
    mail = mail_of(risen, quiet, (), london("2026-11-27T08:00"))
    assert mail is not None and "risen to you" in mail.words


@pytest.mark.parametrize(
    ("at", "wants", "is_sent"),
    [
        ("2026-11-26T06:59", True, False),
        ("2026-11-26T07:00", True, True),
        ("2026-11-28T10:00", True, False),  # a Saturday
        ("2026-12-25T10:00", True, False),
        ("2026-11-26T10:00", False, False),
    ],
)
def test_a_digest_is_of_a_working_morning_and_for_whoever_wants_it(at: str, wants: bool, is_sent: bool) -> None:
    now = london(at)
    far = [Thing(Kind.ACTION, "id-1", "JC-7K3M-42", now + dt.timedelta(days=30))]
    mail = mail_of(far, Choices(wants), (), now)
    assert (mail is not None) is is_sent
    if mail:
        assert mail.keys == (digest_key(now),) and "1 action. Overdue: 0" in mail.words
    assert mail_of([], Choices(wants), (), now) is None, "who has nothing to do is left alone"


WORDS = re.compile(r"[A-Za-z0-9 ,.:\n/-]*")
REFERENCES = st.sampled_from(["RF-7K3M-42", "JC-AAAA-22", "MT-BBBB-33"])
THINGS = st.lists(
    st.builds(
        Thing,
        st.sampled_from(list(Kind)),
        st.sampled_from(["a", "b", "c"]),
        REFERENCES,
        HOURS.map(lambda hours: NOW + dt.timedelta(hours=hours)),
        OWNERS,
    ),
    max_size=6,
)


@given(THINGS)
def test_a_mail_is_made_of_fixed_words_counts_and_references(things: list[Thing]) -> None:
    mail = mail_of(things, Choices(), (), NOW, "https://braid.place.example/work-list/")
    if mail is None:
        return
    left = mail.words.replace("https://braid.place.example/work-list/", "")
    left = re.sub(r"\b(?:RF|JC|MT)-[A-Z0-9]{4}-[0-9]{2}\b|\b\d+\b", "#", left)
    allowed = {
        *"action actions referral referrals offer offers of a case return returns for meeting meetings review".split(),
        *"reviews cases due tomorrow overdue and risen to you in two days or less On your work list today".split(),
        *"Overdue Your more set sets minutes not held or ended approval approvals plan reviews readiness".split(),
        *"item items notice notices move moves planned confirm clock clocks accepted to look at again".split(),
        *"moved another time called off appointment appointments call".split(),
        *"feed feeds changed suddenly against what it was before".split(),
    }
    assert set(re.findall(r"[A-Za-z]+", left)) <= allowed


def test_what_is_due_on_the_day_is_said_to_be_due_today() -> None:
    today = mail_of([thing(2)], Choices(False), (), NOW)
    tomorrow = mail_of([thing(26)], Choices(False), (), NOW)
    assert today is not None and "1 action due today: JC-7K3M-42." in today.words
    assert tomorrow is not None and "1 action due tomorrow: JC-7K3M-42." in tomorrow.words
    assert today.keys != mail_of([thing(2)], Choices(False), (), NOW - dt.timedelta(days=1)).keys  # type: ignore[union-attr]


def test_of_many_the_number_is_told() -> None:
    many = [Thing(Kind.ACTION, str(n), f"JC-{n:04}-22", NOW) for n in range(MOST_NAMED + 5)]
    mail = mail_of(many, Choices(False), (), NOW)
    assert mail is not None and "25 actions overdue" in mail.words and "and 5 more" in mail.words


class Reminding(RuleBasedStateMachine):
    """Somebody's things come, rise and go, hour by hour; mails are cut off after they were written down, or are not."""

    @initialize(wants=st.booleans(), quiet=st.sampled_from([(None, None), (18, 8)]))
    def somebody_chose(self, wants: bool, quiet: tuple[int | None, int | None]) -> None:
        self.now = NOW
        self.things: dict[str, Thing] = {}
        self.kept: list[str] = []
        self.choices = Choices(wants, *quiet)
        self.mails: list[Mail] = []

    @rule(number=st.integers(0, 3), hours=st.integers(1, 100), kind=st.sampled_from(list(Kind)), owners=OWNERS)
    def something_comes(self, number: int, hours: int, kind: Kind, owners: frozenset[Owner]) -> None:
        due = self.now + dt.timedelta(hours=hours)
        self.things[str(number)] = Thing(kind, str(number), f"JC-AAAA-{number}", due, owners)

    @rule(number=st.integers(0, 3))
    def something_is_done(self, number: int) -> None:
        self.things.pop(str(number), None)

    @rule(hours=st.integers(1, 30), is_cut_off=st.booleans(), again=st.booleans())
    def time_passes_and_it_is_looked(self, hours: int, is_cut_off: bool, again: bool) -> None:
        self.now += dt.timedelta(hours=hours)
        for _ in range(2 if again else 1):
            mail = mail_of(self.things.values(), self.choices, frozenset(self.kept), self.now)
            if mail is None:
                continue
            assert not self.choices.is_quiet(self.now)
            self.kept += mail.keys
            if not is_cut_off:
                self.mails.append(mail)

    @invariant()
    def nothing_is_told_twice(self) -> None:
        if hasattr(self, "kept"):
            assert len(self.kept) == len(set(self.kept))

    @invariant()
    def what_is_overdue_and_owned_was_told_or_is_told_now(self) -> None:
        if not hasattr(self, "kept") or self.choices.is_quiet(self.now):
            return
        mail = mail_of(self.things.values(), self.choices, frozenset(self.kept), self.now)
        known = {*self.kept, *(mail.keys if mail else ())}
        for one in self.things.values():
            silence = escalation_of(one.due_at, self.now)
            if one.kind not in ONLY_TOLD and silence.is_overdue and one.mine & set(silence.owners):
                assert any(key.split(":")[2] == one.id for key in known if not key.startswith("digest"))


TestReminding = Reminding.TestCase
TestReminding.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)


def events(feed: bytes) -> list[icalendar.Event]:
    calendar = icalendar.Calendar.from_ical(feed)
    assert calendar["VERSION"] == "2.0" and calendar["PRODID"]
    assert all(len(line) <= 75 for line in feed.split(b"\r\n")) and feed.endswith(b"\r\n")
    found = calendar.walk("VEVENT")
    assert all(one["UID"] and one["DTSTAMP"] and one["CLASS"] == "PRIVATE" for one in found)
    return list(found)


@pytest.mark.parametrize(
    ("local", "ends"),
    [
        ("2026-10-25T00:30", "2026-10-25T01:30"),  # the clocks go back at 02:00 that night
        ("2027-03-28T00:30", "2027-03-28T03:30"),  # and forward at 01:00
        ("2026-07-01T10:00", "2026-07-01T12:00"),
        ("2026-12-01T10:00", "2026-12-01T12:00"),
    ],
)
def test_a_meeting_is_at_its_hour_in_london_over_the_change_of_the_clocks(local: str, ends: str) -> None:
    meeting = Appointment("m", "MT-7K3M-42", london(local), 120)
    (one,) = events(write_feed([meeting], (), NOW, "ann"))
    starts = one.decoded("DTSTART")
    assert starts == london(local) and starts.utcoffset() == dt.timedelta(0)
    until = one.decoded("DTEND")
    assert until - starts == dt.timedelta(hours=2)
    assert until.astimezone(LONDON).strftime("%H:%M") == ends[-5:]
    assert one["SUMMARY"] == "MDT meeting MT-7K3M-42" and "LOCATION" not in one and "DESCRIPTION" not in one


def test_what_is_due_at_midnight_is_due_on_the_day_before_in_summer_and_winter() -> None:
    due = [
        Thing(Kind.ACTION, "1", "JC-1", london("2026-07-02T00:00")),
        Thing(Kind.ACTION, "2", "JC-2", london("2026-07-01T12:00")),
        Thing(Kind.RETURN, "3", "JC-2", london("2026-07-01T12:00")),
        Thing(Kind.ACTION, "4", "JC-1", london("2026-12-02T00:00")),
        Thing(Kind.MEETING, "5", "MT-1", london("2026-12-02T00:00")),
    ]
    found = {one.decoded("DTSTART"): str(one["SUMMARY"]) for one in events(write_feed((), due, NOW, "ann"))}
    assert found == {
        dt.date(2026, 7, 1): "1 return for a meeting, 2 actions due",
        dt.date(2026, 12, 1): "1 action due",
    }


@given(THINGS, st.lists(st.tuples(HOURS, st.integers(15, 480), st.booleans()), max_size=4))
def test_the_feed_is_whole_and_the_same_for_the_same_things(
    things: list[Thing], rows: list[tuple[int, int, bool]]
) -> None:
    meetings = [
        Appointment(str(number), f"MT-{number}", NOW + dt.timedelta(hours=hours), minutes, cancelled)
        for number, (hours, minutes, cancelled) in enumerate(rows)
    ]
    feed = write_feed(meetings, things, NOW, "ann")
    found = events(feed)
    days = {
        (one.due_at - dt.timedelta(microseconds=1)).astimezone(LONDON).date()
        for one in things
        if one.kind not in ONLY_TOLD
    }
    assert len(found) == len(meetings) + len(days)
    assert len({str(one["UID"]) for one in found}) == len(found)
    assert feed == write_feed(list(reversed(meetings)), list(reversed(things)), NOW, "ann")
    theirs = {str(one["UID"]) for one in events(write_feed(meetings, things, NOW, "bea"))}
    assert not theirs & {str(one["UID"]) for one in found}
    assert sum(str(one.get("STATUS")) == "CANCELLED" for one in found) == sum(one for *_, one in rows)
    assert Calendar().is_working_day(NOW.date())


def test_appointments_board_meetings_and_days_of_hearings_say_what_and_when_and_no_more() -> None:
    appointments = [
        Appointment("n", "", london("2026-12-01T10:00"), 45, revision=None, what="Appointment"),
        Appointment("n", "", london("2026-12-02T10:00"), 90, is_cancelled=True, revision=4, what="Board meeting"),
    ]
    days = [CaseDay("d", "Hearing of a case", dt.date(2026, 12, 3), is_cancelled=True, revision=2)]
    found = {str(one["SUMMARY"]): one for one in events(write_feed(appointments, (), NOW, "ann", days))}
    assert set(found) == {"Appointment", "Board meeting", "Hearing of a case"}
    hearing, board = found["Hearing of a case"], found["Board meeting"]
    assert (hearing.decoded("DTSTART"), hearing.decoded("DTEND")) == (dt.date(2026, 12, 3), dt.date(2026, 12, 4))
    assert (hearing["STATUS"], hearing["SEQUENCE"], hearing["TRANSP"]) == ("CANCELLED", 2, "TRANSPARENT")
    assert (board["STATUS"], board["SEQUENCE"]) == ("CANCELLED", 4)
    assert len({str(one["UID"]) for one in found.values()}) == 3


def test_an_entry_that_nobody_counts_is_newer_in_a_later_file_and_the_same_entry() -> None:
    def entry(day: str, made: dt.datetime) -> icalendar.Event:
        moved = Appointment("n", "", london(day), 45, revision=None, what="Appointment")
        (one,) = events(write_feed([moved], (), made, "ann"))
        return one

    before, after = entry("2026-12-01T10:00", NOW), entry("2026-12-02T11:00", NOW + dt.timedelta(minutes=1))
    assert before["UID"] == after["UID"]
    assert before["SEQUENCE"] < after["SEQUENCE"]
