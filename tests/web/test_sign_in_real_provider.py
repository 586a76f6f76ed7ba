"""Signing in by a provider that others wrote, in a process of its own: there and back over HTTP, in and out."""

import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from django.test import Client
from real_provider import CLIENT, SECRET

from braid.web.models import SignedSession, User
from braid.web.sign_in.provider_settings import ProviderSettings

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def canaille():
    """The issuer of the provider while it runs."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, str(Path(__file__).parent / "real_provider.py"), str(port), "http://testserver"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
        yield f"http://localhost:{port}"
    finally:
        process.terminate()
        process.wait(timeout=30)
        process.stdout.close()


@pytest.fixture
def known(settings, canaille, tmp_path, published, user_of):
    """Braid signs in by it, and knows both of its users."""
    (tmp_path / "secret").write_text(SECRET)
    settings.SIGN_IN_PROVIDER = ProviderSettings(canaille, CLIENT, tmp_path / "secret", amr=("mfa",))
    User.objects.filter(pk=user_of("analyst").pk).update(provider_subject="alice")
    User.objects.filter(pk=user_of("advocate").pk).update(provider_subject="bob")
    return canaille


def go(client: Client, human: str):
    """Follow the provider's redirect as the browser of a human who is signed in there."""
    there = client.get("/sign-in/provider/")
    answer = requests.get(there["Location"], cookies={"human": human}, allow_redirects=False, timeout=30)
    assert answer.status_code == 302, answer.text[:500]
    back = urlsplit(answer.headers["Location"])
    assert back.path == "/sign-in/provider/done/"
    return client.get(back.path, dict(parse_qsl(back.query)))


def test_two_factors_there_open_a_session_here_and_signing_out_ends_both(known, user_of):
    client = Client()
    answer = go(client, "alice")
    assert answer.status_code == 302, answer.content.decode()
    assert client.get("/").status_code == 200
    assert SignedSession.objects.get(user_id=user_of("analyst").pk).method == "provider"
    away = client.post("/sign-out/")["Location"]
    assert away.startswith(f"{known}/") and client.get("/").status_code == 302
    ended = requests.get(away, cookies={"human": "alice"}, allow_redirects=False, timeout=30)
    assert ended.status_code == 302 and ended.headers["Location"].startswith("http://testserver/sign-in/")


def test_a_password_alone_there_opens_nothing_here(known):
    client = Client()
    answer = go(client, "bob")
    assert answer.status_code == 403 and "did not ask you for a second factor" in answer.content.decode()
    assert client.get("/").status_code == 302


def test_a_provider_that_was_stopped_lets_nobody_in(known, settings, tmp_path):
    (tmp_path / "secret").write_text("another secret")
    answer = go(Client(), "alice")
    assert answer.status_code == 403
    settings.SIGN_IN_PROVIDER = ProviderSettings("http://localhost:9", CLIENT, tmp_path / "secret", amr=("mfa",))
    assert Client().get("/sign-in/provider/").status_code == 503
