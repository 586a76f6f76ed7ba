"""A referral in every small case: capacity by urgency, each refusal and its effect, who answers, who takes back."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from itertools import product

import pytest

from braid.care.model import Acting
from braid.care.referrals import (
    ASSESSMENTS,
    CHANGES,
    EFFECTS,
    LONGEST_PARKED,
    MACHINE,
    REFUSALS,
    URGENCIES,
    Answer,
    Effect,
    Referral,
    answer,
    answer_by_link,
    check_send,
    due_at,
    revoke,
    silence_on,
)
from braid.care.teams import CAPACITIES, Team, capacity_of, check_capacity_change, check_removal
from braid.language.dates import london_date
from braid.language.steps import NotPossible
from care.table import acting, is_refused, london, team

NOW = london("2026-11-27T10:00")
TODAY = london_date(NOW)
DAY = dt.timedelta(days=1)
ASKER = acting("asker", "council", "housing")
NURSE = acting("nurse", "hospital", "clinic")
CLINIC = team("clinic", "hospital", "matron", "nurse")
CODES = ("", *ASSESSMENTS, *CHANGES)


def referral(urgency: str = "standard", **changed: object) -> Referral:
    made = Referral("p1", "therapy", "clinic", urgency, "asker", "council", NOW, due_at(NOW, urgency))
    return replace(made, **changed)  # type: ignore[arg-type]


def refused(code: str, until: dt.date | None = None) -> Referral:
    return answer(NURSE, referral(sent_at=NOW - 9 * DAY), Answer("refuse", code, until), NOW - DAY)


TAKES = {
    "open": {"same_day", "urgent", "standard"},
    "limited": {"same_day", "urgent", "standard"},
    "full": {"same_day", "urgent"},
    "closed": set(),
}


@pytest.mark.parametrize(("capacity", "urgency"), [*product(CAPACITIES, URGENCIES)])
def test_a_team_is_sent_what_it_takes(capacity: str, urgency: str) -> None:
    for until, holds in ((None, True), (TODAY, True), (TODAY + DAY, True), (TODAY - DAY, False)):
        clinic = replace(CLINIC, capacity=capacity, capacity_until=until)
        takes = urgency in TAKES[capacity] or not holds
        assert is_refused(check_send, ASKER, referral(urgency), clinic, [], NOW) is not takes
        assert (urgency in capacity_of(clinic, TODAY).takes) is takes
    assert set(TAKES) == set(CAPACITIES)


@pytest.mark.parametrize(
    ("changed", "clinic", "by"),
    [
        ({"urgency": "whenever"}, CLINIC, ASKER),
        ({"service": "surgery"}, CLINIC, ASKER),
        ({"since": "because I say so"}, CLINIC, ASKER),
        ({}, replace(CLINIC, leads=frozenset()), ASKER),
        ({}, replace(CLINIC, leads=frozenset({"gone"})), ASKER),
        ({"sent_by": "nurse", "sent_from": "hospital"}, CLINIC, NURSE),
    ],
)
def test_what_may_not_be_sent(changed: dict[str, str], clinic: Team, by: Acting) -> None:
    assert not is_refused(check_send, ASKER, referral(), CLINIC, [], NOW)
    assert is_refused(check_send, by, replace(referral(), **changed), clinic, [], NOW)


def test_a_team_without_an_account_is_referred_to_and_answers_by_a_link() -> None:
    outside = replace(CLINIC, members=frozenset(), leads=frozenset())
    check_send(ASKER, referral(), outside, [], NOW)
    assert is_refused(check_send, ASKER, referral(), replace(outside, capacity="closed"), [], NOW)


@pytest.mark.parametrize("changed", [{"sent_by": "other"}, {"sent_from": "police"}, {"team": "x"}, {"state": "done"}])
def test_nothing_is_sent_in_the_name_of_somebody_else(changed: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="in one's own name"):
        check_send(ASKER, replace(referral(), **changed), CLINIC, [], NOW)


EFFECT_OF = {
    Effect.PARK: {"no_capacity", "not_safe_yet", "person_not_ready"},
    Effect.REASSESS: {"more_information", "need_is_higher", "other_service", "not_reached", "conflict"},
    Effect.NOT_ELIGIBLE: {"age", "area", "criteria", "person_declined"},
}


def test_each_reason_has_the_effect_that_is_written_down() -> None:
    assert {code: reason.effect for code, reason in REFUSALS.items()} == {
        code: effect for effect, codes in EFFECT_OF.items() for code in codes
    }
    assert set(EFFECTS) == set(EFFECT_OF)
    assert {code for code, reason in REFUSALS.items() if reason.by_person} == {"person_not_ready", "person_declined"}


@pytest.mark.parametrize(("reason", "since"), [*product(REFUSALS, CODES)])
def test_each_refusal_is_held_against_the_next_attempt(reason: str, since: str) -> None:
    effect = REFUSALS[reason].effect
    for until in (TODAY, TODAY + DAY) if effect is Effect.PARK else (None,):
        last = refused(reason, until)
        assert (last.state, last.refusal, last.parked_until) == ("refused", reason, until)
        may = {
            Effect.PARK: until == TODAY,
            Effect.REASSESS: since in ASSESSMENTS,
            Effect.NOT_ELIGIBLE: since in CHANGES,
        }[effect]
        earlier = [last, referral(state="done", sent_at=NOW - 30 * DAY)]
        assert is_refused(check_send, ASKER, referral(since=since), CLINIC, earlier, NOW) is not may


@pytest.mark.parametrize("reason", REFUSALS)
def test_sending_and_taking_back_does_not_wash_a_refusal_off(reason: str) -> None:
    parks = REFUSALS[reason].effect is Effect.PARK
    last = refused(reason, TODAY + DAY if parks else None)
    taken_back = revoke(ASKER, referral(sent_at=NOW - DAY / 2), frozenset())
    assert is_refused(check_send, ASKER, referral(), CLINIC, [taken_back, last], NOW)
    accepted = answer(NURSE, referral(sent_at=NOW - DAY / 2), Answer("accept"), NOW)
    assert is_refused(check_send, ASKER, referral(), CLINIC, [last, revoke(ASKER, accepted, frozenset())], NOW)
    done = referral(sent_at=NOW - DAY / 2, state="done")
    assert not is_refused(check_send, ASKER, referral(), CLINIC, [done, last], NOW)


@pytest.mark.parametrize("state", MACHINE.states)
def test_what_is_open_is_not_sent_twice(state: str) -> None:
    earlier = [referral(state=state, refusal="age" if state == "refused" else "")]
    is_open = state in ("pending", "accepted")
    assert is_refused(check_send, ASKER, referral(since="moved"), CLINIC, earlier, NOW) is is_open


@pytest.mark.parametrize("days", [-1, 0, 1, LONGEST_PARKED.days, LONGEST_PARKED.days + 1, None])
@pytest.mark.parametrize("reason", REFUSALS)
def test_a_refusal_that_parks_names_a_day(reason: str, days: int | None) -> None:
    until = None if days is None else TODAY + days * DAY
    given = Answer("refuse", reason, until)
    if REFUSALS[reason].effect is not Effect.PARK:
        assert answer(NURSE, referral(), given, NOW).parked_until is None
        return
    may = days is not None and 1 <= days <= LONGEST_PARKED.days
    assert is_refused(answer, NURSE, referral(), given, NOW) is not may


@pytest.mark.parametrize(
    ("by", "state", "step"),
    [
        *product(
            [NURSE, ASKER, acting("clerk", "hospital", "ward"), acting("asker", "hospital", "clinic")],
            MACHINE.states,
            [*MACHINE.steps, ""],
        )
    ],
)
def test_only_the_team_answers_and_never_its_own(by: Acting, state: str, step: str) -> None:
    may = by is NURSE and (state, step) in {("pending", "accept"), ("pending", "refuse"), ("accepted", "complete")}
    given = Answer(step, "age" if step == "refuse" else "")
    assert is_refused(answer, by, referral(state=state), given, NOW) is not may


def test_a_refusal_without_a_reason_of_the_list_is_none() -> None:
    for reason in ("", "busy"):
        assert is_refused(answer, NURSE, referral(), Answer("refuse", reason), NOW)


@pytest.mark.parametrize(("state", "step"), [*product(MACHINE.states, MACHINE.steps)])
def test_a_link_answers_once_and_while_it_lasts(state: str, step: str) -> None:
    given = Answer(step, "age" if step == "refuse" else "")
    may = state == "pending" and step in ("accept", "refuse")
    for left, works in ((DAY, True), (dt.timedelta(seconds=1), True), (dt.timedelta(), False), (-DAY, False)):
        assert is_refused(answer_by_link, referral(state=state), given, NOW + left, NOW) is not (may and works)
    if may:
        with pytest.raises(NotPossible):
            answer_by_link(answer_by_link(referral(), given, NOW + DAY, NOW), given, NOW + DAY, NOW)


@pytest.mark.parametrize(
    ("by", "may"),
    [
        (ASKER, True),
        (acting("lead", "council", "housing", leads=("housing",)), True),
        (acting("lead", "council", "roads", leads=("roads",)), False),
        (acting("lead", "hospital", "housing", leads=("housing",)), False),
        (acting("colleague", "council", "housing"), False),
        (NURSE, False),
    ],
)
def test_whoever_sent_it_or_their_lead_takes_it_back(by: Acting, may: bool) -> None:
    for state in MACHINE.states:
        possible = may and state in ("pending", "accepted")
        assert is_refused(revoke, by, referral(state=state), frozenset({"housing"})) is not possible


@pytest.mark.parametrize("state", MACHINE.states)
def test_silence_is_of_what_nobody_answered(state: str) -> None:
    one = referral("same_day", state=state)
    found = silence_on(one, one.due_at)
    assert (found.level if found else None) == (1 if state == "pending" else None)


@pytest.mark.parametrize("waiting", [0, 2])
@pytest.mark.parametrize("username", ["matron", "nurse", "stranger"])
@pytest.mark.parametrize(
    ("members", "leads"),
    [
        (("matron", "nurse"), ("matron",)),
        (("matron", "nurse"), ("matron", "nurse")),
        (("matron", "nurse"), ()),
        (("matron", "nurse"), ("gone",)),
        (("matron",), ("matron",)),
        (("nurse",), ()),
        ((), ()),
    ],
)
def test_who_may_leave_a_team(members: tuple[str, ...], leads: tuple[str, ...], username: str, waiting: int) -> None:
    """A team without a lead keeps nobody; the only lead of others stays, and the last where something waits."""
    clinic = replace(CLINIC, members=frozenset(members), leads=frozenset(leads))
    others = set(members) - {username}
    is_only_lead = bool(others) and [one for one in members if one in leads] == [username]
    is_last = username in members and not others
    assert is_refused(check_removal, clinic, username, waiting) is (is_only_lead or (is_last and waiting > 0))


def test_only_the_team_says_what_it_can_take() -> None:
    for by, capacity, until in product((NURSE, ASKER), (*CAPACITIES, "maybe"), (None, TODAY - DAY, TODAY)):
        may = by is NURSE and capacity != "maybe" and until != TODAY - DAY
        assert is_refused(check_capacity_change, by, CLINIC, capacity, until, TODAY) is not may
