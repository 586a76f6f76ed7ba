"""An answer in words: who gains, who waits longer because of it, and what could not be told apart from chance."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from braid.simulation.answer import Answer
from braid.simulation.comparison import Comparison, Difference
from braid.simulation.intervals import Interval
from braid.simulation.measures import Measure, Unit
from braid.simulation.model import Network
from braid.simulation.scenarios import (
    ArrivalChange,
    CapacityChange,
    OrderChange,
    PriorityChange,
    Scenario,
    StepChange,
)
from braid.simulation.targets import Uncertain
from braid.web.simulations.answers import SensitivityAnswer, TargetAnswer
from braid.web.simulations.asked import AskedSensitivity, AskedTarget

NOBODY = "nobody to measure"
MINUS = "\N{MINUS SIGN}"
QUOTED = "\N{LEFT DOUBLE QUOTATION MARK}", "\N{RIGHT DOUBLE QUOTATION MARK}"
MOST_DIGITS = 2
ORDERS = {"joined": "whoever joined the queue first", "clock": "whoever's clock has run longest"}
VERDICTS = {"better": "Better", "worse": "Worse", "changed": "Changed", "not_told": "Not told apart from chance"}
UNITS: dict[Unit, str] = {"people": "people", "weeks": "weeks", "share": "per cent"}


@dataclass(frozen=True)
class Row:
    """One measure as the page shows it. `verdict` is a key of `VERDICTS`; nothing where there is no scenario."""

    title: str
    now: str
    then: str = ""
    difference: str = ""
    verdict: str = ""


@dataclass(frozen=True)
class Compared:
    """A scenario against the network as it is, as the page shows it."""

    name: str
    changes: tuple[str, ...]
    headline: str
    longer: str
    """Whose waits get longer, in one sentence; nothing where nobody's do."""
    shorter: str
    better: tuple[Row, ...]
    worse: tuple[Row, ...]
    changed: tuple[Row, ...]
    not_told: int
    rows: tuple[Row, ...]


def compare_in_words(answer: Answer, scenarios: Sequence[Scenario], network: Network) -> list[Compared]:
    """Return each comparison of an answer in words, in the order of the scenarios."""
    return [
        say_comparison(comparison, tuple(say_change(change, network) for change in scenario.changes))
        for comparison, scenario in zip(answer.comparisons, scenarios, strict=True)
    ]


def say_comparison(comparison: Comparison, changes: tuple[str, ...]) -> Compared:
    """Return one comparison in words; `changes` say what its scenario changes."""
    by_verdict: dict[str, list[Difference]] = {name: [] for name in VERDICTS}
    for one in comparison.differences:
        by_verdict[verdict_of(one)].append(one)
    better, worse, changed = (
        tuple(row_of(one, comparison.replications) for one in sorted(by_verdict[name], key=_reach, reverse=True))
        for name in ("better", "worse", "changed")
    )
    return Compared(
        name=comparison.scenario,
        changes=changes,
        headline=_headline(comparison, len(better), len(worse)),
        longer=_waits("Waits get longer because of it", by_verdict["worse"]),
        shorter=_waits("Waits get shorter", by_verdict["better"]),
        better=better,
        worse=worse,
        changed=changed,
        not_told=len(by_verdict["not_told"]),
        rows=tuple(row_of(one, comparison.replications) for one in comparison.differences),
    )


def _waits(words: str, found: Sequence[Difference]) -> str:
    """Return whose waits change, those that change most first; nothing where nobody's do."""
    waits = [one for one in found if one.measure.unit == "weeks"]
    said = [
        f"{one.measure.title.partition(':')[0]} ({_mean_words(one)})" for one in sorted(waits, key=_reach, reverse=True)
    ]
    return f"{words}: {', '.join(said)}." if said else ""


def _mean_words(one: Difference) -> str:
    return value_words(one.difference, one.measure.unit, one.difference.replications, is_difference=True).partition(
        " ("
    )[0]


def verdict_of(one: Difference) -> str:
    """Return whether a difference is better, worse, neither, or not told apart from chance."""
    if not one.is_found:
        return "not_told"
    return {True: "better", False: "worse", None: "changed"}[one.is_gain]


def row_of(one: Difference, replications: int) -> Row:
    """Return a difference as the page shows it."""
    unit = one.measure.unit
    return Row(
        title=one.measure.title,
        now=value_words(one.now, unit, replications),
        then=value_words(one.then, unit, replications),
        difference=value_words(one.difference, unit, replications, is_difference=True),
        verdict=verdict_of(one),
    )


def _reach(one: Difference) -> float:
    """How far a difference goes as a share of what is: what goes furthest is said first."""
    return abs(one.difference.mean or 0.0) / max(abs(one.now.mean or 0.0), 1e-9)


def _headline(comparison: Comparison, better: int, worse: int) -> str:
    surely = f"at {comparison.level:.0%}, all measures together"
    if not better and not worse:
        return f"No measure gets better or worse that could be told apart from chance ({surely})."
    gains = _count(better, "measure gets better", "measures get better")
    if not worse:
        return f"{gains} and none gets worse, as far as can be told apart from chance ({surely})."
    losses = _count(worse, "gets worse", "get worse")
    return f"{gains} and {losses.lower()} ({surely})."


def _count(number: int, one: str, many: str) -> str:
    return f"{number or 'No'} {one if number in (0, 1) else many}"


def say_figures(answer: Answer) -> list[Row]:
    """Return all measures of the network as it is."""
    return [
        Row(one.measure.title, value_words(one.value, one.measure.unit, answer.replications)) for one in answer.figures
    ]


def say_change(change: Any, network: Network) -> str:
    """Return one change of a scenario as a sentence without its full stop."""
    services = {one.id: one.title or one.id for one in network.services}
    pathways = {one.id: one.title or one.id for one in network.pathways}
    if isinstance(change, CapacityChange):
        gives = "slots a week" if network.service(change.service).gives == "slots" else "places"
        return f"{services[change.service]}: {_more(change.add, change.times)} {gives}{_from(change.from_week)}"
    if isinstance(change, ArrivalChange):
        return f"{pathways[change.pathway]}: {_more(change.add, change.times)} arrivals{_from(change.from_week)}"
    if isinstance(change, OrderChange):
        ageing = (
            "" if change.ageing_weeks is None else f"; one priority higher after each {change.ageing_weeks:g} weeks"
        )
        return f"{services[change.service]}: next of a priority is {ORDERS[change.order]}{ageing}"
    if isinstance(change, PriorityChange):
        band = f", band {change.band}" if change.band else ""
        return f"{pathways[change.pathway]}{band}: priority {change.priority}"
    return _say_step(change, pathways[change.pathway])


def _say_step(change: StepChange, pathway: str) -> str:
    parts = [f"takes {change.times:g} times as long"] if change.times != 1 else []
    parts += [f"is needed by {change.share:.0%}"] if change.share is not None else []
    parts += [f"is repeated by {change.repeat_share:.0%}"] if change.repeat_share is not None else []
    return f"{pathway}: {change.step} {', '.join(parts)}"


def _more(add: float, times: float) -> str:
    said = [] if times == 1 else [f"{abs(100 * (times - 1)):.4g}% {'more' if times > 1 else 'fewer'}"]
    said += [] if add == 0 else [f"{abs(add):g} {'more' if add > 0 else 'fewer'}"]
    return " and ".join(said) or "as many"


def _from(week: int) -> str:
    return f" from week {week}" if week else ""


def value_words(value: Interval, unit: Unit, replications: int, *, is_difference: bool = False) -> str:
    """Return a mean with its interval: 12.3 weeks (11.8 to 12.8); of a difference with its sign.

    An end that no measure can have, below nought or a share above all, is said as the last that it can have. Where
    some of the `replications` had nobody to measure, it is said of how many the figure is.
    """
    if value.mean is None:
        return NOBODY
    times = 100 if unit == "share" else 1
    low, high = value.low, value.high
    spread = abs(value.mean) if low is None or high is None else (high - low) / 2
    digits = _digits(spread * times)

    def said(number: float) -> str:
        if not is_difference:
            number = min(max(number, 0.0), 1.0 if unit == "share" else math.inf)
            return f"{number * times:,.{digits}f}"
        text = f"{abs(number * times):,.{digits}f}"
        sign = "" if float(text.replace(",", "")) == 0 else "+" if number > 0 else MINUS
        return sign + text

    between = "" if low is None or high is None else f" ({said(low)} to {said(high)})"
    if value.is_always_the_same:
        between = " (the same in every replication)"
    fewer = f", of {value.replications} replications" if 0 < value.replications < replications else ""
    return f"{said(value.mean)}{_unit_words(unit, is_difference=is_difference)}{between}{fewer}"


def _unit_words(unit: Unit, *, is_difference: bool) -> str:
    if unit == "share":
        return " points" if is_difference else "%"
    return " weeks" if unit == "weeks" else ""


def _digits(spread: float) -> int:
    """Return how many digits after the point say anything, given half the width of an interval: two of it."""
    if spread <= 0 or not math.isfinite(spread):
        return 1
    return max(0, min(MOST_DIGITS, 1 - math.floor(math.log10(spread))))


def value_in(measure: Measure, value: float) -> str:
    """Return a value of a measure as somebody asked for it."""
    if measure.unit == "share":
        return f"{100 * value:g}%"
    return f"{value:g} {measure.unit}"


def say_target(asked: AskedTarget, network: Network, measures: Sequence[Measure]) -> str:
    """Return a question about a target as a sentence."""
    measure = next(one for one in measures if one.id == asked.target.measure)
    service = network.service(asked.service)
    gives = "slots a week" if service.gives == "slots" else "places"
    side = "at most" if asked.target.is_at_most else "at least"
    return (
        f"How many more {gives} of {service.title or service.id} from week {asked.from_week} bring"
        f" {QUOTED[0]}{measure.title}{QUOTED[1]} to {side} {value_in(measure, asked.target.value)} by week"
        f" {asked.target.at_week}?"
        f" Up to {asked.most:g} more were tried, in steps of {asked.step:g}."
    )


@dataclass(frozen=True)
class ReachWords:
    """How much more reaches a target, as the page shows it."""

    headline: str
    now: str
    then: str
    then_title: str


def say_reach(found: TargetAnswer, asked: AskedTarget, network: Network) -> ReachWords:
    """Return the answer to a question about a target in words."""
    reach, unit = found.reach, found.measure.unit
    service = network.service(asked.service)
    gives = "slots a week" if service.gives == "slots" else "places"
    title = service.title or service.id
    if reach.add is None:
        headline = f"Not even {asked.most:g} more {gives} of {title} reach the target in the mean of the replications."
        then_title = f"With {asked.most:g} more"
    elif reach.add == 0:
        headline, then_title = "The target is reached as it is, in the mean of the replications.", "As it is"
    else:
        headline = f"{reach.add:g} more {gives} of {title} reach the target in the mean of the replications."
        then_title = f"With {reach.add:g} more"
    return ReachWords(
        headline,
        value_words(reach.now, unit, asked.replications),
        value_words(reach.then, unit, asked.replications),
        then_title,
    )


@dataclass(frozen=True)
class SwingRow:
    """How far one uncertain figure moves a measure, as the page shows it."""

    title: str
    at_low: str
    at_high: str
    is_found: bool
    """Whether it moves the measure at either end, told apart from chance."""


def say_sensitivity(asked: AskedSensitivity, measures: Sequence[Measure]) -> str:
    """Return a question about what moves a measure as a sentence."""
    measure = next(one for one in measures if one.id == asked.measure)
    kinds = ", ".join(UNCERTAIN_WORDS[one] for one in asked.of)
    return (
        f"How far does {QUOTED[0]}{measure.title}{QUOTED[1]} go when one of these is {100 * asked.by:g}% smaller or"
        f" larger than the network says: {kinds}? Over {asked.weeks} weeks."
    )


UNCERTAIN_WORDS = {
    "capacity": "capacity",
    "arrivals": "arrivals",
    "duration": "how long it takes",
    "patience": "patience",
}


def say_swings(found: SensitivityAnswer, network: Network) -> list[SwingRow]:
    """Return how far each figure moves the measure, the furthest first."""
    unit = found.measure.unit
    return [
        SwingRow(
            title=say_uncertain(one.uncertain, network),
            at_low=value_words(one.at_low, unit, found.asked.replications, is_difference=True),
            at_high=value_words(one.at_high, unit, found.asked.replications, is_difference=True),
            is_found=one.at_low.excludes_nought or one.at_high.excludes_nought,
        )
        for one in found.swings
    ]


def say_uncertain(one: Uncertain, network: Network) -> str:
    """Return what an uncertain figure is of."""
    if one.of == "capacity":
        service = network.service(one.about)
        return f"{service.title or service.id}: {UNCERTAIN_WORDS[one.of]}"
    for pathway in network.pathways:
        title = pathway.title or pathway.id
        if one.of == "arrivals" and pathway.id == one.about:
            return f"{title}: {UNCERTAIN_WORDS[one.of]}"
        for step in pathway.steps:
            if one.of != "arrivals" and f"{pathway.id}.{step.id}" == one.about:
                return f"{title}, {step.title or step.id}: {UNCERTAIN_WORDS[one.of]}"
    return one.about
