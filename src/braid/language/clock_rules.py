"""The clock rules as data: for every kind of wait the limit, how it counts, and the law that sets it.

A rule is never edited when the law changes; a new version with its own `holds_from` is added beneath it. A wait is
reckoned by the version that held on the day it started. Kinds without a rule here have no limit in law, and are never
called late.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from braid.language.calendars import DayType


class Unit(StrEnum):
    """What a limit counts."""

    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"


@dataclass(frozen=True)
class Limit:
    """A period: a count of units, of a day type, beginning with the start or after it."""

    count: int
    unit: Unit
    day_type: DayType = DayType.CALENDAR
    beginning_with: bool = False


@dataclass(frozen=True)
class ClockRule:
    """One dated version of the rule for one kind of wait.

    `other` is a second convention that an official system uses for the same clock; `other_used_by` says which.
    `binding` is False where the limit is guidance or a standard rather than law. `lapses` is True where the period is
    how long a duty lasts: it may be ended the day after the period, and that is no breach.
    """

    rule_id: str
    kind: str
    holds_from: dt.date
    limit: Limit
    start_words: str
    law: str
    binding: bool = True
    other: Limit | None = None
    other_used_by: str = ""
    lapses: bool = False


def _rule(
    kind: str,
    holds_from: str,
    limit: Limit,
    start_words: str,
    law: str,
    *,
    binding: bool = True,
    other: Limit | None = None,
    other_used_by: str = "",
    lapses: bool = False,
) -> ClockRule:
    day = dt.date.fromisoformat(holds_from)
    return ClockRule(f"{kind}/{holds_from}", kind, day, limit, start_words, law, binding, other, other_used_by, lapses)


_WORKING, _SCHOOL = DayType.WORKING, DayType.SCHOOL

CLOCK_RULES: tuple[ClockRule, ...] = (
    _rule(
        "care_proceedings",
        "2014-04-22",
        Limit(26, Unit.WEEKS, beginning_with=True),
        "the day of issue",
        "Children Act 1989 s.32(1)(a), as amended by the Children and Families Act 2014 s.14",
        other=Limit(26, Unit.WEEKS),
        other_used_by="the court's case system, which counts from the day after",
    ),
    _rule(
        "care_first_hearing",
        "2014-04-22",
        Limit(18, Unit.DAYS, _WORKING, beginning_with=True),
        "the day of issue as day 1",
        "Family Procedure Rules 2010, Practice Direction 12A: case management hearing not later than day 18",
        other=Limit(18, Unit.DAYS, beginning_with=True),
        other_used_by="services that count calendar days",
    ),
    _rule(
        "rtt",
        "2012-04-01",
        Limit(18, Unit.WEEKS),
        "the start of the referral to treatment period",
        "NHS Constitution standard: 92% of open pathways within 18 weeks; no pauses since 1 October 2015",
        binding=False,
    ),
    _rule(
        "ehcp_decision",
        "2014-09-01",
        Limit(6, Unit.WEEKS),
        "the day the request was received",
        "Special Educational Needs and Disability Regulations 2014 reg. 5",
    ),
    _rule(
        "ehcp_plan",
        "2014-09-01",
        Limit(20, Unit.WEEKS),
        "the day the request was received",
        "Special Educational Needs and Disability Regulations 2014 reg. 13(2)",
    ),
    _rule(
        "cin_decision",
        "2013-04-15",
        Limit(1, Unit.DAYS, _WORKING),
        "the referral",
        "Working Together to Safeguard Children: decision within one working day",
        binding=False,
    ),
    _rule(
        "cf_assessment",
        "2013-04-15",
        Limit(45, Unit.DAYS, _WORKING),
        "the referral",
        "Working Together to Safeguard Children: assessment within 45 working days of referral",
        binding=False,
    ),
    _rule(
        "icpc",
        "2013-04-15",
        Limit(15, Unit.DAYS, _WORKING),
        "the strategy discussion that began the enquiry",
        "Working Together to Safeguard Children: conference within 15 working days",
        binding=False,
    ),
    _rule(
        "cpp_review",
        "2013-04-15",
        Limit(3, Unit.MONTHS),
        "the initial conference",
        "Working Together to Safeguard Children: first review within 3 months",
        binding=False,
    ),
    _rule(
        "cla_review",
        "2011-04-01",
        Limit(20, Unit.DAYS, _WORKING),
        "the day the child became looked after",
        "Care Planning, Placement and Case Review (England) Regulations 2010 reg. 33(1)",
    ),
    _rule(
        "cla_initial_health",
        "2011-04-01",
        Limit(20, Unit.DAYS, _WORKING),
        "the day the child became looked after",
        "Care Planning, Placement and Case Review (England) Regulations 2010 reg. 7, in time for the first review",
    ),
    _rule(
        "return_interview",
        "2014-01-01",
        Limit(3, Unit.DAYS),
        "the day the child was found",
        "Statutory guidance on children who run away or go missing: interview within 72 hours",
        binding=False,
    ),
    _rule(
        "pre_proceedings",
        "2021-03-01",
        Limit(16, Unit.WEEKS),
        "the decision to begin pre-proceedings",
        "Public Law Working Group best practice guidance: review within 16 weeks",
        binding=False,
    ),
    _rule(
        "homelessness_prevention",
        "2018-04-03",
        Limit(56, Unit.DAYS, beginning_with=True),
        "the day the council was first satisfied that they were threatened with homelessness",
        "Housing Act 1996 s.195(8)(b)",
        lapses=True,
    ),
    _rule(
        "homelessness_relief",
        "2018-04-03",
        Limit(56, Unit.DAYS, beginning_with=True),
        "the day the council was first satisfied that they were homeless",
        "Housing Act 1996 s.189B(7)(b)",
        lapses=True,
    ),
    _rule(
        "bnb_family",
        "2004-04-01",
        Limit(6, Unit.WEEKS, beginning_with=True),
        "the day the accommodation was made available",
        "Homelessness (Suitability of Accommodation) (England) Order 2003 art. 4",
    ),
    _rule(
        "in_year_admission",
        "2021-09-01",
        Limit(15, Unit.DAYS, _SCHOOL),
        "the day the application was received",
        "School Admissions Code 2021: outcome in writing within 15 school days",
    ),
    _rule(
        "fair_access_place",
        "2021-09-01",
        Limit(20, Unit.DAYS, _SCHOOL),
        "the referral to the panel",
        "School Admissions Code 2021: place found within 20 school days",
    ),
)

NO_LIMIT_REASONS: dict[str, str] = {
    "register": "No law sets a longest wait on a housing register. Time is counted from the date of the band.",
    "temporary_accommodation": "No law sets a longest stay in temporary accommodation other than bed and breakfast.",
    "crown_trial": "No law sets a longest wait for trial; custody time limits concern remand alone.",
    "victim_support": "No law sets a longest wait for this support.",
    "therapy": "No law sets a longest wait for therapy.",
    "ed_4h": "The four-hour standard is counted in hours, not in days.",
}
"""Why a kind of wait has no limit in days, in the words a person is shown."""


def find_rule(kind: str, start: dt.date) -> ClockRule | None:
    """Return the version of the rule for `kind` that held on `start`; `None` where there is no limit.

    A wait older than the oldest version is reckoned by that oldest version.
    """
    versions = _VERSIONS.get(kind)
    if not versions:
        return None
    held = [rule for rule in versions if rule.holds_from <= start]
    return held[-1] if held else versions[0]


_VERSIONS: dict[str, tuple[ClockRule, ...]] = {
    kind: tuple(sorted((rule for rule in CLOCK_RULES if rule.kind == kind), key=lambda rule: rule.holds_from))
    for kind in {rule.kind for rule in CLOCK_RULES}
}
