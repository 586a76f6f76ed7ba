"""Moves of households as kept: planned, made or called off, with the notices they ask for.

Where a household goes is a location. A district is kept and shown only where it may be shown of everybody who moves, an
address never: whoever sends a notice writes it into the message, which rests sealed and which the guard reads.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, transaction

from braid.care import moves
from braid.care.cases import Sight as SightOfCase
from braid.care.moves import AGREEMENT_MACHINE, MACHINE, Move, Notice
from braid.care.moves import Mover as MoverNoun
from braid.language.steps import NotPossible
from braid.trust.roles import SCHOOL_FROM_TA
from braid.web.access.joint import find_located
from braid.web.access.sight import NotThere, Sight
from braid.web.care import cases
from braid.web.care.cases import CaseSeen
from braid.web.care.kept import acting_of, change, now_of_database, record_step
from braid.web.models import District, JointCase, MoveCorrection, MoveNotice, Mover, PlannedMove
from braid.web.owner_functions import ask_row

NOT_THERE = "There is no such move. Look at the list again"
LOCATES = (
    "Where they live may not be written here. Leave both districts empty, and say only whether the home is in another"
    " council's district"
)


@dataclass(frozen=True)
class MoveGiven:
    """What somebody enters of a move. Districts are codes of the place, empty where they are not known or not said."""

    planned_on: dt.date
    leaves_district: bool
    movers: tuple[MoverNoun, ...]
    application: str = ""
    from_district: str = ""
    to_district: str = ""


def get_case_of_moves(sight: Sight, case_id: UUID) -> tuple[CaseSeen, JointCase]:
    """Return a case that has moves, for one who sees the whole of it, and record the look. Raises `NotThere`.

    Cases about school from temporary accommodation have them; of others there is no such page.
    """
    seen, row = cases.get_case(sight, case_id), cases.get_row(case_id)
    if row.purpose != SCHOOL_FROM_TA or seen.mine.sight is not SightOfCase.WHOLE:
        raise NotThere
    return seen, row


def plan_move(sight: Sight, case_id: UUID, given: MoveGiven) -> PlannedMove:
    """Plan a move of people of a case, with the notices that it asks for. Raises `NotPossible`, `NotThere`."""
    _, row = get_case_of_moves(sight, case_id)
    by, now = acting_of(sight), now_of_database()
    cases.cases.check_edits(by, cases.noun_of(row))
    noun = Move(given.planned_on, given.leaves_district, given.movers, given.application.strip())
    moves.check_new(noun, cases.people_of(row), now)
    _check_districts(sight, given)
    made = PlannedMove(
        case=row,
        planned_on=noun.planned_on,
        leaves_district=noun.leaves_district,
        from_district=given.from_district,
        to_district=given.to_district,
        application=noun.application,
        made_by=by.username,
        made_at=now,
    )
    PlannedMove.objects.append_one(made)
    Mover.objects.append(
        Mover(
            move=made,
            person_id=one.person_id,
            school=one.school,
            exam_year=one.exam_year,
            is_applicant=one.is_applicant,
        )
        for one in noun.movers
    )
    rows = {one.person_id: one for one in Mover.objects.filter(move=made)}
    MoveNotice.objects.append(
        MoveNotice(move=made, mover=rows.get(one.child), kind=one.kind, body=one.body, changed_by=by.username)
        for one in moves.notices_of(noun, _notified())
    )
    record_move(sight, row, [one.person_id for one in noun.movers], "move planned")
    return made


def _check_districts(sight: Sight, given: MoveGiven) -> None:
    named = {given.from_district, given.to_district} - {""}
    if not named:
        return
    people = {one.person_id for one in given.movers}
    if find_located(sight, people) != people:
        raise NotPossible(LOCATES)
    if District.objects.filter(code__in=named).count() < len(named):
        raise NotPossible("Choose the districts from the list")
    if len({given.from_district, given.to_district}) == 2 and "" not in (given.from_district, given.to_district):
        if not given.leaves_district:
            raise NotPossible("The districts differ, so the home is in another council's district. Say so")
    elif given.from_district == given.to_district and given.leaves_district:
        raise NotPossible("Both districts are the same, so the home is in no other district. Correct one of them")


def _notified() -> set[str]:
    """Return the applications under which section 213AA was done, as far as the human of this transaction sees them."""
    rows = MoveNotice.objects.filter(kind="s213aa", state="sent").exclude(move__application="")
    return set(rows.values_list("move__application", flat=True))


def _row_of(case: JointCase, move_id: UUID) -> PlannedMove:
    row = PlannedMove.objects.filter(case=case, pk=move_id).first()
    if row is None:
        raise NotPossible(NOT_THERE)
    return row


def move_noun(row: PlannedMove, movers: Iterable[Mover]) -> Move:
    """Return a move as the rules know it."""
    return Move(
        planned_on=row.planned_on,
        leaves_district=row.leaves_district,
        movers=tuple(MoverNoun(one.person_id, one.school, one.exam_year, one.is_applicant) for one in movers),
        application=row.application,
        state=row.state,
        available_on=row.available_on,
        agreement=row.agreement,
        agreed_on=row.agreed_on,
        details_on=row.details_on,
    )


def notice_noun(row: MoveNotice) -> Notice:
    """Return a notice as the rules know it."""
    return Notice(row.kind, row.body, row.state, row.reason, row.sent_on, row.mover.person_id if row.mover else "")


def _edited(sight: Sight, case_id: UUID, move_id: UUID) -> tuple[JointCase, PlannedMove, list[Mover]]:
    _, case = get_case_of_moves(sight, case_id)
    cases.cases.check_edits(acting_of(sight), cases.noun_of(case))
    row = _row_of(case, move_id)
    return case, row, list(Mover.objects.filter(move=row).order_by("pk"))


def add_body(sight: Sight, case_id: UUID, move_id: UUID, child: str, body: str) -> None:
    """Add a notice to another body of a child than those made with the move. Raises `NotPossible`, `NotThere`."""
    case, row, movers = _edited(sight, case_id, move_id)
    moves.check_body(move_noun(row, movers), child, body)
    of_child = next(one for one in movers if one.person_id == child)
    made = MoveNotice(move=row, mover=of_child, kind="s213aa", body=body, changed_by=sight.viewer.username)
    try:
        with transaction.atomic():
            MoveNotice.objects.append_one(made)
    except IntegrityError:
        raise NotPossible("It is there already. Look at the list again") from None
    record_move(sight, case, [child], "notice: body added")


def take_move_step(
    sight: Sight, case_id: UUID, move_id: UUID, seen: int, step: str, day: dt.date | None = None
) -> None:
    """Take a step of a move or of the agreement, or write down that the details were given.

    Called off, what was not sent need not be sent any more; not agreed, what rests on the agreement waits again. What
    waits in the outbox is taken back, and what has left is marked as sent. Raises `NotPossible`, `NotThere`.
    """
    case, row, movers = _edited(sight, case_id, move_id)
    now = now_of_database()
    if step in AGREEMENT_MACHINE.steps:
        values: dict[str, object] = {"agreement": AGREEMENT_MACHINE.after(row.agreement, step)}
        values["agreed_on"] = moves.check_fact_day(day, now) if step == "agree" else None
    elif step == "details":
        moves.check_details(move_noun(row, movers))
        values = {"details_on": moves.check_fact_day(day, now)}
    else:
        values = {"state": MACHINE.after(row.state, step)}
        if step == "make":
            values["available_on"] = moves.check_fact_day(day, now)
    change(row, seen, **values)
    if step == "refuse":
        _stop_notices(sight, case, row, movers, moves.RESTING_ON_AGREEMENT)
    elif step == "call_off":
        _stop_notices(sight, case, row, movers, frozenset(moves.NOTICES), "not_moved")
    record_move(sight, case, [one.person_id for one in movers], f"move: {step}")


def _stop_notices(
    sight: Sight,
    case: JointCase,
    move: PlannedMove,
    movers: Iterable[Mover],
    kinds: frozenset[str],
    reason: str = "",
) -> None:
    """Take back the notices of these kinds that wait in the outbox, and open them again.

    With a `reason` they, and those not handed over yet, are not sent at all.
    """
    states = moves.WAITING if reason else {"handed_over"}
    rows = MoveNotice.objects.filter(move=move, kind__in=sorted(kinds), state__in=sorted(states))
    for notice in rows.select_related("mover").order_by("pk"):
        left_on = _take_back(sight, case, notice, movers) if notice.state == "handed_over" else None
        keep_notice(sight, notice, notice.version, moves.stop_notice(notice_noun(notice), reason, left_on))


def _take_back(sight: Sight, case: JointCase, notice: MoveNotice, movers: Iterable[Mover]) -> dt.date | None:
    """Take back the message of a notice while it waits; return the day on which it left, if it did."""
    stands, left_on = _message_of(notice, take_back=True)
    if stands == "taken_back":
        record_move(sight, case, [one.person_id for one in movers], "notice: message taken back", notice=notice.kind)
    return left_on


def _message_of(notice: MoveNotice, *, take_back: bool = False) -> tuple[str, dt.date | None]:
    """Return how the message of a notice stands, and the day on which it left."""
    stands, left_on = ask_row("braid_stop_notice", ("stands", "left_on"), notice.pk, take_back) or ("none", None)
    return stands, left_on


def take_notice_step(
    sight: Sight, case_id: UUID, notice_id: UUID, seen: int, step: str, reason: str = "", day: dt.date | None = None
) -> None:
    """Mark a notice as sent or not sent, or open it again; what waits in the outbox does not leave then.

    Raises `NotPossible`, where it has left too, and `NotThere`.
    """
    if step == "hand_over":
        raise NotPossible("Fill in what the notice needs, and hand it over from there")
    case, move, row, movers = of_notice(sight, case_id, notice_id)
    noun = notice_noun(row)
    after = moves.take_notice_step(noun, move_noun(move, movers), step, reason=reason, day=day, now=now_of_database())
    if noun.state == "handed_over":
        if step == "mark_sent" and _message_of(row)[0] == "waits":
            raise NotPossible(moves.WAITS)
        if step != "mark_sent" and _take_back(sight, case, row, movers) is not None:
            raise NotPossible(moves.HAS_LEFT)
    keep_notice(sight, row, seen, after)
    record_move(sight, case, [one.person_id for one in movers], f"notice: {step}", notice=row.kind, reason=after.reason)


def correct_fact(
    sight: Sight, case_id: UUID, move_id: UUID, seen: int, fact: str, day: dt.date | None, reason: str
) -> None:
    """Correct a day of a move; what stood there is kept with the reason. Raises `NotPossible`, `NotThere`.

    A notice that waits in the outbox would tell the wrong day, so it is taken back and waits to be handed over anew.
    """
    case, row, movers = _edited(sight, case_id, move_id)
    after = moves.correct_fact(move_noun(row, movers), fact, day, reason, now_of_database())
    was = getattr(row, fact)
    change(
        row,
        seen,
        state=after.state,
        agreement=after.agreement,
        available_on=after.available_on,
        agreed_on=after.agreed_on,
        details_on=after.details_on,
    )
    _keep_correction(sight, row, None, fact, was, reason)
    told = frozenset(moves.NOTICES) if fact == "available_on" else moves.RESTING_ON_AGREEMENT
    _stop_notices(sight, case, row, movers, told)
    record_move(sight, case, [one.person_id for one in movers], "move: corrected", fact=fact, reason=reason)


def correct_sent(sight: Sight, case_id: UUID, notice_id: UUID, seen: int, reason: str) -> None:
    """Open a notice again that was marked as sent; the day that stood there is kept. Raises `NotPossible`."""
    case, move, row, movers = of_notice(sight, case_id, notice_id)
    was = row.sent_on
    after = moves.correct_sent(notice_noun(row), reason, has_left=_message_of(row)[0] == "left")
    by = sight.viewer.username
    change(row, seen, state=after.state, sent_on=after.sent_on, message_id=None, changed_by=by)
    _keep_correction(sight, move, row, "sent_on", was, reason)
    people = [one.person_id for one in movers]
    record_move(sight, case, people, "notice: corrected", notice=row.kind, reason=reason)


def _keep_correction(
    sight: Sight, move: PlannedMove, notice: MoveNotice | None, fact: str, was: dt.date | None, reason: str
) -> None:
    made = MoveCorrection(
        move=move, notice=notice, fact=fact, was=was, reason=reason, corrected_by=sight.viewer.username
    )
    MoveCorrection.objects.append_one(made)


def of_notice(sight: Sight, case_id: UUID, notice_id: UUID) -> tuple[JointCase, PlannedMove, MoveNotice, list[Mover]]:
    """Return a notice with its case, its move and who moves, for a member who may edit. Raises `NotPossible`."""
    row = MoveNotice.objects.filter(pk=notice_id, move__case_id=case_id).select_related("mover").first()
    if row is None:
        raise NotPossible(NOT_THERE)
    case, move, movers = _edited(sight, case_id, row.move_id)
    return case, move, row, movers


def keep_notice(sight: Sight, row: MoveNotice, seen: int, after: Notice, message_id: UUID | None = None) -> None:
    """Keep what became of a notice, if it is still the version that was seen."""
    change(
        row,
        seen,
        state=after.state,
        reason=after.reason,
        sent_on=after.sent_on,
        message_id=message_id or row.message_id,
        changed_by=sight.viewer.username,
    )


def record_move(sight: Sight, case: JointCase, people: list[str], what: str, **details: str) -> None:
    """Write down a step of a move, one entry for each who moves."""
    record_step(sight, what, people, "case", case=case.reference, **details)
