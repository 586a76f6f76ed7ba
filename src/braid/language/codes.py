"""Code lists of the common language and the crosswalks into it.

A code list maps a stable code to the words shown to people. Source codes lie by position and by year, so a crosswalk is
always keyed by the source's own code system; nothing is guessed from a label.

Sources: ethnicity from ONS 2021 detail with the NHS 16+1 list (UK Core EthnicCategoryEngland), the DfE list (CIN
census, SSDA903) and CORE; hearing cancellation reasons from HMCTS Family Public Law; attendance codes from the
Department for Education's list in force from August 2024; headline outcomes from the Supporting Families guidance,
chapter 5.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from braid.language.readiness import READINESS_ITEMS


@dataclass(frozen=True)
class Backlog:
    """A queue that a board would recognise by name. Several kinds of wait may stand in one backlog."""

    code: str
    name: str
    article: bool
    """One of the five backlogs that public debate names: housing, hospital, family court, crown court, school."""


BACKLOGS: dict[str, Backlog] = {
    backlog.code: backlog
    for backlog in (
        Backlog("social_housing", "Social housing register", True),
        Backlog("hospital_treatment", "Hospital treatment", True),
        Backlog("care_proceedings", "Care proceedings", True),
        Backlog("crown_court", "Crown Court", True),
        Backlog("school_place", "School place", True),
        Backlog("temporary_accommodation", "Temporary accommodation", False),
        Backlog("homelessness", "Homelessness duties", False),
        Backlog("send", "Education, health and care plans", False),
        Backlog("childrens_social_care", "Children's social care", False),
        Backlog("victim_support", "Victim support", False),
        Backlog("emergency_care", "Emergency department", False),
    )
}


@dataclass(frozen=True)
class WaitKind:
    """A kind of wait: its backlog and the row sensitivity it has wherever it is shown."""

    code: str
    name: str
    backlog: str
    sensitivity: str


WAIT_KINDS: dict[str, WaitKind] = {
    kind.code: kind
    for kind in (
        WaitKind("register", "Social housing register", "social_housing", "normal"),
        WaitKind("temporary_accommodation", "Temporary accommodation", "temporary_accommodation", "normal"),
        WaitKind("bnb_family", "Family in bed and breakfast", "temporary_accommodation", "normal"),
        WaitKind("homelessness_prevention", "Homelessness prevention duty", "homelessness", "normal"),
        WaitKind("homelessness_relief", "Homelessness relief duty", "homelessness", "normal"),
        WaitKind("rtt", "Referral to treatment", "hospital_treatment", "special"),
        WaitKind("ed_4h", "Emergency department", "emergency_care", "special"),
        WaitKind("care_proceedings", "Care proceedings", "care_proceedings", "special"),
        WaitKind("care_first_hearing", "First hearing in care proceedings", "care_proceedings", "special"),
        WaitKind("crown_trial", "Crown Court trial", "crown_court", "criminal"),
        WaitKind("in_year_admission", "School place in the year", "school_place", "normal"),
        WaitKind("fair_access_place", "Fair access place", "school_place", "normal"),
        WaitKind("ehcp_decision", "Decision to assess for an EHC plan", "send", "special"),
        WaitKind("ehcp_plan", "EHC plan", "send", "special"),
        WaitKind("cin_decision", "Decision on a referral", "childrens_social_care", "special"),
        WaitKind("cf_assessment", "Child and family assessment", "childrens_social_care", "special"),
        WaitKind("icpc", "Initial child protection conference", "childrens_social_care", "special"),
        WaitKind("cpp_review", "Child protection review", "childrens_social_care", "special"),
        WaitKind("cla_review", "Looked-after review", "childrens_social_care", "special"),
        WaitKind("cla_initial_health", "Initial health assessment", "childrens_social_care", "special"),
        WaitKind("return_interview", "Return interview", "childrens_social_care", "special"),
        WaitKind("pre_proceedings", "Pre-proceedings", "childrens_social_care", "special"),
        WaitKind("victim_support", "Support after harm", "victim_support", "safe_address"),
        WaitKind("therapy", "Therapy after harm", "victim_support", "safe_address"),
        WaitKind("care_allocation", "Allocation of care proceedings", "care_proceedings", "special"),
        WaitKind("advocates_meeting", "Advocates' meeting before a hearing", "care_proceedings", "special"),
        WaitKind("custody_time_limit", "Custody before trial in the Crown Court", "crown_court", "criminal"),
        WaitKind("custody_either_way", "Custody before trial of an either-way offence", "crown_court", "criminal"),
        WaitKind("custody_summary", "Custody before trial of a summary offence", "crown_court", "criminal"),
        WaitKind("main_duty_decision", "Decision on the main housing duty", "homelessness", "normal"),
        WaitKind("out_of_area_notice", "Notice of placement out of area", "temporary_accommodation", "normal"),
        WaitKind("s213aa_notice", "Notice of a child in accommodation", "temporary_accommodation", "normal"),
        WaitKind("school_vacancies", "Answer about school vacancies", "school_place", "normal"),
        WaitKind("ehcp_refusal", "Notice that no EHC plan is made", "send", "special"),
        WaitKind("ehcp_comments", "Comments on a draft EHC plan", "send", "special"),
        WaitKind("core_group", "Core group", "childrens_social_care", "special"),
        WaitKind("cpp_review_later", "Later child protection review", "childrens_social_care", "special"),
        WaitKind("cla_review_second", "Second looked-after review", "childrens_social_care", "special"),
        WaitKind("cla_review_later", "Later looked-after review", "childrens_social_care", "special"),
        WaitKind("cla_health_review", "Health review, child of five or more", "childrens_social_care", "special"),
        WaitKind("cla_health_review_under_5", "Health review, child under five", "childrens_social_care", "special"),
        WaitKind("cla_placement_notice", "Notice of an emergency placement", "childrens_social_care", "special"),
        WaitKind("pep", "Personal education plan", "childrens_social_care", "special"),
        WaitKind("pathway_plan_review", "Pathway plan review", "childrens_social_care", "special"),
        WaitKind("victim_notice", "Telling a victim of a decision", "victim_support", "safe_address"),
        WaitKind("victim_notice_enhanced", "Telling a victim, enhanced rights", "victim_support", "safe_address"),
        WaitKind("victim_support_referral", "Referral of a victim to support", "victim_support", "safe_address"),
    )
}

STAY_KINDS = {
    "settled_owner": "Home owned",
    "private_rent": "Private rent",
    "social_rent": "Social rent",
    "ta_bnb": "Bed and breakfast",
    "ta_nightly": "Nightly paid accommodation",
    "ta_hostel": "Hostel",
    "ta_leased": "Leased temporary accommodation",
    "ta_own_stock": "Temporary accommodation in own stock",
    "ta_other": "Other temporary accommodation",
    "refuge": "Refuge",
    "family_friends": "With family or friends",
    "sofa": "Sofa surfing",
    "rough": "Sleeping rough",
    "care_placement": "Care placement",
    "hospital": "Hospital",
    "custody": "Custody",
    "supported": "Supported housing",
    "no_fixed_abode": "No fixed abode",
    "unknown": "Not known",
}

EPISODE_KINDS = {
    "register": "Housing register application",
    "homelessness_prevention": "Homelessness prevention duty",
    "homelessness_relief": "Homelessness relief duty",
    "main_duty": "Main housing duty",
    "ta": "Temporary accommodation",
    "tenancy": "Tenancy",
    "early_help": "Early help",
    "cin": "Child in need",
    "s47": "Section 47 enquiry",
    "cpp": "Child protection plan",
    "cla": "Looked after",
    "care_leaver": "Care leaver",
    "pre_proceedings": "Pre-proceedings",
    "family_case": "Family court case",
    "criminal_case": "Criminal case",
    "ehcp": "Education, health and care plan",
    "school_roll": "On a school's roll",
    "rtt_pathway": "Hospital pathway",
    "health_request": "Request to a health service",
    "community_health": "Community health",
    "mental_health": "Mental health service",
    "hospital_spell": "Hospital stay",
    "ed_attendance": "Emergency attendance",
    "da_support": "Support for victims",
    "marac": "Risk conference",
    "joint_case": "Joint case of several organisations",
}

EVENT_KINDS = {
    name: name.replace("_", " ").capitalize()
    for name in (
        "appointment hearing visit review conference meeting assessment referral decision move absence_session missing"
        " offence incident exclusion contact letting"
    ).split()
}

EVENT_STATUSES = {
    name: name.replace("_", " ").capitalize()
    for name in (
        "proposed booked attended late not_attended cancelled_by_person cancelled_by_service adjourned vacated"
        " completed entered_in_error unable_to_attend"
    ).split()
}

IDENTIFIER_SCHEMES = {
    "nhs": "NHS number",
    "upn": "Unique pupil number",
    "former_upn": "Former unique pupil number",
    "uln": "Unique learner number",
    "la_child": "Local authority child id",
    "case_urn": "Criminal case reference",
    "family_case": "Family court case number",
    "pnc": "Police national computer id",
    "asn": "Arrest summons number",
    "nino": "National Insurance number",
    "tenancy": "Tenancy reference",
    "housing_app": "Housing application reference",
    "homelessness_case": "Homelessness case reference",
    "local": "Local identifier",
}

NEEDS = {
    name: name.replace("_", " ").capitalize()
    for name in (
        "domestic_abuse mental_health substance_alcohol substance_drugs learning_disability physical_disability neglect"
        " emotional_abuse physical_abuse sexual_abuse exploitation_sexual exploitation_criminal gangs trafficking"
        " missing self_harm young_carer fgm faith_abuse unaccompanied private_fostering antisocial overcrowding"
        " homeless"
        " medical_welfare hardship sen income none other deprivation_of_liberty stability offending asylum care_leaver"
        " old_age young_parent rough_sleeping"
    ).split()
}

RELATIONSHIP_KINDS = {
    name: name.replace("_", " ").capitalize()
    for name in (
        "parent child sibling partner ex_partner carer household victim_of respondent_in_case_with same_family_case"
        " professional other"
    ).split()
}

CAUSE_GROUPS = {
    "service_evidence": "Council evidence",
    "cafcass": "Cafcass",
    "expert": "Expert",
    "other_agency": "Another agency",
    "court_capacity": "Court capacity",
    "court_support": "Court support",
    "lawyers": "Lawyers",
    "family_change": "Change in the family",
    "process": "Process",
    "external": "Outside anybody's control",
    "not_a_failure": "Not a failure",
}

HEARING_CANCELLATION_GROUPS: Mapping[str, str] = {item.reason: item.group for item in READINESS_ITEMS.values()}
"""HMCTS Family Public Law `HearingCancellationReason` to cause group."""

ATTENDANCE_GROUPS: Mapping[str, str] = {
    **dict.fromkeys("/\\L", "attended"),
    **dict.fromkeys(("B", "K", "P", "V", "W", "D"), "attended_elsewhere"),
    **dict.fromkeys(("C", "C1", "C2", "J1", "M", "S", "T", "R", "I", "E"), "leave"),
    **dict.fromkeys(("Q", "Y1", "Y2", "Y3", "Y4", "Y5", "Y6", "Y7"), "unable"),
    **dict.fromkeys(("G", "N", "O", "U"), "unauthorised"),
    "X": "not_required",
    "Z": "not_counted",
    "#": "not_counted",
}
"""School attendance code to group; `unable` is not absence but evidence about access."""
ATTENDANCE_CODES_FROM = dt.date(2024, 8, 19)
"""First day of the codes above: the School Attendance (Pupil Registration) (England) Regulations 2024, SI 2024/208."""
ATTENDANCE_GROUPS_BEFORE: Mapping[str, str] = {
    **dict.fromkeys("/\\L", "attended"),
    **dict.fromkeys("BDJPVW", "attended_elsewhere"),
    **dict.fromkeys("CEHIMRST", "leave"),
    "Y": "unable",
    **dict.fromkeys("GNOU", "unauthorised"),
    "X": "not_required",
    "Z": "not_counted",
    "#": "not_counted",
}
"""The same before that day: an interview (J) counted as attended, an agreed holiday (H) was leave, Y said Q to Y7."""


def find_attendance_group(mark: str, day: dt.date) -> str | None:
    """Return the group of an attendance code on a day; `None` where the list of that day has no such code."""
    return (ATTENDANCE_GROUPS if day >= ATTENDANCE_CODES_FROM else ATTENDANCE_GROUPS_BEFORE).get(mark)


ETHNICITIES = {
    "white_british": "White British",
    "white_irish": "White Irish",
    "gypsy_traveller": "Gypsy or Irish Traveller",
    "roma": "Roma",
    "white_other": "Any other White background",
    "mixed_caribbean": "White and Black Caribbean",
    "mixed_african": "White and Black African",
    "mixed_asian": "White and Asian",
    "mixed_other": "Any other mixed background",
    "asian_indian": "Indian",
    "asian_pakistani": "Pakistani",
    "asian_bangladeshi": "Bangladeshi",
    "asian_chinese": "Chinese",
    "asian_other": "Any other Asian background",
    "black_caribbean": "Caribbean",
    "black_african": "African",
    "black_other": "Any other Black background",
    "arab": "Arab",
    "other": "Any other ethnic group",
    "not_stated": "Not stated",
    "not_known": "Not known",
}

ETHNICITY_GROUPS = {
    "white": "White",
    "mixed": "Mixed",
    "asian": "Asian",
    "black": "Black",
    "other": "Other",
    "unknown": "Not known",
}


def ethnicity_group(code: str | None) -> str:
    """Return the broad group of an ethnicity code of the common language; `unknown` where there is none."""
    if code is None or code in ("not_stated", "not_known"):
        return "unknown"
    if code in ("gypsy_traveller", "roma") or code.startswith("white_"):
        return "white"
    prefix = code.split("_")[0]
    return prefix if prefix in ETHNICITY_GROUPS else "other"


ETHNICITY_CROSSWALKS: Mapping[str, Mapping[str, str]] = {
    "dfe": {
        "WBRI": "white_british",
        "WIRI": "white_irish",
        "WIRT": "gypsy_traveller",
        "WROM": "roma",
        "WOTH": "white_other",
        "MWBC": "mixed_caribbean",
        "MWBA": "mixed_african",
        "MWAS": "mixed_asian",
        "MOTH": "mixed_other",
        "AIND": "asian_indian",
        "APKN": "asian_pakistani",
        "ABAN": "asian_bangladeshi",
        "CHNE": "asian_chinese",
        "AOTH": "asian_other",
        "BCRB": "black_caribbean",
        "BAFR": "black_african",
        "BOTH": "black_other",
        "OOTH": "other",
        "REFU": "not_stated",
        "NOBT": "not_known",
    },
    "nhs": {
        "A": "white_british",
        "B": "white_irish",
        "C": "white_other",
        "D": "mixed_caribbean",
        "E": "mixed_african",
        "F": "mixed_asian",
        "G": "mixed_other",
        "H": "asian_indian",
        "J": "asian_pakistani",
        "K": "asian_bangladeshi",
        "L": "asian_other",
        "M": "black_caribbean",
        "N": "black_african",
        "P": "black_other",
        "R": "asian_chinese",
        "S": "other",
        "Z": "not_stated",
        "99": "not_known",
    },
    "core": {
        "1": "white_british",
        "2": "white_irish",
        "18": "gypsy_traveller",
        "20": "roma",
        "3": "white_other",
        "4": "mixed_caribbean",
        "5": "mixed_african",
        "6": "mixed_asian",
        "7": "mixed_other",
        "8": "asian_indian",
        "9": "asian_pakistani",
        "10": "asian_bangladeshi",
        "15": "asian_chinese",
        "11": "asian_other",
        "12": "black_caribbean",
        "13": "black_african",
        "14": "black_other",
        "19": "arab",
        "16": "other",
        "17": "not_stated",
    },
}

ETHNICITY_GROUP_ONLY: Mapping[str, frozenset[str]] = {
    "dfe": frozenset({"WROM", "OOTH"}),
    "nhs": frozenset({"C", "S"}),
    "core": frozenset({"17"}),
}
"""Source codes that cover several detailed groups, so that only the broad group is exact."""


def _plain(names: str) -> dict[str, str]:
    return {name: name.replace("_", " ").capitalize() for name in names.split()}


PROPOSAL_CAUSES = {
    "identifier": "No trusted identifier in common",
    "confusion": "Another record holds the identifier with another birth date, name or sex",
    "birth_date": "Birth date missing, vague or different",
    "forename": "Forenames do not fit",
    "sex": "Sex does not fit",
    "tie": "Fits two people who contradict each other",
    "number": "Name, birth date and place agree, and the numbers of a register do not",
    "shared_number": "One number in common, and forenames or birth dates that have nothing in common",
    "bridge": "The two records fit, and the rest of the records of both people speaks against it",
    "household": "No trusted identifier in common, but one household or family, and birth date and name fit",
}
"""Why two records were not joined without a human: one of the two is guarded, or much is against it."""
REVIEW_CAUSES = {
    **PROPOSAL_CAUSES,
    "below_threshold": "Not quite alike enough to be joined",
    "above_threshold": "Joined by little more than is needed",
    "single_join": "One doubtful pair holds the person together",
    "strong_refused": "Much alike, but identifiers or a shared case say two people",
    "decided": "Decided by humans",
    "sample": "Drawn by chance",
}
"""Why a human is to look at two records."""
LINK_STRATA = {
    "joined_heavy": "Joined, and alike by far more than is needed",
    "joined_light": "Joined by little",
    "joined_through": "Joined through other records alone",
    "apart_refused": "Apart, though alike enough",
    "apart_near": "Apart, as likely one person as two, or more",
    "apart_far": "Apart, and rather two people",
}
"""What two records stand as when a sample is drawn, by whether they are one person and by what they weigh."""
CHANGE_CAUSES = {
    "arrival": "A record that nobody held before",
    "return": "A record that came back",
    "absence": "Its source holds a record no longer",
    "retraction": "A partner took a record back",
    "erasure": "A record was erased",
    "edge": "What the records say was compared otherwise",
    "constraint": "What records hold contradicts each other, or does so no longer",
    "tie": "A record fits two people who contradict each other, or does so no longer",
    "bridge": "Two records fit, and the others of both people speak against it, or do so no longer",
    "protection": "Protection asks for a human, or does so no longer",
    "household": "Who lives together or is related says that they are one, or does so no longer",
    "human": "Humans decided",
    "seal": "A seal",
}
"""Why a person is another than in the run before."""

SHAPE_ALERTS = {
    "rows_fewer": "Far fewer rows than before",
    "rows_more": "Far more rows than before",
    "rejected_more": "Far more rows refused than before",
    "records_gone": "A kind of record is gone",
    "column_gone": "A column is empty that was filled before",
    "column_new": "A column is filled that was empty before",
    "filled_otherwise": "A column is filled far less or more than before",
    "column_unknown": "A column or element that nobody mapped is new",
    "codes_unknown": "Far more codes that nobody mapped",
    "codes_shifted": "Codes are spread otherwise than before",
    "code_new": "A code is new",
    "code_gone": "A code is gone",
    "dates_older": "The newest dates are older than they used to be",
}
"""What of the shape of a feed changed suddenly."""

CODE_LISTS: Mapping[str, Mapping[str, str]] = {
    "age_role": _plain("adult child"),
    "backlog": {code: backlog.name for code, backlog in BACKLOGS.items()},
    "cause_group": CAUSE_GROUPS,
    "characteristic": {
        "age": "Age",
        "sex": "Sex",
        "ethnicity": "Ethnic group",
        "district": "District",
        "deprivation": "Deprivation of the area",
        "disability": "Disability",
    },
    "change_cause": CHANGE_CAUSES,
    "check_result": _plain("pass fail none"),
    "clock_status": {
        "within": "Within its limit",
        "past": "Past its limit",
        "no_limit": "No limit in law",
        "not_reckoned": "Limit not reckoned",
        "stopped_within": "Ended within its limit",
        "stopped_past": "Ended past its limit",
        "stopped": "Ended",
    },
    "code_precision": _plain("exact group"),
    "episode_kind": EPISODE_KINDS,
    "ethnicity": ETHNICITIES,
    "ethnicity_group": ETHNICITY_GROUPS,
    "event_kind": EVENT_KINDS,
    "event_status": EVENT_STATUSES,
    "holder_type": {
        "wait": "Another wait",
        "evidence": "Missing evidence",
        "event": "An event that did not happen",
        "capacity": "No place free",
    },
    "household_cause": {
        "household_formed": "The household is first shown with them",
        "moved_in": "Moved in",
        "first_shown": "Shown there for the first time; no source says since when they live there",
        "born": "Born",
        "returned_from_care": "Came back from a care placement",
        "moved_out": "Moved out",
        "separated": "Left when a relationship ended",
        "died": "Died",
        "placed_in_care": "Placed in care",
        "home_ended": "Everybody left on that day",
        "shown_no_longer": "Not shown there any longer; no source says why",
        "application_ended": "The application that named them ended; where they live since is not said",
    },
    "household_change": {"came": "Came into the household", "left": "Left the household"},
    "household_evidence": {
        "application": "One housing application or homelessness case",
        "home": "One property, or one postcode and surname",
        "both": "Application and home",
    },
    "identifier_scheme": IDENTIFIER_SCHEMES,
    "link_method": _plain("exact_id rule probabilistic human single"),
    "missingness": _plain("not_asked not_known not_stated not_applicable invalid unmapped"),
    "need": NEEDS,
    "need_source_type": _plain("assessed disclosed flag"),
    "need_whose": {"person": "The person", "parent": "A parent or carer", "household": "Somebody at home"},
    "person_change": _plain("new merged split retired returned"),
    "precision": _plain("day month quarter year"),
    "proposal_cause": PROPOSAL_CAUSES,
    "rank_cause": {
        "joined": "The statement concerns them now",
        "left": "The statement does not concern them any more",
        "identity_changed": "Records were joined or parted: another set of facts",
        "rule_changed": "The rules changed",
        "reasons_changed": "Another band or other points",
        "longest_changed": "The longest running wait is another",
        "others_moved": "Others came, went or moved",
    },
    "readiness_item": {code: item.words for code, item in READINESS_ITEMS.items()},
    "relationship_kind": RELATIONSHIP_KINDS,
    "role": _plain(
        "subject child parent respondent applicant household_member victim defendant patient pupil mother referrer"
        " other"
    ),
    "review_cause": REVIEW_CAUSES,
    "link_stratum": LINK_STRATA,
    "row_sensitivity": {
        "normal": "Ordinary",
        "special": "Special category",
        "criminal": "Criminal offence",
        "safe_address": "Existence and location protected",
    },
    "seal_side": {"pre_adoptive": "The identity before adoption", "adoptive": "The identity since adoption"},
    "service_status": _plain("active inactive defunct temporarily_closed"),
    "severity": {"reject": "Row not read", "warning": "Read, with a doubt", "note": "Note"},
    "shape_alert": SHAPE_ALERTS,
    "shape_measure": _plain("rows rejected records filled codes newest unmapped"),
    "sex": {"female": "Female", "male": "Male", "other": "Other", "unknown": "Not known"},
    "standard": {
        "cin": "Children in need census",
        "csc_api": "Daily feed of children's social care (payload of the DfE's API)",
        "ssda903": "Looked-after children return (SSDA903)",
        "housing_register": "Housing register",
        "hclic": "Homelessness case level return (H-CLIC), by mapping",
        "wlmds": "Waiting list minimum data set",
        "school": "School roll, attendance, admissions and EHC requests",
        "fpl": "Family public law",
        "common_platform": "Common Platform",
        "victim_service": "Victim service referrals",
        "core": "CORE social housing lettings",
        "fhir_ukcore": "FHIR UK Core R4",
        "oruk": "Open Referral UK 3",
        "joint_work": "Joint work of Braid's own web app",
        "ta_stock": "Temporary accommodation stock of a council",
        "hearing_management": "Hearing requests of a court and its diary (HMCTS hearing management)",
        "mapped_csv": "Any table, by mapping",
        "csds": "Community services data set",
        "mhsds": "Mental health services data set",
        "rtt_open_pathways": "Open referral to treatment pathways",
        "annex_a": "Annex A child-level lists for inspection",
        "annex_a_sen": "Annex A lists of special educational needs",
        "gias": "Get Information about Schools",
        "xhibit": "Crown Court cases of Xhibit",
        "sen2": "SEN2 requests, assessments and plans, by configuration",
        "ecds": "Emergency care data set",
        "attendance": "School attendance by session",
        "school_census": "School census pupils",
        "ctf": "Common transfer file of a school",
        "marac": "Risk conference referrals (MARAC), by configuration",
    },
    "stay_kind": STAY_KINDS,
    "unblock_scope": {
        "action": "One action of one role on one kind of holder",
        "team": "One role of one kind of organisation",
        "resource": "One kind of holder",
    },
    "wait_kind": {code: kind.name for code, kind in WAIT_KINDS.items()},
}
"""Every code list by the name that `Column.codes` uses."""

ORGANISATION_KINDS: Mapping[str, str] = {
    "council": "the council",
    "icb": "the integrated care board",
    "hospital": "the hospital",
    "school": "the school",
    "court": "the court",
    "police": "the police",
    "probation": "the probation service",
    "prosecution": "the prosecution",
    "cafcass": "Cafcass",
    "voluntary": "the voluntary service",
    "legal": "the legal representatives",
    "expert": "the expert",
}
"""Kinds of organisation that may sit at the table or own a blocker, and how they are named in words."""
