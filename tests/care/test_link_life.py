"""Links without an account over time, beside a plain book of what was done to each: a reply works once, a view until
it ends, and what ended never works again."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from braid.care import links
from braid.care.cases import Case, Member
from braid.care.links import (
    AIMS,
    ALPHABET,
    HAND_OVERS,
    LONGEST_SAID,
    MACHINE,
    MOST_MISSES,
    MOST_SAID,
    STANCES,
    Link,
    ViewWanted,
    check_own_view,
    check_reply_link,
    check_said,
    digest_of,
    is_locked,
    new_code,
    reply_expires_at,
    state_of,
)
from braid.language.steps import NotPossible
from care.table import acting, is_refused, london

START = london("2026-11-27T10:00")
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


class Links(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.now = START
        self.links: list[Link] = []
        self.ended: list[str] = []

    @rule(hours=st.integers(1, 30))
    def time_passes(self, hours: int) -> None:
        self.now += hours * HOUR
        for number, link in enumerate(self.links):
            if not self.ended[number] and self.now >= link.expires_at:
                self.ended[number] = "expired"

    @rule(hours=st.integers(1, 100), single=st.booleans())
    def one_is_made(self, hours: int, single: bool) -> None:
        self.links.append(Link(self.now + hours * HOUR, single))
        self.ended.append("")

    @precondition(lambda self: self.links)
    @rule(which=st.integers(0, 99))
    def somebody_uses_one(self, which: int) -> None:
        number = which % len(self.links)
        try:
            after = links.use(self.links[number], self.now)
        except NotPossible as refusal:
            assert self.ended[number]
            assert "does not open anything" in str(refusal)
            return
        assert not self.ended[number]
        self.links[number] = after
        if after.single_use:
            self.ended[number] = "used"

    @precondition(lambda self: self.links)
    @rule(which=st.integers(0, 99))
    def one_is_revoked(self, which: int) -> None:
        number = which % len(self.links)
        try:
            self.links[number] = links.revoke(self.links[number], self.now)
        except NotPossible:
            assert self.ended[number]
            return
        assert not self.ended[number]
        self.ended[number] = "revoked"

    @precondition(lambda self: self.links)
    @rule(which=st.integers(0, 99))
    def what_it_rests_on_ends(self, which: int) -> None:
        number = which % len(self.links)
        self.links[number] = replace(self.links[number], holds=False)
        self.ended[number] = self.ended[number] or "closed"

    @invariant()
    def what_ended_never_works_again(self) -> None:
        for link, ended in zip(self.links, self.ended, strict=True):
            state = state_of(link, self.now)
            assert (state == "open") is (ended == "")
            assert state in MACHINE.states
            for later in (HOUR, 40 * DAY):
                assert ended == "" or state_of(link, self.now + later) != "open"
            assert state_of(link, link.expires_at) != "open"


TestLinks = Links.TestCase
TestLinks.settings = settings(max_examples=max(200, settings().max_examples), stateful_step_count=30)


def test_a_code_is_drawn_from_125_bits_and_never_twice() -> None:
    codes = {new_code() for _ in range(2000)}
    assert len(codes) == 2000
    assert all(re.fullmatch(r"([0-9A-HJKMNP-TV-Z]{5}-){4}[0-9A-HJKMNP-TV-Z]{5}", code) for code in codes)
    assert set("".join(codes)) == {*ALPHABET, "-"}
    assert len(ALPHABET) ** 25 == 2**125


@given(st.data())
def test_a_code_is_read_however_it_is_typed(data: st.DataObject) -> None:
    plain = data.draw(st.text(ALPHABET, min_size=25, max_size=25))
    code = "-".join(plain[place : place + 5] for place in range(0, 25, 5))
    looks_like = {"0": "0Oo", "1": "1IiLl"}
    typed = "".join(
        data.draw(st.sampled_from(looks_like.get(letter, letter + letter.lower())))
        + data.draw(st.sampled_from(["", " ", "-", "\t"]))
        for letter in plain
    )
    assert digest_of(typed) == digest_of(code) == hashlib.sha256(b"braid link " + plain.encode()).hexdigest()


@given(st.text(max_size=300))
def test_whatever_is_typed_has_a_digest(typed: str) -> None:
    assert re.fullmatch("[0-9a-f]{64}", digest_of(typed))


def test_two_codes_that_differ_in_a_letter_differ() -> None:
    code = new_code()
    for place, letter in product([0, 12, 28], ALPHABET):
        other = code[:place] + letter + code[place + 1 :]
        assert (digest_of(other) == digest_of(code)) is (other == code)


@pytest.mark.parametrize(
    ("due", "until"),
    [
        (DAY, DAY),
        (HOUR, HOUR),
        (7 * DAY, 7 * DAY),
        (7 * DAY + HOUR, 7 * DAY),
        (dt.timedelta(0), 7 * DAY),
        (-DAY, 7 * DAY),
    ],
)
def test_a_link_for_a_reply_lasts_until_the_answer_is_due_or_a_week(due: dt.timedelta, until: dt.timedelta) -> None:
    assert reply_expires_at(START + due, START) == START + until


@pytest.mark.parametrize(
    ("by", "state", "may"),
    [
        (acting("sender", "council", "housing"), "pending", True),
        (acting("sender", "council", "housing"), "accepted", False),
        (acting("sender", "hospital", "housing"), "pending", False),
        (acting("chief", "council", "housing", leads=("housing",)), "pending", True),
        (acting("chief", "council", "roads", leads=("roads",)), "pending", False),
        (acting("chief", "hospital", "housing", leads=("housing",)), "pending", False),
        (acting("colleague", "council", "housing"), "pending", False),
    ],
)
def test_who_makes_a_link_for_a_reply(by, state: str, may: bool) -> None:  # type: ignore[no-untyped-def]
    assert is_refused(check_reply_link, by, "sender", "council", state, frozenset({"housing"})) is not may


LEAD = acting("lead", "charity")
CASE = Case("open", (Member("lead", "charity", "advocate", is_lead=True), Member("other", "police", "police")))
GOOD = ViewWanted("follow", "in_person", 28)


def test_who_is_given_a_view_of_their_own_plan() -> None:
    for aim, hand_over, days, age, fits, contact in product(
        ["", *AIMS], ["", *HAND_OVERS], [0, 1, 28, 29], [None, 3, 17, 18, 80], ["", " ", "Asked for it"], [False, True]
    ):
        may = (
            aim != ""
            and hand_over != ""
            and 1 <= days <= 28
            and (hand_over != "safe_contact" or contact)
            and ((age is not None and age >= 18) or fits == "Asked for it")
        )
        wanted = ViewWanted(aim, hand_over, days, fits)
        assert is_refused(check_own_view, LEAD, CASE, wanted, age, contact, ()) is not may
    assert is_refused(check_own_view, acting("other", "police"), CASE, GOOD, 30, False, ())
    assert is_refused(check_own_view, LEAD, replace(CASE, state="closed"), GOOD, 30, False, ())
    assert is_refused(check_own_view, LEAD, CASE, replace(GOOD, fits="Kim knows"), 9, False, ("Kim Sample",))
    assert is_refused(check_own_view, LEAD, CASE, replace(GOOD, fits="x" * 501), 9, False, ())


def test_what_may_be_said() -> None:
    for stance, words, said in product(
        ["", *STANCES], ["", " ", "a", "x" * LONGEST_SAID, "x" * (LONGEST_SAID + 1)], [0, MOST_SAID - 1, MOST_SAID]
    ):
        may = stance != "" and said < MOST_SAID and len(words) <= LONGEST_SAID
        may &= stance != "say" or words.strip() != ""
        assert is_refused(check_said, stance, words, said) is not may


def test_after_so_many_wrong_codes_none_is_looked_at() -> None:
    assert [is_locked(misses) for misses in (0, MOST_MISSES - 1, MOST_MISSES, MOST_MISSES + 1)] == [
        *(False, False),
        *(True, True),
    ]
