"""The decision: may this role, for this purpose, see this row or this column of a person? Deny unless permitted.

Order: unknown fact, purpose, reach, row sensitivity, backlog, then the column's own class. A protected person's
location is never shown, whatever the role. A denied row is absent: it is not counted, sorted by, or hinted at.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from braid.language.codes import BACKLOGS, CODE_LISTS
from braid.language.schema import Sensitivity
from braid.trust.roles import PURPOSES, ROLES, Reach, Role


class Outcome(StrEnum):
    """Allow, show the column as withheld, or behave as if the row did not exist."""

    ALLOW = "allow"
    MASK = "mask"
    DENY = "deny"


@dataclass(frozen=True)
class Decision:
    """An outcome and its reason, a stable code."""

    outcome: Outcome
    reason: str


def decide_person(role: Role, purpose: str | None, concerned: Collection[str], at_home: Collection[str]) -> Decision:
    """Decide whether `role`, for `purpose`, may see a person at all.

    `concerned` holds the problem statements that concern the person, `at_home` those that concern somebody of their
    household. Outside its reach a person does not exist for the role. Returns ALLOW or DENY.
    """
    if role.code not in ROLES or purpose not in PURPOSES or purpose not in role.purposes:
        return Decision(Outcome.DENY, "purpose_not_permitted_to_role")
    if role.reach is Reach.PLACE or purpose in concerned:
        return Decision(Outcome.ALLOW, "permitted")
    if role.reach is Reach.HOUSEHOLD and purpose in at_home:
        return Decision(Outcome.ALLOW, "permitted")
    return Decision(Outcome.DENY, "person_outside_reach")


def decide_row(role: Role, purpose: str | None, row_sensitivity: str, backlog: str | None = None) -> Decision:
    """Decide whether `role`, for `purpose`, may see a row of `row_sensitivity` (and, for a wait, of `backlog`).

    Any value that is not known denies. Returns ALLOW or DENY, never MASK.
    """
    if role.code not in ROLES or purpose not in PURPOSES:
        return Decision(Outcome.DENY, "unknown_role_or_purpose")
    if purpose not in role.purposes:
        return Decision(Outcome.DENY, "purpose_not_permitted_to_role")
    if row_sensitivity not in CODE_LISTS["row_sensitivity"]:
        return Decision(Outcome.DENY, "unknown_sensitivity")
    if row_sensitivity not in role.row_sensitivities:
        return Decision(Outcome.DENY, "sensitivity_not_permitted_to_role")
    if backlog is not None and (backlog not in BACKLOGS or backlog not in role.backlogs):
        return Decision(Outcome.DENY, "backlog_not_permitted_to_role")
    return Decision(Outcome.ALLOW, "permitted")


def decide_column(role: Role, purpose: str | None, column: Sensitivity, *, protected: bool) -> Decision:
    """Decide whether a column of class `column` of a person may be shown to `role` for `purpose`.

    Location is masked for a protected person and for a role without location rights; existence columns are denied to
    every role that may not see rows under a safe address.
    """
    if role.code not in ROLES or purpose not in PURPOSES or purpose not in role.purposes:
        return Decision(Outcome.DENY, "purpose_not_permitted_to_role")
    if column is Sensitivity.LOCATION and (protected or not role.sees_location):
        return Decision(Outcome.MASK, "location_withheld")
    if column is Sensitivity.EXISTENCE and "safe_address" not in role.row_sensitivities:
        return Decision(Outcome.DENY, "existence_withheld")
    return Decision(Outcome.ALLOW, "permitted")


def permitted_rows(role: Role, purpose: str | None) -> tuple[frozenset[str], frozenset[str]]:
    """Return the row sensitivities and backlogs that `decide_row` allows, for filtering a list in one query."""
    if role.code not in ROLES or purpose not in PURPOSES or purpose not in role.purposes:
        return frozenset(), frozenset()
    return role.row_sensitivities, role.backlogs
