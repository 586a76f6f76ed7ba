"""Households from run to run: ids that stay, what was shown and is not any longer, and why somebody came or left."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import count, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from braid.people.household_events import Reasons, find_events, keep_undated
from braid.people.household_members import (
    NOTHING_EARLIER,
    Earlier,
    Households,
    Membership,
    cut_out,
    find_heirs,
    name_households,
    with_heirs,
)
from braid.people.household_spells import ONE_DAY, find_presences, find_spells
from braid.people.households import APPLICATION, Apart, Sign
from braid.people.model import HistoryRow
from people.records import Written

WEEK = 7 * ONE_DAY
FIRST_RUN = dt.date(2026, 11, 1)
SECOND_RUN = FIRST_RUN + WEEK
PEOPLE = "abcd"
NOBODY_APART: Apart = {}


class _Runs:
    """One run after another, each given the run before."""

    def __init__(self) -> None:
        self.numbers = count()
        self.found = Households((), {}, ())
        self.as_of: dt.date | None = None

    def run(self, signs: Sequence[Sign], as_of: dt.date, apart: Apart = NOBODY_APART) -> Households:
        earlier = Earlier(self.as_of, self.found.members, self.found.homes) if self.as_of else NOTHING_EARLIER
        spells = find_spells(find_presences(signs, {who: who for who in PEOPLE}, as_of), as_of, apart)
        self.found = name_households(spells, earlier, lambda: f"h{next(self.numbers)}", apart, as_of)
        self.as_of = as_of
        return self.found


def _at(people: str, home: str, start: dt.date | None = None, end: dt.date | None = None) -> list[Sign]:
    return [Sign(who, f"uprn {home}", start, end) for who in people]


def _of(found: Households, person_id: str) -> list[Membership]:
    own = [member for member in found.members if member.person_id == person_id]
    return sorted(own, key=lambda member: member.shown_from_date)


def test_a_household_keeps_its_id_although_it_moved_and_grew() -> None:
    runs = _Runs()
    first = runs.run(_at("ab", "1"), FIRST_RUN).homes["a"]
    second = runs.run(_at("abc", "2"), SECOND_RUN)
    assert set(second.homes.values()) == {first}
    assert second.history == ()
    assert _of(second, "a")[0].shown_from_date == FIRST_RUN
    assert _of(second, "c")[0].shown_from_date == SECOND_RUN


def test_who_leaves_alone_gets_a_new_household_and_the_old_one_remembers_them() -> None:
    runs = _Runs()
    before = runs.run(_at("abc", "1"), FIRST_RUN)
    after = runs.run([*_at("ab", "1"), *_at("c", "2")], SECOND_RUN)
    assert after.homes["a"] == before.homes["a"] != after.homes["c"]
    gone, now = _of(after, "c")
    assert (gone.household_id, gone.is_open, gone.to_date) == (before.homes["c"], False, None)
    assert gone.shown_to_date == FIRST_RUN < now.shown_from_date
    assert {(row.change, row.other_person_id) for row in after.history} == {
        ("new", None),
        ("split", before.homes["c"]),
    }


def test_two_households_that_join_are_merged_and_parted_again_are_split() -> None:
    runs = _Runs()
    apart = runs.run([*_at("ab", "1"), *_at("c", "2")], FIRST_RUN)
    joined = runs.run(_at("abc", "1"), SECOND_RUN)
    assert {(row.person_id, row.change, row.other_person_id) for row in joined.history} == {
        (apart.homes["c"], "merged", apart.homes["a"])
    }
    parted = runs.run([*_at("ab", "1"), *_at("c", "2")], SECOND_RUN + WEEK)
    assert parted.homes["a"] == apart.homes["a"] != parted.homes["c"]


def test_a_stated_day_is_believed_over_the_day_on_which_it_was_first_shown() -> None:
    runs = _Runs()
    runs.run(_at("a", "1"), FIRST_RUN)
    stated = FIRST_RUN + 2 * ONE_DAY
    (member,) = [one for one in _of(runs.run(_at("a", "1", stated), SECOND_RUN), "a") if one.is_open]
    assert (member.from_date, member.shown_from_date) == (stated, stated)


def test_an_id_that_two_sides_of_a_seal_had_ends_and_is_kept_nowhere() -> None:
    runs = _Runs()
    before = runs.run(_at("abc", "1"), FIRST_RUN).homes["a"]
    apart = {"a": frozenset({("A1", "pre_adoptive")}), "b": frozenset({("A1", "adoptive")})}
    after = runs.run(_at("abc", "1"), SECOND_RUN, apart)
    assert after.homes["a"] != after.homes["b"]
    assert before not in {member.household_id for member in after.members}
    assert all(before not in (row.other_person_id,) for row in after.history)


SIGNS = st.lists(
    st.builds(
        Sign,
        st.sampled_from(PEOPLE),
        st.sampled_from(["uprn 1", "uprn 2", f"{APPLICATION}f 1"]),
        st.none() | st.integers(-10, 20).map(lambda days: FIRST_RUN + days * ONE_DAY),
        st.none() | st.integers(-10, 20).map(lambda days: FIRST_RUN + days * ONE_DAY),
    ),
    max_size=6,
)


@given(st.lists(SIGNS, min_size=2, max_size=4))
@settings(max_examples=200, deadline=None)
def test_over_many_runs_nobody_is_in_two_households_on_a_day_and_nothing_that_was_shown_is_lost(
    nights: list[list[Sign]],
) -> None:
    runs = _Runs()
    shown: Mapping[str, set[dt.date]] = {}
    for number, signs in enumerate(nights):
        found = runs.run(signs, FIRST_RUN + number * WEEK)
        days = {who: _days(_of(found, who)) for who in PEOPLE}
        assert all(before <= days[who] for who, before in shown.items())
        shown = days
        for who in PEOPLE:
            own = _of(found, who)
            assert all(one.shown_to_date < other.shown_from_date for one, other in pairwise(own))
            assert [member.household_id for member in own if member.is_open] == [
                home for person, home in found.homes.items() if person == who
            ]


def _days(own: Sequence[Membership]) -> set[dt.date]:
    return {
        member.shown_from_date + days * ONE_DAY
        for member in own
        for days in range((member.shown_to_date - member.shown_from_date).days + 1)
    }


@given(SIGNS)
@settings(max_examples=100, deadline=None)
def test_a_run_repeated_changes_nothing(signs: list[Sign]) -> None:
    runs = _Runs()
    first = runs.run(signs, FIRST_RUN)
    again = runs.run(signs, FIRST_RUN)
    assert set(again.members) == set(first.members)
    assert again.homes == first.homes
    assert not [row for row in again.history if row.change != "retired"]


def _member(who: str, home: str, start: dt.date | None, end: dt.date | None, shown: dt.date) -> Membership:
    return Membership(home, who, start, end, start or shown, end or FIRST_RUN, end is None)


def _causes(members: list[Membership], reasons: Reasons) -> dict[tuple[str, str], str]:
    events = find_events(members, reasons, None, FIRST_RUN)
    return {(event.person_id, event.change): event.cause for event in events}


def test_a_cause_is_told_where_a_source_says_it() -> None:
    began, left = FIRST_RUN - 100 * ONE_DAY, FIRST_RUN - 50 * ONE_DAY
    members = [
        _member("a", "h", began, None, began),
        _member("b", "h", left, None, left),
        _member("c", "h", began, left, began),
        _member("d", "h", began, left, began),
    ]
    ends = {(who, left) for who in "cd"}
    causes = _causes(members, Reasons(born={"b": left}, parted={("c", left)}, ended=ends))
    assert causes[("a", "came")] == "household_formed"
    assert causes[("b", "came")] == "born"
    assert causes[("c", "left")] == "separated"
    assert causes[("d", "left")] == "moved_out"
    ended = [_member(who, "h", began, left, began) for who in "ab"]
    assert _causes(ended, Reasons(ended={("a", left)}))[("a", "left")] == "home_ended"
    assert _causes([*ended, _member("c", "h", began, None, began)], Reasons(died={"a": left}))[("a", "left")] == "died"


def test_where_no_source_says_that_a_stay_began_or_ended_nobody_is_said_to_have_moved() -> None:
    began, later, left = (FIRST_RUN - days * ONE_DAY for days in (100, 60, 50))
    members = [_member("a", "h", began, None, began), _member("b", "h", later, left, later)]
    silent = _causes(members, Reasons())
    assert (silent[("b", "came")], silent[("b", "left")]) == ("first_shown", "shown_no_longer")
    told = _causes(members, Reasons(begun={("b", later)}, ended={("b", left)}))
    assert (told[("b", "came")], told[("b", "left")]) == ("moved_in", "moved_out")


def test_nobody_came_who_was_simply_there_and_who_is_new_in_a_later_run_did() -> None:
    there = _member("a", "h", None, None, FIRST_RUN)
    assert find_events([there], Reasons(), None, FIRST_RUN) == []
    (event,) = find_events([there], Reasons(), FIRST_RUN - WEEK, FIRST_RUN)
    assert (event.event_date, event.shown_date, event.change) == (None, FIRST_RUN, "came")
    assert keep_undated([event], [], [there]) == [event]
    assert keep_undated([event], [event], [there]) == []
    assert keep_undated([event], [], []) == []


MOVES = {
    "and their old stay has no end": lambda moved: [*_at("c", "old", FIRST_RUN - 400 * ONE_DAY)] if moved else [],
    "and the others of their old home stay": lambda _moved: _at("cd", "old", FIRST_RUN - 400 * ONE_DAY),
    "from a home that goes on without them": lambda moved: [
        *_at("d", "old", FIRST_RUN - 400 * ONE_DAY),
        *_at("c", "old", FIRST_RUN - 400 * ONE_DAY, FIRST_RUN + ONE_DAY if moved else None),
    ],
    "from nowhere": lambda _moved: [],
}


@pytest.mark.parametrize("old", MOVES.values(), ids=MOVES)
@pytest.mark.parametrize("since", [None, FIRST_RUN - 300 * ONE_DAY])
def test_who_moves_in_on_no_stated_day_comes_once_and_not_every_night(
    old: Callable[[bool], list[Sign]], since: dt.date | None
) -> None:
    """Of the others at the new home a source states the first day, or it does not."""
    runs, events, told = _Runs(), [], []
    for night in range(6):
        day = FIRST_RUN + night * ONE_DAY
        moved = night > 1
        signs = [*_at("ab", "new", since), *old(moved), *(_at("c", "new") if moved else [])]
        before, found = runs.as_of, runs.run(signs, day)
        now = find_events(found.members, Reasons(), before, day)
        events = [*now, *keep_undated(events, now, found.members)]
        told.append(sorted((one.person_id, one.change, one.household_id, one.shown_date) for one in events))
        for who in PEOPLE:
            own = _of(found, who)
            assert all(one.shown_to_date < later.shown_from_date for one, later in pairwise(own))
    assert told[-1] == told[3], "nothing happens after the night on which it is shown"
    moving = FIRST_RUN + 2 * ONE_DAY
    newest = Counter((one[0], one[1]) for one in told[-1] if one[3] >= moving)
    assert not newest or max(newest.values()) == 1
    homes = {who: [one for one in _of(runs.found, who) if one.is_open] for who in "ac"}
    assert [len(open_ones) for open_ones in homes.values()] == [1, 1]
    assert homes["a"][0].household_id == homes["c"][0].household_id
    assert min(one[0].shown_from_date for one in homes.values()) <= moving


def test_whoever_left_a_home_that_goes_on_takes_its_id_nowhere() -> None:
    runs, years_ago = _Runs(), FIRST_RUN - 400 * ONE_DAY
    first = runs.run(_at("cd", "old", years_ago), FIRST_RUN)
    (home,) = set(first.homes.values())
    left = [*_at("c", "old", years_ago, FIRST_RUN), *_at("d", "old", years_ago), *_at("abc", "new")]
    for night in range(2, 5):
        found = runs.run(left, FIRST_RUN + night * ONE_DAY)
        assert found.homes["d"] == home and found.homes["c"] != home


def test_a_last_day_that_is_still_to_come_is_no_event_yet() -> None:
    leaving = _member("a", "h", FIRST_RUN - WEEK, FIRST_RUN + WEEK, FIRST_RUN)
    before = find_events([leaving], Reasons(), None, FIRST_RUN)
    after = find_events([leaving], Reasons(), None, FIRST_RUN + 2 * WEEK)
    assert [event.change for event in before] == ["came"]
    assert [event.change for event in after] == ["came", "left"]


def test_days_of_a_care_placement_are_cut_out_with_their_events() -> None:
    began, placed, back = (FIRST_RUN - days * ONE_DAY for days in (100, 60, 20))
    home = [_member(who, "h", began, None, began) for who in "ab"]
    away = {"a": [(placed, back)]}
    members = list(cut_out(home, away))
    assert [(one.shown_from_date, one.shown_to_date) for one in members if one.person_id == "a"] == [
        (began, placed - ONE_DAY),
        (back, FIRST_RUN),
    ]
    causes = _causes(members, Reasons(away=away))
    assert causes[("a", "left")] == "placed_in_care"
    events = find_events(members, Reasons(away=away), None, FIRST_RUN)
    assert [event.cause for event in events if event.person_id == "a" and event.change == "came"] == [
        "household_formed",
        "returned_from_care",
    ]


def test_memberships_follow_whoever_was_merged_and_end_with_whoever_was_erased() -> None:
    heirs = find_heirs({"a"}, [HistoryRow("b", "merged", "a", "links_changed")])
    members = [_member(who, "h", FIRST_RUN, None, FIRST_RUN) for who in "abc"]
    assert {member.person_id for member in with_heirs(members, heirs)} == {"a"}


def test_tables_of_a_run_say_who_lives_with_whom_and_who_is_what_to_whom() -> None:
    written = Written()
    written.record("mother", "housing", "Ama", "Reed", "1990-02-03", postcode="QB1 1AA", uprn="1")
    written.record("child", "housing", "Kofi", "Reed", "2016-05-06", postcode="QB1 1AA", uprn="1", sex="male")
    written.record("hidden", "housing", "Zofia", "Holt", "1991-02-03", postcode="QB1 1AA", uprn="1", confidential=True)
    written.tie("child", "mother", "parent")
    written.tie("mother", "child", "child")
    with written.linked() as linked:
        rows = {row["person_id"]: row for row in linked.engine.rows("select * from household_member")}
        assert rows.keys() == {linked.person["mother"], linked.person["child"]}
        assert {row["household_id"] for row in rows.values()} == {linked.column("household_id")["child"]}
        assert rows[linked.person["child"]]["age_role"] == "child"
        assert rows[linked.person["mother"]]["age_role"] == "adult"
        (related,) = linked.engine.rows("select * from person_relationship")
        assert (related["person_id"], related["other_person_id"]) == (linked.person["child"], linked.person["mother"])
        assert (related["kind"], related["assertions"], related["standards"]) == ("parent", 2, 1)
