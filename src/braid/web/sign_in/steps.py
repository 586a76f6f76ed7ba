"""What stands between a right password and a session: which accounts must show a second factor, and which get none."""

from __future__ import annotations

import datetime as dt
import hmac
from dataclasses import dataclass
from enum import StrEnum

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.utils import timezone

from braid.web.models import SecondFactor, SecurityKey, User

PENDING = "pending_sign_in"
PENDING_FOR = dt.timedelta(minutes=5)


class Next(StrEnum):
    """What comes after a right password."""

    SESSION = "session"
    FACTOR = "factor"
    REFUSED = "no_second_factor"
    OVER = "first_password_over"


@dataclass(frozen=True)
class Pending:
    """Whose password was right a moment ago in this browser, and where they were going."""

    user: User
    target: str
    is_recovery: bool
    shown: str = ""
    """By which way everything was shown that opens a session, where their own password is still to be chosen."""


def after_password(user: User) -> Next:
    """Return what comes after the right password of an account.

    A password alone opens a session in a fictional place only: to demo accounts, and to those that have no second
    factor. An account for recovery always shows one. A password that somebody else gave is taken for a while.
    """
    if user.first_password_until is not None and timezone.now() >= user.first_password_until:
        return Next.OVER
    if user.is_demo and settings.PASSWORD_ALONE:
        return Next.SESSION
    if has_factor(user):
        return Next.FACTOR
    return Next.SESSION if settings.PASSWORD_ALONE and not user.is_recovery else Next.REFUSED


def has_factor(user: User) -> bool:
    """Whether an account has one-time codes or a security key that is taken."""
    return has_code(user) or _keys_of(user).exists()


def has_code(user: User) -> bool:
    """Whether an account has one-time codes."""
    return SecondFactor.objects.filter(user=user).exists()


def keep_pending(session: SessionBase, user: User, target: str, *, is_recovery: bool, shown: str = "") -> None:
    """Remember, in a session of nobody under a new key, that this password was right; with `shown` the factor too."""
    session.flush()
    session[PENDING] = {
        "user": user.pk,
        "hash": user.get_session_auth_hash(),
        "at": timezone.now().timestamp(),
        "target": target,
        "recovery": is_recovery,
        "shown": shown,
    }


def find_pending(session: SessionBase) -> Pending | None:
    """Return who is between the two steps; nobody after five minutes, or where the account changed since."""
    kept = session.get(PENDING)
    if not isinstance(kept, dict):
        return None
    age = timezone.now().timestamp() - kept["at"]
    user = User.objects.filter(pk=kept["user"], is_active=True).first()
    if user is None or not 0 <= age < PENDING_FOR.total_seconds():
        return None
    if not hmac.compare_digest(kept["hash"], user.get_session_auth_hash()):
        return None
    return Pending(user, kept["target"], kept["recovery"], kept["shown"])


def _keys_of(user: User) -> object:
    return SecurityKey.objects.filter(user=user, stopped_at=None)
