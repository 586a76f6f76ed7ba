"""The outbox as whoever runs the place sees it: ids, codes and clocks."""

from collections.abc import Iterator

from django.db.models import F

from braid.web.models import OutboxMessage
from braid.web.watch import known_asker


def list_outbox() -> Iterator[dict[str, object]]:
    """Yield every message, those that wait first, oldest first; as the owner."""
    with known_asker():
        rows = OutboxMessage.objects.order_by(F("ended_at").asc(nulls_first=True), "created_at")
        for row in rows.iterator(chunk_size=1000):
            yield {
                "message": str(row.pk),
                "channel": row.channel,
                "state": row.state,
                "attempts": row.attempts,
                "reasons": " ".join(row.refused_reasons),
                "created_at": row.created_at.isoformat(timespec="seconds"),
                "next_attempt_at": row.next_attempt_at.isoformat(timespec="seconds"),
            }
