"""`braid example DIR`: write the fictional place."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from braid.cli.arguments import AsJson, AsOf, find_day
from braid.cli.output import errors, print_json, shares
from braid.example.errors import PRESETS
from braid.example.write import write_example


class Errors(StrEnum):
    """How many errors the partners' files hold."""

    none = "none"
    usual = "usual"
    high = "high"


DEFAULT_AS_OF = dt.date(2026, 11, 15)
MINIMUM_PEOPLE, MAXIMUM_PEOPLE = 500, 5_000_000


def example(
    folder: Annotated[Path, typer.Argument(help="Where to write; made where it is missing, empty where it is there.")],
    people: Annotated[
        int, typer.Option("--people", min=MINIMUM_PEOPLE, max=MAXIMUM_PEOPLE, help="How many people live there.")
    ] = 20_000,
    seed: Annotated[int, typer.Option("--seed", min=0, help="The same seed writes the same bytes.")] = 1,
    weeks: Annotated[int, typer.Option("--weeks", min=1, max=104, help="How many weekly extracts a feed.")] = 1,
    rates: Annotated[Errors, typer.Option("--errors", help="How many errors the files hold.")] = Errors.usual,
    as_of: AsOf = "",
    as_json: AsJson = False,
) -> int:
    """Write a fictional place: place.toml, one extract per partner in its own format, and the truth beside them.

    Example: braid example place --people 20000 --seed 1
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise typer.BadParameter("the folder is not empty; name a new one", param_hint="DIR")
    with shares() as progress:
        summary = write_example(
            folder,
            people=people,
            seed=seed,
            weeks=weeks,
            as_of=find_day(as_of) or DEFAULT_AS_OF,
            errors=PRESETS[rates.value],
            progress=progress,
        )
    if as_json:
        print_json(asdict(summary))
    else:
        total = sum(summary.rows.values())
        errors.print(f"{folder}: {summary.people:,} people, {total:,} extract rows in {len(summary.rows)} feeds")
        errors.print(f"Next: braid run {folder}")
    return 0
