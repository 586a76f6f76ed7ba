"""Writes what the bodies of the example place might buy jointly: fictional costs, effects and sources, marked so."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

FILE = "interventions.toml"


def write_interventions(folder: Path) -> None:
    """Write `interventions.toml`: some fifteen interventions of five bodies on the outcomes of the three statements."""
    text = resources.files("braid.example").joinpath("data", FILE).read_text(encoding="utf-8")
    (folder / FILE).write_text(text, encoding="utf-8")
