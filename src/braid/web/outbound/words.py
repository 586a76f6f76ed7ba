"""Sealed words: drafts and contact points at rest, each under a data key of its own, bound to the row that holds it."""

import json
from dataclasses import dataclass, field
from typing import Any

from braid.store.vault_keys import KeyRing, VaultSealBroken, WrappedKey, make_data_key, seal, unseal, unwrap

_FIELD = "outbound words"


@dataclass(frozen=True)
class SealedWords:
    """What a row keeps of words: the data key, wrapped, and the sealed bytes."""

    key_id: str
    wrapped: bytes = field(repr=False)
    sealed: bytes = field(repr=False)


def seal_words(ring: KeyRing, owner: str, words: dict[str, Any]) -> SealedWords:
    """Seal JSON under a new data key. `owner` names the row, so that no other row's bytes open in its place."""
    data_key, wrapped = make_data_key(ring, owner)
    text = json.dumps(words, ensure_ascii=False, sort_keys=True)
    return SealedWords(wrapped.key_id, wrapped.wrapped, seal(data_key, text, owner, wrapped.key_id, _FIELD))


def open_words(ring: KeyRing, owner: str, kept: SealedWords) -> dict[str, Any]:
    """Return the JSON again. Raises `VaultKeyNotAvailable` or `VaultSealBroken`."""
    data_key = unwrap(ring, owner, WrappedKey(kept.key_id, bytes(kept.wrapped)))
    try:
        words: dict[str, Any] = json.loads(unseal(data_key, bytes(kept.sealed), owner, kept.key_id, _FIELD))
    except ValueError:
        raise VaultSealBroken("sealed bytes hold no words") from None
    return words


def owner_of_message(message_id: object) -> str:
    """Return the owner of a message's draft."""
    return f"message:{message_id}"


def owner_of_contact(person_id: str) -> str:
    """Return the owner of a person's safe contact."""
    return f"contact:{person_id}"
