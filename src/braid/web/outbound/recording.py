"""The record of what leaves: queued, sent, refused or failed, by subject. Codes and digests, never a word of it."""

from collections.abc import Collection

from braid.web.access.projections import Viewer
from braid.web.models import OutboxMessage
from braid.web.recording import Facts, record

PAGE = "outbox"
KINDS = {"sent": ("sent", "allow"), "refused": ("refused", "deny"), "failed": ("withheld", "deny")}
"""Of each end of a message the kind of entry and the decision that stands in it."""


def record_queued(message: OutboxMessage, what: str = "message queued") -> None:
    """Write down, in the transaction of the page, that a message was written or taken back."""
    _record("changed", message, Facts(channel=message.channel, details={"what": what, **_details(message)}))


def record_outcome(message: OutboxMessage, state: str, reasons: Collection[str]) -> None:
    """Write down what came of a message, in the transaction that decides: once for each subject."""
    kind, decision = KINDS[state]
    codes = {f"reason {number}": code for number, code in enumerate(reasons, 1)}
    facts = Facts(
        decision=decision,
        reason=next(iter(reasons), "released"),
        channel=message.channel,
        details={**_details(message), **codes},
    )
    _record(kind, message, facts)


def _details(message: OutboxMessage) -> dict[str, str | int]:
    return {"message": str(message.pk), "draft": message.draft_digest, "attempts": message.attempts}


def _record(kind: str, message: OutboxMessage, facts: Facts) -> None:
    asker = Viewer(message.sent_by, message.role, message.purpose, message.reference, PAGE)
    record(kind, asker, sorted(message.subject_ids), facts)
