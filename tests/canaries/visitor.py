"""Somebody who signs in and follows every link, keeping all that the server answers."""

from __future__ import annotations

import html
import re
from collections import deque
from collections.abc import Iterator
from http.cookiejar import CookieJar
from urllib.error import HTTPError
from urllib.parse import urldefrag, urlencode, urljoin
from urllib.request import HTTPCookieProcessor, ProxyHandler, Request, build_opener

_LINK = re.compile(r'(?:href|src|action)="([^"]+)"')
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
_NOT_FOLLOWED = ("/sign-out/", "/static/")


class Visitor:
    """One session with a server on this machine."""

    def __init__(self, address: str) -> None:
        """Start without a session."""
        self.address = address
        self.opener = build_opener(HTTPCookieProcessor(CookieJar()), ProxyHandler({}))

    def ask(self, path: str, form: dict[str, str] | None = None, **headers: str) -> tuple[int, bytes]:
        """Return the status, and head and body of the answer as one."""
        url = urljoin(self.address, path)
        sent = {"Referer": url, **{name.replace("_", "-"): value for name, value in headers.items()}}
        request = Request(url, urlencode(form).encode() if form is not None else None, sent)
        try:
            with self.opener.open(request, timeout=60) as answer:
                return answer.status, str(answer.headers).encode() + answer.read()
        except HTTPError as answer:
            return answer.code, str(answer.headers).encode() + answer.read()

    def fill(self, path: str, **fields: str) -> tuple[int, bytes]:
        """Send the form of a page with the page's own token."""
        token = _TOKEN.search(self.ask(path)[1].decode())
        return self.ask(path, {**fields, "csrfmiddlewaretoken": token[1] if token else ""})

    def walk(self, start: list[str], most: int) -> Iterator[tuple[str, int, bytes]]:
        """Yield path, status and answer of up to `most` addresses that can be reached by links from `start`."""
        waiting, seen = deque(start), set(start)
        while waiting and most > 0:
            path = waiting.popleft()
            status, answer = self.ask(path)
            most -= 1
            yield path, status, answer
            for link in _LINK.findall(answer.decode("utf-8", "replace")):
                target, _ = urldefrag(urljoin(path, html.unescape(link)))
                if target.startswith("/") and not target.startswith(_NOT_FOLLOWED) and target not in seen:
                    seen.add(target)
                    waiting.append(target)
