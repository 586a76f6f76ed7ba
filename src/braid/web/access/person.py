"""One person, as far as the viewer may see them."""

from django.db import transaction

from braid.trust.roles import PURPOSES
from braid.web.access.projections import InvolvementSeen, PersonSeen, Viewer
from braid.web.access.sight import NotThere, Sight, record_look, sight_of, visible_waits
from braid.web.access.words import blockers_seen, headers, involvement_seen, wait_seen
from braid.web.models import Cohort, Involvement, PersonWait
from braid.web.published import hold_published_set

LONGEST_PERSON_ID = 64


def get_person(viewer: Viewer, person_id: str) -> PersonSeen:
    """Return what this viewer may see of a person, and record the look.

    Raises `NotPermitted`, or `NotThere` where there is no such person, or none of whose waits may be seen.
    """
    sight = sight_of(viewer)
    if len(person_id) > LONGEST_PERSON_ID or "\x00" in person_id:
        raise NotThere
    with transaction.atomic():
        hold_published_set()
        waits = list(visible_waits(sight).filter(person=person_id).order_by("-elapsed_days", "wait_id"))
        if not waits:
            raise NotThere
        record_look(viewer, [person_id])
        return _person_seen(sight, person_id, waits)


def _person_seen(sight: Sight, person_id: str, waits: list[PersonWait]) -> PersonSeen:
    header = headers(sight, [person_id])[person_id]
    cohorts = Cohort.objects.filter(person=person_id, problem__in=sight.role.purposes)
    return PersonSeen(
        person_id=person_id,
        name=header.name,
        birth_date=header.birth_date,
        district=header.district,
        waits=tuple(wait_seen(wait) for wait in waits if wait.stop_date is None),
        ended_waits=tuple(wait_seen(wait) for wait in waits if wait.stop_date is not None),
        blockers=tuple(blocker for _, blocker in blockers_seen(sight, [person_id])),
        involvements=_involvements(sight, person_id),
        problems=tuple(sorted(PURPOSES[problem] for problem in cohorts.values_list("problem", flat=True))),
    )


def _involvements(sight: Sight, person_id: str) -> tuple[InvolvementSeen, ...]:
    rows = Involvement.objects.filter(person=person_id, sensitivity__in=sight.sensitivities)
    rows = rows.select_related("person").order_by("service", "pk")
    return tuple(involvement_seen(sight, row) for row in rows)
