"""How many bedrooms a household needs by the bedroom standard of the English Housing Survey (Housing Act 1985).

One for each couple, one for each other person of 21 or more, one for each two of 10 to 20 of the same sex, one for each
two children under 10. Whoever of 10 to 20 is left over shares with a child under 10 of the same sex where there is one,
and else has a bedroom alone, as has a child under 10 who is left over. An unborn child counts once it is born.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

ADULT_FROM_YEARS, SHARES_WITH_ANY_UNDER_YEARS = 21, 10


@dataclass(frozen=True)
class Sleeper:
    """Somebody who needs a bed: age in years and sex; whose sex is not known shares with no older child."""

    age_years: int
    sex: str


def bedrooms_needed(sleepers: Iterable[Sleeper], couples: int = 0) -> int:
    """Return the bedrooms of the standard. `couples` counts those of two adults; each takes two of them into one room.

    Raises `ValueError` where there are more couples than adults for them; an adult here is somebody of 16 or more.
    """
    people = list(sleepers)
    grown = sorted((one for one in people if one.age_years >= 16), key=lambda one: -one.age_years)
    if couples < 0 or 2 * couples > len(grown):
        raise ValueError("a couple is two people of 16 or more")
    paired = grown[: 2 * couples]
    rest = [one for one in people if all(one is not other for other in paired)]
    alone = sum(one.age_years >= ADULT_FROM_YEARS for one in rest)
    children = [one for one in rest if one.age_years < ADULT_FROM_YEARS]
    return couples + alone + _of_children(children)


def _of_children(children: list[Sleeper]) -> int:
    older = Counter(one.sex for one in children if one.age_years >= SHARES_WITH_ANY_UNDER_YEARS)
    younger = Counter(one.sex for one in children if one.age_years < SHARES_WITH_ANY_UNDER_YEARS)
    rooms = older.pop("unknown", 0)
    for sex, number in sorted(older.items()):
        rooms += (number + 1) // 2
        if number % 2 and younger[sex]:
            younger[sex] -= 1
    return rooms + (younger.total() + 1) // 2
