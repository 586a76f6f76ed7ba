"""What every kind of plan shares: what it is worth by level, its certificate, its difference, its reasons.

A `Problem` of a kind is answered by a `Plan` of that kind. A checker, which imports no solver, derives every hard rule
and every level again from problem and plan; nothing reaches a page without its pass (`Checked.passes`).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from braid.language.documents import Part

TOLERANCE = 1e-6
"""By how much, as a share, two sums of the same amounts may differ."""

Sense = Literal["least", "most"]
"""Whether the smaller or the larger value is the better one."""


@dataclass(frozen=True)
class Level(Part):
    """One aim of the objective, the most important first: so much of it, at so much a unit."""

    name: str
    amount: float
    price: float
    """What one unit counts in the value."""

    @property
    def value(self) -> float:
        """What the level adds to the value."""
        return self.amount * self.price


def value_of(levels: Iterable[Level]) -> float:
    """Return the value of a plan: the sum of its levels at their prices."""
    return math.fsum(level.value for level in levels)


@dataclass(frozen=True)
class Limits:
    """How long an engine may search.

    `seconds` are turned into counts of steps before the search begins, by what a step takes on the machine of
    the benchmarks: the same problem, seed and seconds give the same plan anywhere. `stop_seconds` of wall clock end a
    search that takes longer; its certificate then says that it is not repeatable.
    """

    seed: int = 1
    seconds: float = 60.0
    stop_seconds: float | None = None


@dataclass(frozen=True)
class Certificate(Part):
    """What is known of how good a plan is, and how it was made."""

    sense: Sense
    levels: tuple[Level, ...]
    value: float
    """The sum of the levels at their prices."""
    bound: float | None
    """No plan of the problem has a better value than this; null where nothing was proved."""
    bound_method: str
    """How the bound was proved; empty where there is none."""
    engine: str
    """Which methods made the plan, in order."""
    versions: Mapping[str, str]
    """Of Braid and of each library that could change the plan."""
    seed: int
    effort: Mapping[str, int]
    """How many steps of each kind the search took at most: these, not the clock, ended it."""
    repeatable: bool
    """Whether the same problem and seed give this very plan again; false once a wall clock ended the search."""
    problem: str
    """Fingerprint of the problem: SHA-256 of its canonical JSON."""
    seconds: float
    """What it took, by the clock of the machine. Not part of what is repeatable."""

    @property
    def gap(self) -> float | None:
        """How far the plan may be from the best, as a share of its value; None without a bound, 0 where proved."""
        if self.bound is None:
            return None
        distance = self.value - self.bound if self.sense == "least" else self.bound - self.value
        if distance <= TOLERANCE * max(1.0, abs(self.value)):
            return 0.0
        return distance / max(abs(self.value), TOLERANCE)


@dataclass(frozen=True)
class Change(Part):
    """One item that another plan had otherwise. `was` or `now` is null where it was not, or is not, in a plan."""

    item: str
    was: str | None
    now: str | None


@dataclass(frozen=True)
class Diff(Part):
    """What changed since the plan before."""

    changes: tuple[Change, ...]
    unchanged: int


def diff_of(before: Mapping[str, str], after: Mapping[str, str]) -> Diff:
    """Return what differs between two plans, each given as words by item; in order of the items."""
    items = sorted(before.keys() | after.keys())
    changes = [Change(item, before.get(item), after.get(item)) for item in items if before.get(item) != after.get(item)]
    return Diff(tuple(changes), len(items) - len(changes))


@dataclass(frozen=True)
class Binding(Part):
    """One thing that kept an item from something better: a rule, what it is about, and when.

    `is_safety` marks what only those who may know of a protection may read; for everybody else `redact` makes it
    "not offered".
    """

    rule: str
    resource: str
    when: str
    times: int = 1
    """How many of the better choices it ruled out."""
    is_safety: bool = False


NOT_OFFERED = Binding(rule="not_offered", resource="", when="")


@dataclass(frozen=True)
class Reason(Part):
    """Why an item is late, unplaced, moved or not elsewhere, by what was binding."""

    item: str
    about: str
    """What the reason explains, as a code of the kind of plan: late, unplaced, moved."""
    bindings: tuple[Binding, ...]


def redact(reasons: Iterable[Reason], may_know: frozenset[str] = frozenset()) -> tuple[Reason, ...]:
    """Return reasons as somebody sees them who may know of the protections of the items `may_know` alone.

    What is about safety becomes one "not offered" without resource, time or count, so that neither the text nor the
    number of lines says what stands behind it.
    """
    return tuple(reason if reason.item in may_know else _redacted(reason) for reason in reasons)


def _redacted(reason: Reason) -> Reason:
    told = tuple(each for each in reason.bindings if not each.is_safety)
    hidden = () if len(told) == len(reason.bindings) else (NOT_OFFERED,)
    return Reason(reason.item, reason.about, told + hidden)


@dataclass(frozen=True, kw_only=True)
class Plan(Part):
    """What the plans of all kinds have. A kind adds what it decides."""

    certificate: Certificate
    reasons: tuple[Reason, ...] = ()
    diff: Diff | None = None


@dataclass(frozen=True)
class Broken:
    """A hard rule that a plan breaks: the rule's code, and ids of what it is about."""

    rule: str
    about: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.rule}: {', '.join(self.about)}" if self.about else self.rule


@dataclass(frozen=True)
class Checked:
    """What an independent checker found: broken hard rules, and what the plan is really worth by level."""

    broken: tuple[Broken, ...]
    levels: tuple[Level, ...]
    value: float = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "value", value_of(self.levels))

    @property
    def passes(self) -> bool:
        """Whether every hard rule holds and the certificate says what is so."""
        return not self.broken


class NoPlan(Exception):
    """No plan keeps every hard rule, or none was found. The message says which, and the next step. Exit code 1."""


class PlanRefused(Exception):
    """A plan that its checker does not pass: a fault of the engine, never shown on a page. Names the broken rules."""


def broken_certificate(
    certificate: Certificate, levels: tuple[Level, ...], fingerprint: str, sense: Sense = "least"
) -> list[Broken]:
    """Return what a certificate says wrongly: another problem or sense, other levels, another value, or a bound that
    the value itself disproves. Whether a bound was proved, no checker can tell from the plan: it is its maker's word.
    """
    value = value_of(levels)
    broken = [Broken("certificate_sense")] if certificate.sense != sense else []
    if certificate.problem != fingerprint:
        broken.append(Broken("certificate_problem"))
    stated = {level.name: level for level in certificate.levels}
    derived = {level.name: level for level in levels}
    if [level.name for level in certificate.levels] != [level.name for level in levels]:
        broken.append(Broken("certificate_levels"))
    broken += [
        Broken("certificate_level", (name,))
        for name in derived
        if name in stated
        and not (_same(stated[name].amount, derived[name].amount) and _same(stated[name].price, derived[name].price))
    ]
    if not _same(certificate.value, value):
        broken.append(Broken("certificate_value"))
    if certificate.bound is not None and _is_beyond(certificate.bound, value, sense):
        broken.append(Broken("certificate_bound"))
    return broken


def _same(one: float, other: float) -> bool:
    return math.isclose(one, other, rel_tol=TOLERANCE, abs_tol=TOLERANCE)


def _is_beyond(bound: float, value: float, sense: Sense) -> bool:
    slack = TOLERANCE * max(1.0, abs(value))
    return bound > value + slack if sense == "least" else bound < value - slack
