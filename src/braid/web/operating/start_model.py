"""What a start is judged by: the facts of machine, place and database, and what a rule finds wrong with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path

from braid.store.journal import JournalState
from braid.web.operating.certificate import CertificateFacts

REFUSE, WARN = "refuse", "warn"
LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "::1", "[::1]"})


@dataclass(frozen=True)
class DatabaseFacts:
    """What the database says of who connects as the owner, and of itself."""

    is_superuser: bool
    skips_policies: bool
    is_encrypted: bool
    is_remote: bool
    """It is reached by a network and not by a socket of this machine."""
    server_version: int
    clock_seconds: float
    """How far its clock is from ours."""
    demo_accounts: int = 0
    people_without_factor: int = 0
    """Accounts in force that may see where protected people live and have no second factor."""
    journal: JournalState | None = None
    """How far the keeping of its journal is; `None` where nobody keeps it."""
    recovery_accounts: int = 0
    """Sealed accounts in force, for the day on which an identity provider does not answer."""


@dataclass(frozen=True)
class StartFacts:
    """What the machine and the place say before a start."""

    host: str
    environment: Mapping[str, str]
    is_fictional: bool
    is_root: bool
    secrets: Mapping[str, Path] = field(default_factory=dict)
    """Files that hold a secret, by what they hold; those that are not there yet are left out."""
    folders: Mapping[str, Path] = field(default_factory=dict)
    """Folders that hold data of people, by what they hold."""
    database: DatabaseFacts | None = None
    has_witness: bool = False
    is_worker: bool = False
    """Other processes answer requests for this one, at addresses that it does not know."""
    restored: str = ""
    """Of when a restored place is, until somebody looked through what came back."""
    certificate: CertificateFacts | None = None
    """What people are shown at the place's own address; `None` where nobody said which that is."""


@dataclass(frozen=True)
class Finding:
    """A rule that the settings break. `severity` is `refuse` or `warn`; `code` stays the same from release to release.

    Neither `what` nor `next_step` carries a secret or a value of anybody.
    """

    code: str
    severity: str
    what: str
    next_step: str


def is_local(host: str) -> bool:
    """Return whether only programs of this machine reach an address."""
    if host in LOCAL_NAMES:
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
