"""Whether whoever wrote a message may still write about its people: asked anew when the message leaves."""

from collections.abc import Collection

from braid.web.access.decisions import decisions_on
from braid.web.access.projections import Viewer
from braid.web.access.sight import NotPermitted, looking, visible_waits


def may_write_about(author: Viewer, person_ids: Collection[str]) -> bool:
    """Return whether the author sees each of these people now, for the purpose under which the message was written:
    those it is about, and those it goes to.

    False where the account is closed or has another role, the agreement is suspended or over, an exclusion came since,
    or an emergency's time is up. Shows nobody anything, so it leaves no look.
    """
    wanted = set(person_ids)
    try:
        with looking(author) as sight:
            decisions = decisions_on(sight, wanted)
            waits = decisions.permitted_waits(visible_waits(sight).filter(person__in=wanted))
            return wanted <= {wait.person_id for wait in waits}
    except NotPermitted:
        return False
