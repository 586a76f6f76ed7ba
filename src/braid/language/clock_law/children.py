"""Clocks of children's social care.

Sources: Working Together to Safeguard Children (2013 and later editions); Care Planning, Placement and Case Review
(England) Regulations 2010 (SI 2010/959) with SI 2013/3239; Care Leavers (England) Regulations 2010 (SI 2010/2571);
statutory guidance on children who run away or go missing (2014); Public Law Working Group, best practice guidance
(March 2021). In Wales other limits hold.
"""

from __future__ import annotations

import datetime as dt

from braid.language.calendars import DayType
from braid.language.clock_model import ClockRule, Limit, Per, Unit

_WORKING_TOGETHER = "Working Together to Safeguard Children"
_WT_2013 = dt.date(2013, 4, 15)
_CARE_PLANNING = "Care Planning, Placement and Case Review (England) Regulations 2010"
_CARE_PLANNING_2011 = dt.date(2011, 4, 1)
_BECAME_LOOKED_AFTER = "the day the child became looked after"
_LEFT_CARE = "the child is no longer looked after"


def _standard(kind: str, limit: Limit, start_words: str, words: str, *stops: str) -> ClockRule:
    """A time of Working Together: statutory guidance, which is followed unless there is a reason not to."""
    return ClockRule(
        kind=kind,
        holds_from=_WT_2013,
        limit=limit,
        start_words=start_words,
        stops=stops,
        per=Per.CHILD,
        law=f"{_WORKING_TOGETHER}: {words}",
        binding=False,
    )


def _working_days(count: int) -> Limit:
    return Limit(count, Unit.DAYS, DayType.WORKING)


def _months(count: int) -> Limit:
    return Limit(count, Unit.MONTHS)


PROTECTION: tuple[ClockRule, ...] = (
    _standard(
        "cin_decision",
        _working_days(1),
        "the referral",
        "decision within one working day",
        "the council decides what the referral needs",
    ),
    _standard(
        "cf_assessment",
        _working_days(45),
        "the referral, or the start of a later assessment",
        "assessment within 45 working days of referral; one that follows it under the same referral counts from its own"
        " start, as the children in need census does",
        "assessment authorised",
    ),
    _standard(
        "icpc",
        _working_days(15),
        "the strategy discussion that began the enquiry",
        "conference within 15 working days",
        "initial conference held",
        "enquiry ends without a conference",
    ),
    _standard(
        "core_group",
        _working_days(10),
        "the initial conference",
        "core group within 10 working days",
        "core group meets",
        "plan ends",
    ),
    _standard(
        "cpp_review",
        _months(3),
        "the initial conference",
        "first review within 3 months",
        "first review conference held",
        "plan ends",
    ),
    _standard(
        "cpp_review_later",
        _months(6),
        "the review conference before it",
        "later reviews within 6 months of each other",
        "review conference held",
        "plan ends",
    ),
)

LOOKED_AFTER: tuple[ClockRule, ...] = (
    ClockRule(
        kind="cla_review",
        holds_from=_CARE_PLANNING_2011,
        limit=_working_days(20),
        start_words=_BECAME_LOOKED_AFTER,
        stops=("first review held", _LEFT_CARE),
        per=Per.CHILD,
        law=f"{_CARE_PLANNING} reg. 33(1)",
    ),
    ClockRule(
        kind="cla_review_second",
        holds_from=_CARE_PLANNING_2011,
        limit=_months(3),
        start_words="the first review",
        stops=("second review held", _LEFT_CARE),
        per=Per.CHILD,
        law=f"{_CARE_PLANNING} reg. 33(2): second review not more than 3 months after the first",
    ),
    ClockRule(
        kind="cla_review_later",
        holds_from=_CARE_PLANNING_2011,
        limit=_months(6),
        start_words="the review before it",
        stops=("review held", _LEFT_CARE),
        per=Per.CHILD,
        law=f"{_CARE_PLANNING} reg. 33(2): later reviews not more than 6 months after the one before",
    ),
    ClockRule(
        kind="cla_initial_health",
        holds_from=_CARE_PLANNING_2011,
        limit=_working_days(20),
        start_words=_BECAME_LOOKED_AFTER,
        stops=("health assessment made", _LEFT_CARE),
        per=Per.CHILD,
        law=f"{_CARE_PLANNING} reg. 7, in time for the first review",
    ),
    ClockRule(
        kind="cla_health_review_under_5",
        holds_from=_CARE_PLANNING_2011,
        limit=_months(6),
        start_words="the health assessment before it, of a child under five",
        stops=("health assessment reviewed", _LEFT_CARE),
        per=Per.CHILD,
        law=f"{_CARE_PLANNING} reg. 7: once in every 6 months before the fifth birthday",
    ),
    ClockRule(
        kind="cla_health_review",
        holds_from=_CARE_PLANNING_2011,
        limit=_months(12),
        start_words="the health assessment before it, of a child of five or more",
        stops=("health assessment reviewed", _LEFT_CARE),
        per=Per.CHILD,
        law=f"{_CARE_PLANNING} reg. 7: once in every 12 months from the fifth birthday",
    ),
    ClockRule(
        kind="cla_placement_notice",
        holds_from=_CARE_PLANNING_2011,
        limit=_working_days(5),
        start_words="the start of a placement made in an emergency",
        stops=("every person and body of the list has written notice",),
        per=Per.CHILD,
        law=f"{_CARE_PLANNING} reg. 13; the area's council too, where the placement is outside the council's own area"
        " (reg. 13(4), from 27 January 2014). Any other placement is notified before it begins",
    ),
    ClockRule(
        kind="pep",
        holds_from=_CARE_PLANNING_2011,
        limit=_working_days(10),
        start_words=_BECAME_LOOKED_AFTER,
        stops=("personal education plan begun", _LEFT_CARE),
        per=Per.CHILD,
        law="Statutory guidance on the education of looked-after children: personal education plan in 10 working days",
        binding=False,
        check="The ten days are how councils commonly read the guidance",
    ),
    ClockRule(
        kind="pathway_plan_review",
        holds_from=_CARE_PLANNING_2011,
        limit=_months(6),
        start_words="the pathway plan, or the review before it",
        stops=("pathway plan reviewed",),
        per=Per.PERSON,
        law="Care Leavers (England) Regulations 2010 reg. 7: reviewed at intervals of not more than 6 months",
    ),
)

OTHER: tuple[ClockRule, ...] = (
    ClockRule(
        kind="return_interview",
        holds_from=dt.date(2014, 1, 1),
        limit=Limit(72, Unit.HOURS),
        start_words="the return of the child",
        stops=("interview offered and held", "child declines the interview"),
        per=Per.CHILD,
        law="Statutory guidance on children who run away or go missing: interview within 72 hours",
        binding=False,
    ),
    ClockRule(
        kind="pre_proceedings",
        holds_from=dt.date(2021, 3, 1),
        limit=Limit(16, Unit.WEEKS),
        start_words="the decision to begin pre-proceedings",
        stops=("decision to step down or to issue",),
        per=Per.CHILD,
        law="Public Law Working Group best practice guidance: review within 16 weeks",
        binding=False,
    ),
)

CHILDREN = PROTECTION + LOOKED_AFTER + OTHER
