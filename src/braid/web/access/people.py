"""The list of people who wait in two or more backlogs, counted over the waits that the viewer may see."""

import math
from collections import defaultdict
from itertools import chain
from typing import Any

from django.core.paginator import InvalidPage, Paginator
from django.db.models import Count, Exists, Max, OuterRef, QuerySet, Subquery, Sum, Window
from django.db.models.functions import Coalesce

from braid.web.access.decisions import Decisions, decisions_on
from braid.web.access.projections import BlockerSeen, PeopleFilter, PeoplePage, PersonInList, Viewer
from braid.web.access.sight import (
    NotPermitted,
    NotThere,
    Sight,
    looking,
    record_look,
    visible_blockers,
    visible_waits,
)
from braid.web.access.words import blockers_seen, headers, wait_seen
from braid.web.models import Blocker, Cohort, PersonWait

PAGE_SIZE = 25
MOST_PEOPLE = 1_000_000_000
SORTS = {
    "longest": "Longest wait",
    "total": "Days over all waits",
    "backlogs": "Number of backlogs",
    "blockers": "Number of blockers",
}
_ORDER = {
    "longest": "-longest_days",
    "total": "-total_days",
    "backlogs": "-backlog_count",
    "blockers": "-blockers_sorted_by",
}
_COUNTED = ("person_id", "backlog_count", "wait_count", "longest_days", "total_days")


def get_people(viewer: Viewer, wanted: PeopleFilter, page: object = 1) -> PeoplePage:
    """Return a page of the people in several backlogs that this viewer may see, and record the look at each.

    Raises `NotPermitted`, or `NotThere` for a page that does not exist.
    """
    with looking(viewer) as sight:
        rows, count, number = _page_counted(people_in_backlogs(sight, wanted), page)
        decisions = decisions_on(sight, [row["person_id"] for row in rows])
        record_look(sight, {row["person_id"]: decisions.relation_to(row["person_id"]) for row in rows})
        people = _people_in_list(decisions, rows)
    return PeoplePage(people, count, number, max(1, math.ceil(count / PAGE_SIZE)))


def _page_counted(
    people: QuerySet[PersonWait, dict[str, Any]], wanted: object
) -> tuple[list[dict[str, Any]], int, int]:
    """Return the people of a page, how many there are in all, and the page's number; raise `NotThere` where it is none.

    They are counted in the query that sorts them, which takes as long as counting alone.
    """
    try:
        number = Paginator(range(MOST_PEOPLE), PAGE_SIZE).validate_number(wanted)
    except InvalidPage:
        raise NotThere from None
    counted = people.annotate(people_count=Window(Count("*")))
    rows = list(counted[(number - 1) * PAGE_SIZE : number * PAGE_SIZE])
    if not rows and number > 1:
        raise NotThere
    return rows, rows[0]["people_count"] if rows else 0, number


def people_in_backlogs(
    sight: Sight, wanted: PeopleFilter, least_backlogs: int = 2
) -> QuerySet[PersonWait, dict[str, Any]]:
    """Return the people with visible, open waits in at least so many backlogs, and what is counted of them."""
    waiting = visible_waits(sight).filter(stop_date__isnull=True)
    people = (
        _narrowed(waiting, sight, wanted)
        .values("person_id")
        .annotate(
            backlog_count=Count("backlog", distinct=True),
            wait_count=Count("*"),
            longest_days=Coalesce(Max("elapsed_days"), 0),
            total_days=Coalesce(Sum("elapsed_days"), 0),
        )
        .filter(backlog_count__gte=least_backlogs)
    )
    if wanted.sort == "blockers":
        people = people.annotate(blockers_sorted_by=Coalesce(Subquery(_blockers_per_person(sight)), 0))
    return people.order_by(_ORDER.get(wanted.sort, _ORDER["longest"]), "person_id")


def _blockers_per_person(sight: Sight) -> QuerySet[Blocker, dict[str, Any]]:
    rows = visible_blockers(sight).filter(person=OuterRef("person_id"), held_wait__stop_date__isnull=True)
    return rows.order_by().values("person").annotate(n=Count("pk")).values("n")


def _narrowed(waiting: QuerySet[PersonWait], sight: Sight, wanted: PeopleFilter) -> QuerySet[PersonWait]:
    """Keep every wait of the people who match. Raises `NotPermitted` for a filter on what may not be seen."""
    same_person = waiting.filter(person=OuterRef("person"))
    people = waiting
    if wanted.problem:
        cohort = Cohort.objects.filter(statement=wanted.problem, problem__in=sight.problems)
        people = people.filter(Exists(cohort.filter(person=OuterRef("person"))))
    if wanted.district:
        if not sight.role.sees_location or not sight.opens("district"):
            raise NotPermitted
        people = people.filter(person__home__district_code=wanted.district)
    if wanted.backlog:
        people = people.filter(Exists(same_person.filter(backlog=wanted.backlog)))
    if wanted.kind:
        people = people.filter(Exists(same_person.filter(kind=wanted.kind)))
    return people


def _people_in_list(decisions: Decisions, rows: list[dict[str, Any]]) -> tuple[PersonInList, ...]:
    waits = _open_waits(decisions)
    known = headers(decisions, {person_id: seen[0].sensitivity for person_id, seen in waits.items()})
    blockers: dict[str, list[BlockerSeen]] = defaultdict(list)
    for person_id, blocker in blockers_seen(decisions, list(chain.from_iterable(waits.values()))):
        blockers[person_id].append(blocker)
    return tuple(
        PersonInList(
            **{name: row[name] for name in _COUNTED},
            blocker_count=len(blockers[row["person_id"]]),
            name=known[row["person_id"]].name,
            district=known[row["person_id"]].district,
            waits=tuple(map(wait_seen, waits[row["person_id"]])),
            top_blocker=_top(blockers[row["person_id"]]),
        )
        for row in rows
        if row["person_id"] in waits
    )


def _open_waits(decisions: Decisions) -> dict[str, list[PersonWait]]:
    waits: dict[str, list[PersonWait]] = defaultdict(list)
    rows = visible_waits(decisions.sight).filter(person__in=list(decisions.subjects), stop_date__isnull=True)
    for wait in decisions.permitted_waits(rows.order_by("-elapsed_days", "wait_id")):
        waits[wait.person_id].append(wait)
    return waits


def _top(blockers: list[BlockerSeen]) -> BlockerSeen | None:
    """The blocker whose holder holds up the most waits; between equals the first by rule."""
    holds: dict[str, int] = defaultdict(int)
    for blocker in blockers:
        holds[blocker.holder] += 1
    return min(blockers, key=lambda blocker: (-holds[blocker.holder], blocker.rule_id), default=None)
