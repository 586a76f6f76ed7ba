"""The order that keeps organisations in the room shortest: against every order of small agendas."""

from __future__ import annotations

import random
from itertools import permutations

import pytest

from braid.care.agenda_order import Discussed, minutes_in_room, order_by_attendance
from braid.care.agendas import Slot


def case(item: str, position: int, organisations: str, minutes: int = 15, times_put_off: int = 0) -> Discussed:
    return Discussed(Slot(item, position, minutes), frozenset(organisations.split()), times_put_off)


def placed(cases: list[Discussed], slots: tuple[Slot, ...]) -> list[Discussed]:
    by_item = {one.slot.item: one for one in cases}
    return [Discussed(slot, by_item[slot.item].organisations) for slot in slots]


def test_an_organisation_is_in_the_room_from_its_first_case_to_its_last() -> None:
    cases = [case("a", 1, "police health", 20), case("b", 2, "housing", 10), case("c", 3, "police", 15)]
    assert minutes_in_room(cases) == 45 + 20 + 10


def test_cases_of_the_same_organisations_come_together() -> None:
    cases = [
        case("a", 1, "police"), case("b", 2, "school"), case("c", 3, "police"), case("d", 4, "school"),
    ]  # fmt: skip
    slots = order_by_attendance(cases)
    assert minutes_in_room(placed(cases, slots)) == 60 < minutes_in_room(cases)
    assert [slot.position for slot in slots] == [1, 2, 3, 4]


def test_a_case_that_was_put_off_comes_before_its_equals() -> None:
    cases = [case("a", 1, "police"), case("b", 2, "police"), case("c", 3, "police", times_put_off=2)]
    assert order_by_attendance(cases)[0].item == "c"


def test_no_order_of_a_small_agenda_is_much_shorter() -> None:
    draw = random.Random(2)
    for _ in range(40):
        cases = [
            case(str(number), number, " ".join(draw.sample("police health housing school".split(), draw.randint(1, 3))),
                 draw.choice((5, 10, 20)))
            for number in range(1, draw.randint(2, 6) + 1)
        ]  # fmt: skip
        found = minutes_in_room(placed(cases, order_by_attendance(cases)))
        best = min(
            minutes_in_room([case(one.slot.item, at, " ".join(one.organisations), one.slot.minutes)
                             for at, one in enumerate(order, 1)])
            for order in permutations(cases)
        )  # fmt: skip
        assert best <= found <= best * 1.1 + 10
        assert found <= minutes_in_room(cases) + 10


def test_one_case_or_none_needs_no_order() -> None:
    assert order_by_attendance([]) == ()
    assert order_by_attendance([case("a", 3, "police")]) == (Slot("a", 1, 15),)


@pytest.mark.parametrize("number", [17, 24, 30])
def test_a_long_agenda_is_never_made_longer_and_untidy_ones_much_shorter(number: int) -> None:
    draw = random.Random(number)
    agencies = "police health housing school probation refuge".split()
    tidy = [case(str(at), at, agencies[at * len(agencies) // (number + 1)], 11) for at in range(1, number + 1)]
    assert minutes_in_room(placed(tidy, order_by_attendance(tidy))) == minutes_in_room(tidy) == 11 * number
    mixed = [Discussed(Slot(one.slot.item, at, 11), one.organisations)
             for at, one in enumerate(draw.sample(tidy, number), 1)]  # fmt: skip
    assert minutes_in_room(placed(mixed, order_by_attendance(mixed))) < 0.6 * minutes_in_room(mixed)
    for _ in range(5):
        cases = [case(str(at), at, " ".join(draw.sample(agencies, 3)), draw.choice((5, 15, 120)))
                 for at in range(1, number + 1)]  # fmt: skip
        assert minutes_in_room(placed(cases, order_by_attendance(cases))) <= minutes_in_room(cases)
