"""Quorum and decisions of boards: every attendance and every vote of small boards, against slow plain twins."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from itertools import product

import pytest
from small_boards import COUNCIL, COURT, GUEST, HEALTH, every_subset, small_board

from braid.language.steps import NotPossible, find_faults, is_possible
from braid.place.boards import actions, meetings
from braid.place.boards.acting import (
    Acting,
    check_chairs,
    check_prepares,
    check_reports,
    check_steers,
)
from braid.place.boards.actions import check_confirm, check_due, check_words_of_step, is_overdue
from braid.place.boards.deciding import VOTES, check_decision, check_supersede, judge
from braid.place.boards.links import LINK_KINDS, tidy_link
from braid.place.boards.meetings import (
    Item,
    check_cancel,
    check_held,
    check_hold,
    check_item,
    check_open,
    check_papers,
    check_quorate,
    check_starts,
    papers_due_date,
)
from braid.place.boards.priorities import MOST, check_decided, check_priority
from braid.place.boards.quorum import ATTENDANCES, is_quorate, missing_for_quorum, present_for, present_of
from braid.place.boards.risks import RESPONSES, Level, check_rating, check_risk
from braid.place.boards.terms import COMMISSIONER, Deciding, Member, Quorum, Reserved

MEMBERS = (COURT, COUNCIL, HEALTH, GUEST)
VOTING = (COURT, COUNCIL, HEALTH)
TODAY = dt.date(2026, 11, 30)
NOW = dt.datetime(2026, 11, 30, 9, tzinfo=dt.UTC)
QUORUMS = [
    Quorum(least, one_in, seats, "made up")
    for least in (1, 2, 3)
    for one_in in (0, 1, 2, 3, 4)
    for seats in ({}, {"court": 1}, {"council": 1}, {"council": 2}, {"court": 1, "council": 2})
]
DECIDINGS = [
    Deciding(rule, fallback, chair, casting, "made up")
    for rule, fallbacks in (
        ("consensus", ("", "majority", "two_thirds", "unanimous")),
        ("majority", ("",)),
        ("two_thirds", ("",)),
        ("unanimous", ("",)),
    )
    for fallback in fallbacks
    for chair in (False, True)
    for casting in (False, True)
]


def slow_is_quorate(quorum: Quorum, there: frozenset[Member]) -> bool:
    """Count by hand: heads with a vote, a share of all who have one, heads of each seat named."""
    heads = 0
    by_seat = {"court": 0, "council": 0, "guest": 0}
    for one in there:
        if one.seat == "guest":
            continue
        heads += 1
        by_seat[one.seat] += 1
    if heads < quorum.least:
        return False
    if quorum.one_in and Fraction(heads, len(VOTING)) < Fraction(1, quorum.one_in):
        return False
    return all(by_seat[seat] >= least for seat, least in quorum.seats.items())


def test_the_quorum_of_every_attendance_is_that_of_counting_by_hand() -> None:
    told = set()
    for quorum, there in product(QUORUMS, every_subset(MEMBERS)):
        found = is_quorate(small_board(quorum), there)
        assert found == slow_is_quorate(quorum, there), (quorum, there)
        assert found == (missing_for_quorum(small_board(quorum), there) == ())
        told.add(found)
    assert told == {True, False}


def test_one_more_who_is_there_never_ends_a_quorum() -> None:
    for quorum, there, more in product(QUORUMS, every_subset(MEMBERS), MEMBERS):
        board = small_board(quorum)
        assert not is_quorate(board, there) or is_quorate(board, there | {more})


def test_a_stranger_and_somebody_without_a_vote_make_no_quorum() -> None:
    board = small_board(Quorum(1, 0, {}, "made up"))
    assert not is_quorate(board, {Member("council", "elsewhere"), GUEST})


def test_who_sent_apologies_is_not_there_and_who_calls_in_is() -> None:
    codes = dict(zip(MEMBERS, ATTENDANCES, strict=True))
    assert present_of(codes) == {one for one, code in codes.items() if code in ("present", "remote")}


def test_whoever_withdraws_for_an_interest_does_not_make_the_quorum_of_the_item() -> None:
    board = small_board(Quorum(2, 0, {}, "made up"))
    there = present_for({COURT, COUNCIL}, {COUNCIL})
    assert there == {COURT} and not is_quorate(board, there)
    with pytest.raises(NotPossible, match="no quorum"):
        judge(board, there, {COURT: "for"})


def slow_carried(deciding: Deciding, votes: dict[Member, str]) -> bool:
    """Decide by counting hands, rule by rule."""
    yes = [one for one, vote in votes.items() if vote == "for"]
    no = [one for one, vote in votes.items() if vote == "against"]

    def carries(rule: str) -> bool:
        if deciding.chair_in_majority and COURT not in yes:
            return False
        if not yes:
            return False
        if rule in ("consensus", "unanimous"):
            return len(no) == 0
        if rule == "two_thirds":
            return Fraction(len(yes), len(yes) + len(no)) >= Fraction(2, 3)
        if len(yes) == len(no):
            return deciding.casting_vote and COURT in yes
        return len(yes) > len(no)

    return carries(deciding.rule) or bool(deciding.fallback and carries(deciding.fallback))


def test_every_vote_comes_to_what_counting_hands_comes_to() -> None:
    tried = 0
    for deciding, there in product(DECIDINGS, every_subset(VOTING)):
        board = small_board(Quorum(1, 0, {}, "made up"), deciding)
        if not there:
            continue
        for chosen in product(VOTES, repeat=len(there)):
            votes = dict(zip(sorted(there, key=repr), chosen, strict=True))
            found = judge(board, there, votes)
            assert found.carried == slow_carried(deciding, votes), (deciding, votes)
            assert found.rule in (deciding.rule, deciding.fallback) and found.why
            tried += 1
    assert tried == len(DECIDINGS) * (3 * 3 + 3 * 9 + 27)


def test_a_reserved_matter_needs_its_seats_its_rule_and_where_asked_everybody() -> None:
    for rule, needs, everybody in product(("majority", "unanimous"), ((), ("council",)), (False, True)):
        matter = Reserved("money", "Money", rule, needs, everybody, "made up")
        board = small_board(Quorum(1, 0, {}, "made up"), reserved=(matter,))
        for there in every_subset(VOTING):
            for chosen in product(VOTES, repeat=len(there)):
                votes = dict(zip(sorted(there, key=repr), chosen, strict=True))
                if not votes:
                    continue
                agreed = all(votes.get(one) == "for" for one in VOTING if one.seat in needs)
                usual = slow_carried(Deciding(rule, "", False, False, ""), votes)
                expected = usual and agreed and (not everybody or len(there) == len(VOTING))
                assert judge(board, there, votes, "money").carried == expected


@pytest.mark.parametrize(
    "votes",
    [
        {COURT: "for"},
        {COURT: "for", COUNCIL: "for", HEALTH: "for"},
        {COURT: "for", COUNCIL: "perhaps"},
        {COURT: "for", GUEST: "for"},
    ],
)
def test_exactly_those_who_are_there_with_a_vote_have_one(votes: dict[Member, str]) -> None:
    with pytest.raises(NotPossible, match="Enter a vote for each"):
        judge(small_board(), {COURT, COUNCIL, GUEST}, votes)


def test_a_decision_says_what_why_and_when_it_is_looked_at_again() -> None:
    later = TODAY + dt.timedelta(days=90)
    check_decision("Title", "Words", "Why", later, TODAY)
    for title, words, reasons, review in (
        (" ", "Words", "Why", later),
        ("Title", "", "Why", later),
        ("Title", "Words", " ", later),
        ("Title", "Words", "Why", TODAY),
        ("Title", "Words", "Why", TODAY + dt.timedelta(days=3000)),
    ):
        with pytest.raises(NotPossible):
            check_decision(title, words, reasons, review, TODAY)


def test_a_board_supersedes_its_own_standing_decisions_alone() -> None:
    check_supersede("a", "a", earlier_carried=True, superseded=False)
    for given in (("a", "b", True, False), ("a", "a", False, False), ("a", "a", True, True)):
        with pytest.raises(NotPossible):
            check_supersede(*given)


def test_the_processes_are_sound() -> None:
    assert find_faults(meetings.MACHINE) == [] == find_faults(actions.MACHINE)


def test_papers_are_due_by_clear_working_days() -> None:
    """For Thursday 10 December 2026, five clear working days: Wednesday 2 December."""
    starts_at = dt.datetime(2026, 12, 10, 10, tzinfo=dt.UTC)
    assert papers_due_date(small_board(), starts_at) == dt.date(2026, 12, 2)
    # Over Christmas: 25 and 28 December 2026 are bank holidays; the days between are 21, 22, 23, 24 and 29.
    assert papers_due_date(small_board(), dt.datetime(2026, 12, 30, 10, tzinfo=dt.UTC)) == dt.date(2026, 12, 18)


def test_papers_go_out_in_time_or_with_a_reason_and_no_decision_goes_without_its_paper() -> None:
    board, item = small_board(), Item("Lettings", "decision", 20, has_paper=True)
    in_time, soon = NOW + dt.timedelta(days=20), NOW + dt.timedelta(days=3)
    check_papers(board, [item], in_time, NOW, "")
    check_papers(board, [item], soon, NOW, "The court asked on Friday")
    for items, starts_at, words in (
        ([], in_time, "Nothing is on the agenda"),
        ([Item("Lettings", "decision", 20, has_paper=False)], in_time, "without a paper"),
        ([item], soon, "clear working days"),
        ([item], NOW - dt.timedelta(hours=1), "before now"),
    ):
        with pytest.raises(NotPossible, match=words):
            check_papers(board, items, starts_at, NOW, "")


def test_what_may_be_done_to_a_meeting_follows_from_its_state() -> None:
    states = meetings.MACHINE.states
    assert {one for one in states if is_possible(lambda one=one: check_open(one))} == {"planned", "papers_out"}
    assert {one for one in states if is_possible(lambda one=one: check_held(one))} == {"quorate", "inquorate"}
    assert {one for one in states if is_possible(lambda one=one: check_quorate(one))} == {"quorate"}
    with pytest.raises(NotPossible, match="has not begun"):
        check_hold(NOW + dt.timedelta(minutes=16), NOW)
    check_hold(NOW + dt.timedelta(minutes=15), NOW)
    with pytest.raises(NotPossible):
        check_starts(NOW, NOW)
    with pytest.raises(NotPossible):
        check_cancel("because")


def test_an_item_says_what_it_asks_unless_it_is_to_note() -> None:
    check_item("Figures", "information", 10, "")
    for given in (
        ("", "decision", 10, "x"),
        ("x", "song", 10, "x"),
        ("x", "decision", 0, "x"),
        ("x", "decision", 9, ""),
    ):
        with pytest.raises(NotPossible):
            check_item(*given)


def test_silence_on_an_action_shows_the_day_after_it_was_due() -> None:
    assert not is_overdue("open", TODAY, TODAY) and is_overdue("open", TODAY, TODAY + dt.timedelta(days=1))
    assert not any(
        is_overdue(one, TODAY, TODAY + dt.timedelta(days=1)) for one in actions.MACHINE.states if one != "open"
    )


def test_whoever_reports_an_action_done_does_not_confirm_it() -> None:
    check_confirm("chair", "council")
    for check in (
        lambda: check_confirm("council", "council"),
        lambda: check_due(TODAY - dt.timedelta(days=1), TODAY),
        lambda: check_words_of_step("drop", " "),
    ):
        with pytest.raises(NotPossible):
            check()


def test_seats_of_today_say_who_may_do_what() -> None:
    nobody = Acting("x", frozenset(), chairs=False, commissions=True)
    member = Acting("x", frozenset({COUNCIL}), chairs=False, commissions=False)
    chair = Acting("x", frozenset({COURT}), chairs=True, commissions=False)
    commissioner = Acting("x", frozenset({Member(COMMISSIONER, "north")}), chairs=False, commissions=True)
    without_role = Acting("x", commissioner.members, chairs=False, commissions=False)
    everybody = (nobody, member, chair, commissioner, without_role)
    assert [is_possible(lambda one=one: check_prepares(one)) for one in everybody] == [False, False, False, True, False]
    assert [is_possible(lambda one=one: check_chairs(one)) for one in everybody] == [False, False, True, False, False]
    assert [is_possible(lambda one=one: check_steers(one)) for one in everybody] == [False, False, True, True, False]
    reports = [is_possible(lambda one=one: check_reports(one, "north")) for one in everybody]
    assert reports == [False, True, False, True, False], "a commissioner's own seat speaks for no body"
    assert [one.sits for one in everybody] == [False, True, True, True, True]


def test_a_risk_is_never_rated_higher_for_what_is_done_about_it() -> None:
    later, refused = TODAY + dt.timedelta(days=60), 0
    for before, after in product(product(range(7), repeat=2), repeat=2):
        on_scale = all(1 <= value <= 5 for value in (*before, *after))
        expected = on_scale and after[0] <= before[0] and after[1] <= before[1]
        found = is_possible(lambda b=before, a=after: check_rating(Level(*b), Level(*a), "treat", later, TODAY))
        assert found == expected
        refused += not found
    assert refused
    for response in RESPONSES:
        alike = is_possible(lambda r=response: check_rating(Level(3, 3), Level(3, 3), r, later, TODAY))
        lower = is_possible(lambda r=response: check_rating(Level(3, 3), Level(2, 3), r, later, TODAY))
        assert (alike, lower) == (True, response != "tolerate")
    with pytest.raises(NotPossible, match="day to come"):
        check_rating(Level(3, 3), Level(2, 3), "treat", TODAY, TODAY)
    with pytest.raises(NotPossible):
        check_risk("cause", " ", "effect")


def test_the_band_of_a_score_grows_with_it() -> None:
    bands = [Level(a, b).band for a, b in sorted(product(range(1, 6), repeat=2), key=lambda one: one[0] * one[1])]
    assert list(dict.fromkeys(bands)) == ["low", "moderate", "high", "very_high"]
    assert Level(2, 2).band == "low" and Level(5, 3).band == "very_high" and Level(5, 5).score == 25


def test_a_priority_is_made_by_a_decision_that_stands() -> None:
    check_decided("a", "a", carried=True, superseded=False)
    for given in (("a", "b", True, False), ("a", "a", False, False), ("a", "a", True, True)):
        with pytest.raises(NotPossible):
            check_decided(*given)
    later = TODAY + dt.timedelta(days=365)
    check_priority("Less waiting", "Why", ["court_readiness"], TODAY, later, MOST - 1)
    for given in (
        ("", "Why", ["x"], TODAY, later, 0),
        ("x", " ", ["x"], TODAY, later, 0),
        ("x", "Why", [], TODAY, later, 0),
        ("x", "Why", ["x"], later, later, 0),
        ("x", "Why", ["x"], TODAY, later, MOST),
    ):
        with pytest.raises(NotPossible):
            check_priority(*given)


def test_a_link_is_kept_in_one_form_whatever_was_typed() -> None:
    number = "0F8FAD5B-D9CB-469F-A165-70867728950E"
    for kind, known in LINK_KINDS.items():
        typed = number if known.by_number else " pooled-budget_2 "
        assert tidy_link(kind, typed) == typed.strip().lower()
        with pytest.raises(NotPossible):
            tidy_link(kind, "not an id" if known.by_number else "two words")
    with pytest.raises(NotPossible, match="Choose"):
        tidy_link("person", number)
