"""Arguments that several verbs share."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from braid.store.place_folder import Place, load_place

PlaceFolder = Annotated[
    Path, typer.Argument(help="The place folder, which holds place.toml.", show_default="this folder")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document on standard output, nothing else.")]
AsOf = Annotated[
    str, typer.Option("--as-of", help="The day to speak of, yyyy-mm-dd.", show_default="the newest extract")
]


def find_day(text: str) -> dt.date | None:
    """Return the day that `--as-of` names; `None` where it was not given. Raises `typer.BadParameter`."""
    if not text:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter("write the day as yyyy-mm-dd", param_hint="--as-of") from None


def place_of(path: Path, written: str) -> Place | None:
    """Return the place whose folder is named, or its folder `written` or a file in that; `None` where there is none."""
    full = path.resolve()
    for folder in (full, full.parent, full.parent.parent):
        inside = folder == full or full in (folder / written, folder / written / full.name)
        if inside and (folder / "place.toml").is_file():
            return load_place(folder)
    return None
