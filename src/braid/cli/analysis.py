"""`braid analysis`: datasets for analysts, and the keys of their pseudonyms."""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Annotated, Any

import typer

from braid.analysis.build import FOLDER, build_dataset
from braid.analysis.load import load_datasets
from braid.analysis.model import Dataset, DatasetInvalid, DatasetRefused
from braid.analysis.permission import find_permission
from braid.analysis.selection import INPUT_TABLES
from braid.cli.arguments import AsJson, PlaceFolder
from braid.cli.output import errors, print_json, print_table
from braid.cli.waits import current_run
from braid.pipeline import open_run
from braid.store.agreements import load_agreements
from braid.store.dataset_folder import list_datasets, sweep_datasets
from braid.store.place_folder import Place, load_place
from braid.store.pseudonym_keys import (
    delete_pseudonym_key,
    list_pseudonym_keys,
    open_pseudonym_key,
    rotate_pseudonym_key,
)
from braid.trust.roles import PURPOSES

analysis = typer.Typer(help="Datasets for analysts, without names or places.", no_args_is_help=True)
keys = typer.Typer(help="The keys of the pseudonyms, one a purpose.", no_args_is_help=True)
analysis.add_typer(keys, name="keys")

PurposeCode = Annotated[str, typer.Argument(help=f"The purpose: {', '.join(PURPOSES)}.")]


@analysis.command("build")
def build(
    dataset: Annotated[str, typer.Argument(help="The dataset, as `braid analysis list` names it.")],
    folder: PlaceFolder = Path(),
    receiver: Annotated[
        str, typer.Option("--receiver", help="The organisation that receives it.", show_default="the agreement's host")
    ] = "",
    as_json: AsJson = False,
) -> int:
    """Build a dataset from the current run; exit code 5 where no agreement permits it or it takes what it may not.

    Example: braid analysis build school_from_ta place
    """
    place, now = load_place(folder), dt.datetime.now(dt.UTC)
    chosen = _get_dataset(place, dataset)
    kinds = {organisation.id: organisation.kind for organisation in place.organisations}
    permission = find_permission(chosen, load_agreements(place).valid, kinds, receiver, now)
    run, key = current_run(place), open_pseudonym_key(place.state_folder, chosen.purpose)
    root = place.folder / FOLDER
    root.mkdir(mode=0o700, exist_ok=True)
    spill = Path(tempfile.mkdtemp(prefix=".spill-", dir=root))
    try:
        with closing(open_run(run, names=INPUT_TABLES, spill_folder=spill)) as engine:
            built = build_dataset(engine, place.folder, run, chosen, permission, key, now)
    finally:
        shutil.rmtree(spill, ignore_errors=True)
    if as_json:
        print_json({"folder": str(built.folder), **built.manifest})
    else:
        rows = [[name, table["rows"]] for name, table in built.manifest["tables"].items()]
        print_table(f"{chosen.name}, for {permission.receiver}", ["table", "rows"], rows)
        left_out = ", ".join(f"{cause.replace('_', ' ')}: {n}" for cause, n in built.manifest["left_out"].items())
        errors.print(f"Left out, rounded: {left_out}")
        errors.print(f"{built.folder}, to be deleted on {built.manifest['expires_at']}")
    return 0


@analysis.command("list")
def list_(folder: PlaceFolder = Path(), as_json: AsJson = False) -> int:
    """List the datasets that can be built, and those that were, with the end of their retention.

    Example: braid analysis list place
    """
    place, now = load_place(folder), dt.datetime.now(dt.UTC)
    declared = [_described(name, each) for name, each in load_datasets(place.folder).items()]
    built = [
        {
            "dataset": each.dataset,
            "run": each.run_id,
            "receiver": each.manifest.get("receiver", ""),
            "expires_at": each.expires_at.isoformat() if each.expires_at else "",
            "expired": each.is_expired(now),
        }
        for each in list_datasets(place.folder / FOLDER)
    ]
    if as_json:
        print_json({"datasets": declared, "built": built})
        return 0
    print_table("Datasets", ["id", "purpose", "name"], [[row["id"], row["purpose"], row["name"]] for row in declared])
    print_table("Built", ["dataset", "run", "receiver", "to be deleted on"], [list(row.values())[:4] for row in built])
    return 0


@analysis.command("sweep")
def sweep(folder: PlaceFolder = Path(), as_json: AsJson = False) -> int:
    """Delete the datasets whose retention has ended. Safe to run every night.

    Example: braid analysis sweep place
    """
    gone = sweep_datasets(load_place(folder).folder / FOLDER, dt.datetime.now(dt.UTC))
    if as_json:
        print_json({"deleted": [{"dataset": each.dataset, "run": each.run_id} for each in gone]})
    else:
        errors.print(f"{len(gone)} datasets deleted")
    return 0


@keys.command("list")
def list_keys(folder: PlaceFolder = Path(), as_json: AsJson = False) -> int:
    """List the keys by purpose and id, never the keys themselves.

    Example: braid analysis keys list place
    """
    found = [{"purpose": key.purpose, "key_id": key.key_id} for key in list_pseudonym_keys(_state(folder))]
    if as_json:
        print_json({"keys": found})
    else:
        print_table("Pseudonym keys", ["purpose", "key id"], [list(row.values()) for row in found])
    return 0


@keys.command("rotate")
def rotate(purpose: PurposeCode, folder: PlaceFolder = Path()) -> int:
    """Give a purpose a new key: what is built from now on links to nothing built before.

    Example: braid analysis keys rotate school_from_ta place
    """
    key = rotate_pseudonym_key(_state(folder), _known(purpose))
    print_json({"purpose": key.purpose, "key_id": key.key_id})
    return 0


@keys.command("delete")
def delete(purpose: PurposeCode, folder: PlaceFolder = Path()) -> int:
    """Delete the key of a purpose: nobody can say any more whose its pseudonyms are.

    Example: braid analysis keys delete school_from_ta place
    """
    print_json({"purpose": purpose, "deleted": delete_pseudonym_key(_state(folder), _known(purpose))})
    return 0


def _state(folder: Path) -> Path:
    return load_place(folder).state_folder


def _known(purpose: str) -> str:
    if purpose not in PURPOSES:
        raise typer.BadParameter(f"purposes are {', '.join(PURPOSES)}", param_hint="PURPOSE")
    return purpose


def _get_dataset(place: Place, name: str) -> Dataset:
    """Return a dataset by id; raise its refusal, or `DatasetInvalid` where there is none."""
    known = load_datasets(place.folder)
    if name not in known:
        raise DatasetInvalid(f"no dataset {name!r}; there are {', '.join(known)}")
    found = known[name]
    if isinstance(found, DatasetRefused):
        raise found
    return found


def _described(name: str, dataset: Dataset | DatasetRefused) -> dict[str, Any]:
    if isinstance(dataset, DatasetRefused):
        return {"id": name, "purpose": "", "name": f"REFUSED: {dataset}"}
    return {"id": name, "purpose": dataset.purpose, "name": dataset.name}
