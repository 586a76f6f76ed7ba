"""Forensic and health windows after a sexual offence: until when what is worth taking or giving, by what happened.

They are guidance for those who refer: hours to days, a task of the same day, never queued behind a meeting. The
examiner decides. Nobody is told that it is too late: whoever asks is referred whatever the time.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass

_FFLM = (
    "Faculty of Forensic and Legal Medicine, Recommendations for the collection of forensic specimens from complainants"
    " and suspects (January 2021)"
)
_BASHH = (
    "UK Guideline for the use of HIV Post-Exposure Prophylaxis 2021 (British Association for Sexual Health and HIV),"
    " which took the place of its guideline of 2015"
)
CHECK = (
    "The edition of the recommendations that holds: that of January 2021 was to be reviewed by July 2021, and a sexual"
    " assault referral centre may go by shorter or longer times"
)
ACTS: Mapping[str, str] = {
    "vaginal": "Vaginal penetration",
    "anal": "Anal penetration",
    "oral": "Oral penetration",
    "digital": "Penetration by a finger or an object",
    "skin": "Kissing, licking, biting or other contact with the skin",
    "drugs": "Drink or drugs may have been given",
}
"""What happened, as far as a window rests on it. Nothing more of it is kept."""
_PENETRATION = frozenset({"vaginal", "anal", "oral"})


@dataclass(frozen=True)
class Window:
    """Until how many hours after it happened something is worth doing; `best_hours` is the sooner time asked for."""

    code: str
    name: str
    acts: frozenset[str]
    hours: int
    source: str
    best_hours: int | None = None


WINDOWS: tuple[Window, ...] = (
    Window("oral_samples", "Samples from the mouth", frozenset({"oral"}), 48, _FFLM, 24),
    Window("digital_samples", "Samples after penetration by a finger or an object", frozenset({"digital"}), 48, _FFLM),
    Window("skin_samples", "Samples from the skin", frozenset({"skin"}), 48, _FFLM),
    Window("anal_samples", "Anal samples", frozenset({"anal"}), 72, _FFLM),
    Window("blood", "Blood for drugs and alcohol", frozenset({"drugs"}), 72, _FFLM),
    Window("hiv_prophylaxis", "Medicine against HIV", _PENETRATION, 72, _BASHH, 24),
    Window("urine", "Urine for drugs and alcohol", frozenset({"drugs"}), 120, _FFLM),
    Window(
        "contraception",
        "Emergency contraception",
        frozenset({"vaginal"}),
        120,
        "Faculty of Sexual and Reproductive Healthcare, Emergency contraception",
        72,
    ),
    Window("vaginal_samples", "Vaginal samples", frozenset({"vaginal"}), 168, _FFLM),
)
"""Shortest first. Figures as found in November 2026; `CHECK` says what to look up before relying on them."""


@dataclass(frozen=True)
class WindowSeen:
    """A window for one incident: until when, best before when, and whether it is open."""

    window: Window
    until: dt.datetime
    best_until: dt.datetime | None
    is_open: bool


def windows_of(acts: Collection[str], at: dt.datetime, now: dt.datetime) -> tuple[WindowSeen, ...]:
    """Return the windows that what happened opens, those that close first before others: hours by the clock."""
    return tuple(
        WindowSeen(
            window,
            until := at + dt.timedelta(hours=window.hours),
            at + dt.timedelta(hours=window.best_hours) if window.best_hours else None,
            now <= until,
        )
        for window in WINDOWS
        if window.acts & set(acts)
    )
