"""Building a dataset, every step named: choose rows, put people on levels, give pseudonyms, write, publish."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pyarrow as pa

from braid.analysis.likeness import put_on_levels
from braid.analysis.model import Dataset, DatasetRefused, DatasetTable, Permission
from braid.analysis.pseudonyms import KINDS_OF_ID, add_pseudonyms
from braid.analysis.selection import LEFT_OUT_TABLES, LeftOut, select_rows
from braid.language.schema import Column, Sensitivity, Table, Type
from braid.people.opt_outs import OPT_OUT_LIST
from braid.store.dataset_folder import BuiltDataset, publish_dataset
from braid.store.engine import Engine
from braid.store.lake import Run
from braid.store.pseudonym_keys import PseudonymKey
from braid.trust.agreements import Agreement
from braid.trust.disclosure import SUPPRESSED_FROM, SUPPRESSED_TO, publishable_count

FOLDER = "analysis"
"""Where datasets rest in the place folder."""
SEALED_LIST = Path("restricted") / "sealed.csv"


def build_dataset(
    engine: Engine,
    place_folder: Path,
    run: Run,
    dataset: Dataset,
    permission: Permission,
    key: PseudonymKey,
    now: dt.datetime,
    release: Callable[[Mapping[str, Any]], None],
) -> BuiltDataset:
    """Build and publish a dataset from a run whose tables `selection.INPUT_TABLES` `engine` has.

    `release` is given the manifest before anything is visible: it asks once more whether the agreement is in force and
    writes the entry of the record; where it raises, nothing is built. The same run, dataset, permission and key give
    the same Parquet bytes. Raises `DatasetRefused` where the run does not know who must be left out, or the key is
    another dataset's.
    """
    if (key.purpose, key.dataset) != (dataset.purpose, dataset.dataset_id):
        raise DatasetRefused(f"dataset {dataset.dataset_id}: the key is another dataset's; open its own")
    as_of = dt.date.fromisoformat(run.manifest["as_of"])
    load_left_out(engine, place_folder, run, dataset)
    left_out = select_rows(engine, dataset, permission)
    sizes = put_on_levels(engine, dataset, as_of)
    for table in dataset.tables:
        _finish(engine, dataset, table, key)

    def write(folder: Path) -> Mapping[str, Any]:
        rows = {table.name: engine.write(table_of(table), folder / f"{table.name}.parquet") for table in dataset.tables}
        return _manifest(run, dataset, permission, key, now, rows, sizes, left_out)

    return publish_dataset(place_folder / FOLDER, dataset.dataset_id, run.id, write, release)


def load_left_out(engine: Engine, place_folder: Path, run: Run, dataset: Dataset) -> None:
    """Make `sealed_person` and `opted_out_person` readable. Raises `DatasetRefused` where the run does not know them.

    A place without a list of sealed people has none; one without a list of opt-outs never asked for it.
    """
    begin = f"dataset {dataset.dataset_id}:"
    for name in LEFT_OUT_TABLES:
        if run.table(name).is_file():
            engine.load_parquet(name, run.table(name))
        else:
            engine.load_arrow(name, pa.table({"person_id": pa.array([], pa.string())}))
    if (place_folder / SEALED_LIST).exists() and not run.table("sealed_person").is_file():
        raise DatasetRefused(f"{begin} run {run.id} does not know the sealed people of {SEALED_LIST}; run again")
    if dataset.optout_applies and not run.manifest["stages"]["link"].get("opt_out_list"):
        raise DatasetRefused(
            f"{begin} the national data opt-out applies and run {run.id} had no list of it; put {OPT_OUT_LIST} into the"
            " place folder (its header alone where nobody opted out) and run again"
        )


def table_of(table: DatasetTable) -> Table:
    """Return the shape of a table of a dataset: pseudonyms and columns, all of them text, ordered by all of them."""
    columns = [Column(kind, Type.TEXT, Sensitivity.IDENTITY, f"Pseudonym of the {kind}") for kind in table.pseudonyms]
    columns += [Column(each.name, Type.TEXT, Sensitivity.SPECIAL, f"From {each.taken}") for each in table.columns]
    names = tuple(column.name for column in columns)
    return Table(f"dataset_{table.name}", f"a row of {table.name}", names, tuple(columns))


def _finish(engine: Engine, dataset: Dataset, table: DatasetTable, key: PseudonymKey) -> None:
    """Create `dataset_<table>`: every level's rows, with pseudonyms in the place of ids."""
    for kind in table.pseudonyms:
        add_pseudonyms(engine, key, kind, f"chosen_{table.taken}", KINDS_OF_ID[kind])
    names = ", ".join(
        [f"p_{kind}.pseudonym as {kind}" for kind in table.pseudonyms]
        + [f"w.{column.name} as {column.name}" for column in table.columns]
    )
    joins = " ".join(
        f"left join pseudonym_{kind} p_{kind} on p_{kind}.id = w.own_{KINDS_OF_ID[kind]}" for kind in table.pseudonyms
    )
    levels = [
        f"select {names} from written_{table.name}_{level} w join unit_on_{level} u on u.unit_id = w.unit_id {joins}"
        for level in range(dataset.levels)
    ]
    engine.create(f"dataset_{table.name}", " union all ".join(levels))


def _manifest(
    run: Run,
    dataset: Dataset,
    permission: Permission,
    key: PseudonymKey,
    now: dt.datetime,
    rows: Mapping[str, int],
    sizes: list[int],
    left_out: LeftOut,
) -> dict[str, Any]:
    agreement = permission.agreement
    days = min(dataset.retention_days, agreement.retention_days)
    return {
        "dataset": dataset.dataset_id,
        "name": dataset.name,
        "purpose": dataset.purpose,
        "receiver": permission.receiver,
        "run": run.id,
        "run_fingerprint": run.manifest["fingerprint"],
        "as_of": run.manifest["as_of"],
        "built_at": now.isoformat(timespec="seconds"),
        "expires_at": min(now + dt.timedelta(days=days), permission.live_to).isoformat(timespec="seconds"),
        "agreement": {"id": agreement.id, "version": agreement.version, "sha256": digest_of(agreement)},
        "key_id": key.key_id,
        "optout_applies": dataset.optout_applies,
        "optout_reason": dataset.optout_reason,
        "existence_rows": dataset.existence_rows,
        "unit": dataset.unit,
        "k": dataset.k,
        "units_on_level": [rounded(size) for size in sizes[:-1]],
        "left_out": {
            "units_with_too_few_alike": rounded(sizes[-1]),
            **{cause: rounded(count) for cause, count in asdict(left_out).items()},
        },
        "tables": {
            table.name: {
                "rows": rows[table.name],
                "from": table.taken,
                "pseudonyms": table.pseudonyms,
                "columns": [asdict(column) for column in table.columns],
            }
            for table in dataset.tables
        },
    }


def rounded(count: int) -> str:
    """Return a count as the place publishes counts: 0, 1 to 7 together, else to the nearest 5."""
    shown = publishable_count(count)
    return f"{SUPPRESSED_FROM} to {SUPPRESSED_TO}" if shown is None else str(shown)


def digest_of(agreement: Agreement) -> str:
    """Return the SHA-256 of what an agreement says, whatever the order in which its file says it."""
    text = json.dumps(asdict(agreement), sort_keys=True, default=_plain)
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: object) -> object:
    return sorted(value) if isinstance(value, frozenset) else str(value)
