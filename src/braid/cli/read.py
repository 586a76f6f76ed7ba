"""`braid read FILE… [--as STANDARD[:YEAR]]`: check and read partner files on their own."""

from __future__ import annotations

import datetime as dt
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
from braid.extracts.model import Issue, Source, UnreadableFile
from braid.extracts.read import read_file
from braid.extracts.recognition import Candidate, choose, find_year, year_of_return
from braid.extracts.rules.check import has_rules
from braid.extracts.rules.issues import read_rules
from braid.extracts.run import find_mapping
from braid.extracts.same_files import REPEATED, describe, find_repeated
from braid.language.dates import LONDON

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

    A return whose publisher has rules of its own is checked against them: give the files of one return together. Where
    no file states the year, it is the one that you say, else the one that the newest date in any of them tells. A file
    that holds what an earlier one holds is counted once.
    Without --as it says which standard, part and year it recognises and why; where several fit it names them and
    reads nothing. Where several years fit, the newest date in the file tells the year, and it says so. With --mapping
    alone any table is read by that mapping.

    Example: braid read cin_census.xml --as cin:2026 --json
    """
    document = load_mapping(Path(mapping)) if Path(mapping).is_file() else find_mapping(mapping, Path())
    if not standard and document is not None:
        standard = f"mapped_csv:{dt.datetime.now(LONDON).year}"
    reports: list[dict[str, Any]] = []
    known: list[Candidate | None] = []
    repeated = find_repeated(path for path in files if path.is_file()) if len(files) > 1 else {}
    for path in files:
        try:
            known.append(_recognise(path, standard, document))
            if path in repeated:
                reports.append(_repeated(path, repeated[path], reports[files.index(repeated[path])]))
            else:
                reports.append(_read_one(path, standard, document, known[-1]))
        except UnreadableFile as error:
            if as_json:
                print_json({"file": path.name, "error": {"rule": error.rule, "message": error.message}})
            tried = f" as {standard}" if standard else ""
            message = f"{path.name} is unreadable{tried} ({error.rule}). {error.message}"
            raise UnreadableFile(error.rule, message) from None
    _check_rules(files, reports, known, standard)
    if as_json:
        print_json(reports[0] if len(reports) == 1 else {"files": reports})
    else:
        for report in reports:
            _show(report)
    return 1 if any(count["rejected"] for report in reports for count in report["rows"].values()) else 0


def _repeated(path: Path, first: Path, read: Mapping[str, Any]) -> dict[str, Any]:
    """Return the report of a file that holds what an earlier one holds: nothing of it is counted again."""
    issue = Issue("warning", REPEATED, None, None, describe(first.name))
    return {
        "file": path.name, "same_as": first.name, "standard": read["standard"], "year": read["year"], "rows": {},
        "records": {}, "issues": [issue.__dict__], "unmapped": {},
    }  # fmt: skip


def _recognise(path: Path, standard: str, document: Mapping[str, Any] | None) -> Candidate | None:
    if not standard:
        return choose(path)
    return find_year(path, standard) if document is None and ":" not in standard else None


def _read_one(
    path: Path, standard: str, document: Mapping[str, Any] | None, recognised: Candidate | None
) -> dict[str, Any]:
    name, year = (recognised.standard, recognised.year) if recognised else _standard(standard)
    source = Source(feed="read", organisation_id="read", standard=name, collection_year=year)
    large = None
    if are_large([path]):
        definition = find_definition(source, document)
        large = _read_large(path, source, definition, document) if reads_large(source, definition, [path]) else None
    return {"file": path.name, **_said(recognised), **(large or read_file(path, source, document).report())}


def _check_rules(
    files: list[Path], reports: list[dict[str, Any]], known: list[Candidate | None], standard: str
) -> None:
    """Add to each report what the rules of its standard found; files of one standard are one return."""
    for name in {report["standard"] for report in reports if has_rules(report["standard"])}:
        own = [place for place, report in enumerate(reports) if report["standard"] == name and "same_as" not in report]
        year, why = _year_of_return([reports[place] for place in own], [known[place] for place in own], standard)
        with TemporaryDirectory(prefix="braid-rules-") as text:
            folder = Path(text)
            with closing(import_module("braid.pipeline").new_engine(folder)) as engine:
                reads = read_rules([files[place] for place in own], name, year, engine, folder, MOST_ISSUES)
        for place, read in zip(own, reads, strict=True):
            reports[place]["rules"] = {"year": year, "why_year": why, **read.document()}
            reports[place]["issues"] += [issue.__dict__ for issue in read.issues]


def _year_of_return(
    reports: list[dict[str, Any]], known: list[Candidate | None], standard: str
) -> tuple[int | None, str]:
    """Return the year that the files of a return are checked for where they state none, and what told it."""
    if ":" in standard:
        return int(reports[0]["year"]), "it was said with --as"
    recognised = [one for one in known if one is not None]
    found = year_of_return(recognised) if len(recognised) == len(known) else None
    return found or (None, "no year fits all the files")


def _read_large(
    path: Path, source: Source, definition: Definition | None, mapping: Mapping[str, Any] | None
) -> dict[str, Any]:
    """Return the report of a large file, read batch by batch: all counts, and the first issues of many."""
    with TemporaryDirectory(prefix="braid-read-") as text:
        folder = Path(text)
        with closing(import_module("braid.pipeline").new_engine(folder)) as engine:
            found = read_feed_by_columns(
                [path], source, definition, engine, folder, "read", are_whole=False, mapping=mapping
            )
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
    return {
        "recognised": {
            "part": recognised.part,
            "years": years,
            "year": recognised.year,
            "why_year": recognised.year_reason,
            "why": list(recognised.reasons),
        }
    }


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
    if "rules" in report:
        _show_rules(report)
    if report["unmapped"]:
        print_table("unmapped", ["name", "times"], [list(item) for item in report["unmapped"].items()])


def _show_rules(report: dict[str, Any]) -> None:
    found, rules = report["rules"]["found"], report["rules"]
    if not rules["checked"]:
        advice = f"give the files of one return, or say the year, --as {report['standard']}:YEAR"
        output.print(plain(f"rules: none checked, since {rules['why_year']}: {advice}."), markup=False)
        return
    if rules["year"] is not None:
        said = f"rules are those of {rules['year']}, where the files state no year themselves: {rules['why_year']}."
        output.print(plain(f"{said} Another year: --as {report['standard']}:YEAR."), markup=False)
    if found:
        print_table("rules that found something", ["rule", "times"], [list(item) for item in found.items()])
    left = f"; {len(rules['not_checked'])} need a module that was not given" if rules["not_checked"] else ""
    told = f"rules: {rules['checked']} checked, {len(found)} found something{left}."
    output.print(plain(f"{told} `braid rules --explain CODE` says what one asks."), markup=False)


def _show_recognised(report: dict[str, Any]) -> None:
    found = report["recognised"]
    first, last, year = found["years"]["first"], found["years"]["last"], found["year"]
    years = f"the year {first}" if first == last else f"any of the years {first} to {last}"
    text = f"{report['file']} is {report['standard']}, part {found['part']}, of {years}: {'; '.join(found['why'])}."
    if first != last:
        text += f" It is read as {year}: {found['why_year']}. Another year: --as {report['standard']}:YEAR."
    output.print(plain(text), markup=False)
