"""Sealed words under a new key: drafts that wait and safe contacts, when the vault's keys change or are lost."""

from django.utils import timezone

from braid.store.vault_keys import KeyRing
from braid.web.models import OutboxMessage, SafeContact, SafeContactDigest
from braid.web.outbound.contact_points import renew_digests
from braid.web.outbound.words import SealedWords, open_words, owner_of_contact, owner_of_message, seal_words
from braid.web.vault.tasks import SAFE_CONTACT_UNREADABLE, raise_task

_EMPTY = {"key_id": "", "wrapped": b"", "sealed": b""}


def reseal_outbound(ring: KeyRing) -> None:
    """Seal every draft and safe contact anew under the ring's current key, in the caller's transaction."""
    for message in OutboxMessage.objects.select_for_update().exclude(sealed=b""):
        _reseal(message, ring, owner_of_message(message.pk))
    for contact in SafeContact.objects.select_for_update().exclude(sealed=b""):
        _reseal(contact, ring, owner_of_contact(contact.person_id))
    renew_digests(ring)


def _reseal(row: OutboxMessage | SafeContact, ring: KeyRing, owner: str) -> None:
    words = open_words(ring, owner, SealedWords(row.key_id, bytes(row.wrapped), bytes(row.sealed)))
    sealed = seal_words(ring, owner, words)
    row.key_id, row.wrapped, row.sealed = sealed.key_id, sealed.wrapped, sealed.sealed
    row.save(update_fields=["key_id", "wrapped", "sealed"])


def forget_outbound() -> None:
    """Erase what a lost key sealed: drafts end as cancelled where they waited.

    Of safe contacts the rows stay: that somebody said how they may be reached goes on withholding, although nobody can
    read it any more, and a task for each person asks to enter it again.
    """
    OutboxMessage.objects.filter(state="queued").update(state="cancelled", ended_at=timezone.now(), **_EMPTY)
    OutboxMessage.objects.exclude(sealed=b"").update(**_EMPTY)
    SafeContactDigest.objects.all().delete()
    SafeContact.objects.update(**_EMPTY)
    standing = SafeContact.objects.exclude(ended_how="refused")
    for person_id in sorted(set(standing.values_list("person_id", flat=True))):
        raise_task(SAFE_CONTACT_UNREADABLE, person_id)
