"""`braid fund`: where the joint funds of a place stand, and a finance system's journal read into their ledger."""

from __future__ import annotations

import datetime as dt
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from braid.cli.acting import By, Reference, acting
from braid.cli.arguments import AsJson, PlaceFolder
from braid.cli.output import errors, print_json, print_table
from braid.language.dates import london_date
from braid.place.money.amounts import say_pence
from braid.place.money.periods import year_words
from braid.place.money.positions import Position
from braid.web.serve import web_app

funds = typer.Typer(help="Joint funds: where they stand, and journals of a finance system.", no_args_is_help=True)
SOME_REJECTED = 1


@funds.command("show")
def show(folder: PlaceFolder = Path(), as_json: AsJson = False) -> int:
    """Say where each joint fund stands in the financial year of today.

    Example: braid fund show place
    """
    with web_app(folder):
        found = import_module("braid.web.funds.commands").positions(london_date(dt.datetime.now(dt.UTC)))
    if as_json:
        print_json({"funds": [_document(position) for position in found]})
        return 0
    for position in found:
        rows = [
            [line.name, line.paid_for, *map(say_pence, (line.budget, line.committed, line.spent, line.available))]
            for line in position.lines
        ]
        title = f"{position.fund.name}, {year_words(position.year)}: likely {say_pence(position.forecast.out_turn)}"
        print_table(title, ["line", "paid for", "budget", "committed", "spent", "available"], rows)
    if not found:
        errors.print("The place names no funds; write them in funds.toml of the place folder.")
    return 0


def _document(position: Position) -> dict[str, Any]:
    """Return a position with every amount in pence."""
    return {
        "fund": position.fund.id,
        "year": position.year,
        "closed_to": position.closed_to,
        "lines": [
            {**{key: getattr(line, key) for key in ("id", "paid_for", "budget", "committed", "spent", "available")}}
            for line in position.lines
        ],
        "bodies": [vars(body) for body in position.bodies],
        "out_turn": position.forecast.out_turn,
        "trial_balance": [list(row) for row in position.trial_balance],
    }


@funds.command("post")
def post(
    folder: Annotated[Path, typer.Argument(help="The place folder, which holds place.toml.")],
    journal: Annotated[Path, typer.Argument(help="The journal, as CSV.", exists=True, dir_okay=False)],
    by: By,
    reference: Reference,
    as_json: AsJson = False,
) -> int:
    """Read a finance system's journal: each row is posted, there already, or rejected with its reason.

    The same file twice changes nothing. Exit code 1 where a row was rejected.

    Example: braid fund post place journal.csv --by finance-1 --reference GL-2026-11
    """
    with acting(folder, by, reference, "funds") as acts:
        acts.check_role(lambda role: role.governs and role.keeps_ledger, "post to the ledger")
        told = import_module("braid.web.funds.commands").post_journal(acts.actor, journal.read_bytes())
    rejected = [one for one in told if one.state == "rejected"]
    counts = {state: sum(1 for one in told if one.state == state) for state in sorted({one.state for one in told})}
    if as_json:
        print_json({"rows": len(told), **counts, "rejects": [vars(one) for one in rejected]})
    else:
        print_table("Rows of the journal", ["became", "rows"], [[state, count] for state, count in counts.items()])
        if rejected:
            rows = [[one.row, one.reference, one.reason] for one in rejected]
            print_table("Rejected", ["row", "reference", "reason"], rows)
    return SOME_REJECTED if rejected else 0
