"""`braid user`: who may sign in to the web app of a place, in which role."""

from __future__ import annotations

from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from braid.cli.acting import By, Reference, changing_accounts
from braid.cli.arguments import PlaceFolder
from braid.cli.output import print_json
from braid.extracts.model import UnreadableFile
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
    subject: Annotated[
        str, typer.Option("--subject", help="What the identity provider calls them. Left out, it stays.")
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
        password = accounts().renew_user(acts.actor, user_name, name, role, organisation, email, subject)
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


@users.command("sign-out")
def sign_out(
    by: By,
    reference: Reference,
    user_name: Annotated[str, typer.Option("--user", help="Whose sessions end; without it everybody's.")] = "",
    folder: PlaceFolder = Path(),
) -> int:
    """End every session of a user at once, or everybody's. Whoever may sign in signs in anew.

    Example: braid user sign-out --user asmith place --by lead-1 --reference INC-2026-7
    """
    with changing_accounts(folder, by, reference, "user sign out") as acts:
        kept = accounts()
        ended = kept.end_sessions(acts.actor, user_name) if user_name else kept.end_sessions_of_all(acts.actor)
        print_json({"user_name": user_name or "everybody", "sessions_ended": ended})
    return 0


@users.command("recovery")
def recovery(user_name: UserName, by: By, reference: Reference, folder: PlaceFolder = Path()) -> int:
    """Make an account one for recovery: its password and factor are shown this once, to be sealed and locked away.

    It signs in where the identity provider does not answer; each use leaves the leads a task.

    Example: braid user recovery lead-sealed place --by lead-1 --reference BCP-2026-7
    """
    with changing_accounts(folder, by, reference, "user recovery") as acts:
        password, factor = accounts().seal_recovery(acts.actor, user_name)
        secret = {"password": password, "factor_secret": factor.secret, "factor_uri": factor.uri}
        print_json({"user_name": user_name, **secret})
    return 0


@users.command("import")
def import_(
    file: Annotated[
        Path, typer.Argument(help="A CSV file: user_name, name, role, organisation, email, subject, active.")
    ],
    by: By,
    reference: Reference,
    folder: PlaceFolder = Path(),
    leavers: Annotated[
        str, typer.Option("--leavers", help="An organisation whose accounts that stand in no row are closed.")
    ] = "",
    is_dry: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do none of it.")] = False,
) -> int:
    """Add, change and close accounts by a list. Whoever leaves or changes role loses every session at once.

    A row that breaks a rule is refused with its line and the rule (exit code 1), and the others are done; with one
    refused, nobody is closed for standing in no row. New accounts have no password: see docs/operations/sign-in.md.

    Example: braid user import staff.csv place --dry-run --by lead-1 --reference HR-2026-7
    """
    known = sorted(one.id for one in load_place(folder).organisations)
    if leavers and leavers not in known:
        raise typer.BadParameter(f"organisations are {', '.join(known)}", param_hint="--leavers")
    with changing_accounts(folder, by, reference, "user import") as acts:
        roster = import_module("braid.web.account_lists.roster")
        try:
            entries, faults = roster.read_roster(file, known)
        except roster.RosterUnreadable as error:
            raise UnreadableFile("roster_unreadable", f"{file.name}: {error}") from None
        report = roster.keep_roster(acts.actor, entries, "" if faults else leavers, is_dry=is_dry)
        refused = [asdict(fault) for fault in (*faults, *report.faults)]
        skipped = bool(leavers and faults)
        print_json({"done": not is_dry, **report.counts, "refused": refused, "leavers_left_open": skipped})
    return 1 if refused else 0


@users.command("provisioning-token")
def provisioning_token(
    organisation: Annotated[str, typer.Argument(help="The partner that keeps its accounts, as place.toml names it.")],
    by: By,
    reference: Reference,
    roles: Annotated[str, typer.Option("--roles", help="The roles that it may give, with commas between.")] = "",
    folder: PlaceFolder = Path(),
) -> int:
    """Give an organisation a token by which its own directory adds, changes and closes its accounts (SCIM 2.0).

    Shown this once, for 180 days; older ones end. It gives the roles named here and no other, never a lead's.

    Example: braid user provisioning-token northmere-council place --roles partner --by lead-1 --reference HR-7
    """
    known = sorted(one.id for one in load_place(folder).organisations)
    if organisation not in known:
        raise typer.BadParameter(f"organisations are {', '.join(known)}")
    given = [role.strip() for role in roles.split(",") if role.strip()]
    with changing_accounts(folder, by, reference, "user provisioning token") as acts:
        token = import_module("braid.web.account_lists.organisations").make_token(acts.actor, organisation, given)
        print_json({"organisation": organisation, "roles": given, "token": token})
    return 0
