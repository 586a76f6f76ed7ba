"""A real PostgreSQL for the tests of pages and API, started once, and Django set up on it."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

import django

from braid.store.postgres import EmbeddedPostgres, find_database_url


def set_up() -> None:
    """Start the embedded server unless DATABASE_URL names one, and set Django up. Repeated calls do nothing."""
    if os.environ.get("DJANGO_SETTINGS_MODULE"):
        return
    os.environ["DJANGO_SETTINGS_MODULE"] = "braid.web.settings"
    os.environ.setdefault("BRAID_SECRET_KEY", "for tests only, nothing real is signed with it")
    os.environ["BRAID_ALLOWED_HOSTS"] = "testserver,127.0.0.1,localhost"
    os.environ["BRAID_ABSENT_FLOOR_MS"] = "0"  # thousands of requests; the tests of the floor set it
    os.environ["BRAID_VAULT_KEY_FILE"] = str(Path(tempfile.mkdtemp(prefix="braid-web-key-")) / "vault_key")
    if not find_database_url():
        os.environ["DATABASE_URL"] = _start()
    django.setup()


def _start() -> str:
    folder = Path(tempfile.mkdtemp(prefix="braid-web-tests-"))
    server = EmbeddedPostgres(folder)
    url = server.start()

    def stop() -> None:
        server.discard()
        shutil.rmtree(folder, ignore_errors=True)

    atexit.register(stop)
    return url
