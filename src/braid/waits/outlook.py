"""The outlook of a service: what queueing theory says of its queue, with its own weekly figures as demand and capacity.

Capacity is what left in a week, so it is what the service did, and no more than it could do. Weeks that are not `known`
would show a service that did nothing, and are left out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from braid.waits import theory
from braid.waits.model import WEEK_DAYS

LEAST_WEEKS = 13
"""Of fewer weeks neither a mean nor a variance is worth telling."""

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Outlook:
    """Rates are waits a week, times are weeks. Where there is no limit, all that rests on a target is `None`."""

    weeks: int
    """How many weeks, up to the as-of date, demand, capacity and variability rest on."""
    since_date: dt.date
    """The first day of these weeks."""
    demand: float
    capacity: float
    variability: float
    queue_load: float
    size: int
    mean_wait: float | None
    """Of those who wait now, up to the as-of date."""
    average_wait: float | None
    """Of a queue that has settled; `None` where it never does, for capacity is not above demand."""
    time_to_clear: float | None
    """`None` where the queue does not fall."""
    target: float | None
    target_queue_size: float | None
    target_capacity: float | None
    needs_relief: bool | None
    relief_capacity: float | None
    """Only where relief is needed: to reach the target size in `theory.RELIEF_WEEKS`."""
    time_to_target: float | None
    waiting_list_pressure: float | None

    def as_document(self) -> dict[str, Any]:
        """Return the figures by name, for `--json`."""
        return asdict(self)


def find_outlook(measure: Row, weeks: Sequence[Row]) -> Outlook | None:
    """Return the outlook of a service from its rows of `service_measure` and `service_week`.

    `None` where fewer than 13 weeks are known, or nobody came or left in them.
    """
    known = sorted((week for week in weeks if week["known"]), key=_first_day)
    additions, removals = ([int(week[name]) for week in known] for name in ("additions", "removals"))
    demand_dispersion = theory.index_of_dispersion(additions)
    capacity_dispersion = theory.index_of_dispersion(removals)
    if len(known) < LEAST_WEEKS or demand_dispersion is None or capacity_dispersion is None:
        return None
    demand, capacity = sum(additions) / len(known), sum(removals) / len(known)
    variability = theory.variability(demand_dispersion, capacity_dispersion)
    size, mean_wait = int(measure["waiting"]), _in_weeks(measure["open_mean_days"])
    return Outlook(
        weeks=len(known),
        since_date=_first_day(known[0]),
        demand=demand,
        capacity=capacity,
        variability=variability,
        queue_load=theory.queue_load(demand, capacity),
        size=size,
        mean_wait=mean_wait,
        average_wait=theory.average_wait(demand, capacity, variability),
        time_to_clear=theory.time_to_clear(size, demand, capacity),
        **_against(_in_weeks(measure["limit_days"]), demand, capacity, variability, size, mean_wait),
    )


def _first_day(week: Row) -> dt.date:
    end: dt.date = week["week_end_date"]
    return end - dt.timedelta(days=WEEK_DAYS - 1)


def _in_weeks(days: float | None) -> float | None:
    return None if days is None else days / WEEK_DAYS


def _against(
    target: float | None, demand: float, capacity: float, variability: float, size: int, mean_wait: float | None
) -> dict[str, Any]:
    """Return what rests on a target; nothing is said of one where there is no limit, or one of no days.

    A target size below one wait is no queue but work done as it comes, of which a theory of queues has nothing to say.
    """
    names = "target target_queue_size target_capacity needs_relief relief_capacity time_to_target waiting_list_pressure"
    found: dict[str, Any] = dict.fromkeys(names.split())
    if not target:
        return found
    found["target"] = target
    found["waiting_list_pressure"] = None if mean_wait is None else theory.waiting_list_pressure(mean_wait, target)
    target_size = theory.target_queue_size(demand, target)
    if target_size < 1:
        return found
    relief = theory.needs_relief(size, target_size)
    return {
        **found,
        "target_queue_size": target_size,
        "target_capacity": theory.target_capacity(demand, target, variability),
        "needs_relief": relief,
        "relief_capacity": theory.relief_capacity(demand, size, target_size) if relief else None,
        "time_to_target": theory.time_to_clear(size, demand, capacity, target_size),
    }
