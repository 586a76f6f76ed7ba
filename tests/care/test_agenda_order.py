"""The order that keeps organisations in the room shortest: against every order of small agendas."""

from __future__ import annotations

import random
from itertools import permutations

import pytest

from braid.care.agenda_order import propose_order, urgency_of
from braid.care.agenda_spans import (
    Discussed,
    compare,
    minutes_in_room,
    minutes_sitting_through,
    spans_of,
    time_cases,
    time_in_order,
)
from braid.care.agendas import Slot, held_ranks

AGENCIES = "police health housing school".split()


def case(
    item: str,
    position: int,
    organisations: str,
    minutes: int = 15,
    times_put_off: int = 0,
    rank: int | None = None,
    from_minute: int = 0,
) -> Discussed:
    slot = Slot(item, position, minutes, rank, from_minute)
    return Discussed(slot, frozenset(organisations.split()), times_put_off)


def order_of(cases: list[Discussed]) -> tuple[Slot, ...]:
    return propose_order(tuple(cases)).slots


def in_room(cases: list[Discussed]) -> int:
    return minutes_in_room(time_cases(cases))


def placed(cases: list[Discussed], slots: tuple[Slot, ...]) -> list[Discussed]:
    by_item = {one.slot.item: one for one in cases}
    return [Discussed(slot, by_item[slot.item].organisations) for slot in slots]


def test_an_organisation_is_in_the_room_from_its_first_case_to_its_last() -> None:
    cases = [case("a", 1, "police health", 20), case("b", 2, "housing", 10), case("c", 3, "police", 15)]
    assert in_room(cases) == 45 + 20 + 10


def test_cases_of_the_same_organisations_come_together() -> None:
    cases = [
        case("a", 1, "police"), case("b", 2, "school"), case("c", 3, "police"), case("d", 4, "school"),
    ]  # fmt: skip
    slots = order_of(cases)
    assert in_room(placed(cases, slots)) == 60 < in_room(cases)
    assert [slot.position for slot in slots] == [1, 2, 3, 4]


def test_a_case_that_was_put_off_comes_before_its_equals() -> None:
    cases = [case("a", 1, "police"), case("b", 2, "police"), case("c", 3, "police", times_put_off=2)]
    assert order_of(cases)[0].item == "c"


def test_what_gains_nothing_stands_as_it_is() -> None:
    """Short cases are not moved up, nor is the order turned round, where it costs as much."""
    assert [slot.item for slot in order_of([case("a", 1, "police", 30), case("b", 2, "school", 10)])] == ["a", "b"]
    draw = random.Random(5)
    for number in (3, 5, 6, 8):
        cases = [case(str(at), at, " ".join(draw.sample(AGENCIES, 2)), draw.choice((5, 7, 20)), from_minute=late)
                 for at, late in enumerate([0] * (number - 1) + [draw.choice((0, 15))], 1)]  # fmt: skip
        best = placed(cases, order_of(cases))
        assert [slot.item for slot in order_of(best)] == [one.slot.item for one in best]


@pytest.mark.parametrize("seed", range(20))
def test_where_nobody_was_put_off_and_none_waits_no_order_has_fewer_minutes_in_the_room(seed: int) -> None:
    draw = random.Random(seed)
    cases = [
        case(str(at), at, " ".join(draw.sample(AGENCIES, draw.randint(1, 3))), draw.choice((5, 10, 30, 60)))
        for at in range(1, draw.randint(3, 5) + 1)
    ]
    least = min(minutes_in_room(time_in_order(order)) for order in permutations(cases))
    assert propose_order(tuple(cases)).is_proved
    assert in_room(placed(cases, order_of(cases))) == least


def test_no_order_of_a_small_agenda_is_much_shorter() -> None:
    draw = random.Random(2)
    for _ in range(40):
        cases = [
            case(str(number), number, " ".join(draw.sample("police health housing school".split(), draw.randint(1, 3))),
                 draw.choice((5, 10, 20)))
            for number in range(1, draw.randint(2, 6) + 1)
        ]  # fmt: skip
        found = in_room(placed(cases, order_of(cases)))
        best = min(
            in_room([case(one.slot.item, at, " ".join(one.organisations), one.slot.minutes)
                             for at, one in enumerate(order, 1)])
            for order in permutations(cases)
        )  # fmt: skip
        assert best <= found <= best * 1.1 + 10
        assert found <= in_room(cases) + 10


def test_one_case_or_none_needs_no_order() -> None:
    assert order_of([]) == ()
    assert order_of([case("a", 3, "police")]) == (Slot("a", 1, 15),)


@pytest.mark.parametrize("number", [17, 24, 30])
def test_a_long_agenda_is_never_made_longer_and_untidy_ones_much_shorter(number: int) -> None:
    draw = random.Random(number)
    agencies = "police health housing school probation refuge".split()
    tidy = [case(str(at), at, agencies[at * len(agencies) // (number + 1)], 11) for at in range(1, number + 1)]
    assert in_room(placed(tidy, order_of(tidy))) == in_room(tidy) == 11 * number
    mixed = [Discussed(Slot(one.slot.item, at, 11), one.organisations)
             for at, one in enumerate(draw.sample(tidy, number), 1)]  # fmt: skip
    assert in_room(placed(mixed, order_of(mixed))) < 0.6 * in_room(mixed)
    for _ in range(5):
        cases = [case(str(at), at, " ".join(draw.sample(agencies, 3)), draw.choice((5, 15, 120)))
                 for at in range(1, number + 1)]  # fmt: skip
        assert in_room(placed(cases, order_of(cases))) <= in_room(cases)


def cost(ordered: tuple[Discussed, ...]) -> float:
    """Count what an order costs, one organisation after another: in the room, and the chair until the end."""
    begun, minute = {}, 0
    for one in ordered:
        minute = max(minute, one.slot.from_minute)
        begun[one.slot.item] = minute
        minute += one.slot.minutes
    assert minute == max(begun[one.slot.item] + one.slot.minutes for one in ordered)
    waiting = minute + sum(urgency_of(one.times_put_off) * begun[one.slot.item] for one in ordered) / 100
    for organisation in {name for one in ordered for name in one.organisations}:
        own = [one for one in ordered if organisation in one.organisations]
        waiting += begun[own[-1].slot.item] + own[-1].slot.minutes - begun[own[0].slot.item]
    return waiting


def keeps(ordered: tuple[Discussed, ...]) -> bool:
    """Whether a held case stands at its place, or at the last that those held behind it leave."""
    held = [one for one in ordered if one.slot.rank]
    return all(
        ordered.index(one) + 1
        == min(one.slot.rank, len(ordered) - sum(other.slot.rank > one.slot.rank for other in held))
        for one in held
    )


@pytest.mark.parametrize("seed", range(30))
@pytest.mark.parametrize("late", [0, 1])
def test_of_all_orders_that_keep_what_is_held_none_is_better(seed: int, late: int) -> None:
    draw = random.Random(seed)
    number = draw.randint(2, 6)
    ranks = draw.sample([1, 2, 3, 4, 9], min(number, 5))
    cases = tuple(
        case(
            str(at),
            at,
            " ".join(draw.sample(AGENCIES, draw.randint(1, 3))),
            draw.choice((5, 10, 20)),
            draw.randint(0, 3),
            ranks[at - 1] if at <= len(ranks) and draw.random() < 0.4 else None,
            draw.choice((0, 10, 25)) if late else 0,
        )
        for at in range(1, number + 1)
    )
    found = propose_order(cases)
    by_item = {one.slot.item: one for one in cases}
    ordered = tuple(by_item[slot.item] for slot in found.slots)
    assert [slot.position for slot in found.slots] == list(range(1, number + 1))
    assert keeps(ordered)
    best = min(cost(one) for one in permutations(cases) if keeps(one))
    assert found.is_proved
    assert cost(ordered) == pytest.approx(best)


@pytest.mark.parametrize("seed", range(6))
def test_more_cases_that_wait_for_a_time_than_are_tried_are_near_the_best(seed: int) -> None:
    draw = random.Random(seed)
    cases = tuple(
        case(str(at), at, " ".join(draw.sample(AGENCIES, 2)), draw.choice((5, 10)), from_minute=draw.choice((0, 0, 20)))
        for at in range(1, 8)
    )
    found = propose_order(cases)
    by_item = {one.slot.item: one for one in cases}
    assert cost(tuple(by_item[slot.item] for slot in found.slots)) <= 1.1 * min(map(cost, permutations(cases))) + 10
    assert not found.is_proved or not any(one.slot.from_minute for one in cases)


def test_a_case_held_at_a_place_stays_there_although_another_order_is_shorter() -> None:
    cases = [
        case("a", 1, "police"), case("b", 2, "school", rank=2), case("c", 3, "police"), case("d", 4, "school"),
    ]  # fmt: skip
    slots = order_of(cases)
    assert slots[1].item == "b"
    assert in_room(placed(cases, slots)) == 60, "the other of the school comes first, or next to it"


def test_more_cases_than_are_proved_keep_what_is_held() -> None:
    draw = random.Random(3)
    cases = tuple(
        case(str(at), at, " ".join(draw.sample(AGENCIES, 2)), 10, rank={4: 1, 9: 20, 2: 7}.get(at))
        for at in range(1, 21)
    )
    found = propose_order(cases)
    places = {slot.item: slot.position for slot in found.slots}
    assert not found.is_proved
    assert (places["4"], places["9"], places["2"]) == (1, 20, 7)
    assert cost(tuple({one.slot.item: one for one in cases}[slot.item] for slot in found.slots)) < cost(cases)


def test_a_case_begins_no_earlier_than_was_said_and_the_pause_counts_for_who_waits() -> None:
    cases = [case("a", 1, "police", 10), case("b", 2, "police health", 20, from_minute=25)]
    timed = time_cases(cases)
    assert [(one.begin, one.end) for one in timed] == [(0, 10), (25, 45)]
    police, health = sorted(spans_of(timed), key=lambda one: one.begin)
    assert (police.begin, police.end, police.minutes, police.waited) == (0, 45, 45, 15)
    assert (health.begin, health.end, health.minutes, health.waited) == (25, 45, 20, 0)
    assert minutes_sitting_through(timed) == 90


def test_two_orders_are_compared_organisation_by_organisation() -> None:
    cases = [case("a", 1, "police"), case("b", 2, "school"), case("c", 3, "police school")]
    now, then = time_cases(cases), time_in_order([cases[1], cases[2], cases[0]])
    assert {one.organisation: one.more for one in compare(now, then)} == {"police": 15, "school": 0}


def test_what_stands_at_a_place_beyond_the_last_stands_as_late_as_it_can() -> None:
    slots = [Slot("a", 1, 5, rank=9), Slot("b", 2, 5, rank=8), Slot("c", 3, 5), Slot("d", 4, 5, rank=1)]
    assert held_ranks(slots) == {"a": 4, "b": 3, "d": 1}
    assert [slot.item for slot in order_of([Discussed(one, frozenset()) for one in slots])] == list("dcba")
    twice = [Slot("a", 1, 5, rank=1), Slot("b", 2, 5, rank=1), Slot("c", 3, 5, rank=1)]
    assert held_ranks(twice) == {"a": 1, "b": 2, "c": 3}
