"""A database with every migration applied, for a place of a test: made once for a whole run of tests, then copied.

To migrate an empty database takes as long as a hundred tests. What the first use of a place does is tested where
nothing is lent: by the verbs of `cli/test_cli.py` and by the whole demo. Nothing is lent where a control is switched
off, which a migration may hold.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from pathlib import Path

from braid.store import postgres
from braid.store.postgres import EmbeddedPostgres
from braid.store.postgres_programs import server_user

KEPT = "BRAID_TESTS_KEPT"
"""Names the folder of what one run of tests makes once, for all its processes."""
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
    kept, lent = os.environ.get(KEPT), EmbeddedPostgres(state_folder)
    if not kept or os.environ.get("BRAID_SABOTAGE") or lent._find_home().exists():
        return False
    made = EmbeddedPostgres(Path(kept) / "state")
    with (Path(kept) / "lock").open("a") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if not (Path(kept) / "migrated").exists():
            _migrate(made.state_folder)
            (Path(kept) / "migrated").touch()
    state_folder.mkdir(parents=True, exist_ok=True)
    user = server_user()
    home = lent._choose_home(user)
    postgres._make_private_folder(home, user)
    subprocess.run(["cp", "-a", made._find_home() / "data", home / "data"], check=True)
    return True


def discard_kept(folder: Path) -> None:
    """Delete the database that was kept to be lent."""
    EmbeddedPostgres(folder / "state").discard()


def _migrate(state_folder: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name not in NOT_OURS}
    environment["PYTHONPATH"] = str(Path(postgres.__file__).parents[2])
    subprocess.run([sys.executable, "-c", MIGRATE, state_folder], env=environment, check=True)
