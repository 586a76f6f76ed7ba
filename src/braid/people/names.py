"""Names made comparable: folded, freed of titles, split into parts, and gathered into groups of forms of one name.

The functions here read one name. `braid.people.standardise_names` says the same in SQL for a whole place; the two are
held against each other in the tests.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable
from functools import cache, lru_cache
from pathlib import Path

TITLES = frozenset(
    "mr mrs ms miss mx master dr prof rev sir dame lady lord cllr messrs".split()
)  # not `earl` or `prince`, which are forenames too
NOT_NAMES = frozenset(
    "baby unknown unborn newborn notknown na nk none nil noname test infant twin triplet male female anon anonymous"
    " unnamed tbc xx xxx nfn nln fnu lnu".split()
)
"""Words that systems put where a name should be; a name of such words alone is no name."""
NEWBORN = "baby infant newborn unborn twin triplet".split()
NEWBORN_MARKS = "of boy girl male female one two three i ii iii a b c".split()
PHRASES = (
    "not known",
    "not given",
    "not stated",
    "not recorded",
    "no name",
    "name unknown",
    "name withheld",
)
KNOWN_AS = ("also known as", "known as", "aka", "a k a")
FORMERLY = (*KNOWN_AS, "nee", "formerly", "previously")
"""What leads from one surname of a person to another."""
SUFFIXES = frozenset("jr jnr sr snr esq obe mbe".split())
PARTICLES = frozenset("van von den der des del della dos das the bin ibn bint abu ben abd ould san los las".split())
"""Parts of three letters or more that lead a surname and by themselves say nothing."""
NO_FORENAMES = TITLES | NOT_NAMES
NO_SURNAMES = NOT_NAMES | SUFFIXES


def match_phrases(phrases: Iterable[str]) -> str:
    """Return a pattern of whole phrases in words that stand two spaces apart, the same to every engine."""
    return f" ({'|'.join(phrase.replace(' ', '  ') for phrase in phrases)}) "


PHRASE_PATTERN = match_phrases(PHRASES)
FORENAME_PHRASE_PATTERN = match_phrases((*KNOWN_AS, *PHRASES))
FORMERLY_PATTERN = match_phrases(FORMERLY)
NEWBORN_PATTERN = f" ({'|'.join(NEWBORN)})  ({'|'.join(NEWBORN_MARKS)}) .*$"
"""A word for a newborn and its mark: what comes after is the mother's name, not the child's."""

_LETTERS = str.maketrans(
    {"ß": "ss", "ø": "o", "Ø": "o", "ł": "l", "Ł": "l", "æ": "ae", "Æ": "ae", "đ": "d", "\u0131": "i"}
    | {"Đ": "d", "ð": "d", "Ð": "d", "þ": "th", "Þ": "th", "œ": "oe", "Œ": "oe", "ħ": "h", "ŧ": "t", "ə": "a"}
)
BABY_OF_PATTERN = "[bB]/[oO]"
APOSTROPHES = "'`\u2019\u2018\u00b4\u02bc"
SEPARATORS = ";(/"
OTHER_SCRIPTS = (
    "\u0370-\u1cff\u1f00-\u1fff\u3041-\u30fa\u30fc-\u30ff\u3400-\u9fff\uac00-\ud7a3\ufb1d-\ufdff\ufe70-\ufefc"
)
"""Of a pattern of letters, those of scripts other than Latin: blocks of Unicode, so that all engines mean the same."""
_SMALL_AND_LARGE = (*range(0x300, 0x1D00), *range(0x1F00, 0x2000))
_POINTS, _ACCENTS = range(10, 36), 200
"""Unicode's combining classes of Hebrew and Arabic points, and the first of marks above and below letters."""
_NOT_OTHER = re.compile(f"[^{OTHER_SCRIPTS}]+")
_APOSTROPHES = re.compile(f"[{APOSTROPHES}]")
_SEPARATORS = re.compile(f"[{SEPARATORS}]")
_NOT_LETTERS = re.compile(r"[^a-z]+")
_BABY_OF = re.compile(BABY_OF_PATTERN)
_SPACES = re.compile("[ \t\r\n]+")
_MAC = re.compile("^mac(?=[a-z]{3})")


@lru_cache(maxsize=200_000)
def fold(text: str) -> str:
    """Return a name in small plain letters: no accents, apostrophes closed up, other marks and hyphens as one space."""
    closed = _APOSTROPHES.sub("", text)  # before letters are taken apart, for `ŉ` brings an apostrophe of its own
    plain = unicodedata.normalize("NFKD", closed.translate(_LETTERS))
    letters = "".join(char for char in plain if not unicodedata.combining(char)).lower()
    return _NOT_LETTERS.sub(" ", _APOSTROPHES.sub("", letters)).strip()


def is_no_letter(char: str) -> bool:
    """Whether `fold` plainly makes a space of a character: of most that is told at a glance."""
    is_plain = not unicodedata.decomposition(char) and not unicodedata.combining(char)
    return is_plain and ord(char) not in _LETTERS and char not in APOSTROPHES and not char.lower()[0].isascii()


@lru_cache(maxsize=200_000)
def split_forenames(text: str) -> tuple[str, ...]:
    """Return the forenames in order, folded, without titles; names after "known as" follow the others.

    What stands after "baby of" or "twin one of" is another person's name and is left out. A text without one Latin
    letter is read in the script that it has (`other_words`).
    """
    segments = _segments(text)
    if not segments:
        return tuple(dict.fromkeys(other_words(text)))
    kept = re.sub(NEWBORN_PATTERN, " ", re.sub(FORENAME_PHRASE_PATTERN, " ", _apart(" ".join(segments))))
    return tuple(dict.fromkeys(word for word in kept.split() if word not in NO_FORENAMES))


@lru_cache(maxsize=200_000)
def split_surname(text: str) -> tuple[str, ...]:
    """Return the surname closed up, then its parts of three letters or more; empty where there is no name.

    A former surname after "née" or in brackets follows with its own parts. Particles (`van`, `bin`) are no parts.
    """
    segments = _segments(text)
    if not segments:
        words = other_words(text)
        return tuple(
            name for name in dict.fromkeys(("".join(words), *(word for word in words if len(word) > 2))) if name
        )
    marked = re.sub(FORMERLY_PATTERN, "|", re.sub(PHRASE_PATTERN, " ", _apart(" | ".join(segments))))
    names: list[str] = []
    for segment in marked.split("|"):
        parts = [part for part in segment.split() if part not in NO_SURNAMES]
        names += ["".join(parts), *(part for part in parts if len(part) > 2 and part not in PARTICLES)]
    return tuple(name for name in dict.fromkeys(names) if name)


def other_words(text: str) -> tuple[str, ...]:
    """Return the words of a text that are written in another script than Latin, small and without accents, in order.

    They are compared with words of the same script: how a name is written in another is not guessed.
    """
    plain = _APOSTROPHES.sub("", text).translate(_others())
    return tuple(word for word in _NOT_OTHER.sub(" ", plain).split(" ") if word)


@cache
def _others() -> dict[int, str]:
    return {ord(char): made for char, made in other_letters().items()}


@cache
def other_letters() -> dict[str, str]:
    """Return what becomes of letters of other scripts that are large or bear an accent: one letter, or nothing. Their
    figures and marks are spaces."""
    found = {}
    for char in map(chr, _SMALL_AND_LARGE):
        apart = unicodedata.normalize("NFKD", char.lower())
        made = unicodedata.normalize("NFC", "".join(mark for mark in apart if not is_accent(mark)))
        if unicodedata.category(char)[0] not in "LMC":
            found[char] = " "
        elif len(made) < 2 and made != char:
            found[char] = made
    return {**found, "\u03c2": "\u03c3"}  # a sigma at the end of a word is one


def is_accent(char: str) -> bool:
    """Whether a mark is left out: accents, and the points of Hebrew and Arabic. Others are parts of letters."""
    kind = unicodedata.combining(char)
    return kind in _POINTS or kind >= _ACCENTS


def split_other_names(text: str) -> tuple[tuple[str, str], ...]:
    """Return forenames and surname, as written, of each further name; names stand between semicolons.

    A name of one word may be either and is given as both.
    """
    names = (_SPACES.sub(" ", part).strip(" ") for part in text.split(";"))
    return tuple((name.rpartition(" ")[0] or name, name.rpartition(" ")[2]) for name in names if name)


@lru_cache(maxsize=200_000)
def forename_groups(name: str) -> tuple[str, ...]:
    """Return the groups a folded forename belongs to, in order: itself where no group knows it.

    A short form may stand for several names (`ali` for Alison, Alice or Ali), so there may be several.
    """
    return read_groups("forenames").get(name, (name,))


@lru_cache(maxsize=200_000)
def surname_groups(name: str) -> tuple[str, ...]:
    """Return the groups a folded surname belongs to: ways to write one name in Latin letters, and Mac as Mc."""
    plain = _MAC.sub("mc", name)
    return read_groups("surnames").get(plain, (plain,))


@cache
def read_groups(kind: str) -> dict[str, tuple[str, ...]]:
    """Return, for each form in the list `forenames` or `surnames`, the names it may stand for, sorted."""
    groups: dict[str, set[str]] = {}
    with Path(__file__).with_name(f"{kind}.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            for form in (row["name"], *row["forms"].split()):
                groups.setdefault(form, set()).add(row["name"])
    return {form: tuple(sorted(names)) for form, names in groups.items()}


def _segments(text: str) -> list[str]:
    """Return what stands between brackets, slashes and semicolons, folded."""
    parts = (fold(part) for part in _SEPARATORS.split(_BABY_OF.sub(" baby of ", text)))
    return [part for part in parts if part]


def _apart(words: str) -> str:
    """Return words with two spaces between any two, as the patterns of phrases want them."""
    return f" {'  '.join(words.split())} "
