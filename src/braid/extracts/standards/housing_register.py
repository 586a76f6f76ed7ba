"""Housing register applications as JSON."""

from __future__ import annotations

from pathlib import Path

from braid.extracts.json_files import open_json
from braid.extracts.model import Connector, Reading


def read_housing_register(path: Path, reading: Reading) -> None:
    """Read a file of the standard; raise `UnreadableFile` when it is none."""
    open_json(path, reading)


CONNECTORS = (Connector("housing_register", 2023, 2030, read_housing_register, "Housing register applications"),)
