"""The sequencer beside the server: a thread that gives new entries their place and signs a checkpoint every minute.

It connects as the owner of the tables, ends with the server, and never stops it: what fails is tried again. Its log
lines name the kind of fault and never a value.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from braid.store.signing_key import SigningKey
from braid.web.audit_log import LogBroken, seal
from braid.web.beside import working_beside

SEAL_SECONDS = 1.0
SIGN_SECONDS = 60.0
WHOLE_SECONDS = 600.0
"""How often all entries are searched for what has no place, and not those near the newest alone."""
STOP_SECONDS = 10.0
logger = logging.getLogger(__name__)


@contextmanager
def sealing(database_url: str, key: SigningKey) -> Iterator[None]:
    """Sequence and sign until the block ends; then once more, so that nothing shown stays without its place."""
    with working_beside("seal audit log", _seal_until, database_url, key, stop_seconds=STOP_SECONDS):
        yield


def _seal_until(stop: threading.Event, database_url: str, key: SigningKey) -> None:
    while True:
        try:
            with psycopg.connect(database_url, autocommit=True, connect_timeout=5) as connection:
                _seal_on(stop, connection, key)
        except Exception as error:
            logger.error("the audit log is not sealed: %s; trying again", type(error).__name__)
        if stop.wait(SEAL_SECONDS):
            return


def _seal_on(stop: threading.Event, connection: psycopg.Connection[tuple[object, ...]], key: SigningKey) -> None:
    """Seal every second over one connection until told to stop or a fault ends it."""
    signed_at = searched_at = -WHOLE_SECONDS
    while True:
        now, stops = time.monotonic(), stop.is_set()
        sign, whole = stops or now - signed_at >= SIGN_SECONDS, stops or now - searched_at >= WHOLE_SECONDS
        try:
            seal(connection, key, sign=sign, whole=whole)
        except LogBroken:
            logger.error("the audit log contradicts what was signed; run braid audit verify")
            seal(connection, key, sign=False, whole=whole)
        signed_at, searched_at = now if sign else signed_at, now if whole else searched_at
        if stops:
            return
        stop.wait(SEAL_SECONDS)
