"""Bytes that rest sealed in a row of their own: each under a data key that is bound to the row.

The row has the columns `key_id`, `wrapped` and `sealed`. `owner` names the row, `field` what is in it: bytes that were
copied to another row do not open there.
"""

from __future__ import annotations

from typing import Any

from braid.store.vault_keys import KeyRing, WrappedKey, make_data_key, seal_bytes, unseal_bytes, unwrap

Columns = dict[str, Any]


def seal_columns(ring: KeyRing, owner: str, field: str, content: bytes) -> Columns:
    """Return the columns of a row that hold bytes: the data key, wrapped, and the sealed bytes."""
    data_key, wrapped = make_data_key(ring, owner)
    sealed = seal_bytes(data_key, content, owner, wrapped.key_id, field)
    return {"key_id": wrapped.key_id, "wrapped": wrapped.wrapped, "sealed": sealed}


def open_columns(ring: KeyRing, owner: str, field: str, key_id: str, wrapped: bytes, sealed: bytes) -> bytes:
    """Return the bytes that these columns hold. Raises `VaultKeyNotAvailable` or `VaultSealBroken`."""
    data_key = unwrap(ring, owner, WrappedKey(key_id, bytes(wrapped)))
    return unseal_bytes(data_key, bytes(sealed), owner, key_id, field)
