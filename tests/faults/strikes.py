"""What is done to a server at a point: to one of its sessions, to the process of a session, to all of it."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any

import psycopg

from faults.world import World, postmaster_of

Strike = Callable[[Any], None]


def end_session(world: World) -> Strike:
    """Return what ends the session, as an administrator does (`pg_terminate_backend`)."""

    def strike(connection: Any) -> None:
        with psycopg.connect(world.server.url, autocommit=True) as beside:
            beside.execute("select pg_terminate_backend(%s, 5000)", [connection.pgconn.backend_pid])

    return strike


def kill_session(_world: World) -> Strike:
    """Return what kills the session's process: the server lets go of everybody and recovers from its log."""

    def strike(connection: Any) -> None:
        os.kill(connection.pgconn.backend_pid, signal.SIGKILL)

    return strike


def kill_server(world: World) -> Strike:
    """Return what kills the server's first process: all others of it end, and somebody must start it again."""

    def strike(_connection: Any) -> None:
        os.kill(postmaster_of(world.server), signal.SIGKILL)

    return strike


STRIKES: dict[str, Callable[[World], Strike]] = {
    "session ended": end_session,
    "session killed": kill_session,
    "server killed": kill_server,
}
