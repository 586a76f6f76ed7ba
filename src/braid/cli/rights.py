"""`braid rights`: requests of people about their data, by the same steps and the same two people as on the pages."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from braid.cli.acting import By, Reference, reading_record
from braid.cli.arguments import AsJson, PlaceFolder
from braid.cli.output import print_json, print_table
from braid.language.steps import NotPossible

rights = typer.Typer(help="Requests of people about their data: access, correction, restriction, erasure.")
Request = Annotated[str, typer.Argument(help="Its reference, as braid rights list says it.")]
MOST_WORDS = 20_000
COLUMNS = ["request", "kind", "state", "subject_id", "last_day", "undecided", "handled_by", "second_by"]


@rights.command("list")
def show(by: By, reference: Reference, folder: PlaceFolder = Path(), as_json: AsJson = False) -> int:
    """List the requests that the lead may see, by reference and id, those with the nearest last day first.

    Example: braid rights list place --by lead-1 --reference IG-2026-17
    """
    with reading_record(folder, by, reference, "rights requests") as acts:
        rows = _commands().list_all(acts.actor)
    if as_json:
        print_json(rows)
    else:
        print_table("Requests", COLUMNS, [[one[name] for name in COLUMNS] for one in rows])
    return 0


@rights.command("open")
def open_one(
    kind: Annotated[str, typer.Argument(help="access, rectification, restriction or erasure.")],
    subject: Annotated[str, typer.Argument(help="The id of the person whom it is about.")],
    by: By,
    reference: Reference,
    received: Annotated[str, typer.Option("--received", help="The day on which it came, yyyy-mm-dd.")],
    asker: Annotated[str, typer.Option("--asker", help="self, parent or acts_for.")] = "self",
    parent: Annotated[str, typer.Option("--parent", help="The id of the parent who asks.")] = "",
    shown: Annotated[str, typer.Option("--shown", help="The day on which it was shown who asks.")] = "",
    channel: Annotated[str, typer.Option("--channel", help="Of access: bundle or email.")] = "bundle",
    basis: Annotated[str, typer.Option("--basis", help="The ground in law of a restriction or an erasure.")] = "",
    source: Annotated[str, typer.Option("--source", help="The organisation whose record is wrong, by id.")] = "",
    words_file: Annotated[
        Path | None, typer.Option("--words-file", help="A file with what is wrong, in their words; kept sealed.")
    ] = None,
    folder: PlaceFolder = Path(),
) -> int:
    """Keep what somebody asked. Whether anybody of the id is known is not looked at.

    Example: braid rights open access 4f0c2d9be17a4c53a8e6d1f0927b35c8 place --received 2026-11-27 --by lead-1
    --reference IG-2026-17
    """
    given = {
        "subject_id": subject,
        "asker": asker,
        "asker_person_id": parent,
        "received_on": received,
        "shown_on": shown,
        "channel": channel,
        "basis": basis,
        "source": source,
        "words": _read(words_file),
    }
    with reading_record(folder, by, reference, "rights request") as acts:
        print_json(_commands().open_one(acts.actor, kind, given))
    return 0


@rights.command("step")
def step(
    request: Request,
    what: Annotated[str, typer.Argument(help="As its page names it: identity, pause, submit, send, close, tell …")],
    by: By,
    reference: Reference,
    code: Annotated[str, typer.Option("--code", help="Why, or what was said: a code, where the step asks one.")] = "",
    day: Annotated[str, typer.Option("--day", help="Of identity: the day, yyyy-mm-dd.")] = "",
    words_file: Annotated[
        Path | None, typer.Option("--words-file", help="Of tell: a file with the letter; kept sealed, posted by you.")
    ] = None,
    folder: PlaceFolder = Path(),
) -> int:
    """Take a step of a request; what takes a second person takes another one here too.

    Example: braid rights step RR-7K2M-4QXD identity place --day 2026-11-27 --by lead-1 --reference IG-2026-17
    """
    with reading_record(folder, by, reference, "rights request") as acts:
        print_json(_commands().take_step(acts.actor, request, what, code, day, _read(words_file)))
    return 0


@rights.command("decide")
def decide(
    request: Request,
    item: Annotated[int, typer.Argument(help="The number of the item.")],
    by: By,
    reference: Reference,
    keep: Annotated[str, typer.Option("--keep", help="Numbers of the lines that are given, with commas.")] = "",
    ground: Annotated[str, typer.Option("--ground", help="Why the other lines are withheld: a code.")] = "",
    folder: PlaceFolder = Path(),
) -> int:
    """Decide which lines of an item are given. The lines are read on its page, after the second factor.

    Example: braid rights decide RR-7K2M-4QXD 3 place --keep 0,2 --ground third_party --by lead-1 --reference IG-2026-17
    """
    numbers = [one.strip() for one in keep.split(",") if one.strip()]
    if not all(one.isascii() and one.isdigit() and len(one) < 6 for one in numbers):
        raise typer.BadParameter("numbers of lines with commas between, for example 0,2", param_hint="--keep")
    with reading_record(folder, by, reference, "rights request") as acts:
        print_json(_commands().decide(acts.actor, request, item, list(map(int, numbers)), ground))
    return 0


@rights.command("export")
def export(request: Request, by: By, reference: Reference, folder: PlaceFolder = Path()) -> int:
    """Print what became of a request as JSON: clock, steps and decisions, by ids and codes, without anybody's words.

    Example: braid rights export RR-7K2M-4QXD place --by lead-1 --reference ICO-2026-3
    """
    with reading_record(folder, by, reference, "rights request") as acts:
        print_json(_commands().export(acts.actor, request))
    return 0


def _read(path: Path | None) -> str:
    """Return the words of a file, so that none stands in the history of a shell. Raises `NotPossible`."""
    if path is None:
        return ""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise NotPossible("The file of words cannot be read. Give one of text in UTF-8") from None
    if len(text) > MOST_WORDS:
        raise NotPossible("The file of words is too long")
    return text


def _commands() -> Any:
    """Return the module whose models can be imported only once Django is set up."""
    return import_module("braid.web.rights.commands")
