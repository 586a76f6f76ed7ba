"""What is done beside the pages by who owns the tables: sealing the log, delivering, and making what people asked for.

It runs in the process that serves (`braid serve`) or in one of its own (`braid work`), never in one that answers
requests: those hold no right of the owner.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from braid.store.place_folder import Place
from braid.store.signing_key import SigningKey
from braid.web.beside import making_what_waits
from braid.web.delivering import delivering
from braid.web.sealer import sealing

MAKERS = (
    ("simulator", "braid.web.simulations.running", "run_waiting"),
    ("portfolio", "braid.web.portfolio.running", "make_waiting"),
    ("link reviews", "braid.web.link_reviews.settling", "settle_waiting"),
    ("sign-in", "braid.web.sign_in.cleaning", "clean"),
    ("rights", "braid.web.rights.working", "work_on_requests"),
)
"""What makes what waits: its name in the log, and the function that is called every second."""


@contextmanager
def working(place: Place, owner_url: str, key: SigningKey) -> Iterator[None]:
    """Do all of it until the block ends. Django must be set up with the connection of the owner."""
    with ExitStack() as jobs:
        jobs.enter_context(sealing(owner_url, key))
        jobs.enter_context(delivering(place))
        for name, module, function in MAKERS:
            jobs.enter_context(making_what_waits(name, module, function))
        yield


def wait_for_end() -> None:
    """Wait until somebody asks the process to end, by the keyboard or as systemd and container engines do."""
    ended = threading.Event()
    before = {each: signal.signal(each, lambda *_: ended.set()) for each in (signal.SIGTERM, signal.SIGINT)}
    try:
        ended.wait()
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
