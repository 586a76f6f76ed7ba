"""What the standards call their own codes, for people to read beside ours. No code is read by it: only its words.

Sources: the children in need census guide (primary need codes, factors at the end of assessment), the SSDA903 guide
(PLACE, category of need, ACCOM), the CORE lettings questions for 2026, the NHS Data Dictionary (ethnic category, stated
gender), the school census code set of ethnicities, and HMCTS Family Public Law (why a hearing was cancelled).
"""

from __future__ import annotations

from collections.abc import Mapping

from braid.language.readiness import READINESS_ITEMS

_WHOSE = {"A": "the child", "B": "a parent or carer", "C": "somebody else at home"}
_FACTORS = {
    "1": "Alcohol misuse",
    "2": "Drug misuse",
    "3": "Domestic violence",
    "4": "Mental health",
    "5": "Learning disability",
    "6": "Physical disability or illness",
}
_NEEDS = {
    "N1": "Abuse or neglect",
    "N2": "Child's disability",
    "N3": "Parental disability or illness",
    "N4": "Family in acute stress",
    "N5": "Family dysfunction",
    "N6": "Socially unacceptable behaviour",
    "N7": "Low income",
    "N8": "Absent parenting",
    "N9": "Cases other than children in need",
    "N0": "Not stated",
}
_ABUSE = {"NEG": "Neglect", "PHY": "Physical abuse", "SAB": "Sexual abuse", "EMO": "Emotional abuse", "MUL": "Multiple"}
_ETHNICITIES_DFE = {
    "WBRI": "White British",
    "WIRI": "White Irish",
    "WIRT": "Traveller of Irish heritage",
    "WROM": "Gypsy or Roma",
    "WOTH": "Any other White background",
    "MWBC": "White and Black Caribbean",
    "MWBA": "White and Black African",
    "MWAS": "White and Asian",
    "MOTH": "Any other mixed background",
    "AIND": "Indian",
    "APKN": "Pakistani",
    "ABAN": "Bangladeshi",
    "CHNE": "Chinese",
    "AOTH": "Any other Asian background",
    "BCRB": "Black Caribbean",
    "BAFR": "Black African",
    "BOTH": "Any other Black background",
    "OOTH": "Any other ethnic group",
    "REFU": "Refused",
    "NOBT": "Information not yet obtained",
}
_ETHNICITIES_NHS = {
    "A": "British",
    "B": "Irish",
    "C": "Any other White background",
    "D": "White and Black Caribbean",
    "E": "White and Black African",
    "F": "White and Asian",
    "G": "Any other mixed background",
    "H": "Indian",
    "J": "Pakistani",
    "K": "Bangladeshi",
    "L": "Any other Asian background",
    "M": "Caribbean",
    "N": "African",
    "P": "Any other Black background",
    "R": "Chinese",
    "S": "Any other ethnic group",
    "Z": "Not stated",
    "99": "Not known",
}
_SEX_DFE = {
    "1": "Male",
    "2": "Female",
    "0": "Not known",
    "9": "Not specified",
    "M": "Male",
    "F": "Female",
    "U": "Unknown",
}

WORDS: Mapping[tuple[str, str], Mapping[str, str]] = {
    ("cin", "AssessmentFactors"): {
        **{f"{number}{who}": f"{name}: {_WHOSE[who]}" for number, name in _FACTORS.items() for who in "ABC"},
        "7A": "Young carer",
        **dict.fromkeys(("8B", "8C", "8D", "8E", "8F"), "Privately fostered"),
        "9A": "Unaccompanied asylum seeker",
        "10A": "Going or being missing",
        "11A": "Child sexual exploitation",
        "12A": "Trafficking",
        "13A": "Gangs",
        "14A": "Socially unacceptable behaviour",
        "15A": "Self-harm",
        "16A": "Neglect",
        "17A": "Emotional abuse",
        "18A": "Physical abuse",
        "18B": "Physical abuse, child on child",
        "18C": "Physical abuse, adult on child",
        "19A": "Sexual abuse",
        "19B": "Sexual abuse, child on child",
        "19C": "Sexual abuse, adult on child",
        "20": "Other",
        "21": "No factors identified",
        "22A": "Female genital mutilation",
        "23A": "Abuse linked to faith or belief",
        "24A": "Child criminal exploitation",
    },
    ("cin", "AssessmentFactors, whose"): {
        f"{number}{letter}": whose
        for number in range(1, 7)
        for letter, whose in (("B", "A parent or carer"), ("C", "Somebody else at home"))
    },
    ("cin", "PrimaryNeedCode"): _NEEDS,
    ("cin", "InitialCategoryOfAbuse"): _ABUSE,
    ("cin", "LatestCategoryOfAbuse"): _ABUSE,
    ("cin", "Sex"): _SEX_DFE,
    ("cin", "GenderCurrent"): _SEX_DFE,
    ("cin", "Ethnicity"): _ETHNICITIES_DFE,
    ("ssda903", "CIN"): {code: word for code, word in _NEEDS.items() if code not in ("N9", "N0")},
    ("ssda903", "PLACE"): {
        "P1": "Placed with own parents",
        "R2": "NHS or health establishment",
        "R5": "Young offender institution or prison",
        "H5": "Semi-independent living",
        "T1": "Temporary stay in hospital",
    },
    ("ssda903", "ACCOM"): {
        f"{letter}{digit}": f"{home}, {suitable}"
        for letter, home in (("S", "No fixed abode or homeless"), ("V", "Emergency"), ("W", "Bed and breakfast"))
        for digit, suitable in (("1", "suitable"), ("2", "unsuitable"))
    },
    ("ssda903", "SEX"): _SEX_DFE,
    ("ssda903", "ETHNIC"): _ETHNICITIES_DFE,
    ("school", "ethnicity"): _ETHNICITIES_DFE,
    ("wlmds", "ethnicity"): _ETHNICITIES_NHS,
    ("wlmds", "PERSON_STATED_GENDER_CODE"): {
        "1": "Male",
        "2": "Female",
        "9": "Indeterminate",
        "X": "Not known",
        "0": "Not known",
    },
    ("wlmds", "pseudo postcode"): {"ZZ99 3VZ": "No fixed abode", "ZZ99 3WZ": "Address not known"},
    ("fhir_ukcore", "ethnicity"): _ETHNICITIES_NHS,
    ("core", "sex1"): {"M": "Male", "F": "Female", "X": "Other", "R": "Prefers not to say"},
    ("core", "relat"): {"P": "Partner", "C": "Child", "X": "Other", "R": "Prefers not to say"},
    ("core", "reason"): {
        "48": "Domestic abuse, joint tenancy with the partner",
        "49": "Domestic abuse, other",
        "12": "Overcrowding",
        "54": "Could not afford rent or mortgage",
        "13": "Ill health or disability",
        "55": "Left local authority care",
    },
    ("core", "reasonable preference"): {
        "rp_homeless": "Homeless or about to be",
        "rp_insan_unsat": "Insanitary, overcrowded or unsatisfactory housing",
        "rp_medwel": "Medical or welfare reasons",
        "rp_hardship": "Hardship to themselves or others",
    },
    ("core", "illness_type"): {
        "illness_type_1": "Vision",
        "illness_type_2": "Hearing",
        "illness_type_3": "Mobility",
        "illness_type_4": "Dexterity",
        "illness_type_5": "Learning, understanding or concentrating",
        "illness_type_6": "Memory",
        "illness_type_7": "Mental health",
        "illness_type_8": "Stamina, breathing or fatigue",
        "illness_type_9": "Socially or behaviourally",
        "illness_type_10": "Other",
    },
    ("core", "prevten"): {
        "30": "Social tenancy, fixed term, council",
        "31": "Social tenancy, lifetime, council",
        "32": "Social tenancy, fixed term, association",
        "33": "Social tenancy, lifetime, association",
        "35": "Extra care housing",
        "38": "Housing for older people",
        "6": "Other supported housing",
        "27": "Owner occupation, shared",
        "26": "Owner occupation, private",
        "3": "Private sector tenancy",
        "28": "Living with friends or family, long term",
        "39": "Sofa surfing",
        "14": "Bed and breakfast",
        "7": "Direct access hostel",
        "10": "Hospital",
        "29": "Prison or approved probation hostel",
        "18": "Any other temporary accommodation",
        "19": "Rough sleeping",
        "21": "Refuge",
        "13": "Children's home or foster care",
        "24": "Home Office asylum support",
        "37": "Host family",
        "23": "Mobile home or caravan",
        "9": "Residential care home",
        "4": "Tied housing or renting with job",
        "25": "Any other accommodation",
    },
    ("fpl", "cancellationReason"): {
        reason: f"{item.words[0].upper()}{item.words[1:]}"
        for reason, item in ((item.reason, item) for item in READINESS_ITEMS.values())
    },
}
"""By standard and field, what each code is called. A code that is a word itself needs none."""


def find_word(standard: str, field: str, code: str) -> str:
    """Return what a standard calls its code; empty where nobody wrote it down, or where the code is a word itself."""
    return WORDS.get((standard, field), {}).get(code, "")
