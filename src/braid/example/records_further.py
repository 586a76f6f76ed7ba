"""What further services record about some people of the example world, for the formats that are written when asked for.

A person is an index into the columns of `People`, as in the records of the usual services.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(slots=True)
class Attendance:
    """An attendance at an emergency department. Times are London's; `left` is empty for who is still there."""

    number: int
    person: int
    hospital: int
    arrived: datetime
    left: datetime | None
    injury: str = ""
    """`assault`, `self_harm`, or none of both."""
    home: str = ""
    """Where somebody without a settled home says that they live: `no_fixed_abode`, `temporary`, `sofa` or `refuge`."""


@dataclass(slots=True)
class HealthReferral:
    """A referral to community or mental health services: rejected, or waiting, or begun, or over."""

    number: int
    person: int
    is_mental: bool
    referred: date
    source: str
    reason: str
    rejected: date | None = None
    started: date | None = None
    """The first contact, which ends the wait."""
    missed: date | None = None
    """A contact before the first, to which nobody came."""
    discharged: date | None = None

    @property
    def reference(self) -> str:
        """The reference of the referral."""
        return f"SR{self.number:07d}"


@dataclass(slots=True)
class EarlyHelp:
    """An early help assessment of a child whose case was closed to it."""

    person: int
    district: int
    started: date
    completed: date | None


@dataclass(slots=True)
class CareLeaver:
    """A young person who has left care; `home` and `activity` are the looked-after return's own codes."""

    person: int
    district: int
    category: str
    in_touch: str
    home: str
    activity: str


@dataclass(slots=True)
class AdoptionPlan:
    """A looked-after child who should be placed for adoption, as far as that has come."""

    person: int
    district: int
    family: str
    entered: date
    decided: date
    ordered: date | None = None
    matched: date | None = None
    placed: date | None = None
    given_up: date | None = None


@dataclass(slots=True)
class Adopter:
    """An adult who has asked to adopt."""

    person: int
    district: int
    family: str
    enquired: date
    approved: date | None = None
    left: date | None = None


@dataclass(slots=True)
class RiskReferral:
    """A referral to a multi-agency risk assessment conference (MARAC)."""

    number: int
    victim: int
    perpetrator: int | None
    children: tuple[int, ...]
    referred: date
    meeting: date
    agency: str
    ticks: int
    criterion: str
    is_repeat: bool

    @property
    def reference(self) -> str:
        """The reference of the referral."""
        return f"MR{self.number:05d}"
