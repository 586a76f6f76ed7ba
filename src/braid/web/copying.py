"""Copying rows of a run into the published set: each text as wide as its column, and nothing else changed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import pyarrow.parquet as pq

from braid.store.lake import Run
from braid.web.refusals import NotPublishable

ROWS_AT_ONCE = 20_000
Row = Mapping[str, Any]

TEXT_OR_EMPTY = frozenset(
    "district_code household_id given_name family_name priority exception pauses holder_person_id"
    " age_role cause worker team organisation_kind organisation_name contact place_wide_name place_wide_contact".split()
)

SHOWN_TEXTS = frozenset(
    "given_name family_name priority exception worker team organisation_name contact place_wide_name"
    " place_wide_contact service owner_organisation owner_role name place_name".split()
)
"""Words that pages only show. One of them longer than its column is cut: one partner's row must not stop a night."""


def rows_of(run: Run, table: str, columns: Sequence[str]) -> Iterator[Row]:
    """Yield the rows of a table of the run. Raises `NotPublishable` where the run holds no such table."""
    path = run.table(table)
    if not path.is_file():
        raise NotPublishable(f"run {run.id} holds no table {table}; run the chain again before publishing")
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(ROWS_AT_ONCE, columns=list(columns)):
            yield from batch.to_pylist()


def rows_if_there(run: Run, table: str, columns: Sequence[str]) -> Iterator[Row]:
    """Yield the same rows; none of a run that was made before there was such a table."""
    return rows_of(run, table, columns) if run.table(table).is_file() else iter(())


def copy_rows(cursor: Any, table: str, columns: Sequence[str], rows: Iterable[Row]) -> None:
    """Copy rows into a table of the published set."""
    widths = _widths(cursor, table)
    with cursor.copy(f"copy braid_{table} ({', '.join(columns)}) from stdin") as copy:
        for row in rows:
            copy.write_row([_value(name, row.get(name), widths.get(name)) for name in columns])


def _widths(cursor: Any, table: str) -> dict[str, int]:
    """The most characters that each column of words of a table holds."""
    cursor.execute(
        "select column_name, character_maximum_length from information_schema.columns"
        " where table_schema = current_schema() and table_name = %s and character_maximum_length is not null",
        [f"braid_{table}"],
    )
    return {name: width for name, width in cursor.fetchall() if name in SHOWN_TEXTS}


def cut(cursor: Any, table: str, name: str, value: str) -> str:
    """Return words that a page only shows, cut to the width of their column."""
    return str(_value(name, value, _widths(cursor, table).get(name)))


def _value(name: str, value: Any, width: int | None) -> Any:
    if width is not None and isinstance(value, str) and len(value) > width:
        return f"{value[: width - 1]}…"
    return "" if value is None and name in TEXT_OR_EMPTY else value
