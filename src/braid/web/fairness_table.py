"""The published figures of fairness as a table to download: a row for each problem statement and group."""

import datetime as dt
from collections.abc import Sequence

from braid.store.exports import Export, ExportTable, Form, Purpose, export_table
from braid.trust.fairness import GroupShown
from braid.web.fairness import CharacteristicFigures, Rules
from braid.web.figures_table import SUPPRESSED, USE_DAYS
from braid.web.models import PublishedRun

LEFT_OUT = "[x]"
"""The mark of the Government Statistical Service for what is not available."""
HEADINGS = (
    "Problem statement",
    "Rules from",
    "Characteristic",
    "Group",
    "Reached (people)",
    "Never reached (people)",
    "Never reached (per cent)",
    "From (per cent)",
    "To (per cent)",
    "Links in doubt (people)",
)
NOTES = (
    f"{SUPPRESSED} means too few to show, 1 to 7, or a share that rests on too few, on nobody or on everybody.",
    f"{LEFT_OUT} means left out for all groups, so that no small count of another table can be reckoned.",
    "Counts are rounded to 5. Per cent, with a 95 % interval (Wilson), are of the rounded counts.",
    "Reached: ever among as many people as the team can take up. In doubt: a human has to decide on a link.",
    "Links in doubt are not errors of linking: those that nobody noticed are in no count of a place.",
)


def export_fairness(rules: Sequence[Rules], run: PublishedRun, form: Form, made_for: str, today: dt.date) -> Export:
    """Return the figures of the published run as a file of that form, with its manifest."""
    rows = tuple(
        (each.name, each.holds_from.isoformat(), *row)
        for each in rules
        for characteristic in each.fairness
        for row in _rows(characteristic)
    )
    as_of = run.as_of_date.isoformat() if run.as_of_date else "a day not known"
    title = f"{run.place_name}: whom the priority rules never reached, {as_of}"
    purpose = Purpose(made_for, run.run_id, today, today + dt.timedelta(USE_DAYS))
    return export_table(ExportTable(title, "priority_fairness", HEADINGS, rows, NOTES), form, purpose)


def _rows(characteristic: CharacteristicFigures) -> list[tuple[int | str, ...]]:
    def value(number: int | None, *columns: str) -> int | str:
        if number is not None:
            return number
        return LEFT_OUT if characteristic.withheld & set(columns) else SUPPRESSED

    return [
        (
            characteristic.name,
            group.name,
            value(group.figures.reached, "reached"),
            value(group.figures.never_reached, "never_reached"),
            *(value(figure, "reached", "never_reached") for figure in (group.figures.share, *_interval(group.figures))),
            value(group.figures.in_doubt, "in_doubt"),
        )
        for group in characteristic.groups
    ]


def _interval(figures: GroupShown) -> tuple[int | None, int | None]:
    return figures.low, figures.high
