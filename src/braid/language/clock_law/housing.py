"""Clocks of homelessness and temporary accommodation.

Sources: Housing Act 1996 ss.189B, 195, 208 and 213AA; Homelessness (Suitability of Accommodation) (England) Order 2003
(SI 2003/3326); Homelessness Code of Guidance; Children's Wellbeing and Schools Act 2026 (c. 21) s.11.
"""

from __future__ import annotations

import datetime as dt

from braid.language.calendars import DayType
from braid.language.clock_model import ClockRule, Limit, PauseLaw, Per, Unit

_REDUCTION_ACT = dt.date(2018, 4, 3)
_DUTY_ENDS = "The duty may be ended the day after."
_BNB_ORDER = "Homelessness (Suitability of Accommodation) (England) Order 2003"
_BNB_2004 = dt.date(2004, 4, 1)

HOUSING: tuple[ClockRule, ...] = (
    ClockRule(
        kind="homelessness_prevention",
        holds_from=_REDUCTION_ACT,
        limit=Limit(56, Unit.DAYS, beginning_with=True),
        start_words="the day the council was first satisfied that they were threatened with homelessness",
        stops=("accommodation secured", "became homeless", "notice that the duty ends"),
        per=Per.HOUSEHOLD,
        law="Housing Act 1996 s.195(8)(b)",
        lapses=_DUTY_ENDS,
    ),
    ClockRule(
        kind="homelessness_relief",
        holds_from=_REDUCTION_ACT,
        limit=Limit(56, Unit.DAYS, beginning_with=True),
        start_words="the day the council was first satisfied that they were homeless",
        stops=("accommodation secured", "notice that the duty ends"),
        per=Per.HOUSEHOLD,
        law="Housing Act 1996 s.189B(7)(b)",
        lapses=_DUTY_ENDS,
    ),
    ClockRule(
        kind="main_duty_decision",
        holds_from=_REDUCTION_ACT,
        limit=Limit(15, Unit.DAYS, DayType.WORKING),
        start_words="the day the relief duty ended",
        stops=("decision on the main duty notified",),
        per=Per.HOUSEHOLD,
        law="Homelessness Code of Guidance: decision about 15 working days after the relief duty ends",
        binding=False,
        check="The number of days in the edition of the Code that holds",
    ),
    ClockRule(
        kind="bnb_family",
        holds_from=_BNB_2004,
        limit=Limit(6, Unit.WEEKS, beginning_with=True),
        start_words="the day the accommodation was made available",
        stops=("moved out of bed and breakfast",),
        per=Per.HOUSEHOLD,
        law=f"{_BNB_ORDER} art. 4: a period, or a total of periods, of not more than 6 weeks; stays under one"
        " application are added up, and a new application begins another count",
        pauses=PauseLaw("days out of bed and breakfast, or before 1 April 2004", f"{_BNB_ORDER} art. 4"),
        no_days_before=_BNB_2004,
    ),
    ClockRule(
        kind="out_of_area_notice",
        holds_from=dt.date(1997, 1, 20),
        limit=Limit(14, Unit.DAYS, beginning_with=True),
        start_words="the day the accommodation was made available",
        stops=("written notice given to the council of the other district",),
        per=Per.HOUSEHOLD,
        law="Housing Act 1996 s.208(2) to (4)",
    ),
    ClockRule(
        kind="s213aa_notice",
        holds_from=None,
        limit=Limit(14, Unit.DAYS, beginning_with=True),
        start_words="the latest of agreement, details and placement",
        stops=("every relevant body notified",),
        per=Per.HOUSEHOLD,
        law="Housing Act 1996 s.213AA, to be inserted by the Children's Wellbeing and Schools Act 2026 s.11: with the"
        " agreement of the parent, or of an applicant of 16 or 17, once for each application",
        latest_of=("agreement given", "details of the relevant bodies given", "child placed in the accommodation"),
        check="Commencement: the Act was passed on 29 April 2026 and this section waits for regulations",
    ),
)
