"""Why two records may be one person, field by field, in words: of each comparison and the level that it reached."""

from __future__ import annotations

from collections.abc import Mapping

NAMES = {
    "prior": "Before anything is compared",
    "forename": "Forenames",
    "surname": "Family names",
    "middle": "Middle names",
    "birth": "Birth dates",
    "place": "Postcodes",
    "nhs": "NHS numbers",
    "upn": "Pupil numbers",
    "la_child": "A council's numbers of a child",
    "nino": "National Insurance numbers",
    "sex": "Sex",
    "feed": "Sources",
    "alone": "All of it together",
    "household": "Households and families",
}
WORDS: Mapping[str, Mapping[str, str]] = {
    "prior": {"": "two records taken blindly are seldom one person"},
    "forename": {
        "exact": "are the same",
        "form": "are forms of one name",
        "swapped": "and family names stand the other way round",
        "initial": "fit, one being an initial",
        "near": "are nearly the same",
        "similar": "differ by one letter",
        "loose": "may be one, with more than one slip",
        "else": "have nothing in common",
    },
    "surname": {
        "exact": "are the same",
        "part": "have a part in common, or a former name",
        "near": "are nearly the same",
        "similar": "differ by one letter",
        "woman": "are different, which says less of a grown woman",
        "else": "have nothing in common",
    },
    "middle": {
        "equal": "have one in common",
        "initial": "begin with one letter",
        "else": "have nothing in common",
    },
    "birth": {
        "exact": "are the same",
        "vague": "are the same, but stand for a year or a month",
        "swapped": "differ by day and month changed over",
        "next_day": "are a day apart",
        "edit": "differ by one figure",
        "vague_year": "have the year in common, and one is vague",
        "two_parts": "differ by two figures",
        "year": "have the year alone in common",
        "vague_else": "have nothing in common, but one stands for a year or a month",
        "else": "have nothing in common",
    },
    "place": {
        "exact": "are the same",
        "shared": "were the same at some time",
        "sector": "are of one neighbourhood",
        "edit": "differ by one character",
        "else": "have nothing in common",
    },
    "nhs": {"equal": "are the same", "else": "are different"},
    "upn": {"equal": "are the same", "else": "are different"},
    "la_child": {"equal": "are the same", "else": "are different"},
    "nino": {"equal": "are the same", "else": "are different"},
    "sex": {"equal": "is the same", "else": "is different"},
    "feed": {
        "different": "are two: a source seldom holds one person twice",
        "else": "are one: a source seldom holds one person twice",
    },
    "alone": {"little": "is too little to join two records"},
    "household": {"fits": "have one in common, and what the two records say of birth, name or sex fits"},
}
MINUS = "\u2212"
MISSING = "cannot be compared: one record or both lack it"


def field_name(comparison: str) -> str:
    """Return what is compared, in words."""
    return NAMES.get(comparison, comparison.replace("_", " ").capitalize())


def level_words(comparison: str, level: str) -> str:
    """Return how two records compare, in words that go on from the field's name."""
    if level == "missing":
        return MISSING
    return WORDS.get(comparison, {}).get(level, f"reached the level {level.replace('_', ' ')}")


def bits_words(bits: float) -> str:
    """Return a weight with its sign, to a tenth of a bit; below zero with a minus sign."""
    rounded = round(bits, 1)
    return f"{'+' if rounded > 0 else MINUS if rounded < 0 else ''}{abs(rounded):.1f}"
