"""`braid retention`: how long what Braid keeps is kept, and the sweep that removes what is over its time."""

from __future__ import annotations

import datetime as dt
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from braid.cli.acting import By, Reference, acting
from braid.cli.arguments import AsJson, PlaceFolder
from braid.cli.output import print_json, print_table
from braid.trust.retention import load_schedule

retentions = typer.Typer(help="How long what Braid keeps is kept, and the sweep.", no_args_is_help=True)


@retentions.command("list")
def show(as_json: AsJson = False) -> int:
    """List the schedule: each rule with its days and its law.

    Example: braid retention list
    """
    rules: list[dict[str, object]] = [
        {"rule": one.code, "days": one.days, "from": one.begins, "law": one.law} for one in load_schedule()
    ]
    _print("How long what Braid keeps is kept", rules, as_json=as_json)
    return 0


@retentions.command("plan")
def plan(by: By, reference: Reference, folder: PlaceFolder = Path(), as_json: AsJson = False) -> int:
    """Say what a sweep would remove now, rule by rule, as counts; nothing is removed.

    Example: braid retention plan place --by lead-1 --reference IG-2026-17
    """
    with acting(folder, by, reference, "retention plan", published=False) as acts:
        acts.check_role(lambda role: role.sees_audit, "plan a sweep")
        found = _rows(_sweeping().plan(dt.datetime.now(dt.UTC)))
    _print("What a sweep would remove", found, as_json=as_json)
    return 0


@retentions.command("sweep")
def sweep(
    by: By,
    reference: Reference,
    folder: PlaceFolder = Path(),
    as_json: AsJson = False,
    yes: Annotated[bool, typer.Option("--yes", help="Remove it; without this it is planned alone.")] = False,
) -> int:
    """Remove what is over its time, what a hold keeps apart; a server does so by itself once a day.

    Example: braid retention sweep place --yes --by lead-1 --reference IG-2026-17
    """
    with acting(folder, by, reference, "retention sweep", published=False) as acts:
        acts.check_role(lambda role: role.sees_audit, "sweep")
        now = dt.datetime.now(dt.UTC)
        if yes:
            acts.record("changed", "retention sweep", {})
        found = _rows(_sweeping().sweep(now, by) if yes else _sweeping().plan(now))
    _print("Removed" if yes else "What a sweep would remove; add --yes to remove it", found, as_json=as_json)
    return 0


def _rows(found: list[Any]) -> list[dict[str, object]]:
    return [
        {"rule": one.rule.code, "ended before": one.before.isoformat(), "goes": one.goes, "held": one.held}
        for one in found
    ]


def _print(title: str, rows: list[dict[str, object]], *, as_json: bool) -> None:
    if as_json:
        print_json(rows)
    else:
        print_table(
            title, list(rows[0]) if rows else ["rule"], [[str(value) for value in row.values()] for row in rows]
        )


def _sweeping() -> Any:
    """Return the module whose models can be imported only once Django is set up."""
    return import_module("braid.web.rights.sweeping")
