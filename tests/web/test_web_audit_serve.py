"""A served place, a witness at another address, and the verifier: over the wire."""

import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from braid.cli.app import main
from braid.store.postgres import EmbeddedPostgres
from braid.store.signing_key import LOG_KEY

REPOSITORY = Path(__file__).resolve().parents[2]
LEFT_OUT = ("DATABASE_URL", "DJANGO_SETTINGS_MODULE", "BRAID_SECRET_KEY", "BRAID_ALLOWED_HOSTS")


def environment() -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if key not in LEFT_OUT}
    return {**kept, "PYTHONPATH": str(REPOSITORY / "src")}


@dataclass(frozen=True)
class Ended:
    """How a verb ended."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def braid(monkeypatch, capsys):
    """Run a verb in this process, on the place's own database and not on that of the tests."""
    monkeypatch.delenv("DATABASE_URL", raising=False)

    def run(*words: object) -> Ended:
        monkeypatch.setattr(sys, "argv", ["braid", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        return Ended(int(ended.value.code or 0), *capsys.readouterr())

    return run


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """A sample place that is served: its folder, and the address."""
    folder = tmp_path_factory.mktemp("served")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = Path(__file__).parent / "serve_sample.py"
    command = [sys.executable, str(program), str(folder / "place"), str(port), str(folder / "users")]
    server = subprocess.Popen(command, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        yield folder / "place", address
    finally:
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(timeout=30)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _get(address: str, seconds: float = 60) -> str:
    end = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(address, timeout=10) as answer:
                return answer.read().decode()
        except (urllib.error.URLError, ConnectionError):
            if time.monotonic() > end:
                raise
            time.sleep(0.3)


def _add_looks(place: Path, count: int) -> None:
    with EmbeddedPostgres(place / "state") as server, psycopg.connect(server.url, autocommit=True) as connection:
        for number in range(count):
            connection.execute(
                "insert into braid_auditentry (kind, username, organisation, role, session_digest, assurance, purpose,"
                " agreement_id, agreement_version, relation, reference, person_id, item_classes, decision, reason,"
                " row_count, page, channel, request_id, policy_hash, details) values"
                " ('look', 'asmith', 'vale', 'analyst', '', 1, 'school_from_ta', '', '', 'place', 'MTG-1', %s, '',"
                " 'allow', 'permitted', 1, 'person', 'page', '', '', '{}')",
                [f"{number:032x}"],
            )


def test_a_witness_over_the_wire_and_the_verifier_agree_until_somebody_changes_the_past(served, tmp_path, braid):
    place, address = served
    assert "/audit\n" in _get(f"{address}/audit/checkpoint.txt")
    key, state, out = tmp_path / "council.key", tmp_path / "council.json", tmp_path / "signed.txt"
    log_key = json.loads(braid("audit", "key", place).stdout)["log_key"]
    public = json.loads(braid("audit", "key", "--witness", key, "--name", "council").stdout)["witness_key"]
    (place / "witnesses.txt").write_text(f"# who watches\n{public}\n", encoding="utf-8")
    watch = ("audit", "witness", address, "--key", key, "--state", state, "--out", out)
    assert braid(*watch).returncode == 2, "the first time the log's key is needed"
    for count in (7, 5):
        _add_looks(place, count)
        assert braid("audit", "checkpoint", place, "--out", tmp_path / "request.txt").returncode == 0
        ended = braid(*watch, "--log-key", log_key)
        assert ended.returncode == 0, ended.stderr
        assert braid("audit", "accept", out, place).returncode == 0
    size = json.loads(state.read_text())["size"]
    assert size >= 15, "and one of the demo that made the accounts, two of plans shown, those of its boards"
    assert re.search("^— council ", _get(f"{address}/audit/checkpoint.txt"), re.MULTILINE)
    sound = json.loads(braid("audit", "verify", place, "--witness", state, "--json").stdout)
    assert (sound["holds"], sound["entries"], sound["cosignatures"]) == (True, size, 2)
    with EmbeddedPostgres(place / "state") as server, psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute("set session_replication_role = replica")
        connection.execute("update braid_auditentry set username = 'somebody' where id = (select min(id) + 3 from"
                           " braid_auditentry)")  # fmt: skip
    tampered = braid("audit", "verify", place, "--witness", state)
    assert tampered.returncode == 5
    assert "entry_changed" in tampered.stdout
    assert "somebody" not in tampered.stdout
    stale = braid("audit", "witness", tmp_path / "request.txt", "--key", key, "--state", state)
    assert stale.returncode == 5, "that proof begins before what the witness saw"
    assert stat.S_IMODE((place / "state" / LOG_KEY).stat().st_mode) == 0o600
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


def test_the_sequencer_beside_the_server_gives_entries_their_place(served):
    place, address = served
    _get(f"{address}/audit/checkpoint.txt")
    _add_looks(place, 3)
    end = time.monotonic() + 15
    with EmbeddedPostgres(place / "state") as server, psycopg.connect(server.url, autocommit=True) as connection:
        while time.monotonic() < end:
            waiting = connection.execute(
                "select count(*) from braid_auditentry e where not exists"
                " (select 1 from braid_auditleaf l where l.entry_id = e.id)"
            ).fetchone()
            if waiting == (0,):
                return
            time.sleep(0.2)
    raise AssertionError("three entries found no place within 15 seconds")


def test_who_looked_and_what_to_ask_about_as_verbs(served):
    place, address = served
    _get(f"{address}/audit/checkpoint.txt")
    _add_looks(place, 1)

    def run(*words: object) -> list[dict[str, object]]:
        who = ("--by", "demo-ig-lead", "--reference", "SAR-7")
        command = [sys.executable, "-m", "braid", "audit", *map(str, words), "--json", *who]
        ended = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=120)
        assert ended.returncode == 0, ended.stderr
        return json.loads(ended.stdout)

    lines = run("person", "0" * 32, place)
    assert {line["username"] for line in lines} >= {"asmith"}
    assert {line["purpose_name"] for line in lines} == {"School from temporary accommodation"}
    assert isinstance(run("snooping", place), list)
