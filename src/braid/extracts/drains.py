"""Where the column reader's rows rest until a file is read, and how records that repeat are settled among them.

The same record may stand in several rows, parts and files. It is kept once, as `braid.extracts.read` settles it for
readings held in memory: the first row keeps it, filled with what later ones add, and the protection of any holds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from braid.extracts.columns import SEQUENCE, ColumnReading
from braid.extracts.read import SENSITIVITIES, SETTLED, disagreement_message, repetition_message
from braid.language.records import ISSUE, REJECT, SOURCE_TABLES
from braid.language.schema import Table
from braid.store.arrow_types import file_schema, to_arrow
from braid.store.engine import Engine


class ParquetDrain:
    """Keeps what it is given as Parquet files of a folder, one for each batch and table."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._files: Counter[str] = Counter()

    def take(self, table: Table, data: pa.Table) -> None:
        """See `Drain.take`."""
        self._files[table.name] += 1
        path = self.folder / f"{table.name}.{self._files[table.name]:06}.parquet"
        pq.write_table(data, path, compression="lz4", use_dictionary=True)

    def has(self, table: Table) -> bool:
        """Whether any rows of a table were taken."""
        return bool(self._files[table.name])

    def pattern(self, table: Table) -> Path:
        """Return the pattern of the files of a table."""
        return self.folder / f"{table.name}.*.parquet"


def settle(reading: ColumnReading, drain: ParquetDrain, engine: Engine, target: Path) -> Mapping[str, Path]:
    """Write the tables of a file that was read, records settled, as Parquet files of `target`; return them by table."""
    written: dict[str, Path] = {}
    for table in SOURCE_TABLES:
        if drain.has(table):
            _settle_records(reading, drain, engine, table)
            written[table.name] = target / f"{table.name}.parquet"
            reading.records[table.name] = engine.write(table, written[table.name], in_order=False)
            engine.forget(table.name)
    for table in (ISSUE, REJECT):
        if drain.has(table):
            engine.load_parquet(table.name, drain.pattern(table))
            written[table.name] = target / f"{table.name}.parquet"
            engine.write(table, written[table.name], in_order=False)
            engine.forget(table.name)
    return written


def _settle_records(reading: ColumnReading, drain: ParquetDrain, engine: Engine, table: Table) -> None:
    """Make the table of a record type from what was taken, each record once."""
    engine.load_parquet("taken_row", drain.pattern(table))
    (counted,) = engine.rows("select count(*) as taken, count(distinct record_id) as records from taken_row")
    columns = ", ".join(table.names)
    if counted["taken"] == counted["records"]:
        engine.view(table.name, f"select {columns} from taken_row")
        return
    _settle_repeated(engine, table)
    once = "select record_id from taken_row group by record_id having count(*) = 1"
    engine.create(
        table.name,
        f"select {columns} from taken_row where record_id in ({once}) union all select {columns} from settled_row",
    )
    _say_repeats(reading, drain, engine, table)
    for name in ("repeated_row", "filled_row", "settled_row"):
        engine.forget(name)


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


def _say_repeats(reading: ColumnReading, drain: ParquetDrain, engine: Engine, table: Table) -> None:
    """Say how many records repeat an earlier one, and each that differs from it."""
    (counted,) = engine.rows("select count(*) - count(distinct record_id) as repeats from repeated_row")
    differs = " or ".join(f"(r.{name} is not null and r.{name} <> s.{name})" for name in _filled(table))
    disagreeing = engine.rows(
        f"select r.row_ref as row_ref from repeated_row r join filled_row s on s.record_id = r.record_id"
        f" where r.{SEQUENCE} <> s.first_place and ({differs})"
    )
    lineage = {
        "feed": reading.source.feed,
        "file_sha256": reading.file_sha256,
        "file_name": reading.file_name,
        "field": table.name,
    }
    rows = [
        {
            **lineage,
            "severity": "warning",
            "rule": "record_disagrees",
            "position": one["row_ref"],
            "message": disagreement_message(table.name),
        }
        for one in disagreeing
    ]
    rows.append(
        {
            **lineage,
            "severity": "note",
            "rule": "record_repeated",
            "position": None,
            "message": repetition_message(table.name, counted["repeats"]),
        }
    )
    drain.take(ISSUE, to_arrow(ISSUE, rows).cast(file_schema(ISSUE)))
