"""The record: audit entries, the log that orders and hashes them, its signed checkpoints and who saw those."""

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models.functions import Now

from braid.trust.audit import KINDS
from braid.web.models.base import Appending, Row


def append_only(rows: str) -> list[pgtrigger.Trigger]:
    """Return the triggers of a table whose rows are never changed, removed or emptied; `rows` names them in errors."""
    return [
        pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        pgtrigger.Trigger(
            name="not_emptied",
            level=pgtrigger.Statement,
            when=pgtrigger.Before,
            operation=pgtrigger.Truncate,
            func=f"raise exception '{rows} are never removed';",
        ),
    ]


class AuditEntry(Row):
    """Who did what about whom, why, and under which rules: appended, never changed, never removed.

    Codes, ids and counts only. The columns are those of `braid.trust.audit.COLUMNS`.
    """

    objects = Appending()

    recorded_at = models.DateTimeField(db_default=Now())
    kind = models.CharField(max_length=20, choices=list(KINDS.items()))
    username = models.CharField(max_length=150)
    organisation = models.CharField(max_length=80, blank=True)
    role = models.CharField(max_length=40)
    session_digest = models.CharField(max_length=64, blank=True)
    assurance = models.SmallIntegerField(default=1)
    """1 after a password, 2 after a second factor."""
    purpose = models.CharField(max_length=40, blank=True)
    agreement_id = models.CharField(max_length=300, blank=True)
    agreement_version = models.CharField(max_length=40, blank=True)
    relation = models.CharField(max_length=40, blank=True)
    reference = models.CharField(max_length=40, blank=True)
    person_id = models.CharField(max_length=64, blank=True)
    item_classes = models.CharField(max_length=400, blank=True)
    decision = models.CharField(max_length=20, blank=True)
    reason = models.CharField(max_length=60, blank=True)
    row_count = models.IntegerField(default=1)
    page = models.CharField(max_length=40, blank=True)
    channel = models.CharField(max_length=20, blank=True)
    request_id = models.CharField(max_length=40, blank=True)
    policy_hash = models.CharField(max_length=64, blank=True)
    details = models.JSONField(default=dict)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["person_id", "-recorded_at"], name="entry_by_person"),
            models.Index(fields=["username", "-recorded_at"], name="entry_by_username"),
        ]
        triggers: ClassVar = append_only("audit entries")


class AuditLeaf(Row):
    """An entry's place in the log, its hash, and the hash of the chain up to it."""

    position = models.BigIntegerField(primary_key=True)
    entry_id = models.BigIntegerField(unique=True)
    leaf_hash = models.BinaryField()
    chain_hash = models.BinaryField()

    class Meta:
        triggers: ClassVar = append_only("leaves")


class AuditNode(Row):
    """A complete subtree of the log, kept so that roots and proofs need few rows. Level 1 is over two leaves."""

    level = models.SmallIntegerField()
    index = models.BigIntegerField()
    node_hash = models.BinaryField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["level", "index"], name="node_once")]
        triggers: ClassVar = append_only("nodes")


class AuditCheckpoint(Row):
    """A size and root of the log, signed by the log's key."""

    origin = models.CharField(max_length=100)
    size = models.BigIntegerField()
    root = models.BinaryField()
    signed_at = models.DateTimeField(db_default=Now())
    signature = models.TextField()
    """The signature line of the note."""

    class Meta:
        indexes: ClassVar = [models.Index(fields=["-size"], name="checkpoint_by_size")]
        triggers: ClassVar = append_only("checkpoints")


class WitnessSignature(Row):
    """A partner's signature that it saw a checkpoint, and nothing that contradicts it."""

    checkpoint = models.ForeignKey(AuditCheckpoint, on_delete=models.PROTECT, related_name="witnesses")
    witness = models.CharField(max_length=100)
    signature = models.TextField()
    seen_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["checkpoint", "witness"], name="witnessed_once")]
        triggers: ClassVar = append_only("signatures of witnesses")
