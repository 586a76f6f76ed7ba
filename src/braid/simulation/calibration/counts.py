"""What a calibration needs of a run: waits alike, counted, without anybody's id."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from braid.simulation.calibration.rules import LeadRules

WEEK_DAYS = 7
RUNS = -1
Days = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Window:
    """The weeks at whose ends all who waited are known: from the first day to the as-of date."""

    first_date: dt.date
    weeks: int
    """None, where no feed that sends the kind shows an end."""


@dataclass(frozen=True, eq=False)
class Waits:
    """The waits of one kind in one step of one pathway, those alike counted; all arrays have one length."""

    kind: str
    band: Days
    """The how manieth of the kind's bands, from 0."""
    started: Days
    """Days from the day they began to the as-of date."""
    ended: Days
    """Days from the day they ended to the as-of date; `RUNS` where they have not."""
    has_left: npt.NDArray[np.bool_]
    """Whether they ended without what was waited for."""
    counts: Days

    @property
    def is_open(self) -> npt.NDArray[np.bool_]:
        """Which of them run."""
        return np.asarray(self.ended == RUNS, np.bool_)

    @property
    def open_count(self) -> int:
        """How many run."""
        return int(self.counts[self.is_open].sum())

    def only(self, which: npt.NDArray[np.bool_]) -> Waits:
        """Return some of them."""
        return Waits(
            self.kind,
            self.band[which],
            self.started[which],
            self.ended[which],
            self.has_left[which],
            self.counts[which],
        )


def join_waits(kind: str, parts: Sequence[Waits]) -> Waits:
    """Return waits of a kind from several steps as one."""
    empty = np.zeros(0, np.int64)
    each = [Waits(kind, empty, empty, empty, np.zeros(0, np.bool_), empty), *parts]
    return Waits(
        kind,
        np.concatenate([part.band for part in each]),
        np.concatenate([part.started for part in each]),
        np.concatenate([part.ended for part in each]),
        np.concatenate([part.has_left for part in each]),
        np.concatenate([part.counts for part in each]),
    )


@dataclass(frozen=True)
class Standing:
    """So many people who stand alike in a pathway of several steps: since when each of their waits runs."""

    pathway: str
    band: int
    since: Mapping[str, int | None]
    """By step the days since its wait began; none where that step is behind them."""
    people: int


@dataclass(frozen=True)
class Counts:
    """Everything that a calibration needs of a run."""

    as_of: dt.date
    windows: Mapping[str, Window]
    """By kind of wait, of every kind that the run holds or a rule names."""
    open_waits: Mapping[str, int]
    """By kind of wait, also of kinds that no rule names: what the pathways must add up to."""
    waits: Mapping[tuple[str, str], Waits]
    """By pathway and step."""
    alone: Mapping[str, Waits]
    """Of these, by kind, those that were paired with none: each in the pathway of that kind alone."""
    standing: tuple[Standing, ...]
    led: Mapping[LeadRules, int]
    """How many of those who ended in the window began what it leads to."""
