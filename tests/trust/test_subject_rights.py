"""Rights of the people in the data: the clock against a count of days, decisions line by line, machines, schedule."""

import datetime as dt
import runpy
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from braid.language.steps import NotPossible, find_faults
from braid.trust.retention import ScheduleInvalid, load_schedule, parse_schedule
from braid.trust.rights_clock import Pause, add_months, paused_days, read_clock
from braid.trust.subject_rights import (
    Decision,
    Line,
    check_asker,
    check_basis,
    check_findings,
    check_second,
    decide_lines,
    may_erase,
    may_open_lines,
    outcome_of,
    party_of_asker,
)
from braid.trust.subject_rights_terms import GROUNDS, LOCKED, MACHINES, SECOND_DECIDES
from braid.trust.transparency import ALGORITHMS, RecordsInvalid, load_records, parse_records

REPOSITORY = Path(__file__).resolve().parents[2]
DAYS = st.dates(dt.date(2025, 1, 1), dt.date(2028, 12, 31))
ONE = dt.timedelta(days=1)
SUBJECT, PARENT = "a" * 32, "b" * 32
LINES = (
    Line("Name", "Olu"),
    Line("Address", "", "L", "location"),
    Line("It says", "Something", "S", "", "third_party"),
)


@pytest.mark.parametrize(
    ("received", "last"),
    [
        ("2026-09-03", "2026-10-03"),
        ("2026-03-31", "2026-04-30"),
        ("2026-01-31", "2026-02-28"),
        ("2028-01-31", "2028-02-29"),
        ("2026-12-15", "2027-01-15"),
    ],
)
def test_the_month_ends_on_the_day_of_the_same_number_or_the_last(received, last):
    day = dt.date.fromisoformat(received)
    assert read_clock(day, day, (), False, day).last_day == dt.date.fromisoformat(last)


def test_the_clock_begins_when_it_was_shown_who_asks_and_not_before():
    day = dt.date(2026, 11, 2)
    assert read_clock(day, None, (), False, day).last_day is None
    shown = read_clock(day, day + 9 * ONE, (), False, day)
    assert (shown.begins, shown.last_day) == (dt.date(2026, 11, 11), dt.date(2026, 12, 11))
    assert read_clock(day, day - 9 * ONE, (), False, day).begins == day, "a paper shown before"


def test_two_months_more_and_the_day_by_which_they_are_told():
    day = dt.date(2026, 11, 2)
    clock = read_clock(day, day, (), True, day)
    assert (clock.extend_by, clock.last_day, clock.days_left) == (dt.date(2026, 12, 2), dt.date(2027, 2, 2), 92)


@given(DAYS, st.lists(st.tuples(DAYS, st.integers(0, 60)), max_size=4), DAYS)
def test_paused_days_are_those_that_a_count_day_by_day_finds(begins, spans, today):
    pauses = [Pause(first, first + days * ONE) for first, days in spans]
    day, count = begins, 0
    while day <= today:
        count += any(one.first <= day <= one.last for one in pauses)
        day += ONE
    assert paused_days(pauses, begins, today) == count


@given(DAYS, st.integers(0, 30))
def test_months_on_never_leave_the_month_that_they_lead_to(day, months):
    found = add_months(day, months)
    assert (found.year * 12 + found.month) - (day.year * 12 + day.month) == months
    assert found.day == day.day or (found + ONE).day == 1


@given(DAYS, st.integers(0, 40), st.booleans())
def test_a_running_pause_moves_the_last_day_on_with_each_day(received, days, is_extended):
    pause = (Pause(received),)
    today = received + days * ONE
    one, next_one = (read_clock(received, received, pause, is_extended, at) for at in (today, today + ONE))
    assert next_one.last_day - one.last_day == ONE and next_one.days_left == one.days_left and one.is_paused


def test_who_may_ask_and_to_whom_what_is_told_goes():
    check_asker(SUBJECT, "self", "")
    check_asker(SUBJECT, "acts_for", "")
    check_asker(SUBJECT, "parent", PARENT)
    for asker, other in (("parent", ""), ("parent", SUBJECT), ("self", PARENT), ("acts_for", PARENT), ("friend", "")):
        with pytest.raises(NotPossible):
            check_asker(SUBJECT, asker, other)
    assert party_of_asker(SUBJECT, "parent", PARENT) == PARENT
    assert party_of_asker(SUBJECT, "acts_for", "") == SUBJECT, "a solicitor is answered through whom they act for"


def test_what_is_locked_is_never_given_and_what_is_withheld_has_its_ground():
    assert decide_lines(LINES, [0, 2], "") == Decision(frozenset({0, 2}), "location")
    assert decide_lines(LINES, [0], "third_party").ground == "third_party"
    assert decide_lines(LINES[:1], [0], "") == Decision(frozenset({0}), "")
    for kept, ground in (([1], "third_party"), ([0], ""), ([0], "because"), ([7], "third_party")):
        with pytest.raises(NotPossible):
            decide_lines(LINES, kept, ground)


@given(
    st.lists(st.sampled_from(["", *sorted(LOCKED)]), max_size=6),
    st.sets(st.integers(0, 7)),
    st.sampled_from([*GROUNDS, ""]),
)
def test_no_decision_gives_a_locked_line_or_withholds_without_a_ground(locks, kept, ground):
    lines = [Line("What", "" if lock else "words", "N", lock) for lock in locks]
    try:
        decision = decide_lines(lines, kept, ground)
    except NotPossible:
        return
    assert not any(lines[number].locked for number in decision.kept)
    assert decision.ground in GROUNDS or len(decision.kept) == len(lines)
    assert outcome_of(len(lines), decision) == (
        "give" if len(decision.kept) == len(lines) else "part" if decision.kept else "withhold"
    )


def test_the_second_human_is_another_and_says_what_they_found():
    check_second("lead-one", "lead-two")
    check_findings("nobody_else", "no_harm")
    for one, other in (("lead-one", "lead-one"), ("lead-one", "")):
        with pytest.raises(NotPossible):
            check_second(one, other)
    for third, harm in (("", "no_harm"), ("agreed", ""), ("x", "x")):
        with pytest.raises(NotPossible):
            check_findings(third, harm)


@pytest.mark.parametrize("role", [True, False])
@pytest.mark.parametrize("hidden", [True, False])
@pytest.mark.parametrize("confirmed", [True, False])
def test_lines_open_to_one_combination_alone(role, hidden, confirmed):
    assert may_open_lines(role, hidden, is_confirmed=confirmed) == (role and not hidden and confirmed)


@pytest.mark.parametrize("kind", MACHINES)
def test_every_process_is_sound(kind):
    assert find_faults(MACHINES[kind]) == []


def test_nothing_leads_to_what_is_given_or_erased_but_by_a_second_human():
    for kind, target in (("access", "given"), ("erasure", "done"), ("restriction", "ended")):
        machine = MACHINES[kind]
        steps = {code: step for code, step in machine.steps.items() if code not in SECOND_DECIDES}
        reached, before = {machine.first}, set()
        while reached != before:
            before = set(reached)
            reached |= {step.target for step in steps.values() if reached & set(step.sources)}
        assert target not in reached, kind


def test_a_hold_beats_an_erasure_and_a_ground_is_of_its_kind():
    assert may_erase("approved", has_hold=False)
    assert not may_erase("approved", has_hold=True) and not may_erase("proposed", has_hold=False)
    check_basis("rectification", "")
    check_basis("restriction", "objection")
    for kind, basis in (("erasure", ""), ("erasure", "objection"), ("restriction", "not_needed")):
        with pytest.raises(NotPossible):
            check_basis(kind, basis)


RULE = """[[rule]]
code = "x"
name = "X"
from = "the day"
days = 3
law = "L"
why = "W"
swept = "sweep"
"""


def test_the_schedule_is_read_and_every_fault_is_refused_with_its_rule():
    assert parse_schedule(RULE)[0].before(dt.date(2026, 11, 4)) == dt.date(2026, 11, 1)
    for broken in (
        RULE + RULE,
        RULE.replace("days = 3\n", ""),
        RULE.replace("days = 3", "days = 0"),
        RULE.replace("days = 3", "days = true"),
        RULE.replace('law = "L"', 'law = ""'),
        RULE.replace('why = "W"\n', ""),
        RULE.replace('swept = "sweep"', 'swept = "somebody"'),
        RULE + "more = 1\n",
        "[[rule",
    ):
        with pytest.raises(ScheduleInvalid) as refused:
            parse_schedule(broken)
        assert "retention.toml" in str(refused.value)
    assert all(rule.law and (rule.days is None) != rule.is_swept for rule in load_schedule())


def test_every_algorithm_has_a_whole_record():
    assert tuple(record["code"] for record in load_records()) == ALGORITHMS
    assert not any("nationality" in record["inputs"] and "neither" not in record["inputs"] for record in load_records())
    with pytest.raises(RecordsInvalid):
        parse_records('[[record]]\ncode = "linking"\nname = "Linking"\n')
    for record in load_records():
        assert (REPOSITORY / record["source"]).is_dir(), record["code"]


def test_the_record_of_processing_is_as_code_and_data_say():
    page = runpy.run_path(str(REPOSITORY / "tools" / "processing_record.py"))
    assert page["PAGE"].read_text(encoding="utf-8") == page["processing_page"](), (
        "run: python tools/processing_record.py"
    )
