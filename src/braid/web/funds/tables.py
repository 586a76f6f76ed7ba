"""The figures of a fund as tables to download: where it stands, its journal, and its trial balance."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence

from braid.place.money.amounts import write_pounds
from braid.place.money.entries import Entry, Kept
from braid.place.money.funds import PAID_FOR, Fund
from braid.place.money.periods import year_words
from braid.place.money.positions import Position
from braid.store.exports import Export, ExportTable, Form, Purpose, export_table
from braid.web.figures_table import USE_DAYS
from braid.web.funds.books import entries_of, kept_of
from braid.web.funds.seen import account_words

NOTES = ("Amounts are pounds with two places. Only entries that are posted count; the journal says which are not.",)
Names = Mapping[str, str]


def export_fund(table: str, found: Position, names: Names, form: Form, made_for: str, today: dt.date) -> Export:
    """Return a table of a fund as a file of that form, with its manifest; `table` is one of `TABLES`."""
    purpose = Purpose(made_for, f"fund {found.fund.id}", today, today + dt.timedelta(USE_DAYS))
    return export_table(TABLES[table](found, names), form, purpose)


def _lines(found: Position, _names: Names) -> ExportTable:
    columns = ("Line", "Paid for", "Budget", "Committed", "Spent", "Available")
    rows = [
        (
            line.name,
            PAID_FOR[line.paid_for],
            *map(write_pounds, (line.budget, line.committed, line.spent, line.available)),
        )
        for line in found.lines
    ]
    return _table(found, "lines", columns, rows)


def _balance(found: Position, names: Names) -> ExportTable:
    columns = ("Book", "Account", "Debit", "Credit")
    rows = [
        (book, account_words(code, found.fund, names), write_pounds(max(pence, 0)), write_pounds(max(-pence, 0)))
        for book, code, pence in found.trial_balance
    ]
    return _table(found, "trial balance", columns, rows)


def _journal(found: Position, names: Names) -> ExportTable:
    columns = (
        *("Entry", "Kind", "Period", "Day", "Account", "Debit", "Credit", "State", "Posted by", "Reference", "Note"),
        "Reverses",
    )
    rows = [row for kept in _entries(found.fund) for row in _rows(kept, found.fund, names)]
    return _table(found, "journal of all years", columns, rows)


def _entries(fund: Fund) -> list[Kept]:
    rows = entries_of(fund.id).prefetch_related("postings").order_by("month", "posted_at", "pk")
    return [kept_of(row) for row in rows]


def _rows(kept: Kept, fund: Fund, names: Names) -> list[tuple[str, ...]]:
    entry: Entry = kept.entry
    head = (str(entry.id), entry.kind, entry.month.isoformat(), entry.occurred_date.isoformat())
    tail = (kept.state, entry.by, entry.reference, entry.note, str(entry.reverses or ""))
    return [
        (*head, account_words(one.account, fund, names), *_sides(one.pence), *tail)
        for one in entry.postings
        if one.fund == fund.id
    ]


def _sides(pence: int) -> tuple[str, str]:
    return write_pounds(max(pence, 0)), write_pounds(max(-pence, 0))


def _table(found: Position, words: str, columns: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> ExportTable:
    title = f"{found.fund.name}: {words}, {year_words(found.year)}"
    return ExportTable(title, "funds", columns, tuple(rows), NOTES)


TABLES: Mapping[str, Callable[[Position, Names], ExportTable]] = {
    "lines": _lines,
    "balance": _balance,
    "journal": _journal,
}
