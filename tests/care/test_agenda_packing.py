"""Cases that wait, packed over the next meetings: the urgent first, and why one comes to none."""

from __future__ import annotations

import datetime as dt

from braid.care.agenda_packing import MOST_WAITING, WHY, Packed, Room, Waiting, pack

FIRST = dt.date(2026, 12, 1)
FORTNIGHT = dt.timedelta(days=14)


def rooms(*minutes_left: int) -> tuple[Room, ...]:
    return tuple(Room(f"meeting-{at}", FIRST + at * FORTNIGHT, left) for at, left in enumerate(minutes_left))


def waiting(case: str, minutes: int = 15, times_put_off: int = 0, review_on: dt.date | None = None) -> Waiting:
    return Waiting(case, frozenset({"police"}), minutes, times_put_off, review_on)


def test_what_was_put_off_comes_to_the_first_meeting_and_the_rest_to_the_next() -> None:
    packed = pack(rooms(15, 30), (waiting("new"), waiting("again", times_put_off=1), waiting("other")))
    assert packed == (
        Packed("new", "meeting-1"), Packed("again", "meeting-0"), Packed("other", "meeting-1"),
    )  # fmt: skip


def test_a_review_that_would_be_late_comes_before_one_that_would_not() -> None:
    packed = pack(rooms(15, 15), (waiting("later", review_on=FIRST + FORTNIGHT), waiting("soon", review_on=FIRST)))
    assert [one.meeting for one in packed] == ["meeting-1", "meeting-0"]


def test_a_case_that_comes_to_none_says_why() -> None:
    assert pack(rooms(4, -10), (waiting("a"),)) == (Packed("a", None, "full"),)
    assert pack(rooms(20), (waiting("long", 60), waiting("fits"))) == (
        Packed("long", None, "too_long"), Packed("fits", "meeting-0"),
    )  # fmt: skip
    packed = pack(rooms(15), (waiting("new"), waiting("again", times_put_off=2)))
    assert packed == (Packed("new", None, "slot_taken"), Packed("again", "meeting-0"))


def test_more_than_are_packed_at_once_are_said_to_be_too_many() -> None:
    many = tuple(waiting(str(number), 5) for number in range(MOST_WAITING + 3))
    packed = pack(rooms(480, 480), many)
    assert [one.why for one in packed].count("too_many") == 3
    assert all(one.meeting or one.why in WHY for one in packed)


def test_without_anything_that_waits_nothing_is_proposed() -> None:
    assert pack(rooms(90), ()) == ()
