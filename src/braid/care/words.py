"""What may not stand in the words of a referral, a return or a note: where somebody is, and how to reach them.

Where somebody is has a place of its own, with its own protection. Words are read by many and copied on. This finds the
forms that a postcode, a telephone number and an e-mail address have in the United Kingdom; an address told in a
sentence passes, so the form says too what not to write.
"""

from __future__ import annotations

import re

from braid.language.steps import NotPossible

_PATTERNS = {
    "a postcode": re.compile(r"\b(?:GIR ?0AA|[A-Z]{1,2}[0-9][A-Z0-9]? {0,2}[0-9][ABD-HJLNP-UW-Z]{2})\b", re.IGNORECASE),
    "a telephone number": re.compile(r"(?<![\w-])(?:\+44|0044|0)[\s().-]?(?:\d[\s().-]?){8,10}\d(?![\w])"),
    "an e-mail address": re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+"),
}


def find_whereabouts(text: str) -> tuple[str, ...]:
    """Return what a text holds of where somebody is, in words; empty where nothing was found."""
    return tuple(name for name, pattern in _PATTERNS.items() if pattern.search(text))


def check_words(text: str) -> None:
    """Raise `NotPossible` where a text holds what would lead to somebody. The message never repeats it."""
    found = find_whereabouts(text)
    if found:
        raise NotPossible(
            f"The words hold {' and '.join(found)}. Take that out: where somebody is, and how to reach them, is not"
            " written here"
        )
