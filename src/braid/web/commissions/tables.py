"""A commission as tables to download: people served as published counts, and what was posted."""

import datetime as dt
from collections.abc import Callable, Iterator

from braid.place.commissions.selection import COUNTS, SHARES
from braid.place.commissions.states import BANDS
from braid.store.exports import Export, ExportTable, Form, Purpose, export_table
from braid.web.commissions.seen import CommissionSeen, line_words
from braid.web.figures_table import SUPPRESSED, USE_DAYS

COUNT_NOTES = (
    f"{SUPPRESSED} means too few to show, 1 to 7, or a share that rests on too few, on nobody or on everybody.",
    "Counts are rounded to 5, of months that are over. Per cent, with a 95 % interval (Wilson), are of those counts.",
    "How much somebody needs is said by whoever refers, never by the provider.",
)
POSTING_NOTES = (
    "Whole pence. Units are paid in steps of five, ten at least, so that no sum tells of a few people.",
    "Below zero: money that came back, since a score did not hold.",
)


def export_commission(seen: CommissionSeen, table: str, form: Form, made_for: str, today: dt.date) -> Export:
    """Return a table of a commission as a file of that form, with its manifest; `table` is one of `TABLES`."""
    purpose = Purpose(made_for, str(seen.row.pk), today, today + dt.timedelta(USE_DAYS))
    return export_table(TABLES[table](seen), form, purpose)


def _counts(seen: CommissionSeen) -> ExportTable:
    shares = [f"{words} ({what})" for words, _, _ in SHARES.values() for what in ("per cent", "from", "to")]
    columns = ("Lot", "Need", *COUNTS.values(), *shares)
    return ExportTable(f"{seen.shown.title}: people served", "people_served", columns, tuple(_rows(seen)), COUNT_NOTES)


def _rows(seen: CommissionSeen) -> Iterator[tuple[str | int, ...]]:
    for one in seen.lots:
        for band, name in BANDS.items():
            counts = [SUPPRESSED if shown is None else shown for shown in one.counts[band].values()]
            rates = [one.rates[band][code] for code in SHARES]
            cells = [
                cell
                for rate in rates
                for cell in ((rate.percent, rate.low, rate.high) if rate else (SUPPRESSED, SUPPRESSED, SUPPRESSED))
            ]
            yield (one.lot.name, name, *counts, *cells)


def _postings(seen: CommissionSeen) -> ExportTable:
    columns = ("Payment", "Day", "Fund", "Line", "Units", "Pence", "Why")
    rows = tuple(
        (
            one.payment,
            one.posted_at.date().isoformat(),
            one.fund,
            line_words(one, seen.shown, seen.outcomes),
            one.units,
            one.pence,
            one.reason,
        )
        for one in seen.postings
    )
    return ExportTable(f"{seen.shown.title}: postings", "commission_postings", columns, rows, POSTING_NOTES)


TABLES: dict[str, Callable[[CommissionSeen], ExportTable]] = {"counts": _counts, "postings": _postings}
