"""`braid plan`: answer a problem of planning from a file, and check any plan against its problem."""

from __future__ import annotations

import datetime as dt
import math
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from braid.cli.arguments import AsJson, PlaceFolder
from braid.cli.output import errors, output, plain, print_json, print_table
from braid.cli.portfolio import silo
from braid.cli.waits import current_run
from braid.language.documents import DocumentInvalid, as_json_document, write
from braid.language.rule_files import Fault
from braid.pipeline import open_run
from braid.planning.contract import Certificate, Checked, Level, Limits, Plan
from braid.planning.kinds import KINDS, Kind, kind_of
from braid.planning.portfolio.compare import Comparison, compare
from braid.problems.plans.run import (
    Planned,
    PlannedList,
    Planner,
    list_units,
    plan_kinds,
    plan_listing,
    plan_placements,
)
from braid.store.engine import Engine
from braid.store.lake import Run
from braid.store.place_folder import Place, PlaceInvalid
from braid.store.plan_folder import open_plan_key, write_private

plans = typer.Typer(help="Answer a problem of planning, and check a plan.", no_args_is_help=True)
REFUSED = 1
WALL_CLOCK = 1.0
"""Of the seconds given, after how many times that the clock ends a search that its count of steps has not ended."""

AIMS = {
    "out_of_reach": "children out of reach of their school",
    "exam_year": "children upset in an examination year",
    "bed_and_breakfast": "families in bed and breakfast",
    "out_of_area": "households outside their district",
    "beyond_walking": "children beyond walking distance",
    "school_minutes": "minutes a day on ways to school",
    "move": "households that move",
    "pound": "pounds a night",
    "home_km": "kilometres from home",
}
"""The levels of placements, as people say them."""
LIST_AIMS = {
    "unlisted": "hearings without a place",
    "late_sessions": "half days that final hearings are past 26 weeks, weighted",
    "waited_sessions": "half days between ready and heard, weighted",
    "judge_changes": "hearings before another than the allocated judge, weighted",
    "spread_weeks": "weeks between the longest and the shortest mean wait of an authority",
    "moves": "notified hearings that move",
}
"""The levels of listing, as people say them."""
OUTCOMES = {
    "mean_weeks": "weeks to conclusion",
    "in_26_weeks": "share in 26 weeks",
    "concluded": "concluded",
    "wasted_judge_days": "judge-days wasted",
    "judge_changed": "judge changed",
    "moves_per_heard": "moves a hearing",
}
"""What a policy of listing is told by."""

Out = Annotated[Path | None, typer.Option("--out", help="Where to write the plan.", show_default="nowhere")]
Problem = Annotated[Path, typer.Argument(help="A problem file (JSON; schemas: docs/reference).")]


@plans.command("check")
def check(
    problem: Problem,
    plan: Annotated[Path, typer.Argument(help="A plan that answers it (JSON).")],
    as_json: AsJson = False,
) -> int:
    """Say whether a plan keeps every hard rule of its problem, and what it is worth, derived again without a solver.

    Exit code 0 where it does and its certificate says what is so; 1 where a rule is broken, with every broken rule;
    3 where a file cannot be read.

    Example: braid plan check problem.json plan.json
    """
    kind = kind_of(problem)
    checked = kind.check(kind.read_problem(problem), kind.read_plan(plan))
    if as_json:
        print_json(_checked_document(kind, checked))
    else:
        _show_checked(kind, checked)
    return 0 if checked.passes else REFUSED


def _checked_document(kind: Kind, checked: Checked) -> dict[str, Any]:
    return {
        "kind": kind.name,
        "feasible": checked.passes,
        "value": checked.value,
        "levels": [as_json_document(level) for level in checked.levels],
        "broken": [{"rule": each.rule, "about": list(each.about)} for each in checked.broken],
    }


def _show_checked(kind: Kind, checked: Checked) -> None:
    for broken in checked.broken:
        errors.print(plain(f"broken rule: {broken}").replace("\n", "?"), markup=False)
    _show_levels(kind.title, checked.levels, checked.value)
    output.print(
        "Every hard rule holds, and the certificate's levels and value are so. Its bound is its maker's word."
        if checked.passes
        else f"{len(checked.broken)} rules are broken."
    )


def _show_levels(title: str, levels: tuple[Level, ...], value: float) -> None:
    rows = [(level.name, _figure(level.amount), _figure(level.price), _figure(level.value)) for level in levels]
    print_table(title, ("aim", "amount", "price", "value"), [*rows, ("in all", "", "", _figure(value))])


def _figure(number: float) -> str:
    return f"{number:,.2f}".removesuffix(".00")


def _make_command(kind: Kind) -> Callable[..., int]:
    def solve(
        problem: Problem,
        out: Annotated[
            Path | None, typer.Option("--out", help="Where to write the plan.", show_default="nowhere")
        ] = None,
        seconds: Annotated[float, typer.Option("--seconds", min=0.1, max=86400, help="How long to search.")] = 60.0,
        seed: Annotated[int, typer.Option("--seed", min=0, help="The same seed gives the same plan.")] = 1,
        before: Annotated[
            Path | None, typer.Option("--before", help="The plan before, to say what changed.", show_default="none")
        ] = None,
        as_json: AsJson = False,
    ) -> int:
        asked = kind.read_problem(problem)
        earlier = kind.read_plan(before) if before else None
        limits = Limits(seed=seed, seconds=seconds, stop_seconds=seconds * WALL_CLOCK)
        with _native_output_to_errors():
            plan = kind.solve(asked, limits, earlier)
        if out is not None:
            _write(out, plan)
        if as_json:
            print_json(as_json_document(plan))
        else:
            _show(kind, plan)
        return 0

    solve.__doc__ = _help(kind)
    return solve


def _help(kind: Kind) -> str:
    return (
        f"{kind.help}\n\nThe seconds are turned into steps before the search begins: the same file, seed and seconds"
        " give the same plan, unless a slower machine's clock ends it first, which the certificate then says. Every"
        " plan is checked by rules of its own before it is written.\n\n"
        f"Example: braid plan {kind.name} problem.json --out plan.json --seconds 60"
    )


@plans.command("compare")
def compare_purses(
    problem: Problem,
    seconds: Annotated[float, typer.Option("--seconds", min=0.1, max=86400, help="How long to search each.")] = 60.0,
    as_json: AsJson = False,
) -> int:
    """Say what a portfolio brings with separate purses, with aligned aims, pooled, and so that nobody loses.

    Between them lies the price of the silo: what it costs that aims differ, and what ring-fences cost. Every plan is
    checked.

    Example: braid plan compare portfolio.json
    """
    kind = KINDS["portfolio"]
    asked = kind.read_problem(problem)
    with _native_output_to_errors():
        compared = compare(asked, Limits(seconds=seconds), kind.solve)
    if as_json:
        print_json(_comparison_document(compared))
        return 0
    bodies = [body.id for body in asked.bodies]
    rows = [
        (worth.purse, _figure(worth.value), *[_figure(worth.by_body[body]) for body in bodies])
        for worth in compared.worths
    ]
    print_table("What each purse brings", ("purse", "to all", *bodies), rows)
    output.print(_price_in_words(compared))
    return 0


plans.command("silo")(silo)


def _price_in_words(compared: Comparison) -> str:
    if not math.isfinite(compared.price_of_silo):
        return "Apart, the bodies bring nothing at all: the price of the silo is no share of that."
    aims, fences = f"{compared.misaligned_aims:.1%}", f"{compared.ring_fences:.1%}"
    return (
        f"The price of the silo is {compared.price_of_silo:.1%}: {aims} by aims that differ, then {fences} by"
        f" ring-fences. That nobody loses costs {compared.protection:.1%}."
    )


def _comparison_document(compared: Comparison) -> dict[str, Any]:
    return {
        "purses": [
            {"purse": worth.purse, "value": worth.value, "by_body": worth.by_body, "gap": worth.plan.certificate.gap}
            for worth in compared.worths
        ],
        "price_of_silo": _finite(compared.price_of_silo),
        "misaligned_aims": _finite(compared.misaligned_aims),
        "ring_fences": _finite(compared.ring_fences),
        "protection": _finite(compared.protection),
    }


def _finite(share: float) -> float | None:
    """JSON has no infinity: a gain over nothing is none."""
    return share if math.isfinite(share) else None


@plans.command("journeys")
def journeys(
    problem: Problem,
    out: Annotated[Path, typer.Option("--out", help="Where to write the problem with its journeys.")],
    streets: Annotated[
        Path | None, typer.Option("--streets", help="An OpenStreetMap extract (.osm.pbf, .osm).", show_default="none")
    ] = None,
    timetable: Annotated[
        Path | None, typer.Option("--timetable", help="A GTFS file (.zip).", show_default="none")
    ] = None,
    date: Annotated[str, typer.Option("--date", help="The school day, yyyy-mm-dd.", show_default="the plan's")] = "",
    bell: Annotated[str, typer.Option("--bell", help="When school begins, hh:mm.")] = "08:45",
) -> int:
    """Route the ways to school of a problem of placements over streets and timetable that a place brings.

    What nothing routes stays an estimate, of which "within" is never said.

    Example: braid plan journeys problem.json --streets place.osm.pbf --timetable buses.zip --out routed.json
    """
    if streets is None and timetable is None:
        raise typer.BadParameter("give --streets, --timetable or both", param_hint="--streets")
    kind = KINDS["placements"]
    asked = kind.read_problem(problem)
    day, ring = _day(date) or asked.on_date, _time(bell)
    networks = import_module("braid.planning.travel.run").read_networks(streets, timetable, day, ring)
    routed = import_module("braid.planning.placements.journeys").route_journeys(asked, networks)
    _write(out, routed)
    errors.print(plain(f"{len(routed.journeys):,} journeys routed: {out}"), markup=False)
    return 0


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError:
        raise typer.BadParameter("write the day as yyyy-mm-dd", param_hint="--date") from None


def _time(text: str) -> dt.time:
    try:
        return dt.time.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter("write the time as hh:mm", param_hint="--bell") from None


@plans.command("policies")
def policies(
    problem: Problem,
    weeks: Annotated[int, typer.Option("--weeks", min=1, max=520, help="Weeks to simulate, from its first day.")] = 40,
    seed: Annotated[int, typer.Option("--seed", min=0, help="When each hearing is really ready.")] = 1,
    steps: Annotated[int, typer.Option("--steps", min=1, max=1_000_000, help="Steps of the search a week.")] = 2_000,
    as_json: AsJson = False,
) -> int:
    """Simulate weeks of listing as it is done today, by the readiness feed, and made anew each week.

    All meet the same cases and readiness, drawn from a listing problem whose horizon is longer than the weeks; cases
    that are issued later arrive on their day. Compare at the same share of changed judges, never by one row each.

    Example: braid plan policies court.json --weeks 40
    """
    asked = KINDS["listing"].read_problem(problem)
    simulated = import_module("braid.planning.listing.rolling").compare_policies(asked, weeks, seed, steps)
    with _native_output_to_errors():
        outcomes = [{"policy": name, **vars(outcome)} for name, outcome in simulated]
    if as_json:
        print_json({"weeks": weeks, "seed": seed, "outcomes": outcomes})
        return 0
    columns = ("policy", *OUTCOMES.values())
    rows = [(each["policy"], *[_figure(round(float(each[name]), 2)) for name in OUTCOMES]) for each in outcomes]
    print_table(f"{weeks} weeks of listing", columns, rows)
    return 0


class PlaceKind(StrEnum):
    """What a run can be planned as."""

    PLACEMENTS = "placements"
    LISTING = "listing"


@plans.command("place")
def place(
    folder: PlaceFolder = Path(),
    kind: Annotated[
        PlaceKind | None, typer.Option("--kind", help="Plan this kind alone.", show_default="all that can be")
    ] = None,
    seconds: Annotated[float, typer.Option("--seconds", min=0.1, max=86400, help="How long to search each.")] = 30.0,
    seed: Annotated[int, typer.Option("--seed", min=0, help="The same seed gives the same plan.")] = 1,
    as_json: AsJson = False,
) -> int:
    """Plan what the current run of a place holds enough for: placements of households, and the lists of a court.

    Problem and plan are kept beside the run, readable by this user alone; this shows sums over all of them. In
    placements, whoever is protected is planned by people who may know of it and stands in neither. Listing is for
    judges to decide. Nothing happens by a plan: people accept it, change it or refuse it on the placement board and the
    listing board, and the next plan takes what they decided as given. A kind for which no partner
    sends what it needs is told, and the others are planned. Exit code 1 where one could not be planned for what a
    partner sent wrongly, 2 where none can be.

    Example: braid plan place place --kind listing
    """
    limits = Limits(seed, seconds, seconds * WALL_CLOCK)
    with _place_to_plan(folder) as known, _native_output_to_errors():
        run = current_run(known)
        planners: dict[str, Planner] = {
            "placements": lambda: plan_and_show(known, run, limits),
            "listing": lambda: list_and_show(known, run, limits),
        }
        planned, hindered = plan_kinds({kind.value: planners[kind.value]} if kind else planners)
    if kind and hindered:
        raise hindered[kind.value]
    if not planned:
        raise PlaceInvalid("; ".join(f"{name}: {why}" for name, why in hindered.items()))
    code = REFUSED if any(isinstance(why, DocumentInvalid) for why in hindered.values()) else 0
    if as_json:
        told = {name: {"kind": name, "not_planned": str(why)} for name, why in hindered.items()}
        print_json({name: _planned_document(each) for name, each in planned.items()} | told)
        return code
    for each in planned.values():
        _show_planned(each)
    for name, why in hindered.items():
        errors.print(plain(f"{name} not planned: {why}"), markup=False)
    return code


@contextmanager
def _place_to_plan(folder: Path) -> Iterator[Place]:
    """Open a place and its database: what people decided of earlier plans rests there."""
    with import_module("braid.web.serve").place_database(folder) as (known, _):
        yield known


def plan_and_show(place: Place, run: Run, limits: Limits) -> Planned:
    """Plan the placements of a run by what people decided before, and show the plan where pages show that run.

    Called with the place's database open. Raises `NoPlan`, `PlanRefused`.
    """
    key, units = open_plan_key(place.lake_folder), list_units(run, open_tables)
    decided = import_module("braid.web.proposals.answering").read_decided(key, units)
    planned = plan_placements(place, run, open_tables, limits, decided)
    _show_plans(place, run)
    return planned


def list_and_show(place: Place, run: Run, limits: Limits) -> PlannedList:
    """Plan the court list of a run by what people decided before, and show it where pages show that run.

    Called with the place's database open. Raises `NotPosed`, `DocumentInvalid`, `PlanRefused`.
    """
    decided = import_module("braid.web.proposals.listing_answering").read_decided_hearings()
    planned = plan_listing(place, run, open_tables, limits, decided)
    _show_plans(place, run)
    return planned


def _show_plans(place: Place, run: Run) -> None:
    published = import_module("braid.web.published").find_published_run()
    if published is not None and published.run_id == run.id:
        import_module("braid.web.proposals.publishing").show_plans(run, place)


def open_tables(run: Run, names: tuple[str, ...]) -> Engine:
    """Return an engine with tables of a run. Raises `PlaceInvalid` where the run is older than one of them."""
    missing = [name for name in names if not run.table(name).is_file()]
    if missing:
        raise PlaceInvalid(f"the current run has no table {missing[0]}; run again with: braid run --again")
    return open_run(run, names=names)


def _planned_document(planned: Planned | PlannedList) -> dict[str, Any]:
    return _list_document(planned) if isinstance(planned, PlannedList) else _placements_document(planned)


def _show_planned(planned: Planned | PlannedList) -> None:
    if isinstance(planned, PlannedList):
        _show_list(planned)
    else:
        _show_placements(planned)


def _placements_document(planned: Planned) -> dict[str, Any]:
    certificate = planned.plan.certificate
    return {
        "kind": "placements",
        "households": len(planned.problem.households),
        "units": len(planned.problem.units),
        "unlawful_today": planned.staying.unlawful,
        "today": {level.name: level.amount for level in planned.staying.levels},
        "planned": {level.name: level.amount for level in certificate.levels},
        "moves": len(planned.plan.moves.steps),
        "gap": certificate.gap,
        "left": vars(planned.left),
        "folder": str(planned.folder),
    }


def _show_placements(planned: Planned) -> None:
    today = {level.name: level.amount for level in planned.staying.levels}
    rows = [
        (AIMS.get(level.name, level.name), _figure(today.get(level.name, 0.0)), _figure(level.amount))
        for level in planned.plan.certificate.levels
        if level.name != "unplaced"
    ]
    # Whoever is unplaced keeps the unit that they have: no lawful one was left for them.
    rows.insert(0, ("households where they may not be", str(planned.staying.unlawful), str(len(planned.plan.unplaced))))
    households, units = len(planned.problem.households), len(planned.problem.units)
    print_table(f"{households:,} households, {units:,} units", ("aim", "today", "planned"), rows)
    output.print(plain(_words_of(planned.plan.certificate)), markup=False)
    steps = len(planned.plan.moves.steps)
    errors.print(plain(f"{steps:,} moves in an order in which they can be made: {planned.folder}"), markup=False)


def _list_document(planned: PlannedList) -> dict[str, Any]:
    certificate = planned.plan.certificate
    return {
        "kind": "listing",
        "cases": len(planned.problem.cases),
        "hearings": len(planned.problem.hearings),
        "held": sum(hearing.hold != "free" for hearing in planned.problem.hearings),
        "judges": len(planned.problem.judges),
        "unlisted": len(planned.plan.unlisted),
        "planned": {level.name: level.amount for level in certificate.levels},
        "gap": certificate.gap,
        "early_signals": len(planned.signals),
        "left": {
            "requests": planned.reasons,
            "unreadable": planned.left.unreadable,
            "unmapped": dict(planned.left.unmapped),
            "unknown_people": planned.left.unknown_people,
            "decisions_lost": planned.left.decisions_lost,
        },
        "folder": str(planned.folder),
    }


def _show_list(planned: PlannedList) -> None:
    problem, certificate = planned.problem, planned.plan.certificate
    rows = [(LIST_AIMS.get(level.name, level.name), _figure(level.amount)) for level in certificate.levels]
    title = f"{len(problem.hearings):,} hearings of {len(problem.cases):,} cases before {len(problem.judges):,} judges"
    print_table(title, ("aim", "planned"), rows)
    output.print(plain(_words_of(certificate)), markup=False)
    for why, count in planned.reasons.items():
        errors.print(plain(f"left to people, {count:,}: {why}"), markup=False)
    if planned.left.unreadable:
        errors.print(
            f"requests that could not be read, {planned.left.unreadable:,}: braid issues says why", markup=False
        )
    signals = f"{len(planned.signals):,} listed hearings are unlikely to be ready on their day: {planned.folder}"
    errors.print(plain(signals), markup=False)


for _kind in KINDS.values():
    plans.command(_kind.name)(_make_command(_kind))


def _write(path: Path, document: object) -> None:
    fresh = path.with_name(f".{path.name}.part")
    try:
        fresh.unlink(missing_ok=True)
        write_private(fresh, write(document))
        fresh.replace(path)
    except OSError as error:
        fault = Fault(path.name, "file", "it cannot be written", "name a place that this user may write to")
        raise DocumentInvalid([fault]) from error


def _show(kind: Kind, plan: Plan) -> None:
    certificate = plan.certificate
    _show_levels(kind.title, certificate.levels, certificate.value)
    output.print(plain(_words_of(certificate)), markup=False)
    if plan.diff is not None:
        output.print(f"{len(plan.diff.changes)} changed since the plan before, {plan.diff.unchanged} did not.")
    if plan.reasons:
        output.print(f"{len(plan.reasons)} items come with reasons.")


def _words_of(certificate: Certificate) -> str:
    gap = certificate.gap
    if gap is None:
        told = "How far it is from the best was not proved"
    elif gap == 0:
        told = "Proved the best there is"
    else:
        told = f"At most {gap:.2%} from the best ({certificate.bound_method}: {_figure(certificate.bound or 0)})"
    repeat = "" if certificate.repeatable else " The clock ended the search: another run may find another plan."
    return f"{told}. {certificate.engine}, {certificate.seconds:.1f} seconds, seed {certificate.seed}.{repeat}"


@contextmanager
def _native_output_to_errors() -> Iterator[None]:
    """Send what a solver's library prints past Python to standard error: standard output is the document's own."""
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
