"""What a pack was made of, each by its SHA-256: files of the place, and rows as they were published or written."""

import datetime as dt
import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from braid.web.served_place import PLACE_SETTING

FILES = ("boards.toml", "bodies.toml", "outcomes.toml", "funds.toml", "interventions.toml")


def digest_of(given: object) -> str:
    """Return the SHA-256 of figures, words, days and ids, in the order in which they are given."""
    return hashlib.sha256(json.dumps(given, default=_plain, ensure_ascii=False).encode("utf-8")).hexdigest()


def _plain(value: object) -> str:
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"no digest of a {type(value).__name__}")


def digests_of_files(names: Sequence[str] = FILES) -> tuple[tuple[str, str], ...]:
    """Return the SHA-256 of each file of the place folder that is there."""
    folder = Path(os.environ[PLACE_SETTING]) if os.environ.get(PLACE_SETTING) else None
    if folder is None:
        return ()
    paths = [folder / name for name in names]
    return tuple((path.name, hashlib.sha256(path.read_bytes()).hexdigest()) for path in paths if path.is_file())
