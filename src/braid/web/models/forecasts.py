"""What a simulation forecast when it was laid before a board: kept as it was, and never changed."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from braid.web.models.audit import append_only
from braid.web.models.base import Appending, Row
from braid.web.models.boards import NAME, BoardDecision, BoardItem


class BoardForecast(Row):
    """The answer to one scenario of a question, laid before a board with an item, or after a decision on it.

    It does not hang on the question: whoever asked may take that away.
    """

    objects = Appending()
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    item = models.ForeignKey(BoardItem, on_delete=models.PROTECT, related_name="forecasts")
    decision = models.ForeignKey(BoardDecision, null=True, on_delete=models.PROTECT, related_name="forecasts")
    """The decision to which it was attached afterwards; none where it lay before the board with the paper."""
    question_id = models.UUIDField()
    question = models.CharField(max_length=64)
    """Fingerprint of what was asked."""
    answer = models.CharField(max_length=64)
    """Digest of all that was counted."""
    scenario = models.CharField(max_length=120)
    document = models.TextField()
    written_by = models.CharField(max_length=NAME)
    written_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["item", "question_id", "scenario"], name="forecast_of_item_once")
        ]
        triggers: ClassVar = append_only("forecasts laid before boards")
