"""The context of a look: who asks, for what, by which token. The database shows rows about people to nobody else."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from django.db import connection, transaction

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
    """Open a transaction in which the database knows who asks, and that shows one published run."""
    with known_asker(), transaction.atomic():
        _begin(username, purpose)
        yield
        _tell_database("", "")


def _begin(username: str, purpose: str) -> None:
    binding, trace = current_binding(), current_parent()
    told = [username, purpose, str(binding.token_id) if binding else ""]
    with connection.cursor() as cursor:
        if trace:
            cursor.execute(f"{TELL_AND_HOLD}, {TELL_TRACE}", [*told, trace])
        else:
            cursor.execute(TELL_AND_HOLD, told)


def _tell_database(username: str, purpose: str) -> None:
    asked, told = f"{TELL_DATABASE}, {TELL_TOKEN}", [username, purpose, ""]
    if current_parent():
        asked, told = f"{asked}, {TELL_TRACE}", [*told, ""]
    with connection.cursor() as cursor:
        cursor.execute(asked, told)
