"""Referral to treatment: first appointments, tests and theatre, urgent before routine."""

from __future__ import annotations

from collections.abc import Iterator

from braid.simulation.durations import Duration
from braid.simulation.model import Clock, Pathway, Present, Service, Step, Weekly
from braid.simulation.national.derivations import derived
from braid.simulation.national.figures import assumption as assumed
from braid.simulation.national.figures import figure
from braid.simulation.national.parts import AT_ONCE, Part, exponential_of, lognormal_of
from braid.simulation.national.standing import in_queue

ROUTINE, URGENT = "treatment_routine", "treatment_urgent"


def treatment() -> Part:
    """Return first appointments, tests and theatre, urgent before routine."""
    services = (
        Service("first_appointment", "slots", Weekly(derived("rtt_first_appointments")), "First appointments"),
        Service("tests", "time", title="Tests and follow-up"),
        Service("theatre", "slots", Weekly(derived("rtt_admissions")), "Theatre and admitted treatment"),
    )
    routine = lognormal_of("rtt_tests")
    urgent = routine.scaled(assumed("rtt_urgent_tests_median_weeks") / routine.median)
    starts, share = derived("rtt_starts"), assumed("rtt_urgent_share")
    pathways = (
        _treatment(URGENT, 0, starts * share, urgent, "Referral to treatment, urgent"),
        _treatment(ROUTINE, 1, starts * (1 - share), routine, "Referral to treatment, routine"),
    )
    return services, pathways, tuple(_on_the_list())


def _treatment(name: str, priority: int, arrivals: float, tests: Duration, title: str) -> Pathway:
    patience = exponential_of(assumed("rtt_patience_weeks"))
    steps = (
        Step("first", ("first_appointment",), AT_ONCE, patience=patience, title="first appointment"),
        Step("tests", ("tests",), tests, ("first",), assumed("rtt_tests_share"), title="tests and follow-up"),
        Step(
            "theatre",
            ("theatre",),
            AT_ONCE,
            ("tests",),
            assumed("rtt_theatre_share"),
            patience=patience,
            title="admitted treatment",
        ),
    )
    return Pathway(
        name, steps, Weekly(arrivals), priority, clock=Clock(18.0), unit="pathway", title=title, is_traced=False
    )


STANDING = (
    (URGENT, 0, 0.0080, "first", (0.0, 1.0), 0.0),
    (URGENT, 0, 0.0200, "tests", (0.0, 8.0), 0.5),
    (URGENT, 0, 0.0044, "theatre", (0.0, 2.0), 4.5),
    (ROUTINE, 0, 0.2105, "first", (0.0, 4.7), 0.0),
    (ROUTINE, 0, 0.2144, "tests", (0.0, 8.6), 4.7),
    (ROUTINE, 0, 0.0417, "theatre", (0.0, 8.6), 4.7),
    (ROUTINE, 1, 0.0937, "tests", (8.6, 13.3), 4.7),
    (ROUTINE, 1, 0.0257, "theatre", (8.6, 13.3), 4.7),
    (ROUTINE, 2, 0.1051, "tests", (13.3, 30.0), 4.7),
    (ROUTINE, 2, 0.2019, "theatre", (4.0, 28.2), 14.0),
    (ROUTINE, 3, 0.0464, "theatre", (21.7, 31.5), 20.5),
    (ROUTINE, 4, 0.0271, "theatre", (26.0, 36.1), 26.0),
)
"""Where the list stands by how long it has waited: pathway, band of age, share of the list, what is waited for or gone
through, since how many weeks, and weeks before that. The shares are those at which the assumed durations and the first
and last queue, of 4.7 and 36.1 weeks, settle; the bands are then scaled to the published shares."""
AGES = (13.4, 18.0, 42.2, 52.0)


def _on_the_list() -> Iterator[Present]:
    wanted = _published_bands()
    found = [sum(share for _, band, share, *_ in STANDING if band == number) for number in range(len(wanted))]
    for pathway, band, share, step, since, before in STANDING:
        count = figure("rtt_list_june") * wanted[band] * share / found[band]
        if step == "tests":
            yield Present(
                pathway,
                round(count),
                ("first",),
                ("tests",),
                least=since[0] + before,
                most=since[1] + before,
                begun_least=since[0],
                begun_most=since[1],
            )
        else:
            done = () if step == "first" else ("first", "tests")
            yield in_queue(pathway, count, done, since, (before, before))


def _published_bands() -> tuple[float, ...]:
    """Return the shares of the list that have waited up to each of `AGES`, and longer."""
    over = figure("rtt_over_52_weeks") / figure("rtt_list_august")
    up_to = (0.5, figure("rtt_within_18_weeks"), 0.92, 1 - over, 1.0)
    return tuple(b - a for a, b in zip((0.0, *up_to), up_to, strict=False))
