"""Writing a message: the row, its recipients and the audit entry in one transaction, and nothing sent by the page."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, replace
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from braid.language.schema import Sensitivity
from braid.language.steps import NotPossible
from braid.outbound import CHANNELS, Draft, File, Text
from braid.trust.roles import VICTIM_RESPONSE
from braid.web.access.projections import Viewer
from braid.web.models import OutboxMessage, OutboxRecipient
from braid.web.outbound.disclosures import Grounds, find_receivers, record_shared
from braid.web.outbound.drafts import digest_words, to_words
from braid.web.outbound.parties import PARTY_KINDS
from braid.web.outbound.recording import record_queued
from braid.web.outbound.tasks import words_of
from braid.web.outbound.words import owner_of_message, seal_words
from braid.web.traces.tracing import current_parent
from braid.web.vault.keys import get_key_ring

Party = tuple[str, str]
"""Kind and id of a recipient."""
TELLING = frozenset(
    {
        "author_may_not",
        "excluded",
        "existence",
        "location",
        "lookup_failed",
        "shared_contact",
        "subject_unknown",
        "unsafe_contact",
        "unsafe_hour",
    }
)
"""Reasons that would tell whoever wrote the message where somebody is, or that they are protected."""
NOT_TOLD = "It was held back, and the information governance lead has a task about it. Ask them before you try again."
WAITS_FOR_HOURS = "It leaves when its reader may be reached."
STATE_NAMES = {
    "queued": "Waiting",
    "sent": "Sent",
    "refused": "Refused",
    "failed": "Not delivered",
    "cancelled": "Cancelled",
}
PARTLY_SENT = "Partly sent"
"""Of a message of which some copies left before it was refused, failed or was taken back."""


@dataclass(frozen=True)
class MessageSeen:
    """A message as its author sees it: no words of it, no contact point, and of a refusal nothing that tells."""

    id: str
    channel_name: str
    recipients: int
    reference: str
    state: str
    state_name: str
    reasons: tuple[str, ...]
    created_at: dt.datetime
    ended_at: dt.datetime | None


@transaction.atomic
def queue_message(
    viewer: Viewer,
    draft: Draft,
    recipients: Collection[Party],
    at: dt.datetime | None = None,
    grounds: Grounds | None = None,
    item_id: UUID | None = None,
    rights_id: UUID | None = None,
) -> OutboxMessage:
    """Put a draft into the outbox for the postman, due `at` (by default now). Raises `NotPossible`.

    Where it goes to another organisation it is a disclosure: without `grounds` that an agreement in force and the rules
    of `braid.trust.disclosure_decisions` let stand, nothing is kept; with them, the decision is kept with the message.
    With `item_id`, the id of a case on an agenda, it is the minutes of that case, and who may send it is judged by
    taking part in it. With `rights_id` it answers a request about somebody's data, and is queued by the owner alone.

    Runs inside `asking_as`, in the transaction of the page. Raises `VaultKeyNotAvailable` where the words cannot be
    sealed: nothing is then kept.
    """
    if draft.channel not in CHANNELS:
        raise NotPossible("Choose a channel")
    if not recipients or any(kind not in PARTY_KINDS or not party_id for kind, party_id in recipients):
        raise NotPossible("Choose at least one recipient")
    receivers = find_receivers(viewer, recipients)
    if receivers and grounds is None:
        raise NotPossible("Say under which law it is shared with an organisation, and why it is necessary")
    told = _as_told(draft, viewer.purpose)
    words = to_words(told)
    message = OutboxMessage(
        channel=draft.channel,
        sent_by=viewer.username,
        role=viewer.role,
        purpose=viewer.purpose,
        reference=draft.reference,
        subject_ids=sorted(draft.subjects),
        draft_digest=digest_words(words),
        created_at=timezone.now(),
        next_attempt_at=at or timezone.now(),
        item_id=item_id,
        rights_id=rights_id,
        trace=current_parent(),
    )
    sealed = seal_words(get_key_ring(), owner_of_message(message.pk), words)
    message.key_id, message.wrapped, message.sealed = sealed.key_id, sealed.wrapped, sealed.sealed
    message.save(force_insert=True)
    OutboxRecipient.objects.bulk_create(
        OutboxRecipient(message=message, kind=kind, party_id=party_id) for kind, party_id in sorted(set(recipients))
    )
    record_queued(message)
    if grounds is not None:
        record_shared(viewer, message, told, receivers, grounds)
    return message


def _as_told(draft: Draft, purpose: str) -> Draft:
    """Return the draft with what its purpose alone gives away: any word of the response to victims tells of support."""
    if purpose != VICTIM_RESPONSE:
        return draft
    return replace(draft, pieces=tuple(_telling(piece) for piece in draft.pieces if isinstance(piece, Text | File)))


def _telling(piece: Text | File) -> Text | File:
    if piece.classes is None:
        return piece
    return replace(piece, classes=piece.classes | {Sensitivity.EXISTENCE})


@transaction.atomic
def cancel(viewer: Viewer, message_id: str) -> None:
    """Take back a message that still waits, and erase its words. Raises `NotPossible`."""
    message = OutboxMessage.objects.filter(pk=message_id, sent_by=viewer.username, state="queued").first()
    empty = {"key_id": "", "wrapped": b"", "sealed": b""}
    if message is None or not OutboxMessage.objects.filter(pk=message_id, state="queued").update(
        state="cancelled", ended_at=timezone.now(), **empty
    ):
        raise NotPossible("The message has left, or was cancelled before. Look at the list again")
    record_queued(message, "message cancelled")


def list_messages(username: str, limit: int = 100) -> list[MessageSeen]:
    """Return the newest messages of an author; inside `asking_as`."""
    rows = OutboxMessage.objects.filter(sent_by=username).prefetch_related("recipients").order_by("-created_at", "pk")
    return [_seen(row) for row in rows[:limit]]


def _seen(row: OutboxMessage) -> MessageSeen:
    has_left = any(one.delivered_at for one in row.recipients.all())
    is_partly_sent = has_left and row.state not in ("queued", "sent")
    return MessageSeen(
        id=str(row.pk),
        channel_name=CHANNELS[row.channel].name if row.channel in CHANNELS else row.channel,
        recipients=len(row.recipients.all()),
        reference=row.reference,
        state=row.state,
        state_name=PARTLY_SENT if is_partly_sent else STATE_NAMES[row.state],
        reasons=(WAITS_FOR_HOURS,)
        if row.state == "queued" and row.refused_reasons
        else told_reasons(row.refused_reasons),
        created_at=row.created_at,
        ended_at=row.ended_at,
    )


def told_reasons(codes: Collection[str]) -> tuple[str, ...]:
    """Return what an author is told of a refusal. One reason that tells makes all of them the same sentence: who could
    tell refusals apart could try addresses until one is held back."""
    return (NOT_TOLD,) if set(codes) & TELLING else words_of(codes)
