"""Ed25519 keys in files of their owner alone: the log's, which signs checkpoints, and a witness's, which cosigns them.

The log's key rests in the state folder and never in the database: whoever can rewrite the tables still cannot sign.
Whoever takes both can, and only a witness, who remembers, will notice.
"""

from __future__ import annotations

import base64
import binascii
import os
import stat
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from braid.store.engine import EngineNotAvailable
from braid.trust.checkpoint import COSIGNATURE, ED25519, Signature, VerifierKey, cosigned_text

LOG_KEY = "audit_key"
"""The file of the log's key in a state folder."""


@dataclass(frozen=True)
class SigningKey:
    """A private key with the name under which it signs."""

    name: str
    private: Ed25519PrivateKey

    def public(self, kind: int = ED25519) -> VerifierKey:
        """Return what checks its signatures."""
        return VerifierKey(self.name, kind, self.private.public_key().public_bytes_raw())

    def sign(self, text: str) -> Signature:
        """Return the log's signature of a checkpoint's text."""
        return Signature(self.name, self.public().key_id, self.private.sign(text.encode()))

    def cosign(self, text: str, at_seconds: int | None = None) -> Signature:
        """Return a witness's signature of a checkpoint's text, with the time it was seen."""
        moment = int(time.time()) if at_seconds is None else at_seconds
        signed = self.private.sign(cosigned_text(text, moment))
        return Signature(self.name, self.public(COSIGNATURE).key_id, moment.to_bytes(8, "big") + signed)


def open_key(path: Path, name: str) -> SigningKey:
    """Return the key of a file, made on first use under `name`. Raises `EngineNotAvailable` where others may read it.

    The name of a key that is there already stays.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        seed = Ed25519PrivateKey.generate().private_bytes_raw()
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(f"{name}\n{base64.b64encode(seed).decode()}\n")
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise EngineNotAvailable(f"others may read the key {path.name}. Next step: chmod 600 it, and think it stolen")
    try:
        kept, encoded = path.read_text(encoding="utf-8").split()
        seed = base64.b64decode(encoded, validate=True)
        return SigningKey(kept, Ed25519PrivateKey.from_private_bytes(seed))
    except (ValueError, binascii.Error):
        raise EngineNotAvailable(f"{path.name} is no key of Braid's. Next step: take it from the backup") from None


def find_log_signature(text: str, signatures: Iterable[Signature], key: VerifierKey) -> Signature | None:
    """Return the signature of the log's own key that holds for the text, or `None`."""
    for signature in signatures:
        if (signature.name, signature.key_id) == (key.name, key.key_id) and _holds(key, signature.blob, text.encode()):
            return signature
    return None


def find_cosigned_at(text: str, signature: Signature, key: VerifierKey) -> int | None:
    """Return when a witness saw the text (seconds since 1970), where its signature holds; else `None`."""
    moment, blob = int.from_bytes(signature.blob[:8], "big"), signature.blob[8:]
    if (signature.name, signature.key_id) != (key.name, key.key_id) or not _holds(
        key, blob, cosigned_text(text, moment)
    ):
        return None
    return moment


def _holds(key: VerifierKey, blob: bytes, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(blob, message)
    except (InvalidSignature, ValueError):
        return False
    return True
