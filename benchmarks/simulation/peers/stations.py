"""What peers are asked: stations with places, and people of several priorities who go from one to the next.

N1, N2 and the long list are stations. N3 is more than stations; a peer that can say it reads the compiled program.
"""

from __future__ import annotations

from dataclasses import dataclass, field


class Unsayable(Exception):
    """A network that an engine has no means for, or that was not written for it."""


@dataclass(frozen=True)
class Stations:
    """Exponential everything; times in weeks. Everybody arrives at the first station."""

    arrivals: tuple[float, ...]
    """A week, by priority, 0 first."""
    means: tuple[float, ...]
    """Of the service at each station."""
    places: tuple[int, ...]
    onward: tuple[tuple[float, ...], ...]
    """From each station, the chance of going on to each; what is left of 1 goes out."""
    present: int = 0
    """Who is at the first station when it opens, in service or waiting."""
    patience: float | None = None
    """Mean weeks of waiting before somebody leaves; for ever where None."""


N1 = Stations(arrivals=(9.0,), means=(1.0,), places=(10,), onward=((0.0,),))
N2 = Stations(
    arrivals=(1.2, 2.8),
    means=(1.0, 0.5, 1.25),
    places=(5, 3, 6),
    onward=((0.0, 1.0, 0.0), (0.0, 0.0, 0.7), (0.0, 0.25, 0.0)),
)
LIST_PLACES = 400
LIST_PATIENCE = 300.0


def long_list(waiting: int, *, is_patient: bool) -> Stations:
    """Return M/M/400 that stays about as long as it is: as many arrive as are served and leave; a load of 0.9 if 0."""
    leaving = 0.0 if is_patient else waiting / LIST_PATIENCE
    return Stations(
        arrivals=(LIST_PLACES * (1.0 if waiting else 0.9) + leaving,),
        means=(1.0,),
        places=(LIST_PLACES,),
        onward=((0.0,),),
        present=waiting + LIST_PLACES,
        patience=None if is_patient else LIST_PATIENCE,
    )


@dataclass
class Outcome:
    """What one run of an engine found. Events: arrivals, ends of service, people who left, week ticks of the model."""

    events: list[int]
    seconds: list[float]
    """Of processor time, from the empty model to each of the horizons asked for."""
    answers: dict[str, float] = field(default_factory=dict)
    rows: list[list[int]] | None = None


class Sums:
    """Counts and sums of a run of stations, for the answers."""

    def __init__(self, stations: Stations) -> None:
        self.events = 0
        self.weeks_at = [0.0] * len(stations.places)
        """Wait and service of everybody who was started, by station."""
        self.waited = [0.0] * len(stations.arrivals)
        self.started = [0] * len(stations.arrivals)
        """At the first station, by priority."""

    def answers(self, weeks: float) -> dict[str, float]:
        """Return mean people at each station, by Little's law, and mean waits at the first by priority."""
        inside = {f"inside_{number}": each / weeks for number, each in enumerate(self.weeks_at)}
        waits = zip(self.waited, self.started, strict=True)
        return inside | {f"wait_{number}": total / max(count, 1) for number, (total, count) in enumerate(waits)}
