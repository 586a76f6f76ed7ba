"""Whose wait it is, for whoever may see it."""

import re

from braid.web.access.sight import Sight, visible_waits

WAIT_ID = re.compile(r"[A-Za-z0-9:._-]{1,64}")


def find_person_of_wait(sight: Sight, wait_id: str) -> str | None:
    """Return the id of the person whose wait it is; `None` for one that is not there, or not for the viewer."""
    if not WAIT_ID.fullmatch(wait_id):
        return None
    rows = visible_waits(sight).filter(pk=wait_id)
    found: str | None = rows.values_list("person_id", flat=True).first()
    return found
