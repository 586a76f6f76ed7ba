"""The tasks that a message leaves which did not go, and the work on every safety task: claimed, done, overdue."""

import datetime as dt
import uuid
from collections.abc import Collection
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from braid.language.steps import NotPossible
from braid.trust.guard import REASONS
from braid.web.access.projections import Viewer
from braid.web.models import BoardPaper, DocumentCheck, OutboxMessage, SafetyTask, User
from braid.web.overlay.entries import check_lead
from braid.web.recording import Facts, record
from braid.web.vault.tasks import (
    ACCOUNT_WIDENED,
    KEY_COPIED,
    RECOVERY_USED,
    REMINDERS_REFUSED,
    SAFE_CONTACT_UNREADABLE,
    SECOND_FACTOR_UNREADABLE,
    VAULT_LOOKUP_FAILED,
    WEBHOOK_DEAD,
)

MESSAGE_REFUSED = "message_refused"
MESSAGE_FAILED = "message_failed"
DOCUMENT_HELD = "document_held"
PAPER_HELD = "paper_held"
KINDS = {
    MESSAGE_REFUSED: "A message was refused before it left",
    MESSAGE_FAILED: "A message could not be delivered",
    DOCUMENT_HELD: "A document of a case was held back from an organisation that was to read it",
    PAPER_HELD: "The print version of a board was held back from whoever asked for it",
    VAULT_LOOKUP_FAILED: "The vault did not give where a protected person is",
    SECOND_FACTOR_UNREADABLE: "An account's second factor cannot be read",
    SAFE_CONTACT_UNREADABLE: "A safe contact cannot be read: the key was lost, and it is to be entered again",
    ACCOUNT_WIDENED: "An account that reads the vault or the record is new, or has a new second factor",
    KEY_COPIED: "A security key was copied: its counter went back, and it is taken no more",
    RECOVERY_USED: "A sealed recovery account was used to sign in: seal it anew",
    REMINDERS_REFUSED: "A mail server refuses an account's reminders: correct its address; tried again each day",
    WEBHOOK_DEAD: "A partner's machine could not be told of what happened: see its address on the page of systems",
}
OUTCOMES = {
    "rightly_refused": "Rightly refused: it would have told",
    "released": "Released by two people; it is written again",
    "record_corrected": "A record or a contact point was corrected",
    "contact_corrected": "The channel or the contact point was corrected",
    "other_way": "The recipient was told in another way",
    "vault_restored": "The key or the vault was restored",
    "contact_entered": "The safe contact was entered again",
    "factor_renewed": "The account has a new second factor",
    "account_confirmed": "The account is as it should be",
    "account_closed": "The account was closed",
    "sent_anew": "It was sent anew",
    "key_replaced": "The account has another security key",
    "recovery_sealed": "The recovery account was sealed anew",
}
SENDING_REASONS = {
    "author_may_not": "Whoever wrote it may not write about these people now: account, agreement or exclusion changed.",
    "not_renderable": "The channel cannot carry it as it was written.",
    "channel_refused": "The channel will not take it.",
    "too_many_attempts": "It was tried five times.",
}
OF_MESSAGES = (MESSAGE_REFUSED, MESSAGE_FAILED)


@dataclass(frozen=True)
class TaskSeen:
    """A task as the page shows it: what, since when, due when, why, and nobody's name or words."""

    id: int
    kind_name: str
    about: str
    reasons: tuple[str, ...]
    created_at: dt.datetime
    due_at: dt.datetime
    is_overdue: bool
    claimed_by: str


def leave_task(kind: str, message: OutboxMessage, due: dt.datetime, owner_role: str = "ig_lead") -> None:
    """Leave the task of a message that stays, in the transaction that decides so."""
    SafetyTask.objects.create(kind=kind, subject_id=str(message.pk), owner_role=owner_role, due_at=due)


def list_tasks(now: dt.datetime) -> list[TaskSeen]:
    """Return the open tasks, those due first; inside `asking_as`."""
    rows = list(SafetyTask.objects.filter(done_at__isnull=True).order_by("due_at", "pk"))
    keys = [row.subject_id for row in rows if row.kind in OF_MESSAGES]
    reasons = {str(key): codes for key, codes in _reasons(keys)}
    reasons |= _reasons_of_documents([row.subject_id for row in rows if row.kind == DOCUMENT_HELD])
    reasons |= _reasons_of_papers([row.subject_id for row in rows if row.kind == PAPER_HELD])
    return [
        TaskSeen(
            id=row.pk,
            kind_name=KINDS.get(row.kind, row.kind),
            about=row.subject_id,
            reasons=words_of(reasons.get(row.subject_id, ())),
            created_at=row.created_at,
            due_at=row.due_at,
            is_overdue=row.due_at <= now,
            claimed_by=row.claimed_by,
        )
        for row in rows
    ]


def _reasons(keys: Collection[str]) -> list[tuple[uuid.UUID, list[str]]]:
    return list(OutboxMessage.objects.filter(pk__in=keys).values_list("pk", "refused_reasons"))


def _reasons_of_documents(keys: Collection[str]) -> dict[str, list[str]]:
    found: dict[str, set[str]] = {}
    checks = DocumentCheck.objects.filter(document__in=keys, state="held")
    for document_id, codes in checks.values_list("document_id", "reasons"):
        found.setdefault(str(document_id), set()).update(codes)
    return {key: sorted(codes) for key, codes in found.items()}


def _reasons_of_papers(keys: Collection[str]) -> dict[str, list[str]]:
    held = BoardPaper.objects.filter(pk__in=keys, state="held")
    return {str(key): codes for key, codes in held.values_list("pk", "reasons")}


def words_of(codes: Collection[str]) -> tuple[str, ...]:
    """Return reasons in words."""
    words = {**REASONS, **SENDING_REASONS}
    return tuple(words.get(code, code) for code in codes)


@transaction.atomic
def claim(by: User, task_id: int) -> None:
    """Take a task. Raises `NotPossible` where somebody has it, or it is done."""
    check_lead(by)
    if not SafetyTask.objects.filter(pk=task_id, done_at__isnull=True, claimed_by="").update(
        claimed_by=by.username, claimed_at=timezone.now()
    ):
        raise NotPossible("Somebody has this task, or it is done. Look at the list again")
    _record(by, f"claimed task {task_id}")


@transaction.atomic
def finish(by: User, task_id: int, outcome: str) -> None:
    """Say what came of a task that is one's own; the words of its message are erased. Raises `NotPossible`."""
    check_lead(by)
    if outcome not in OUTCOMES:
        raise NotPossible("Choose what came of it")
    task = SafetyTask.objects.filter(pk=task_id, done_at__isnull=True, claimed_by=by.username).first()
    if task is None:
        raise NotPossible("This task is not yours, or it is done. Claim it first")
    SafetyTask.objects.filter(pk=task_id).update(done_at=timezone.now(), done_by=by.username, outcome=outcome)
    if task.kind in OF_MESSAGES:
        empty = {"key_id": "", "wrapped": b"", "sealed": b""}
        OutboxMessage.objects.filter(pk=task.subject_id, state__in=("refused", "failed")).update(**empty)
    _record(by, f"task {task_id} {outcome}")


def _record(by: User, what: str) -> None:
    asker = Viewer(by.username, by.role, "", "", "safety tasks")
    record("changed", asker, facts=Facts(organisation=by.organisation, details={"what": what}))
