"""`outbound.toml` of the place folder: where channels go, and the inboxes of partners.

```toml
[smtp]
host = "mail.place.example"
port = 25
tls = true

[webhook]
secret_file = "/run/secrets/webhook"
networks = ["10.20.0.0/16"]

[pages]
address = "https://braid.place.example"

[[inbox]]
organisation = "northmere-council"
email = "inbox@northmere.example"
address = "1 Town Hall Square, Northmere"
telephone = "01632 960001"
webhook = "https://partner.example/braid"
events = ["https://partner.example/events"]
```
`events` are the addresses at which the organisation's systems may be told of what happens (`braid webhook new`). An
address leads into the internet, or into one of `networks` that the place shares with partners.
Without the file letters and the like go to the spool folder of the place's state, and every other channel is closed.
"""

import ipaddress
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from braid.outbound import ChannelRefused, Routes
from braid.outbound.egress import check_address
from braid.store.place_folder import Place, PlaceInvalid

FILE = "outbound.toml"
KINDS = ("email", "address", "telephone", "webhook")
_PARTS = {
    "smtp": {"host", "port", "tls", "username", "password_variable"},
    "webhook": {"secret_file", "networks"},
    "spool": {"folder"},
    "pages": {"address"},
}


@dataclass(frozen=True)
class Ways:
    """The routes of a place, and of each organisation its contact points by kind."""

    routes: Routes
    inboxes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    pages_address: str = ""
    """Where the pages are, for a reminder to say; empty where the file does not."""


def load_ways(place: Place) -> Ways:
    """Read the file. Raises `PlaceInvalid` for a key that is none, or an organisation that place.toml does not name."""
    path = place.folder / FILE
    try:
        parts = tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    except ValueError:
        raise PlaceInvalid(f"{FILE} is not TOML in UTF-8. Next step: correct it") from None
    known = {organisation.id for organisation in place.organisations}
    rows = parts.pop("inbox", [])
    events = {row.get("organisation", ""): _event_urls(row) for row in rows}
    inboxes = {row.get("organisation", ""): _inbox(row) for row in rows}
    if not set(inboxes) <= known:
        raise PlaceInvalid(f"{FILE}: an inbox names an organisation that place.toml does not. Next step: correct it")
    for name, part in parts.items():
        if not set(part) <= _PARTS.get(name, set()):
            raise PlaceInvalid(f"{FILE}: [{name}] has a key that Braid does not know. Next step: correct it")
    return Ways(_routes(place, parts, inboxes, events), inboxes, _pages_address(parts))


def _event_urls(row: Mapping[str, Any]) -> frozenset[str]:
    urls = row.get("events", [])
    if not isinstance(urls, list):
        raise PlaceInvalid(f"{FILE}: events of an inbox is a list of addresses. Next step: correct it")
    try:
        for url in urls:
            check_address(str(url))
    except ChannelRefused:
        raise PlaceInvalid(f"{FILE}: an address of events is not https. Next step: begin it with https://") from None
    return frozenset(map(str, urls))


def _networks(webhook: Mapping[str, Any]) -> tuple[str, ...]:
    try:
        return tuple(str(ipaddress.ip_network(one)) for one in webhook.get("networks", []))
    except ValueError:
        raise PlaceInvalid(f"{FILE}: [webhook] has a network that is none. Next step: write 10.20.0.0/16") from None


def _pages_address(parts: Mapping[str, Any]) -> str:
    address = str(parts.get("pages", {}).get("address", ""))
    if address and not address.startswith(("https://", "http://127.0.0.1", "http://localhost")):
        raise PlaceInvalid(f"{FILE}: [pages] has an address without https. Next step: begin it with https://")
    return address


def _inbox(row: Mapping[str, Any]) -> dict[str, str]:
    if not set(row) <= {"organisation", "events", *KINDS}:
        raise PlaceInvalid(f"{FILE}: an inbox has {', '.join(KINDS)} and events alone. Next step: correct it")
    return {kind: str(row[kind]) for kind in KINDS if row.get(kind)}


def _routes(
    place: Place,
    parts: Mapping[str, Any],
    inboxes: Mapping[str, Mapping[str, str]],
    events: Mapping[str, frozenset[str]],
) -> Routes:
    smtp, webhook, spool = (parts.get(name, {}) for name in ("smtp", "webhook", "spool"))
    secret = webhook.get("secret_file")
    return Routes(
        smtp_host=smtp.get("host", ""),
        smtp_port=smtp.get("port", 25),
        smtp_tls=smtp.get("tls", True),
        smtp_username=smtp.get("username", ""),
        smtp_password=os.environ.get(smtp.get("password_variable", ""), ""),
        spool_folder=Path(spool["folder"]) if "folder" in spool else place.state_folder / "spool",
        webhook_urls=frozenset(inbox["webhook"] for inbox in inboxes.values() if "webhook" in inbox),
        webhook_secret=Path(secret).read_bytes().strip() if secret else b"",
        event_urls=events,
        networks=_networks(webhook),
    )
