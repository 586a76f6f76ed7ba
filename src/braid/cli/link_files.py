"""`braid link FILE… --mapping M.toml --id COLUMN --out CLUSTERS.parquet`: any tables of people, without a place."""

from __future__ import annotations

import resource
import sys
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from braid.cli.arguments import AsJson
from braid.cli.output import output, plain, print_json, print_table, steps
from braid.people.files.linking import STEPS, Linked, count_sizes, link_tables, score_clusters, write_clusters
from braid.people.files.mapping import load_file_mapping
from braid.people.files.tables import read_tables

ENDINGS = frozenset({".csv", ".tsv", ".txt", ".parquet", ".xlsx", ".xls", ".ods"})
"""What names of tables end with; a folder of that name is a place all the same."""


def is_of_files(arguments: list[str]) -> bool:
    """Tell whether what stands after `braid link` names tables rather than a place."""
    if any(text == "--mapping" or text.startswith("--mapping=") for text in arguments):
        return True
    path = Path(arguments[0]) if arguments and not arguments[0].startswith("-") else Path()
    return not path.is_dir() and path.suffix.lower() in ENDINGS


def link_files(
    files: Annotated[list[Path], typer.Argument(help="Tables of people: CSV or Parquet, one row a record.")],
    mapping: Annotated[Path, typer.Option("--mapping", help="What the columns hold, a TOML file.")],
    id_column: Annotated[str, typer.Option("--id", help="The column with each row's own id.")],
    out: Annotated[Path, typer.Option("--out", help="The Parquet file to write clusters to.")],
    truth: Annotated[str, typer.Option("--truth", help="A column with the true person: prints how right it is.")] = "",
    train: Annotated[bool, typer.Option("--train", help="Train the weights on the tables themselves.")] = False,
    memory_limit: Annotated[
        str, typer.Option("--memory-limit", help="What the engine may hold before it spills.")
    ] = "2GB",
    as_json: AsJson = False,
) -> int:
    """Link any tables of people without a place, at the shipped threshold. The word `files` may be left out.

    Example: braid link files people.csv --mapping people.toml --id row_id --out clusters.parquet
    """
    if not out.parent.is_dir() or out.is_dir():
        raise typer.BadParameter("name a file in a folder that exists", param_hint="--out")
    if any(out.resolve() == path.resolve() for path in files):
        raise typer.BadParameter("it is one of the tables; name another file", param_hint="--out")
    if out.suffix.lower() != ".parquet":
        raise typer.BadParameter("it is written as Parquet; name a file that ends in .parquet", param_hint="--out")
    began = time.process_time()
    document = load_file_mapping(mapping)
    brought = read_tables(files, document, id_column, truth)
    with steps(STEPS) as tell:
        linked = link_tables(brought, document, memory_limit, is_trained=train, progress=lambda step: tell(step, ""))
    write_clusters(out, brought, linked.clusters)
    report = {
        "files": [path.name for path in files],
        "out": out.name,
        **_counts(linked),
        "cpu_seconds": round(time.process_time() - began, 2),
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        // (1024 if sys.platform != "darwin" else 1 << 20),
        "scores": score_clusters(linked.clusters, brought.truth) if truth else [],
    }
    if as_json:
        print_json(report)
    else:
        _show(report)
    return 0


def _counts(linked: Linked) -> dict[str, Any]:
    sizes = count_sizes(linked.clusters)
    return {
        "records": sum(size * count for size, count in sizes.items()),
        "clusters": sum(sizes.values()),
        "records_alone": sizes.get(1, 0),
        "largest_cluster": max(sizes, default=0),
        "pairs_compared": linked.found.pairs_scored,
        "keys_over_cap": linked.found.keys_over_cap,
        "pairs_lost": linked.found.pairs_lost,
        "edges": len(linked.found.edges),
        "refused": dict(linked.clusters.refused),
        "birth_dates_unread": linked.birth_dates_unread,
        "weights": linked.weights,
        "weights_version": linked.version,
        "threshold_bits": linked.threshold,
    }


def _show(report: dict[str, Any]) -> None:
    refused = {f"refused: {cause}": count for cause, count in report["refused"].items()}
    shown = {
        name: value for name, value in report.items() if name not in ("files", "out", "scores", "refused")
    } | refused
    output.print(plain(f"{', '.join(report['files'])}: clusters written to {report['out']}"), markup=False)
    print_table("", ["", "number"], [[name.replace("_", " "), value] for name, value in shown.items()])
    if report["scores"]:
        columns = ["what", "found", "true", "both", "precision", "recall", "f1"]
        rows = [[_told(row[name]) for name in columns] for row in report["scores"]]
        print_table("Against the truth", columns, rows)
    if report["pairs_lost"]:
        output.print(plain("Keys that too many rows share were left out: see keys_over_cap in docs/linkage/files.md."))
    if report["birth_dates_unread"]:
        output.print(plain("Birth dates that fit no format say nothing: see [birth] formats in the mapping."))


def _told(value: object) -> str:
    return "none" if value is None else f"{value:.4f}" if isinstance(value, float) else str(value)
