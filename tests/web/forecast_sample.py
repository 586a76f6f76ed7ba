"""A question of two scenarios with its answer, and a decision of some weeks ago with a forecast and later sizes."""

import datetime as dt
from functools import lru_cache
from uuid import UUID

from board_sample import DAY, EVERYBODY, OWN, PAPER, VOTING, WORDS, Acts, seat, version_of_item, version_of_meeting
from sample_run import AS_OF
from simulation_sample import put_network, small_network

from braid.language.dates import LONDON
from braid.language.documents import write
from braid.simulation.engines.choice import choose_engine
from braid.simulation.scenarios import CapacityChange, Scenario
from braid.web.boards import deciding, keeping, priorities
from braid.web.boards.deciding import DecisionWords
from braid.web.boards.priorities import PriorityWords
from braid.web.forecasts.attaching import attach_to_item
from braid.web.models import ShownSize, SimulationAnswer, SimulationNetwork, SimulationQuestion
from braid.web.simulations.answers import Made, make_answer
from braid.web.simulations.asked import Asked
from braid.web.watch import known_asker

NAME, WEEKS = "How many lettings", 60
SCENARIOS = (
    Scenario("scenario", "three more lettings", (CapacityChange("capacity", "lettings", add=3.0),)),
    Scenario("scenario", "two fewer lettings", (CapacityChange("capacity", "lettings", add=-2.0),)),
)


@lru_cache(maxsize=1)
def answered() -> tuple[Asked, Made]:
    """Return what is asked and its answer, which takes a second, once."""
    asked = Asked("simulation_asked", SCENARIOS, WEEKS, 8, 1, 0.95)
    return asked, make_answer(asked, small_network(WEEKS), choose_engine(), lambda _done, _of: None)


def put_question(is_answered: bool = True, asked_by: str = "test-analyst") -> UUID:
    """Put the question, with its answer or waiting for one; return its id."""
    put_network(small_network(WEEKS))
    asked, made = answered()
    with known_asker():
        row = SimulationQuestion.objects.create(
            network=SimulationNetwork.objects.get(weeks=WEEKS), kind="scenarios", name=NAME, document=write(asked),
            asked_by=asked_by, state="done" if is_answered else "waiting", of=24,
        )  # fmt: skip
        if is_answered:
            SimulationAnswer.objects.create(
                question=row, document=made.document, digest=made.digest, engine="compiled", seconds=1.0
            )
    return row.pk


def put_followed_decision(username: str, board_id: str = "safety") -> UUID:
    """Have a board decide on a forecast three weeks before the run, with a priority; return the decision's id."""
    acts = Acts(username, "commissioner", board_id)
    seat(username, OWN, board_id, begins=-200)
    question = put_question(asked_by=username)
    then = dt.datetime.combine(AS_OF - 20 * DAY, dt.time(10), LONDON)
    long_ago = then - 90 * DAY
    with acts.asking():
        asker, board = acts.asker, acts.board
        meeting = keeping.plan_meeting(asker, board, then, 90, long_ago)
        item = keeping.put_item(asker, board, meeting, version_of_meeting(meeting), WORDS, long_ago)
        keeping.write_paper(asker, board, item, 0, PAPER, long_ago)
        attach_to_item(asker, board, item, question, 0, long_ago)
        keeping.send_papers(asker, board, meeting, version_of_meeting(meeting), "", then - 30 * DAY)
        there = dict.fromkeys(EVERYBODY, "present")
        deciding.hold(asker, board, meeting, version_of_meeting(meeting), there, then)
        words = DecisionWords(
            "More lettings", "Three more", "", "They help", "", VOTING[0].body, AS_OF + 90 * DAY, None
        )
        votes = dict.fromkeys(VOTING, "for")
        decision = deciding.decide(asker, board, item, version_of_item(item), words, votes, {}, then)
        day = then.date()
        priority = PriorityWords(1, "Homes first", "Lists grow", ("school_from_ta",), (), "", day, day + 365 * DAY)
        priorities.set_priority(asker, board, decision, None, priority, then)
    with known_asker():
        for days_back, waiting in ((13, 120), (6, 200)):
            ShownSize.objects.update_or_create(
                kind="register", day=AS_OF - days_back * DAY, defaults={"waiting": waiting, "is_filled_in": False}
            )
    return decision
