"""Running the questions that wait, and keeping their answers."""

import time
from collections.abc import Callable
from functools import partial

from django.utils import timezone

from braid.language.documents import parse
from braid.simulation.engines.choice import choose_engine
from braid.simulation.model import Network
from braid.simulation.run import RecordWrong
from braid.web.models import SimulationAnswer, SimulationQuestion
from braid.web.queued_work import Stopped, TakenAway, attempt, make_in_turn
from braid.web.simulations.answers import Made, make_answer, read_asked
from braid.web.watch import known_asker

RUN_LOCK = 7_303_008
TELL_SECONDS = 1.0
"""How often it is written down how far a question is, at most."""
FAILURES = {
    "contradiction": "The simulation contradicted itself, so nothing of it is shown. Tell whoever runs Braid here.",
    "memory": "There was not enough memory. Ask for fewer weeks, replications or scenarios.",
    "interrupted": "It was interrupted again and again. Ask for fewer weeks, replications or scenarios.",
    "fault": "It could not be run. Tell whoever runs Braid here; other questions are not touched.",
}
"""Why there is no answer, by code, as the page says it."""


def run_waiting(is_stopped: Callable[[], bool] = lambda: False) -> int:
    """Run what waits, oldest first, and erase what was taken away; return how many were run. Nothing where another
    process runs."""

    def run(row: SimulationQuestion) -> None:
        attempt(row, partial(_run, row, is_stopped), "a question to a simulation", {RecordWrong: "contradiction"})

    with known_asker():
        SimulationQuestion.objects.filter(ended_at__isnull=False).delete()
        rows = SimulationQuestion.objects.filter(ended_at=None).select_related("network")
        return make_in_turn(rows, RUN_LOCK, run, is_stopped)


def _run(row: SimulationQuestion, is_stopped: Callable[[], bool]) -> None:
    began = time.monotonic()
    engine = choose_engine()
    network = parse(row.network.document, Network, "network")
    made = make_answer(read_asked(row.kind, row.document), network, engine, _teller(row, is_stopped))
    _keep(row, made, engine.name, time.monotonic() - began)


def _teller(row: SimulationQuestion, is_stopped: Callable[[], bool]) -> Callable[[int, int], None]:
    """Return what is told of each replication; it writes that down now and then, and ends what nobody wants."""
    told_at = [time.monotonic()]

    def tell(done: int, _of: int) -> None:
        if is_stopped():
            raise Stopped
        if time.monotonic() - told_at[0] < TELL_SECONDS:
            return
        told_at[0] = time.monotonic()
        if not SimulationQuestion.objects.filter(pk=row.pk, ended_at=None).update(done=done):
            raise TakenAway

    return tell


def _keep(row: SimulationQuestion, made: Made, engine: str, seconds: float) -> None:
    """Keep an answer; of one that was there before, whether it came to the same digits."""
    before = SimulationAnswer.objects.filter(question=row.pk).first()
    if before is None:
        SimulationAnswer.objects.create(
            question_id=row.pk, document=made.document, digest=made.digest, engine=engine, seconds=seconds
        )
    else:
        SimulationAnswer.objects.filter(question=row.pk).update(
            again_at=timezone.now(), is_same_again=before.digest == made.digest
        )
    SimulationQuestion.objects.filter(pk=row.pk, state="running").update(state="done", done=row.of, tries=0)
