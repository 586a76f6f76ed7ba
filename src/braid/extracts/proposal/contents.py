"""What the cells of a column may be, by the cells alone: dates, numbers with a check, postcodes, codes, free text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache

from braid.extracts import checks
from braid.extracts.definition_files import load_definitions
from braid.extracts.month_first import is_month_first
from braid.extracts.noughts import describe_widths, is_telephone_without_nought
from braid.language.identifiers import PASS, check, find_postcode, has_lost_nought

LONG = 60
MOST_CODES = 30
LEAST_TIMES = 5
"""A code stands in so many rows at least, or it may be somebody's own value."""
SURE, LIKELY, GUESS = "sure", "likely", "a guess"
_TELEPHONE = re.compile(r"(\+44|0)[0-9 ()-]{8,14}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}")
_NUMBER = re.compile(r"[0-9]{1,9}")
_DECIMAL = re.compile(r"-?[0-9]{1,9}(\.[0-9]{1,9})?")
_DIGIT_CODE = re.compile(r"(?=.*[0-9])[A-Za-z0-9/]{1,4}")


@dataclass(frozen=True)
class Content:
    """What cells look like: a kind, how sure that is, and why in words without any cell."""

    kind: str
    certainty: str
    reason: str
    codes: tuple[str, ...] = ()
    """The codes of a column of kind code that may be written down."""
    has_more_codes: bool = False
    """It holds other texts too, which may be somebody's own and are not written down."""
    is_month_first: bool = False
    """It holds dates that can only be written with the month first."""


def look_at(cells: Sequence[str]) -> Content:
    """Return what the filled cells of a column look like, and whether noughts may have been lost before them."""
    found = _look_at(cells)
    lost = _describe_lost(found, cells)
    return replace(found, reason=f"{found.reason}; {lost}") if lost else found


def _describe_lost(found: Content, cells: Sequence[str]) -> str:
    if found.kind == "nhs":
        times = sum(map(has_lost_nought, cells))
        return f"{times} of them lost the nought before them and are read with it" if times else ""
    if found.kind not in ("number", "text"):
        return ""
    times = sum(map(is_telephone_without_nought, cells))
    if times * 2 >= len(cells):
        return f"{times} have ten digits, as a telephone number without its first nought: ask for the column as text"
    return describe_widths(cells)


def _look_at(cells: Sequence[str]) -> Content:
    if not cells:
        return Content("empty", SURE, "no cell of it is filled")
    if is_month_first(cells):
        hits = sum(checks.check_date(cell, "mdy")[0] is not None for cell in cells)
        said = f"{hits} of {len(cells)} cells are dates, and can only be dates with the month first"
        return Content("date", SURE if hits >= 0.98 * len(cells) else LIKELY, said, is_month_first=True)
    for kind, words, test, least in _KINDS:
        hits = sum(map(test, cells))
        if hits >= least * len(cells):
            certainty = SURE if hits >= 0.98 * len(cells) and len(cells) >= LEAST_TIMES else LIKELY
            return Content(kind, certainty, f"{hits} of {len(cells)} cells {words}")
    return _look_at_texts(cells)


def _look_at_texts(cells: Sequence[str]) -> Content:
    counted = Counter(cells)
    said = f"{len(counted)} different texts in {len(cells)} cells"
    if all(_NUMBER.fullmatch(cell) for cell in counted) and len(counted) > MOST_CODES:
        return Content("number", LIKELY, f"{said}, all whole numbers")
    if all(_DECIMAL.fullmatch(cell) for cell in counted) and any("." in cell for cell in counted):
        return Content("decimal", LIKELY, f"{said}, all numbers")
    long = sum(len(cell) > LONG for cell in cells)
    if long * 2 >= len(cells):
        return Content("free text", LIKELY, f"{long} of {len(cells)} cells are longer than {LONG} letters")
    if len(counted) <= MOST_CODES and len(counted) * LEAST_TIMES <= len(cells):
        if not all(map(checks.has_code_form, counted)):
            return Content("words", LIKELY, f"{said}, few and frequent, too long for codes")
        codes = tuple(sorted(code for code, times in counted.items() if times >= LEAST_TIMES and may_be_told(code)))
        return Content("code", LIKELY, f"{said}, few and frequent", codes, len(codes) < len(counted))
    return Content("text", GUESS, said)


def may_be_told(text: str) -> bool:
    """Whether a text is a code that says nothing of anybody by itself: one letter, short with a digit, or a known code.

    Short words may be names and two letters somebody's initials, so that they are told only where a list knows them.
    """
    return len(text) == 1 or bool(_DIGIT_CODE.fullmatch(text)) or text.upper() in known_codes()


@cache
def known_codes() -> frozenset[str]:
    """Return the codes of every list that a standard here has, in capital letters, short ones alone."""
    cells = (cell for one in load_definitions() for part in one.parts for cell in part.cells if cell.codes)
    codes = {code for cell in cells if cell.codes for code in cell.codes.codes if checks.has_code_form(code)}
    return frozenset(codes | {"YES", "NO", "TRUE", "FALSE"})


def looks_like_data(cell: str) -> bool:
    """Whether a cell of the first row is rather a value than the name of a column."""
    if _EMAIL.fullmatch(cell) or (cell and _DECIMAL.fullmatch(cell)):
        return True
    return any(test(cell) for kind, _, test, _ in _KINDS if kind not in ("flag", "sex"))


def _is_date(cell: str) -> bool:
    return checks.check_date(cell)[0] is not None


def _is_moment(cell: str) -> bool:
    return checks.check_moment(cell)[0] is not None


def _is_nhs(cell: str) -> bool:
    return (len(cell) >= 10 or has_lost_nought(cell)) and check("nhs", cell) == PASS


def _is_upn(cell: str) -> bool:
    return check("upn", cell) == PASS


def _is_nino(cell: str) -> bool:
    return check("nino", cell) == PASS


def _is_postcode(cell: str) -> bool:
    return find_postcode(cell) is not None


_KINDS: tuple[tuple[str, str, Callable[[str], bool], float], ...] = (
    ("moment", "are a day with a time", _is_moment, 0.9),
    ("date", "are dates", _is_date, 0.9),
    ("nhs", "pass the check of an NHS number", _is_nhs, 0.9),
    ("upn", "pass the check of a pupil number", _is_upn, 0.9),
    ("nino", "have the form of a National Insurance number", _is_nino, 0.9),
    ("postcode", "have the form of a postcode", _is_postcode, 0.9),
    ("email", "are e-mail addresses", lambda cell: bool(_EMAIL.fullmatch(cell)), 0.9),
    ("telephone", "look like telephone numbers", lambda cell: bool(_TELEPHONE.fullmatch(cell)), 0.9),
    ("sex", "say female or male", lambda cell: cell.upper() in ("F", "M", "FEMALE", "MALE"), 0.95),
    ("flag", "say yes or no", lambda cell: checks.check_flag(cell)[0] is not None, 1.0),
)
"""The kinds that a cell tells by itself, the surest first: name, words, test, and the share of cells that must pass."""
