"""Step-up: an item of the vault needs a second factor, confirmed within the last five minutes."""

from __future__ import annotations

import datetime as dt

from braid.trust.items import ITEMS

CONFIRMED_FOR = dt.timedelta(minutes=5)
"""How long a confirmation with a second factor opens the vault; at its last instant it is over."""


def needs_step_up(item: str, assurance: int, confirmed_at: dt.datetime | None, now: dt.datetime) -> bool:
    """Whether `item` (a code of `ITEMS`) is closed until a second factor confirms; an item nobody knows always is.

    `assurance` is 2 after a second factor. Both instants know their zone and are compared in UTC: two of one zone are
    compared by their clock faces, and 01:30 comes twice when summer time ends. A confirmation from the future, which a
    clock that was set back leaves behind, confirms nothing.
    """
    known = ITEMS.get(item)
    if known is not None and not known.in_vault:
        return False
    return known is None or not is_confirmed(assurance, confirmed_at, now)


def is_confirmed(assurance: int, confirmed_at: dt.datetime | None, now: dt.datetime) -> bool:
    """Whether a second factor confirmed the session within the last five minutes; instants as in `needs_step_up`."""
    if assurance < 2 or confirmed_at is None:
        return False
    start = confirmed_at.astimezone(dt.UTC)
    return start <= now.astimezone(dt.UTC) < start + CONFIRMED_FOR
