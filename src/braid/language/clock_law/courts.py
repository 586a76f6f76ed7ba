"""Clocks of the family court and of custody before trial.

Sources: Children Act 1989 s.32 with the Children and Families Act 2014 s.14; Family Procedure Rules 2010, Practice
Direction 12A; Prosecution of Offences Act 1985 s.22 and the Custody Time Limits Regulations 1987 (SI 1987/299), changed
for a time by SI 2020/953 and SI 2021/91.

In Practice Direction 12A a day is a business day, day 1 is the day of issue and day 2 the next business day after it
(its interpretation of "Day"). So the day of issue is day 1 even where it is a Saturday, and day n is n - 1 business
days later.
"""

from __future__ import annotations

import datetime as dt

from braid.language.calendars import DayType
from braid.language.clock_model import ClockRule, ExtensionLaw, Limit, PauseLaw, Per, Unit

_FAMILY_2014 = dt.date(2014, 4, 22)
_PD12A = "Family Procedure Rules 2010, Practice Direction 12A"
_ISSUE_DAY_1 = "the day of issue as day 1"


def _practice_days(count: int) -> Limit:
    """Return a limit of the practice direction: the day of issue is day 1, whatever day of the week it is."""
    return Limit(count, Unit.DAYS, DayType.WORKING, beginning_with=True, start_is_day_1=True)


FAMILY_COURT: tuple[ClockRule, ...] = (
    ClockRule(
        kind="care_proceedings",
        holds_from=_FAMILY_2014,
        limit=Limit(26, Unit.WEEKS, beginning_with=True),
        start_words="the day of issue",
        stops=("final order for the child", "application withdrawn with the court's leave"),
        per=Per.CHILD,
        law="Children Act 1989 s.32(1)(a), as amended by the Children and Families Act 2014 s.14",
        other=Limit(26, Unit.WEEKS),
        other_used_by="the court's case system, which counts from the day after",
        extensions=ExtensionLaw(
            by="the court, where it is necessary to resolve the proceedings justly",
            law="Children Act 1989 s.32(5) to (8)",
            each=Limit(8, Unit.WEEKS),
        ),
    ),
    ClockRule(
        kind="care_allocation",
        holds_from=_FAMILY_2014,
        limit=_practice_days(2),
        start_words=_ISSUE_DAY_1,
        stops=("standard directions on issue given and the case allocated",),
        per=Per.CASE,
        law=f"{_PD12A}: issue and allocation by day 2, the next business day after the day of issue",
    ),
    ClockRule(
        kind="care_first_hearing",
        holds_from=_FAMILY_2014,
        limit=_practice_days(18),
        start_words=_ISSUE_DAY_1,
        stops=("case management hearing held",),
        per=Per.CASE,
        law=f"{_PD12A}: case management hearing not before day 12 and not later than day 18, day 2 being the next"
        " business day after the day of issue",
        other=Limit(18, Unit.DAYS, beginning_with=True),
        other_used_by="services that count calendar days",
        not_before=_practice_days(12),
        exceptions="an urgent hearing, asked for the same day or before day 12: the court sets its day, and that of a"
        " case management hearing that still follows it",
    ),
    ClockRule(
        kind="advocates_meeting",
        holds_from=_FAMILY_2014,
        limit=Limit(2, Unit.DAYS, DayType.WORKING, before=True),
        start_words="the case management hearing",
        stops=("advocates' meeting held",),
        per=Per.CASE,
        law=f"{_PD12A}: advocates' meeting not later than two business days before the hearing",
    ),
)

_CUSTODY_REGULATIONS = "Prosecution of Offences (Custody Time Limits) Regulations 1987"
_CUSTODY_PAUSES = PauseLaw("days on bail", f"{_CUSTODY_REGULATIONS}: the limit is of days in custody")
_CUSTODY_EXTENSIONS = ExtensionLaw(
    by="the court, before the limit expires, for good and sufficient cause with due diligence",
    law="Prosecution of Offences Act 1985 s.22(3)",
)
_CUSTODY_STOPS = ("trial begins", "case ends")
_MAGISTRATES_START = "the day custody began after the first appearance"
_CROWN_START = "the day of being sent for trial, or the day custody began where it was earlier"


def _custody(
    kind: str, holds_from: dt.date, days: int, start_words: str, regulation: str, changed_by: str = ""
) -> ClockRule:
    return ClockRule(
        kind=kind,
        holds_from=holds_from,
        limit=Limit(days, Unit.DAYS, back_to_working_day=True),
        start_words=start_words,
        stops=_CUSTODY_STOPS,
        per=Per.CASE,
        law=f"{_CUSTODY_REGULATIONS} {regulation}{changed_by}; the day on which custody began is not counted"
        " (reg. 2(4)), and a limit that would expire on a day that is no working day expires on the last working day"
        " before it (reg. 2(5))",
        pauses=_CUSTODY_PAUSES,
        extensions=_CUSTODY_EXTENSIONS,
    )


CUSTODY: tuple[ClockRule, ...] = (
    _custody("custody_time_limit", dt.date(2001, 1, 15), 182, _CROWN_START, "reg. 5(6B)"),
    _custody(
        "custody_time_limit",
        dt.date(2020, 9, 28),
        238,
        _CROWN_START,
        "reg. 5(6B)",
        ", as changed by SI 2020/953 for adults first in custody from 28 September 2020 to 27 June 2021"
        " (182 days for who was under 18: SI 2021/91)",
    ),
    _custody("custody_time_limit", dt.date(2021, 6, 28), 182, _CROWN_START, "reg. 5(6B)"),
    _custody(
        "custody_either_way",
        dt.date(1991, 10, 1),
        70,
        _MAGISTRATES_START,
        "reg. 4: an either-way offence tried before the magistrates; 56 days where they decide on that within 56 days",
    ),
    _custody("custody_summary", dt.date(1999, 11, 1), 56, _MAGISTRATES_START, "reg. 4: a summary offence"),
)

COURTS = FAMILY_COURT + CUSTODY
