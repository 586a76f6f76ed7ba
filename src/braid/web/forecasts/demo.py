"""A forecast for a demo: a small question to its network, asked and answered, and laid before a board."""

import math
from uuid import UUID

from braid.simulation.model import Network
from braid.simulation.scenarios import CapacityChange, Scenario
from braid.store.place_folder import Place
from braid.web.access.context import asking_as
from braid.web.access.projections import Viewer
from braid.web.boards.demo import PREPARES
from braid.web.boards.files import boards
from braid.web.care.kept import now_of_database
from braid.web.forecasts.attaching import attach_to_decision, attach_to_item
from braid.web.models import BoardDecision, BoardForecast, BoardItem, SimulationNetwork, SimulationQuestion
from braid.web.simulations.asked import Asked, cost_of
from braid.web.simulations.keeping import ask, find_network, read_network
from braid.web.simulations.running import run_waiting
from braid.web.watch import known_asker

BOARD = "community_safety_partnership"
"""The template of the board that decides on it."""
NAME = "What more therapy and more support would do"
WANTED = ("therapy", "victim_support")
WEEKS, REPLICATIONS, SEED, LEVEL = 78, 12, 1, 0.95
MOST_COST = 0.1
"""Of what a question may take: more would keep whoever starts a demo waiting."""
MORE, FROM_WEEK = 0.25, 4
ASKER = Viewer(PREPARES, "commissioner", "", "", "simulations")


def enter_forecast(place: Place) -> bool:
    """Ask and attach where the place is a fictional one with a network and a decision; say whether it was."""
    with known_asker():
        is_there = SimulationQuestion.objects.exists() or BoardForecast.objects.exists()
    if is_there or not place.is_example:
        return False
    question = _ask()
    if question is None:
        return False
    run_waiting()
    return _attach(question)


def _ask() -> UUID | None:
    """Ask of more of two services; nothing where the network has none, or where it would take long."""
    with asking_as(PREPARES, ""):
        row: SimulationNetwork | None = find_network()
        if row is None:
            return None
        network = read_network(row)
        asked = Asked("simulation_asked", tuple(_scenarios(network)), WEEKS, REPLICATIONS, SEED, LEVEL)
        if not asked.scenarios or cost_of(asked, network).share > MOST_COST:
            return None
        return ask(ASKER, row, "scenarios", NAME, asked)


def _scenarios(network: Network) -> list[Scenario]:
    slots = [one for one in network.services if one.gives == "slots"]
    known = {one.id: one for one in slots}
    chosen = [known[one] for one in WANTED if one in known] or slots[:1]
    return [
        Scenario(
            "scenario",
            f"{math.ceil(MORE * one.capacity.level)} more a week of {(one.title or one.id).lower()}",
            (CapacityChange("capacity", one.id, add=math.ceil(MORE * one.capacity.level), from_week=FROM_WEEK),),
        )
        for one in chosen
    ]


def _attach(question: UUID) -> bool:
    """Attach the first scenario to what a board decided, and the last to what it will decide next."""
    board = next((one for one in boards().values() if one.template == BOARD), None)
    with asking_as(PREPARES, ""):
        answered = SimulationQuestion.objects.filter(pk=question, answer__isnull=False).exists()
        decision = (
            board and BoardDecision.objects.filter(board_id=board.id, carried=True).order_by("decided_at").first()
        )
        if not answered or not decision:
            return False
        now = now_of_database()
        asker = Viewer(PREPARES, "commissioner", "", "", "boards")
        attach_to_decision(asker, board, decision.pk, question, 0, now)
        item = BoardItem.objects.filter(board_id=board.id, kind="decision", decisions=None, taken_off_at=None).first()
        if item is not None:
            scenarios = len(_scenarios(read_network(SimulationQuestion.objects.get(pk=question).network)))
            attach_to_item(asker, board, item.pk, question, scenarios - 1, now)
    return True
