"""Running the questions that wait, one at a time, as the owner of the tables.

Who runs holds a lock of the database: a second process finds it taken. A process that is killed gives it back with its
connection, and whoever takes it next puts what was running back among what waits.
"""

import logging
import time
from collections.abc import Callable

from django.utils import timezone

from braid.language.documents import parse
from braid.simulation.engines.choice import choose_engine
from braid.simulation.model import Network
from braid.simulation.run import RecordWrong
from braid.web.models import SimulationAnswer, SimulationQuestion
from braid.web.published import holding
from braid.web.simulations.answers import Made, make_answer, read_asked
from braid.web.watch import known_asker

RUN_LOCK = 7_303_008
MOST_TRIES = 3
"""A question that ended the process that ran it so often is not begun again."""
TELL_SECONDS = 1.0
"""How often it is written down how far a question is, at most."""
FAILURES = {
    "contradiction": "The simulation contradicted itself, so nothing of it is shown. Tell whoever runs Braid here.",
    "memory": "There was not enough memory. Ask for fewer weeks, replications or scenarios.",
    "interrupted": "It was interrupted again and again. Ask for fewer weeks, replications or scenarios.",
    "fault": "It could not be run. Tell whoever runs Braid here; other questions are not touched.",
}
"""Why there is no answer, by code, as the page says it."""
logger = logging.getLogger(__name__)


class _TakenAway(Exception):
    """Whoever asked took the question away while it ran."""


class _Stopped(Exception):
    """The process that runs it is to end: the question waits again."""


def run_waiting(is_stopped: Callable[[], bool] = lambda: False) -> int:
    """Run what waits, oldest first, and erase what was taken away; return how many were run. Nothing where another
    process runs."""
    run = 0
    with known_asker():
        SimulationQuestion.objects.filter(ended_at__isnull=False).delete()
        if not SimulationQuestion.objects.filter(state__in=("waiting", "running")).exists():
            return 0
        with holding(RUN_LOCK) as is_alone:
            if is_alone:
                SimulationQuestion.objects.filter(state="running").update(state="waiting")
                while not is_stopped() and (row := _next()) is not None:
                    _run(row, is_stopped)
                    run += 1
    return run


def _next() -> SimulationQuestion | None:
    waiting = SimulationQuestion.objects.filter(state="waiting", ended_at=None)
    return waiting.select_related("network").order_by("asked_at", "pk").first()


def _run(row: SimulationQuestion, is_stopped: Callable[[], bool]) -> None:
    mine = SimulationQuestion.objects.filter(pk=row.pk, ended_at=None)
    if row.tries >= MOST_TRIES:
        mine.update(state="failed", failure="interrupted")
        return
    mine.update(state="running", done=0, tries=row.tries + 1, failure="")
    began = time.monotonic()
    engine = choose_engine()
    try:
        network = parse(row.network.document, Network, "network")
        made = make_answer(read_asked(row.kind, row.document), network, engine, _teller(row, is_stopped))
    except _TakenAway:
        return
    except _Stopped:
        mine.update(state="waiting", done=0, tries=row.tries)
    except RecordWrong:
        logger.error("a question to a simulation failed: the record contradicts itself")
        mine.update(state="failed", failure="contradiction")
    except MemoryError:
        mine.update(state="failed", failure="memory")
    except Exception as error:
        # Whatever it is, the next one is run all the same, and nobody reads a trace.
        logger.error("a question to a simulation failed: %s", type(error).__name__)
        mine.update(state="failed", failure="fault")
    else:
        _keep(row, made, engine.name, time.monotonic() - began)


def _teller(row: SimulationQuestion, is_stopped: Callable[[], bool]) -> Callable[[int, int], None]:
    """Return what is told of each replication; it writes that down now and then, and ends what nobody wants."""
    told_at = [time.monotonic()]

    def tell(done: int, _of: int) -> None:
        if is_stopped():
            raise _Stopped
        if time.monotonic() - told_at[0] < TELL_SECONDS:
            return
        told_at[0] = time.monotonic()
        if not SimulationQuestion.objects.filter(pk=row.pk, ended_at=None).update(done=done):
            raise _TakenAway

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
