"""A whole demo, from the partners' files to the pages, the API, exports, logs, dumps and the disk: no canary anywhere
but where locations may rest. It takes minutes: `./braid test --full`.
"""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pyarrow.parquet as pq
import pytest

from braid.analysis.load import load_datasets
from braid.people.night import HOLD_IDENTITY
from braid.store.place_folder import load_place
from braid.store.postgres import open_database
from braid.store.postgres_programs import find_programs
from canaries.correspondence import web_hook, write_by_every_channel, write_routes
from canaries.needles import Canary
from canaries.scan import Report, Scanner
from canaries.visitor import Visitor
from replays.mail_server import Arrived, mail_server

pytestmark = pytest.mark.slow
REPOSITORY = Path(__file__).resolve().parents[2]
PEOPLE, SEED = 500, 1
ONE_PERSON = re.compile(r"/people/[0-9a-f]{32}/")
OF_JOINT_WORK = ("referrals", "offers", "actions", "cases", "teams")
"""Lists of the API, each item of which is read."""
OF_ONE_PATIENT = ("ServiceRequest", "Encounter", "EpisodeOfCare", "Appointment", "Task")
"""Resources of FHIR, searched patient by patient."""
MOST_PAGES = int(os.environ.get("BRAID_CANARY_PAGES", "25"))
"""Pages that each role looks at by links, for each purpose; a release takes more."""
NOT_OURS = (
    *("DATABASE_URL", "DJANGO_SETTINGS_MODULE", "BRAID_SECRET_KEY", "BRAID_ALLOWED_HOSTS", "BRAID_VAULT_KEY_FILE"),
    "BRAID_WORKERS",
)
PURPOSES = ("school_from_ta", "court_readiness", "victim_response")
MAY_REST = {
    *("stay", "person_record", "identifier", "episode", "event", "reject", "postcode", "school", "unit"),
    *HOLD_IDENTITY,
}
"""Tables of the run that hold what partners sent, rows that were refused too, the place's own lists and its stock, or
what the next night compares with; what the run makes of them holds none.
"""
SOURCES = ("extracts/", "truth/", "geography/", "reference/", "lake/")
"""Folders that are brought to a place, or hold what was brought; `geography` lists all postcodes and accommodation. The
lake's tables are looked at one by one."""


def environment() -> dict[str, str]:
    return {**{k: v for k, v in os.environ.items() if k not in NOT_OURS}, "PYTHONPATH": str(REPOSITORY / "src")}


def braid(log: Path, *arguments: object, expected: int = 0) -> None:
    """Run a verb; keep all it says. A verb that fails says little, and would show nothing."""
    command = [sys.executable, "-m", "braid", *map(str, arguments)]
    with log.open("ab") as file:
        done = subprocess.run(command, env=environment(), stdout=file, stderr=file, check=False, timeout=900)
    assert done.returncode == expected, (arguments[:2], done.returncode)


def rows(run: Path, table: str, *columns: str) -> list[dict]:
    return pq.read_table(run / f"{table}.parquet", columns=list(columns)).to_pylist()


def plant(run: Path) -> tuple[list[Canary], dict[str, list[Canary]], int]:
    """Return the locations that only protected persons have, those by person, and how many they share with others."""
    protected = {row["person_id"] for row in rows(run, "person", "person_id", "protected") if row["protected"]}
    person = {
        row["person_record_id"]: row["person_id"] for row in rows(run, "person_link", "person_record_id", "person_id")
    }
    whose: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in rows(run, "stay", "person_record_id", "address_lines", "postcode", "uprn", "location_ref"):
        lines = row["address_lines"]
        found = {
            "address": f"{lines}, {row['postcode']}" if lines and row["postcode"] else lines,
            "postcode": row["postcode"],
            "uprn": row["uprn"],
            "venue": row["location_ref"],
        }
        for kind, value in found.items():
            whose[kind, value or ""].add(person.get(row["person_record_id"], ""))
    for row in rows(run, "person_record", "record_id", "telephone"):
        whose["telephone", row["telephone"] or ""].add(person.get(row["record_id"], ""))
    theirs = {key: people for key, people in whose.items() if len(key[1]) >= 7 and people & protected}
    alone = sorted(key for key, people in theirs.items() if people <= protected)
    canaries = [Canary(f"{kind} {number}", kind, value) for number, (kind, value) in enumerate(alone, 1)]
    of_person: dict[str, list[Canary]] = defaultdict(list)
    for canary, key in zip(canaries, alone, strict=True):
        for person_id in theirs[key]:
            of_person[person_id].append(canary)
    return canaries, dict(of_person), len(theirs) - len(alone)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """The place's folder, its run, and the log of what the commands said."""
    home = tmp_path_factory.mktemp("whole")
    folder, log = home / "place", home / "commands.log"
    braid(log, "example", folder, "--people", PEOPLE, "--seed", SEED)
    braid(log, "run", folder, expected=1)  # some rows are refused
    braid(log, "issues", folder, "--out", home / "issues.csv", expected=1)
    braid(log, "issues", folder, "--json", expected=1)
    run = folder / "lake" / "runs" / (folder / "lake" / "current").read_text().strip()
    return folder, run, log


@pytest.fixture(scope="module")
def partners(made: tuple[Path, Path, Path]) -> Iterator[tuple[Arrived, list[bytes]]]:
    """A mail server and a partner's machine, and the place's routes to them: what arrives there."""
    organisations = [one.id for one in load_place(made[0]).organisations]
    with mail_server() as mail, web_hook() as (port, posted):
        write_routes(made[0], organisations, mail, port)
        yield mail, posted


@pytest.fixture(scope="module")
def server(
    made: tuple[Path, Path, Path], partners: object, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, list, Path]]:
    """The address of the served place, who may sign in, and the server's log."""
    home = tmp_path_factory.mktemp("served")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable,
        str(Path(__file__).parent / "whole_demo.py"),
        str(made[0]),
        str(port),
        str(home / "users"),
    ]
    with (home / "server.log").open("wb") as log:
        process = subprocess.Popen(command, env=environment(), stdout=log, stderr=log)
    try:
        end = time.monotonic() + 120
        while time.monotonic() < end and process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.3)
        yield f"http://127.0.0.1:{port}", json.loads((home / "users").read_text()), home / "server.log"
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)


def visit(address: str, users: list, scanner: Scanner, report: Report, people: list[str]) -> dict[str, int]:
    """Look at everything as everybody; return how many answers each role got."""
    counts: dict[str, int] = defaultdict(int)

    def keep(role: str, path: str, answer: bytes) -> None:
        counts[role] += 1
        scanner.scan_bytes(f"{role} {path}", answer, report)

    for role, username, password in users:
        visitor = Visitor(address)
        visitor.fill("/sign-in/", username=username, password=password)
        status, start = visitor.ask("/")
        assert status == 200 and b"/sign-out/" in start, role
        for purpose in ("", *PURPOSES):
            headers = {"X_Purpose": purpose, "X_Reference": "MTG-2026-041"}
            if purpose:
                keep(role, "/reason/", visitor.fill("/reason/", purpose=purpose, reference="MTG-2026-041")[1])
            keep(role, "/fhir/r4/Patient", visitor.ask("/fhir/r4/Patient?_count=100", **headers)[1])
            cursor: str | None = ""
            while cursor is not None:
                status, answer = visitor.ask(f"/api/v1/people?limit=100&cursor={cursor}", **headers)
                keep(role, "/api/v1/people", answer)
                cursor = json.loads(answer[answer.index(b"{") :])["next"] if status == 200 else None
            for path in OF_JOINT_WORK:
                status, answer = visitor.ask(f"/api/v1/{path}", **headers)
                keep(role, f"/api/v1/{path}", answer)
                found = json.loads(answer[answer.index(b"{") :])["items"] if status == 200 else []
                for one in found:
                    more = ("", "/actions", "/plan") if path == "cases" else ("",)
                    for part in more:
                        address = f"/api/v1/{path}/{one['id']}{part}"
                        keep(role, address, visitor.ask(address, **headers)[1])
            for path, status, answer in visitor.walk(["/people/", "/", "/backlogs/", "/audit/", "/trust/"], MOST_PAGES):
                keep(role, path, answer)
                counts["pages of one person"] += status == 200 and ONE_PERSON.fullmatch(path) is not None
            for person in people:
                for path in (
                    *(f"/people/{person}/", f"/people/{person}/location/address/", f"/api/v1/people/{person}"),
                    *(f"/api/v1/people/{person}/waits", f"/api/v1/referrals/{person}"),
                    f"/fhir/r4/Patient/{person}",
                    *(f"/fhir/r4/{kind}?patient={person}" for kind in OF_ONE_PATIENT),
                ):
                    keep(role, path, visitor.ask(path, **headers)[1])
        for path in (
            *("/api/v1/place", "/api/v1/backlogs", "/api/v1/blockers", "/api/v1/problems"),
            *("/api/v1/problems/victim_response", "/api/v1/rules", "/api/v1/boards", "/systems/"),
        ):
            keep(role, path, visitor.ask(path)[1])
        tables = "place/figures backlogs/figures backlogs/sizes backlogs/overlaps blockers/figures problems/figures"
        for table in (*tables.split(), "rules/fairness", "rules/linking"):
            for form in ("csv", "xlsx", "pdf"):
                keep(role, f"/{table}.{form}", visitor.ask(f"/{table}.{form}")[1])
    return counts


def correspond(address: str, users: list, scanner: Scanner, report: Report, whose: dict) -> Counter[str]:
    """Write as everybody who may, for each purpose; return how many messages hold a location, and how many do not."""
    written: Counter[str] = Counter()
    for role, username, password in users:
        visitor = Visitor(address)
        visitor.fill("/sign-in/", username=username, password=password)
        for purpose in PURPOSES:
            visitor.fill("/reason/", purpose=purpose, reference="MTG-2026-041")
            harmless, locating, answers = write_by_every_channel(visitor, whose, most=1)
            written.update(harmless=harmless, locating=locating)
            for path, answer in answers:
                scanner.scan_bytes(f"{role} writes {path}", answer, report)
    return written


def wait_for_the_postman(folder: Path) -> Counter[str]:
    """Return the messages by state once none waits. What no channel can carry to somebody ends as refused or failed."""
    end = time.monotonic() + 300
    while time.monotonic() < end:
        with open_database(folder / "state") as url, psycopg.connect(url) as connection:
            states = Counter(dict(connection.execute("select state, count(*) from braid_outboxmessage group by 1")))
        if not states["queued"]:
            return states
        time.sleep(1)
    raise AssertionError(f"{states['queued']} messages still wait")


def run_every_verb(folder: Path, log: Path, people: list[str]) -> None:
    """Let each verb that reads say what it has to say, of the place while it is served."""
    for role in ("analyst", "advocate", "practitioner"):
        braid(log, "waits", folder, "--role", role, "--json")
    for verb in ("link show", "outbox send", "audit verify", "audit checkpoint", "agreement check", "agreement matrix"):
        braid(log, *verb.split(), folder)
    braid(log, "analysis", "list", folder)
    lead = ("--by", "demo-ig-lead", "--reference", "MTG-2026-041")
    for verb in ("link proposals", "overlay list", "outbox list", "outbox unseen", "audit snooping"):
        braid(log, *verb.split(), folder, *lead)
    for person in people:
        braid(log, "audit", "person", person, folder, *lead)
    for name in load_datasets(folder):
        who = "demo-advocate" if name == "victim_response" else "demo-analyst"
        braid(log, "analysis", "build", name, folder, "--by", who, "--reference", "MTG-2026-041")
    braid(log, "vault", "rotate", folder, "--by", "demo-ig-lead", "--reference", "MTG-2026-041")


def dump(folder: Path, target: Path) -> Path:
    """Dump the whole database as its owner."""
    with open_database(folder / "state") as url:
        ran = subprocess.run([find_programs() / "pg_dump", f"--file={target}", url], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    return target


def test_no_canary_leaves_the_places_where_it_may_rest(made, partners, server, tmp_path, capsys) -> None:
    folder, run, log = made
    address, users, server_log = server
    canaries, whose, shared = plant(run)
    scanner, report, started = Scanner(canaries), Report(), time.monotonic()
    assert len(canaries) >= 20, "too few to say anything"
    sources = Report()
    scanner.scan_folder(folder / "extracts", sources)
    found_in_sources = {hit.canary for hit in sources.hits}
    assert found_in_sources >= {canary.name for canary in canaries if canary.kind != "address"}, "the scanner sees them"

    people = [row["person_id"] for row in rows(run, "person", "person_id", "protected") if row["protected"]][:3]
    counts = visit(address, users, scanner, report, people)
    shown = counts.pop("pages of one person")
    assert shown >= 20, "somebody saw people"
    written = correspond(address, users, scanner, report, whose)
    assert written["harmless"] >= 20 and written["locating"] >= 20, "somebody wrote"
    states = wait_for_the_postman(folder)
    assert states["refused"] >= written["locating"] and states["sent"] >= 10, states
    mail, posted = partners
    for number, (_, arrived) in enumerate(mail.mails):
        scanner.scan_bytes(f"mail {number}", arrived, report)
    for number, arrived in enumerate(posted):
        scanner.scan_bytes(f"posted {number}", arrived, report)
    assert mail.mails and posted, "something arrived by each way"
    run_every_verb(folder, log, people)
    scanner.scan_file(dump(folder, tmp_path / "dump.sql"), "dump.sql", report)
    pointer = folder / "state" / "postgres.home"
    database = Path(pointer.read_text().strip()) if pointer.exists() else folder / "state" / "postgres"
    scanner.scan_folder(database, report)
    scanner.scan_folder(folder, report, SOURCES)
    for path in (log, server_log, log.parent / "issues.csv"):
        scanner.scan_file(path, path.name, report)
    tables = Report()
    for path in sorted(run.iterdir()):
        scanner.scan_file(path, path.name, tables if path.stem in MAY_REST else report)

    with capsys.disabled():
        total = report.bytes_looked_at
        print(f"\n{len(canaries)} canaries ({shared} more are shared with others), {scanner.count:,} needles")
        print(f"{written['harmless']} messages without and {written['locating']} with a location: {dict(states)}")
        print(f"{sum(counts.values())} answers to {len(counts)} sign-ins, {shown} of them a person's page")
        print(f"{report.files} files and answers, {report.file_bytes / 1e6:.0f} MB, {total / 1e6:.0f} MB unfolded")
        print(f"{len(report.hits)} hits, {len(report.unopened)} not opened, {time.monotonic() - started:.0f} s")
        print(f"where they may rest: {len({hit.canary for hit in tables.hits})} of the canaries seen")
    assert tables.hits, "the scanner sees them where they may rest"
    assert report.unopened == []
    assert sorted((re.sub(r"[0-9a-f]{32}", "…", hit.where), hit.canary, hit.way) for hit in report.hits) == []
