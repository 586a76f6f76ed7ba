"""Rules of a start about the database: how it is reached, as whom, what it keeps, and who keeps its record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

from braid.web.operating.start_model import REFUSE, WARN, Finding, StartFacts

OLDEST_SERVER = 150_000
"""PostgreSQL 15, as the server tells its number: older ones let everybody make tables in the schema `public`."""
MOST_CLOCK_SECONDS = 5.0
MOST_BEHIND_BYTES = 64 * 1024 * 1024
"""Four segments of the journal: a place writes one in minutes, so more was not fetched for longer than it should be."""
VERIFIED = "verify-full"


def database(facts: StartFacts) -> Iterable[Finding]:
    """The server is new enough, reached encrypted, owned by nobody too mighty, and its clock is ours."""
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


def journal(facts: StartFacts) -> Iterable[Finding]:
    """Somebody keeps the journal, and is not behind."""
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


def witness(facts: StartFacts) -> Iterable[Finding]:
    """Somebody outside keeps what was signed of the record."""
    if not facts.has_witness and not facts.is_fictional:
        yield Finding(
            "no_witness",
            WARN,
            "nobody outside keeps what was signed of the audit log: who holds the signing key could write another past",
            "ask a partner to keep a witness of it: braid audit witness --help",
        )


def server_not_verified(facts: StartFacts) -> Iterable[Finding]:
    """A certificate says that who answers is the database: encryption alone speaks to anybody."""
    database = facts.database
    if database is None or not database.is_remote or not database.is_encrypted or facts.is_fictional:
        return
    if _sslmode(facts.environment) != VERIFIED:
        yield Finding(
            "database_not_verified",
            REFUSE,
            "nothing says that the machine which answers is the database: somebody on the way could answer instead",
            f"add sslmode={VERIFIED} and sslrootcert=FILE to DATABASE_URL",
        )


def _sslmode(environment: Mapping[str, str]) -> str:
    try:
        said = conninfo_to_dict(environment.get("DATABASE_URL", "")).get("sslmode")
    except ProgrammingError:
        said = None
    return str(said or environment.get("PGSSLMODE", ""))
