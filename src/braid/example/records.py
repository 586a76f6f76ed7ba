"""What services record about some people of the example world: one object a case, dates as dates.

A person is an index into the columns of `People`; a site or school is an index into those of `Geography`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date


@dataclass(slots=True)
class RegisterApplication:
    """An application to a council's housing register; all members wait."""

    number: int
    district: int
    members: list[int]
    submitted: date
    effective: date
    band: str
    reason: str
    bedrooms: int
    suspended: bool = False
    closed: date | None = None
    closed_reason: str = ""
    sensitive: bool = False
    medical: str = ""


@dataclass(slots=True)
class HomelessCase:
    """A homelessness application, its duties and temporary accommodation."""

    number: int
    district: int
    members: list[int]
    applied: date
    reason: str
    prevention: tuple[date, date | None] | None = None
    relief: tuple[date, date | None] | None = None
    main_duty: tuple[date, date | None] | None = None
    ta_type: str = ""
    ta_entry: date | None = None
    ta_exit: date | None = None
    ta_site: int = -1
    ta_unit: int = 0
    pregnant: bool = False
    needs: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Enrolment:
    """A pupil on a school's roll."""

    person: int
    school: int
    entered: date
    left: date | None
    upn: str
    support: str
    need: str
    year_group: int
    free_meals: bool
    far_since: date | None = None
    """Since when temporary accommodation has put the home far from the school."""
    absent: float = 0.05
    """Share of sessions missed in an ordinary week."""
    former_upn: str = ""


@dataclass(slots=True)
class Admission:
    """An application for a school place during the year; it waits until the outcome letter."""

    number: int
    person: int
    district: int
    schools: tuple[int, int]
    reason: str
    applied: date
    answered: date | None = None
    outcome: str = ""
    outcome_school: int = -1
    withdrawn: date | None = None
    """A row entered by mistake: the day it vanished."""


@dataclass(slots=True)
class PlanRequest:
    """A request for an education, health and care (EHC) needs assessment."""

    person: int
    district: int
    requested: date
    source: str
    need: str
    decided: date | None = None
    decision: str = ""
    assessed: date | None = None
    assessment: str = ""
    plan: date | None = None
    exception: bool = False

    @property
    def stopped(self) -> date | None:
        """The day the wait for a plan ended: the plan, or the refusal that means there will be none."""
        if self.decision in ("N", "W"):
            return self.decided
        return self.assessed if self.assessment in ("N", "W") else self.plan


@dataclass(slots=True)
class Pathway:
    """A referral-to-treatment pathway."""

    number: int
    person: int
    referred: date
    stopped: date | None
    status: str
    function: str
    priority: str
    admitted: bool
    hospital: int
    booked: date | None = None
    missed: date | None = None
    cancelled: date | None = None
    withdrawn: date | None = None
    """A row entered by mistake: the day it vanished."""


@dataclass(slots=True)
class Hearing:
    """A hearing: `listed` is the day the date was fixed, `failed` the day it was adjourned or vacated."""

    number: str
    kind: str
    day: date
    listed: date
    failed: date | None = None
    status: str = ""
    reason: str = ""
    minutes: int = 60


@dataclass(slots=True)
class FamilyCase:
    """Care proceedings: children are subjects, respondents their parents."""

    number: str
    family_number: str
    district: int
    children: list[int]
    respondents: list[tuple[int, str]]
    issued: date
    hearings: list[Hearing]
    items: dict[int, str]
    closed: date | None = None
    order: str = ""
    extended: bool = False
    hidden: bool = False
    abuse: bool = False
    crisis: bool = False
    """The family has also lost its home, and the children their school: services that all wait on one another."""


@dataclass(slots=True)
class CrownCase:
    """A case in the Crown Court. `urn` is the reference the police and the victim service use."""

    urn: str
    number: str
    defendants: list[tuple[int, str]]
    offence: tuple[str, str]
    offended: date
    charged: date
    magistrates: date
    hearings: list[Hearing]
    victims: list[int]
    closed: date | None = None

    @property
    def opened(self) -> date:
        """The first Crown Court sitting: the clock starts and the case enters the feed."""
        return self.hearings[0].day


@dataclass(slots=True)
class Referral:
    """A referral to the victim service."""

    number: int
    person: int
    service: str
    harm: str
    referred: date
    source: str
    contact: date | None
    support: date | None
    closed: date | None
    closure: str = ""
    score: int = 0
    urn: str = ""
    refuge: int = -1
    safe: bool = False
    withdrawn: date | None = None

    @property
    def kind(self) -> str:
        return "therapy" if self.service == "THERAPY" else "victim_support"

    @property
    def stopped(self) -> date | None:
        """The day the wait ended: support began (therapy), first contact was made (others), or it was closed."""
        return (self.support if self.service == "THERAPY" else self.contact) or self.closed


@dataclass(slots=True)
class ChildCase:
    """A child known to children's social care, from referral to closure."""

    person: int
    district: int
    referred: date
    source: str
    need: str
    assessed: date | None = None
    factors: tuple[str, ...] = ()
    no_action: bool = False
    enquiry: date | None = None
    conference: date | None = None
    conference_needed: bool = True
    plan: date | None = None
    category: str = ""
    plan_end: date | None = None
    reviews: tuple[date, ...] = ()
    pre_proceedings: date | None = None
    to_court: date | None = None
    closed: date | None = None
    closed_reason: str = ""


@dataclass(slots=True)
class Placement:
    """One episode of a looked-after child."""

    start: date
    end: date | None
    reason: str
    legal: str
    place: str
    provider: str
    ended_by: str
    changed_by: str
    address: int


@dataclass(slots=True)
class CareEpisode:
    """A looked-after child: its placements in order, reviews and times missing."""

    person: int
    district: int
    need: str
    placements: list[Placement]
    reviews: list[tuple[date, str]]
    missing: list[tuple[date, date | None]]
