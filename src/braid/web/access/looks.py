"""The audit trail: who looked at whom, when, and why. Person ids, never names."""

from collections.abc import Mapping
from typing import Any

from braid.trust.roles import PURPOSES, ROLES
from braid.web.access.projections import LookSeen, LooksPage
from braid.web.access.sight import NotPermitted, page_of
from braid.web.models import Look

PAGE_SIZE = 50
FIELDS = {
    "username": "username",
    "person_id": "person_id",
    "since": "looked_at__date__gte",
    "until": "looked_at__date__lte",
}


def get_looks(role_code: str, wanted: Mapping[str, Any], page: object = 1) -> LooksPage:
    """Return a page of the audit trail, newest first, narrowed by `username`, `person_id`, `since` and `until`.

    Raises `NotPermitted` for a role that does not account for looks, `NotThere` for a page that does not exist.
    """
    role = ROLES.get(role_code)
    if role is None or not role.sees_audit:
        raise NotPermitted
    narrowed = {FIELDS[key]: value for key, value in wanted.items() if value}
    looks = Look.objects.filter(**narrowed).order_by("-looked_at", "-pk")
    rows, paginator, number = page_of(looks, PAGE_SIZE, page)
    return LooksPage(tuple(map(_look_seen, rows)), paginator.count, number, paginator.num_pages)


def _look_seen(look: Look) -> LookSeen:
    return LookSeen(
        looked_at=look.looked_at,
        username=look.username,
        role_name=ROLES[look.role].name if look.role in ROLES else look.role,
        purpose_name=PURPOSES.get(look.purpose, look.purpose),
        reference=look.reference,
        person_id=look.person_id,
        page=look.page,
    )
