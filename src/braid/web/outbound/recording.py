"""The record of what leaves: queued, sent, refused or failed, by subject. Codes and digests, never a word of it."""

from collections.abc import Collection

from braid.web.access.projections import Viewer
from braid.web.models import OutboxMessage, OutboxRecipient
from braid.web.recording import Facts, record

PAGE = "outbox"
KINDS = {"refused": "refused", "failed": "withheld"}
"""The kind of entry of each end of a message that did not leave whole."""


def record_queued(message: OutboxMessage, what: str = "message queued") -> None:
    """Write down, in the transaction of the page, that a message was written or taken back."""
    _record("changed", message, Facts(channel=message.channel, details={"what": what, **_details(message)}))


def record_delivery(message: OutboxMessage, recipient: OutboxRecipient) -> None:
    """Write down, in the transaction that delivers it, that a copy left: once for each subject."""
    copy = {"recipient": recipient.pk, "recipient kind": recipient.kind, "copy": recipient.receipt["digest"]}
    facts = Facts(reason="released", channel=message.channel, details={**_details(message), **copy})
    _record("sent", message, facts)


def record_outcome(message: OutboxMessage, state: str, reasons: Collection[str]) -> None:
    """Write down that a message did not leave, or not all of it, in the transaction that decides: for each subject."""
    codes = {f"reason {number}": code for number, code in enumerate(reasons, 1)}
    delivered = message.recipients.filter(delivered_at__isnull=False).count()
    facts = Facts(
        decision="deny",
        reason=next(iter(reasons)),
        channel=message.channel,
        details={**_details(message), "delivered": delivered, **codes},
    )
    _record(KINDS[state], message, facts)


def _details(message: OutboxMessage) -> dict[str, str | int]:
    return {"message": str(message.pk), "draft": message.draft_digest, "attempts": message.attempts}


def _record(kind: str, message: OutboxMessage, facts: Facts) -> None:
    asker = Viewer(message.sent_by, message.role, message.purpose, message.reference, PAGE)
    record(kind, asker, sorted(message.subject_ids), facts)
