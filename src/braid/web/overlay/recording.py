"""The record of changes to the overlay: the one place where they are written down."""

import datetime as dt

from django.db.models import Count
from django.db.models.functions import TruncMonth

from braid.web.access.projections import Viewer
from braid.web.models import AuditEntry, User
from braid.web.reasons import REFERENCE
from braid.web.recording import Facts, record

PAGE = "overlay change"


def record_change(
    by: User, kind: str, what: str, person_id: str = "", purpose: str = "", reference: str = "", **details: str | int
) -> None:
    """Write down, in the transaction of the change, who did `what`: a kind of `braid.trust.audit.KINDS`, and codes.

    `reference` is the human's own and is kept where it is one; `details` hold codes and numbers, never a value.
    """
    kept = reference if REFERENCE.fullmatch(reference) else ""
    viewer = Viewer(by.username, by.role, purpose, kept, PAGE)
    record(kind, viewer, (person_id,), Facts(organisation=by.organisation, details={"what": what, **details}))


def count_looks() -> dict[dt.date, int]:
    """Return how many looks at people each month holds, by its first day."""
    looks = AuditEntry.objects.filter(kind="look").annotate(month=TruncMonth("recorded_at")).values("month")
    return {row["month"].date(): row["n"] for row in looks.annotate(n=Count("pk"))}
