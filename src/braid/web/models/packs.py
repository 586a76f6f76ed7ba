"""Board packs as they were made: each kept whole, so that the next is compared with it and it can be opened again."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from braid.web.models.audit import append_only
from braid.web.models.base import Appending, Row
from braid.web.models.boards import ID, NAME, BoardMeeting


class BoardPack(Row):
    """A pack of a board, for a meeting or as of a day."""

    objects = Appending()
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    board_id = models.CharField(max_length=ID)
    meeting = models.ForeignKey(BoardMeeting, null=True, on_delete=models.PROTECT, related_name="packs")
    is_confidential = models.BooleanField()
    """Made for the members of the board alone."""
    of_date = models.DateField()
    """The day of its figures."""
    document = models.TextField()
    """The pack as JSON, a `MadePack`."""
    fingerprint = models.CharField(max_length=64)
    made_by = models.CharField(max_length=NAME)
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes: ClassVar = [models.Index(fields=["board_id", "-of_date"], name="pack_by_board")]
        triggers: ClassVar = append_only("board packs")
