"""One human decides, another approves; nobody is both."""

from __future__ import annotations

import datetime as dt

import pytest

from braid.people.decisions import Decision, parse_decisions
from braid.people.review import NotDecidable, approve_row, find_key, propose_row

LEFT, RIGHT = ("victim-service", "V1"), ("housing", "H2")
DECIDERS = frozenset({"R. Stone", "M. Hill", "A. Vale"})
MONDAY, TUESDAY = dt.date(2026, 11, 16), dt.date(2026, 11, 17)


def decided(*rows: dict[str, str]) -> tuple[Decision, ...]:
    found, problems = parse_decisions(enumerate(rows, 2))
    assert not problems
    return found


def propose(by: str = "R. Stone", *, is_same: bool = True, day: dt.date = MONDAY) -> dict[str, str]:
    return propose_row(LEFT, RIGHT, is_same=is_same, by=by, day=day, reference=" LR 7 ")


def test_an_approval_repeats_the_decision_with_both_names() -> None:
    row = approve_row(RIGHT, LEFT, decided(propose()), approver=" M.  Hill", deciders=DECIDERS, day=TUESDAY)
    assert (row["decision"], row["decided_by"], row["approved_by"]) == ("same", "R. Stone", "M. Hill")
    assert (row["decided_date"], row["reference"]) == ("2026-11-17", "LR 7")
    assert decided(row)[0].has_two_people
    assert not decided(propose())[0].has_two_people


def test_the_last_decision_is_the_one_approved() -> None:
    rows = decided(propose(), propose("A. Vale", is_same=False, day=TUESDAY))
    row = approve_row(LEFT, RIGHT, rows, approver="R. Stone", deciders=DECIDERS, day=MONDAY)
    assert (row["decision"], row["decided_by"], row["decided_date"]) == ("different", "A. Vale", "2026-11-17")


@pytest.mark.parametrize("approver", ["R. Stone", " r.  STONE ", "\uff32. Stone"])
def test_nobody_approves_their_own_decision(approver: str) -> None:
    with pytest.raises(NotDecidable, match="another person"):
        approve_row(LEFT, RIGHT, decided(propose()), approver=approver, deciders=DECIDERS, day=TUESDAY)


def test_what_is_not_there_or_is_done_cannot_be_approved() -> None:
    with pytest.raises(NotDecidable, match="nobody has decided"):
        approve_row(LEFT, ("housing", "H3"), decided(propose()), approver="M. Hill", deciders=DECIDERS, day=TUESDAY)
    both = approve_row(LEFT, RIGHT, decided(propose()), approver="M. Hill", deciders=DECIDERS, day=TUESDAY)
    with pytest.raises(NotDecidable, match="already"):
        approve_row(LEFT, RIGHT, decided(propose(), both), approver="A. Vale", deciders=DECIDERS, day=TUESDAY)


def test_what_nobody_with_an_account_decided_is_not_approved() -> None:
    with pytest.raises(NotDecidable, match="no open account"):
        approve_row(LEFT, RIGHT, decided(propose()), approver="M. Hill", deciders={"M. Hill"}, day=TUESDAY)


def test_a_decision_needs_a_name_and_two_records() -> None:
    with pytest.raises(NotDecidable, match="name"):
        propose(" ")
    with pytest.raises(NotDecidable, match="begin with"):
        propose("=HYPERLINK(1)")
    with pytest.raises(NotDecidable, match="twice"):
        propose_row(LEFT, LEFT, is_same=True, by="R. Stone", day=MONDAY, reference="")
    with pytest.raises(NotDecidable, match="proposals"):
        find_key({"r1": LEFT}, "r2")


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"feed_a": ""}, "are needed"),
        ({"feed_b": "victim-service", "partner_record_id_b": "V1"}, "twice"),
        ({"decision": "maybe"}, "same or different"),
        ({"decided_by": " "}, "decided_by"),
        ({"decided_date": "16/11/2026"}, "yyyy-mm-dd"),
    ],
)
def test_a_row_that_breaks_a_rule_is_named_by_line_and_decides_nothing(change: dict[str, str], rule: str) -> None:
    found, problems = parse_decisions([(7, {**propose(), **change})])
    assert not found
    assert len(problems) == 1
    assert problems[0].startswith("restricted/link_decisions.csv line 7: ")
    assert rule in problems[0]
    assert "V1" not in problems[0]
