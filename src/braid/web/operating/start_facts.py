"""What the machine, the place and the database say before a start, gathered for the rules of `start_check`."""

from __future__ import annotations

import os
import time
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict

from braid.store.journal import ask_journal
from braid.store.place_folder import Place
from braid.store.signing_key import LOG_KEY
from braid.trust.roles import ROLES
from braid.web.operating.certificate import ask_certificate
from braid.web.operating.start_model import DatabaseFacts, StartFacts, is_local

_WHO = """
select current_setting('server_version_num')::int, extract(epoch from clock_timestamp()),
  coalesce((select ssl from pg_stat_ssl where pid = pg_backend_pid()), false), rolsuper, rolbypassrls
from pg_roles where rolname = current_user
"""
_ACCOUNTS = """
select count(*) filter (where is_demo),
  count(*) filter (where role = any(%s) and not exists (select 1 from braid_secondfactor f where f.user_id = u.id)
    and not exists (select 1 from braid_securitykey k where k.user_id = u.id and k.stopped_at is null)),
  count(*) filter (where is_recovery)
from braid_user u where is_active
"""
_WITNESSES = "select exists (select 1 from braid_witnesssignature)"


def gather_facts(
    place: Place, host: str, database_url: str | None, *, reached_at: str = "", is_worker: bool = False
) -> StartFacts:
    """Return what `check_start` needs; without a `database_url` nothing is said of a database, and without the address
    at which people reach the place nothing of its certificate.

    The database must be up and migrated; it is only read. Raises `psycopg.Error` where it does not answer.
    """
    environment = dict(os.environ)
    database, has_witness = _ask(database_url) if database_url else (None, False)
    return StartFacts(
        host=host,
        environment=environment,
        is_fictional=place.is_fictional,
        is_root=hasattr(os, "geteuid") and os.geteuid() == 0,
        secrets=_there(_kept_by_us(secret_files(place))),
        folders=_there(data_folders(place)),
        database=database,
        has_witness=has_witness,
        is_worker=is_worker,
        restored=_restored(place),
        certificate=ask_certificate(reached_at) if reached_at else None,
    )


def secret_files(place: Place) -> dict[str, Path]:
    """Return the files that hold a secret of the place, by what they hold."""
    vault_key = os.environ.get("BRAID_VAULT_KEY_FILE")
    return {
        "the secret that signs sessions": place.state_folder / "secret_key",
        "the key of the vault": Path(vault_key) if vault_key else place.state_folder / "vault_key",
        "the key that signs the audit log": place.state_folder / LOG_KEY,
        **{
            f"the file of {name}": Path(os.environ[name])
            for name in (
                "BRAID_PAGES_PASSWORD_FILE",
                "BRAID_METRICS_TOKEN_FILE",
                "BRAID_SECRET_KEY_FILE",
                "BRAID_OIDC_CLIENT_SECRET_FILE",
                "BRAID_TLS_KEY_FILE",
            )
            if os.environ.get(name)
        },
    }


def _kept_by_us(files: dict[str, Path]) -> dict[str, Path]:
    """Leave out what systemd lends a unit: it alone may read that, by rules that the mode of a file does not show."""
    lent = os.environ.get("CREDENTIALS_DIRECTORY")
    return {what: path for what, path in files.items() if not lent or not path.is_relative_to(lent)}


def data_folders(place: Place) -> dict[str, Path]:
    """Return the folders that hold data of people, by what they hold."""
    return {
        "the folder of partner extracts": place.folder / "extracts",
        "the lake": place.lake_folder,
        "the state folder": place.state_folder,
        "the folder of lists that few may read": place.folder / "restricted",
    }


def _restored(place: Place) -> str:
    path = place.state_folder / "restored"
    return path.read_text(encoding="utf-8").strip()[:40] if path.is_file() else ""


def _there(paths: dict[str, Path]) -> dict[str, Path]:
    return {what: path for what, path in paths.items() if path.exists()}


def _ask(database_url: str) -> tuple[DatabaseFacts, bool]:
    has_vault = [code for code, role in ROLES.items() if role.vault_items]
    with psycopg.connect(database_url, autocommit=True, connect_timeout=10) as connection:
        sent = time.time()
        version, clock, encrypted, superuser, skips = _row(connection, _WHO)
        heard = time.time()
        demo, without, recovery = _row(connection, _ACCOUNTS, [has_vault])
        (witnessed,) = _row(connection, _WITNESSES)
        journal = ask_journal(connection)
    host = str(conninfo_to_dict(database_url).get("host") or "")
    apart = max(sent - float(clock), float(clock) - heard, 0.0)
    facts = DatabaseFacts(
        is_superuser=bool(superuser),
        skips_policies=bool(skips),
        is_encrypted=bool(encrypted),
        is_remote=not (host == "" or host.startswith("/") or is_local(host)),
        server_version=int(version),
        clock_seconds=apart,
        demo_accounts=int(demo),
        people_without_factor=int(without),
        recovery_accounts=int(recovery),
        journal=journal,
    )
    return facts, bool(witnessed)


def _row(connection: psycopg.Connection, statement: str, parameters: list[object] | None = None) -> tuple:
    found = connection.execute(statement, parameters).fetchone()
    if found is None:
        raise psycopg.ProgrammingError("the database does not know who connects")
    return found
