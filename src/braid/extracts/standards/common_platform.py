"""Criminal cases of the Common Platform as JSON."""

from __future__ import annotations

from pathlib import Path

from braid.extracts.json_files import open_json
from braid.extracts.model import Connector, Reading


def read_common_platform(path: Path, reading: Reading) -> None:
    """Read a file of the standard; raise `UnreadableFile` when it is none."""
    open_json(path, reading)


CONNECTORS = (Connector("common_platform", 2019, 2030, read_common_platform, "Criminal cases of the Common Platform"),)
