"""A tiny place for tests: rows of the registry with their lineage filled in, loaded into a real engine."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import Any

from braid.language.calendars import Calendar
from braid.language.findings import TABLES
from braid.store.duckdb_engine import DuckDBEngine

AS_OF = dt.date(2026, 11, 15)
_OPEN: list[DuckDBEngine] = []
SOURCE = ("person_record", "identifier", "stay", "relationship", "episode", "wait", "event", "need")
LOADED = (*SOURCE, "person_link", "person", "person_history", "link_proposal")

CALENDAR = Calendar(
    terms=(
        (dt.date(2025, 9, 3), dt.date(2025, 12, 19)),
        (dt.date(2026, 1, 5), dt.date(2026, 7, 20)),
        (dt.date(2026, 9, 3), dt.date(2026, 12, 18)),
        (dt.date(2027, 1, 4), dt.date(2027, 7, 20)),
    )
)


def close_engines() -> None:
    """Close every engine that a place loaded."""
    while _OPEN:
        _OPEN.pop().close()


def day(text: str | None) -> dt.date | None:
    """A date from ISO text."""
    return dt.date.fromisoformat(text) if text else None


class TinyPlace:
    """Rows by table. Each adding method returns the id of the row; a person has one record per feed."""

    def __init__(self) -> None:
        self.rows: dict[str, list[dict[str, Any]]] = {name: [] for name in LOADED}
        self._numbers: dict[str, int] = defaultdict(int)

    def add(self, table: str, **values: Any) -> str:
        """Add a row of `table` with every column present."""
        self._numbers[table] += 1
        lineage = {
            "record_id": f"{table}{self._numbers[table]:05d}",
            "feed": "feed",
            "organisation_id": "council",
            "standard": "cin",
            "collection_year": 2026,
            "file_sha256": "0" * 64,
            "row_ref": str(self._numbers[table]),
            "as_of_date": AS_OF,
            "sensitivity": "normal",
        }
        row = {**dict.fromkeys(TABLES[table].names), **lineage, **values}
        row = {name: row[name] for name in TABLES[table].names}
        self.rows[table].append({name: _dated(name, value) for name, value in row.items()})
        return str(row.get("record_id"))

    def person(
        self, person: str, birth_date: str = "2015-05-05", district: str | None = "E08990001", **more: Any
    ) -> str:
        """Add a person with one record and return the record's id."""
        values = {"protected": False, "location_withheld": False, "record_count": 1, **more}
        self.rows["person"].append(
            {
                **dict.fromkeys(TABLES["person"].names),
                "person_id": person,
                "birth_date": day(birth_date),
                "district_code": district,
                **values,
            }
        )
        return self.record(person)

    def record(self, person: str, **values: Any) -> str:
        """Add a further record of a person and return its id."""
        record = self.add("person_record", partner_record_id=person, **values)
        link = {"person_id": person, "person_record_id": record, "match_weight": None, "method": "single"}
        self.rows["person_link"].append(link)
        return record

    def wait(self, record: str, kind: str, start: str, stop: str | None = None, **values: Any) -> str:
        """Add a wait of a record."""
        base = {"start_event": "field", "start_date": start, "stop_date": stop, "kind": kind}
        return self.add("wait", person_record_id=record, **base, **values)

    def load(self) -> DuckDBEngine:
        """Return an engine that holds the rows."""
        engine = DuckDBEngine(memory_limit="512MB", threads=1)
        _OPEN.append(engine)
        for name in LOADED:
            engine.load_rows(TABLES[name], self.rows[name])
        engine.load_rows(TABLES["blocker"], [])
        return engine


def _dated(name: str, value: Any) -> Any:
    return day(value) if name.endswith("_date") and isinstance(value, str) else value
