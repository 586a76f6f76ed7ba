"""The figures of a study as tables to download: interventions, plans, and what each body gains and pays."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from braid.place.portfolio.study import Study
from braid.store.exports import Export, ExportTable, Form, Purpose, export_table
from braid.web.figures_table import USE_DAYS
from braid.web.portfolio.form import PLAN_NAMES

Value = str | int | float | None
NOTES = (
    "Values are pounds of the boards' own weights: what they say outcomes are worth to them, not money that is saved.",
    "Shares are from 0 to 1. Intervals hold 95 of 100 draws of what is believed of effects.",
)


def export_study(study: Study, table: str, form: Form, made_for: str, today: dt.date, run_id: str) -> Export:
    """Return a table of a study as a file of that form, with its manifest; `table` is one of `TABLES`."""
    purpose = Purpose(made_for, run_id, today, today + dt.timedelta(USE_DAYS))
    return export_table(TABLES[table](study), form, purpose)


def _interventions(study: Study) -> ExportTable:
    columns = ("Intervention", "Led by", *(PLAN_NAMES[plan.name] for plan in study.plans))
    columns += ("Share of draws, one purse", "Share of draws, separate purses")
    names = {purse.body: purse.name for purse in study.portfolio.purses}
    rows = tuple(
        (
            offer.name,
            names[offer.lead],
            *(
                _size(offer.sizes[at].name if (at := plan.choices.get(offer.id)) is not None else None)
                for plan in study.plans
            ),
            round(study.uncertainty.chosen_pooled[offer.id], 4),
            round(study.uncertainty.chosen_apart[offer.id], 4),
        )
        for offer in study.portfolio.offered
    )
    return _table(study, "what each purse buys", columns, rows)


def _size(name: str | None) -> str:
    return name or ""


def _plans(study: Study) -> ExportTable:
    columns = ("Plan", "Value", "Cost in pence", "Median of draws", "Low", "High", "Expected regret", "Worst regret")
    regrets = {regret.plan: regret for regret in study.uncertainty.regrets}
    rows = tuple(
        (
            PLAN_NAMES[plan.name],
            round(plan.value, 2),
            plan.pence,
            *_band(regrets[plan.name].value.median, regrets[plan.name].value.low, regrets[plan.name].value.high),
            round(regrets[plan.name].expected, 2),
            round(regrets[plan.name].worst, 2),
        )
        for plan in study.plans
    )
    return _table(study, "plans", columns, rows)


def _band(*values: float | None) -> tuple[Value, ...]:
    return tuple(None if value is None else round(value, 2) for value in values)


def _sharing(study: Study) -> ExportTable:
    columns = ("Body", "Brings in pence", "Pays in pence", "Has apart", "Has in one purse", "Alone", "Fair share")
    columns += ("Nucleolus", "Transfer in pence, above 0 received")
    silo, pooled, sharing = study.plan("silo"), study.plan("pooled"), study.sharing
    rows = tuple(
        (
            purse.name,
            study.budgets[purse.body],
            pooled.paid[purse.body],
            round(silo.by_body[purse.body], 2),
            round(sharing.has[purse.body], 2),
            round(sharing.alone[purse.body], 2),
            round(sharing.fair[purse.body], 2),
            round(sharing.steady[purse.body], 2) if purse.body in sharing.steady else None,
            sharing.transfers[purse.body],
        )
        for purse in study.portfolio.purses
    )
    return _table(study, "what each body gains", columns, rows)


def _table(study: Study, words: str, columns: tuple[str, ...], rows: tuple[tuple[Value, ...], ...]) -> ExportTable:
    made = f"{study.uncertainty.draws} draws, seed {study.seed}. {study.portfolio.note}"
    return ExportTable(f"{study.portfolio.name}: {words}", "portfolio", columns, rows, (*NOTES, made))


TABLES: dict[str, Callable[[Study], ExportTable]] = {
    "interventions": _interventions,
    "plans": _plans,
    "sharing": _sharing,
}
