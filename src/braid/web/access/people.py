"""The list of people who wait in two or more backlogs, counted over the waits that the viewer may see."""

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.core.paginator import InvalidPage, Paginator
from django.db.models import BooleanField, Count, Exists, F, Func, Max, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from braid.language.codes import WAIT_KINDS
from braid.trust.roles import Reach
from braid.web.access.decisions import Decisions, decisions_on
from braid.web.access.projections import BlockerSeen, PeopleFilter, PeoplePage, PersonInList, Viewer
from braid.web.access.sight import (
    NotPermitted,
    NotThere,
    Sight,
    looking,
    record_look,
    seen_anywhere,
    visible_blockers,
    visible_waits,
    waits_of,
    waits_opened,
)
from braid.web.access.words import blockers_seen, headers, wait_seen
from braid.web.models import Blocker, Cohort, PersonDistrict, PersonWait, Within
from braid.web.published import estimate_waits

PAGE_SIZE = 25
MOST_WAITS = 5000
"""Waits, longest first, whose people are listed: in a place of a million the list is not counted to its end. Of so many
waits come some two thousand people; who stands further down is found by narrowing the list."""
MOST_WAITS_READ = 1000
"""The same of the list as it opens, longest first, which a human reads from its top: some four hundred people. What a
program fetches, and what is sorted by anything else, goes as far as `MOST_WAITS`."""
FEW = 10_000
"""People within reach, or who match a filter, whose waits are all read. Of more, waits are read longest first."""
WAITS_FOR_ONE = 20
"""How many waits of the place are read longest first in the time that all waits of one person take."""
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

Place = tuple[int, str]
"""What somebody on the list is sorted by, and their id."""


def get_people(viewer: Viewer, wanted: PeopleFilter, page: object = 1) -> PeoplePage:
    """Return a page of the people in several backlogs that this viewer may see, and record the look at each.

    Raises `NotPermitted`, or `NotThere` for a page that does not exist.
    """
    with looking(viewer) as sight:
        number = _page_number(page)
        listed = _listed(sight, wanted, MOST_WAITS_READ if _is_longest_first(wanted) else MOST_WAITS)
        places = _sorted(sight, wanted, listed)[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
        if not places and number > 1:
            raise NotThere
        people = _shown(sight, [person_id for _, person_id in places])
    count = len(listed.days)
    return PeoplePage(people, count, listed.is_cut, number, max(1, math.ceil(count / PAGE_SIZE)))


def get_people_after(
    viewer: Viewer, wanted: PeopleFilter, after: Place | None, limit: int
) -> tuple[tuple[PersonInList, ...], Place | None, bool]:
    """Return at most `limit` people of the same list after a place, the place of the last where others follow, and
    whether others, who wait less long, are not listed; record the look at each.

    A place is what somebody is sorted by, and their id: who comes or goes between two calls moves nobody else. Raises
    `NotPermitted`.
    """
    with looking(viewer) as sight:
        places, follows, is_cut = find_places_after(sight, wanted, after, limit)
        people = _shown(sight, [person_id for _, person_id in places])
    return people, follows, is_cut


def find_places_after(
    sight: Sight, wanted: PeopleFilter, after: Place | None, limit: int
) -> tuple[list[Place], Place | None, bool]:
    """Return the places of `get_people_after`: nobody is shown by it, and so no look is recorded."""
    listed = _listed(sight, wanted, MOST_WAITS)
    found = [one for one in _sorted(sight, wanted, listed) if after is None or _key(one) > _key(after)]
    return found[:limit], found[limit - 1] if len(found) > limit else None, listed.is_cut


def _key(place: Place) -> tuple[int, str]:
    return -place[0], place[1]


def _shown(sight: Sight, ids: list[str]) -> tuple[PersonInList, ...]:
    decisions = decisions_on(sight, ids)
    record_look(sight, {person_id: decisions.relation_to(person_id) for person_id in ids})
    return _people_in_list(decisions, ids)


def _page_number(wanted: object) -> int:
    try:
        return Paginator(range(MOST_PEOPLE), PAGE_SIZE).validate_number(wanted)
    except InvalidPage:
        raise NotThere from None


@dataclass(frozen=True)
class Listed:
    """The longest wait, in days, of each person listed, longest first; `is_cut` where others, who wait less long, are
    not."""

    days: dict[str, int]
    is_cut: bool


def _is_longest_first(wanted: PeopleFilter) -> bool:
    return _ORDER.get(wanted.sort, _ORDER["longest"]) == _ORDER["longest"]


def _listed(sight: Sight, wanted: PeopleFilter, most: int) -> Listed:
    """Return the people with visible, open waits in several backlogs, as far as `most` of their waits reach.

    The longest visible wait of everybody comes before their others, so the people come in the order of the list. No
    statement counts the whole place: waits are read longest first until there are enough, or, where few are within
    reach, of these alone.
    """
    others = _open(sight).filter(person=OuterRef("person")).exclude(backlog=OuterRef("backlog"))
    if sight.role.reach is not Reach.PLACE and _are_few(Within.objects.all(), _most_read_apart(most)):
        # The same waits as the visible ones: who is within reach is read first, and not asked of each wait again.
        rows = seen_anywhere(sight.wait_classes).filter(_is_one_of(Within.objects.all()))
    else:
        rows = visible_waits(sight)
    rows = rows.filter(Exists(others), stop_date__isnull=True)
    for people in _matching(sight, wanted):
        rows = rows.filter(_is_one_of(people) if _are_few(people) else _is_among(people))
    longest_first = rows.annotate(days=Coalesce(F("elapsed_days"), 0)).order_by("-days", "person_id")
    found = list(longest_first.values_list("person_id", "days")[:most])
    days: dict[str, int] = {}
    for person_id, waited in found:
        days.setdefault(person_id, waited)
    return Listed(days, len(found) == most)


def _open(sight: Sight) -> QuerySet[PersonWait]:
    return waits_opened(sight).filter(stop_date__isnull=True)


def _matching(sight: Sight, wanted: PeopleFilter) -> Iterator[QuerySet[Any]]:
    """Give, for each filter, rows of the people who match it. Raises `NotPermitted` for one on what may not be seen."""
    if wanted.problem:
        yield Cohort.objects.filter(statement=wanted.problem, problem__in=sight.problems)
    if wanted.district:
        if not sight.role.sees_location or not sight.opens("district"):
            raise NotPermitted
        yield PersonDistrict.objects.filter(district_code=wanted.district)
    if wanted.backlog:
        kinds = [kind.code for kind in WAIT_KINDS.values() if kind.backlog == wanted.backlog]
        yield _open(sight).filter(backlog=wanted.backlog, kind__in=kinds)
    if wanted.kind:
        yield _open(sight).filter(kind=wanted.kind)


def _are_few(people: QuerySet[Any], few: int | None = None) -> bool:
    few = FEW if few is None else few
    return people.order_by()[: few + 1].count() <= few


def _most_read_apart(most: int) -> int:
    """Return of how many people within reach all waits are read, rather than the waits of the place longest first.

    Of a place's `t` waits, `most * t / n` are read longest first until `most` waits of `n` people are found, each at a
    `WAITS_FOR_ONE`th of what the waits of one person cost. So reading theirs alone is cheaper up to the root of
    `most * t / WAITS_FOR_ONE`; where nobody knows `t`, of as many as `FEW`.
    """
    waits = estimate_waits()
    return FEW if waits is None else min(FEW, math.isqrt(most * waits // WAITS_FOR_ONE))


def _is_one_of(people: QuerySet[Any]) -> Func:
    """Ask whether somebody is one of few: they are read first, and then their waits."""
    few = ArraySubquery(people.values("person_id"))
    return Func(F("person_id"), few, arg_joiner=" = any(", template="%(expressions)s)", output_field=BooleanField())


def _is_among(people: QuerySet[Any]) -> Subquery:
    """Ask whether somebody is one of many: person by person, as waits are read."""
    one = people.filter(person_id=OuterRef("person_id")).values(yes=Value(True))[:1]
    return Subquery(one, output_field=BooleanField())


def _sorted(sight: Sight, wanted: PeopleFilter, listed: Listed) -> list[Place]:
    """Return the people listed in the order asked for, with what they are sorted by."""
    order = _ORDER.get(wanted.sort, _ORDER["longest"])
    if _is_longest_first(wanted):
        return [(days, person_id) for person_id, days in listed.days.items()]
    rows = people_in_backlogs(sight, wanted.sort).filter(person__in=list(listed.days))
    return list(rows.values_list(order.removeprefix("-"), "person_id"))


def people_in_backlogs(
    sight: Sight, sort: str = "longest", least_backlogs: int = 2
) -> QuerySet[PersonWait, dict[str, Any]]:
    """Return all people with visible, open waits in at least so many backlogs, and what is counted of them."""
    people = (
        visible_waits(sight)
        .filter(stop_date__isnull=True)
        .values("person_id")
        .annotate(
            backlog_count=Count("backlog", distinct=True),
            wait_count=Count("*"),
            longest_days=Coalesce(Max("elapsed_days"), 0),
            total_days=Coalesce(Sum("elapsed_days"), 0),
        )
        .filter(backlog_count__gte=least_backlogs)
    )
    if sort == "blockers":
        people = people.annotate(blockers_sorted_by=Coalesce(Subquery(_blockers_per_person(sight)), 0))
    return people.order_by(_ORDER.get(sort, _ORDER["longest"]), "person_id")


def _blockers_per_person(sight: Sight) -> QuerySet[Blocker, dict[str, Any]]:
    rows = visible_blockers(sight).filter(person=OuterRef("person_id"), held_wait__stop_date__isnull=True)
    return rows.order_by().values("person").annotate(n=Count("pk")).values("n")


def _people_in_list(decisions: Decisions, person_ids: list[str]) -> tuple[PersonInList, ...]:
    waits = _open_waits(decisions)
    known = headers(decisions, {person_id: seen[0].sensitivity for person_id, seen in waits.items()})
    blockers: dict[str, list[BlockerSeen]] = defaultdict(list)
    for person_id, blocker in blockers_seen(decisions, list(chain.from_iterable(waits.values()))):
        blockers[person_id].append(blocker)
    return tuple(
        PersonInList(
            person_id=person_id,
            **_counted(waits[person_id]),
            blocker_count=len(blockers[person_id]),
            name=known[person_id].name,
            district=known[person_id].district,
            waits=tuple(map(wait_seen, waits[person_id])),
            top_blocker=_top(blockers[person_id]),
        )
        for person_id in person_ids
        if person_id in waits
    )


def _counted(waits: list[PersonWait]) -> dict[str, int]:
    days = [wait.elapsed_days or 0 for wait in waits]
    return {
        "backlog_count": len({wait.backlog for wait in waits}),
        "wait_count": len(waits),
        "longest_days": max(days),
        "total_days": sum(days),
    }


def _open_waits(decisions: Decisions) -> dict[str, list[PersonWait]]:
    waits: dict[str, list[PersonWait]] = defaultdict(list)
    seen = waits_of(decisions.sight, decisions.subjects)
    for wait in decisions.permitted_waits(wait for wait in seen if wait.stop_date is None):
        waits[wait.person_id].append(wait)
    return waits


def _top(blockers: list[BlockerSeen]) -> BlockerSeen | None:
    """The blocker whose holder holds up the most waits; between equals the first by rule."""
    holds: dict[str, int] = defaultdict(int)
    for blocker in blockers:
        holds[blocker.holder] += 1
    return min(blockers, key=lambda blocker: (-holds[blocker.holder], blocker.rule_id), default=None)
