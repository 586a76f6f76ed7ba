"""Readiness items: every code of the court has one, and a hearing that failed names the item, its owner and its end."""

from __future__ import annotations

from typing import Any

import pytest

from braid.language.codes import CAUSE_GROUPS, HEARING_CANCELLATION_GROUPS, ORGANISATION_KINDS
from braid.language.readiness import READINESS_ITEMS, ReadinessItem
from braid.problems import run as problems
from braid.problems.load import parse_statement, shipped_statements, shipped_text
from braid.problems.model import Statement
from braid.waits import run as waits
from braid.waits.blockers import BLAMELESS
from waits.place import AS_OF, CALENDAR, TinyPlace

COURT = {"feed": "family-court", "organisation_id": "hmcts-family", "sensitivity": "special"}
SECTION_5 = {
    "service_evidence": "LA1 LA2 LA3 LA4 LA5 LA6 LA7 LA8 LA9 LA10 LA11",
    "cafcass": "CA1 CA2",
    "expert": "EX1 EX2",
    "other_agency": "HE1 CR1 OT5",
    "court_capacity": "HM1 JU1 JU2 JU3",
    "court_support": "HM2 HM3 LW5",
    "lawyers": "LW1 LW2 LW3 LW4 OS1 LS1 LS2",
    "family_change": "OT6 OT7 IN1",
    "process": "OT1 OT2 OT3 OT4",
    "external": "OT8 OT9 OT10",
    "not_a_failure": "OT11 OT12 OT13 OT14",
}
"""Cause groups of the court's codes, written apart from the list."""


def test_the_items_are_the_courts_codes_in_their_cause_groups() -> None:
    expected = {code: group for group, codes in SECTION_5.items() for code in codes.split()}
    assert expected == HEARING_CANCELLATION_GROUPS
    assert list(READINESS_ITEMS) == [f"fpl:{item.reason}" for item in READINESS_ITEMS.values()]


@pytest.mark.parametrize("item", READINESS_ITEMS.values(), ids=lambda item: item.reason)
def test_an_item_has_words_an_owner_a_next_action_and_evidence(item: ReadinessItem) -> None:
    assert item.group in CAUSE_GROUPS
    assert item.organisation in ORGANISATION_KINDS
    assert item.role[0].isupper() and item.next_action[0].isupper()
    assert item.next_action.endswith(".")
    assert not item.words.endswith(".") and not item.cleared_by.endswith(".")


def failed(reasons: list[str], statement: Statement) -> dict[str, dict[str, Any]]:
    """Return the blocker of each child whose case's hearing failed for the reason of that name."""
    place = TinyPlace()
    for reason in reasons:
        record = place.person(reason)
        place.wait(record, "care_proceedings", "2026-09-01", episode_ref=f"case {reason}", **COURT)
        place.add(
            "event",
            person_record_id=record,
            kind="hearing",
            episode_ref=f"case {reason}",
            start_date="2026-10-01",
            status="adjourned",
            status_reason=f"fpl:{reason}",
            cause_group=HEARING_CANCELLATION_GROUPS.get(reason, "expert"),
            **COURT,
        )
    engine = place.load()
    waits.run(engine, CALENDAR, AS_OF)
    problems.run(engine, (statement,), AS_OF)
    return {row["person_id"]: row for row in engine.rows("select * from blocker")}


COURT_READINESS = shipped_statements()[2]


def test_a_hearing_that_failed_names_the_item_its_owner_and_what_clears_it() -> None:
    found = failed(list(HEARING_CANCELLATION_GROUPS), COURT_READINESS)
    for item in READINESS_ITEMS.values():
        if item.group in BLAMELESS:
            assert item.reason not in found
            continue
        row = found[item.reason]
        assert (row["readiness_item"], row["holder_kind"]) == (item.code, item.group)
        assert (row["owner_organisation"], row["owner_role"]) == (item.organisation, item.role)
        assert row["next_action"] == item.next_action
        assert row["reason"].endswith(f": {item.words}.")
        assert f"code {item.reason}." in row["evidence"]
        assert row["evidence"].endswith(f"It is cleared by {item.cleared_by}.")


def test_a_code_that_nobody_knows_is_held_by_its_cause_group() -> None:
    (row,) = failed(["ZZ9"], COURT_READINESS).values()
    assert (row["readiness_item"], row["holder_kind"], row["owner_role"]) == (None, "expert", "Instructed expert")


def test_a_place_gives_an_item_its_own_words() -> None:
    own = """
[rule.item.EX1]
reason = "The report is not there."
owner_organisation = "legal"
owner_role = "Lead solicitor"
next_action = "Ask the expert for a day."
cleared_by = "the report."

[[rule]]
id = "parallel_criminal_case"
"""
    text = shipped_text("court_readiness").replace('\n[[rule]]\nid = "parallel_criminal_case"\n', own)
    found = failed(["EX1", "EX2"], parse_statement(text, "mine.toml"))
    assert (found["EX1"]["owner_role"], found["EX1"]["reason"]) == ("Lead solicitor", "The report is not there.")
    assert found["EX1"]["evidence"].endswith("It is cleared by the report.")
    assert found["EX2"]["owner_role"] == READINESS_ITEMS["fpl:EX2"].role


def test_of_two_codes_of_one_day_the_first_is_named() -> None:
    place = TinyPlace()
    record = place.person("child")
    place.wait(record, "care_proceedings", "2026-09-01", episode_ref="case", **COURT)
    for reason in ("LA5", None, "LA3"):
        event = {"kind": "hearing", "episode_ref": "case", "start_date": "2026-10-01", "status": "vacated"}
        cause = {"cause_group": "service_evidence", "status_reason": f"fpl:{reason}" if reason else None}
        place.add("event", person_record_id=record, **event, **cause, **COURT)
    engine = place.load()
    waits.run(engine, CALENDAR, AS_OF)
    problems.run(engine, (COURT_READINESS,), AS_OF)
    assert [row["readiness_item"] for row in engine.rows("select * from blocker")] == ["fpl:LA3"]
