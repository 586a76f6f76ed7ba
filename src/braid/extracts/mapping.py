"""Mapping files: which columns of a table make which records of the common language, as a data officer writes them.

A mapping is a definition of one part; `braid.extracts.definition_files` explains the language and checks it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from braid.extracts.definition_files import definition_of, parse

SHIPPED: Final = Path(__file__).parent / "mappings"


def load_mapping(path: Path) -> dict[str, Any]:
    """Return a mapping file parsed and checked; raise `UnreadableFile` naming what is wrong with it."""
    mapping = parse(path)
    definition_of(mapping)
    return mapping


def find_shipped_mapping(standard: str) -> Path | None:
    """Return the mapping file that ships for a standard, as for `hclic`; `None` where a place must write its own."""
    path = SHIPPED / f"{standard}.toml"
    return path if path.is_file() else None
