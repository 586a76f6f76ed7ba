"""The nouns of a simulation: services with a queue, pathways of people through them, and who waits today.

Time is in weeks of seven days from the network's first day, a Monday or not. Nothing in a network is about a person:
who waits is counted by pathway, step and length of wait.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

from braid.language.documents import Part
from braid.simulation.durations import Duration

Gives = Literal["slots", "places", "time"]
"""What a service has of which there is too little.

`slots`: so many a week, released as the week begins; one that nobody takes in its week lapses, and what follows the
slot holds nothing. `places`: so many at once, each held for the length of the step; where places are taken away, nobody
is put out. `time`: enough for everybody, a step here only takes its time.
"""
Order = Literal["joined", "clock"]
"""Who of a priority is next: who joined the queue first, or whose clock has run longest, by the week it began."""
OnLeave = Literal["pathway", "step", "goto"]
"""What somebody gives up whose patience ends: everything, this step alone, or all for another step."""
MOST_STEPS = 16
MOST_PRIORITIES = 8
YEAR = 52


@dataclass(frozen=True)
class Change(Part):
    """From a week on, so much more or less each week, or so many times as much."""

    from_week: int = 0
    add: float = 0.0
    times: float = 1.0


@dataclass(frozen=True)
class Weekly(Part):
    """A number for each week: a level times a profile of the year, or a value for each week one after another."""

    level: float = 0.0
    profile: str | None = None
    """Id of the profile of the year; even where there is none."""
    changes: tuple[Change, ...] = ()
    """Each applied to what the ones before it made."""
    values: tuple[float, ...] | None = None
    """One for each week, instead of level and profile; what lies beyond the last repeats from the first."""


@dataclass(frozen=True)
class Profile(Part):
    """How the weeks of a year differ: 52 factors around 1, the first for the week of 1 January."""

    id: str
    factors: tuple[float, ...]


@dataclass(frozen=True)
class Service(Part):
    """Something with a queue of its own."""

    id: str
    gives: Gives
    capacity: Weekly = Weekly()
    """Slots a week, or places; no more than a whole number of them is given, and what is left over is kept."""
    title: str = ""
    order: Order = "joined"
    ageing_weeks: float | None = None
    """After so many weeks of waiting somebody counts as one priority higher; null where priorities never mix."""


@dataclass(frozen=True)
class Repeat(Part):
    """A step that must be done again: a share of the times, at most so often. An adjourned hearing."""

    share: float
    most: int


@dataclass(frozen=True)
class LeadsTo(Part):
    """A share of those who finish a step begin another pathway then: a move that makes a child need a school."""

    pathway: str
    share: float = 1.0


@dataclass(frozen=True)
class Step(Part):
    """One thing that somebody needs from a service."""

    id: str
    services: tuple[str, ...]
    """Usually one. Of several, all must have room at once, and none is held while another is waited for."""
    duration: Duration
    after: tuple[str, ...] = ()
    """Steps of the pathway that must all be done before."""
    share: float = 1.0
    """Which share of people need it; the others pass it by."""
    coin: str | None = None
    """Steps with the same word here are needed by the same people."""
    hold_until: str | None = None
    """Another step that must be done before the places of this one are given back: accommodation until a letting."""
    patience: Duration | None = None
    """How long somebody waits for it before they leave; for ever where null."""
    on_leave: OnLeave = "pathway"
    goto: str | None = None
    """For `on_leave` goto: the step that is gone to. It and what comes after it is all that is left to do."""
    repeat: Repeat | None = None
    priority: int | None = None
    """Instead of the priority of band and pathway; 0 is first."""
    leads_to: tuple[LeadsTo, ...] = ()
    target_weeks: float | None = None
    """How long people should wait for it at most, for what reports say."""
    title: str = ""


@dataclass(frozen=True)
class Band(Part):
    """A share of those who arrive that has a priority of its own."""

    id: str
    share: float
    priority: int


@dataclass(frozen=True)
class Clock(Part):
    """What a time limit counts: from arrival or the end of a step, until the end of a step or of the pathway."""

    weeks: float
    """The limit."""
    start: str | None = None
    """The step whose end starts it; arrival where null."""
    stop: str | None = None
    """The step whose end stops it; the end of the pathway where null."""


@dataclass(frozen=True)
class Pathway(Part):
    """People of one kind: how many arrive a week, and what they need in which order."""

    id: str
    steps: tuple[Step, ...]
    arrivals: Weekly = Weekly()
    """People a week: the mean of a Poisson process."""
    priority: int = 0
    bands: tuple[Band, ...] = ()
    clock: Clock | None = None
    unit: str = "person"
    """What one of them is called: child, household, pathway."""
    title: str = ""
    is_traced: bool = True
    """Whether it is reckoned where their time goes, which takes a little memory for each of them."""


@dataclass(frozen=True)
class Present(Part):
    """So many people who are in a pathway on the first day.

    Weeks are counted back from the first day, from `least` to `most`; where they differ, each of them is drawn between
    the two anew in each replication.
    """

    pathway: str
    count: int
    done: tuple[str, ...] = ()
    """Steps that are behind them, or that they do not need. What is ready then, they wait for."""
    begun: tuple[str, ...] = ()
    """Steps they are in the middle of, since `begun_least` to `begun_most` weeks."""
    band: str | None = None
    """Drawn by the pathway's shares where null."""
    least: float = 0.0
    """Weeks since their clock began."""
    most: float | None = None
    joined_least: float | None = None
    """Weeks since they joined the queue they stand in; as long as the clock where null."""
    joined_most: float | None = None
    begun_least: float | None = None
    begun_most: float | None = None


@dataclass(frozen=True)
class Network(Part):
    """A place's queues as they are, and the people who go through them."""

    kind: Literal["network"]
    name: str
    start: dt.date
    weeks: int
    """How many weeks are simulated."""
    services: tuple[Service, ...]
    pathways: tuple[Pathway, ...]
    profiles: tuple[Profile, ...] = ()
    present: tuple[Present, ...] = ()
    sources: Mapping[str, str] = field(default_factory=dict)
    """Where figures come from, by what they are of."""

    def service(self, wanted: str) -> Service:
        """Return a service by its id. Raises `KeyError`."""
        return {one.id: one for one in self.services}[wanted]

    def pathway(self, wanted: str) -> Pathway:
        """Return a pathway by its id. Raises `KeyError`."""
        return {one.id: one for one in self.pathways}[wanted]


def week_numbers(weekly: Weekly, network: Network) -> npt.NDArray[np.float64]:
    """Return the numbers of a `Weekly` for each week of a network."""
    weeks = network.weeks
    if weekly.values is not None:
        numbers = np.resize(np.array(weekly.values, dtype=float), weeks)
    else:
        numbers = np.full(weeks, float(weekly.level))
        if weekly.profile is not None:
            factors = {one.id: one.factors for one in network.profiles}[weekly.profile]
            numbers = numbers * np.array(factors)[weeks_of_year(network.start, weeks)]
    for change in weekly.changes:
        numbers[change.from_week :] = numbers[change.from_week :] * change.times + change.add
    return np.maximum(numbers, 0.0)


def weeks_of_year(start: dt.date, weeks: int) -> npt.NDArray[np.int64]:
    """Return for each week from a day on which of the 52 weeks of its year its first day lies in, from 0."""
    days = [start + dt.timedelta(days=7 * week) for week in range(weeks)]
    return np.array([min((day.timetuple().tm_yday - 1) // 7, YEAR - 1) for day in days], dtype=np.int64)
