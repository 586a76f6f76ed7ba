"""The keys of the pseudonyms: one random key a dataset and purpose, each in a file of its own in the state folder.

    state/pseudonym_keys/<purpose>.<dataset>     <key id> <32 bytes in base64>

They rest outside the lake and outside every dataset: whoever has a dataset cannot try out who is in it, and whoever has
two of them, of one purpose or of two, cannot join them. A dataset whose purpose changes gets another key. Without its
key, nothing ties what a dataset held before to what it holds next. No error, message or `repr` here holds a key.
"""

from __future__ import annotations

import base64
import binascii
import os
import secrets
import stat
from dataclasses import dataclass, field
from pathlib import Path

from braid.store.engine import EngineNotAvailable

KEY_BYTES = 32
FOLDER = "pseudonym_keys"


@dataclass(frozen=True)
class PseudonymKey:
    """The key of a dataset. `key_id` is random and may be published; it says which runs of it can be linked."""

    purpose: str
    dataset: str
    key_id: str
    secret: bytes = field(repr=False)


def open_pseudonym_key(state_folder: Path, purpose: str, dataset: str) -> PseudonymKey:
    """Return the key of a dataset, made on first use. Raises `EngineNotAvailable` where it is malformed or not private.

    A file that is there and does not hold is never replaced by itself: that would break off the dataset's pseudonyms.
    """
    path = _path(state_folder, purpose, dataset)
    if not path.exists():
        return rotate_pseudonym_key(state_folder, purpose, dataset)
    return _read(path)


def rotate_pseudonym_key(state_folder: Path, purpose: str, dataset: str) -> PseudonymKey:
    """Put a new key in the place of the old one, which is gone: what was built before links to nothing from now on."""
    path = _path(state_folder, purpose, dataset)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.tmp")
    temporary.unlink(missing_ok=True)
    secret = base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(f"p-{secrets.token_hex(4)} {secret}\n")
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    return _read(path)


def delete_pseudonym_key(state_folder: Path, purpose: str, dataset: str) -> bool:
    """Delete the key of a dataset; return whether there was one."""
    path = _path(state_folder, purpose, dataset)
    there = path.exists()
    path.unlink(missing_ok=True)
    return there


def list_pseudonym_keys(state_folder: Path) -> list[PseudonymKey]:
    """Return the keys that there are, by purpose and dataset. Raises as `open_pseudonym_key` does."""
    folder = state_folder / FOLDER
    paths = sorted(folder.iterdir()) if folder.is_dir() else []
    return [_read(path) for path in paths if path.suffix != ".tmp"]


def _path(state_folder: Path, purpose: str, dataset: str) -> Path:
    if not all(name.replace("_", "").isalnum() for name in (purpose, dataset)):
        raise ValueError("a purpose or dataset has letters, digits and underscores only")
    return state_folder / FOLDER / f"{purpose}.{dataset}"


def _read(path: Path) -> PseudonymKey:
    name = f"the pseudonym key of {path.name}"
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise EngineNotAvailable(f"others may read {name}. Next step: chmod 600 it, and rotate it as if it were stolen")
    try:
        key_id, encoded = path.read_text(encoding="ascii").split()
        secret = base64.b64decode(encoded, validate=True)
    except (ValueError, binascii.Error):
        secret = b""
    if len(secret) != KEY_BYTES:
        raise EngineNotAvailable(f"{name} is no id and 32 bytes in base64. Next step: restore it, or rotate it")
    purpose, _, dataset = path.name.partition(".")
    return PseudonymKey(purpose, dataset, key_id, secret)
