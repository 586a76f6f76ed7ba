"""Writes what tests of upgrades begin with: the database of an earlier version, filled.

    python tools/upgrade_fixture.py 0057 CHECKOUT [--also FOLDER_OF_LIBRARIES]

CHECKOUT is a folder with that version of Braid (`git worktree add --detach FOLDER COMMIT`). Its own code migrates an
empty database, publishes its own sample, makes its accounts, role and policies; the tables which that leaves empty are
filled with a few drawn rows (`filled_tables.py`), the record of looks is signed, and the whole is dumped. Written are
`tests/web/upgrades/0057.sql.xz` and `0057.json`, which names the version, the keys of its record and
vault (of nobody who is real), and the rows of tables.

Moments and random ids are those of the writing, so the file differs when it is written anew; a version that was left
behind does not change, and neither does its file.
"""

from __future__ import annotations

import argparse
import base64
import json
import lzma
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg

from braid.store.database_copy import hash_tables
from braid.store.postgres import EmbeddedPostgres
from braid.store.postgres_programs import find_programs
from filled_tables import fill_empty

HOME = Path(__file__).resolve().parents[1]
TARGET = HOME / "tests" / "web" / "upgrades"
ENTRIES = {"public.braid_auditentry": 40}
SIGNED = frozenset(
    {f"public.braid_{name}" for name in ("auditleaf", "auditnode", "auditcheckpoint", "witnesssignature")}
    | {"vault.call", "public.braid_ownwords"}
)
"""What signing writes, what only a witness could, and what each time has its entry in the record (calls of the vault,
words written by a link): drawn rows would be a forged record."""
NOT_USED = "update braid_replylink set used_at = null"
"""Likewise a link that was used."""
MAKE = """
import os, sys
from pathlib import Path
from sample_run import write_sample_place
from braid.web.serve import renew_demo_users, secure_database, web_app
folder = Path(sys.argv[1])
write_sample_place(folder)
with web_app(folder) as place:
    renew_demo_users(place)
    secure_database(os.environ["DATABASE_URL"])
"""
SIGN = """
import sys
from pathlib import Path
import psycopg
from braid.store.place_folder import load_place
from braid.trust.checkpoint import ED25519
from braid.web.audit_log import seal
from braid.web.serve import log_key
key = log_key(load_place(Path(sys.argv[1])))
with psycopg.connect(sys.argv[2], autocommit=True) as connection:
    seal(connection, key)
print(key.public(ED25519).text())
"""


def main() -> None:
    """Write the two files of one version."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("state", help="the number of that version's newest migration")
    parser.add_argument("checkout", type=Path)
    parser.add_argument("--also", type=Path, help="libraries that only that version needs")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        Path(scratch).chmod(0o755)
        with EmbeddedPostgres(Path(scratch, "server")) as server:
            paths = [options.checkout / part for part in ("src", "tests/web", "tests")]
            environment = {
                **os.environ,
                "DATABASE_URL": server.url,
                "PYTHONPATH": ":".join(map(str, [*paths, *([options.also] if options.also else [])])),
            }
            place = Path(scratch, "place")
            subprocess.run([sys.executable, "-c", MAKE, str(place)], env=environment, check=True)
            with psycopg.connect(server.url, autocommit=True) as connection:
                print(f"filled {fill_empty(connection, 3, more=ENTRIES, leave=SIGNED)} tables")
                connection.execute(NOT_USED)
            signed = subprocess.run(
                [sys.executable, "-c", SIGN, str(place), server.url],
                env=environment, check=True, stdout=subprocess.PIPE, text=True,
            )  # fmt: skip
            keys = {
                "log_key": signed.stdout.strip(),
                "vault_key": base64.b64encode((place / "state" / "vault_key").read_bytes()).decode(),
            }
            _write(options.state, options.checkout, server.url, keys)


def _write(state: str, checkout: Path, url: str, keys: dict[str, str]) -> None:
    commit = subprocess.run(["git", "rev-parse", "HEAD"], cwd=checkout, check=True, capture_output=True, text=True)
    dumped = subprocess.run(
        [find_programs() / "pg_dump", f"--dbname={url}", "--restrict-key=braid"], check=True, capture_output=True
    )
    TARGET.mkdir(exist_ok=True)
    (TARGET / f"{state}.sql.xz").write_bytes(lzma.compress(dumped.stdout, preset=9))
    rows = {name: table.rows for name, table in hash_tables(url).items()}
    document = {"state": state, "commit": commit.stdout.strip(), **keys, "rows": rows}
    (TARGET / f"{state}.json").write_text(json.dumps(document, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    print(
        f"{state}: {len(rows)} tables, {sum(rows.values())} rows, {(TARGET / f'{state}.sql.xz').stat().st_size} bytes"
    )


if __name__ == "__main__":
    main()
