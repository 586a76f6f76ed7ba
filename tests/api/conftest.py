"""A published sample, a user for each role, and clients that have signed in and said why they look."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "web"))

import web_database

web_database.set_up()

from published_sample import client_of, published, sample, user_of  # noqa: E402, F401 - after the set-up; fixtures
