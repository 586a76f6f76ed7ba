"""Bringing the tables up to date without holding up the pages that are served meanwhile.

A change of a table waits until whoever reads it is done, and everybody who comes later waits behind it. So a change
waits no longer than `LOCK_SECONDS`, lets the others pass, and tries again (PostgreSQL's manual, `lock_timeout`).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management import call_command
from django.db import OperationalError, connection
from django.db.backends.utils import CursorWrapper
from django.db.migrations.loader import MigrationLoader
from psycopg.errors import LockNotAvailable

from braid.store.engine import EngineNotAvailable

LOCK_SECONDS = 2.0
"""How long pages may wait behind a change of a table."""
PAUSE_SECONDS = 3.0
TRIES = 20
ALONE = 5_309_417_260_119
"""The number of the advisory lock that whoever changes tables holds: drawn once, and Braid's alone."""
MOST_WAITED_SECONDS = 900.0


def migrate() -> None:
    """Apply every migration that is missing; one that cannot have its table yet is tried again from its beginning.

    Each is a transaction of its own, so what was applied stays. Raises `EngineNotAvailable` where a table was in use
    each time, and where a newer version made the tables: this one would put its own policies over those.
    """
    check_not_newer()
    with _alone():
        _migrate()


def _migrate() -> None:
    for _ in range(TRIES):
        try:
            _wait_at_most(LOCK_SECONDS)
            call_command("migrate", verbosity=0, interactive=False)
            return
        except OperationalError as error:
            if not isinstance(error.__cause__, LockNotAvailable):
                raise
        finally:
            _wait_at_most(0)
        time.sleep(PAUSE_SECONDS)
    raise EngineNotAvailable(
        "a table that this version changes was in use each time it was asked for; what was changed before stays."
        " Next step: see what runs long (select pid, state, xact_start from pg_stat_activity), and start again"
    )


@contextmanager
def _alone() -> Iterator[None]:
    """Let one process at a time change the tables: a worker, a backup and the run of the night may begin together.

    It is asked for again and again and not waited for in one statement, whose snapshot an index that another makes
    beside writers would wait for.
    """
    until = time.monotonic() + MOST_WAITED_SECONDS
    with connection.cursor() as cursor:
        while not _take(cursor):
            if time.monotonic() > until:
                raise EngineNotAvailable(
                    "another process changes the tables and does not end. Next step: see what it waits for (select pid,"
                    " state, query_start from pg_stat_activity), and start again"
                )
            time.sleep(PAUSE_SECONDS)
        try:
            yield
        finally:
            cursor.execute("select pg_advisory_unlock(%s)", [ALONE])


def _take(cursor: CursorWrapper) -> bool:
    cursor.execute("select pg_try_advisory_lock(%s)", [ALONE])
    return bool(cursor.fetchone()[0])


def check_not_newer() -> None:
    """Raise `EngineNotAvailable` where the database has migrations that this version does not know."""
    loader = MigrationLoader(connection)
    unknown = [name for name in loader.applied_migrations if name[0] == "braid" and name not in loader.disk_migrations]
    if unknown:
        raise EngineNotAvailable(
            f"the tables were made by a newer version of Braid ({len(unknown)} steps that this one does not know). Next"
            " step: start that version, or restore a backup from before it"
        )


def _wait_at_most(seconds: float) -> None:
    """Say how long a statement of this connection waits for a table; 0 is without end."""
    with connection.cursor() as cursor:
        cursor.execute("select set_config('lock_timeout', %s, false)", [f"{int(seconds * 1000)}ms"])
