"""Open Referral UK 3 directories as JSON."""

from __future__ import annotations

from pathlib import Path

from braid.extracts.json_files import open_json
from braid.extracts.model import Connector, Reading


def read_oruk(path: Path, reading: Reading) -> None:
    """Read a file of the standard; raise `UnreadableFile` when it is none."""
    open_json(path, reading)


CONNECTORS = (Connector("oruk", 2022, 2030, read_oruk, "Open Referral UK 3 service directories"),)
