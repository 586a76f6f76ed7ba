"""Whether the time of an answer tells hidden from absent: `python benchmarks/hidden_or_absent.py --pairs 100000`.

Each address that takes a person's id is asked, in process by Django's test client, about somebody hidden and about an
id that nobody has, in random order, among PEOPLE people. Prints of each the largest |t| of Welch's test over data
cropped as dudect does, without a floor and with it, and the slowest of 1,000 answers without one, which the floor must
exceed. Below 4.5 nothing was found; the figures without a floor show what there is to hide.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / part) for part in ("src", "tests/web")]

ROLE, PURPOSE, DIGIT = "advocate", "victim_response", 2
"""The role that may ask every address, its purpose, and the last digit of the numbers of those whom it concerns."""
HIDDEN = 500


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=2_000, help="for each address with the floor")
    parser.add_argument("--pairs-without", type=int, default=2_000, help="for each address without one")
    parser.add_argument("--floor", type=int, default=100, help="milliseconds")
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument("--ways", nargs="*", help="page api location break_glass conflict; all where not said")
    wanted = parser.parse_args()
    from many_people import many_people

    with (
        tempfile.TemporaryDirectory(prefix="braid-timing-") as folder,
        many_people(Path(folder) / "place", wanted.people),
    ):
        import logging

        from django.conf import settings
        from django.db import connection

        from braid.web.pages_role import PAGES_ROLE

        logging.getLogger("django.request").setLevel(logging.ERROR)  # a line for each refusal takes time of its own
        ways = ways_to_ask()
        with connection.cursor() as cursor:
            cursor.execute(f"set role {PAGES_ROLE}")
        for name in wanted.ways or ways:
            found: dict[str, Any] = {"way": name}
            for floor, pairs in ((0, wanted.pairs_without), (wanted.floor, wanted.pairs)):
                settings.ABSENT_FLOOR_MS = floor
                found |= compare(ways[name], pairs, wanted.people, f"floor {floor} ms")
            print(json.dumps(found), flush=True)
    return 0


def compare(ask: Callable[[str], Any], pairs: int, people: int, name: str) -> dict[str, Any]:
    """Measure one address at one floor."""
    from many_people import person_id
    from timing_pairs import measure

    hidden = [person_id(n) for n in range(1, people) if n % 10 != DIGIT][:HIDDEN]
    absent = [uuid.uuid5(uuid.NAMESPACE_OID, f"nobody {n}").hex for n in range(HIDDEN)]
    for each in (*hidden[:20], *absent[:20]):
        with taken_back():
            ask(each)
    found = measure(ask, hidden, absent, pairs, around=taken_back)
    return {
        name: {
            "pairs": pairs,
            "largest_t": round(found.largest_t, 2),
            "p50_ms": round(found.quantile(0.5) * 1e3, 2),
            "p99.9_ms": round(found.quantile(0.999) * 1e3, 2),
        }
    }


@contextlib.contextmanager
def taken_back() -> Iterator[None]:
    """Take back what a request wrote, so that the ten-thousandth finds the tables as the first did."""
    from django.db import transaction

    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def ways_to_ask() -> dict[str, Callable[[str], Any]]:
    """Every address that takes a person's id, asked as somebody signed in, with a reason and a second factor."""
    from django.test import Client
    from django.test.utils import setup_test_environment
    from published_sample import REFERENCE
    from vault_sample import has_factor
    from ways_to_ask import ready

    from braid.web.models import User

    setup_test_environment()
    client = Client()
    user = has_factor(User.objects.get(username=f"test-{ROLE}"))
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    session = client.session
    session["reason"] = {"purpose": PURPOSE, "reference": REFERENCE, "at": int(time.time()) + 86_400}
    session.save()
    ready(client)
    headers = {"X-Purpose": PURPOSE, "X-Reference": REFERENCE}
    form = {"reason": "immediate_danger", "reference_kind": "incident", "reference": REFERENCE, "purpose": PURPOSE}
    form |= {"colleague": "test-ig_lead"}
    return {
        "page": lambda person: client.get(f"/people/{person}/"),
        "api": lambda person: client.get(f"/api/v1/people/{person}", headers=headers),
        "location": lambda person: client.get(f"/people/{person}/location/address/"),
        "break_glass": lambda person: client.post("/break-glass/", {**form, "person_id": person}),
        "conflict": lambda person: client.post("/conflicts/", {"subject_id": person, "reason": "staff_knows"}),
    }


if __name__ == "__main__":
    sys.exit(main())
