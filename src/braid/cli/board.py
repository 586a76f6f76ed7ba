"""`braid board`: the boards of a place with what waits for them, and a pack of one made as a file."""

from __future__ import annotations

import os
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from braid.cli.acting import By, Reference, acting
from braid.cli.arguments import AsJson, PlaceFolder
from braid.cli.default_verb import WithDefault
from braid.cli.output import errors, print_json, print_table
from braid.language.dates import LONDON
from braid.place.boards.board_file import load_boards
from braid.place.boards.terms import Board
from braid.store.place_folder import Place, load_place
from braid.store.postgres import has_database
from braid.web.serve import web_app

LIST = "list"
FORMS = ("pdf", "xlsx", "json")
NOT_KNOWN = "not known"


class BoardVerbs(WithDefault):
    """`braid board DIR` lists; `braid board pack DIR` makes a pack."""

    default = LIST


boards = typer.Typer(help="Boards: what waits for each, and its pack.", cls=BoardVerbs)


@boards.command(LIST)
def list_boards(folder: PlaceFolder = Path(), as_json: AsJson = False) -> int:
    """List the boards of a place: next meeting, open and overdue actions, as the database has them.

    Where the place was never served there is no database yet: boards are then listed as their file has them.

    Example: braid board list place
    """
    place = load_place(folder)
    found = list(_lines(place))
    if as_json:
        print_json({"boards": found})
        return 0
    rows = [[_shown(value) for value in line.values()] for line in found]
    columns = ["board", "name", "chair", "terms reviewed by", "next meeting", "open actions", "overdue"]
    print_table(f"Boards of {place.name}", columns, rows)
    if not found:
        errors.print("The place names no boards; write them in boards.toml of the place folder.")
    return 0


def _lines(place: Place) -> Iterable[dict[str, Any]]:
    if not has_database(place.state_folder):
        return [_line(board, None, None, None) for board in load_boards(place)]
    with web_app(place.folder):
        told = import_module("braid.web.packs.commands").board_lines()
        return [_line(one.board, one.next_meeting, one.open_actions, one.overdue) for one in told]


def _line(board: Board, meeting: Any, open_actions: int | None, overdue: int | None) -> dict[str, Any]:
    return {
        "board": board.id,
        "name": board.name,
        "chair": board.chair.body,
        "review_date": board.review_date.isoformat(),
        "next_meeting": meeting.starts_at.astimezone(LONDON).isoformat() if meeting else None,
        "open_actions": open_actions,
        "overdue": overdue,
    }


def _shown(value: Any) -> Any:
    return NOT_KNOWN if value is None else value


@boards.command("pack")
def pack(
    folder: Annotated[Path, typer.Argument(help="The place folder, which holds place.toml.")],
    board: Annotated[str, typer.Option("--board", help="The id of the board, as boards.toml has it.")],
    out: Annotated[Path, typer.Option("--out", help="The file to write: .pdf, .xlsx or .json.")],
    by: By,
    reference: Reference,
    members: Annotated[bool, typer.Option("--members", help="For members alone, with confidential items.")] = False,
    as_json: AsJson = False,
) -> int:
    """Make the pack of a board for its next meeting, keep it, and write it as a file; the commissioner of it acts.

    Where nothing is otherwise since the last one of today, that one is written again.

    Example: braid board pack place --board family-justice --out pack.pdf --by commissioner-1 --reference MTG-12
    """
    form = out.suffix.removeprefix(".")
    if form not in FORMS:
        raise typer.BadParameter(f"name a file that ends in {', '.join(FORMS)}", param_hint="--out")
    if not out.parent.is_dir():
        raise typer.BadParameter("there is no such folder; name a file in one that is there", param_hint="--out")
    known = [one.id for one in load_boards(load_place(folder))]
    if board not in known:
        raise typer.BadParameter(
            f"the place has no such board; it has {', '.join(known) or 'none'}", param_hint="--board"
        )
    with acting(folder, by, reference, "boards") as acts:
        acts.check_role(lambda role: role.governs and role.commissions, "make board packs")
        made, content = import_module("braid.web.packs.commands").make_file(acts.actor, board, members, form)
    write_pack(out, content, is_confidential=members)
    if as_json:
        print_json({"pack": str(made), "file": out.name, "bytes": len(content)})
    else:
        errors.print(f"Wrote {out.name}; the pack stands on the page /packs/{made}/")
    return 0


def write_pack(path: Path, content: bytes, *, is_confidential: bool) -> None:
    """Write a pack in the place of what was there; one for members alone is for its own user alone to read."""
    fresh = path.with_name(f".{path.name}.part")
    fresh.unlink(missing_ok=True)
    opened = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if is_confidential else 0o666)
    with os.fdopen(opened, "wb") as file:
        file.write(content)
    fresh.replace(path)
