"""Decisions to share something about a person with a partner, or not to: appended, never changed, never removed."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from braid.trust.disclosure_decisions import OUTCOMES
from braid.web.models.audit import append_only
from braid.web.models.base import Appending, Row

_NOT_FOR = {name: Q(**{f"{name}__isnull": True}) for name in ("message_id", "line_id", "document_id")}
_FOR_ONE_THING = (
    (~_NOT_FOR["message_id"] & _NOT_FOR["line_id"] & _NOT_FOR["document_id"])
    | (_NOT_FOR["message_id"] & ~_NOT_FOR["line_id"] & _NOT_FOR["document_id"])
    | (_NOT_FOR["message_id"] & _NOT_FOR["line_id"] & ~_NOT_FOR["document_id"])
)


class ShareDecision(Row):
    """One decision about one person and one receiver, as `braid.trust.disclosure_decisions` holds it to its rules.

    Codes, ids and a reference; no words. `item_classes` are class letters with a space between, `agreement_ids` those
    in force that name the gateway. A shared decision was taken for one message, one line of a return, or one document.
    """

    objects = Appending()
    decided_at = models.DateTimeField(db_default=Now())
    outcome = models.CharField(max_length=20)
    gateway = models.CharField(max_length=60, blank=True)
    reason = models.CharField(max_length=40, blank=True)
    detriment = models.CharField(max_length=40, blank=True)
    decided_by = models.CharField(max_length=150)
    role = models.CharField(max_length=40)
    purpose = models.CharField(max_length=40)
    reference = models.CharField(max_length=40)
    person_id = models.CharField(max_length=64)
    receiver = models.CharField(max_length=80)
    item_classes = models.CharField(max_length=20)
    agreement_ids = models.CharField(max_length=300, blank=True)
    message_id = models.UUIDField(null=True)
    line_id = models.UUIDField(null=True)
    """The line of a return that it was taken for."""
    document_id = models.UUIDField(null=True)
    """The document of a case that it was taken for."""
    about = models.CharField(max_length=40, blank=True, db_default="")
    """The part of the line, where nobody of that part has an id: it was decided about those of the case who have."""

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="share_decision_has_an_outcome", condition=Q(outcome__in=sorted(OUTCOMES))),
            models.CheckConstraint(
                name="what_is_shared_has_its_grounds",
                condition=~Q(outcome="shared") | (~Q(gateway="") & ~Q(reason="") & _FOR_ONE_THING),
            ),
            models.CheckConstraint(
                name="what_is_withheld_has_its_grounds",
                condition=~Q(outcome="withheld") | ((~Q(reason="") | ~Q(detriment="")) & Q(message_id__isnull=True)),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["person_id"], name="share_decision_by_person"),
            models.Index(fields=["line_id"], name="share_decision_by_line"),
            models.Index(fields=["document_id"], name="share_decision_by_document"),
            models.Index(fields=["-decided_at"], name="share_decision_by_date"),
        ]
        triggers: ClassVar = append_only("decisions to share or not")
