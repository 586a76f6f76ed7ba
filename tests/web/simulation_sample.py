"""A network small enough to be run in a test, and large enough that one decision makes somebody else wait longer.

Families wait for a letting and then for a school place; children wait for school places alone. More lettings send more
families to the school places.
"""

import datetime as dt

from braid.language.documents import write
from braid.simulation.durations import Exponential
from braid.simulation.engines.choice import choose_engine
from braid.simulation.model import Clock, Network, Pathway, Present, Service, Step, Weekly
from braid.web.models import SimulationAnswer, SimulationNetwork, SimulationQuestion
from braid.web.simulations.answers import make_answer
from braid.web.simulations.asked import Asked
from braid.web.simulations.publishing import publish_network
from braid.web.watch import known_asker

START = dt.date(2026, 11, 2)
RUN = "2026-11-15-sample"
LETTINGS, SCHOOL = range(2)
"""Their numbers among the services."""


def small_network(weeks: int = 104, name: str = "Sample Vale") -> Network:
    """Return two queues, one behind the other for some."""
    week = Exponential("exponential", 1.0)
    return Network(
        kind="network",
        name=name,
        start=START,
        weeks=weeks,
        services=(
            Service("lettings", "slots", Weekly(9.0), title="Lettings"),
            Service("school", "places", Weekly(20.0), title="School places"),
            Service("visits", "time", title="Visits"),
        ),
        pathways=(
            Pathway(
                "family",
                (
                    Step("letting", ("lettings",), week, title="Letting"),
                    Step("school", ("school",), week, ("letting",), title="School place"),
                ),
                Weekly(10.0),
                unit="household",
                title="Homeless families",
            ),
            Pathway(
                "child",
                (Step("visit", ("visits",), week), Step("school", ("school",), week, ("visit",), title="School place")),
                Weekly(10.2),
                priority=1,
                clock=Clock(4.0),
                unit="child",
                title="Children who move",
            ),
        ),
        present=(
            Present("family", 120, least=0.0, most=40.0),
            Present("child", 10, done=("visit",), least=0.0, most=4.0),
        ),
        sources={"Lettings": "made up for tests"},
    )


def put_network(network: Network | None = None, run_id: str = RUN) -> None:
    """Publish a network as the owner of the tables."""
    publish_network(network or small_network(), run_id, ["Made up: nothing of it adds up to anything"])


def put_questions(numbers: range, asked_by: str = "test-ig_lead") -> str:
    """Put a question for each number, all answered alike; return the id of the last."""
    put_network()
    network, asked = small_network(26), Asked("simulation_asked", (), 26, 5, 1, 0.95)
    made = make_answer(asked, network, choose_engine(), lambda _done, _of: None)
    with known_asker():
        of = SimulationNetwork.objects.get(name="Sample Vale")
        for number in numbers:
            row = SimulationQuestion.objects.create(
                network=of, kind="scenarios", name=f"Question {number}", document=write(asked), asked_by=asked_by,
                state="done", of=5,
            )  # fmt: skip
            SimulationAnswer.objects.create(
                question=row, document=made.document, digest=made.digest, engine="compiled", seconds=1.0
            )
    return str(row.pk)
