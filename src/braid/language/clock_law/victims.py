"""Times of the Victims' Code.

Source: Code of Practice for Victims of Crime in England and Wales, in force from 1 April 2021. A new Code under the
Victims and Prisoners Act 2024 is expected: it becomes a new version here.
"""

from __future__ import annotations

import datetime as dt

from braid.language.calendars import DayType
from braid.language.clock_model import ClockRule, Limit, Per, Unit

_CODE = "Victims' Code 2021"
_CODE_2021 = dt.date(2021, 4, 1)
_CHECK = "The days in the Code that holds: a new one is expected under the Victims and Prisoners Act 2024"


def _time(kind: str, days: int, start_words: str, stop: str, words: str) -> ClockRule:
    return ClockRule(
        kind=kind,
        holds_from=_CODE_2021,
        limit=Limit(days, Unit.DAYS, DayType.WORKING),
        start_words=start_words,
        stops=(stop,),
        per=Per.PERSON,
        law=f"{_CODE}: {words}",
        binding=False,
        check=_CHECK,
    )


VICTIMS: tuple[ClockRule, ...] = (
    _time(
        "victim_notice",
        5,
        "the decision, or the day a date of hearing became known",
        "victim told",
        "told of key decisions and court dates within 5 working days",
    ),
    _time(
        "victim_notice_enhanced",
        1,
        "the decision, or the day a date of hearing became known, for a victim with enhanced rights",
        "victim told",
        "told of key decisions and court dates within 1 working day under enhanced rights",
    ),
    _time(
        "victim_support_referral",
        2,
        "the day the crime was reported",
        "referred to a service that supports victims",
        "referred to support within 2 working days of reporting",
    ),
)
