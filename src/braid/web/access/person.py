"""One person, as far as the viewer may see them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from django.db.models import QuerySet

from braid.language.person_ids import is_person_id
from braid.web.access.beside import Seen, put_beside
from braid.web.access.decisions import Decisions, decisions_on
from braid.web.access.homes import find_household
from braid.web.access.paths import path_seen
from braid.web.access.projections import InvolvementSeen, PersonSeen, Viewer
from braid.web.access.ranks import find_ranks
from braid.web.access.sight import NotThere, Sight, looking, record_look, run_shown, waits_of
from braid.web.access.words import blockers_seen, headers, involvement_seen, wait_seen
from braid.web.models import Cohort, Contact, Involvement, PersonWait, ProblemStatement
from braid.web.owner_functions import ask_rows
from braid.web.written_once import written_once


def get_person(viewer: Viewer, person_id: str, beside: str = "") -> PersonSeen:
    """Return what this viewer may see of a person, and record the look; with `beside`, at another person too.

    Raises `NotPermitted`, or `NotThere` where there is no such person, or none of whose waits may be seen: of either.
    """
    if not beside:
        with looking_at(viewer, person_id) as (decisions, waits):
            return _person_seen(decisions, person_id, waits)
    return _beside_another(viewer, person_id, beside)


def _beside_another(viewer: Viewer, person_id: str, beside: str) -> PersonSeen:
    if beside == person_id or not (is_person_id(person_id) and is_person_id(beside)):
        raise NotThere
    with looking(viewer) as sight:
        decisions = decisions_on(sight, [person_id, beside])
        found = decisions.permitted_waits(waits_of(sight, [person_id, beside]))
        waits = {each: [wait for wait in found if wait.person_id == each] for each in (person_id, beside)}
        if not all(waits.values()):
            raise NotThere
        record_look(sight, {each: decisions.relation_to(each) for each in waits})
        seen = _person_seen(decisions, person_id, waits[person_id])
        other = headers(decisions, {beside: waits[beside][0].sensitivity})[beside]
        run = run_shown(sight)
        as_of = run.as_of_date if run and run.as_of_date else found[0].as_of_date
        running = tuple(wait_seen(wait) for wait in waits[beside] if wait.stop_date is None)
        this = Seen(person_id, seen.waits, seen.birth_date, seen.district, waits[person_id][0].sensitivity)
        that = Seen(beside, running, other.birth_date, other.district, waits[beside][0].sensitivity)
        return replace(seen, beside=put_beside(decisions, this, that, other.name, as_of))


@contextmanager
def looking_at(viewer: Viewer, person_id: str) -> Iterator[tuple[Decisions, list[PersonWait]]]:
    """Open the viewer's transaction on a person and record the look; give the decisions and the waits they see.

    Raises as `get_person` does.
    """
    if not is_person_id(person_id):
        raise NotThere
    with looking(viewer) as sight:
        decisions = decisions_on(sight, [person_id])
        waits = decisions.permitted_waits(waits_of(sight, [person_id]))
        if not waits:
            raise NotThere
        record_look(sight, {person_id: decisions.relation_to(person_id)})
        yield decisions, waits


def _person_seen(decisions: Decisions, person_id: str, waits: list[PersonWait]) -> PersonSeen:
    sight = decisions.sight
    header = headers(decisions, {person_id: waits[0].sensitivity})[person_id]
    running = tuple(wait_seen(wait) for wait in waits if wait.stop_date is None)
    blockers = tuple(blocker for _, blocker in blockers_seen(decisions, waits))
    return PersonSeen(
        person_id=person_id,
        name=header.name,
        birth_date=header.birth_date,
        district=header.district,
        waits=running,
        ended_waits=tuple(wait_seen(wait) for wait in waits if wait.stop_date is not None),
        blockers=blockers,
        path=path_seen(running, blockers),
        involvements=_involvements(decisions, person_id),
        problems=_problems(sight, person_id),
        ranks=find_ranks(decisions, {person_id: waits[0].sensitivity}).get(person_id, ()),
        household=find_household(decisions, person_id, waits[0].sensitivity),
        disputed=_disputed(person_id, waits),
        involvements_open=any(
            item == "involvements" for purpose, _, item in sight.flows if purpose == sight.viewer.purpose
        ),
    )


def _disputed(person_id: str, waits: list[PersonWait]) -> frozenset[str]:
    """Return which of these waits rest on a record that is said to be wrong."""
    said = {wait_id for (wait_id,) in ask_rows("braid_disputed_waits", ("*",), person_id)}
    return frozenset(wait.wait_id for wait in waits if wait.wait_id in said)


def _problems(sight: Sight, person_id: str) -> tuple[str, ...]:
    """Return the names of the problem statements that concern a person, of those that may be named."""
    return tuple(sorted(_names_of_problems(person_id, sorted(sight.problems))))


@written_once
def _names_of_problems(person_id: str, problems: list[str]) -> QuerySet[ProblemStatement, str]:
    cohorts = Cohort.objects.filter(person_id=person_id, problem__among=problems)
    return ProblemStatement.objects.filter(pk__in=cohorts.values("statement")).values_list("words__name", flat=True)


def _involvements(decisions: Decisions, person_id: str) -> tuple[InvolvementSeen, ...]:
    return tuple(sorted((seen for _, seen in involvements_of(decisions, person_id)), key=_newest_first))


def involvements_of(decisions: Decisions, person_id: str) -> list[tuple[Involvement, InvolvementSeen]]:
    """Return the services that know a person, each as published and as the viewer may see it, by service."""
    sight = decisions.sight
    rows = _involvement_rows(person_id, sorted(sight.sensitivities))
    seen = decisions.permitted_involvements([row for row in rows if sight.opens("involvements", row.provider)])
    known = _contacts([row.pk for row in seen]) if sight.role.sees_location else []
    contacts = {row.pk: row for row in known}
    run = run_shown(sight)
    as_of = run.as_of_date if run else None
    return [(row, involvement_seen(decisions, row, contacts.get(row.pk), as_of or row.as_of_date)) for row in seen]


@written_once
def _involvement_rows(person_id: str, sensitivities: list[str]) -> QuerySet[Involvement]:
    rows = Involvement.objects.filter(person_id=person_id, sensitivity__among=sensitivities)
    return rows.order_by("service", "pk")


@written_once
def _contacts(involvements: list[int]) -> QuerySet[Contact]:
    return Contact.objects.filter(involvement_id__among=involvements)


def _newest_first(seen: InvolvementSeen) -> tuple[bool, int, str]:
    """Order by the latest activity; a service that recorded none comes last."""
    return (seen.last_date is None, -seen.last_date.toordinal() if seen.last_date else 0, seen.service)
