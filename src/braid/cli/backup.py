"""`braid backup`, `braid journal` and `braid restore`: keep a place, put it back, and try that it can be put back."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from braid.cli.arguments import AsJson, PlaceFolder
from braid.cli.output import errors, print_json
from braid.store.engine import EngineNotAvailable
from braid.store.place_folder import Place, load_place
from braid.store.postgres import open_database
from braid.web.operating.backups import back_up, drop_older
from braid.web.operating.journal_keeping import keep_journal
from braid.web.operating.kept_moments import note_drill, tell_kept
from braid.web.operating.restoring import NEWEST, Drill, choose_backup, drill_restore, restore
from braid.web.serve import place_database

Keys = Annotated[Path | None, typer.Option("--keys", help="The folder that holds the keys of the backups.")]


def backup(
    to: Annotated[Path, typer.Option("--to", help="The folder of backups.")],
    folder: PlaceFolder = Path(),
    keys_to: Annotated[Path | None, typer.Option("--keys-to", help="A folder on another disk for the keys.")] = None,
    keep: Annotated[int, typer.Option("--keep", min=1, help="How many backups stay.")] = 14,
    with_journal: Annotated[
        bool, typer.Option("--with-journal", help="Keep the server's files too, and its journal as far as now.")
    ] = False,
    as_json: AsJson = False,
) -> int:
    """Keep the place while it is served: its database at one moment, its files, and its keys apart from both.

    A file that a backup holds already is not copied again. Without --keys-to the keys are left out: keep them by
    another way, since nothing of the vault opens without them. With --with-journal the place comes back as it was at
    any moment since the backup, as far as braid journal kept it.

    Example: braid backup place --to /mnt/backup/braid --keys-to /mnt/keys/braid
    """
    with place_database(folder) as (place, url):
        made = back_up(place, url, to, keys_to, with_base=with_journal)
        tell_kept(url, to)
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


def journal(
    to: Annotated[Path, typer.Option("--to", help="The folder of backups.")],
    folder: PlaceFolder = Path(),
) -> int:
    """Keep the journal of the place's database server as it is written, until interrupted.

    What is lost at worst is then what was written in the last second. braid backup --with-journal takes what the
    journal is played from, and deletes what is older than the oldest backup needs.

    Example: braid journal place --to /mnt/backup/braid
    """
    place = load_place(folder)
    with open_database(place.state_folder) as url:
        errors.print("Keeping the journal. Ctrl-C ends it.")
        keep_journal(url, place, to)
    return 0


def restored(
    backups: Annotated[Path, typer.Argument(help="The folder of backups.")],
    keys: Keys = None,
    name: Annotated[str, typer.Option("--name", help="Which backup.", show_default="the newest")] = "",
    into: Annotated[Path | None, typer.Option("--into", help="An empty folder that becomes the place.")] = None,
    to: Annotated[
        str | None, typer.Option("--to", help="A time, as 2026-11-30T10:15:00Z, or newest: play the journal so far.")
    ] = None,
    drill: Annotated[bool, typer.Option("--drill", help="Restore, check and discard: nothing stays.")] = False,
    as_json: AsJson = False,
) -> int:
    """Put a backup back, or try that it can be: rows, files, audit log and policies are held to what was kept.

    With --to the journal is played from the newest base before that time; rows are held to what was kept on the way.
    The files of the place are those of the backup. Whom the newest backup lists as erased is erased again, and nobody
    stays signed in. A database of DATABASE_URL is not touched. Exit code 5 where something is not as it was.

    Example: braid restore /mnt/backup/braid --keys /mnt/keys/braid --drill
    """
    if (into is None) is not drill:
        raise typer.BadParameter("name a folder with --into, or ask for --drill", param_hint="--into")
    moment = _read_time(to)
    chosen = choose_backup(backups, name, moment)
    if into is not None:
        found = restore(backups, chosen, keys, into, _take_back, moment)
    else:
        with tempfile.TemporaryDirectory(prefix="braid-drill-") as scratch:
            found = drill_restore(backups, chosen, keys, Path(scratch) / "place", _check_policies, moment)
        if not found.faults:
            note_drill(backups, chosen, dt.datetime.now(dt.UTC))
    if as_json:
        print_json(asdict(found))
    else:
        _show(found)
    return 5 if found.faults else 0


def _read_time(text: str | None) -> dt.datetime | str | None:
    """Return a time with its zone, `NEWEST`, or `None`. Raises `typer.BadParameter` where it is none of them."""
    if text is None or text == NEWEST:
        return text
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise typer.BadParameter("write it with its zone, as 2026-11-30T10:15:00Z, or newest", param_hint="--to")
    return moment


def _check_policies(target: Path, own_url: str, found: Drill) -> None:
    """Bring the tables up to date and make role and policies anew, as a start does, and say what is wrong with them."""
    with _secured(target, own_url, found):
        pass


def _take_back(target: Path, own_url: str, found: Drill) -> None:
    """Do the same, and take back what came back although it was taken back since."""
    with _secured(target, own_url, found) as place:
        found.taken_back = dict(import_module("braid.web.rights.taken_back").take_back(place))


@contextmanager
def _secured(target: Path, own_url: str, found: Drill) -> Iterator[Place]:
    with place_database(target, own_url) as (place, url):
        try:
            import_module("braid.web.securing").secure_database(url)
        except EngineNotAvailable as fault:
            found.faults.append(str(fault))
        yield place


def _show(found: Drill) -> None:
    errors.print(
        f"{found.name}: {found.rows:,} rows of {found.tables} tables, {found.files} files, {found.entries:,} entries of"
        f" the audit log, in {found.seconds:.0f} seconds."
    )
    if found.until:
        errors.print(f"The newest change that came back was made at {found.until}.")
    if found.taken_back:
        errors.print(
            "Taken back again: {erased} people erased, {hidden} not to be used, {sessions} sessions ended. Before it is"
            " served, go through what was entered since (docs/operations/README.md).".format(**found.taken_back)
        )
    for fault in found.faults:
        errors.print(f"  {fault}", markup=False)
    errors.print("It is not as it was." if found.faults else "It is as it was.")
