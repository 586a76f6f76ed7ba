"""A place that was written and run, datasets built from it, and the files read back plainly."""

from __future__ import annotations

import csv
import datetime as dt
import shutil
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from braid.analysis.build import build_dataset
from braid.analysis.load import load_datasets
from braid.analysis.model import Dataset
from braid.analysis.permission import find_permission
from braid.analysis.selection import INPUT_TABLES
from braid.example.write import write_example
from braid.pipeline import open_run, run_chain
from braid.store.agreements import load_agreements
from braid.store.dataset_folder import BuiltDataset
from braid.store.lake import Run
from braid.store.place_folder import Place, load_place
from braid.store.pseudonym_keys import PseudonymKey, open_pseudonym_key
from braid.trust.agreements import Sharing

NOW = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
PEOPLE = 2000


@dataclass(frozen=True)
class Ran:
    """A place and its run."""

    place: Place
    run: Run

    @property
    def truth(self) -> Path:
        return self.place.folder / "truth"


def make_place(folder: Path, people: int = PEOPLE, seed: int = 4) -> Ran:
    write_example(folder, people=people, seed=seed)
    place = load_place(folder)
    return Ran(place, run_chain(place).run)


def copy_of(ran: Ran, folder: Path) -> Ran:
    """A copy whose tables a test may change."""
    shutil.copytree(ran.place.folder, folder, ignore=shutil.ignore_patterns("extracts", "analysis", "state"))
    place = load_place(folder)
    return Ran(place, Run(ran.run.id, place.lake_folder / "runs" / ran.run.id, ran.run.manifest))


def declared(ran: Ran, name: str) -> Dataset:
    found = load_datasets(ran.place.folder)[name]
    assert isinstance(found, Dataset), found
    return found


def not_suspended(_flow: Sharing) -> bool:
    """In force as its file says: suspensions are kept in the web database, and tried where there is one."""
    return True


def nobody_told(_manifest: object) -> None:
    """Release without an entry: the record is in the web database too."""


def key_of(ran: Ran, dataset: Dataset) -> PseudonymKey:
    return open_pseudonym_key(ran.place.state_folder, dataset.purpose, dataset.dataset_id)


def build(ran: Ran, dataset: Dataset | str, receiver: str = "", now: dt.datetime = NOW) -> BuiltDataset:
    chosen = declared(ran, dataset) if isinstance(dataset, str) else dataset
    kinds = {organisation.id: organisation.kind for organisation in ran.place.organisations}
    permission = find_permission(chosen, load_agreements(ran.place).valid, kinds, receiver, now, not_suspended)
    key = key_of(ran, chosen)
    with closing(open_run(ran.run, names=INPUT_TABLES)) as engine:
        return build_dataset(engine, ran.place.folder, ran.run, chosen, permission, key, now, nobody_told)


def rows_of(path: Path) -> list[dict[str, Any]]:
    return pq.read_table(path).to_pylist()


def table(ran: Ran, name: str) -> list[dict[str, Any]]:
    return rows_of(ran.run.table(name))


def truth(ran: Ran, name: str) -> list[dict[str, str]]:
    with (ran.truth / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write_table(ran: Ran, name: str, rows: list[dict[str, Any]]) -> None:
    """Put rows in the place of a table of a copied run, with the columns and types it has."""
    path = ran.run.table(name)
    schema = pq.read_schema(path) if path.exists() else pa.schema([("person_id", pa.string())])
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), path)
