"""What lists of boards have in common, as it was published: bands and shares, nobody's row and no exact count."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from braid.web.models.base import Row


class BoardRemit(Row):
    """The remit of a board by which lists were first published. A ground of people is cut once (decision 50)."""

    board_id = models.CharField(primary_key=True, max_length=40)
    statements = models.JSONField(default=list)
    backlogs = models.JSONField(default=list)
    kept_at = models.DateTimeField(db_default=Now())


class BoardOverlap(Row):
    """How many people are on the lists of all these boards and on no other: the ends of a published band."""

    boards = models.CharField(primary_key=True, max_length=400)
    """Ids of the boards in order, separated by spaces."""
    run_id = models.CharField(max_length=100)
    low = models.PositiveIntegerField()
    high = models.PositiveIntegerField()


class BoardWaitShare(Row):
    """Of the time that the people on a board's list have waited so far, the part on lists in one board's remit."""

    board_id = models.CharField(max_length=40)
    owner_board_id = models.CharField(max_length=40, blank=True)
    """Empty: in the remit of no board."""
    run_id = models.CharField(max_length=100)
    share = models.PositiveSmallIntegerField()
    """In per cent, to the nearest five."""

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["board_id", "owner_board_id"], name="board_wait_share_once")
        ]
