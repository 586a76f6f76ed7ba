"""Studies of portfolios made beside the server: a thread that looks every second, as the owner of the tables.

It ends with the server and never stops it. Its log lines name the kind of fault and never a value.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

from django.db import connections

from braid.web.beside import working_beside

LOOK_SECONDS = 1.0
STOP_SECONDS = 30.0
logger = logging.getLogger(__name__)


@contextmanager
def studying() -> Iterator[None]:
    """Make studies until the block ends. Django must be set up with the connection of the owner."""
    with working_beside("portfolio", _study_until, stop_seconds=STOP_SECONDS):
        yield


def _study_until(stop: threading.Event) -> None:
    make_waiting = import_module("braid.web.portfolio.running").make_waiting
    while not stop.wait(LOOK_SECONDS):
        try:
            make_waiting(stop.is_set)
        except Exception as error:
            logger.error("no study was made: %s; trying again", type(error).__name__)
            connections.close_all()
    connections.close_all()
