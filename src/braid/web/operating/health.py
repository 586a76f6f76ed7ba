"""Whether the server is well: it lives, and it is ready to answer. Told to whoever asks, since it tells of nobody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db import DatabaseError, connection
from django.db.models.functions import Now

from braid.store.journal import SLOT
from braid.web.models import AuditCheckpoint, KeptMoment, PublishedRun

LATE_SIGNATURE_SECONDS = 300.0
"""The log is signed every minute; five of them missed is a fault of the worker."""
LATE_JOURNAL_SECONDS = 300.0
"""The journal is told of every quarter of a minute where it is kept: nobody keeps it, or its disk has no room."""
OLD_BACKUP_SECONDS = 36 * 3600.0
"""One a night, and half a night more."""
_BEHIND = """
select coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn), 0)::bigint
from pg_replication_slots where slot_name = %s and not pg_is_in_recovery()
"""


@dataclass(frozen=True)
class Health:
    """What the database says: times in seconds since 1970, by its own clock; `None` where there is nothing."""

    database_answers: bool = False
    published_at: float | None = None
    signed_at: float | None = None
    now: float | None = None
    kept: Mapping[str, float] = field(default_factory=dict)
    """Until when something is kept, by what it is: `backup`, `drill`, `journal`. What nobody told of is not there."""
    behind_bytes: int | None = None
    """What the server wrote of its journal that is not kept yet; `None` where nobody ever began to keep it."""


def ask_health() -> Health:
    """Ask the database, in the role of the pages. Never raises: one that does not answer is told as such."""
    try:
        published, asked_at = PublishedRun.objects.values_list("published_at", Now()).first() or (None, None)
        signed, now = AuditCheckpoint.objects.order_by("-size").values_list("signed_at", Now()).first() or (
            None,
            asked_at,
        )
        kept = {kind: at.timestamp() for kind, at in KeptMoment.objects.values_list("kind", "at")}
        behind = _ask_behind()
    except DatabaseError:
        return Health()
    moments = (None if moment is None else moment.timestamp() for moment in (published, signed, now))
    return Health(True, *moments, kept, behind)


def _ask_behind() -> int | None:
    with connection.cursor() as cursor:
        cursor.execute(_BEHIND, [SLOT])
        row = cursor.fetchone()
    return None if row is None else int(row[0])


def find_unready(health: Health) -> list[str]:
    """Return why requests should not be sent here, as codes; empty where they may.

    A log that is not signed is no reason: entries are written all the same, and are signed once the worker is back.
    """
    if not health.database_answers:
        return ["database_does_not_answer"]
    return [] if health.published_at is not None else ["no_run_published"]


def find_warnings(health: Health) -> list[str]:
    """Return what somebody should look at although requests are answered, as codes."""
    if health.now is None:
        return []
    ends = {**health.kept, "signature": health.signed_at}
    late = (
        ("audit_log_not_signed", "signature", LATE_SIGNATURE_SECONDS),
        ("journal_behind", "journal", LATE_JOURNAL_SECONDS),
        ("backup_is_old", "backup", OLD_BACKUP_SECONDS),
    )
    return [code for code, what, most in late if (at := ends.get(what)) is not None and health.now - at > most]
