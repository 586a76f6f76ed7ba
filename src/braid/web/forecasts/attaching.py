"""Attaching a scenario that was simulated to an item of an agenda, or to a decision: its forecast is frozen with it.

Runs inside `asking_as` and raises what is in the way.
"""

import datetime as dt
from uuid import UUID

from django.db import IntegrityError, transaction

from braid.language.steps import NotPossible
from braid.place.boards.acting import check_prepares
from braid.place.boards.meetings import HELD, TO_COME
from braid.place.boards.terms import Board
from braid.place.forecasts import freeze, write_forecast
from braid.web.access.sight import NotThere
from braid.web.boards.deciding import get_decision
from braid.web.boards.entering import acting_on, get_item, note
from braid.web.models import BoardDecision, BoardForecast, BoardItem, DecisionLink, SimulationQuestion
from braid.web.recording import Asker
from braid.web.simulations.answers import read_answer, read_asked
from braid.web.simulations.keeping import MOST_LISTED, get_question, read_network
from braid.web.simulations.words import say_change

BETWEEN = ":"


def scenario_choices() -> list[tuple[str, str]]:
    """Return the scenarios that were answered, newest question first, for a form: code and words.

    Empty for whoever may not read simulations.
    """
    found = SimulationQuestion.objects.filter(kind="scenarios", ended_at=None, answer__isnull=False)
    return [
        (f"{row.pk}{BETWEEN}{number}", f"{row.name}: {scenario.name}")
        for row in found.order_by("-asked_at", "pk")[:MOST_LISTED]
        for number, scenario in enumerate(read_asked(row.kind, row.document).scenarios)
    ]


def read_choice(code: str) -> tuple[UUID, int]:
    """Return which question and which of its scenarios a code of `scenario_choices` means. Raises `NotPossible`."""
    question, _, number = code.partition(BETWEEN)
    try:
        return UUID(question), int(number)
    except ValueError:
        raise NotPossible("Choose a scenario from the list") from None


def attach_to_item(
    asker: Asker, board: Board, item_id: UUID, question_id: UUID, scenario: int, now: dt.datetime
) -> None:
    """Lay a forecast before a board with an item that is for decision and not decided yet."""
    check_prepares(acting_on(asker, board, now))
    item = get_item(board, item_id)
    if item.kind != "decision":
        raise NotPossible("A forecast goes with an item for decision. This one is not")
    if item.meeting.state not in (*TO_COME, *HELD) or item.decisions.exists():
        raise NotPossible("The item is decided, or its meeting is over. Attach the forecast to the decision")
    _attach(asker, board, item, None, question_id, scenario, now)


def attach_to_decision(
    asker: Asker, board: Board, decision_id: UUID, question_id: UUID, scenario: int, now: dt.datetime
) -> None:
    """Attach a forecast to a decision afterwards; its page says so, and from which day it is."""
    check_prepares(acting_on(asker, board, now))
    decision = get_decision(decision_id)
    if decision.board_id != board.id:
        raise NotThere
    _attach(asker, board, decision.item, decision, question_id, scenario, now)
    link_questions(asker, decision, {question_id}, now)


def link_questions(asker: Asker, decision: BoardDecision, questions: set[UUID], now: dt.datetime) -> None:
    """Say of each question that a decision is about it, unless that is said already."""
    known = set(decision.links.filter(kind="simulation").values_list("reference", flat=True))
    DecisionLink.objects.append(
        DecisionLink(
            decision=decision, kind="simulation", reference=str(one), written_by=asker.username, written_at=now
        )
        for one in sorted(questions)
        if str(one) not in known
    )


def _attach(
    asker: Asker,
    board: Board,
    item: BoardItem,
    decision: BoardDecision | None,
    question_id: UUID,
    scenario: int,
    now: dt.datetime,
) -> None:
    question = get_question(question_id)
    if question.kind != "scenarios" or not hasattr(question, "answer"):
        raise NotPossible("That question has no answer yet. Attach it when it is answered")
    answer = read_answer(question.answer.document)
    asked = read_asked(question.kind, question.document)
    if scenario not in range(len(answer.comparisons)):
        raise NotPossible("Choose a scenario from the list")
    network = read_network(question.network)
    changes = [say_change(change, network) for change in asked.scenarios[scenario].changes]
    forecast = freeze(answer, scenario, question.name, question.answer.digest, changes)
    row = BoardForecast(
        item=item, decision=decision, question_id=question.pk, question=forecast.question_fingerprint,
        answer=forecast.answer_digest, scenario=forecast.scenario[:120], document=write_forecast(forecast),
        written_by=asker.username, written_at=now,
    )  # fmt: skip
    try:
        with transaction.atomic():
            BoardForecast.objects.append_one(row)
    except IntegrityError:
        raise NotPossible("That scenario is attached already") from None
    note(asker, board, "board forecast attached", item=item.pk, question=question.pk)
