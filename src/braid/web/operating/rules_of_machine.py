"""Rules of a start about the machine and how it is reached: encryption, names, secrets, folders, who runs it."""

from __future__ import annotations

import stat
from collections.abc import Iterable

from braid.web.operating.start_model import REFUSE, WARN, Finding, StartFacts, is_local

SHORTEST_SECRET = 40
"""Characters of a secret that signs sessions: 240 bits of base 64, as Braid makes them."""
FEWEST_DAYS = 21
"""A certificate that is renewed by itself is so a month before it ends."""
FEWEST_DIFFERENT = 12
"""Different characters below which a secret was typed, not drawn."""


def https(facts: StartFacts) -> Iterable[Finding]:
    """Nobody outside this machine reaches the app but over TLS, and a proxy that speaks it is named."""
    if facts.environment.get("BRAID_HTTPS") != "1":
        yield Finding(
            "https_off",
            REFUSE,
            "the app would be reached by a network without encryption: passwords and names could be read on the way",
            "put a proxy that speaks TLS before it and set BRAID_HTTPS=1, or listen on 127.0.0.1",
        )
    elif facts.environment.get("BRAID_PROXY") != "1":
        yield Finding(
            "proxy_not_named",
            WARN,
            "nothing says that a proxy stands before the app, so a request over TLS looks unencrypted and every user"
            " looks as if they came from one address",
            "where the proxy overwrites X-Forwarded-For and X-Forwarded-Proto, set BRAID_PROXY=1",
        )


def certificate(facts: StartFacts) -> Iterable[Finding]:
    """What people are shown at the place's own address is a certificate that their browsers trust, and not for long."""
    seen = facts.certificate
    if seen is None:
        return
    if not seen.is_reached:
        yield Finding(
            "certificate_not_seen",
            WARN,
            f"nobody answered over TLS at {seen.name}, so its certificate was not looked at",
            "start the proxy and ask again, from a machine that reaches it",
        )
    elif seen.fault:
        yield Finding(
            "certificate",
            REFUSE,
            f"browsers do not trust the certificate of {seen.name}: {seen.fault}",
            "get one for this name from an authority that everybody trusts, with its whole chain",
        )
    elif seen.days_left is not None and seen.days_left < FEWEST_DAYS:
        yield Finding(
            "certificate_ends",
            WARN,
            f"the certificate of {seen.name} ends in {seen.days_left} days",
            "renew it, and let it be renewed by itself from now on",
        )


def hosts(facts: StartFacts) -> Iterable[Finding]:
    """The names by which people come are said, and none is let through unseen."""
    hosts = [host for host in facts.environment.get("BRAID_ALLOWED_HOSTS", "").split(",") if host]
    if any(host in ("*", ".") or host.startswith("*") for host in hosts):
        yield Finding(
            "hosts_any",
            REFUSE,
            "BRAID_ALLOWED_HOSTS lets every name through: a forged Host header would be believed",
            "name the hosts by which people reach the app, separated by commas",
        )
    elif not [host for host in hosts if not is_local(host)]:
        yield Finding(
            "hosts_local",
            REFUSE,
            "BRAID_ALLOWED_HOSTS names this machine alone: whoever comes by the network is refused",
            "add the name by which people reach the app",
        )


def signing_secret(facts: StartFacts) -> Iterable[Finding]:
    """What signs sessions was drawn by chance and is long enough."""
    secret = facts.environment.get("BRAID_SECRET_KEY")
    if secret is not None and (len(secret) < SHORTEST_SECRET or len(set(secret)) < FEWEST_DIFFERENT):
        yield Finding(
            "secret_weak",
            REFUSE,
            f"BRAID_SECRET_KEY signs sessions and can be guessed: it needs {SHORTEST_SECRET} characters drawn by"
            " chance",
            "leave it unset, and one is made in the state folder; or draw one: openssl rand -base64 48",
        )


def secret_files(facts: StartFacts) -> Iterable[Finding]:
    """A file of a secret is its reader's alone."""
    for what, path in facts.secrets.items():
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            yield Finding(
                "secret_open",
                REFUSE,
                f"{what} can be read by others on this machine",
                f"chmod 600 {path.name}, and renew it if others sign in here",
            )


def data_folders(facts: StartFacts) -> Iterable[Finding]:
    """Folders of people's data are closed to everybody else on this machine."""
    for what, path in facts.folders.items():
        if not facts.is_fictional and stat.S_IMODE(path.stat().st_mode) & 0o007:
            yield Finding(
                "folder_open",
                REFUSE,
                f"{what} can be entered by everybody on this machine",
                f"chmod o-rwx {path.name}",
            )


def key_apart(facts: StartFacts) -> Iterable[Finding]:
    """The key of the vault rests on another disk than what it opens."""
    key = facts.secrets.get("the key of the vault")
    state = facts.folders.get("the folder of partner extracts")
    if not facts.is_fictional and key and state and key.stat().st_dev == state.stat().st_dev:
        yield Finding(
            "vault_key_beside_data",
            WARN,
            "the key of the vault rests on the disk of the data: whoever takes that disk has both",
            "set BRAID_VAULT_KEY_FILE to a file on another disk, and back it up apart",
        )


def root(facts: StartFacts) -> Iterable[Finding]:
    """Real data is not served by root."""
    if facts.is_root and not facts.is_fictional:
        yield Finding(
            "as_root",
            REFUSE,
            "Braid would run as root: a fault of it would be a fault of the whole machine",
            "start it as a user of its own that nobody signs in as",
        )


def restored(facts: StartFacts) -> Iterable[Finding]:
    """Somebody looked through what a restore brought back before it is served."""
    if facts.restored and not facts.is_fictional:
        yield Finding(
            "restored_not_looked_through",
            REFUSE,
            f"the place was restored as it was at {facts.restored}: accounts and tokens that were ended since hold"
            " again, and exclusions and restrictions that were entered since do not",
            "enter them again (docs/operations/README.md, after a restore), then delete the file restored in the state"
            " folder",
        )


def scanner(facts: StartFacts) -> Iterable[Finding]:
    """Files that are given to a case are searched for harm."""
    if not facts.environment.get("BRAID_DOCUMENT_SCANNER") and not facts.is_fictional:
        yield Finding(
            "no_scanner",
            WARN,
            "files given to a case are not searched for harm",
            "set BRAID_DOCUMENT_SCANNER to a command, as clamdscan",
        )


def fictional_on_network(facts: StartFacts) -> Iterable[Finding]:
    """It is said where the people are fictional."""
    if facts.is_fictional:
        yield Finding(
            "fictional",
            WARN,
            "the people of this place are fictional: sign-ins of the demo are made anew at each start",
            "nothing, unless real data was meant",
        )
