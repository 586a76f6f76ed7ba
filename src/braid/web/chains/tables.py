"""Chains as a table to download: a row for each link, and for each gap a row that says what would close it."""

import datetime as dt
from collections.abc import Iterator, Sequence

from braid.place.chain import Chain
from braid.store.exports import Export, ExportTable, Form, Purpose, export_table
from braid.web.figures_table import USE_DAYS

COLUMNS = ("Board", "Priority", "Link", "What", "Figure", "Day", "Source")
NOTES = (
    "Figures are of what is published and kept on the day of each link. Counts of people are to the nearest 5, none of"
    " 1 to 7.",
    "A chain puts links beside each other. It does not say that one of them led to the next.",
)


def export_chains(chains: Sequence[Chain], run_id: str, form: Form, made_for: str, today: dt.date) -> Export:
    """Return the links of chains as a file of that form, with its manifest."""
    purpose = Purpose(made_for, run_id, today, today + dt.timedelta(USE_DAYS))
    rows = tuple(row for chain in chains for row in _rows(chain))
    return export_table(ExportTable("Chains of priorities", "chains", COLUMNS, rows, NOTES), form, purpose)


def _rows(chain: Chain) -> Iterator[tuple[str, ...]]:
    for step in chain.steps:
        for link in step.links:
            day = link.day.isoformat() if link.day else ""
            yield (chain.board, chain.title, step.name, link.title, link.figure, day, link.source)
        for gap in step.gaps:
            yield (chain.board, chain.title, step.name, "Gap", gap.words, "", gap.closes)
