"""Records that nothing may hold any more: erased, since a person asked for it, or taken back by their partner.

`restricted/withdrawn.csv` names them. They leave every table before anything is read from it, and what runs kept of
them leaves with them. The row of the list is what must be kept: without it the next extract would bring the record
back.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

import pyarrow as pa

from braid.language.records import REJECT, SOURCE_TABLES, record_id
from braid.store.engine import Engine
from braid.store.place_folder import PlaceInvalid

WITHDRAWN_FILE = "withdrawn"
"""Name of the file under `restricted/`, without its ending."""
COLUMNS = ("feed", "partner_record_id", "cause", "decided_date", "reference")
CAUSES = ("erasure", "retraction")
LINKS = ("person_record_id", "other_person_record_id")
"""Columns by which a row of a source table is about a person record."""


def parse_withdrawn(rows: Iterable[tuple[int, Mapping[str, str]]]) -> dict[tuple[str, str], str]:
    """Return the cause by feed and partner's key of the rows of `restricted/withdrawn.csv`, each given with its line.

    Raises `PlaceInvalid` naming line and rule at the first that is wrong: an erasure that cannot be read may not lapse.
    """
    found: dict[tuple[str, str], str] = {}
    for line, row in rows:
        feed, key, cause, day, reference = ((row.get(name) or "").strip() for name in COLUMNS)
        where = f"restricted/{WITHDRAWN_FILE}.csv line {line}"
        if not all((feed, key, reference)):
            raise PlaceInvalid(f"{where}: feed, partner_record_id and reference are all needed; fill them")
        if cause not in CAUSES:
            raise PlaceInvalid(f"{where}: cause is {' or '.join(CAUSES)}; write one of them")
        try:
            dt.date.fromisoformat(day)
        except ValueError:
            raise PlaceInvalid(f"{where}: decided_date is no date; write it as yyyy-mm-dd") from None
        if found.get((feed, key)) != "erasure":
            found[feed, key] = cause
    return found


def find_withdrawn(named: Mapping[tuple[str, str], str]) -> dict[str, str]:
    """Return the cause by record id."""
    return {record_id(feed, "person_record", key): cause for (feed, key), cause in named.items()}


def keys_by_feed(named: Mapping[tuple[str, str], str]) -> dict[str, frozenset[str]]:
    """Return the partner's keys of the people by feed."""
    found: dict[str, set[str]] = {}
    for feed, key in named:
        found.setdefault(feed, set()).add(key)
    return {feed: frozenset(keys) for feed, keys in found.items()}


def withdraw(engine: Engine, named: Mapping[tuple[str, str], str]) -> None:
    """Take every row about the records out of the source tables of `engine`, and refused rows that hold their key.

    Connectors compose some keys: of a case, say, and a person's place in it. The first part of such a key stands in the
    row, and rather too many refused rows go than too few.
    """
    if not named:
        return
    feeds, keys = zip(*named, strict=True)
    stems = [key.split("/")[0] or key for key in keys]
    listed = {"record_id": list(find_withdrawn(named)), "feed": list(feeds), "key": stems}
    engine.load_arrow("withdrawn_row", pa.table({name: pa.array(each, pa.string()) for name, each in listed.items()}))
    for table in SOURCE_TABLES:
        columns = ["record_id"] if table.name == "person_record" else [name for name in LINKS if name in table.names]
        if columns:
            about = " or ".join(f"w.record_id = t.{name}" for name in columns)
            _keep_others(engine, table.name, about)
    _keep_others(engine, REJECT.name, "w.feed = t.feed and br_contains(t.row, w.key)")


def _keep_others(engine: Engine, name: str, about: str) -> None:
    engine.create(name, f"select t.* from {name} t where not exists (select 1 from withdrawn_row w where {about})")
