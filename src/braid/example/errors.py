"""What goes wrong when people are written down, at rates that can be set.

The kinds are those measured in real registers: moved people at old addresses, swapped days and months, births on the
first of January, nicknames and other spellings, maiden names, missing and wrong numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from braid.example.names import load_variants
from braid.example.streams import chance


@dataclass(frozen=True)
class ErrorRates:
    """Shares of registrations (or rows) that carry each kind of error, 0 to 1."""

    typo: float = 0.0
    nickname: float = 0.0
    transliteration: float = 0.0
    swapped_names: float = 0.0
    swapped_day_month: float = 0.0
    first_of_january: float = 0.0
    missing_birth_date: float = 0.0
    missing_number: float = 0.0
    wrong_check_digit: float = 0.0
    wrong_number: float = 0.0
    """A valid NHS number that is somebody else's."""
    stale_address: float = 0.0
    """Of people who moved since they were registered."""
    former_name: float = 0.0
    """Of people who changed their name by marriage in the last ten years."""
    missing_postcode: float = 0.0
    postcode_format: float = 0.0
    duplicate: float = 0.0
    """Records kept under a second key of the partner."""
    rejected_row: float = 0.0
    unknown_code: float = 0.0
    late_row: float = 0.0
    """Rows that reach the extract a week late."""
    extra_column: bool = False
    lagging_feed: bool = False
    """One council's school feed is two weeks behind, where there are three extracts or more."""


NONE = ErrorRates()
USUAL = ErrorRates(
    typo=0.02,
    nickname=0.05,
    transliteration=0.06,
    swapped_names=0.006,
    swapped_day_month=0.008,
    first_of_january=0.004,
    missing_birth_date=0.006,
    missing_number=0.04,
    wrong_check_digit=0.004,
    wrong_number=0.0025,
    stale_address=0.35,
    former_name=0.3,
    missing_postcode=0.015,
    postcode_format=0.08,
    duplicate=0.012,
    rejected_row=0.001,
    unknown_code=0.002,
    late_row=0.01,
    extra_column=True,
    lagging_feed=True,
)
HIGH = ErrorRates(
    typo=0.07,
    nickname=0.12,
    transliteration=0.18,
    swapped_names=0.02,
    swapped_day_month=0.03,
    first_of_january=0.015,
    missing_birth_date=0.03,
    missing_number=0.15,
    wrong_check_digit=0.02,
    wrong_number=0.0025,
    stale_address=0.7,
    former_name=0.6,
    missing_postcode=0.06,
    postcode_format=0.2,
    duplicate=0.04,
    rejected_row=0.005,
    unknown_code=0.01,
    late_row=0.04,
    extra_column=True,
    lagging_feed=True,
)
DEFAULT = USUAL
PRESETS = {"none": NONE, "usual": USUAL, "high": HIGH}

_KEYS_NEARBY = {
    "a": "sq", "b": "vn", "c": "xv", "d": "sf", "e": "wr", "f": "dg", "g": "fh", "h": "gj", "i": "uo", "j": "hk",
    "k": "jl", "l": "k", "m": "n", "n": "bm", "o": "ip", "p": "o", "r": "et", "s": "ad", "t": "ry", "u": "yi",
    "v": "cb", "w": "qe", "y": "tu", "z": "x",
}  # fmt: skip


def mistype(random: Random, text: str) -> str:
    """Return the text with one slip of the keyboard: a letter left out, doubled, swapped or hit nearby."""
    if len(text) < 3:
        return text
    at = random.randrange(1, len(text) - 1)
    slip = random.randrange(4)
    if slip == 0:
        return text[:at] + text[at + 1 :]
    if slip == 1:
        return text[:at] + text[at] + text[at:]
    if slip == 2:
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    return text[:at] + random.choice(_KEYS_NEARBY.get(text[at], text[at])) + text[at + 1 :]


def write_given(random: Random, name: str, rates: ErrorRates) -> str:
    """Return a forename as somebody wrote it down."""
    return _write_name(random, name, rates, rates.nickname, "nicknames")


def write_family(random: Random, name: str, rates: ErrorRates) -> str:
    """Return a family name as somebody wrote it down."""
    return _write_name(random, name, rates, 0.0, "nicknames")


def _write_name(random: Random, name: str, rates: ErrorRates, rate: float, kind: str) -> str:
    luck = random.random()
    for share, variants in ((rate, load_variants(kind)), (rates.transliteration, load_variants("transliterations"))):
        if luck < share and name in variants:
            return random.choice(variants[name])
        luck -= share
    return mistype(random, name) if chance(random, rates.typo) else name


def write_birth_date(random: Random, born: date, rates: ErrorRates) -> date | None:
    """Return a date of birth as somebody wrote it down; `None` where they left it out."""
    luck = random.random()
    if luck < rates.missing_birth_date:
        return None
    luck -= rates.missing_birth_date
    if luck < rates.swapped_day_month:
        return (
            date(born.year, born.day, born.month) if born.day <= 12 else born + timedelta(days=random.choice((-1, 1)))
        )
    luck -= rates.swapped_day_month
    return date(born.year, 1, 1) if luck < rates.first_of_january else born


def write_postcode(random: Random, postcode: str, rates: ErrorRates) -> str:
    """Return a postcode as somebody wrote it down: sometimes empty, without its space, or in small letters."""
    luck = random.random()
    if luck < rates.missing_postcode:
        return ""
    if luck < rates.missing_postcode + rates.postcode_format:
        return random.choice((postcode.replace(" ", ""), postcode.lower(), postcode.replace(" ", "  "), f" {postcode}"))
    return postcode


def break_check_digit(random: Random, number: str) -> str:
    """Return the number with its last digit changed, so that its check fails."""
    return number[:-1] + str((int(number[-1]) + random.randint(1, 9)) % 10)


def break_check_letter(random: Random, number: str) -> str:
    """Return a pupil number with another leading letter, so that its check fails."""
    return random.choice([letter for letter in "ABCDEFGH" if letter != number[0]]) + number[1:]
