"""`braid example DIR`: write the fictional place."""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from braid.cli.arguments import AsJson, AsOf, find_day
from braid.cli.output import errors, plain, print_json, shares
from braid.example.errors import PRESETS, ErrorRates
from braid.example.further_formats import ALL, BY_STANDARD, find_formats
from braid.example.write import Summary, write_example
from braid.extracts.model import UnreadableFile
from braid.extracts.reference.ground import read_open_ground
from braid.extracts.reference.load import load_folder
from braid.language.open_ground import OpenGround
from braid.store.reference_data import FOLDER


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
    geography: Annotated[
        Path | None,
        typer.Option("--geography", help="A folder of publishers' files: the people are put on that real ground."),
    ] = None,
    also: Annotated[
        list[str] | None,
        typer.Option(
            "--also", help=f"A further format, or {ALL}; again for another: {', '.join(sorted(BY_STANDARD))}."
        ),
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Write a fictional place: place.toml, one extract per partner in its own format, and the truth beside them.

    With --geography, districts, small areas and postcodes are real open data, and everybody and every organisation is
    invented all the same: each page says so, and names the publishers.

    With --also, partners send further formats too. Most of them tell again what another feed tells, so that their waits
    are there twice: for trying readers and linking, not for counting.

    Example: braid example place --people 20000 --seed 1
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise typer.BadParameter("the folder is not empty; name a new one", param_hint="DIR")
    if geography is not None and not geography.is_dir():
        raise typer.BadParameter("there is no such folder; name one that is there", param_hint="--geography")
    try:
        find_formats(also or ())
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--also") from None
    asked = _Asked(people, seed, weeks, find_day(as_of) or DEFAULT_AS_OF, PRESETS[rates.value], tuple(also or ()))
    summary = _write(folder, asked) if geography is None else _write_on_ground(folder, asked, geography)
    if as_json:
        print_json(asdict(summary))
    else:
        total = sum(summary.rows.values())
        errors.print(f"{folder}: {summary.people:,} people, {total:,} extract rows in {len(summary.rows)} feeds")
        errors.print(f"Next: braid run {folder}")
    return 0


@dataclass(frozen=True)
class _Asked:
    """How large a place is asked for, and of when."""

    people: int
    seed: int
    weeks: int
    as_of: dt.date
    errors: ErrorRates
    also: tuple[str, ...]


def _write(folder: Path, asked: _Asked, ground: OpenGround | None = None) -> Summary:
    with shares() as progress:
        return write_example(
            folder,
            people=asked.people,
            seed=asked.seed,
            weeks=asked.weeks,
            as_of=asked.as_of,
            errors=asked.errors,
            progress=progress,
            ground=ground,
            also=asked.also,
        )


def _write_on_ground(folder: Path, asked: _Asked, source: Path) -> Summary:
    """Load the publishers' files beside the place, put the people on them, and keep them with it."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".braid-ground-", dir=folder.parent) as beside:
        loaded, unknown = load_folder(source, Path(beside))
        for each in loaded:
            errors.print(plain(f"{each.dataset.file_name}: {each.dataset.title} {each.dataset.vintage}"), markup=False)
        if unknown:
            errors.print(f"{len(unknown)} more files are of no kind that is read, and were left")
        ground = read_open_ground(Path(beside))
        folder.mkdir(exist_ok=True)
        shutil.move(Path(beside) / FOLDER, folder / FOLDER)
    try:
        return _write(folder, asked, ground)
    except ValueError as error:
        shutil.rmtree(folder / FOLDER)
        raise UnreadableFile("ground_unfit", f"the ground will not do: {error}") from None
