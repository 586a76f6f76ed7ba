"""The blockers of waits that were let through, each with the waits it joins."""

from collections.abc import Iterable

from django.db.models import QuerySet

from braid.web.access.decisions import Decisions
from braid.web.access.sight import blockers_of_classes, visible_waits
from braid.web.models import Blocker, PersonWait
from braid.web.written_once import written_once


@written_once
def _blockers_of(
    sensitivities: list[str], problems: list[str], held: list[str], people: list[str]
) -> QuerySet[Blocker]:
    return blockers_of_classes(sensitivities, problems).filter(held_wait_id__among=held, person_id__among=people)


def open_blockers(decisions: Decisions, waits: Iterable[PersonWait]) -> list[Blocker]:
    """Return the blockers of those of these waits that are open, where every part may be seen: row, wait held, holder.

    Both waits are read in, so that asking a blocker for one asks no database.

    `waits` are those of the people decided on, as the decision let them through. The waits that hold them are asked for
    apart: with everything in one statement, the database plans it longer than it runs it.
    """
    seen = {wait.pk: wait for wait in waits}
    held = [pk for pk, wait in seen.items() if wait.stop_date is None]
    rows = _blockers_of(
        sorted(decisions.sight.sensitivities), sorted(decisions.sight.problems), held, list(decisions.subjects)
    )
    others = {row.holder_wait_id for row in rows if row.holder_wait_id} - seen.keys()
    if others:
        seen |= visible_waits(decisions.sight).in_bulk(others)
    whole = [row for row in rows if row.holder_wait_id is None or row.holder_wait_id in seen]
    for row in whole:
        row.held_wait = seen[row.held_wait_id]
        row.holder_wait = seen[row.holder_wait_id] if row.holder_wait_id else None
    return decisions.permitted_blockers(whole)
