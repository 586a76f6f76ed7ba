"""How long the page of a cohort's what-if takes: `python benchmarks/what_if_cohort.py --concerned 10000`.

The page is asked of the real app in process by Django's test client, in the role of the pages, with two options side by
side. Prints p50 and p95 in seconds, the app's own share of it, and how many people were counted. PostgreSQL is
embedded, on the same machine.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / part) for part in ("src", "tests/web")]

ONE_IN = 4
ASKED = "?change_a=moves_council&when_a=week+6&change_b=school_place_granted&when_b=week+9&look=week+12"
VIEWERS = ("analyst", "practitioner")
GOAL_SECONDS = 1.0


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--concerned", type=int, default=10_000, help="people whom the problem statement concerns")
    parser.add_argument("--requests", type=int, default=20, help="of each role")
    wanted = parser.parse_args()
    from many_people import many_people

    with (
        tempfile.TemporaryDirectory(prefix="braid-what-if-") as folder,
        many_people(Path(folder) / "place", wanted.concerned * ONE_IN, ONE_IN),
    ):
        found = {role: _measure(role, wanted.requests) for role in VIEWERS}
    print(json.dumps({"concerned": wanted.concerned, "goal_seconds": GOAL_SECONDS, **found}, indent=1))
    return 0


def _measure(role: str, requests: int) -> dict[str, float]:
    from django.db import connection
    from django.test import Client

    from braid.web.models import AuditEntry, User
    from braid.web.pages_role import seeing_as_pages
    from braid.web.watch import known_asker

    client = Client(SERVER_NAME="localhost")
    client.force_login(User.objects.get(username=f"test-{role}"), backend="django.contrib.auth.backends.ModelBackend")
    client.post("/reason/", {"purpose": "school_from_ta", "reference": "MTG-2026-041"})
    took: list[float] = []
    busy: list[float] = []
    for _ in range(requests + 1):
        with seeing_as_pages():
            start, worked = time.perf_counter(), time.process_time()
            answer = client.get(f"/problems/school_from_ta/what-if/{ASKED}")
            took.append(time.perf_counter() - start)
            busy.append(time.process_time() - worked)
        if answer.status_code != 200:
            raise SystemExit(f"the page answered {answer.status_code}")
    with known_asker(), connection.cursor():
        counted = AuditEntry.objects.filter(page="what if of a cohort").order_by("-id").first().row_count
    first, *others = took
    took = sorted(others)
    return {
        "counted": counted,
        "first_seconds": round(first, 2),
        "app_p50_seconds": round(statistics.median(busy[1:]), 2),
        "p50_seconds": round(statistics.median(took), 2),
        "p95_seconds": round(took[int(len(took) * 0.95)], 2),
    }


if __name__ == "__main__":
    sys.exit(main())
