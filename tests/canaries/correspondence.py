"""Somebody who writes by every channel that a page offers: words that may leave, and words that hold a location."""

from __future__ import annotations

import datetime as dt
import http.server
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from canaries.needles import Canary
from canaries.visitor import Visitor
from replays.mail_server import Arrived

_RECIPIENT = re.compile(r'name="recipients"[^>]*value="([^"]+)"')
_CHANNEL = re.compile(r'<option value="([a-z_]+)"')
_GATEWAY = re.compile(r'<option value="([a-z0-9_]+)"')
_PERSON = re.compile(r"/people/([0-9a-f]{32})/")
HARMLESS = "Please come to the office on Monday."


@contextmanager
def web_hook() -> Iterator[tuple[int, list[bytes]]]:
    """Take what is posted to a port of this machine until the block ends."""
    arrived: list[bytes] = []

    class Take(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            head = str(self.headers).encode()
            arrived.append(head + self.rfile.read(int(self.headers.get("Content-Length", 0))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Take) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield server.server_address[1], arrived
        finally:
            server.shutdown()
            thread.join(5)


def write_routes(folder: Path, organisations: list[str], mail: Arrived, hook_port: int) -> None:
    """Give the place a mail server, and each partner an inbox of every kind."""
    routes = [f'[smtp]\nhost = "127.0.0.1"\nport = {mail.port}\ntls = false\n']
    secret = folder / "webhook.secret"
    secret.write_bytes(b"of the partner and of the place alone")
    routes.append(f'[webhook]\nsecret_file = "{secret}"\n')
    routes += [
        f'[[inbox]]\norganisation = "{one}"\nemail = "inbox@{one}.example"\naddress = "{number} Town Hall Square"\n'
        f'telephone = "01632 960{number:03}"\nwebhook = "http://127.0.0.1:{hook_port}/{one}"\n'
        for number, one in enumerate(organisations, 1)
    ]
    (folder / "outbound.toml").write_text("\n".join(routes), encoding="utf-8")


def write_by_every_channel(
    visitor: Visitor, whose: Mapping[str, list[Canary]], most: int
) -> tuple[int, int, list[tuple[str, bytes]]]:
    """Write about at most `most` people whom the visitor sees, of each kind: harmless words, and where they are.

    `whose` gives the locations that a person alone has. Returns how many messages were queued without and with a
    location in them, and every answer.
    """
    answers, harmless, locating = [], 0, 0
    seen = _people(visitor)
    chosen = [one for one in seen if one not in whose][:most] + [one for one in seen if one in whose][:most]
    for person in chosen:
        path = f"/people/{person}/message/"
        status, form = visitor.ask(path)
        answers.append((path, form))
        if status != 200:
            continue
        page = form.decode()
        recipients = _RECIPIENT.findall(page)
        partners = [one for one in recipients if one.startswith("organisation:")]
        because = {"gateway": _gateway(page), "necessity": "service_needed"}
        for channel in sorted({one for one in _CHANNEL.findall(_options(page, "channel")) if one}):
            wheres = [f"They are at {canary.value}." for canary in whose.get(person, [])[:2]]
            to_partner = [(partners[0], words) for words in (HARMLESS, *wheres) if partners]
            for recipient, words in [(recipients[0], HARMLESS), *to_partner]:
                status, answer = visitor.fill(path, **_message(channel, recipient, words), **because)
                answers.append((path, answer))
                is_queued = status == 200 and b"in the outbox" in answer
                harmless += is_queued and words is HARMLESS
                locating += is_queued and words is not HARMLESS
    return harmless, locating, answers


def _people(visitor: Visitor) -> list[str]:
    found: dict[str, None] = {}
    for page in range(1, 40):
        status, answer = visitor.ask(f"/people/?page={page}")
        if status != 200:
            break
        found |= dict.fromkeys(_PERSON.findall(answer.decode()))
    return list(found)


def _options(page: str, field: str) -> str:
    """Return the part of a page that holds the choices of a field."""
    return page.partition(f'id="id_{field}"')[2].partition("</select>")[0]


def _gateway(page: str) -> str:
    """Return a law that the page offers and that is no duty: it takes no weighing."""
    return next((one for one in _GATEWAY.findall(_options(page, "gateway")) if "16la" not in one), "")


def _message(channel: str, recipient: str, words: str) -> dict[str, str]:
    day = dt.date(2026, 12, 1)
    times = {"starts_at": f"{day} 10:00", "ends_at": f"{day} 11:00"} if channel == "calendar" else {}
    annex = {"annex": words} if channel == "bundle" else {}
    return {"recipients": recipient, "channel": channel, "title": "", "body": words, "classes": "N", **times, **annex}
