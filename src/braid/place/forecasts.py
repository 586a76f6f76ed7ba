"""What a simulation forecast when a board decided, and what was published of the same queues since.

A forecast is kept as it was: what a question comes to later changes nothing in it. A list of it is held against the
published sizes of one kind of wait, where it is of that kind alone and both began alike. The band is that of single
replications, nine in ten of them, since what happens is one course of events and not the mean of many.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from braid.language.codes import WAIT_KINDS
from braid.language.documents import Part, parse, write
from braid.simulation.answer import Answer
from braid.simulation.calibration import Rules
from braid.simulation.comparison import Comparison
from braid.simulation.measures import Fan

LOW, HIGH = "0.05", "0.95"
WEEK_DAYS = 7
ROUNDED = 2
"""A published count may be off by so much from the exact one, since it is rounded to five."""
START_DAYS = 7
"""A size that was published so near the first day of a forecast is taken for that of the first day."""
ALIKE_COUNT, ALIKE_SHARE = 10, 0.1
"""A list and a published size begin alike where they differ by no more than ten, or a tenth."""
VERDICTS: Mapping[str, str] = {
    "inside": "inside the band",
    "above": "above the band",
    "below": "below the band",
    "not_shown": "too few to show",
}
Size = tuple[dt.date, int | None]
Sizes = Mapping[str, Sequence[Size]]
"""By kind of wait how many waited on which day, as published, in order of days; none where too few did."""


@dataclass(frozen=True)
class Forecast(Part):
    """The answer to one scenario of a question, as it was when it was laid before a board."""

    kind: Literal["forecast"]
    question: str
    """What somebody called the question."""
    question_fingerprint: str
    answer_digest: str
    scenario: str
    changes: tuple[str, ...]
    """What the scenario changes, in words."""
    version: str
    network: str
    start: dt.date
    weeks: int
    replications: int
    seed: int
    comparison: Comparison
    """Every measure as it is, as it would be, and the difference, with intervals of means."""
    now: tuple[Fan, ...]
    """Every list week by week as it would go without the decision."""
    then: tuple[Fan, ...]
    """The same lists as they would go with it."""

    @property
    def last_date(self) -> dt.date:
        """The last day that it says anything of."""
        return self.start + dt.timedelta(weeks=self.weeks)


def freeze(answer: Answer, scenario: int, question: str, digest: str, changes: Sequence[str]) -> Forecast:
    """Return the forecast of a scenario, by its number from nought, of an answer with that digest.

    Raises `ValueError` where the answer has no such scenario.
    """
    if not 0 <= scenario < len(answer.comparisons):
        raise ValueError("the answer has no scenario of that number")
    now, then = answer.told[0], answer.told[scenario + 1]
    return Forecast(
        kind="forecast",
        question=question,
        question_fingerprint=answer.question,
        answer_digest=digest,
        scenario=then.name,
        changes=tuple(changes),
        version=answer.version,
        network=answer.network,
        start=dt.date.fromisoformat(answer.start),
        weeks=answer.weeks,
        replications=answer.replications,
        seed=answer.seed,
        comparison=answer.comparisons[scenario],
        now=now.fans,
        then=then.fans,
    )


def write_forecast(forecast: Forecast) -> str:
    """Return a forecast as the text that is kept."""
    return write(forecast)


def read_forecast(document: str) -> Forecast:
    """Return a forecast from the text that is kept."""
    return parse(document, Forecast, "forecast")


# -- which list is of which queue


def kinds_of_services(rules: Rules) -> Mapping[str, tuple[str, ...]]:
    """Return of which kinds of wait the queue of each service is, by the rules of a calibration."""
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for pathway in rules.pathways:
        for step in pathway.steps:
            found[step.service][step.kind] = None
    return {service: tuple(kinds) for service, kinds in found.items()}


def _why_not(service: str, rules: Rules, by_service: Mapping[str, tuple[str, ...]]) -> str:
    """Return why the list of a service is not held against a published size; empty where it is of one kind."""
    kinds = by_service.get(service, ())
    if not kinds:
        return "No kind of wait is known to be a queue for it."
    if len(kinds) > 1:
        names = ", ".join(WAIT_KINDS[kind].name for kind in kinds)
        return f"It is a queue for several kinds of wait ({names}), whose sizes are published apart."
    if sum(kinds[0] in each for each in by_service.values()) > 1:
        return f"{WAIT_KINDS[kinds[0]].name} is a queue for several services, and its size is published as one."
    if rules.service(service).gives == "places":
        return "Published is who holds a place; the forecast counts who waits for one."
    return ""


# -- what came of it


@dataclass(frozen=True)
class Sighting:
    """A published size on a day of a forecast, beside its band."""

    day: dt.date
    waiting: int | None
    low: float
    mean: float
    high: float
    verdict: str
    """A code of `VERDICTS`."""


@dataclass(frozen=True)
class Followed:
    """A list of a forecast: the kind of wait that it is of, and what was published of it since.

    `because` says why it is not compared; it is empty where it is, also where nothing has been published yet.
    """

    service: str
    title: str
    kind: str
    fan: Fan
    start: dt.date
    sightings: tuple[Sighting, ...]
    because: str

    @property
    def outside(self) -> tuple[Sighting, ...]:
        """The days on which more or fewer waited than the band has."""
        return tuple(one for one in self.sightings if one.verdict in ("above", "below"))

    @property
    def shown(self) -> int:
        """On how many days a size was published that may be shown."""
        return sum(one.waiting is not None for one in self.sightings)

    @property
    def words(self) -> str:
        """Whether what was published lies inside what was forecast, in a sentence or two."""
        if self.because:
            return f"Not compared. {self.because}"
        if not self.shown:
            return "No size has been published since the decision that could be compared."
        days = "day" if self.shown == 1 else "days"
        if not self.outside:
            return f"Inside the band on each of {self.shown} published {days} since the decision."
        last = self.outside[-1]
        told = f"{last.waiting:,} on {last.day.day} {last.day:%B %Y}, {VERDICTS[last.verdict]}"
        return f"Outside the band on {len(self.outside)} of {self.shown} published {days} since the decision: {told}."


def follow(forecast: Forecast, sizes: Sizes, since: dt.date, rules: Rules) -> tuple[Followed, ...]:
    """Return each list of a forecast with the sizes that were published after a day, the day of the decision."""
    return tuple(_followed(forecast, fan, sizes, since, rules) for fan in forecast.then)


def _followed(forecast: Forecast, fan: Fan, sizes: Sizes, since: dt.date, rules: Rules) -> Followed:
    by_service = kinds_of_services(rules)
    because = _why_not(fan.about, rules, by_service)
    kind = "" if because else by_service[fan.about][0]
    published = sizes.get(kind, ())
    because = because or _begins_otherwise(forecast, fan, published)
    seen = () if because else tuple(_sightings(forecast, fan, published, since))
    return Followed(fan.about, fan.title, kind, fan, forecast.start, seen, because)


def _begins_otherwise(forecast: Forecast, fan: Fan, sizes: Sequence[Size]) -> str:
    """Return why a list and a published size are not of the same people, by where both begin; empty where they are."""
    near = [
        (abs((day - forecast.start).days), waiting)
        for day, waiting in sizes
        if waiting is not None and abs((day - forecast.start).days) <= START_DAYS
    ]
    if not near:
        return "No size was published on its first day, so that nobody can say whether both count the same people."
    published, begins = min(near)[1], fan.mean[0]
    if abs(published - begins) > max(ALIKE_COUNT, ALIKE_SHARE * published):
        return (
            f"On its first day the forecast has {begins:,.0f} in the queue and {published:,} were published: they do"
            " not count the same people."
        )
    return ""


def _sightings(forecast: Forecast, fan: Fan, sizes: Sequence[Size], since: dt.date) -> Iterator[Sighting]:
    for day, waiting in sizes:
        if max(since, forecast.start) < day <= forecast.last_date:
            weeks = (day - forecast.start).days / WEEK_DAYS
            low, mean, high = (_between(fan, line, weeks) for line in (fan.bands[LOW], fan.mean, fan.bands[HIGH]))
            yield Sighting(day, waiting, low, mean, high, _verdict(waiting, low, high))


def _between(fan: Fan, line: Sequence[float], weeks: float) -> float:
    """Return a line of a fan so many weeks after its first day, straight between two rows."""
    return float(np.interp(weeks, fan.weeks, line))


def _verdict(waiting: int | None, low: float, high: float) -> str:
    if waiting is None:
        return "not_shown"
    if waiting + ROUNDED < low:
        return "below"
    return "above" if waiting - ROUNDED > high else "inside"
