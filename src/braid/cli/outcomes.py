"""`braid outcomes [DIR]`: where each outcome stands, exactly, for those who work with the lake."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

from braid.cli.arguments import AsJson, PlaceFolder
from braid.cli.output import errors, print_json, print_table
from braid.cli.waits import current_run
from braid.language.outcome_findings import OUTCOME_COUNT
from braid.pipeline import open_run
from braid.place.outcomes.control_charts import FEWEST, RULE_WORDS
from braid.place.outcomes.effects import say_effects
from braid.place.outcomes.load import load_outcomes
from braid.place.outcomes.model import Outcome, Outcomes
from braid.place.outcomes.targets import VERDICTS, baseline_value, expected_on, judge
from braid.place.outcomes.values import UNITS, Value, chart_of, series_of
from braid.place.outcomes.words import define, framework_documents
from braid.store.lake import Run
from braid.store.place_folder import Place, PlaceInvalid, load_place

EXACT = "Exact figures, for those who work with the lake and not for publication; pages show them in steps."
Row = Mapping[str, Any]


def outcomes(folder: PlaceFolder = Path(), as_json: AsJson = False) -> int:
    """Print each outcome of the visible run: its last figure with interval, its chart's findings, its target.

    Outcomes ship with Braid and stand in outcomes.toml of the place. What is not measured is named with its reason.
    With --json: every period, by district, definitions in words, and what may be said of changes.

    Example: braid outcomes place
    """
    place = load_place(folder)
    found = load_outcomes(place)
    run = _counted_run(place)
    with closing(open_run(run, names=("outcome_count",))) as engine:
        rows = engine.rows("select * from outcome_count order by outcome_id, period_end_date, district_code")
    if as_json:
        print_json(_document(place, run, found, rows))
    else:
        _show(found, rows)
    return 0


def _counted_run(place: Place) -> Run:
    """Return the visible run; raise `PlaceInvalid` where it was made before outcomes were counted."""
    run = current_run(place)
    if not run.table(OUTCOME_COUNT.name).is_file():
        raise PlaceInvalid(
            f"run {run.id} was made before outcomes were counted; type: braid run {place.folder.name} --again"
        )
    return run


def _document(place: Place, run: Run, found: Outcomes, rows: Sequence[Row]) -> dict[str, Any]:
    districts = place.district_names()
    return {
        "run": run.id,
        "as_of": run.manifest["as_of"],
        "publication": EXACT,
        "frameworks": framework_documents(found),
        "outcomes": [_described(outcome, rows, districts) for outcome in found.outcomes],
    }


def _described(outcome: Outcome, rows: Sequence[Row], districts: Mapping[str, str]) -> dict[str, Any]:
    own = [row for row in rows if row["outcome_id"] == outcome.id]
    series = series_of(outcome, own)
    baseline = baseline_value(outcome.baseline, series)
    chart = chart_of(outcome, series)
    return {
        "id": outcome.id,
        "name": outcome.name,
        "framework": outcome.framework,
        "headline": outcome.headline,
        "better": outcome.better,
        "unit": UNITS[outcome.measure.figure],
        "definition": [asdict(line) for line in define(outcome, districts)],
        "baseline": baseline,
        "verdict": judge(outcome, series, baseline),
        "chart": {
            "kind": chart.kind,
            "is_provisional": chart.is_provisional,
            "limits": [asdict(limits) for limits in chart.limits],
            "signals": [asdict(signal) for signal in chart.signals],
        },
        "periods": [
            {**asdict(value), "expected": expected_on(outcome.target, baseline, value.last_date)} for value in series
        ],
        "districts": {code: [asdict(value) for value in series_of(outcome, own, code)] for code in districts},
        "effects": say_effects(outcome, own, districts),
    }


def _show(found: Outcomes, rows: Sequence[Row]) -> None:
    heads = ["outcome", "until", "figure", "interval", "chart", "target"]
    print_table("Outcomes of the whole place", heads, [list(_line(outcome, rows)) for outcome in found.outcomes])
    missing = [
        [headline["name"], f"not measured here, because {headline['because']}"]
        for framework in framework_documents(found)
        for headline in framework["headlines"]
        if headline["because"]
    ]
    print_table("Not measured here", ["outcome", "why"], missing)
    errors.print(f"A chart needs {FEWEST} periods of which all is known for firm limits.")
    errors.print(EXACT)


def _line(outcome: Outcome, rows: Sequence[Row]) -> Iterator[str]:
    series = series_of(outcome, rows)
    yield outcome.name
    if not series:
        yield from ("-", "no period is known", "-", "-", "-")
        return
    last = series[-1]
    unit = UNITS[outcome.measure.figure]
    yield last.last_date.isoformat()
    yield f"{last.value:.4g} {unit}".strip()
    yield _interval(last)
    yield ", ".join(sorted({RULE_WORDS[signal.rule] for signal in chart_of(outcome, series).signals})) or "-"
    yield VERDICTS[judge(outcome, series, baseline_value(outcome.baseline, series))]


def _interval(value: Value) -> str:
    return "-" if value.low is None or value.high is None else f"{value.low:.4g} to {value.high:.4g}"
