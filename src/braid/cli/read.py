"""`braid read FILE… [--as STANDARD[:YEAR]]`: check and read partner files on their own."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer

from braid.cli.arguments import AsJson
from braid.cli.output import output, plain, print_json, print_table
from braid.extracts.catalogue import get_latest_year
from braid.extracts.definition import Definition
from braid.extracts.feed_columns import (
    are_large,
    find_definition,
    find_first_issues,
    find_record_counts,
    read_feed_by_columns,
    reads_large,
)
from braid.extracts.mapping import load_mapping
from braid.extracts.model import Source, UnreadableFile
from braid.extracts.read import read_file
from braid.extracts.recognition import Candidate, choose
from braid.extracts.run import find_mapping

SHOWN_ISSUES = 20
MOST_ISSUES = 1000
"""Of a large file no more issues are said one by one; `issues_by_rule` counts them all."""


def read(
    files: Annotated[list[Path], typer.Argument(help="Partner files, all of one standard.")],
    standard: Annotated[
        str,
        typer.Option("--as", help="The standard, and the collection year: cin:2026. Found out where it is left out."),
    ] = "",
    mapping: Annotated[str, typer.Option("--mapping", help="A mapping file, for standards read by mapping.")] = "",
    as_json: AsJson = False,
) -> int:
    """Check and read partner files: rows in, read and rejected by part; issues by rule; what nobody mapped.

    Without --as it says which standard, part and year it recognises and why; where several fit it names them and
    reads nothing. With --mapping alone any table is read by that mapping.

    Example: braid read cin_census.xml --as cin:2026 --json
    """
    document = load_mapping(Path(mapping)) if Path(mapping).is_file() else find_mapping(mapping, Path())
    if not standard and document is not None:
        standard = "mapped_csv"
    reports: list[dict[str, Any]] = []
    for path in files:
        try:
            reports.append(_read_one(path, standard, document))
        except UnreadableFile as error:
            if as_json:
                print_json({"file": path.name, "error": {"rule": error.rule, "message": error.message}})
            tried = f" as {standard}" if standard else ""
            message = f"{path.name} is unreadable{tried} ({error.rule}). {error.message}"
            raise UnreadableFile(error.rule, message) from None
    if as_json:
        print_json(reports[0] if len(reports) == 1 else {"files": reports})
    else:
        for report in reports:
            _show(report)
    return 1 if any(count["rejected"] for report in reports for count in report["rows"].values()) else 0


def _read_one(path: Path, standard: str, document: Mapping[str, Any] | None) -> dict[str, Any]:
    recognised = None if standard else choose(path)
    name, year = (recognised.standard, recognised.last_year) if recognised else _standard(standard)
    source = Source(feed="read", organisation_id="read", standard=name, collection_year=year)
    large = None
    if are_large([path]):
        definition = find_definition(source, document)
        large = _read_large(path, source, definition) if reads_large(source, definition) else None
    return {"file": path.name, **_said(recognised), **(large or read_file(path, source, document).report())}


def _read_large(path: Path, source: Source, definition: Definition | None) -> dict[str, Any]:
    """Return the report of a large file, read batch by batch: all counts, and the first issues of many."""
    with TemporaryDirectory(prefix="braid-read-") as text:
        folder = Path(text)
        with closing(import_module("braid.pipeline").new_engine(folder)) as engine:
            found = read_feed_by_columns([path], source, definition, engine, folder, "read")
            reading = found.readings[0]
            records = find_record_counts(folder)
            issues = find_first_issues(folder, MOST_ISSUES)
    return {
        "standard": source.standard,
        "year": source.collection_year,
        "rows": {
            part: {"in": count.rows_in, "read": count.rows_read, "rejected": count.rows_rejected}
            for part, count in reading.parts.items()
        },
        "records": records,
        "issues": issues,
        "issues_by_rule": dict(found.issues),
        "unmapped": dict(reading.unmapped),
    }


def _said(recognised: Candidate | None) -> dict[str, Any]:
    if recognised is None:
        return {}
    years = {"first": recognised.first_year, "last": recognised.last_year}
    return {"recognised": {"part": recognised.part, "years": years, "why": list(recognised.reasons)}}


def _standard(text: str) -> tuple[str, int]:
    name, _, year = text.partition(":")
    if not year:
        return name, get_latest_year(name)
    if not year.isdigit():
        raise typer.BadParameter("write STANDARD or STANDARD:YEAR, as in cin:2026", param_hint="--as")
    return name, int(year)


def _show(report: dict[str, Any]) -> None:
    if "recognised" in report:
        _show_recognised(report)
    rows = [[part, count["in"], count["read"], count["rejected"]] for part, count in report["rows"].items()]
    print_table(f"{report['file']} as {report['standard']}:{report['year']}", ["part", "in", "read", "rejected"], rows)
    print_table("records", ["type", "records"], [list(item) for item in report["records"].items()])
    issues = report["issues"]
    for issue in issues[:SHOWN_ISSUES]:
        where = issue["position"] or ""
        output.print(plain(f"{issue['severity']}: {where} {issue['rule']}: {issue['message']}"), markup=False)
    if len(issues) > SHOWN_ISSUES:
        output.print(f"and {len(issues) - SHOWN_ISSUES} more; --json lists them")
    if report.get("issues_by_rule"):
        print_table("issues by rule", ["rule", "times"], [list(item) for item in report["issues_by_rule"].items()])
    if report["unmapped"]:
        print_table("unmapped", ["name", "times"], [list(item) for item in report["unmapped"].items()])


def _show_recognised(report: dict[str, Any]) -> None:
    found = report["recognised"]
    first, last = found["years"]["first"], found["years"]["last"]
    years = f"the year {first}" if first == last else f"any of the years {first} to {last}, read as the last of them"
    text = f"{report['file']} is {report['standard']}, part {found['part']}, of {years}: {'; '.join(found['why'])}."
    output.print(plain(text), markup=False)
