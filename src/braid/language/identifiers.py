"""Identifiers that partners hold, and the check each of them carries.

A wrong check digit is a finding about a value, never a reason to lose a row: in one published census sample 12 of 332
pupil numbers pass.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

PASS, FAIL, NONE = "pass", "fail", "none"

UPN_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"
_PNC_LETTERS = "ZABCDEFGHJKLMNPQRTUVWXY"
_POSTCODE = re.compile(r"^([A-Z]{1,2}\d[A-Z\d]?)(\d[A-Z]{2})$")
_UPN = re.compile(r"^[A-HJ-NP-RT-Z]\d{11}[\dA-HJ-NP-RT-Z]$")
_NINO = re.compile(r"^[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]\d{6}[A-D]$")
_NOT_NINO_PREFIXES = frozenset({"BG", "GB", "KN", "NK", "NT", "TN", "ZZ"})


_NINE_DIGITS = re.compile(r"[0-9]{9}(\.0)?")
_OF_DIGITS = frozenset({"nhs", "uprn", "urn"})


def normalise(scheme: str, value: str) -> str:
    """Return an identifier in capital letters without spaces; hyphens go too where the scheme has a check.

    Of a number in digits alone, the `.0` goes that programs write behind it who took it for an amount, and an NHS
    number gets back the nought that they dropped before it, where `has_lost_nought`.
    """
    if scheme == "nhs" and has_lost_nought(value):
        return "0" + value[:9]
    if value.isalnum():
        return value.upper()
    text = re.sub(r"\s+", "", value).upper()
    if scheme in _OF_DIGITS and text.endswith(".0") and text[:-2].isdecimal():
        return text[:-2]
    return text.replace("-", "") if scheme in _CHECKS else text


def has_lost_nought(value: str) -> bool:
    """Whether a text of nine digits, as a spreadsheet leaves a number, is an NHS number with a nought before it.

    The check digit says so; of nine digits that are none, one in eleven holds it by chance.
    """
    return len(value) in (9, 11) and bool(_NINE_DIGITS.fullmatch(value)) and _is_nhs("0" + value[:9])


def check(scheme: str, value: str) -> str:
    """Return `pass` or `fail` for a scheme that has a check, `none` for one that has not."""
    test = _CHECKS.get(scheme)
    if test is None:
        return NONE
    return PASS if test(normalise(scheme, value)) else FAIL


def nhs_check_digit(nine: str) -> str | None:
    """Return the check digit for nine digits; `None` where the number cannot exist (the remainder gives 10).

    Modulus 11 with weights 10 to 2 (NHS Data Model and Dictionary, NHS NUMBER).
    """
    total = sum(int(digit) * weight for digit, weight in zip(nine, range(10, 1, -1), strict=True))
    remainder = 11 - total % 11
    if remainder == 10:
        return None
    return "0" if remainder == 11 else str(remainder)


def upn_check_letter(twelve: str) -> str:
    """Return the letter that leads a unique pupil number whose other twelve characters are given.

    Sum of each character's value times its position (2 to 13), modulo 23; a letter stands only in the last place and
    counts by its position among the 23 letters in use (Department for Education, Unique pupil numbers guide).
    """
    values = [int(char) if char.isdigit() else UPN_LETTERS.index(char) for char in twelve]
    return UPN_LETTERS[sum(value * weight for value, weight in zip(values, range(2, 14), strict=True)) % 23]


def find_postcode(text: str | None) -> str | None:
    """Return a postcode in capital letters with one inner space; `None` where the text has not the form of one.

    The form is checked, not the existence. `GIR 0AA` is accepted.
    """
    compact = re.sub(r"\s+", "", text or "").upper()
    if compact == "GIR0AA":
        return "GIR 0AA"
    found = _POSTCODE.match(compact)
    return f"{found[1]} {found[2]}" if found else None


def _is_nhs(value: str) -> bool:
    """Return whether ten digits hold their check, as `nhs_check_digit` explains it; flat, since files hold millions."""
    if len(value) != 10 or not value.isdecimal() or value == value[0] * 10:
        return False
    a, b, c, d, e, f, g, h, i, check = map(int, value)
    total = 10 * a + 9 * b + 8 * c + 7 * d + 6 * e + 5 * f + 4 * g + 3 * h + 2 * i
    return (11 - total % 11) % 11 == check


def _is_upn(value: str) -> bool:
    return bool(_UPN.match(value)) and upn_check_letter(value[1:]) == value[0]


def _is_nino(value: str) -> bool:
    return bool(_NINO.match(value)) and value[:2] not in _NOT_NINO_PREFIXES


def _is_pnc(value: str) -> bool:
    """Year of two or four digits, slash, serial of up to seven digits, check letter: modulus 23."""
    found = re.fullmatch(r"(\d{2}|\d{4})/(\d{1,7})([A-Z])", value)
    if not found:
        return False
    number = int(found[1][-2:] + found[2].zfill(7))
    return _PNC_LETTERS[number % 23] == found[3]


LENGTHS: Final = {"uln": (10, 10), "uprn": (1, 12), "urn": (6, 6)}
"""Schemes whose check is that a value is digits alone: how many at least and at most."""


def _digits(least: int, most: int) -> Callable[[str], bool]:
    pattern = re.compile(rf"\d{{{least},{most}}}")
    return lambda value: bool(pattern.fullmatch(value))


_CHECKS: dict[str, Callable[[str], bool]] = {
    "nhs": _is_nhs,
    "upn": _is_upn,
    "former_upn": _is_upn,
    "nino": _is_nino,
    "pnc": _is_pnc,
    **{scheme: _digits(*length) for scheme, length in LENGTHS.items()},
}
