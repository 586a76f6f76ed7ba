"""Geometry of the pictures of a fund. The templates draw it as SVG; the same figures stand in a table beneath."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from braid.place.money.amounts import say_pounds
from braid.place.money.funds import PAID_FOR
from braid.web.funds.seen import BodyShare

BAR_LENGTH, ROW_HEIGHT, LABEL_HEIGHT = 560.0, 62.0, 22.0
COLUMNS_WIDTH, COLUMNS_HEIGHT = 560.0, 200.0
WIDEST_COLUMN = 40.0
COLOURS: Mapping[str, str] = {"posts": "#1d70b8", "services": "#f47738", "outcomes": "#0f7a52"}


@dataclass(frozen=True)
class Part:
    """A part of a bar: what it is, its amount in words, where it begins and how long it is."""

    code: str
    shown: str
    x: float
    width: float


@dataclass(frozen=True)
class Bar:
    """A bar of one body: its name with what it contributed, its height on the page, its parts."""

    label: str
    y: float
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Bars:
    """Bars with a common scale from nothing."""

    bars: tuple[Bar, ...]
    height: float


def draw_shares(shares: Sequence[BodyShare]) -> Bars:
    """Return a bar for each body: spent, then committed, then what is left of its contribution."""
    longest = max((max(one.fell_due, one.spent + one.committed) for one in shares), default=0) or 1
    bars = []
    for at, one in enumerate(shares):
        amounts = {"spent": one.spent, "committed": one.committed, "left": max(0, one.left)}
        parts, x = [], 0.0
        for code, pence in amounts.items():
            width = round(BAR_LENGTH * pence / longest, 1)
            parts.append(Part(code, say_pounds(pence), x, width))
            x = round(x + width, 1)
        bars.append(Bar(f"{one.name}: {say_pounds(one.fell_due)}", at * ROW_HEIGHT, tuple(parts)))
    return Bars(tuple(bars), len(bars) * ROW_HEIGHT)


@dataclass(frozen=True)
class Piece:
    """A piece of a column: what was paid for, where it begins from the top and how high it is."""

    code: str
    y: float
    height: float


@dataclass(frozen=True)
class Column:
    """A period: where it stands, and its pieces from the bottom up; none where nothing was spent."""

    x: float
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class Columns:
    """The share of posts, services and outcomes in each period, with ticks of some periods beneath."""

    columns: tuple[Column, ...]
    width: float
    ticks: tuple[tuple[float, str], ...]


def draw_shift(months: Sequence[tuple[dt.date, Mapping[str, int]]]) -> Columns | None:
    """Return the columns of the shift; `None` where nothing was spent."""
    if not months:
        return None
    step = COLUMNS_WIDTH / len(months)
    width = round(min(WIDEST_COLUMN, step * 0.8), 1)
    columns = tuple(Column(round(at * step, 1), _pieces(spent)) for at, (_, spent) in enumerate(months))
    every = max(1, -(-len(months) // 6))
    ticks = tuple((round(at * step + width / 2, 1), f"{months[at][0]:%b %y}") for at in range(0, len(months), every))
    return Columns(columns, width, ticks)


def _pieces(spent: Mapping[str, int]) -> tuple[Piece, ...]:
    total = sum(max(0, pence) for pence in spent.values())
    pieces, top = [], COLUMNS_HEIGHT
    for code in PAID_FOR if total else ():
        height = round(COLUMNS_HEIGHT * max(0, spent[code]) / total, 1)
        top = round(top - height, 1)
        pieces.append(Piece(code, max(0.0, top), height))
    return tuple(pieces)


def shift_rows(
    months: Iterable[tuple[dt.date, Mapping[str, int]]],
) -> list[tuple[dt.date, list[tuple[int, int | None]]]]:
    """Return for each period the pence and the whole per cent of posts, services and outcomes."""
    found = []
    for month, spent in months:
        total = sum(spent.values())
        parts = [(spent[code], (200 * spent[code] + total) // (2 * total) if total > 0 else None) for code in PAID_FOR]
        found.append((month, parts))
    return found
