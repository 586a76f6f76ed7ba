"""Sealing a person's fields and opening them again, bound to the person, the item and the master key."""

from collections.abc import Iterable, Mapping

from braid.store.vault_keys import KeyRing, VaultSealBroken, WrappedKey, make_data_key, seal, unseal, unwrap
from braid.web.vault.values import VaultValue, from_text, to_text


def seal_person(
    ring: KeyRing, person_id: str, items: Mapping[str, Iterable[VaultValue]]
) -> tuple[WrappedKey, dict[str, bytes]]:
    """Return a new data key for the person, wrapped, and each item sealed by it."""
    data_key, wrapped = make_data_key(ring, owner_of(person_id))
    context = (owner_of(person_id), wrapped.key_id)
    return wrapped, {item: seal(data_key, to_text(values), *context, item) for item, values in items.items()}


def open_item(ring: KeyRing, person_id: str, item: str, wrapped: WrappedKey, sealed: bytes) -> tuple[VaultValue, ...]:
    """Return the values of one item. Raises `VaultKeyNotAvailable` or `VaultSealBroken`."""
    data_key = unwrap(ring, owner_of(person_id), wrapped)
    text = unseal(data_key, sealed, owner_of(person_id), wrapped.key_id, item)
    try:
        return from_text(text)
    except (ValueError, TypeError):
        raise VaultSealBroken("sealed bytes hold no values") from None


def owner_of(person_id: str) -> str:
    """Name the person so that no account's second factor has the same owner."""
    return f"person:{person_id}"
