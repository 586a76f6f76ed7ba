"""The connection of pages and worker: as its URL says, encryption above all, and given up where nobody answers."""

import socket
import time

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from braid.web.settings import ANSWERS_OR_NOT, _database

URL = "postgresql://braid_pages@database.example/braid?sslmode=verify-full&sslrootcert=/run/secrets/certificate"


def test_what_the_url_says_of_encryption_and_secrets_reaches_the_driver():
    options = _database(f"{URL}&passfile=/run/secrets/passfile")["OPTIONS"]
    assert (options["sslmode"], options["sslrootcert"]) == ("verify-full", "/run/secrets/certificate")
    assert options["passfile"] == "/run/secrets/passfile"
    assert not {"user", "password", "host", "port", "dbname"} & options.keys(), "said twice they could differ"


def test_the_url_may_say_other_limits():
    assert _database(URL)["OPTIONS"].items() >= ANSWERS_OR_NOT.items()
    assert _database(f"{URL}&connect_timeout=3")["OPTIONS"]["connect_timeout"] == "3"
    make_conninfo("", **ANSWERS_OR_NOT)  # raises where the driver knows one of the names no more


def test_a_database_that_says_nothing_is_given_up():
    """A socket that takes the connection and never speaks: as a machine that hangs."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        options = {**_database(URL)["OPTIONS"], "connect_timeout": 2, "sslmode": "disable"}
        begun = time.monotonic()
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(host="127.0.0.1", port=silent.getsockname()[1], user="braid", dbname="braid", **options)
        assert time.monotonic() - begun < 20
