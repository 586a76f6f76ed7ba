"""Two viewers and a stranger through one pooled connection: `python tests/web/pooler_run.py WORK PAGES BULK`.

A process of its own, since it serves a place of its own from a database of its own, with PgBouncer before it in
transaction mode and a pool of one. PAGES looks go through the access layer by threads of the app, BULK ones by plain
connections that send the app's own statement. Prints what each saw as one JSON document.
"""

import contextlib
import json
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psycopg

HERE = Path(__file__).resolve()
sys.path[:0] = [str(HERE.parents[2] / "src"), str(HERE.parents[1]), str(HERE.parent)]

PEOPLE = 40
VIEWERS = {"test-listing_officer": ("court_readiness", 3), "test-advocate": ("victim_response", 2)}
"""Purpose, and the last digit of the numbers of those whom it concerns: the two see nobody in common."""
SEEN = "select coalesce(string_agg(distinct person_id, ' '), '') from braid_personwait"
INI = """
[databases]
pages = host={host} port={port} dbname={name} user=braid_pages
[pgbouncer]
listen_port = 6432
listen_addr =
unix_socket_dir = {folder}
auth_type = any
pool_mode = transaction
default_pool_size = 1
max_client_conn = 20
logfile = {folder}/log
pidfile = {folder}/pid
"""


def find_pgbouncer() -> str | None:
    """Return the program, or `None` where it is not installed."""
    return shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


@contextlib.contextmanager
def pooler() -> Iterator[str]:
    """Start PgBouncer before Django's database and give the folder of its socket."""
    from django.db import connection

    folder = Path(tempfile.mkdtemp(prefix="braid-pooler-"))
    parts = connection.settings_dict
    ini = folder / "ini"
    port = parts["PORT"] or "5432"
    ini.write_text(INI.format(host=parts["HOST"], port=port, name=parts["NAME"], folder=folder))
    as_user = []
    if os.geteuid() == 0:  # PgBouncer does not run as root, nor does the server
        nobody = pwd.getpwnam("nobody")
        for path in (folder, ini):
            os.chown(path, nobody.pw_uid, nobody.pw_gid)
        as_user = ["-u", "nobody"]
    process = subprocess.Popen([str(find_pgbouncer()), "-q", *as_user, str(ini)], stderr=subprocess.DEVNULL)
    try:
        for _ in range(100):
            if (folder / ".s.PGSQL.6432").exists():
                break
            time.sleep(0.1)
        yield str(folder)
    finally:
        process.terminate()
        process.wait(20)
        shutil.rmtree(folder, ignore_errors=True)


def connect(folder: str) -> psycopg.Connection:
    """A client of the pooler."""
    return psycopg.connect(host=folder, port=6432, dbname="pages", user="any", autocommit=True, prepare_threshold=None)


def own_people() -> dict[str, set[str]]:
    """By viewer, the ids of those whom the purpose concerns and who are not kept away, from their numbers."""
    from many_people import person_id

    numbers = range(1, PEOPLE + 1)
    return {viewer: {person_id(n) for n in numbers if n % 10 == digit} for viewer, (_, digit) in VIEWERS.items()}


def look_through_pages(folder: str, looks: int) -> Counter:
    """Threads of the app take turns as they come: each look is the access layer's own, in the pages' role."""
    from django.db import connections
    from published_sample import REFERENCE

    from braid.web.access.projections import Viewer
    from braid.web.access.sight import looking, visible_waits

    settings = connections.settings["default"]
    settings |= {"HOST": folder, "PORT": "6432", "NAME": "pages", "USER": "any", "CONN_MAX_AGE": None}
    own, found, lock = own_people(), Counter(), threading.Lock()

    def look(username: str) -> None:
        viewer = Viewer(username, username.removeprefix("test-"), VIEWERS[username][0], REFERENCE, "person")
        seen: Counter = Counter()
        for _ in range(looks // 2):
            with looking(viewer) as sight:
                ids = set(visible_waits(sight).values_list("person_id", flat=True))
            seen["looks"] += 1
            seen["rows of the other"] += len(ids - own[username])
            seen["empty"] += not ids
        seen["prepared"] += connections["default"].connection.prepare_threshold is not None
        connections.close_all()
        with lock:
            found.update(seen)

    threads = [threading.Thread(target=look, args=[viewer]) for viewer in VIEWERS]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def look_in_bulk(folder: str, looks: int) -> Counter:
    """Clients take turns one by one; after each, a stranger who said nothing looks over the same connection."""
    from braid.web.access.context import TELL_DATABASE

    own, found = own_people(), Counter()
    clients = {viewer: connect(folder) for viewer in VIEWERS}
    stranger = connect(folder)
    asked = {
        viewer: f"begin; {TELL_DATABASE % (repr(viewer), repr(VIEWERS[viewer][0]))}; {SEEN}; commit"
        for viewer in VIEWERS
    }
    backends = set()
    for turn in range(looks):
        viewer = list(VIEWERS)[turn % 2]
        cursor = clients[viewer].execute(asked[viewer].encode())
        cursor.nextset()
        cursor.nextset()
        ids = set(cursor.fetchone()[0].split())
        found["looks"] += 1
        found["rows of the other"] += len(ids - own[viewer])
        found["empty"] += not ids
        found["rows of a stranger"] += bool(stranger.execute(SEEN.encode()).fetchone()[0])
        if turn % 1000 == 0:
            backends.add(stranger.execute("select pg_backend_pid()").fetchone()[0])
    found["connections to the server"] = len(backends)
    return found


def limits_of_both(folder: str) -> list[list[str]]:
    """How long two clients wait for a lock and for a statement: nobody told them, so the server did."""
    asked = "select current_setting('lock_timeout'), current_setting('statement_timeout')"
    with connect(folder) as one, connect(folder) as other:
        return [list(each.execute(asked).fetchone()) for each in (one, other)]


def leak_by_session(folder: str) -> Counter:
    """The control: one client names itself for the session, and a stranger is taken for it."""
    found = Counter()
    with connect(folder) as careless, connect(folder) as stranger:
        for viewer, (purpose, _) in VIEWERS.items():
            careless.execute(
                "select set_config('braid.username', %s, false), set_config('braid.purpose', %s, false)",
                [viewer, purpose],
            )
            found["rows of a stranger"] += len(stranger.execute(SEEN.encode()).fetchone()[0].split())
        careless.execute("reset braid.username; reset braid.purpose")
    return found


def main() -> None:
    """Serve, look, and print what was seen."""
    work, pages, bulk = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    from many_people import many_people

    from lent_database import lend_database

    lend_database(work / "place" / "state")
    with many_people(work / "place", PEOPLE), pooler() as folder:
        start = time.perf_counter()
        in_bulk = look_in_bulk(folder, bulk)
        seconds = time.perf_counter() - start
        found = {"bulk": in_bulk, "bulk_seconds": round(seconds, 1), "session": leak_by_session(folder)}
        found["limits"] = limits_of_both(folder)
        found["pages"] = look_through_pages(folder, pages)
        print(json.dumps(found))


if __name__ == "__main__":
    main()
