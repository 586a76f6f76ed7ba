"""The published figures as a table to download: a row for each kind of wait in the whole place and in each district."""

import datetime as dt

from braid.store.exports import Export, ExportTable, Form, Purpose, export_table
from braid.trust.cubes import WAITS_BY_KIND_AND_DISTRICT, Measure, Rule
from braid.web.figures import Figures, PlaceFigures

SUPPRESSED, NONE_TO_SHOW = "[c]", "[z]"
"""The marks of the Government Statistical Service: confidential, and not applicable."""
WHOLE_PLACE_NAME = "Whole place"
USE_DAYS = 90
NOTES = (
    f"{SUPPRESSED} means too few to show: 1 to 7, for the whole place at most 12. {NONE_TO_SHOW} means not applicable.",
    "Counts are rounded to 5. A figure of the whole place can be off by up to 7, so that districts cannot be reckoned.",
    "Medians are to the nearest 5 days, shares in whole per cent of the published counts.",
    "Protected people and those without a known district count in the whole place alone.",
)


def export_figures(figures: PlaceFigures, form: Form, made_for: str, today: dt.date) -> Export:
    """Return the figures of the published run as a file of that form, with its manifest."""
    run = figures.run
    purpose = Purpose(made_for, run.run_id, today, today + dt.timedelta(USE_DAYS))
    return export_table(_table(figures), form, purpose)


def _table(figures: PlaceFigures) -> ExportTable:
    cube, run = WAITS_BY_KIND_AND_DISTRICT, figures.run
    headings = tuple(f"{measure.title} ({measure.unit})" for measure in cube.measures)
    areas = [(WHOLE_PLACE_NAME, figures.kinds)]
    areas += [(district.name, tuple(district.by_kind.values())) for district in figures.districts]
    rows = tuple(
        (area, row.kind_name, row.backlog_name, *(_value(row, measure) for measure in cube.measures))
        for area, found in areas
        for row in found
    )
    as_of = run.as_of_date.isoformat() if run.as_of_date else "a day not known"
    title = f"{run.place_name}: {cube.title.lower()}, {as_of}"
    return ExportTable(title, cube.id, ("Area", "Kind of wait", "Backlog", *headings), rows, NOTES)


def _value(row: Figures, measure: Measure) -> int | str:
    value = getattr(row, measure.name)
    if value is not None:
        return value
    nobody = bool(measure.base) and getattr(row, measure.base) == 0
    no_limit = measure.rule is Rule.SHARE and not row.has_limit
    return NONE_TO_SHOW if nobody or no_limit else SUPPRESSED
