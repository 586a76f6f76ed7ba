"""Django as the tests of the pages set it up; each world has a database of its own."""
# ruff: noqa: E402 - imports after the set-up

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "web"))
sys.path.insert(0, str(Path(__file__).parents[1] / "api"))

import web_database

web_database.set_up()

import pytest


@pytest.fixture(autouse=True)
def forks_may_use_the_database(django_db_blocker):
    """Nothing here asks the database of this process; forks ask one of their own."""
    with django_db_blocker.unblock():
        yield
