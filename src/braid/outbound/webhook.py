"""Webhooks: a signed message to a partner's machine, at an address that the installation lists."""

from __future__ import annotations

import hashlib
import hmac
import json
import time

from braid.outbound.content import Content, get_texts
from braid.outbound.egress import Egress, post_out
from braid.outbound.model import ChannelNotAvailable, ChannelRefused, Draft
from braid.outbound.routes import Routes
from braid.trust.guard import Recipient

_LATER = {408, 425, 429}
_SHORTEST_SECRET = 32


def make_webhook(draft: Draft, _recipient: Recipient) -> Content:
    """Return the words as JSON."""
    texts = get_texts(draft)
    said = {
        "reference": draft.reference,
        "written_at": draft.written_at.isoformat(),
        "pieces": [{"title": text.title, "body": text.body} for text in texts],
    }
    payload = json.dumps(said, ensure_ascii=False, sort_keys=True).encode()
    return Content(payload, "message.json", "application/json", texts)


def post_webhook(payload: bytes, url: str, key: str, routes: Routes) -> None:
    """Post the payload; the receiver knows a repetition by `key`.

    The signature is HMAC-SHA-256 over the time (seconds), a full stop and the body, so that an old message cannot be
    played again. No redirect is followed. Raises `ChannelRefused` for an address that is not listed, and for an answer
    that trying again cannot mend; `ChannelNotAvailable` for the rest.
    """
    if len(routes.webhook_secret) < _SHORTEST_SECRET:
        raise ChannelNotAvailable(f"The secret has under {_SHORTEST_SECRET} bytes: set one up with the partner.")
    sent = str(int(time.time()))
    headers = {
        "Content-Type": "application/json",
        "Idempotency-Key": key,
        "Webhook-Timestamp": sent,
        "Webhook-Signature": f"v1={sign(payload, sent, routes.webhook_secret)}",
    }
    status = post_out(url, payload, headers, Egress(routes.webhook_urls, routes.networks, routes.timeout_seconds))
    if status in _LATER or status >= 500:
        raise ChannelNotAvailable(f"The partner's machine answered {status}: it is tried again.")
    if not 200 <= status < 300:
        raise ChannelRefused(f"The partner's machine answered {status}: ask the partner.")


def sign(payload: bytes, sent: str, secret: bytes) -> str:
    """Return the signature (hexadecimal) of a payload sent at a time in seconds."""
    return hmac.new(secret, sent.encode() + b"." + payload, hashlib.sha256).hexdigest()
