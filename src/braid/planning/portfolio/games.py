"""What is gained together, shared out: a cooperative game, its Shapley value, and who would be better off alone.

A game says of each coalition what it is worth by itself. The Shapley value (Shapley 1953) gives each player the mean of
what it adds to those who came before it, over all orders in which they may come. A sharing is in the core where no
coalition is worth more by itself than its members are given. Plain Python, no solver.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

Coalition = frozenset[str]
Worth = Callable[[Coalition], float]
"""What a coalition is worth by itself; 0 for nobody."""
MOST_EXACT = 12
"""Players whose coalitions are all looked at: 4,096 of twelve."""
CLOSE = 1e-9


@dataclass(frozen=True)
class Share:
    """What the Shapley value gives a player, and the standard error of that; 0 where all orders were counted."""

    player: str
    value: float
    error: float = 0.0


@dataclass(frozen=True)
class Excess:
    """By how much a coalition is worth more by itself than it is given; below 0 where it is given more."""

    coalition: Coalition
    amount: float


def coalitions(players: Sequence[str]) -> Iterator[Coalition]:
    """Yield every coalition but nobody, the smallest first, everybody last."""
    for size in range(1, len(players) + 1):
        yield from (frozenset(those) for those in combinations(players, size))


def shapley(players: Sequence[str], worth: Worth) -> tuple[Share, ...]:
    """Return the Shapley value over all coalitions, exactly.

    A coalition of s of n players is worth what it is in s!(n - s - 1)! of the n! orders in which one more joins it.
    """
    n = len(players)
    weights = [math.factorial(size) * math.factorial(n - size - 1) / math.factorial(n) for size in range(n)]
    shares: dict[str, list[float]] = {player: [] for player in players}
    for player in players:
        others = [other for other in players if other != player]
        for before in (frozenset(), *coalitions(others)):
            shares[player].append(weights[len(before)] * (worth(before | {player}) - worth(before)))
    return tuple(Share(player, math.fsum(shares[player])) for player in players)


def sampled_shapley(players: Sequence[str], worth: Worth, pairs: int, seed: int) -> tuple[Share, ...]:
    """Return the Shapley value estimated from orders drawn at random, each with its reverse, and its standard error.

    The shares of each pair of orders add up to the worth of everybody, and so do their means (Castro, Gómez and Tejada
    2009; reversed orders after Mitchell and others 2022). Raises `ValueError` for fewer than two pairs.
    """
    if pairs < 2:
        raise ValueError("an error needs two pairs of orders at least: ask for more")
    draw, added = random.Random(seed), {player: [0.0] * pairs for player in players}
    for pair in range(pairs):
        order = draw.sample(list(players), len(players))
        for way in (order, order[::-1]):
            for at, player in enumerate(way):
                before = frozenset(way[:at])
                added[player][pair] += (worth(before | {player}) - worth(before)) / 2
    return tuple(_mean_share(player, added[player]) for player in players)


def _mean_share(player: str, values: Sequence[float]) -> Share:
    mean = math.fsum(values) / len(values)
    spread = math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1)
    return Share(player, mean, math.sqrt(spread / len(values)))


def worst_excess(players: Sequence[str], worth: Worth, given: Mapping[str, float]) -> Excess:
    """Return the coalition that would gain most, or lose least, by going alone; never everybody.

    The sharing is in the core where its amount is not above 0 and everybody is given what everybody is worth.
    """
    smaller = [each for each in coalitions(players) if len(each) < len(players)]
    if not smaller:
        return Excess(frozenset(players), 0.0)
    found = [Excess(each, worth(each) - math.fsum(given[player] for player in each)) for each in smaller]
    return max(found, key=lambda excess: (excess.amount, -len(excess.coalition), sorted(excess.coalition)))


@dataclass(frozen=True)
class Payment:
    """One body pays another, in pence."""

    payer: str
    payee: str
    pence: int


def to_pence(amounts: Mapping[str, float], total: int = 0) -> dict[str, int]:
    """Return amounts in pence as whole pence that add up to a total; what does not divide goes by largest remainder."""
    floors = {name: math.floor(amount + CLOSE) for name, amount in amounts.items()}
    missing = total - sum(floors.values())
    by_remainder = sorted(amounts, key=lambda name: (floors[name] - amounts[name], name))
    whole, rest = divmod(missing, len(by_remainder)) if by_remainder else (0, 0)
    return {name: floors[name] + whole + (name in by_remainder[:rest]) for name in amounts}


def settle(transfers: Mapping[str, int]) -> tuple[Payment, ...]:
    """Return who pays whom so that everybody has its transfer: the largest debt to the largest claim first.

    Transfers above 0 are received; they add up to 0. At most one payment fewer than there are bodies.
    """
    left = dict(transfers)
    found = []
    while any(left.values()):
        payer = min(left, key=lambda body: (left[body], body))
        payee = max(left, key=lambda body: (left[body], body))
        pence = min(-left[payer], left[payee])
        left[payer], left[payee] = left[payer] + pence, left[payee] - pence
        found.append(Payment(payer, payee, pence))
    return tuple(found)
