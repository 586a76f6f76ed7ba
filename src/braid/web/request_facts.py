"""What an audit entry holds of the request in which it is written: session, assurance, a number of its own.

Set by the middleware for the time of a request; outside of one (the postman, a command) all of it is empty.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.http import HttpRequest


@dataclass
class RequestFacts:
    """A request as the record names it. `has_refusal` says that a refusal was written down in it already."""

    session: Any = None
    request_id: str = field(default_factory=lambda: uuid.uuid4().hex)
    has_refusal: bool = False
    token_digest: str = ""
    """Of a request that a token was sent with: which one, by a digest that opens nothing."""

    @property
    def session_digest(self) -> str:
        """Enough to tell two sessions apart, nothing to open one with; of this moment, since signing in renews it."""
        return self.token_digest or digest_session(getattr(self.session, "session_key", None))

    @property
    def assurance(self) -> int:
        """2 in a session that was confirmed by a second factor, else 1."""
        return 2 if self.session is not None and self.session.get("assurance") == 2 else 1


_OUTSIDE = RequestFacts(request_id="")
_CURRENT: ContextVar[RequestFacts | None] = ContextVar("braid_request", default=None)


@contextmanager
def in_request(session: Any) -> Iterator[RequestFacts]:
    """Let entries that are written until the block ends say that they are of this request."""
    facts = RequestFacts(session)
    token = _CURRENT.set(facts)
    try:
        yield facts
    finally:
        _CURRENT.reset(token)


def current_request() -> RequestFacts:
    """Return the facts of this request; outside of one they are empty."""
    return _CURRENT.get() or _OUTSIDE


def digest_token(token_id: int) -> str:
    """Return what an entry keeps of a token, by its number."""
    return hashlib.sha256(f"braid token {token_id}".encode()).hexdigest()


def digest_session(session_key: str | None) -> str:
    """Return what an entry keeps of a session: enough to tell two apart, nothing to open one with."""
    return hashlib.sha256(b"braid session " + session_key.encode()).hexdigest() if session_key else ""


def find_address(request: HttpRequest) -> str:
    """Return the address from which a request came, for counting wrong sign-ins.

    Behind a proxy everybody has the proxy's own: whoever guesses the password of one user would lock that user out
    everywhere. So what the proxy wrote last into X-Forwarded-For is taken, and only where the settings say that there
    is one: what stands before it, or without one, anybody can write.
    """
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "") if settings.PROXY else ""
    return forwarded.rpartition(",")[2].strip() or request.META.get("REMOTE_ADDR", "")
