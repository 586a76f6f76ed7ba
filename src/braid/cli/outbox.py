"""`braid outbox`: the messages on their way out of a place."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from braid.cli.acting import By, Reference, reading_record
from braid.cli.arguments import AsJson, PlaceFolder
from braid.cli.output import errors, print_json, print_table
from braid.web.delivering import deliver_once, list_seen_by, list_unseen
from braid.web.serve import place_database, secure_new_database

outbox = typer.Typer(help="The messages on their way out of a place.", no_args_is_help=True)
UNSEEN_COLUMNS = ["what", "number", "since", "due"]
COLUMNS = ["message", "channel", "state", "attempts", "reasons", "created_at", "next_attempt_at"]


@outbox.command("send")
def send(
    folder: PlaceFolder = Path(),
    limit: Annotated[int, typer.Option("--limit", min=1, help="How many messages to take at most.")] = 1000,
) -> int:
    """Take the messages that are due, once: each is decided on at this moment, and delivered or refused.

    A server does so by itself every second. Prints how many ended how.

    Example: braid outbox send place
    """
    with place_database(folder) as (place, _):
        secure_new_database()  # an older Braid may have served it last, and what is asked at sending is newer
        print_json(deliver_once(place, limit))
    return 0


@outbox.command("list")
def show(by: By, reference: Reference, folder: PlaceFolder = Path(), as_json: AsJson = False) -> int:
    """List the messages by id with channel, state and reasons; no words and no contact points.

    Of people whom the lead is kept from, none. Says beside them how much waits for a lead and is seen by none.

    Example: braid outbox list place --by lead-1 --reference MTG-2026-041
    """
    with reading_record(folder, by, reference, "outbox list") as acts:
        rows, unseen = list_seen_by(acts.actor.username), list_unseen()
        acts.record("audit_read", "outbox list", {}, row_count=len(rows))
    if as_json:
        print_json(rows)
    else:
        print_table("Messages", COLUMNS, [list(row.values()) for row in rows])
    if unseen:
        errors.print(
            f"{len(unseen)} wait for a lead and are seen by none. Next step: braid outbox unseen --by … --reference …"
        )
    return 0


@outbox.command("unseen")
def unseen(by: By, reference: Reference, folder: PlaceFolder = Path(), as_json: AsJson = False) -> int:
    """List what waits for a lead and is seen by none, because each is kept from somebody it is about.

    No person is named. Next step: give the role to somebody else, who then sees it: braid user add NAME --role ig_lead

    Example: braid outbox unseen place --by lead-1 --reference MTG-2026-041
    """
    with reading_record(folder, by, reference, "outbox unseen") as acts:
        rows = list_unseen()
        acts.record("audit_read", "outbox unseen", {}, row_count=len(rows))
    if as_json:
        print_json(rows)
    else:
        print_table("Seen by no lead", UNSEEN_COLUMNS, [list(row.values()) for row in rows])
    return 0
