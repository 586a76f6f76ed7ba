"""Making the studies that wait, one at a time, as the owner of the tables; who makes them holds a database lock."""

import logging
import time
from collections.abc import Callable

from django.utils import timezone

from braid.language.documents import parse, write
from braid.place.portfolio.model import Portfolio
from braid.place.portfolio.study import DRAWS, study
from braid.planning.contract import NoPlan
from braid.planning.kinds import KINDS
from braid.web.models import PortfolioStudy
from braid.web.published import holding
from braid.web.watch import known_asker

STUDY_LOCK = 7_303_047
MOST_TRIES = 3
FAILURES = {
    "no_plan": "No choice keeps every rule with these budgets. Ask with others.",
    "memory": "There was not enough memory. Tell whoever runs Braid here.",
    "interrupted": "It was interrupted again and again. Tell whoever runs Braid here.",
    "fault": "It could not be made. Tell whoever runs Braid here; other studies are not touched.",
}
"""Why there is no study, by code, as the page says it."""
logger = logging.getLogger(__name__)


class _Stopped(Exception):
    """The process that makes it is to end: the study waits again."""


def make_waiting(is_stopped: Callable[[], bool] = lambda: False, draws: int = DRAWS) -> int:
    """Make what waits, oldest first; return how many were made. Nothing where another process makes them."""
    made = 0
    with known_asker():
        if not PortfolioStudy.objects.filter(state__in=("waiting", "running")).exists():
            return 0
        with holding(STUDY_LOCK) as is_alone:
            if is_alone:
                PortfolioStudy.objects.filter(state="running").update(state="waiting")
                while not is_stopped() and (row := _next()) is not None:
                    _make(row, is_stopped, draws)
                    made += 1
    return made


def _next() -> PortfolioStudy | None:
    waiting = PortfolioStudy.objects.filter(state="waiting").select_related("portfolio")
    return waiting.order_by("asked_at", "pk").first()


def _make(row: PortfolioStudy, is_stopped: Callable[[], bool], draws: int) -> None:
    mine = PortfolioStudy.objects.filter(pk=row.pk)
    if row.tries >= MOST_TRIES:
        mine.update(state="failed", failure="interrupted")
        return
    mine.update(state="running", done=0, tries=row.tries + 1, failure="")

    def tell(done: int, _of: int) -> None:
        if is_stopped():
            raise _Stopped
        mine.update(done=done)

    began = time.monotonic()
    try:
        portfolio = parse(row.portfolio.document, Portfolio, "portfolio")
        found = study(portfolio, KINDS["portfolio"].solve, budgets=row.budgets, draws=draws, tell=tell)
    except _Stopped:
        mine.update(state="waiting", done=0, tries=row.tries)
    except NoPlan:
        mine.update(state="failed", failure="no_plan")
    except MemoryError:
        mine.update(state="failed", failure="memory")
    except Exception as error:
        # Whatever it is, the next one is made all the same, and nobody reads a trace.
        logger.error("a study of a portfolio failed: %s", type(error).__name__)
        mine.update(state="failed", failure="fault")
    else:
        seconds = time.monotonic() - began
        mine.update(state="done", document=write(found), seconds=seconds, answered_at=timezone.now(), tries=0)
