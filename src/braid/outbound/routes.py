"""Where the channels of one installation go: set up once, never taken from a draft or a recipient."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Routes:
    """The mail server, the folder in which a printer or dialler collects, and the partners' addresses for machines.

    An empty `smtp_host`, no folder or an address that is not listed means that the channel is closed. `smtp_tls` is off
    for a server on this machine alone.
    """

    smtp_host: str = ""
    smtp_port: int = 25
    smtp_tls: bool = True
    smtp_username: str = ""
    smtp_password: str = field(default="", repr=False)
    spool_folder: Path | None = None
    webhook_urls: frozenset[str] = frozenset()
    webhook_secret: bytes = field(default=b"", repr=False)
    event_urls: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """By organisation: where its systems may be told of events."""
    networks: tuple[str, ...] = ()
    """Networks that are not public and in which partners' machines are reached all the same."""
    timeout_seconds: float = 20.0
