"""What each page of joint work costs: `python benchmarks/web_load.py --each 10` asks each so often, one after another.

In one process, without a web server, as the role of the pages: of each kind of page the CPU milliseconds of Python and
of PostgreSQL, and how many statements it asks. What other work on the machine adds to a clock, it hardly adds to these.
"""

from __future__ import annotations

import gc
import os
import random
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

Draw = Callable[[random.Random, dict[str, Any]], tuple[str, str, str, str]]
WARMING = 8
"""So often a statement is asked before it is prepared and its plan kept: what follows is what a server long up pays."""


def costs_of_pages(things: dict[str, Any], pages_url: str, times: int, seed: int, draw: Draw) -> dict[str, Any]:
    """Ask each kind of page so often, and `WARMING` times before; return its costs.

    Runs in a process of its own. Linux alone.
    """
    os.environ |= {"DATABASE_URL": pages_url, "BRAID_ALLOWED_HOSTS": "testserver"}
    import django

    django.setup()
    from django.db import connection
    from django.test import Client

    clients = {}
    for name, session in things["sessions"].items():
        clients[name] = Client()
        clients[name].cookies["braid_session"] = session
        clients[name].get("/teams/")  # its middleware is made, and its session written, as once a minute
    asked: list[str] = []
    connection.execute_wrappers.append(lambda run, sql, *rest: (asked.append(sql), run(sql, *rest))[1])
    with connection.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        backend = Path(f"/proc/{cursor.fetchone()[0]}/schedstat")
    gc.freeze()  # as the server does
    gc.set_threshold(20_000, 20, 20)
    found: dict[str, list[tuple[float, float, int]]] = defaultdict(list)
    for kind, path, who, words in _requests(things, times + WARMING, seed, draw):
        asked.clear()
        python, database = time.process_time(), _milliseconds(backend)
        form = {"kind": "note", "version": "1", "note-about": "*", "note-words": words}
        answer = clients[who].post(path, form) if words else clients[who].get(path)
        if answer.status_code not in (200, 302) or "/sign-in/" in answer.headers.get("Location", ""):
            raise SystemExit(f"{path} answered {answer.status_code} to {who}")
        found[kind].append(((time.process_time() - python) * 1000, _milliseconds(backend) - database, len(asked)))
    names = ("python_ms", "postgresql_ms", "statements")
    return {
        kind: {
            name: round(sum(values) / times, 1)
            for name, values in zip(names, zip(*costs[WARMING:], strict=True), strict=True)
        }
        for kind, costs in sorted(found.items())
    }


def _requests(things: dict[str, Any], times: int, seed: int, draw: Draw) -> list[tuple[str, str, str, str]]:
    chance, by_kind = random.Random(seed), defaultdict(list)
    while len(by_kind) < 10 or min(map(len, by_kind.values())) < times:
        one = draw(chance, things)
        if len(by_kind[one[0]]) < times:
            by_kind[one[0]].append(one)
    return [one for kind in sorted(by_kind) for one in by_kind[kind]]


def _milliseconds(schedstat: Path) -> float:
    return int(schedstat.read_text().split()[0]) / 1e6
