"""The keys of the pseudonyms: one random key a purpose, each in a file of its own in the state folder.

    state/pseudonym_keys/<purpose>     <key id> <32 bytes in base64>

They rest outside the lake and outside every dataset: whoever has a dataset cannot try out who is in it, and whoever has
one of each of two purposes cannot join them. Without its key, nothing ties what a purpose got before to what it gets
next. No error, message or `repr` here holds a key.
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
    """The key of a purpose. `key_id` is random and may be published; it says which datasets can be linked."""

    purpose: str
    key_id: str
    secret: bytes = field(repr=False)


def open_pseudonym_key(state_folder: Path, purpose: str) -> PseudonymKey:
    """Return the key of a purpose, made on first use. Raises `EngineNotAvailable` where it is malformed or not private.

    A file that is there and does not hold is never replaced by itself: that would break off the purpose's pseudonyms.
    """
    path = _path(state_folder, purpose)
    if not path.exists():
        return rotate_pseudonym_key(state_folder, purpose)
    return _read(path)


def rotate_pseudonym_key(state_folder: Path, purpose: str) -> PseudonymKey:
    """Put a new key in the place of the old one, which is gone: datasets from before link to none from now on."""
    path = _path(state_folder, purpose)
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


def delete_pseudonym_key(state_folder: Path, purpose: str) -> bool:
    """Delete the key of a purpose; return whether there was one."""
    path = _path(state_folder, purpose)
    there = path.exists()
    path.unlink(missing_ok=True)
    return there


def list_pseudonym_keys(state_folder: Path) -> list[PseudonymKey]:
    """Return the keys that there are, by purpose. Raises as `open_pseudonym_key` does."""
    folder = state_folder / FOLDER
    paths = sorted(folder.iterdir()) if folder.is_dir() else []
    return [_read(path) for path in paths if path.suffix != ".tmp"]


def _path(state_folder: Path, purpose: str) -> Path:
    if not purpose.replace("_", "").isalnum():
        raise ValueError("a purpose has letters, digits and underscores only")
    return state_folder / FOLDER / purpose


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
    return PseudonymKey(path.name, key_id, secret)
