"""A database with every migration applied, for a place of a test: made once for a whole run of tests, then copied.

To migrate an empty database takes as long as a hundred tests. What the first use of a place does is tested where
nothing is lent: by the server that is killed in `cli/test_cli.py` and by the whole demo. Nothing is lent where a
control is switched off, which a migration may hold.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from braid.store import postgres
from braid.store.postgres import EmbeddedPostgres
from braid.store.postgres_programs import server_user
from made_once import make_once

NOT_OURS = ("DATABASE_URL", "DJANGO_SETTINGS_MODULE", "BRAID_SECRET_KEY", "BRAID_ALLOWED_HOSTS", "BRAID_VAULT_KEY_FILE")
MIGRATE = """
import os, sys
from pathlib import Path
from braid.store.postgres import open_database
with open_database(Path(sys.argv[1])) as os.environ["DATABASE_URL"]:
    os.environ["DJANGO_SETTINGS_MODULE"], os.environ["BRAID_SECRET_KEY"] = "braid.web.settings", "for tests only"
    import django
    from django.core.management import call_command
    django.setup()
    call_command("migrate", verbosity=0, interactive=False)
"""


def lend_database(state_folder: Path) -> bool:
    """Put a migrated database where the embedded server of `state_folder` finds it; say whether one was lent."""
    if EmbeddedPostgres(state_folder)._find_home().exists():
        return False
    made = make_once("migrated", _migrate)
    if made is not None:
        _copy_database(made, state_folder)
    return made is not None


def copy_place(made: Path, folder: Path) -> None:
    """Copy a place with its database, which nobody uses."""
    state = str(made / "state")
    shutil.copytree(
        made, folder, ignore=lambda at, names: [name for name in names if at == state and name.startswith("postgres")]
    )
    if (made / "state").exists():
        _copy_database(made / "state", folder / "state")


def discard_kept(folder: Path) -> None:
    """Delete the databases that were kept to be lent."""
    for lock in folder.rglob("postgres.start.lock"):
        EmbeddedPostgres(lock.parent).discard()


def without_place() -> dict[str, str]:
    """Return the environment of a process of ours that is told of no place's database."""
    environment = {name: value for name, value in os.environ.items() if name not in NOT_OURS}
    return {**environment, "PYTHONPATH": str(Path(postgres.__file__).parents[2])}


def _copy_database(made: Path, state_folder: Path) -> None:
    lent, user = EmbeddedPostgres(state_folder), server_user()
    state_folder.mkdir(parents=True, exist_ok=True)
    home = lent._choose_home(user)
    postgres._make_private_folder(home, user)
    subprocess.run(["cp", "-a", EmbeddedPostgres(made)._find_home() / "data", home / "data"], check=True)


def _migrate(state_folder: Path) -> None:
    subprocess.run([sys.executable, "-c", MIGRATE, state_folder], env=without_place(), check=True)
