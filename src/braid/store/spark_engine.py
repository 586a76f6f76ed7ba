"""The distributed engine: Apache Spark, on this machine or on a cluster, for places that do not fit on one.

It gives the rows that the embedded engine gives: sessions are in UTC, errors are errors (ANSI mode) as on the other
engine, and what each query makes is kept (a local checkpoint) before the next one reads it, since a chain of queries
that Spark would plan anew at each step grows without end. It needs the packages of the extra `spark`, and Java 17
unless the session is one of Spark Connect (`sc://HOST:PORT`), whose server has it.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from braid.language.schema import Table
from braid.store.arrow_types import ARROW, check_required, file_schema, to_arrow
from braid.store.engine import EngineNotAvailable, PartFailed, PartFunction
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
CONNECT = "sc://"
"""How the address of a server of Spark Connect begins."""
TRIES = 4
"""How often a server is asked again before it counts as not there: for some five seconds."""
_NAMES = {pa.int8(): "tinyint", pa.int64(): "bigint", pa.float64(): "double", pa.string(): "string"}
"""Spark's names of the types that a worker's function may return."""


class SparkEngine:
    """`Engine` over one Spark session. Where a session runs in this process already, it is used and left running.

    `master` and `memory` are as Spark names them; a place with a cluster sets `BRAID_SPARK_MASTER`, and keeps its
    folder where the cluster can read it. `memory` (`BRAID_SPARK_MEMORY`) is that of the driver, which on one machine
    does all the work. What Spark spills or keeps between queries is personal data and goes to a folder of its own under
    `spill_folder`; on a cluster it goes where its workers spill. `settings` are further settings of a session that is
    begun here.
    """

    def __init__(
        self,
        memory: str | None = None,
        master: str | None = None,
        spill_folder: Path | None = None,
        settings: Mapping[str, str] = NO_SETTINGS,
    ) -> None:
        self._loaded = 0
        self._shown: dict[str, Any] = {}
        where = master or os.environ.get("BRAID_SPARK_MASTER", MASTER)
        self._is_remote = where.startswith(CONNECT)
        self._folder = Path(tempfile.mkdtemp(prefix="braid-spark-", dir=spill_folder))
        try:
            self.session, self._is_ours = (
                _open_remote(where, settings)
                if self._is_remote
                else _open_session(self._folder, memory or os.environ.get("BRAID_SPARK_MEMORY", "1g"), where, settings)
            )
        except EngineNotAvailable:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise

    def load_parquet(self, name: str, path: Path) -> None:
        """See `Engine.load_parquet`. A server of Spark Connect is sent the file: it reads none of this machine."""
        if self._is_remote:
            self.load_arrow(name, pq.read_table(path))
        else:
            self._show(name, self.session.read.parquet(str(path)))

    def load_rows(self, table: Table, rows: Iterable[Mapping[str, Any]]) -> None:
        """See `Engine.load_rows`."""
        self.load_arrow(table.name, to_arrow(table, rows))

    def load_arrow(self, name: str, data: pa.Table) -> None:
        """See `Engine.load_arrow`."""
        columns = [_plain(data.column(column)) for column in data.column_names]
        plain = pa.table(dict(zip(data.column_names, columns, strict=True)))
        if self._is_remote:
            self._show(name, _sent(self.session, plain).localCheckpoint())
            return
        self._loaded += 1
        path = self._folder / f"loaded-{self._loaded}.parquet"
        pq.write_table(plain, path)
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
        self._shown[name] = data  # a server of Spark Connect forgets a checkpoint that its client holds no more

    def over_parts(self, one: str, other: str, part: str, function: PartFunction, schema: pa.Schema) -> pa.Table:
        """See `DistributedEngine.over_parts`. What the workers return passes through this process."""

        def work(ours: pa.Table, theirs: pa.Table) -> pa.Table:
            return _work(function, ours, theirs).cast(schema)

        first, second = (self.session.table(name).groupBy(part) for name in (one, other))
        columns = ", ".join(f"{field.name} {_NAMES[field.type]}" for field in schema)
        found: pa.Table = _or_failed(lambda: first.cogroup(second).applyInArrow(work, columns).toArrow())
        return found.cast(schema)

    def has(self, name: str) -> bool:
        """See `Engine.has`."""
        return bool(self.session.catalog.tableExists(name))

    def forget(self, name: str) -> None:
        """See `Engine.forget`. What was kept of it goes when Spark next tidies up."""
        self.session.catalog.dropTempView(name)
        self._shown.pop(name, None)

    def close(self) -> None:
        """See `Engine.close`."""
        if self._is_ours:
            self.session.stop()
        shutil.rmtree(self._folder, ignore_errors=True)


def _open_remote(where: str, settings: Mapping[str, str]) -> tuple[Any, bool]:
    """Return a session of a server of Spark Connect, which is ours to stop. Raises `EngineNotAvailable`."""
    try:
        from pyspark.errors import PySparkException
        from pyspark.sql.connect.client.retries import DefaultPolicy
        from pyspark.sql.connect.session import SparkSession
    except ImportError:
        raise EngineNotAvailable(
            "Spark Connect is not installed. Next step: install requirements/spark.txt, or leave out --engine"
        ) from None
    session = SparkSession.builder.remote(where).create()  # asks the server nothing yet
    patient = session.client.get_retry_policies()
    try:
        session.client.set_retry_policies([DefaultPolicy(max_retries=TRIES)])  # its own go on for ten minutes
        with warnings.catch_warnings(action="ignore"):
            for key, value in {**SETTINGS, **settings}.items():
                if key.startswith("spark.sql."):  # the others are the server's own
                    session.conf.set(key, value)
    except PySparkException:
        session.release_session_on_close = False
        session.stop()
        raise EngineNotAvailable(
            "no server of Spark Connect answered. Next step: check what BRAID_SPARK_MASTER names, and that it runs"
            " Spark 4.3"
        ) from None
    session.client.set_retry_policies(patient)
    return session, True


def _open_session(folder: Path, memory: str, where: str, settings: Mapping[str, str]) -> tuple[Any, bool]:
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
    builder = SparkSession.builder.appName("braid").master(where)
    own = {
        "spark.driver.memory": memory,
        "spark.driver.maxResultSize": "0",  # what is gathered here was asked for, and has to fit in any case
        "spark.local.dir": str(folder),
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        **(_one_machine() if where.startswith("local") else NO_SETTINGS),
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


def _one_machine() -> dict[str, str]:
    """Return the settings of a session that runs in this machine alone: its workers are this Python, with this code."""
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    code = Path(__file__).resolve().parents[2]
    paths = [str(code), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**ONE_MACHINE, "spark.executorEnv.PYTHONPATH": os.pathsep.join(paths)}


def _sent(session: Any, data: pa.Table) -> Any:
    """Return a table that is sent to a server of Spark Connect, with its types: an empty one tells none."""
    from pyspark.sql.pandas.types import from_arrow_schema

    return session.createDataFrame(data, schema=from_arrow_schema(data.schema))


def _work(function: PartFunction, ours: pa.Table, theirs: pa.Table) -> pa.Table:
    """Do a worker's part; what it spills lies where the worker itself spills."""
    folders = os.environ.get("SPARK_LOCAL_DIRS", "") or tempfile.gettempdir()
    try:
        return function(ours, theirs, Path(folders.split(",")[0]))
    except Exception as error:
        raise PartFailed(type(error).__name__) from None


def _or_failed(gather: Callable[[], pa.Table]) -> pa.Table:
    """Return what workers made. Raises `PartFailed` where one failed: Spark's own error would quote the worker's."""
    from pyspark.errors import PySparkException

    try:
        return gather()
    except PySparkException as error:
        raise PartFailed(
            f"a worker of Spark failed ({type(error).__name__}). Next step: see that workers have this version of Braid"
            " and its packages, and give them more memory; or run with --engine duckdb"
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
