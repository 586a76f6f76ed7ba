"""Keeping the journal of a place's database until asked to end, beginning again whenever the connection ends."""

from __future__ import annotations

import logging
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psycopg

from braid.store.engine import EngineNotAvailable
from braid.store.journal import begin_journal, follow_journal, journal_folder
from braid.store.place_folder import Place
from braid.web.operating.backups import check_outside
from braid.web.operating.kept_moments import Passing, tell_kept

AGAIN_SECONDS = 5.0
STOP_SECONDS = 10.0
LOOK_SECONDS = 0.5
TELL_SECONDS = 15.0
logger = logging.getLogger(__name__)


def keep_journal(url: str, place: Place, backups: Path, ended: threading.Event | None = None) -> None:
    """Keep the journal in a folder of backups until the process is asked to end, or `ended` is set.

    Raises `EngineNotAvailable` where the folder is inside the place, or the user may not replicate.
    """
    check_outside(place, backups)
    stop = ended or threading.Event()
    if ended is None:
        for each in (signal.SIGTERM, signal.SIGINT):
            signal.signal(each, lambda *_: stop.set())
    folder = journal_folder(url, backups)
    begin_journal(url, folder)
    passing = Passing(url)
    while not stop.is_set():
        try:
            if journal_folder(url, backups) != folder:
                raise EngineNotAvailable(
                    "another database server answers at this address. Next step: start braid journal again, and take a"
                    " backup with its base"
                )
            _follow(url, folder, stop, lambda: _tell(backups, passing))
        except psycopg.OperationalError:
            logger.warning("the database server does not answer; its journal is asked for again")
        stop.wait(0 if stop.is_set() else AGAIN_SECONDS)


def _tell(backups: Path, passing: Passing) -> None:
    """Say how far everything is kept. What is in the way of that is no reason to keep nothing."""
    try:
        tell_kept(passing.url, backups)
        passing.look()
    except psycopg.Error as error:
        logger.warning("how far the journal is kept was not told (%s)", type(error).__name__)


def _follow(url: str, folder: Path, stop: threading.Event, tell: Callable[[], None]) -> None:
    """Fetch until the connection ends or it is time to stop, and now and then `tell` how far it is."""
    fetching, next_tell = follow_journal(url, folder), 0.0
    while fetching.poll() is None and not stop.wait(LOOK_SECONDS):
        if time.monotonic() >= next_tell:
            next_tell = time.monotonic() + TELL_SECONDS
            tell()
    if fetching.poll() is None:
        fetching.send_signal(signal.SIGINT)
        try:
            fetching.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            fetching.kill()
        return
    logger.warning("the journal was fetched no further (code %s); it is asked for again", fetching.returncode)
