"""Geometry of the picture of an agenda: for each organisation its own cases, and the time between them that it waits.

The template draws it as SVG; own cases are filled boxes with their places, waiting is a broken line, so that it reads
without colour. The same figures stand in a table beside it.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from braid.care.agenda_spans import Timed, spans_of
from braid.language.dates import LONDON
from braid.web.organisation_names import organisation_words

WIDTH, ROW = 376, 40
MOST_TICKS = 6
STEPS_MINUTES = (15, 30, 60, 120)


@dataclass(frozen=True)
class Piece:
    """A case of an organisation: its place, and from where to where it is drawn."""

    place: int
    x: float
    width: float


@dataclass(frozen=True)
class RowOfSpan:
    """An organisation: what is said of it, where it is drawn, its cases, and from where to where it is in the room."""

    words: str
    y: int
    pieces: tuple[Piece, ...]
    x1: float
    x2: float


@dataclass(frozen=True)
class SpanPicture:
    """All organisations over one axis, with its labelled ticks and, where it lies inside, the end of the meeting."""

    rows: tuple[RowOfSpan, ...]
    ticks: tuple[tuple[float, str], ...]
    height: int
    end_x: float | None


def draw_spans(timed: Sequence[Timed], starts_at: dt.datetime, length_minutes: int) -> SpanPicture:
    """Return the picture of an agenda of a meeting that begins at an instant and lasts so many minutes."""
    last = max([length_minutes, *(one.end for one in timed)])
    scale = WIDTH / last
    places = {one.case.slot.item: place for place, one in enumerate(timed, 1)}
    rows = tuple(
        RowOfSpan(
            words=_words(organisation_words(span.organisation), span.minutes, span.waited),
            y=number * ROW,
            pieces=tuple(
                Piece(places[one.case.slot.item], round(one.begin * scale, 1), round((one.end - one.begin) * scale, 1))
                for one in span.own
            ),
            x1=round(span.begin * scale, 1),
            x2=round(span.end * scale, 1),
        )
        for number, span in enumerate(spans_of(timed))
    )
    step = next((step for step in STEPS_MINUTES if last / step <= MOST_TICKS), STEPS_MINUTES[-1])
    ticks = tuple((round(at * scale, 1), _time(starts_at, at)) for at in range(0, last + 1, step))
    end_x = round(length_minutes * scale, 1) if length_minutes < last else None
    return SpanPicture(rows, ticks, len(rows) * ROW, end_x)


def _words(name: str, minutes: int, waited: int) -> str:
    return f"{name}: {minutes} minutes" + (f", waits {waited}" if waited else "")


def _time(starts_at: dt.datetime, minute: int) -> str:
    return f"{(starts_at + dt.timedelta(minutes=minute)).astimezone(LONDON):%H:%M}"
