"""`braid issues [DIR]`: what was wrong in whose files, without a person's value, ready to send back."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated, Any

import typer

from braid.cli.arguments import AsJson, PlaceFolder
from braid.cli.output import errors, print_json, print_table
from braid.cli.waits import current_run
from braid.pipeline import open_run
from braid.store.exports import ExportTable, Form, Purpose, export_table
from braid.store.place_folder import Place, load_place

COLUMNS = ("feed", "file_name", "severity", "rule", "field", "position", "message")
KEEP_DAYS = 90
"""How long a file of issues may be used: by then the partner has sent newer extracts."""


def issues(
    folder: PlaceFolder = Path(),
    feed: Annotated[str, typer.Option("--feed", help="Only this feed, as place.toml names it.")] = "",
    out: Annotated[Path | None, typer.Option("--out", help="Write every issue to this CSV file as well.")] = None,
    as_json: AsJson = False,
) -> int:
    """Say what was wrong in the files of the visible run: rows refused and rows read with a doubt, by feed and rule.

    No person's value stands in it: a row is named by file and position, so that the partner can find it. Exit code 1
    where rows were refused.

    Example: braid issues place --feed hospital-waiting-list --out hospital.csv
    """
    place = load_place(folder)
    known = {each.id for each in place.feeds}
    if feed and feed not in known:
        raise typer.BadParameter(f"feeds are {', '.join(sorted(known))}", param_hint="--feed")
    if out is not None and out.exists():
        raise typer.BadParameter("the file is there already; name a new one", param_hint="--out")
    found = _issues(place, feed)
    if out is not None:
        _write(out, found, place, feed)
        errors.print(f"{len(found)} issues written to {out}")
    if as_json:
        print_json({"run": current_run(place).id, "count": len(found), "issues": found})
    else:
        _show(place, found)
    return 1 if any(issue["severity"] == "reject" for issue in found) else 0


def _issues(place: Place, feed: str) -> list[dict[str, Any]]:
    engine = open_run(current_run(place), names=("issue",))
    rows = engine.rows(f"select {', '.join(COLUMNS)} from issue order by feed, severity, rule, file_name, position")
    engine.close()
    return [row for row in rows if feed in ("", row["feed"])]


def _show(place: Place, found: list[dict[str, Any]]) -> None:
    """Print one line a feed, severity, rule and field, with how often, where first, and whom to ask."""
    groups: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for issue in found:
        groups.setdefault((issue["feed"], issue["severity"], issue["rule"], issue["field"] or ""), []).append(issue)
    rows = [
        [*key, len(group), f"{group[0]['file_name']} {group[0]['position'] or ''}".strip(), group[0]["message"]]
        for key, group in groups.items()
    ]
    print_table("What was wrong", ["feed", "severity", "rule", "field", "times", "first at", "message"], rows)
    owners = {feed.id: place.organisation(feed.organisation) for feed in place.feeds}
    asked = sorted({f"{owners[key[0]].name} {owners[key[0]].contact}".strip() for key in groups if key[0] in owners})
    errors.print("Whom to ask: " + "; ".join(asked) if asked else "Nothing was wrong.")


def _write(path: Path, found: list[dict[str, Any]], place: Place, feed: str) -> None:
    """Write issues as CSV through the one exporter, made for the partner whose feed it is, or for the place."""
    partner = next((place.organisation(each.organisation).name for each in place.feeds if each.id == feed), place.name)
    today = dt.datetime.now(dt.UTC).date()
    rows = tuple(tuple(issue[name] for name in COLUMNS) for issue in found)
    purpose = Purpose(partner, current_run(place).id, today, today + dt.timedelta(KEEP_DAYS))
    table = ExportTable("What was wrong", feed or "every feed", COLUMNS, rows)
    path.write_bytes(export_table(table, Form.CSV, purpose).content)
