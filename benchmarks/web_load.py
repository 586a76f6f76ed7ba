"""How the pages of joint work hold under load: `python benchmarks/web_load.py --people 1000000 --rates 20 50`.

A place of so many people with 200 open joint cases and a meeting of 30 attendees is served by the real web server over
HTTP on loopback. A process of its own sends requests at a fixed rate, whether earlier ones were answered or not (so a
slow answer does not slow the asking), as 30 signed-in humans: nine reads to one write. Prints for each kind of page
p50, p95 and p99 from the moment a request was due, how many were answered as expected, the rate that was reached, and
the CPU time that server, PostgreSQL and sender took for a request. They share the machine, whose load average is said
too. The place is made once for all rates and numbers of workers; the seed fixes what is asked in which order.
"""

from __future__ import annotations

import argparse
import http.client
import json
import multiprocessing
import os
import random
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / part) for part in ("src", "tests/web", "benchmarks")]

CASES, ATTENDEES, ON_AGENDA, PURPOSE = 200, 30, 20, "school_from_ta"
ROLES_OF = ("practitioner", "coordinator", "partner", "analyst")
ORGANISATION_OF = {"partner": "vale-hospital", "practitioner": "northmere-council"}
SEAT_OF = {"partner": "health", "practitioner": "social_care", "coordinator": "coordination", "analyst": "coordination"}
READS = ("work-list", "cases", "case", "agenda", "meeting", "people", "person", "follow", "teams")
SENDERS = 32
WARMING_UP = (15, 60)
"""Requests a second, and seconds, of a run before the first of each server: workers load, connections plan what they
will ask again. A statement is planned five times before its plan is kept, on each of a worker's connections."""
START = """
import sys
from granian import Granian
from granian.constants import Interfaces

if __name__ == "__main__":
    port, workers = map(int, sys.argv[1:])
    Granian(
        "braid.web.wsgi:application", address="127.0.0.1", port=port, interface=Interfaces.WSGI, blocking_threads=4,
        workers=workers, websockets=False, log_access=False,
    ).serve()
"""
"""The server as `braid serve` starts it, without what runs beside."""


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument("--rates", type=float, nargs="+", default=[100], help="requests a second, one run each")
    parser.add_argument("--seconds", type=float, default=60, help="how long each run lasts")
    parser.add_argument("--workers", type=int, nargs="+", default=[1], help="worker processes of the web server")
    parser.add_argument("--each", type=int, default=0, help="first ask each kind of page so often, for what it costs")
    parser.add_argument("--seed", type=int, default=1)
    wanted = parser.parse_args()
    from many_people import many_people

    with tempfile.TemporaryDirectory(prefix="braid-load-") as folder:
        began = time.monotonic()
        with many_people(Path(folder) / "place", wanted.people, 4):
            things = put_joint_work(wanted.people)
            made_of = {"people": wanted.people, "cases": CASES, "attendees": ATTENDEES, "cores": os.cpu_count()}
            print(json.dumps({**made_of, "prepared_seconds": round(time.monotonic() - began)}), flush=True)
            if wanted.each:
                print(json.dumps(costs(things, wanted.each, wanted.seed), indent=1), flush=True)
            for workers in wanted.workers:
                with served(Path(folder), workers) as server:
                    measured(server, things, *WARMING_UP, wanted.seed + 1)
                    for rate in wanted.rates:
                        found = measured(server, things, rate, wanted.seconds, wanted.seed)
                        print(json.dumps({"workers": workers, **found}, indent=1), flush=True)
    return 0


def costs(things: dict[str, Any], times: int, seed: int) -> dict[str, Any]:
    """Return what each kind of page costs, with the load average meanwhile."""
    from page_costs import costs_of_pages

    from braid.web.securing import secure_database

    given = (things, secure_database(os.environ["DATABASE_URL"]), times, seed, _draw)
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        found = pool.apply(costs_of_pages, given)
    return {**found, "load_average": [round(one, 1) for one in os.getloadavg()]}


def measured(server: served, things: dict[str, Any], rate: float, seconds: float, seed: int) -> dict[str, Any]:
    """Send requests at a rate; return what came of them, and what they cost of CPU in milliseconds each."""
    before = {"server": cpu_of_tree(server.pid), "postgresql": cpu_of_tree(postmaster())}
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        found = pool.apply(send_all, (server.port, things, rate, seconds, seed))
    after = {"server": cpu_of_tree(server.pid), "postgresql": cpu_of_tree(postmaster())}
    spent = {name: after[name] - before[name] for name in before}
    spent["sender"] = found.pop("cpu_seconds")
    each = {name: round(1000 * value / found["requests"], 1) for name, value in spent.items()}
    return {**found, "cpu_milliseconds_a_request": each, "load_average": [round(one, 1) for one in os.getloadavg()]}


def cpu_of_tree(pid: int) -> float:
    """Return the CPU seconds that a process and its children took, those that ended too. Linux alone."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    own = sum(map(int, words[11:15])) / os.sysconf("SC_CLK_TCK")  # its own, and of children that ended
    return own + sum(cpu_of_tree(int(child)) for child in children if Path(f"/proc/{child}").exists())


def postmaster() -> int:
    """Return the process of the database server whose child answers this one."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        backend = cursor.fetchone()[0]
    return int(Path(f"/proc/{backend}/stat").read_text().rpartition(")")[2].split()[1])


def put_joint_work(people: int) -> dict[str, Any]:
    """Put users, sessions, 200 cases and a meeting into the tables as their owner; return the ids to ask about."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.db import connection
    from django.utils import timezone
    from many_people import person_id
    from sample_agreements import ORGANISATIONS

    from braid.web.models import (
        AgendaItem,
        Attendance,
        CareAction,
        CaseMember,
        CaseSubject,
        JointCase,
        Meeting,
        Team,
        TeamMember,
        User,
    )
    from braid.web.sign_in.session_store import SessionStore
    from braid.web.watch import known_asker

    now = timezone.now()
    with known_asker():
        users = []
        for number in range(ATTENDEES):
            role = ROLES_OF[number % len(ROLES_OF)]
            users.append(
                User.objects.create(
                    username=f"load-{number}",
                    role=role,
                    organisation=ORGANISATION_OF.get(role, ORGANISATIONS[role]),
                    password=User.objects.first().password,
                )
            )
        team = Team.objects.create(id="load", name="Load", organisation="vale-authority", services=["health"])
        for user in users:
            TeamMember.objects.create(team=team, username=user.username, is_lead=user is users[0])
        concerned = [person_id(number) for number in range(1, people, 4) if number % 500][:CASES]
        meeting = Meeting.objects.create(
            reference="MT-LOAD-01",
            case_type="complex_needs",
            purpose=PURPOSE,
            chair=users[1].username,
            organisation=users[1].organisation,
            starts_at=now,
            state="in_session",
        )
        Attendance.objects.create(meeting=meeting, agency="health", organisation="vale-hospital", attendance="present")
        cases, items = [], []
        for number, person in enumerate(concerned):
            case = JointCase.objects.create(
                reference=f"JC-LOAD-{number:03}", case_type="complex_needs", purpose=PURPOSE, opened_by="load-0"
            )
            CaseSubject.objects.create(case=case, part="person", person_id=person, added_by="load-0")
            # On the agenda everybody takes part; of the others, five.
            members = users if number < ON_AGENDA else random.Random(number).sample(users, 5)
            CaseMember.objects.bulk_create(
                CaseMember(
                    case=case,
                    username=user.username,
                    organisation=user.organisation,
                    agency=SEAT_OF[user.role],
                    right="edit",
                    sight="whole",
                    is_lead=user is members[0],
                )
                for user in members
            )
            CareAction.objects.create(case=case, team=team, words="Something", due_on=now.date(), made_by="load-0")
            cases.append((str(case.pk), [user.username for user in members], person))
            if number < ON_AGENDA:
                items.append(str(AgendaItem.objects.create(meeting=meeting, case=case, position=number + 1).pk))
        sessions = {}
        for user in users:
            store = SessionStore()
            store[SESSION_KEY], store[HASH_SESSION_KEY] = str(user.pk), user.get_session_auth_hash()
            store[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
            store["reason"] = {"purpose": PURPOSE, "reference": "MTG-2026-041", "at": int(time.time()) + 86_400}
            store.save()
            sessions[user.username] = store.session_key
    with connection.cursor() as cursor:
        cursor.execute("vacuum analyze")  # as the database does by itself within minutes
    return {"cases": cases, "items": items, "meeting": str(meeting.pk), "sessions": sessions}


class served:  # noqa: N801 - used as a block
    """Serve the app as the role of the pages, as `braid serve` does, and give its port and process."""

    def __init__(self, folder: Path, workers: int) -> None:
        self._folder, self._workers = folder, workers

    def __enter__(self) -> served:
        """Start, and return once it answers."""
        from braid.web.securing import secure_database

        pages_url = secure_database(os.environ["DATABASE_URL"])
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        program = self._folder / "start.py"
        program.write_text(START, encoding="utf-8")
        environment = {**os.environ, "DATABASE_URL": pages_url, "BRAID_ALLOWED_HOSTS": "127.0.0.1"}
        environment["PYTHONPATH"] = str(Path(__file__).resolve().parents[1] / "src")
        command = [sys.executable, str(program), str(self.port), str(self._workers)]
        self._log = (self._folder / "server.log").open("w")
        self._process = subprocess.Popen(command, env=environment, stdout=self._log, stderr=self._log)
        self.pid = self._process.pid
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return self
            time.sleep(0.2)
        raise SystemExit(f"the server did not answer: {(self._folder / 'server.log').read_text()[-2000:]}")

    def __exit__(self, *error: object) -> None:
        """Stop it."""
        self._process.terminate()
        try:
            self._process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()


def send_all(port: int, things: dict[str, Any], rate: float, seconds: float, seed: int) -> dict[str, Any]:
    """Send requests at a fixed rate and return what came of them, by kind of page. Runs in a process of its own."""
    chance = random.Random(seed)
    asked = [_draw(chance, things) for _ in range(int(rate * seconds))]
    senders = _Senders(port, things["sessions"])
    with ThreadPoolExecutor(SENDERS) as pool:
        for session in things["sessions"]:
            senders.open(session, f"/agenda/{things['items'][0]}/")
        begin = time.monotonic() + 0.5
        waiting = []
        for number, one in enumerate(asked):
            due = begin + number / rate
            if (left := due - time.monotonic()) > 0:
                time.sleep(left)
            waiting.append(pool.submit(senders.send, *one, due))
        found = [each.result() for each in waiting]
        took = time.monotonic() - begin
    by_kind: dict[str, list[float]] = defaultdict(list)
    for kind, _, delay in found:
        by_kind[kind].append(delay)
    failed = [status for _, status, _ in found if status not in (200, 302)]
    return {
        "cpu_seconds": time.process_time(),
        "asked_a_second": rate,
        "reached_a_second": round(len(found) / took, 1),
        "requests": len(found),
        "errors": len(failed),
        "kinds_of_errors": sorted(set(failed)),
        "milliseconds": {kind: _quantiles(delays) for kind, delays in sorted(by_kind.items())},
        "all": _quantiles([delay for _, _, delay in found]),
    }


def _draw(chance: random.Random, things: dict[str, Any]) -> tuple[str, str, str, str]:
    """Return kind, path, who asks and what is written, if anything."""
    kind = "note" if chance.random() < 0.1 else chance.choice(READS)
    who = chance.choice(sorted(things["sessions"]))
    case, members, person = chance.choice(things["cases"])
    item = chance.choice(things["items"])
    if kind == "note":
        return kind, f"/agenda/{item}/", who, "words of a note"
    if kind in ("case", "person"):
        who = chance.choice(
            [name for name in members if kind == "case" or int(name.split("-")[1]) % 4 in (0, 3)] or members
        )
    path = {
        "case": f"/cases/{case}/",
        "agenda": f"/agenda/{item}/",
        "meeting": f"/meetings/{things['meeting']}/",
        "follow": f"/meetings/{things['meeting']}/follow/",
        "person": f"/people/{person}/",
    }.get(kind, f"/{kind}/")
    if kind in ("person", "people"):  # coordinators and partners see people in their cases alone
        who = chance.choice([name for name in sorted(things["sessions"]) if int(name.split("-")[1]) % 4 in (0, 3)])
    return kind, path, who, ""


class _Senders:
    """Connections that stay open, one a thread, and the form tokens of each human."""

    def __init__(self, port: int, sessions: dict[str, str]) -> None:
        self._port, self._sessions = port, sessions
        self._tokens: dict[str, tuple[str, str]] = {}

    def open(self, who: str, path: str) -> None:
        """Get the tokens with which a human sends a form."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        connection.request("GET", path, headers={"Cookie": f"braid_session={self._sessions[who]}"})
        answer = connection.getresponse()
        page = answer.read().decode()
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        cookie = re.search(r"((?:__Host-)?[\w-]*csrf\w*)=([^;]+)", answer.getheader("Set-Cookie") or "")
        if answer.status != 200 or not token or not cookie:
            raise SystemExit(f"{path} answered {answer.status} to {who} before the load began")
        self._tokens[who] = (token[1], f"{cookie[1]}={cookie[2]}")
        connection.close()

    def send(self, kind: str, path: str, who: str, words: str, due: float) -> tuple[str, int, float]:
        """Send one request; return its kind, the status and the milliseconds since it was due."""
        token, cookie = self._tokens[who]
        headers = {"Cookie": f"braid_session={self._sessions[who]}; {cookie}"}
        body = None
        if words:
            form = {
                "csrfmiddlewaretoken": token,
                "kind": "note",
                "version": "1",
                "note-about": "*",
                "note-words": words,
            }
            body = urllib.parse.urlencode(form)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
            connection.request("POST" if words else "GET", path, body, headers)
            answer = connection.getresponse()
            answer.read()
            status = answer.status
            connection.close()
        except OSError:
            status = 0
        return kind, status, (time.monotonic() - due) * 1000


def _quantiles(delays: list[float]) -> dict[str, float]:
    ordered = sorted(delays)
    at = {name: ordered[min(len(ordered) - 1, int(len(ordered) * share))] for name, share in _SHARES.items()}
    return {"requests": len(ordered), **{name: round(value, 1) for name, value in at.items()}}


_SHARES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}


if __name__ == "__main__":
    sys.exit(main())
