"""Serving a place: the database, the published set and the web server, started together and stopped together.

Modules that hold models are imported inside functions here, and only here: they need Django set up, which needs the
address of a database that this module starts first.
"""

import multiprocessing
import os
import re
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import ModuleType

import django
from django.conf import settings
from django.core.management import call_command
from granian import Granian
from granian.constants import Interfaces

from braid.place.boards.board_file import load_boards
from braid.store.agreements import load_agreements
from braid.store.engine import EngineNotAvailable
from braid.store.lake import Lake
from braid.store.place_folder import Place, load_place
from braid.store.postgres import check_answers, open_database
from braid.store.reference_data import attribution_lines
from braid.store.signing_key import LOG_KEY, SigningKey, open_key
from braid.web.beside import making_what_waits
from braid.web.delivering import delivering
from braid.web.sealer import sealing

LOCAL_HOSTS = "127.0.0.1,localhost"
THREADS = 4
SERVER_PID = "BRAID_SERVER_PID"
LOOK_SECONDS = 1.0
KILL_TIMEOUT_SECONDS = 5
"""How long a worker may take to stop before it is ended; without it one can wait for ever on an idle connection."""


def serve(
    place_folder: Path,
    host: str = "127.0.0.1",
    port: int = 8000,
    when_ready: Callable[[Place], None] | None = None,
) -> None:
    """Serve the place until interrupted; publish its current run first where that is newer.

    `when_ready` is called once the database is up and migrated, before requests are taken: a demo makes users there.
    Raises `PlaceInvalid`, `EngineNotAvailable` or `NotPublishable`, each saying the next step.
    """
    check_free(host, port)
    with web_app(place_folder) as place:
        if when_ready is not None:
            when_ready(place)
        allowed = os.environ["BRAID_ALLOWED_HOSTS"]
        if host not in allowed.split(","):
            os.environ["BRAID_ALLOWED_HOSTS"] = f"{allowed},{host}"
        os.environ[SERVER_PID] = str(os.getpid())
        owner_url = os.environ["DATABASE_URL"]
        os.environ["DATABASE_URL"] = secure_database(owner_url)
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
        )
        with (
            sealing(owner_url, log_key(place)),
            delivering(place),
            making_what_waits("simulator", "braid.web.simulations.running", "run_waiting"),
            making_what_waits("portfolio", "braid.web.portfolio.running", "make_waiting"),
            making_what_waits("link reviews", "braid.web.link_reviews.settling", "settle_waiting"),
            _spawning(),
        ):
            server.serve()


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
        if place.truth_folder.is_dir() and not accounts().has_demo_accounts():
            renew_demo_users(place)
        secure_new_database()
        pages.act_as_pages()
        yield place


def secure_new_database() -> None:
    """Make the role of the pages and the policies where nobody has served the place yet; for verbs inside `web_app`."""
    import_module("braid.web.securing").secure_new_database()


@contextmanager
def place_database(place_folder: Path) -> Iterator[tuple[Place, str]]:
    """Give the place and the URL of its database, up and migrated, as its owner; nothing is published or served."""
    place = load_place(place_folder)
    with open_database(place.state_folder) as url:
        check_answers(url)
        set_up(place, url)
        call_command("migrate", verbosity=0, interactive=False)
        import_module("braid.web.vault.schema").make_vault()
        try:
            yield place, url
        finally:
            _close_connections()


def set_up(place: Place, database_url: str) -> None:
    """Set the environment that the settings read, here and in the server's own processes, and set Django up."""
    os.environ["DATABASE_URL"] = database_url
    os.environ.setdefault("BRAID_SECRET_KEY", secret_key(place.state_folder))
    os.environ.setdefault("BRAID_ALLOWED_HOSTS", LOCAL_HOSTS)
    os.environ.setdefault("BRAID_VAULT_KEY_FILE", str(place.state_folder.resolve() / "vault_key"))
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
    renew_teams(load_teams(place), keep_members=place.truth_folder.is_dir())


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
