"""The spool: a folder from which a printer, a text service or a person collects. A file appears whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from braid.outbound.model import ChannelNotAvailable


def put_into_spool(folder: Path | None, name: str, payload: bytes) -> str:
    """Write the file for its owner alone (0600) and return its name. The same delivery twice gives the same file."""
    if folder is None:
        raise ChannelNotAvailable("No spool folder is set up: name it in the settings.")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=folder, prefix=".", suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
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
