"""What theory says of a queue whose figures somebody states: at once, by the formulas of `braid.waits.theory`.

Demand and capacity are taken as coming at random (variability 1), as nothing says how uneven they are. The mean wait is
the one that a queue of this size has that neither grows nor falls, by Little's law: size by demand.
"""

from __future__ import annotations

from dataclasses import dataclass

from braid.waits import theory


@dataclass(frozen=True)
class Asked:
    """A queue as somebody states it. Rates are waits a week, times are weeks; `weeks` is how long relief may take.

    `target` is the time within which nearly everybody is to be seen; `None` where there is none. Figures are 0 or more,
    `target` and `weeks` above 0, or the theory raises `ValueError`.
    """

    size: float
    demand: float
    capacity: float
    target: float | None
    weeks: float = theory.RELIEF_WEEKS


@dataclass(frozen=True)
class Reckoned:
    """What follows. `None`: nothing can be said, or it never happens; the fields say which."""

    queue_load: float | None
    """`None` where there is no capacity."""
    growth: float
    """Waits a week; below 0 the queue falls."""
    size_then: float
    """After the weeks that relief may take, at these rates; never below 0."""
    time_to_clear: float | None
    """`None` where the queue does not fall."""
    mean_wait: float | None
    """`None` where nobody comes."""
    target_queue_size: float | None
    """`None` without a target, or below one wait: that is no queue, but work done as it comes."""
    times_target: float | None
    needs_relief: bool | None
    relief_capacity: float
    """To reach the target size in the weeks stated, or an empty queue where there is none."""
    time_to_target: float | None
    """`None` without a target size, or where the queue does not fall."""
    target_capacity: float | None
    pressure: float | None


def reckon(asked: Asked) -> Reckoned:
    """Return what theory says of the queue."""
    size, demand, capacity = asked.size, asked.demand, asked.capacity
    growth = demand - capacity
    mean_wait = size / demand if demand else None
    target_size = _target_size(asked)
    return Reckoned(
        queue_load=theory.queue_load(demand, capacity) if capacity else None,
        growth=growth,
        size_then=max(0.0, size + growth * asked.weeks),
        time_to_clear=theory.time_to_clear(size, demand, capacity),
        mean_wait=mean_wait,
        target_queue_size=target_size,
        times_target=None if target_size is None else size / target_size,
        needs_relief=None if target_size is None else theory.needs_relief(size, target_size),
        relief_capacity=theory.relief_capacity(demand, size, target_size or 0.0, asked.weeks),
        time_to_target=None if target_size is None else theory.time_to_clear(size, demand, capacity, target_size),
        target_capacity=None if target_size is None else theory.target_capacity(demand, asked.target or 0.0),
        pressure=None
        if mean_wait is None or not asked.target
        else theory.waiting_list_pressure(mean_wait, asked.target),
    )


def _target_size(asked: Asked) -> float | None:
    if not asked.target:
        return None
    size = theory.target_queue_size(asked.demand, asked.target)
    return size if size >= 1 else None
