"""Outcomes as pages show them: of what was published alone. Everything here runs inside `asking_as`."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from braid.place.outcomes.control_charts import RULE_WORDS, Chart, individuals_chart
from braid.place.outcomes.model import Step, Target
from braid.place.outcomes.targets import VERDICTS, expected_on, judge_value
from braid.place.outcomes.values import Value
from braid.web.access.sight import NotThere
from braid.web.models import District, OutcomeDefinition, OutcomeFigure, OutcomeFramework

WHOLE_PLACE = ""
MOVES = {
    "better": "Moved for the better",
    "worse": "Moved for the worse",
    "same": "No move beyond chance",
    "too_short": "Too few periods to tell",
}
FEWEST = 4
"""Fewer points have no chart."""


@dataclass(frozen=True)
class Shown:
    """A period as it was published. `value` is `None` where too few people were counted."""

    first_date: dt.date
    last_date: dt.date
    value: float | None
    low: float | None
    high: float | None
    step: float
    expected: float | None
    """What the way to the target asked for on the last day."""


@dataclass(frozen=True)
class SeenOutcome:
    """An outcome with its figures. `chart` is of the shown values, `None` where they are too few."""

    id: str
    document: Mapping[str, Any]
    series: tuple[Shown, ...]
    chart: Chart | None
    move: str
    """A code of `MOVES`: what the rules find in the last phase that has not ended."""
    signals: tuple[str, ...]
    verdict: str
    districts: tuple[tuple[str, Shown], ...]

    @property
    def drawn(self) -> tuple[Shown, ...]:
        """The periods of which a value was published."""
        return tuple(one for one in self.series if one.value is not None)

    @property
    def last(self) -> Shown | None:
        """The last period of which a value was published."""
        return self.drawn[-1] if self.drawn else None


@dataclass(frozen=True)
class SeenFramework:
    """A framework with its outcomes, and its headlines that are not measured."""

    document: Mapping[str, Any]
    outcomes: tuple[SeenOutcome, ...]

    @property
    def gaps(self) -> list[Mapping[str, Any]]:
        """The headlines that are not measured, each with why."""
        return [headline for headline in self.document["headlines"] if headline["because"]]

    def headline_of(self, outcome: SeenOutcome) -> str:
        """Return the name of the headline that an outcome stands under."""
        names = {headline["id"]: headline["name"] for headline in self.document["headlines"]}
        return str(names.get(outcome.document["headline"], ""))


def read_frameworks() -> tuple[SeenFramework, ...]:
    """Return every framework that has an outcome or a headline, in their order."""
    figures, names = _figures(OutcomeFigure.objects.all()), _district_names()
    outcomes = [
        _seen(row, figures[row.outcome_id, row.digest], names) for row in OutcomeDefinition.objects.order_by("place")
    ]
    found = []
    for row in OutcomeFramework.objects.order_by("place"):
        own = tuple(one for one in outcomes if one.document["framework"] == row.framework_id)
        if own or row.document["headlines"]:
            found.append(SeenFramework(row.document, own))
    return tuple(found)


def read_outcome(outcome_id: str) -> tuple[SeenOutcome, SeenFramework]:
    """Return an outcome and its framework, alone in it. Raises `NotThere`."""
    row = OutcomeDefinition.objects.filter(pk=outcome_id).first()
    if row is None:
        raise NotThere
    rows = OutcomeFigure.objects.filter(outcome_id=outcome_id, digest=row.digest)
    outcome = _seen(row, _figures(rows)[row.outcome_id, row.digest], _district_names())
    framework = OutcomeFramework.objects.get(pk=row.document["framework"])
    return outcome, SeenFramework(framework.document, (outcome,))


def _district_names() -> dict[str, str]:
    return dict(District.objects.order_by("name").values_list("code", "name"))


Figures = Mapping[str, list[OutcomeFigure]]


def _figures(rows: Iterable[OutcomeFigure]) -> dict[tuple[str, str], Figures]:
    """Figures of each series by district, in order of period."""
    found: dict[tuple[str, str], Figures] = defaultdict(lambda: defaultdict(list))
    for row in sorted(rows, key=lambda row: row.last_date):
        found[row.outcome_id, row.digest][row.district_code].append(row)
    return found


def _seen(row: OutcomeDefinition, figures: Figures, names: Mapping[str, str]) -> SeenOutcome:
    document = _with_days(row.document)
    target = _target(row.document["target"])
    series = tuple(_shown(figure, target, document["baseline"]) for figure in figures.get(WHOLE_PLACE, ()))
    drawn = [one for one in series if one.value is not None]
    chart = _chart(document, drawn)
    return SeenOutcome(
        id=row.outcome_id,
        document=document,
        series=series,
        chart=chart,
        move=_move(chart, document["better"]),
        signals=_signals(chart, drawn),
        verdict=_verdict(drawn, document["better"]),
        districts=_districts(figures, names),
    )


def _with_days(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is said of an outcome with days as dates, as templates write them."""
    target = document["target"]
    if target is not None:
        steps = [{**step, "by_date": dt.date.fromisoformat(step["by"])} for step in target["steps"]]
        target = {**target, "steps": steps}
    changes = [{**change, "from_date": dt.date.fromisoformat(change["from"])} for change in document["changes"]]
    return {**document, "target": target, "changes": changes}


def _target(document: Mapping[str, Any] | None) -> Target | None:
    if document is None:
        return None
    steps = tuple(Step(dt.date.fromisoformat(step["by"]), step["value"]) for step in document["steps"])
    return Target(steps, document["path"], dt.date.fromisoformat(document["from"]) if document["from"] else None)


def _shown(figure: OutcomeFigure, target: Target | None, baseline: float | None) -> Shown:
    expected = expected_on(target, baseline, figure.last_date)
    return Shown(figure.first_date, figure.last_date, figure.value, figure.low, figure.high, figure.step, expected)


def _chart(document: Mapping[str, Any], drawn: Sequence[Shown]) -> Chart | None:
    """Return the XmR chart of what was shown: without bases there is no other, and boards know this one."""
    if len(drawn) < FEWEST:
        return None
    days = [dt.date.fromisoformat(change["from"]) for change in document["changes"] if change["recalculates"]]
    phases = [next((place for place, one in enumerate(drawn) if one.first_date >= day), 0) for day in days]
    most = 100.0 if document["figure"] == "share" else float("inf")
    step = max(one.step for one in drawn)
    return individuals_chart([float(one.value or 0) for one in drawn], phases, least=0.0, most=most, step=step)


def _move(chart: Chart | None, better: str) -> str:
    """Whether a rule finds something that still holds in the last period."""
    if chart is None or chart.is_provisional:
        return "too_short"
    last = len(chart.values) - 1
    ways = {signal.is_up for signal in chart.signals if last in signal.places}
    if len(ways) != 1:
        return "same"
    return "better" if ways == {better == "higher"} else "worse"


def _signals(chart: Chart | None, drawn: Sequence[Shown]) -> tuple[str, ...]:
    if chart is None:
        return ()
    return tuple(
        f"{RULE_WORDS[signal.rule]}, {'upwards' if signal.is_up else 'downwards'}:"
        f" {_span(drawn[signal.places[0]], drawn[signal.places[-1]])}"
        for signal in sorted(chart.signals, key=lambda signal: signal.places)
    )


def _span(first: Shown, last: Shown) -> str:
    end = f"{last.last_date.day} {last.last_date:%B %Y}"
    return f"the period to {end}" if first is last else f"{first.first_date.day} {first.first_date:%B %Y} to {end}"


def _verdict(drawn: Sequence[Shown], better: str) -> str:
    if not drawn or drawn[-1].value is None:
        return ""
    last = drawn[-1]
    if last.expected is None:
        return ""
    value = Value(last.first_date, last.last_date, float(last.value or 0), last.low, last.high, 0, 0, 0)
    return VERDICTS[judge_value(value, last.expected, better)]


def _districts(figures: Figures, names: Mapping[str, str]) -> tuple[tuple[str, Shown], ...]:
    """The last period that was published by district."""
    by_code = {code: figures[code][-1] for code in names if figures.get(code)}
    newest = max((row.last_date for row in by_code.values()), default=None)
    return tuple((names[code], _shown(row, None, None)) for code, row in by_code.items() if row.last_date == newest)
