"""A filled database of each earlier version comes up in this one: rows, record, policies and pages.

The fixtures are written by `tools/upgrade_fixture.py` with the code of that version. The database is real, the upgrade
is what a start does, and what is compared with is a database that only this version ever made.
"""

import base64
import json
import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from django.db import connection
from psycopg.conninfo import make_conninfo
from sample_run import write_sample_place
from upgrade_states import CATALOGUE, HERE, STATES, describe, load_state

from braid.store.postgres import EmbeddedPostgres
from lent_database import without_place

NEWEST = STATES[-1]
GONE = {
    **{f"public.axes_{name}": "0059" for name in ("accessattemptexpiration", "accessattempt", "accessfailurelog")},
    "public.axes_accesslog": "0059",
    "public.django_session": "0059",
}
"""Tables that an upgrade takes away, and the migration that says why: with wrong sign-ins names and addresses went."""
CHANGED: dict[tuple[str, str], str] = {}
"""Columns whose values a migration changes, and which."""
EMPTY = {"public.braid_witnesssignature", "public.braid_ownwords", "vault.call"}
"""What a witness alone could sign, and what has its entry each time it is done: drawn rows would be a forged record."""
WRITTEN_ANEW = {"public.django_migrations", "public.django_content_type", "public.auth_permission"}
"""Tables that Django keeps of the migrations themselves."""


@pytest.fixture(scope="module", params=[state if state == NEWEST else pytest.param(state, marks=pytest.mark.slow)
                                        for state in STATES])  # fmt: skip
def upgraded(request, tmp_path_factory):
    """An earlier state, what the upgrade said, and the catalogue afterwards."""
    home = tmp_path_factory.mktemp(f"upgrade-{request.param}")
    home.chmod(0o755)
    place = home / "place"
    write_sample_place(place)
    with EmbeddedPostgres(home / "server") as server:
        document = load_state(request.param, server.url)
        (place / "state").mkdir(exist_ok=True)
        (place / "state" / "vault_key").touch(mode=0o600)
        (place / "state" / "vault_key").write_bytes(base64.b64decode(document["vault_key"]))
        environment = {**without_place(), "DATABASE_URL": server.url}
        environment["PYTHONPATH"] += f"{os.pathsep}{Path(__file__).parent}{os.pathsep}{Path(__file__).parents[1]}"
        command = [sys.executable, str(HERE.parent / "upgrade_states.py"), str(place), f"{HERE / request.param}.json"]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-3000:]
        yield document, json.loads(done.stdout.splitlines()[-1]), describe(server.url), server.url
    EmbeddedPostgres(home / "server").discard()


def test_every_table_of_the_earlier_version_held_rows(upgraded):
    document, found, *_ = upgraded
    assert {name for name, rows in document["rows"].items() if not rows} == EMPTY
    assert {name: next(iter(columns.values()))[0] for name, columns in found["before"].items()} == document["rows"]


def test_no_row_and_no_value_is_lost_or_changed_by_the_migrations(upgraded):
    _, found, *_ = upgraded
    before, after = found["before"], found["after"]
    assert before.keys() - after.keys() <= GONE.keys()
    changed = [
        (table, column)
        for table in after.keys() - WRITTEN_ANEW
        for column, value in before[table].items()
        if after[table].get(column) != value and (table, column) not in CHANGED
    ]
    assert changed == []


def test_the_record_of_looks_is_what_was_signed(upgraded):
    document, found, *_ = upgraded
    assert found["log"] == {"entries": document["rows"]["public.braid_auditentry"], "misfits": []}


def test_the_catalogue_is_that_of_a_database_that_was_never_older(upgraded, db):
    *_, catalogue, _ = upgraded
    fresh = describe(make_conninfo(**{key: value for key, value in _parameters().items() if value}))
    for part in CATALOGUE:
        assert set(catalogue[part]) - set(fresh[part]) == set(), f"{part}: left over from the earlier version"
        assert set(fresh[part]) - set(catalogue[part]) == set(), f"{part}: did not come with the upgrade"
    assert len(catalogue["policies"]) > 300 and len(catalogue["triggers"]) > 20


def _parameters():
    names = {"host", "port", "user", "password", "dbname"}
    return {key: value for key, value in connection.get_connection_params().items() if key in names}


def test_pages_are_served_to_the_accounts_of_before(upgraded):
    _, found, *_ = upgraded
    assert len(found["pages"]) > 10
    assert {page: status for page, status in found["pages"].items() if status != 200} == {}


def test_the_record_is_still_held_by_its_trigger(upgraded):
    *_, url = upgraded
    with psycopg.connect(url) as owner, pytest.raises(psycopg.errors.RaiseException):
        owner.execute("delete from braid_auditentry")
