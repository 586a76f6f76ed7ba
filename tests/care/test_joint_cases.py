"""A joint case in every small combination of right, sight and lead: who comes in, goes, offers, accepts and closes."""

from __future__ import annotations

from dataclasses import fields, replace
from itertools import product
from operator import attrgetter

import pytest

from braid.care.case_types import KINDS_AT_TABLE, shipped_case_types
from braid.care.cases import (
    OUTCOMES,
    Case,
    Member,
    Offer,
    Right,
    Sight,
    accept_offer,
    add_colleague,
    check_edits,
    check_offer,
    check_seat,
    check_sound,
    close,
    decline_offer,
    remove_member,
    reopen,
    silence_on,
    stand_in,
    withdraw_offer,
)
from braid.care.model import Acting
from braid.care.unsettled import Unsettled
from braid.language.steps import NotPossible
from care.table import SHIPPED, acting, is_refused, london, shipped_table

DUE = london("2026-11-27T10:00")
LEAD = acting("lead", "council", "social_work")
MANAGER = acting("manager", "council", "social_work", leads=("social_work",))
NURSE = acting("nurse", "hospital", "clinic")
MATRON = acting("matron", "hospital", "clinic", leads=("clinic",))
HEAD = Member("lead", "council", "social_care", is_lead=True)
CASE = Case("open", (HEAD,))
RIGHTS = (Right.VIEW, Right.EDIT)
LEFT = fields(Unsettled)
STATES = ("open", "closed", "merged")


def offer(right: Right = Right.EDIT, sight: Sight = Sight.WHOLE, **changed: str) -> Offer:
    return replace(Offer("clinic", "health", right, sight, "lead", DUE), **changed)


def with_nurse(right: Right = Right.EDIT, sight: Sight = Sight.WHOLE, state: str = "open") -> Case:
    return Case(state, (HEAD, Member("nurse", "hospital", "health", right, sight)))


@pytest.mark.parametrize(
    "members",
    [
        (),
        (replace(HEAD, is_lead=False),),
        (HEAD, replace(HEAD, username="second")),
        (HEAD, replace(HEAD, is_lead=False)),
        (replace(HEAD, right=Right.VIEW),),
        (replace(HEAD, sight=Sight.OWN),),
    ],
)
def test_what_is_no_case(members: tuple[Member, ...]) -> None:
    check_sound(CASE)
    with pytest.raises(ValueError, match="case"):
        check_sound(Case("open", members))


@pytest.mark.parametrize("right", RIGHTS)
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize(
    ("by", "takes_part"),
    [(NURSE, True), (acting("nurse", "charity", "clinic"), False), (acting("stranger", "hospital"), False)],
)
def test_who_works_on_a_case(by: Acting, takes_part: bool, state: str, right: Right) -> None:
    """Whoever moves to another organisation takes no part any more."""
    may = takes_part and state == "open" and right is Right.EDIT
    assert is_refused(check_edits, by, with_nurse(right, state=state)) is not may


@pytest.mark.parametrize(("own_right", "own_sight", "right", "sight"), [*product(RIGHTS, Sight, Right, Sight)])
@pytest.mark.parametrize("organisation", ["hospital", "charity"])
def test_nobody_brings_in_somebody_who_sees_more(
    own_right: Right, own_sight: Sight, right: Right, sight: Sight, organisation: str
) -> None:
    case, colleague = with_nurse(own_right, own_sight), acting("colleague", organisation)
    gains = own_sight is Sight.OWN and sight is Sight.WHOLE
    may = own_right is Right.EDIT and right is not Right.HAND_OVER and organisation == "hospital" and not gains
    assert is_refused(add_colleague, NURSE, case, colleague, right, sight) is not may
    if may:
        after = add_colleague(NURSE, case, colleague, right, sight)
        assert after.members == (*case.members, Member("colleague", "hospital", "health", right, sight))
        assert is_refused(add_colleague, NURSE, after, colleague, right, sight)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("own_right", RIGHTS)
@pytest.mark.parametrize("target", ["lead", "nurse", "colleague", "officer", "stranger"])
def test_who_takes_whom_out(target: str, own_right: Right, state: str) -> None:
    case = with_nurse(own_right, state=state)
    others = (Member("colleague", "hospital", "health", Right.VIEW), Member("officer", "police", "police"))
    case = replace(case, members=(*case.members, *others))
    by_nurse = target == "nurse" or (target == "colleague" and own_right is Right.EDIT)
    by_lead = target in ("nurse", "colleague", "officer")
    for by, may in (
        (NURSE, by_nurse),
        (LEAD, by_lead),
        (acting("stranger", "hospital"), False),
        (acting("nurse", "charity"), False),
    ):
        assert is_refused(remove_member, by, case, target) is not may
        if may:
            check_sound(remove_member(by, case, target))
            assert remove_member(by, case, target).member(target) is None


@pytest.mark.parametrize(("right", "sight", "state"), [*product(Right, Sight, STATES)])
def test_only_the_lead_offers_and_once(right: Right, sight: Sight, state: str) -> None:
    sound = not (right is Right.HAND_OVER and sight is Sight.OWN) and state == "open"
    for by in (LEAD, NURSE, MANAGER, acting("lead", "charity")):
        case = with_nurse(state=state)
        assert is_refused(check_offer, by, case, offer(right, sight), []) is not (by is LEAD and sound)
    for other, team, waits in product(Right, ("clinic", "ward"), ("offered", "accepted", "declined", "withdrawn")):
        standing = [offer(other, team=team, state=waits)]
        twice = waits == "offered" and (team == "clinic" or right is other is Right.HAND_OVER)
        may = sound and not twice
        assert is_refused(check_offer, LEAD, replace(CASE, state=state), offer(right, sight), standing) is not may


HAD = [None, *(Member("nurse", "hospital", "health", right, sight) for right, sight in product(RIGHTS, Sight))]


@pytest.mark.parametrize(("had", "right", "sight"), [*product(HAD, Right, Sight)])
def test_accepting_adds_to_what_somebody_had(had: Member | None, right: Right, sight: Sight) -> None:
    case = CASE if had is None else Case("open", (HEAD, had))
    after, done = accept_offer(NURSE, case, offer(right, sight))
    check_sound(after)
    new = after.member("nurse")
    assert done.state == "accepted"
    assert new is not None
    assert (new.organisation, new.agency) == ("hospital", "health")
    edits = right is not Right.VIEW or (had is not None and had.right is Right.EDIT)
    whole = sight is Sight.WHOLE or right is Right.HAND_OVER or (had is not None and had.sight is Sight.WHOLE)
    assert (new.right is Right.EDIT, new.sight is Sight.WHOLE) == (edits, whole)
    assert new.is_lead is (right is Right.HAND_OVER)
    kept = after.member("lead")
    assert kept == replace(HEAD, is_lead=right is not Right.HAND_OVER)


@pytest.mark.parametrize(("right", "sight"), [*product(Right, Sight)])
def test_what_was_had_for_another_organisation_ends(right: Right, sight: Sight) -> None:
    """Somebody who saw the whole for the police sees for the hospital what is offered, in the hospital's part."""
    before = Case("open", (HEAD, Member("nurse", "police", "police")))
    new = accept_offer(NURSE, before, offer(right, sight))[0].member("nurse")
    assert new == accept_offer(NURSE, CASE, offer(right, sight))[0].member("nurse")


@pytest.mark.parametrize(("right", "sight"), [*product(Right, Sight)])
def test_a_lead_stays_the_lead_whatever_they_accept(right: Right, sight: Sight) -> None:
    by = acting("lead", "council", "clinic")
    after, _ = accept_offer(by, CASE, offer(right, sight))
    assert after == CASE
    assert is_refused(accept_offer, acting("lead", "hospital", "clinic"), CASE, offer(right, sight))


@pytest.mark.parametrize(("state", "offered"), [*product(STATES, ("offered", "accepted", "declined", "withdrawn"))])
def test_who_answers_an_offer_and_when(state: str, offered: str) -> None:
    case, one = replace(CASE, state=state), offer(state=offered)
    for by in (NURSE, LEAD, acting("clerk", "hospital", "ward")):
        of_team, waits = by is NURSE, offered == "offered"
        assert is_refused(accept_offer, by, case, one) is not (of_team and waits and state == "open")
        assert is_refused(decline_offer, by, one) is not (of_team and waits)
        assert is_refused(withdraw_offer, by, case, one) is not (by is LEAD and waits)
    silence = silence_on(one, DUE)
    assert (silence.level if silence else None) == (1 if offered == "offered" else None)


@pytest.mark.parametrize(
    ("state", "outcome", "left"), [*product(STATES, ("", "bored", *OUTCOMES), (None, *map(attrgetter("name"), LEFT)))]
)
def test_a_case_is_closed_once_nothing_of_it_is_to_do(state: str, outcome: str, left: str | None) -> None:
    case = with_nurse(state=state)
    may = state == "open" and outcome in OUTCOMES and left is None
    unsettled = Unsettled(**({left: 2} if left else {}))
    assert is_refused(close, LEAD, case, outcome, unsettled) is not may
    assert is_refused(close, NURSE, case, outcome, unsettled)
    assert is_refused(reopen, LEAD, case) is not (state == "closed")
    assert is_refused(reopen, NURSE, case)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize(
    ("by", "may"),
    [
        (MANAGER, True),
        (acting("manager", "council", "roads", leads=("roads",)), False),
        (acting("manager", "hospital", "social_work", leads=("social_work",)), False),
        (acting("colleague", "council", "social_work"), False),
        (acting("lead", "council", "social_work", leads=("social_work",)), False),
        (MATRON, False),
        (acting("coordinator", "authority", coordinates=True), False),
    ],
)
def test_a_case_whose_lead_is_gone_is_not_stuck(by: Acting, may: bool, state: str) -> None:
    """Whoever leads their team stands in; nobody of another organisation or team does."""
    case = with_nurse(state=state)
    may = may and state != "merged"
    assert is_refused(stand_in, by, case, frozenset({"social_work"})) is not may
    if may:
        after = stand_in(by, case, frozenset({"social_work"}))
        check_sound(after)
        assert after.lead == Member("manager", "council", "social_care", is_lead=True)
        assert after.member("lead") == replace(HEAD, is_lead=False)


def test_a_restricted_colleague_who_stands_in_sees_the_whole() -> None:
    own = Member("manager", "council", "housing", Right.VIEW, Sight.OWN)
    after = stand_in(MANAGER, Case("open", (HEAD, own)), frozenset({"social_work"}))
    check_sound(after)
    assert len(after.members) == 2


@pytest.mark.parametrize("name", SHIPPED)
def test_a_seat_is_for_the_kinds_of_organisation_that_it_names(name: str) -> None:
    seats = {row["id"]: row["organisations"] for row in shipped_table(name)["agency"]}
    for seat, kind in product([*seats, "no_seat"], [*KINDS_AT_TABLE, "club"]):
        may = kind in seats.get(seat, ())
        assert is_refused(check_seat, shipped_case_types()[name], seat, kind) is not may


def test_a_refusal_names_nobody() -> None:
    with pytest.raises(NotPossible) as refused:
        check_edits(acting("stranger", "hospital"), CASE)
    assert not {"stranger", "lead professional stranger", "hospital"} & set(str(refused.value).split())
