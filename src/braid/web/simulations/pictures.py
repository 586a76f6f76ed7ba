"""The drawings of an answer with their tables: each list beside what it would be, and where the weeks go."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from braid.simulation.answer import Answer
from braid.simulation.measures import Fan
from braid.simulation.model import Network
from braid.web.simulations.answers import SensitivityAnswer
from braid.web.simulations.drawings import (
    FanDrawing,
    FanRow,
    SwingDrawing,
    WeeksDrawing,
    draw_fan,
    draw_swings,
    draw_weeks,
    fan_rows,
)
from braid.web.simulations.words import say_uncertain


@dataclass(frozen=True)
class ListChart:
    """One list in one scenario beside the list as it is; no scenario where none was asked of."""

    scenario: str
    drawing: FanDrawing
    rows: tuple[FanRow, ...]


@dataclass(frozen=True)
class ListShown:
    """One list, and its charts."""

    title: str
    charts: tuple[ListChart, ...]


@dataclass(frozen=True)
class PathwayRow:
    """A step of a pathway in one course of events, in weeks."""

    step: str
    name: str
    waiting: float
    doing: float


@dataclass(frozen=True)
class PathwayShown:
    """Where the weeks of one pathway go."""

    title: str
    weeks: tuple[tuple[str, float, float], ...]
    """By course of events: its mean weeks, and how many people that rests on, in the mean of replications."""
    drawing: WeeksDrawing
    rows: tuple[PathwayRow, ...]


def lists_of(answer: Answer) -> list[ListShown]:
    """Return each list of an answer with its charts."""
    start = dt.date.fromisoformat(answer.start)
    now, *scenarios = answer.told
    return [
        ListShown(
            fan.title,
            tuple(_chart(told.name, fan, told.fans[at], start) for told in scenarios)
            or (ListChart("", draw_fan(fan, None, start), tuple(fan_rows(fan, None, start))),),
        )
        for at, fan in enumerate(now.fans)
    ]


def _chart(name: str, now: Fan, then: Fan, start: dt.date) -> ListChart:
    return ListChart(name, draw_fan(now, then, start), tuple(fan_rows(now, then, start)))


def pathways_of(answer: Answer) -> list[PathwayShown]:
    """Return each pathway of an answer that somebody concluded, with where its weeks go."""
    found = []
    for where in answer.told[0].where:
        courses = [(told.name, one) for told in answer.told for one in told.where if one.pathway == where.pathway]
        rows = [
            PathwayRow(step, name, *one.parts[at][1:])
            for at, (step, *_) in enumerate(where.parts)
            for name, one in courses
        ]
        weeks = tuple((name, one.weeks, one.people) for name, one in courses)
        found.append(PathwayShown(where.title, weeks, draw_weeks(courses), tuple(rows)))
    return found


def swings_of(found: SensitivityAnswer, network: Network) -> SwingDrawing:
    """Return what moves a measure as bars around what it is."""
    return draw_swings(
        [
            (say_uncertain(one.uncertain, network), one.at_low.mean or 0.0, one.at_high.mean or 0.0)
            for one in found.swings
        ]
    )
