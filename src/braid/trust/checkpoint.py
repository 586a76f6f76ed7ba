"""Signed checkpoints as text: the size and root of a log, who signed them, and who saw them too.

Formats of the C2SP specifications `signed-note`, `tlog-checkpoint`, `tlog-cosignature` and `tlog-witness`, so that any
witness that speaks them can watch a log. Signing itself is in `braid.store.signing_key`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from braid.trust.merkle import ProofInvalid, check_consistency

ED25519 = 1
COSIGNATURE = 4
"""Kinds of key: one that signs a log's own checkpoints, and a witness's, whose signature holds a time."""
MOST_PROOF_STEPS = 63
_NAME = re.compile(r"[^\s+]{1,100}")
_SIZE = re.compile(r"0|[1-9][0-9]{0,17}")


class NoteInvalid(Exception):
    """A text is no checkpoint, key or request of the format. The message says which line, and what it should be."""


class LogRefused(Exception):
    """A log shows another past than it did: a fork, a rollback, or a signature that is not its own."""


@dataclass(frozen=True)
class Checkpoint:
    """What a log claims: its name, how many leaves it has, and the root over them."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """Return the lines that are signed."""
        return f"{self.origin}\n{self.size}\n{_base64(self.root)}\n"


@dataclass(frozen=True)
class Signature:
    """A line under a note: who signed, with which key, and the signature (a witness's begins with 8 bytes of time)."""

    name: str
    key_id: bytes
    blob: bytes

    def line(self) -> str:
        """Return the line as it stands under a note."""
        return f"\N{EM DASH} {self.name} {_base64(self.key_id + self.blob)}\n"


@dataclass(frozen=True)
class VerifierKey:
    """A public key with its name and kind."""

    name: str
    kind: int
    public: bytes

    @property
    def key_id(self) -> bytes:
        """The first four bytes of the hash over name, kind and key, as signatures carry them."""
        return hashlib.sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:4]

    def text(self) -> str:
        """Return the key in one line, to be handed over."""
        return f"{self.name}+{self.key_id.hex()}+{_base64(bytes([self.kind]) + self.public)}"


def read_verifier_key(text: str) -> VerifierKey:
    """Return the key of a line; raise `NoteInvalid` where it is none or was copied wrongly."""
    name, _, rest = text.strip().partition("+")
    digest, _, encoded = rest.partition("+")
    raw = _unbase64(encoded, "the key")
    if not _NAME.fullmatch(name) or len(raw) != 33 or raw[0] not in (ED25519, COSIGNATURE):
        raise NoteInvalid("the key is not name+hash+base64 of an Ed25519 key; copy the whole line")
    key = VerifierKey(name, raw[0], raw[1:])
    if key.key_id.hex() != digest:
        raise NoteInvalid("the key does not fit its hash; copy the whole line again")
    return key


def read_note(note: str) -> tuple[str, list[Signature]]:
    """Return the signed text and the signatures of a note. Raises `NoteInvalid`."""
    text, separator, lines = note.rpartition("\n\n")
    if not separator or not lines.endswith("\n"):
        raise NoteInvalid("a signed note has text, an empty line and signature lines")
    return f"{text}\n", [read_signature(line) for line in lines[:-1].split("\n")]


def read_signature(line: str) -> Signature:
    """Return the signature of a line. Raises `NoteInvalid`."""
    dash, _, rest = line.partition(" ")
    name, _, encoded = rest.partition(" ")
    raw = _unbase64(encoded, "a signature line")
    if dash != "\N{EM DASH}" or not _NAME.fullmatch(name) or len(raw) < 68:
        raise NoteInvalid("a signature line is a dash, a name and base64 of a key id and a signature")
    return Signature(name, raw[:4], raw[4:])


def write_note(text: str, signatures: Sequence[Signature]) -> str:
    """Return a text with signatures under it."""
    return f"{text}\n{''.join(signature.line() for signature in signatures)}"


def read_checkpoint(text: str) -> Checkpoint:
    """Return the checkpoint of a signed text. Raises `NoteInvalid`; this house writes no lines beyond the third."""
    lines = text.split("\n")
    if len(lines) != 4 or lines[3] or not _NAME.fullmatch(lines[0]) or not _SIZE.fullmatch(lines[1]):
        raise NoteInvalid("a checkpoint has three lines: the log's name, its size and its root")
    root = _unbase64(lines[2], "the root")
    if len(root) != 32:
        raise NoteInvalid("the root is 32 bytes in base64")
    return Checkpoint(lines[0], int(lines[1]), root)


def cosigned_text(text: str, at_seconds: int) -> bytes:
    """Return what a witness signs: that it saw this checkpoint at this time and nothing that contradicts it."""
    return f"cosignature/v1\ntime {at_seconds}\n{text}".encode()


@dataclass(frozen=True)
class Request:
    """What a log hands a witness: the size the witness saw last, a proof of consistency, and a signed checkpoint."""

    old_size: int
    proof: tuple[bytes, ...]
    note: str

    def text(self) -> str:
        """Return the request as a file or a body holds it."""
        steps = "".join(f"{_base64(step)}\n" for step in self.proof)
        return f"old {self.old_size}\n{steps}\n{self.note}"


def read_request(text: str) -> Request:
    """Return the request of a text. Raises `NoteInvalid`."""
    head, separator, note = text.partition("\n\n")
    first, *steps = head.split("\n")
    word, _, size = first.partition(" ")
    if not separator or word != "old" or not _SIZE.fullmatch(size) or len(steps) > MOST_PROOF_STEPS:
        raise NoteInvalid("a request begins with 'old' and a size, then a proof, an empty line and a checkpoint")
    return Request(int(size), tuple(_unbase64(step, "a step of the proof") for step in steps), note)


@dataclass(frozen=True)
class Memory:
    """What a witness saw last of a log, and cosigned."""

    size: int
    root: bytes


def check_next(memory: Memory, request: Request, checkpoint: Checkpoint) -> None:
    """Raise `LogRefused` unless the checkpoint holds all that the witness saw before."""
    if checkpoint.size < memory.size:
        raise LogRefused(
            f"the log has {checkpoint.size} entries and had {memory.size}: it was rolled back or cut off. Next step:"
            " keep this file and your memory, and tell the information governance lead of every partner"
        )
    if request.old_size != memory.size:
        raise LogRefused(
            f"the proof begins at {request.old_size} and this witness saw {memory.size} entries last. Next step: ask"
            f" for a checkpoint with a proof from {memory.size}"
        )
    try:
        check_consistency(memory.size, checkpoint.size, memory.root, checkpoint.root, request.proof)
    except ProofInvalid as fault:
        raise LogRefused(
            f"the log shows another past than it did ({fault}): a fork or a rewrite. Next step: keep this file and your"
            " memory, and tell the information governance lead of every partner"
        ) from None


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _unbase64(text: str, where: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise NoteInvalid(f"{where} is not base64; copy the whole line") from None
    if _base64(data) != text:
        raise NoteInvalid(f"{where} is not canonical base64; copy the whole line")
    return data
