"""The vault's key ring: a master key in a file outside the database, and a data key for each owner, wrapped by it.

    <key id> <32 bytes in base64>      one line a key, the last line is the current one

What is sealed is bound to its owner, its field and the master key, so that a ciphertext moved to another row, another
field or another ring does not open. Deleting an owner's wrapped data key leaves their fields unreadable. Keys are
random; nothing is derived from what is sealed. No error, message or `repr` here holds a key or a value.
"""

from __future__ import annotations

import base64
import binascii
import os
import secrets
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
NONCE_BYTES = 12
"""96 random bits, the size for which GCM is defined without a further hash."""
PAD_TO = 256
"""Bytes: texts are filled up with spaces to a multiple, so that the length of a ciphertext says little."""
_LENGTH_BYTES = 8
_FORBIDDEN_MODE = stat.S_IRWXO | stat.S_IWGRP | stat.S_IXGRP


class VaultKeyNotAvailable(Exception):
    """The key file is missing, malformed or open to others. The message names rule and next step, and no key."""


class VaultSealBroken(Exception):
    """What is sealed does not open: wrong key, changed bytes, or moved from another row or field."""


@dataclass(frozen=True)
class KeyRing:
    """The master keys by id; `current` names the one that new data keys are wrapped by."""

    current: str
    keys: Mapping[str, bytes] = field(repr=False)


@dataclass(frozen=True)
class WrappedKey:
    """An owner's data key, wrapped by the master key `key_id`: what the database keeps."""

    key_id: str
    wrapped: bytes = field(repr=False)


def create_key_ring(path: Path) -> KeyRing:
    """Make a ring with one new key, for this user only. Raises `VaultKeyNotAvailable` where a file is there."""
    if path.exists():
        raise VaultKeyNotAvailable("a vault key is there already; it is never overwritten. Use `braid vault rotate`")
    return _write(path, [_new_line(1)])


def load_key_ring(path: Path) -> KeyRing:
    """Read the ring. Raises `VaultKeyNotAvailable` where it is missing, malformed, or open to other users."""
    try:
        mode = path.stat().st_mode
        text = path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError):
        raise VaultKeyNotAvailable(
            "the vault key file cannot be read. Next step: mount or restore it where BRAID_VAULT_KEY_FILE says"
        ) from None
    if mode & _FORBIDDEN_MODE:
        raise VaultKeyNotAvailable("the vault key file is open to other users. Next step: chmod 600")
    lines = [line.split() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    keys = {words[0]: _decoded(words) for words in lines}
    if not keys or len(keys) != len(lines):
        raise VaultKeyNotAvailable("the vault key file holds no key, or one id twice. Next step: restore it")
    return KeyRing(lines[-1][0], keys)


def add_key(path: Path) -> KeyRing:
    """Add a new key, which becomes the current one; what the older ones wrapped still opens."""
    ring = load_key_ring(path)
    newest = max(_number(key_id) for key_id in ring.keys)
    return _write(path, [*_lines(ring), _new_line(newest + 1)])


def drop_old_keys(path: Path) -> KeyRing:
    """Keep the current key alone: what the others wrapped is lost, in old copies of the database too."""
    ring = load_key_ring(path)
    return _write(path, _lines(ring)[-1:])


def make_data_key(ring: KeyRing, owner: str) -> tuple[bytes, WrappedKey]:
    """Return a new data key for `owner`, and the same wrapped by the current master key."""
    data_key = secrets.token_bytes(KEY_BYTES)
    return data_key, WrappedKey(ring.current, _encrypt(ring.keys[ring.current], data_key, ring.current, owner))


def unwrap(ring: KeyRing, owner: str, wrapped: WrappedKey) -> bytes:
    """Return the data key. Raises `VaultKeyNotAvailable` for a key that the ring lacks, else `VaultSealBroken`."""
    if wrapped.key_id not in ring.keys:
        raise VaultKeyNotAvailable("the vault was sealed by a key that the key file does not hold. Restore that file")
    return _decrypt(ring.keys[wrapped.key_id], wrapped.wrapped, wrapped.key_id, owner)


def seal(data_key: bytes, text: str, *context: str) -> bytes:
    """Encrypt text, bound to its context: owner, field, id of the master key."""
    plain = text.encode()
    return _encrypt(data_key, plain + b" " * (-len(plain) % PAD_TO), *context)


def unseal(data_key: bytes, sealed: bytes, *context: str) -> str:
    """Return the text, without the spaces at its end. Raises `VaultSealBroken`."""
    return _decrypt(data_key, sealed, *context).decode().rstrip(" ")


def seal_bytes(data_key: bytes, content: bytes, *context: str) -> bytes:
    """Encrypt bytes, bound to their context likewise; their length stands before them, and the filling behind."""
    plain = len(content).to_bytes(_LENGTH_BYTES, "big") + content
    return _encrypt(data_key, plain + bytes(-len(plain) % PAD_TO), *context)


def unseal_bytes(data_key: bytes, sealed: bytes, *context: str) -> bytes:
    """Return the bytes as they were sealed. Raises `VaultSealBroken`."""
    plain = _decrypt(data_key, sealed, *context)
    length = int.from_bytes(plain[:_LENGTH_BYTES], "big")
    content = plain[_LENGTH_BYTES : _LENGTH_BYTES + length]
    if len(content) != length:
        raise VaultSealBroken("sealed bytes hold less than they say")
    return content


def _encrypt(key: bytes, plain: bytes, *context: str) -> bytes:
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, _bound(context))


def _decrypt(key: bytes, sealed: bytes, *context: str) -> bytes:
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], _bound(context))
    except (InvalidTag, ValueError):
        raise VaultSealBroken("sealed bytes do not open: wrong key, changed, or moved") from None


def _bound(context: tuple[str, ...]) -> bytes:
    """Return the context as bytes that no other context has: each part with its length before it."""
    parts = [part.encode() for part in context]
    return b"braid vault 1" + b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def _new_line(number: int) -> str:
    key = base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()
    return f"v{number}-{secrets.token_hex(4)} {key}"


def _lines(ring: KeyRing) -> list[str]:
    return [f"{key_id} {base64.b64encode(key).decode()}" for key_id, key in ring.keys.items()]


def _number(key_id: str) -> int:
    digits = key_id.partition("-")[0].removeprefix("v")
    return int(digits) if digits.isdigit() else 0


def _decoded(words: list[str]) -> bytes:
    try:
        key = base64.b64decode(words[1], validate=True) if len(words) == 2 else b""
    except binascii.Error:
        key = b""
    if len(key) != KEY_BYTES:
        raise VaultKeyNotAvailable("a line of the vault key file is not an id and 32 bytes in base64. Restore the file")
    return key


def _write(path: Path, lines: list[str]) -> KeyRing:
    """Replace the file whole, readable by this user alone, and on the disk before anything is wrapped by it."""
    temporary = path.with_name(f"{path.name}.tmp")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        temporary.unlink(missing_ok=True)
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write("".join(f"{line}\n" for line in lines))
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        _sync_folder(path.parent)
    except OSError:
        raise VaultKeyNotAvailable(
            "the vault key file cannot be written. Next step: let this user write it, or name another by"
            " BRAID_VAULT_KEY_FILE"
        ) from None
    return load_key_ring(path)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
