"""PostgreSQL for a place folder without an administrator: our own launcher of the embedded server.

    with open_database(state_folder) as url: ...

DATABASE_URL, where set, is used as it is and nothing is started. Otherwise the server listens on a socket only, in a
folder that nobody but its own user may enter, which is why connections need no password. Several processes share one
server; the last to leave stops it, and a supervisor does so for those that were killed.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import secrets
import shlex
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Self
from urllib.parse import quote

import psycopg

from braid.store import postgres_supervisor
from braid.store.engine import EngineNotAvailable
from braid.store.postgres_programs import (
    ServerUser,
    major_version,
    make_shared_folder,
    reachable_programs,
    server_user,
)

DATABASE = "braid"
LONGEST_SOCKET_FOLDER = 103 - len("/.s.PGSQL.5432")
"""In bytes: the shortest limit on a socket's path among the systems we run on (macOS) less the socket's name."""

NOT_IN_A_PATH = frozenset('"$`\\\n')
"""pg_ctl hands the paths to a shell between double quotes, where these would end them or be carried out."""

LOG_WITHOUT_VALUES = "-c log_min_messages=log -c log_min_error_statement=panic -c log_error_verbosity=terse"
"""A statement that fails is told to who sent it. In the server's log it, or the row it failed on, could name a person.
"""


def find_database_url() -> str | None:
    """Return DATABASE_URL where the place runs its own server, else None."""
    return os.environ.get("DATABASE_URL") or None


@contextlib.contextmanager
def open_database(state_folder: Path) -> Iterator[str]:
    """Give the URL of the database: DATABASE_URL, or the embedded server of `state_folder` while it is used."""
    url = find_database_url()
    if url:
        yield url
        return
    with EmbeddedPostgres(state_folder) as server:
        yield server.url


def has_database(state_folder: Path) -> bool:
    """Whether the place has a database: that of DATABASE_URL, or an embedded one that was started before."""
    return find_database_url() is not None or EmbeddedPostgres(state_folder).is_made


def check_answers(url: str) -> None:
    """Raise `EngineNotAvailable` where no server lets us in at `url`; the message leaves the URL out."""
    try:
        psycopg.connect(url, connect_timeout=10).close()
    except psycopg.Error:
        raise EngineNotAvailable(
            "no PostgreSQL server lets us in at DATABASE_URL. Next step: check its host, port, database, user and"
            " password, or unset it to use the embedded server"
        ) from None


class EmbeddedPostgres:
    """The server of one state folder. `start` and `stop` may be called by several processes at once."""

    def __init__(self, state_folder: Path) -> None:
        """Name the folder; nothing is made before `start`."""
        self.state_folder = Path(state_folder).resolve()
        self._held: IO[str] | None = None
        self._url = ""

    @property
    def url(self) -> str:
        """The URL for psycopg and Django while the server is started."""
        return self._url

    @property
    def is_made(self) -> bool:
        """Whether its data are there."""
        return (self._find_home() / "data").is_dir()

    def start(self) -> str:
        """Start the server, or join the one that runs, and return its URL. Raises `EngineNotAvailable`."""
        if self._held:
            return self._url
        if NOT_IN_A_PATH & set(str(self.state_folder)):
            raise EngineNotAvailable(
                "the embedded PostgreSQL cannot live in a folder whose path holds a double quote, a dollar sign, a"
                " backquote, a backslash or a line end. Next step: rename the folder, or set DATABASE_URL"
            )
        user = server_user()
        programs = reachable_programs(user)
        self.state_folder.mkdir(parents=True, exist_ok=True)
        with self._starting():
            self._held = self._lock_file("users").open("a+")
            fcntl.flock(self._held, fcntl.LOCK_SH)
            try:
                self._url = self._start_or_join(user, programs)
            except BaseException:
                self._let_go()
                raise
        return self._url

    def stop(self) -> None:
        """Leave the server; the last user stops it and returns when it has stopped."""
        if not self._held:
            return
        with self._starting():
            if self._is_last():
                user = server_user()
                _stop(reachable_programs(user), user, self._find_home() / "data")
            self._let_go()

    def discard(self) -> None:
        """Stop and delete the data, wherever it is: for a database that was only lent, such as a test's."""
        self.stop()
        home = self._find_home()
        if home.exists():
            shutil.rmtree(home)
        self._pointer().unlink(missing_ok=True)

    def __enter__(self) -> Self:
        """Start the server."""
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        """Leave the server."""
        self.stop()

    def _lock_file(self, name: str) -> Path:
        return self.state_folder / f"postgres.{name}.lock"

    @contextlib.contextmanager
    def _starting(self) -> Iterator[None]:
        """Let one process at a time start or stop."""
        with self._lock_file("start").open("a+") as turn:
            fcntl.flock(turn, fcntl.LOCK_EX)
            yield

    def _is_last(self) -> bool:
        assert self._held is not None
        try:
            fcntl.flock(self._held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _let_go(self) -> None:
        if self._held:
            self._held.close()
            self._held = None

    def _start_or_join(self, user: ServerUser, programs: Path) -> str:
        home = self._find_home() if self._pointer().exists() else self._choose_home(user)
        data = home / "data"
        _make_private_folder(home, user)
        if not data.exists():
            _initialise(programs, user, home)
        url = _find_running(data)
        if url:
            self._supervise(user, programs, home, options="")
            return url
        _clear_stale(programs, user, data)
        sockets = socket_folder(home, user)
        options = (
            f"-c listen_addresses='' -c port=5432 -c timezone=UTC -c unix_socket_permissions=0700"
            f" -c unix_socket_directories={shlex.quote(str(sockets))} {LOG_WITHOUT_VALUES}"
        )
        self._supervise(user, programs, home, options)
        url = _find_running(data)
        if not url:
            raise _not_started(home)
        return url

    def _supervise(self, user: ServerUser, programs: Path, home: Path, options: str) -> None:
        """Start the server where options are given, and leave a supervisor behind unless one is there."""
        ourselves = ServerUser(os.geteuid(), os.getegid(), changes=False)
        locks = (self._lock_file("users"), self._lock_file("watcher"))
        server = (str(user.uid), str(user.gid), programs / "pg_ctl", home / "data", home / "log", options)
        command = (sys.executable, "-I", Path(postgres_supervisor.__file__), *locks, *server)
        if ourselves.run(command).returncode != 0:
            raise _not_started(home)

    def _pointer(self) -> Path:
        """The file that names the server's home where the state folder itself is closed to the server's user."""
        return self.state_folder / "postgres.home"

    def _find_home(self) -> Path:
        if self._pointer().exists():
            return Path(self._pointer().read_text(encoding="utf-8").strip())
        return self.state_folder / "postgres"

    def _choose_home(self, user: ServerUser) -> Path:
        """Choose the server's home: inside the state folder, or outside where root's folder is closed to `nobody`."""
        inside = self.state_folder / "postgres"
        if not user.changes or user.can_enter(self.state_folder):
            return inside
        temporary = Path(tempfile.gettempdir()).resolve()
        is_temporary = self.state_folder.is_relative_to(temporary) and user.can_enter(temporary)
        outside = temporary if is_temporary else make_shared_folder()
        home = outside / f"braid-postgres-{secrets.token_hex(8)}"
        self._pointer().write_text(f"{home}\n", encoding="utf-8")
        return home


def _make_private_folder(folder: Path, user: ServerUser) -> None:
    """Make a folder for the server's user alone, or check that it is one. Raises `EngineNotAvailable`."""
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700)
        if user.changes:
            os.chown(folder, user.uid, user.gid)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != user.uid or found.st_mode & 0o077:
        raise EngineNotAvailable(
            f"{folder} is not a folder of the database's own user alone. Next step: start Braid as the user who made it"
        )


def _initialise(programs: Path, user: ServerUser, home: Path) -> None:
    """Make the data folder under another name and rename it, so that a half-made one is never taken for whole."""
    unfinished = home / "data.unfinished"
    if unfinished.exists():
        shutil.rmtree(unfinished)
    version = major_version(programs, user)
    locale = ("--locale-provider=builtin", "--builtin-locale=C.UTF-8") if version >= 17 else ("--locale=C.UTF-8",)
    access = ("--auth-local=trust", "--auth-host=scram-sha-256")
    command = (programs / "initdb", "-D", unfinished, "-U", DATABASE, "-E", "UTF8", *locale, *access, "-N")
    finished = user.run(command)
    if finished.returncode != 0:
        (home / "log").write_text(finished.stdout, encoding="utf-8")
        raise _not_started(home)
    unfinished.rename(home / "data")


def socket_folder(home: Path, user: ServerUser) -> Path:
    """Return a private folder for the socket whose path is short enough."""
    folder = home / "run"
    if len(os.fsencode(folder)) > LONGEST_SOCKET_FOLDER:
        key = hashlib.sha256(os.fsencode(home)).hexdigest()[:16]
        folder = Path("/tmp") / f"braid-{user.uid}-{key}"  # noqa: S108 - made private and checked to be ours
    _make_private_folder(folder, user)
    return folder


def _find_running(data: Path) -> str | None:
    """Return the URL of the server of `data` when it answers, after making sure of its database."""
    try:
        sockets = (data / "postmaster.pid").read_text(encoding="utf-8").splitlines()[4]
    except (OSError, IndexError):
        return None
    try:
        with psycopg.connect(_url(sockets, "postgres"), autocommit=True, connect_timeout=5) as connection:
            found = connection.execute("SELECT current_setting('data_directory')").fetchone()
            if found is None or not Path(found[0]).samefile(data):
                return None
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                connection.execute(f"CREATE DATABASE {DATABASE}")
    except psycopg.OperationalError:
        return None
    return _url(sockets, DATABASE)


def _url(sockets: str, database: str) -> str:
    return f"postgresql://{DATABASE}@/{database}?host={quote(sockets, safe='')}&port=5432"


def _clear_stale(programs: Path, user: ServerUser, data: Path) -> None:
    """Make room for a start: stop a server of this folder that does not answer, forget one that is no more.

    After a crash the process number in the pid file may belong to somebody else by now; that one is left alone.
    """
    pid_file = data / "postmaster.pid"
    try:
        pid = abs(int(pid_file.read_text(encoding="utf-8").splitlines()[0]))
        where = Path(f"/proc/{pid}/cwd").readlink()
    except (OSError, ValueError, IndexError):
        return
    if where == data:
        _stop(programs, user, data, mode="immediate")
    else:
        pid_file.unlink()


def _stop(programs: Path, user: ServerUser, data: Path, mode: str = "fast") -> None:
    user.run([programs / "pg_ctl", "stop", "-D", data, "-m", mode, "-w", "-s"])


def _not_started(home: Path) -> EngineNotAvailable:
    return EngineNotAvailable(
        f"the embedded PostgreSQL did not start; its log is {home / 'log'}. Next step: read the log's last lines,"
        " or set DATABASE_URL to a PostgreSQL server"
    )
