"""`braid webhook`: which machines of partners are told of what happens in joint work."""

from __future__ import annotations

from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Annotated
from uuid import UUID

import typer

from braid.cli.acting import By, Reference, changing_accounts
from braid.cli.arguments import AsJson, PlaceFolder
from braid.cli.output import print_json, print_table
from braid.outbound.events import EVENT_KINDS
from braid.web.delivering import tell_events_once
from braid.web.serve import place_database, secure_new_database

webhooks = typer.Typer(help="Which machines of partners are told of what happens.", no_args_is_help=True)
COLUMNS = ["id", "system", "organisation", "purpose", "url", "queued", "sent", "dead", "ended_at"]
Subscription = Annotated[UUID, typer.Argument(help="Its id, as braid webhook list says it.")]


@webhooks.command("kinds")
def kinds(as_json: AsJson = False) -> int:
    """List the kinds of events, and at which address what each is about is read.

    Example: braid webhook kinds
    """
    if as_json:
        print_json({code: asdict(kind) for code, kind in EVENT_KINDS.items()})
    else:
        rows = [[code, kind.name, kind.resource.format("ID", board="BOARD")] for code, kind in EVENT_KINDS.items()]
        print_table("Kinds of events", ["kind", "says", "read at"], rows)
    return 0


@webhooks.command("new")
def new(
    name: Annotated[str, typer.Argument(help="The system's own name, as braid token new was given it.")],
    url: Annotated[str, typer.Option("--url", help="Its address, listed in outbound.toml as one of its events.")],
    kind: Annotated[list[str], typer.Option("--kind", help="A kind of event, as braid webhook kinds; several times.")],
    by: By,
    reference: Reference,
    folder: PlaceFolder = Path(),
) -> int:
    """Let a system be told of what happens, as far as it may see what that is about; the secret is shown this once.

    Example: braid webhook new northmere-housing --url https://partner.example/events --kind referral.sent place
    --by lead-1 --reference HR-2026-7
    """
    with changing_accounts(folder, by, reference, "webhook new") as acts:
        routes = import_module("braid.web.outbound.route_file").load_ways(acts.place).routes
        made, secret = _subscriptions().subscribe(acts.actor, name, url, kind, routes.event_urls)
        print_json({"id": str(made), "secret": secret})
    return 0


@webhooks.command("list")
def show(by: By, reference: Reference, folder: PlaceFolder = Path(), as_json: AsJson = False) -> int:
    """List who is told of what, and how much waits, was told and could not be: counts alone.

    Example: braid webhook list place --by lead-1 --reference HR-2026-7
    """
    with changing_accounts(folder, by, reference, "webhook list") as acts:
        rows = [{**asdict(one), "kinds": list(one.kinds)} for one in _subscriptions().list_subscriptions()]
        acts.record("audit_read", "webhook list", {}, row_count=len(rows))
    plain = [{name: _plain(value) for name, value in row.items()} for row in rows]
    if as_json:
        print_json(plain)
    else:
        print_table("Who is told", COLUMNS, [[row[name] for name in COLUMNS] for row in plain])
    return 0


@webhooks.command("rotate")
def rotate(subscription: Subscription, by: By, reference: Reference, folder: PlaceFolder = Path()) -> int:
    """Make a new secret, shown this once; the one before signs beside it for two days.

    Example: braid webhook rotate 6f9619ff-8b86-4d01-b42d-00cf4fc964ff place --by lead-1 --reference HR-2026-7
    """
    with changing_accounts(folder, by, reference, "webhook rotate") as acts:
        secret = _subscriptions().renew_secret(acts.actor, subscription)
        print_json({"id": str(subscription), "secret": secret})
    return 0


@webhooks.command("end")
def end(subscription: Subscription, by: By, reference: Reference, folder: PlaceFolder = Path()) -> int:
    """Tell it nothing any more; what waits is not told.

    Example: braid webhook end 6f9619ff-8b86-4d01-b42d-00cf4fc964ff place --by lead-1 --reference HR-2026-7
    """
    with changing_accounts(folder, by, reference, "webhook end") as acts:
        _subscriptions().end_subscription(acts.actor, subscription)
        print_json({"id": str(subscription), "ended": True})
    return 0


@webhooks.command("again")
def again(subscription: Subscription, by: By, reference: Reference, folder: PlaceFolder = Path()) -> int:
    """Send anew what it could not be told, from the first try on.

    Example: braid webhook again 6f9619ff-8b86-4d01-b42d-00cf4fc964ff place --by lead-1 --reference HR-2026-7
    """
    with changing_accounts(folder, by, reference, "webhook again") as acts:
        count = _subscriptions().send_anew(acts.actor, subscription)
        print_json({"id": str(subscription), "events": count})
    return 0


@webhooks.command("send")
def send(
    folder: PlaceFolder = Path(),
    limit: Annotated[int, typer.Option("--limit", min=1, help="How many events to take at most.")] = 1000,
) -> int:
    """Take the events that are due, once. A server does so by itself every second. Prints how many ended how.

    Example: braid webhook send place
    """
    with place_database(folder) as (place, _):
        secure_new_database()
        print_json(tell_events_once(place, limit))
    return 0


def _subscriptions() -> ModuleType:
    return import_module("braid.web.systems.subscriptions")


def _plain(value: object) -> object:
    if hasattr(value, "isoformat"):
        return value.isoformat(timespec="seconds")
    return str(value) if isinstance(value, UUID) else value
