"""The API's answers about joint work: referrals, offers, actions, cases, plans, teams, as who takes part sees them."""

import datetime as dt
from typing import Any
from uuid import UUID

from ninja import Field, Schema
from pydantic import ConfigDict, field_validator

from braid.language.printable import can_be_kept


class Step(Schema):
    """A step that the caller may take."""

    code: str
    name: str


class Referral(Schema):
    """A referral that the caller sent, or that went to a team of theirs."""

    id: UUID
    reference: str
    person_id: str = Field(description="Empty where the caller may not open the person")
    name: str = Field(description="Empty where the person is not shown to the caller any more")
    service: str
    service_name: str
    team: str
    team_name: str
    organisation: str
    urgency: str
    urgency_name: str
    note: str
    state: str
    state_name: str
    refusal: str = Field(description="Why it was refused; empty where it was not")
    effect: str = Field(description="What the refusal means for the next attempt")
    parked_until: dt.date | None
    look_again_on: dt.date | None
    sent_from: str
    sent_at: dt.datetime
    due_at: dt.datetime
    steps: list[Step]


class Referrals(Schema):
    """A part of the referrals, the newest first."""

    items: list[Referral]
    next: str | None


class Offer(Schema):
    """A joint case that is offered to a team: nothing of the case but what it is."""

    id: UUID
    case_reference: str
    case_type: str
    team: str
    team_name: str
    agency: str
    right: str
    sight: str
    offered_from: str
    state: str
    due_at: dt.datetime
    may_answer: bool


class Offers(Schema):
    """A part of the offers, those due first."""

    items: list[Offer]
    next: str | None


class Action(Schema):
    """Something that one team does by one day."""

    id: UUID
    case_id: UUID
    case_reference: str
    words: str
    team: str
    team_name: str
    is_taken_on: bool = Field(description="Whether somebody of the team took it on")
    is_mine: bool = Field(description="Whether the caller did")
    due_on: dt.date
    state: str
    state_name: str
    result: str
    steps: list[Step]


class Actions(Schema):
    """A part of the actions, those due first."""

    items: list[Action]
    next: str | None


class Subject(Schema):
    """Whom a case is about. Of somebody apart there is a name alone, for who may read it."""

    part: str
    person_id: str
    name: str
    is_apart: bool


class SeatTaken(Schema):
    """A seat at the table, and whose."""

    agency: str
    organisation: str
    right: str
    sight: str
    is_lead: bool
    is_me: bool


class CaseInList(Schema):
    """A joint case in which the caller takes part."""

    id: UUID
    reference: str
    case_type: str
    case_type_name: str
    state: str
    state_name: str
    outcome: str
    opened_at: dt.datetime
    closed_at: dt.datetime | None
    subjects: list[Subject]


class Cases(Schema):
    """A part of the cases, the newest first."""

    items: list[CaseInList]
    next: str | None


class Case(CaseInList):
    """A joint case, whole as far as the caller sees it."""

    is_whole: bool = Field(description="Whether the caller reads all that is planned for those whom it is about")
    members: list[SeatTaken]
    offers: list[Offer]


class Goal(Schema):
    """A goal of a plan, and the actions that lead to it."""

    id: UUID
    about: str
    words: str
    whose: str
    target_on: dt.date
    result: str
    actions: list[Action]


class Approval(Schema):
    """What an organisation was asked about a plan, and answered."""

    organisation: str
    state: str
    state_name: str
    due_at: dt.datetime
    answered_at: dt.datetime | None


class Plan(Schema):
    """The joint plan of a case, in the version that is worked on or holds. Version 0: there is none yet."""

    case_id: UUID
    case_reference: str
    number: int
    state: str
    state_name: str
    review_on: dt.date | None
    is_whole: bool
    goals: list[Goal]
    own_actions: list[Action] = Field(description="Of whoever sees their own part alone")
    approvals: list[Approval]


class Team(Schema):
    """A team, what it offers, and what it says of its capacity."""

    id: str
    name: str
    organisation: str
    services: list[str]
    capacity: str
    capacity_until: dt.date | None
    is_mine: bool


class Teams(Schema):
    """The teams that offer anything for the purpose."""

    items: list[Team]


class Receipt(Schema):
    """What a write came to, by ids and codes: nobody's value."""

    id: UUID
    reference: str
    state: str


class TeamReceipt(Schema):
    """What a team says now."""

    id: str
    capacity: str
    capacity_until: dt.date | None


class Sent(Schema):
    """What is sent: nothing but these fields, and no text that a database cannot keep."""

    model_config = ConfigDict(extra="forbid")

    @field_validator("*")
    @classmethod
    def _can_be_kept(cls, value: Any) -> Any:
        if isinstance(value, str) and not can_be_kept(value):
            raise ValueError("holds a character that cannot be kept")
        return value


class NewReferral(Sent):
    """A referral to send. Where somebody is, and how to reach them, is not written here."""

    team: str = Field(max_length=60)
    service: str = Field(max_length=40)
    urgency: str = Field(max_length=20, description="same_day, urgent or standard")
    note: str = Field("", max_length=2000)
    since: str = Field(
        "", max_length=40, description="What was assessed or has changed since one was refused, as a code"
    )
    need_band: str = Field("", max_length=20, description="How much the person needs, where a commission pays")


class ReferralAnswer(Sent):
    """The team's answer to a referral."""

    step: str = Field(max_length=20, description="accept, refuse or complete")
    refusal: str = Field("", max_length=40, description="Why, where it is refused, as a code")
    parked_until: dt.date | None = None


class OfferAnswer(Sent):
    """The team's answer to an offer. Whoever accepts takes part in the case, in the seat that is offered."""

    step: str = Field(max_length=20, description="accept or decline")


class ActionStep(Sent):
    """A step of an action."""

    step: str = Field(max_length=20, description="take_on or complete")
    result: str = Field("", max_length=40, description="What came of it, where it is complete, as a code")


class TeamChange(Sent):
    """What a team says of its capacity."""

    capacity: str = Field(max_length=20, description="open, limited, full or closed")
    capacity_until: dt.date | None = None
