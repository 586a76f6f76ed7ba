"""`braid waits [DIR]`: people waiting in two or more backlogs, and how good that list is against the truth."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated, Any

import typer

from braid.cli.arguments import AsJson, PlaceFolder
from braid.cli.output import output, print_json, print_table
from braid.cli.refusals import role_that_sees_people
from braid.language.codes import BACKLOGS, WAIT_KINDS
from braid.pipeline import new_engine, open_run
from braid.problems.load import load_statements
from braid.store.lake import Lake, Run
from braid.store.place_folder import Place, PlaceInvalid, load_place
from braid.waits.listing import list_people
from braid.waits.quality import Score, TruthReport, compare, compare_given_true_links

SHOWN_PEOPLE = 20


def waits(
    folder: PlaceFolder = Path(),
    role: Annotated[str, typer.Option("--role", help="The role that asks; it sees what the role may see.")] = "analyst",
    against: Annotated[str, typer.Option("--against", help="`truth` prints precision and recall.")] = "",
    least: Annotated[int, typer.Option("--backlogs", min=1, max=11, help="At least so many backlogs.")] = 2,
    as_json: AsJson = False,
) -> int:
    """List people who wait in two or more backlogs: how long, against which clock, what holds what, whose move it is.

    Example: braid waits place --json
    """
    place = load_place(folder)
    asker = role_that_sees_people(role)
    run = current_run(place)
    if against:
        return _against(place, run, against, as_json=as_json)
    engine = open_run(run, names=("person", "person_wait", "blocker", "cohort"))
    people = list_people(engine, asker, least)
    engine.close()
    if as_json:
        head = {"run": run.id, "as_of": run.manifest["as_of"], "role": role, "count": len(people)}
        print_json({**head, "people": people})
    else:
        _show(people)
    return 0


def current_run(place: Place) -> Run:
    """Return the visible run; raise `PlaceInvalid` with the next step where the place was never run."""
    run = Lake(place.lake_folder).current()
    if run is None:
        raise PlaceInvalid(f"{place.name} was never run; type: braid run {place.folder.name}")
    return run


def _show(people: list[dict[str, Any]]) -> None:
    rows = [
        [
            person["person_id"][:8],
            " + ".join(BACKLOGS[code].name for code in person["backlogs"]),
            person["longest_days"],
            len(person["blockers"]),
            _next_action(person),
        ]
        for person in people[:SHOWN_PEOPLE]
    ]
    print_table(
        f"{len(people):,} people wait in two or more backlogs",
        ["person", "waits for", "longest, days", "blockers", "next action, and whose"],
        rows,
    )
    if len(people) > SHOWN_PEOPLE:
        output.print(f"and {len(people) - SHOWN_PEOPLE:,} more; --json lists them all")


def _next_action(person: dict[str, Any]) -> str:
    if not person["blockers"]:
        return ""
    first = person["blockers"][0]
    held = WAIT_KINDS[first["holds"]].name
    return f"{held}: {first['next_action']} ({first['owner_role']}, {first['owner_organisation']})"


def _against(place: Place, run: Run, what: str, *, as_json: bool) -> int:
    truth = place.folder / "truth"
    if what != "truth":
        raise typer.BadParameter("write --against truth", param_hint="--against")
    if not truth.is_dir():
        raise PlaceInvalid(f"{place.name} has no truth/ folder; only an example place knows the truth")
    linked, given = _compare(place, run, truth)
    if as_json:
        print_json({"run": run.id, **linked.as_document(), "given_true_links": given.as_document()})
    else:
        _show_scores("As the chain found it", linked)
        _show_scores("Given true links: the error that is left is not linking's", given)
    return 0


def _compare(place: Place, run: Run, truth: Path) -> tuple[TruthReport, TruthReport]:
    engine, spare = open_run(run), new_engine()
    rules = [rule for statement in load_statements(place.folder) for rule in statement.rules]
    as_of = dt.date.fromisoformat(run.manifest["as_of"])
    try:
        given = compare_given_true_links(engine, spare, truth, place.calendar, as_of, rules)
        return compare(engine, truth), given
    finally:
        spare.close()
        engine.close()


def _show_scores(title: str, report: TruthReport) -> None:
    rows: list[tuple[str, Score]] = [
        ("people in two or more backlogs", report.multi_backlog),
        ("pairs of backlogs", report.backlog_pairs),
        *((f"wait: {WAIT_KINDS[kind].name}", score) for kind, score in report.kinds.items()),
        *((f"blocker: {rule}", score) for rule, score in report.blockers.items()),
    ]
    print_table(
        title,
        ["", "found", "true", "both", "precision", "recall"],
        [[name, s.found, s.true, s.both, _share(s.precision), _share(s.recall)] for name, s in rows],
    )


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"
