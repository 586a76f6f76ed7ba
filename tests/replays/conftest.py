"""The published sample and its clients, for replays of what went wrong elsewhere."""
# ruff: noqa: E402, F401, F811 - imports after the set-up; fixtures

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "web"))
sys.path.insert(0, str(Path(__file__).parent))

import web_database

web_database.set_up()

import pytest
from mail_server import mail_server
from outbound_world import World
from post_office import PostOffice
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

from braid.trust.roles import VICTIM_RESPONSE


@pytest.fixture
def post_office(db, tmp_path, client_of, user_of):
    """The world of the replays, published, with those who write: each for the purpose of their role."""
    purposes = {
        "advocate": VICTIM_RESPONSE,
        "practitioner": "school_from_ta",
        "analyst": "school_from_ta",
        "ig_lead": None,
    }
    clients = {role: client_of(role, purpose) for role, purpose in purposes.items()}
    with mail_server() as arrived:
        office = PostOffice(World(tmp_path / "place"), arrived, clients, {role: user_of(role) for role in purposes})
        office.publish()
        yield office
