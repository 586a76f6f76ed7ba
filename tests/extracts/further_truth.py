"""What each further format of the example place must say when it is read back, straight from the world.

A record is told by what it says: `("stay", person, kind, postcode, start, end, confidential)` and so on, as `FIELDS`
has it. Nothing here shares code with the writers: which records follow from a fact is stated once more.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from braid.example.model import CHILD, World

AS_OF = dt.date(2026, 11, 15)
OLDEST = AS_OF - dt.timedelta(days=183)
FIELDS: dict[str, tuple[str, ...]] = {
    "identifier": ("scheme", "value"),
    "stay": ("kind", "postcode", "start_date", "end_date", "confidential"),
    "episode": ("kind", "start_date", "end_date"),
    "event": ("kind", "start_date", "status"),
    "need": ("code", "level"),
    "wait": ("kind", "start_date", "stop_date"),
    "relationship": ("other", "kind"),
    "outcome": ("measure", "result"),
    "organisation": ("organisation_ref", "name"),
    "service": (
        "service_ref",
        "status",
        "minimum_age_years",
        "maximum_age_years",
        "capacity_places",
        "capacity_filled",
    ),
    "location": ("location_ref", "kind", "postcode", "uprn"),
}
"""What of each kind of record is compared. Persons are compared field by field with `truth/persons.csv`."""
Said = tuple[Any, ...]


def shown(known: dt.date, ended: dt.date | None = None, withdrawn: dt.date | None = None) -> bool:
    """Whether an extract of the as-of date holds what was known then and ended later than half a year before."""
    return known <= AS_OF and (ended is None or ended > OLDEST) and (withdrawn is None or withdrawn > AS_OF)


def by_then(day: dt.date | None) -> dt.date | None:
    """Return a day that has come by the as-of date."""
    return day if day and day <= AS_OF else None


def home(world: World, person: int) -> str:
    """Return the postcode that services know of a person."""
    return world.geography.postcode_of(world.address(person, AS_OF))


def _numbers(world: World, person: int) -> Iterator[Said]:
    if world.people.nhs[person]:
        yield "identifier", person, "nhs", world.people.nhs[person]


def emergency(world: World) -> Iterator[Said]:
    """ECDS: a stay by where somebody says they live, the clock of four hours, and what hurt them."""
    homes = {"no_fixed_abode": "no_fixed_abode", "temporary": "ta_other", "sofa": "sofa", "refuge": "refuge"}
    for each in world.attendances:
        arrived, left = each.arrived.date(), each.left.date() if each.left else None
        if not shown(arrived, left):
            continue
        yield from _numbers(world, each.person)
        hidden = each.home in ("refuge", "no_fixed_abode")
        yield "stay", each.person, "unknown", "ZZ99 3VZ" if hidden else home(world, each.person), None, None, False
        if each.home:
            yield "stay", each.person, homes[each.home], None, arrived, arrived, each.home == "refuge"
        yield "episode", each.person, "ed_attendance", arrived, left
        yield "wait", each.person, "ed_4h", arrived, left
        yield "event", each.person, "visit", arrived, "completed"
        if left:
            yield "event", each.person, "visit", left, "completed"
        if each.injury == "self_harm":
            yield "need", each.person, "self_harm", None
        if each.injury == "assault":
            yield "event", each.person, "incident", arrived, "completed"


def _health(world: World, is_mental: bool) -> Iterator[Said]:
    for each in world.health_referrals:
        if each.is_mental != is_mental or not shown(each.referred, each.discharged or each.rejected):
            continue
        kind = "mental_health" if is_mental else "community_health"
        ended = each.discharged or (each.rejected if is_mental else None)
        yield from _numbers(world, each.person)
        yield "stay", each.person, "unknown", home(world, each.person), None, None, False
        yield "event", each.person, "referral", each.referred, "completed"
        yield "episode", each.person, kind, each.referred, ended
        if each.rejected:
            yield "event", each.person, "decision", each.rejected, "completed"
        else:
            yield "wait", each.person, "rtt", each.referred, each.started
        if each.discharged and not is_mental:
            yield "event", each.person, "decision", each.discharged, "completed"
        if each.missed:
            yield "event", each.person, "appointment", each.missed, "not_attended"
            if each.started:
                yield "event", each.person, "appointment", each.started, "proposed"
        if each.started:
            yield "event", each.person, "appointment", each.started, "attended"


def community(world: World) -> Iterator[Said]:
    """CSDS: referrals, and what the service knows of a child from elsewhere."""
    people = set()
    for said in _health(world, is_mental=False):
        people.add(said[1])
        yield said
    for episode in world.care_episodes:
        if episode.person in people and shown(episode.placements[0].start) and episode.placements[-1].end is None:
            yield "episode", episode.person, "cla", None, None
    for pupil in world.enrolments:
        if pupil.person in people and pupil.need:
            yield "need", pupil.person, "sen", None
    for case in world.child_cases:
        if case.person in people and case.plan and shown(case.referred, case.closed):
            yield "episode", case.person, "cpp", case.plan, case.plan_end


def mental(world: World) -> Iterator[Said]:
    """MHSDS: referrals."""
    return _health(world, is_mental=True)


def pathways(world: World) -> Iterator[Said]:
    """Open pathways: a wait each, with what is booked and what was missed."""
    for each in world.pathways:
        if each.stopped or not shown(each.referred, None, each.withdrawn):
            continue
        yield from _numbers(world, each.person)
        yield "episode", each.person, "rtt_pathway", each.referred, None
        yield "wait", each.person, "rtt", each.referred, None
        if each.booked:
            yield "event", each.person, "appointment", each.booked, "booked"
        if by_then(each.missed):
            yield "event", each.person, "appointment", each.missed, "not_attended"


def records_of_hospitals(world: World) -> Iterator[Said]:
    """FHIR: the same waits, cancelled appointments, who is next to a child, and emergency encounters."""
    people = set()
    for each in world.pathways:
        if each.stopped or not shown(each.referred, None, each.withdrawn):
            continue
        people.add(each.person)
        yield "episode", each.person, "rtt_pathway", each.referred, None
        yield "wait", each.person, "rtt", each.referred, None
        for day, status in (
            (each.booked, "booked"), (by_then(each.missed), "not_attended"),
            (by_then(each.cancelled), "cancelled_by_person"),
        ):  # fmt: skip
            if day:
                yield "event", each.person, "appointment", day, status
    for attendance in world.attendances:
        if attendance.left and shown(attendance.left.date(), attendance.left.date()):
            people.add(attendance.person)
            arrived, left = attendance.arrived.date(), attendance.left.date()
            yield "episode", attendance.person, "ed_attendance", arrived, left
    for person in people:
        yield from _numbers(world, person)
        yield "stay", person, "unknown", home(world, person), None, None, False
        head = world.members(world.household_of(person))[0]
        if world.people.role[person] == CHILD and world.age_years(head) >= 18:
            yield "relationship", person, head, "parent"


def special_needs(world: World) -> Iterator[Said]:
    """SEN2: a request's two clocks, and the plan."""
    upns = {e.person: e.upn for e in world.enrolments}
    for each in world.plan_requests:
        if shown(each.requested, each.stopped):
            if upns.get(each.person):
                yield "identifier", each.person, "upn", upns[each.person]
            yield "event", each.person, "referral", each.requested, "completed"
            yield "wait", each.person, "ehcp_decision", each.requested, each.decided
            yield "wait", each.person, "ehcp_plan", each.requested, each.stopped
            if each.plan:
                yield "episode", each.person, "ehcp", each.plan, None
            yield "need", each.person, "sen", None


def inspected_needs(world: World) -> Iterator[Said]:
    """Annex A lists of special educational needs: whoever has a plan, and whoever has support without one."""
    rolls = {e.person: e for e in world.enrolments if shown(e.entered) and by_then(e.left) is None}
    plans = {r.person: r for r in world.plan_requests if by_then(r.plan)}
    for person, request in plans.items():
        yield "episode", person, "ehcp", request.plan, None
        for kind, days in (("decision", 28), ("review", 60)):
            later = by_then(request.plan + dt.timedelta(days=days))
            if later:
                yield "event", person, kind, later, "completed"
        yield "outcome", person, "annex_a_sen:home_education", f"annex_a:{'N' if person in rolls else 'Y'}"
        yield "need", person, "sen", None
        yield from _school_life(person, rolls.get(person))
    for person, roll in rolls.items():
        if roll.support == "K" and person not in plans:
            yield "need", person, "sen", None
            yield from _school_life(person, roll)


def _school_life(person: int, roll: Any) -> Iterator[Said]:
    if roll is None:
        return
    if roll.upn:
        yield "identifier", person, "upn", roll.upn
    yield "episode", person, "school_roll", None, None
    yield "outcome", person, "annex_a_sen:suspensions", "1" if roll.absent > 0.2 else "0"
    yield "outcome", person, "annex_a_sen:permanent_exclusions", "0"
    yield "outcome", person, "annex_a_sen:absence", str(round(roll.absent * 100))


def _on_roll(world: World) -> list[Any]:
    return [e for e in world.enrolments if shown(e.entered, e.left)]


def _in_care(world: World) -> set[int]:
    return {e.person for e in world.care_episodes if e.placements[-1].end is None}


def census(world: World) -> Iterator[Said]:
    """School census: who is on which roll, with needs, free meals and care."""
    in_care = _in_care(world)
    for each in _on_roll(world):
        yield "identifier", each.person, "upn", each.upn
        if each.former_upn:
            yield "identifier", each.person, "former_upn", each.former_upn
        yield "stay", each.person, "unknown", home(world, each.person), None, None, False
        yield "episode", each.person, "school_roll", each.entered, each.left
        if each.support in ("K", "E"):
            yield "need", each.person, "sen", f"sen_provision:{each.support}"
        if each.free_meals:
            yield "need", each.person, "income", None
        if each.person in in_care:
            yield "episode", each.person, "cla", None, None


def transfers(world: World) -> Iterator[Said]:
    """Common transfer file: of pupils who changed school the same, and how often they came."""
    in_care = _in_care(world)
    for each in _on_roll(world):
        if each.entered.month == 9 and each.entered.day <= 8 and not each.left:
            continue
        yield "identifier", each.person, "upn", each.upn
        if each.former_upn:
            yield "identifier", each.person, "former_upn", each.former_upn
        yield "stay", each.person, "unknown", home(world, each.person), None, None, False
        yield "episode", each.person, "school_roll", each.entered, each.left
        if each.support in ("K", "E"):
            yield "need", each.person, "sen", f"sen_provision:{each.support}"
        if each.need:
            yield "need", each.person, "sen", None
        if each.free_meals:
            yield "need", each.person, "income", None
        if each.person in in_care:
            yield "episode", each.person, "cla", None, None
        yield "outcome", each.person, "attendance:sessions", f"{390 - round(390 * each.absent)}/390"


def lettings(world: World) -> Iterator[Said]:
    """CORE: the home that was let, the one before, and a wait known by its band alone."""
    months = ((1, 6), (2, 18), (3, 30), (4, 42), (5, 54), (10, 90))
    for each in world.register:
        let = each.closed
        if each.closed_reason != "Housed" or let is None or not shown(let):
            continue
        members = [k for k in each.members if world.birth_date(k) <= let][:8]
        main = members[0]
        postcode = world.geography.postcode_of(world.address(main, let))
        for person in members:
            yield "stay", person, "social_rent", postcode, let, None, False
        yield "stay", main, "private_rent", None, None, let, False
        settled = world.geography.postcode_of(world.home_address(main, each.submitted))
        yield "stay", main, "unknown", settled, None, None, False
        for person in members[1:]:
            kind = {2: "child", 1: "partner"}.get(int(world.people.role[person]), "household")
            yield "relationship", main, person, kind
        tenancy = f"T{each.district + 1}{each.number:07d}"
        yield "identifier", main, "tenancy", tenancy
        yield "episode", main, "tenancy", let, None
        yield "event", main, "letting", let, "completed"
        middle = next((m for years, m in months if (let - each.effective).days / 365.25 < years), 144)
        yield "wait", main, "register", let - dt.timedelta(days=round(middle * 365.25 / 12)), let
        yield "need", main, "medical_welfare" if each.medical else "overcrowding", None


def moved_cases(world: World) -> Iterator[Said]:
    """Xhibit: a trial waits since the case was sent; before an appeal there is none."""
    for number, case in enumerate(world.crown_cases):
        if case.closed or not shown(case.opened):
            continue
        for person, _ in case.defendants:
            yield "identifier", person, "case_urn", case.urn
            yield "identifier", person, "asn", f"99QB{case.urn[-6:]}A"
            yield "episode", person, "criminal_case", case.magistrates, None
            if number % 6 != 5:
                yield "wait", person, "crown_trial", case.magistrates, None


def conferences(world: World) -> Iterator[Said]:
    """MARAC: every row is protected; a perpetrator has a relationship and nothing else."""
    for each in world.risk_referrals:
        if not shown(each.referred):
            continue
        victim = each.victim
        yield from _numbers(world, victim)
        yield "stay", victim, "unknown", home(world, victim), None, None, True
        yield "episode", victim, "marac", each.referred, None
        yield "event", victim, "referral", each.referred, "completed"
        yield "event", victim, "meeting", each.meeting, None
        yield "need", victim, "domestic_abuse", "high" if each.ticks >= 14 else "medium"
        if each.perpetrator is not None:
            yield "relationship", each.perpetrator, victim, "victim_of"
        for child in each.children:
            yield "stay", child, "unknown", None, None, None, True
            is_parent = int(world.people.role[victim]) in (0, 1)
            yield "relationship", child, victim, "parent" if is_parent else "other"


def directory(world: World) -> Iterator[Said]:
    """GIAS: a school is an organisation, a location and a service; an empty number of pupils is none."""
    ages = {"primary": (4.0, 11.0), "secondary": (11.0, 16.0), "special": (4.0, 16.0)}
    for number, school in enumerate(world.geography.schools):
        on_roll = sum(e.school == number and e.entered <= AS_OF and not by_then(e.left) for e in world.enrolments)
        first = number == 0 or world.geography.schools[number - 1].district != school.district
        name = f"Saint Zo\u00eb's {school.name}" if first else school.name
        postcode, uprn = world.geography.postcode_of(school.address), f"{990000000000 + school.address}"
        low, high = ages[school.kind]
        yield "organisation", None, school.reference, name
        yield "location", None, school.reference, "physical", postcode, uprn
        yield "service", None, school.reference, "active", low, high, on_roll + 30, on_roll or None
        if first:
            gone = f"{909000 + number}"
            yield "organisation", None, gone, f"Former {name}"
            yield "location", None, gone, "physical", postcode, uprn
            yield "service", None, gone, "defunct", low, high, None, None


def feed_of_care(world: World) -> Iterator[Said]:
    """The daily feed: cases, care, requests for plans; no review, so no clock of reviews."""
    upns = {e.person: e.upn for e in world.enrolments}
    cases = {c.person: c for c in world.child_cases if shown(c.referred, c.closed)}
    care = {e.person: e for e in world.care_episodes if shown(e.placements[0].start, e.placements[-1].end)}
    requests = {r.person: r for r in world.plan_requests if shown(r.requested, r.stopped)}
    leavers = {c.person: c for c in world.care_leavers}
    for person in cases.keys() | care.keys() | requests.keys() | leavers.keys():
        if upns.get(person):
            yield "identifier", person, "upn", upns[person]
        yield "stay", person, "unknown", home(world, person), None, None, False
    for request in requests.values():
        yield "event", request.person, "referral", request.requested, "completed"
        decided = request.decided or request.assessed or request.plan
        if decided or not request.assessed:
            yield "wait", request.person, "ehcp_decision", request.requested, decided
        if request.plan or not (request.decided or request.assessed):
            yield "wait", request.person, "ehcp_plan", request.requested, request.plan
        if request.plan:
            yield "episode", request.person, "ehcp", request.plan, None
    for case in cases.values():
        if not case.no_action:
            yield "wait", case.person, "cin_decision", case.referred, case.referred
            yield "wait", case.person, "cf_assessment", case.referred, case.assessed
        if case.enquiry and case.conference_needed:
            yield "wait", case.person, "icpc", case.enquiry, case.conference
        if case.plan:
            yield "episode", case.person, "cpp", case.plan, case.plan_end
    for episode in care.values():
        yield "episode", episode.person, "cla", episode.placements[0].start, episode.placements[-1].end
        for placement in episode.placements:
            where = world.geography.postcode_of(placement.address)
            kind = {"P1": "family_friends"}.get(placement.place, "care_placement")
            yield "stay", episode.person, kind, where, placement.start, placement.end, False


def lists(world: World) -> Iterator[Said]:
    """Annex A: eleven lists, each of the latest review and placement alone."""
    for case in world.child_cases:
        if shown(case.referred, case.closed):
            yield from _of_case(case)
    for episode in world.care_episodes:
        if shown(episode.placements[0].start, episode.placements[-1].end):
            yield from _of_care(world, episode)
    for early in world.early_help:
        yield "episode", early.person, "early_help", early.started, None
        yield "event", early.person, "assessment", early.started, None
    for leaver in world.care_leavers:
        yield "episode", leaver.person, "care_leaver", None, None
        kind = {"S": "no_fixed_abode", "V": "ta_other", "W": "ta_bnb"}.get(leaver.home)
        if kind:
            yield "stay", leaver.person, kind, None, None, None, False
            yield "need", leaver.person, "homeless", None
        yield "outcome", leaver.person, "annex_a:activity", f"ssda903:{leaver.activity}"
    ends = {e.person: e.placements[-1].end for e in world.care_episodes if shown(AS_OF, e.placements[-1].end)}
    for plan in world.adoption_plans:
        yield "episode", plan.person, "cla", plan.entered, ends.get(plan.person)
        for day in (plan.decided, plan.ordered, plan.matched, plan.given_up):
            if day:
                yield "event", plan.person, "decision", day, "completed"
        if plan.placed:
            yield "event", plan.person, "move", plan.placed, "completed"
    for adopter in world.adopters:
        yield "event", adopter.person, "contact", adopter.enquired, "completed"
        for day in (adopter.approved, adopter.left):
            if day:
                yield "event", adopter.person, "decision", day, "completed"


def _of_case(case: Any) -> Iterator[Said]:
    yield "event", case.person, "contact", case.referred, "completed"
    yield "event", case.person, "referral", case.referred, "completed"
    if case.no_action:
        return
    yield "episode", case.person, "cin", case.referred, None
    yield "episode", case.person, "cin", case.referred, case.closed
    yield "event", case.person, "assessment", case.referred, None
    yield "wait", case.person, "cf_assessment", case.referred, case.assessed
    needs = {"N2": "physical_disability"}
    yield "need", case.person, needs.get(case.need, "other"), None
    if case.assessed:
        yield "event", case.person, "visit", case.assessed, "completed"
    if case.enquiry:
        yield "episode", case.person, "s47", case.enquiry, None
        if case.conference:
            yield "event", case.person, "conference", case.conference, "completed"
        if case.conference_needed:
            yield "wait", case.person, "icpc", case.enquiry, case.conference
    if case.plan:
        yield from _of_plan(case)


def _of_plan(case: Any) -> Iterator[Said]:
    abuse = {"NEG": "neglect", "PHY": "physical_abuse", "SAB": "sexual_abuse", "EMO": "emotional_abuse"}
    yield "episode", case.person, "cpp", case.plan, case.plan_end
    yield "need", case.person, abuse[case.category], None
    yield "event", case.person, "visit", case.plan, "completed"
    latest = max((day for day in case.reviews if day <= AS_OF), default=None)
    if latest:
        yield "event", case.person, "review", latest, "completed"
    if case.plan_end is None:
        kind = "cpp_review_later" if latest else "cpp_review"
        yield "wait", case.person, kind, latest or case.plan, None


def _of_care(world: World, episode: Any) -> Iterator[Said]:
    person, first, last = episode.person, episode.placements[0], episode.placements[-1]
    yield "episode", person, "cla", first.start, last.end
    yield "need", person, "other", None
    hidden = any(case.hidden and person in case.children for case in world.family_cases)
    kind = {"P1": "family_friends"}.get(last.place, "care_placement")
    yield "stay", person, kind, world.geography.postcode_of(last.address), last.start, last.end, hidden
    yield "event", person, "visit", last.start, "completed"
    latest = max((day for day, _ in episode.reviews if day <= AS_OF), default=None)
    if latest:
        yield "event", person, "review", latest, "completed"
    if last.end is None:
        yield "wait", person, "cla_review_later" if latest else "cla_review", latest or first.start, None


WHOLE: dict[str, Callable[[World], Iterable[Said]]] = {
    "ecds": emergency,
    "csds": community,
    "mhsds": mental,
    "rtt_open_pathways": pathways,
    "fhir_ukcore": records_of_hospitals,
    "sen2": special_needs,
    "school_census": census,
    "ctf": transfers,
    "core": lettings,
    "xhibit": moved_cases,
    "marac": conferences,
    "gias": directory,
    "annex_a": lists,
    "annex_a_sen": inspected_needs,
}
"""Formats of which every record is stated: nothing is missing, nothing is there besides."""
AMONG_OTHERS: dict[str, Callable[[World], Iterable[Said]]] = {"csc_api": feed_of_care}
"""Formats whose records are read by the readers of the usual returns: those stated here are among them."""
