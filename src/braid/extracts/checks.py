"""Field checks, one rule one name: each takes a cell and returns the value it holds and the rule it breaks, if any.

A broken optional field never loses its row; the connector warns with the rule. No check ever returns the text it could
not read, except identifiers and postcodes, where a wrong check digit is a finding about a value worth keeping.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Container
from functools import lru_cache

from braid.language.codes import ETHNICITY_CROSSWALKS, ETHNICITY_GROUP_ONLY
from braid.language.dates import parse_date, parse_moment
from braid.language.identifiers import check, find_postcode, normalise

DATE_INVALID = "date_invalid"
MOMENT_INVALID = "moment_invalid"
CODE_UNKNOWN = "code_unknown"
POSTCODE_INVALID = "postcode_invalid"
FLAG_INVALID = "flag_invalid"
NUMBER_INVALID = "number_invalid"
DATES_OUT_OF_ORDER = "dates_out_of_order"

NO_KEYS = frozenset(
    {
        "NULL", "(NULL)", "<NULL>", "NONE", "NIL", "NAN", "NAT", "NA", "N/A", "#N/A", "N/K", "NK", "UNKNOWN",
        "NOT KNOWN", "UNDEFINED", "(BLANK)", "TBC", "TBA", "-", "--", "?",
        "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!",
    }
)  # fmt: skip
_COMPACT_DATE = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_NAMED_MONTH = re.compile(r"([0-9]{1,2})[ ./-]([A-Za-z]{3,9})[ ./-]([0-9]{4})(?:[ T].*)?")
_MONTH_NAMES = (
    "JANUARY", "FEBRUARY", "MARCH", "APRIL", "MAY", "JUNE", "JULY", "AUGUST", "SEPTEMBER", "OCTOBER", "NOVEMBER",
    "DECEMBER",
)  # fmt: skip
_MONTHS = {short: number for number, name in enumerate(_MONTH_NAMES, 1) for short in (name, name[:3])} | {"SEPT": 9}
_FLAGS = {"TRUE": True, "1": True, "Y": True, "YES": True, "FALSE": False, "0": False, "N": False, "NO": False}
_CODE_FORM = re.compile(r"^[A-Za-z0-9/\\#]{1,6}$")


@lru_cache(maxsize=65536)
def check_date(text: str, order: str = "dmy") -> tuple[dt.date | None, str | None]:
    """Return the date that a cell holds; `date_invalid` where it holds something else.

    Besides what `parse_date` reads, as databases write it and nobody can misread: 1 Apr 2026, 01-APR-2026, 20260401.
    """
    stripped = text.strip()
    plain = _plain_date(stripped)
    try:
        return parse_date(plain, order if plain == stripped else "dmy"), None
    except ValueError:
        return None, DATE_INVALID


def _plain_date(text: str) -> str:
    """Return a date without separators, or with the name of its month, in figures; any other text as it is."""
    compact = _COMPACT_DATE.fullmatch(text)
    if compact:
        return "-".join(compact.groups())
    named = _NAMED_MONTH.fullmatch(text)
    month = _MONTHS.get(named[2].upper()) if named else None
    return f"{named[1]}/{month}/{named[3]}" if named and month else text


@lru_cache(maxsize=16384)
def check_moment(text: str) -> tuple[dt.datetime | None, str | None]:
    """Return the moment that a cell holds, in UTC; `moment_invalid` where it holds something else.

    A moment without offset is one in Europe/London. A day without a time is none.
    """
    if not re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}", text, re.ASCII):
        return None, MOMENT_INVALID
    try:
        return parse_moment(text), None
    except (ValueError, OverflowError):
        return None, MOMENT_INVALID


def is_no_key(text: str) -> bool:
    """Return whether a text under a key says that there is none: NULL, N/A, an error of a spreadsheet.

    Whoever has no key is told apart from nobody: read as one, all of them would be the same person.
    """
    return text.strip().upper() in NO_KEYS


def check_code(text: str, system: str, known: Container[str]) -> tuple[str | None, str | None]:
    """Return a cell as `system:code`; `code_unknown` and no value where the list has no such code.

    The code is tried as written and in capital letters. An unknown code is not handed on: it may be anything.
    """
    for candidate in (text, text.upper()):
        if candidate in known:
            return f"{system}:{candidate}", None
    return None, CODE_UNKNOWN


@lru_cache(maxsize=16384)
def check_postcode(text: str) -> tuple[str | None, str | None]:
    """Return a postcode with one inner space; `postcode_invalid` and no value where it has not the form of one."""
    postcode = find_postcode(text)
    return postcode, None if postcode else POSTCODE_INVALID


def check_flag(text: str) -> tuple[bool | None, str | None]:
    """Return yes or no, as true/false, 1/0, Y/N or yes/no in any case write it; `flag_invalid` for anything else."""
    value = _FLAGS.get(text.upper())
    return value, FLAG_INVALID if value is None else None


def check_number(text: str, low: int, high: int) -> tuple[int | None, str | None]:
    """Return a whole number between two bounds, both included; `number_invalid` for anything else."""
    if not re.fullmatch(r"[0-9]{1,9}", text) or not low <= int(text) <= high:
        return None, NUMBER_INVALID
    return int(text), None


def check_decimal(text: str) -> tuple[float | None, str | None]:
    """Return a number written in digits with at most one point; `number_invalid` for anything else."""
    if not re.fullmatch(r"-?[0-9]{1,9}(\.[0-9]{1,9})?", text):
        return None, NUMBER_INVALID
    return float(text), None


def check_identifier(scheme: str, text: str) -> tuple[str, str, str | None]:
    """Return the normalised identifier, its check result and `<scheme>_check` where the check fails."""
    value = normalise(scheme, text)
    result = check(scheme, value)
    return value, result, f"{scheme}_check" if result == "fail" else None


def check_order(earlier: dt.date | None, later: dt.date | None) -> str | None:
    """Return `dates_out_of_order` where both dates are known and the later one comes first."""
    return DATES_OUT_OF_ORDER if earlier and later and later < earlier else None


def check_ethnicity(system: str, text: str) -> tuple[dict[str, str], str | None]:
    """Return the ethnicity columns of a person record for a code of the system dfe, nhs or core.

    The common code, whether it is exact or only right to its group, and the source code; `code_unknown` and no columns
    for a code that the crosswalk has not.
    """
    code = text.strip().upper()
    common = ETHNICITY_CROSSWALKS[system].get(code)
    if common is None:
        return {}, CODE_UNKNOWN
    precision = "group" if code in ETHNICITY_GROUP_ONLY[system] else "exact"
    return {"ethnicity": common, "ethnicity_precision": precision, "ethnicity_source": f"{system}:{code}"}, None


SEX_CODES = {
    "dfe": {"1": "male", "2": "female", "0": "unknown", "9": "unknown", "M": "male", "F": "female", "U": "unknown"},
    "nhs": {"1": "male", "2": "female", "9": "other", "X": "unknown", "0": "unknown"},
    "core": {"M": "male", "F": "female", "X": "other", "R": "unknown"},
    "words": {
        "F": "female", "M": "male", "FEMALE": "female", "MALE": "male", "GIRL": "female", "BOY": "male",
        "O": "other", "OTHER": "other", "U": "unknown", "UNKNOWN": "unknown", "X": "other",
    },
}  # fmt: skip
"""Sex by source system: DfE returns, NHS stated gender, CORE, and plain words."""


def check_sex(system: str, text: str) -> tuple[str | None, str | None]:
    """Return female, male, other or unknown for a code of a system of `SEX_CODES`; `code_unknown` for anything else."""
    value = SEX_CODES[system].get(text.upper())
    return value, None if value else CODE_UNKNOWN


def has_code_form(text: str) -> bool:
    """Return whether a cell could be a short code rather than free text."""
    return bool(_CODE_FORM.match(text))
