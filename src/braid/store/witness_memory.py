"""What a witness remembers, in a file of its own, and whom a place takes for a witness.

The memory is what no thief of a database can change: it rests with the partner. It is written whole and only after the
checkpoint was found to follow from what it held before.
"""

from __future__ import annotations

import base64
import json
import os
from dataclasses import dataclass
from pathlib import Path

from braid.store.place_folder import Place
from braid.store.signing_key import SigningKey, find_log_signature
from braid.trust.checkpoint import (
    Checkpoint,
    LogRefused,
    Memory,
    NoteInvalid,
    Request,
    Signature,
    VerifierKey,
    check_next,
    read_checkpoint,
    read_note,
    read_verifier_key,
)
from braid.trust.merkle import EMPTY_ROOT

WITNESSES = "witnesses.txt"
"""In a place folder: the public keys of its witnesses, one in a line."""


NOTHING_SEEN = Memory(0, EMPTY_ROOT)


@dataclass(frozen=True)
class Witness:
    """A witness's memory of one log: the log's key, and what it saw last."""

    log_key: VerifierKey
    memory: Memory = NOTHING_SEEN


def find_witness(path: Path) -> Witness | None:
    """Return what the file remembers, or `None` where there is no file. Raises `NoteInvalid`."""
    if not path.exists():
        return None
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        root = base64.b64decode(kept["root"], validate=True)
        memory = Memory(int(kept["size"]), root)
        return Witness(read_verifier_key(kept["log_key"]), memory)
    except (ValueError, KeyError, TypeError):
        raise NoteInvalid(f"{path.name} is no memory of a witness. Next step: take it from the backup") from None


def keep_witness(path: Path, witness: Witness) -> None:
    """Write the memory, whole or not at all."""
    text = json.dumps(
        {
            "log_key": witness.log_key.text(),
            "size": witness.memory.size,
            "root": base64.b64encode(witness.memory.root).decode(),
        },
        indent=1,
    )
    unfinished = path.with_name(f"{path.name}.unfinished")
    with unfinished.open("w", encoding="utf-8") as file:
        file.write(f"{text}\n")
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


def load_witness_keys(place: Place) -> tuple[VerifierKey, ...]:
    """Return the keys of the place's witnesses; none where it has no such file. Raises `NoteInvalid`."""
    path = place.folder / WITNESSES
    if not path.is_file():
        return ()
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    return tuple(read_verifier_key(line) for line in lines if line and not line.startswith("#"))


def cosign_next(witness: Witness, request: Request, key: SigningKey) -> tuple[Witness, Checkpoint, Signature]:
    """Return what the witness remembers from now on, the checkpoint, and its signature of it.

    Raises `LogRefused` where the checkpoint is not the log's or does not follow from what the witness saw, and
    `NoteInvalid` where it cannot be read. Keep the memory before handing out the signature.
    """
    text, signatures = read_note(request.note)
    checkpoint = read_checkpoint(text)
    if checkpoint.origin != witness.log_key.name or find_log_signature(text, signatures, witness.log_key) is None:
        raise LogRefused(
            "the checkpoint is not signed by the key of this log. Next step: ask the place whether its key changed, by"
            " telephone, and begin a new memory only if so"
        )
    check_next(witness.memory, request, checkpoint)
    seen = Witness(witness.log_key, Memory(checkpoint.size, checkpoint.root))
    return seen, checkpoint, key.cosign(text)
