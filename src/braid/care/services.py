"""The services that a team may offer and somebody may be referred to: one word for each, whoever offers it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from braid.trust.roles import COURT_READINESS, SCHOOL_FROM_TA, VICTIM_RESPONSE


@dataclass(frozen=True)
class Service:
    """A service, and the purposes for which somebody may be referred to it."""

    name: str
    purposes: frozenset[str]


_FAMILY = frozenset({SCHOOL_FROM_TA, COURT_READINESS})
_ALL = _FAMILY | {VICTIM_RESPONSE}
SERVICES: Mapping[str, Service] = {
    "advocacy": Service("Independent advocacy for people harmed by abuse", frozenset({VICTIM_RESPONSE})),
    "forensic_examination": Service("Sexual assault referral centre", frozenset({VICTIM_RESPONSE})),
    "therapy": Service("Therapy and counselling", _ALL),
    "safe_accommodation": Service("Safe accommodation", frozenset({VICTIM_RESPONSE})),
    "police_safeguarding": Service("Police safeguarding", frozenset({VICTIM_RESPONSE})),
    "court_support": Service("Support at court", frozenset({VICTIM_RESPONSE, COURT_READINESS})),
    "homelessness": Service("Homelessness and housing options", _ALL),
    "placement": Service("Placement in temporary accommodation", frozenset({SCHOOL_FROM_TA})),
    "admissions": Service("School admissions", frozenset({SCHOOL_FROM_TA})),
    "education_welfare": Service("Education welfare", _FAMILY),
    "send": Service("Special educational needs", _FAMILY),
    "early_help": Service("Early help for families", _FAMILY),
    "childrens_social_care": Service("Children's social care", _ALL),
    "adult_social_care": Service("Adult social care", frozenset({VICTIM_RESPONSE, SCHOOL_FROM_TA})),
    "health": Service("Health visiting, school nursing and community health", _ALL),
    "legal": Service("Council legal team", frozenset({COURT_READINESS})),
    "guardian": Service("Children's guardian", frozenset({COURT_READINESS})),
    "listing": Service("Court listing", frozenset({COURT_READINESS})),
    "probation": Service("Probation", frozenset({VICTIM_RESPONSE})),
    "coordination": Service("Coordination of joint meetings", _ALL),
}
