"""How fast the readers of definitions read a large file, beside the plain reader of the format, in one run.

    python benchmarks/extracts/throughput.py --rows 1000000                # each standard that is a definition, CSV
    python benchmarks/extracts/throughput.py --rows 1000000 --only gias    # one of them
    python benchmarks/extracts/throughput.py --rows 1000000 --dirty 0.1    # a tenth of the rows with a bad cell
    python benchmarks/extracts/throughput.py --formats --mb 30             # documents, beside lxml and json

Each measurement is a process of its own: CPU seconds are user and system time of all its threads, memory its peak. The
plain reader of CSV is `csv.reader` over the lines of the file, each row thrown away. Rows are read by the row reader on
the first part of the file alone, since it holds everything in memory; its figure is scaled to the whole.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import io
import itertools
import json
import multiprocessing
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPOSITORY / "src"), str(REPOSITORY / "tests"), str(Path(__file__).parent)]

from lxml import etree  # noqa: E402

from braid.extracts.columns import read_by_columns  # noqa: E402
from braid.extracts.definition import Cell, Definition, Part  # noqa: E402
from braid.extracts.definition_files import load_definitions  # noqa: E402
from braid.extracts.definition_years import resolve  # noqa: E402
from braid.extracts.drains import ParquetDrain, settle_files  # noqa: E402
from braid.extracts.model import Reading, Source  # noqa: E402
from braid.extracts.standards.defined import read_by_rows  # noqa: E402
from braid.language.identifiers import nhs_check_digit, upn_check_letter  # noqa: E402
from braid.store.duckdb_engine import DuckDBEngine  # noqa: E402

YEAR = 2026
SLOW_ROWS = 20_000
ORDINARY = {
    "date": ["31/02/2026", "soon"], "code": ["zz9"], "number": ["many"], "flag": ["perhaps"],
    "postcode": ["nope"], "identifier": ["1"],
}  # fmt: skip


def main() -> None:
    """Measure what is asked for and print a line for each."""
    arguments = _parse()
    with tempfile.TemporaryDirectory() as folder:
        if arguments.formats:
            measure_formats(Path(folder), arguments.mb)
        else:
            for definition in load_definitions():
                is_table = not (definition.is_of_documents or definition.is_walked)
                if is_table and arguments.only in ("", definition.standard):
                    measure(definition, Path(folder), arguments.rows, arguments.dirty)


def measure(definition: Definition, folder: Path, rows: int, dirty: float) -> None:
    """Print what reading the first part of a standard costs, both ways, beside the plain reader."""
    part = resolve(definition, YEAR).parts[0]
    path = folder / f"{definition.standard}.csv"
    write_file(part, path, rows, dirty)
    plain, columns = apart(read_plainly, path), apart(read_columns, path, definition.standard)
    short = folder / f"{definition.standard}-short.csv"
    few = min(rows, SLOW_ROWS)
    with path.open() as whole, short.open("w") as beginning:
        beginning.writelines(line for _, line in zip(range(few + 1), whole, strict=False))
    slow = apart(read_rows, short, definition.standard)
    print(
        f"{definition.standard:18} {part.name:12} {rows} rows {path.stat().st_size / 1e6:6.0f} MB  "
        f"csv.reader {plain['cpu']:6.1f} s  columns {columns['cpu']:6.1f} s = {columns['cpu'] / plain['cpu']:4.1f} x"
        f" ({columns['wall']:.1f} s, {columns['records']} records, peak {columns['peak']:.0f} MB)  "
        f"rows {slow['cpu'] * rows / few:7.1f} s = {slow['cpu'] * rows / few / plain['cpu']:5.1f} x",
        flush=True,
    )
    path.unlink()
    short.unlink()


def read_plainly(path: Path) -> dict[str, Any]:
    """Read a file with the plain reader."""
    with path.open(newline="", encoding="utf-8") as stream:
        return {"records": sum(1 for _ in csv.reader(stream))}


def read_columns(path: Path, standard: str) -> dict[str, Any]:
    """Read a file by columns down to the tables that a run would read."""
    definition = next(one for one in load_definitions() if one.standard == standard)
    engine = DuckDBEngine("300MB")
    with tempfile.TemporaryDirectory(dir=path.parent) as name:
        drain = ParquetDrain(Path(name))
        source = Source("feed", "partner", standard, YEAR)
        reading = read_by_columns(path, source, resolve(definition, YEAR), drain)
        (Path(name) / "whole").mkdir()
        settle_files([reading], [drain], engine, Path(name) / "whole")
    return {"records": sum(reading.records.values())}


def read_rows(path: Path, standard: str) -> dict[str, Any]:
    """Read a file by rows."""
    definition = next(one for one in load_definitions() if one.standard == standard)
    reading = Reading(Source("feed", "partner", standard, YEAR), "0" * 64, path.name)
    read_by_rows(path, reading, resolve(definition, YEAR))
    return {"records": sum(len(rows) for rows in reading.records.values())}


def measure_formats(folder: Path, megabytes: int) -> None:
    """Print what reading a document of each standard costs, as a run reads a large one, beside its format's reader."""
    from large_files import FILES, read_large

    for name, (standard, write) in FILES.items():
        if name.endswith(".csv"):
            continue
        place = folder / name.replace(".", "-")
        place.mkdir()
        path = place / name
        write(path, megabytes * 1_000_000)
        plain = apart(read_xml_plainly if name.endswith(".xml") else read_json_plainly, path)
        ours = apart(read_large, path, standard)
        print(
            f"{name:18} {path.stat().st_size / 1e6:4.0f} MB {ours['rows']} rows {ours['records']} records  "
            f"{plain['reader']} {plain['cpu']:5.1f} s, {plain['peak']:.0f} MB  "
            f"connector {ours['cpu']:5.1f} s = {ours['cpu'] / plain['cpu']:5.1f} x, {ours['peak']:.0f} MB",
            flush=True,
        )


def read_xml_plainly(path: Path) -> dict[str, Any]:
    """Read XML with lxml, throwing each element away."""
    for _, element in etree.iterparse(str(path), tag=("{*}Child", "{*}entry")):
        element.clear()
    return {"reader": "lxml.iterparse"}


def read_json_plainly(path: Path) -> dict[str, Any]:
    """Read JSON with orjson where it is installed, else with json."""
    try:
        import orjson

        orjson.loads(path.read_bytes())
        return {"reader": "orjson"}
    except ImportError:
        json.loads(path.read_bytes())
        return {"reader": "json"}


def write_file(part: Part, path: Path, rows: int, dirty: float = 0.0, seed: int = 1) -> None:
    """Write a file of a part with made-up cells of each column's kind; `dirty` is the share of rows with a bad one."""
    with path.open("w", newline="", encoding="utf-8") as stream:
        stream.writelines(itertools.islice(write_rows(part, dirty, seed), rows + 1))


def write_rows(part: Part, dirty: float = 0.0, seed: int = 1) -> Iterator[str]:
    """Yield the lines of a file of a part without end, the heading first; `write_file` says what is in them."""
    chance = random.Random(seed)
    names = [one.name for one in part.columns.values() if one.cell.kind != "ignored"]
    makers = {name: _maker(part.columns[name].cell, chance) for name in names}
    if part.person:
        makers[part.person] = _counted("P")
    for rule in part.rules:
        for cell in rule.key:
            if cell.kind == "text" and cell.column != part.person:
                makers[cell.column] = _counted("K")
            if cell.kind == "identifier":
                makers[cell.column] = map(str, itertools.cycle(range(100_000, 1_000_000)))
    required = {one.name for one in part.required}
    optional = [name for name in names if part.columns[name].cell.kind in ORDINARY and name not in required]
    line = io.StringIO()
    writer = csv.writer(line, lineterminator="\n")
    row: list[str] = names
    while True:
        writer.writerow(row)
        yield line.getvalue()
        line.seek(0)
        line.truncate()
        row = [next(makers[name]) for name in names]
        if dirty and optional and chance.random() < dirty:
            name = chance.choice(optional)
            row[names.index(name)] = chance.choice(ORDINARY[part.columns[name].cell.kind])


def _maker(cell: Cell, chance: random.Random) -> Iterator[str]:
    first = dt.date(2023, 1, 1)
    days = [(first + dt.timedelta(days=number)).strftime("%d/%m/%Y") for number in range(1000)]
    postcodes = [f"QB{number % 90 + 1} {number % 9 + 1}{a}{b}" for number in range(200) for a in "ABC" for b in "DEF"]
    choices: dict[str, Callable[[], list[str]]] = {
        "date": lambda: days,
        "flag": lambda: ["Y", "N", ""],
        "number": lambda: [str(number) for number in range(100)],
        "decimal": lambda: ["3", "5", "11", "16", "18"],
        "postcode": lambda: postcodes,
        "code": lambda: list(cell.codes.codes.values()) if cell.codes and cell.codes.codes else ["01", "02", "03"],
        "identifier": lambda: _identifiers(cell.scheme, chance),
    }
    values = choices.get(cell.kind, lambda: [f"text {number}" for number in range(500)])()
    while True:
        yield chance.choice(values)


def _identifiers(scheme: str, chance: random.Random) -> list[str]:
    if scheme == "nhs":
        nine = [f"999{chance.randrange(10**6):06}" for _ in range(200_000)]
        return [digits + check for digits in nine if (check := nhs_check_digit(digits))]
    if scheme == "upn":
        twelve = [f"991{chance.randrange(10**9):09}" for _ in range(200_000)]
        return [upn_check_letter(digits) + digits for digits in twelve]
    width = 11 if scheme == "uprn" else 6
    return [str(10 ** (width - 1) + chance.randrange(9 * 10 ** (width - 1))) for _ in range(200_000)]


def _counted(letter: str) -> Iterator[str]:
    number = 0
    while True:
        number += 1
        yield f"{letter}{number}"


def apart(function: Callable[..., dict[str, Any]], *arguments: Any) -> dict[str, Any]:
    """Return what a function gives in a process of its own, with what it cost."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_measured, (function, arguments))


def _measured(function: Callable[..., dict[str, Any]], arguments: tuple[Any, ...]) -> dict[str, Any]:
    begun, cpu = time.perf_counter(), _cpu_seconds()
    found = function(*arguments)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {**found, "wall": time.perf_counter() - begun, "cpu": _cpu_seconds() - cpu, "peak": peak}


def _cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--only", default="")
    parser.add_argument("--dirty", type=float, default=0.0)
    parser.add_argument("--formats", action="store_true")
    parser.add_argument("--mb", type=int, default=30, help="how large the documents of --formats are")
    return parser.parse_args()


if __name__ == "__main__":
    main()
