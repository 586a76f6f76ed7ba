"""A journal of a finance system as CSV: every row becomes an order, or a reject with the reason.

Columns: `reference` (the finance system's own number, once for each fund), `date` (yyyy-mm-dd or dd/mm/yyyy), `fund`,
`kind` (contribution, settlement, commitment, release, actual, accrual), `amount` (pounds); and as the kind asks,
`line`, `body`, `commitment` (the reference under which it was committed), `note`, `override`.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from braid.language.dates import parse_date
from braid.language.printable import is_printable
from braid.place.money.amounts import read_pounds
from braid.place.money.entries import LedgerRefused, Order

NEEDED = ("reference", "date", "fund", "kind", "amount")
COLUMNS = (*NEEDED, "line", "body", "commitment", "note", "override")
FROM_FILE = ("contribution", "settlement", "commitment", "release", "actual", "accrual")
MOST_BYTES = 20_000_000
LONGEST = {"reference": 100, "note": 400}
FindCommitment = Callable[[str, str], UUID | None]
"""The commitment of a fund by its reference."""


class JournalInvalid(Exception):
    """A file is no journal. Exit code 2. The message names file, rule and next step."""


@dataclass(frozen=True)
class Row:
    """A row of the file: its number, the header being row 1, with its order or with why it is none."""

    number: int
    reference: str
    order: Order | None = None
    reason: str = ""


def read_journal(content: bytes, by: str, find_commitment: FindCommitment) -> Iterator[Row]:
    """Give every row of a journal in order. Raises `JournalInvalid` where the file is none.

    Commitments are looked for as each row is reached, so that a file may draw on what it committed above.
    """
    if len(content) > MOST_BYTES:
        raise JournalInvalid(f"the journal is longer than {MOST_BYTES:,} bytes; send it in parts")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise JournalInvalid("the journal is no text in UTF-8; export it again as CSV in UTF-8") from None
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    _check_columns(reader)
    number = 1
    while True:
        number += 1
        try:
            values = next(reader, None)
        except csv.Error:
            yield Row(number, "", reason="the row cannot be read as CSV; check its quotation marks")
            continue
        if values is None:
            return
        yield _row(number, values, by, find_commitment)


def _check_columns(reader: csv.DictReader[str]) -> None:
    try:
        names = list(reader.fieldnames or ())
    except csv.Error:
        raise JournalInvalid("the first row of the journal cannot be read; export it again as CSV") from None
    if missing := [name for name in NEEDED if name not in names]:
        raise JournalInvalid(f"the journal has no column {', '.join(missing)}; name the columns {', '.join(COLUMNS)}")
    if unknown := sorted({name for name in names if name not in COLUMNS}):
        raise JournalInvalid(f"the journal has {len(unknown)} columns of other names; keep {', '.join(COLUMNS)}")
    if len(set(names)) < len(names):
        raise JournalInvalid("the journal has a column twice; keep one of them")


def _row(number: int, values: Mapping[str, str | list[str] | None], by: str, find_commitment: FindCommitment) -> Row:
    if None in values or any(value is None for value in values.values()):
        return Row(number, "", reason="the row has more or fewer cells than the first row")
    cells = {name: str(values.get(name) or "").strip() for name in COLUMNS}
    try:
        return Row(number, cells["reference"], order=_order(cells, by, find_commitment))
    except (ValueError, LedgerRefused) as reason:
        shown = cells["reference"] if is_printable(cells["reference"]) else ""
        return Row(number, shown[: LONGEST["reference"]], reason=str(reason))


def _order(cells: Mapping[str, str], by: str, find_commitment: FindCommitment) -> Order:
    for name, most in LONGEST.items():
        if len(cells[name]) > most or not is_printable(cells[name]):
            raise ValueError(f"{name} is longer than {most} characters, or holds what cannot be printed; shorten it")
    if not cells["reference"]:
        raise ValueError("the row has no reference; without one it would be read twice")
    if cells["kind"] not in FROM_FILE:
        raise ValueError(f"the kind is none that a file may post; use {', '.join(FROM_FILE)}, and pages for the others")
    commitment = find_commitment(cells["fund"], cells["commitment"]) if cells["commitment"] else None
    if cells["commitment"] and commitment is None:
        raise ValueError("the fund has no commitment of that reference; post it first")
    return Order(
        kind=cells["kind"],
        fund=cells["fund"],
        occurred_date=parse_date(cells["date"], "dmy"),
        by=by,
        amount_pence=read_pounds(cells["amount"]),
        line=cells["line"],
        body=cells["body"],
        commitment=commitment,
        reference=cells["reference"],
        note=cells["note"],
        override=cells["override"],
    )
