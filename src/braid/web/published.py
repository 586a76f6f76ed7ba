"""The published set as a whole: which run it shows, and how a page sees one run and never half of two."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.db.models import QuerySet

from braid.web.models import PublishedRun
from braid.web.written_once import written_once

SWAP_LOCK = 7_303_001
ANSWER_LOCK = 7_303_005
"""Held while somebody answers a plan, and while plans are replaced: no answer goes to what has just been taken away."""
HOLD = f"pg_advisory_xact_lock_shared({SWAP_LOCK})"


def hold_published_set() -> None:
    """Until the transaction ends, keep a newly published run from appearing between two reads of one page."""
    with connection.cursor() as cursor:
        cursor.execute(f"select {HOLD}")


def wait_for_pages() -> None:
    """Called last by whoever publishes: wait for pages that are being read; new ones wait for the commit."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [SWAP_LOCK])


def take_turn(lock: int) -> None:
    """Wait until nobody else does what this lock stands for, and keep others waiting until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [lock])


@contextmanager
def holding(lock: int) -> Iterator[bool]:
    """Say whether nobody else does what this lock stands for, and keep others from it until the block ends.

    For what takes longer than a transaction: it is held over a connection of its own, so that what is done meanwhile
    can be committed, and in one transaction, which a pool of connections keeps together. It ends with the process.
    """
    beside = connection.copy()
    try:
        beside.set_autocommit(False)
        with beside.cursor() as cursor:
            cursor.execute("select pg_try_advisory_xact_lock(%s)", [lock])
            is_held = bool(cursor.fetchone()[0])
        yield is_held
    finally:
        beside.close()


def find_published_run() -> PublishedRun | None:
    """Return the run that the pages show; `None` before the first. Its feeds are read when asked for."""
    found = _run()
    return found[0] if found else None


@written_once
def _run() -> QuerySet[PublishedRun]:
    return PublishedRun.objects.defer("feed_history").order_by("pk")[:1]


def estimate_waits() -> int | None:
    """Return how many waits the place has, as the database reckons them for its plans; `None` before it has counted.

    For choosing between two ways to the same rows, and never shown. Inside `asking_as`.
    """
    with connection.cursor() as cursor:
        cursor.execute("select reltuples from pg_class where oid = 'braid_personwait'::regclass")
        found = int(cursor.fetchone()[0])
    return found if found >= 0 else None


def name_of_organisation(organisation: str) -> str:
    """Return what an organisation of the place is called; its id where no run has named it."""
    return names_of_organisations().get(organisation, organisation)


def names_of_organisations() -> dict[str, str]:
    """Return what each organisation of the place is called, by id."""
    run = find_published_run()
    return dict(run.names) if run else {}
