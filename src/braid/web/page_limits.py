"""How long a page waits for the database: for a lock that somebody else holds, and for an answer to one statement.

Both are settings of the role of the pages, which the database gives every session of theirs, through a pooler in
transaction mode too. Whoever publishes, works beside or keeps backups connects as somebody else and is not held to
them. A page that waited too long is taken back whole, and says so with status 503.
"""

from __future__ import annotations

import os

from django.db import OperationalError
from psycopg.errors import LockNotAvailable, QueryCanceled

from braid.store.engine import EngineNotAvailable

LOCK_SECONDS, STATEMENT_SECONDS = "BRAID_PAGE_LOCK_SECONDS", "BRAID_PAGE_STATEMENT_SECONDS"
DEFAULTS = {LOCK_SECONDS: 5.0, STATEMENT_SECONDS: 30.0}
SHORTEST, LONGEST = 0.1, 600.0
"""What a place may set, in seconds: without end it may not be."""
RETRY_SECONDS = 10
"""After how many seconds whoever asks by a program may try again."""


def read_limits() -> dict[str, int]:
    """Return how long a page waits, in milliseconds, by PostgreSQL's name of the limit.

    Raises `EngineNotAvailable` where a setting is no number of seconds from `SHORTEST` to `LONGEST`, or where a lock
    may be waited for longer than a statement may take.
    """
    lock, statement = (_read(name) for name in (LOCK_SECONDS, STATEMENT_SECONDS))
    if lock > statement:
        raise EngineNotAvailable(
            f"{LOCK_SECONDS} is longer than {STATEMENT_SECONDS}, which then ends the wait for a lock. Next step: set a"
            " shorter wait for locks, or leave both to their defaults"
        )
    return {"lock_timeout": round(lock * 1000), "statement_timeout": round(statement * 1000)}


def _read(name: str) -> float:
    try:
        seconds = float(os.environ.get(name) or DEFAULTS[name])
    except ValueError:
        seconds = 0.0
    if not SHORTEST <= seconds <= LONGEST:
        raise EngineNotAvailable(
            f"{name} is not a number of seconds from {SHORTEST} to {LONGEST:.0f}. Next step: set one, or unset it:"
            f" {DEFAULTS[name]:.0f} is then taken"
        )
    return seconds


def waited_too_long(error: BaseException | None) -> bool:
    """Whether a failure is that of a page which waited for the database for as long as it may, or was told to stop."""
    return isinstance(error, OperationalError) and isinstance(error.__cause__, LockNotAvailable | QueryCanceled)
