"""How often signing in may fail: by name and address together, by each alone, and by browser, with waits that grow.

A browser that signed in to an account before carries a signed cookie of it. Its misses are counted apart, so that
whoever guesses at a name from elsewhere makes strangers wait and not the human whose account it is; nor does a guesser
behind the address of a council close that council out. Names that nobody has are counted like others: the answer tells
nobody which there are. What is kept is a keyed digest, a count and two instants.
"""

from __future__ import annotations

import datetime as dt
import hmac
import ipaddress
import secrets
from dataclasses import dataclass

from django.conf import settings
from django.core import signing
from django.db.models import F, Q
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from braid.web.models import SignInMiss
from braid.web.request_facts import find_address

DEVICE_COOKIE = "braid_device"
DEVICE_DAYS = 90
FREE = {"pair": 5, "device": 5, "account": 20, "address": 50}
"""Misses before whoever comes next must wait."""
FIRST_WAIT, LONGEST_WAIT = dt.timedelta(minutes=1), dt.timedelta(minutes=15)
FORGOTTEN_AFTER = dt.timedelta(hours=1)
"""Without a miss for so long, counting begins anew."""
_SALT = "braid device"
KIND = str


@dataclass(frozen=True)
class Attempt:
    """One try to sign in: the digests under which a miss of it counts, by kind."""

    counted: dict[KIND, str]


def attempt_of(request: HttpRequest, username: str) -> Attempt:
    """Return where a try of this browser, address and name is counted."""
    name = username.strip().casefold()[:150]
    device = _device(request, name)
    if device:
        return Attempt({"device": _digest(f"device {device}")})
    network = _network(request)
    return Attempt(
        {
            "pair": _digest(f"pair {network} {name}"),
            "account": _digest(f"account {name}"),
            "address": _digest(f"address {network}"),
        }
    )


def must_wait(attempt: Attempt, now: dt.datetime | None = None) -> dt.timedelta:
    """Return how long whoever tries must wait; nought where they need not. Tries by one name go one after the other."""
    at = now or timezone.now()
    key = attempt.counted.get("account") or attempt.counted["device"]
    SignInMiss.objects.bulk_create([SignInMiss(digest=key, misses=0, last_at=at)], ignore_conflicts=True)
    list(SignInMiss.objects.select_for_update().filter(pk=key))
    waits = SignInMiss.objects.filter(pk__in=attempt.counted.values(), wait_until__gt=at)
    return max((row.wait_until - at for row in waits), default=dt.timedelta())


def count_miss(attempt: Attempt, now: dt.datetime | None = None) -> None:
    """Count a miss; from the last free one on, the next must wait, twice as long each time."""
    at = now or timezone.now()
    for kind, digest in sorted(attempt.counted.items()):
        SignInMiss.objects.bulk_create([SignInMiss(digest=digest, misses=0, last_at=at)], ignore_conflicts=True)
        SignInMiss.objects.filter(pk=digest, last_at__lt=at - FORGOTTEN_AFTER).update(misses=0, wait_until=None)
        SignInMiss.objects.filter(pk=digest).update(misses=F("misses") + 1, last_at=at)
        misses = SignInMiss.objects.values_list("misses", flat=True).get(pk=digest)
        if misses >= FREE[kind]:
            SignInMiss.objects.filter(pk=digest).update(wait_until=at + wait_after(misses - FREE[kind]))


def wait_after(more: int) -> dt.timedelta:
    """Return how long to wait after so many misses beyond the free ones."""
    return min(FIRST_WAIT * 2 ** min(more, 10), LONGEST_WAIT)


def forget_misses(attempt: Attempt) -> None:
    """Begin anew by name and browser after a success; never by address: an account of one's own would open it."""
    kept = [digest for kind, digest in attempt.counted.items() if kind != "address"]
    SignInMiss.objects.filter(pk__in=kept).delete()


def remember_device(request: HttpRequest, response: HttpResponse, username: str) -> None:
    """Let this browser be known to an account that just signed in with it."""
    name = username.strip().casefold()
    device = _device(request, name) or secrets.token_urlsafe(16)
    response.set_cookie(
        DEVICE_COOKIE,
        signing.dumps([_digest(f"name {name}"), device], salt=_SALT),
        max_age=DEVICE_DAYS * 24 * 60 * 60,
        secure=settings.HTTPS,
        httponly=True,
        samesite="Strict",
        path="/sign-in/",
    )


def clean_misses(now: dt.datetime) -> int:
    """Delete what is forgotten; return how many rows."""
    old = Q(last_at__lt=now - FORGOTTEN_AFTER) & (Q(wait_until=None) | Q(wait_until__lt=now))
    return int(SignInMiss.objects.filter(old).delete()[0])


def _device(request: HttpRequest, name: str) -> str:
    """Return the browser's number where its cookie is one of ours for this name, or nothing."""
    try:
        whose, device = signing.loads(
            request.COOKIES.get(DEVICE_COOKIE, ""), salt=_SALT, max_age=DEVICE_DAYS * 24 * 60 * 60
        )
    except (signing.BadSignature, ValueError, TypeError):
        return ""
    return device if hmac.compare_digest(str(whose), _digest(f"name {name}")) else ""


def _network(request: HttpRequest) -> str:
    """Return the address; of a long one the network, since whoever has one has 2 ** 64."""
    address = find_address(request)
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((found, 64), strict=False)) if found.version == 6 else str(found)


def _digest(text: str) -> str:
    return hmac.new(settings.SECRET_KEY.encode(), f"braid sign-in {text}".encode(), "sha256").hexdigest()
