"""The spool: a folder from which a printer, a text service or a person collects. A file appears whole or not at all."""

from __future__ import annotations

import fcntl
import os
import tempfile
from pathlib import Path

from braid.outbound.model import ChannelNotAvailable

UNFINISHED = ".part"
"""Ending of a file that is being written. Whoever writes it holds a lock on it, which ends with them."""


def put_into_spool(folder: Path | None, name: str, payload: bytes) -> str:
    """Write the file for its owner alone (0600) and return its name. The same delivery twice gives the same file."""
    if folder is None:
        raise ChannelNotAvailable("No spool folder is set up: name it in the settings.")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        forget_unfinished(folder)
        handle, temporary = tempfile.mkstemp(dir=folder, prefix=".", suffix=UNFINISHED)
        try:
            with os.fdopen(handle, "wb") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                file.write(payload)
                file.flush()
                os.fsync(file.fileno())
                Path(temporary).replace(folder / name)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError:
        raise ChannelNotAvailable("The spool folder cannot be written: check its disk and its owner.") from None
    return name


def forget_unfinished(folder: Path) -> None:
    """Delete what a process began to write that was killed: words that were released, in a file that nobody collects.

    One that is deleted in the instant between being made and being locked is written again in the next attempt.
    """
    for path in folder.glob(f".*{UNFINISHED}"):
        try:
            with path.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                path.unlink(missing_ok=True)
        except (FileNotFoundError, BlockingIOError):
            continue  # finished meanwhile, or somebody is writing it
