"""How people may be reached safely, and what was released to whom: entered by one human, confirmed by another.

Pages add these inside `asking_as`, about people whom their human sees; the owner reads them at sending. What was
entered ends once: refused before it is confirmed, withdrawn after. One human is enough for either: two agree on what
opens, and neither opens more than was open before it was entered.
"""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from braid.language.steps import NotPossible
from braid.outbound import CHANNELS
from braid.trust.guard import Release, normal_contact
from braid.trust.guard import SafeContact as Rule
from braid.trust.locations import KINDS
from braid.trust.roles import ROLES
from braid.web.access.projections import Viewer
from braid.web.models import ContactRelease, SafeContact, User
from braid.web.outbound.contact_points import keep_digests
from braid.web.outbound.parties import PARTY_KINDS, party_of
from braid.web.outbound.words import SealedWords, open_words, owner_of_contact, seal_words
from braid.web.overlay.entries import check_lead
from braid.web.recording import Facts, record
from braid.web.vault.keys import get_key_ring

LONGEST_RELEASE = dt.timedelta(days=365)
KEPT = {"contact": SafeContact, "release": ContactRelease}


@dataclass(frozen=True)
class Kept:
    """A safe contact as it holds: the guard's rule, and the contact points in the order in which they were given.

    One that nobody has confirmed only forbids: nothing is sent to its contact points because of it.
    """

    rule: Rule
    contacts: tuple[str, ...] = field(repr=False)
    is_confirmed: bool = True
    is_readable: bool = True
    """False where the key is lost: a rule that nobody can read allows nothing."""


_NOTHING = Rule(frozenset(), frozenset())


@transaction.atomic
def add_safe_contact(
    viewer: Viewer,
    person_id: str,
    channels: Collection[str],
    contacts: Collection[str],
    hours: tuple[int, int] = (0, 24),
) -> SafeContact:
    """Add how a person may be reached, in place of what held before. Raises `NotPossible`, `VaultKeyNotAvailable`.

    Hours are of the place's clock, from the first up to and without the second.
    """
    given = [contact.strip() for contact in contacts if contact.strip()]
    if not given or not channels or not set(channels) <= set(CHANNELS):
        raise NotPossible("Enter at least one channel and one contact point")
    if not 0 <= hours[0] < hours[1] <= 24:
        raise NotPossible("Enter hours that begin before they end, from 0 to 24")
    words = {"channels": sorted(set(channels)), "contacts": given, "hours": list(hours)}
    ring = get_key_ring()
    sealed = seal_words(ring, owner_of_contact(person_id), words)
    kept = SafeContact.objects.create(person_id=person_id, entered_by=viewer.username, **sealed.__dict__)
    keep_digests(kept, ring, given)
    _record(viewer, "safe contact added", person_id)
    return kept


@transaction.atomic
def add_release(
    viewer: Viewer, person_id: str, location_kind: str, party_kind: str, party_id: str, until: dt.datetime
) -> ContactRelease:
    """Release one kind of location of a person to one party until an instant; it opens nothing before a second human
    has confirmed it. Raises `NotPossible`."""
    if location_kind not in KINDS or party_kind not in PARTY_KINDS or not party_id:
        raise NotPossible("Choose a kind of location and a recipient")
    if not timezone.now() < until <= timezone.now() + LONGEST_RELEASE:
        raise NotPossible("Enter a date within a year from now")
    kept = ContactRelease.objects.create(
        location_kind=location_kind,
        person_id=person_id,
        party_kind=party_kind,
        party_id=party_id,
        reference=viewer.reference,
        entered_by=viewer.username,
        until=until,
    )
    _record(viewer, f"release added {kept.pk}", person_id)
    return kept


@transaction.atomic
def confirm_kept(by: User, kind: str, kept_id: int) -> None:
    """Confirm what somebody else entered; the caller has shown it, and that it stands as shown (`standing`).

    Raises `NotPossible` for the same human, another role, or a second time.
    """
    check_lead(by)
    rows = KEPT[kind].objects.filter(pk=kept_id, second_by="", ended_at__isnull=True).exclude(entered_by=by.username)
    person = rows.values_list("person_id", flat=True).first()
    if person is None or not rows.update(second_by=by.username, second_at=timezone.now()):
        raise NotPossible("Whoever entered it may not confirm it, and it is confirmed once. Ask another lead")
    _record(Viewer(by.username, by.role, "", "", "outbound"), f"confirmed {kind} {kept_id}", person)


@transaction.atomic
def refuse_kept(by: User, kind: str, kept_id: int, reference: str = "", purpose: str = "") -> None:
    """End what nobody has confirmed: a lead, or whoever entered it. It is then as if it had not been entered.

    Raises `NotPossible` for anybody else, or where it is confirmed or has ended.
    """
    rows = KEPT[kind].objects.filter(pk=kept_id, second_by="", ended_at__isnull=True)
    _end(by, rows if _is_lead(by) else rows.filter(entered_by=by.username), kind, "refused", reference, purpose)


@transaction.atomic
def withdraw_kept(by: User, kind: str, kept_id: int, reference: str = "", purpose: str = "") -> None:
    """End at once what two people agreed: a lead, whoever entered it, or a colleague of theirs in the same role.

    Whose safe contact is withdrawn is not reached until a new one is entered and confirmed. Raises `NotPossible` for
    anybody else, or where it is not in force.
    """
    rows = KEPT[kind].objects.filter(pk=kept_id, ended_at__isnull=True).exclude(second_by="")
    mine = rows if _is_lead(by) else rows.filter(entered_by__in=list_colleagues(by))
    _end(by, mine, kind, "withdrawn", reference, purpose)


def list_colleagues(user: User) -> list[str]:
    """Return the user names of who has the same role in the same organisation, the user among them."""
    same = User.objects.filter(role=user.role, organisation=user.organisation).exclude(organisation="")
    return sorted({user.username, *same.values_list("username", flat=True)})


def _is_lead(by: User) -> bool:
    role = ROLES.get(by.role)
    return by.is_active and role is not None and role.sees_audit


def _end(by: User, rows: QuerySet, kind: str, how: str, reference: str, purpose: str) -> None:
    row = rows.values_list("pk", "person_id").first()
    if row is None or not rows.update(ended_how=how, ended_by=by.username, ended_at=timezone.now()):
        raise NotPossible("It has ended, or it is not yours to end. Look at the list again")
    number, person = row
    _record(Viewer(by.username, by.role, purpose, reference, "outbound"), f"{how} {kind} {number}", person)


def load_safe_contacts(person_ids: Collection[str], protected: Collection[str]) -> dict[str, Kept]:
    """Return the rule of each person that holds, as the owner.

    It is the newest that a second human confirmed, narrowed by whatever one human entered since: what somebody no
    longer wants holds at once, and nobody alone leads a message elsewhere. Where none is confirmed, a protected person
    has no rule, so that nothing is sent; anybody else is reached where the run has them, as far as the entries allow.
    One that was withdrawn, or that nobody can read, allows nothing until a later one is confirmed; a refused one counts
    for nothing. Raises `VaultKeyNotAvailable` or `VaultSealBroken`.
    """
    found: dict[str, Kept] = {}
    rows = SafeContact.objects.filter(person_id__in=person_ids).exclude(ended_how="refused")
    for row in rows.order_by("entered_at", "pk"):
        kept = _open(row)
        before = found.get(row.person_id)
        found[row.person_id] = kept if kept.is_confirmed or before is None else _narrowed(before, kept)
    return {person: kept for person, kept in found.items() if kept.is_confirmed or person not in protected}


def _open(row: SafeContact) -> Kept:
    if row.ended_how == "withdrawn":
        return Kept(_NOTHING, ())
    if not row.sealed:
        return Kept(_NOTHING, (), bool(row.second_by), is_readable=False)
    words = open_words(
        get_key_ring(), owner_of_contact(row.person_id), SealedWords(row.key_id, row.wrapped, row.sealed)
    )
    rule = Rule(frozenset(words["channels"]), frozenset(words["contacts"]), *words["hours"])
    return Kept(rule, tuple(words["contacts"]), bool(row.second_by))


def _narrowed(held: Kept, newer: Kept) -> Kept:
    """Return what both allow; the contact points are written as in the one that held."""
    allowed = {normal_contact(contact) for contact in newer.contacts}
    contacts = tuple(contact for contact in held.contacts if normal_contact(contact) in allowed)
    rule = Rule(
        held.rule.channels & newer.rule.channels,
        frozenset(contacts),
        max(held.rule.from_hour, newer.rule.from_hour),
        min(held.rule.to_hour, newer.rule.to_hour),
    )
    return Kept(rule, contacts, held.is_confirmed, held.is_readable and newer.is_readable)


def load_releases(person_ids: Collection[str]) -> tuple[Release, ...]:
    """Return the releases about these persons that two humans agreed, as the owner; the guard looks at the clock."""
    rows = ContactRelease.objects.filter(person_id__in=person_ids, ended_at__isnull=True).exclude(second_by="")
    return tuple(
        Release(row.location_kind, row.person_id, party_of(row.party_kind, row.party_id), row.second_by, row.until)
        for row in rows
    )


def _record(viewer: Viewer, what: str, person_id: str) -> None:
    asker = Viewer(viewer.username, viewer.role, viewer.purpose, viewer.reference, "outbound")
    record("changed", asker, (person_id,), Facts(details={"what": what}))
