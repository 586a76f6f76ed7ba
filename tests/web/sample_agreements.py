"""The agreements of the sample place: one for each purpose, signed by all, as facts and not as files."""

import datetime as dt

from braid.language.codes import BACKLOGS
from braid.trust.agreements import Agreement, Party
from braid.trust.roles import COURT_READINESS, SCHOOL_FROM_TA, VICTIM_RESPONSE

HOST = "vale-authority"
ORGANISATIONS = {
    "analyst": HOST,
    "practitioner": "northmere-council",
    "placement_officer": "northmere-council",
    "listing_officer": "vale-family-court",
    "advocate": "harbour",
    "coordinator": HOST,
    "partner": "vale-hospital",
    "responder": "vale-hospital",
    "board_member": HOST,
    "commissioner": HOST,
    "finance_officer": HOST,
    "ig_lead": HOST,
}
"""Where the sample's user of each role works."""
SENDERS = (
    "northmere-council",
    "southwick-council",
    "vale-hospital",
    "vale-family-court",
    "vale-crown-court",
    "harbour",
)
GATEWAYS = {
    VICTIM_RESPONSE: (
        "children_act_2004_s10",
        "children_act_2004_s16la",
        "crime_and_disorder_act_1998_s115",
        "domestic_abuse_act_2021_s57",
    )
}
"""The laws that an agreement names, where they are not that of children alone."""
FROM = dt.datetime(2026, 4, 1, tzinfo=dt.UTC)
TO = dt.datetime(2036, 4, 1, tzinfo=dt.UTC)
JOINED = {"identity", "district", "household", "blockers", "priority", "joint_case", "involvements", "contacts"}
AT_THE_TABLE = {"identity", "joint_case", "waits.social_housing"}
"""What a partner receives who takes part in joint cases."""
CHILD = JOINED | {f"waits.{backlog}" for backlog in BACKLOGS if backlog not in ("crown_court", "victim_support")}
VICTIM = (JOINED - {"district", "household", "contacts"}) | {
    f"waits.{backlog}"
    for backlog in (
        "social_housing",
        "temporary_accommodation",
        "homelessness",
        "hospital_treatment",
        "crown_court",
        "victim_support",
    )
}
VICTIM |= {f"vault.{field}" for field in "address postcode telephone district contacts school entry".split()}


def agreement(
    purpose: str, items: set[str], receivers: set[str], at_the_table: frozenset[str] = frozenset(), **changes
) -> Agreement:
    """Return a signed agreement in which every sender provides every item, and the receivers receive them.

    Those `at_the_table` receive what joint cases take.
    """
    parties = tuple(
        Party(
            name,
            "joint_controller",
            "public_task",
            provides=frozenset(items) if name in SENDERS else frozenset(),
            receives=frozenset(items if name in receivers else items & AT_THE_TABLE if name in at_the_table else ()),
            signed_by="A. Sample, Caldicott Guardian",
            signed_at=FROM,
        )
        for name in (HOST, *SENDERS)
    )
    facts = {
        "id": f"sample-{purpose}",
        "version": "1",
        "title": f"Sample agreement: {purpose}",
        "purpose": purpose,
        "gateways": GATEWAYS.get(purpose, ("children_act_2004_s10",)),
        "subjects": "Those whom the problem statement concerns",
        "items": frozenset(items),
        "host": HOST,
        "parties": parties,
        "valid_from": FROM,
        "valid_to": TO,
        "review_on": dt.date(2027, 3, 1),
        "retention_days": 365,
        "retention_reason": "As the case",
        "dpia": "DPIA-2026-1",
        "opt_out_applies": False,
        "opt_out_reason": "Individual care",
    }
    return Agreement(**{**facts, **changes})


def sample_agreements() -> list[Agreement]:
    """Return the three agreements of the sample."""
    councils = {HOST, "northmere-council", "southwick-council"}
    return [
        agreement(SCHOOL_FROM_TA, CHILD | {"placement"}, councils, frozenset({"vale-hospital"})),
        agreement(
            COURT_READINESS, CHILD | {"hearings"}, councils | {"vale-family-court"}, frozenset({"vale-hospital"})
        ),
        agreement(VICTIM_RESPONSE, VICTIM, {"harbour"}, frozenset({HOST, "northmere-council", "vale-hospital"})),
    ]
