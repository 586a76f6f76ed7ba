"""What the two layers in front of people cost: `python benchmarks/both_layers.py --people 50000 --requests 300`.

The page of a person and the first page of the list, asked of the real app in process by Django's test client, under
three arrangements that take turns request by request: both layers; the access layer alone, as a role that the policies
do not bind; and neither, where the filter of rows and the decision on each are taken out of the access layer too.
Prints p50 and p95 in
milliseconds for each, and the ratio to neither. PostgreSQL is embedded, on the same machine as the app.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import random
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / part) for part in ("src", "tests/web")]

BARE_ROLE = "braid_benchmark_bare"
ARRANGEMENTS = ("both layers", "access layer alone", "neither")
VIEWERS = (("analyst", "court_readiness", 0), ("practitioner", "court_readiness", 3))
"""Role, purpose, and the last digit of the numbers of those whom the purpose concerns."""
GOAL = 1.25


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=50_000)
    parser.add_argument("--requests", type=int, default=300, help="of the person page, for each arrangement and role")
    parser.add_argument("--lists", type=int, default=20, help="of the list page, for each arrangement and role")
    parser.add_argument("--concerned", type=int, default=10, help="each problem statement concerns one in so many")
    parser.add_argument("--seed", type=int, default=1)
    wanted = parser.parse_args()
    from many_people import many_people

    with tempfile.TemporaryDirectory(prefix="braid-layers-") as folder:
        started = time.perf_counter()
        with many_people(Path(folder) / "place", wanted.people, wanted.concerned):
            filled = time.perf_counter() - started
            make_bare_role()
            found = measure(wanted)
    print(
        json.dumps(
            {
                "people": wanted.people,
                "concerned_one_in": wanted.concerned,
                "filled_in_seconds": round(filled),
                **found,
            },
            indent=1,
        )
    )
    return 0


def make_bare_role() -> None:
    """A role with the rights of the pages that no policy binds."""
    from django.db import connection

    from braid.web.pages_role import PAGES_ROLE

    with connection.cursor() as cursor:
        cursor.execute(f"create role {BARE_ROLE} bypassrls")
        cursor.execute(f"grant {PAGES_ROLE} to {BARE_ROLE}")
        cursor.execute("grant select on braid_hidden to " + BARE_ROLE)


def measure(wanted: argparse.Namespace) -> dict[str, Any]:
    """Ask both pages in every arrangement, in turn."""
    found: dict[str, Any] = {}
    draw = random.Random(wanted.seed)
    for role, purpose, digit in VIEWERS:
        client = signed_in(role, purpose)
        routes = {
            "person page": [f"/people/{person}/" for person in concerned(wanted, digit, draw)],
            "list page": ["/people/"] * wanted.lists,
        }
        for page, asked in routes.items():
            taken = take_turns(client, asked)
            found[f"{page}, {role}"] = summary(taken)
    return found


def concerned(wanted: argparse.Namespace, digit: int, draw: random.Random) -> list[str]:
    """Ids of people within reach, none of them hidden."""
    from many_people import person_id

    step = wanted.concerned
    numbers = [n for n in range(step + digit, wanted.people, step) if n % 1000 != 500 and n % 2000 != 700]
    return [person_id(n) for n in draw.choices(numbers, k=wanted.requests)]


def signed_in(role: str, purpose: str) -> Any:
    """A client with a session and a reason."""
    from django.test import Client
    from django.test.utils import setup_test_environment
    from published_sample import REFERENCE

    from braid.web.models import User

    if not hasattr(signed_in, "is_set_up"):
        setup_test_environment()
        signed_in.is_set_up = True  # type: ignore[attr-defined]
    client = Client()
    client.force_login(User.objects.get(username=f"test-{role}"), "django.contrib.auth.backends.ModelBackend")
    session = client.session
    session["reason"] = {"purpose": purpose, "reference": REFERENCE, "at": int(time.time()) + 86_400}
    session.save()
    return client


def take_turns(client: Any, routes: list[str]) -> dict[str, list[float]]:
    """Seconds of each request by arrangement; each route is asked once before it is timed, so that all are warm."""
    taken: dict[str, list[float]] = defaultdict(list)
    for number, route in enumerate(routes):
        for turn in range(len(ARRANGEMENTS)):
            arrangement = ARRANGEMENTS[(number + turn) % len(ARRANGEMENTS)]
            for timed in (False, True) if number < 2 else (True,):
                seconds = ask(client, route, arrangement)
                if timed:
                    taken[arrangement].append(seconds)
    return taken


def connect_as(role: str, held: dict[str, Any] = {}) -> None:  # noqa: B006 - one for the process
    """Let the app ask through a connection that has this role from first to last, as a worker's has: the database plans
    its functions anew after each change of role."""
    from django.db import connections

    if role not in held:
        held[role] = connections.create_connection("default")
        with held[role].cursor() as cursor:
            cursor.execute(f"set role {role}")
    connections["default"] = held[role]


def ask(client: Any, route: str, arrangement: str) -> float:
    """Seconds for one request in one arrangement."""
    from unittest.mock import patch

    from braid.web.access import blockers, decisions, people, person
    from braid.web.models import Blocker, PersonWait
    from braid.web.pages_role import PAGES_ROLE

    connect_as(PAGES_ROLE if arrangement == "both layers" else BARE_ROLE)
    with contextlib.ExitStack() as filters:
        if arrangement == "neither":
            for module, name, rows in (
                (people, "visible_waits", PersonWait),
                (person, "visible_waits", PersonWait),
                (blockers, "visible_waits", PersonWait),
                (blockers, "blocker_rows", Blocker),
            ):
                filters.enter_context(patch.object(module, name, lambda _sight, rows=rows: rows.objects.all()))
            filters.enter_context(patch.object(decisions, "_facts", lambda *_: []))
            filters.enter_context(patch.object(decisions.Decisions, "_allows", lambda *_: True))
        start = time.perf_counter()
        answer = client.get(route)
        seconds = time.perf_counter() - start
    if answer.status_code != 200:
        raise SystemExit(f"{route} was answered {answer.status_code} with {arrangement}")
    return seconds


def summary(taken: dict[str, list[float]]) -> dict[str, Any]:
    """p50 and p95 in milliseconds of each arrangement, and of the first two the ratio to neither."""
    points = {name: (quantile(values, 0.5), quantile(values, 0.95)) for name, values in taken.items()}
    bare = points["neither"]
    found: dict[str, Any] = {
        name: {"requests": len(taken[name]), "p50_ms": round(p50 * 1e3, 2), "p95_ms": round(p95 * 1e3, 2)}
        for name, (p50, p95) in points.items()
    }
    for name in ARRANGEMENTS[:2]:
        found[name] |= {
            "p50_ratio": round(points[name][0] / bare[0], 3),
            "p95_ratio": round(points[name][1] / bare[1], 3),
        }
    found["goal_kept"] = points["both layers"][1] <= GOAL * bare[1]
    return found


def quantile(values: list[float], share: float) -> float:
    """The value below which this share lies."""
    return statistics.quantiles(values, n=1000, method="inclusive")[round(share * 1000) - 1]


if __name__ == "__main__":
    sys.exit(main())
