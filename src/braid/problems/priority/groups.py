"""Who people are, for questions of fairness: each characteristic as one portable query of everybody's group.

Age, sex, ethnicity and disability are protected characteristics (Equality Act 2010 s.4); district and deprivation are
where a place looks first. Ethnicity has the broad groups of the census, since many sources hold no other.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from braid.language.codes import CODE_LISTS
from braid.waits.model import STRICTEST, quoted, rank_sql

UNKNOWN = "unknown"
OUTSIDE = "outside"
"""Of the districts: everybody whose home is in none of the place's."""

AGES = {"0_4": (0, 5), "5_10": (5, 11), "11_15": (11, 16), "16_17": (16, 18), "18_24": (18, 25), "25_44": (25, 45)}
AGES |= {"45_64": (45, 65), "65_over": (65, 200)}
"""Bands of age by code: whole years from, and under which."""

DISABILITIES = ("learning_disability", "physical_disability")
"""Needs recorded about the person that are a disability in the words of every standard read."""

GROUPS: Mapping[str, Mapping[str, str]] = {
    "age": {
        **{code: f"{low} to {high - 1}" for code, (low, high) in AGES.items() if high < 200},
        "65_over": "65 and over",
        UNKNOWN: "Not known",
    },
    "sex": {"female": "Female", "male": "Male", "other": "Other", UNKNOWN: "Not known"},
    "ethnicity": CODE_LISTS["ethnicity_group"],
    "district": {},
    "deprivation": {
        "1": "Most deprived fifth of areas",
        "2": "Second fifth",
        "3": "Third fifth",
        "4": "Fourth fifth",
        "5": "Least deprived fifth",
        UNKNOWN: "Not known or withheld",
    },
    "disability": {"recorded": "Disability recorded", "not_recorded": "None recorded"},
}
"""Every characteristic with its groups by code. The districts are the place's own; whoever has none is unknown, and a
district of elsewhere, where a placement or a move took somebody, is outside the place."""

NAMES = CODE_LISTS["characteristic"]


def groups_of_place(districts: Mapping[str, str]) -> dict[str, Mapping[str, str]]:
    """Return every characteristic with its groups in words, by code, in a place of these districts."""
    homes = {**districts, OUTSIDE: "Outside the place", UNKNOWN: "Not known or withheld"}
    return {name: groups or homes for name, groups in GROUPS.items()}


def group_in_place(code: str, groups: Mapping[str, str]) -> str:
    """Return the group of `groups`, those of one characteristic in a place, that a code counts in."""
    return code if code in groups or OUTSIDE not in groups else OUTSIDE


def group_sql(characteristic: str, as_of: dt.date) -> str:
    """Return a query of every person's `person_id` and `group_code`."""
    return f"select person_id, {_EXPRESSIONS[characteristic](as_of)} as group_code from person"


def _age(as_of: dt.date) -> str:
    years = f"br_age(birth_date, date '{as_of}')"
    bands = " ".join(f"when {years} < {under} then '{code}'" for code, (_, under) in AGES.items())
    return f"case when birth_date is null or birth_date > date '{as_of}' then '{UNKNOWN}' {bands} end"


def _disability(_as_of: dt.date) -> str:
    """What somebody told a service under protection does not count: no figure may rest on it."""
    return (
        "case when person_id in ("
        "select l.person_id from need n join person_link l on l.person_record_id = n.person_record_id"
        f" where n.whose = 'person' and n.code in ({quoted(DISABILITIES)})"
        f" and {rank_sql('n.sensitivity')} < {STRICTEST}) then 'recorded' else 'not_recorded' end"
    )


_EXPRESSIONS = {
    "age": _age,
    "sex": lambda _as_of: f"coalesce(sex, '{UNKNOWN}')",
    "ethnicity": lambda _as_of: f"coalesce(ethnicity_group, '{UNKNOWN}')",
    "district": lambda _as_of: (
        f"case when protected or location_withheld then '{UNKNOWN}' else coalesce(district_code, '{UNKNOWN}') end"
    ),
    "deprivation": lambda _as_of: f"coalesce(cast(deprivation_quintile as varchar), '{UNKNOWN}')",
    "disability": _disability,
}
