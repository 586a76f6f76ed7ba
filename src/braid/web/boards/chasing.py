"""Actions as they are asked for, reported, confirmed, moved and dropped; each step with who took it and their words."""

import datetime as dt
from uuid import UUID

from braid.language.dates import london_date
from braid.language.steps import NotPossible
from braid.place.boards.acting import Acting, check_chairs, check_prepares, check_reports, check_steers
from braid.place.boards.actions import MACHINE, check_confirm, check_due, check_words_of_step
from braid.place.boards.meetings import HELD
from braid.place.boards.terms import Board
from braid.web.access.sight import NotThere
from braid.web.boards.deciding import get_decision
from braid.web.boards.entering import acting_on, check_texts, get_item, note
from braid.web.care.kept import change
from braid.web.models import BoardAction, BoardActionStep
from braid.web.recording import Asker


def ask_action(
    asker: Asker,
    board: Board,
    item_id: UUID,
    words: str,
    body: str,
    due_date: dt.date,
    decision_id: UUID | None,
    now: dt.datetime,
) -> UUID:
    """Ask one body for something by a day, at a meeting that is held or was; return the id of the action."""
    check_prepares(acting_on(asker, board, now))
    item = get_item(board, item_id)
    if item.meeting.state not in (*HELD, "agreed"):
        raise NotPossible("The meeting was not held yet. An action is what it asks for")
    if not words.strip() or body not in {one.body for one in board.members}:
        raise NotPossible("Enter what is to be done, and choose which body of the board does it")
    check_texts(words)
    check_due(due_date, london_date(now))
    decision = get_decision(decision_id) if decision_id else None
    if decision is not None and (decision.item_id != item.pk or not decision.carried):
        raise NotPossible("Choose a decision that was carried on this item, or none")
    row = BoardAction(
        board_id=board.id, item=item, decision=decision, words=words, body=body, due_date=due_date,
        written_by=asker.username, written_at=now,
    )  # fmt: skip
    BoardAction.objects.append_one(row)
    note(asker, board, "board action asked", meeting=item.meeting_id, item=item.pk, action=row.pk)
    return row.pk


def get_action(action_id: UUID) -> BoardAction:
    """Return an action that whoever asks may see, with where it comes from. Raises `NotThere`."""
    row = BoardAction.objects.filter(pk=action_id).select_related("item__meeting", "decision").first()
    if row is None:
        raise NotThere
    return row


def check_step(acting: Acting, row: BoardAction, step: str) -> None:
    """Raise `NotPossible` unless a step follows, and whoever acts may take it."""
    MACHINE.after(row.state, step)
    if step in ("move", "drop"):
        check_chairs(acting)
    elif step == "report":
        check_reports(acting, row.body)
    else:
        check_steers(acting)
    if step == "confirm":
        check_confirm(acting.username, row.reported_by)


def step_action(
    asker: Asker,
    board: Board,
    action_id: UUID,
    seen: int,
    step: str,
    words: str,
    due_date: dt.date | None,
    now: dt.datetime,
) -> None:
    """Take a step with an action. Its words and its day stay readable beside those of every other step."""
    row = get_action(action_id)
    if row.board_id != board.id:
        raise NotThere
    check_step(acting_on(asker, board, now), row, step)
    check_words_of_step(step, words)
    check_texts(words)
    due = row.due_date
    if step == "move":
        if due_date is None:
            raise NotPossible("Enter the new day")
        check_due(due_date, london_date(now))
        due = due_date
    reported_by = {"report": asker.username, "send_back": ""}.get(step, row.reported_by)
    change(row, seen, state=MACHINE.after(row.state, step), due_date=due, reported_by=reported_by)
    BoardActionStep.objects.append_one(
        BoardActionStep(action=row, step=step, words=words, due_date=due, taken_by=asker.username, taken_at=now)
    )
    note(asker, board, f"board action: {step}", action=row.pk)
