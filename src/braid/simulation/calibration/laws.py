"""From counted waits to laws of how long something takes, each with the words of where it comes from."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from braid.simulation.calibration.counts import Alike, Counts, Window
from braid.simulation.calibration.rules import LEAST_KNOT_ENDS, Rules
from braid.simulation.calibration.survival import Spells, as_quantiles, kaplan_meier
from braid.simulation.durations import Duration, Exponential

IsEnd = Callable[[Alike], bool]


@dataclass(frozen=True)
class Law:
    """A law, and where it comes from. What follows a semicolon in `source` is a count."""

    duration: Duration | None
    """None where nobody was seen to end so, and nothing is assumed."""
    ends: int
    source: str
    is_assumed: bool


def spells_of(alike: Iterable[Alike], counts: Counts, is_end: IsEnd) -> Spells:
    """Return waits as spells, each seen from the first day of its kind's window on."""
    rows = [(*_ages(one, counts), one.waits, one.stop_date is not None and is_end(one)) for one in alike]
    entered, left, waits, ended = zip(*rows, strict=True) if rows else ((), (), (), ())
    whole = np.int64
    return Spells(np.array(entered, whole), np.array(left, whole), np.array(waits, whole), np.array(ended, bool))


def _ages(one: Alike, counts: Counts) -> tuple[int, int]:
    """Return the ages in days at which a wait was first and last seen."""
    entered = max((counts.windows[one.kind].first_date - one.start_date).days, 0)
    return entered, ((one.stop_date or counts.as_of) - one.start_date).days


def how_long(alike: Iterable[Alike], counts: Counts, rules: Rules, kind: str) -> Law:
    """Return how long waits of a kind last, however they end; assumed where none was seen to end."""
    spells = spells_of(alike, counts, lambda _one: True)
    found = _measured(spells, rules, counts.windows[kind], kind, "all ends")
    if found is not None:
        return found
    weeks = rules.kind(kind).assumed_weeks
    words = f"assumed: exponential with a mean of {weeks:g} weeks, since no wait of kind {kind} was seen to end"
    return Law(Exponential("exponential", weeks), 0, words, True)


def how_patient(alike: Iterable[Alike], counts: Counts, rules: Rules, kind: str) -> Law:
    """Return how long people wait before they leave without what they wait for: being served censors it."""
    chosen = rules.kind(kind)
    spells = spells_of(alike, counts, lambda one: chosen.is_left(one.code))
    found = _measured(spells, rules, counts.windows[kind], kind, "ends by leaving")
    if found is not None:
        return found
    words = f"assumed: nobody leaves, since no wait of kind {kind} was seen to end so; {spells.waits:,} waits"
    return Law(None, 0, words, True)


def _measured(spells: Spells, rules: Rules, window: Window, kind: str, ends: str) -> Law | None:
    if not spells.ends:
        return None
    where = f"person_wait of kind {kind}, {ends} since {window.first_date}"
    amounts = f"{spells.ends:,} ends of {spells.waits:,} waits"
    if spells.ends >= rules.least_ends:
        law = as_quantiles(kaplan_meier(spells), LEAST_KNOT_ENDS, rules.longest_weeks)
        return Law(law, spells.ends, f"measured: Kaplan-Meier, {where}; {amounts}", False)
    mean = min(spells.exposure_weeks / spells.ends, float(rules.longest_weeks))
    words = f"measured rate, assumed law: exponential, as fewer than {rules.least_ends} ended; {where}; {amounts}"
    return Law(Exponential("exponential", mean), spells.ends, words, True)
