"""The vault at rest: dumps of the database and its files on the disk hold no location in plain, nor any key."""

import base64
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from sample_run import CANARIES

REPOSITORY = Path(__file__).resolve().parents[2]
NOT_OURS = ("DATABASE_URL", "DJANGO_SETTINGS_MODULE", "BRAID_SECRET_KEY", "BRAID_ALLOWED_HOSTS", "BRAID_VAULT_KEY_FILE")


@pytest.fixture(scope="module")
def rested(tmp_path_factory: pytest.TempPathFactory):
    """What the program found, and the folders of the place and of the dumps."""
    folder, dumps = tmp_path_factory.mktemp("rested") / "place", tmp_path_factory.mktemp("dumps")
    environment = {key: value for key, value in os.environ.items() if key not in NOT_OURS}
    environment["PYTHONPATH"] = str(REPOSITORY / "src")
    program = Path(__file__).parent / "vault_at_rest.py"
    command = [sys.executable, str(program), str(folder), str(dumps)]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=240)
    assert ran.returncode == 0, ran.stderr[-3000:]
    return json.loads(ran.stdout), folder, dumps, ran.stdout + ran.stderr


def forms(token: str) -> list[bytes]:
    """A token as a file could hold it: plain, in two encodings of Unicode, in hexadecimal as dumps write bytes."""
    plain = token.encode()
    return [plain, token.encode("utf-16-le"), plain.hex().encode(), base64.b64encode(plain).rstrip(b"=")[:-1]]


def found_in(content: bytes, tokens: dict[str, str]) -> list[str]:
    return [name for name, token in tokens.items() if any(form in content for form in forms(token))]


@pytest.mark.parametrize("name", ["owner.sql", "inserts.sql", "rotated.sql"])
def test_a_dump_of_the_whole_database_holds_no_canary_and_no_key(rested, name):
    found, _, dumps, _ = rested
    assert found["fields"] == 6
    content = (dumps / name).read_bytes()
    assert b"vault.field" in content and b"vault.data_key" in content
    secrets = {"secret": found["secret"], "before": found["key_before"][1], "after": found["key_after"][1]}
    assert found_in(content, {**CANARIES, **secrets}) == []
    for key in (found["key_before"][1], found["key_after"][1]):
        assert base64.b64decode(key).hex().encode() not in content


def test_a_dump_as_the_role_of_the_pages_fails(rested):
    found, *_ = rested
    for which in ("pages", "pages_vault"):
        assert found[which]["code"] != 0
        assert "permission denied" in found[which]["said"]
    assert set(found["asked"].values()) == {"InsufficientPrivilege"}


def test_no_file_of_the_database_holds_a_canary_or_the_key(rested):
    """Tables, indexes and the write-ahead log, as they lie on the disk; the place's lake is another matter."""
    found, folder, _, _ = rested
    pointer = folder / "state" / "postgres.home"
    home = Path(pointer.read_text().strip()) if pointer.exists() else folder / "state" / "postgres"
    files = [path for path in home.rglob("*") if path.is_file()]
    assert sum("pg_wal" in path.parts for path in files) >= 1
    tokens = {**CANARIES, "secret": found["secret"], "key": found["key_before"][1]}
    keys = [base64.b64decode(found[name][1]) for name in ("key_before", "key_after")]
    held = []
    for path in files:
        content = path.read_bytes()
        held += [(path.name, name) for name in found_in(content, tokens)]
        held += [(path.name, "key") for key in keys if key in content]
    assert held == []


def test_nothing_is_said_of_it(rested):
    found, _, _, said = rested
    said = said.replace(json.dumps(found), "")
    assert found_in(said.encode(), {**CANARIES, "key": found["key_before"][1]}) == []
    assert found["key_before"][0].startswith("v1-") and found["key_after"][0].startswith("v2-")
    assert len(found["key_after"]) == 2, "the old key is forgotten"
