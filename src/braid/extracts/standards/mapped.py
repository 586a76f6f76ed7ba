"""Tables read by a mapping file: H-CLIC homelessness cases, whose national names are not public, and any other CSV."""

from __future__ import annotations

from pathlib import Path

from braid.extracts.definition_files import definition_of
from braid.extracts.definition_years import resolve
from braid.extracts.model import Connector, Reading, UnreadableFile
from braid.extracts.standards.defined import read_by_rows


def read_mapped(path: Path, reading: Reading) -> None:
    """Read a table by `reading.mapping`; raise `UnreadableFile` where the table or the mapping will not do."""
    if reading.mapping is None:
        raise UnreadableFile("mapping_missing", "this standard is read by mapping: name a mapping file")
    definition = definition_of(reading.mapping)
    read_by_rows(path, reading, resolve(definition, reading.source.collection_year))


CONNECTORS = (
    Connector(
        "hclic",
        2018,
        2035,
        read_mapped,
        "Homelessness cases (H-CLIC) as CSV, by mapping",
        needs_mapping=True,
        waits=("homelessness_prevention", "homelessness_relief", "temporary_accommodation", "bnb_family"),
    ),
    Connector("mapped_csv", 2000, 2035, read_mapped, "Any CSV, by mapping", needs_mapping=True),
)
