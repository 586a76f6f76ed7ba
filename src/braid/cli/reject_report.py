"""`braid reject-report`: what a partner's data officer gets back of one feed, as a table or a workbook."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from braid.cli.acting import Acting, acting
from braid.cli.arguments import AsJson, PlaceFolder
from braid.cli.output import errors, print_json
from braid.cli.refusals import RefusedByTrust
from braid.cli.waits import current_run
from braid.extracts.reject_report import MOST_FAULTS, Fault, RejectReport, make_report
from braid.pipeline import open_run
from braid.store.exports import ALONE, ExportTable, Form, Purpose, export_book, export_table
from braid.store.lake import Run
from braid.store.place_folder import Feed, Place, load_place
from braid.trust.decide import permitted_rows
from braid.trust.roles import PURPOSES, Role

KEEP_DAYS = 90
"""How long a report may be used: by then the partner has sent newer extracts."""
PAGE = "reject report"
COLUMNS = ("file", "part", "row", "outcome", "rule", "field", "what to do")
RULE_COLUMNS = ("outcome", "rule", "field", "times", "what to do")
UNMAPPED_COLUMNS = ("what was not mapped", "times")
WITH_VALUES = "row as it stands"
OUTCOMES = {"reject": "row not read", "warning": "read, with a doubt", "note": "note"}


def reject_report(
    folder: PlaceFolder = Path(),
    feed: Annotated[str, typer.Argument(help="The feed, as place.toml names it.")] = "",
    out: Annotated[Path, typer.Option("--out", help="The file to write: its name ends on .csv or .xlsx.")] = Path(),
    with_values: Annotated[
        bool, typer.Option("--with-values", help="Refused rows as they stand in the files, as well.")
    ] = False,
    purpose: Annotated[str, typer.Option("--purpose", help="With values: what they are looked at for.")] = "",
    by: Annotated[str, typer.Option("--by", help="With values: the human who asks, by user name.")] = "",
    reference: Annotated[str, typer.Option("--reference", help="With values: the reference of why.")] = "",
    rule: Annotated[str, typer.Option("--rule", help="What broke this rule alone.")] = "",
    as_json: AsJson = False,
) -> int:
    """Write what was wrong in one partner's files, for its data officer: row by row, by rule, and what nobody mapped.

    A row is named by file, part and position, and no person's value stands in the report. With --with-values the
    refused rows stand in it: whoever asks has an open account whose role may read sources, for a purpose of theirs;
    rows that hold the key of somebody who is protected, sealed or kept from them are left out, and the export is in the
    record. A .csv file holds the rows; sums by rule and what was not mapped go into files beside it. Exit code 1 where
    rows were refused, 5 where trust refuses.

    Example: braid reject-report place hallowmere-cin --out hallowmere-cin.xlsx
    """
    place = load_place(folder)
    chosen = next((one for one in place.feeds if one.id == feed), None)
    if chosen is None:
        raise typer.BadParameter(f"feeds are {', '.join(sorted(one.id for one in place.feeds))}", param_hint="FEED")
    files = _files(out)
    if any(path.exists() for path in files):
        raise typer.BadParameter("the file is there already; name a new one", param_hint="--out")
    run = current_run(place)
    if with_values:
        report = _report_with_values(_Asked(folder, run, chosen, rule), by, reference, purpose, files)
    else:
        report = _make(run, chosen, None, rule)
        _write(files, report, place, chosen, run, with_values=False)
    if as_json:
        print_json(_document(report, run, chosen, files))
    else:
        errors.print(
            f"{report.rows_refused} rows refused, {report.count - report.rows_refused} doubts and notes,"
            f" {len(report.unmapped)} things not mapped: {', '.join(path.name for path in files)}"
        )
    return 1 if report.rows_refused else 0


def _files(out: Path) -> tuple[Path, ...]:
    """Return what is written: one workbook, or a table of rows with two smaller ones beside it."""
    if out.suffix not in (".csv", ".xlsx"):
        raise typer.BadParameter("name a file that ends on .csv or .xlsx", param_hint="--out")
    if out.suffix == ".xlsx":
        return (out,)
    return (out, *(out.with_name(f"{out.stem}-{name}.csv") for name in ("by-rule", "not-mapped")))


def _make(run: Run, feed: Feed, keys_kept: frozenset[str] | None, rule: str) -> RejectReport:
    feeds = run.manifest["stages"]["read"]["feeds"]
    unmapped = {name: times for one in feeds if one["feed"] == feed.id for name, times in one["unmapped"].items()}
    with closing(open_run(run, names=("issue", "reject"))) as engine:
        return make_report(engine, feed.id, unmapped, keys_kept=keys_kept, rule=rule)


@dataclass(frozen=True)
class _Asked:
    folder: Path
    run: Run
    feed: Feed
    rule: str


def _report_with_values(asked: _Asked, by: str, reference: str, purpose: str, files: tuple[Path, ...]) -> RejectReport:
    if purpose not in PURPOSES:
        raise typer.BadParameter(f"name one of {', '.join(PURPOSES)}", param_hint="--purpose")
    run, feed = asked.run, asked.feed
    with acting(asked.folder, by, reference, PAGE) as acts:
        acts.check_role(_may_for(purpose), "read what stands in a partner's files for this purpose", purpose)
        _check_rows_of_feed(acts, run, feed, purpose)
        hidden = import_module("braid.web.acting").find_hidden(acts.actor)
        whole = _make(run, feed, _keys_kept(run, feed, hidden), asked.rule)
        report = replace(whole, faults=tuple(one for one in whole.faults if one.outcome == "reject"))
        if len(report.faults) > ALONE:
            raise RefusedByTrust(
                f"{len(report.faults)} refused rows are more than the {ALONE} that one person may export with what"
                " stands in them; narrow them with --rule, or write the report without values"
            )
        details = {"feed": feed.id, "run": run.id, "form": files[0].suffix[1:], "purpose": purpose}
        acts.record("exported", PAGE, details, row_count=len(report.faults))
        _write(files, report, acts.place, feed, run, with_values=True)
    return report


def _may_for(purpose: str) -> Callable[[Role], bool]:
    return lambda role: role.reads_sources and purpose in role.purposes


def _check_rows_of_feed(acts: Acting, run: Run, feed: Feed, purpose: str) -> None:
    """Raise `RefusedByTrust` where the feed has rows of a kind that the role may not see: a refused one may be such."""
    permitted = permitted_rows(acts.role, purpose)[0]
    with closing(open_run(run, names=("person_record", "stay", "wait", "event"))) as engine:
        found = {
            row["sensitivity"]
            for name in ("person_record", "stay", "wait", "event")
            for row in engine.rows(f"select distinct sensitivity from {name} where feed = ?", [feed.id])
        }
    if not found <= permitted:
        raise RefusedByTrust(
            f"feed {feed.id!r} has rows that the role {acts.role.code!r} may not see for this purpose; write the report"
            " without values, or ask a colleague whose role may"
        )


def _keys_kept(run: Run, feed: Feed, hidden: frozenset[str]) -> frozenset[str]:
    """Return the partner's keys of the people of a feed who are protected, sealed, or kept from whoever asks."""
    with closing(open_run(run, names=("person_record", "person_link", "person", "sealed_person"))) as engine:
        rows = engine.rows(
            "select r.partner_record_id as partner_key, l.person_id, p.location_withheld from person_record r"
            " left join person_link l on l.person_record_id = r.record_id"
            " left join person p on p.person_id = l.person_id where r.feed = ?",
            [feed.id],
        )
        sealed = {row["person_id"] for row in engine.rows("select person_id from sealed_person")}
    return frozenset(
        row["partner_key"]
        for row in rows
        if row["location_withheld"] or row["person_id"] in sealed or row["person_id"] in hidden
    )


def _write(
    files: tuple[Path, ...], report: RejectReport, place: Place, feed: Feed, run: Run, *, with_values: bool
) -> None:
    tables = _tables(report, feed, with_values=with_values)
    today = dt.datetime.now(dt.UTC).date()
    made_for = place.organisation(feed.organisation).name
    purpose = Purpose(made_for, run.id, today, today + dt.timedelta(KEEP_DAYS))
    if len(files) == 1:
        files[0].write_bytes(export_book(f"What was wrong in {feed.id}", tables, purpose).content)
        return
    contents = [export_table(table, Form.CSV, purpose).content for table in tables.values()]
    for path, content in zip(files, contents, strict=True):
        path.write_bytes(content)


def _tables(report: RejectReport, feed: Feed, *, with_values: bool) -> dict[str, ExportTable]:
    notes = (
        "A row is named by its place in the file that was sent, counted from 1 with the heading.",
        *([f"The first {MOST_FAULTS:,} of {report.count:,} are listed."] if report.count > MOST_FAULTS else []),
    )
    columns = (*COLUMNS, WITH_VALUES) if with_values else COLUMNS
    rows = tuple(_cells(one, with_values) for one in report.faults)
    rules = tuple((OUTCOMES[one.outcome], one.rule, one.field, one.times, one.message) for one in report.rules)
    return {
        "Rows": ExportTable(f"What was wrong in {feed.id}", feed.id, columns, rows, notes, person_level=with_values),
        "By rule": ExportTable(f"Rules broken in {feed.id}", feed.id, RULE_COLUMNS, rules),
        "Not mapped": ExportTable(
            f"Not mapped in {feed.id}",
            feed.id,
            UNMAPPED_COLUMNS,
            tuple((one.what, one.times) for one in report.unmapped),
            ("Columns, elements and codes that were counted and of which nothing was made.",),
        ),
    }


def _cells(fault: Fault, with_values: bool) -> tuple[str, ...]:
    cells = (
        fault.file_name,
        fault.part,
        fault.position,
        OUTCOMES[fault.outcome],
        fault.rule,
        fault.field,
        fault.message,
    )
    return (*cells, fault.row) if with_values else cells


def _document(report: RejectReport, run: Run, feed: Feed, files: tuple[Path, ...]) -> dict[str, Any]:
    return {
        "run": run.id,
        "feed": feed.id,
        "files": [path.name for path in files],
        "rows_refused": report.rows_refused,
        "faults": report.count,
        "rules": [dict(one.__dict__) for one in report.rules],
        "unmapped": {one.what: one.times for one in report.unmapped},
    }
