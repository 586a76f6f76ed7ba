"""The housing register in its bands, and its part of the lettings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from braid.simulation.durations import Weibull
from braid.simulation.model import Band, Clock, Pathway, Present, Service, Step, Weekly
from braid.simulation.national.derivations import WEEKS_A_YEAR, derived
from braid.simulation.national.figures import figure
from braid.simulation.national.parts import Part, exponential_of, weeks_of
from braid.simulation.national.standing import in_the_middle, thinning_queue

REGISTER = "register_household"
PREFERENCE_YEARS = (0, 1, 2, 3, 4)
OTHER_YEARS = (0, 1, 2, 3, 5, 8, 12, 18)
"""Edges of the years that households without preference have been on the register; nobody is housed from it."""


def housing() -> Part:
    """Return the register, in three bands, and its part of the lettings."""
    urgent, preference = derived("register_urgent"), derived("register_preference")
    others = derived("register_others")
    joins = urgent + preference + others
    patience = derived("register_patience")
    services = (
        Service("register_lettings", "slots", Weekly(derived("lettings_register")), "Lettings to the register"),
    )
    steps = (
        Step(
            "letting",
            ("register_lettings",),
            Weibull("weibull", weeks_of("register_urgent_letting"), 2.0),
            patience=exponential_of(patience),
            title="letting",
        ),
    )
    bands = (
        Band("urgent", urgent / joins, 0),
        Band("reasonable_preference", preference / joins, 1),
        Band("no_preference", others / joins, 2),
    )
    pathway = Pathway(
        REGISTER,
        steps,
        Weekly(joins),
        bands=bands,
        clock=Clock(52.0),
        unit="household",
        title="Housing register",
        is_traced=False,
    )
    present = (
        *_register("reasonable_preference", figure("register_in_reasonable_preference"), PREFERENCE_YEARS, patience),
        *_register("no_preference", _without_preference(), OTHER_YEARS, patience),
        *in_the_middle(REGISTER, "letting", steps[0].duration, urgent, (), (0.0, 0.0)),
    )
    return services, (pathway,), present


def _without_preference() -> float:
    return figure("register_households") - figure("register_in_reasonable_preference")


def _register(band: str, households: float, years: Sequence[int], patience: float) -> Iterator[Present]:
    return thinning_queue(REGISTER, households, [year * WEEKS_A_YEAR for year in years], patience, band)
