"""Clocks of education, health and care plans and of school places.

Sources: Special Educational Needs and Disability Regulations 2014 (SI 2014/1530) regs 5, 10 and 13; School Admissions
Code 2021.
"""

from __future__ import annotations

import datetime as dt

from braid.language.calendars import DayType
from braid.language.clock_model import ClockRule, Limit, Per, Unit

_SEND = "Special Educational Needs and Disability Regulations 2014"
_SEND_2014 = dt.date(2014, 9, 1)
_REQUEST = "the day the request was received"
_EXCEPTIONS = (
    "school closed for at least four weeks while its advice was asked for, exceptional personal circumstances, absence"
    " from the area for at least four weeks; from 1 May to 24 September 2020 coronavirus too (SI 2020/471)"
)
_CODE = "School Admissions Code 2021"
_CODE_2021 = dt.date(2021, 9, 1)

EHC_PLANS: tuple[ClockRule, ...] = (
    ClockRule(
        kind="ehcp_decision",
        holds_from=_SEND_2014,
        limit=Limit(6, Unit.WEEKS),
        start_words=_REQUEST,
        stops=("decision whether to assess notified", "request withdrawn"),
        per=Per.CHILD,
        law=f"{_SEND} reg. 5",
        exceptions=f"reg. 5(4): {_EXCEPTIONS}",
    ),
    ClockRule(
        kind="ehcp_refusal",
        holds_from=_SEND_2014,
        limit=Limit(16, Unit.WEEKS),
        start_words=_REQUEST,
        stops=("decision not to make a plan notified", "draft plan sent", "request withdrawn"),
        per=Per.CHILD,
        law=f"{_SEND} reg. 10: notice that no plan will be made",
        exceptions=f"reg. 10(4): {_EXCEPTIONS}",
    ),
    ClockRule(
        kind="ehcp_comments",
        holds_from=_SEND_2014,
        limit=Limit(15, Unit.DAYS, beginning_with=True),
        start_words="the day the draft plan was served",
        stops=("parent or young person answers",),
        per=Per.CHILD,
        law=f"{_SEND} reg. 13(1): at least 15 days to comment and to name a school",
        lapses="The plan may be made final the day after.",
    ),
    ClockRule(
        kind="ehcp_plan",
        holds_from=_SEND_2014,
        limit=Limit(20, Unit.WEEKS),
        start_words=_REQUEST,
        stops=("final plan sent", "decision not to make a plan notified", "request withdrawn"),
        per=Per.CHILD,
        law=f"{_SEND} reg. 13(2)",
        exceptions=f"reg. 13(3) with reg. 10(4): {_EXCEPTIONS}",
    ),
)


def _school_days(count: int) -> Limit:
    return Limit(count, Unit.DAYS, DayType.SCHOOL)


SCHOOL_PLACES: tuple[ClockRule, ...] = (
    ClockRule(
        kind="in_year_admission",
        holds_from=_CODE_2021,
        limit=_school_days(15),
        start_words="the day the application was received",
        stops=("outcome sent in writing",),
        per=Per.CHILD,
        law=f"{_CODE}: outcome in writing within 15 school days",
        aim=_school_days(10),
    ),
    ClockRule(
        kind="fair_access_place",
        holds_from=_CODE_2021,
        limit=_school_days(20),
        start_words="the referral to the panel",
        stops=("place found", "child on a school's roll"),
        per=Per.CHILD,
        law=f"{_CODE}: place found within 20 school days",
    ),
    ClockRule(
        kind="school_vacancies",
        holds_from=_CODE_2021,
        limit=_school_days(2),
        start_words="the day the council asked",
        stops=("number of places told to the council",),
        per=Per.REQUEST,
        law=f"{_CODE}: the council is told of vacancies within two days of asking",
        check="That the two days are school days",
    ),
)

EDUCATION = EHC_PLANS + SCHOOL_PLACES
