"""Tasks about the vault, whoever may read it, and accounts: once while open, owned, and due."""

import datetime as dt

from django.utils import timezone

from braid.web.models import SafetyTask

OWNER_ROLE = "ig_lead"
DUE_AFTER = dt.timedelta(hours=4)
VAULT_LOOKUP_FAILED = "vault_lookup_failed"
SECOND_FACTOR_UNREADABLE = "second_factor_unreadable"
SAFE_CONTACT_UNREADABLE = "safe_contact_unreadable"
ACCOUNT_WIDENED = "account_widened"
KEY_COPIED = "key_copied"
RECOVERY_USED = "recovery_used"
REMINDERS_REFUSED = "reminders_refused"
WEBHOOK_DEAD = "webhook_dead"


def raise_task(kind: str, subject_id: str) -> None:
    """Leave a task unless the same one is open."""
    task = SafetyTask(kind=kind, subject_id=subject_id, owner_role=OWNER_ROLE, due_at=timezone.now() + DUE_AFTER)
    SafetyTask.objects.bulk_create([task], ignore_conflicts=True)
