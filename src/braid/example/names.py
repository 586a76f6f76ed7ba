"""Names by tradition, with what makes them hard to link: shared names, marriages, hyphens, namesakes, doubles."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import numpy
from numpy.random import Generator

from braid.example.households import YEAR_DAYS
from braid.example.model import CHILD, PARTNER, Integers, People
from braid.example.streams import vector_stream

_FILE = Path(__file__).parent / "data" / "names.toml"


@dataclass(frozen=True)
class Tradition:
    """Forenames and surnames, most common first, and the ethnicities of the people who bear them, with shares."""

    name: str
    share: float
    female: tuple[str, ...]
    male: tuple[str, ...]
    family: tuple[str, ...]
    ethnicities: dict[str, float]


@cache
def load_traditions() -> tuple[Tradition, ...]:
    """Return the name traditions of the data file."""
    tables = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return tuple(_tradition(name, table) for name, table in tables.items() if "share" in table)


def _tradition(name: str, table: dict[str, object]) -> Tradition:
    stems, endings = str(table.get("stems", "")).split(), str(table.get("endings", "")).split()
    built = [stem + ending for stem in stems for ending in endings]
    ethnicities = table["ethnicities"]
    return Tradition(
        name,
        float(str(table["share"])),
        _words(table["female"]),
        _words(table["male"]),
        _words(table["family"]) + tuple(built),
        dict(ethnicities) if isinstance(ethnicities, dict) else {},
    )


def _words(text: object) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(text).split()))


@cache
def load_variants(kind: str) -> dict[str, tuple[str, ...]]:
    """Return the other spellings of names: `nicknames` or `transliterations`."""
    pairs = tomllib.loads(_FILE.read_text(encoding="utf-8"))[kind]["pairs"].split()
    return {name: tuple(others.split(",")) for name, others in (pair.split(":") for pair in pairs)}


def name_people(columns: dict[str, Integers], households: int, seed: int, as_of: date) -> People:
    """Return the people of the columns with names and ethnicity.

    A household shares its tradition and its family name; one couple in eight mixes traditions, one partner in four
    keeps her or his own name, and one name in fifty is hyphenated.
    """
    draw = vector_stream(seed, "names")
    traditions = load_traditions()
    shares = numpy.array([tradition.share for tradition in traditions])
    home_tradition = draw.choice(len(traditions), size=households, p=shares / shares.sum())
    tradition = home_tradition[columns["household"]]
    mixed = (columns["role"] == PARTNER) & (draw.random(len(tradition)) < 0.12)
    tradition = numpy.where(
        mixed, draw.choice(len(traditions), size=len(tradition), p=shares / shares.sum()), tradition
    )
    given = _given_names(tradition, columns["female"].astype(bool), traditions, draw)
    own = _family_names(tradition, traditions, draw)
    people = People(
        columns["household"],
        columns["role"],
        columns["birth"],
        columns["female"].astype(bool),
        tradition,
        given,
        own,
        _ethnicities(tradition, traditions, draw),
    )
    _share_family_names(people, as_of, draw)
    _make_namesakes(people, draw)
    _make_doubles(people, draw)
    return people


def _ranked(size: int, count: int, draw: Generator, flatness: float) -> Integers:
    """Return indexes whose frequency falls with their rank, as names' do."""
    weights = 1.0 / (numpy.arange(size) + flatness)
    return draw.choice(size, size=count, p=weights / weights.sum())


def _given_names(
    tradition: Integers,
    female: numpy.ndarray[tuple[int], numpy.dtype[numpy.bool_]],
    lists: tuple[Tradition, ...],
    draw: Generator,
) -> list[str]:
    result = numpy.empty(len(tradition), dtype=object)
    for index, names in enumerate(lists):
        for is_female, pool in ((True, names.female), (False, names.male)):
            who = numpy.flatnonzero((tradition == index) & (female == is_female))
            result[who] = numpy.array(pool, dtype=object)[_ranked(len(pool), len(who), draw, 12)]
    return result.tolist()


def _family_names(tradition: Integers, lists: tuple[Tradition, ...], draw: Generator) -> list[str]:
    result = numpy.empty(len(tradition), dtype=object)
    for index, names in enumerate(lists):
        who = numpy.flatnonzero(tradition == index)
        result[who] = numpy.array(names.family, dtype=object)[_ranked(len(names.family), len(who), draw, 15)]
    return result.tolist()


def _ethnicities(tradition: Integers, lists: tuple[Tradition, ...], draw: Generator) -> list[str]:
    result = numpy.empty(len(tradition), dtype=object)
    for index, names in enumerate(lists):
        who = numpy.flatnonzero(tradition == index)
        shares = numpy.array(list(names.ethnicities.values()))
        result[who] = draw.choice(
            numpy.array(list(names.ethnicities), dtype=object), size=len(who), p=shares / shares.sum()
        )
    return result.tolist()


def _share_family_names(people: People, as_of: date, draw: Generator) -> None:
    """Give children and most partners the head's name, remembering the name before marriage."""
    heads: dict[int, str] = {}
    luck = draw.random(len(people))
    when = draw.random(len(people))
    for index, (household, role) in enumerate(zip(people.household.tolist(), people.role.tolist(), strict=True)):
        if role == PARTNER and luck[index] < 0.75:
            _marry(people, index, heads[household], as_of, float(luck[index]), float(when[index]))
        elif role == CHILD:
            people.family[index] = heads[household]
        heads.setdefault(household, people.family[index])


def _marry(people: People, index: int, shared: str, as_of: date, luck: float, when: float) -> None:
    before = people.family[index]
    if before == shared:
        return
    people.former_family[index] = before
    people.family[index] = f"{before}-{shared}" if luck < 0.02 and "-" not in before else shared
    adult = int(people.birth[index]) + round(19 * YEAR_DAYS)
    span = max(1, min(as_of.toordinal() - adult, round(25 * YEAR_DAYS)))
    people.married[index] = date.fromordinal(as_of.toordinal() - round(span * when * when))


def _make_namesakes(people: People, draw: Generator) -> None:
    """Give one son in forty his father's forename."""
    boys = numpy.flatnonzero((people.role == CHILD) & ~people.female & (draw.random(len(people)) < 0.025))
    for boy in boys.tolist():
        home = int(people.household[boy])
        low = int(numpy.searchsorted(people.household, home))
        fathers = [k for k in (low, low + 1) if k != boy and people.role[k] != CHILD and not people.female[k]]
        if fathers:
            people.given[boy] = people.given[fathers[0]]


def _make_doubles(people: People, draw: Generator) -> None:
    """Make strangers who share name, sex and date of birth: one pair in four thousand people, at least two pairs."""
    adults = numpy.flatnonzero(people.role != CHILD)
    for _ in range(max(2, len(people) // 4000)):
        one, other = (int(k) for k in draw.choice(adults, size=2, replace=False))
        if people.household[one] != people.household[other] and people.female[one] == people.female[other]:
            people.given[other], people.family[other] = people.given[one], people.family[one]
            people.birth[other] = people.birth[one]
            people.former_family.pop(other, None)
            people.married.pop(other, None)
