"""The embedded engine: DuckDB in this process, with a memory limit and no network."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from braid.language.schema import Table, Type
from braid.store.arrow_types import check_required, to_arrow
from braid.store.portable import compile_sql

DEFAULT_MEMORY_LIMIT = "1GB"

SQL_TYPE = {
    Type.TEXT: "varchar",
    Type.DATE: "date",
    Type.TIMESTAMP: "timestamptz",
    Type.INTEGER: "bigint",
    Type.DECIMAL: "double",
    Type.BOOLEAN: "boolean",
}
"""The registry's types on this engine; in Parquet they are those of `braid.store.arrow_types`."""


class DuckDBEngine:
    """`Engine` over one in-memory DuckDB database that spills to a folder of its own under `spill_folder`.

    What is spilled is personal data: the chain keeps it inside the lake, so that a killed run leaves it nowhere else.
    """

    def __init__(
        self, memory_limit: str | None = None, threads: int | None = None, spill_folder: Path | None = None
    ) -> None:
        self._spill = tempfile.TemporaryDirectory(prefix="braid-duckdb-", dir=spill_folder)
        self.connection = duckdb.connect(
            ":memory:",
            config={
                "memory_limit": memory_limit or os.environ.get("BRAID_MEMORY_LIMIT", DEFAULT_MEMORY_LIMIT),
                "threads": threads or min(4, os.cpu_count() or 1),
                "temp_directory": self._spill.name,
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
                "preserve_insertion_order": False,
            },
        )
        # Otherwise a query of some seconds draws a bar on the standard output, amid what --json prints there.
        self.connection.execute("set enable_progress_bar = false")

    def load_parquet(self, name: str, path: Path) -> None:
        """See `Engine.load_parquet`."""
        quoted = str(path).replace("'", "''")
        self.forget(name)
        self.connection.execute(f"create view {_name(name)} as select * from read_parquet('{quoted}')")

    def load_rows(self, table: Table, rows: Iterable[Mapping[str, Any]]) -> None:
        """See `Engine.load_rows`."""
        self.load_arrow(table.name, to_arrow(table, rows))

    def load_arrow(self, name: str, data: pa.Table) -> None:
        """See `Engine.load_arrow`."""
        self.forget(name)
        self.connection.register("incoming_arrow", data)
        self.connection.execute(f"create table {_name(name)} as select * from incoming_arrow")
        self.connection.unregister("incoming_arrow")

    def create(self, name: str, sql: str) -> None:
        """See `Engine.create`."""
        self.connection.execute(f"create or replace table made as {compile_sql(sql, 'duckdb')}")
        self.forget(name)
        self.connection.execute(f"alter table made rename to {_name(name)}")

    def view(self, name: str, sql: str) -> None:
        """See `Engine.view`."""
        self.forget(name)
        self.connection.execute(f"create view {_name(name)} as {compile_sql(sql, 'duckdb')}")

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """See `Engine.rows`."""
        cursor = self.connection.execute(compile_sql(sql, "duckdb"), list(parameters))
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def arrow(self, sql: str) -> pa.Table:
        """See `Engine.arrow`."""
        return self.connection.sql(compile_sql(sql, "duckdb")).to_arrow_table()

    def write(self, table: Table, path: Path, *, in_order: bool = True) -> int:
        """See `Engine.write`. Streams: what is sorted may be larger than the memory limit."""
        present = {row[0] for row in self.connection.execute(f"describe {_name(table.name)}").fetchall()}
        unknown = sorted(present - set(table.names))
        if unknown:
            raise KeyError(f"table {table.name!r} has no column {unknown[0]!r}")
        columns = ", ".join(
            f"cast({column.name if column.name in present else 'null'} as {SQL_TYPE[column.type]}) as {column.name}"
            for column in table.columns
        )
        order = f" order by {', '.join(table.key)}" if in_order else ""
        quoted = str(path).replace("'", "''")
        query = f"select {columns} from {_name(table.name)}{order}"
        # What the optimizer knows of the rows would make a column that has no nulls today one that may have none.
        self.connection.execute("set disabled_optimizers = 'statistics_propagation'")
        try:
            copied = f"copy ({query}) to '{quoted}' (format parquet, compression zstd)"
            written = self.connection.execute(copied).fetchall()
        finally:
            self.connection.execute("reset disabled_optimizers")
        check_required(table, path)
        return int(written[0][0])

    def has(self, name: str) -> bool:
        """See `Engine.has`."""
        return bool(self._kinds(name))

    def forget(self, name: str) -> None:
        """See `Engine.forget`. Drops whichever there is; a query may read the old one until it is replaced."""
        try:  # asking the catalogue first costs forty times as much, and a run forgets two hundred names
            self.connection.execute(f"drop table if exists {_name(name)}")
        except duckdb.CatalogException:
            self.connection.execute(f"drop view {_name(name)}")

    def _kinds(self, name: str) -> list[str]:
        found = self.connection.execute(
            "select table_type from information_schema.tables where table_name = ?", [_name(name)]
        )
        return [kind for (kind,) in found.fetchall()]

    def close(self) -> None:
        """See `Engine.close`."""
        self.connection.close()
        self._spill.cleanup()


def _name(name: str) -> str:
    if not name.replace("_", "").isalnum():
        raise ValueError("a table name has letters, digits and underscores only")
    return name
