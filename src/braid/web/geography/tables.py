"""The figures by ground as tables to download: bodies, and the parts of districts."""

import datetime as dt
from collections.abc import Callable

from braid.store.exports import Export, ExportTable, Form, Purpose, export_table
from braid.web.figures_table import USE_DAYS
from braid.web.geography.seen import Ground, get_all_body_figures, get_part_figures

CUBE = "waits_by_kind_and_ground"
NOTES = (
    "Waits of people in the place, without protected people. Lowest and highest number that may stand behind what is"
    " published of districts and of parts of them; no body is counted by itself.",
    "People whose small area is not known count with part 1 of their district.",
)
PART_NOTES = (
    NOTES[0],
    "Part 1 of a district is never counted: it is the district less the other parts. A part that is not told apart says"
    " no more than its district does.",
    NOTES[1],
)


def export_ground(ground: Ground, table: str, form: Form, made_for: str, today: dt.date) -> Export:
    """Return a table of the published run as a file of that form, with its manifest; `table` is one of `TABLES`."""
    purpose = Purpose(made_for, ground.run.run_id, today, today + dt.timedelta(USE_DAYS))
    return export_table(TABLES[table](ground), form, purpose)


def _title(ground: Ground, words: str) -> str:
    as_of = ground.run.as_of_date.isoformat() if ground.run.as_of_date else "a day not known"
    return f"{ground.run.place_name}: {words}, {as_of}"


def _bodies(ground: Ground) -> ExportTable:
    figures = get_all_body_figures()
    rows = tuple(
        (body.name, body.kind_name, body.served, one.kind_name, one.backlog_name, *one.span)
        for body in ground.bodies
        for one in figures.get(body.id, ())
    )
    columns = ("Body", "Kind of body", "Ground", "Kind of wait", "Backlog", "Waiting, at least (waits)")
    return ExportTable(_title(ground, "waits by body"), CUBE, (*columns, "Waiting, at most (waits)"), rows, NOTES)


def _parts(ground: Ground) -> ExportTable:
    names = {body.id: body.name for body in ground.bodies}
    figures = get_part_figures()
    rows = tuple(
        (
            *(part.name, ", ".join(names[body] for body in part.bodies), one.kind_name, one.backlog_name),
            *(*one.span, "yes" if is_said else "no"),
        )
        for part in ground.parts
        for one, is_said in figures.get((part.district, part.number), ())
    )
    columns = ("Part", "Served by", "Kind of wait", "Backlog", "Waiting, at least (waits)", "Waiting, at most (waits)")
    title = _title(ground, "waits by part of a district")
    return ExportTable(title, CUBE, (*columns, "Told apart from its district"), rows, PART_NOTES)


TABLES: dict[str, Callable[[Ground], ExportTable]] = {"bodies": _bodies, "parts": _parts}
