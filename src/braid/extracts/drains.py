"""Where the rows of a large file rest until a file is read, and how records that repeat are settled among them.

The same record may stand in several rows, parts and files. It is kept once, as `braid.extracts.read` settles it for
readings held in memory: the first row keeps it, filled with what later ones add, and the protection of any holds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from braid.extracts.column_tables import SEQUENCE
from braid.extracts.model import Source
from braid.extracts.read import SENSITIVITIES, SETTLED, disagreement_message, repetition_message
from braid.extracts.repeats import may_repeat, numbers_of
from braid.language.records import ISSUE, REJECT, SOURCE_TABLES
from braid.language.schema import Table
from braid.store.arrow_types import file_schema
from braid.store.engine import Engine

_EACH_ITS_OWN = frozenset({"record_id", "person_record_id", "row_ref", "value", "episode_ref", "partner_record_id"})
"""Columns whose values hardly repeat: a dictionary of them costs and saves nothing."""
_IDS = frozenset({"record_id", "person_record_id", "other_person_record_id"})
"""Columns of digests: packing them costs a third of all writing, and saves a tenth of the bytes."""


_NUMBERS = "numbers"
_PLACES = "places"


class ParquetDrain:
    """Keeps what it is given as Parquet files of a folder, one for each batch and table."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._files: Counter[str] = Counter()
        for name in (_NUMBERS, _PLACES):
            (folder / name).mkdir(exist_ok=True)

    def take(self, table: Table, data: pa.Table) -> None:
        """See `Drain.take`."""
        self._files[table.name] += 1
        path = self.folder / f"{table.name}.{self._files[table.name]:06}.parquet"
        if SEQUENCE in data.column_names:
            pq.write_table(data.select([SEQUENCE]), self.places(path), compression="lz4", use_dictionary=False)
            data = data.drop_columns(SEQUENCE)
        alike = [name for name in data.column_names if name not in _EACH_ITS_OWN]
        packed = {name: "none" if name in _IDS else "lz4" for name in data.column_names}
        pq.write_table(data, path, compression=packed, use_dictionary=alike, write_statistics=False, store_schema=False)
        if table not in (ISSUE, REJECT):
            with self.numbers(table).open("wb" if self._files[table.name] == 1 else "ab") as stream:
                for ids in data["record_id"].chunks:
                    stream.write(numbers_of(ids).tobytes())

    def has(self, table: Table) -> bool:
        """Whether any rows of a table were taken."""
        return bool(self._files[table.name])

    def numbers(self, table: Table) -> Path:
        """Return the file with a number for each record that was taken, by which it is told whether one repeats."""
        return self.folder / _NUMBERS / table.name

    def places(self, path: Path) -> Path:
        """Return the file that says where in the partner's file the rows of one of ours stand; it may be absent."""
        return self.folder / _PLACES / path.name

    def paths(self, table: Table) -> list[Path]:
        """Return the files of a table in their order."""
        return sorted(self.folder.glob(f"{table.name}.*.parquet"))

    def pattern(self, table: Table) -> Path:
        """Return the pattern of the files of a table."""
        return self.folder / f"{table.name}.*.parquet"


class Drained(Protocol):
    """The reading of a file whose rows went to a drain."""

    source: Source
    file_sha256: str
    file_name: str
    is_in_order: bool
    """Whether the rows of a table were handed over in the order in which they stand in the file."""


Files = Mapping[str, tuple[Drained, ParquetDrain]]
"""The files that rows are of, by hash."""
_LINE = "cast(regexp_replace(row_ref, '^[a-z]+ ', '') as bigint)"


def settle_files(
    readings: Sequence[Drained], drains: Sequence[ParquetDrain], engine: Engine, target: Path
) -> dict[str, list[Path]]:
    """Return the tables of the files of a feed, in their order, as Parquet files of one table each: records settled.

    What repeats in a file is settled and said of it first, as it is where a file is read alone; then what repeats among
    the files, and it is said of the later one. What repeats nowhere stays in the files it was taken in.
    """
    by_hash = {reading.file_sha256: (reading, drain) for reading, drain in zip(readings, drains, strict=True)}
    written: dict[str, list[Path]] = {}
    for table in SOURCE_TABLES:
        held = [number for number, drain in enumerate(drains) if drain.has(table)]
        settled = [_settle_file(table, engine, readings[number], drains[number]) for number in held]
        if len(settled) > 1 and may_repeat([drains[number].numbers(table) for number in held]):
            written[table.name] = _settle_among(table, engine, settled, by_hash, target)
        elif settled:
            written[table.name] = [path for paths in settled for path in paths]
    for table in (ISSUE, REJECT):
        paths = [path for drain in drains for path in drain.paths(table)]
        if paths:
            written[table.name] = paths
    return written


def _settle_file(table: Table, engine: Engine, reading: Drained, drain: ParquetDrain) -> list[Path]:
    """Return the files that hold the records of one file, each once."""
    paths = drain.paths(table)
    if not may_repeat([drain.numbers(table)]):
        return paths
    folder = drain.folder / "settled"
    folder.mkdir(exist_ok=True)
    has_places = drain.places(paths[0]).exists()
    if reading.is_in_order or has_places:
        engine.load_parquet("taken_file", _number(table, drain, folder))
        engine.view("taken_row", "select * from taken_file")
    else:
        engine.load_parquet("taken_file", drain.pattern(table))
        engine.view("taken_row", f"select *, {_LINE} as {SEQUENCE} from taken_file")
    return _settle(table, engine, {reading.file_sha256: (reading, drain)}, folder) or paths


def _number(table: Table, drain: ParquetDrain, folder: Path) -> Path:
    """Write the files again with the place of each row, said or by the order of all; return their pattern."""
    first = 0
    for path in drain.paths(table):
        rows = pq.read_table(path)
        said = drain.places(path)
        places = (
            pq.read_table(said)[SEQUENCE]
            if said.exists()
            else pa.array(range(first, first + rows.num_rows), pa.int64())
        )
        pq.write_table(rows.append_column(SEQUENCE, places), folder / f"numbered.{path.name}", compression="lz4")
        first += rows.num_rows
    return folder / f"numbered.{table.name}.*.parquet"


def _settle_among(
    table: Table, engine: Engine, settled: Sequence[list[Path]], files: Files, target: Path
) -> list[Path]:
    """Return the files that hold the records of several files, each once; the earlier file keeps it."""
    selects = []
    paths = [(number, path) for number, found in enumerate(settled) for path in found]
    for place, (number, path) in enumerate(paths):
        engine.load_parquet(f"settled_file_{place}", path)
        selects.append(f"select *, {number} as {SEQUENCE} from settled_file_{place}")
    engine.view("taken_row", " union all ".join(selects))
    return _settle(table, engine, files, target) or [path for _, path in paths]


def _settle(table: Table, engine: Engine, files: Files, folder: Path) -> list[Path]:
    """Write the records that were taken, each once, and return the file; none where none of them repeats."""
    if not _repeats(engine, "taken_row"):
        return []
    _settle_repeated(engine, table)
    columns = ", ".join(table.names)
    once = "select record_id from taken_row group by record_id having count(*) = 1"
    engine.create(
        table.name,
        f"select {columns} from taken_row where record_id in ({once}) union all select {columns} from settled_row",
    )
    _say_repeats(engine, table, files)
    for name in ("repeated_row", "filled_row", "settled_row"):
        engine.forget(name)
    return [_write(table, engine, folder)]


def _repeats(engine: Engine, rows: str) -> bool:
    """Return whether any record stands more than once."""
    (counted,) = engine.rows(f"select count(*) as taken, count(distinct record_id) as records from {rows}")
    return bool(counted["taken"] != counted["records"])


def _write(table: Table, engine: Engine, folder: Path) -> Path:
    path = folder / f"{table.name}.parquet"
    engine.write(table, path, in_order=False)
    engine.forget(table.name)
    return path


def _settle_repeated(engine: Engine, table: Table) -> None:
    repeated = "select record_id from taken_row group by record_id having count(*) > 1"
    engine.create("repeated_row", f"select * from taken_row where record_id in ({repeated})")
    filled = ", ".join(f"br_first_filled({name}, {SEQUENCE}) as {name}" for name in _filled(table))
    first = ", ".join(f"f.{name} as {name}" for name in _first(table))
    ranks = " ".join(f"when '{name}' then {rank}" for rank, name in enumerate(SENSITIVITIES))
    words = " ".join(f"when {rank} then '{name}'" for rank, name in enumerate(SENSITIVITIES))
    protected = ", max(case when confidential then 1 else 0 end) as guarded" if "confidential" in table.names else ""
    engine.create(
        "filled_row",
        f"select record_id, min({SEQUENCE}) as first_place, max(case sensitivity {ranks} end) as protection{protected},"
        f" {filled} from repeated_row group by record_id",
    )
    confidential = ", case when s.guarded = 1 then true else f.confidential end as confidential" if protected else ""
    values = ", ".join(f"s.{name} as {name}" for name in _filled(table))
    engine.create(
        "settled_row",
        f"select s.record_id as record_id, {first}, case s.protection {words} end as sensitivity{confidential},"
        f" {values} from filled_row s join repeated_row f"
        f" on f.record_id = s.record_id and f.{SEQUENCE} = s.first_place",
    )


def _filled(table: Table) -> list[str]:
    return [name for name in table.names if name not in SETTLED and name != "record_id"]


def _first(table: Table) -> list[str]:
    return [name for name in table.names if name in SETTLED - {"confidential", "sensitivity"}]


def _say_repeats(engine: Engine, table: Table, files: Files) -> None:
    """Say of each file how many of its records repeat an earlier one, and each that differs from it."""
    differs = " or ".join(f"(r.{name} is not null and r.{name} <> s.{name})" for name in _filled(table))
    engine.create(
        "later_row",
        f"select r.file_sha256 as file_sha256, r.row_ref as row_ref, {differs} as differs"
        f" from repeated_row r join filled_row s on s.record_id = r.record_id where r.{SEQUENCE} <> s.first_place",
    )
    for sha256, (reading, drain) in files.items():
        mine = f"from later_row where file_sha256 = '{sha256}'"
        (counted,) = engine.rows(f"select count(*) as repeats {mine}")
        if counted["repeats"]:
            places = engine.arrow(f"select row_ref {mine} and differs")["row_ref"]
            _say(reading, drain, "warning", "record_disagrees", table, places, disagreement_message(table.name))
            message = repetition_message(table.name, counted["repeats"])
            _say(reading, drain, "note", "record_repeated", table, pa.nulls(1, pa.string()), message)
    engine.forget("later_row")


def _say(
    reading: Drained, drain: ParquetDrain, severity: str, rule: str, table: Table, places: Any, message: str
) -> None:
    if len(places) == 0:
        return
    said = {
        "feed": reading.source.feed,
        "file_sha256": reading.file_sha256,
        "file_name": reading.file_name,
        "severity": severity,
        "rule": rule,
        "field": table.name,
        "message": message,
    }
    columns = {name: pa.repeat(value, len(places)) for name, value in said.items()} | {"position": places}
    drain.take(ISSUE, pa.table([columns[name] for name in ISSUE.names], schema=file_schema(ISSUE)))
