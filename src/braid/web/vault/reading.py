"""Reading one field of one person as the role of the pages: one call, one ciphertext, opened here in memory."""

from django.db import DatabaseError, connection, transaction

from braid.store.vault_keys import VaultKeyNotAvailable, VaultSealBroken, WrappedKey
from braid.web.vault.keys import get_key_ring
from braid.web.vault.sealing import open_item
from braid.web.vault.values import VaultValue


class VaultNotReadable(Exception):
    """The vault did not give the field: no key, wrong key, changed bytes, erased, refused or a database that failed.

    Whoever asked withholds the field, says so, and leaves a task.
    """


def get_field(person_id: str, item: str) -> tuple[VaultValue, ...]:
    """Return the values of an item, none where none is kept. Call inside `asking_as`. Raises `VaultNotReadable`."""
    try:
        with transaction.atomic():
            permitted, key_id, wrapped, sealed = _call(person_id, item)
        if not permitted:
            raise VaultNotReadable("the database does not permit what the decision permits")
        if key_id is None or not wrapped:
            raise VaultNotReadable("the vault was never filled with this person, or their data key was erased")
        if sealed is None:
            return ()
        return open_item(get_key_ring(), person_id, item, WrappedKey(key_id, bytes(wrapped)), bytes(sealed))
    except (DatabaseError, VaultKeyNotAvailable, VaultSealBroken):
        raise VaultNotReadable("the field did not open") from None


def get_sealed_contact(contact_id: int) -> tuple[str, str, bytes, bytes] | None:
    """Return person, key id, data key and sealed words of a safe contact that waits for this lead, or `None`.

    Call inside `asking_as`. Raises `VaultNotReadable` where the database fails.
    """
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("select person_id, key_id, wrapped, sealed from vault.read_contact(%s)", [contact_id])
            row = cursor.fetchone()
    except DatabaseError:
        raise VaultNotReadable("the safe contact was not given") from None
    return (row[0], row[1], bytes(row[2]), bytes(row[3])) if row else None


def _call(person_id: str, item: str) -> tuple[bool, str | None, bytes | None, bytes | None]:
    with connection.cursor() as cursor:
        cursor.execute("select permitted, key_id, wrapped, sealed from vault.read_field(%s, %s)", [person_id, item])
        return cursor.fetchone()
