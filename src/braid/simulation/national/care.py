"""Care proceedings from issue to final hearing: the pathway, its services, and who is in it at a mean duration.

Every case has one case management hearing and one or more later hearings, after each of which a share needs one more.
All wait for the same sitting time. So a court with less of it delays a case once for each of its hearings: cases with
many hearings fall back furthest, as published shares within 26 weeks say they do.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from braid.simulation.durations import Duration, Fixed, Weibull
from braid.simulation.model import Clock, LeadsTo, Pathway, Present, Repeat, Service, Step, Weekly
from braid.simulation.national.derivations import MOST_FINAL_HEARINGS, MOST_HEARINGS, derived
from braid.simulation.national.figures import assumption as assumed
from braid.simulation.national.figures import figure
from braid.simulation.national.parts import AT_ONCE, Part
from braid.simulation.national.standing import in_queue, in_the_middle, mean_of_longer

CASE, COURT, EXPERTS = "care_case", "family_court", "court_experts"
LIMIT_WEEKS = 26.0
UNTIL_SITTING_WEEKS = 0.5
"""Sitting time is handed out as a week begins, so that even who is first in the queue waits half a week."""
EXPERT_LOAD = 0.8
"""Of the experts there are: reports take their time and are hardly queued for."""
ASSESSED = ("issue", "case_management", "assessment", "expert")


@dataclass(frozen=True)
class Durations:
    """How long the parts of a case take."""

    issue: Duration
    assessment: Duration
    expert: Duration
    hearing: Duration
    final: Duration


def care_durations() -> Durations:
    """Return the assumed durations."""
    return Durations(
        issue=Fixed("fixed", assumed("care_issue_weeks")),
        assessment=Weibull("weibull", assumed("care_assessment_weeks"), 2.5),
        expert=Weibull("weibull", assumed("care_expert_weeks"), 2.0),
        hearing=Weibull("weibull", assumed("care_hearing_weeks"), 1.5),
        final=Fixed("fixed", assumed("care_final_weeks")),
    )


def care_pathway(arrivals: Weekly, leads_to: tuple[LeadsTo, ...] = ()) -> Pathway:
    """Return the pathway of a case. `leads_to` says what begins when it has ended."""
    d = care_durations()
    steps = (
        Step("issue", ("court_office",), d.issue, title="issue and allocation"),
        Step("case_management", (COURT,), AT_ONCE, ("issue",), priority=0, title="case management hearing"),
        Step("assessment", ("social_work",), d.assessment, ("case_management",), title="assessment and care plan"),
        Step("expert", (EXPERTS,), d.expert, ("case_management",), assumed("care_expert_share"), title="expert report"),
        Step(
            "hearing",
            (COURT,),
            d.hearing,
            ("assessment", "expert"),
            repeat=Repeat(assumed("care_adjourned_share"), MOST_HEARINGS),
            title="issues resolution and further hearings",
        ),
        Step(
            "final",
            (COURT,),
            d.final,
            ("hearing",),
            assumed("care_final_share"),
            repeat=Repeat(assumed("care_final_adjourned_share"), MOST_FINAL_HEARINGS),
            leads_to=leads_to,
            title="final hearing",
        ),
    )
    clock = Clock(LIMIT_WEEKS)
    return Pathway(CASE, steps, arrivals, 1, clock=clock, unit="case", title="Care proceedings")


def care_services(slots: Weekly, cases_a_week: float) -> tuple[Service, ...]:
    """Return what a case needs. Slots: hearings a week, of every kind."""
    reports = cases_a_week * assumed("care_expert_share") * assumed("care_expert_weeks")
    return (
        Service("court_office", "time", title="Family court office"),
        Service(COURT, "slots", slots, "Family court hearings"),
        Service("social_work", "time", title="Children's social work"),
        Service(EXPERTS, "places", Weekly(reports / EXPERT_LOAD), "Experts in care proceedings"),
    )


def weeks_without_waiting() -> float:
    """Return the mean weeks of a case if it never waited for a hearing."""
    d = care_durations()
    beside = mean_of_longer(d.assessment, d.expert, assumed("care_expert_share"))
    hearings = derived("care_hearings") * d.hearing.mean + derived("care_finals") * d.final.mean
    return d.issue.mean + UNTIL_SITTING_WEEKS + beside + hearings


def wait_at(mean_weeks: float) -> float:
    """Return for how many weeks each hearing is waited for where cases take so long in the mean."""
    hearings = derived("care_hearings") + derived("care_finals")
    return max((mean_weeks - weeks_without_waiting()) / hearings, 0.0)


def care_present(cases_a_week: float, mean_weeks: float) -> Iterator[Present]:
    """Yield the cases that are open where so many begin a week and take so long, each where it then stands."""
    d, wait = care_durations(), wait_at(mean_weeks)
    expert = assumed("care_expert_share")
    issued = d.issue.mean
    yield from in_the_middle(CASE, "issue", d.issue, cases_a_week, (), (0.0, 0.0))
    done = ("issue", "case_management", "expert")
    yield from in_the_middle(CASE, "assessment", d.assessment, cases_a_week * (1 - expert), done, (issued, issued))
    done = ("issue", "case_management", "assessment")
    yield from in_the_middle(CASE, "expert", d.expert, cases_a_week * expert, done, (issued, issued))
    assessed = issued + mean_of_longer(d.assessment, d.expert, expert)
    hearings, finals = cases_a_week * derived("care_hearings"), cases_a_week * derived("care_finals")
    again = wait + d.hearing.mean
    for share, least, most in _since((derived("care_hearings") - 1) * again):
        before = (assessed + least, assessed + most)
        yield in_queue(CASE, hearings * wait * share, ASSESSED, (0.0, wait), before)
        waited = (before[0] + wait, before[1] + wait)
        yield from in_the_middle(CASE, "hearing", d.hearing, hearings * share, ASSESSED, waited)
    heard = (*ASSESSED, "hearing")
    for share, least, most in _since(derived("care_hearings") * again):
        before = (assessed + least, assessed + most)
        yield in_queue(CASE, finals * wait * share, heard, (0.0, wait), before)
        waited = (before[0] + wait, before[1] + wait)
        yield from in_the_middle(CASE, "final", d.final, finals * share, heard, waited)


def _since(mean: float) -> Iterator[tuple[float, float, float]]:
    """Yield bands of an exponential of a mean: share, from, to. Hearings come one after another without memory."""
    for share, least, most in ((0.4, 0.0, 0.511), (0.3, 0.511, 1.204), (0.2, 1.204, 2.303), (0.1, 2.303, 4.3)):
        yield share, least * mean, most * mean


def care() -> Part:
    """Return care proceedings at their published duration, with sitting time for as many as are started."""
    cases, weeks = derived("care_cases"), figure("care_mean_weeks")
    services = care_services(Weekly(cases * derived("care_slots_a_case")), cases)
    return services, (care_pathway(Weekly(cases)),), tuple(care_present(cases, weeks))
