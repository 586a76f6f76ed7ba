"""`braid read FILE… --as STANDARD[:YEAR]`: check and read partner files on their own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from braid.cli.arguments import AsJson
from braid.cli.output import output, plain, print_json, print_table
from braid.extracts.catalogue import get_latest_year
from braid.extracts.mapping import load_mapping
from braid.extracts.model import Reading, Source, UnreadableFile
from braid.extracts.read import read_file
from braid.extracts.run import find_mapping

SHOWN_ISSUES = 20


def read(
    files: Annotated[list[Path], typer.Argument(help="Partner files, all of one standard.")],
    standard: Annotated[str, typer.Option("--as", help="The standard, and the collection year: cin:2026.")],
    mapping: Annotated[str, typer.Option("--mapping", help="A mapping file, for standards read by mapping.")] = "",
    as_json: AsJson = False,
) -> int:
    """Check and read partner files: rows in, read and rejected by part; issues by rule; what nobody mapped.

    Example: braid read cin_census.xml --as cin:2026 --json
    """
    name, year = _standard(standard)
    source = Source(feed="read", organisation_id="read", standard=name, collection_year=year)
    document = load_mapping(Path(mapping)) if Path(mapping).is_file() else find_mapping(mapping, Path())
    readings: list[Reading] = []
    for path in files:
        try:
            readings.append(read_file(path, source, document))
        except UnreadableFile as error:
            if as_json:
                print_json({"file": path.name, "error": {"rule": error.rule, "message": error.message}})
            message = f"{path.name} is unreadable as {name}:{year} ({error.rule}). {error.message}"
            raise UnreadableFile(error.rule, message) from None
    reports = [{"file": reading.file_name, **reading.report()} for reading in readings]
    if as_json:
        print_json(reports[0] if len(reports) == 1 else {"files": reports})
    else:
        for report in reports:
            _show(report)
    return 1 if any(reading.rejects for reading in readings) else 0


def _standard(text: str) -> tuple[str, int]:
    name, _, year = text.partition(":")
    if not year:
        return name, get_latest_year(name)
    if not year.isdigit():
        raise typer.BadParameter("write STANDARD or STANDARD:YEAR, as in cin:2026", param_hint="--as")
    return name, int(year)


def _show(report: dict[str, Any]) -> None:
    rows = [[part, count["in"], count["read"], count["rejected"]] for part, count in report["rows"].items()]
    print_table(f"{report['file']} as {report['standard']}:{report['year']}", ["part", "in", "read", "rejected"], rows)
    print_table("records", ["type", "records"], [list(item) for item in report["records"].items()])
    issues = report["issues"]
    for issue in issues[:SHOWN_ISSUES]:
        where = issue["position"] or ""
        output.print(plain(f"{issue['severity']}: {where} {issue['rule']}: {issue['message']}"), markup=False)
    if len(issues) > SHOWN_ISSUES:
        output.print(f"and {len(issues) - SHOWN_ISSUES} more; --json lists them all")
    if report["unmapped"]:
        print_table("unmapped", ["name", "times"], [list(item) for item in report["unmapped"].items()])
