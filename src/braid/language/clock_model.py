"""The nouns of a clock: a limit, a dated rule with the events it listens to, and the facts that bear on one wait."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from braid.language.calendars import DayType

HOURS_A_DAY = 24
DAYS_A_WEEK, WORKING_DAYS_A_WEEK = 7, 5
DAYS_A_MONTH = 365.25 / 12


class Unit(StrEnum):
    """What a limit counts."""

    HOURS = "hours"
    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"


_DAYS_OF = {Unit.HOURS: 1 / HOURS_A_DAY, Unit.DAYS: 1.0, Unit.WEEKS: float(DAYS_A_WEEK), Unit.MONTHS: DAYS_A_MONTH}


class Per(StrEnum):
    """Whose clock it is: one person may have several clocks of a kind at once, one for each of these."""

    CHILD = "child"
    PERSON = "person"
    HOUSEHOLD = "household"
    PATHWAY = "pathway"
    CASE = "case"
    REQUEST = "request"


@dataclass(frozen=True)
class Limit:
    """A period: a count of units, of a day type, beginning with the start or after it.

    `before` counts back from the start, as a notice before a hearing does. `back_to_working_day` moves a last day that
    is no working day to the working day before it. `start_is_day_1`, beside `beginning_with`, counts the start as the
    first day even where it is no day of the type, so that only the days after it must be.
    """

    count: int
    unit: Unit
    day_type: DayType = DayType.CALENDAR
    beginning_with: bool = False
    before: bool = False
    back_to_working_day: bool = False
    start_is_day_1: bool = False

    @property
    def about_weeks(self) -> float:
        """About how many weeks it is, whenever it begins: 5 working or school days a week, no holiday among them."""
        if self.unit is Unit.DAYS and self.day_type is not DayType.CALENDAR:
            return self.count / WORKING_DAYS_A_WEEK
        return self.count * _DAYS_OF[self.unit] / DAYS_A_WEEK


@dataclass(frozen=True)
class PauseLaw:
    """Days that do not count: `what` they are, by which law, and the last day on which such a day still counted so."""

    what: str
    law: str
    until: dt.date | None = None


@dataclass(frozen=True)
class ExtensionLaw:
    """Who may extend the limit, by which law, and how far.

    `each` is the longest that one extension may last, counted after the later of the end of the period it extends and
    the day it was granted; `None` where the law sets no longest.
    """

    by: str
    law: str
    each: Limit | None = None


@dataclass(frozen=True, kw_only=True)
class ClockRule:
    """One dated version of the rule for one kind of wait.

    `holds_from` is empty where the law is made and not in force, or nobody has yet seen that it is: such a rule says
    what the day would be and binds nothing. `binding` is False where the limit is guidance or a standard rather than
    law. `other` is a second convention that an official system uses for the same clock; `other_used_by` says which.
    `lapses` says what may be done the day after the period, where the period is how long a duty or a right lasts: that
    day is no breach. `aim` is a shorter time that the source asks for and does not bind; `not_before` the earliest day.
    `latest_of` names the events of which the last one starts the clock. `exceptions` says which recorded exceptions
    lift the limit. `no_days_before` is the day before which nothing counts. `check` says what a reader must look up
    before relying on the rule.
    """

    kind: str
    holds_from: dt.date | None
    limit: Limit
    start_words: str
    stops: tuple[str, ...]
    per: Per
    law: str
    binding: bool = True
    other: Limit | None = None
    other_used_by: str = ""
    lapses: str = ""
    aim: Limit | None = None
    not_before: Limit | None = None
    latest_of: tuple[str, ...] = ()
    pauses: PauseLaw | None = None
    extensions: ExtensionLaw | None = None
    exceptions: str = ""
    no_days_before: dt.date | None = None
    check: str = ""

    @property
    def version(self) -> str:
        """The day from which it holds, or that it is not in force."""
        return self.holds_from.isoformat() if self.holds_from else "not in force"

    @property
    def rule_id(self) -> str:
        """Kind and version, as a wait that was reckoned carries them."""
        return f"{self.kind}/{self.version.replace(' ', '-')}"


@dataclass(frozen=True)
class Pause:
    """Days on which a wait stood still, both ends included. Raises `ValueError` where it ends before it begins."""

    first: dt.date
    last: dt.date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError("a pause ends before it begins")


@dataclass(frozen=True)
class Extension:
    """An extension as a source states it: the last day it gives, and the day it was granted, where that is known."""

    until: dt.date
    granted: dt.date | None = None


@dataclass(frozen=True)
class Reckoning:
    """What a clock says on a day.

    `due_date` is the last day inside the limit, empty where there is none; `due_date_other` the same by the other
    convention in official use; `days_left` calendar days from the as-of date (negative when past); `clock` a code of
    the list `clock_status`. `due_at` is the moment in UTC, and `minutes_left` the minutes to it, of a clock of hours
    whose start is known to the minute. `aim_date` and `opens_date` are the day asked for and the earliest day;
    `would_be_date` the last day by a rule that is not in force; `paused_days` the days up to the last day that did not
    count. `doubts` are sentences about what a source states and the law does not let be; they are in the explanation.
    """

    due_date: dt.date | None
    due_date_other: dt.date | None
    days_left: int | None
    clock: str
    rule_id: str
    rule_version: str
    explanation: str
    due_at: dt.datetime | None = None
    minutes_left: int | None = None
    aim_date: dt.date | None = None
    opens_date: dt.date | None = None
    would_be_date: dt.date | None = None
    paused_days: int = 0
    doubts: tuple[str, ...] = ()
