"""Notices of moves at the moment of leaving: whether one still may, and that it has left.

That a message was taken back opens its notice again by itself: see `braid_reopen_notice` in `care/response.sql`.
"""

import datetime as dt
from uuid import UUID

from django.db.models import F

from braid.care.moves import may_leave
from braid.language.dates import london_date
from braid.web.models import MoveNotice


def may_notice_leave(message_id: UUID) -> bool:
    """Return whether nothing of its move stands against a message: true of one that carries no notice of a move.

    The agreement is asked anew: one that was taken back, or a notice that was opened again, keeps it from leaving.
    """
    rows = MoveNotice.objects.filter(message_id=message_id).values_list("kind", "state", "move__agreement")
    return all(state == "handed_over" and may_leave(kind, agreement) for kind, state, agreement in rows)


def note_left(message_id: UUID, now: dt.datetime) -> None:
    """Mark the notice that a message carried as sent, in the transaction that ends the message."""
    rows = MoveNotice.objects.filter(message_id=message_id, state="handed_over")
    rows.update(state="sent", sent_on=london_date(now), version=F("version") + 1)
