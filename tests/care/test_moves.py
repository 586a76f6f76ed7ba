"""Notices of a move: their clocks against days counted one by one, and a move as it goes, with nothing told unasked."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from braid.care.corrections import CORRECTIONS
from braid.care.moves import (
    AGREEMENT_MACHINE,
    FACTS,
    MACHINE,
    NOT_SENT,
    NOTICE_MACHINE,
    NOTICES,
    SENT_WRONGLY,
    Move,
    Mover,
    Notice,
    advice_on,
    check_body,
    check_details,
    check_fact_day,
    check_new,
    correct_fact,
    correct_sent,
    is_in_force,
    name_on,
    notices_of,
    reckon_notice,
    silence_on,
    start_of,
    stop_notice,
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
    asked = notices_of(Move(TODAY, leaves, movers, application), notified)
    naive = []
    if leaves:
        naive.append(("s208", "receiving_council", ""))
    if not (application != "" and application in notified):
        for number, school in enumerate(schools):
            if school:
                naive.append(("s213aa", "gp_practice", str(number)))
                second = "health_visiting" if school == "none" else "school"
                naive.append(("s213aa", second, str(number)))
    assert [(one.kind, one.body, one.child) for one in asked] == naive, "each body of each child, and once each"


def test_a_move_is_of_people_of_the_case_on_a_day_within_a_year() -> None:
    check_new(MOVE, {"child", "parent"}, NOW)
    for wrong in (
        replace(MOVE, movers=()),
        replace(MOVE, movers=(CHILD, CHILD)),
        replace(MOVE, movers=(Mover("child", "boarding"),)),
        replace(MOVE, movers=(Mover("parent", exam_year=True),)),
        replace(MOVE, movers=(CHILD, Mover("parent", is_applicant=True))),
        replace(MOVE, movers=(Mover("child", "kept", is_applicant=True), Mover("parent", "none", is_applicant=True))),
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


def test_the_one_who_applied_at_16_or_17_is_asked_and_not_a_parent() -> None:
    themself = replace(MOVE, movers=(Mover("child", "none", is_applicant=True),))
    check_new(themself, {"child"}, NOW)
    assert (MOVE.asked_of, themself.asked_of) == ("parent", "applicant")
    assert what_is_missing("s213aa", themself)[0] == "the agreement of the applicant"
    with pytest.raises(NotPossible, match="Without the agreement of the applicant"):
        take_notice_step(Notice("s213aa", "school"), themself, "hand_over", now=NOW)


def test_a_body_is_added_for_a_child_who_moves() -> None:
    check_body(MOVE, "child", "health_visiting")
    for child, body in (("parent", "school"), ("", "school"), ("child", "newspaper")):
        assert is_refused(check_body, MOVE, child, body)
    assert is_refused(check_body, replace(MOVE, state="called_off"), "child", "school")


def test_what_is_not_in_force_is_called_so() -> None:
    assert is_in_force("s208", TODAY) and not is_in_force("s213aa", TODAY)
    assert "section 208" in name_on("s208", TODAY) and "213AA" not in name_on("s213aa", TODAY)


MADE = replace(MOVE, state="made", available_on=TODAY, agreement="agreed", agreed_on=TODAY, details_on=TODAY)


def test_a_day_is_corrected_to_another_one_or_was_never_so() -> None:
    before = TODAY - 3 * ONE_DAY
    assert correct_fact(MADE, "available_on", before, "typed_wrong", NOW) == replace(MADE, available_on=before)
    undone = correct_fact(MADE, "available_on", None, "not_so", NOW)
    assert (undone.state, undone.available_on) == ("planned", None)
    asked = correct_fact(MADE, "agreed_on", None, "other_case", NOW)
    assert (asked.agreement, asked.agreed_on, start_of("s213aa", asked)) == ("asked", None, None)
    assert correct_fact(MADE, "details_on", None, "not_so", NOW).details_on is None
    for fact, day, reason in (
        ("available_on", TODAY, "typed_wrong"),  # what stands there
        ("available_on", None, "typed_wrong"),
        ("available_on", before, "not_so"),
        ("available_on", before, "tired"),
        ("available_on", TODAY + ONE_DAY, "typed_wrong"),
        ("planned_on", before, "typed_wrong"),
    ):
        assert is_refused(correct_fact, MADE, fact, day, reason, NOW), (fact, day, reason)
    assert is_refused(correct_fact, MOVE, "agreed_on", before, "typed_wrong", NOW), "nothing stands there"
    assert is_refused(check_details, MADE)
    check_details(MOVE)


def test_what_was_marked_as_sent_is_opened_again_but_not_against_the_outbox() -> None:
    sent = Notice("s208", "receiving_council", "sent", sent_on=TODAY)
    assert correct_sent(sent, "not_so", has_left=False) == Notice("s208", "receiving_council")
    assert correct_sent(sent, "wrong_content", has_left=True).state == "open"
    assert is_refused(lambda: correct_sent(sent, "not_so", has_left=True))
    assert is_refused(lambda: correct_sent(sent, "", has_left=False))
    assert is_refused(lambda: correct_sent(Notice("s208", "receiving_council"), "not_so", has_left=False))


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

    @rule(number=st.integers(0, 2), reason=st.sampled_from([*SENT_WRONGLY, "tired"]), has_left=st.booleans())
    def somebody_opens_again_what_was_marked_as_sent(self, number: int, reason: str, has_left: bool) -> None:
        before = self.notices[number]
        try:
            self.notices[number] = correct_sent(before, reason, has_left=has_left)
        except NotPossible:
            assert before.state != "sent" or reason == "tired" or (has_left and reason == "not_so")

    @rule(
        fact=st.sampled_from(sorted(FACTS)),
        reason=st.sampled_from(sorted(CORRECTIONS)),
        back=st.none() | st.integers(0, 30),
    )
    def somebody_corrects_a_day(self, fact: str, reason: str, back: int | None) -> None:
        day, now = None if back is None else self.today - dt.timedelta(days=back), london(f"{self.today}T12:00")
        try:
            after = correct_fact(self.move, fact, day, reason, now)
        except NotPossible:
            return
        assert getattr(self.move, fact) is not None and getattr(after, fact) == day
        self.move = after

    @rule(left=st.booleans(), reason=st.sampled_from(["", "not_moved"]))
    def what_waits_is_stopped(self, left: bool, reason: str) -> None:
        for number, notice in enumerate(self.notices):
            if notice.state == "handed_over":
                after = stop_notice(notice, reason, self.today if left else None)
                assert after.state == ("sent" if left else "not_sent" if reason else "open")
                self.notices[number] = after

    @invariant()
    def what_stands_says_what_it_needs(self) -> None:
        assert (self.move.state == "made") == (self.move.available_on is not None)
        assert (self.move.agreement == "agreed") == (self.move.agreed_on is not None)
        for notice in self.notices:
            assert (notice.sent_on is not None) == (notice.state == "sent")

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

WHOLE = DraftFacts(
    "North Council",
    "South Council",
    "Pat Sample",
    "Sam Sample",
    False,
    "Children Act 2004 section 10",
    "HL-7",
    "12 Sample Row",
    "Section 193",
)


@given(
    st.sampled_from(["s208", "s213aa"]),
    st.sets(st.sampled_from(["receiver", "applicant", "child", "basis", "reference", "address", "function"])),
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
    asked = {"receiver", "applicant", "reference"} | ({"address", "function"} if kind == "s208" else {"child", "basis"})
    blanks = [span.words for paragraph in draft for span in paragraph if span.is_blank]
    assert len(blanks) == len(missing & asked) + (not made)
    assert has_blanks(draft) == bool(blanks)
    for name in asked - missing:
        assert getattr(WHOLE, name) in in_words(draft)
    for name in missing:
        assert getattr(WHOLE, name) not in in_words(draft)
    assert ("Sam Sample" in in_words(draft)) == (kind == "s213aa" and "child" not in missing)
    assert ("12 Sample Row" in in_words(draft)) == (kind == "s208" and "address" not in missing)


def test_a_notice_by_agreement_is_told_as_no_duty_and_as_one_once_it_binds() -> None:
    move = replace(MOVE, available_on=TODAY, agreement="agreed", agreed_on=TODAY)
    words = in_words(draft_notice("s213aa", "school", move, WHOLE))
    assert "is not in force" in words and "Children Act 2004 section 10" in words
    assert words.startswith("Notice by agreement") and "Sam Sample was placed" in words
    binding = in_words(draft_notice("s213aa", "school", move, replace(WHOLE, is_in_force=True)))
    assert "section 213AA" in binding.splitlines()[0] and "not in force" not in binding
    themself = replace(move, movers=(Mover("child", "none", is_applicant=True),))
    words = in_words(draft_notice("s213aa", "gp_practice", themself, replace(WHOLE, applicant="")))
    assert "an application of their own" in words and "parent" not in words.lower()
