"""Who waits on the first day, as groups of the network: by pathway, steps done, band and days waited, and by no id."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from braid.simulation.calibration.counts import WEEK_DAYS, Counts, Standing
from braid.simulation.calibration.rules import PathwayRules, Rules
from braid.simulation.model import Present

SUPPRESSED_BELOW = 5
"""Counts below this are shown as `*` in many published tables."""
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
    groups: defaultdict[Present, int] = defaultdict(int)
    for one in counts.alike:
        if one.stop_date is None and len(pathways[one.pathway].steps) == 1:
            standing = Standing(one.pathway, one.band, {one.step: one.start_date}, one.waits)
            groups[_group(pathways[one.pathway], standing, counts, rules)] += one.waits
    for standing in counts.standing:
        groups[_group(pathways[standing.pathway], standing, counts, rules)] += standing.people
    return tuple(_counted(group, people) for group, people in sorted(groups.items(), key=_order))


def _order(item: tuple[Present, int]) -> tuple[str, float, str]:
    group = item[0]
    return group.pathway, -group.least, repr(group)


def _counted(group: Present, people: int) -> Present:
    return Present(**{**vars(group), "count": people})


def _group(pathway: PathwayRules, standing: Standing, counts: Counts, rules: Rules) -> Present:
    waited = {
        step: (counts.as_of - since).days / WEEK_DAYS for step, since in standing.since.items() if since is not None
    }
    done = tuple(step.id for step in pathway.steps if step.id not in waited)
    begun = tuple(
        step.id for step in pathway.steps if step.id in waited and rules.service(step.service).gives == "places"
    )
    clock = waited[pathway.anchor.id]
    joined = _joined(pathway, waited, done, begun)
    taken = max((waited[step] for step in begun), default=None)
    return Present(
        pathway=pathway.id,
        count=0,
        done=done,
        begun=begun,
        band=band_of(pathway, standing.band, rules),
        least=clock,
        joined_least=None if joined in (clock, None) else joined,
        joined_most=None if joined in (clock, None) else joined,
        begun_least=None if taken in (clock, None) else taken,
        begun_most=None if taken in (clock, None) else taken,
    )


def _joined(
    pathway: PathwayRules, waited: Mapping[str, float], done: Sequence[str], begun: Sequence[str]
) -> float | None:
    """Return how long somebody has stood in the queue that they stand in."""
    ready = [
        waited[step.id]
        for step in pathway.steps
        if step.id in waited and step.id not in begun and set(step.after) <= set(done)
    ]
    return max(ready, default=None)


def bands_of(pathway: PathwayRules, rules: Rules) -> tuple[str, ...]:
    """Return the bands of a pathway: those of the first of its kinds of wait that has any."""
    each = (rules.kind(step.kind).bands for step in pathway.steps)
    return next((bands for bands in each if bands), ())


def band_of(pathway: PathwayRules, code: str | None, rules: Rules) -> str | None:
    """Return the id of the band that a code of priority stands for; the last one of another code, or of none."""
    bands = bands_of(pathway, rules)
    if not bands:
        return None
    return band_id(code if code in bands else bands[-1])


def band_id(code: str) -> str:
    """Return a code of priority as an id."""
    return code.lower().replace(":", "_").replace(" ", "_")


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
