"""Everything that a process tells the world, numbered: so that it can be ended at each, and at the same one again.

Three kinds of point: `sql` is a journey to a database server (a statement, a part of a COPY, a commit), `engine` a
query of the embedded engine, `file` a change in a folder: opened to be written, renamed, removed, made. They are taken
where nothing of ours is below: at the driver's one way to the server, at the engine's verbs, and at the audit events of
the interpreter (PEP 578), so that no line of Braid can go past them unseen.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg

from braid.store.duckdb_engine import DuckDBEngine

ENGINE_VERBS = ("load_parquet", "load_arrow", "create", "view", "rows", "arrow", "write")
FILE_EVENTS = ("open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate", "os.link")
WRITES = os.O_WRONLY | os.O_RDWR
BEFORE, AMID, AFTER = "before", "amid", "after"
"""The process ends before it tells the server, while the server is at it, or when the server has done it."""

Meet = Callable[[str, str, Any], Callable[[], None] | None]
"""Told kind, name and connection of a point before it; what it returns is called when the point is over."""


def watch(meet: Meet, folders: tuple[Path, ...]) -> None:
    """Have `meet` called at every point of this process from now on; it cannot be undone, so fork first."""
    _watch_server(meet)
    _watch_engine(meet)
    _watch_files(meet, tuple(f"{folder}{os.sep}" for folder in folders))


def _watch_server(meet: Meet) -> None:
    wait: Any = psycopg.Connection.wait

    def waiting(connection: Any, generator: Any, *given: Any, **more: Any) -> Any:
        over = meet("sql", generator.__name__, connection)
        answer = wait(connection, generator, *given, **more)
        if over is not None:
            over()
        return answer

    psycopg.Connection.wait = waiting  # type: ignore[method-assign]


def _watch_engine(meet: Meet) -> None:
    def watched(name: str, verb: Callable[..., Any]) -> Callable[..., Any]:
        def doing(*given: Any, **more: Any) -> Any:
            over = meet("engine", name, None)
            answer = verb(*given, **more)
            if over is not None:
                over()
            return answer

        return doing

    for name in ENGINE_VERBS:
        setattr(DuckDBEngine, name, watched(name, getattr(DuckDBEngine, name)))


def _watch_files(meet: Meet, folders: tuple[str, ...]) -> None:
    def hook(event: str, given: tuple[Any, ...]) -> None:
        if event not in FILE_EVENTS or (event == "open" and not _is_written(given)):
            return
        try:
            path = os.fspath(given[0])
        except TypeError:
            return  # a file that is open already, by its number
        path = path.decode() if isinstance(path, bytes) else path
        if f"{path}{os.sep}".startswith(folders):
            meet("file", event, None)

    sys.addaudithook(hook)


def _is_written(given: tuple[Any, ...]) -> bool:
    _, mode, flags = given
    return bool(flags & WRITES) if isinstance(flags, int) else any(letter in str(mode) for letter in "wax+")


class Count:
    """Names every point that a process meets."""

    def __init__(self) -> None:
        self.met: list[str] = []

    def __call__(self, kind: str, name: str, _connection: Any) -> None:
        """Write a point down."""
        self.met.append(f"{kind} {name}")


class Ending:
    """Does something to this process or its server at the point `number` (from 1): `strike` is given the connection."""

    def __init__(self, number: int, when: str, pause_seconds: float, strike: Callable[[Any], None]) -> None:
        self._left, self._when, self._pause, self._strike = number, when, pause_seconds, strike

    def __call__(self, kind: str, _name: str, connection: Any) -> Callable[[], None] | None:
        """Count down; strike at the point, at its moment."""
        self._left -= 1
        if self._left != 0:
            return None
        if kind == "file" or self._when == BEFORE:
            self._strike(connection)
        elif self._when == AMID:
            threading.Thread(target=self._soon, args=(connection,), daemon=True).start()
        else:
            return lambda: self._strike(connection)
        return None

    def _soon(self, connection: Any) -> None:
        time.sleep(self._pause)
        self._strike(connection)


def end_process(_connection: Any) -> None:
    """End this process as `kill -9` does: nothing of it is tidied up."""
    os.kill(os.getpid(), signal.SIGKILL)
