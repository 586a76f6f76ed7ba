"""The ways out: what a channel does with bytes that were released. Nothing but `deliver` calls them."""

from __future__ import annotations

import hashlib
from email import message_from_bytes
from email.utils import parseaddr
from pathlib import PurePath

from braid.outbound.mail import send_mail
from braid.outbound.model import Rendered
from braid.outbound.routes import Routes
from braid.outbound.spool import put_into_spool
from braid.outbound.webhook import post_webhook


def delivery_key(rendered: Rendered) -> str:
    """Return what names this delivery at the other end: the same for a repetition, another for another message.

    A message that has an id keeps its key where its bytes change between two tries: the later copy takes the place of
    the earlier. One without an id is known by its bytes.
    """
    message = rendered.message
    known_by = message.message_id or message.payload_sha256
    said = "\0".join((message.channel, message.reference, message.recipients[0].party_id, known_by))
    return hashlib.sha256(said.encode()).hexdigest()[:32]


def by_mail(rendered: Rendered, routes: Routes) -> str:
    """Send a mail; return its Message-ID."""
    head = message_from_bytes(rendered.payload)
    send_mail(rendered.payload, rendered.message.recipients[0], routes, parseaddr(str(head["From"]))[1])
    return str(head["Message-ID"])


def into_spool(rendered: Rendered, routes: Routes) -> str:
    """Put a file into the spool; return its name, which tells neither who it is for nor of what."""
    ending = PurePath(rendered.file_name).suffix
    name = f"{rendered.message.channel}-{delivery_key(rendered)}{ending}"
    if rendered.cover:  # first, so that no file lies there of which nobody knows where it goes
        put_into_spool(routes.spool_folder, f"{name}.cover.txt", rendered.cover)
    return put_into_spool(routes.spool_folder, name, rendered.payload)


def by_webhook(rendered: Rendered, routes: Routes) -> str:
    """Post to a partner's machine; return the key by which it knows a repetition."""
    key = delivery_key(rendered)
    post_webhook(rendered.payload, rendered.message.recipients[0].contact, key, routes)
    return key
