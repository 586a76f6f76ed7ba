"""`braid waits [DIR]`: people waiting in two or more backlogs, and how good that list is against the truth."""

from __future__ import annotations

import datetime as dt
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from braid.cli.arguments import AsJson, PlaceFolder
from braid.cli.output import output, print_json, print_table
from braid.cli.refusals import RefusedByTrust, role_that_sees_people
from braid.language.codes import BACKLOGS, WAIT_KINDS
from braid.pipeline import new_engine, open_run
from braid.problems.load import load_statements
from braid.store.lake import Lake, Run
from braid.store.place_folder import Place, PlaceInvalid, load_place
from braid.trust.roles import Role
from braid.waits.quality import Score, TruthReport, compare, compare_given_true_links
from braid.web.serve import asking_app

SHOWN_PEOPLE = 20
DEMO_REFERENCE = "DEMO-1"


def waits(
    folder: PlaceFolder = Path(),
    by: Annotated[str, typer.Option("--by", help="The human who asks, by user name; they see what they may see.")] = "",
    reference: Annotated[
        str, typer.Option("--reference", help="Why: the reference of a case, an incident or a meeting.")
    ] = "",
    purpose: Annotated[
        str, typer.Option("--purpose", help="One purpose of the role.", show_default="every purpose of the role")
    ] = "",
    role: Annotated[
        str, typer.Option("--role", help="In a fictional place: ask as the demo user of this role.")
    ] = "analyst",
    against: Annotated[str, typer.Option("--against", help="`truth` prints precision and recall.")] = "",
    least: Annotated[int, typer.Option("--backlogs", min=1, max=11, help="At least so many backlogs.")] = 2,
    as_json: AsJson = False,
) -> int:
    """List people who wait in two or more backlogs: how long, against which clock, what holds what, whose move it is.

    People come with their ids. Whoever asks sees what they see on the pages, and each look is recorded.

    Example: braid waits place --by asmith --reference MTG-2026-041 --json
    """
    place = load_place(folder)
    if not by:
        role_that_sees_people(role)
    run = current_run(place)
    if against:
        return _against(place, run, against, as_json=as_json)
    with asking_app(folder) as place:
        user_name, role = who_asks(place, by, role)
        asker = role_that_sees_people(role)
        people = _people(user_name, asker, purpose, reference or ("" if by else DEMO_REFERENCE), least)
    if as_json:
        head = {"run": run.id, "as_of": run.manifest["as_of"], "by": user_name, "role": role, "count": len(people)}
        print_json({**head, "people": people})
    else:
        _show(people)
    return 0


def who_asks(place: Place, by: str, role: str) -> tuple[str, str]:
    """Return user name and role of who asks; raise `RefusedByTrust` where nobody is named or known."""
    accounts = import_module("braid.web.accounts")
    if by:
        named: tuple[str, str] | None = accounts.find_account(by)
        if named is None:
            raise RefusedByTrust(f"no open account of that name in {place.name}; add one with `braid user add`")
        return named
    found: tuple[str, str] | None = accounts.find_demo_account(role)
    if found is None:
        raise RefusedByTrust(
            "say who asks and why: --by USER --reference REF. Only a fictional place has users for a demo; add a human"
            " with `braid user add`"
        )
    return found


def _people(user_name: str, role: Role, purpose: str, reference: str, least: int) -> list[dict[str, Any]]:
    """Return the people of each purpose that the role has, or of the one named, longest wait first."""
    access = import_module("braid.web.access")
    if purpose and purpose not in role.purposes:
        raise RefusedByTrust(f"the purposes of the role {role.code!r} are {', '.join(sorted(role.purposes))}")
    found: dict[str, dict[str, Any]] = {}
    for one in [purpose] if purpose else sorted(role.purposes):
        viewer = import_module("braid.web.access.projections").Viewer(user_name, role.code, one, reference, "waits")
        try:
            listed = access.list_people(viewer, least)
        except access.NotPermitted:
            help_text = import_module("braid.web.reasons").REFERENCE_HELP
            raise RefusedByTrust(f"say why with --reference: {help_text}") from None
        for person in listed:
            known = found.setdefault(person["person_id"], person)
            if known is not person:
                _add(known, person)
    return sorted(found.values(), key=lambda person: (-person["longest_days"], person["person_id"]))


def _add(known: dict[str, Any], person: dict[str, Any]) -> None:
    """Add what another purpose shows of the same person."""
    for rows, key in (("waits", ("wait_id",)), ("blockers", ("rule_id", "held_wait_id", "holder_wait_id"))):
        there = {tuple(row[name] for name in key) for row in known[rows]}
        known[rows] += [row for row in person[rows] if tuple(row[name] for name in key) not in there]
    known["waits"].sort(key=lambda wait: (-wait["days"], wait["wait_id"]))
    known["backlogs"] = list(dict.fromkeys(wait["backlog"] for wait in known["waits"]))
    known["longest_days"] = known["waits"][0]["days"]
    known["total_days"] = sum(wait["days"] for wait in known["waits"])


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
    truth = place.truth_folder
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
        *([("held up, directly or down the line", report.held)] if report.held else []),
    ]
    print_table(
        title,
        ["", "found", "true", "both", "precision", "recall"],
        [[name, s.found, s.true, s.both, _share(s.precision), _share(s.recall)] for name, s in rows],
    )


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"
