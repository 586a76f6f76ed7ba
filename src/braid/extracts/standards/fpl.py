"""Family public law cases as JSON."""

from __future__ import annotations

from pathlib import Path

from braid.extracts.json_files import open_json
from braid.extracts.model import Connector, Reading


def read_fpl(path: Path, reading: Reading) -> None:
    """Read a file of the standard; raise `UnreadableFile` when it is none."""
    open_json(path, reading)


CONNECTORS = (Connector("fpl", 2020, 2030, read_fpl, "Family public law cases"),)
