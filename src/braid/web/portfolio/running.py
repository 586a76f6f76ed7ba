"""Making the studies that wait."""

import time
from collections.abc import Callable
from functools import partial

from django.utils import timezone

from braid.language.documents import parse, write
from braid.place.portfolio.model import Portfolio
from braid.place.portfolio.study import DRAWS, study
from braid.planning.contract import NoPlan
from braid.planning.kinds import KINDS
from braid.web.models import PortfolioStudy
from braid.web.queued_work import Stopped, attempt, make_in_turn
from braid.web.watch import known_asker

STUDY_LOCK = 7_303_047
FAILURES = {
    "no_plan": "No choice keeps every rule with these budgets. Ask with others.",
    "memory": "There was not enough memory. Tell whoever runs Braid here.",
    "interrupted": "It was interrupted again and again. Tell whoever runs Braid here.",
    "fault": "It could not be made. Tell whoever runs Braid here; other studies are not touched.",
}
"""Why there is no study, by code, as the page says it."""


def make_waiting(is_stopped: Callable[[], bool] = lambda: False, draws: int = DRAWS) -> int:
    """Make what waits, oldest first; return how many were made. Nothing where another process makes them."""

    def make(row: PortfolioStudy) -> None:
        attempt(row, partial(_make, row, is_stopped, draws), "a study of a portfolio", {NoPlan: "no_plan"})

    with known_asker():
        return make_in_turn(PortfolioStudy.objects.select_related("portfolio"), STUDY_LOCK, make, is_stopped)


def _make(row: PortfolioStudy, is_stopped: Callable[[], bool], draws: int) -> None:
    mine = PortfolioStudy.objects.filter(pk=row.pk)

    def tell(done: int, _of: int) -> None:
        if is_stopped():
            raise Stopped
        mine.update(done=done)

    began = time.monotonic()
    portfolio = parse(row.portfolio.document, Portfolio, "portfolio")
    found = study(portfolio, KINDS["portfolio"].solve, budgets=row.budgets, draws=draws, tell=tell)
    seconds = time.monotonic() - began
    mine.update(state="done", document=write(found), seconds=seconds, answered_at=timezone.now(), tries=0)
