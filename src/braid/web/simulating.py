"""The simulator beside the server: a thread that runs questions that wait, every second, as the owner of the tables.

It ends with the server and never stops it: what fails is said at the question. Its log lines name the kind of fault and
never a value. It is apart from the postman: no message waits for a simulation.
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
def simulating() -> Iterator[None]:
    """Run questions until the block ends. Django must be set up with the connection of the owner."""
    with working_beside("simulator", _simulate_until, stop_seconds=STOP_SECONDS):
        yield


def _simulate_until(stop: threading.Event) -> None:
    run_waiting = import_module("braid.web.simulations.running").run_waiting
    while not stop.wait(LOOK_SECONDS):
        try:
            run_waiting(stop.is_set)
        except Exception as error:
            logger.error("no question was run: %s; trying again", type(error).__name__)
            connections.close_all()
    connections.close_all()
