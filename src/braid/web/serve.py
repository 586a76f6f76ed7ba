"""Serving a place: the database, the published set and the web server, started together and stopped together.

Modules that hold models are imported inside functions here, and only here: they need Django set up, which needs the
address of a database that this module starts first.
"""

import logging
import multiprocessing
import os
import re
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from importlib import import_module
from pathlib import Path
from types import ModuleType

import django
from django.conf import settings
from granian import Granian
from granian.constants import Interfaces
from psycopg.conninfo import make_conninfo

from braid.place.boards.board_file import load_boards
from braid.store.agreements import load_agreements
from braid.store.engine import EngineNotAvailable
from braid.store.lake import Lake
from braid.store.place_folder import Place, load_place
from braid.store.postgres import check_answers, find_database_url, open_database
from braid.store.reference_data import attribution_lines
from braid.store.signing_key import LOG_KEY, SigningKey, open_key
from braid.web.operating.migrating import migrate
from braid.web.operating.start_check import StartRefused, check_start
from braid.web.operating.start_facts import gather_facts
from braid.web.operating.start_model import REFUSE, is_local
from braid.web.pages_password import PAGES_ROLE, read_pages_password, read_secret
from braid.web.working import wait_for_end, working

LOCAL = "127.0.0.1"
LOCAL_HOSTS = f"{LOCAL},localhost"
THREADS = 4
TLS_CERTIFICATE, TLS_KEY = "BRAID_TLS_CERTIFICATE_FILE", "BRAID_TLS_KEY_FILE"
"""Settings that name by which files the pages speak TLS."""
SERVER_PID = "BRAID_SERVER_PID"
LOOK_SECONDS = 1.0
logger = logging.getLogger(__name__)
KILL_TIMEOUT_SECONDS = 5
"""How long a worker may take to stop before it is ended; without it one can wait for ever on an idle connection."""


def serve(
    place_folder: Path,
    host: str = "127.0.0.1",
    port: int = 8000,
    when_ready: Callable[[Place], None] | None = None,
) -> None:
    """Serve the place until interrupted, with all that is done beside; publish its current run first where it is newer.

    `when_ready` is called once the database is up and migrated, before requests are taken: a demo makes users there.
    Raises `PlaceInvalid`, `EngineNotAvailable`, `StartRefused` or `NotPublishable`, each saying the next step.
    """
    check_free(host, port)
    with web_app(place_folder) as place:
        if when_ready is not None:
            when_ready(place)
        owner_url = os.environ["DATABASE_URL"]
        refuse_unsafe(place, host, owner_url)
        pages_url = secure_database(owner_url)
        with working(place, owner_url, log_key(place)):
            listen(host, port, pages_url)


def work(place_folder: Path) -> None:
    """Do all that is done beside the pages, until the process is asked to end; other processes answer requests.

    Migrates, makes the role of the pages and the policies, and publishes the current run first. The role's password is
    that of `BRAID_PAGES_PASSWORD_FILE`, by which those processes connect. Raises as `serve` does.
    """
    with web_app(place_folder) as place:
        owner_url = os.environ["DATABASE_URL"]
        refuse_unsafe(place, LOCAL, owner_url, is_worker=True)
        secure_database(owner_url)
        with working(place, owner_url, log_key(place)):
            wait_for_end()


def serve_pages(place_folder: Path, host: str = "127.0.0.1", port: int = 8000) -> None:
    """Answer requests until interrupted, and nothing else: without any right of who owns the tables.

    `DATABASE_URL` names the role of the pages; `braid work` runs elsewhere, and was started once before. Neither the
    lake nor the extracts need be there. Raises `PlaceInvalid`, `EngineNotAvailable` or `StartRefused`.
    """
    check_free(host, port)
    place = load_place(place_folder)
    pages_url = find_pages_url()
    check_answers(pages_url)
    set_up(place, pages_url)
    pages = import_module("braid.web.pages_role")
    pages.check_role()
    if not pages.has_pages_role():
        raise EngineNotAvailable(
            "the tables are older than this version of Braid. Next step: start braid work of this version, then this"
        )
    refuse_unsafe(place, host)
    _close_connections()
    listen(host, port, pages_url)


def find_pages_url() -> str:
    """Return the conninfo of the role of the pages: DATABASE_URL, with the password of `BRAID_PAGES_PASSWORD_FILE`.

    Raises `EngineNotAvailable` where there is none.
    """
    url = find_database_url()
    if url is None:
        raise EngineNotAvailable(
            "the pages alone need a database that runs elsewhere. Next step: set DATABASE_URL to that of braid work,"
            f" with {PAGES_ROLE} as its user"
        )
    password = read_pages_password()
    return make_conninfo(url, password=password) if password else url


def refuse_unsafe(place: Place, host: str, owner_url: str | None = None, *, is_worker: bool = False) -> None:
    """Raise `StartRefused` where the settings are not safe to serve with; log what somebody should know."""
    findings = check_start(gather_facts(place, host, owner_url, is_worker=is_worker))
    for finding in findings:
        if finding.severity != REFUSE:
            logger.warning("start check %s: %s. Next step: %s", finding.code, finding.what, finding.next_step)
    refused = [finding for finding in findings if finding.severity == REFUSE]
    if refused:
        raise StartRefused(refused)


def listen(host: str, port: int, pages_url: str) -> None:
    """Answer requests at an address until interrupted, in processes that connect as the role of the pages."""
    allowed = os.environ["BRAID_ALLOWED_HOSTS"]
    if is_local(host) and host not in allowed.split(","):
        os.environ["BRAID_ALLOWED_HOSTS"] = f"{allowed},{host}"
    os.environ[SERVER_PID] = str(os.getpid())
    os.environ["DATABASE_URL"] = pages_url
    certificate, key = find_certificate()
    server = Granian(
        "braid.web.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        blocking_threads=THREADS,
        workers_kill_timeout=KILL_TIMEOUT_SECONDS,
        respawn_failed_workers=True,
        log_access=False,
        websockets=False,
        ssl_cert=certificate,
        ssl_key=key,
    )
    with _spawning():
        server.serve()


def find_certificate() -> tuple[Path | None, Path | None]:
    """Return the files of the certificate and the key by which the pages speak TLS to the proxy; none where none are
    named. Raises `EngineNotAvailable` where one is named without the other, or cannot be read.
    """
    named = [os.environ.get(name, "") for name in (TLS_CERTIFICATE, TLS_KEY)]
    if not any(named):
        return None, None
    if not all(name and os.access(name, os.R_OK) for name in named):
        raise EngineNotAvailable(
            f"the pages cannot speak TLS: a file of {TLS_CERTIFICATE} or {TLS_KEY} is not named or cannot be read. Next"
            " step: name a certificate and its key, readable by the user of the pages, or neither"
        )
    return Path(named[0]), Path(named[1])


@contextmanager
def _spawning() -> Iterator[None]:
    """Let workers begin as new processes, which read their settings anew.

    A forked worker would go on with what this process has read: the address by which the owner of the tables connects,
    to whom no policy applies.
    """
    before = multiprocessing.get_start_method()
    multiprocessing.set_start_method("spawn", force=True)
    try:
        yield
    finally:
        multiprocessing.set_start_method(before, force=True)


def end_with_server() -> None:
    """In a worker: end when the process that started it is no more, however it ended.

    A worker left alone would go on answering, and hold the database open.
    """
    server = os.environ.get(SERVER_PID)
    if server is None or os.getpid() == int(server):
        return

    def watch() -> None:
        while os.getppid() == int(server):
            time.sleep(LOOK_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, daemon=True, name="end with server").start()


def check_free(host: str, port: int) -> None:
    """Raise `EngineNotAvailable` where we cannot listen at this address, or somebody else does.

    The web server shares a port with others that do so too, and would then get some of another place's requests.
    """
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise EngineNotAvailable(
            f"cannot listen on {host} port {port} ({error.strerror}). Next step: stop what uses it, or choose another"
            " address with --host and --port"
        ) from None


@contextmanager
def web_app(place_folder: Path) -> Iterator[Place]:
    """Give the place with its database up, migrated and published to, and Django ready to use; stop the database after.

    A database of `DATABASE_URL` is left running. The role of the pages is not touched: a server may be running beside.
    """
    with place_database(place_folder) as (place, _):
        publish_current(place)
        yield place


@contextmanager
def asking_app(place_folder: Path) -> Iterator[Place]:
    """Give the place as `web_app` does, and go on in the role of the pages: for verbs that read about people.

    Where nobody has served the place yet, that role and the policies are made first; a fictional place gets its users.
    """
    with web_app(place_folder) as place:
        pages = import_module("braid.web.pages_role")
        if place.is_example and not accounts().has_demo_accounts():
            renew_demo_users(place)
        secure_new_database()
        pages.act_as_pages()
        yield place


def secure_new_database() -> None:
    """Make the role of the pages and the policies where nobody has served the place yet; for verbs inside `web_app`."""
    import_module("braid.web.securing").secure_new_database()


@contextmanager
def place_database(place_folder: Path, own_url: str | None = None) -> Iterator[tuple[Place, str]]:
    """Give the place and the URL of its database, up and migrated, as its owner; nothing is published or served.

    `own_url` is that of a database which is up already, whatever `DATABASE_URL` says: a place that is restored has its
    own, and must never touch the one that is served.
    """
    place = load_place(place_folder)
    with nullcontext(own_url) if own_url else open_database(place.state_folder) as url:
        check_answers(url)
        set_up(place, url)
        migrate()
        import_module("braid.web.vault.schema").make_vault()
        try:
            yield place, url
        finally:
            _close_connections()


def set_up(place: Place, database_url: str) -> None:
    """Set the environment that the settings read, here and in the server's own processes, and set Django up."""
    os.environ["DATABASE_URL"] = database_url
    if "BRAID_SECRET_KEY" not in os.environ:
        os.environ["BRAID_SECRET_KEY"] = read_secret("BRAID_SECRET_KEY_FILE") or secret_key(place.state_folder)
    os.environ.setdefault("BRAID_ALLOWED_HOSTS", LOCAL_HOSTS)
    os.environ.setdefault("BRAID_VAULT_KEY_FILE", str(place.state_folder.resolve() / "vault_key"))
    os.environ["BRAID_PASSWORD_ALONE"] = "1" if place.is_fictional else "0"
    os.environ["BRAID_PLACE"] = str(place.folder.resolve())
    os.environ["BRAID_CASE_TYPES"] = str(place.folder.resolve() / "case_types")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "braid.web.settings")
    if not settings.configured:
        django.setup()


def secret_key(state_folder: Path) -> str:
    """Return the secret that signs sessions, made on first use and readable by this user only."""
    path = state_folder / "secret_key"
    if not path.is_file():
        state_folder.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
    return path.read_text(encoding="utf-8")


def log_key(place: Place) -> SigningKey:
    """Return the key that signs the place's audit log, made on first use."""
    return open_key(place.state_folder / LOG_KEY, f"braid/{re.sub(r'[^A-Za-z0-9._-]', '-', place.id)}/audit")


def publish_current(place: Place) -> None:
    """Publish the lake's current run unless the pages show it; put agreements into force, and renew the teams."""
    from braid.web.care.team_list import load_teams, renew_teams
    from braid.web.costs.publishing import show_costs
    from braid.web.directory.publishing import show_directory
    from braid.web.enforcement import enforce
    from braid.web.portfolio.publishing import show_portfolio
    from braid.web.proposals.publishing import show_plans
    from braid.web.publish import publish
    from braid.web.simulations.posing import show_network
    from braid.web.together.publishing import show_board_lists

    load_boards(place)  # a fault of the file is told before anybody is served
    attribution_lines(place.folder)  # each page shows them
    run = Lake(place.lake_folder).current()
    if run is not None:
        publish(run, place)
        show_plans(run, place)
        show_network(run, place)
        show_costs(run, place)
        show_board_lists(run)
    show_portfolio(place)
    enforce(load_agreements(place).valid)
    teams = load_teams(place)
    renew_teams(teams, keep_members=place.is_example)
    show_directory(run, place, teams)


def secure_database(database_url: str) -> str:
    """Secure it as `braid.web.securing` says; Django must be set up."""
    conninfo: str = import_module("braid.web.securing").secure_database(database_url)
    return conninfo


def _close_connections() -> None:
    from django.db import connections

    connections.close_all()


def renew_demo_users(place: Place) -> list[tuple[str, str, str]]:
    """Give each role one demo user with a new password; return (role name, user name, password) in order.

    Django must be set up: call it from `when_ready`.
    """
    from braid.web.chains.demo import put_demo_served
    from braid.web.demo_users import create_demo_users, new_demo_passwords
    from braid.web.forecasts.demo import enter_forecast
    from braid.web.funds.demo import enter_history

    signs = create_demo_users(new_demo_passwords(), place)
    enter_history(place)
    put_demo_served(place)
    enter_forecast(place)
    return signs


def record_of() -> ModuleType:
    """Return `braid.web.access`, whose models can be imported only once Django is set up, inside `web_app`."""
    return import_module("braid.web.access")


def accounts() -> ModuleType:
    """Return `braid.web.accounts`, whose models can be imported only once Django is set up, inside `web_app`."""
    return import_module("braid.web.accounts")


def vault_keys() -> ModuleType:
    """Return `braid.web.key_rotation`, whose models can be imported only once Django is set up."""
    return import_module("braid.web.key_rotation")
