"""The location of a protected person: one field at a time, after a second factor, recorded whatever comes of it."""

import datetime as dt
import re
from dataclasses import dataclass, field

from django.db import transaction

from braid.trust.items import ITEMS
from braid.trust.roles import ROLES
from braid.trust.step_up import needs_step_up
from braid.web.access.projections import Viewer
from braid.web.access.sight import NotPermitted, NotThere, Sight, looking, visible_waits
from braid.web.access.words import headers
from braid.web.models import Protection
from braid.web.vault.reading import VaultNotReadable, get_field
from braid.web.vault.recording import record_vault_read
from braid.web.vault.tasks import VAULT_LOOKUP_FAILED, raise_task
from braid.web.vault.values import VaultValue

FIELD_NAMES = {
    "address": "Address",
    "postcode": "Postcode",
    "telephone": "Telephone number",
    "district": "District",
    "contacts": "Workers, teams and organisations",
    "school": "School",
    "entry": "How to get in",
}
KIND_NAMES = {
    "address": "Address",
    "patch": "Worker or team",
    "postcode": "Postcode",
    "provider": "Organisation",
    "school": "School",
    "telephone": "Telephone number",
    "uprn": "Unique property reference number",
    "venue": "Building, unit or room",
    "ward": "District or small area",
}
"""What a value is, by its kind."""
_PERSON_ID = re.compile(r"[0-9a-f-]{1,64}")


class StepUpNeeded(Exception):
    """The viewer may read the field once they have confirmed who they are with a second factor."""


@dataclass(frozen=True)
class FieldSeen:
    """One field for one answer. `values` is `None` where the vault did not give it: withheld, and a task raised."""

    name: str
    person_name: str
    values: tuple[VaultValue, ...] | None = field(repr=False)


def find_vault_fields(viewer: Viewer, person_id: str) -> dict[str, str]:
    """Return the fields that the viewer may ask for, as code to name: of a protected person within reach, else none."""
    role = ROLES.get(viewer.role)
    if role is None or not role.vault_items:
        return {}
    with looking(viewer) as sight:
        if not _is_within(sight, person_id):
            return {}
        return {code: name for code, name in FIELD_NAMES.items() if _opens(sight, f"vault.{code}")}


def read_vault_field(viewer: Viewer, person_id: str, field_code: str, now: dt.datetime) -> FieldSeen:
    """Return one field of a protected person, and record that it was read, refused or withheld.

    Raises `NotPermitted`, `NotThere` or `StepUpNeeded`. The refusal is recorded already: the caller answers without
    raising on, or its transaction takes the row back.
    """
    item = f"vault.{field_code}"
    if item not in ITEMS:
        raise NotThere
    try:
        with looking(viewer) as sight:
            _check_open(sight, person_id, item, now)
            return _read(sight, person_id, item)
    except StepUpNeeded:
        _record(viewer, person_id, item, "step_up")
        raise
    except (NotPermitted, NotThere):
        _record(viewer, person_id, item, "refused")
        raise


def _check_open(sight: Sight, person_id: str, item: str, now: dt.datetime) -> None:
    if item not in sight.role.vault_items:
        raise NotPermitted
    if not _opens(sight, item) or not _is_within(sight, person_id):
        raise NotThere
    if needs_step_up(item, sight.viewer.assurance, sight.viewer.confirmed_at, now):
        raise StepUpNeeded


def _opens(sight: Sight, item: str) -> bool:
    return item in sight.role.vault_items and sight.opens(item)


def _is_within(sight: Sight, person_id: str) -> bool:
    """Whether the person is protected, and there for this viewer: one of their waits is."""
    if not _PERSON_ID.fullmatch(person_id):
        return False
    is_there = visible_waits(sight).filter(person=person_id).exists()
    return is_there and Protection.objects.filter(person=person_id).exists()


def _read(sight: Sight, person_id: str, item: str) -> FieldSeen:
    name = headers(sight, [person_id])[person_id].name
    try:
        values = get_field(person_id, item)
    except VaultNotReadable:
        raise_task(VAULT_LOOKUP_FAILED, person_id)
        _record(sight.viewer, person_id, item, "withheld")
        return FieldSeen(FIELD_NAMES[item.removeprefix("vault.")], name, None)
    _record(sight.viewer, person_id, item, "read")
    return FieldSeen(FIELD_NAMES[item.removeprefix("vault.")], name, values)


def _record(viewer: Viewer, person_id: str, item: str, outcome: str) -> None:
    """Record under the person's id; what is no id came from whoever asked, and is not kept."""
    with transaction.atomic():
        record_vault_read(
            username=viewer.username,
            role=viewer.role,
            purpose=viewer.purpose,
            reference=viewer.reference,
            person_id=person_id if _PERSON_ID.fullmatch(person_id) else "",
            item=item,
            outcome=outcome,
        )
