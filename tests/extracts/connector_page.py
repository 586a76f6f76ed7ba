"""Writes the reference page of the connectors from the catalogue and the worked examples that the tests check."""

from __future__ import annotations

import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from braid.extracts.catalogue import CONNECTORS
from braid.extracts.mapping import load_mapping
from braid.extracts.model import Reading, Source
from braid.extracts.read import read_file

SPEC = Path(__file__).parent / "spec"
REPOSITORY = Path(__file__).resolve().parents[2]
PAGE = REPOSITORY / "docs" / "reference" / "connectors.md"
MAPPINGS = REPOSITORY / "src" / "braid" / "extracts" / "mappings"


def load_examples() -> list[dict[str, Any]]:
    """Return the worked examples in the order of the files."""
    return [entry for path in sorted(SPEC.glob("*.toml")) for entry in tomllib.loads(path.read_text())["example"]]


def read_example(example: dict[str, Any], folder: Path) -> Reading:
    """Read an example's text as the file it says it is."""
    path = folder / example["file"]
    path.write_text(example["text"].lstrip("\n"), encoding="utf-8")
    mapping = load_mapping(MAPPINGS / example["mapping"]) if "mapping" in example else None
    return read_file(path, Source("example", "partner", example["standard"], example["year"]), mapping)


def write_page() -> str:
    """Return the page as Markdown."""
    examples = load_examples()
    return "\n".join(["# Connectors", "", *_table(), *_sections(examples)]).rstrip() + "\n"


def _table() -> Iterator[str]:
    yield "Each standard is read for a range of collection years. `braid read FILE --as STANDARD:YEAR` reads one file."
    yield ""
    yield "| standard | years | what |"
    yield "|---|---|---|"
    for connector in sorted(CONNECTORS, key=lambda one: one.standard):
        yield f"| `{connector.standard}` | {connector.first_year} to {connector.last_year} | {connector.description} |"
    yield ""


def _sections(examples: list[dict[str, Any]]) -> Iterator[str]:
    for example in examples:
        with tempfile.TemporaryDirectory() as folder:
            reading = read_example(example, Path(folder))
        yield f"## `{example['standard']}`: {example['file']}"
        yield ""
        yield f"{example['shows']}."
        yield ""
        yield f"Rows by part: {', '.join(f'{part} {count.rows_in}' for part, count in reading.parts.items())}."
        yield ""
        yield "| record | what it says |"
        yield "|---|---|"
        for record in example["record"]:
            said = ", ".join(f"{name} = {value}" for name, value in record["values"].items())
            yield f"| `{record['type']}` | {said} |"
        yield ""
        yield "```"
        yield example["text"].strip("\n")
        yield "```"
        yield ""


if __name__ == "__main__":
    PAGE.write_text(write_page(), encoding="utf-8")
