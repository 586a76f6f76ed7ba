"""Work in a thread of its own beside a server, for as long as a block lasts."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from django.db import connections

LOOK_SECONDS = 1.0
STOP_SECONDS = 30.0
logger = logging.getLogger(__name__)


@contextmanager
def working_beside(name: str, work: Callable[..., None], *arguments: Any, stop_seconds: float) -> Iterator[None]:
    """Have `work(stop, *arguments)` done until the block ends; `stop` is set then, and it is waited for so long.

    A thread that does not end by then ends with the process.
    """
    stop = threading.Event()
    thread = threading.Thread(target=work, args=(stop, *arguments), daemon=True, name=name)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(stop_seconds)


@contextmanager
def making_what_waits(name: str, module: str, function: str) -> Iterator[None]:
    """Call a function of a module every second until the block ends, as the owner; it is told when to end.

    It ends with the server and never stops it. Its log lines name the kind of fault and never a value. Django must be
    set up before the module is imported.
    """
    with working_beside(name, _make_until, name, module, function, stop_seconds=STOP_SECONDS):
        yield


def _make_until(stop: threading.Event, name: str, module: str, function: str) -> None:
    make = getattr(import_module(module), function)
    while not stop.wait(LOOK_SECONDS):
        try:
            make(stop.is_set)
        except Exception as error:
            logger.error("the %s made nothing: %s; trying again", name, type(error).__name__)
            connections.close_all()
    connections.close_all()
