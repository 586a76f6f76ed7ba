"""What holds up what over the place, and the problem statements, as tables to download."""

import datetime as dt

from braid.store.exports import Export, ExportTable, Form, Purpose, export_table
from braid.trust.cubes import WHAT_FREES_MOST
from braid.web.figures_table import NONE_TO_SHOW, SUPPRESSED, USE_DAYS
from braid.web.graph_figures import BlockerFigures, Move, Statement, Unblocking
from braid.web.models import PublishedRun

COUNTS = ("held_waits", "held_weeks", "freed_waits", "freed_weeks")
NOTES = (
    f"{SUPPRESSED} means too few to show: 1 to 7, over all backlogs at most 12; of weeks, fewer than 15 waits."
    f" {NONE_TO_SHOW} means not applicable.",
    "Counts are rounded to 5; those over all backlogs can be off by up to 7, so that no backlog's can be reckoned.",
    "Weeks are the count as shown times the mean.",
    "A wait that two actions hold counts with both. It is freed by an action only where nothing else holds it.",
    "Teams and resources are the sums of their actions as shown; actions that are not shown are left out.",
)
STATEMENT_NOTES = (
    f"{SUPPRESSED} means too few to show: 1 to 7. {NONE_TO_SHOW} means that nothing is held.",
    "People and waits are rounded to 5. Waits are those that the action holds in the backlog of the rule, directly or"
    " down the line, whichever rule found it.",
)


def export_blockers(figures: BlockerFigures, form: Form, made_for: str, today: dt.date) -> Export:
    """Return what holds up what as a file of that form, with its manifest."""
    headings = [f"{measure.title} ({measure.unit})" for measure in WHAT_FREES_MOST.measures]
    columns = ("Counted together", "Backlog", "Place", "Whose move: organisation", "Role", "Next action", "What holds")
    rows = tuple(
        (
            row.scope_name,
            row.backlog_name,
            row.position,
            row.owner_organisation,
            row.owner_role,
            row.next_action,
            row.holder,
            *(_count(row, name) for name in COUNTS),
        )
        for row in figures.rows
    )
    title = _title(figures.run, "what frees most")
    table = ExportTable(title, WHAT_FREES_MOST.id, (*columns, *headings), rows, NOTES)
    return export_table(table, form, _purpose(figures.run, made_for, today))


def export_statements(
    run: PublishedRun, statements: tuple[Statement, ...], form: Form, made_for: str, today: dt.date
) -> Export:
    """Return the problem statements as a file: a row for each owner and action that a rule names."""
    columns = (
        *("Problem statement", "Concerns (people)", "Rule", "Wait that is held", "What holds"),
        *("Whose move: organisation", "Role", "Next action", "Waits held", "Waits it alone would free"),
    )
    rows = tuple(
        (
            statement.words["name"],
            SUPPRESSED if statement.people is None else statement.people,
            rule.words["id"],
            rule.words["held"],
            *(move.words[name] for name in ("holder", "owner_organisation", "owner_role", "next_action")),
            *(_moved(move, name) for name in ("held_waits", "freed_waits")),
        )
        for statement in statements
        for rule in statement.rules
        for move in rule.moves
    )
    table = ExportTable(_title(run, "problem statements"), "problem_statements", columns, rows, STATEMENT_NOTES)
    return export_table(table, form, _purpose(run, made_for, today))


def _title(run: PublishedRun, what: str) -> str:
    as_of = run.as_of_date.isoformat() if run.as_of_date else "a day not known"
    return f"{run.place_name}: {what}, {as_of}"


def _purpose(run: PublishedRun, made_for: str, today: dt.date) -> Purpose:
    return Purpose(made_for, run.run_id, today, today + dt.timedelta(USE_DAYS))


def _count(row: Unblocking, name: str) -> int | str:
    value: int | None = getattr(row, name)
    if value is not None:
        return value
    count = getattr(row, name.replace("weeks", "waits"))
    return NONE_TO_SHOW if count == 0 else SUPPRESSED


def _moved(move: Move, name: str) -> int | str:
    return NONE_TO_SHOW if move.figures is None else _count(move.figures, name)
