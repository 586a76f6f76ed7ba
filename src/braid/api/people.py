"""People and their waits, as far as the caller may see them: the same choke point, filters and record as the pages."""

from dataclasses import asdict

from django.http import HttpRequest
from ninja import Query, Router, Schema
from ninja.errors import ValidationError

from braid.api import schemas
from braid.api.callers import Purpose, Reference, viewer_of
from braid.api.cursors import Cursors
from braid.api.lists import Cursor, Limit
from braid.trust.roles import ROLES
from braid.web.access import NotThere, get_person
from braid.web.access.people import get_people_after
from braid.web.access.projections import PeopleFilter, PersonSeen, Viewer
from braid.web.access.ranks import get_ranking_after
from braid.web.access.sight import looking
from braid.web.access.waits import find_person_of_wait
from braid.web.figures import get_district_choices
from braid.web.forms import PeopleForm
from braid.web.graph_figures import get_statement_choices

router = Router(tags=["People"])


class PeopleQuery(Schema):
    """How the list is narrowed and sorted."""

    problem: str = ""
    district: str = ""
    backlog: str = ""
    kind: str = ""
    sort: str = ""


@router.get("/people", response={200: schemas.People}, summary="People in several backlogs")
def people(
    request: HttpRequest,
    query: Query[PeopleQuery],
    limit: Limit,
    cursor: Cursor,
    purpose: Purpose = "",
    reference: Reference = "",
) -> dict:
    """Only people and waits that the caller may see are listed and sorted by."""
    viewer = viewer_of(request, purpose, reference, "api people")
    wanted = _wanted(viewer, query)
    cursors = Cursors(request, "people", viewer.purpose, **query.dict())
    after = cursors.open(cursor)
    found, follows, is_cut = get_people_after(viewer, wanted, tuple(after) if after else None, limit)
    return {
        "items": [asdict(one) for one in found],
        "next": cursors.seal(follows) if follows else None,
        "is_cut": is_cut,
    }


def _wanted(viewer: Viewer, query: PeopleQuery) -> PeopleFilter:
    role = ROLES[viewer.role]
    choices = {"districts": get_district_choices(), "problems": get_statement_choices(role.purposes)}
    form = PeopleForm(query.dict(), role=role, **choices)
    if not form.is_valid():
        raise ValidationError([{"loc": [name]} for name in sorted(form.errors)])
    return PeopleFilter(**{**form.cleaned_data, "sort": form.cleaned_data["sort"] or "longest"})


@router.get("/people/{person_id}", response={200: schemas.Person}, summary="One person")
def person(
    request: HttpRequest, person_id: str, beside: str = "", purpose: Purpose = "", reference: Reference = ""
) -> dict:
    """404 where there is no such person, and where the caller may see none of their waits; so for `beside`."""
    return asdict(get_person(viewer_of(request, purpose, reference, "api person"), person_id, beside))


@router.get("/people/{person_id}/waits", response={200: schemas.WaitsOfPerson}, summary="The waits of one person")
def waits(request: HttpRequest, person_id: str, purpose: Purpose = "", reference: Reference = "") -> dict:
    """404 as for the person."""
    seen = get_person(viewer_of(request, purpose, reference, "api person"), person_id)
    return {
        "person_id": seen.person_id,
        "open": [asdict(one) for one in seen.waits],
        "ended": [asdict(one) for one in seen.ended_waits],
    }


@router.get("/waits/{wait_id}", response={200: schemas.WaitOfPerson}, summary="One wait")
def wait(request: HttpRequest, wait_id: str, purpose: Purpose = "", reference: Reference = "") -> dict:
    """404 where there is no such wait, and where the caller may not see it."""
    viewer = viewer_of(request, purpose, reference, "api person")
    with looking(viewer) as sight:
        person_id = find_person_of_wait(sight, wait_id)
    if person_id is None:
        raise NotThere
    return _wait_of(get_person(viewer, person_id), wait_id)


def _wait_of(seen: PersonSeen, wait_id: str) -> dict:
    for one in (*seen.waits, *seen.ended_waits):
        if one.wait_id == wait_id:
            held = [asdict(each) for each in seen.blockers if each.held_wait_id == wait_id]
            return {"person_id": seen.person_id, "wait": asdict(one), "blockers": held}
    raise NotThere


@router.get("/ranking", response={200: schemas.Ranking}, summary="Who comes first")
def ranking(
    request: HttpRequest,
    limit: Limit,
    cursor: Cursor,
    problem: str = "",
    purpose: Purpose = "",
    reference: Reference = "",
) -> dict:
    """The order of the rules that serve the purpose, among the people whom the caller may see."""
    viewer = viewer_of(request, purpose, reference, "api ranking")
    cursors = Cursors(request, "ranking", viewer.purpose, problem=problem)
    after = cursors.open(cursor)
    found = get_ranking_after(viewer, problem, tuple(after) if after else None, limit)
    if found is None:
        raise NotThere
    version, shown, follows = found
    return {
        "problem": version.problem,
        "problem_name": version.name,
        "items": [asdict(one) for one in shown],
        "next": cursors.seal(follows) if follows else None,
    }
