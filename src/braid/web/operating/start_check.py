"""Whether a place may be served as its settings stand: what refuses a start, and what an engineer should know.

Pure: what is asked of the machine is given as `StartFacts`, so that every rule is read and tested by itself. The rules
are those of OWASP ASVS 5.0 (chapters 12 and 13: secure communication, configuration) and of Django's deployment
checklist, in Braid's terms.
"""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path

from braid.store.journal import JournalState
from braid.web.sign_in.breached import BreachedList, BreachedListNotReadable
from braid.web.sign_in.provider_settings import PREFIX, ProviderSettingsInvalid, read_provider_settings

REFUSE, WARN = "refuse", "warn"
LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "::1", "[::1]"})
SHORTEST_SECRET = 40
"""Characters of a secret that signs sessions: 240 bits of base 64, as Braid makes them."""
FEWEST_DIFFERENT = 12
"""Different characters below which a secret was typed, not drawn."""
OLDEST_SERVER = 150_000
"""PostgreSQL 15, as the server tells its number: older ones let everybody make tables in the schema `public`."""
MOST_CLOCK_SECONDS = 5.0
MOST_BEHIND_BYTES = 64 * 1024 * 1024
"""Four segments of the journal: a place writes one in minutes, so more was not fetched for longer than it should be."""


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


@dataclass(frozen=True)
class Finding:
    """A rule that the settings break. `severity` is `refuse` or `warn`; `code` stays the same from release to release.

    Neither `what` nor `next_step` carries a secret or a value of anybody.
    """

    code: str
    severity: str
    what: str
    next_step: str


class StartRefused(RuntimeError):
    """The settings are not safe to serve with. The message names each fault and its next step."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        """Say what each finding says, a line each."""
        lines = [f"{finding.code}: {finding.what}. Next step: {finding.next_step}" for finding in findings]
        super().__init__("not started, since it would not be safe.\n" + "\n".join(lines))


Rule = Callable[[StartFacts], Iterable[Finding]]


def check_start(facts: StartFacts) -> list[Finding]:
    """Return what is wrong with a start, what refuses it first; empty where nothing is.

    Served to this machine alone, what concerns a network is left out. A proxy on this machine leads the network to an
    address of this machine, so where one is told of, the address says nothing.
    """
    on_network = not is_local(facts.host) or _is_led_to(facts.environment)
    rules = (
        *_ALWAYS,
        *(_BESIDE_REAL_PEOPLE if on_network or facts.is_worker else ()),
        *(_ON_A_NETWORK if on_network else ()),
    )
    found = [finding for rule in rules for finding in rule(facts)]
    return sorted(found, key=lambda finding: (finding.severity != REFUSE, finding.code))


def is_local(host: str) -> bool:
    """Return whether only programs of this machine reach an address."""
    if host in LOCAL_NAMES:
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _is_led_to(environment: Mapping[str, str]) -> bool:
    """Whether the settings say that others reach the app by something before it: TLS, a proxy, a name of its own."""
    hosts = [host for host in environment.get("BRAID_ALLOWED_HOSTS", "").split(",") if host]
    says = environment.get("BRAID_PROXY") == "1" or environment.get("BRAID_HTTPS") == "1"
    return says or not all(map(is_local, hosts))


def _https(facts: StartFacts) -> Iterable[Finding]:
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


def _hosts(facts: StartFacts) -> Iterable[Finding]:
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


def _signing_secret(facts: StartFacts) -> Iterable[Finding]:
    secret = facts.environment.get("BRAID_SECRET_KEY")
    if secret is not None and (len(secret) < SHORTEST_SECRET or len(set(secret)) < FEWEST_DIFFERENT):
        yield Finding(
            "secret_weak",
            REFUSE,
            f"BRAID_SECRET_KEY signs sessions and can be guessed: it needs {SHORTEST_SECRET} characters drawn by"
            " chance",
            "leave it unset, and one is made in the state folder; or draw one: openssl rand -base64 48",
        )


def _secret_files(facts: StartFacts) -> Iterable[Finding]:
    for what, path in facts.secrets.items():
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            yield Finding(
                "secret_open",
                REFUSE,
                f"{what} can be read by others on this machine",
                f"chmod 600 {path.name}, and renew it if others sign in here",
            )


def _data_folders(facts: StartFacts) -> Iterable[Finding]:
    for what, path in facts.folders.items():
        if not facts.is_fictional and stat.S_IMODE(path.stat().st_mode) & 0o007:
            yield Finding(
                "folder_open",
                REFUSE,
                f"{what} can be entered by everybody on this machine",
                f"chmod o-rwx {path.name}",
            )


def _key_apart(facts: StartFacts) -> Iterable[Finding]:
    key = facts.secrets.get("the key of the vault")
    state = facts.folders.get("the folder of partner extracts")
    if not facts.is_fictional and key and state and key.stat().st_dev == state.stat().st_dev:
        yield Finding(
            "vault_key_beside_data",
            WARN,
            "the key of the vault rests on the disk of the data: whoever takes that disk has both",
            "set BRAID_VAULT_KEY_FILE to a file on another disk, and back it up apart",
        )


def _root(facts: StartFacts) -> Iterable[Finding]:
    if facts.is_root and not facts.is_fictional:
        yield Finding(
            "as_root",
            REFUSE,
            "Braid would run as root: a fault of it would be a fault of the whole machine",
            "start it as a user of its own that nobody signs in as",
        )


def _database(facts: StartFacts) -> Iterable[Finding]:
    database = facts.database
    if database is None:
        return
    if database.server_version < OLDEST_SERVER:
        yield Finding(
            "database_old",
            REFUSE,
            f"PostgreSQL {database.server_version // 10_000} is too old",
            "move to PostgreSQL 15 or later",
        )
    if database.is_remote and not database.is_encrypted:
        yield Finding(
            "database_in_clear",
            REFUSE,
            "the database is reached by a network without encryption",
            "add sslmode=verify-full and sslrootcert=FILE to DATABASE_URL",
        )
    if (database.is_superuser or database.skips_policies) and database.is_remote:
        yield Finding(
            "database_owner_too_mighty",
            WARN,
            "the database user that owns the tables is a superuser or skips policies: it needs neither",
            "alter role … nosuperuser nobypassrls createrole",
        )
    if abs(database.clock_seconds) > MOST_CLOCK_SECONDS:
        yield Finding(
            "clocks_differ",
            WARN,
            f"the clocks of this machine and of the database are {abs(database.clock_seconds):.0f} seconds apart:"
            " codes of a second factor and the end of an access depend on them",
            "let both follow one time server (chrony)",
        )


def _journal(facts: StartFacts) -> Iterable[Finding]:
    if facts.database is None:
        return
    state = facts.database.journal
    if state is None:
        if not facts.is_fictional:
            yield Finding(
                "journal_not_kept",
                WARN,
                "nobody keeps the journal of the database: what is written between two backups is lost with its disk",
                "run braid journal beside the worker, and take backups --with-journal",
            )
    elif state.is_lost:
        yield Finding(
            "journal_has_a_hole",
            WARN,
            "the database threw away a part of its journal before it was kept: nothing after that comes back",
            "start braid journal, and take a backup --with-journal at once",
        )
    elif not state.is_followed or state.behind_bytes > MOST_BEHIND_BYTES:
        yield Finding(
            "journal_behind",
            WARN,
            f"{state.behind_bytes / 1e6:.0f} MB of the journal are not kept yet"
            + ("" if state.is_followed else ", and nobody fetches them: they stay on the disk of the database"),
            "start braid journal, and see that its disk has room; to keep none any more, drop the slot braid_journal",
        )


def _restored(facts: StartFacts) -> Iterable[Finding]:
    if facts.restored and not facts.is_fictional:
        yield Finding(
            "restored_not_looked_through",
            REFUSE,
            f"the place was restored as it was at {facts.restored}: accounts and tokens that were ended since hold"
            " again, and exclusions and restrictions that were entered since do not",
            "enter them again (docs/operations/README.md, after a restore), then delete the file restored in the state"
            " folder",
        )


def _accounts(facts: StartFacts) -> Iterable[Finding]:
    database = facts.database
    if database is None or facts.is_fictional:
        return
    if database.demo_accounts:
        yield Finding(
            "demo_accounts",
            REFUSE,
            f"{database.demo_accounts} accounts of the demo are in force in a place of real people",
            "close them: braid user close NAME",
        )
    if database.people_without_factor:
        yield Finding(
            "no_second_factor",
            WARN,
            f"{database.people_without_factor} accounts whose role may see where protected people live have no second"
            " factor: they see none of it until they have one",
            "braid user factor NAME",
        )


def _provider(facts: StartFacts) -> Iterable[Finding]:
    if facts.is_fictional:
        return
    if not any(name.startswith(PREFIX) and value for name, value in facts.environment.items()):
        yield Finding(
            "no_identity_provider",
            WARN,
            "people sign in by passwords of Braid's own: whoever leaves an organisation is closed here by hand",
            "name the place's identity provider (docs/operations/sign-in.md)",
        )
    elif facts.database is not None and not facts.database.recovery_accounts:
        yield Finding(
            "no_recovery_account",
            WARN,
            "nobody can sign in on a day on which the identity provider does not answer",
            "seal an account for it: braid user recovery NAME",
        )


def _provider_settings(facts: StartFacts) -> Iterable[Finding]:
    try:
        read_provider_settings(facts.environment)
    except ProviderSettingsInvalid as error:
        yield Finding("provider_settings", REFUSE, str(error), "see docs/operations/sign-in.md")


def _password_alone(facts: StartFacts) -> Iterable[Finding]:
    if facts.environment.get("BRAID_PASSWORD_ALONE") == "1" and not facts.is_fictional:
        yield Finding(
            "password_alone",
            REFUSE,
            "BRAID_PASSWORD_ALONE would let people in by a password without a second factor, in a place of real people",
            "leave it unset: Braid sets it for fictional places",
        )


def _breached_passwords(facts: StartFacts) -> Iterable[Finding]:
    named = facts.environment.get("BRAID_BREACHED_PASSWORDS_FILE")
    if named:
        try:
            BreachedList(Path(named)).check()
        except BreachedListNotReadable as error:
            yield Finding(
                "breached_list_unreadable",
                REFUSE,
                f"the list of breached passwords that BRAID_BREACHED_PASSWORDS_FILE names is not one: {error}",
                "give one hash of SHA-1 a line, in their order, readable by the pages (docs/operations/sign-in.md)",
            )


def _no_breached_list(facts: StartFacts) -> Iterable[Finding]:
    names = [name for name, value in facts.environment.items() if value]
    is_by_provider = any(name.startswith(PREFIX) for name in names)
    if not facts.is_fictional and not is_by_provider and "BRAID_BREACHED_PASSWORDS_FILE" not in names:
        yield Finding(
            "no_breached_list",
            WARN,
            "a new password is not held against those known from breaches: common ones alone are refused",
            "keep a published list and name it in BRAID_BREACHED_PASSWORDS_FILE (docs/operations/sign-in.md)",
        )


def _witness(facts: StartFacts) -> Iterable[Finding]:
    if not facts.has_witness and not facts.is_fictional:
        yield Finding(
            "no_witness",
            WARN,
            "nobody outside keeps what was signed of the audit log: who holds the signing key could write another past",
            "ask a partner to keep a witness of it: braid audit witness --help",
        )


def _scanner(facts: StartFacts) -> Iterable[Finding]:
    if not facts.environment.get("BRAID_DOCUMENT_SCANNER") and not facts.is_fictional:
        yield Finding(
            "no_scanner",
            WARN,
            "files given to a case are not searched for harm",
            "set BRAID_DOCUMENT_SCANNER to a command, as clamdscan",
        )


def _fictional_on_network(facts: StartFacts) -> Iterable[Finding]:
    if facts.is_fictional:
        yield Finding(
            "fictional",
            WARN,
            "the people of this place are fictional: sign-ins of the demo are made anew at each start",
            "nothing, unless real data was meant",
        )


_ALWAYS: tuple[Rule, ...] = (
    *(_signing_secret, _secret_files, _database, _provider_settings, _password_alone, _breached_passwords),
)
_BESIDE_REAL_PEOPLE: tuple[Rule, ...] = (_accounts, _restored, _journal, _key_apart, _witness)
"""Asked of the worker too: where pages run apart they know neither the accounts nor the state folder."""
_ON_A_NETWORK: tuple[Rule, ...] = (
    *(_https, _hosts, _root, _data_folders, _provider, _no_breached_list, _scanner, _fictional_on_network),
)
