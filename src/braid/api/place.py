"""Figures of the place: its queues, what holds up what, problem statements, and priority rules. About nobody."""

from dataclasses import asdict

from django.http import HttpRequest
from ninja import Router

from braid.api import schemas
from braid.api.callers import check_sees_place
from braid.web.access import NotThere
from braid.web.backlogs import get_backlogs
from braid.web.fairness import Rules, get_rules
from braid.web.figures import PlaceFigures, get_place_figures
from braid.web.graph_figures import Move, get_blocker_figures, get_statements
from braid.web.models import PublishedRun

router = Router(tags=["Place"])


@router.get("/place", response={200: schemas.Place}, summary="Figures of the place")
def place(request: HttpRequest) -> schemas.Place:
    """Counts of 1 to 7 are null; all others are rounded to 5. The rule of each figure: docs/reference/figures.md."""
    check_sees_place(request)
    figures = get_place_figures()
    if figures.run is None:
        raise NotThere
    return _place(figures)


@router.get("/backlogs", response={200: schemas.Backlogs}, summary="Figures of each queue")
def backlogs(request: HttpRequest) -> schemas.Backlogs:
    """Size, additions, lengths and overlaps of each queue. The rule of each figure: docs/reference/figures.md."""
    check_sees_place(request)
    found = get_backlogs()
    if found.run is None:
        raise NotThere
    return schemas.Backlogs(
        place_name=found.run.place_name,
        run_id=found.run.run_id,
        as_of_date=found.run.as_of_date,
        backlogs=[asdict(backlog) for backlog in found.backlogs],
    )


@router.get("/blockers", response={200: schemas.Blockers}, summary="What holds up what over the place")
def blockers(request: HttpRequest) -> dict:
    """Counts of 1 to 7 are null; all others are rounded to 5. The rule of each figure: docs/reference/figures.md."""
    check_sees_place(request)
    figures = get_blocker_figures()
    if figures.run is None:
        raise NotThere
    rows = {"rows": [asdict(row) for row in figures.rows], "deadlocks": [asdict(each) for each in figures.deadlocks]}
    return {**_of_run(figures.run), **rows}


@router.get("/problems", response={200: list[schemas.StatementInList]}, summary="Problem statements")
def problems(request: HttpRequest) -> list[dict]:
    """The problem statements of the published run, and how many people each concerns."""
    check_sees_place(request)
    return [{**each.words, "people": each.people} for each in get_statements()[1]]


@router.get("/problems/{problem_id}", response={200: schemas.Statement}, summary="One problem statement")
def problem(request: HttpRequest, problem_id: str) -> dict:
    """Whom it concerns, what holds up what and whose move it is, what would prove it, whose money could pay."""
    check_sees_place(request)
    for each in get_statements()[1]:
        if each.problem_id == problem_id:
            rules = [{**rule.words, "moves": list(map(_move, rule.moves))} for rule in each.rules]
            return {**each.words, "people": each.people, "rules": rules}
    raise NotThere


@router.get("/rules", response={200: list[schemas.PriorityRules]}, summary="Priority rules and fairness")
def rules(request: HttpRequest) -> list[dict]:
    """The rules of each problem statement in words, and whom they never reached, after disclosure control."""
    check_sees_place(request)
    return [_rules(each) for each in get_rules()]


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
