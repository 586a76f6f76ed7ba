"""The roles of the web app and what each may see. A role is data; `braid.trust.decide` is the only reader."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

SCHOOL_FROM_TA = "school_from_ta"
VICTIM_RESPONSE = "victim_response"
COURT_READINESS = "court_readiness"
PURPOSES = {
    SCHOOL_FROM_TA: "School from temporary accommodation",
    VICTIM_RESPONSE: "Victim response",
    COURT_READINESS: "Court readiness",
}
"""The purposes for which people may be looked at: one per shipped problem statement."""


class Reach(StrEnum):
    """Which people a role may see at all for a purpose, before any row is decided on."""

    COHORT = "cohort"
    """Those whom the problem statement of the purpose concerns."""
    HOUSEHOLD = "household"
    """Those, and whoever lives with them: a family is placed and supported together."""
    CASE = "case"
    """Those alone of whose joint case they are a member, or who were referred to a team of theirs."""
    PLACE = "place"
    """Everybody with a wait; for whoever joins the extracts and looks for who is missed."""


_HOUSING = frozenset({"social_housing", "temporary_accommodation", "homelessness"})
_CHILD = frozenset({"school_place", "send", "childrens_social_care"})


@dataclass(frozen=True)
class Role:
    """A role: for which purposes, which rows, which backlogs, and whether it sees people at all.

    `row_sensitivities` are codes of the list `row_sensitivity`; `backlogs` are codes of `BACKLOGS`.
    """

    code: str
    name: str
    description: str
    purposes: frozenset[str]
    row_sensitivities: frozenset[str]
    backlogs: frozenset[str]
    reach: Reach = Reach.COHORT
    sees_location: bool = False
    """May see class L columns (district, school, worker) of people who are not protected."""
    sees_place: bool = True
    sees_audit: bool = False
    vault_items: frozenset[str] = frozenset()
    """Items of the vault that the role may read, one field at a time, after confirming with a second factor."""
    builds_datasets: bool = False
    """May have datasets built for its own purposes, and rotate and delete their keys."""
    coordinates: bool = False
    """May plan meetings of joint cases, and owns what stays silent on both sides."""
    plans: frozenset[str] = frozenset()
    """Kinds of plan whose proposals the role may see; who decides on one is the organisation that owes it."""
    simulates: bool = False
    """May ask what a decision would do to every queue at once, and read what others asked."""
    decides_links: bool = False
    """May decide that two records are one person or two."""
    reads_sources: bool = False
    """May trace a record to the row of a partner's file; what stands in the row is decided on person by person."""
    governs: bool = False
    """May see boards and what they decide, outcomes, funds and commissions: figures of the place, nobody's row."""
    commissions: bool = False
    """May prepare boards, outcomes and commissions, and write down what boards decided."""
    keeps_ledger: bool = False
    """May enter contributions, commitments and actuals, and close periods."""

    def builds_datasets_for(self, purpose: str) -> bool:
        """Whether the role may have datasets of a purpose built: a dataset tells who builds it what its purpose is."""
        return self.builds_datasets and purpose in self.purposes

    @property
    def sees_people(self) -> bool:
        """Whether any row about a person could ever be shown to this role."""
        return bool(self.purposes)


ROLES: dict[str, Role] = {
    role.code: role
    for role in (
        Role(
            "analyst",
            "Analyst",
            "Joins up the extracts and looks for people who wait in several queues",
            frozenset({SCHOOL_FROM_TA, COURT_READINESS}),
            frozenset({"normal", "special"}),
            _HOUSING | _CHILD | {"hospital_treatment", "care_proceedings"},
            reach=Reach.PLACE,
            sees_location=True,
            builds_datasets=True,
            plans=frozenset({"placements"}),
            simulates=True,
            decides_links=True,
            reads_sources=True,
            governs=True,
        ),
        Role(
            "practitioner",
            "Children's practitioner",
            "Works with children and families",
            frozenset({SCHOOL_FROM_TA, COURT_READINESS}),
            frozenset({"normal", "special"}),
            _HOUSING | _CHILD | {"hospital_treatment", "care_proceedings"},
            reach=Reach.HOUSEHOLD,
            sees_location=True,
        ),
        Role(
            "placement_officer",
            "Placement officer",
            "Places households in temporary accommodation",
            frozenset({SCHOOL_FROM_TA}),
            frozenset({"normal", "special"}),
            _HOUSING | {"school_place", "send"},
            reach=Reach.HOUSEHOLD,
            sees_location=True,
            plans=frozenset({"placements"}),
        ),
        Role(
            "listing_officer",
            "Listing officer",
            "Lists hearings in the family court",
            frozenset({COURT_READINESS}),
            frozenset({"special"}),
            frozenset({"care_proceedings", "childrens_social_care"}),
            plans=frozenset({"listing"}),
        ),
        Role(
            "advocate",
            "Victim advocate",
            "Supports people harmed by domestic abuse or sexual violence",
            frozenset({VICTIM_RESPONSE}),
            frozenset({"normal", "special", "criminal", "safe_address"}),
            _HOUSING | {"hospital_treatment", "crown_court", "victim_support"},
            vault_items=frozenset(
                f"vault.{field}" for field in "address postcode telephone district contacts school entry".split()
            ),
            builds_datasets=True,
        ),
        Role(
            "coordinator",
            "Meeting coordinator",
            "Plans and chairs joint meetings of several organisations",
            frozenset(PURPOSES),
            frozenset({"normal", "special", "criminal", "safe_address"}),
            frozenset(),
            reach=Reach.CASE,
            coordinates=True,
        ),
        Role(
            "partner",
            "Partner's practitioner",
            "Works for a partner that takes part in joint cases of children and families",
            frozenset({SCHOOL_FROM_TA, COURT_READINESS}),
            frozenset({"normal", "special"}),
            _HOUSING | _CHILD | {"hospital_treatment", "care_proceedings"},
            reach=Reach.CASE,
        ),
        Role(
            "responder",
            "Partner in the response to abuse",
            "Works for a partner that takes part in joint cases of people harmed by abuse",
            frozenset({VICTIM_RESPONSE}),
            frozenset({"normal", "special", "criminal", "safe_address"}),
            _HOUSING | {"hospital_treatment", "crown_court", "victim_support"},
            reach=Reach.CASE,
        ),
        Role(
            "board_member",
            "Board member",
            "Sits on a board of the place; sees figures, never people",
            frozenset(),
            frozenset(),
            frozenset(),
            simulates=True,
            governs=True,
        ),
        Role(
            "commissioner",
            "Commissioner",
            "Prepares boards, outcomes and commissions; sees figures, never people",
            frozenset(),
            frozenset(),
            frozenset(),
            simulates=True,
            governs=True,
            commissions=True,
        ),
        Role(
            "finance_officer",
            "Finance officer",
            "Keeps the ledger of joint funds; sees figures, never people",
            frozenset(),
            frozenset(),
            frozenset(),
            governs=True,
            keeps_ledger=True,
        ),
        Role(
            "ig_lead",
            "Information governance lead",
            "Accounts for every look and every change; sees no person's waits",
            frozenset(),
            frozenset(),
            frozenset(),
            sees_audit=True,
            simulates=True,
            decides_links=True,
            reads_sources=True,
            governs=True,
        ),
    )
}
