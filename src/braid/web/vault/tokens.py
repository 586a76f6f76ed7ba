"""The locations that the outbound guard searches for: opened in memory, for its use alone, by the owner's connection.

The role of the pages may not read the tables that this reads; where it is asked by that role, the vault did not answer,
and the guard withholds the message.
"""

from collections.abc import Collection
from dataclasses import dataclass

from django.db import DatabaseError, connection, transaction

from braid.store.vault_keys import KeyRing, VaultKeyNotAvailable, VaultSealBroken, WrappedKey
from braid.trust.locations import Token, normalise
from braid.web.vault.keys import get_key_ring
from braid.web.vault.recording import record_vault_read
from braid.web.vault.sealing import open_item
from braid.web.vault.tasks import VAULT_LOOKUP_FAILED, raise_task
from braid.web.vault.values import VaultValue
from braid.web.watch import known_asker

SHORTEST_TOKEN = 4
"""In letters and digits; a shorter one would be found in every message."""


@dataclass(frozen=True)
class GuardTokens:
    """Locations of protected persons; `answered` is false where any could not be read, and nothing may then leave."""

    tokens: tuple[Token, ...]
    answered: bool


def get_guard_tokens(person_ids: Collection[str], *, sent_by: str, reference: str) -> GuardTokens:
    """Return what must not leave unreleased about these persons, and record that the guard asked, once a person.

    Where they lived before is left out, unless a source calls it confidential: whoever sent them away knows it.
    """
    tokens: list[Token] = []
    failed: list[str] = []
    with known_asker(), transaction.atomic():
        for person_id in sorted(set(person_ids)):
            about = {"username": sent_by, "role": "", "purpose": "", "reference": reference, "person_id": person_id}
            record_vault_read(**about, item="vault", outcome="guard")
            try:
                tokens += _tokens(get_key_ring(), person_id)
            except (DatabaseError, VaultKeyNotAvailable, VaultSealBroken):
                failed.append(person_id)
        for person_id in failed:
            raise_task(VAULT_LOOKUP_FAILED, person_id)
    return GuardTokens(tuple(tokens), answered=not failed)


def _tokens(ring: KeyRing, person_id: str) -> list[Token]:
    values = _read(ring, person_id)
    found = dict.fromkeys((one.kind, one.value) for one in values if one.is_current or one.confidential)
    return [Token(person_id, kind, value) for kind, value in found if len(normalise(value)) >= SHORTEST_TOKEN]


def _read(ring: KeyRing, person_id: str) -> list[VaultValue]:
    """Return everything that the vault holds of somebody; nothing of who is not protected."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "select f.item, f.sealed, d.key_id, d.wrapped from vault.filled"
            " left join vault.data_key d on d.person_id = %s left join vault.field f on f.person_id = d.person_id"
            " order by f.item",
            [person_id],
        )
        rows = cursor.fetchall()
    if not rows:
        raise VaultSealBroken("the vault was never filled")
    if rows[0][2] is None:
        return []  # not a protected person
    return [
        value
        for item, sealed, key_id, wrapped in rows
        for value in _values(ring, person_id, item, WrappedKey(key_id, bytes(wrapped)), sealed)
    ]


def _values(
    ring: KeyRing, person_id: str, item: str | None, key: WrappedKey, sealed: bytes | None
) -> tuple[VaultValue, ...]:
    """Return the values of a row; none of somebody of whom no source says where. An erased key raises."""
    if not key.wrapped:
        raise VaultSealBroken("the data key was erased")
    return open_item(ring, person_id, item, key, bytes(sealed)) if item is not None and sealed is not None else ()


def current_addresses(person_id: str) -> dict[str, str]:
    """Return the address and the telephone of a protected person as they hold now, by kind, for the postman alone.

    Of several the newest; a kind of which nothing is known is left out. Raises `VaultSealBroken` or
    `VaultKeyNotAvailable` where the vault does not answer.
    """
    found: dict[str, str] = {}
    for value in _read(get_key_ring(), person_id):
        if value.is_current and value.kind in ("address", "telephone"):
            found.setdefault(value.kind, value.value)
    return found
