"""`braid overlay`: who is kept from whom in a place. Adding takes one person; lifting takes two."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from braid.cli.acting import Reference, reading_record
from braid.cli.arguments import AsJson, PlaceFolder
from braid.cli.output import print_json, print_table
from braid.web.serve import web_app

overlay = typer.Typer(help="Who is kept from whom: adding takes one person, lifting two.", no_args_is_help=True)
By = Annotated[str, typer.Option("--by", help="The information governance lead who acts, by user name.")]
LIST_PATH = Path("restricted") / "overlay.csv"


@overlay.command("add")
def add(
    subject: Annotated[str, typer.Argument(help="The person id of whom to protect.")],
    by: By,
    reason: Annotated[str, typer.Option("--reason", help="A code, for example relative, court_order or witness.")],
    bar_user: Annotated[str, typer.Option("--bar-user", help="The user who is kept away.")] = "",
    bar_person: Annotated[str, typer.Option("--bar-person", help="The person, by id, who is kept away.")] = "",
    admit: Annotated[
        str | None, typer.Option("--admit", help="Admit these users alone, with spaces; empty admits nobody.")
    ] = None,
    until: Annotated[str, typer.Option("--until", help="The day on which it asks again, yyyy-mm-dd.")] = "",
    reference: Annotated[str, typer.Option("--reference", help="A reference that can be checked.")] = "",
    folder: PlaceFolder = Path(),
) -> int:
    """Keep a user or a person from a subject, or admit named users alone; in force at once.

    Example: braid overlay add 4f0c2d9be17a4c53a8e6d1f0927b35c8 --bar-user asmith --reason relative --by lead-1 place
    """
    given = {"subject_id": subject, "reason": reason, "until": until, "reference": reference}
    if admit is not None and (bar_user or bar_person):
        raise typer.BadParameter("bar somebody, or admit some alone; not both", param_hint="--admit")
    with web_app(folder):
        if admit is None:
            given |= {"barred_username": bar_user, "barred_person_id": bar_person}
            print_json(_commands().add(by, "exclusion", given))
        else:
            print_json(_commands().add(by, "restriction", {**given, "admitted": admit}))
    return 0


@overlay.command("load")
def load(by: By, folder: PlaceFolder = Path()) -> int:
    """Add what restricted/overlay.csv of the place folder holds and is not in force yet; it lifts nothing.

    Example: braid overlay load --by lead-1 place
    """
    with web_app(folder):
        print_json(_commands().load(by, folder / LIST_PATH))
    return 0


@overlay.command("list")
def show(by: By, reference: Reference, folder: PlaceFolder = Path(), as_json: AsJson = False) -> int:
    """List the entries in force by id that the lead may see, those that ask for a decision first.

    Example: braid overlay list place --by lead-1 --reference MTG-2026-041
    """
    with reading_record(folder, by, reference, "overlay list") as acts:
        entries = _commands().entries(acts.actor)
    if as_json:
        print_json(entries)
    else:
        columns = list(entries[0]) if entries else ["entry"]
        print_table("Who is kept from whom", columns, [list(entry.values()) for entry in entries])
    return 0


@overlay.command("propose-removal")
def propose_removal(
    entry: Annotated[str, typer.Argument(help="The entry as `braid overlay list` shows it, for example exclusion/12.")],
    by: By,
    folder: PlaceFolder = Path(),
) -> int:
    """Propose to lift an entry. It stays in force until another lead approves.

    Example: braid overlay propose-removal exclusion/12 --by lead-1 place
    """
    kind, _, number = entry.partition("/")
    if kind not in ("exclusion", "restriction") or not number.isdecimal():
        raise typer.BadParameter("name an entry as kind/number, for example exclusion/12", param_hint="entry")
    with web_app(folder):
        print_json(_commands().propose_removal(by, kind, int(number)))
    return 0


@overlay.command("approve")
def approve(
    change: Annotated[int, typer.Argument(help="The change as `braid overlay list` shows it.")],
    by: By,
    folder: PlaceFolder = Path(),
) -> int:
    """Approve a change that another lead proposed.

    Example: braid overlay approve 3 --by lead-2 place
    """
    with web_app(folder):
        print_json(_commands().approve(by, change))
    return 0


def _commands() -> Any:
    """Return the module whose models can be imported only once Django is set up."""
    return import_module("braid.web.overlay.commands")
