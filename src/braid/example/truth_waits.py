"""The true waits: every clock that a partner service runs for a person, straight from the world."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import NamedTuple

from braid.example.desk import RETENTION_DAYS
from braid.example.model import World
from braid.example.records import FamilyCase, HomelessCase


class TrueWait(NamedTuple):
    """One wait of one person; `stop` is empty while it runs."""

    person: int
    kind: str
    start: date
    stop: date | None


def true_waits(world: World) -> list[TrueWait]:
    """Return the waits that run on the as-of date or ended in the half year before, sorted."""
    oldest = world.as_of - timedelta(days=RETENTION_DAYS)
    every = (
        wait
        for part in (
            _housing,
            _homelessness,
            _schools,
            _hospital,
            _family_court,
            _crown_court,
            _victims,
            _children,
            _further,
        )
        for wait in part(world)
    )
    recent = {wait for wait in every if wait.start <= world.as_of and (wait.stop is None or wait.stop > oldest)}
    return sorted(recent, key=lambda wait: (wait.person, wait.kind, wait.start, wait.stop or date.max))


def _housing(world: World) -> Iterator[TrueWait]:
    for application in world.register:
        for person in application.members:
            yield TrueWait(person, "register", application.effective, application.closed)


def has_dependant(world: World, case: HomelessCase) -> bool:
    """Return whether the household has somebody under 18 on entry, or somebody pregnant."""
    born = (k for k in case.members if world.birth_date(k) <= world.as_of)
    return case.pregnant or any(world.age_years(k, case.ta_entry) < 18 for k in born)


def _homelessness(world: World) -> Iterator[TrueWait]:
    for case in world.homeless:
        for person in case.members:
            if case.prevention:
                yield TrueWait(person, "homelessness_prevention", *case.prevention)
            if case.relief:
                yield TrueWait(person, "homelessness_relief", *case.relief)
            if case.ta_entry:
                yield TrueWait(person, "temporary_accommodation", case.ta_entry, case.ta_exit)
                if case.ta_type == "bnb" and has_dependant(world, case):
                    yield TrueWait(person, "bnb_family", case.ta_entry, case.ta_exit)


def _schools(world: World) -> Iterator[TrueWait]:
    for admission in world.admissions:
        if admission.withdrawn is None:
            yield TrueWait(admission.person, "in_year_admission", admission.applied, admission.answered)
    for request in world.plan_requests:
        yield TrueWait(request.person, "ehcp_decision", request.requested, request.decided)
        yield TrueWait(request.person, "ehcp_plan", request.requested, request.stopped)


def _hospital(world: World) -> Iterator[TrueWait]:
    for pathway in world.pathways:
        if pathway.withdrawn is None:
            yield TrueWait(pathway.person, "rtt", pathway.referred, pathway.stopped)


def _family_court(world: World) -> Iterator[TrueWait]:
    for case in world.family_cases:
        for child in case.children:
            yield TrueWait(child, "care_proceedings", case.issued, case.closed)
            yield TrueWait(child, "care_first_hearing", case.issued, _first_hearing(world, case))


def _first_hearing(world: World, case: FamilyCase) -> date | None:
    """Return the day of the first case management hearing that took place before the as-of date."""
    held = [h.day for h in case.hearings if h.kind == "CASE_MANAGEMENT" and h.failed is None and h.day < world.as_of]
    return min(held, default=None)


def supported_victims(world: World) -> set[tuple[int, str]]:
    """Return victim and case reference of those the victim service supports, or did until half a year ago."""
    oldest = world.as_of - timedelta(days=RETENTION_DAYS)
    return {
        (referral.person, referral.urn)
        for referral in world.referrals
        if referral.urn and referral.withdrawn is None and (referral.closed is None or referral.closed > oldest)
    }


def _crown_court(world: World) -> Iterator[TrueWait]:
    """Defendants wait, and so do victims whom the victim service supports under the case's reference."""
    supported = supported_victims(world)
    for case in world.crown_cases:
        victims = [person for person in case.victims if (person, case.urn) in supported]
        for person in [*(k for k, _ in case.defendants), *victims]:
            yield TrueWait(person, "crown_trial", case.opened, case.closed)


def _victims(world: World) -> Iterator[TrueWait]:
    for referral in world.referrals:
        if referral.withdrawn is None:
            yield TrueWait(referral.person, referral.kind, referral.referred, referral.stopped)


def _children(world: World) -> Iterator[TrueWait]:
    """Each review ends a clock and begins the next: of a protection plan, and of being looked after."""
    for case in world.child_cases:
        if not case.no_action:
            yield TrueWait(case.person, "cin_decision", case.referred, case.referred)
            yield TrueWait(case.person, "cf_assessment", case.referred, case.assessed)
        if case.enquiry and case.conference_needed:
            yield TrueWait(case.person, "icpc", case.enquiry, case.conference)
        if case.plan:
            kinds = ("cpp_review", "cpp_review_later", "cpp_review_later")
            yield from _chain(case.person, kinds, case.plan, case.plan_end, case.reviews)
        if case.pre_proceedings:
            yield TrueWait(case.person, "pre_proceedings", case.pre_proceedings, case.to_court)
    for episode in world.care_episodes:
        kinds = ("cla_review", "cla_review_second", "cla_review_later")
        start, end = episode.placements[0].start, episode.placements[-1].end
        yield from _chain(episode.person, kinds, start, end, [day for day, _ in episode.reviews])


def _further(world: World) -> Iterator[TrueWait]:
    """Emergency care, and community and mental health services: there are none of them unless they are asked for."""
    for attendance in world.attendances:
        left = attendance.left.date() if attendance.left else None
        yield TrueWait(attendance.person, "ed_4h", attendance.arrived.date(), left)
    for referral in world.health_referrals:
        if not referral.rejected:
            yield TrueWait(referral.person, "rtt", referral.referred, referral.started)


def _chain(
    person: int, kinds: tuple[str, str, str], start: date, end: date | None, reviews: Iterable[date]
) -> Iterator[TrueWait]:
    """Yield the first, the second and every later clock of a chain of reviews."""
    first, second, later = kinds
    kind, begun = first, start
    for day in sorted(reviews):
        yield TrueWait(person, kind, begun, day)
        kind, begun = second if kind == first else later, day
    if begun != end or kind == first:
        yield TrueWait(person, kind, begun, end)
