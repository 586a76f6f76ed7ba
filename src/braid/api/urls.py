"""The API: figures of the place and its queues, priority rules, people in several backlogs or in order, one person.

People need a purpose and a reference in the headers `X-Purpose` and `X-Reference`, as the pages ask for them. A person
whom the caller may not see is answered exactly as one who does not exist.
"""

from dataclasses import asdict
from typing import Annotated

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import path
from ninja import Header, NinjaAPI, Query, Schema
from ninja.errors import ValidationError

from braid import __version__
from braid.api import schemas
from braid.api.signing import Bearer, Session
from braid.trust.roles import ROLES
from braid.web.access import NotPermitted, NotThere, get_people, get_person, get_ranking
from braid.web.access.projections import PeopleFilter, Viewer
from braid.web.backlogs import get_backlogs
from braid.web.fairness import Rules, get_rules
from braid.web.figures import PlaceFigures, get_district_choices, get_place_figures
from braid.web.forms import PeopleForm
from braid.web.graph_figures import Move, get_blocker_figures, get_statement_choices, get_statements
from braid.web.models import PublishedRun
from braid.web.reasons import find_fault, tidy_reference

NO = {401: schemas.Problem, 403: schemas.Problem}
NOT_THERE = {**NO, 404: schemas.Problem}
Purpose = Annotated[str, Header(alias="X-Purpose", description="Code of a purpose of the caller's role")]
Reference = Annotated[str, Header(alias="X-Reference", description="Reference of a case, an incident or a meeting")]

api = NinjaAPI(
    title="Braid",
    version=__version__,
    description="Who waits in several public services at once, and why. Every look at a person is recorded.",
    auth=[Session(csrf=False), Bearer()],
    docs_url=None,
    urls_namespace="api",
)


class PeopleQuery(Schema):
    """How the list is narrowed and sorted."""

    problem: str = ""
    district: str = ""
    backlog: str = ""
    kind: str = ""
    sort: str = ""
    page: int = 1


@api.get("/place", response={200: schemas.Place, **NOT_THERE}, summary="Figures of the place")
def place(request: HttpRequest) -> schemas.Place:
    """Counts of 1 to 7 are null; all others are rounded to 5. The rule of each figure: docs/reference/figures.md."""
    _check_sees_place(request)
    figures = get_place_figures()
    if figures.run is None:
        raise NotThere
    return _place(figures)


@api.get("/backlogs", response={200: schemas.Backlogs, **NOT_THERE}, summary="Figures of each queue")
def backlogs(request: HttpRequest) -> schemas.Backlogs:
    """Size, additions, lengths and overlaps of each queue. The rule of each figure: docs/reference/figures.md."""
    _check_sees_place(request)
    found = get_backlogs()
    if found.run is None:
        raise NotThere
    return schemas.Backlogs(
        place_name=found.run.place_name,
        run_id=found.run.run_id,
        as_of_date=found.run.as_of_date,
        backlogs=[asdict(backlog) for backlog in found.backlogs],
    )


@api.get("/blockers", response={200: schemas.Blockers, **NOT_THERE}, summary="What holds up what over the place")
def blockers(request: HttpRequest) -> dict:
    """Counts of 1 to 7 are null; all others are rounded to 5. The rule of each figure: docs/reference/figures.md."""
    _check_sees_place(request)
    figures = get_blocker_figures()
    if figures.run is None:
        raise NotThere
    rows = {"rows": [asdict(row) for row in figures.rows], "deadlocks": [asdict(each) for each in figures.deadlocks]}
    return {**_of_run(figures.run), **rows}


@api.get("/problems", response={200: list[schemas.StatementInList], **NOT_THERE}, summary="Problem statements")
def problems(request: HttpRequest) -> list[dict]:
    """The problem statements of the published run, and how many people each concerns."""
    _check_sees_place(request)
    return [{**each.words, "people": each.people} for each in get_statements()[1]]


@api.get("/problems/{problem_id}", response={200: schemas.Statement, **NOT_THERE}, summary="One problem statement")
def problem(request: HttpRequest, problem_id: str) -> dict:
    """Whom it concerns, what holds up what and whose move it is, what would prove it, whose money could pay."""
    _check_sees_place(request)
    for each in get_statements()[1]:
        if each.problem_id == problem_id:
            rules = [{**rule.words, "moves": list(map(_move, rule.moves))} for rule in each.rules]
            return {**each.words, "people": each.people, "rules": rules}
    raise NotThere


@api.get(
    "/people", response={200: schemas.People, **NOT_THERE, 422: schemas.Problem}, summary="People in several backlogs"
)
def people(request: HttpRequest, query: Query[PeopleQuery], purpose: Purpose = "", reference: Reference = "") -> dict:
    """Only people and waits that the caller may see are listed, counted and sorted by."""
    viewer = _viewer(request, purpose, reference, "api people")
    role = ROLES[viewer.role]
    choices = {"districts": get_district_choices(), "problems": get_statement_choices(role.purposes)}
    form = PeopleForm(query.dict(), role=role, **choices)
    if not form.is_valid():
        raise ValidationError([{"loc": sorted(form.errors)}])
    wanted = PeopleFilter(**{**form.cleaned_data, "sort": form.cleaned_data["sort"] or "longest"})
    return asdict(get_people(viewer, wanted, query.page))


@api.get("/people/{person_id}", response={200: schemas.Person, **NOT_THERE}, summary="One person")
def person(
    request: HttpRequest, person_id: str, beside: str = "", purpose: Purpose = "", reference: Reference = ""
) -> dict:
    """404 where there is no such person, and where the caller may see none of their waits; so for `beside`."""
    return asdict(get_person(_viewer(request, purpose, reference, "api person"), person_id, beside))


@api.get("/rules", response={200: list[schemas.PriorityRules], **NO}, summary="Priority rules and fairness")
def rules(request: HttpRequest) -> list[dict]:
    """The rules of each problem statement in words, and whom they never reached, after disclosure control."""
    _check_sees_place(request)
    return [_rules(each) for each in get_rules()]


@api.get("/ranking", response={200: schemas.Ranking, **NOT_THERE}, summary="Who comes first")
def ranking(
    request: HttpRequest, problem: str = "", page: int = 1, purpose: Purpose = "", reference: Reference = ""
) -> dict:
    """The order of the rules that serve the purpose, among the people whom the caller may see."""
    found = get_ranking(_viewer(request, purpose, reference, "api ranking"), problem, page)
    if found is None:
        raise NotThere
    return asdict(found)


def _rules(rules: Rules) -> dict:
    fairness = [
        {
            "name": each.name,
            "withheld": sorted(each.withheld),
            "groups": [{**asdict(group.figures), "name": group.name} for group in each.groups],
        }
        for each in rules.fairness
    ]
    return {**vars(rules), "fairness": fairness}


def _viewer(request: HttpRequest, purpose: str, reference: str, page: str) -> Viewer:
    role = ROLES.get(request.auth.role)
    reference = tidy_reference(reference)
    if role is None or not role.sees_people or find_fault(role, purpose, reference):
        raise NotPermitted
    return Viewer(request.auth.username, role.code, purpose, reference, page)


def _check_sees_place(request: HttpRequest) -> None:
    role = ROLES.get(request.auth.role)
    if role is None or not role.sees_place:
        raise NotPermitted


def _of_run(run: PublishedRun) -> dict:
    return {"place_name": run.place_name, "run_id": run.run_id, "as_of_date": run.as_of_date}


def _move(move: Move) -> dict:
    """A move with what is published of it; an action that holds nothing has counts of 0."""
    names = ("held_waits", "freed_waits")
    counts = {name: getattr(move.figures, name) if move.figures else 0 for name in names}
    return {**move.words, **counts}


def _place(figures: PlaceFigures) -> schemas.Place:
    run = figures.run
    return schemas.Place(
        place_name=run.place_name,
        run_id=run.run_id,
        as_of_date=run.as_of_date,
        kinds=[asdict(row) for row in figures.kinds],
        districts=[
            {"name": district.name, "kinds": [asdict(row) for row in district.by_kind.values()]}
            for district in figures.districts
        ],
        feeds=run.feeds,
    )


@api.exception_handler(NotPermitted)
@api.exception_handler(PermissionDenied)
def _forbidden(request: HttpRequest, _error: Exception) -> HttpResponse:
    detail = "not permitted: your role, the purpose in X-Purpose or the reference in X-Reference does not allow it"
    return api.create_response(request, {"detail": detail}, status=403)


@api.exception_handler(NotThere)
def _not_there(request: HttpRequest, _error: Exception) -> HttpResponse:
    return api.create_response(request, {"detail": "not found"}, status=404)


@api.exception_handler(ValidationError)
def _not_valid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Name what is wrong, never the value."""
    names = sorted(
        {str(part["loc"][-1] if isinstance(part["loc"], (list, tuple)) else part["loc"]) for part in error.errors}
    )
    detail = f"not valid: {', '.join(names)}; see the API's description for what it takes"
    return api.create_response(request, {"detail": detail}, status=422)


urlpatterns = [path("", api.urls)]
