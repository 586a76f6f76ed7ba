"""FHIR UK Core R4 resources as XML or JSON."""

from __future__ import annotations

from pathlib import Path

from braid.extracts.json_files import open_json
from braid.extracts.model import Connector, Reading


def read_fhir_ukcore(path: Path, reading: Reading) -> None:
    """Read a file of the standard; raise `UnreadableFile` when it is none."""
    open_json(path, reading)


CONNECTORS = (Connector("fhir_ukcore", 2019, 2030, read_fhir_ukcore, "FHIR UK Core R4 resources"),)
