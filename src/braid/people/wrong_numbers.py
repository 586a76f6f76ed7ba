"""Numbers on the wrong record, as review found them: `restricted/wrong_numbers.csv`. They do not count any more.

A row names a record by feed and key, a scheme, and a mark of the number (four letters or digits made from it), so that
the row lapses once the partner sends another number, and the file holds no number. It takes two different people, for a
number that does not count any more parts nobody. What a seal says of a number stands as before.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from braid.people.decisions import find_records, fold_name
from braid.people.review import NotDecidable
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
    records = find_records(engine, ((row["feed"], row["partner_record_id"]) for _, row in read))
    identifiers = read_identifiers(engine, records.values())
    found: dict[str, set[str]] = {}
    problems: list[str] = []
    lapsed = 0
    approved = {number_of(row) for _, row in read if row["approved_by"]}
    for line, row in read:
        if not row["approved_by"] and number_of(row) in approved:
            continue  # the row by which the first of two people decided
        rule = _find_fault(row)
        record_id = records.get((row["feed"], row["partner_record_id"]))
        if rule:
            problems.append(f"restricted/{WRONG_NUMBERS_FILE}.csv line {line}: {rule}")
        elif record_id is None or not _still_holds(row, identifiers.get(record_id, {})):
            lapsed += 1
        else:
            found.setdefault(record_id, set()).add(row["scheme"])
    return WrongNumbers({record: frozenset(schemes) for record, schemes in found.items()}, tuple(problems), lapsed)


def number_of(row: Mapping[str, str]) -> tuple[str, ...]:
    """Return which number of which record a row names."""
    return tuple(row[name] for name in COLUMNS[:4])


def find_number(engine: Engine, record_id: str, scheme: str) -> dict[str, str]:
    """Return the first four columns of the row on a record's number. Raises `NotDecidable` where it holds none, or
    several.
    """
    rows = engine.rows(
        "select r.feed, r.partner_record_id, i.value from person_record r join identifier i"
        f" on i.person_record_id = r.record_id where i.scheme = '{scheme}' and i.check_result <> 'fail'"
        " and r.record_id = '" + record_id.replace("'", "''") + "'"
    )
    if len({row["value"] for row in rows}) != 1:
        raise NotDecidable("the visible run holds no such record, or not one number of this scheme on it")
    feed, key = rows[0]["feed"], rows[0]["partner_record_id"]
    mark = mark_of(feed, key, scheme, rows[0]["value"])
    return {"feed": feed, "partner_record_id": key, "scheme": scheme, "number_mark": mark}


def propose_wrong(number: Mapping[str, str], by: str, day: dt.date, reference: str) -> dict[str, str]:
    """Return the row by which the first human says that a number is on the wrong record."""
    return {**number, "decided_by": by, "approved_by": "", "decided_date": day.isoformat(), "reference": reference}


def approve_wrong(
    number: Mapping[str, str],
    rows: Iterable[tuple[int, Mapping[str, str]]],
    *,
    approver: str,
    deciders: Container[str],
    day: dt.date,
) -> dict[str, str]:
    """Return the row by which a second human agrees. Raises `NotDecidable` where nobody, or the same human, said so."""
    on_number = [row for _, row in rows if number_of(row) == number_of(number)]
    if not on_number:
        raise NotDecidable("nobody has said so of this number yet; say it without --approve first")
    last = on_number[-1]
    if last["approved_by"]:
        raise NotDecidable("two people stand behind this already; it holds from the next run on")
    if fold_name(last["decided_by"]) == fold_name(approver):
        raise NotDecidable("whoever decided cannot approve; ask another person")
    if last["decided_by"] not in deciders:
        raise NotDecidable("whoever decided has no open account that may decide on links; say it anew")
    return {**last, **number, "approved_by": approver, "decided_date": day.isoformat()}


def drop_wrong_numbers(records: pa.Table, wrong: WrongNumbers) -> pa.Table:
    """Return the linkage table without the numbers that do not count: they are no evidence, for or against."""
    if not wrong.held:
        return records
    ids = records.column("record_id")
    for scheme, columns in (("nhs", ("nhs",)), ("upn", ("upn", "upns"))):
        dropped = pc.is_in(ids, pa.array([one for one, held in wrong.held.items() if scheme in held], pa.string()))
        for name in columns:
            place, field = records.schema.get_field_index(name), records.field(name)
            kept = pc.if_else(dropped, pa.scalar(None, field.type), records.column(name))
            records = records.set_column(place, field, kept)
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
