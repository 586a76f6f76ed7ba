"""`braid backup` and `braid restore`: keep a place, put it back, and try that it can be put back."""

from __future__ import annotations

import tempfile
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from braid.cli.arguments import AsJson, PlaceFolder
from braid.cli.output import errors, print_json
from braid.store.engine import EngineNotAvailable
from braid.web.operating.backups import Drill, back_up, drill_restore, drop_older, list_backups, restore
from braid.web.serve import place_database

Keys = Annotated[Path | None, typer.Option("--keys", help="The folder that holds the keys of the backups.")]


def backup(
    to: Annotated[Path, typer.Option("--to", help="The folder of backups.")],
    folder: PlaceFolder = Path(),
    keys_to: Annotated[Path | None, typer.Option("--keys-to", help="A folder on another disk for the keys.")] = None,
    keep: Annotated[int, typer.Option("--keep", min=1, help="How many backups stay.")] = 14,
    as_json: AsJson = False,
) -> int:
    """Keep the place while it is served: its database at one moment, its files, and its keys apart from both.

    A file that a backup holds already is not copied again. Without --keys-to the keys are left out: keep them by
    another way, since nothing of the vault opens without them.

    Example: braid backup place --to /mnt/backup/braid --keys-to /mnt/keys/braid
    """
    with place_database(folder) as (place, url):
        made = back_up(place, url, to, keys_to)
    dropped = drop_older(to, keys_to, keep)
    if as_json:
        counts = {"tables": len(made.tables), "rows": made.rows, "files": len(made.files), "new_files": made.new_files}
        print_json({"backup": made.name, **counts, "dropped": dropped, "seconds": round(made.seconds, 1)})
        return 0
    errors.print(
        f"Kept {made.name}: {made.rows:,} rows of {len(made.tables)} tables, {len(made.files)} files"
        f" ({made.new_files} new), in {made.seconds:.0f} seconds; {dropped} older went."
    )
    if keys_to is None:
        errors.print("The keys were not kept. Next step: --keys-to a folder on another disk.")
    return 0


def restored(
    backups: Annotated[Path, typer.Argument(help="The folder of backups.")],
    keys: Keys = None,
    name: Annotated[str, typer.Option("--name", help="Which backup.", show_default="the newest")] = "",
    into: Annotated[Path | None, typer.Option("--into", help="An empty folder that becomes the place.")] = None,
    drill: Annotated[bool, typer.Option("--drill", help="Restore, check and discard: nothing stays.")] = False,
    as_json: AsJson = False,
) -> int:
    """Put a backup back, or try that it can be: rows, files, audit log and policies are held to what was kept.

    Exit code 5 where something is not as it was.

    Example: braid restore /mnt/backup/braid --keys /mnt/keys/braid --drill
    """
    if (into is None) is not drill:
        raise typer.BadParameter("name a folder with --into, or ask for --drill", param_hint="--into")
    chosen = name or next(reversed(list_backups(backups)), "")
    if not chosen:
        raise EngineNotAvailable("the folder holds no whole backup. Next step: braid backup DIR --to FOLDER")
    if into is not None:
        found = restore(backups, chosen, keys, into, _check_policies)
    else:
        with tempfile.TemporaryDirectory(prefix="braid-drill-") as scratch:
            found = drill_restore(backups, chosen, keys, Path(scratch) / "place", _check_policies)
    if as_json:
        print_json(asdict(found))
    else:
        _show(found)
    return 5 if found.faults else 0


def _check_policies(target: Path, found: Drill) -> None:
    """Bring the tables up to date and make role and policies anew, as a start does, and say what is wrong with them."""
    with place_database(target) as (_, url):
        try:
            import_module("braid.web.securing").secure_database(url)
        except EngineNotAvailable as fault:
            found.faults.append(str(fault))


def _show(found: Drill) -> None:
    errors.print(
        f"{found.name}: {found.rows:,} rows of {found.tables} tables, {found.files} files, {found.entries:,} entries of"
        f" the audit log, in {found.seconds:.0f} seconds."
    )
    for fault in found.faults:
        errors.print(f"  {fault}", markup=False)
    errors.print("It is not as it was." if found.faults else "It is as it was.")
