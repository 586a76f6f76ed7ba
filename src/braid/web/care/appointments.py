"""The appointments of a joint case as kept: two sealed sheets, changed one step at a time, planned in the request.

A sheet says when whoever was harmed will be where. It rests sealed, and the database shows it to seats that are shown
them. The other sheet, where whoever is accused will be, is opened for one purpose beside its own page: planning, whose
reasons are those of somebody who may not know.
"""

import datetime as dt
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.utils import timezone

from braid.care.appointment_plan import find_unsafe, pose, take_plan, without_unsafe
from braid.care.appointment_sheet import OTHER, Sheet, Whereabouts
from braid.care.documents import APART, HARMED
from braid.care.response import sees_response
from braid.language.dates import london_date
from braid.language.documents import parse, write
from braid.language.steps import NotPossible
from braid.planning.appointments.engines.first_come import book
from braid.planning.appointments.engines.grid import Grid
from braid.planning.appointments.reasons import seen_by
from braid.planning.contract import Limits, NoPlan, PlanRefused
from braid.planning.kinds import KINDS
from braid.store.vault_keys import KeyRing, VaultKeyNotAvailable, VaultSealBroken
from braid.web.access.joint import find_names
from braid.web.access.sight import Sight
from braid.web.care import cases
from braid.web.care.cases import CaseSeen
from braid.web.care.kept import ChangedMeanwhile, acting_of, case_type_of, change, now_of_database, record_step
from braid.web.care.response import get_case_of_apart, get_case_of_harmed, may_edit
from braid.web.models import AppointmentSheet, CaseMember, JointCase
from braid.web.owner_functions import ask_row
from braid.web.published import names_of_organisations
from braid.web.vault.keys import get_key_ring
from braid.web.vault.sealed_rows import Columns, open_columns, seal_columns
from braid.web.watch import known_asker

LIMITS = Limits(seconds=0.5, stop_seconds=5.0)
"""Of a plan in a request: a bundle of one victim is proved in a fraction of it."""
logger = logging.getLogger(__name__)
Document = TypeVar("Document", Sheet, Whereabouts)


@dataclass(frozen=True)
class AppointmentsSeen:
    """The appointments of a case, for a seat that is shown whoever was harmed."""

    case: CaseSeen
    names: tuple[str, ...]
    sheet: Sheet
    version: int
    may_edit: bool
    buildings: Mapping[str, str]
    unsafe: frozenset[str]
    """Needs whose agreed appointment, from today on, cannot stay where it is. Why, nobody is told here."""


@dataclass(frozen=True)
class WhereaboutsSeen:
    """Where whoever is accused will be, for a seat of that side. Nobody who was harmed is named."""

    case_id: UUID
    reference: str
    whereabouts: Whereabouts
    version: int
    may_edit: bool
    buildings: Mapping[str, str]


def get_appointments(sight: Sight, case_id: UUID) -> AppointmentsSeen:
    """Return the appointments of a case, and record the look. Raises `NotThere`, `VaultKeyNotAvailable`."""
    seen, row = get_case_of_harmed(sight, case_id)
    names = find_names(sight, cases.people_of(row))
    sheet, version = _read(row, HARMED, Sheet())
    known = _whereabouts_to_plan(row)
    return AppointmentsSeen(
        case=seen,
        names=tuple(names.values()),
        sheet=without_unsafe(sheet, known),
        version=version,
        may_edit=may_edit(seen),
        buildings=list_buildings(),
        unsafe=find_unsafe(sheet, known, london_date(sight.now)),
    )


def get_whereabouts(sight: Sight, case_id: UUID) -> WhereaboutsSeen:
    """Return where whoever is accused will be, as far as it is written down. Raises `NotThere`."""
    seen, row = get_case_of_apart(sight, case_id)
    whereabouts, version = _read(row, APART, Whereabouts())
    return WhereaboutsSeen(case_id, seen.reference, whereabouts, version, may_edit(seen), list_buildings())


def list_buildings() -> dict[str, str]:
    """Return the buildings to choose from: each partner's, and another."""
    return {**names_of_organisations(), OTHER: "Another building"}


def change_sheet(sight: Sight, case_id: UUID, seen: int, what: str, step: Callable[[Sheet], Sheet]) -> None:
    """Take a step of the sheet of whoever was harmed. Raises `NotPossible`, `NotThere`."""
    _, row = get_case_of_harmed(sight, case_id)
    cases.cases.check_edits(acting_of(sight), cases.noun_of(row))
    (sheet, _), known = _read(row, HARMED, Sheet()), _whereabouts_to_plan(row)
    changed, now = step(without_unsafe(sheet, known)), now_of_database()
    is_unsafe = bool(find_unsafe(changed, known, london_date(now)))
    _keep(sight, row, HARMED, seen, changed, unsafe_since=now if is_unsafe else None)
    record_step(sight, what, cases.people_of(row), "case", case=row.reference)


def change_whereabouts(
    sight: Sight, case_id: UUID, seen: int, what: str, step: Callable[[Whereabouts], Whereabouts]
) -> None:
    """Take a step of the sheet of the other side. Raises `NotPossible`, `NotThere`. Recorded as about nobody."""
    _, row = get_case_of_apart(sight, case_id)
    cases.cases.check_edits(acting_of(sight), cases.noun_of(row))
    whereabouts, _ = _read(row, APART, Whereabouts())
    _keep(sight, row, APART, seen, step(whereabouts))
    record_step(sight, what, [], case=row.reference)


def plan_appointments(
    sight: Sight,
    case_id: UUID,
    seen: int,
    what: str = "appointments planned",
    first: Callable[[Sheet], Sheet] = lambda sheet: sheet,
) -> None:
    """Plan what is needed into what is offered, checked, and keep the proposals; `first` takes a step before.

    Raises `NotPossible`, `NotThere`.
    """
    _, row = get_case_of_harmed(sight, case_id)
    known, today = _whereabouts_to_plan(row), london_date(now_of_database())

    def planned(given: Sheet) -> Sheet:
        sheet = first(given)
        problem = pose(sheet, known, today)
        kind = KINDS["appointments"]
        if kind.faults(problem):
            raise NotPossible("What was entered contradicts itself. Look at the needs and what was agreed")
        try:
            plan = kind.solve(problem, LIMITS)
        except (NoPlan, PlanRefused):
            raise NotPossible("No plan was found. Take back what was agreed, and plan again") from None
        grid = Grid(problem)
        taken = {grid.booking(name, choice).date for name, choice in book(grid).items()}
        days_out = len(taken), len({each.date for each in plan.bookings})
        return take_plan(sheet, seen_by(problem, plan, frozenset()), days_out)

    change_sheet(sight, case_id, seen, what, planned)


def list_agreed(sight: Sight, case_id: UUID) -> tuple[str, list[tuple[str, dt.date, int, int]], list[str]]:
    """Return the case's reference; of what was agreed the need, day, beginning and end in minutes; and whom it is of.

    What cannot stay is left out.
    """
    seen, row = get_case_of_harmed(sight, case_id)
    return seen.reference, _agreed(row, london_date(sight.now)), cases.people_of(row)


def list_agreed_of_own(username: str, today: dt.date) -> list[tuple[str, dt.date, int, int]]:
    """Return what was agreed in every open case of whoever this transaction is for, as `list_agreed`, where their seat
    is shown it.

    Times alone, and of whom is not read: so no look is taken. A sheet that cannot be opened just now is left out.
    """
    sheets = AppointmentSheet.objects.filter(side=HARMED, case__state="open").values("case")
    members = CaseMember.objects.filter(username=username, left_at__isnull=True, case__in=sheets)
    found: list[tuple[str, dt.date, int, int]] = []
    for member in members.select_related("case").order_by("case_id"):
        if sees_response(case_type_of(member.case.case_type), member.agency):
            try:
                found += [(f"{member.case_id} {one[0]}", *one[1:]) for one in _agreed(member.case, today)]
            except (VaultKeyNotAvailable, VaultSealBroken):
                logger.error("A sheet of appointments could not be opened for a calendar.")
    return found


def _agreed(row: JointCase, today: dt.date) -> list[tuple[str, dt.date, int, int]]:
    sheet, _ = _read(row, HARMED, Sheet())
    unsafe = find_unsafe(sheet, _whereabouts_to_plan(row), today)
    kept = (one for one in sheet.booked if one.is_agreed and one.need not in unsafe)
    return [(one.need, one.date, one.start_minute, one.until_minute) for one in kept]


def _whereabouts_to_plan(row: JointCase) -> Whereabouts:
    found = ask_row("braid_whereabouts_to_plan", ("sheet_id", "key_id", "wrapped", "sealed"), row.pk)
    if found is None:
        return Whereabouts()
    sheet_id, *columns = found
    return parse(open_columns(get_key_ring(), _owner(sheet_id), _FIELD, *columns), Whereabouts, "sheet")


def _read(row: JointCase, side: str, empty: Document) -> tuple[Document, int]:
    """Return a sheet and its version; an empty one of version 0 where there is none."""
    kept = AppointmentSheet.objects.filter(case=row, side=side).first()
    if kept is None:
        return empty, 0
    text = open_columns(get_key_ring(), _owner(kept.pk), _FIELD, kept.key_id, kept.wrapped, kept.sealed)
    return parse(text, type(empty), "sheet"), kept.version


def _keep(
    sight: Sight,
    row: JointCase,
    side: str,
    seen: int,
    document: Sheet | Whereabouts,
    *,
    unsafe_since: dt.datetime | None = None,
) -> None:
    kept = AppointmentSheet.objects.filter(case=row, side=side).first()
    by = {"changed_by": sight.viewer.username, "changed_at": now_of_database(), "unsafe_since": unsafe_since}
    if kept is not None:
        if unsafe_since is not None and kept.unsafe_since is not None:
            by["unsafe_since"] = kept.unsafe_since
        change(kept, seen, **by, **seal_appointments(get_key_ring(), kept.pk, document))
        return
    if seen:
        raise ChangedMeanwhile
    number = uuid4()
    made = AppointmentSheet(id=number, case=row, side=side, **by, **seal_appointments(get_key_ring(), number, document))
    try:
        with transaction.atomic():
            AppointmentSheet.objects.append_one(made)
    except IntegrityError:
        raise ChangedMeanwhile from None


_FIELD = "appointments"


def seal_appointments(ring: KeyRing, sheet_id: UUID, document: Sheet | Whereabouts) -> Columns:
    """Return the columns of a row that hold a sheet."""
    return seal_columns(ring, _owner(sheet_id), _FIELD, write(document).encode("utf-8"))


def _owner(sheet_id: UUID) -> str:
    return f"appointments:{sheet_id}"


def reseal_appointments(ring: KeyRing) -> None:
    """Seal every sheet anew under the ring's current key, in the caller's transaction, as the owner of the tables."""
    for number in list(AppointmentSheet.objects.values_list("pk", flat=True)):
        row = AppointmentSheet.objects.select_for_update().get(pk=number)
        content = open_columns(ring, _owner(number), _FIELD, row.key_id, row.wrapped, row.sealed)
        AppointmentSheet.objects.filter(pk=number).update(**seal_columns(ring, _owner(number), _FIELD, content))


def forget_appointments() -> None:
    """Delete the sheets that a lost key sealed: nobody can open them again."""
    AppointmentSheet.objects.all().delete()


def mark_unsafe(clock: Callable[[], dt.datetime] = timezone.now) -> int:
    """Say of every open case since when an agreed appointment cannot stay; return how many became so.

    As the owner of the tables: whoever writes down where who is accused will be may not know of appointments. A sheet
    that cannot be opened is left as it is, and its pages say so.
    """
    with known_asker():
        rows = list(AppointmentSheet.objects.filter(side=HARMED, case__state="open").order_by("pk"))
    became = 0
    for row in rows:
        try:
            became += _mark(row.pk, clock())
        except Exception as error:
            # Whatever it is, the next one is looked through all the same. Its text may hold a value: its kind is said.
            logger.error("appointments were not looked through: %s; it is tried again", type(error).__name__)
    return became


@transaction.atomic
def _mark(number: UUID, now: dt.datetime) -> bool:
    with known_asker():
        row = AppointmentSheet.objects.select_for_update().select_related("case").get(pk=number)
        sheet, _ = _read(row.case, HARMED, Sheet())
        known, _ = _read(row.case, APART, Whereabouts())
        is_unsafe = bool(find_unsafe(sheet, known, london_date(now)))
        if is_unsafe != (row.unsafe_since is not None):
            AppointmentSheet.objects.filter(pk=number).update(unsafe_since=now if is_unsafe else None)
            return is_unsafe
    return False
