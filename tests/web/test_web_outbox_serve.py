"""Over the wire: a message written on a page of a served place leaves by the postman beside the server."""

import http.cookiejar
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import psycopg
import pytest
from sample_run import CHILD

from braid.store.postgres import EmbeddedPostgres
from braid.web.published import SWAP_LOCK

REPOSITORY = Path(__file__).resolve().parents[2]
LEFT_OUT = ("DATABASE_URL", "DJANGO_SETTINGS_MODULE", "BRAID_SECRET_KEY", "BRAID_ALLOWED_HOSTS", "BRAID_VAULT_KEY_FILE")
BECAUSE = [("gateway", "children_act_2004_s10"), ("necessity", "service_needed")]
INBOX = '[[inbox]]\norganisation = "vale-hospital"\naddress = "1 Hospital Road, Northmere"\n'


class Browser:
    """Pages and forms of a served place, with cookies."""

    def __init__(self, address: str) -> None:
        self.address = address
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self.opener = urllib.request.build_opener(jar)

    def get(self, path: str) -> str:
        with self.opener.open(self.address + path, timeout=30) as answer:
            return answer.read().decode()

    def post(self, path: str, form: list[tuple[str, str]]) -> str:
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.get(path))
        fields = urllib.parse.urlencode([("csrfmiddlewaretoken", token[1]), *form]).encode()
        with self.opener.open(self.address + path, fields, timeout=30) as answer:
            return answer.read().decode()


def environment() -> dict[str, str]:
    return {**{k: v for k, v in os.environ.items() if k not in LEFT_OUT}, "PYTHONPATH": str(REPOSITORY / "src")}


def wait_until(happened, seconds: float):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if found := happened():
                return found
        except (urllib.error.URLError, OSError):
            pass
        time.sleep(0.3)
    raise AssertionError(f"it did not happen within {seconds:.0f} seconds")


@pytest.fixture
def served(tmp_path):
    """A sample place that is served: its folder, a browser, and the users."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = Path(__file__).parent / "serve_sample.py"
    command = [sys.executable, str(program), str(tmp_path / "place"), str(port), str(tmp_path / "users")]
    server = subprocess.Popen(command, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    browser = Browser(f"http://127.0.0.1:{port}")
    try:
        wait_until(lambda: browser.get("/sign-in/"), 90)
        yield tmp_path / "place", browser, json.loads((tmp_path / "users").read_text(encoding="utf-8"))
    finally:
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(timeout=30)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def test_a_message_written_on_a_page_leaves_within_seconds(served):
    place, browser, users = served
    (place / "outbound.toml").write_text(INBOX, encoding="utf-8")
    name, password = users["Children's practitioner"]
    browser.post("/sign-in/", [("username", name), ("password", password)])
    browser.post("/reason/", [("purpose", "school_from_ta"), ("reference", "MTG-2026-041")])
    words = [("body", "Please send the outcome letter."), ("title", "Outcome"), ("classes", "N"), ("channel", "letter")]
    words += BECAUSE
    shown = browser.post(f"/people/{CHILD}/message/", [("recipients", "organisation:northmere-council"), *words])
    assert "in the outbox" in shown
    assert "Refused" in wait_until(lambda: "Refused" in (page := browser.get("/messages/")) and page, 30), "no inbox"

    council = INBOX.replace("vale-hospital", "northmere-council")
    (place / "outbound.toml").write_text(council, encoding="utf-8")
    browser.post(f"/people/{CHILD}/message/", [("recipients", "organisation:northmere-council"), *words])
    wait_until(lambda: "Sent" in browser.get("/messages/"), 30)
    files = list((place / "state" / "spool").iterdir())
    assert [path.suffix for path in files] == [".pdf"]

    lead, _ = users["Information governance lead"]
    asking = (place, "--json", "--by", lead, "--reference", "MTG-1")
    listed = _braid("outbox", "list", *asking)
    assert sorted(row["state"] for row in json.loads(listed.stdout)) == ["refused", "sent"]
    assert "outcome letter" not in listed.stdout
    send = [sys.executable, "-m", "braid", "outbox", "send", str(place)]
    sent = subprocess.run(send, env=environment(), capture_output=True, text=True, timeout=120, check=True)
    assert json.loads(sent.stdout) == {}

    assert "seen by none" not in listed.stderr
    for kept_away, waiting in ((lead, 0), (f"{lead}-2", 1)):
        _braid("overlay", "add", CHILD, place, "--bar-user", kept_away, "--reason", "relative", "--by", lead)
        unseen = _braid("outbox", "unseen", *asking)
        assert len(json.loads(unseen.stdout)) == waiting, "the second lead sees it until they are kept away too"
    assert [row["what"] for row in json.loads(unseen.stdout)] == ["task: message_refused"], "not lost, though unseen"
    listed = _braid("outbox", "list", *asking)
    assert len(json.loads(listed.stdout)) == 0, "the lead is kept from the child"
    assert "1 wait for a lead and are seen by none" in listed.stderr
    assert CHILD not in unseen.stdout + listed.stdout


def _braid(*words: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "braid", *map(str, words)]
    return subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=120, check=True)


@pytest.mark.slow
def test_a_mail_server_that_does_not_answer_holds_up_no_publishing(served):
    """The postman waits for a server that took the connection and says nothing; a new run could be published now."""
    place, browser, users = served
    with socket.create_server(("127.0.0.1", 0)) as stalled:
        stalled.settimeout(30)
        port = stalled.getsockname()[1]
        routes = f'[smtp]\nhost = "127.0.0.1"\nport = {port}\ntls = false\n'
        inbox = '[[inbox]]\norganisation = "northmere-council"\nemail = "inbox@northmere.example"\n'
        (place / "outbound.toml").write_text(routes + inbox, encoding="utf-8")
        name, password = users["Children's practitioner"]
        browser.post("/sign-in/", [("username", name), ("password", password)])
        browser.post("/reason/", [("purpose", "school_from_ta"), ("reference", "MTG-2026-041")])
        words = [("body", "Please send the outcome letter."), ("title", "Outcome"), ("classes", "N")]
        words += BECAUSE
        to_council = [("recipients", "organisation:northmere-council"), ("channel", "email")]
        browser.post(f"/people/{CHILD}/message/", [*to_council, *words])
        with (
            stalled.accept()[0],
            EmbeddedPostgres(place / "state") as server,
            psycopg.connect(server.url, autocommit=True) as other,
        ):
            time.sleep(0.5)
            row = other.execute("select pg_try_advisory_xact_lock(%s)", [SWAP_LOCK]).fetchone()
            assert row == (True,), "publishing would wait for the mail server"
            waiting = other.execute("select count(*) from braid_outboxmessage where state = 'queued'").fetchone()
            assert waiting == (1,), "and the message still waits"
