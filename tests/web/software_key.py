"""A security key in software: makes credentials and signs challenges as an authenticator does, and can be bent."""

import base64
import hashlib
import json
import os
import struct
from dataclasses import dataclass, field

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

PRESENT, VERIFIED, ATTESTED = 1, 4, 64


def to_text(value: bytes) -> str:
    """Bytes as a browser writes them."""
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


@dataclass
class SoftwareKey:
    """One credential. `count` is its counter; `flags` say that somebody was there and who they are."""

    host: str = "testserver"
    origin: str = "http://testserver"
    flags: int = PRESENT | VERIFIED
    count: int = 1
    credential_id: bytes = field(default_factory=lambda: os.urandom(32))
    private: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def make(self, options: str) -> str:
        """Answer a page that registers a key."""
        point = self.private.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}
        attested = bytes(16) + struct.pack(">H", len(self.credential_id)) + self.credential_id + cbor2.dumps(cose)
        data = self._data(self.flags | ATTESTED) + attested
        said = {"attestationObject": to_text(cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data}))}
        return self._answer("webauthn.create", options, said)

    def use(self, options: str) -> str:
        """Answer a page that asks for the key."""
        self.count += 1 if self.count else 0
        data = self._data(self.flags)
        client = self._client("webauthn.get", options)
        signature = self.private.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        said = {"authenticatorData": to_text(data), "signature": to_text(signature)}
        return self._answer("webauthn.get", options, said)

    def _data(self, flags: int) -> bytes:
        return hashlib.sha256(self.host.encode()).digest() + bytes([flags]) + struct.pack(">I", self.count)

    def _client(self, kind: str, options: str) -> bytes:
        challenge = json.loads(options)["challenge"]
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _answer(self, kind: str, options: str, said: dict[str, str]) -> str:
        name = to_text(self.credential_id)
        response = {**said, "clientDataJSON": to_text(self._client(kind, options))}
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": response})
