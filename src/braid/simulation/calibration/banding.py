"""A network as it may leave the place: nobody alone in it.

A run's own network has a group for each day on which somebody began to wait, and many of them are one person. Before it
is written to a file it is coarsened by the rule of published counts (`braid.trust.disclosure`): groups become bands of
weeks of 8 people or more, rates are those of a published count, and laws lose the days of their points. It is not for
publication even so: who waits by band of weeks, priority and step is more than the cubes publish, and who holds such a
file beside them could compare the two. It is for a partner to whom an agreement opens it.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from braid.language.documents import write
from braid.simulation.calibration.pose import Posed
from braid.simulation.calibration.reach import without_unreached
from braid.simulation.durations import Duration, Exponential, Quantiles
from braid.simulation.model import Band, Network, Pathway, Present, Service, Step, Weekly
from braid.trust.disclosure import SUPPRESSED_FROM, SUPPRESSED_TO, publishable_count

LEAST = SUPPRESSED_TO + 1
"""So many people are together in a group of a file."""
BAND_WEEKS = 4.0
HIDDEN_COUNT = (SUPPRESSED_FROM + SUPPRESSED_TO) / 2
"""What a count of 1 to 7 is taken for."""
SHARE_STEP = 0.05
DIGITS = 2
State = tuple[str, tuple[str, ...], tuple[str, ...]]
"""Pathway, steps done, steps begun."""


def network_text(posed: Posed, *, is_exact: bool = False) -> str:
    """Return a network as the JSON of a file: banded, unless `is_exact`, which is for the place's own folder alone."""
    return write(posed.network if is_exact else banded(posed.network, rate_weeks=posed.window_weeks))


def banded(network: Network, weeks: float = BAND_WEEKS, least: int = LEAST, rate_weeks: int = 26) -> Network:
    """Return a network in which every group has `least` people or more, in bands of `weeks` or wider.

    A pathway of fewer loses them, and is left out where nobody else comes to it; the sources say so of that pathway,
    and not how many. Rates are rounded as counts over `rate_weeks`. Raises `ValueError` where `weeks`, `least` or
    `rate_weeks` is not above 0.
    """
    if weeks <= 0 or least <= 0 or rate_weeks <= 0:
        raise ValueError("bands have weeks and people, and rates are counted over some weeks")
    present = [group for groups in _by_pathway(network.present) for group in _coarsen(groups, weeks, least)]
    gone = {group.pathway for group in network.present} - {group.pathway for group in present}
    sources = {place: source.partition(";")[0] for place, source in network.sources.items()}
    sources |= {f"pathway.{pathway}.present": f"left out: fewer than {least} people" for pathway in sorted(gone)}
    coarse = replace(
        network,
        profiles=(),
        services=tuple(_service(one, rate_weeks) for one in network.services),
        pathways=tuple(_pathway(one, rate_weeks) for one in network.pathways),
        present=tuple(present),
        sources=sources,
    )
    return without_unreached(coarse)


# -- who waits


def _by_pathway(present: Iterable[Present]) -> list[list[Present]]:
    found: defaultdict[str, list[Present]] = defaultdict(list)
    for group in present:
        found[group.pathway].append(group)
    return list(found.values())


def _coarsen(groups: Sequence[Present], weeks: float, least: int) -> list[Present]:
    """Return the groups of one pathway as bands: by steps done, and by priority where enough have each."""
    states: defaultdict[State, list[Present]] = defaultdict(list)
    for group in groups:
        states[group.pathway, group.done, group.begun].append(group)
    largest = max(states, key=lambda state: _people(states[state]))
    for state in [each for each in states if _people(states[each]) < least and each != largest]:
        states[largest] += [replace(one, done=largest[1], begun=largest[2]) for one in states.pop(state)]
    if _people(states[largest]) < least:
        return []
    return [
        band for each in states.values() for by_band in _by_band(each, least) for band in _bands(by_band, weeks, least)
    ]


def _people(groups: Iterable[Present]) -> int:
    return sum(group.count for group in groups)


def _by_band(groups: Sequence[Present], least: int) -> list[list[Present]]:
    found: defaultdict[str | None, list[Present]] = defaultdict(list)
    for group in groups:
        found[group.band].append(group)
    if all(_people(each) >= least for each in found.values()):
        return list(found.values())
    return [[replace(group, band=None) for group in groups]]


def _bands(groups: Sequence[Present], weeks: float, least: int) -> list[Present]:
    """Join groups from the longest wait on until each has enough; the last, too few, join the one before."""
    found: list[list[Present]] = [[]]
    for number in sorted({_number(group.least, weeks) for group in groups}, reverse=True):
        found[-1] += [group for group in groups if _number(group.least, weeks) == number]
        if _people(found[-1]) >= least:
            found.append([])
    last = found.pop()
    if last:
        found[-1] += last
    return [_joined(each, weeks) for each in found]


def _number(at_weeks: float, weeks: float) -> int:
    return math.floor(at_weeks / weeks)


def _joined(groups: Sequence[Present], weeks: float) -> Present:
    joined = [(one.joined_least, one.joined_most) for one in groups if one.joined_least is not None]
    begun = [(one.begun_least, one.begun_most) for one in groups if one.begun_least is not None]
    clock = [(one.least, one.most) for one in groups]
    least, most = _span(clock, weeks)
    joined_least, joined_most = _span([*joined, *_others(groups, joined)], weeks) if joined else (None, None)
    begun_least, begun_most = _span([*begun, *_others(groups, begun)], weeks) if begun else (None, None)
    return replace(
        groups[0],
        count=publishable_count(_people(groups)) or 0,
        least=least,
        most=most,
        joined_least=joined_least,
        joined_most=joined_most,
        begun_least=begun_least,
        begun_most=begun_most,
    )


Spans = Sequence[tuple[float | None, float | None]]


def _others(groups: Sequence[Present], known: Spans) -> Spans:
    """Return the clocks as well, where some joined or began with it."""
    return [(one.least, one.most) for one in groups] if len(known) < len(groups) else []


def _span(spans: Spans, weeks: float) -> tuple[float, float]:
    """Return the whole bands that some spans lie in."""
    lowest = min(low for low, _ in spans if low is not None)
    highest = max(high if high is not None else low or 0.0 for low, high in spans)
    first, last = _number(lowest, weeks), _number(highest, weeks)
    return first * weeks, (last + 1) * weeks


# -- rates, shares and laws


def _service(service: Service, rate_weeks: int) -> Service:
    return replace(service, capacity=_rounded(service.capacity, 1 if service.gives == "places" else rate_weeks))


def _rounded(weekly: Weekly, rate_weeks: int) -> Weekly:
    values = tuple(_rate(value, rate_weeks) for value in weekly.values) if weekly.values is not None else None
    return replace(weekly, level=_rate(weekly.level, rate_weeks), values=values, profile=None)


def _rate(level: float, rate_weeks: int) -> float:
    count = publishable_count(round(level * rate_weeks))
    return (HIDDEN_COUNT if count is None else count) / rate_weeks


def _pathway(pathway: Pathway, rate_weeks: int) -> Pathway:
    return replace(
        pathway,
        arrivals=_rounded(pathway.arrivals, rate_weeks),
        bands=_shares(pathway.bands),
        steps=tuple(_step(step) for step in pathway.steps),
    )


def _step(step: Step) -> Step:
    return replace(
        step,
        duration=_law(step.duration),
        patience=_law(step.patience) if step.patience is not None else None,
        leads_to=tuple(replace(lead, share=_lead_share(lead.share)) for lead in step.leads_to),
    )


def _lead_share(share: float) -> float:
    """Return the nearest step, which may be none: who hardly ever lead to somebody else are not made to."""
    return round(SHARE_STEP * round(share / SHARE_STEP), DIGITS)


def _share(share: float) -> float:
    return round(SHARE_STEP * max(round(share / SHARE_STEP), 1), DIGITS)


def _shares(bands: Sequence[Band]) -> tuple[Band, ...]:
    """Return bands with rounded shares, of which the largest takes what rounding leaves."""
    if not bands:
        return ()
    shares = [round(SHARE_STEP * round(band.share / SHARE_STEP), DIGITS) for band in bands]
    largest = max(range(len(bands)), key=lambda number: bands[number].share)
    shares[largest] = round(1.0 - sum(shares[:largest] + shares[largest + 1 :]), DIGITS)
    return tuple(replace(band, share=share) for band, share in zip(bands, shares, strict=True))


def _law(law: Duration) -> Duration:
    """Return a law without the days of its points: weeks to two digits, shares to a hundredth."""
    if isinstance(law, Exponential):
        return replace(law, mean=_digits(law.mean))
    if not isinstance(law, Quantiles):
        return law
    shares, weeks = [0.0], [_digits(law.weeks[0])]
    for share, at_weeks in zip(law.shares[1:-1], law.weeks[1:-1], strict=True):
        rounded = round(share, DIGITS)
        if shares[-1] < rounded < 1.0:
            shares.append(rounded)
            weeks.append(max(_digits(at_weeks), weeks[-1]))
    return Quantiles("quantiles", (*shares, 1.0), (*weeks, max(_digits(law.weeks[-1]), weeks[-1])))


def _digits(weeks: float) -> float:
    return float(f"{weeks:.{DIGITS}g}")
