"""The postman beside the server: a thread that takes messages which are due, every second, as the owner of the tables,
has the guard read documents that other organisations are to read and papers that are to be printed, and every ten
minutes looks which agreed appointments became unsafe, reminds people of their work, erases what is over (documents, and
what machines sent) and, once a day, sweeps by the schedule. Another thread tells partners' machines of what happened.

They end with the server and never stop it: what fails is tried again. Their log lines name the kind of fault and never
a value. Without a place's routes they go on: what has no way out stays in the outbox and is tried again.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module

from django.db import connections

from braid.store.place_folder import Place
from braid.web.beside import working_beside

LOOK_SECONDS = 1.0
REMIND_SECONDS = 600.0
"""How often it is looked whether somebody is to be reminded."""
STOP_SECONDS = 30.0
MOST_AT_ONCE = 20
logger = logging.getLogger(__name__)


@contextmanager
def delivering(place: Place) -> Iterator[None]:
    """Deliver until the block ends. Django must be set up with the connection of the owner."""
    with (
        working_beside("postman", _deliver_until, place, stop_seconds=STOP_SECONDS),
        working_beside("teller", _tell_until, place, stop_seconds=STOP_SECONDS),
    ):
        yield


def _deliver_until(stop: threading.Event, place: Place) -> None:
    often = {
        "no message was taken": lambda: deliver_once(place, MOST_AT_ONCE),
        "no document was read by the guard": lambda: check_documents_once(place, MOST_AT_ONCE),
        "no paper was read by the guard": lambda: check_papers_once(place, MOST_AT_ONCE),
    }
    seldom = {
        "no appointment was looked through": mark_unsafe_appointments_once,
        "nobody was reminded": lambda: remind_once(place),
        "no document was erased": expire_documents_once,
        "nothing that machines sent was forgotten": forget_what_machines_sent_once,
        "nothing was swept": sweep_once,
    }
    next_reminders = time.monotonic() + LOOK_SECONDS
    while not stop.wait(LOOK_SECONDS):
        _take_turns(often)
        if time.monotonic() >= next_reminders:
            next_reminders = time.monotonic() + REMIND_SECONDS
            _take_turns(seldom)
    connections.close_all()


def _tell_until(stop: threading.Event, place: Place) -> None:
    """Tell events in a thread of its own: a machine that does not answer must keep no message back."""
    while not stop.wait(LOOK_SECONDS):
        _take_turns({"no event was told": lambda: tell_events_once(place, MOST_AT_ONCE)})
    connections.close_all()


def _take_turns(jobs: Mapping[str, Callable[[], object]]) -> None:
    """Do each job; one that fails keeps none of the others from their turn, and is tried again in its next."""
    for failure, job in jobs.items():
        try:
            job()
        except Exception as error:
            logger.error("%s: %s; trying again", failure, type(error).__name__)
            connections.close_all()


def deliver_once(place: Place, limit: int = 1000) -> dict[str, int]:
    """Take the messages that are due, each once, with the routes as the file says now; return how many ended how."""
    ways = import_module("braid.web.outbound.route_file").load_ways(place)
    return dict(import_module("braid.web.outbound.postman").send_due(place, ways, limit))


def remind_once(place: Place) -> dict[str, int]:
    """Remind everybody of what is new for them, by the routes that the file says now; return how many ended how."""
    ways = import_module("braid.web.outbound.route_file").load_ways(place)
    return dict(import_module("braid.web.care.reminding").remind_due(ways))


def mark_unsafe_appointments_once() -> int:
    """Mark agreed appointments that cannot stay, so that somebody is reminded; return how many cases are new."""
    return int(import_module("braid.web.care.appointments").mark_unsafe())


def check_documents_once(place: Place, limit: int = 1000) -> dict[str, int]:
    """Have the guard read the documents that wait for it; return how many passed and how many were held back."""
    return dict(import_module("braid.web.care.document_guard").check_due(place, limit))


def check_papers_once(place: Place, limit: int = 1000) -> dict[str, int]:
    """Have the guard read the papers of boards that wait for it; return how many passed and how many were held back."""
    return dict(import_module("braid.web.proposals.paper_guard").check_papers(place, limit))


def tell_events_once(place: Place, limit: int = 1000) -> dict[str, int]:
    """Tell partners' machines the events that are due, by the addresses that the file lists now; return how many ended
    how."""
    ways = import_module("braid.web.outbound.route_file").load_ways(place)
    return dict(import_module("braid.web.systems.telling").tell_due(ways.routes, limit))


def forget_what_machines_sent_once() -> int:
    """Delete keys of writes that are over, and what became of events long ago; return how many."""
    answers = int(import_module("braid.web.systems.answers").forget_answers())
    return answers + int(import_module("braid.web.systems.subscriptions").forget_deliveries())


def expire_documents_once() -> int:
    """Erase the documents whose time is over; return how many."""
    return int(import_module("braid.web.care.document_expiry").expire_due())


def sweep_once() -> int:
    """Once a day remove what is over its time by the schedule; return how much."""
    return int(import_module("braid.web.rights.sweeping").sweep_when_due())


def list_seen_by(user_name: str) -> list[dict[str, object]]:
    """Return the messages that a lead may see, without words or contact points: id, channel, state and clocks."""
    return list(import_module("braid.web.outbound.listing").list_outbox(user_name))


def list_unseen() -> list[dict[str, object]]:
    """Return what waits for a lead and is seen by none: what it is, its number and its clocks, and nobody's value."""
    return list(import_module("braid.web.outbound.listing").list_unseen_tasks())
