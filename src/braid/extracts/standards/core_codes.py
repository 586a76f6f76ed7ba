"""Code lists of CORE lettings, their labels in the label export, and the questions of the bulk upload form.

The lists are those of the questions for 2023 to 2026. Labels are matched whole, never by likeness.
"""

from __future__ import annotations

from collections.abc import Mapping

REASONS = frozenset(
    [
        "50",
        "51",
        "52",
        "53",
        "1",
        "2",
        "45",
        "46",
        "4",
        "55",
        "9",
        "8",
        "44",
        "16",
        "17",
        "48",
        "49",
        "56",
        "57",
        "10",
        "31",
        "11",
        "34",
        "54",
        "12",
        "13",
        "14",
        "29",
        "30",
        "18",
        "19",
        "47",
        "20",
        "28",
        "35",
        "36",
        "37",
        "38",
        "39",
        "40",
        "41",
        "42",
        "43",
    ]
)
REASON_NEEDS = {
    "48": "domestic_abuse", "49": "domestic_abuse", "12": "overcrowding", "54": "hardship", "13": "medical_welfare",
    "55": "care_leaver",
}  # fmt: skip
FLED = frozenset({"48", "49"})
PREVIOUS_STAYS = {
    **dict.fromkeys(("30", "31", "32", "33", "34", "35", "38"), "social_rent"), "6": "supported", "27": "settled_owner",
    "26": "settled_owner", "3": "private_rent", "28": "family_friends", "39": "sofa", "14": "ta_bnb", "7": "ta_hostel",
    "10": "hospital", "29": "custody", "18": "ta_other", "19": "rough", "21": "refuge", "13": "care_placement",
    "24": "unknown", "37": "family_friends", "23": "unknown", "9": "supported", "4": "unknown", "25": "unknown",
    "36": "family_friends",
}  # fmt: skip
HOMELESS = {"1": False, "11": True}
WAIT_MONTHS: Mapping[str, int | None] = {
    "13": None, "6": None, "2": 6, "7": 18, "8": 30, "9": 42, "10": 54, "5": 78, "11": 90, "12": 144,
}  # fmt: skip
"""`waityear` to the middle of its band in months; none for not on a list (13) and not known (6)."""
RELATIONSHIPS = {"P": "partner", "C": "child", "X": "household", "R": "household"}
PREFERENCES = {
    "rp_homeless": "homeless", "rp_insan_unsat": "overcrowding", "rp_medwel": "medical_welfare",
    "rp_hardship": "hardship",
}  # fmt: skip
ILLNESSES = {
    "illness_type_1": "physical_disability", "illness_type_2": "physical_disability",
    "illness_type_3": "physical_disability", "illness_type_4": "physical_disability",
    "illness_type_5": "learning_disability", "illness_type_6": "other", "illness_type_7": "mental_health",
    "illness_type_8": "physical_disability", "illness_type_9": "other", "illness_type_10": "other",
}  # fmt: skip

_PREFERS_NOT = ("PREFERS NOT TO SAY", "PERSON PREFERS NOT TO SAY", "TENANT PREFERS NOT TO SAY", "REFUSED")
LABELS: Mapping[str, Mapping[str, str]] = {
    "sex": {
        "FEMALE": "F", "MALE": "M", "NON-BINARY": "X", "OTHER": "X", **dict.fromkeys(_PREFERS_NOT, "R"),
    },
    "relat": {
        "PARTNER": "P", "CHILD": "C", "OTHER": "X", "YES": "P", "NO": "X", **dict.fromkeys(_PREFERS_NOT, "R"),
    },
    "homeless": {
        "NO": "1", "YES": "11",
        "YES - ASSESSED BY A LOCAL AUTHORITY AS HOMELESS": "11",
        "YES \u2013 ASSESSED BY A LOCAL AUTHORITY AS HOMELESS": "11",
        "ASSESSED AS HOMELESS (OR THREATENED WITH HOMELESSNESS WITHIN 56 DAYS) BY A LOCAL AUTHORITY AND OWED A"
        " HOMELESSNESS DUTY": "11",
    },
    "waityear": {
        "HOUSEHOLD NOT ON THE HOUSING REGISTER (OR WAITING LIST) IN THIS AREA": "13", "LESS THAN 1 YEAR": "2",
        "1 YEAR BUT UNDER 2 YEARS": "7", "2 YEARS BUT UNDER 3 YEARS": "8", "3 YEARS BUT UNDER 4 YEARS": "9",
        "4 YEARS BUT UNDER 5 YEARS": "10", "5 YEARS OR MORE": "5", "5 YEARS BUT UNDER 10 YEARS": "11",
        "10 YEARS OR MORE": "12", "DON'T KNOW": "6", "DON\u2019T KNOW": "6",
    },
    "ethnic": {
        "ENGLISH, WELSH, NORTHERN IRISH, SCOTTISH OR BRITISH": "1", "IRISH": "2", "GYPSY OR IRISH TRAVELLER": "18",
        "ROMA": "20", "ANY OTHER WHITE BACKGROUND": "3", "WHITE AND BLACK CARIBBEAN": "4",
        "WHITE AND BLACK AFRICAN": "5",
        "WHITE AND ASIAN": "6", "ANY OTHER MIXED OR MULTIPLE ETHNIC BACKGROUND": "7", "INDIAN": "8", "PAKISTANI": "9",
        "BANGLADESHI": "10", "CHINESE": "15", "ANY OTHER ASIAN OR ASIAN BRITISH BACKGROUND": "11", "CARIBBEAN": "12",
        "AFRICAN": "13", "ANY OTHER BLACK, BLACK BRITISH OR CARIBBEAN BACKGROUND": "14", "ARAB": "19",
        "OTHER ETHNIC GROUP": "16", **dict.fromkeys(_PREFERS_NOT, "17"),
    },
    "reason": {
        "LOSS OF TIED ACCOMMODATION": "4", "RELATIONSHIP BREAKDOWN (NON-VIOLENT) WITH PARTNER": "8",
        "DEATH OF HOUSEHOLD MEMBER IN LAST SETTLED HOME": "44", "OVERCROWDING": "12", "OTHER": "20",
        "PROPERTY UNSUITABLE BECAUSE OF OVERCROWDING": "12",
        "PROPERTY UNSUITABLE BECAUSE OF ILL HEALTH OR DISABILITY": "13",
        "PROPERTY UNSUITABLE BECAUSE OF POOR CONDITION": "14", "COULDN'T AFFORD RENT OR MORTGAGE": "54",
        "DOMESTIC ABUSE - PREVIOUSLY JOINT TENANCY WITH PARTNER": "48", "DOMESTIC ABUSE - OTHER": "49",
        "DON'T KNOW": "28", "DON\u2019T KNOW": "28",
    },
    "prevten": {
        "OTHER SUPPORTED HOUSING": "6", "BED AND BREAKFAST": "14", "REFUGE": "21", "ROUGH SLEEPING": "19",
        "ANY OTHER TEMPORARY ACCOMMODATION": "18", "ANY OTHER ACCOMMODATION": "25", "DIRECT ACCESS HOSTEL": "7",
        "HOSPITAL": "10", "PRIVATE SECTOR TENANCY": "3", "CHILDREN'S HOME OR FOSTER CARE": "13",
        "MOBILE HOME OR CARAVAN": "23",
    },
}  # fmt: skip
"""Labels of the label export, in capital letters, by the stem of the column."""

QUESTIONS: tuple[tuple[str, str], ...] = (
    ("WHAT IS THE TENANCY START DATE? - DAY", "startday"),
    ("WHAT IS THE TENANCY START DATE? - MONTH", "startmonth"),
    ("WHAT IS THE TENANCY START DATE? - YEAR", "startyear"),
    ("WHAT IS THE TENANT CODE", "tenancycode"),
    ("WHAT IS THE PROPERTY REFERENCE", "propcode"),
    ("IF KNOWN, PROVIDE THIS PROPERTY'S UPRN", "uprn"),
    ("IF KNOWN, ENTER THIS PROPERTY'S UPRN", "uprn"),
    ("ADDRESS LINE 1", "address_line1"),
    ("ADDRESS LINE 2", "address_line2"),
    ("TOWN OR CITY", "town_or_city"),
    ("PART 1 OF THE PROPERTY'S POSTCODE", "postcode1"),
    ("PART 2 OF THE PROPERTY'S POSTCODE", "postcode2"),
    ("WHAT IS THE PROPERTY'S LOCAL AUTHORITY", "la"),
    ("WHAT IS THE LEAD TENANT'S AGE", "age1"),
    ("WHICH OF THESE BEST DESCRIBES THE LEAD TENANT'S GENDER", "sex1"),
    ("WHAT IS THE LEAD TENANT'S SEX", "sex1"),
    ("WHICH OF THESE BEST DESCRIBES THE LEAD TENANT'S ETHNIC", "ethnic"),
    ("HOW LONG HAS THE HOUSEHOLD BEEN ON THE LOCAL AUTHORITY WAITING LIST", "waityear"),
    ("WHAT IS THE TENANT'S MAIN REASON FOR THE HOUSEHOLD LEAVING", "reason"),
    ("WHERE WAS THE HOUSEHOLD IMMEDIATELY BEFORE THIS LETTING", "prevten"),
    ("DID THE HOUSEHOLD EXPERIENCE HOMELESSNESS", "homeless"),
    ("PART 1 OF POSTCODE OF LAST SETTLED HOME", "ppostcode1"),
    ("PART 2 OF POSTCODE OF LAST SETTLED HOME", "ppostcode2"),
    ("REASONABLE PREFERENCE REASON THEY WERE HOMELESS", "rp_homeless"),
    ("REASONABLE PREFERENCE REASON THEY WERE LIVING IN", "rp_insan_unsat"),
    ("REASONABLE PREFERENCE REASON THEY NEEDED TO MOVE DUE TO MEDICAL", "rp_medwel"),
    ("REASONABLE PREFERENCE REASON THEY NEEDED TO MOVE TO AVOID HARDSHIP", "rp_hardship"),
    ("DOES THIS PERSON'S CONDITION AFFECT THEIR VISION", "illness_type_1"),
    ("DOES THIS PERSON'S CONDITION AFFECT THEIR HEARING", "illness_type_2"),
    ("DOES THIS PERSON'S CONDITION AFFECT THEIR MOBILITY", "illness_type_3"),
    ("DOES THIS PERSON'S CONDITION AFFECT THEIR DEXTERITY", "illness_type_4"),
    ("DOES THIS PERSON'S CONDITION AFFECT THEIR LEARNING", "illness_type_5"),
    ("DOES THIS PERSON'S CONDITION AFFECT THEIR MEMORY", "illness_type_6"),
    ("DOES THIS PERSON'S CONDITION AFFECT THEIR MENTAL HEALTH", "illness_type_7"),
    ("DOES THIS PERSON'S CONDITION AFFECT THEIR STAMINA", "illness_type_8"),
    ("DOES THIS PERSON'S CONDITION AFFECT THEM SOCIALLY", "illness_type_9"),
    ("DOES THIS PERSON'S CONDITION AFFECT THEM IN ANOTHER WAY", "illness_type_10"),
)
