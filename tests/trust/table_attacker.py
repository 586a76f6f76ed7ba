"""An attacker who knows the rule, reads a published table and works out what each hidden number can be.

Independent of what it attacks: it knows its own rounding, and asks the publishing function only as anybody could who
has the source code: which totals would be shown like this one? Bounds are exact: sums of whole numbers in ranges fill
their range, and so do sums of pairs under one inequality, as their constraints are differences (totally unimodular).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

Span = tuple[int, int]
FAR = 10**6
ShowTotal = Callable[[int, Span], int | None]


def nearest_five(number: int) -> int | None:
    """The rule as the manual words it."""
    if number == 0:
        return 0
    if number < 8:
        return None
    return min(range(0, number + 6, 5), key=lambda five: abs(five - number))


@lru_cache(maxsize=4096)
def behind(shown: int | None) -> Span:
    """Every number shown so, tried one by one."""
    near = range(13) if shown is None else range(max(0, shown - 6), shown + 7)
    found = [number for number in near if nearest_five(number) == shown]
    return min(found), max(found)


@lru_cache(maxsize=200_000)
def totals_behind(show_total: ShowTotal, shown: int | None, known: Span, least: int | None = None) -> Span:
    """Every total shown so beside such parts, tried one by one; totals below the parts (`least`) cannot be."""
    near = range(20) if shown is None else range(max(0, shown - 20), shown + 21)
    floor = known[0] if least is None else least
    found = [number for number in near if number >= floor and show_total(number, known) == shown]
    return min(found), max(found)


def plus(spans: Sequence[Span]) -> Span:
    return sum(low for low, _ in spans), sum(high for _, high in spans)


def attack_sum(parts: Sequence[Span], total: Span, rest_is_nobody: bool) -> list[Span] | None:
    """What each part can be, given the total; `None` if all of it cannot be. Other people may be in no part."""
    low, high = plus(parts)
    if total[1] < low or (rest_is_nobody and total[0] > high):
        return None
    found = []
    for first, last in parts:
        least = max(first, total[0] - (high - last)) if rest_is_nobody else first
        found.append((least, min(last, total[1] - (low - first))))
    return found


@dataclass(frozen=True)
class Pairs:
    """Pairs (whole, some) with some <= whole: the range of each and of the difference."""

    whole: Span
    some: Span
    rest: Span


def pairs(whole: Span, some: Span) -> Pairs | None:
    """The pairs in two ranges, the ranges made tight; `None` if there are none."""
    whole, some = (max(whole[0], some[0]), whole[1]), (some[0], min(some[1], whole[1]))
    if whole[0] > whole[1] or some[0] > some[1]:
        return None
    return Pairs(whole, some, (max(0, whole[0] - some[1]), whole[1] - some[0]))


def can_be(cells: Sequence[Pairs], whole: Span, some: Span) -> bool:
    """Whether cells can add up to a pair of totals in these ranges."""
    wholes = _meet(plus([cell.whole for cell in cells]), whole)
    somes = _meet(plus([cell.some for cell in cells]), some)
    rests = _meet(plus([cell.rest for cell in cells]), (0, FAR))
    if wholes is None or somes is None or rests is None:
        return False
    return _meet((wholes[0] - somes[1], wholes[1] - somes[0]), rests) is not None


def _meet(one: Span, other: Span) -> Span | None:
    low, high = max(one[0], other[0]), min(one[1], other[1])
    return (low, high) if low <= high else None


def attack_pairs(
    wholes: Sequence[int | None],
    somes: Sequence[int | None],
    whole: Span,
    some: Span,
    rest_is_nobody: bool,
    enough: int = 2,
) -> list[tuple[str, int, list[int]]] | None:
    """For each suppressed cell of two rows, some <= whole, up to `enough` values it can have; `None` if none fits."""
    made = [pairs(behind(one), behind(other)) for one, other in zip(wholes, somes, strict=True)]
    nowhere = (0, 0) if rest_is_nobody else (0, FAR)
    cells = [cell for cell in made if cell is not None] + [Pairs(nowhere, nowhere, nowhere)]
    if len(cells) <= len(wholes) or not can_be(cells, whole, some):
        return None
    found = []
    for index, shown in enumerate(zip(wholes, somes, strict=True)):
        for side, name in enumerate(("whole", "some")):
            if shown[side] is None:
                values: list[int] = []
                for number in range(1, 8):
                    spans = [behind(shown[0]), behind(shown[1])]
                    spans[side] = (number, number)
                    fixed = pairs(*spans)
                    others = [*cells[:index], *cells[index + 1 :]]
                    if fixed is not None and can_be([*others, fixed], whole, some):
                        values.append(number)
                    if len(values) == enough:
                        break
                found.append((name, index, values))
    return found
