"""The one small interface to an analytics engine.

A stage says what it means in portable SQL (DuckDB's dialect, checked by `braid.store.portable`); an engine does it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import pyarrow as pa

from braid.language.schema import Table


class PartFailed(Exception):
    """A worker failed on its part. The message names the kind of error alone, since errors of engines quote rows."""


class EngineNotAvailable(Exception):
    """The engine or database cannot be started or reached. Exit code 4."""


PartFunction = Callable[[pa.Table, pa.Table, Path], pa.Table]
"""What a worker does with its part of two tables; the folder is where it may spill."""


class Engine(Protocol):
    """Named tables and portable SQL over them."""

    def load_parquet(self, name: str, path: Path) -> None:
        """Make the Parquet file at `path` readable as table `name`."""

    def load_rows(self, table: Table, rows: Iterable[Mapping[str, Any]]) -> None:
        """Create `table.name` with the types of the registry from rows given as mappings."""

    def load_arrow(self, name: str, data: pa.Table) -> None:
        """Create table `name` from an Arrow table."""

    def create(self, name: str, sql: str) -> None:
        """Create or replace table `name` as the result of the portable query `sql`."""

    def view(self, name: str, sql: str) -> None:
        """Make `name` readable as the result of the portable query `sql`, which is run each time it is read."""

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """Return the rows of the portable query `sql` as dictionaries."""

    def arrow(self, sql: str) -> pa.Table:
        """Return the result of the portable query `sql` as an Arrow table."""

    def write(self, table: Table, path: Path, *, in_order: bool = True) -> int:
        """Write `table.name` as Parquet with exactly the registry's columns and types, ordered by its key.

        Without `in_order` in any order, which spares the sort. Returns the number of rows. Missing columns are written
        empty; an unknown column raises `KeyError`.
        """

    def has(self, name: str) -> bool:
        """Tell whether there is a table or view `name`."""

    def forget(self, name: str) -> None:
        """Let go of table or view `name`; it is no fault where there is none."""

    def close(self) -> None:
        """Let go of memory and temporary files."""


@runtime_checkable
class DistributedEngine(Engine, Protocol):
    """An engine whose rows may rest on other machines, and that takes our own code to them."""

    def over_parts(self, one: str, other: str, part: str, function: PartFunction, schema: pa.Schema) -> pa.Table:
        """Return what `function` makes of each part of tables `one` and `other`: their rows with an equal `part`.

        The rows come in any order. `function` is of a module that the workers can import, or partial of one; each part
        fits into a worker. Raises `PartFailed` where it raises anything.
        """
