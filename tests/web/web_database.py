"""A real PostgreSQL for the tests of pages and API, started once, and Django set up on it."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

import django
from django.conf import settings
from django.db import connection

from braid.store.postgres import DATABASE, EmbeddedPostgres, find_database_url
from lent_database import lend_database

KEY_OF = "BRAID_TESTS_KEY_OF"
"""Names the process whose key `BRAID_VAULT_KEY_FILE` is: workers begin with what the process that started them set."""


def set_up() -> None:
    """Start the embedded server unless DATABASE_URL names one, and set Django up. Repeated calls do nothing."""
    _make_key()
    if os.environ.get("DJANGO_SETTINGS_MODULE"):
        return
    os.environ["DJANGO_SETTINGS_MODULE"] = "braid.web.settings"
    os.environ.setdefault("BRAID_SECRET_KEY", "for tests only, nothing real is signed with it")
    os.environ["BRAID_ALLOWED_HOSTS"] = "testserver,127.0.0.1,localhost"
    os.environ["BRAID_PASSWORD_ALONE"] = "1"  # the sample is fictional; the tests of signing in say otherwise
    os.environ["BRAID_ABSENT_FLOOR_MS"] = "0"  # thousands of requests; the tests of the floor set it
    lent = False
    if not find_database_url():
        os.environ["DATABASE_URL"], lent = _start()
    django.setup()
    if lent:
        connection.settings_dict["TEST"]["TEMPLATE"] = DATABASE


def _make_key() -> None:
    """Name a vault key for this process alone: what tests of a new or a lost key do to it is no other worker's."""
    if os.environ.get(KEY_OF) != str(os.getpid()):
        os.environ[KEY_OF] = str(os.getpid())
        os.environ["BRAID_VAULT_KEY_FILE"] = str(Path(tempfile.mkdtemp(prefix="braid-web-key-")) / "vault_key")
        if settings.configured:  # read before us, where whoever started this process had named them
            settings.VAULT_KEY_FILE = os.environ["BRAID_VAULT_KEY_FILE"]


def _start() -> tuple[str, bool]:
    """Start a server; return its URL, and whether its own database has every migration and can be copied."""
    folder = Path(tempfile.mkdtemp(prefix="braid-web-tests-"))
    lent = lend_database(folder)
    server = EmbeddedPostgres(folder)
    url = server.start()

    def stop() -> None:
        server.discard()
        shutil.rmtree(folder, ignore_errors=True)

    atexit.register(stop)
    return url, lent
