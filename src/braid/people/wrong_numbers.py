"""Numbers on the wrong record, as review found them: `restricted/wrong_numbers.csv`. They do not count any more.

A row names a record by feed and key, a scheme, and a mark of the number (four letters or digits made from it), so that
the row lapses once the partner sends another number, and the file holds no number. It takes two different people, for a
number that does not count any more parts nobody. What a seal says of a number stands as before.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pyarrow as pa

from braid.people.decisions import fold_name
from braid.people.sources import NUMBERS
from braid.people.standardise import read_identifiers
from braid.store.engine import Engine

WRONG_NUMBERS_FILE = "wrong_numbers"
"""Name of the file under `restricted/`, without its ending."""
COLUMNS = (
    "feed",
    "partner_record_id",
    "scheme",
    "number_mark",
    "decided_by",
    "approved_by",
    "decided_date",
    "reference",
)
TWO_PEOPLE = (
    "a number that does not count any more takes two different people; let another person approve it with"
    " `braid link wrong-number --approve`"
)


@dataclass(frozen=True)
class WrongNumbers:
    """The schemes of which a record's number does not count, what was wrong with rows, and how many lapsed."""

    held: Mapping[str, frozenset[str]]
    problems: tuple[str, ...] = ()
    lapsed: int = 0
    """Rows on a record that no extract holds, or whose number is another by now."""


NO_WRONG_NUMBERS = WrongNumbers({})


def mark_of(feed: str, partner_record_id: str, scheme: str, value: str) -> str:
    """Return four characters that tell whether a record still holds the same number, and not which."""
    text = "\x1f".join((feed, partner_record_id, scheme, value))
    return hashlib.sha256(text.encode()).hexdigest()[:4]


def find_wrong_numbers(engine: Engine, rows: Iterable[tuple[int, Mapping[str, str]]]) -> WrongNumbers:
    """Return which numbers of the records of `engine` do not count. `rows` are those of the file with their lines."""
    read = [(line, {name: (row.get(name) or "").strip() for name in COLUMNS}) for line, row in rows]
    if not read:
        return NO_WRONG_NUMBERS
    records = {
        (row["feed"], row["partner_record_id"]): row["record_id"]
        for row in engine.rows("select record_id, feed, partner_record_id from person_record")
    }
    identifiers = read_identifiers(engine)
    found: dict[str, set[str]] = {}
    problems: list[str] = []
    lapsed = 0
    for line, row in read:
        rule = _find_fault(row)
        record_id = records.get((row["feed"], row["partner_record_id"]))
        if rule:
            problems.append(f"restricted/{WRONG_NUMBERS_FILE}.csv line {line}: {rule}")
        elif record_id is None or not _still_holds(row, identifiers.get(record_id, {})):
            lapsed += 1
        else:
            found.setdefault(record_id, set()).add(row["scheme"])
    return WrongNumbers({record: frozenset(schemes) for record, schemes in found.items()}, tuple(problems), lapsed)


def drop_wrong_numbers(records: pa.Table, wrong: WrongNumbers) -> pa.Table:
    """Return the linkage table without the numbers that do not count: they are no evidence, for or against."""
    if not wrong.held:
        return records
    ids = records.column("record_id").to_pylist()
    for scheme, columns in (("nhs", ("nhs",)), ("upn", ("upn", "upns"))):
        dropped = [scheme in wrong.held.get(record_id, ()) for record_id in ids]
        for name in columns:
            values = records.column(name).to_pylist()
            kept = [None if drop else value for drop, value in zip(dropped, values, strict=True)]
            place = records.schema.get_field_index(name)
            records = records.set_column(place, records.field(name), pa.array(kept, records.field(name).type))
    return records


def _find_fault(row: Mapping[str, str]) -> str:
    """Return the rule that a row breaks; empty where it breaks none."""
    if not (row["feed"] and row["partner_record_id"] and row["number_mark"]):
        return "feed, partner_record_id and number_mark are needed; let `braid link wrong-number` write the row"
    if row["scheme"] not in NUMBERS:
        return f"scheme is {' or '.join(sorted(NUMBERS))}; write one of them"
    try:
        dt.date.fromisoformat(row["decided_date"])
    except ValueError:
        return "decided_date is no date; write it as yyyy-mm-dd"
    names = {fold_name(row["decided_by"]), fold_name(row["approved_by"])}
    return TWO_PEOPLE if "" in names or len(names) == 1 else ""


def _still_holds(row: Mapping[str, str], identifiers: Mapping[str, list[str]]) -> bool:
    scheme = row["scheme"]
    values = [*identifiers.get(scheme, ()), *identifiers.get(f"{scheme}_unverified", ())]
    return row["number_mark"] in {mark_of(row["feed"], row["partner_record_id"], scheme, value) for value in values}
