"""`braid vault`: the keys of where protected persons can be found."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from braid.cli.arguments import PlaceFolder
from braid.cli.output import print_json
from braid.web.serve import place_database, vault_keys

vaults = typer.Typer(help="The keys of where protected persons can be found.", no_args_is_help=True)


@vaults.callback()
def _vault() -> None:
    """Keep `rotate` a verb of its own although it is the only one."""


@vaults.command("rotate")
def rotate(
    folder: PlaceFolder = Path(),
    key_lost: Annotated[
        bool,
        typer.Option("--key-lost", help="The key file is lost for good: empty the vault and begin anew."),
    ] = False,
) -> int:
    """Seal everything anew under a new key and forget the old one; or begin again where the key is lost.

    After --key-lost the locations come back with the next start, and each user needs `braid user factor`.

    Example: braid vault rotate place
    """
    with place_database(folder):
        ring = vault_keys().replace_lost_key() if key_lost else vault_keys().rotate_vault()
        print_json({"key_id": ring.current, "key_lost": key_lost})
    return 0
