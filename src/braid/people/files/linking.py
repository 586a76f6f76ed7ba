"""Brought tables in, clusters out: the whole of `braid link FILE…` without a place."""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from braid.people.files.clusters import Clusters, make_clusters
from braid.people.files.design import make_design, training_columns
from braid.people.files.mapping import FileMapping
from braid.people.files.rows import standardise_rows
from braid.people.files.tables import Brought
from braid.people.files.weights import load_weights, make_model
from braid.people.link_engine import count_blind_levels, find_edges, train_levels
from braid.people.model import EdgeSet, Facts
from braid.people.quality import score_b_cubed, score_pairs

STEPS = ("standardise", "weigh", "compare", "cluster")
Progress = Callable[[str], None]


@dataclass(frozen=True)
class Linked:
    """What became of brought tables: clusters of record ids, what was compared, and which weights were used."""

    clusters: Clusters
    found: EdgeSet
    weights: str
    """`published` or `trained`."""
    version: str
    threshold: float
    birth_dates_unread: int
    """Rows whose birth date is filled and fits no format."""


def link_tables(
    brought: Brought,
    mapping: FileMapping,
    memory_limit: str = "2GB",
    *,
    is_trained: bool = False,
    progress: Progress = lambda _step: None,
) -> Linked:
    """Link the rows of brought tables at the shipped threshold. The same rows, in any order, give the same clusters.

    `is_trained` moves the published weights to what expectation maximisation finds on the tables themselves.
    `memory_limit` is DuckDB's own form; beyond it the engine spills to the system's temporary folder.
    """
    progress(STEPS[0])
    order = brought.rows.sort_by("record_id")
    rows = standardise_rows(order, mapping)
    progress(STEPS[1])
    design, weights = make_design(mapping), load_weights()
    blind = count_blind_levels(rows, design.comparisons, memory_limit) if rows.num_rows > 1 else {}
    model = make_model(weights, mapping, design, blind, rows.num_rows)
    if is_trained and rows.num_rows > 1:
        model = {**model, "comparisons": train_levels(rows, model, memory_limit, design, training_columns(mapping))}
    progress(STEPS[2])
    found = find_edges(rows, model, memory_limit, design=design)
    progress(STEPS[3])
    clusters = make_clusters(rows.column("record_id").to_pylist(), found.edges, found.weak, read_claims(rows, mapping))
    return Linked(
        clusters,
        found,
        "trained" if is_trained else "published",
        str(weights["version"]),
        float(weights["threshold"]),
        _count_unread(order, rows, mapping),
    )


def read_claims(rows: pa.Table, mapping: FileMapping) -> dict[str, Facts]:
    """Return what each row may not contradict: trusted identifiers, and that its source has one row a person."""
    found: dict[str, dict[str, str]] = {}
    record_ids, sources = rows.column("record_id").to_pylist(), rows.column("source").to_pylist()
    for record_id, source in zip(record_ids, sources, strict=True):
        found[record_id] = {f"row {source}": record_id} if source in mapping.one_row_a_person else {}
    for identifier in mapping.identifiers:
        values = rows.column(f"id_{identifier.scheme}").to_pylist()
        for record_id, source, value in zip(record_ids, sources, values, strict=True):
            if value and identifier.is_trusted_in(source):
                found[record_id][identifier.scheme] = value
    return {record_id: Facts(claims) for record_id, claims in found.items() if claims}


def write_clusters(path: Path, brought: Brought, clusters: Clusters) -> None:
    """Write `file`, `record_id`, `cluster_id` and `weight`, one row a record in order; whole or not at all.

    The id of a cluster is that of its first record. The weight, in bits, is that of the best edge that holds the
    record, empty where nothing does. Raises `OSError` where the file cannot be written.
    """
    named = [(brought.keys[record_id], group[0]) for group in clusters.groups for record_id in group]
    members = [record_id for group in clusters.groups for record_id in group]
    edges = [clusters.held_by.get(record_id) for record_id in members]
    table = pa.table(
        {
            "file": pa.array([file for (file, _), _ in named], pa.string()),
            "record_id": pa.array(_as_they_stood([key for (_, key), _ in named], brought.key_type), brought.key_type),
            "cluster_id": pa.array([first.replace("\x1f", ":") for _, first in named], pa.string()),
            "weight": pa.array([edge.weight if edge else None for edge in edges], pa.float64()),
        }
    )
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    os.close(handle)
    try:
        pq.write_table(table, name)
        with Path(name).open("rb") as file:
            os.fsync(file.fileno())
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)


def score_clusters(clusters: Clusters, truth: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return precision, recall and F1 over pairs and B-cubed, over the records whose true person is known.

    Of pairs with how many were found, are true, and are both. A share of none is `None`: where nothing was joined,
    nothing says how precise joining is.
    """
    found = {record_id: group[0] for group in clusters.groups for record_id in group}
    pairs, b_cubed = score_pairs(found, truth), score_b_cubed(found, truth)
    counts = {"found": pairs.found, "true": pairs.true, "both": pairs.true_positive}
    precision, recall = (pairs.precision if pairs.found else None), (pairs.recall if pairs.true else None)
    f1 = 2 * pairs.true_positive / (pairs.found + pairs.true) if pairs.found + pairs.true else None
    known: Sequence[float | None] = b_cubed if found.keys() & truth.keys() else (None, None, None)
    return [
        {"what": "pairs", "precision": precision, "recall": recall, "f1": f1, **counts},
        {"what": "B-cubed", **dict(zip(("precision", "recall", "f1"), known, strict=True)), **dict.fromkeys(counts)},
    ]


def count_sizes(clusters: Clusters) -> dict[int, int]:
    """Return how many clusters there are of each size."""
    return dict(sorted(Counter(len(group) for group in clusters.groups).items()))


def _as_they_stood(keys: list[object], kind: pa.DataType) -> list[object]:
    return [str(key) for key in keys] if pa.types.is_string(kind) else keys


def _count_unread(order: pa.Table, rows: pa.Table, mapping: FileMapping) -> int:
    if mapping.birth is None:
        return 0
    filled = order.column(f"column {mapping.birth.columns[0]}").to_pylist()
    return sum(
        bool(text) and date is None for text, date in zip(filled, rows.column("birth_date").to_pylist(), strict=True)
    )
