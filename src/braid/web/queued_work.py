"""What somebody asked for and is made beside the server, one at a time, as the owner of the tables.

Who makes it holds a lock of the database: a second process finds it taken. A process that is killed gives it back with
its connection, and whoever takes it next puts what was running back among what waits. A row of such work has a state,
how far it is, how often it was begun, and why there is nothing where there is nothing.
"""

import logging
from collections.abc import Callable, Mapping
from typing import Any

from django.db.models import QuerySet

from braid.web.published import holding

MOST_TRIES = 3
"""What ended the process that made it so often is not begun again."""
NO_FAULTS: Mapping[type[Exception], str] = {}
logger = logging.getLogger(__name__)


class Stopped(Exception):
    """The process that makes it is to end: it waits again."""


class TakenAway(Exception):
    """Whoever asked took it away while it was made."""


def make_in_turn(
    rows: QuerySet[Any], lock: int, make: Callable[[Any], None], is_stopped: Callable[[], bool] = lambda: False
) -> int:
    """Make what waits, oldest first; return how many were made. Nothing where another process makes them."""
    if not rows.filter(state__in=("waiting", "running")).exists():
        return 0
    made = 0
    with holding(lock) as is_alone:
        if is_alone:
            rows.filter(state="running").update(state="waiting")
            waiting = rows.filter(state="waiting").order_by("asked_at", "pk")
            while not is_stopped() and (row := waiting.first()) is not None:
                make(row)
                made += 1
    return made


def attempt(row: Any, work: Callable[[], None], what: str, faults: Mapping[type[Exception], str] = NO_FAULTS) -> None:
    """Do the work of a row, or say at the row why there is nothing; `faults` are codes of what the work may raise.

    Whatever goes wrong, the next one is made all the same, and nobody reads a trace.
    """
    mine = type(row).objects.filter(pk=row.pk)
    if row.tries >= MOST_TRIES:
        mine.update(state="failed", failure="interrupted")
        return
    mine.update(state="running", done=0, tries=row.tries + 1, failure="")
    try:
        work()
    except TakenAway:
        return
    except Stopped:
        mine.update(state="waiting", done=0, tries=row.tries)
    except MemoryError:
        mine.update(state="failed", failure="memory")
    except Exception as error:
        code = next((code for kind, code in faults.items() if isinstance(error, kind)), "fault")
        logger.error("%s failed: %s", what, type(error).__name__)
        mine.update(state="failed", failure=code)
