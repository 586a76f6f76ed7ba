"""The figures of an answer as tables to download: measures and differences, lists by week, where the weeks go."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator

from braid.simulation.answer import AS_IT_IS, Answer
from braid.simulation.intervals import Interval
from braid.store.exports import Export, ExportTable, Form, Purpose, export_table
from braid.web.figures_table import USE_DAYS
from braid.web.simulations.words import UNITS, VERDICTS, verdict_of

Value = str | int | float | None
DIGITS = 4
BANDS = ("0.05", "0.25", "0.5", "0.75", "0.95")
NOTES = (
    "Figures of a simulation, not of what happened: what would come of the network if it were so, and stayed so.",
    "Shares are from 0 to 1. An empty cell: nobody to measure, or one replication alone.",
)


def export_answer(answer: Answer, table: str, form: Form, made_for: str, today: dt.date, run_id: str) -> Export:
    """Return a table of an answer as a file of that form, with its manifest; `table` is one of `TABLES`."""
    purpose = Purpose(made_for, run_id, today, today + dt.timedelta(USE_DAYS))
    return export_table(TABLES[table](answer), form, purpose)


ENDS = ("", ", low", ", high", ", replications")
"""What is said of each figure: its mean, its interval, and how many replications had somebody to measure."""


def _measures(answer: Answer) -> ExportTable:
    columns = (
        *("Scenario", "Measure", "Unit"),
        *(f"{words}{end}" for words in ("As it is", "Then", "Difference") for end in ENDS),
        "Told apart",
    )
    level = f"Intervals are at {answer.level:.0%}; those of differences hold for all measures of a scenario together."
    return _table(answer, "measures", columns, tuple(_measure_rows(answer)), level)


def _measure_rows(answer: Answer) -> Iterator[tuple[Value, ...]]:
    for one in answer.figures:
        unit = UNITS[one.measure.unit]
        yield (AS_IT_IS, one.measure.title, unit, *_cells(one.value), *[None] * 2 * len(ENDS), "")
    for comparison in answer.comparisons:
        for each in comparison.differences:
            cells = (cell for value in (each.now, each.then, each.difference) for cell in _cells(value))
            unit = UNITS[each.measure.unit]
            yield (comparison.scenario, each.measure.title, unit, *cells, VERDICTS[verdict_of(each)])


def _lists(answer: Answer) -> ExportTable:
    shares = tuple(f"{100 * float(name):g}% of replications below" for name in BANDS)
    columns = ("Scenario", "List", "Week", "Day", "Mean", *shares)
    start = dt.date.fromisoformat(answer.start)
    rows = tuple(
        (
            *(told.name, fan.title, week, (start + dt.timedelta(weeks=week)).isoformat(), _cell(fan.mean[at])),
            *(_cell(fan.bands[name][at]) for name in BANDS),
        )
        for told in answer.told
        for fan in told.fans
        for at, week in enumerate(fan.weeks)
    )
    return _table(answer, "lists by week", columns, rows, "How many wait for each service, week by week.")


def _weeks(answer: Answer) -> ExportTable:
    columns = ("Scenario", "Pathway", "Step", "Weeks waiting", "Weeks in it", "Weeks of the pathway", "People")
    rows = tuple(
        (told.name, where.title, step, *map(_cell, (waiting, doing, where.weeks, where.people)))
        for told in answer.told
        for where in told.where
        for step, waiting, doing in where.parts
    )
    note = "On the way that decided the end, of who came after the first day; people in the mean of replications."
    return _table(answer, "where the weeks go", columns, rows, note)


def _table(
    answer: Answer, words: str, columns: tuple[str, ...], rows: tuple[tuple[Value, ...], ...], note: str
) -> ExportTable:
    made = (
        f"{answer.replications} replications over {answer.weeks} weeks from {answer.start}, seed {answer.seed},"
        f" Braid {answer.version}, question {answer.question}."
    )
    return ExportTable(f"{answer.network}: simulation, {words}", "simulation", columns, rows, (*NOTES, note, made))


def _cells(value: Interval) -> tuple[Value, Value, Value, Value]:
    return _cell(value.mean), _cell(value.low), _cell(value.high), value.replications


def _cell(value: float | None) -> Value:
    return None if value is None else round(value, DIGITS)


TABLES: dict[str, Callable[[Answer], ExportTable]] = {"measures": _measures, "lists": _lists, "weeks": _weeks}
