"""The list of people in several backlogs as the command line prints it: whole, by id, with every wait and blocker.

The same people as on the pages, from the same query, decided on one by one, each look recorded.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from operator import attrgetter
from typing import Any

from braid.web.access.blockers import open_blockers
from braid.web.access.decisions import Decisions, decisions_on
from braid.web.access.people import people_in_backlogs
from braid.web.access.projections import Viewer
from braid.web.access.sight import looking, record_look, visible_waits
from braid.web.models import Blocker, PersonWait

PEOPLE_AT_ONCE = 500
_WAIT = (
    "wait_id kind backlog provider start_date due_date due_date_other days_left clock rule_id explanation as_of_date"
).split()
_BLOCKER = (
    "rule_id problem held_wait_id holder_type holder_wait_id reason evidence evidence_date owner_organisation"
    " owner_role next_action"
).split()


def list_people(viewer: Viewer, least_backlogs: int = 2) -> list[dict[str, Any]]:
    """Return people with open, visible waits in at least `least_backlogs` backlogs, longest wait first.

    Each has `person_id`, `backlogs`, `longest_days`, `total_days`, `waits` (longest first, `days` being how long) and
    `blockers`, with the kinds of wait that they hold and are held by. Raises `NotPermitted`.
    """
    with looking(viewer) as sight:
        found = people_in_backlogs(sight, least_backlogs=least_backlogs).values_list("person_id", flat=True)
        ids = iter(list(found))
        return [
            person
            for some in iter(lambda: list(islice(ids, PEOPLE_AT_ONCE)), [])
            for person in _people(decisions_on(sight, some))
        ]


def _people(decisions: Decisions) -> Iterator[dict[str, Any]]:
    """Yield the people decided on, in the order asked for, and record the look at each."""
    record_look(decisions.sight, {person_id: decisions.relation_to(person_id) for person_id in decisions.subjects})
    waits: dict[str, list[PersonWait]] = defaultdict(list)
    open_waits = visible_waits(decisions.sight).filter(person__in=list(decisions.subjects), stop_date__isnull=True)
    for wait in decisions.permitted_waits(open_waits.order_by("-elapsed_days", "wait_id")):
        waits[wait.person_id].append(wait)
    blockers = _blockers(decisions, chain.from_iterable(waits.values()))
    for person_id in decisions.subjects:
        if person_id in waits:
            yield _person(person_id, waits[person_id], blockers[person_id])


def _blockers(decisions: Decisions, waits: Iterable[PersonWait]) -> dict[str, list[Blocker]]:
    found: dict[str, list[Blocker]] = defaultdict(list)
    for row in sorted(open_blockers(decisions, waits), key=attrgetter("blocker_id")):
        found[row.person_id].append(row)
    return found


def _person(person_id: str, waits: Sequence[PersonWait], blockers: Sequence[Blocker]) -> dict[str, Any]:
    days = [wait.elapsed_days or 0 for wait in waits]
    return {
        "person_id": person_id,
        "backlogs": list(dict.fromkeys(wait.backlog for wait in waits)),
        "longest_days": days[0],
        "total_days": sum(days),
        "waits": [{**{name: getattr(wait, name) for name in _WAIT}, "days": wait.elapsed_days} for wait in waits],
        "blockers": [_blocker(row) for row in blockers],
    }


def _blocker(row: Blocker) -> dict[str, Any]:
    """A blocker with the kinds of the waits it joins, or what it is where no wait holds."""
    held_by = row.holder_wait.kind if row.holder_wait else row.holder_type
    return {**{name: getattr(row, name) for name in _BLOCKER}, "holds": row.held_wait.kind, "held_by": held_by}
