"""`braid simulate`: what would happen to every list at once, as things are and under scenarios."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from braid.cli.arguments import AsJson
from braid.cli.output import errors, output, plain, print_json, print_table, shares
from braid.cli.plan import open_tables
from braid.cli.waits import current_run
from braid.language.documents import as_json_document, check_faults, read_document, write
from braid.language.rule_files import Fault, RulesInvalid
from braid.simulation import answer as answers
from braid.simulation.answer import Answer, Question
from braid.simulation.calibration import TABLES, banded, default_rules, pose
from braid.simulation.comparison import Comparison, Difference
from braid.simulation.consistency import IN_SHORT
from braid.simulation.engines.choice import Chosen, choose_engine
from braid.simulation.faults import faults
from braid.simulation.intervals import Interval
from braid.simulation.loads import loads
from braid.simulation.measures import Where, measures_of
from braid.simulation.model import Network
from braid.simulation.scenarios import Scenario
from braid.simulation.targets import (
    Reach,
    ReachQuestion,
    SensitivityQuestion,
    Swing,
    capacity_to_reach,
    find_swings,
    reach_faults,
    sensitivity_faults,
    simulate_until,
)
from braid.store.place_folder import load_place

NATIONAL = "national"
PLACE_WEEKS = 156
"""Weeks that a place is simulated for, unless asked otherwise."""
OTHERWISE = 1
THEIRS = "what the file says"
UNITS = {"people": "{:,.1f}", "weeks": "{:,.2f}", "share": "{:.1%}"}


class Engine(StrEnum):
    """Which engine simulates."""

    ANY = "any"
    COMPILED = "compiled"
    PLAIN = "plain"


@dataclass(frozen=True)
class _Header:
    """What every file of a simulation begins with."""

    kind: str


def simulate(
    what: Annotated[
        Path,
        typer.Argument(
            help="A network or a question (JSON; schemas: docs/reference), a place folder with a run, or: national.",
            show_default=False,
        ),
    ],
    scenarios: Annotated[
        list[Path] | None,
        typer.Option("--scenario", help="A scenario (JSON), once for each to set beside.", show_default="none"),
    ] = None,
    weeks: Annotated[
        int | None, typer.Option("--weeks", min=1, max=10_000, help="Weeks to simulate.", show_default=THEIRS)
    ] = None,
    replications: Annotated[
        int | None,
        typer.Option("--replications", min=1, max=answers.MOST_REPLICATIONS, help="How often.", show_default=THEIRS),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option("--seed", min=0, help="The same seed gives the same digits.", show_default=THEIRS),
    ] = None,
    level: Annotated[
        float | None,
        typer.Option("--level", min=0.5, max=0.999, help="At which intervals hold.", show_default=THEIRS),
    ] = None,
    reach: Annotated[
        Path | None,
        typer.Option("--reach", help="Find the capacity that reaches a target (JSON).", show_default="no target"),
    ] = None,
    sensitivity: Annotated[
        Path | None,
        typer.Option("--sensitivity", help="Show which uncertain figures matter (JSON).", show_default="none"),
    ] = None,
    known: Annotated[
        str | None,
        typer.Option("--known", help="A measure: replicate until its mean is known to --to.", show_default="none"),
    ] = None,
    to: Annotated[float, typer.Option("--to", min=0.001, max=1.0, help="Of --known: share of its mean.")] = 0.05,
    out: Annotated[
        Path | None, typer.Option("--out", help="Where to write the answer.", show_default="nowhere")
    ] = None,
    verify: Annotated[
        Path | None,
        typer.Option("--verify", help="An answer: say whether its digits come out again.", show_default="none"),
    ] = None,
    keep: Annotated[
        Path | None,
        typer.Option("--question-out", help="Where to write the whole question.", show_default="nowhere"),
    ] = None,
    scale: Annotated[
        float, typer.Option("--scale", min=0.0001, max=1.0, help="Of national: which share of the people.")
    ] = 0.01,
    exact: Annotated[
        bool,
        typer.Option("--exact", help="Of a place: who waits to the day, not in bands of eight people."),
    ] = False,
    engine: Annotated[Engine, typer.Option("--engine", help="Both write the same digits.")] = Engine.ANY,
    as_json: AsJson = False,
) -> int:
    """Simulate a network of waiting lists from today's queues, and what decisions would do to every list at once.

    Scenarios are compared over the same people with the same luck, with intervals that hold for all measures together.
    A place folder is simulated as its current run stands, who waits in bands of eight people or more: what could not
    be measured there is assumed, and what does not add up is told. Exit code 1 where --verify finds other digits, 3
    where a file cannot be read.

    Example: braid simulate network.json --scenario more-court-days.json --weeks 260
    """
    for path in (out, keep):
        if path is not None and not path.absolute().parent.is_dir():
            raise typer.BadParameter("there is no such folder to write to", param_hint=str(path.name))
    if (reach or sensitivity) and (out or verify or scenarios):
        raise typer.BadParameter("it goes without --scenario, --out and --verify", param_hint="--reach, --sensitivity")
    chosen = choose_engine(engine.value)
    if chosen.note:
        errors.print(plain(chosen.note), markup=False)
    question = _question(what, scenarios or [], weeks, replications, seed, level, scale, is_exact=exact)
    if known is not None:
        question = _until_known(question, known, to, chosen)
    if keep is not None:
        keep.write_text(write(question), encoding="utf-8")
    if reach is not None:
        return _reach(question, reach, chosen, as_json)
    if sensitivity is not None:
        return _sensitivity(question, sensitivity, chosen, as_json)
    with _progress() as heard:
        answer = answers.answer(question, engine=chosen, progress=heard)
    if verify is not None:
        return _verify(answer, verify, as_json)
    if out is not None:
        out.write_text(write(answer), encoding="utf-8")
    if as_json:
        print_json(as_json_document(answer))
    else:
        _show(answer, question)
    return 0


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None]]:
    with shares() as hear:
        yield lambda done, of: hear(f"replication {done} of {of}", done / of)


def _question(
    what: Path,
    scenarios: Sequence[Path],
    weeks: int | None,
    replications: int | None,
    seed: int | None,
    level: float | None,
    scale: float,
    *,
    is_exact: bool,
) -> Question:
    """Return the question that a file, a place or the national example asks, with what the options say instead."""
    question = _read(what, weeks, scale, is_exact=is_exact)
    told = tuple(read_document(path, Scenario) for path in scenarios)
    question = replace(
        question,
        network=replace(question.network, weeks=weeks or question.network.weeks),
        scenarios=question.scenarios + told,
        replications=replications or question.replications,
        seed=question.seed if seed is None else seed,
        level=level or question.level,
    )
    check_faults(what.name or "place", answers.faults(question))
    return question


def _read(what: Path, weeks: int | None, scale: float, *, is_exact: bool) -> Question:
    if str(what) == NATIONAL and not what.exists():
        return Question("simulation_question", _national(scale))
    if what.is_dir():
        return Question("simulation_question", _network_of_place(what, weeks, is_exact=is_exact))
    kind = _kind_of(what)
    if kind == "network":
        network = read_document(what, Network)
        check_faults(what.name, faults(network))
        return Question("simulation_question", network)
    if kind == "simulation_question":
        return read_document(what, Question)
    raise RulesInvalid([Fault(what.name, "kind", "it is no network and no question", "name a file of either kind")])


def _kind_of(path: Path) -> str:
    """Return the kind that a document says it is. Raises `DocumentInvalid`."""
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        read_document(path, Network)  # says what is wrong with it
        raise
    return str(found.get("kind")) if isinstance(found, dict) else ""


def _until_known(question: Question, measure: str, share: float, engine: Chosen) -> Question:
    """Return the question with as many replications as make a measure of the network as it is known so well."""
    if measure not in {one.id for one in measures_of(question.network)}:
        raise typer.BadParameter("there is no such measure; braid simulate shows them all", param_hint="--known")
    with _progress() as heard:
        runs = simulate_until(
            question.network, measure, share, seed=question.seed, level=question.level, engine=engine, progress=heard
        )
    errors.print(f"{len(runs.records)} replications", markup=False)
    return replace(question, replications=len(runs.records))


def _national(scale: float) -> Network:
    network: Network = import_module("braid.simulation.national.network").national_network(scale)
    return network


def _network_of_place(folder: Path, weeks: int | None, *, is_exact: bool) -> Network:
    """Return the network that the current run of a place stands for, and tell what does not add up in it."""
    known = load_place(folder)
    run = current_run(known)
    as_of = dt.date.fromisoformat(run.manifest["as_of"])
    with closing(open_tables(run, TABLES)) as tables:
        posed = pose(tables, as_of, weeks or PLACE_WEEKS, default_rules(), name=known.name)
    titles = {service.id: service.title for service in posed.network.services}
    for finding in posed.findings:
        words = f"{titles.get(finding.service, finding.service)}: {IN_SHORT[finding.rule]}"
        told = f"{finding.words} Next step: {finding.next_step}" if is_exact else f"{words}; --exact tells the figures"
        errors.print(plain(f"{finding.weight}: {told}"), markup=False, soft_wrap=True)
    errors.print(f"{len(posed.assumed)} figures are assumed; --question-out writes the source of each.", soft_wrap=True)
    return posed.network if is_exact else banded(posed.network, rate_weeks=posed.window_weeks)


def _how(question: Question) -> dict[str, Any]:
    """Return how often, with which seed and at which level a question is simulated."""
    return {"replications": question.replications, "seed": question.seed, "level": question.level}


def _reach(question: Question, path: Path, engine: Chosen, as_json: bool) -> int:
    asked = read_document(path, ReachQuestion)
    check_faults(path.name, reach_faults(asked, question.network))
    with _progress() as heard:
        found = capacity_to_reach(question.network, asked, **_how(question), engine=engine, progress=heard)
    if as_json:
        print_json(as_json_document(found))
    else:
        output.print(
            plain(_reach_in_words(asked, found, _unit(question.network, asked.target.measure), question.replications))
        )
    return 0


def _reach_in_words(asked: ReachQuestion, found: Reach, unit: str, replications: int) -> str:
    target = asked.target
    aim = f"{target.measure} {'at most' if target.is_at_most else 'at least'} {_number(unit, target.value)}"
    aim += f" in week {target.at_week}"
    now, then = _interval(unit, found.now, replications), _interval(unit, found.then, replications)
    if found.add is None:
        return f"{found.service}: {asked.most:g} more are not enough for {aim}: it would be {then}, now {now}."
    if found.add == 0:
        return f"{found.service}: {aim} is reached without more: {now}."
    return f"{found.service}: {found.add:g} more reach {aim}: {then}, instead of {now}."


def _sensitivity(question: Question, path: Path, engine: Chosen, as_json: bool) -> int:
    asked = read_document(path, SensitivityQuestion)
    check_faults(path.name, sensitivity_faults(asked, question.network))
    with _progress() as heard:
        swings = find_swings(question.network, asked, **_how(question), engine=engine, progress=heard)
    if as_json:
        print_json([as_json_document(swing) for swing in swings])
        return 0
    unit = _unit(question.network, asked.measure)
    columns = ("uncertain", "about", "at", "difference", "at", "difference")
    print_table(
        f"What moves {asked.measure}", columns, [_swing(swing, unit, question.replications) for swing in swings]
    )
    return 0


def _swing(swing: Swing, unit: str, replications: int) -> tuple[str, ...]:
    one = swing.uncertain
    low, high = _interval(unit, swing.at_low, replications), _interval(unit, swing.at_high, replications)
    return one.of, one.about, f"x {one.low:g}", low, f"x {one.high:g}", high


def _unit(network: Network, measure: str) -> str:
    return {one.id: one.unit for one in measures_of(network)}[measure]


def _verify(answer: Answer, path: Path, as_json: bool) -> int:
    before = read_document(path, Answer)
    is_same = replace(before, version=answer.version) == answer
    if as_json:
        print_json({"same": is_same, "version_before": before.version, "version": answer.version})
    elif is_same:
        output.print("The same digits came out again.")
    else:
        asked = "" if before.question == answer.question else " It answers another question."
        errors.print(plain(f"{path.name}: other digits came out.{asked}"), markup=False)
    return 0 if is_same else OTHERWISE


def _show(answer: Answer, question: Question) -> None:
    titled = f"{answer.network}: {answer.weeks} weeks from {answer.start}, {answer.replications} replications"
    rows = [
        (figure.measure.id, figure.measure.title, _interval(figure.measure.unit, figure.value, answer.replications))
        for figure in answer.figures
    ]
    print_table(titled, ("measure", "what", f"mean, {answer.level:.0%} interval"), rows)
    for comparison in answer.comparisons:
        _show_comparison(comparison)
    for where in answer.told[0].where:
        _show_where(where)
    load_rows = [
        (load.service, f"{'at least ' * load.is_least}{load.share:.0%}", ", ".join(load.steps[:2]))
        for load in loads(question.network)
    ]
    print_table("Load before any run", ("service", "asked of what it has", "most of it by"), load_rows)
    for line in answer.advice:
        output.print(plain(line), markup=False)


def _show_comparison(comparison: Comparison) -> None:
    for title, found in (("who gains", comparison.gains()), ("who waits longer, or loses", comparison.losses())):
        rows = [_difference(one) for one in found]
        columns = ("measure", "now", "then", "difference", "interval")
        print_table(f"{comparison.scenario}: {title}", columns, rows or [("nobody, as far as can be told", *[""] * 4)])
    unknown = len(comparison.differences) - len(comparison.gains()) - len(comparison.losses())
    output.print(f"{unknown} measures show no difference for better or worse. Intervals hold together.")


def _difference(one: Difference) -> tuple[str, ...]:
    unit = one.measure.unit
    low, high = one.difference.low, one.difference.high
    ends = "" if low is None else f"{_number(unit, low)} to {_number(unit, high)}"
    return (
        one.measure.title,
        _number(unit, one.now.mean),
        _number(unit, one.then.mean),
        _number(unit, one.difference.mean),
        ends,
    )


def _show_where(where: Where) -> None:
    rows = [(step, f"{waiting:.1f}", f"{doing:.1f}") for step, waiting, doing in where.parts]
    print_table(
        f"{where.title}: where {where.weeks:.1f} weeks go, of who came after the first day",
        ("step", "weeks waiting", "weeks in it"),
        rows,
    )


def _interval(unit: str, found: Interval, replications: int) -> str:
    if found.mean is None:
        return "nobody"
    fewer = f", of {found.replications} replications" if found.replications < replications else ""
    if found.low is None or found.is_always_the_same:
        return f"{_number(unit, found.mean)}{fewer}"
    return f"{_number(unit, found.mean)} ({_number(unit, found.low)} to {_number(unit, found.high)}){fewer}"


def _number(unit: str, number: float | None) -> str:
    return "" if number is None else UNITS[unit].format(number)
