"""Fixtures shared by the tests of pages and API. Import after `web_database.set_up()`."""

from collections.abc import Callable

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client
from sample_run import write_sample_place

from braid.trust.roles import ROLES
from braid.web.models import User
from braid.web.publish import publish

PASSWORD = "a long enough password 1"
REFERENCE = "MTG-2026-041"
_HASH = make_password(PASSWORD)


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory):
    """The place and run of the sample, as files."""
    return write_sample_place(tmp_path_factory.mktemp("place"))


@pytest.fixture
def published(db, sample):
    """The sample published into the test's database."""
    place, run = sample
    return publish(run, place)


@pytest.fixture
def user_of(db) -> Callable[[str], User]:
    """Return the user of a role, made on first use."""

    def user(role: str) -> User:
        values = {"role": role, "display_name": f"{ROLES[role].name} (test)", "password": _HASH}
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
