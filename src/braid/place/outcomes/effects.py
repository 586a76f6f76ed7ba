"""What may be said of the changes of an outcome: what was compared with what, what was found, what else changed.

Both comparisons are of what was seen; neither shows that one thing brought the other about, and the words say no more.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from braid.place.outcomes.attribution import FEWEST_AFTER, FEWEST_BEFORE, Effect, compare_steps, interrupt
from braid.place.outcomes.model import Change, Outcome
from braid.place.outcomes.values import UNITS, Value, value_of
from braid.trust.disclosure import STEP_BASE

Row = Mapping[str, Any]
Document = dict[str, Any]

TOO_SHORT = (
    f"Nothing can be said yet: it needs {FEWEST_BEFORE} periods before and {FEWEST_AFTER} after of which all is known."
)
TOO_FEW = "Nothing is said: too few people are counted in a period."
NOT_TOLD = "The interval includes no difference, so chance may account for all of it."
TOLD = "The interval leaves no difference out. What else changed at that time may account for some or all of it."


def say_effects(outcome: Outcome, rows: Iterable[Row], districts: Mapping[str, str]) -> list[Document]:
    """Return what is said of each change of an outcome, and of areas that began at different dates; ready for JSON.

    `rows` are those of `outcome_count` of this outcome. Numbers are in whole units, intervals widened to them: over so
    many periods they tell nothing of one.
    """
    known = [row for row in rows if row["known"]]
    said = [_before_and_after(outcome, change, known, districts) for change in outcome.changes]
    stepped = _stepped(outcome, known, districts)
    return [*said, *([stepped] if stepped else [])]


def _before_and_after(outcome: Outcome, change: Change, rows: Sequence[Row], districts: Mapping[str, str]) -> Document:
    where = _where(change, districts)
    series = _series(outcome, rows, change.districts)
    begins = next((place for place, one in enumerate(series) if one.first_date >= change.from_date), len(series))
    unit = outcome.measure.period
    document: Document = {
        "head": f"Before and after: {change.what}",
        "compared": f"{where}: {begins} {_periods(unit, begins)} before {_day(change)} and {len(series) - begins}"
        " after, with a straight line through either part",
        "else_changed": change.else_changed,
        "found": [],
        "verdict": TOO_SHORT,
    }
    found = interrupt([one.value for one in series], begins)
    if found is None:
        return document
    if not _are_enough(series):
        return {**document, "verdict": TOO_FEW}
    return {
        **document,
        "found": [
            _number("Level at the beginning", found.level, outcome),
            _number(f"Change of the slope, over 10 {_periods(unit, 10)}", _times(found.slope, 10), outcome),
            _number("Difference in the last period from where the line before leads", found.at_end, outcome),
        ],
        "verdict": TOLD if found.level.is_told_apart or found.slope.is_told_apart else NOT_TOLD,
    }


def _stepped(outcome: Outcome, rows: Sequence[Row], districts: Mapping[str, str]) -> Document | None:
    """Compare districts that have begun with those that have not yet; `None` where they did not begin one by one."""
    begun = {code: change for change in outcome.changes for code in change.districts}
    if len({change.from_date for change in begun.values()} | ({None} if len(begun) < len(districts) else set())) < 2:
        return None
    table = {code: {one.first_date: one for one in _series(outcome, rows, (code,))} for code in districts}
    days = sorted(set.intersection(*(set(each) for each in table.values()))) if table else []
    first = {
        code: next((place for place, day in enumerate(days) if day >= begun[code].from_date), None)
        if code in begun
        else None
        for code in districts
    }
    document: Document = {
        "head": "Stepped comparison",
        "compared": f"{len(districts)} districts over {len(days)} {_periods(outcome.measure.period, len(days))} of"
        f" which all is known: those that have begun ({len(begun)} so far) beside those that have not yet, in the same"
        " periods",
        "else_changed": " ".join(dict.fromkeys(change.else_changed for change in begun.values())),
        "found": [],
        "verdict": "Nothing can be said yet: too few districts or periods for the dates to be dealt otherwise.",
    }
    if len(days) < FEWEST_BEFORE:
        return document
    values = np.array([[table[code][day].value for day in days] for code in districts])
    found = compare_steps(values, list(first.values()))
    if found is None:
        return document
    if not all(_are_enough(list(each.values())) for each in table.values()):
        return {**document, "verdict": TOO_FEW}
    number = _number("Where it has begun, beside where it has not", found, outcome)
    return {**document, "found": [number], "verdict": TOLD if found.is_told_apart else NOT_TOLD}


def _series(outcome: Outcome, rows: Iterable[Row], codes: Collection[str]) -> list[Value]:
    """Return the values of the whole place, or of some districts together; none of a median of several."""
    wanted = [row for row in rows if (row["district_code"] in codes if codes else row["district_code"] is None)]
    if outcome.measure.figure == "median" and len(codes) > 1:
        return []
    by_period: dict[Any, list[Row]] = defaultdict(list)
    for row in wanted:
        by_period[row["period_end_date"]].append(row)
    return list(_values(outcome.measure.figure, by_period))


def _values(figure: str, by_period: Mapping[Any, Sequence[Row]]) -> Iterator[Value]:
    for _, rows in sorted(by_period.items()):
        added = {name: sum(row[name] for row in rows) for name in ("observations", "met", "people")}
        value = value_of(figure, {**rows[0], **added})
        if value is not None:
            yield value


def _are_enough(series: Sequence[Value]) -> bool:
    return sum(one.people for one in series) >= STEP_BASE * len(series)


def _number(head: str, effect: Effect, outcome: Outcome) -> Document:
    return {
        "head": head,
        "value": round(effect.value),
        "low": math.floor(effect.low),
        "high": math.ceil(effect.high),
        "unit": UNITS[outcome.measure.figure].replace("per cent", "percentage points"),
    }


def _times(effect: Effect, times: int) -> Effect:
    return Effect(times * effect.value, times * effect.low, times * effect.high, effect.before, effect.after)


def _periods(kind: str, number: int) -> str:
    return kind if number == 1 else f"{kind}s"


def _where(change: Change, districts: Mapping[str, str]) -> str:
    return ", ".join(districts.get(code, code) for code in change.districts) or "The whole place"


def _day(change: Change) -> str:
    return f"{change.from_date.day} {change.from_date:%B %Y}"
