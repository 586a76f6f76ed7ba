"""Education, health and care plans: requests that end in one, and those that do not."""

from __future__ import annotations

from braid.simulation.durations import Fixed, Weibull
from braid.simulation.model import Clock, LeadsTo, Pathway, Service, Step, Weekly
from braid.simulation.national.derivations import derived
from braid.simulation.national.figures import assumption as assumed
from braid.simulation.national.parts import SCHOOL, Part, lognormal_of, weeks_of
from braid.simulation.national.standing import in_queue, in_the_middle

PLAN, NO_PLAN = "ehc_plan", "ehc_no_plan"


def plans() -> Part:
    """Return requests for a plan: those that end in one, and those that do not."""
    advice, wait = weeks_of("ehc_advice"), weeks_of("ehc_advice_wait")
    issued = derived("ehc_plans")
    services = (
        Service("ehc_panel", "time", title="Decision whether to assess"),
        Service("educational_psychology", "places", Weekly(issued * advice), "Educational psychologists"),
        Service("ehc_drafting", "time", title="Drafting and consultation"),
    )
    decision = Fixed("fixed", weeks_of("ehc_decision"))
    advising, drafting = Weibull("weibull", advice, 2.0), lognormal_of("ehc_drafting")
    school = (LeadsTo(SCHOOL, assumed("ehc_changes_school_share")),)
    first = Step("decision", ("ehc_panel",), decision, title="decision whether to assess")
    steps = (
        first,
        Step("advice", ("educational_psychology",), advising, ("decision",), title="advice"),
        Step("plan", ("ehc_drafting",), drafting, ("advice",), leads_to=school, title="drafting"),
    )
    pathways = (
        Pathway(PLAN, steps, Weekly(issued), clock=Clock(20.0), unit="child", title="Education, health and care plans"),
        Pathway(
            NO_PLAN,
            (first,),
            Weekly(derived("ehc_not_issued")),
            unit="child",
            title="Requests for a plan that end without one",
            is_traced=False,
        ),
    )
    decided, advised = decision.mean, decision.mean + wait
    present = (
        *in_the_middle(PLAN, "decision", decision, issued, (), (0.0, 0.0)),
        in_queue(PLAN, issued * wait, ("decision",), (0.0, wait), (decided, decided)),
        *in_the_middle(PLAN, "advice", advising, issued, ("decision",), (advised, advised)),
        *in_the_middle(PLAN, "plan", drafting, issued, ("decision", "advice"), (advised + advice, advised + advice)),
        *in_the_middle(NO_PLAN, "decision", decision, derived("ehc_not_issued"), (), (0.0, 0.0)),
    )
    return services, pathways, present
