"""The distributed engine: Apache Spark, on this machine or on a cluster, for places that do not fit on one.

It gives the rows that the embedded engine gives: sessions are in UTC, errors are errors (ANSI mode) as on the other
engine, and what each query makes is kept (a local checkpoint) before the next one reads it, since a chain of queries
that Spark would plan anew at each step grows without end. It needs Java 17 and the packages of the extra `spark`.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from braid.language.schema import Table
from braid.store.arrow_types import ARROW, check_required, file_schema, to_arrow
from braid.store.engine import EngineNotAvailable
from braid.store.portable import compile_sql

SETTINGS: Mapping[str, str] = {
    "spark.sql.ansi.enabled": "true",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    "spark.sql.constraintPropagation.enabled": "false",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}
"""What makes the rows the same as the embedded engine's.

Constraints are not carried along: Spark 4.3 loses the columns of a checkpoint in them where it is part of a union.
"""

ONE_MACHINE: Mapping[str, str] = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.sql.shuffle.partitions": "2",
}
"""Where Spark runs in this machine alone: no port is open to others, and few parts, not the 200 of its own default,
which cost more than the queries."""

NO_SETTINGS: Mapping[str, str] = {}

MASTER = "local[2]"


class SparkEngine:
    """`Engine` over one Spark session. Where a session runs in this process already, it is used and left running.

    `master` and `memory` are as Spark names them; a place with a cluster sets `BRAID_SPARK_MASTER`, and keeps its
    folder where the cluster can read it. What Spark spills or keeps between queries is personal data and goes to a
    folder of its own under `spill_folder`. `settings` are further settings of a session that is begun here.
    """

    def __init__(
        self,
        memory: str = "1g",
        master: str | None = None,
        spill_folder: Path | None = None,
        settings: Mapping[str, str] = NO_SETTINGS,
    ) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="braid-spark-", dir=spill_folder))
        self._loaded = 0
        self.session, self._is_ours = _open_session(self._folder, memory, master, settings)

    def load_parquet(self, name: str, path: Path) -> None:
        """See `Engine.load_parquet`."""
        self._show(name, self.session.read.parquet(str(path)))

    def load_rows(self, table: Table, rows: Iterable[Mapping[str, Any]]) -> None:
        """See `Engine.load_rows`."""
        self.load_arrow(table.name, to_arrow(table, rows))

    def load_arrow(self, name: str, data: pa.Table) -> None:
        """See `Engine.load_arrow`."""
        self._loaded += 1
        path = self._folder / f"loaded-{self._loaded}.parquet"
        columns = [_plain(data.column(column)) for column in data.column_names]
        pq.write_table(pa.table(dict(zip(data.column_names, columns, strict=True))), path)
        self._show(name, self.session.read.parquet(str(path)))

    def create(self, name: str, sql: str) -> None:
        """See `Engine.create`."""
        self._show(name, self.session.sql(compile_sql(sql, "spark")).localCheckpoint())

    def view(self, name: str, sql: str) -> None:
        """See `Engine.view`."""
        self._show(name, self.session.sql(compile_sql(sql, "spark")))

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """See `Engine.rows`."""
        query = self.session.sql(compile_sql(sql, "spark"), args=list(parameters) or None)
        return [row.asDict() for row in query.collect()]

    def arrow(self, sql: str) -> pa.Table:
        """See `Engine.arrow`."""
        table: pa.Table = self.session.sql(compile_sql(sql, "spark")).toArrow()
        return table

    def write(self, table: Table, path: Path, *, in_order: bool = True) -> int:
        """See `Engine.write`. The rows pass through this process: a finding table of a place fits into it."""
        data = self.session.table(table.name)
        unknown = sorted(set(data.columns) - set(table.names))
        if unknown:
            raise KeyError(f"table {table.name!r} has no column {unknown[0]!r}")
        read: pa.Table = data.toArrow()
        arrays = [_typed(read, column.name, ARROW[column.type]) for column in table.columns]
        typed = pa.Table.from_arrays(arrays, schema=file_schema(table))
        if in_order:
            typed = typed.sort_by([(name, "ascending") for name in table.key])
        pq.write_table(typed, path, compression="zstd")
        check_required(table, path)
        return int(typed.num_rows)

    def _show(self, name: str, data: Any) -> None:
        if not name.replace("_", "").isalnum():
            raise ValueError("a table name has letters, digits and underscores only")
        data.createOrReplaceTempView(name)

    def forget(self, name: str) -> None:
        """See `Engine.forget`. What was kept of it goes when Spark next tidies up."""
        self.session.catalog.dropTempView(name)

    def close(self) -> None:
        """See `Engine.close`."""
        if self._is_ours:
            self.session.stop()
        shutil.rmtree(self._folder, ignore_errors=True)


def _open_session(folder: Path, memory: str, master: str | None, settings: Mapping[str, str]) -> tuple[Any, bool]:
    """Return a session, and whether it is ours to stop. Raises `EngineNotAvailable` where Spark or Java is missing."""
    try:
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ImportError:
        raise EngineNotAvailable(
            "the engine spark is not installed. Next step: install requirements/spark.txt, or leave out --engine"
        ) from None
    active = SparkSession.getActiveSession()
    if active is not None:
        return active.newSession(), False
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        raise EngineNotAvailable("Spark needs Java 17. Next step: apt install openjdk-17-jre-headless")
    where = master or os.environ.get("BRAID_SPARK_MASTER", MASTER)
    builder = SparkSession.builder.appName("braid").master(where)
    own = {
        "spark.driver.memory": memory,
        "spark.local.dir": str(folder),
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        **(ONE_MACHINE if where.startswith("local") else NO_SETTINGS),
    }
    for key, value in {**SETTINGS, **own, **settings}.items():
        builder = builder.config(key, value)
    try:
        session = builder.getOrCreate()
        session.sparkContext.setLogLevel("OFF")  # its errors quote data
        return session, True
    except PySparkException:
        raise EngineNotAvailable(
            "Spark did not begin. Next step: check that `java -version` says 17, and what BRAID_SPARK_MASTER names"
        ) from None


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a column without what Spark cannot read: whole numbers of the other engine beyond 64 bits, empty types."""
    if pa.types.is_null(column.type):
        return column.cast(pa.string())
    return column.cast(pa.int64()) if pa.types.is_decimal(column.type) and column.type.scale == 0 else column


def _typed(data: pa.Table, name: str, kind: pa.DataType) -> pa.ChunkedArray:
    if name not in data.column_names:
        return pa.chunked_array([pa.nulls(data.num_rows, kind)])
    return data.column(name).cast(kind)
