"""`braid reference`: the publishers' files of a place's ground, loaded and listed with where they are from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from braid.cli.arguments import AsJson, PlaceFolder
from braid.cli.output import errors, plain, print_json, print_table
from braid.extracts.model import UnreadableFile
from braid.extracts.reference.geography_files import GeographyWriter
from braid.extracts.reference.load import Loaded, Said, load_file, load_folder
from braid.store.place_folder import Place, load_place
from braid.store.reference_data import Dataset, list_datasets

reference = typer.Typer(
    help="Reference data of a place: postcodes, outlines, deprivation, schools, courts, bank holidays, terms.",
    no_args_is_help=True,
)
SOME_REJECTED = 1


@reference.command("load")
def load(
    files: Annotated[list[Path], typer.Argument(help="Files of their publishers, or folders of them.")],
    folder: Annotated[Path, typer.Option("--place", help="The place folder, which holds place.toml.")] = Path(),
    vintage: Annotated[
        str, typer.Option("--vintage", help="Of when the file is, where it does not say: 2025-11.")
    ] = "",
    areas: Annotated[
        int | None, typer.Option("--areas", help="The census of its small areas, where it does not say: 2021.")
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Recognise, check and store publishers' files, and write the geography of the place from them.

    A file of geography/ that the place wrote itself is left as it is. Exit code 1 where rows were rejected.

    Example: braid reference load ONSPD_NOV_2025_UK.csv --place place
    """
    place = load_place(folder)
    said = Said(vintage, areas)
    loaded = [each for path in files for each in _load(path, place, said)]
    written = GeographyWriter(place).write() if any(each.is_fresh for each in loaded) else []
    if as_json:
        print_json({"loaded": [_document(each) for each in loaded], "geography": written})
    else:
        _show(loaded, written)
    return SOME_REJECTED if any(each.dataset.rows_rejected for each in loaded) else 0


def _load(path: Path, place: Place, said: Said) -> list[Loaded]:
    if path.is_dir():
        loaded, unknown = load_folder(path, place.folder, said)
        for name in unknown:
            errors.print(plain(f"{name}: of no kind that is read; left"), markup=False)
        if not loaded:
            words = f"{path.name} holds no file of a kind that is read: see docs/reference/geography-files.md"
            raise UnreadableFile("kind_unknown", words)
        return loaded
    try:
        return [load_file(path, place.folder, said)]
    except UnreadableFile as error:
        raise UnreadableFile(error.rule, f"{path.name}: {error.message} ({error.rule})") from None


def _document(loaded: Loaded) -> dict[str, Any]:
    return {**loaded.dataset.document(), "is_fresh": loaded.is_fresh, "messages": list(loaded.messages)}


def _show(loaded: list[Loaded], written: list[str]) -> None:
    print_table("Loaded", COLUMNS, [_row(each.dataset) for each in loaded])
    for each in loaded:
        for message in each.messages:
            errors.print(plain(f"{each.dataset.file_name}: {message}"), markup=False)
    for message in written:
        errors.print(plain(message), markup=False)


COLUMNS = ["file", "what it is", "vintage", "small areas", "rows in", "read", "rejected"]


def _row(dataset: Dataset) -> list[Any]:
    years = ", ".join(map(str, dataset.area_years))
    counts = (dataset.rows_in, dataset.rows_read, dataset.rows_rejected)
    return [dataset.file_name, dataset.title, dataset.vintage, years, *counts]


@reference.command("list")
def list_reference(folder: PlaceFolder = Path(), as_json: AsJson = False) -> int:
    """List the reference data of a place: publisher, licence, vintage, hash and day of each file.

    Example: braid reference list place --json
    """
    place = load_place(folder)
    datasets = list_datasets(place.folder)
    if as_json:
        print_json({"reference": [dataset.document() for dataset in datasets]})
        return 0
    columns = [*COLUMNS, "publisher", "licence", "loaded"]
    rows = [[*_row(each), each.publisher, each.licence, each.loaded_date] for each in datasets]
    print_table(f"Reference data of {place.name}", columns, rows)
    if not datasets:
        errors.print("The place has no reference data; load its publishers' files with braid reference load")
    return 0
