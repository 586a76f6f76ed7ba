"""A meeting: who sees which line of a return over the whole lattice, who must be there, what is a decision."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from itertools import product

import pytest

from braid.care.actions import Action
from braid.care.case_types import shipped_case_types
from braid.care.cases import Sight
from braid.care.meetings import (
    ATTENDANCES,
    EXCUSES,
    LONGEST_REASON,
    MACHINE,
    NO_RETURN,
    PRESENT,
    STAGES,
    Decision,
    Line,
    Phase,
    Reader,
    Seat,
    Stage,
    check_asked,
    check_begin,
    check_chair,
    check_chair_change,
    check_decision,
    check_decline,
    check_dissent,
    check_end,
    check_return,
    late_return_due_at,
    phase_of,
    sees_line,
    stage_of,
)
from care import naive_reader
from care.table import SHIPPED, acting, is_refused, london, shipped_table

MARAC = shipped_case_types()["marac"]
NOON = dt.datetime(2026, 12, 1, 12, tzinfo=dt.UTC)
STATES = (*MACHINE.states, "no_state")


def test_each_state_has_its_phase() -> None:
    assert {state: phase_of(state) for state in STATES} == {
        "planned": Phase.INDEPENDENT,
        "gathering": Phase.INDEPENDENT,
        "in_session": Phase.CONSOLIDATING,
        "held": Phase.COMPLETE,
        "agreed": Phase.COMPLETE,
        "cancelled": Phase.INDEPENDENT,
        "no_state": Phase.INDEPENDENT,
    }


@pytest.mark.parametrize(("name", "independent"), [*product(SHIPPED, (True, False))])
def test_who_sees_a_line_is_what_the_file_says(name: str, independent: bool) -> None:
    """Every phase, seat, question, part, sharing and sight, of one's own organisation and seat and of others."""
    table, case_type = shipped_table(name), replace(shipped_case_types()[name], independent=independent)
    seats = [row["id"] for row in table["agency"]]
    parts = [*(row["id"] for row in table["part"]), "no_part"]
    questions = [*(row["id"] for row in table["question"]), "no_question"]
    shares = [frozenset(one) for one in ((), ("ours",), ("theirs",), ("third",), ("ours", "theirs"))]
    lattice = product(STATES, [*seats, "no_seat"], Sight, ("ours", "theirs"), seats[:2], questions, parts, shares)
    seen = 0
    for state, seat, sight, writer, written_from, question, part, shared_with in lattice:
        reader, line = Reader("ours", seat, sight), Line(written_from, writer, question, part, shared_with)
        found = sees_line(reader, line, case_type, state)
        key = (writer, written_from, question, part)
        wanted = naive_reader.sees(table, independent, state, ("ours", seat, sight.value), key, shared_with)
        assert found is wanted, (state, reader, line)
        seen += found
    assert seen


@pytest.mark.parametrize("name", SHIPPED)
def test_only_one_seat_of_an_organisation_reads_what_it_wrote(name: str) -> None:
    """A council has several seats: what its social workers wrote is not thereby its housing officers'."""
    case_type = shipped_case_types()[name]
    first, second, *_ = case_type.agencies
    line = Line(first, "council", "no_question", "no_part", frozenset({"council"}))
    assert sees_line(Reader("council", first, Sight.OWN), line, case_type, "cancelled")
    assert not any(sees_line(Reader("council", second), line, case_type, state) for state in STATES)


@pytest.mark.parametrize("state", STATES)
def test_a_return_answers_what_is_asked_of_the_seat_while_it_is_asked(state: str) -> None:
    table, is_asked = shipped_table("marac"), state in ("gathering", "in_session")
    asked = {row["id"]: set(row["about"]) for row in table["question"]}
    asked_first = {row["id"]: row["about"][0] for row in table["question"]}
    for seat in table["agency"]:
        assert is_refused(check_asked, MARAC, seat["id"], state) is not is_asked
        assert is_refused(check_return, MARAC, seat["id"], [], state)
        for question, part in product([*asked, "no_question"], ("harmed", "child", "accused", "no_part")):
            alone = f"{question}@{part}" in seat["answers"]
            may = is_asked and (alone or (question in seat["answers"] and part in asked[question]))
            assert is_refused(check_return, MARAC, seat["id"], [(question, part)], state) is not may
            first, _, about = seat["answers"][0].partition("@")
            sound = (first, about or asked_first[first])
            assert is_refused(check_return, MARAC, seat["id"], [sound, (question, part)], state) is not may
    assert is_refused(check_asked, MARAC, "no_seat", state)
    assert is_refused(check_return, MARAC, "no_seat", [("risk", "harmed")], state)


def test_a_return_is_declined_with_a_reason_of_the_list() -> None:
    assert [reason for reason in ("", "busy", *NO_RETURN) if not is_refused(check_decline, reason)] == [*NO_RETURN]


MUST = [row["id"] for row in shipped_table("marac")["agency"] if row["must_attend"]]
MAY = [row["id"] for row in shipped_table("marac")["agency"] if not row["must_attend"]]


def test_a_meeting_begins_with_everybody_who_must_be_there() -> None:
    """Every subset of seats there, excused and neither, with and without somebody who need not come."""
    assert len(MUST) >= 5
    for how in product("there excused neither".split(), repeat=len(MUST)):
        seats = [
            Seat(seat, "present" if one == "there" else "apologies", "urgent" if one == "excused" else "")
            for seat, one in zip(MUST, how, strict=True)
        ]
        complete = "neither" not in how
        assert is_refused(check_begin, MARAC, seats, 1) is not (complete and "there" in how)
        assert is_refused(check_begin, MARAC, [*seats, Seat(MAY[0], "remote")], 1) is not complete
        assert is_refused(check_begin, MARAC, [*seats, Seat("no_seat", "present")], 1) is not (
            complete and "there" in how
        )
        assert is_refused(check_begin, MARAC, seats, 0)


def test_each_attendance_and_excuse() -> None:
    assert {"present", "remote"} == PRESENT
    others = [Seat(seat, "remote") for seat in MUST[1:]]
    for attendance, excuse in product(("", "dozing", *ATTENDANCES), ("", "lazy", *EXCUSES)):
        may = attendance in ("present", "remote") or excuse in EXCUSES
        assert is_refused(check_begin, MARAC, [Seat(MUST[0], attendance, excuse), *others], 2) is not may
    assert is_refused(check_begin, MARAC, others, 1)
    assert is_refused(check_begin, MARAC, [], 1)


OPEN = Action("clinic", dt.date(2026, 12, 1))


@pytest.mark.parametrize("kind", [*MARAC.decisions, "no_decision"])
def test_what_is_a_decision(kind: str) -> None:
    needs = {row["id"]: row["needs_action"] for row in shipped_table("marac")["decision"]}
    sets = {
        (): False,
        (OPEN,): True,
        (replace(OPEN, team=""),): False,
        (replace(OPEN, state="cancelled"),): False,
        (replace(OPEN, team=""), OPEN): True,
    }
    reasons = {"": False, "  ": False, "Because": True, "x" * LONGEST_REASON: True, "x" * (LONGEST_REASON + 1): False}
    for state, item, (actions, acts), (reason, says) in product(
        STATES, ("listed", "decided", "put_off", "taken_off"), sets.items(), reasons.items()
    ):
        may = state == "in_session" and item == "listed" and kind in needs and says and (acts or not needs[kind])
        assert is_refused(check_decision, MARAC, Decision(kind, reason), actions, state, item) is not may


def test_dissent_is_of_those_present_until_the_minutes_are_agreed() -> None:
    for state, organisation in product(STATES, ("police", "council")):
        may = state in ("in_session", "held") and organisation == "police"
        assert is_refused(check_dissent, organisation, {"police"}, state) is not may


def test_a_meeting_ends_with_nothing_undecided() -> None:
    for items in product(("listed", "decided", "put_off", "taken_off"), repeat=3):
        assert is_refused(check_end, items) is ("listed" in items)


def test_the_chair_alone_and_a_coordinator_of_the_organisation_where_the_chair_is_gone() -> None:
    assert not is_refused(check_chair, "chair", "chair")
    assert is_refused(check_chair, "other", "chair")
    for by, may in (
        (acting("chair", "council", coordinates=True), False),
        (acting("coordinator", "council", coordinates=True), True),
        (acting("coordinator", "authority", coordinates=True), False),
        (acting("other", "council", "team", leads=("team",)), False),
    ):
        for state in STATES:
            is_over = state not in ("planned", "gathering", "in_session", "held")
            assert is_refused(check_chair_change, by, "chair", "council", state) is (not may or is_over)


@pytest.mark.parametrize("independent", [True, False])
@pytest.mark.parametrize("begun", [None, 2])
@pytest.mark.parametrize(("written", "ended"), [(1, None), (1, 1), (1, 3), (3, None), (3, 4)])
def test_the_view_that_stood_when_the_meeting_began_is_kept_beside_the_later_one(
    independent: bool, begun: int | None, written: int, ended: int | None
) -> None:
    hour = {None: None} | {number: NOON + dt.timedelta(hours=number) for number in range(5)}
    kind = replace(MARAC, independent=independent)
    found = stage_of(kind, hour[written], hour[ended], hour[begun])
    stood = ended is None or (begun is not None and written < begun <= ended)
    if not independent:
        assert found is (Stage.ONLY if ended is None else None)
    elif begun is None or written < begun:
        assert found is (Stage.FIRST if stood else None)
    else:
        assert found is (Stage.CONSOLIDATED if ended is None else None)
    assert set(STAGES) == set(Stage)


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-12-01T09:00", "2026-12-05T00:00"),  # with the others: by the end of two working days before
        ("2026-12-05T09:00", "2026-12-08T00:00"),  # the end of the next working day, which is Monday
        ("2026-12-07T09:00", "2026-12-08T10:00"),  # when the meeting begins
        ("2026-12-08T10:30", "2026-12-10T00:00"),  # while it is held
    ],
)
def test_who_is_asked_late_has_until_the_others_or_a_working_day(now: str, due: str) -> None:
    starts_at = london("2026-12-08T10:00")
    assert late_return_due_at(starts_at, MARAC, london(now)) == london(due)
