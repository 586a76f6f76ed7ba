"""`braid analysis`: datasets for analysts, and the keys of their pseudonyms."""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
from collections.abc import Mapping
from contextlib import closing
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from braid.analysis.build import FOLDER, build_dataset
from braid.analysis.load import load_datasets
from braid.analysis.model import Dataset, DatasetInvalid, DatasetRefused, Permission
from braid.analysis.permission import find_permission
from braid.analysis.selection import INPUT_TABLES
from braid.cli.acting import Acting, By, Reference, acting
from braid.cli.arguments import AsJson, PlaceFolder
from braid.cli.output import errors, print_json, print_table
from braid.cli.refusals import RefusedByTrust
from braid.cli.waits import current_run
from braid.pipeline import open_run
from braid.store.agreements import load_agreements
from braid.store.dataset_folder import BuiltDataset, list_datasets, sweep_datasets
from braid.store.lake import Run
from braid.store.place_folder import Place, load_place
from braid.store.pseudonym_keys import (
    PseudonymKey,
    delete_pseudonym_key,
    list_pseudonym_keys,
    open_pseudonym_key,
    rotate_pseudonym_key,
)
from braid.trust.agreements import Sharing

analysis = typer.Typer(help="Datasets for analysts, without names or places.", no_args_is_help=True)
keys = typer.Typer(help="The keys of the pseudonyms, one a dataset.", no_args_is_help=True)
analysis.add_typer(keys, name="keys")

DatasetId = Annotated[str, typer.Argument(help="The dataset, as `braid analysis list` names it.")]


@analysis.command("build")
def build(
    dataset: DatasetId,
    by: By,
    reference: Reference,
    folder: PlaceFolder = Path(),
    receiver: Annotated[
        str, typer.Option("--receiver", help="Your own organisation, which receives it.", show_default="your own")
    ] = "",
    as_json: AsJson = False,
) -> int:
    """Build a dataset from the current run; exit code 5 where no agreement permits it or it takes what it may not.

    Whoever asks has an open account whose role builds datasets of the purpose, and receives it for their own
    organisation, to which the agreement opens it; the build is in the record.

    Example: braid analysis build school_from_ta place --by asmith --reference MTG-2026-041
    """
    place = load_place(folder)
    run = current_run(place)
    with acting(folder, by, reference, "analysis build") as acts:
        chosen = _get_dataset(place, dataset)
        _check_role(acts, chosen.purpose)
        permission = _permission(place, chosen, _own_organisation(acts, receiver))
        built = _build(acts, run, chosen, permission)
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
    """List the keys by purpose, dataset and id, never the keys themselves.

    Example: braid analysis keys list place
    """
    found = [_named(key) for key in list_pseudonym_keys(load_place(folder).state_folder)]
    if as_json:
        print_json({"keys": found})
    else:
        print_table("Pseudonym keys", ["purpose", "dataset", "key id"], [list(row.values()) for row in found])
    return 0


@keys.command("rotate")
def rotate(dataset: DatasetId, by: By, reference: Reference, folder: PlaceFolder = Path()) -> int:
    """Give a dataset a new key: what is built from now on links to nothing built before.

    Example: braid analysis keys rotate school_from_ta place --by asmith --reference MTG-2026-041
    """
    with acting(folder, by, reference, "analysis keys") as acts:
        purpose = _get_dataset(acts.place, dataset).purpose
        _check_role(acts, purpose)
        acts.record("changed", "pseudonym key rotated", {"dataset": dataset})
        key = rotate_pseudonym_key(acts.place.state_folder, purpose, dataset)
    print_json(_named(key))
    return 0


@keys.command("delete")
def delete(dataset: DatasetId, by: By, reference: Reference, folder: PlaceFolder = Path()) -> int:
    """Delete the keys of a dataset, declared or not: nobody can say any more whose its pseudonyms are.

    Example: braid analysis keys delete school_from_ta place --by asmith --reference MTG-2026-041
    """
    with acting(folder, by, reference, "analysis keys") as acts:
        state = acts.place.state_folder
        held = [key for key in list_pseudonym_keys(state) if key.dataset == dataset]
        for purpose in [key.purpose for key in held] or [_get_dataset(acts.place, dataset).purpose]:
            _check_role(acts, purpose)
        for key in held:
            _check_role(acts, key.purpose)
            acts.record("changed", "pseudonym key deleted", {"dataset": dataset, "key": key.key_id})
            delete_pseudonym_key(state, key.purpose, dataset)
    print_json({"dataset": dataset, "deleted": bool(held)})
    return 0


def _named(key: PseudonymKey) -> dict[str, str]:
    return {"purpose": key.purpose, "dataset": key.dataset, "key_id": key.key_id}


def _check_role(acts: Acting, purpose: str) -> None:
    acts.check_role(lambda role: role.builds_datasets_for(purpose), f"build datasets for {purpose}", purpose)


def _own_organisation(acts: Acting, receiver: str) -> str:
    """Return the organisation of whoever asks: it alone may receive what they build. Raises `RefusedByTrust`."""
    own: str = acts.actor.organisation
    if not own or receiver not in ("", own):
        raise RefusedByTrust(
            "a dataset is built for the organisation of whoever asks, and for no other; leave --receiver out, or ask a"
            " colleague of the organisation that is to receive it"
        )
    return own


def _permission(place: Place, dataset: Dataset, receiver: str) -> Permission:
    """Return the agreement that permits a dataset at this moment, in its file and with nobody having suspended it."""
    kinds = {organisation.id: organisation.kind for organisation in place.organisations}
    in_force = import_module("braid.web.flows").keys_in_force()

    def is_in_force(flow: Sharing) -> bool:
        key = (flow.agreement_id, flow.agreement_version, flow.receiver, flow.provider, flow.item)
        return key in in_force

    now = dt.datetime.now(dt.UTC)
    return find_permission(dataset, load_agreements(place).valid, kinds, receiver, now, is_in_force)


def _build(acts: Acting, run: Run, dataset: Dataset, permission: Permission) -> BuiltDataset:
    """Build a dataset; at the last moment the agreement is asked for once more, and the entry written."""
    place = acts.place
    key = open_pseudonym_key(place.state_folder, dataset.purpose, dataset.dataset_id)

    def release(manifest: Mapping[str, Any]) -> None:
        if _permission(place, dataset, permission.receiver) != permission:
            raise DatasetRefused(
                f"dataset {dataset.dataset_id}: what the agreement opens changed while it was built; build it again"
            )
        details = {"dataset": dataset.dataset_id, "run": run.id, "receiver": permission.receiver, "key": key.key_id}
        rows = sum(table["rows"] for table in manifest["tables"].values())
        acts.record("exported", "dataset built", details, agreement_ids=permission.agreement.id, row_count=rows)

    root = place.folder / FOLDER
    root.mkdir(mode=0o700, exist_ok=True)
    spill = Path(tempfile.mkdtemp(prefix=".spill-", dir=root))
    try:
        with closing(open_run(run, names=INPUT_TABLES, spill_folder=spill)) as engine:
            now = dt.datetime.now(dt.UTC)
            return build_dataset(engine, place.folder, run, dataset, permission, key, now, release)
    finally:
        shutil.rmtree(spill, ignore_errors=True)


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
