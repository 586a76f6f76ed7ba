"""The context of a look: who asks, for what, by which token. The database shows rows about people to nobody else."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from psycopg.pq import TransactionStatus

from braid.web.published import HOLD
from braid.web.traces.tracing import current_parent
from braid.web.watch import known_asker

TELL_DATABASE = "select set_config('braid.username', %s, true), set_config('braid.purpose', %s, true)"
"""Who asks, until the transaction ends; never for the session, which a pool hands on to somebody else."""
TELL_TOKEN = "set_config('braid.token', %s, true)"  # noqa: S105 - the name of a setting
TELL_AND_HOLD = f"{TELL_DATABASE}, {TELL_TOKEN}, {HOLD}"
TELL_TRACE = "set_config('braid.trace', %s, true)"
"""The trace that an event belongs to which a trigger notes in this transaction."""


@dataclass(frozen=True)
class Binding:
    """The token by which a program asks: its number, and the one agreement that it is bound to, if any."""

    token_id: int
    agreement_id: str = ""


_BINDING: ContextVar[Binding | None] = ContextVar("braid_token", default=None)


@contextmanager
def bound_by(binding: Binding | None) -> Iterator[None]:
    """Let everything that is asked until the block ends be asked by a token; by none where there is none."""
    reset = _BINDING.set(binding)
    try:
        yield
    finally:
        _BINDING.reset(reset)


def bind(binding: Binding | None) -> None:
    """Let what is asked from here on be asked by a token, until the `bound_by` around it ends."""
    _BINDING.set(binding)


def current_binding() -> Binding | None:
    """Return the token by which is asked, or `None` for a human at a page or on the command line."""
    return _BINDING.get()


@contextmanager
def asking_as(username: str, purpose: str) -> Iterator[None]:
    """Open a transaction in which the database knows who asks, and that shows one published run.

    Inside another transaction it is a savepoint of that one, which goes back where the block fails. Where it does not,
    who asked is taken back before the next statement, and by the end of the transaction where there is none: a page
    that asks nothing more does not go to the database for it.
    """
    with known_asker():
        if not connection.in_atomic_block:
            with transaction.atomic():
                _begin(username, purpose)
                yield
            return
        with transaction.atomic(savepoint=False):
            # The same words whoever is asked for, so that nobody can tell by them whether somebody is there.
            savepoint = f"braid_turn_{len(connection.savepoint_ids)}"
            _begin(username, purpose, savepoint)
            connection.savepoint_ids[-1] = savepoint  # now it is Django's, to go back to
            yield
            if not connection.needs_rollback:
                connection.savepoint_ids[-1] = None
                _end_before_next(savepoint)


def _begin(username: str, purpose: str, savepoint: str = "") -> None:
    """Tell the database who asks, behind a savepoint where one is named: in one journey."""
    binding, trace = current_binding(), current_parent()
    first = f"savepoint {savepoint}; " if savepoint else ""
    asked, told = f"{first}{TELL_AND_HOLD}", [username, purpose, str(binding.token_id) if binding else ""]
    if trace:
        asked, told = f"{asked}, {TELL_TRACE}", [*told, trace]
    with connection.cursor() as cursor:
        cursor.execute(asked, told)


def _end_before_next(savepoint: str) -> None:
    """Let the next statement of this transaction, whichever it is, find nobody who asks.

    What a look inside this one left to be taken back goes with this one's savepoint.
    """
    wrappers = connection.execute_wrappers
    wrappers[:] = [each for each in wrappers if not isinstance(each, _EndFirst)]
    wrappers.append(_EndFirst(savepoint, connection.connection))


class _EndFirst:
    """Stands before the next statement of a connection: takes back who asked, where the transaction is still the same.

    Where it is not, the database has forgotten by itself: between two transactions there is a statement of neither, or
    the first of the next, and each finds the connection outside of one.
    """

    def __init__(self, savepoint: str, raw: Any) -> None:
        self._savepoint, self._raw = savepoint, raw

    def __call__(self, execute: Any, sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
        connection.execute_wrappers.remove(self)
        raw = connection.connection
        if raw is self._raw and raw.pgconn.transaction_status == TransactionStatus.INTRANS:
            _tell_nobody(self._savepoint)
        return execute(sql, params, many, context)


def _tell_nobody(savepoint: str) -> None:
    asked, told = f"release savepoint {savepoint}; {TELL_DATABASE}, {TELL_TOKEN}", ["", "", ""]
    if current_parent():
        asked, told = f"{asked}, {TELL_TRACE}", [*told, ""]
    with connection.cursor() as cursor:
        cursor.execute(asked, told)
