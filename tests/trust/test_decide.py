"""The decision against a naive specification over every case there is, and disclosure control by its own definition."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from braid.language.codes import BACKLOGS, CODE_LISTS
from braid.language.schema import Sensitivity
from braid.trust.decide import Outcome, decide_column, decide_person, decide_row, permitted_rows
from braid.trust.disclosure import publishable_count, publishable_measure, publishable_share
from braid.trust.roles import PURPOSES, ROLES, Role

STRANGER = Role(
    "stranger",
    "Stranger",
    "Not among the roles",
    frozenset(PURPOSES),
    frozenset(CODE_LISTS["row_sensitivity"]),
    frozenset(BACKLOGS),
    True,
)
EVERY_ROLE = [*ROLES.values(), STRANGER]
SENSITIVITIES = [*CODE_LISTS["row_sensitivity"], "unheard_of", ""]
QUEUES = [*BACKLOGS, "unheard_of", None]
AIMS = [*PURPOSES, "curiosity", None]


def _naive_row(role: Role, purpose: str | None, sensitivity: str, backlog: str | None) -> bool:
    """Everything must be said to be permitted; written from the rule's text alone."""
    known = role in ROLES.values() and purpose in PURPOSES and sensitivity in CODE_LISTS["row_sensitivity"]
    listed = known and purpose in role.purposes and sensitivity in role.row_sensitivities
    return bool(listed and (backlog is None or backlog in role.backlogs))


def test_rows_agree_with_the_naive_specification_in_every_case() -> None:
    cases = list(product(EVERY_ROLE, AIMS, SENSITIVITIES, QUEUES))
    for role, purpose, sensitivity, backlog in cases:
        outcome = decide_row(role, purpose, sensitivity, backlog).outcome
        assert (outcome is Outcome.ALLOW) == _naive_row(role, purpose, sensitivity, backlog)
        assert outcome is not Outcome.MASK
    assert len(cases) == len(EVERY_ROLE) * len(AIMS) * len(SENSITIVITIES) * len(QUEUES)


def test_the_filter_for_lists_lets_through_what_the_decision_lets_through() -> None:
    for role, purpose in product(EVERY_ROLE, AIMS):
        sensitivities, backlogs = permitted_rows(role, purpose)
        for sensitivity, backlog in product(SENSITIVITIES, BACKLOGS):
            listed = sensitivity in sensitivities and backlog in backlogs
            assert listed == (decide_row(role, purpose, sensitivity, backlog).outcome is Outcome.ALLOW)


def test_a_person_outside_the_reach_of_a_role_does_not_exist_for_it() -> None:
    sets = [frozenset(), frozenset({"school_from_ta"}), frozenset({"victim_response"}), frozenset(PURPOSES)]
    for role, purpose, concerned, at_home in product(EVERY_ROLE, AIMS, sets, sets):
        allowed = decide_person(role, purpose, concerned, at_home).outcome is Outcome.ALLOW
        known = role in ROLES.values() and purpose in PURPOSES and purpose in role.purposes
        by_reach = {"place": True, "cohort": purpose in concerned, "household": purpose in concerned | at_home}
        assert allowed == (known and by_reach[role.reach])


def test_only_the_analyst_reaches_the_whole_place() -> None:
    assert [code for code, role in ROLES.items() if role.reach == "place"] == ["analyst"]


def test_location_of_a_protected_person_is_shown_to_nobody() -> None:
    for role, purpose in product(EVERY_ROLE, AIMS):
        found = decide_column(role, purpose, Sensitivity.LOCATION, protected=True)
        assert found.outcome is not Outcome.ALLOW


def test_existence_is_denied_to_whoever_may_not_see_rows_under_a_safe_address() -> None:
    for role, purpose, protected in product(EVERY_ROLE, AIMS, (True, False)):
        found = decide_column(role, purpose, Sensitivity.EXISTENCE, protected=protected).outcome
        if "safe_address" not in role.row_sensitivities or purpose not in role.purposes or role is STRANGER:
            assert found is Outcome.DENY


def test_board_and_governance_see_no_person() -> None:
    for code in ("board_member", "ig_lead"):
        assert not ROLES[code].sees_people
        assert all(permitted_rows(ROLES[code], purpose) == (frozenset(), frozenset()) for purpose in PURPOSES)


def test_only_the_advocate_sees_support_for_victims() -> None:
    assert [code for code, role in ROLES.items() if "safe_address" in role.row_sensitivities] == ["advocate"]


@given(st.integers(0, 100_000))
def test_counts_are_zero_suppressed_or_rounded_to_five(exact: int) -> None:
    shown = publishable_count(exact)
    if exact == 0:
        assert shown == 0
    elif exact <= 7:
        assert shown is None
    else:
        assert shown is not None
        assert shown % 5 == 0
        assert abs(shown - exact) <= 2


@given(st.integers(0, 1000), st.integers(0, 1000))
def test_a_share_is_of_shown_counts_alone(part: int, whole: int) -> None:
    share = publishable_share(part, whole)
    if min(part, whole - part) <= 7:
        assert share is None
    else:
        assert 0 <= share <= 100


def test_small_bases_publish_no_median_and_negative_counts_are_refused() -> None:
    assert publishable_measure(12.5, 7) is None
    assert publishable_measure(12.5, 8) == 12.5
    with pytest.raises(ValueError, match="below zero"):
        publishable_count(-1)
