"""Who waits on the first day, as groups of the network: by pathway, steps done, band and days waited, and by no id."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
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
    bands = bands_of(pathway, rules)
    taken = [step.id for step in pathway.steps if rules.service(step.service).gives == "places"]
    return [
        _group(pathway, bands[band] if bands else None, since, taken, count) for (band, since), count in people.items()
    ]


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


def _group(
    pathway: PathwayRules, band: str | None, since: Sequence[int | None], taken: Collection[str], count: int
) -> Present:
    steps = zip(pathway.steps, since, strict=True)
    waited = {step.id: min(days / WEEK_DAYS, LONGEST_WEEKS) for step, days in steps if days is not None}
    done = tuple(step.id for step in pathway.steps if step.id not in waited)
    begun = tuple(step.id for step in pathway.steps if step.id in waited and step.id in taken)
    clock = waited[pathway.anchor.id]
    joined = _joined(pathway, waited, done, begun)
    begun_weeks = max((waited[step] for step in begun), default=clock)
    return Present(
        pathway=pathway.id,
        count=count,
        done=done,
        begun=begun,
        band=band,
        least=clock,
        joined_least=joined if joined != clock else None,
        joined_most=joined if joined != clock else None,
        begun_least=begun_weeks if begun_weeks != clock else None,
        begun_most=begun_weeks if begun_weeks != clock else None,
    )


def _joined(pathway: PathwayRules, waited: Mapping[str, float], done: Sequence[str], begun: Sequence[str]) -> float:
    """Return how long somebody has stood in the queue that they stand in; their clock where they stand in none."""
    ready = [
        waited[step.id]
        for step in pathway.steps
        if step.id in waited and step.id not in begun and set(step.after) <= set(done)
    ]
    return max(ready, default=waited[pathway.anchor.id])


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
