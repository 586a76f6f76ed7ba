"""Who waits on the first day, as groups of the network: by pathway, steps done, band and days waited, and by no id."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from braid.simulation.calibration.counts import WEEK_DAYS, Counts, Days, Standing, Waits
from braid.simulation.calibration.rules import PathwayRules, Rules, bands_of
from braid.simulation.model import MOST_PRIORITIES, Present

SUPPRESSED_BELOW = 5
"""Counts below this are shown as `*` in many published tables."""
LONGEST_WEEKS = 5_000.0
"""Whoever began longer ago is taken to have begun so long ago: such a day is a mistake of the source."""
OPEN_BAND_WEEKS = 52.0
"""How far a band without an upper end is taken to reach."""


@dataclass(frozen=True)
class BandedCount:
    """So many who have waited from `least` to `most` weeks, as a published table has it."""

    least: float
    most: float | None
    """None of the last band: over so many weeks."""
    count: int | None
    """None where it is suppressed."""


def queues_of(counts: Counts, rules: Rules) -> tuple[Present, ...]:
    """Return who is in each pathway on the as-of date. Days waited are exact, and so is the order of each queue."""
    pathways = {one.id: one for one in rules.pathways}
    alike: defaultdict[str, list[Standing]] = defaultdict(list)
    for standing in (*_alone(counts, rules), *counts.standing):
        alike[standing.pathway].append(standing)
    groups = [group for pathway, each in alike.items() for group in _groups(pathways[pathway], each, rules)]
    return tuple(sorted(groups, key=_order))


def _order(group: Present) -> tuple[str, float, tuple[str, ...], str, float, float]:
    """Say where a group stands in a network: by pathway, the longest waits first."""
    joined, begun = group.joined_least or 0.0, group.begun_least or 0.0
    return group.pathway, -group.least, group.done, group.band or "", -joined, -begun


def _groups(pathway: PathwayRules, each: Sequence[Standing], rules: Rules) -> list[Present]:
    """Return who is in one pathway, those alike counted together, from wherever they were counted."""
    people: Counter[tuple[int, tuple[int | None, ...]]] = Counter()
    for standing in each:
        people[standing.band, tuple(standing.since.values())] += standing.people
    reader = _Reader(pathway, bands_of(pathway, rules), _places(pathway, rules), pathway.steps.index(pathway.anchor))
    return [reader.group(band, since, count) for (band, since), count in people.items()]


def _places(pathway: PathwayRules, rules: Rules) -> frozenset[int]:
    """Return the steps of a pathway in which somebody who waits holds a place."""
    return frozenset(at for at, step in enumerate(pathway.steps) if rules.service(step.service).gives == "places")


def _alone(counts: Counts, rules: Rules) -> Iterator[Standing]:
    """Yield who waits for nothing but an anchor: what comes before it is behind them."""
    for kind, waits in counts.alone.items():
        pathway = rules.alone(kind)
        here = waits.only(waits.is_open)
        for band, started, people in zip(*(each.tolist() for each in _merged(here)), strict=True):
            since = {step.id: started if step is pathway.anchor else None for step in pathway.steps}
            yield Standing(pathway.id, band, since, people)


def _merged(waits: Waits) -> tuple[Days, Days, Days]:
    """Return band, days since they began and number of waits, each pair of band and days once."""
    pairs, place = np.unique(waits.started * MOST_PRIORITIES + waits.band, return_inverse=True)
    counts = np.rint(np.bincount(place, waits.counts)).astype(np.int64)
    return pairs % MOST_PRIORITIES, pairs // MOST_PRIORITIES, counts


@dataclass(frozen=True)
class _Reader:
    """Says of those who stand alike in a pathway what is behind them, and since when they wait for what."""

    pathway: PathwayRules
    bands: tuple[str, ...]
    places: frozenset[int]
    anchor: int

    def group(self, band: int, since: Sequence[int | None], count: int) -> Present:
        """Return those who stand alike as a group of the network; `since` by step, none where it is behind them."""
        weeks = [None if days is None else min(days / WEEK_DAYS, LONGEST_WEEKS) for days in since]
        steps = self.pathway.steps
        done = tuple(step.id for step, waited in zip(steps, weeks, strict=True) if waited is None)
        clock = weeks[self.anchor] or 0.0
        begun = [at for at in self.places if weeks[at] is not None]
        joined = self._longest([at for at in range(len(steps)) if self._is_queued(at, weeks, done)], weeks, clock)
        taken = self._longest(begun, weeks, clock)
        return Present(
            pathway=self.pathway.id,
            count=count,
            done=done,
            begun=tuple(steps[at].id for at in sorted(begun)),
            band=self.bands[band] if self.bands else None,
            least=clock,
            joined_least=joined,
            joined_most=joined,
            begun_least=taken,
            begun_most=taken,
        )

    def _is_queued(self, at: int, weeks: Sequence[float | None], done: Sequence[str]) -> bool:
        return weeks[at] is not None and at not in self.places and set(self.pathway.steps[at].after) <= set(done)

    def _longest(self, places: Sequence[int], weeks: Sequence[float | None], clock: float) -> float | None:
        """Return the longest wait of some steps; `None` where it is that of the clock, or there is none."""
        longest = max((weeks[at] or 0.0 for at in places), default=clock)
        return None if longest == clock else longest


def present_from_bands(pathway: str, bands: Sequence[BandedCount], total: int | None = None) -> tuple[Present, ...]:
    """Return who waits from a published table of bands of weeks, by whom each is drawn inside their band.

    A suppressed count is imputed: what `total` leaves of the others is shared evenly among the suppressed bands, each
    within 1 and 4, the longest waits first where it does not divide; without a total it is 2 and 3 by turns, the mean
    of 1 to 4. The last band is taken to reach a year beyond its lower end.
    """
    imputed = iter(_imputed(bands, total))
    groups = []
    for band in bands:
        count = next(imputed) if band.count is None else band.count
        most = band.least + OPEN_BAND_WEEKS if band.most is None else band.most
        if count:
            groups.append(Present(pathway, count, least=band.least, most=most))
    return tuple(groups)


def _imputed(bands: Sequence[BandedCount], total: int | None) -> list[int]:
    """Return a count for each suppressed band, in their order."""
    hidden = sum(band.count is None for band in bands)
    if not hidden:
        return []
    if total is None:
        return [2 + number % 2 for number in range(hidden)]
    left = total - sum(band.count or 0 for band in bands)
    left = min(max(left, hidden), hidden * (SUPPRESSED_BELOW - 1))
    each, more = divmod(left, hidden)
    return [each + (number >= hidden - more) for number in range(hidden)]
