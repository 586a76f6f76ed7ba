"""`braid user`: who may sign in to the web app of a place, in which role."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from braid.cli.acting import By, Reference, changing_accounts
from braid.cli.arguments import PlaceFolder
from braid.cli.output import print_json
from braid.store.place_folder import load_place
from braid.trust.roles import ROLES
from braid.web.serve import accounts, place_database

users = typer.Typer(help="Who may sign in to the web app, and in which role.", no_args_is_help=True)
UserName = Annotated[str, typer.Argument(help="The name they sign in with.")]


@users.command("add")
def add(
    user_name: UserName,
    role: Annotated[str, typer.Option("--role", help=f"One of: {', '.join(ROLES)}.")],
    name: Annotated[str, typer.Option("--name", help="The human's name, as the record of looks shall show it.")],
    organisation: Annotated[
        str, typer.Option("--organisation", help="The partner they work for, as place.toml names it.")
    ],
    folder: PlaceFolder = Path(),
    by: By = "",
    reference: Reference = "",
    email: Annotated[
        str, typer.Option("--email", help="Where their reminders go: their address at work. Left out, it stays.")
    ] = "",
) -> int:
    """Add a named human, or give them a new password, second factor or role; the secrets are shown this once.

    `factor_uri` goes into an authenticator app: what is in the vault asks for its code.

    What they see follows from the agreements that their organisation has signed. An information governance lead acts
    and is in the record; the first account of a place is a lead's, and nobody has to be named for it. A role that reads
    the vault or accounts for the record leaves a task to the leads.

    Example: braid user add asmith --role analyst --organisation arden-vale-ca --name "A. Smith" place --by lead-1
    --reference HR-2026-7
    """
    if role not in ROLES:
        raise typer.BadParameter(f"roles are {', '.join(ROLES)}", param_hint="--role")
    known = sorted(one.id for one in load_place(folder).organisations)
    if organisation not in known:
        raise typer.BadParameter(f"organisations are {', '.join(known)}", param_hint="--organisation")
    with changing_accounts(folder, by, reference, "user add", first_role=role) as acts:
        password = accounts().renew_user(acts.actor, user_name, name, role, organisation, email)
        known_now = {"user_name": user_name, "role": role, "organisation": organisation, "password": password}
        factor = accounts().renew_factor(acts.actor, user_name)
        print_json({**known_now, "factor_secret": factor.secret, "factor_uri": factor.uri})
    return 0


@users.command("factor")
def factor(user_name: UserName, by: By, reference: Reference, folder: PlaceFolder = Path()) -> int:
    """Give a user a new second factor, shown this once; the older one ends.

    Example: braid user factor asmith place --by lead-1 --reference HR-2026-7
    """
    with changing_accounts(folder, by, reference, "user factor") as acts:
        renewed = accounts().renew_factor(acts.actor, user_name)
        print_json({"user_name": user_name, "factor_secret": renewed.secret, "factor_uri": renewed.uri})
    return 0


@users.command("code")
def code(user_name: UserName, folder: PlaceFolder = Path()) -> int:
    """Print the code of a demo user's second factor, which holds for half a minute; of no other user.

    Example: braid user code demo-advocate demo
    """
    with place_database(folder):
        print_json({"user_name": user_name, "code": accounts().demo_code(user_name)})
    return 0


@users.command("token")
def token(user_name: UserName, by: By, reference: Reference, folder: PlaceFolder = Path()) -> int:
    """Give a user a new API token of 90 days, shown this once; older ones end.

    Example: braid user token asmith place --by lead-1 --reference HR-2026-7
    """
    with changing_accounts(folder, by, reference, "user token") as acts:
        print_json({"user_name": user_name, "token": accounts().renew_token(acts.actor, user_name)})
    return 0


@users.command("close")
def close(user_name: UserName, by: By, reference: Reference, folder: PlaceFolder = Path()) -> int:
    """End a user's sessions, tokens and right to sign in; what they looked at stays on record.

    Example: braid user close asmith place --by lead-1 --reference HR-2026-7
    """
    with changing_accounts(folder, by, reference, "user close") as acts:
        accounts().close_user(acts.actor, user_name)
        print_json({"user_name": user_name, "closed": True})
    return 0
