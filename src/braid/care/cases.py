"""A joint case: several organisations, each in its part, around people; one lead professional who answers for it.

Whoever takes part is a named human. Another organisation comes in by an offer to one of its teams, which somebody there
accepts: to view, to edit, or to take the case over are three choices. The lead stays the lead until somebody else has
taken over, so that no case is ever without anybody who may read it and must act on it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from braid.care.case_types import CaseType
from braid.care.model import Acting, Escalation, escalation_of
from braid.care.unsettled import Unsettled, check_settled
from braid.language.steps import Machine, NotPossible, State, Step

MACHINE = Machine(
    "Joint case",
    "open",
    {
        "open": State("Open"),
        "closed": State("Closed"),
        "merged": State("Merged into another", ends=True),
    },
    {
        "close": Step("Close", ("open",), "closed", "the lead professional"),
        "reopen": Step("Open again", ("closed",), "open", "the lead professional"),
        "merge": Step("Merge into another", ("open",), "merged", "whoever leads both"),
    },
)
OFFER_MACHINE = Machine(
    "Offer of a case",
    "offered",
    {
        "offered": State("Waiting for an answer"),
        "accepted": State("Accepted", ends=True),
        "declined": State("Declined", ends=True),
        "withdrawn": State("Withdrawn", ends=True),
    },
    {
        "accept": Step("Accept", ("offered",), "accepted", "the team"),
        "decline": Step("Decline", ("offered",), "declined", "the team"),
        "withdraw": Step("Withdraw", ("offered",), "withdrawn", "the lead professional"),
    },
)
STANDING_IN: Mapping[str, str] = {
    "away": "They are away or ill",
    "left": "They have left the team or the organisation",
    "conflict": "They may not act on it",
    "asked": "They asked me to",
}
"""Why somebody stands in for a lead professional."""
OUTCOMES: Mapping[str, str] = {
    "goals_met": "What the case was for is met",
    "one_service": "One service carries on alone",
    "person_left": "The person has left the place",
    "person_withdrew": "The person no longer wants a joint case",
    "no_longer_concerned": "It concerns nobody any more",
    "opened_in_error": "It was opened in error",
}
"""Why a case of any kind is closed; a kind of case has its own beside them."""


def outcomes_of(case_type: CaseType) -> Mapping[str, str]:
    """Return what may come of a case of a kind: its own first, in words by code."""
    return {**case_type.outcomes, **OUTCOMES}


class Right(StrEnum):
    """What a member may do, and what an offer offers."""

    VIEW = "view"
    EDIT = "edit"
    HAND_OVER = "hand_over"
    """Of an offer alone: whoever accepts leads the case, and whoever led it stays with it to edit."""


RIGHTS: Mapping[Right, str] = {
    Right.VIEW: "See the case",
    Right.EDIT: "See and work on the case",
    Right.HAND_OVER: "Take the case over",
}


class Sight(StrEnum):
    """How much of a case a member sees."""

    WHOLE = "whole"
    OWN = "own"
    """A restricted member: what is asked of them and what they gave, who is of their seat, and who leads; no more."""


SIGHTS: Mapping[Sight, str] = {
    Sight.WHOLE: "What their part of the meeting opens",
    Sight.OWN: "Only what is asked of them and what they gave",
}


@dataclass(frozen=True)
class Member:
    """A named human in a case. `agency` is the part of their organisation, a code of the case type."""

    username: str
    organisation: str
    agency: str
    right: Right = Right.EDIT
    sight: Sight = Sight.WHOLE
    is_lead: bool = False


@dataclass(frozen=True)
class Case:
    """A case as rules know it: its state and its members now."""

    state: str
    members: tuple[Member, ...]

    def member(self, username: str) -> Member | None:
        """Return a member by username, or `None`."""
        return next((one for one in self.members if one.username == username), None)

    @property
    def lead(self) -> Member:
        """The lead professional. Every case has one."""
        return next(one for one in self.members if one.is_lead)


def check_sound(case: Case) -> None:
    """Raise `ValueError` where a case is not one: its members twice, or not exactly one lead who may edit the whole."""
    names = [one.username for one in case.members]
    leads = [one for one in case.members if one.is_lead]
    if len(set(names)) < len(names) or len(leads) != 1:
        raise ValueError("a case has each member once, and one lead")
    if leads[0].right is not Right.EDIT or leads[0].sight is not Sight.WHOLE:
        raise ValueError("the lead of a case edits the whole of it")


def check_edits(by: Acting, case: Case) -> Member:
    """Return the member that `by` is. Raises `NotPossible` unless they may work on the case, and it is open."""
    member = case.member(by.username)
    if member is None or member.organisation != by.organisation:
        raise NotPossible("You do not take part in this case. Ask its lead professional for an offer to your team")
    if case.state != "open":
        raise NotPossible("The case is not open. Its lead professional may open it again")
    if member.right is not Right.EDIT:
        raise NotPossible("You may see the case and not work on it. Ask its lead professional")
    return member


def check_edits_whole(by: Acting, case: Case) -> Member:
    """Return the member that `by` is. Raises `NotPossible` unless they may work on the whole of the open case."""
    member = check_edits(by, case)
    if member.sight is not Sight.WHOLE:
        raise NotPossible("You see a part of the case alone. Ask its lead professional to offer you the whole")
    return member


def check_leads(by: Acting, case: Case) -> Member:
    """Return the lead that `by` is. Raises `NotPossible` for anybody else."""
    member = case.member(by.username)
    if member is None or not member.is_lead or member.organisation != by.organisation:
        raise NotPossible("Only the lead professional of the case does that. Ask them")
    return member


def check_seat(case_type: CaseType, agency: str, kind: str) -> None:
    """Raise `NotPossible` unless an organisation of this kind may fill the seat: what it is shown rests on the seat."""
    if not case_type.may_fill(agency, kind):
        raise NotPossible("That part is not for this kind of organisation. Choose the part that is theirs")


def stand_in(by: Acting, case: Case, teams_of_lead: frozenset[str]) -> Case:
    """Return the case led by whoever leads a team of the lead professional, who may be ill or gone.

    `teams_of_lead` are the ids of the teams that the lead professional is of, or was last of where they are of none.
    Raises `NotPossible`. Whether `by` is kept from anybody of the case is asked apart, of the safety overlay.
    """
    lead = case.lead
    if MACHINE.states[case.state].ends:
        raise NotPossible("The case is merged into another. Look there for who leads it")
    if by.username == lead.username or by.organisation != lead.organisation or not by.leads & teams_of_lead:
        raise NotPossible("Only whoever leads the team of the lead professional stands in for them")
    others = [replace(one, is_lead=False) for one in case.members if one.username != by.username]
    joined = Member(by.username, by.organisation, lead.agency, is_lead=True)
    return replace(case, members=(*others, joined))


def add_colleague(by: Acting, case: Case, colleague: Acting, right: Right, sight: Sight) -> Case:
    """Return the case with a colleague of the same organisation and part. Raises `NotPossible`.

    Whether the colleague is kept from anybody of the case is asked apart, of the safety overlay.
    """
    member = check_edits(by, case)
    if colleague.organisation != by.organisation:
        raise NotPossible("Somebody of another organisation comes in by an offer to their team. Offer it there")
    if right is Right.HAND_OVER:
        raise NotPossible("To hand the case over, offer it to a team")
    if case.member(colleague.username) is not None:
        raise NotPossible("They take part already")
    if member.sight is Sight.OWN and sight is Sight.WHOLE:
        raise NotPossible("You see only what is asked of you, and can bring in nobody who sees more")
    added = Member(colleague.username, colleague.organisation, member.agency, right, sight)
    return replace(case, members=(*case.members, added))


def remove_member(by: Acting, case: Case, username: str) -> Case:
    """Return the case without a member: by themself, the lead, or an editor of their organisation.

    Raises `NotPossible`, for the lead too: they hand over first.
    """
    member, own = case.member(username), case.member(by.username)
    if own is None or own.organisation != by.organisation:
        raise NotPossible("You do not take part in this case")
    if member is None:
        raise NotPossible("They do not take part. Look at the case again")
    if member.is_lead:
        raise NotPossible("The lead professional hands the case over first: offer it to a team")
    is_colleague = own.organisation == member.organisation and own.right is Right.EDIT
    if not (own.username == username or own.is_lead or is_colleague):
        raise NotPossible("Only they, the lead professional or a colleague of theirs take somebody out")
    return replace(case, members=tuple(one for one in case.members if one.username != username))


def check_leaves_nothing(open_actions: int, asked_returns: int) -> None:
    """Raise `NotPossible` for the last member of a team or seat that still owes the case something.

    `open_actions` are of teams of which nobody else takes part, `asked_returns` of a seat that would be empty.
    """
    if not open_actions and not asked_returns:
        return
    actions = [f"{open_actions} open action{'s' * (open_actions > 1)}"] if open_actions else []
    returns = [f"{asked_returns} return{'s' * (asked_returns > 1)} asked for"] if asked_returns else []
    raise NotPossible(
        f"Nobody else is there for {' and '.join(actions + returns)}. Bring in a colleague first, or ask the lead"
        " professional to give the actions to another team"
    )


@dataclass(frozen=True)
class Offer:
    """An offer of a case to a team: what it offers, to whom in which part, and until when an answer is due."""

    team: str
    agency: str
    right: Right
    sight: Sight
    offered_by: str
    due_at: dt.datetime
    state: str = OFFER_MACHINE.first


def check_offer(by: Acting, case: Case, offer: Offer, standing: Iterable[Offer]) -> None:
    """Raise `NotPossible` unless the lead may offer the case to the team; `standing` are the case's other offers."""
    check_leads(by, case)
    check_edits(by, case)
    if offer.right is Right.HAND_OVER and offer.sight is Sight.OWN:
        raise NotPossible("Whoever takes the case over sees the whole of it")
    waiting = [one for one in standing if one.state == "offered"]
    if any(one.team == offer.team for one in waiting):
        raise NotPossible("The team has an offer already. Withdraw it first")
    if offer.right is Right.HAND_OVER and any(one.right is Right.HAND_OVER for one in waiting):
        raise NotPossible("It is offered to another team to take over. Withdraw that first")


def accept_offer(by: Acting, case: Case, offer: Offer) -> tuple[Case, Offer]:
    """Return case and offer once somebody of the team has accepted. Raises `NotPossible`.

    Who takes part already keeps what they have, and gains what is offered; what they had for another organisation ends.
    """
    _check_of_team(by, offer)
    if case.state != "open":
        raise NotPossible("The case is not open any more. Ask whoever offered it")
    takes_over = offer.right is Right.HAND_OVER
    right = Right.VIEW if offer.right is Right.VIEW else Right.EDIT
    had = case.member(by.username)
    if had is not None and had.organisation != by.organisation:
        if had.is_lead:
            raise NotPossible("You lead the case for another organisation. The lead of your team there stands in first")
        had = None
    if had is not None and had.right is Right.EDIT:
        right = Right.EDIT
    sight = Sight.WHOLE if takes_over or (had is not None and had.sight is Sight.WHOLE) else offer.sight
    is_lead = takes_over or (had is not None and had.is_lead)
    others = [one for one in case.members if one.username != by.username]
    if takes_over:
        others = [replace(one, is_lead=False) for one in others]
    agency = offer.agency if had is None else had.agency
    joined = Member(by.username, by.organisation, agency, right, sight, is_lead)
    done = replace(offer, state=OFFER_MACHINE.after(offer.state, "accept"))
    return replace(case, members=(*others, joined)), done


def decline_offer(by: Acting, offer: Offer) -> Offer:
    """Return the offer declined by somebody of the team. Raises `NotPossible`."""
    _check_of_team(by, offer)
    return replace(offer, state=OFFER_MACHINE.after(offer.state, "decline"))


def withdraw_offer(by: Acting, case: Case, offer: Offer) -> Offer:
    """Return the offer withdrawn by the lead. Raises `NotPossible`."""
    check_leads(by, case)
    return replace(offer, state=OFFER_MACHINE.after(offer.state, "withdraw"))


def _check_of_team(by: Acting, offer: Offer) -> None:
    if offer.team not in by.teams:
        raise NotPossible("Only somebody of the team that it was offered to answers")


def silence_on(offer: Offer, now: dt.datetime) -> Escalation | None:
    """Return where the silence on an offer stands; `None` once it was answered or withdrawn."""
    return escalation_of(offer.due_at, now) if offer.state == "offered" else None


def close(
    by: Acting,
    case: Case,
    outcome: str,
    left: Unsettled,
    outcomes: Mapping[str, str] = OUTCOMES,
) -> Case:
    """Return the case closed by its lead, with which of the `outcomes` of its kind.

    Raises `NotPossible` while something of it is to do: `left`.
    """
    check_leads(by, case)
    if outcome not in outcomes:
        raise NotPossible("Choose from the list why the case is closed")
    check_settled(left)
    return replace(case, state=MACHINE.after(case.state, "close"))


def reopen(by: Acting, case: Case) -> Case:
    """Return the case opened again by its lead. Raises `NotPossible`."""
    check_leads(by, case)
    return replace(case, state=MACHINE.after(case.state, "reopen"))
