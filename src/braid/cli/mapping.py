"""`braid mapping new FILE` proposes a mapping for a file that nobody described; `braid mapping check` checks one."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from braid.cli.arguments import AsJson
from braid.cli.output import errors, output, plain, print_json, print_table
from braid.extracts.definition import Definition
from braid.extracts.definition_files import load_definition
from braid.extracts.definition_years import resolve
from braid.extracts.proposal.check import Compared, compare
from braid.extracts.proposal.propose import Clock, Proposal, propose
from braid.extracts.proposal.samples import take_sample
from braid.extracts.proposal.write import write_mapping
from braid.language.codes import WAIT_KINDS

mappings = typer.Typer(help="Mappings that a data officer writes: propose one for a file, check one.")
MOST_KEYS = 5


@mappings.command("new")
def new(
    file: Annotated[Path, typer.Argument(help="The file: CSV, workbook, JSON, XML or Parquet.")],
    out: Annotated[Path | None, typer.Option("--out", help="Write the mapping here rather than print it.")] = None,
    as_json: AsJson = False,
) -> int:
    """Propose a mapping for a file: what each column may be, how sure that is, and why, as TOML to be edited.

    Columns are told by headings that the standards use and by what their cells look like. No cell is written but codes
    that are few, frequent and nobody's own. At a terminal it asks what tells people apart and what dates mean;
    elsewhere it asks nothing. The mapping can be read at once: braid read FILE --mapping M.toml.

    Example: braid mapping new housing_export.xlsx --out housing.toml
    """
    if out is not None and out.exists():
        raise typer.BadParameter("the file is there already; name a new one", param_hint="--out")
    asks = sys.stdin.isatty() and not as_json
    proposal = propose(take_sample(file), _ask_key if asks else None)
    if asks:
        proposal = _ask_dates(proposal)
    text = write_mapping(proposal)
    if out is not None:
        out.write_text(text, encoding="utf-8")
    if as_json:
        print_json(_document(proposal, text if out is None else None))
    elif out is None:
        typer.echo(text, nl=False)
    else:
        _show(proposal)
        errors.print(
            plain(f"Written to {out}. Read it, correct it, then: braid read FILE --mapping {out}"), markup=False
        )
    return 0


def _document(proposal: Proposal, text: str | None) -> dict[str, Any]:
    columns = [
        {"name": one.name, "as": one.said, "certainty": one.certainty, "why": list(one.reasons)}
        for one in proposal.columns
    ]
    found = {
        "rows": proposal.rows, "key": proposal.key, "is_protected": proposal.is_protected, "columns": columns,
        "left_out": list(proposal.left_out),
    }  # fmt: skip
    return found if text is None else {**found, "mapping": text}


def _show(proposal: Proposal) -> None:
    rows = [[one.name, one.said, one.certainty, "; ".join(one.reasons)] for one in proposal.columns]
    print_table(f"What the columns may be, from {proposal.rows} rows", ["column", "as", "how sure", "why"], rows)
    for said in proposal.left_out:
        output.print(plain(said), markup=False)


def _ask_key(keys: list[str]) -> str:
    """Ask which column tells one person from another, of the best few."""
    return _choose("Which column tells one person from another, in this file and the next?", keys[:MOST_KEYS])


def _ask_dates(proposal: Proposal) -> Proposal:
    """Ask of each date that nobody explained whether it starts a wait, and which other one stops it."""
    clocks: list[Clock] = []
    stops: set[str] = set()
    for one in proposal.dates:
        if one.name in stops or not typer.confirm(plain(f"Does a wait start on {one.name}?"), err=True):
            continue
        kind = _choose_kind()
        others = ["none of them", *(each.name for each in proposal.dates if each.name != one.name)]
        stop = _choose("Which date stops it?", others) if len(others) > 1 else others[0]
        clocks.append(Clock(kind, one.name, "" if stop == others[0] else stop))
        stops.add(stop)
    return Proposal(**{**vars(proposal), "clocks": tuple(clocks)})


def _choose(question: str, names: list[str]) -> str:
    for number, name in enumerate(names, 1):
        errors.print(plain(f"{number}  {name}"), markup=False)
    while True:
        number = int(typer.prompt(question, default=1, type=int, err=True))
        if 1 <= number <= len(names):
            return names[number - 1]


def _choose_kind() -> str:
    while True:
        kind = str(typer.prompt("Which kind of wait? braid clock lists them", err=True))
        if kind in WAIT_KINDS:
            return kind


@mappings.command("check")
def check(
    mapping: Annotated[Path, typer.Argument(help="The mapping.")],
    file: Annotated[Path | None, typer.Option("--file", help="A file to hold it against.")] = None,
    as_json: AsJson = False,
) -> int:
    """Check a mapping against the language, and what it says of a file: columns not mapped, columns not there.

    Exit code 1 where a column that a row must have is not in the file; 3 where the mapping breaks the language, with
    place, rule and next step.

    Example: braid mapping check housing.toml --file housing_export.xlsx
    """
    definition = load_definition(mapping)
    resolve(definition, max(definition.first_year, 1))
    compared = compare(definition, file) if file is not None else None
    if as_json:
        print_json({**_parts(definition), **(vars(compared) if compared else {})})
    else:
        _show_check(mapping, definition, compared)
    return 1 if compared and compared.lacks else 0


def _parts(definition: Definition) -> dict[str, Any]:
    return {
        "parts": [
            {
                "part": part.name,
                "person": part.person,
                "columns": list(part.columns),
                "records": [f"{rule.type} {rule.name}" for rule in part.rules],
            }
            for part in definition.parts
        ]
    }


def _show_check(mapping: Path, definition: Definition, compared: Compared | None) -> None:
    rows = [
        [part.name, part.person or "", len(part.columns), ", ".join(dict.fromkeys(rule.type for rule in part.rules))]
        for part in definition.parts
    ]
    print_table(f"{mapping.name} keeps the language", ["part", "person", "columns", "records"], rows)
    if compared is None:
        return
    for words, names in (
        ("Not in the file, and a row must have it", compared.lacks),
        ("Not in the file", compared.absent),
        ("In the file and not mapped", compared.not_mapped),
    ):
        if names:
            output.print(plain(f"{words}: {', '.join(names)}"), markup=False)
    if not (compared.lacks or compared.absent or compared.not_mapped):
        output.print("Every column of the file is mapped, and every mapped column is there.")
