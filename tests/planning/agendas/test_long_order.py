"""The order of long meetings: against every order there is, and against the search by slot."""

from __future__ import annotations

import datetime as dt
import random
from itertools import permutations

import pytest

from braid.planning.agendas.checker import broken_rules
from braid.planning.agendas.engines import long_order, order
from braid.planning.agendas.engines.long_order import LongMeeting, order_long
from braid.planning.agendas.engines.places import SCALE, Room
from braid.planning.agendas.model import AgendasProblem, Away, Item, Meeting, Placed, Prices
from braid.planning.agendas.reference import plan_of

DATE = dt.date(2026, 12, 1)
PEOPLE = [f"person {number}" for number in range(7)]


def drawn(seed: int, items: int) -> LongMeeting:
    draw = random.Random(seed)
    return LongMeeting(
        lengths=[draw.randint(1, 3) for _ in range(items)],
        people=[draw.sample(PEOPLE, draw.randint(0, 4)) for _ in range(items)],
        attendance=draw.choice((0, 100)),
        waiting=[draw.randint(0, 9) for _ in range(items)],
    )


def cost_of(meeting: LongMeeting, ordered: list[int]) -> int:
    """Return what an order costs, person by person and slot by slot."""
    seats = [at for at in ordered for _ in range(meeting.lengths[at])]
    waited = sum(meeting.waiting[at] * seats.index(at) for at in ordered)
    there = 0
    for person in PEOPLE:
        mine = [slot for slot, at in enumerate(seats) if person in meeting.people[at]]
        there += mine[-1] - mine[0] + 1 if mine else 0
    return waited + meeting.attendance * there


def test_it_is_the_best_of_all_orders() -> None:
    for seed in range(120):
        meeting = drawn(seed, 1 + seed % 6)
        ordered, is_proved = order_long(meeting)
        assert is_proved
        every = permutations(range(len(meeting.lengths)))
        assert cost_of(meeting, ordered) == min(cost_of(meeting, list(each)) for each in every), seed


def test_where_not_every_set_is_looked_at_it_says_so_and_is_near(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(long_order, "EXACT_ITEMS", 0)
    worst = 1.0
    for seed in range(30):
        meeting = drawn(seed, 10)
        monkeypatch.setattr(long_order, "WIDEST", 10_000)
        best, is_proved = order_long(meeting)
        assert is_proved
        monkeypatch.setattr(long_order, "WIDEST", 40)
        ordered, is_proved = order_long(meeting)
        assert not is_proved
        assert sorted(ordered) == list(range(10))
        worst = max(worst, cost_of(meeting, ordered) / max(1, cost_of(meeting, best)))
    assert 1.0 < worst < 1.2


def long_problem(seed: int, items: int, away: tuple[Away, ...] = ()) -> AgendasProblem:
    draw = random.Random(seed)
    return AgendasProblem(
        kind="agendas",
        slot_minutes=10,
        meetings=(Meeting("board", DATE, 60),),
        items=tuple(
            Item(
                f"item {number}",
                tuple(draw.sample(PEOPLE, draw.randint(1, 4))),
                DATE,
                DATE,
                draw.randint(1, 5),
                draw.randint(1, 30),
            )
            for number in range(items)
        ),
        away=away,
        prices=Prices(urgent_first=draw.randint(0, 3)),
    )


def _value(room: Room, firsts: list[int]) -> int:
    problem = room.problem
    places = dict(enumerate(firsts))
    meeting = LongMeeting(
        room.lengths,
        [each.people for each in problem.items],
        SCALE * problem.prices.attendance,
        [problem.prices.urgent_first * each.urgency for each in problem.items],
    )
    return cost_of(meeting, sorted(places, key=places.__getitem__))


def test_a_meeting_just_short_enough_has_the_same_value_both_ways(monkeypatch: pytest.MonkeyPatch) -> None:
    for seed in range(8):
        room = Room(long_problem(seed, 9))
        numbers, given = list(range(9)), [0] * 9
        by_slot, _ = order.order(room, 0, numbers, given)
        with monkeypatch.context() as patched:
            patched.setattr(order, "MOST_ITEMS", 8)
            by_set, is_proved = order.order(room, 0, numbers, given)
        assert is_proved
        assert _value(room, by_set) == _value(room, by_slot), seed


def test_a_long_meeting_is_put_in_order_unless_somebody_is_away() -> None:
    given = [0] * 18
    problem = long_problem(3, 18)
    firsts, is_proved = order.order(Room(problem), 0, range(18), given)
    assert is_proved
    placed = tuple(Placed(item.id, "board", first + 1) for item, first in zip(problem.items, firsts, strict=True))
    assert broken_rules(problem, plan_of(placed)) == []
    away = (Away(problem.items[0].people[0], "board", 0, 10),)
    assert order.order(Room(long_problem(3, 18, away)), 0, range(18), given) == (given, False)
