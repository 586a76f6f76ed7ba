"""Who lives with whom: households by composition, ages, twins, tenure, and who moved in the last three years."""

from __future__ import annotations

from datetime import date

import numpy
from numpy.random import Generator

from braid.example.model import CHILD, GRANDPARENT, HEAD, PARTNER, SHARER, Geography, Households, Integers
from braid.example.streams import vector_stream

YEAR_DAYS = 365.25

# type: (share of households, adults before children, whether it has children, extra grandparents or sharers)
SINGLE, SINGLE_OLD, COUPLE, COUPLE_OLD, FAMILY, LONE_PARENT, GENERATIONS, STUDENTS = range(8)
_SHARES = (0.185, 0.135, 0.205, 0.115, 0.215, 0.085, 0.035, 0.025)
_CHILDREN = (0.44, 0.38, 0.12, 0.045, 0.015)
"""Shares of families with one to five children (Census-like; larger families are rarer)."""
TWIN_SHARE = 0.015


def build_households(
    people: int, seed: int, as_of: date, geography: Geography
) -> tuple[Households, dict[str, numpy.ndarray[tuple[int], numpy.dtype[numpy.int64]]]]:
    """Return the households and the columns `household`, `role`, `birth` and `female` of exactly `people` people."""
    draw = vector_stream(seed, "households")
    kinds, children, sizes = _compositions(people, draw)
    first = numpy.concatenate(([0], numpy.cumsum(sizes)))
    household = numpy.repeat(numpy.arange(len(sizes)), sizes)
    position = numpy.arange(people) - first[household]
    role = _roles(kinds[household], children[household], position)
    birth, female = _ages(household, role, kinds, as_of, draw)
    homes = _homes(first, kinds, as_of, geography, draw)
    return homes, {"household": household, "role": role, "birth": birth, "female": female.astype(numpy.int64)}


def _compositions(people: int, draw: Generator) -> tuple[Integers, Integers, Integers]:
    """Return kind, number of children and size of each household; the last is cut so that the sizes sum to `people`."""
    count = people
    kinds = draw.choice(8, size=count, p=_SHARES)
    has_children = numpy.isin(kinds, (FAMILY, LONE_PARENT, GENERATIONS))
    children = numpy.where(has_children, 1 + draw.choice(5, size=count, p=_CHILDREN), 0)
    adults = numpy.array([1, 1, 2, 2, 2, 1, 2, 1])[kinds]
    extra = numpy.where(kinds == GENERATIONS, draw.integers(1, 3, count), 0)
    extra = numpy.where(kinds == STUDENTS, draw.integers(2, 5, count), extra)
    sizes = adults + children + extra
    last = int(numpy.searchsorted(numpy.cumsum(sizes), people))
    kinds, children, sizes = kinds[: last + 1], children[: last + 1], sizes[: last + 1].copy()
    spare = int(sizes.sum()) - people
    if spare:
        sizes[-1] -= spare
        kinds[-1], children[-1] = (STUDENTS, 0)
    return kinds, children, sizes


def _roles(kind: Integers, children: Integers, position: Integers) -> Integers:
    couple = numpy.isin(kind, (COUPLE, COUPLE_OLD, FAMILY, GENERATIONS))
    adults = 1 + couple
    role = numpy.full(len(kind), SHARER)
    role[(kind == GENERATIONS) & (position >= adults + children)] = GRANDPARENT
    role[(position >= adults) & (position < adults + children)] = CHILD
    role[couple & (position == 1)] = PARTNER
    role[position == 0] = HEAD
    return role


def _ages(
    household: Integers, role: Integers, kinds: Integers, as_of: date, draw: Generator
) -> tuple[Integers, numpy.ndarray[tuple[int], numpy.dtype[numpy.bool_]]]:
    """Return day of birth and sex. Parents are 18 to 45 years older than their children."""
    homes, today = len(kinds), as_of.toordinal()
    young = draw.integers(18, 66, homes)
    old = 65 + numpy.minimum(draw.exponential(9, homes), 36)
    head = numpy.select(
        [numpy.isin(kinds, (SINGLE_OLD, COUPLE_OLD)), kinds == STUDENTS], [old, draw.integers(18, 24, homes)], young
    ).astype(float)
    age = numpy.zeros(len(household))
    child_age = _child_ages(household, role, homes, draw)
    oldest = numpy.zeros(homes)
    numpy.maximum.at(oldest, household, numpy.where(role == CHILD, child_age, 0))
    parents = numpy.isin(kinds, (FAMILY, LONE_PARENT, GENERATIONS))
    gap = numpy.clip(draw.normal(28, 5, homes), 18.5, 44)
    head = numpy.where(parents, oldest + gap, head)
    age = numpy.where(role == HEAD, head[household], age)
    age = numpy.where(role == PARTNER, numpy.maximum(18.2, head[household] + draw.normal(0, 3, len(age))), age)
    age = numpy.where(role == CHILD, child_age, age)
    age = numpy.where(role == GRANDPARENT, head[household] + numpy.clip(draw.normal(27, 4, len(age)), 18, 40), age)
    age = numpy.where(role == SHARER, draw.integers(18, 24, len(age)) + draw.random(len(age)), age)
    age = numpy.minimum(numpy.where(role == CHILD, age, age + draw.random(len(age)) * 0.9), 103)
    birth = today - numpy.floor(age * YEAR_DAYS).astype(numpy.int64)
    _make_twins(birth, household, role, draw)
    return birth, _sexes(household, role, kinds, draw)


def _child_ages(
    household: Integers, role: Integers, homes: int, draw: Generator
) -> numpy.ndarray[tuple[int], numpy.dtype[numpy.float64]]:
    """Return ages of the children: the youngest is 0 to 18, each elder sibling at least ten months older."""
    youngest = draw.random(homes) * 18.5
    is_child = role == CHILD
    steps = numpy.where(is_child, 0.9 + draw.exponential(1.6, len(role)), 0.0)
    new_home = numpy.concatenate(([True], household[1:] != household[:-1]))
    first_child = is_child & (new_home | numpy.concatenate(([True], ~is_child[:-1])))
    steps[first_child] = 0
    running = numpy.cumsum(steps)
    start = numpy.zeros(homes)
    start[household[first_child]] = running[first_child]
    return numpy.where(is_child, numpy.minimum(youngest[household] + running - start[household], 27), 0.0)


def _make_twins(birth: Integers, household: Integers, role: Integers, draw: Generator) -> None:
    both = (role[1:] == CHILD) & (role[:-1] == CHILD) & (household[1:] == household[:-1])
    twins = numpy.flatnonzero(both & (draw.random(len(both)) < TWIN_SHARE * 2)) + 1
    birth[twins] = birth[twins - 1]


def _sexes(
    household: Integers, role: Integers, kinds: Integers, draw: Generator
) -> numpy.ndarray[tuple[int], numpy.dtype[numpy.bool_]]:
    female = draw.random(len(role)) < 0.505
    head_female = draw.random(len(kinds)) < numpy.where(kinds == LONE_PARENT, 0.88, 0.5)
    female[role == HEAD] = head_female[household[role == HEAD]]
    partners = role == PARTNER
    same_sex = draw.random(len(role)) < 0.02
    female[partners] = head_female[household[partners]] == same_sex[partners]
    return female


def _homes(first: Integers, kinds: Integers, as_of: date, geography: Geography, draw: Generator) -> Households:
    """Return homes: an address each, a former one for the quarter that moved in three years, and the tenure."""
    count = len(first) - 1
    weights = [district.weight for district in geography.districts]
    district = draw.choice(len(weights), size=count, p=weights)
    address = numpy.empty(count, dtype=numpy.int64)
    for index in range(len(weights)):
        own = numpy.flatnonzero(district == index)
        low, high = geography.first_home[index], geography.first_home[index + 1]
        pool = draw.permutation(numpy.arange(low, high))
        address[own] = numpy.resize(pool, len(own))
    moved = draw.random(count) < numpy.where(kinds == STUDENTS, 0.8, 0.26)
    before = draw.integers(0, geography.first_home[-1], count)
    when = as_of.toordinal() - draw.integers(5, 1095, count)
    tenure = draw.choice(3, size=count, p=(0.62, 0.20, 0.18))
    tenure = numpy.where(kinds == STUDENTS, 1, tenure)
    return Households(
        first, address, numpy.where(moved, before, -1), numpy.where(moved, when, 0), tenure.astype(numpy.int64)
    )
