"""How people write an address: what of it gives the place away when a part is left out, shortened or turned round.

An address is read into numbers, names (of streets and buildings), places and the first half of its postcode. A text is
searched for a name, and its neighbourhood for what makes it this place: a name of its own kind ("Willow Court") is
enough alone, whatever house number stands beside it; one that stands in most towns ("High Street") needs the number,
or a place or the postcode and no other number. A name with another postcode behind it is another street.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from braid.trust.street_words import (
    COMMON,
    COUNTRIES,
    FILLERS,
    GP_SIGNS,
    GP_WORDS,
    ORDINARY,
    SCHOOL_SIGNS,
    SCHOOL_WORDS,
    TYPES,
    UNITS,
    VARIANTS,
    WEAK,
    number_words,
)

POSTCODE = re.compile(r"\b([a-z]{1,2}\d[a-z\d]?) ?(\d[a-z]{2})\b", re.IGNORECASE)
_APOSTROPHES = re.compile("['`\u2019\u00b4]")
_BETWEEN = re.compile(r"[\W_]+")
_HOUSE = re.compile(r"\d{1,5}[a-z]?")
_WINDOW = 90
"""How far from a name what belongs to it is looked for, in letters."""
_FILL = "|".join(sorted(FILLERS))
_OTHER_HOUSE = re.compile(rf"(?<!\w)(\d{{1,3}}[a-z]?) (?:(?:{_FILL}) )*$|(?<!\w)(\d{{1,3}}[a-z]?)$")
_START, _END = r"(?<![^\W\d_])", r"(?![^\W_])"


def spaced(folded: str) -> str:
    """Return the words of a folded text with one space between, apostrophes off: the form that is searched."""
    return _BETWEEN.sub(" ", _APOSTROPHES.sub("", folded))


@dataclass(frozen=True)
class Name:
    """A street or a building: its words, and whether the last is of a kind (`TYPES`)."""

    words: tuple[str, ...]
    has_type: bool

    @property
    def is_telling(self) -> bool:
        """Whether the name alone gives the place away."""
        rest = self.words[:-1] if self.has_type else self.words
        is_common = " ".join(self.words) in COMMON or " ".join((*rest, _full(self.words[-1]))) in COMMON
        return self.has_type and not is_common and any(len(word) > 2 and word not in ORDINARY for word in rest)

    @property
    def probe(self) -> str:
        """A word that stands in every way of writing the name; empty where each can be shortened."""
        whole = [word for word in self.words if word not in TYPES and word not in VARIANTS]
        return max(whole, key=len, default="")

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """What finds the name in a spaced text, its last word in every way of writing it."""
        return re.compile(_START + " ?".join(map(_ways, self.words)) + _END)

    @cached_property
    def bare(self) -> re.Pattern[str] | None:
        """What finds the name without its kind ("12 Larchwood"), where that is long enough to be a name."""
        rest = self.words[:-1] if self.has_type else ()
        if len("".join(rest)) < 5 or all(word in ORDINARY for word in rest):
            return None
        kinds = "|".join(sorted(TYPES))
        return re.compile(_START + " ?".join(map(_ways, rest)) + _END + rf"(?! (?:{kinds})(?!\w))")


def _full(word: str) -> str:
    return max(TYPES.get(word, {word}), key=len)


def _ways(word: str) -> str:
    ways = TYPES.get(word, frozenset()) | VARIANTS.get(word, frozenset()) | {word}
    return "(?:" + "|".join(sorted(map(re.escape, ways), key=len, reverse=True)) + ")"


@dataclass(frozen=True)
class WrittenAddress:
    """An address in its parts. `houses` are the numbers without those of flats, which are in `numbers` too."""

    numbers: tuple[str, ...]
    houses: tuple[str, ...]
    names: tuple[Name, ...]
    places: tuple[tuple[str, ...], ...]
    outward: str

    def is_in(self, text: str) -> bool:
        """Whether a spaced text holds the address in a way that gives the place away."""
        return any(self._names_it(name, text) for name in self.names) or self._is_number_at_postcode(text)

    def is_same_home(self, other: WrittenAddress) -> bool:
        """Whether two addresses are of one house: name and number in common, and no postcode against it."""
        ours, theirs = ({tuple(map(_full, name.words)) for name in one.names} for one in (self, other))
        numbers = set(self.houses) & set(other.houses) or (not self.houses and not other.houses)
        return bool(ours & theirs and numbers) and (
            self.outward == other.outward or not (self.outward and other.outward)
        )

    @cached_property
    def squashed(self) -> frozenset[str]:
        """Number and name, and name and place, as letters and digits alone, where the name alone is telling."""
        named = [
            "".join(name.words[:-1]) + kind for name in self.names if name.is_telling for kind in TYPES[name.words[-1]]
        ]
        places = ["".join(words) for words in self.places]
        return frozenset(
            {number + name for name in named for number in self.numbers}
            | {name + place for name in named for place in places}
        )

    @cached_property
    def _number(self) -> re.Pattern[str] | None:
        return _any_of([_number_ways(number) for number in self.numbers])

    @cached_property
    def _before(self) -> re.Pattern[str] | None:
        return self._number and re.compile(rf"(?<!\w){self._number.pattern}(?: (?:{_FILL}|\d+[a-z]?))* ?$")

    @cached_property
    def _after(self) -> re.Pattern[str] | None:
        return self._number and re.compile(rf"^ ?(?:(?:no|nr|num|number|flat|house) )*{self._number.pattern}(?!\w)")

    @cached_property
    def _where(self) -> re.Pattern[str] | None:
        places = [" ?".join(map(_ways, words)) for words in self.places]
        found = _any_of([*places, *([self.outward] if self.outward else [])])
        return found and re.compile(rf"{_START}{found.pattern}{_END}")

    @cached_property
    def _house_at_outward(self) -> re.Pattern[str] | None:
        house = _any_of([_number_ways(number) for number in self.houses])
        if not self.outward or house is None:
            return None
        one, other = rf"(?<!\w){house.pattern}(?!\w)", rf"(?<!\w){self.outward}(?!\w)"
        return re.compile(rf"{one}[^\n]{{0,80}}{other}|{other}[^\n]{{0,30}}{one}")

    def _is_number_at_postcode(self, text: str) -> bool:
        return bool(self._house_at_outward and self.outward in text and self._house_at_outward.search(text))

    def _names_it(self, name: Name, text: str) -> bool:
        if name.probe not in text:
            return False
        for found in name.pattern.finditer(text):
            before, after = _around(text, found.start(), found.end())
            if self._is_elsewhere(after):
                continue
            if name.is_telling or self._has_number(before, after) or self._is_here(before, after):
                return True
        return self._is_bare(name, text)

    def _is_elsewhere(self, after: str) -> bool:
        postcode = POSTCODE.search(after)
        return bool(self.outward and postcode and postcode[1] != self.outward)

    def _is_here(self, before: str, after: str) -> bool:
        if self._where is None or _OTHER_HOUSE.search(before):
            return False
        return bool(self._where.search(before) or self._where.search(after))

    def _has_number(self, before: str, after: str) -> bool:
        if self._before is None or self._after is None:
            return False
        return bool(self._before.search(before) or self._after.search(after))

    def _is_bare(self, name: Name, text: str) -> bool:
        if name.bare is None or self._before is None:
            return False
        for found in name.bare.finditer(text):
            before, after = _around(text, found.start(), found.end())
            is_long = len("".join(name.words[:-1])) >= 8
            if self._before.search(before) and (is_long or (self._where and self._where.search(after))):
                return True
        return False


def _around(text: str, start: int, end: int) -> tuple[str, str]:
    """Return what stands before and after, of the same reading: readings are parted by a line end."""
    before, after = text[max(0, start - _WINDOW) : start], text[end : end + _WINDOW]
    return before.rpartition("\n")[2], after.partition("\n")[0]


def _any_of(patterns: list[str]) -> re.Pattern[str] | None:
    return re.compile("(?:" + "|".join(patterns) + ")") if patterns else None


def _number_ways(number: str) -> str:
    digits, letter = re.match(r"(\d+)([a-z]?)", number).groups()  # type: ignore[union-attr]
    ways = "|".join(way for way in (digits, number_words(int(digits))) if way)
    return f"(?:{ways})" + (f" ?{letter}" if letter else "")


def read_address(folded: str) -> WrittenAddress:
    """Read an address as somebody stored it, folded; commas may be missing, kinds of street may be short."""
    return _Reader(folded).read()


class _Reader:
    """Reads one address: parts between commas, and within a part a name that ends at a kind of street."""

    def __init__(self, folded: str) -> None:
        text = _APOSTROPHES.sub("", folded)
        postcode = POSTCODE.search(text)
        self._outward = postcode[1] if postcode else ""
        self._parts = [re.findall(r"[^\W_]+", part) for part in re.split(r"[,;\n]+", POSTCODE.sub(",", text))]
        self._numbers: dict[str, None] = {}
        self._houses: dict[str, None] = {}
        self._names: list[Name] = []
        self._places: list[tuple[str, ...]] = []

    def read(self) -> WrittenAddress:
        """Return the address in its parts."""
        for words in self._parts:
            self._read_part(words)
        return WrittenAddress(
            tuple(self._numbers), tuple(self._houses), tuple(self._names), tuple(self._places), self._outward
        )

    def _read_part(self, words: list[str]) -> None:
        name: list[str] = []
        has_number = False
        for at, word in enumerate(words):
            before = words[at - 1] if at else ""
            following = words[at + 1] if at + 1 < len(words) else ""
            if _HOUSE.fullmatch(word):
                self._take(name, has_number=has_number, has_type=False)
                name, has_number = [], True
                lettered = word + following if len(following) == 1 and following in "abcdefgh" else word
                self._numbers[lettered] = None
                if before not in UNITS - {"no", "nr", "num", "number"}:
                    self._houses[lettered] = None
            elif not name and (word in UNITS or (len(word) == 1 and has_number)):
                continue
            else:
                name.append(word)
                if len(name) > 1 and word in TYPES and following not in TYPES:
                    self._take(name, has_number=has_number, has_type=True)
                    name, has_number = [], False
        self._take(name, has_number=has_number, has_type=False)

    def _take(self, words: list[str], *, has_number: bool, has_type: bool) -> None:
        """Keep a name or a place. A kind that ends a town's name too is a place where a street is known already."""
        if not words or " ".join(words) in COUNTRIES:
            return
        is_place = not has_number and bool(self._names) and (not has_type or _full(words[-1]) in WEAK)
        if is_place:
            if len("".join(words)) > 3:
                self._places.append(tuple(words))
        else:
            self._names.append(Name(tuple(words), has_type))


@dataclass(frozen=True)
class WrittenInstitution:
    """A school or a practice: the words that are its own, and what shows that it is meant."""

    core: tuple[str, ...]
    own: tuple[str, ...]
    signs: frozenset[str]

    def is_in(self, text: str) -> bool:
        """Whether a spaced text names it, with or without the words that every such place has in its name."""
        if self._core is None or max(self.core, key=len) not in text:
            return False
        return any(self._is_meant(*_around(text, found.start(), found.end())) for found in self._core.finditer(text))

    @cached_property
    def _core(self) -> re.Pattern[str] | None:
        if len("".join(self.core)) < 4:
            return None
        return re.compile(_START + " ?".join(map(_ways, self.core)) + r"s?" + _END)

    def _is_meant(self, before: str, after: str) -> bool:
        significant = [word for word in self.core if word not in ORDINARY]
        if len(significant) > 1 and self.core[-1] not in TYPES:
            return True
        if len(self.core) > 1 and significant and len(max(significant, key=len)) > 3:
            near = before.split()[-6:] + after.split()[:4]
            return any(word in self.signs for word in near)
        return any(word in self.own for word in after.split()[:1])


def read_institution(folded: str, kind: str) -> WrittenInstitution:
    """Read the name of a school or a practice (`kind` is school or gp), folded."""
    usual, signs = (SCHOOL_WORDS, SCHOOL_SIGNS) if kind == "school" else (GP_WORDS, GP_SIGNS)
    words = re.findall(r"[^\W_]+", _APOSTROPHES.sub("", folded.partition(",")[0]))
    core = tuple(word for word in words if word not in usual)
    return WrittenInstitution(core, tuple(word for word in words if word in usual and len(word) > 3), signs)
