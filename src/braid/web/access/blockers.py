"""The blockers of waits that were let through, each with the waits it joins."""

from collections.abc import Iterable

from braid.web.access.decisions import Decisions
from braid.web.access.sight import blocker_rows, visible_waits
from braid.web.models import Blocker, PersonWait


def open_blockers(decisions: Decisions, waits: Iterable[PersonWait]) -> list[Blocker]:
    """Return the blockers of those of these waits that are open, where every part may be seen: row, wait held, holder.

    Both waits are read in, so that asking a blocker for one asks no database.

    `waits` are those of the people decided on, as the decision let them through. The waits that hold them are asked for
    apart: with everything in one statement, the database plans it longer than it runs it.
    """
    seen = {wait.pk: wait for wait in waits}
    held = [pk for pk, wait in seen.items() if wait.stop_date is None]
    rows = list(blocker_rows(decisions.sight).filter(held_wait__in=held, person__in=list(decisions.subjects)))
    others = {row.holder_wait_id for row in rows if row.holder_wait_id} - seen.keys()
    if others:
        seen |= visible_waits(decisions.sight).in_bulk(others)
    whole = [row for row in rows if row.holder_wait_id is None or row.holder_wait_id in seen]
    for row in whole:
        row.held_wait = seen[row.held_wait_id]
        row.holder_wait = seen[row.holder_wait_id] if row.holder_wait_id else None
    return decisions.permitted_blockers(whole)
