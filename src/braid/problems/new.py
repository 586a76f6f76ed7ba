"""A new problem file: the commented statement to begin with, or a shipped one to change."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from braid.problems.load import SHIPPED, shipped_text


def new_text(name: str) -> str:
    """Return the text of a new problem file: the shipped statement of that name, else one with every part commented."""
    if name in SHIPPED:
        return shipped_text(name)
    template = resources.files("braid.problems").joinpath("template.toml").read_text(encoding="utf-8")
    return template.replace("NAME", name)


def write_new(place_folder: Path, name: str) -> Path:
    """Write `problems/<name>.toml` of a place folder and return its path. Raises `FileExistsError` where it exists."""
    path = place_folder / "problems" / f"{name}.toml"
    path.parent.mkdir(exist_ok=True)
    with path.open("x", encoding="utf-8") as file:
        file.write(new_text(name))
    return path
