"""Who looked at a person or acted on them, counted, for whoever accounts for the record."""

from dataclasses import dataclass

from django.db.models import Count, Max

from braid.web.access.context import asking_as
from braid.web.access.projections import Viewer
from braid.web.models import AuditEntry


@dataclass(frozen=True)
class Looked:
    """How often somebody looked at the person, or acted on them, and when last."""

    username: str
    kind: str
    times: int
    last_at: object


def list_looked(viewer: Viewer, person_id: str) -> list[Looked]:
    """Return who looked at the person or acted on them, for whoever accounts for the record; nobody for others."""
    with asking_as(viewer.username, ""):
        entries = AuditEntry.objects.filter(person_id=person_id).exclude(username="").values("username", "kind")
        rows = entries.annotate(times=Count("pk"), last_at=Max("recorded_at")).order_by("username", "kind")
        return [Looked(row["username"], row["kind"], row["times"], row["last_at"]) for row in rows]
