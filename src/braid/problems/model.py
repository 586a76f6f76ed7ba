"""A problem statement as a noun: whom it concerns, who sits at the table, what holds up what, what would prove it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from braid.waits.rules import BlockerRule

ORGANISATION_KINDS: Mapping[str, str] = {
    "council": "the council",
    "icb": "the integrated care board",
    "hospital": "the hospital",
    "school": "the school",
    "court": "the court",
    "police": "the police",
    "prosecution": "the prosecution",
    "cafcass": "Cafcass",
    "voluntary": "the voluntary service",
    "legal": "the legal representatives",
    "expert": "the expert",
}
"""Kinds of organisation that may sit at the table or own a blocker, and how they are named in words."""

PLANS: Mapping[str, str] = {
    "placements": "a plan of placements",
    "appointments": "a joint plan of appointments",
    "listing": "a plan of court listing",
}

WHOSE_NEED = ("person", "parent", "household")


class ProblemInvalid(Exception):
    """A problem statement breaks a rule of its form. The message names file, rule and next step."""


@dataclass(frozen=True)
class WaitsFor:
    """The person has a running wait of one of `kinds`."""

    kinds: tuple[str, ...]


@dataclass(frozen=True)
class StaysIn:
    """The person lives in one of `kinds` of accommodation on the as-of date."""

    kinds: tuple[str, ...]


@dataclass(frozen=True)
class HasNeed:
    """A need of one of `codes` is recorded about one of `whose`."""

    codes: tuple[str, ...]
    whose: tuple[str, ...]


@dataclass(frozen=True)
class InEpisode:
    """A service of one of `kinds` of episode is responsible on the as-of date."""

    kinds: tuple[str, ...]


@dataclass(frozen=True)
class Aged:
    """Whole years of age on the as-of date: at least one, under another. A person of unknown age does not meet it."""

    at_least: int | None
    under: int | None


Condition = WaitsFor | StaysIn | HasNeed | InEpisode | Aged


@dataclass(frozen=True)
class Cohort:
    """Whom a statement concerns: everybody who meets each of `all_of` and, where there are any, one of `any_of`."""

    all_of: tuple[Condition, ...]
    any_of: tuple[Condition, ...]


@dataclass(frozen=True)
class OutcomeMeasure:
    """What would show that the joint response worked. `unit` is what it counts; `better` is lower or higher."""

    measure_id: str
    name: str
    unit: str
    better: str


@dataclass(frozen=True)
class FundLine:
    """Money that could pay: its name and the kind of organisation that holds it."""

    name: str
    holder: str


@dataclass(frozen=True)
class Statement:
    """One problem statement."""

    problem_id: str
    name: str
    purpose: str
    """One sentence: what joining up is for."""
    purpose_code: str
    """The purpose under which people may be looked at, a code of `braid.trust.roles.PURPOSES`."""
    partners: tuple[str, ...]
    waits: tuple[str, ...]
    plan: str
    cohort: Cohort
    rules: tuple[BlockerRule, ...]
    outcomes: tuple[OutcomeMeasure, ...]
    funds: tuple[FundLine, ...]
