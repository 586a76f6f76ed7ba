"""A program: serve nothing, but open the sample as it is served, and dump its database. Arguments: folder, for dumps.

It prints one JSON document: what came of each dump, and of asking the vault in the pages' role.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import psycopg

sys.path.insert(0, str(Path(__file__).parents[1]))

from sample_run import VICTIM, write_sample_place

from braid.store.postgres_programs import find_programs
from braid.web.serve import accounts, secure_database, vault_keys, web_app
from lent_database import lend_database


def dump(url: str, target: Path, *options: str) -> dict:
    ran = subprocess.run(
        [find_programs() / "pg_dump", f"--file={target}", *options, url], capture_output=True, text=True
    )
    return {"code": ran.returncode, "said": ran.stderr}


def ask(url: str, statement: str) -> str:
    """Return the error class of a statement sent by whoever signs in at `url`, or `done`."""
    with psycopg.connect(url) as connection:
        try:
            connection.execute(statement)
        except psycopg.Error as error:
            return type(error).__name__
    return "done"


def main() -> None:
    folder, target = Path(sys.argv[1]), Path(sys.argv[2])
    place, _ = write_sample_place(folder)
    lend_database(place.state_folder)
    found = {}
    with web_app(folder):
        owner = os.environ["DATABASE_URL"]
        pages = secure_database(owner)
        found["secret"] = accounts().renew_user(accounts().FIRST, "asmith", "A. Smith", "advocate", "harbour") and (
            accounts().renew_factor(accounts().FIRST, "asmith").secret
        )
        with psycopg.connect(owner) as connection:
            found["fields"] = connection.execute(
                "select count(*) from vault.field where person_id = %s", [VICTIM]
            ).fetchone()[0]
        found["owner"] = dump(owner, target / "owner.sql")
        found["owner_inserts"] = dump(owner, target / "inserts.sql", "--inserts")
        found["pages"] = dump(pages, target / "pages.sql")
        found["pages_vault"] = dump(pages, target / "pages-vault.sql", "--schema=vault")
        found["asked"] = {
            statement: ask(pages, statement)
            for statement in ("set role braid_vault", "select * from vault.field", "copy vault.data_key to stdout")
        }
        found["key_before"] = (place.state_folder / "vault_key").read_text().split()
        vault_keys().rotate_vault()
        found["key_after"] = (place.state_folder / "vault_key").read_text().split()
        found["rotated"] = dump(os.environ["DATABASE_URL"], target / "rotated.sql")
    print(json.dumps(found))


if __name__ == "__main__":
    main()
