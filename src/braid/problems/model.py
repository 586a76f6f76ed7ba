"""A problem statement as a noun: whom it concerns, who sits at the table, what holds up what, what would prove it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from braid.language.codes import WAIT_KINDS
from braid.waits.rules import BlockerRule, Standing

PLANS: Mapping[str, str] = {
    "placements": "a plan of placements",
    "appointments": "a joint plan of appointments",
    "listing": "a plan of court listing",
}

WHOSE_NEED = ("person", "parent", "household")

RUNNING_CLOCKS = ("within", "past", "no_limit", "not_reckoned")
"""Codes of the list `clock_status` that a wait may have while it runs."""


@dataclass(frozen=True)
class WaitsFor:
    """The person has one running wait that meets all of this: its kind, its clock, its length, as whom they wait."""

    kinds: tuple[str, ...]
    clocks: tuple[str, ...] = RUNNING_CLOCKS
    least_days: int | None = None
    """Calendar days waited by the as-of date, at least."""
    standing: Standing | None = None
    """In which capacity they wait for trial; there exactly where the kind is `crown_trial`."""
    most_days_left: int | None = None
    """Calendar days from the as-of date to the last day inside the limit, at most; a clock past its limit has none."""


@dataclass(frozen=True)
class StaysIn:
    """The person lives in one of `kinds` of accommodation on the as-of date."""

    kinds: tuple[str, ...]


@dataclass(frozen=True)
class LivesIn:
    """The person lives in one of the districts. Nobody whose location is withheld is found by where they live."""

    districts: tuple[str, ...]


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


@dataclass(frozen=True)
class WaitsInBacklogs:
    """The person has running waits of `kinds`, those that the statement is about, in so many backlogs or more."""

    at_least: int
    kinds: tuple[str, ...] = tuple(WAIT_KINDS)


Condition = WaitsFor | WaitsInBacklogs | StaysIn | LivesIn | HasNeed | InEpisode | Aged


@dataclass(frozen=True)
class Cohort:
    """Whom a statement concerns.

    Everybody who meets each of `all_of` and, where there are any, one of `any_of`, and who meets none of `none_of`.
    """

    all_of: tuple[Condition, ...]
    any_of: tuple[Condition, ...]
    none_of: tuple[Condition, ...] = ()

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """Every condition, whichever list it stands in."""
        return (*self.all_of, *self.any_of, *self.none_of)


@dataclass(frozen=True)
class OutcomeMeasure:
    """What would show that the joint response worked. `unit` is what it counts; `better` is lower or higher.

    `how` says how it is reckoned, `measured_from` from which columns of the registry, as `table.column`. `baseline` is
    where it stood before, by `baseline_source`; both are empty where the place's first run is the baseline.
    """

    measure_id: str
    name: str
    unit: str
    better: str
    how: str
    measured_from: tuple[str, ...]
    baseline: float | None = None
    baseline_source: str = ""


@dataclass(frozen=True)
class FundLine:
    """Money that could pay: its name, the kind of organisation that holds it, and the law or grant it rests on."""

    name: str
    holder: str
    basis: str = ""


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
