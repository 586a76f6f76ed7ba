"""An outcome in words: what is counted, what of it meets the measure, how sure it is, what is not shown."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from braid.language.codes import CAUSE_GROUPS, EVENT_KINDS, EVENT_STATUSES, WAIT_KINDS
from braid.place.outcomes.model import COUNTED, FIGURES, OWN, PERIODS, Framework, Met, Outcome, Outcomes
from braid.place.outcomes.values import UNITS
from braid.problems.words import cohort_in_words, listed
from braid.trust.disclosure import (
    FINE_BASE,
    FINE_SHARE,
    MEDIAN_STEP_DAYS,
    STEP_BASE,
    STEP_COUNT,
    STEP_SHARE,
    SUPPRESSED_TO,
)

INTERVALS: Mapping[str, str] = {
    "share": "Wilson's interval at 95 per cent",
    "rate": "Garwood's exact Poisson interval at 95 per cent",
    "median": "the ranks that enclose a median at 95 per cent or more",
    "count": "Garwood's exact Poisson interval at 95 per cent",
}
STEPS: Mapping[str, str] = {
    "share": f"where {SUPPRESSED_TO + 1} or more meet it and as many do not; to the nearest {STEP_SHARE} per cent, of"
    f" {FINE_BASE} people or more to the nearest {FINE_SHARE}",
    "rate": "to two digits",
    "median": f"to the nearest {MEDIAN_STEP_DAYS} days",
    "count": f"to the nearest {STEP_COUNT}",
}
OWN_NAME = "The place's own outcomes"


@dataclass(frozen=True)
class Line:
    """One line of a definition: what it is about and what it says."""

    head: str
    text: str


def define(outcome: Outcome, districts: Mapping[str, str]) -> tuple[Line, ...]:
    """Return the definition of an outcome in lines of plain words."""
    return tuple(_lines(outcome, districts))


def _lines(outcome: Outcome, districts: Mapping[str, str]) -> Iterator[Line]:
    measure = outcome.measure
    yield Line("Figure", f"{_capital(FIGURES[measure.figure])}; {outcome.better} is better")
    yield Line("Counted", _counted(outcome, districts))
    if measure.met != Met():
        yield Line("What meets it", _capital("; ".join(_met(measure.met, districts))))
    if measure.per is not None:
        yield Line("Among", f"{_capital(cohort_in_words(measure.per, districts))}, at the end of the period")
    yield Line("Period", f"Each {PERIODS[measure.period]}, once it is over")
    yield Line("Interval", f"{INTERVALS[measure.figure]}, widened to the steps in which it is shown")
    yield Line("Shown", f"Of {STEP_BASE} people or more, as published; {STEPS[measure.figure]}")
    yield Line(
        "Not counted",
        "Periods of which extracts do not show everybody. A district counts whoever lives there today; protected people"
        " count in the whole place alone",
    )


def _counted(outcome: Outcome, districts: Mapping[str, str]) -> str:
    counted = outcome.measure.counted
    names = EVENT_KINDS if counted.of == "events" else {code: kind.name for code, kind in WAIT_KINDS.items()}
    what = _capital(COUNTED[counted.of])
    kinds = f" ({listed([names[kind] for kind in counted.kinds], 'or')})" if counted.kinds else ""
    limited = ", of those that have a limit in law" if outcome.measure.met.within_limit else ""
    among = f", of {cohort_in_words(counted.among, districts)}" if counted.among else ""
    return f"{what}{kinds}{limited}{among}"


def _met(met: Met, districts: Mapping[str, str]) -> Iterator[str]:
    if met.within_limit:
        yield "within the limit in law, extensions counted"
    if met.days_at_most is not None:
        yield f"{met.days_at_most} days or less"
    if met.days_at_least is not None:
        yield f"{met.days_at_least} days or longer"
    if met.statuses:
        yield listed([EVENT_STATUSES[code].lower() for code in met.statuses], "or")
    if met.causes:
        yield f"because of: {listed([CAUSE_GROUPS[code] for code in met.causes], 'or')}"
    if met.attended_percent is not None:
        yield f"attended {met.attended_percent} per cent or more of their sessions"
    if met.who is not None:
        yield f"of {cohort_in_words(met.who, districts)}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def outcome_document(outcome: Outcome, districts: Mapping[str, str]) -> dict[str, Any]:
    """Return all that a page says of an outcome but its figures, ready for JSON."""
    target = outcome.target
    return {
        "name": outcome.name,
        "why": outcome.why,
        "better": outcome.better,
        "framework": outcome.framework,
        "headline": outcome.headline,
        "statement": outcome.statement,
        "figure": outcome.measure.figure,
        "unit": UNITS[outcome.measure.figure],
        "period": outcome.measure.period,
        "lines": [asdict(line) for line in define(outcome, districts)],
        "baseline_source": outcome.baseline.source if outcome.baseline else "",
        "target": None
        if target is None
        else {
            "path": target.path,
            "from": _iso(target.from_date),
            "steps": [{"by": step.by_date.isoformat(), "value": step.value} for step in target.steps],
        },
        "changes": [
            {
                "what": change.what,
                "from": change.from_date.isoformat(),
                "districts": [districts.get(code, code) for code in change.districts],
                "else_changed": change.else_changed,
                "recalculates": change.recalculates,
            }
            for change in outcome.changes
        ],
    }


def framework_documents(found: Outcomes) -> list[dict[str, Any]]:
    """Return the frameworks with their headlines and why a headline is not measured; the place's own come first."""
    own = {"id": OWN, "name": OWN_NAME, "source": "", "headlines": []}
    return [own, *(_framework(framework, found) for framework in found.frameworks)]


def _framework(framework: Framework, found: Outcomes) -> dict[str, Any]:
    because = {gap.headline: gap.because for gap in found.gaps if gap.framework == framework.id}
    measured = {outcome.headline for outcome in found.outcomes if outcome.framework == framework.id}
    headlines = [
        {**asdict(one), "because": "" if one.id in measured else because.get(one.id, NOBODY_SAID)}
        for one in framework.headlines
    ]
    return {"id": framework.id, "name": framework.name, "source": framework.source, "headlines": headlines}


NOBODY_SAID = "nobody has said how it is to be measured"


def _iso(day: dt.date | None) -> str | None:
    return day.isoformat() if day else None
