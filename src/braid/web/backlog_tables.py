"""The figures of the backlog pages as tables to download: each queue, its size over 52 weeks, what it overlaps with."""

import datetime as dt
from collections.abc import Callable

from braid.store.exports import Export, ExportTable, Form, Purpose, export_table
from braid.trust.cubes import OVERLAP_BY_KINDS, SIZES_BY_KIND_AND_DAY
from braid.web.backlogs import Backlog, Backlogs
from braid.web.figures_table import NONE_TO_SHOW, NOTES, SUPPRESSED, USE_DAYS

NOT_KNOWN = "[x]"
"""The mark of the Government Statistical Service: not available."""
FIGURES_NOTES = (
    *NOTES[:-1],
    f"{NOT_KNOWN} means not known: not all waits that began or ended in the last 91 days are in the extracts.",
    "Additions are a count rounded to 5, or reckoned of two published sizes and what ended between them. They are not"
    f" shown ({SUPPRESSED}) where they would say something of a district's figures.",
    "92nd percentiles rest on 100 waits or more, to the nearest 5 days. Waiting and ended waits are told apart.",
)
SIZES_NOTES = (
    "Each day shows what was published of it then. Filled in: reckoned once, at the first publication, to the nearest"
    " 10, of queues of 100 or more.",
    f"{SUPPRESSED} means too few to show.",
)
OVERLAPS_NOTES = (
    "Of the time that people waited for the first, in the last 52 weeks as far as known, the part in which they waited"
    " for the other too, to the nearest 5 per cent.",
    "5 means 5 or less, 95 means 95 or more. Shown where 20 or more wait for each and 13 or more people wait for both.",
)


def export_backlogs(found: Backlogs, table: str, form: Form, made_for: str, today: dt.date) -> Export:
    """Return a table of the published run as a file of that form, with its manifest; `table` is one of `TABLES`."""
    purpose = Purpose(made_for, found.run.run_id, today, today + dt.timedelta(USE_DAYS))
    return export_table(TABLES[table](found), form, purpose)


def _title(found: Backlogs, words: str) -> str:
    return f"{found.run.place_name}: {words}, {found.run.as_of_date.isoformat()}"


def _figures(found: Backlogs) -> ExportTable:
    columns = (
        *("Kind of wait", "Backlog", "Waiting (waits)", "Began in the last 91 days (waits)"),
        *("Ended in the last 91 days (waits)", "Change in 91 days (waits)", "Clearance time (weeks)"),
        *("Median so far (days)", "92nd percentile so far (days)", "Within the limit (per cent)"),
        *("Median of ended (days)", "92nd percentile of ended (days)", "Ended within the limit (per cent)"),
    )
    rows = tuple(_row(backlog) for backlog in found.backlogs)
    return ExportTable(_title(found, "backlogs"), "how_long_by_kind", columns, rows, FIGURES_NOTES)


def _row(backlog: Backlog) -> tuple[int | str, ...]:
    figures = backlog.figures

    def flow(value: int | None) -> int | str:
        return _mark(value) if backlog.is_known else NOT_KNOWN

    def of_some(value: int | None, base: int | None, *, exists: bool = True) -> int | str:
        return _mark(value) if exists and (base != 0 or value is not None) else NONE_TO_SHOW

    waiting, ended = figures.waiting, figures.completed
    return (
        *(figures.kind_name, figures.backlog_name, _mark(waiting), flow(backlog.additions)),
        *(_mark(ended), flow(backlog.change) if backlog.change is None else backlog.change),
        NONE_TO_SHOW if ended == 0 else flow(backlog.clearance_weeks),
        of_some(figures.median_days, waiting),
        of_some(backlog.p92_days, waiting),
        of_some(figures.within_share, waiting, exists=figures.has_limit),
        of_some(backlog.completed_median_days, ended),
        of_some(backlog.completed_p92_days, ended),
        of_some(figures.completed_within_share, ended, exists=figures.has_limit),
    )


def _mark(value: int | None) -> int | str:
    return SUPPRESSED if value is None else value


def _sizes(found: Backlogs) -> ExportTable:
    rows = tuple(
        (one.figures.kind_name, size.day.isoformat(), _mark(size.waiting), "yes" if size.is_filled_in else "no")
        for one in found.backlogs
        for size in one.sizes
    )
    columns = ("Kind of wait", "Day", "Waiting (waits)", "Filled in")
    return ExportTable(_title(found, "size of each queue"), SIZES_BY_KIND_AND_DAY.id, columns, rows, SIZES_NOTES)


def _overlaps(found: Backlogs) -> ExportTable:
    rows = tuple(
        (one.figures.kind_name, overlap.other_name, overlap.time_share)
        for one in found.backlogs
        for overlap in one.overlaps
    )
    columns = ("Kind of wait", "Also waiting for", "Part of the time (per cent)")
    return ExportTable(
        _title(found, "what people wait for at once"), OVERLAP_BY_KINDS.id, columns, rows, OVERLAPS_NOTES
    )


TABLES: dict[str, Callable[[Backlogs], ExportTable]] = {
    "backlogs": _figures,
    "sizes": _sizes,
    "overlaps": _overlaps,
}
