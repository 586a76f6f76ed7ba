"""What was entered and stands: shown to whoever confirms, refuses or withdraws it, and confirmed only as it was shown.

Inside `asking_as`, as the role of the pages: the database shows a lead everything but what is about somebody from whom
they are kept, and others what they or a colleague of their role entered about whom they see. Contact points stand in no
list: one safe contact opens for one answer, after a second factor, and that is recorded.
"""

import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import QuerySet

from braid.language.steps import NotPossible
from braid.outbound import CHANNELS
from braid.store.vault_keys import VaultKeyNotAvailable, VaultSealBroken
from braid.trust.step_up import is_confirmed
from braid.web.access.projections import Viewer
from braid.web.access.sight import NotThere
from braid.web.access.vault import StepUpNeeded
from braid.web.models import ContactRelease, SafeContact, User
from braid.web.outbound.safe_contacts import confirm_kept
from braid.web.outbound.words import SealedWords, open_words, owner_of_contact
from braid.web.vault.keys import get_key_ring
from braid.web.vault.reading import VaultNotReadable, get_sealed_contact
from braid.web.vault.recording import record_vault_read
from braid.web.vault.tasks import SAFE_CONTACT_UNREADABLE, raise_task

LONDON = ZoneInfo("Europe/London")
ITEM = "safe_contact"
"""What an entry and the vault's own list of calls call it."""
CHANGED = "It is no longer what was shown. Look at it again"


@dataclass(frozen=True)
class Standing:
    """A safe contact or a release that waits or holds, without a contact point.

    `what` is the kind of location and `recipient` who may be told of it until the end of `last_day`; empty and `None`
    for a safe contact. `seen` is the digest to confirm it by, empty for a safe contact, which is opened first.
    """

    kind: str
    id: int
    person_id: str
    entered_by: str
    entered_at: dt.datetime
    is_confirmed: bool
    what: str = ""
    recipient: str = ""
    last_day: dt.date | None = None
    seen: str = ""


@dataclass(frozen=True)
class ContactSeen:
    """A safe contact opened for one answer. `contacts` is `None` where it could not be read: withheld, with a task."""

    id: int
    person_id: str
    entered_by: str
    channels: tuple[str, ...] = ()
    hours: tuple[int, int] = (0, 24)
    contacts: tuple[str, ...] | None = field(default=None, repr=False)
    seen: str = ""


def list_standing(now: dt.datetime, person_id: str = "", names: Mapping[str, str] | None = None) -> list[Standing]:
    """Return what waits or holds, oldest first: about one person, or about all whom the reader sees.

    Of confirmed safe contacts the newest of a person: an older one says nothing any more. `names` are of people whom
    the reader sees; anybody else is shown by id.
    """
    contacts = SafeContact.objects.filter(ended_how="").order_by("pk")
    releases = ContactRelease.objects.filter(ended_how="", until__gt=now).order_by("pk")
    if person_id:
        contacts, releases = contacts.filter(person_id=person_id), releases.filter(person_id=person_id)
    known = names or {}
    return [*_contacts(contacts), *(_release(row, known) for row in releases)]


def _contacts(rows: QuerySet[SafeContact]) -> list[Standing]:
    seen = [
        Standing("contact", number, person, by, at, bool(second_by))
        for number, person, by, at, second_by in rows.values_list(
            "pk", "person_id", "entered_by", "entered_at", "second_by"
        )
    ]
    newest = {one.person_id: one.id for one in seen if one.is_confirmed}
    return [one for one in seen if not one.is_confirmed or newest[one.person_id] == one.id]


def _release(row: ContactRelease, names: Mapping[str, str]) -> Standing:
    recipient = names.get(row.party_id, row.party_id)
    return Standing(
        kind="release",
        id=row.pk,
        person_id=row.person_id,
        entered_by=row.entered_by,
        entered_at=row.entered_at,
        is_confirmed=bool(row.second_by),
        what=row.location_kind,
        recipient=f"{row.party_kind} {recipient}",
        last_day=(row.until - dt.timedelta(seconds=1)).astimezone(LONDON).date(),
        seen=_digest_of_release(row),
    )


@transaction.atomic
def confirm_release(by: User, release_id: int, seen: str) -> None:
    """Confirm a release as it was shown. Raises `NotPossible`, also where it is not that any more."""
    row = ContactRelease.objects.filter(pk=release_id).first()
    if row is not None and not hmac.compare_digest(_digest_of_release(row).encode(), seen.encode()):
        raise NotPossible(CHANGED)
    confirm_kept(by, "release", release_id)


def open_contact(viewer: Viewer, contact_id: int, now: dt.datetime) -> ContactSeen:
    """Return a safe contact that waits for this lead, with its contact points, and record that it was read.

    Raises `StepUpNeeded`, whether there is one or not, and `NotThere`.
    """
    if not is_confirmed(viewer.assurance, viewer.confirmed_at, now):
        _record(viewer, "", "step_up")
        raise StepUpNeeded
    row = SafeContact.objects.filter(pk=contact_id).values_list("person_id", "entered_by").first()
    if row is None:
        raise NotThere
    person_id, entered_by = row
    try:
        given = get_sealed_contact(contact_id)
        if given is None:
            raise NotThere
        words = open_words(get_key_ring(), owner_of_contact(person_id), SealedWords(*given[1:]))
    except (VaultNotReadable, VaultKeyNotAvailable, VaultSealBroken):
        raise_task(SAFE_CONTACT_UNREADABLE, person_id)
        _record(viewer, person_id, "withheld")
        return ContactSeen(contact_id, person_id, entered_by)
    _record(viewer, person_id, "read")
    text = json.dumps([contact_id, person_id, entered_by, words], sort_keys=True)
    return ContactSeen(
        contact_id,
        person_id,
        entered_by,
        tuple(CHANNELS[code].name for code in words["channels"]),
        (words["hours"][0], words["hours"][1]),
        tuple(words["contacts"]),
        hashlib.sha256(text.encode()).hexdigest(),
    )


def confirm_contact(by: User, contact: ContactSeen, seen: str) -> None:
    """Confirm a safe contact that is open now, as it was shown before. Raises `NotPossible`."""
    if contact.contacts is None or not hmac.compare_digest(contact.seen.encode(), seen.encode()):
        raise NotPossible(CHANGED)
    confirm_kept(by, "contact", contact.id)


def _digest_of_release(row: ContactRelease) -> str:
    facts = [row.pk, row.person_id, row.location_kind, row.party_kind, row.party_id, row.reference, row.entered_by]
    return hashlib.sha256(json.dumps([*facts, row.until.isoformat()]).encode()).hexdigest()


def _record(viewer: Viewer, person_id: str, outcome: str) -> None:
    record_vault_read(
        username=viewer.username,
        role=viewer.role,
        purpose=viewer.purpose,
        reference=viewer.reference,
        person_id=person_id,
        item=ITEM,
        outcome=outcome,
    )
