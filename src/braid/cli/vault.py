"""`braid vault`: the keys of where protected persons can be found."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from braid.cli.acting import By, Reference, acting
from braid.cli.arguments import PlaceFolder
from braid.cli.output import print_json
from braid.trust.roles import Role
from braid.web.serve import vault_keys

vaults = typer.Typer(help="The keys of where protected persons can be found.", no_args_is_help=True)


@vaults.callback()
def _vault() -> None:
    """Keep `rotate` a verb of its own although it is the only one."""


@vaults.command("rotate")
def rotate(
    by: By,
    reference: Reference,
    folder: PlaceFolder = Path(),
    key_lost: Annotated[
        bool,
        typer.Option("--key-lost", help="The key file is lost for good: empty the vault and begin anew."),
    ] = False,
) -> int:
    """Seal everything anew under a new key and forget the old one; or begin again where the key is lost.

    After --key-lost the locations come back with the next start, and each user needs `braid user factor`. Safe contacts
    are entered again: until then nothing is sent to whoever had one. An information governance lead answers for it.

    Example: braid vault rotate place --by lead-1 --reference INC-2026-014
    """
    with acting(folder, by, reference, "vault rotate", published=False) as now:
        now.check_role(_accounts_for_looks, "change the keys of the vault")
        now.record("changed", "vault key lost" if key_lost else "vault key rotated", {})
        ring = vault_keys().replace_lost_key() if key_lost else vault_keys().rotate_vault()
        print_json({"key_id": ring.current, "key_lost": key_lost})
    return 0


def _accounts_for_looks(role: Role) -> bool:
    return role.sees_audit
