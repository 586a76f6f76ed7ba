"""Notices of a move: their clocks against days counted one by one, and a move as it goes, with nothing told unasked."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from braid.care.moves import (
    AGREEMENT_MACHINE,
    MACHINE,
    NOT_SENT,
    NOTICE_MACHINE,
    NOTICES,
    Move,
    Mover,
    Notice,
    advice_on,
    check_fact_day,
    check_new,
    notices_of,
    reckon_notice,
    silence_on,
    start_of,
    take_notice_step,
    what_is_missing,
)
from braid.care.notice_drafts import DraftFacts, draft_notice, has_blanks, in_words
from braid.language.clock_rules import find_rule
from braid.language.steps import NotPossible
from care.table import is_refused, london

ONE_DAY = dt.timedelta(days=1)
TODAY = dt.date(2026, 12, 20)
NOW = london("2026-12-20T12:00")
CHILD, PARENT = Mover("child", "kept"), Mover("parent")
MOVE = Move(TODAY, True, (CHILD, PARENT), "HL-7")
DAYS = st.dates(dt.date(2019, 1, 1), dt.date(2030, 12, 31))
MAYBE = st.none() | DAYS


def fourteenth(start: dt.date) -> dt.date:
    """The last of fourteen days of which the start is the first, counted on one's fingers."""
    day, counted = start, 1
    while counted < 14:
        day += ONE_DAY
        counted += 1
    return day


@given(DAYS, DAYS)
def test_section_208_runs_fourteen_days_beginning_with_the_day_it_was_made_available(
    start: dt.date, as_of: dt.date
) -> None:
    move = replace(MOVE, available_on=start)
    began, found = reckon_notice(Notice("s208", "receiving_council"), move, as_of)
    assert (began, found.due_date) == (start, fourteenth(start))
    assert found.clock == ("within" if as_of <= fourteenth(start) else "past")


@pytest.mark.parametrize(
    ("start", "last"),
    [
        ("2026-12-18", "2026-12-31"),  # over Christmas: every day counts
        ("2026-12-20", "2027-01-02"),
        ("2028-02-20", "2028-03-04"),  # a leap year
        ("2027-02-20", "2027-03-05"),
        ("2026-03-25", "2026-04-07"),  # the clocks go forward
    ],
)
def test_days_written_down_apart_from_the_code(start: str, last: str) -> None:
    move = replace(MOVE, available_on=dt.date.fromisoformat(start))
    _, found = reckon_notice(Notice("s208", "receiving_council"), move, TODAY)
    assert found.due_date == dt.date.fromisoformat(last)


@given(MAYBE, MAYBE, MAYBE, st.sampled_from(sorted(AGREEMENT_MACHINE.states)), DAYS)
def test_section_213aa_begins_with_the_latest_of_three_and_binds_nothing_before_it_is_in_force(
    agreed: dt.date | None, details: dt.date | None, placed: dt.date | None, agreement: str, as_of: dt.date
) -> None:
    move = replace(MOVE, agreement=agreement, agreed_on=agreed, details_on=details, available_on=placed)
    found = reckon_notice(Notice("s213aa", "school"), move, as_of)
    days = [agreed, details, placed]
    if agreement != "agreed" or None in days:
        assert found is None
        assert what_is_missing("s213aa", move) or agreed is None
        return
    latest = sorted(days)[-1]
    assert found is not None
    assert (found[0], found[1].would_be_date) == (latest, fourteenth(latest))
    assert (found[1].due_date, found[1].clock) == (None, "no_limit")
    assert "Not in force" in found[1].explanation
    assert silence_on(Notice("s213aa", "school"), move, NOW) is None, "no false breach"
    assert find_rule("s213aa_notice", latest).version == "not in force"


@given(st.permutations(["agreed_on", "details_on", "available_on"]), DAYS, st.integers(0, 90), st.integers(0, 90))
def test_whichever_of_the_three_comes_last_begins_it(
    order: list[str], first: dt.date, gap: int, second_gap: int
) -> None:
    days = [first, first + dt.timedelta(days=gap), first + dt.timedelta(days=gap + second_gap)]
    move = replace(MOVE, agreement="agreed", **dict(zip(order, days, strict=True)))
    assert start_of("s213aa", move) == days[-1]


@given(
    st.booleans(),
    st.lists(st.sampled_from(["kept", "changes", "none", ""]), min_size=1, max_size=4),
    st.sampled_from(["", "HL-7", "HL-8"]),
    st.frozensets(st.sampled_from(["HL-7", "HL-9"])),
)
def test_a_move_asks_for_the_notices_of_the_law_and_no_other(
    leaves: bool, schools: list[str], application: str, notified: frozenset[str]
) -> None:
    movers = tuple(Mover(str(number), school) for number, school in enumerate(schools))
    asked = {(one.kind, one.body) for one in notices_of(Move(TODAY, leaves, movers, application), notified)}
    naive = set()
    if leaves:
        naive.add(("s208", "receiving_council"))
    if any(schools) and not (application != "" and application in notified):
        naive |= {("s213aa", "gp_practice"), ("s213aa", "school")}
    assert asked == naive


def test_a_move_is_of_people_of_the_case_on_a_day_within_a_year() -> None:
    check_new(MOVE, {"child", "parent"}, NOW)
    for wrong in (
        replace(MOVE, movers=()),
        replace(MOVE, movers=(CHILD, CHILD)),
        replace(MOVE, movers=(Mover("child", "boarding"),)),
        replace(MOVE, movers=(Mover("parent", exam_year=True),)),
        replace(MOVE, planned_on=dt.date(2025, 12, 18)),
        replace(MOVE, planned_on=dt.date(2027, 12, 22)),
    ):
        assert is_refused(check_new, wrong, {"child", "parent"}, NOW)
    assert is_refused(check_new, MOVE, {"child"}, NOW)
    assert check_fact_day(TODAY, NOW) == TODAY
    for day in (None, TODAY + ONE_DAY, dt.date(2025, 12, 18)):
        assert is_refused(check_fact_day, day, NOW)


def test_what_a_move_asks_for_beside_its_notices_is_said_by_law() -> None:
    exam = replace(MOVE, movers=(Mover("child", "changes", exam_year=True),))
    assert [words.split(":")[0] for words in advice_on(exam)] == [
        "A child changes school in a year of examinations",
        "A child changes school",
        "The home is in another district",
    ]
    assert advice_on(replace(MOVE, leaves_district=False, movers=(PARENT,))) == ()
    assert "journey" in advice_on(replace(MOVE, leaves_district=False))[0]


class Household(RuleBasedStateMachine):
    """A move as it goes, with days that pass: nobody is told before they may be, and what is due is never lost."""

    def __init__(self) -> None:
        super().__init__()
        self.today = TODAY
        self.move = MOVE
        self.notices = list(notices_of(MOVE, ()))
        self.refused_before: set[int] = set()

    @rule(days=st.integers(1, 12))
    def days_pass(self, days: int) -> None:
        self.today += dt.timedelta(days=days)

    @rule(step=st.sampled_from(sorted(MACHINE.steps)))
    def the_move_goes_on(self, step: str) -> None:
        try:
            state = MACHINE.after(self.move.state, step)
        except NotPossible:
            return
        self.move = replace(self.move, state=state, available_on=self.today if step == "make" else None)

    @rule(step=st.sampled_from(sorted(AGREEMENT_MACHINE.steps)))
    def the_parent_is_asked_and_answers(self, step: str) -> None:
        try:
            after = AGREEMENT_MACHINE.after(self.move.agreement, step)
        except NotPossible:
            return
        self.move = replace(self.move, agreement=after, agreed_on=self.today if step == "agree" else None)

    @rule()
    def the_details_are_given(self) -> None:
        self.move = replace(self.move, details_on=self.today)

    @rule(
        number=st.integers(0, 2),
        step=st.sampled_from([*NOTICE_MACHINE.steps, "no_step"]),
        reason=st.sampled_from([*NOT_SENT, "", "tired"]),
        back=st.none() | st.integers(-2, 30),
    )
    def somebody_takes_a_step_of_a_notice(self, number: int, step: str, reason: str, back: int | None) -> None:
        before, now = self.notices[number], london(f"{self.today}T12:00")
        day = None if back is None else self.today - dt.timedelta(days=back)
        try:
            after = take_notice_step(before, self.move, step, reason=reason, day=day, now=now)
        except NotPossible:
            return
        if step in ("hand_over", "mark_sent"):
            assert self.move.available_on is not None
            assert self.move.agreement == "agreed" or not NOTICES[before.kind].needs_agreement
        assert (after.sent_on is not None) == (after.state == "sent")
        assert bool(after.reason) == (after.state == "not_sent")
        assert (after.kind, after.body) == (before.kind, before.body)
        self.notices[number] = after

    @invariant()
    def what_is_due_and_has_not_left_is_somebodys_move(self) -> None:
        now = london(f"{self.today}T12:00")
        for notice in self.notices:
            silence = silence_on(notice, self.move, now)
            runs = notice.kind == "s208" and self.move.available_on and notice.state in ("open", "handed_over")
            assert (silence is not None) == bool(runs)
            if silence is not None:
                assert silence.is_overdue == (self.today > fourteenth(self.move.available_on))
            assert (start_of(notice.kind, self.move) is None) == bool(what_is_missing(notice.kind, self.move))


TestHousehold = Household.TestCase
TestHousehold.settings = settings(stateful_step_count=40, max_examples=40)

WHOLE = DraftFacts("north-council", "south-council", "Pat Sample", "HL-7", "12 Sample Row", "Section 193")


@given(
    st.sampled_from(["s208", "s213aa"]),
    st.sets(st.sampled_from(["receiver", "applicant", "reference", "address", "function"])),
    st.booleans(),
)
def test_a_draft_marks_what_is_missing_and_holds_nothing_that_was_not_given(
    kind: str, missing: set[str], made: bool
) -> None:
    facts = replace(WHOLE, **dict.fromkeys(missing, ""))
    day = TODAY if made else None
    move = replace(MOVE, available_on=day, agreement="agreed", agreed_on=TODAY)
    body = next(iter(NOTICES[kind].bodies))
    draft = draft_notice(kind, body, move, facts)
    asked = {"receiver", "applicant", "reference"} | ({"address", "function"} if kind == "s208" else set())
    blanks = [span.words for paragraph in draft for span in paragraph if span.is_blank]
    assert len(blanks) == len(missing & asked) + (not made)
    assert has_blanks(draft) == bool(blanks)
    for name in asked - missing:
        assert getattr(WHOLE, name) in in_words(draft)
    for name in missing:
        assert getattr(WHOLE, name) not in in_words(draft)
    assert ("12 Sample Row" in in_words(draft)) == (kind == "s208" and "address" not in missing)
