"""Changing the vault's keys: a new master key for everything that is sealed."""

from typing import Any

from django.db import connection, transaction

from braid.store.vault_keys import KeyRing, WrappedKey, add_key, create_key_ring, drop_old_keys, load_key_ring
from braid.web.care.appointments import forget_appointments, reseal_appointments
from braid.web.care.document_bytes import forget_documents, reseal_documents
from braid.web.models import SecondFactor
from braid.web.outbound.resealing import forget_outbound, reseal_outbound
from braid.web.proposals.publishing import forget_proposals
from braid.web.proposals.sealing import forget_changes, reseal_proposals
from braid.web.rights.sealed_lines import forget_items, reseal_items
from braid.web.second_factor import reseal_factor
from braid.web.systems.subscriptions import forget_webhooks, reseal_webhooks
from braid.web.vault.filling import empty_vault, store_sealed
from braid.web.vault.keys import key_file
from braid.web.vault.sealing import open_item
from braid.web.vault.values import VaultValue
from braid.web.watch import known_asker


def rotate_vault() -> KeyRing:
    """Seal everything anew under a new master key and new data keys, then forget the old ones; return the ring.

    Old keys open nothing afterwards, in the database or what is sealed later; a copy of the database from before stays
    closed without the old key file. Killed in between, both keys are in the file, and it can be called again. Raises
    `VaultKeyNotAvailable` or `VaultSealBroken`, and then nothing has changed but a key more in the file.
    """
    load_key_ring(key_file())
    ring = add_key(key_file())
    with known_asker(), transaction.atomic(), connection.cursor() as cursor:
        people, erased = _open_everybody(cursor, ring)
        cursor.execute("delete from vault.field")
        cursor.execute("delete from vault.data_key")
        store_sealed(cursor, ring, people)
        cursor.executemany(
            "insert into vault.data_key values (%s, %s, '')", [(person, ring.current) for person in erased]
        )
        for factor in SecondFactor.objects.select_for_update().select_related("user"):
            reseal_factor(factor, ring)
        reseal_outbound(ring)
        reseal_documents(ring)
        reseal_proposals(ring)
        reseal_appointments(ring)
        reseal_webhooks(ring)
        reseal_items(ring)
    return drop_old_keys(key_file())


def _open_everybody(cursor: Any, ring: KeyRing) -> tuple[dict[str, dict[str, tuple[VaultValue, ...]]], list[str]]:
    """Return every person's values by item, and who was erased."""
    cursor.execute("lock table vault.data_key, vault.field in share row exclusive mode")
    cursor.execute(
        "select person_id, f.item, f.sealed, d.key_id, d.wrapped from vault.data_key d"
        " left join vault.field f using (person_id)"
    )
    people: dict[str, dict[str, tuple[VaultValue, ...]]] = {}
    erased: set[str] = set()
    for person_id, item, sealed, key_id, wrapped in cursor.fetchall():
        if not bytes(wrapped):
            erased.add(person_id)
            continue
        items = people.setdefault(person_id, {})
        if item is not None:
            items[item] = open_item(ring, person_id, item, WrappedKey(key_id, bytes(wrapped)), bytes(sealed))
    return people, sorted(erased)


def replace_lost_key() -> KeyRing:
    """Empty the vault and every second factor, which nobody can open any more, and begin with a new key.

    The locations come back at the next start, which publishes again; each user needs a new second factor. Messages that
    waited, and safe contacts, are entered again; documents and appointments of cases are added again; plans come back
    at the next start, and what was decided on court lists is decided again.
    """
    path = key_file()
    if path.exists():
        path.rename(path.with_name(f"{path.name}.unreadable"))
    with known_asker(), transaction.atomic(), connection.cursor() as cursor:
        empty_vault(cursor)
        SecondFactor.objects.all().delete()
        forget_outbound()
        forget_documents()
        forget_proposals()
        forget_appointments()
        forget_changes()
        forget_webhooks()
        forget_items()
    return create_key_ring(path)
