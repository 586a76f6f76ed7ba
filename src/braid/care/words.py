"""What may not stand in the words of a referral, a return or a note: where somebody is, and how to reach them.

Where somebody is has a place of its own, with its own protection. Words are read by many and copied on. This finds the
forms that a postcode, a telephone number and an e-mail address have in the United Kingdom, and a house number before a
street as people write it, 17 Willow Court. A place that is described passes, so the form says too what not to write.
"""

from __future__ import annotations

import re

from braid.language.steps import NotPossible
from braid.trust.street_words import TYPES

_COURTS = frozenset(
    "crown family county high youth combined magistrates magistrates' supreme coroner's coroners".split()
)

_TIMES = frozenset(
    "january february march april may june july august september october november december monday tuesday wednesday"
    " thursday friday saturday sunday minute minutes hour hours day days week weeks month months year years".split()
)
_STREET = re.compile(r"\b\d{1,4}[A-Za-z]?,? ((?:[A-Z][\w'\N{RIGHT SINGLE QUOTATION MARK}-]*\.? ){1,3})([A-Z][a-z]+)\b")
"""A number, up to three words with a capital, and one more that may be a kind of street."""
_PATTERNS = {
    "a postcode": re.compile(r"\b(?:GIR ?0AA|[A-Z]{1,2}[0-9][A-Z0-9]? {0,2}[0-9][ABD-HJLNP-UW-Z]{2})\b", re.IGNORECASE),
    "a telephone number": re.compile(r"(?<![\w-])(?:\+44|0044|0)[\s().-]?(?:\d[\s().-]?){8,10}\d(?![\w])"),
    "an e-mail address": re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+"),
}


def find_whereabouts(text: str) -> tuple[str, ...]:
    """Return what a text holds of where somebody is, in words; empty where nothing was found."""
    found = tuple(name for name, pattern in _PATTERNS.items() if pattern.search(text))
    return (*found, "a house number and street") if _names_street(text) else found


def _names_street(text: str) -> bool:
    """Whether a house number stands before the name of a street: 17 Willow Court, and not 12 Crown Court nor 3 May."""
    for name, kind in _STREET.findall(" ".join(text.split())):
        words = {word.lower().strip(".") for word in name.split()}
        if kind.lower() in TYPES and not words & _TIMES and not words <= _COURTS:
            return True
    return False


def check_words(text: str) -> None:
    """Raise `NotPossible` where a text holds what would lead to somebody. The message never repeats it."""
    found = find_whereabouts(text)
    if found:
        raise NotPossible(
            f"The words hold {' and '.join(found)}. Take that out: where somebody is, and how to reach them, is not"
            " written here"
        )
