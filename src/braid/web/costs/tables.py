"""What cohorts cost each payer, as a table to download."""

import datetime as dt
from collections.abc import Sequence

from braid.store.exports import Export, ExportTable, Form, Purpose, export_table
from braid.web.costs.seen import CohortSeen
from braid.web.figures_table import SUPPRESSED, USE_DAYS

NOTES = (
    f"{SUPPRESSED} means too few to show.",
    "People are rounded; a sum is the rounded number times the mean to two digits.",
    "Unit costs are averages: what a service costs, and not what would be saved at once by doing without it.",
)


def export_costs(cohorts: Sequence[CohortSeen], run_id: str, form: Form, made_for: str, today: dt.date) -> Export:
    """Return the table as a file of that form, with its manifest."""
    purpose = Purpose(made_for, run_id, today, today + dt.timedelta(USE_DAYS))
    rows = tuple(
        (cohort.title, cost.payer, _shown(cost.people), _shown(cost.pounds))
        for cohort in cohorts
        for cost in cohort.costs
    )
    columns = ("Problem statement", "Payer", "People", "Pounds")
    return export_table(ExportTable("What cohorts cost each payer", "costs", columns, rows, NOTES), form, purpose)


def _shown(value: int | None) -> int | str:
    return SUPPRESSED if value is None else value
