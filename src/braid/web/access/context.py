"""The context of a look: who asks, for what. The database shows rows about people to nobody else."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from braid.web.published import HOLD
from braid.web.watch import known_asker

TELL_DATABASE = "select set_config('braid.username', %s, true), set_config('braid.purpose', %s, true)"
"""Who asks, until the transaction ends; never for the session, which a pool hands on to somebody else."""
TELL_AND_HOLD = f"{TELL_DATABASE}, {HOLD}"


@contextmanager
def asking_as(username: str, purpose: str) -> Iterator[None]:
    """Open a transaction in which the database knows who asks, and that shows one published run."""
    with known_asker(), transaction.atomic():
        _begin(username, purpose)
        yield
        _tell_database("", "")


def _begin(username: str, purpose: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(TELL_AND_HOLD, [username, purpose])


def _tell_database(username: str, purpose: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(TELL_DATABASE, [username, purpose])
