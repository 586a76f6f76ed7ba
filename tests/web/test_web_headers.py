"""What every answer carries, what cookies are bound to, and what no module does: requirements of ASVS held at once."""

import ast
import os
import re
import runpy
from pathlib import Path
from unittest.mock import patch

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher, make_password
from django.test import Client

import braid

SOURCES = Path(braid.__file__).parent
STATIC = SOURCES / "web" / "static" / "braid"
OURS = ("web", "api", "trust", "store", "care", "outbound", "cli")
"""Rooms in which something secret may be drawn."""
GUESSED = frozenset({"random"})
RUNS_TEXT = frozenset({"eval", "exec", "__import__", "from_string", "mark_safe", "Markup"})
UNPACKS = frozenset({"pickle", "marshal", "shelve", "yaml", "dill", "joblib"})


@pytest.fixture(scope="module")
def over_tls() -> dict[str, object]:
    """The settings as they are read where the app is reached over TLS."""
    with patch.dict(os.environ, {"BRAID_HTTPS": "1", "BRAID_PROXY": "1"}):
        return runpy.run_path(str(SOURCES / "web" / "settings.py"))


@pytest.fixture
def secure(settings, over_tls):
    """A client that speaks TLS to an app with those settings."""
    for name in ("SECURE_HSTS_SECONDS", "SECURE_HSTS_INCLUDE_SUBDOMAINS", "SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME"):
        setattr(settings, name, over_tls[name])
    settings.HTTPS = settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    return Client()


@pytest.mark.django_db
def test_every_answer_carries_the_heads_of_safety(secure):
    for path in ("/sign-in/", "/nowhere/", "/api/v1/place", "/accessibility/"):
        answer = secure.get(path, secure=True)
        assert answer["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Referrer-Policy"] == answer["Cross-Origin-Opener-Policy"] == "same-origin"
        policy = answer["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in policy and "base-uri 'none'" in policy and "default-src 'none'" in policy
        asked = secure.get(path, secure=True, headers={"Origin": "https://elsewhere.example"})
        assert "Access-Control-Allow-Origin" not in asked


@pytest.mark.django_db
def test_cookies_over_tls_are_bound_to_this_host(secure, settings):
    secure.get("/sign-in/", secure=True)
    (cookie,) = secure.cookies.values()
    assert cookie.key == "__Host-csrftoken" == settings.CSRF_COOKIE_NAME
    assert settings.SESSION_COOKIE_NAME == "__Host-braid_session"
    assert cookie["secure"] and cookie["httponly"] and cookie["samesite"] == "Lax"
    assert cookie["path"] == "/" and not cookie["domain"]
    assert settings.SESSION_COOKIE_HTTPONLY and settings.SESSION_COOKIE_SAMESITE == "Lax"


@pytest.mark.django_db
def test_each_answer_says_its_type_and_its_letters():
    wanted = {"/sign-in/": "text/html; charset=utf-8", "/api/v1/place": "application/problem+json"}
    for path, media_type in wanted.items():
        assert Client().get(path)["Content-Type"] == media_type


@pytest.mark.django_db
def test_neither_history_nor_folders_nor_traces_are_served(settings):
    assert settings.DEBUG is False
    for path in ("/.git/config", "/.git/", "/static/", "/static/braid/", "/place.toml"):
        assert Client().get(path).status_code == 404
    for path in ("/", "/sign-in/", "/api/v1/place"):
        assert Client().trace(path).status_code in (302, 401, 405)


@pytest.mark.django_db
def test_what_somebody_typed_is_text_on_the_page():
    typed = '"><script>alert(1)</script>'
    page = Client().post("/sign-in/", {"username": typed, "password": "wrong"}).content.decode()
    assert "<script>" not in page and "&lt;script&gt;alert(1)" in page


@pytest.mark.django_db
def test_what_is_encoded_twice_is_decoded_once():
    page = Client().post("/sign-in/", {"username": "%3Cb%3E&lt;i&gt;", "password": "wrong"}).content.decode()
    assert "%3Cb%3E&amp;lt;i&amp;gt;" in page


@pytest.mark.django_db
def test_signing_out_clears_what_the_browser_keeps(client_of):
    client = client_of("analyst")
    assert client.post("/sign-out/")["Clear-Site-Data"] == '"cache", "storage"'


def test_passwords_rest_under_a_slow_hash():
    algorithm, rounds, salt, _ = make_password("nine purple otters at tea").split("$")
    assert algorithm == PBKDF2PasswordHasher.algorithm == "pbkdf2_sha256"
    assert int(rounds) >= 600_000 and len(salt) >= 22


def called_in(path: Path) -> set[str]:
    """The names that a module calls, and the modules that it imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            named = node.func
            is_own = isinstance(named, ast.Name) or (isinstance(named, ast.Attribute) and named.attr == "from_string")
            found |= {getattr(named, "id", getattr(named, "attr", ""))} if is_own else set()
            found |= {"shell" for one in node.keywords if one.arg == "shell"}
        elif isinstance(node, ast.Import):
            found |= {one.name.partition(".")[0] for one in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").partition(".")[0])
            found |= {one.name for one in node.names}
    return found


def test_no_module_runs_text_as_code():
    wrong = {path.name: found for path in SOURCES.rglob("*.py") if (found := called_in(path) & (RUNS_TEXT | UNPACKS))}
    assert wrong == {} and not [path for path in SOURCES.rglob("*.py") if "shell" in called_in(path)]
    pages = [path for path in (SOURCES / "web" / "templates").rglob("*.html") if "|safe" in path.read_text("utf-8")]
    assert pages == []


def formats_of(path):
    """What is formatted in a module that is neither written there nor a constant by its name; SQL is put together by
    psycopg, whose parts are no format strings."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        called = node.func if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else None
        if called is None or called.attr not in ("format", "format_map"):
            continue
        made = called.value
        name = made.id if isinstance(made, ast.Name) else made.attr if isinstance(made, ast.Attribute) else ""
        is_sql = isinstance(made, ast.Call) and ast.unparse(made.func) == "sql.SQL"
        if not isinstance(made, ast.Constant | ast.JoinedStr) and not name.isupper() and not is_sql:
            yield ast.unparse(made)


def test_no_format_string_comes_from_who_asks():
    found = {word for part in ("web", "api") for path in (SOURCES / part).rglob("*.py") for word in formats_of(path)}
    assert found <= {"grant"}, "a statement of psycopg's, made in the same function"


def test_nothing_secret_is_drawn_by_an_ordinary_generator():
    modules = [path for room in OURS for path in (SOURCES / room).rglob("*.py")]
    assert len(modules) > 100
    assert {path.name for path in modules if called_in(path) & GUESSED} == set()


def test_no_script_stores_anything_in_the_browser():
    scripts = sorted(STATIC.glob("*.js"))
    assert scripts
    for script in scripts:
        text = script.read_text(encoding="utf-8")
        assert not re.search(r"localStorage|sessionStorage|indexedDB|document\.cookie|__proto__|postMessage", text)


def test_a_file_is_handed_over_and_not_shown():
    for module in ("documents", "files", "listing", "appointments", "placements", "agendas"):
        text = (SOURCES / "web" / "views" / f"{module}.py").read_text(encoding="utf-8")
        heads = re.findall(r'\["Content-Disposition"\] = f?\'(.*)\'', text)
        assert heads and all(re.fullmatch(r'attachment; filename="[\w.{}]+"', head) for head in heads), module
