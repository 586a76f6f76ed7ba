"""From a problem of joint appointments to a plan: bundles, slot prices, improvement; then certificate and reasons."""

from __future__ import annotations

import time
from collections.abc import Mapping
from importlib.metadata import version

from braid import __version__
from braid.language.documents import fingerprint
from braid.planning.appointments.checker import levels_of
from braid.planning.appointments.engines.grid import SCALE, Grid
from braid.planning.appointments.engines.joint import Effort, Joint, plan_together
from braid.planning.appointments.model import AppointmentsPlan, AppointmentsProblem, Booking, booking_words
from braid.planning.appointments.reasons import reasons_of
from braid.planning.contract import TOLERANCE, Certificate, Limits, PlanRefused, diff_of, value_of

STEPS_A_SECOND = 350_000
"""Steps of the bundle search on one core of the machine of the benchmarks."""
FIRST_SHARE = 0.12
PRICING_SHARE = 0.6
ENGINE = "ruin and recreate over proved bundles; slot prices by column generation; ruin and recreate"


def effort_of(limits: Limits) -> Effort:
    """Return how many steps each part may take."""
    steps = int(limits.seconds * STEPS_A_SECOND)
    first, pricing = int(steps * FIRST_SHARE), int(steps * PRICING_SHARE)
    return Effort(first, pricing, steps - first - pricing)


class Watch:
    """The wall clock that ends a search only where limits say so."""

    def __init__(self, stop_seconds: float | None) -> None:
        self.begun = time.monotonic()
        self.stop_seconds = stop_seconds
        self.stopped = False

    def is_over(self) -> bool:
        """Whether the clock has run out; remembers that it did."""
        if self.stop_seconds is not None and time.monotonic() - self.begun >= self.stop_seconds:
            self.stopped = True
        return self.stopped

    @property
    def seconds(self) -> float:
        """How long it has been."""
        return round(time.monotonic() - self.begun, 3)


def solve(
    problem: AppointmentsProblem, limits: Limits | None = None, before: AppointmentsPlan | None = None
) -> AppointmentsPlan:
    """Return a plan with certificate and reasons, and with what changed since a plan before."""
    limits = limits or Limits()
    watch = Watch(limits.stop_seconds)
    grid, effort = Grid(problem), effort_of(limits)
    joint = plan_together(grid, effort, limits.seed, watch.is_over)
    bookings = tuple(
        grid.booking(task.name, choice)
        for victim, bundle in zip(grid.victims, joint.bundles, strict=True)
        for task, choice in zip(victim.tasks, bundle.choices, strict=True)
        if choice
    )
    certificate = _certificate(problem, joint, bookings, limits, effort, watch)
    bare = AppointmentsPlan(certificate=certificate, bookings=bookings)
    diff = diff_of(_words(before.bookings), _words(bookings)) if before else None
    return AppointmentsPlan(certificate=certificate, bookings=bookings, reasons=reasons_of(problem, bare), diff=diff)


def _words(bookings: tuple[Booking, ...]) -> Mapping[str, str]:
    return {each.task: booking_words(each) for each in bookings}


def _certificate(
    problem: AppointmentsProblem,
    joint: Joint,
    bookings: tuple[Booking, ...],
    limits: Limits,
    effort: Effort,
    watch: Watch,
) -> Certificate:
    levels = levels_of(problem, AppointmentsPlan(certificate=_EMPTY, bookings=bookings))
    value = value_of(levels)
    if abs(value - joint.cost / SCALE) > TOLERANCE * max(1.0, value):
        raise PlanRefused("the engine's value is another than the plan's")
    return Certificate(
        sense="least",
        levels=levels,
        value=value,
        bound=joint.bound / SCALE,
        bound_method=joint.bound_method,
        engine=ENGINE,
        versions={"braid": __version__, "numpy": version("numpy"), "scipy": version("scipy")},
        seed=limits.seed,
        effort={"first": effort.first, "pricing": effort.pricing, "second": effort.second},
        repeatable=not watch.stopped,
        problem=fingerprint(problem),
        seconds=watch.seconds,
    )


_EMPTY = Certificate("least", (), 0.0, None, "", "", {}, 0, {}, True, "", 0.0)
