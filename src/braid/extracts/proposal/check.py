"""What a mapping says of a file: which columns it names and the file has not, and the other way round."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from braid.extracts.csv_files import normalise_heading
from braid.extracts.definition import Definition, Part
from braid.extracts.proposal.samples import take_sample


@dataclass(frozen=True)
class Compared:
    """Columns by what is the matter with them: required and absent, absent, there and not mapped."""

    lacks: tuple[str, ...]
    absent: tuple[str, ...]
    not_mapped: tuple[str, ...]


def compare(definition: Definition, path: Path) -> Compared:
    """Return how a mapping and the headings of a file fit; raise `UnreadableFile` where the file is none.

    Of a mapping of several parts the part that knows most of the headings counts. Columns of a document are held
    against the paths found in its first rows, what encloses a row and single members of lists apart.
    """
    headings = [column.name for column in take_sample(path).columns]
    part = max(definition.parts, key=lambda one: len(_known(one, headings)))
    known = _known(part, headings)
    absent = [name for name in part.columns if name not in known.values() and not _is_elsewhere(name)]
    needed = {column.name for column in part.required}
    return Compared(
        tuple(name for name in absent if name in needed),
        tuple(name for name in absent if name not in needed),
        tuple(name for name in headings if name not in known),
    )


def _known(part: Part, headings: list[str]) -> dict[str, str]:
    """Return the headings that a part knows, each with its column."""
    columns = {normalise_heading(heading): name for heading, name in part.spellings.items()}
    found = {heading: columns.get(normalise_heading(heading)) for heading in headings}
    return {heading: name for heading, name in found.items() if name is not None}


def _is_elsewhere(name: str) -> bool:
    return name.startswith(("../", "/"))
