"""`braid token`: by which tokens machines of organisations call the API of a place."""

from __future__ import annotations

from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any

import typer

from braid.cli.acting import By, Reference, changing_accounts
from braid.cli.arguments import AsJson, PlaceFolder
from braid.cli.output import print_json, print_table
from braid.store.place_folder import load_place

tokens = typer.Typer(help="Tokens by which machines of organisations call the API.", no_args_is_help=True)
COLUMNS = ["id", "system", "organisation", "role", "purpose", "agreement_id", "expires_at", "state"]


@tokens.command("new")
def new(
    name: Annotated[str, typer.Argument(help="The system's own name, for example northmere-housing.")],
    organisation: Annotated[str, typer.Option("--organisation", help="Whose it is, as place.toml names it.")],
    role: Annotated[str, typer.Option("--role", help="What it may see, as of a human of that role.")],
    by: By,
    reference: Reference,
    folder: PlaceFolder = Path(),
    purpose: Annotated[
        str, typer.Option("--purpose", help="What it looks for; none for a role that sees nobody.")
    ] = "",
    agreement: Annotated[
        str, typer.Option("--agreement", help="The one agreement by which it is shown anything.")
    ] = "",
    days: Annotated[int, typer.Option("--days", help="How long it holds: 1 to 365 days.")] = 90,
    network: Annotated[
        list[str] | None, typer.Option("--network", help="From where it may be sent, as 10.1.0.0/16; several times.")
    ] = None,
    per_minute: Annotated[int, typer.Option("--per-minute", help="How many requests a minute it may send.")] = 300,
) -> int:
    """Make a token for a system, shown this once; the system is made where it is new, and leaves a task to the leads.

    It acts as `system-NAME`: in a team that names it, with the record, the agreements and the exclusions of a human.
    Those before it hold on: change the machine to the new one, then revoke the old one.

    Example: braid token new northmere-housing --organisation northmere-council --role practitioner
    --purpose school_from_ta --agreement vale-school --network 198.51.100.0/24 place --by lead-1 --reference HR-2026-7
    """
    known = sorted(one.id for one in load_place(folder).organisations)
    if organisation not in known:
        raise typer.BadParameter(f"organisations are {', '.join(known)}", param_hint="--organisation")
    with changing_accounts(folder, by, reference, "token new") as acts:
        wanted = _tokens().Wanted(name, organisation, role, purpose, agreement, days, tuple(network or ()), per_minute)
        token, token_id = _tokens().make_token(acts.actor, wanted)
        print_json({"id": token_id, "system": f"{_tokens().SYSTEM}{name}", "token": token})
    return 0


@tokens.command("list")
def show(by: By, reference: Reference, folder: PlaceFolder = Path(), as_json: AsJson = False) -> int:
    """List the tokens of systems: what each is bound to, until when, and by whom it was made. No token is shown.

    Example: braid token list place --by lead-1 --reference HR-2026-7
    """
    with changing_accounts(folder, by, reference, "token list") as acts:
        now = import_module("django.utils.timezone").now()
        rows = [asdict(one) for one in _tokens().list_system_tokens(now)]
        acts.record("audit_read", "token list", {}, row_count=len(rows))
    if as_json:
        print_json([{name: _plain(value) for name, value in row.items()} for row in rows])
    else:
        print_table("Tokens of systems", COLUMNS, [[_plain(row[name]) for name in COLUMNS] for row in rows])
    return 0


@tokens.command("revoke")
def revoke(
    token_id: Annotated[int, typer.Argument(help="The token's number, as braid token list says it.")],
    by: By,
    reference: Reference,
    folder: PlaceFolder = Path(),
) -> int:
    """End a token: at the next statement it is shown nothing.

    Example: braid token revoke 7 place --by lead-1 --reference HR-2026-7
    """
    with changing_accounts(folder, by, reference, "token revoke") as acts:
        _tokens().revoke_system_token(acts.actor, token_id)
        print_json({"id": token_id, "revoked": True})
    return 0


def _tokens() -> ModuleType:
    return import_module("braid.web.systems.tokens")


def _plain(value: Any) -> Any:
    if hasattr(value, "isoformat"):
        return value.isoformat(timespec="seconds")
    return list(value) if isinstance(value, tuple) else value
