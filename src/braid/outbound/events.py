"""What happened, as a partner's machine is told of it: a kind, a number and an address to look at, nobody's value.

The form of head and signature is that of Standard Webhooks (standardwebhooks.com, version 1): an id that stays the same
at each try, the time in seconds, and HMAC-SHA-256 in base64 over id, time and body with a full stop between. While a
secret is changed for another, both sign.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

DELIVERY_STATES = ("queued", "sent", "dead", "not_shown", "ended")
SECRET_BYTES = 32
SECRET_PREFIX = "whsec_"  # noqa: S105 - what every secret begins with
MOST_ATTEMPTS = 9
FIRST_WAIT = dt.timedelta(seconds=30)
LONGEST_WAIT = dt.timedelta(hours=6)
"""Each wait is four times the one before: 30 seconds to 6 hours. The ninth try is a good day after the first."""


@dataclass(frozen=True)
class EventKind:
    """A kind of event: what it says in words, and the address at which what it is about is read."""

    name: str
    resource: str
    needs: str = "people"
    """What a role must see to be told: `people`, `boards`, or `place`. The first is told of its own purpose alone."""


EVENT_KINDS: Mapping[str, EventKind] = {
    "referral.sent": EventKind("Somebody was referred to a team", "/api/v1/referrals/{}"),
    "referral.changed": EventKind("A referral was answered, or taken back", "/api/v1/referrals/{}"),
    "offer.made": EventKind("A joint case was offered to a team", "/api/v1/offers/{}"),
    "offer.changed": EventKind("An offer was answered, or withdrawn", "/api/v1/offers/{}"),
    "action.made": EventKind("A team has something to do", "/api/v1/actions/{}"),
    "action.changed": EventKind("An action was taken on, done, sent back or cancelled", "/api/v1/actions/{}"),
    "case.changed": EventKind("A joint case was closed or opened again", "/api/v1/cases/{}"),
    "run.published": EventKind("A run of the whole chain was published", "/api/v1/place", "place"),
    "board.decided": EventKind(
        "A board decided something that is not confidential", "/api/v1/boards/{board}/decisions/{}", "boards"
    ),
}


def wait_after(attempts: int) -> dt.timedelta:
    """Return how long to wait after so many attempts, at least one."""
    return min(FIRST_WAIT * (1 << 2 * min(attempts - 1, MOST_ATTEMPTS)), LONGEST_WAIT)


def write_event(
    delivery_id: str,
    kind: str,
    subject_id: str,
    number: int,
    happened_at: dt.datetime,
    detail: Mapping[str, Any] | None = None,
) -> bytes:
    """Return the body of an event as JSON in UTF-8, the same bytes at each try.

    `detail` has what was noted with it: the `board` of its address, and `counts`, which point at nobody.
    """
    noted = detail or {}
    resource = EVENT_KINDS[kind].resource.format(subject_id, board=noted.get("board", ""))
    data: dict[str, object] = {"resource": resource}
    if "counts" in noted:
        data["counts"] = noted["counts"]
    said = {
        "id": delivery_id,
        "type": kind,
        "timestamp": happened_at.astimezone(dt.UTC).isoformat(timespec="seconds"),
        "number": number,
        "data": data,
    }
    return json.dumps(said, sort_keys=True).encode()


def sign_event(body: bytes, delivery_id: str, seconds: int, secrets: Iterable[bytes]) -> dict[str, str]:
    """Return the headers that go with a body: id, time, and a signature by each secret that holds, newest first."""
    signed = b".".join((delivery_id.encode(), str(seconds).encode(), body))
    signatures = (base64.b64encode(hmac.new(each, signed, hashlib.sha256).digest()).decode() for each in secrets)
    return {
        "Content-Type": "application/json",
        "Webhook-Id": delivery_id,
        "Webhook-Timestamp": str(seconds),
        "Webhook-Signature": " ".join(f"v1,{each}" for each in signatures),
    }
