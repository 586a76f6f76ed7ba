"""What goes back to a partner: each fault once by place, sums that add up, and values only without kept keys."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from braid.extracts.reject_report import LONGEST_ROW, VALUES_WITHHELD, make_report
from braid.language.records import ISSUE, REJECT
from braid.pipeline import new_engine
from braid.store.engine import Engine

FILE = {"feed": "roll", "file_sha256": "a" * 64, "file_name": "roll.csv"}
DATE = {"rule": "date_invalid", "field": "Entry", "message": "Entry is no date: write yyyy-mm-dd"}


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """Two refused rows, a part refused with them, a doubt of two rows, an unreadable file, and another feed's."""
    made = new_engine(tmp_path)
    rejects = [
        {**FILE, "part": "roll", "position": "line 10", "rule": "date_invalid", "row": "K7,Ann,31/02/2026"},
        {**FILE, "part": "roll", "position": "line 9", "rule": "date_invalid", "row": "K8,Bo," + "x" * 30_000},
        {**FILE, "part": "visits", "position": "line 9", "rule": "parent_refused", "row": "K8,visit"},
    ]
    issues = [
        {**FILE, **DATE, "severity": "reject", "position": "line 10"},
        {**FILE, **DATE, "severity": "reject", "position": "line 9"},
        {**FILE, "severity": "reject", "rule": "parent_refused", "position": "line 9", "message": "correct the other"},
        {**FILE, "severity": "reject", "rule": "file_truncated", "message": "send it again", "file_name": "old.csv"},
        *({**FILE, **DATE, "severity": "warning", "rule": "upn_check", "position": f"line {n}"} for n in (3, 4)),
    ]
    made.load_rows(REJECT, [*rejects, {**rejects[0], "feed": "other"}])
    made.load_rows(ISSUE, [*issues, {**issues[0], "feed": "other"}])
    yield made
    made.close()


def test_each_fault_is_named_once_by_its_place_and_the_sums_add_up(engine: Engine) -> None:
    report = make_report(engine, "roll", {"title": 2, "surname2": 9})
    told = [(one.file_name, one.part, one.position, one.rule) for one in report.faults if one.outcome == "reject"]
    assert told == [
        ("old.csv", "", "", "file_truncated"),
        ("roll.csv", "roll", "line 9", "date_invalid"),
        ("roll.csv", "roll", "line 10", "date_invalid"),
        ("roll.csv", "visits", "line 9", "parent_refused"),
    ]
    assert report.rows_refused == 4 and report.count == 6 == sum(one.times for one in report.rules)
    most = report.rules[0]
    assert (most.outcome, most.rule, most.times) == ("reject", "date_invalid", 2)
    assert [(one.what, one.times) for one in report.unmapped] == [("surname2", 9), ("title", 2)]
    assert not any(one.row for one in report.faults) and all(one.message for one in report.faults)


def test_values_are_there_only_without_a_key_that_is_kept(engine: Engine) -> None:
    rows = [one.row for one in make_report(engine, "roll", {}, keys_kept=["K8"]).faults if one.part]
    assert rows == [VALUES_WITHHELD, "K7,Ann,31/02/2026", VALUES_WITHHELD]
    whole = [one.row for one in make_report(engine, "roll", {}, keys_kept=()).faults if one.part]
    assert len(whole[0]) == LONGEST_ROW and whole[1] == rows[1], "a cell holds no more"


def test_one_rule_may_be_asked_for_alone(engine: Engine) -> None:
    report = make_report(engine, "roll", {}, rule="upn_check")
    assert {one.rule for one in report.faults} == {"upn_check"} and report.rows_refused == 0 and report.count == 2
