"""Victims of rape: advocacy and therapy, and for those whose case is charged, the trial."""

from __future__ import annotations

from dataclasses import replace

from braid.simulation.durations import Weibull
from braid.simulation.model import Pathway, Present, Service, Step, Weekly
from braid.simulation.national.crown import ineffective_trials, trial_patience
from braid.simulation.national.derivations import derived
from braid.simulation.national.figures import assumption as assumed
from braid.simulation.national.figures import figure
from braid.simulation.national.parts import AT_ONCE, CHARGED, COURT, Part, exponential_of, weeks_of
from braid.simulation.national.standing import in_queue, in_the_middle

VICTIM = "victim"
ADVOCACY_LOAD = 0.9
"""Of the advisers there are: no national wait for one was found."""


def victims() -> Part:
    """Return victims of rape: advocacy and therapy, and for those whose case is charged, the trial."""
    therapy, advocacy = weeks_of("therapy"), weeks_of("advocacy")
    come, charged = derived("victims"), derived("victims_charged")
    services = (
        Service("advocacy", "places", Weekly(come * advocacy / ADVOCACY_LOAD), "Independent sexual violence advisers"),
        Service("therapy", "places", Weekly(derived("therapy_starts") * therapy), "Specialist therapy"),
        Service("investigation", "time", title="Police investigation"),
    )
    advised = Step("advocacy", ("advocacy",), Weibull("weibull", advocacy, 1.5), title="advocacy")
    treated = Step(
        "therapy",
        ("therapy",),
        Weibull("weibull", therapy, 2.0),
        patience=exponential_of(assumed("therapy_patience_weeks")),
        on_leave="step",
        title="therapy",
    )
    investigated = Step(
        "investigation",
        ("investigation",),
        Weibull("weibull", weeks_of("investigation"), 1.5),
        title="investigation",
    )
    trial = Step(
        "trial",
        (COURT,),
        AT_ONCE,
        ("investigation",),
        patience=exponential_of(trial_patience()),
        on_leave="step",
        repeat=ineffective_trials(),
        priority=1,
        title="trial attendance",
    )
    pathways = (
        Pathway(VICTIM, (advised, treated), Weekly(come - charged), unit="victim", title="Victims of rape"),
        Pathway(
            CHARGED,
            (advised, treated, investigated, trial),
            Weekly(charged),
            unit="victim",
            title="Victims of rape whose case is charged",
        ),
    )
    present: list[Present] = []
    for pathway, rest in ((VICTIM, ()), (CHARGED, ("investigation", "trial"))):
        share = (come - charged if pathway == VICTIM else charged) / come
        weeks = derived("therapy_wait")
        begun = derived("therapy_starts") * share
        waiting = in_queue(pathway, figure("therapy_waiting") * share, rest, (0.0, weeks))
        present.append(replace(waiting, begun=("advocacy",), begun_least=0.0, begun_most=weeks))
        present += in_the_middle(pathway, "therapy", treated.duration, begun, ("advocacy", *rest), (weeks, weeks))
        advice, done = come * share, ("therapy", *rest)
        present += in_the_middle(pathway, "advocacy", advised.duration, advice, done, (0.0, 0.0), longer_than=weeks)
    behind = ("advocacy", "therapy")
    present += in_the_middle(CHARGED, "investigation", investigated.duration, charged, behind, (0.0, 0.0))
    return services, pathways, tuple(present)
