"""Work in a thread of its own beside a server, for as long as a block lasts."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


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
