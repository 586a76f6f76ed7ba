"""Sessions of an account: begun under a new key, listed to whoever they are of, ended at once.

Limits (ASVS 5.0, 7.1.1, 7.3.1, 7.3.2): 15 minutes without a request, ten hours in all, which after a sign-in by an
identity provider count from when that provider saw the human. Another password, role, organisation or a closed
account ends every session at its next request: the account's hash in it does not fit any more.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest
from django.utils import timezone

from braid.web.models import SignedSession, User
from braid.web.sign_in.session_store import METHOD, PROVIDER_SESSION, STARTED, digest_key

METHODS = {
    "password": "Password",
    "code": "Password and code",
    "key": "Password and security key",
    "provider": "Your organisation's sign-in",
    "recovery": "Sealed recovery account",
}
TWO_FACTORS = frozenset(METHODS) - {"password"}
BACKEND = "django.contrib.auth.backends.ModelBackend"


@dataclass(frozen=True)
class OpenSession:
    """A session as its own user sees it; `name` is enough to end it and nothing to open it with."""

    name: str
    method: str
    started_at: dt.datetime
    last_used_at: dt.datetime
    """To the minute: a session is not written at every page."""
    ends_at: dt.datetime
    is_this: bool


def begin(
    request: HttpRequest, user: User, method: str, *, provider_session: str = "", seen_at: dt.datetime | None = None
) -> None:
    """Open a session under a new key; what somebody did before in this browser is not in it.

    `method` is a code of `METHODS`; `seen_at` is when an identity provider saw the human: limits count from there.
    """
    request.session.flush()
    login(request, user, backend=BACKEND)
    request.session[METHOD] = method
    request.session[STARTED] = int((seen_at or timezone.now()).timestamp())
    if method in TWO_FACTORS:
        request.session["assurance"] = 2
    if provider_session:
        request.session[PROVIDER_SESSION] = digest_provider_session(provider_session)


def digest_provider_session(sid: str) -> str:
    """Return what is kept of a session's name at the identity provider."""
    return hashlib.sha256(b"provider session " + sid.encode()).hexdigest()


def list_sessions(user: User, session_key: str | None) -> list[OpenSession]:
    """Return the open sessions of a user, the newest first; `session_key` is that of the session that asks."""
    mine = digest_key(session_key or "")
    return [
        OpenSession(
            _name(row.session_key),
            METHODS.get(row.method, METHODS["password"]),
            row.started_at,
            row.expire_date - dt.timedelta(seconds=settings.SESSION_COOKIE_AGE),
            min(row.expire_date, row.started_at + dt.timedelta(seconds=settings.LONGEST_SESSION_SECONDS)),
            row.session_key == mine,
        )
        for row in _open_of(user).order_by("-started_at")
    ]


def end_named(user: User, name: str) -> int:
    """End a session of a user by the name that `list_sessions` gave it; return how many ended: none or one."""
    keys = [key for key in _open_of(user).values_list("session_key", flat=True) if _name(key) == name]
    return _end(SignedSession.objects.filter(pk__in=keys))


def end_others(user: User, session_key: str | None) -> int:
    """End every session of a user but the one that asks; return how many."""
    return _end(SignedSession.objects.filter(user_id=user.pk).exclude(pk=digest_key(session_key or "")))


def end_all(user_ids: Iterable[int]) -> int:
    """End every session of these users; return how many."""
    return _end(SignedSession.objects.filter(user_id__in=list(user_ids)))


def end_everybodys() -> int:
    """End every session of everybody, also of whoever is signing in; return how many."""
    return _end(SignedSession.objects.all())


def end_by_provider(subject: str, sid: str, before: dt.datetime) -> list[User]:
    """End what an identity provider says is over: one session by `sid`, or all of a `subject`; return whose they were.

    Only sessions that began before the provider said so: said again later, it ends nothing of a new sign-in.
    """
    rows = SignedSession.objects.filter(method="provider", started_at__lte=before)
    if sid:
        rows = rows.filter(provider_session=digest_provider_session(sid))
    if subject:
        rows = rows.filter(user_id__in=User.objects.filter(provider_subject=subject).values("pk"))
    if not sid and not subject:
        return []
    whose = list(User.objects.filter(pk__in=set(rows.values_list("user_id", flat=True))))
    _end(rows)
    return whose


def _open_of(user: User) -> object:
    return SignedSession.objects.filter(user_id=user.pk, expire_date__gt=timezone.now())


def _name(digest: str) -> str:
    return hashlib.sha256(digest.encode()).hexdigest()[:16]


def _end(rows: object) -> int:
    return rows.delete()[0]
