"""What serving needs: a secret of its own, demo users by role, a style sheet without what is reserved to gov.uk."""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import psycopg
import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from braid.store.engine import EngineNotAvailable
from braid.store.postgres import EmbeddedPostgres
from braid.trust.roles import ROLES
from braid.web.demo_users import create_demo_users, new_demo_passwords
from braid.web.models import User
from braid.web.pages_role import PAGES_ROLE, check_role
from braid.web.serve import secret_key
from braid.web.templating import _style_sheet

REPOSITORY = Path(__file__).resolve().parents[2]


def test_the_secret_is_made_once_and_for_this_user_only(tmp_path):
    first = secret_key(tmp_path / "state")
    assert len(first) > 50
    assert secret_key(tmp_path / "state") == first
    assert secret_key(tmp_path / "other") != first
    assert stat.S_IMODE((tmp_path / "state" / "secret_key").stat().st_mode) == 0o600


@pytest.mark.django_db
def test_a_demo_has_one_user_a_role_and_a_second_lead_with_a_fresh_password(sample):
    before = create_demo_users(new_demo_passwords(), sample[0])
    after = create_demo_users(new_demo_passwords(), sample[0])
    seconds = [f"{name}, second" for name in ("Information governance lead", "Finance officer", "Commissioner")]
    assert [role for role, _, _ in after] == [*(role.name for role in ROLES.values()), *seconds]
    assert User.objects.count() == len(ROLES) + 3
    assert User.objects.get(username="demo-ig-lead-2").role == User.objects.get(username="demo-ig-lead").role
    assert not {password for *_, password in before} & {password for *_, password in after}
    _, username, password = after[0]
    client = Client()
    assert client.post("/sign-in/", {"username": username, "password": before[0][2]}).status_code == 200
    assert client.post("/sign-in/", {"username": username, "password": password}).status_code == 302
    assert User.objects.get(username=username).display_name == "Analyst (demo)"


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _becomes(port: int, answering: bool, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while _answers(port) is not answering and time.monotonic() < end:
        time.sleep(0.2)
    return _answers(port) is answering


@pytest.mark.slow
def test_a_server_that_is_killed_leaves_no_worker_that_answers(tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    left_out = ("DATABASE_URL", "DJANGO_SETTINGS_MODULE", "BRAID_SECRET_KEY", "BRAID_ALLOWED_HOSTS")
    environment = {key: value for key, value in os.environ.items() if key not in left_out}
    environment["PYTHONPATH"] = str(REPOSITORY / "src")
    program = Path(__file__).parent / "serve_sample.py"
    command = [sys.executable, str(program), str(tmp_path / "place"), str(port), str(tmp_path / "users")]
    server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        assert _becomes(port, True, 60)
    finally:
        server.send_signal(signal.SIGKILL)
        server.wait(timeout=30)
    assert _becomes(port, False, 15)


def test_pages_are_answered_as_their_own_role_and_no_other(tmp_path):
    """The policies apply to the role of the pages alone: whoever answers as the owner of the tables shows every row."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    left_out = ("DATABASE_URL", "DJANGO_SETTINGS_MODULE", "BRAID_SECRET_KEY", "BRAID_ALLOWED_HOSTS")
    environment = {key: value for key, value in os.environ.items() if key not in left_out}
    environment["PYTHONPATH"] = str(REPOSITORY / "src")
    command = [sys.executable, str(Path(__file__).parent / "serve_sample.py"), str(tmp_path / "p"), str(port)]
    server = subprocess.Popen(
        [*command, str(tmp_path / "users")], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        assert _becomes(port, True, 60)
        page = urllib.request.urlopen(f"http://127.0.0.1:{port}/sign-in/", timeout=30)
        assert page.status == 200
        with EmbeddedPostgres(tmp_path / "p" / "state") as joined, psycopg.connect(joined.url) as owner:
            users = {row[0] for row in owner.execute("select usename from pg_stat_activity where state is not null")}
            owners = owner.execute(
                "select count(*) from pg_stat_activity where usename = 'braid' and query ~ 'braid_signedsession'"
            ).fetchone()
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(timeout=30)
    assert PAGES_ROLE in users
    assert owners == (0,)


def test_whoever_would_answer_as_the_owner_of_the_tables_does_not_start(db):
    with pytest.raises(EngineNotAvailable, match="no policy applies"):
        check_role()


def test_the_style_sheet_has_no_crown_and_no_reserved_font():
    text = Path(finders.find("braid/braid.css")).read_text(encoding="utf-8")
    for word in ("GDS Transport", "crown", "crest", "@font-face", "url("):
        assert word not in text, word
    assert _style_sheet().startswith("/static/braid/braid.css?v=")


def test_the_style_sheet_names_the_version_that_is_locked():
    lock = json.loads((REPOSITORY / "frontend" / "package-lock.json").read_text(encoding="utf-8"))
    version = Path(finders.find("braid/govuk-frontend-version.txt")).read_text(encoding="utf-8").strip()
    assert lock["packages"]["node_modules/govuk-frontend"]["version"] == version
    assert "MIT" in Path(finders.find("braid/govuk-frontend-licence.txt")).read_text(encoding="utf-8")
    assert not any("resolved" in package for package in lock["packages"].values())
