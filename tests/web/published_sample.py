"""Fixtures shared by the tests of pages and API. Import after `web_database.set_up()`."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, InternalError, ProgrammingError, connection, transaction
from django.db.models import QuerySet
from django.test import Client
from kept_rows import KeptRows
from sample_agreements import ORGANISATIONS, sample_agreements
from sample_run import write_sample_place

from braid.trust.roles import ROLES
from braid.web.enforcement import enforce
from braid.web.models import AuditEntry, User
from braid.web.pages_role import PAGES_ROLE, make_pages_role
from braid.web.publish import PublishSummary, publish
from braid.web.row_security import apply_row_security
from braid.web.vault.schema import make_vault, open_to_pages
from braid.web.watch import known_asker

PASSWORD = "a long enough password 1"
REFERENCE = "MTG-2026-041"
_HASH = make_password(PASSWORD)


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory):
    """The place and run of the sample, as files."""
    return write_sample_place(tmp_path_factory.mktemp("place"))


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """The role of the pages and the policies, in the database that all tests of this process share."""
    with django_db_blocker.unblock():
        _make_beside_others(make_vault)
        _make_beside_others(lambda: make_pages_role("for tests only"))
        apply_row_security()
        open_to_pages()


def _make_beside_others(make: Callable[[], None]) -> None:
    """Make a role although the other test process, on the same server, may be making it too."""
    for _ in range(50):
        try:
            with transaction.atomic():
                make()
            return
        except (InternalError, IntegrityError, ProgrammingError):
            time.sleep(0.1)
    make()


@pytest.fixture(autouse=True)
def pages_as_their_own_role(monkeypatch):
    """Every request runs as the database role of the pages, as it does where Braid is served."""
    ask = Client.request

    def request(client, **environment):
        with as_pages():
            return ask(client, **environment)

    monkeypatch.setattr(Client, "request", request)


@pytest.fixture(autouse=True)
def sessions_renewed_at_every_page(settings):
    """Two answers that are compared are not told apart by the minute in which a session was last written."""
    settings.SESSION_RENEW_SECONDS = 0


class _Entries(QuerySet):
    """Entries as the owner of the tables reads them: the watch is told that somebody asks."""

    def _fetch_all(self):
        with known_asker():
            super()._fetch_all()

    def __iter__(self):
        """Ask anew, oldest first: what was read in one test is not what another test's record holds.

        Without an order of its own a list comes as it lies on the disk, and rows that were taken back leave room there.
        """
        anew = self._chain() if self.ordered or self.query.is_sliced else self.order_by("pk")
        anew._fetch_all()
        return iter(anew._result_cache)

    def count(self):
        """Count, as the owner."""
        with known_asker():
            return super().count()

    def exists(self):
        """Whether there is one, as the owner."""
        with known_asker():
            return super().exists()


ENTRIES = _Entries(AuditEntry)
"""Every entry of the record; each use asks anew."""


@contextmanager
def as_pages():
    """Run as the database role of the pages."""
    with connection.cursor() as cursor:
        cursor.execute(f"set role {PAGES_ROLE}")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("reset role")


Kept = dict[tuple[str, bytes], tuple[Any, KeptRows]]


@pytest.fixture(scope="session")
def kept_worlds() -> Kept:
    """What tests of this process made, for those after them: by a name and the key under which it is sealed."""
    return {}


def make_once(kept: Kept, name: str, make: Callable[[], Any]) -> Any:
    """Return what `make` returns and leave its rows in the test's database, which is empty before.

    Made once a process: later tests get the same rows back, which takes a tenth of the time.
    """
    found = kept.get((name, _vault_key()))
    if found is not None:
        with known_asker():
            found[1].put_back()
        return found[0]
    made, rows = make(), KeptRows()
    with known_asker():
        rows.keep()
    kept[name, _vault_key()] = made, rows
    return made


def _vault_key() -> bytes:
    path = Path(settings.VAULT_KEY_FILE)
    return path.read_bytes() if path.is_file() else b""


@pytest.fixture(autouse=True)
def vault_key_afterwards() -> Iterator[None]:
    """Put the vault key back that a test of a new or a lost one changed: what was kept is sealed under it."""
    path, before = Path(settings.VAULT_KEY_FILE), _vault_key()
    yield
    if before and (not path.is_file() or path.read_bytes() != before):
        path.unlink(missing_ok=True)
        path.touch(mode=0o600)
        path.write_bytes(before)


@pytest.fixture
def published(db, sample, user_of, kept_worlds) -> PublishSummary:
    """The sample published into the test's database, its agreements in force, and a user for each role."""

    def make() -> PublishSummary:
        place, run = sample
        summary = publish(run, place)
        enforce(sample_agreements())
        for role in ROLES:
            user_of(role)
        return summary

    return make_once(kept_worlds, "sample", make)


@pytest.fixture
def user_of(db) -> Callable[[str], User]:
    """Return the user of a role, made on first use."""

    def user(role: str) -> User:
        values = {"role": role, "display_name": f"{ROLES[role].name} (test)", "password": _HASH}
        values["organisation"] = ORGANISATIONS[role]
        return User.objects.get_or_create(username=f"test-{role}", defaults=values)[0]

    return user


@pytest.fixture
def client_of(user_of) -> Callable[..., Client]:
    """Return a client signed in as a role; with `purpose`, it has said why it looks."""

    def signed_in(role: str, purpose: str | None = None) -> Client:
        client = Client()
        client.force_login(user_of(role), backend="django.contrib.auth.backends.ModelBackend")
        if purpose:
            client.post("/reason/", {"purpose": purpose, "reference": REFERENCE})
        return client

    return signed_in
