"""A meeting as it goes: no decision without what follows, no action without team and date, dissent of those present."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from braid.care.actions import Action, check_new
from braid.care.case_types import shipped_case_types
from braid.care.meetings import (
    ATTENDANCES,
    EXCUSES,
    ITEM_MACHINE,
    MACHINE,
    PRESENT,
    RETURN_MACHINE,
    Decision,
    Line,
    Reader,
    Seat,
    check_begin,
    check_decision,
    check_dissent,
    check_end,
    check_return,
    sees_line,
)
from braid.language.steps import NotPossible
from care.table import london

MARAC = shipped_case_types()["marac"]
NOW = london("2026-11-27T10:00")
TODAY = dt.date(2026, 11, 27)
SEATS = sorted(MARAC.agencies)
TEAMS = ("clinic", "housing")
ACTIONS = st.lists(st.tuples(st.sampled_from(["", "clinic", "housing", "away"]), st.integers(-2, 400)), max_size=2)


class Meeting(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.state = MACHINE.first
        self.items = {"first": "listed", "second": "listed"}
        self.seats = {seat: Seat(seat) for seat in SEATS}
        self.returns = dict.fromkeys(SEATS, RETURN_MACHINE.first)
        self.lines: list[Line] = []
        self.decided: dict[str, tuple[Decision, tuple[Action, ...]]] = {}
        self.dissents: set[tuple[str, str]] = set()

    @initialize(state=st.sampled_from(["planned", "gathering", "in_session"]), absent=st.sampled_from(SEATS))
    def it_has_come_so_far(self, state: str, absent: str) -> None:
        if state != "planned":
            self.seats = {seat: Seat(seat, "absent" if seat == absent else "present") for seat in SEATS}
            some = list(MARAC.agencies.values())[:4]
            shared = frozenset(SEATS[::2])
            self.lines = [Line(seat.id, seat.id, *pair, shared) for seat in some for pair in seat.answers]
        self.state = state

    @rule(step=st.sampled_from(sorted(MACHINE.steps)))
    def the_chair_takes_a_step(self, step: str) -> None:
        try:
            after = MACHINE.after(self.state, step)
            if step == "begin":
                check_begin(MARAC, self.seats.values(), len(self.items))
            if step == "end":
                check_end(self.items.values())
        except NotPossible:
            return
        if step == "begin":
            must = [self.seats[one.id] for one in MARAC.agencies.values() if one.must_attend]
            assert all(seat.attendance in PRESENT or seat.excused_because in EXCUSES for seat in must)
        self.state = after

    @rule(attendance=st.sampled_from(sorted(ATTENDANCES)))
    def everybody_says_how_they_attend(self, attendance: str) -> None:
        self.seats = {seat: replace(one, attendance=attendance) for seat, one in self.seats.items()}

    @rule(
        seat=st.sampled_from(SEATS),
        attendance=st.sampled_from(["", *ATTENDANCES]),
        excuse=st.sampled_from(["", *EXCUSES]),
    )
    def one_attends_or_is_excused(self, seat: str, attendance: str, excuse: str) -> None:
        self.seats[seat] = Seat(seat, attendance, excuse)

    @rule(
        seat=st.sampled_from(SEATS),
        question=st.sampled_from(sorted(MARAC.questions)),
        part=st.sampled_from(sorted(MARAC.parts)),
        shared_with=st.frozensets(st.sampled_from(SEATS)),
    )
    def one_gives_a_return(self, seat: str, question: str, part: str, shared_with: frozenset[str]) -> None:
        try:
            check_return(MARAC, seat, [(question, part)], self.state)
        except NotPossible:
            return
        assert self.state in ("gathering", "in_session")
        assert (question, part) in MARAC.agencies[seat].answers
        self.returns[seat] = RETURN_MACHINE.after(self.returns[seat], "give")
        self.lines.append(Line(seat, seat, question, part, shared_with))

    @rule(
        item=st.sampled_from(["first", "second"]),
        kind=st.sampled_from(sorted(MARAC.decisions)),
        reason=st.sampled_from(["Because of what was returned", ""]),
        proposed=ACTIONS,
    )
    def something_is_decided(self, item: str, kind: str, reason: str, proposed: list[tuple[str, int]]) -> None:
        actions = tuple(Action(team, TODAY + dt.timedelta(days=days)) for team, days in proposed)
        decision = Decision(kind, reason)
        try:
            for action in actions:
                check_new(action, "Ring", TEAMS, NOW)
            check_decision(MARAC, decision, actions, self.state, self.items[item])
        except NotPossible:
            return
        self.items[item] = ITEM_MACHINE.after(self.items[item], "decide")
        self.decided[item] = (decision, actions)

    @rule(item=st.sampled_from(["first", "second"]), step=st.sampled_from(["put_off", "take_off"]))
    def a_case_leaves_the_agenda(self, item: str, step: str) -> None:
        if self.state != "agreed" and self.items[item] == "listed":
            self.items[item] = ITEM_MACHINE.after(self.items[item], step)

    @rule(seat=st.sampled_from(SEATS), item=st.sampled_from(["first", "second"]))
    def one_dissents(self, seat: str, item: str) -> None:
        present = {one.agency for one in self.seats.values() if one.attendance in PRESENT}
        try:
            check_dissent(seat, present, self.state)
        except NotPossible:
            return
        assert self.seats[seat].attendance in PRESENT
        assert self.state in ("in_session", "held")
        self.dissents.add((seat, item))

    @invariant()
    def a_decision_that_needs_an_action_has_one(self) -> None:
        for decision, actions in self.decided.values():
            assert decision.reason
            assert actions or not MARAC.decisions[decision.decision].needs_action
            for action in actions:
                assert action.team in TEAMS
                assert TODAY <= action.due_on <= TODAY + dt.timedelta(days=366)

    @invariant()
    def what_is_over_has_nothing_undecided(self) -> None:
        if self.state in ("held", "agreed"):
            assert "listed" not in self.items.values()
        if self.decided:
            assert self.state in ("in_session", "held", "agreed")

    @invariant()
    def nobody_reads_others_before_it_begins_or_what_was_not_shared(self) -> None:
        for line in self.lines:
            for seat in SEATS:
                sees = sees_line(Reader(seat, seat), line, MARAC, self.state)
                if seat == line.agency:
                    assert sees
                elif sees:
                    assert self.state in ("in_session", "held", "agreed")
                    assert seat in line.shared_with


TestMeeting = Meeting.TestCase
TestMeeting.settings = settings(stateful_step_count=50)
