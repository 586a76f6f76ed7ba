"""What a board decided and what follows from it: decisions that stand, priorities, actions due and overdue."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.urls import reverse

from braid.language.dates import london_date
from braid.place.boards.actions import MACHINE, is_overdue
from braid.place.drawings import Bar, draw_bars
from braid.place.packs import PackFigure
from braid.store.exports import PackSection, PackTable
from braid.web.models import BoardAction, BoardActionStep, BoardDecision
from braid.web.packs.digests import digest_of
from braid.web.packs.scope import PackPart, Scope
from braid.web.served_place import body_words
from braid.web.templating import day_words

DECISIONS, ACTIONS, PRIORITIES = "Decisions", "Actions", "Priorities"
SOON_DAYS = 30
MARK = "Confidential. "


@dataclass(frozen=True)
class Asked:
    """An action as it stood on the day of the pack."""

    row: BoardAction
    state: str
    due_date: dt.date
    overdue: bool


def make_priorities(scope: Scope) -> PackPart:
    """Return what the board wants changed."""
    if not scope.priorities:
        return PackPart()
    columns = ("Priority", "Why", "From", "Until", "Decided by")
    rows = tuple(
        (f"{_marked(row.decision)}{row.position}. {row.title}", row.why, day_words(row.from_date),
         day_words(row.to_date), row.decision.reference)
        for row in scope.priorities
    )  # fmt: skip
    section = PackSection(PRIORITIES, tables=(PackTable("Priorities that stand, in their order", columns, rows),))
    return PackPart((section,), inputs=(("priorities", digest_of([row.pk for row in scope.priorities])),))


def make_work(scope: Scope) -> PackPart:
    """Return the decisions that stand and the actions that are open."""
    asked = list(_open_actions(scope))
    sections = [*_actions(asked, scope), *_decisions(scope)]
    figures = (
        _figure(scope, "open_actions", "Open actions", len(asked), True),
        _figure(scope, "overdue_actions", "Overdue actions", sum(1 for one in asked if one.overdue), True),
        _figure(scope, "standing_decisions", "Decisions that stand", len(scope.decisions), None),
        _figure(scope, "to_review", "Decisions to look at again", len(_to_review(scope)), True),
    )
    rows = [[one.row.pk, one.state, one.due_date] for one in asked]
    digest = digest_of([rows, [row.pk for row in scope.decisions]])
    return PackPart(tuple(sections), figures, (("decisions and actions", digest),))


def _open_actions(scope: Scope) -> Iterator[Asked]:
    """Yield the actions that nobody had confirmed or dropped, those due first."""
    rows = BoardAction.objects.filter(board_id=scope.board.id, written_at__lte=scope.moment)
    found = rows.filter(**scope.open("item__confidential")).select_related("decision", "item")
    steps: dict[object, list[BoardActionStep]] = {}
    for step in BoardActionStep.objects.filter(action__in=[row.pk for row in found]).order_by("taken_at", "pk"):
        steps.setdefault(step.action_id, []).append(step)
    asked = [_asked(row, steps.get(row.pk, []), scope) for row in found]
    kept = [one for one in asked if not MACHINE.states[one.state].ends]
    yield from sorted(kept, key=lambda one: (one.due_date, one.row.written_at, str(one.row.pk)))


def _asked(row: BoardAction, steps: Sequence[BoardActionStep], scope: Scope) -> Asked:
    """Return how an action stood: as it stands, or after the last step that was taken by then."""
    taken = [one for one in steps if one.taken_at <= scope.moment]
    if len(taken) == len(steps):
        state, due = row.state, row.due_date
    else:
        state = MACHINE.steps[taken[-1].step].target if taken else MACHINE.first
        due = taken[-1].due_date if taken else row.due_date
    return Asked(row, state, due, is_overdue(state, due, scope.day))


def _actions(asked: Sequence[Asked], scope: Scope) -> Iterator[PackSection]:
    if not asked:
        return
    soon = scope.day + dt.timedelta(days=SOON_DAYS)
    waiting = [one for one in asked if one.state == "reported"]
    still = [one for one in asked if one.state != "reported" and not one.overdue]
    groups = {
        "Overdue": [one for one in asked if one.overdue],
        f"Due within {SOON_DAYS} days": [one for one in still if one.due_date <= soon],
        "Due later": [one for one in still if one.due_date > soon],
        "Reported done, to be confirmed": waiting,
    }
    bars = [Bar(name, float(len(found)), str(len(found))) for name, found in groups.items()]
    columns = ("Action", "Body", "Due", "Stands")
    rows = tuple(
        (f"{MARK if one.row.item.confidential else ''}{one.row.words}", body_words(one.row.body),
         day_words(one.due_date), "Overdue" if one.overdue else MACHINE.states[one.state].name)
        for one in asked
    )  # fmt: skip
    yield PackSection(
        ACTIONS, (draw_bars("Actions that are open", bars, "orange"),),
        tables=(PackTable("Actions that are open, those due first", columns, rows),),
    )  # fmt: skip


def _decisions(scope: Scope) -> Iterator[PackSection]:
    if not scope.decisions:
        return
    columns = ("Decision", "What was decided", "Decided", "Sees to it", "Looked at again")
    rows = tuple(
        (f"{_marked(row)}{row.reference}: {row.title}", row.words, day_words(london_date(row.decided_at)),
         body_words(row.owner_body), day_words(row.review_date))
        for row in scope.decisions
    )  # fmt: skip
    due = _to_review(scope)
    lines = (f"To look at again: {', '.join(row.reference for row in due)}.",) if due else ()
    yield PackSection(DECISIONS, lines=lines, tables=(PackTable("Decisions that stand, newest first", columns, rows),))


def _to_review(scope: Scope) -> list[BoardDecision]:
    return [row for row in scope.decisions if row.review_date < scope.day]


def _marked(row: BoardDecision) -> str:
    return MARK if row.confidential else ""


def _figure(scope: Scope, key: str, title: str, count: int, lower_is_better: bool | None) -> PackFigure:
    day, source = scope.day.isoformat(), reverse("boards")
    return PackFigure(f"work:{key}", title, float(count), str(count), day, source, lower_is_better)
