"""`braid run [DIR]`: the whole chain, resumable, with a closing summary."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from braid.cli.arguments import AsJson, AsOf, PlaceFolder, find_day
from braid.cli.output import errors, plain, print_json, print_table, steps
from braid.people.drift import describe_drift
from braid.pipeline import STAGES, RunReport, run_chain
from braid.store.place_folder import SNAPSHOTS, Place, load_place
from braid.store.portable import ENGINES

SHOWN_DOUBTS = 12
LOST = 0.2
"""A feed that lost a larger share of its rows since the run before may be cut off: nothing inside a file tells that."""


def run(
    folder: PlaceFolder = Path(),
    as_of: AsOf = "",
    again: Annotated[bool, typer.Option("--again", help="Run although nothing changed since the last run.")] = False,
    full: Annotated[
        bool, typer.Option("--full", help="Reckon everybody's waits, not only whom a change touches.")
    ] = False,
    engine: Annotated[
        str,
        typer.Option("--engine", help="What links and reckons: duckdb, or spark; left out, what place.toml says."),
    ] = "",
    each_week: Annotated[bool, typer.Option("--each-week", help="Run for each extract date, oldest first.")] = False,
    as_json: AsJson = False,
) -> int:
    """Read every partner's newest extract, link people, reckon waits, find blockers, publish.

    On a run before, waits are reckoned anew only for the people whom a change touches; the manifest says which.
    A run that was interrupted goes on where it stopped. Exit code 1 where rows were rejected: they are listed.

    Example: braid run place
    """
    if each_week and as_of:
        raise typer.BadParameter("give --each-week or --as-of, not both", param_hint="--as-of")
    if engine and engine not in ENGINES:
        raise typer.BadParameter(f"there are the engines {' and '.join(ENGINES)}", param_hint="--engine")
    place = load_place(folder)
    days = place.extract_dates() if each_week else [find_day(as_of)]
    report, rejected = None, 0
    for day in days or [None]:
        with steps(STAGES) as tell:
            report = run_chain(place, day, tell=tell, again=again, full=full, engine=engine or None)
        rejected += report.rejected
        if not as_json:
            show_report(place, report)
    assert report is not None
    if as_json:
        print_json({"run": report.run.id, "fresh": report.fresh, "rejected": report.rejected, **report.run.manifest})
    return 1 if rejected else 0


def show_report(place: Place, report: RunReport) -> None:
    """Print the closing summary: rows, people, waits, blockers, and what looks wrong in a feed and whom to ask."""
    stages = report.run.manifest["stages"]
    if not report.fresh:
        errors.print(f"Nothing has changed since run {report.run.id}; nothing was done. --again runs all the same.")
    reckoned = report.run.manifest.get("reckoned", {})
    if report.fresh and reckoned.get("how") == "delta":
        people, everybody = reckoned["persons"], reckoned["persons_in_all"]
        errors.print(f"Waits were reckoned anew for {people} of {everybody} people, on run {reckoned['of']}.")
    feeds = stages["read"]["feeds"]
    totals = [sum(feed[key] for feed in feeds) for key in ("rows_in", "rows_read", "rows_rejected")]
    print_table(
        f"{place.name}, as at {report.run.manifest['as_of']}",
        ["", "number"],
        [
            ["extract rows in", totals[0]],
            ["read", totals[1]],
            ["rejected", totals[2]],
            *[[name, value] for name, value in _numbers(stages["link"])],
            *[[name, value] for name, value in _numbers(stages["waits"])],
            *[[name, value] for name, value in _numbers(stages["problems"])],
        ],
    )
    ranked = sorted((doubt for feed in feeds for doubt in _doubts(place, feed)), key=lambda doubt: doubt[0])
    doubts = [row for _, row in ranked]
    if doubts:
        print_table("To look at", ["feed", "what", "times", "whom to ask"], doubts[:SHOWN_DOUBTS])
        if len(doubts) > SHOWN_DOUBTS:
            errors.print(f"and {len(doubts) - SHOWN_DOUBTS} more")
        errors.print(f"Every rule that was broken, and where: braid issues {place.folder.name}")
    arrived = [[feed["feed"], what] for feed in feeds for what in _arrivals(place, feed)]
    if arrived:
        print_table("Late, corrected or taken back", ["feed", "what"], arrived)
    for problem in (*stages["link"].get("problems", []), *describe_drift(stages["link"].get("drift", {}))):
        errors.print(plain(problem))
    if stages["link"].get("proposals"):
        verb = f"braid link proposals {place.folder.name} --by … --reference …"
        errors.print(f"Pairs of records that only a human may join: {verb}")


def _numbers(stage: dict[str, Any]) -> list[tuple[str, int]]:
    return [(name.replace("_", " "), value) for name, value in stage.items() if type(value) is int]


def _doubts(place: Place, feed: dict[str, Any]) -> list[tuple[int, list[Any]]]:
    """Return what looks wrong in a feed, each with its rank: what would make people vanish comes first."""
    owner = place.organisation(feed["organisation"])
    ask = f"{owner.name} {owner.contact}".strip()
    lost = (feed["rows_before"] or 0) - feed["rows_in"]
    new_columns = sum(name.isidentifier() and name.isupper() for name in feed["unmapped"])
    found = [
        *((0, f"extract of {date} could not be read", 1) for date in feed["unreadable"]),
        (1, "no extract", int(feed["as_of_date"] is None)),
        (2, "rows fewer than in the run before: cut off?", lost if lost > LOST * (feed["rows_before"] or 0) else 0),
        *((2, alert["words"], 1) for alert in feed.get("alerts", []) if alert["kind"] != "rows_fewer" or not lost),
        (3, "columns nobody mapped", new_columns),
        (4, "rows rejected", feed["rows_rejected"]),
    ]
    return [(rank, [feed["feed"], what, times, ask]) for rank, what, times in found if times]


def _arrivals(place: Place, feed: dict[str, Any]) -> list[str]:
    """Return what of a feed came late, was corrected, came again or was taken back, in words."""
    sends = next((one.sends for one in place.feeds if one.id == feed["feed"]), SNAPSHOTS)
    came = "is not read: a newer one stands" if sends == SNAPSHOTS else "was read in its place"
    return [
        *(f"extract of {date} came late and {came}" for date in feed.get("late", ())),
        *(f"corrected: {_named(name)}" for name in feed.get("corrected", ())),
        *(f"the same content as before came again as {_named(name)}" for name in feed.get("same", ())),
        *(f"no longer there: {_named(name)}" for name in feed.get("gone", ())),
        *(f"taken back: {name}" for name in feed.get("retracted", ())),
    ]


def _named(name: str) -> str:
    """Return a file's name below the folder of its feed."""
    return "/".join(name.split("/")[2:])
