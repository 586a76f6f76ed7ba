"""The agenda packed by hand, and which cases come to the next meeting."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from braid.care.agendas import (
    REFUSALS,
    Slot,
    check_length,
    check_minutes,
    check_open,
    check_refusal,
    held_ranks,
    in_order,
    move,
    place,
    settle,
)
from braid.care.case_types import shipped_case_types
from braid.care.meetings import MACHINE
from braid.care.reviews import (
    LastTime,
    Listing,
    is_carried_over,
    is_on_work_list,
    last_time,
    review_day,
    silence_on_review,
)
from braid.language.calendars import LAST_DAY, Calendar
from braid.language.dates import LONDON, london_date
from braid.language.steps import NotPossible
from care.table import london

SLOTS = st.lists(st.tuples(st.integers(0, 5), st.integers(1, 120)), min_size=1, max_size=6).map(
    lambda rows: [Slot(str(number), *row) for number, row in enumerate(rows)]
)
TODAY = dt.date(2026, 11, 27)


@given(SLOTS, st.data())
def test_moving_swaps_two_neighbours_and_loses_nothing(slots: list[Slot], data: st.DataObject) -> None:
    order = [one.item for one in in_order(slots)]
    item, step = data.draw(st.sampled_from(order)), data.draw(st.sampled_from(["up", "down"]))
    at = order.index(item)
    to = at - 1 if step == "up" else at + 1
    if not 0 <= to < len(order):
        with pytest.raises(NotPossible):
            move(slots, item, step)
        return
    moved = move(slots, item, step)
    wanted = list(order)
    wanted[at], wanted[to] = wanted[to], wanted[at]
    assert [one.item for one in moved] == wanted
    assert [one.position for one in moved] == list(range(1, len(order) + 1))
    assert {one.item: one.minutes for one in moved} == {one.item: one.minutes for one in slots}


HELD_SLOTS = st.lists(
    st.tuples(st.integers(0, 5), st.sampled_from([None, None, 1, 2, 3, 7])), min_size=1, max_size=6
).map(lambda rows: settle(Slot(str(number), at, 5, rank) for number, (at, rank) in enumerate(rows)))
"""Agendas on which some cases are held, some twice at one place and some beyond the last."""


@given(HELD_SLOTS, st.data())
def test_what_is_put_at_a_place_is_held_there_and_what_was_held_stays(
    slots: tuple[Slot, ...], data: st.DataObject
) -> None:
    item, to = data.draw(st.sampled_from(slots)).item, data.draw(st.integers(0, len(slots) + 1))
    before = {other: rank for other, rank in held_ranks(slots).items() if other != item}
    if to in before.values() or not 1 <= to <= len(slots):
        with pytest.raises(NotPossible):
            place(slots, item, to)
        return
    after = place(slots, item, to)
    at = {one.item: one.position for one in after}
    assert sorted(at.values()) == list(range(1, len(slots) + 1))
    assert at[item] == to
    assert all(at[other] == rank for other, rank in before.items())
    free = [one.item for one in slots if one.item != item and one.item not in before]
    assert sorted(free, key=at.__getitem__) == free, "the others keep their order"


@given(HELD_SLOTS, st.data())
def test_moving_passes_over_what_is_held(slots: tuple[Slot, ...], data: st.DataObject) -> None:
    item, step = data.draw(st.sampled_from(slots)).item, data.draw(st.sampled_from(["up", "down"]))
    here = next(one.position for one in slots if one.item == item)
    taken = {rank for other, rank in held_ranks(slots).items() if other != item}
    ways = range(here - 1, 0, -1) if step == "up" else range(here + 1, len(slots) + 1)
    open_ranks = [rank for rank in ways if rank not in taken]
    if not open_ranks:
        with pytest.raises(NotPossible, match="already"):
            move(slots, item, step)
        return
    assert next(one.position for one in move(slots, item, step) if one.item == item) == open_ranks[0]


def test_an_order_is_refused_for_a_reason_of_the_list() -> None:
    for reason in REFUSALS:
        check_refusal(reason)
    with pytest.raises(NotPossible):
        check_refusal("")


@pytest.mark.parametrize(("item", "step"), [("gone", "up"), ("0", "sideways"), ("0", "")])
def test_no_other_move(item: str, step: str) -> None:
    with pytest.raises(NotPossible):
        move([Slot("0", 1, 5), Slot("1", 2, 5)], item, step)


@pytest.mark.parametrize("minutes", [-1, 0, 1, 14, 15, 120, 121, 480, 481])
def test_minutes_and_lengths_have_their_limits(minutes: int) -> None:
    for check, least, most in ((check_minutes, 1, 120), (check_length, 15, 480)):
        if least <= minutes <= most:
            check(minutes)
        else:
            with pytest.raises(NotPossible):
                check(minutes)


@pytest.mark.parametrize("state", MACHINE.states)
def test_an_agenda_is_packed_until_the_meeting_begins(state: str) -> None:
    if state in ("planned", "gathering"):
        check_open(state)
    else:
        with pytest.raises(NotPossible):
            check_open(state)


@given(st.sampled_from(sorted(shipped_case_types())), st.integers(0, 21_000))
def test_a_review_is_on_a_working_day_no_later_than_promised(name: str, hours: int) -> None:
    """Against counting back from the promised day, one day at a time."""
    kind, decided_at = shipped_case_types()[name], dt.datetime(2026, 1, 1, tzinfo=dt.UTC) + dt.timedelta(hours=hours)
    day = decided_at.astimezone(LONDON).date() + dt.timedelta(days=kind.review_after_days)
    while not Calendar().is_working_day(day):
        day -= dt.timedelta(days=1)
    assert review_day(decided_at, kind) == day


def test_a_review_beyond_the_known_bank_holidays_has_a_day_all_the_same() -> None:
    decided_at = dt.datetime.combine(LAST_DAY, dt.time(12), dt.UTC)
    assert review_day(decided_at, shipped_case_types()["marac"]) > LAST_DAY


LISTINGS = st.lists(
    st.tuples(
        st.sampled_from(["listed", "decided", "put_off", "taken_off"]),
        st.sampled_from(sorted(MACHINE.states)),
        st.integers(-60, 60),
    ),
    max_size=5,
)


@given(LISTINGS)
def test_no_meeting_swallows_a_case(given_rows: list[tuple[str, str, int]]) -> None:
    """Whatever became of its meetings: a case that was on an agenda is decided on, still to come up, or comes back."""
    now, kind = london("2026-11-27T12:00"), shipped_case_types()["marac"]
    listings = [
        Listing(state, meeting, begins, begins + dt.timedelta(hours=1), TODAY if state == "decided" else None)
        for state, meeting, hours in given_rows
        for begins in [now + dt.timedelta(hours=hours)]
    ]
    on_agenda = [one for one in listings if one.state != "taken_off"]
    last = last_time(sorted(listings, key=lambda one: one.starts_at), kind, now)
    to_come = [
        one
        for one in on_agenda
        if one.state == "listed"
        and one.meeting_state not in ("held", "agreed", "cancelled")
        and london_date(one.ends_at) >= TODAY
    ]
    if last is None:
        assert on_agenda == to_come, "nothing has left it yet"
    else:
        assert last.is_listed_again is bool(to_come)
        assert last.review_on is not None, "it has a day on which somebody looks"
        assert last.state == "decided" or is_carried_over(last, TODAY) is not bool(to_come)


def test_a_case_put_off_keeps_the_review_that_it_had() -> None:
    now, kind, hour = london("2026-11-27T12:00"), shipped_case_types()["marac"], dt.timedelta(hours=1)
    begins = [now - dt.timedelta(days=days) for days in (90, 60, 30)]
    decided = Listing("decided", "agreed", begins[0], begins[0] + hour, TODAY)
    assert last_time([decided, Listing("put_off", "held", begins[1], begins[1] + hour)], kind, now) == LastTime(
        "put_off", TODAY
    )
    called_off = Listing("listed", "cancelled", begins[2], begins[2] + hour)
    assert last_time([called_off], kind, now) == LastTime("put_off", review_day(begins[2], kind))


DAYS = st.none() | st.integers(-40, 40).map(lambda days: TODAY + dt.timedelta(days=days))


@given(st.sampled_from(["decided", "put_off"]), DAYS, st.booleans())
def test_a_case_comes_back_where_it_is_due_and_on_no_agenda(state: str, on: dt.date | None, listed: bool) -> None:
    last = LastTime(state, on, listed)
    assert is_on_work_list(last, TODAY) is (on is not None and not listed and (on - TODAY).days <= 14)
    assert is_carried_over(last, TODAY) is (not listed and (state == "put_off" or (on is not None and on <= TODAY)))


@pytest.mark.parametrize(("now", "is_overdue"), [("2026-11-27T23:59", False), ("2026-11-28T00:00", True)])
def test_a_review_is_overdue_from_the_end_of_its_day(now: str, is_overdue: bool) -> None:
    assert silence_on_review(TODAY, london(now)).is_overdue is is_overdue
