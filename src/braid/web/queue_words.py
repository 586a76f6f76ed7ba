"""A queue in words: how it stands, and what theory says of figures that somebody states."""

from collections.abc import Iterator
from dataclasses import dataclass

from braid.waits.reckoning import Asked, Reckoned, reckon
from braid.web.backlogs import Backlog

NEVER, NOTHING = "Never", "\N{EN DASH}"
TRENDS = {"grows": "Grows", "steady": "Steady", "falls": "Falls", "not_known": "Not known"}


def sum_up(backlog: Backlog) -> str:
    """Return in a few words how many wait, what began and what ended in 13 weeks, and which way the queue goes."""
    figures = backlog.figures
    waiting = "Few wait" if figures.waiting is None else f"{figures.waiting:,} wait"
    if not backlog.is_known:
        return f"{waiting}. What began and what ended in 13 weeks is not known in full{_turn(backlog)}."
    ended = "few" if figures.completed is None else f"about {figures.completed:,}"
    if backlog.additions is None:
        return f"{waiting}. In 13 weeks {ended} ended; how many began is not shown{_turn(backlog)}."
    return f"{waiting}. In 13 weeks about {backlog.additions:,} began and {ended} ended{_turn(backlog)}."


def _turn(backlog: Backlog) -> str:
    if backlog.change is None:
        return ", and so not whether the queue grows" if backlog.additions is None else ""
    if backlog.trend == "steady":
        return ": the queue is about as long as it was"
    return f": the queue {'grew' if backlog.change > 0 else 'fell'} by {abs(backlog.change):,}"


def say_asked(asked: Asked) -> str:
    """Return the figures of a queue that somebody stated, in a line."""
    target = "no target" if asked.target is None else f"target {_weeks(asked.target)}"
    return (
        f"{_count(asked.size)} waiting, demand {_rate(asked.demand)} a week, capacity {_rate(asked.capacity)} a week,"
        f" {target}, {_weeks(asked.weeks)} to get there"
    )


@dataclass(frozen=True)
class Line:
    """One thing that theory says: its name, its figure, and what it means."""

    name: str
    figure: str
    meaning: str


def explain(asked: Asked) -> tuple[str, tuple[Line, ...]]:
    """Return what theory says of a queue: one sentence, then figure by figure."""
    found = reckon(asked)
    return _sentence(asked, found), tuple(_lines(asked, found))


def _sentence(asked: Asked, found: Reckoned) -> str:
    if asked.size == asked.demand == 0:
        return "Nobody waits and nobody comes."
    if found.growth > 0:
        return (
            f"As things are the queue grows by {_rate(found.growth)} a week, and never clears: in"
            f" {_count(asked.weeks)} weeks {_count(found.size_then)} would wait."
        )
    if found.growth == 0:
        return "As many come as are seen: the queue stays as long as it is, and any bad week makes it longer for good."
    if found.size_then == 0:
        return f"The queue falls by {_rate(-found.growth)} a week and is gone in {_weeks(found.time_to_clear)}."
    return (
        f"The queue falls by {_rate(-found.growth)} a week: in {_count(asked.weeks)} weeks"
        f" {_count(found.size_then)} would wait, and in {_weeks(found.time_to_clear)} nobody."
    )


def _lines(asked: Asked, found: Reckoned) -> Iterator[Line]:
    load = NOTHING if found.queue_load is None else f"{found.queue_load:.2f}"
    yield Line("Queue load", load, _load_words(found))
    yield Line("Time to clear", _weeks(found.time_to_clear), "Until nobody waits, with people still coming.")
    if found.target_queue_size is None:
        yield Line(
            "Capacity to clear the queue",
            f"{_rate(found.relief_capacity)} a week",
            f"Seen each week, it leaves nobody waiting in {_count(asked.weeks)} weeks. {_no_target(asked)}",
        )
        return
    yield from _against_target(asked, found, found.target_queue_size)


def _against_target(asked: Asked, found: Reckoned, target_size: float) -> Iterator[Line]:
    yield Line(
        "Target queue size",
        _count(target_size),
        f"On a queue so long nearly everybody is seen within {_count(asked.target)} weeks."
        f" {_times_words(found.times_target)}",
    )
    yield Line("Time to target size", _weeks(found.time_to_target), "Until the queue is down to that, at these rates.")
    yield Line("Relief capacity", f"{_rate(found.relief_capacity)} a week", _relief_words(asked, found))
    yield Line(
        "Capacity to stay there",
        f"{_rate(found.target_capacity)} a week",
        "Once the queue has its target size, so many seen each week keep it there.",
    )
    judged = "Above 1 the target will most likely be missed." if (found.pressure or 0) > 1 else "Up to 1 it can be met."
    yield Line(
        "Waiting-list pressure",
        f"{found.pressure:.1f}",
        f"Twice the mean wait by the target. The mean wait of a steady queue of this size is {_weeks(found.mean_wait)}."
        f" {judged}",
    )


def _load_words(found: Reckoned) -> str:
    if found.queue_load is None:
        return "There is no capacity, so whoever comes stays."
    if found.queue_load >= 1:
        return "Demand by capacity. From 1 on, a queue grows without end, however short it is now."
    return "Demand by capacity. Below 1 a queue settles; the nearer to 1, the longer the wait at which it does."


def _times_words(times: float | None) -> str:
    if times is None or times <= 1:
        return "The queue is no longer than that now."
    return f"The queue is {times:.1f} times as long now."


def _relief_words(asked: Asked, found: Reckoned) -> str:
    more = found.relief_capacity - asked.capacity
    than = f"{_rate(more)} a week more than now" if more > 0 else "no more than are seen now"
    needed = (
        "Needed, for the queue is more than twice its target size: steady capacity alone would take too long."
        if found.needs_relief
        else "Not needed: the queue is no more than twice its target size."
    )
    return f"Seen each week for {_count(asked.weeks)} weeks, it brings the queue to its target size: {than}. {needed}"


def _no_target(asked: Asked) -> str:
    if not asked.target:
        return "Without a target theory says no more: no size is the right one."
    return "The target size is below one: work is done as it comes, and there is no queue to speak of."


def _count(number: float | None) -> str:
    return f"{number:,.1f}".removesuffix(".0") if number is not None and number < 10 else f"{number or 0:,.0f}"


def _rate(number: float | None) -> str:
    return f"{number or 0:,.1f}".removesuffix(".0")


def _weeks(weeks: float | None) -> str:
    if weeks is None:
        return NEVER
    return f"{_count(weeks)} week{'' if weeks == 1 else 's'}"
