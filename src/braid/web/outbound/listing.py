"""The outbox as whoever runs the place sees it: ids, codes and clocks, and what waits for a lead but none sees."""

import datetime as dt
from collections.abc import Iterator

from django.db.models import F, QuerySet

from braid.trust.roles import ROLES
from braid.web.access.context import asking_as
from braid.web.models import ContactRelease, OutboxMessage, SafeContact, SafetyTask, User
from braid.web.pages_role import has_pages_role, seeing_as_pages
from braid.web.watch import known_asker

WAITING: dict[str, tuple[type[SafetyTask | SafeContact | ContactRelease], dict[str, object]]] = {
    "task": (SafetyTask, {"done_at__isnull": True}),
    "safe contact to confirm": (SafeContact, {"second_by": "", "ended_how": ""}),
    "release to confirm": (ContactRelease, {"second_by": "", "ended_how": ""}),
}
"""What waits for a lead, by its name: the table, and which rows of it still wait."""


def list_outbox(user_name: str) -> Iterator[dict[str, object]]:
    """Yield the messages that the policies show this user, those that wait first, oldest first."""
    with asking_as(user_name, ""), seeing_as_pages():
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


def list_unseen_tasks() -> list[dict[str, object]]:
    """Return what waits for a lead and is seen by no lead, oldest first; as the owner.

    Every lead may be kept from the person it is about, or there may be none. A row holds what it is, its number and its
    clocks: whoever runs the place can give somebody else the role, who then sees it.
    """
    seen = _seen_by_leads()
    with known_asker():
        rows = [
            {"what": f"{name}: {row.kind}" if isinstance(row, SafetyTask) else name, "number": row.pk, **_clocks(row)}
            for name in WAITING
            for row in _waiting(name)
            if row.pk not in seen[name]
        ]
    return sorted(rows, key=lambda row: (str(row["since"]), str(row["what"]), row["number"]))


def _clocks(row: SafetyTask | SafeContact | ContactRelease) -> dict[str, str]:
    since = row.created_at if isinstance(row, SafetyTask) else row.entered_at
    due = row.due_at if isinstance(row, SafetyTask) else None
    return {"since": _moment(since), "due": _moment(due) if due else ""}


def _moment(at: dt.datetime) -> str:
    return at.isoformat(timespec="seconds")


def _waiting(name: str) -> QuerySet[SafetyTask | SafeContact | ContactRelease]:
    model, open_ones = WAITING[name]
    return model.objects.filter(**open_ones)


def _seen_by_leads() -> dict[str, set[int]]:
    """Return the numbers that at least one active lead sees, asked of the policies themselves, once for each lead."""
    seen: dict[str, set[int]] = {name: set() for name in WAITING}
    if not has_pages_role():
        return seen
    roles = [code for code, role in ROLES.items() if role.sees_audit]
    leads = list(User.objects.filter(role__in=roles, is_active=True).order_by("username"))
    for lead in leads:
        with asking_as(lead.username, ""), seeing_as_pages():
            for name, numbers in seen.items():
                numbers.update(_waiting(name).values_list("pk", flat=True))
    return seen
