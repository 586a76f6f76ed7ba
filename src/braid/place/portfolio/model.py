"""The nouns of `interventions.toml`: what bodies may buy, what it costs whom, and what it is believed to bring.

Effects are said as improvements, in a unit of the outcome for the period; the boards' own weights say in pence what
a unit is worth to them. Braid adds up what the boards say, and weighs nothing itself.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from braid.language.documents import Part

GRADES: Mapping[str, str] = {
    "trial": "Randomised trial",
    "comparison": "Comparison with others",
    "before_after": "Before and after",
    "simulation": "Simulation",
    "judgement": "Judgement of those who do the work",
}
"""What an estimate rests on, the strongest first."""
Z95 = 1.959963984540054
"""Standard deviations from the middle of a normal distribution to its 97.5th percentile."""


@dataclass(frozen=True)
class Weight(Part):
    """An outcome, and what the boards say that a unit of it is worth to them, in pence, with what they think it may be.

    `counted_in` says what one unit of an effect is, such as "school days saved".
    """

    outcome: str
    name: str
    counted_in: str
    pence: int
    low_pence: int
    high_pence: int
    why: str


@dataclass(frozen=True)
class Source(Part):
    """What estimates rest on. `together` is the share of their variance that all estimates of one source have alike."""

    id: str
    name: str
    grade: str
    together: float


@dataclass(frozen=True)
class Purse(Part):
    """What a body brings in the period, in pence; `fund` is the id of a fund, where it has one."""

    body: str
    name: str
    pence: int
    fund: str = ""


@dataclass(frozen=True)
class Estimate(Part):
    """What is believed: a central figure, and an interval that holds the truth with 95 per cent."""

    low: float
    central: float
    high: float

    def at(self, z: float) -> float:
        """Return the figure so many standard deviations from the central one: two half normals, joined there."""
        spread = (self.high - self.central if z > 0 else self.central - self.low) / Z95
        return self.central + z * spread


@dataclass(frozen=True)
class Size(Part):
    """One size at which an intervention can be bought: how much of it, and what that costs each body, in pence."""

    name: str
    units: int
    costs: Mapping[str, int]


@dataclass(frozen=True)
class EffectOn(Part):
    """What an intervention brings to one outcome of one body, at each of its sizes."""

    outcome: str
    body: str
    at_sizes: tuple[Estimate, ...]
    source: str


@dataclass(frozen=True)
class Offer(Part):
    """An intervention that can be bought once, at one of its sizes. `least` is the first size that is large enough."""

    id: str
    name: str
    about: str
    lead: str
    from_date: dt.date
    sizes: tuple[Size, ...]
    least: int
    least_why: str
    payers: tuple[str, ...]
    payers_why: str
    statement: str
    effects: tuple[EffectOn, ...]


@dataclass(frozen=True)
class Interaction(Part):
    """What two interventions add to each other, or take from each other, when both are bought."""

    one: str
    other: str
    outcome: str
    body: str
    estimate: Estimate
    source: str
    why: str


@dataclass(frozen=True)
class Joined(Part):
    """Two interventions of which the first needs the second, or which exclude each other, and why."""

    one: str
    other: str
    why: str


@dataclass(frozen=True)
class Portfolio(Part):
    """Everything that `interventions.toml` says."""

    name: str
    note: str
    from_date: dt.date
    to_date: dt.date
    weights: tuple[Weight, ...]
    sources: tuple[Source, ...]
    purses: tuple[Purse, ...]
    offers: tuple[Offer, ...]
    interactions: tuple[Interaction, ...]
    needs: tuple[Joined, ...]
    excludes: tuple[Joined, ...]

    @property
    def offered(self) -> tuple[Offer, ...]:
        """Interventions that can begin within the period."""
        return tuple(offer for offer in self.offers if offer.from_date <= self.to_date)

    def weight(self, outcome: str) -> Weight:
        """Return the weight of an outcome."""
        return next(each for each in self.weights if each.outcome == outcome)
