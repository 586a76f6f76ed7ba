"""Faults under the pages: whatever fails, an answer is whole or says that nothing was changed; so is the next one.

A page is asked for as the role of the pages over a connection of its own, as where Braid is served. `Desk.ask` holds
each answer to the same rules: no piece of a page, nobody's value in a page of an error or in the log, and nothing shown
that is not on record.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import psycopg.sql
from django.conf import settings
from django.db import close_old_connections, connection, connections
from django.http import HttpResponse
from django.test import Client
from psycopg.errors import QueryCanceled
from published_sample import REFERENCE
from sample_run import CHILD

from braid.web.models import AuditEntry, OutboxMessage, SafetyTask, User
from braid.web.operating.health import ask_health, find_unready
from braid.web.page_limits import read_limits
from braid.web.pages_role import PAGES_ROLE
from braid.web.watch import known_asker
from faults.forked import in_fork
from faults.lines import line_to
from faults.points import BEFORE, Count, Ending, watch
from faults.strikes import end_session, kill_server
from faults.ways import Outbox
from faults.world import VICTIM_NAME, World, point_at

PAGE = f"/people/{CHILD}/"
NAME = "Ada"
"""The given name of the child whose page is asked for."""
ERROR = b"Nothing was changed"
LOCK_SECONDS = 0.5
"""How long a page waits for a lock while one is held here: shorter than where Braid is served, for the test's sake."""


class Skipped(Exception):
    """The machine cannot pose this fault; says why."""


class Log(logging.Handler):
    """Keeps what the log says."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        handler = logging.getLogger().handlers[0] if logging.getLogger().handlers else None
        for each in handler.filters if handler else ():
            self.addFilter(each)

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line as it would be written."""
        self.lines.append(self.format(record))


def watching() -> Client:
    """Return a machine that watches the server: it has no session."""
    return Client(raise_request_exception=False)


class Desk:
    """A practitioner who asks for the page of a child, and counts what they were shown."""

    def __init__(self, world: World, url: str) -> None:
        point_at(world.server.url)
        self.world, self.url, self.shown, self.failed = world, url, 0, 0
        self.client = Client(raise_request_exception=False)
        self.log = Log()
        for name in ("", "django"):
            logging.getLogger(name).handlers = [self.log]
        self.sign_in()
        assert self.ask().status_code == 200

    def sign_in(self) -> None:
        """Sign in, as the owner of the tables lets them, and say why, as the role of the pages."""
        connections.close_all()
        point_at(self.world.server.url)
        user = User.objects.get(username="test-practitioner")
        self.client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        connections.close_all()
        point_at(self.url, VICTIM_NAME, PAGES_ROLE)
        self.client.post("/reason/", {"purpose": "school_from_ta", "reference": REFERENCE})

    def ask(self) -> HttpResponse:
        """Ask for the page; hold the answer to the rules."""
        close_old_connections()  # as the server does between two requests
        answer = self.client.get(PAGE)
        text = answer.content.decode()
        if answer.status_code == 200:
            self.shown += 1
            assert text.rstrip().endswith("</html>") and NAME in text, "a piece of a page"
        else:
            self.failed += 1
            assert answer.status_code in (500, 503) and ERROR in answer.content, f"an answer of {answer.status_code}"
            assert NAME not in text and CHILD not in text, "somebody's value in the page of an error"
        assert answer["Cache-Control"] == "no-store" or answer.status_code in (500, 503)
        return answer

    def settle(self) -> None:
        """With everything mended: the next page is whole, and what was shown is on record."""
        close_old_connections()
        assert self.ask().status_code == 200, "pages do not come back by themselves"
        said = "\n".join(self.log.lines)
        assert NAME not in said and CHILD not in said, "somebody's value in the log"
        connections.close_all()
        point_at(self.world.server.url)
        with known_asker():
            written = AuditEntry.objects.filter(page="person", kind="look", person_id=CHILD)
            written = written.values("request_id").distinct().count()
        assert written >= self.shown, f"{self.shown} pages were shown, {written} are on record"


def at_journeys(world: World, strike: Callable[[Any], None], step: int) -> int:
    """Ask for the page with `strike` at every journey to the server (one in `step`); return how many were refused."""

    def work() -> int:
        desk = Desk(world, world.server.url)
        now: list[Any] = [Count()]
        watch(lambda *point: now[0](*point), ())
        desk.ask()
        journeys = len(now[0].met)
        struck = range(1, journeys + 1, step)
        for number in struck:
            now[0] = Ending(number, BEFORE, 0, strike)
            desk.ask()
            now[0] = Count()
        assert desk.failed >= len(struck) // 2, f"{desk.failed} of {len(struck)} ended journeys were noticed"
        desk.settle()
        return desk.failed

    return int(in_fork(work))


def sessions_ended(world: World) -> None:
    """`pg_terminate_backend` at one in eleven journeys of a page to the server."""
    at_journeys(world, end_session(world), 11)


def sessions_ended_everywhere(world: World) -> None:
    """The same at every journey."""
    at_journeys(world, end_session(world), 1)


def statement_cancelled(world: World) -> None:
    """A statement of a page that waits is cancelled (`pg_cancel_backend`)."""

    def work() -> None:
        desk = Desk(world, world.server.url)
        with psycopg.connect(world.server.url) as holding:
            holding.execute("lock table braid_personwait, braid_auditentry in access exclusive mode")
            thread = threading.Thread(target=_cancel_who_waits, args=(world,), daemon=True)
            thread.start()
            assert desk.ask().status_code == 503
            thread.join(30)
        desk.settle()

    in_fork(work)


def _cancel_who_waits(world: World) -> None:
    asked = (
        "select pg_cancel_backend(pid) from pg_stat_activity where application_name = %s and wait_event_type = 'Lock'"
    )
    with psycopg.connect(world.server.url, autocommit=True) as beside:
        end = time.monotonic() + 60
        while not beside.execute(asked, [VICTIM_NAME]).fetchall() and time.monotonic() < end:
            time.sleep(0.05)


def lock_held(world: World) -> None:
    """Somebody else holds what a page reads, and then what it writes: it gives up, and says when to come again.

    A form is sent meanwhile too: of what it does in several statements nothing is there after.
    """

    def work() -> None:
        desk = Desk(world, world.server.url)
        with psycopg.connect(world.server.url) as holding:
            for table in ("braid_personwait", "braid_auditentry"):
                holding.execute(
                    psycopg.sql.SQL("lock table {} in access exclusive mode").format(psycopg.sql.Identifier(table))
                )
                begun = time.monotonic()
                answer = desk.ask()
                assert answer.status_code == 503 and answer["Retry-After"] == "10", f"an answer of {answer.status_code}"
                waited = time.monotonic() - begun
                assert LOCK_SECONDS <= waited < LOCK_SECONDS + 10, f"given up after {waited:.1f} seconds"
                holding.rollback()
            before = _rows_of_cases(world)
            holding.execute("lock table braid_auditentry in access exclusive mode")
            form = {"case_type": "placement_panel", "agency": "education", "part": "child"}
            answer = desk.client.post(f"{PAGE}case/", form)
            assert answer.status_code == 503 and ERROR in answer.content, f"an answer of {answer.status_code}"
            holding.rollback()
        assert _rows_of_cases(world) == before, "half of what was sent is done"
        desk.settle()

    with psycopg.connect(world.server.url, autocommit=True) as owner:
        _limit(owner, {"lock_timeout": int(LOCK_SECONDS * 1000), "statement_timeout": 2000})
        try:
            in_fork(work)
            with psycopg.connect(world.server.url, user=PAGES_ROLE) as page, contextlib.suppress(QueryCanceled):
                page.execute("select pg_sleep(20)")
                raise AssertionError("a statement of a page may take as long as it wants")
            owner.execute("select pg_sleep(2.2)")  # whoever owns the tables takes as long as it takes
        finally:
            _limit(owner, read_limits())


def _limit(owner: psycopg.Connection, limits: dict[str, int]) -> None:
    for name, milliseconds in limits.items():
        owner.execute(f"alter role {PAGES_ROLE} set {name} = {milliseconds}")


def _rows_of_cases(world: World) -> list[int]:
    with psycopg.connect(world.server.url) as beside:
        return [
            beside.execute(f"select count(*) from braid_{table}").fetchone()[0]
            for table in ("jointcase", "casemember", "casesubject", "auditentry")
        ]


def no_room_for_connections(world: World) -> None:
    """Every connection that the role of the pages may have is taken."""

    def work() -> None:
        desk = Desk(world, world.server.url)
        connections.close_all()
        with psycopg.connect(world.server.url, autocommit=True) as owner:
            owner.execute(f"alter role {PAGES_ROLE} connection limit 1")
            try:
                with psycopg.connect(world.server.url, user=PAGES_ROLE):
                    assert desk.ask().status_code == 503
                    assert find_unready(ask_health()) == ["database_does_not_answer"]
                    assert watching().get("/health/ready/").status_code == 503
                    assert watching().get("/health/live/").status_code == 200
            finally:
                owner.execute(f"alter role {PAGES_ROLE} connection limit -1")
        desk.settle()
        point_at(world.server.url, VICTIM_NAME, PAGES_ROLE)
        assert watching().get("/health/ready/").status_code == 200

    in_fork(work)


@contextlib.contextmanager
def _desk_behind_a_line(world: World) -> Iterator[tuple[Desk, Any]]:
    """A desk whose database is reached through a go-between on a socket of its own."""
    parts = psycopg.conninfo.conninfo_to_dict(world.server.url)
    with line_to(Path(str(parts["host"])) / ".s.PGSQL.5432", world.folder / "line") as line:
        url = psycopg.conninfo.make_conninfo(world.server.url, host=str(line.folder))
        yield Desk(world, url), line
    (line.folder / ".s.PGSQL.5432").unlink()


def line_cut(world: World) -> None:
    """The line to the database is cut in the middle of an answer, at five places of the page."""

    def work() -> None:
        with _desk_behind_a_line(world) as (desk, line):
            line.cut_after(10**9)
            desk.ask()
            said = line.answered
            for part in range(5):
                line.cut_after(said * part // 5 + 1)
                desk.ask()
                line.mend()
            assert line.cuts >= 4 and desk.failed >= 4, (line.cuts, desk.failed)
            desk.settle()

    in_fork(work)


def answers_held_up(world: World) -> None:
    """The database takes five seconds for one answer of a page: it comes late, and whole."""

    def work() -> None:
        with _desk_behind_a_line(world) as (desk, line):
            line.hold_seconds, begun = 5.0, time.monotonic()
            assert desk.ask().status_code == 200
            assert time.monotonic() - begun >= 5, "nothing was held up"
            desk.settle()

    in_fork(work)


def server_killed(world: World) -> None:
    """The server is killed under a page: an error, not ready; after its start the same process goes on."""

    def work() -> None:
        desk = Desk(world, world.server.url)
        now: list[Any] = [Count()]
        watch(lambda *point: now[0](*point), ())
        now[0] = Ending(3, BEFORE, 0, kill_server(world))
        assert desk.ask().status_code == 500
        now[0] = Count()
        end = time.monotonic() + 60
        while watching().get("/health/ready/").status_code != 503:
            assert time.monotonic() < end, "still ready without a database"
            close_old_connections()
        assert watching().get("/health/live/").status_code == 200
        connections.close_all()
        world.server._let_go()
        point_at(world.server.url)
        world.revive()
        connections.close_all()
        point_at(world.server.url, VICTIM_NAME, PAGES_ROLE)
        desk.settle()

    in_fork(work)
    world.revive()


def clock_away(world: World) -> None:
    """The machine of the pages is an hour ahead, then an hour behind: rights and record go by the database's clock.

    A session or a reason that its own clock takes for old is asked for anew, and nothing is shown until then.
    """

    def work() -> None:
        really = time.time
        desk = Desk(world, world.server.url)
        for away in (3600, -3600):
            time.time = lambda away=away: really() + away
            answer = desk.client.get(PAGE)
            assert answer.status_code in (200, 302), f"an answer of {answer.status_code}"
            assert (NAME in answer.content.decode()) is (answer.status_code == 200)
            desk.shown += answer.status_code == 200
            desk.sign_in()
            assert desk.ask().status_code == 200, "whoever signs in by the same clock is let in"
        time.time = really
        desk.sign_in()
        desk.settle()
        with known_asker(), connection.cursor() as cursor:
            cursor.execute(
                "select count(*) from braid_auditentry where page = 'person'"
                " and recorded_at not between now() - interval '30 minutes' and now()"
            )
            assert cursor.fetchone() == (0,), "an entry has the time of a machine that is wrong"

    in_fork(work)


def key_store_away(world: World) -> None:
    """The vault's key cannot be read: a page comes without what the vault holds, and a message is not sent."""

    def work() -> None:
        point_at(world.server.url)
        way = Outbox(world)
        desk = Desk(world, world.server.url)
        away = Path(settings.VAULT_KEY_FILE)
        away.rename(away.with_suffix(".away"))
        desk.ask()
        connections.close_all()
        point_at(world.server.url)
        way.do()
        with known_asker():
            assert world.spooled() == [], "something left without the key"
            states = set(OutboxMessage.objects.values_list("state", flat=True))
            tasks = SafetyTask.objects.filter(kind="message_refused").count()
        assert states == {"refused"} and tasks == 2, (states, tasks)
        away.with_suffix(".away").rename(away)
        connections.close_all()
        point_at(world.server.url, VICTIM_NAME, PAGES_ROLE)
        desk.settle()

    try:
        in_fork(work)
    finally:
        world.put_back()


POSES: dict[str, Callable[[World], None]] = {
    "session ended": sessions_ended,
    "lock held": lock_held,
    "no room for connections": no_room_for_connections,
}
SLOW_POSES: dict[str, Callable[[World], None]] = {
    "session ended everywhere": sessions_ended_everywhere,
    "statement cancelled": statement_cancelled,
    "line cut": line_cut,
    "clock away": clock_away,
    "key store away": key_store_away,
    "answers held up": answers_held_up,
    "server killed": server_killed,
}
