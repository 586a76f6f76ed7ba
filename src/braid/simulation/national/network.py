"""England as a network: treatment, housing, homelessness, care proceedings, the Crown Court, victims, plans, schools.

Justice is that of England and Wales. It begins on 30 June 2025, with the lists of that time. Seasons are left out.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from braid.simulation.durations import Duration, Exponential, Fixed, Lognormal, Weibull
from braid.simulation.model import (
    Band,
    Change,
    Clock,
    LeadsTo,
    Network,
    Pathway,
    Present,
    Repeat,
    Service,
    Step,
    Weekly,
)
from braid.simulation.national.care import care_pathway, care_present, care_services
from braid.simulation.national.derivations import MOST_TRIALS, WEEKS_A_YEAR, derived
from braid.simulation.national.figures import assumption as assumed
from braid.simulation.national.figures import figure, published
from braid.simulation.national.standing import in_queue, in_the_middle, thinning_queue

START = dt.date(2025, 6, 30)
WEEKS = 260
ROUTINE, URGENT = "treatment_routine", "treatment_urgent"
REGISTER, SCHOOL = "register_household", "school_move"
HOMELESS, HOMELESS_LONG = "homeless_household", "homeless_household_rare_home"
PLEA, TRIAL, VICTIM = "crown_plea", "crown_trial_case", "victim"
PLAN, NO_PLAN = "ehc_plan", "ehc_no_plan"
COURT = "crown_court"
PREFERENCE_YEARS = (0, 1, 2, 3, 4)
OTHER_YEARS = (0, 1, 2, 3, 5, 8, 12, 18)

Part = tuple[tuple[Service, ...], tuple[Pathway, ...], tuple[Present, ...]]
"""Services, pathways and who is there, of one kind of public service."""


def national_network(scale: float = 1.0, weeks: int = WEEKS) -> Network:
    """Return England at a scale: 0.01 is one person in a hundred, and one slot or place in a hundred.

    A small scale is quick; its lists are as long for their service as the whole ones, but chance moves them more.
    Raises `ValueError` where the scale is not above 0 and at most 1.
    """
    if not 0 < scale <= 1:
        raise ValueError("scale is above 0 and at most 1: 0.01 for one person in a hundred")
    parts = [part() for part in PARTS]
    return Network(
        kind="network",
        name="England, published figures of mid-2025",
        start=START,
        weeks=weeks,
        services=tuple(scaled_service(one, scale) for services, _, _ in parts for one in services),
        pathways=tuple(
            replace(one, arrivals=_scaled(one.arrivals, scale)) for _, pathways, _ in parts for one in pathways
        ),
        present=tuple(scaled_present((one for _, _, present in parts for one in present), scale)),
        sources={one.id: f"{one.publisher}: {one.title} ({one.date})" for one in published().values()},
    )


def scaled_service(service: Service, scale: float) -> Service:
    """Return a service with its capacity at a scale."""
    return replace(service, capacity=_scaled(service.capacity, scale))


def scaled_present(present: Iterator[Present], scale: float) -> Iterator[Present]:
    """Yield groups at a scale; what rounding leaves over of one is given to the next, so that lists keep their sum."""
    over = 0.0
    for group in present:
        wanted = group.count * scale + over
        count = max(round(wanted), 0)
        over = wanted - count
        if count:
            yield replace(group, count=count)


def _scaled(weekly: Weekly, scale: float) -> Weekly:
    changes = tuple(Change(one.from_week, one.add * scale, one.times) for one in weekly.changes)
    values = None if weekly.values is None else tuple(each * scale for each in weekly.values)
    return replace(weekly, level=weekly.level * scale, changes=changes, values=values)


def _weeks(of: str) -> float:
    return assumed(f"{of}_weeks")


def _lognormal(of: str) -> Lognormal:
    return Lognormal("lognormal", assumed(f"{of}_median_weeks"), assumed(f"{of}_p95_weeks"))


def _patience(weeks: float) -> Exponential:
    return Exponential("exponential", weeks)


AT_ONCE = Fixed("fixed", 0.0)


# -- referral to treatment


def treatment() -> Part:
    """Return first appointments, tests and theatre, urgent before routine."""
    services = (
        Service("first_appointment", "slots", Weekly(derived("rtt_first_appointments")), "First appointments"),
        Service("tests", "time", title="Tests and follow-up"),
        Service("theatre", "slots", Weekly(derived("rtt_admissions")), "Theatre and admitted treatment"),
    )
    routine = _lognormal("rtt_tests")
    urgent = routine.scaled(assumed("rtt_urgent_tests_median_weeks") / routine.median)
    starts, share = derived("rtt_starts"), assumed("rtt_urgent_share")
    pathways = (
        _treatment(URGENT, 0, starts * share, urgent, "Referral to treatment, urgent"),
        _treatment(ROUTINE, 1, starts * (1 - share), routine, "Referral to treatment, routine"),
    )
    return services, pathways, tuple(_on_the_list())


def _treatment(name: str, priority: int, arrivals: float, tests: Duration, title: str) -> Pathway:
    patience = _patience(assumed("rtt_patience_weeks"))
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


# -- social housing


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
            Weibull("weibull", _weeks("register_urgent_letting"), 2.0),
            patience=_patience(patience),
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


# -- homelessness and schools


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
        Service("school_places", "slots", Weekly(_school_moves()), "In-year school places"),
    )
    soon, long = derived("homeless_soon"), derived("homeless_long")
    place = Step("place", ("school_places",), AT_ONCE, title="school place")
    pathways = (
        _homeless(HOMELESS, "homeless_lettings", soon, "Homeless households"),
        _homeless(HOMELESS_LONG, "rare_home_lettings", long, "Homeless households who need a rare home"),
        Pathway(SCHOOL, (place,), clock=Clock(3.0), unit="child", title="Children who need another school"),
    )
    wait, inquiry = _weeks("school_place_wait"), pathways[0].steps[0].duration
    present = (
        *in_the_middle(HOMELESS, "inquiry", inquiry, soon, (), (0.0, 0.0)),
        *in_the_middle(HOMELESS_LONG, "inquiry", inquiry, long, (), (0.0, 0.0)),
        *_accommodated(),
        in_queue(SCHOOL, _school_moves() * wait, (), (0.0, wait)),
    )
    return services, pathways, present


def _homeless(name: str, lettings: str, arrivals: float, title: str) -> Pathway:
    children = tuple(LeadsTo(SCHOOL, share) for share in _child_moves())
    inquiry = Weibull("weibull", _weeks("homeless_inquiry"), 2.0)
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
            patience=_patience(derived("homeless_patience")),
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


def _school_moves() -> float:
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


# -- justice


def care() -> Part:
    """Return care proceedings at their published duration, with sitting time for as many as are started."""
    cases, weeks = derived("care_starts"), figure("care_mean_weeks")
    services = care_services(Weekly(cases * derived("care_slots_a_case")), cases)
    return services, (care_pathway(Weekly(cases)),), tuple(care_present(cases, weeks))


def crown() -> Part:
    """Return Crown Court cases with and without a trial; trials that do not go ahead are listed again."""
    services = (
        Service("preparation", "time", title="Case preparation"),
        Service("sentence", "time", title="Sentence"),
        Service(
            COURT,
            "slots",
            Weekly(derived("crown_trial_slots")),
            "Crown Court trials",
            ageing_weeks=assumed("crown_custody_head_start_weeks"),
        ),
    )
    ready = Weibull("weibull", _weeks("crown_preparation"), 2.0)
    plea = _lognormal("crown_plea")
    sentence = Weibull("weibull", _weeks("crown_sentence"), 2.0)
    receipts, for_trial = derived("crown_receipts"), derived("crown_for_trial")
    first = Step("preparation", ("preparation",), ready, title="preparation")
    pleas = Pathway(
        PLEA,
        (first, Step("sentence", ("sentence",), plea, ("preparation",), title="plea and sentence")),
        Weekly(receipts - for_trial),
        clock=Clock(26.0),
        unit="case",
        title="Crown Court cases without a trial",
    )
    trial = Step("trial", (COURT,), AT_ONCE, ("preparation",), repeat=_ineffective(), title="trial")
    custody = assumed("crown_custody_share")
    trials = Pathway(
        TRIAL,
        (first, trial, Step("sentence", ("sentence",), sentence, ("trial",), title="sentence")),
        Weekly(for_trial - derived("victims_charged")),
        bands=(Band("custody", custody, 0), Band("bail", 1 - custody, 1)),
        clock=Clock(26.0),
        unit="case",
        title="Crown Court cases for trial",
    )
    plea_present = (
        *in_the_middle(PLEA, "preparation", ready, receipts - for_trial, (), (0.0, 0.0)),
        *in_the_middle(PLEA, "sentence", plea, receipts - for_trial, ("preparation",), (ready.mean, ready.mean)),
    )
    trial_present = (
        *in_the_middle(TRIAL, "preparation", ready, trials.arrivals.level, (), (0.0, 0.0)),
        *in_the_middle(TRIAL, "sentence", sentence, derived("crown_trial_slots") / derived("crown_trials_a_case"),
                       ("preparation", "trial"), (ready.mean + 20.0, ready.mean + 70.0)),
    )  # fmt: skip
    waiting = figure("crown_open_june") - sum(one.count for one in (*plea_present, *trial_present))
    return services, (pleas, trials), (*plea_present, *trial_present, *_for_trial(waiting))


def _ineffective() -> Repeat:
    return Repeat(figure("crown_ineffective_trials"), MOST_TRIALS)


def trial_waits(waiting: float) -> dict[str, float]:
    """Return the weeks until trial of custody and bail cases, where so many cases wait for a trial.

    Slots go by date of joining, a custody case counting as so much older; so both waits differ by the head start, and
    their mean is what Little's law says.
    """
    mean = waiting / derived("crown_trial_slots")
    custody = assumed("crown_custody_share")
    bail = mean + custody * assumed("crown_custody_head_start_weeks")
    return {"custody": max(bail - assumed("crown_custody_head_start_weeks"), 1.0), "bail": bail}


def _for_trial(waiting: float) -> Iterator[Present]:
    """Yield who waits for a trial, for the first or a later time, of both bands."""
    waits = trial_waits(waiting)
    shares = {"custody": assumed("crown_custody_share"), "bail": 1 - assumed("crown_custody_share")}
    in_all = sum(shares[band] * waits[band] for band in shares)
    ready = _weeks("crown_preparation")
    listed_before = 1 - 1 / derived("crown_trials_a_case")
    victims = derived("victims_charged") / derived("crown_for_trial")
    for band, wait in waits.items():
        count = waiting * shares[band] * wait / in_all
        own = count * (1 - victims)
        yield in_queue(TRIAL, own * (1 - listed_before), ("preparation",), (0.0, wait), (ready, ready), band)
        before = (ready + wait, ready + 1.5 * wait)
        yield in_queue(TRIAL, own * listed_before, ("preparation",), (0.0, wait), before, band)
        yield in_queue(VICTIM, count * victims, ("advocacy", "therapy", "investigation"), (0.0, wait), (40.0, 60.0))


def victims() -> Part:
    """Return victims of rape: advocacy and therapy, and for those whose case is charged, the trial."""
    therapy, advocacy = _weeks("therapy"), _weeks("advocacy")
    come = derived("victims")
    services = (
        Service("advocacy", "places", Weekly(come * advocacy / 0.9), "Independent sexual violence advisers"),
        Service("therapy", "places", Weekly(derived("therapy_starts") * therapy), "Specialist therapy"),
        Service("investigation", "time", title="Police investigation"),
    )
    charged = derived("victims_charged_share")
    investigation = Weibull("weibull", _weeks("investigation"), 1.5)
    steps = (
        Step("advocacy", ("advocacy",), Weibull("weibull", advocacy, 1.5), title="advocacy"),
        Step(
            "therapy",
            ("therapy",),
            Weibull("weibull", therapy, 2.0),
            patience=_patience(assumed("therapy_patience_weeks")),
            on_leave="step",
            title="therapy",
        ),
        Step("investigation", ("investigation",), investigation, (), charged, coin="charged", title="investigation"),
        Step(
            "trial",
            (COURT,),
            AT_ONCE,
            ("investigation",),
            charged,
            coin="charged",
            patience=_patience(trial_patience()),
            on_leave="step",
            repeat=_ineffective(),
            priority=1,
            title="trial attendance",
        ),
    )
    pathway = Pathway(VICTIM, steps, Weekly(come), unit="victim", title="Victims of rape")
    others = ("therapy", "investigation", "trial")
    weeks = figure("therapy_waiting") / come
    rest = ("investigation", "trial")
    present = (
        *in_the_middle(VICTIM, "advocacy", steps[0].duration, come, others, (0.0, 0.0)),
        *in_the_middle(
            VICTIM, "therapy", steps[1].duration, derived("therapy_starts"), ("advocacy", *rest), (weeks, weeks)
        ),
        *in_the_middle(
            VICTIM, "investigation", investigation, derived("victims_charged"), ("advocacy", "therapy"), (0.0, 0.0)
        ),
        in_queue(VICTIM, figure("therapy_waiting"), ("advocacy", *rest), (0.0, weeks)),
    )
    return services, (pathway,), present


def trial_patience() -> float:
    """Return the mean weeks until a victim leaves a case: as many leave while they wait for a trial as is published."""
    receipts = derived("crown_receipts") - derived("crown_for_trial")
    before = receipts * (_weeks("crown_preparation") + _lognormal("crown_plea").mean)
    wait = trial_waits(figure("crown_open_june") - before)["bail"] * derived("crown_trials_a_case")
    return patience_until(figure("victims_leaving_after_charge"), wait)


def patience_until(share: float, wait: float) -> float:
    """Return the mean weeks of an exponential patience that a share of people lose within a wait."""

    return -wait / math.log1p(-share)


# -- education, health and care plans


def plans() -> Part:
    """Return requests for a plan: those that end in one, and those that do not."""
    advice, wait = _weeks("ehc_advice"), _weeks("ehc_advice_wait")
    issued = derived("ehc_plans")
    services = (
        Service("ehc_panel", "time", title="Decision whether to assess"),
        Service("educational_psychology", "places", Weekly(issued * advice), "Educational psychologists"),
        Service("ehc_drafting", "time", title="Drafting and consultation"),
    )
    decision = Fixed("fixed", _weeks("ehc_decision"))
    advising, drafting = Weibull("weibull", advice, 2.0), _lognormal("ehc_drafting")
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


PARTS: tuple[Callable[[], Part], ...] = (treatment, housing, homelessness, care, crown, victims, plans)
