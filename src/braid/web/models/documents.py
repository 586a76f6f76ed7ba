"""Documents of joint cases as kept: what and whose, whom they are about, who reads them, and their bytes, sealed.

The rules are those of `braid.care.documents`. Bytes rest sealed by the vault's key ring, each version under a data key
of its own. The name that a file had is kept nowhere.
"""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from braid.care import documents
from braid.web.models.base import Appending, Row
from braid.web.models.care import CaseSubject, JointCase

CHECK_STATES = ("passed", "held")


class CaseDocument(Row):
    """A document of a case. `organisation` and `agency` gave it; words of it go when its content is erased."""

    objects = Appending()
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    reference = models.CharField(max_length=20, unique=True)
    case = models.ForeignKey(JointCase, on_delete=models.PROTECT, related_name="documents")
    side = models.CharField(max_length=20, default=documents.HARMED)
    kind = models.CharField(max_length=20)
    title = models.CharField(max_length=documents.LONGEST_TITLE, blank=True)
    given_by = models.CharField(max_length=documents.LONGEST_GIVER, blank=True)
    """Which service or role it came from, in words."""
    given_on = models.DateField()
    organisation = models.CharField(max_length=80)
    agency = models.CharField(max_length=40)
    added_by = models.CharField(max_length=150)
    added_at = models.DateTimeField(db_default=Now())
    retention = models.CharField(max_length=20)
    held_because = models.CharField(max_length=40, blank=True, db_default="")
    state = models.CharField(max_length=20, default=documents.MACHINE.first)
    ended_because = models.CharField(max_length=40, blank=True, db_default="")
    ended_by = models.CharField(max_length=150, blank=True, db_default="")
    ended_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="document_has_a_state", condition=Q(state__in=sorted(documents.MACHINE.states))
            ),
            models.CheckConstraint(name="document_has_a_side", condition=Q(side__in=sorted(documents.SIDES))),
            models.CheckConstraint(
                name="document_has_a_retention", condition=Q(retention__in=sorted(documents.RETENTIONS))
            ),
            models.CheckConstraint(
                name="document_has_a_title_until_it_ends",
                condition=(Q(state="held") & ~Q(title="") & Q(ended_because="", ended_at__isnull=True))
                | (~Q(state="held") & Q(title="", given_by="", ended_at__isnull=False) & ~Q(ended_because="")),
            ),
        ]


class DocumentSubject(Row):
    """Whom of a case a document is about. Whoever is kept from any of them does not find it."""

    objects = Appending()
    document = models.ForeignKey(CaseDocument, on_delete=models.CASCADE, related_name="subjects")
    subject = models.ForeignKey(CaseSubject, on_delete=models.PROTECT, related_name="documents")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["document", "subject"], name="document_is_about_each_once")
        ]


class DocumentVersion(Row):
    """A version of a document: a file of the closed list, sealed. `sealed` is emptied when the document ends."""

    objects = Appending()
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    document = models.ForeignKey(CaseDocument, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField()
    file_kind = models.CharField(max_length=20)
    size_bytes = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    """Of the bytes as they are handed out (hexadecimal)."""
    declared_free_by = models.CharField(max_length=150, blank=True, db_default="")
    """Who read it and answers for it where the guard cannot: a scan or a picture."""
    added_by = models.CharField(max_length=150)
    added_at = models.DateTimeField(db_default=Now())
    key_id = models.CharField(max_length=40, blank=True)
    wrapped = models.BinaryField(default=b"")
    sealed = models.BinaryField(default=b"")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["document", "number"], name="document_version_once")]


class DocumentReader(Row):
    """A seat of a case that may read a document, opened by the organisation that gave it."""

    objects = Appending()
    document = models.ForeignKey(CaseDocument, on_delete=models.CASCADE, related_name="readers")
    case = models.ForeignKey(JointCase, on_delete=models.PROTECT, related_name="document_readers")
    organisation = models.CharField(max_length=80)
    agency = models.CharField(max_length=40)
    added_by = models.CharField(max_length=150)
    added_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["document", "case", "organisation", "agency"],
                condition=Q(ended_at__isnull=True),
                name="document_reader_once",
            )
        ]
        indexes: ClassVar = [models.Index(fields=["case"], name="document_by_case")]


class DocumentCheck(Row):
    """What the outbound guard said of one version going to one organisation. Written by the owner of the tables alone.

    `reasons` are codes of `braid.trust.guard.REASONS` where it was held.
    """

    document = models.ForeignKey(CaseDocument, on_delete=models.CASCADE, related_name="checks")
    of_version = models.ForeignKey(DocumentVersion, on_delete=models.CASCADE, related_name="checks")
    organisation = models.CharField(max_length=80)
    state = models.CharField(max_length=20)
    reasons = models.JSONField(default=list)
    checked_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["of_version", "organisation"], name="document_checked_once"),
            models.CheckConstraint(name="document_check_has_a_state", condition=Q(state__in=CHECK_STATES)),
        ]
