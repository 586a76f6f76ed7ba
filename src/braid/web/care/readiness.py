"""Readiness as kept: the items of a case type in one case, the day they are reckoned from, and who ticks them."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from braid.care import readiness
from braid.care.case_types import CaseType
from braid.care.cases import Member
from braid.care.cases import Sight as SightOfCase
from braid.care.model import Escalation
from braid.care.readiness import MACHINE, NOT_IN_TIME, TIMINGS, Given, Item, Timing
from braid.language.dates import london_date
from braid.language.readiness import READINESS_ITEMS
from braid.language.readiness import ReadinessItem as CourtItem
from braid.language.steps import NotPossible
from braid.web.access.sight import Sight
from braid.web.care import cases
from braid.web.care.cases import CaseSeen
from braid.web.care.kept import (
    ChangedMeanwhile,
    acting_of,
    case_type_of,
    change,
    now_of_database,
    record_step,
)
from braid.web.case_type_files import case_types
from braid.web.models import AgendaItem, CaseReadiness, JointCase, ReadinessDay
from braid.web.written_once import written_once

TO_COME = ("planned", "gathering", "in_session")
"""States of a meeting that has not decided yet."""


@dataclass(frozen=True)
class ItemSeen:
    """A readiness item as a member sees it. `court` says what the court calls a hearing cancelled for want of it."""

    code: str
    words: str
    agency: str
    agency_name: str
    owners: tuple[str, ...]
    is_required: bool
    is_settled: bool
    state: str
    state_name: str
    due_on: dt.date | None
    timing: Timing
    timing_name: str
    days_needed: int
    expected_on: dt.date | None
    evidence: str
    reason_name: str
    changed_by: str
    silence: Escalation | None
    court: tuple[CourtItem, ...]
    steps: tuple[tuple[str, str], ...]
    is_asked: bool
    """Whether the viewer's seat is asked to agree that it is not needed."""
    version: int

    @property
    def is_late(self) -> bool:
        """Whether it will not be there in time, or is not."""
        return self.timing in NOT_IN_TIME


@dataclass(frozen=True)
class DayKept:
    """The day for which a case is got ready; `version` is 0 where nobody wrote one down, and a meeting gives it."""

    day: dt.date | None = None
    what: str = ""
    version: int = 0

    @property
    def name(self) -> str:
        """What is on that day, in words."""
        return readiness.DAYS_FOR.get(self.what, "")


@dataclass(frozen=True)
class DayBefore:
    """A day that was written down and does not hold any more, and why."""

    day: dt.date
    name: str
    because: str
    ended_by: str
    ended_at: dt.datetime


@dataclass(frozen=True)
class ReadinessSeen:
    """The checklist of a case. Of a restricted member only their own items: whether the case is ready is not told."""

    case: CaseSeen
    items: tuple[ItemSeen, ...]
    day: DayKept
    days_left: int | None
    is_whole: bool
    days_before: tuple[DayBefore, ...]
    may_write_day: bool

    @property
    def because(self) -> tuple[ItemSeen, ...]:
        """The required items that are open: why it is not ready."""
        return tuple(item for item in self.items if item.is_required and not item.is_settled)

    @property
    def is_ready(self) -> bool:
        """Whether no required item is open."""
        return self.is_whole and not self.because

    @property
    def not_in_time(self) -> tuple[ItemSeen, ...]:
        """The required items that will not be there in time."""
        return tuple(item for item in self.because if item.is_late)


def days_of(rows: Iterable[JointCase]) -> dict[UUID, DayKept]:
    """Return the day for which each case is got ready: the one its lead wrote down, else that of its next meeting."""
    ids = [row.pk for row in rows]
    found: dict[UUID, DayKept] = {}
    for case_id, starts_at in _coming(ids):
        found[case_id] = DayKept(london_date(starts_at), "meeting")
    for one in _days_written_down(ids):
        found[one.case_id] = DayKept(one.day, one.what, one.version)
    return found


@written_once
def _coming(case_ids: list[UUID]) -> QuerySet[AgendaItem, Any]:
    rows = AgendaItem.objects.filter(case_id__among=case_ids, state="listed", meeting__state__in=TO_COME)
    return rows.order_by("-meeting__starts_at").values_list("case_id", "meeting__starts_at")


@written_once
def _days_written_down(case_ids: list[UUID]) -> QuerySet[ReadinessDay]:
    return ReadinessDay.objects.filter(case_id__among=case_ids, ended_at__isnull=True)


@written_once
def _touched(case_ids: list[UUID]) -> QuerySet[CaseReadiness]:
    return CaseReadiness.objects.filter(case_id__among=case_ids)


@written_once
def _open_cases(kinds: list[str]) -> QuerySet[JointCase]:
    return JointCase.objects.filter(state="open", case_type__among=kinds)


def nouns_of(row: JointCase) -> dict[str, tuple[Item, int]]:
    """Return the items of a case by code, each with its version: 0 where nobody has touched it."""
    kind = case_type_of(row.case_type)
    return _nouns(kind, _touched([row.pk])) if kind.readiness else {}


def _nouns(kind: CaseType, rows: Iterable[CaseReadiness]) -> dict[str, tuple[Item, int]]:
    kept = {row.item: row for row in rows}
    return {spec.id: (_noun(Item(spec), kept.get(spec.id)), _version(kept.get(spec.id))) for spec in kind.readiness}


def _noun(fresh: Item, row: CaseReadiness | None) -> Item:
    if row is None:
        return fresh
    return Item(
        fresh.kind, row.state, row.since, row.expected_on, row.evidence, row.reason, row.changed_by, row.asked_by_agency
    )


def _version(row: CaseReadiness | None) -> int:
    return row.version if row else 0


def left_open(row: JointCase) -> tuple[Item, ...]:
    """Return the required items of a case that are open, as far as the human of this transaction sees them settled."""
    return readiness.left_open(item for item, _ in nouns_of(row).values())


def get_readiness(sight: Sight, case_id: UUID) -> ReadinessSeen:
    """Return the checklist of a case for one who takes part, and record the look. Raises `NotThere`."""
    return see_readiness(cases.get_case(sight, case_id), cases.get_row(case_id))


def see_readiness(seen: CaseSeen, row: JointCase) -> ReadinessSeen:
    """Return the checklist of a case that was looked at."""
    day = days_of([row]).get(row.pk, DayKept())
    whole, now = seen.mine.sight is SightOfCase.WHOLE, now_of_database()
    items = [
        item_seen(item, version, seen.case_type, seen.members, seen.mine, day, now, is_open=seen.state == "open")
        for item, version in nouns_of(row).values()
        if whole or item.kind.agency == seen.mine.agency
    ]
    days_left = (day.day - london_date(now)).days if day.day else None
    may_write = seen.state == "open" and seen.mine.right == "edit" and _may_write_day(seen.case_type, seen.mine)
    return ReadinessSeen(seen, tuple(items), day, days_left, whole, _days_before(row), may_write)


def _may_write_day(kind: CaseType, member: Member) -> bool:
    try:
        readiness.check_writes_day(kind, member)
    except NotPossible:
        return False
    return True


def _days_before(row: JointCase) -> tuple[DayBefore, ...]:
    rows = ReadinessDay.objects.filter(case=row, ended_at__isnull=False).order_by("ended_at", "pk")
    return tuple(
        DayBefore(
            one.day,
            readiness.DAYS_FOR[one.what],
            readiness.DAY_ENDS[one.ended_because],
            one.ended_by,
            one.ended_at,
        )
        for one in rows
    )


def seats_of(members: Iterable[Member]) -> frozenset[str]:
    """Return the seats in which somebody sits who may work on the case."""
    return frozenset(one.agency for one in members if one.right == "edit")


def item_seen(
    item: Item,
    version: int,
    kind: CaseType,
    members: Collection[Member],
    mine: Member,
    day: DayKept,
    now: dt.datetime,
    *,
    is_open: bool,
) -> ItemSeen:
    """Return an item as a member sees it."""
    due = readiness.due_on(item.kind, day.day)
    found = readiness.timing_of(item, due, london_date(now))
    may_step, seats = is_open and mine.right == "edit", seats_of(members)
    codes = readiness.steps_for(mine, item, seats) if may_step else ()
    return ItemSeen(
        code=item.kind.id,
        words=item.kind.words,
        agency=item.kind.agency,
        agency_name=kind.agencies[item.kind.agency].name,
        owners=tuple(f"{one.username}, {one.organisation}" for one in members if one.agency == item.kind.agency),
        is_required=item.kind.required,
        is_settled=item.is_settled,
        state=item.state,
        state_name=MACHINE.states[item.state].name,
        due_on=due,
        timing=found,
        timing_name=TIMINGS[found],
        days_needed=item.kind.days_needed,
        expected_on=item.expected_on,
        evidence=item.evidence,
        reason_name=readiness.NOT_NEEDED.get(item.reason, ""),
        changed_by=item.by,
        silence=readiness.silence_on(item, due, now) if is_open else None,
        court=tuple(READINESS_ITEMS[reason] for reason in item.kind.reasons),
        steps=tuple((code, MACHINE.steps[code].name) for code in codes),
        is_asked="agree_drop" in codes,
        version=version,
    )


def take_step(sight: Sight, case_id: UUID, code: str, seen: int, step: str, given: Given) -> None:
    """Take a step of a readiness item. Raises `NotPossible`, `ChangedMeanwhile`, `NotThere`."""
    row = cases.get_row(case_id)
    noun = cases.noun_of(row)
    member = cases.cases.check_edits(acting_of(sight), noun)
    found = nouns_of(row).get(code)
    if found is None or (member.sight is not SightOfCase.WHOLE and found[0].kind.agency != member.agency):
        raise NotPossible("There is no such item. Look at the list again")
    item, version = found
    if version != seen:
        raise ChangedMeanwhile
    after = readiness.take_step(member, item, step, given, now_of_database(), seats_of(noun.members))
    values = {
        "state": after.state,
        "since": after.since,
        "expected_on": after.expected_on,
        "evidence": after.evidence,
        "reason": after.reason,
        "asked_by_agency": after.asked_by,
        "changed_by": member.username,
        "changed_at": now_of_database(),
    }
    if version:
        change(CaseReadiness.objects.get(case=row, item=code), seen, **values)
    else:
        _begin(CaseReadiness(case=row, item=code, agency=item.kind.agency, **values))
    record_step(
        sight,
        f"readiness: {step}",
        cases.people_of(row),
        "case",
        case=row.reference,
        item=code,
        reason=after.reason,
    )


def _begin(made: CaseReadiness | ReadinessDay) -> None:
    """Write a row down for the first time. Raises `ChangedMeanwhile` where somebody else just did."""
    try:
        with transaction.atomic():
            type(made).objects.append_one(made)
    except IntegrityError:
        raise ChangedMeanwhile from None


def set_day(sight: Sight, case_id: UUID, seen: int, what: str, day: dt.date) -> None:
    """Write down the day of the hearing or meeting, as the lead or the court's own seat.

    A day that stood there was moved: it stays with that. Raises `NotPossible`, `ChangedMeanwhile`.
    """
    row, now = _row_of_day(sight, case_id), now_of_database()
    readiness.check_day(day, what, now)
    kept = _day_that_holds(row)
    if kept is not None:
        _end_day(sight, kept, seen, "moved", now)
    elif seen:
        raise ChangedMeanwhile
    versions = ReadinessDay.objects.filter(case=row).values_list("version", flat=True)
    by = sight.viewer.username
    _begin(ReadinessDay(case=row, what=what, day=day, set_by=by, set_at=now, version=max(versions, default=0) + 1))
    record_step(sight, "readiness: day written", cases.people_of(row), "case", case=row.reference, day=what)


def end_day(sight: Sight, case_id: UUID, seen: int, because: str) -> None:
    """Write down that the day does not hold any more: vacated, or written down by mistake. Nothing is due by it then.

    Raises `NotPossible`, `ChangedMeanwhile`.
    """
    row, now = _row_of_day(sight, case_id), now_of_database()
    kept = _day_that_holds(row)
    if kept is None:
        raise NotPossible("No day is written down. Look at the page again")
    if because not in readiness.DAY_ENDS:
        raise NotPossible("Choose why it does not hold")
    _end_day(sight, kept, seen, because, now)
    record_step(sight, "readiness: day ended", cases.people_of(row), "case", case=row.reference, because=because)


def _row_of_day(sight: Sight, case_id: UUID) -> JointCase:
    """Return a case whose day the human of this transaction may write. Raises `NotPossible`."""
    row = cases.get_row(case_id)
    member = cases.cases.check_edits(acting_of(sight), cases.noun_of(row))
    readiness.check_writes_day(case_type_of(row.case_type), member)
    return row


def _day_that_holds(row: JointCase) -> ReadinessDay | None:
    found: ReadinessDay | None = ReadinessDay.objects.filter(case=row, ended_at__isnull=True).first()
    return found


def _end_day(sight: Sight, kept: ReadinessDay, seen: int, because: str, now: dt.datetime) -> None:
    """End the day that holds, if it is the version that was seen."""
    if kept.version != seen:
        raise ChangedMeanwhile
    rows = ReadinessDay.objects.filter(pk=kept.pk, version=seen, ended_at__isnull=True)
    if rows.update(ended_at=now, ended_by=sight.viewer.username, ended_because=because) != 1:
        raise ChangedMeanwhile


@dataclass(frozen=True)
class ItemDue:
    """A readiness item of a case of the viewer's that will not be there in time, for their work list."""

    case_id: UUID
    case_reference: str
    item: ItemSeen


def list_not_in_time(sight: Sight, members: cases.Members | None = None) -> list[ItemDue]:
    """Return the items not in time of open cases: of the viewer's own seat, and all of a case that they lead.

    And those of which the viewer's seat is asked to agree that they are not needed, whether a day is fixed or not.

    As many statements for many cases as for one.
    """
    me, now = sight.viewer.username, sight.now
    rows = _open_cases([kind.id for kind in case_types().values() if kind.readiness])
    if not rows:
        return []
    days, members, kept = days_of(rows), cases.members_by_case((row.pk for row in rows), members), _kept_of(rows)
    found = []
    for row in rows:
        mine = next((one for one in members[row.pk] if one.username == me), None)
        day = days.get(row.pk, DayKept())
        if mine is None:
            continue
        kind = case_type_of(row.case_type)
        for item, version in _nouns(kind, kept[row.pk]).values():
            seen = item_seen(item, version, kind, members[row.pk], mine, day, now, is_open=True)
            if seen.is_asked or (seen.is_late and (mine.is_lead or mine.agency == item.kind.agency)):
                found.append(ItemDue(row.pk, row.reference, seen))
    return sorted(found, key=lambda one: (one.item.due_on or dt.date.max, one.case_reference, one.item.code))


def _kept_of(rows: Iterable[JointCase]) -> Mapping[UUID, list[CaseReadiness]]:
    found: dict[UUID, list[CaseReadiness]] = defaultdict(list)
    for one in _touched([row.pk for row in rows]):
        found[one.case_id].append(one)
    return found
