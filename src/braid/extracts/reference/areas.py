"""Of which census the small areas of a file are, which is never guessed: codes of 2011 and 2021 look alike.

Most small areas kept their code from one census to the next, so a code alone says little. Since each census issued new
codes above the last of the one before it, a code tells when a file cannot be of the year that it names.
"""

from __future__ import annotations

import re

from braid.extracts.model import UnreadableFile

CODE = re.compile(r"[EWSNKLMJ]\d{8}")
"""A code of the Government Statistical Service."""
OF_NORTHERN_IRELAND = re.compile(r"95[0-9A-Z]{6}")
"""A code of a small area of Northern Ireland before 2021, as directories of the United Kingdom have it."""
SMALL_AREA = re.compile(r"[EW]01\d{6}")
OWN_AREA = re.compile(r"E0199\d{4}")
"""Codes of a place that is made up: no census has issued any as high."""
NEWEST_OF_2011 = "E01033768"
"""The last code that the census of 2011 gave a small area of England; that of 2021 began after it."""
YEARS = (2011, 2021)


def check_year(year: int) -> int:
    """Return a census year; raise `UnreadableFile` where there were no small areas of it, or they are not read."""
    if year not in YEARS:
        known = " or ".join(map(str, YEARS))
        raise UnreadableFile("areas_unknown", f"small areas are of the census of {known}: write --areas {YEARS[-1]}")
    return year


def check_codes(year: int | None, newest: str, *, has_real: bool) -> None:
    """Raise `UnreadableFile` where codes cannot be of that census, or where nobody says of which they are.

    `newest` is the highest code of England in the file; `has_real`: some code is one that a census issued.
    """
    if year is None and has_real:
        words = "the file does not say of which census its small areas are: say so with --areas 2011 or --areas 2021"
        raise UnreadableFile("areas_not_said", words)
    if year == YEARS[0] and newest > NEWEST_OF_2011:
        words = (
            "the file says that its small areas are of 2011 and holds codes that came in 2021: ask for one or the other"
        )
        raise UnreadableFile("areas_mixed", words)


def is_real(code: str) -> bool:
    """Whether a code is that of a small area of a census, and not of a place that is made up."""
    return bool(SMALL_AREA.fullmatch(code)) and not OWN_AREA.fullmatch(code)
