"""Whether the server is well: it lives, and it is ready to answer. Told to whoever asks, since it tells of nobody."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import DatabaseError
from django.db.models.functions import Now

from braid.web.models import AuditCheckpoint, PublishedRun

LATE_SIGNATURE_SECONDS = 300.0
"""The log is signed every minute; five of them missed is a fault of the worker."""


@dataclass(frozen=True)
class Health:
    """What the database says: times in seconds since 1970, by its own clock; `None` where there is nothing."""

    database_answers: bool = False
    published_at: float | None = None
    signed_at: float | None = None
    now: float | None = None


def ask_health() -> Health:
    """Ask the database, in the role of the pages. Never raises: one that does not answer is told as such."""
    try:
        published = PublishedRun.objects.values_list("published_at", flat=True).first()
        signed, now = AuditCheckpoint.objects.order_by("-size").values_list("signed_at", Now()).first() or (None, None)
    except DatabaseError:
        return Health()
    return Health(True, *(None if moment is None else moment.timestamp() for moment in (published, signed, now)))


def find_unready(health: Health) -> list[str]:
    """Return why requests should not be sent here, as codes; empty where they may.

    A log that is not signed is no reason: entries are written all the same, and are signed once the worker is back.
    """
    if not health.database_answers:
        return ["database_does_not_answer"]
    return [] if health.published_at is not None else ["no_run_published"]


def find_warnings(health: Health) -> list[str]:
    """Return what somebody should look at although requests are answered, as codes."""
    if health.now is None or health.signed_at is None or health.now - health.signed_at <= LATE_SIGNATURE_SECONDS:
        return []
    return ["audit_log_not_signed"]
