"""A published sample, a user for each role, and clients that have signed in and said why they look."""
# ruff: noqa: E402, F401 - imports after the set-up; fixtures

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import web_database

web_database.set_up()

from published_sample import (
    client_of,
    django_db_setup,
    kept_worlds,
    pages_as_their_own_role,
    published,
    sample,
    sessions_renewed_at_every_page,
    user_of,
    vault_key_afterwards,
)
