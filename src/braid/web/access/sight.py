"""What a viewer may see, worked out once from role and purpose, and the record that they looked."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import InvalidPage, Paginator
from django.db.models import Q, QuerySet

from braid.trust.decide import permitted_rows
from braid.trust.roles import ROLES, Reach, Role
from braid.web.access.projections import Viewer
from braid.web.models import Blocker, Cohort, Look, Person, PersonWait
from braid.web.reasons import find_fault


class NotPermitted(Exception):
    """This role may not look, or not for this purpose: 403, whoever the person is."""


class NotThere(Exception):
    """No such person or page, or none that this viewer may see: 404, the same for both."""


@dataclass(frozen=True)
class Sight:
    """A viewer with the row sensitivities and backlogs that may be shown to them."""

    viewer: Viewer
    role: Role
    sensitivities: frozenset[str]
    backlogs: frozenset[str]


def sight_of(viewer: Viewer) -> Sight:
    """Return what `viewer` may see; raise `NotPermitted` without a role, a permitted purpose and a valid reference."""
    role = ROLES.get(viewer.role)
    if role is None or not viewer.username:
        raise NotPermitted
    sensitivities, backlogs = permitted_rows(role, viewer.purpose)
    if not sensitivities or find_fault(role, viewer.purpose, viewer.reference):
        raise NotPermitted
    return Sight(viewer, role, sensitivities, backlogs)


def visible_waits(sight: Sight) -> QuerySet[PersonWait]:
    """Return the waits that may be seen: permitted rows of people within the role's reach."""
    rows = PersonWait.objects.filter(sensitivity__in=sight.sensitivities, backlog__in=sight.backlogs)
    if sight.role.reach is Reach.PLACE:
        return rows
    return rows.filter(person__in=_people_within(sight))


def _people_within(sight: Sight) -> QuerySet[Person]:
    """Return whom the purpose concerns, and their households where the role reaches so far: `decide_person` in SQL."""
    concerned = Cohort.objects.filter(problem=sight.viewer.purpose)
    within = Q(pk__in=concerned.values("person"))
    if sight.role.reach is Reach.HOUSEHOLD:
        homes = concerned.exclude(person__household_id="").values("person__household_id")
        within |= Q(household_id__in=homes)
    return Person.objects.filter(within).only("pk")


def visible_blockers(sight: Sight) -> QuerySet[Blocker]:
    """Return the blockers of which every part may be seen: the row, the wait held and the wait that holds it."""
    holder_seen = Q(holder_wait__sensitivity__in=sight.sensitivities, holder_wait__backlog__in=sight.backlogs)
    return Blocker.objects.filter(
        Q(holder_wait__isnull=True) | holder_seen,
        sensitivity__in=sight.sensitivities,
        problem__in=sight.role.purposes,
        held_wait__sensitivity__in=sight.sensitivities,
        held_wait__backlog__in=sight.backlogs,
    )


def record_look(viewer: Viewer, person_ids: Sequence[str]) -> None:
    """Write one audit row for each person, in the transaction that reads them."""
    Look.objects.bulk_create(
        Look(
            username=viewer.username,
            role=viewer.role,
            purpose=viewer.purpose,
            reference=viewer.reference,
            person_id=person_id,
            page=viewer.page,
        )
        for person_id in person_ids
    )


def page_of(rows: QuerySet[Any, Any], size: int, number: object) -> tuple[list[Any], Paginator, int]:
    """Return the rows of one page, its paginator and its number; raise `NotThere` where there is no such page."""
    paginator = Paginator(rows, size)
    try:
        page = paginator.page(number)
    except InvalidPage:
        raise NotThere from None
    return list(page.object_list), paginator, page.number
