"""Homeless households, the accommodation that they keep until a letting, and schools for children who move."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from braid.simulation.durations import Weibull
from braid.simulation.model import Clock, LeadsTo, Pathway, Present, Service, Step, Weekly
from braid.simulation.national.derivations import WEEKS_A_YEAR, derived
from braid.simulation.national.figures import assumption as assumed
from braid.simulation.national.figures import figure
from braid.simulation.national.parts import AT_ONCE, SCHOOL, Part, exponential_of, weeks_of
from braid.simulation.national.standing import in_queue, in_the_middle, thinning_queue

HOMELESS, HOMELESS_LONG = "homeless_household", "homeless_household_rare_home"


def homelessness() -> Part:
    """Return households owed a duty, the accommodation that they keep until a letting, and their children's schools."""
    services = (
        Service("housing_options", "time", title="Homelessness inquiries"),
        Service(
            "temporary_accommodation",
            "places",
            Weekly(figure("temporary_accommodation_june") * assumed("temporary_accommodation_places_factor")),
            "Temporary accommodation",
        ),
        Service("homeless_lettings", "slots", Weekly(derived("homeless_soon_lets")), "Lettings of usual homes"),
        Service("rare_home_lettings", "slots", Weekly(derived("homeless_long_lets")), "Lettings of rare homes"),
        Service("school_places", "slots", Weekly(school_moves()), "In-year school places"),
    )
    soon, long = derived("homeless_soon"), derived("homeless_long")
    place = Step("place", ("school_places",), AT_ONCE, title="school place")
    pathways = (
        _homeless(HOMELESS, "homeless_lettings", soon, "Homeless households"),
        _homeless(HOMELESS_LONG, "rare_home_lettings", long, "Homeless households who need a rare home"),
        Pathway(SCHOOL, (place,), clock=Clock(3.0), unit="child", title="Children who need another school"),
    )
    wait, inquiry = weeks_of("school_place_wait"), pathways[0].steps[0].duration
    present = (
        *in_the_middle(HOMELESS, "inquiry", inquiry, soon, (), (0.0, 0.0)),
        *in_the_middle(HOMELESS_LONG, "inquiry", inquiry, long, (), (0.0, 0.0)),
        *_accommodated(),
        in_queue(SCHOOL, school_moves() * wait, (), (0.0, wait)),
    )
    return services, pathways, present


def _homeless(name: str, lettings: str, arrivals: float, title: str) -> Pathway:
    children = tuple(LeadsTo(SCHOOL, share) for share in _child_moves())
    inquiry = Weibull("weibull", weeks_of("homeless_inquiry"), 2.0)
    steps = (
        Step("inquiry", ("housing_options",), inquiry, leads_to=children, title="inquiry and relief duty"),
        Step(
            "accommodation",
            ("temporary_accommodation",),
            AT_ONCE,
            ("inquiry",),
            hold_until="letting",
            title="temporary accommodation",
        ),
        Step(
            "letting",
            (lettings,),
            AT_ONCE,
            ("inquiry",),
            patience=exponential_of(derived("homeless_patience")),
            leads_to=children,
            title="letting",
        ),
    )
    return Pathway(name, steps, Weekly(arrivals), unit="household", title=title)


def _child_moves() -> tuple[float, ...]:
    """Return, for each child of a household in turn, the share of households in which that child changes school."""
    families = derived("family_share")
    children = figure("children_in_temporary_accommodation") / figure("temporary_accommodation_march") / families
    changes = families * assumed("child_changes_school_share")
    whole = int(children)
    return (*(changes for _ in range(whole)), changes * (children - whole))


def school_moves() -> float:
    homeless = sum(_child_moves()) * (derived("homeless_duties") + derived("lettings_homeless"))
    return homeless + derived("ehc_plans") * assumed("ehc_changes_school_share")


def _accommodated() -> Iterator[Present]:
    """Yield households in temporary accommodation: the soon housed up to their wait, the others up to theirs."""
    long_wait = assumed("homeless_long_wait_years") * WEEKS_A_YEAR
    long = [share * long_wait for share in (0.0, 0.05, 0.2, 0.5, 0.75, 1.0)]
    groups = (
        (HOMELESS, derived("homeless_soon_inside"), (0.0, derived("homeless_soon_wait"))),
        (HOMELESS_LONG, derived("homeless_long_inside"), long),
    )
    for pathway, households, joined in groups:
        for group in thinning_queue(pathway, households, joined, derived("homeless_patience")):
            yield replace(group, done=("inquiry",), begun=("accommodation",))
