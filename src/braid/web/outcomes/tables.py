"""Outcomes as tables to download: each period as it was shown, and the last one by district."""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence

from braid.store.exports import Export, ExportTable, Form, Purpose, export_table
from braid.trust.cubes import OUTCOMES_BY_DISTRICT, OUTCOMES_BY_PERIOD
from braid.web.figures_table import SUPPRESSED, USE_DAYS
from braid.web.models import PublishedRun
from braid.web.outcomes.reading import SeenFramework, SeenOutcome, Shown

Value = str | int | float | None
NOTES = (
    f"{SUPPRESSED} means not shown: fewer than 20 people, as published; or fewer than 8 who meet a share, or do not.",
    "Shares are to the nearest 5 per cent, of 500 people or more to the nearest 1; medians to the nearest 5 days;"
    " counts to the nearest 10; rates to two digits. Low and high: the 95 per cent interval, widened to those steps.",
    "Each period stands as it was first published. Protected people count in the whole place alone.",
)


def export_outcomes(
    frameworks: Sequence[SeenFramework], table: str, run: PublishedRun, form: Form, made_for: str, today: dt.date
) -> Export:
    """Return a table of the outcomes as a file of that form, with its manifest; `table` is one of `TABLES`."""
    purpose = Purpose(made_for, run.run_id, today, today + dt.timedelta(USE_DAYS))
    outcomes = [one for framework in frameworks for one in framework.outcomes]
    return export_table(TABLES[table](run.place_name, outcomes), form, purpose)


def _periods(place: str, outcomes: Sequence[SeenOutcome]) -> ExportTable:
    columns = ("Outcome", "Unit", "Better", "From", "Until", "Figure", "Low", "High", "The way to the target asks for")
    rows = tuple(
        (*_head(one), one.document["better"], *_cells(shown), shown.expected)
        for one in outcomes
        for shown in one.series
    )
    return ExportTable(f"{place}: {OUTCOMES_BY_PERIOD.title.lower()}", OUTCOMES_BY_PERIOD.id, columns, rows, NOTES)


def _by_district(place: str, outcomes: Sequence[SeenOutcome]) -> ExportTable:
    columns = ("Outcome", "Unit", "District", "From", "Until", "Figure", "Low", "High")
    rows = tuple((*_head(one), name, *_cells(shown)) for one in outcomes for name, shown in one.districts)
    return ExportTable(f"{place}: {OUTCOMES_BY_DISTRICT.title.lower()}", OUTCOMES_BY_DISTRICT.id, columns, rows, NOTES)


def _head(outcome: SeenOutcome) -> tuple[str, str]:
    return str(outcome.document["name"]), str(outcome.document["unit"] or "number")


def _cells(shown: Shown) -> Iterator[Value]:
    yield shown.first_date.isoformat()
    yield shown.last_date.isoformat()
    if shown.value is None:
        yield from (SUPPRESSED, None, None)
    else:
        yield from (shown.value, shown.low, shown.high)


TABLES: dict[str, Callable[[str, Sequence[SeenOutcome]], ExportTable]] = {
    "periods": _periods,
    "districts": _by_district,
}
