"""From the counts of a run to what pages show of outcomes. Runs as the owner of the tables, inside publication.

Definitions are replaced by each run. A figure is published once, when its period is over, and stays as it was shown:
working it out anew each night would show it by another rounding (decision 25).
"""

import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from braid.language.outcome_findings import OUTCOME_COUNT
from braid.place.outcomes.effects import say_effects
from braid.place.outcomes.known import AT_END, first_due
from braid.place.outcomes.load import load_outcomes
from braid.place.outcomes.model import Outcome
from braid.place.outcomes.targets import baseline_value
from braid.place.outcomes.values import Value, series_of, value_of
from braid.place.outcomes.words import framework_documents, outcome_document
from braid.store.lake import Run
from braid.store.place_folder import Place
from braid.trust.steps import publish_step
from braid.web.copying import rows_if_there
from braid.web.models import OutcomeDefinition, OutcomeFigure, OutcomeFramework

Row = Mapping[str, Any]
WHOLE_PLACE = ""


def has_outcomes(run: Run) -> bool:
    """Whether the outcomes of the run are published: not so where an older Braid published it."""
    return OutcomeFramework.objects.exists() or not run.table(OUTCOME_COUNT.name).is_file()


def publish_outcomes(run: Run, place: Place, as_of: dt.date | None) -> None:
    """Replace what is said of outcomes, and add the figures of periods that were not shown yet."""
    OutcomeFramework.objects.all().delete()
    OutcomeDefinition.objects.all().delete()
    if as_of is None or not run.table(OUTCOME_COUNT.name).is_file():
        return
    found, districts = load_outcomes(place), place.district_names()
    rows = list(rows_if_there(run, OUTCOME_COUNT.name, OUTCOME_COUNT.names))
    OutcomeFramework.objects.bulk_create(
        OutcomeFramework(framework_id=document["id"], place=number, document=document)
        for number, document in enumerate(framework_documents(found))
    )
    for number, outcome in enumerate(found.outcomes):
        own = [row for row in rows if row["outcome_id"] == outcome.id]
        OutcomeDefinition.objects.create(
            outcome_id=outcome.id,
            place=number,
            digest=digest_of(outcome),
            document=_document(outcome, own, districts) | {"due": _due(outcome, as_of)},
        )
        OutcomeFigure.objects.bulk_create(_figures(outcome, own, as_of), ignore_conflicts=True)


def digest_of(outcome: Outcome) -> str:
    """Return a digest of how an outcome is measured: it changes when the measure does, and not with a target."""
    return hashlib.sha256(repr(outcome.measure).encode()).hexdigest()


def _document(outcome: Outcome, rows: Sequence[Row], districts: Mapping[str, str]) -> dict[str, Any]:
    series = series_of(outcome, rows)
    baseline = baseline_value(outcome.baseline, series)
    return {
        **outcome_document(outcome, districts),
        "baseline": _shown_baseline(outcome, series, baseline),
        "effects": say_effects(outcome, rows, districts),
    }


def _due(outcome: Outcome, as_of: dt.date) -> dict[str, Any]:
    """When a value is due: with the first run once this period is over, if `if_whole` only of which all is shown."""
    period = first_due(outcome.measure, as_of)
    return {
        "from": period.first.isoformat(),
        "until": period.last.isoformat(),
        "if_whole": outcome.measure.counted.of not in AT_END,
    }


def _shown_baseline(outcome: Outcome, series: Sequence[Value], baseline: float | None) -> float | None:
    """A stated baseline as it is stated. One of own periods is the mean of what those show, never of exact counts."""
    if outcome.baseline is None or outcome.baseline.value is not None:
        return baseline
    shown = [_stepped(outcome, value) for value in series]
    return baseline_value(outcome.baseline, [value for value in shown if value is not None])


def _stepped(outcome: Outcome, value: Value) -> Value | None:
    exact = {"met": value.met, "observations": value.observations, "people": value.people, "median_days": value.value}
    shown = publish_step(outcome.measure.figure, exact, value.low, value.high).value
    return None if shown is None else Value(value.first_date, value.last_date, shown, None, None, 0, 0, 0)


def _figures(outcome: Outcome, rows: Iterable[Row], as_of: dt.date) -> Iterator[OutcomeFigure]:
    """Every known period of the whole place in which there was anything, and the last one by district."""
    known = sorted((row for row in rows if row["known"]), key=lambda row: row["period_end_date"])
    last = known[-1]["period_end_date"] if known else None
    by_district = outcome.measure.figure != "count"
    for row in known:
        if row["district_code"] is None:
            if outcome.measure.figure == "count" or row["observations"]:
                yield _figure(outcome, row, as_of)
        elif by_district and row["period_end_date"] == last:
            yield _figure(outcome, row, as_of)


def _figure(outcome: Outcome, row: Row, as_of: dt.date) -> OutcomeFigure:
    value = value_of(outcome.measure.figure, row)
    shown = publish_step(outcome.measure.figure, row, value.low if value else None, value.high if value else None)
    return OutcomeFigure(
        outcome_id=outcome.id,
        digest=digest_of(outcome),
        district_code=row["district_code"] or WHOLE_PLACE,
        first_date=row["period_start_date"],
        last_date=row["period_end_date"],
        value=shown.value,
        low=shown.low,
        high=shown.high,
        step=shown.step,
        shown_date=as_of,
    )
