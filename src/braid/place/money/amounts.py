"""Amounts of money: whole pence inside, pounds as people write them outside. No amount is ever a float."""

from __future__ import annotations

import re

from braid.place.money.funds import MOST_PENCE

_POUNDS = re.compile(r"£?((?:\d{1,3}(?:,\d{3})+)|\d{1,12})(?:\.(\d{1,2}))?", re.ASCII)
PENCE, MINUS = 100, "\N{MINUS SIGN}"


def read_pounds(text: str) -> int:
    """Return pence of an amount such as 1,234.50 or £1234.5. Raises `ValueError`, without the text, where it is none.

    More than two places, a sign, or more than may be posted at once are refused, never rounded.
    """
    found = _POUNDS.fullmatch(text.strip())
    if found is None:
        raise ValueError("not an amount: write pounds with at most two places and no sign, such as 1234.50")
    pence = int(found[1].replace(",", "")) * PENCE + int((found[2] or "").ljust(2, "0"))
    if pence > MOST_PENCE:
        raise ValueError("not an amount: it is larger than may be posted at once")
    return pence


def say_pence(pence: int) -> str:
    """Return an amount as people read it: £1,234.50; with a minus sign before it where it is negative."""
    pounds, rest = divmod(abs(pence), PENCE)
    return f"{MINUS if pence < 0 else ''}£{pounds:,}.{rest:02d}"


def say_pounds(pence: int) -> str:
    """Return an amount to the pound, halves upwards, as pictures show it: £1,235."""
    pounds = (abs(pence) + PENCE // 2) // PENCE
    return f"{MINUS if pence < 0 and pounds else ''}£{pounds:,}"


def write_pounds(pence: int) -> str:
    """Return an amount as files hold it: -1234.50."""
    pounds, rest = divmod(abs(pence), PENCE)
    return f"{'-' if pence < 0 else ''}{pounds}.{rest:02d}"
