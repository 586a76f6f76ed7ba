"""Pages and what is done beside them as two processes, as a server on a network runs them: each with its own rights."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from sample_run import write_sample_place

from braid.store.postgres import EmbeddedPostgres
from braid.web.pages_password import PAGES_ROLE
from lent_database import lend_database, without_place

PASSWORD = "a-password-of-forty-characters-for-the-pages"


def braid(*arguments: str, environment: dict[str, str]) -> subprocess.Popen:
    command = [sys.executable, "-m", "braid", *arguments]
    return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def ended(process: subprocess.Popen) -> str:
    """What a process said that was asked to end, or ends by itself."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    return process.communicate(timeout=40)[1]


def asked(port: int, path: str) -> int:
    """The status of an answer; 0 where nobody answers."""
    try:
        return int(urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10).status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def becomes(ask, wanted, seconds: float = 60) -> bool:
    end = time.monotonic() + seconds
    while ask() != wanted and time.monotonic() < end:
        time.sleep(0.2)
    return ask() == wanted


def test_pages_answer_without_any_right_of_the_owner_and_without_lake_or_extracts(tmp_path):
    folder = write_sample_place(tmp_path / "place")[0].folder
    lend_database(folder / "state")
    password = tmp_path / "pages_password"
    password.write_text(PASSWORD)
    password.chmod(0o600)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with EmbeddedPostgres(folder / "state") as server:
        owner = {**without_place(), "DATABASE_URL": server.url, "BRAID_PAGES_PASSWORD_FILE": str(password)}
        pages = {**owner, "DATABASE_URL": make_conninfo(server.url, user=PAGES_ROLE)}
        apart = tmp_path / "apart"
        shutil.copytree(folder, apart, ignore=shutil.ignore_patterns("lake", "extracts", "postgres*"))

        early = braid("serve", str(apart), "--pages-only", "--port", str(port), environment=pages)
        assert early.wait(timeout=40) == 4
        assert "Next step" in ended(early), "nobody made the role yet"

        work = braid("work", str(folder), environment=owner)
        try:
            with psycopg.connect(server.url, autocommit=True) as asking:
                ready = "select to_regclass('braid_homespell') is not null and exists (select from pg_roles"
                ready += f" where rolname = '{PAGES_ROLE}' and has_table_privilege(oid, 'braid_homespell', 'select'))"
                assert becomes(lambda: asking.execute(ready).fetchone()[0], True)
                assert becomes(lambda: asking.execute("select count(*) from braid_publishedrun").fetchone()[0], 1)
                answering = braid("serve", str(apart), "--pages-only", "--port", str(port), environment=pages)
                try:
                    assert becomes(lambda: asked(port, "/health/ready/"), 200)
                    assert asked(port, "/sign-in/") == 200
                    signed = "select count(*) from braid_auditcheckpoint"
                    by_pages = "select count(*) from pg_stat_activity where usename = %s"
                    assert asking.execute(by_pages, [PAGES_ROLE]).fetchone()[0] >= 1
                    assert asking.execute(signed).fetchone()[0] >= 0
                finally:
                    ended(answering)
                assert becomes(lambda: asked(port, "/health/live/"), 0, 15)
        finally:
            words = ended(work)
        assert work.returncode == 0, words


def test_pages_alone_say_what_they_lack(tmp_path):
    write_sample_place(tmp_path / "place")
    nothing = braid("serve", str(tmp_path / "place"), "--pages-only", environment=without_place())
    assert "DATABASE_URL" in ended_by_itself(nothing)
    short = tmp_path / "password"
    short.write_text("short")
    told = {**without_place(), "DATABASE_URL": "postgresql://braid_pages@127.0.0.1:1/braid"}
    for file in (short, tmp_path / "is not there"):
        refused = braid(
            *("serve", str(tmp_path / "place"), "--pages-only"),
            environment={**told, "BRAID_PAGES_PASSWORD_FILE": str(file)},
        )
        words = ended_by_itself(refused)
        assert "BRAID_PAGES_PASSWORD_FILE" in words and "Traceback" not in words
        assert refused.returncode == 4


def ended_by_itself(process: subprocess.Popen) -> str:
    process.wait(timeout=40)
    return process.communicate()[1]


@pytest.mark.parametrize("host", ["0.0.0.0"])
def test_an_unsafe_start_is_refused_and_told_what_to_do(host, tmp_path):
    write_sample_place(tmp_path / "place")
    lend_database(tmp_path / "place" / "state")
    environment = {**without_place(), "BRAID_ALLOWED_HOSTS": "*"}
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    start = braid("serve", str(tmp_path / "place"), "--host", host, "--port", str(port), environment=environment)
    words = ended_by_itself(start)
    assert start.returncode == 5
    assert "https_off" in words and "hosts_any" in words and "Next step" in words
    assert os.fspath(tmp_path) not in words
    check = subprocess.run(
        [sys.executable, "-m", "braid", "check", str(tmp_path / "place"), "--host", host, "--json"],
        env=environment, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert check.returncode == 1 and '"safe": false' in check.stdout.replace("\n", " ")
