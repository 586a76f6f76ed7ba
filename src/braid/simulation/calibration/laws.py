"""From counted waits to laws of how long something takes, each with the words of where it comes from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from braid.simulation.calibration.counts import Counts, Waits, Window
from braid.simulation.calibration.rules import LEAST_KNOT_ENDS, Rules
from braid.simulation.calibration.survival import Spells, as_quantiles, kaplan_meier
from braid.simulation.durations import Duration, Exponential


@dataclass(frozen=True)
class Law:
    """A law, and where it comes from. What follows a semicolon in `source` is a count."""

    duration: Duration | None
    """None where nobody was seen to end so, and nothing is assumed."""
    ends: int
    source: str
    is_assumed: bool


def spells_of(waits: Waits, counts: Counts, is_end: npt.NDArray[np.bool_]) -> Spells:
    """Return waits as spells, each seen from the first day of its kind's window on."""
    window_days = (counts.as_of - counts.windows[waits.kind].first_date).days
    last_seen = np.where(waits.is_open, 0, waits.ended)
    entered = np.maximum(waits.started - window_days, 0)
    return Spells(entered, waits.started - last_seen, waits.counts, is_end & ~waits.is_open)


def how_long(waits: Waits, counts: Counts, rules: Rules) -> Law:
    """Return how long waits last, however they end; assumed where none was seen to end."""
    spells = spells_of(waits, counts, ~waits.is_open)
    found = _measured(spells, rules, counts.windows[waits.kind], waits.kind, "all ends")
    if found is not None:
        return found
    weeks = rules.kind(waits.kind).assumed_weeks
    words = f"assumed: exponential with a mean of {weeks:g} weeks, since no wait of kind {waits.kind} was seen to end"
    return Law(Exponential("exponential", weeks), 0, words, True)


def how_patient(waits: Waits, counts: Counts, rules: Rules) -> Law:
    """Return how long people wait before they leave without what they wait for: being served censors it."""
    spells = spells_of(waits, counts, waits.has_left)
    found = _measured(spells, rules, counts.windows[waits.kind], waits.kind, "ends by leaving")
    if found is not None:
        return found
    words = f"assumed: nobody leaves, since no wait of kind {waits.kind} was seen to end so; {spells.waits:,} waits"
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
