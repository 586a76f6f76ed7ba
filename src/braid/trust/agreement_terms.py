"""The closed vocabularies of an agreement: lawful bases, conditions, roles and legal gateways, each with its law.

The law is as found in November 2026 and is not legal advice. A code that is not here is refused.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Term:
    """A code of a vocabulary, what it means, and the law it comes from.

    `note` says what to check first.
    """

    code: str
    name: str
    law: str
    note: str = ""


def _by_code(*terms: Term) -> dict[str, Term]:
    return {term.code: term for term in terms}


CONTROLLER_ROLES = _by_code(
    Term("joint_controller", "Joint controller", "UK GDPR article 26"),
    Term("controller", "Controller", "UK GDPR article 4(7)"),
    Term("processor", "Processor", "UK GDPR article 28"),
)
ARTICLE_6 = _by_code(
    Term("consent", "Consent", "UK GDPR article 6(1)(a)"),
    Term("contract", "Contract", "UK GDPR article 6(1)(b)"),
    Term("legal_obligation", "Legal obligation", "UK GDPR article 6(1)(c)"),
    Term("vital_interests", "Vital interests", "UK GDPR article 6(1)(d)"),
    Term("public_task", "Public task", "UK GDPR article 6(1)(e)"),
    Term(
        "recognised_legitimate_interest",
        "Recognised legitimate interest",
        "UK GDPR article 6(1)(ea)",
        "In force since 5 February 2026; not for a public authority's tasks",
    ),
    Term(
        "legitimate_interests",
        "Legitimate interests",
        "UK GDPR article 6(1)(f)",
        "Not for a public authority's tasks",
    ),
)
ARTICLE_9 = _by_code(
    Term("explicit_consent", "Explicit consent", "UK GDPR article 9(2)(a)"),
    Term(
        "employment_social_protection",
        "Employment, social security and social protection law",
        "UK GDPR article 9(2)(b)",
    ),
    Term("vital_interests", "Vital interests", "UK GDPR article 9(2)(c)"),
    Term("not_for_profit", "Members of a not-for-profit body", "UK GDPR article 9(2)(d)"),
    Term("made_public", "Made public by the person", "UK GDPR article 9(2)(e)"),
    Term("legal_claims", "Legal claims and judicial acts", "UK GDPR article 9(2)(f)"),
    Term(
        "substantial_public_interest",
        "Substantial public interest",
        "UK GDPR article 9(2)(g)",
    ),
    Term("health_social_care", "Health or social care", "UK GDPR article 9(2)(h)"),
    Term("public_health", "Public health", "UK GDPR article 9(2)(i)"),
    Term("archiving_research", "Archiving, research and statistics", "UK GDPR article 9(2)(j)"),
)
_SCHEDULE_1 = "Data Protection Act 2018 Schedule 1 paragraph"
SCHEDULE_1 = _by_code(
    Term("social_protection", "Employment, social security and social protection", f"{_SCHEDULE_1} 1"),
    Term("health_social_care", "Health or social care purposes", f"{_SCHEDULE_1} 2"),
    Term("public_health", "Public health", f"{_SCHEDULE_1} 3"),
    Term("research", "Research", f"{_SCHEDULE_1} 4"),
    Term("statutory_government", "Statutory and government purposes", f"{_SCHEDULE_1} 6"),
    Term("administration_of_justice", "Administration of justice", f"{_SCHEDULE_1} 7"),
    Term("preventing_unlawful_acts", "Preventing or detecting unlawful acts", f"{_SCHEDULE_1} 10"),
    Term("safeguarding", "Safeguarding of children and individuals at risk", f"{_SCHEDULE_1} 18"),
)
SCHEDULE_1_OF: dict[str, frozenset[str]] = {
    "employment_social_protection": frozenset({"social_protection"}),
    "substantial_public_interest": frozenset(
        {"statutory_government", "administration_of_justice", "preventing_unlawful_acts", "safeguarding"}
    ),
    "health_social_care": frozenset({"health_social_care"}),
    "public_health": frozenset({"public_health"}),
    "archiving_research": frozenset({"research"}),
}
"""The Schedule 1 conditions that an article 9 condition may rest on (Data Protection Act 2018 section 10(2), (3))."""

_CHECK = "Check that the section is in force before relying on it"
GATEWAYS = _by_code(
    Term("children_act_1989_s17", "Children in need", "Children Act 1989 section 17"),
    Term("children_act_1989_s47", "Child protection enquiries", "Children Act 1989 section 47"),
    Term("children_act_2004_s10", "Co-operation to improve well-being", "Children Act 2004 section 10"),
    Term("children_act_2004_s11", "Safeguarding and promoting welfare", "Children Act 2004 section 11"),
    Term("children_act_2004_s16la", "Duty to share information", "Children Act 2004 section 16LA", _CHECK),
    Term("housing_act_1996_s213", "Co-operation with the housing authority", "Housing Act 1996 section 213"),
    Term("housing_act_1996_s213a", "Homeless families and social care", "Housing Act 1996 section 213A", "Consent"),
    Term("housing_act_1996_s213b", "Duty to refer", "Housing Act 1996 section 213B", "Consent"),
    Term("care_act_2014_s6", "General co-operation", "Care Act 2014 section 6"),
    Term("care_act_2014_s7", "Co-operation in specific cases", "Care Act 2014 section 7"),
    Term("crime_and_disorder_act_1998_s115", "Power to disclose", "Crime and Disorder Act 1998 section 115"),
    Term("domestic_abuse_act_2021_s57", "Support in safe accommodation", "Domestic Abuse Act 2021 section 57"),
    Term("nhs_act_2006_s75", "Arrangements of NHS bodies and councils", "National Health Service Act 2006 section 75"),
    Term(
        "victims_and_prisoners_act_2024_s13",
        "Collaboration on victim support",
        "Victims and Prisoners Act 2024 sections 13 to 15",
        _CHECK,
    ),
    Term("education_act_1996_s508b", "Travel to school", "Education Act 1996 section 508B"),
    Term("welfare_reform_act_2012_s131", "Welfare services information", "Welfare Reform Act 2012 section 131"),
)
CHILD_PROTECTION = frozenset({"children_act_1989_s47", "children_act_2004_s11", "children_act_2004_s16la"})
"""Gateways for which consent is not the basis: a parent who refuses must not stop them."""

PUBLIC_KINDS = frozenset({"authority", "council", "icb", "hospital", "court", "police"})
"""Kinds of organisation that are public authorities (UK GDPR article 6(1), last sentence)."""

CRIMINAL_ITEMS = frozenset({"waits.crown_court"})
"""Items that are, or reveal, criminal offence data (UK GDPR article 10)."""

LONGEST_YEARS = 3
"""The longest period of an agreement. Our rule: longer, and nobody remembers who signed."""
