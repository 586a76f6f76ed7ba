"""The watch in front of every statement: what is about people needs somebody who asks.

A statement that touches a table about people outside `braid.web.access` is refused before it reaches the database, so
that a forgotten context shows in the first test and not as an empty page. EXPLAIN is refused to everybody.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

_ASKER_KNOWN: ContextVar[bool] = ContextVar("braid_asker_known", default=False)
ABOUT_PEOPLE = re.compile(
    r"(?is)^\s*(?:select|with|insert|update|delete|copy)\b.*\b(?:vault\.\w|braid_(?:person\w*|protection|reach|blocker|cohort|involvement|contact|barred|admitted|hidden|sealed\w*|within|fact|tie|home|homespell|kinship|cohabitant|exclusionentry|restrictionentry|outbox\w*|safecontact\w*|contactrelease|sharedecision|rights\w*|legalhold|auditentry)\b)"
)

PLAN_ASKED = re.compile(r"(?is)(?:^|;)\s*explain\b")
"""A plan counts the rows that policies filter out, and its estimates know ids: no page asks for one."""


class NoContext(Exception):
    """A statement about people without saying who asks: a fault of the code, never of the reader."""


@contextmanager
def known_asker() -> Iterator[None]:
    """Let statements about people through: the database has been told who asks, or its owner publishes.

    The role of the pages gains nothing by it: without a name told to the database it sees no row.
    """
    token = _ASKER_KNOWN.set(True)
    try:
        yield
    finally:
        _ASKER_KNOWN.reset(token)


def refuse_without_context(
    execute: Callable[..., Any], statement: Any, parameters: Any, many: bool, details: dict[str, Any]
) -> Any:
    """Wrap each statement of a connection: what is about people needs a context, and nobody asks for a plan."""
    if PLAN_ASKED.search(str(statement)):
        raise NoContext("a plan tells of rows that nobody may see; ask for it as the owner, outside Braid")
    if not _ASKER_KNOWN.get() and ABOUT_PEOPLE.search(str(statement)):
        raise NoContext("a statement about people outside asking_as(); get people from braid.web.access")
    return execute(statement, parameters, many, details)


def watch_connection(connection: Any, **_: object) -> None:
    """Called for every new connection: put the watch in front of its statements."""
    if refuse_without_context not in connection.execute_wrappers:
        connection.execute_wrappers.append(refuse_without_context)
