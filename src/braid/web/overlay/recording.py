"""The record of changes to the overlay: the one place where they are written down."""

import datetime as dt

from django.db.models import Count
from django.db.models.functions import TruncMonth

from braid.web.models import Look, User

PAGE = "overlay change"


def record_change(by: User, what: str, person_id: str = "", purpose: str = "") -> None:
    """Write down, in the transaction of the change, who did `what` (a short code with an id, never a value)."""
    Look.objects.bulk_create(
        [Look(username=by.username, role=by.role, purpose=purpose, reference=what, person_id=person_id, page=PAGE)]
    )


def count_looks() -> dict[dt.date, int]:
    """Return how many looks at people each month holds, by its first day."""
    looks = Look.objects.exclude(page=PAGE).annotate(month=TruncMonth("looked_at")).values("month")
    return {row["month"].date(): row["n"] for row in looks.annotate(n=Count("pk"))}
