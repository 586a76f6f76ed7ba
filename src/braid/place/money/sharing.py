"""Sharing pence out so that the parts are whole and come to the whole."""

from __future__ import annotations

from collections.abc import Mapping


def share_out(pence: int, weights: Mapping[str, int]) -> dict[str, int]:
    """Return `pence` shared out in proportion to whole weights, by largest remainder (Hamilton's method).

    Each part is its exact share rounded down or up by less than a penny; pennies left over go to the largest
    remainders, and of equal ones to the id that comes first. Raises `ValueError` for negative pence or weights that
    come to nothing.
    """
    whole = sum(weights.values())
    if pence < 0 or whole <= 0 or any(weight < 0 for weight in weights.values()):
        raise ValueError("pence and weights are not negative, and the weights come to more than nothing")
    parts = {one: pence * weight // whole for one, weight in weights.items()}
    left = pence - sum(parts.values())
    order = sorted(weights, key=lambda one: (-(pence * weights[one] % whole), one))
    for one in order[:left]:
        parts[one] += 1
    return dict(sorted(parts.items()))
