"""Contact points by keyed digest: that two people are reached at one place is known, and the place is not.

A safe contact rests sealed, so that no query finds who else gave the same number or mailbox. Beside it stands a digest
of each of its contact points, in every form by which the same point may be written. The key is made from a master key
of the vault for this purpose alone: whoever has the database and not the key file can neither read nor try a number.
"""

import hashlib
import hmac
import re
from collections.abc import Collection, Iterable
from contextlib import suppress
from itertools import groupby

from braid.store.vault_keys import KeyRing, VaultKeyNotAvailable, VaultSealBroken
from braid.trust.guard import normal_contact
from braid.web.models import SafeContact, SafeContactDigest
from braid.web.outbound.run_contacts import POSTCODE
from braid.web.outbound.words import SealedWords, open_words, owner_of_contact

_PURPOSE = b"braid contact points 1"
_NUMBER = re.compile(r"\d+[a-z]?", re.IGNORECASE)
_TELEPHONE_DIGITS = 9
"""How many digits at the end of a telephone number count: prefixes are written in many ways."""


def kind_of(contact: str) -> str:
    """Return of what kind a contact point is, by how it is written: email, telephone or address."""
    if "@" in contact:
        return "email"
    return "address" if any(letter.isalpha() for letter in contact) else "telephone"


def forms_of(contact: str) -> frozenset[str]:
    """Return the forms of a contact point; two points with one in common are the same for the guard.

    An address with a postcode is known by that and each number in it, or by the postcode alone where it has no number.
    """
    kind, plain = kind_of(contact), normal_contact(contact)
    if kind == "telephone":
        plain = re.sub(r"\D", "", contact)[-_TELEPHONE_DIGITS:]
    forms = {plain} if plain else set()
    found = POSTCODE.search(contact) if kind == "address" else None
    if found:
        numbers = _NUMBER.findall(POSTCODE.sub(" ", contact).lower())
        forms |= {f"{found[1]}{found[2]} {number}".lower() for number in numbers or [""]}
    return frozenset(f"{kind} {form}" for form in forms)


def digests_of(ring: KeyRing, contact: str) -> set[tuple[str, str]]:
    """Return (key id, digest in hexadecimal) of each form of a contact point, under every key of the ring."""
    return {
        (key_id, hmac.new(hmac.digest(key, _PURPOSE, "sha256"), form.encode(), hashlib.sha256).hexdigest())
        for key_id, key in ring.keys.items()
        for form in forms_of(contact)
    }


def keep_digests(kept: SafeContact, ring: KeyRing, contacts: Iterable[str]) -> None:
    """Keep the digests of a safe contact's contact points under the ring's current key, in the caller's transaction."""
    found = {digest for contact in contacts for key_id, digest in digests_of(ring, contact) if key_id == ring.current}
    SafeContactDigest.objects.bulk_create(
        SafeContactDigest(safe_contact=kept, person_id=kept.person_id, key_id=ring.current, digest=digest)
        for digest in sorted(found)
    )


def renew_digests(ring: KeyRing) -> None:
    """Write every digest anew under the ring's current key, as the owner. Raises where a safe contact does not open."""
    SafeContactDigest.objects.all().delete()
    for row in SafeContact.objects.exclude(sealed=b""):
        _digest(row, ring)


def find_people_at(ring: KeyRing, contacts: Collection[str]) -> dict[str, frozenset[str]]:
    """Return of each contact point whose safe contact it is, or was, as the owner; whether confirmed or not."""
    _digest_older(ring)
    wanted = {contact: {digest for _, digest in digests_of(ring, contact)} for contact in contacts}
    every = {digest for digests in wanted.values() for digest in digests}
    rows = SafeContactDigest.objects.filter(digest__in=every).order_by("digest")
    people = {
        digest: {person for _, person in group}
        for digest, group in groupby(rows.values_list("digest", "person_id"), key=lambda row: row[0])
    }
    return {
        contact: frozenset().union(*(people.get(digest, set()) for digest in digests))
        for contact, digests in wanted.items()
    }


def find_people_without(ring: KeyRing) -> frozenset[str]:
    """Return whose safe contact has no digest under a key of the ring: it is not known with whom they share one.

    Nobody of whom a later one was confirmed and is known, and no refused one.
    """
    known = set(SafeContactDigest.objects.filter(key_id__in=ring.keys).values_list("safe_contact_id", flat=True))
    rows = SafeContact.objects.exclude(ended_how="refused").order_by("entered_at", "pk")
    found: set[str] = set()
    for number, person_id, second_by in rows.values_list("pk", "person_id", "second_by"):
        if number not in known:
            found.add(person_id)
        elif second_by:
            found.discard(person_id)
    return frozenset(found)


def _digest_older(ring: KeyRing) -> None:
    """Give digests to what was entered before there were any; what does not open stays without."""
    for row in SafeContact.objects.filter(digests__isnull=True).exclude(sealed=b""):
        with suppress(VaultKeyNotAvailable, VaultSealBroken):
            _digest(row, ring)


def _digest(row: SafeContact, ring: KeyRing) -> None:
    sealed = SealedWords(row.key_id, bytes(row.wrapped), bytes(row.sealed))
    keep_digests(row, ring, open_words(ring, owner_of_contact(row.person_id), sealed)["contacts"])
