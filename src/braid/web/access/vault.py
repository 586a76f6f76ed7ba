"""The location of a protected person: one field at a time, after a second factor, recorded whatever comes of it."""

import datetime as dt
from dataclasses import dataclass, field, replace

from django.db import transaction

from braid.language.person_ids import is_person_id
from braid.trust.decide import Outcome
from braid.trust.items import ITEMS, JOINED
from braid.trust.roles import ROLES
from braid.web.access.decisions import decisions_on
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
        if _find_way_in(sight, person_id) is None:
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
            name = _open(sight, person_id, item, now)
            return _read(sight, person_id, item, name)
    except StepUpNeeded:
        _record(viewer, person_id, item, "step_up")
        raise
    except (NotPermitted, NotThere):
        _record(viewer, person_id, item, "refused")
        raise


def _open(sight: Sight, person_id: str, item: str, now: dt.datetime) -> str:
    """Return the person's name where the viewer may read the item; raise what `read_vault_field` says where not."""
    if item not in sight.role.vault_items:
        raise NotPermitted
    sensitivity = _find_way_in(sight, person_id)
    if sensitivity is None:
        raise NotThere
    decisions = decisions_on(replace(sight, now=now), [person_id])
    decision = decisions.on(person_id, item, JOINED, sensitivity)
    if decision.outcome is Outcome.STEP_UP:
        raise StepUpNeeded
    if decision.outcome is not Outcome.ALLOW:
        raise NotThere
    return headers(decisions, {person_id: sensitivity})[person_id].name


def _opens(sight: Sight, item: str) -> bool:
    return item in sight.role.vault_items and sight.opens(item)


def _find_way_in(sight: Sight, person_id: str) -> str | None:
    """Return the sensitivity of a wait through which a protected person is there for this viewer, or `None`."""
    if not is_person_id(person_id) or not Protection.objects.filter(person=person_id).exists():
        return None
    return visible_waits(sight).filter(person=person_id).values_list("sensitivity", flat=True).first()


def _read(sight: Sight, person_id: str, item: str, name: str) -> FieldSeen:
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
            person_id=person_id if is_person_id(person_id) else "",
            item=item,
            outcome=outcome,
        )
