"""Joint cases changed as a whole: whom they are about, parted, merged, led by somebody who stands in."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from braid.care import case_changes
from braid.care import cases as rules
from braid.care.case_changes import Subject
from braid.care.cases import STANDING_IN, Member
from braid.language.steps import NotPossible
from braid.web.access.sight import NotThere, Sight
from braid.web.care import cases
from braid.web.care.documents import part_documents
from braid.web.care.kept import acting_of, case_type_of, change, now_of_database, record_step, teams_of
from braid.web.models import CaseMember, CaseSubject, JointCase
from braid.web.owner_functions import ask_rows
from braid.web.written_once import written_once


def _subjects(row: JointCase) -> dict[str, CaseSubject]:
    return {str(one.pk): one for one in CaseSubject.objects.filter(case=row, ended_at__isnull=True).order_by("pk")}


def _nouns(rows: Collection[CaseSubject]) -> list[Subject]:
    return [Subject(str(row.pk), bool(row.name_apart)) for row in rows]


def take_out_subject(sight: Sight, case_id: UUID, key: str, why: str) -> None:
    """Take somebody out of whom a case is about, for a reason of `TAKEN_OUT`. Raises `NotPossible`, `NotThere`.

    Of who was added by mistake the next extract says nothing any more: they were never of the case.
    """
    row = cases.get_row(case_id)
    rows = _subjects(row)
    case_changes.check_take_out(acting_of(sight), cases.noun_of(row), _nouns(rows.values()), key)
    if why not in case_changes.TAKEN_OUT:
        raise NotPossible("Choose why they are taken out")
    in_error = why == case_changes.IN_ERROR
    CaseSubject.objects.filter(pk=rows[key].pk).update(ended_at=now_of_database(), in_error=in_error)
    people = [rows[key].person_id] if rows[key].person_id else []
    record_step(sight, "subject taken out", people, "case", case=row.reference, why=why)


def confirm_subject(sight: Sight, case_id: UUID, key: str) -> None:
    """Say that a person from whom linking parted records is who the case is about. Raises `NotPossible`, `NotThere`."""
    row = cases.get_row(case_id)
    rules.check_edits(acting_of(sight), cases.noun_of(row))
    changed = CaseSubject.objects.filter(case=row, pk=_number(key), doubted_at__isnull=False).update(doubted_at=None)
    if changed != 1:
        raise NotPossible("That was said already, or the case is not about them any more. Look at it again")
    record_step(sight, "subject confirmed", [_subjects(row)[key].person_id], "case", case=row.reference)


def _number(key: str) -> int:
    return int(key) if key.isascii() and key.isdigit() and len(key) < 16 else 0


def part_case(
    sight: Sight, case_id: UUID, seen: int, keys: Collection[str], documents: Collection[UUID] = ()
) -> JointCase:
    """Open a case of their own for some of whom a case is about, led by its lead alone. Raises `NotPossible`.

    What was written, decided and is to do stays in the case that it was written in. Of documents, those go with them
    that are chosen.
    """
    row = cases.get_row(case_id)
    rows, noun, by = _subjects(row), cases.noun_of(row), acting_of(sight)
    case_changes.check_split(by, noun, _nouns(rows.values()), keys)
    parted = [rows[key] for key in keys]
    made = cases.begin_case(sight, case_type_of(row.case_type), noun.lead.agency, parted_from=row)
    _add(made, parted, by.username)
    CaseSubject.objects.filter(pk__in=[one.pk for one in parted]).update(ended_at=made.opened_at)
    change(row, seen)
    people = [one.person_id for one in parted if one.person_id]
    record_step(sight, "case parted", people, "case", case=row.reference, opened=made.reference)
    part_documents(sight, row, made, parted, documents)
    return made


def _add(row: JointCase, subjects: Collection[CaseSubject], username: str) -> None:
    """Write down whom a case is about too, as they were in another case; who is in it already is not added."""
    for one in subjects:
        values = {"part": one.part, "person_id": one.person_id, "name_apart": one.name_apart}
        try:
            with transaction.atomic():
                CaseSubject.objects.append_one(
                    CaseSubject(
                        case=row,
                        added_by=username,
                        parted_ids=one.parted_ids,
                        doubted_at=one.doubted_at,
                        earlier_ids=one.earlier_ids,
                        **values,
                    )
                )
        except IntegrityError:
            continue


def merge_case(sight: Sight, case_id: UUID, seen: int, into_reference: str) -> JointCase:
    """Merge a case into another that one leads too; return that one. Raises `NotPossible`, `NotThere`.

    The merged case stays as it is for whoever took part in it; of its members nobody comes into the other unasked.
    """
    found = JointCase.objects.filter(reference=into_reference.strip().upper()).exclude(pk=case_id).first()
    if found is None:
        raise NotPossible("There is no other case of that reference in which you take part. Look at your cases again")
    # Always in the same order, so that two who merge the same two cases never wait for each other.
    held = {one: cases.get_held(one) for one in sorted((case_id, found.pk))}
    row, into = held[case_id], held[found.pk]
    of_one_kind = (row.case_type, row.purpose) == (into.case_type, into.purpose)
    by = acting_of(sight)
    after = case_changes.merge(by, cases.noun_of(row), cases.noun_of(into), of_one_kind, cases.left_in(row))
    rows, people = _subjects(row), cases.people_of(row)
    change(row, seen, state=after.state, merged_into=into, closed_at=now_of_database())
    known = {one.name_apart for one in _subjects(into).values() if one.name_apart}
    _add(into, [one for one in rows.values() if one.name_apart not in known], by.username)
    record_step(sight, "case merged", people, "case", case=row.reference, into=into.reference)
    return into


@dataclass(frozen=True)
class Links:
    """The other cases that a case was merged or parted with, of which the viewer takes part in each."""

    merged_into: JointCase | None
    parted_from: JointCase | None
    merged_from: tuple[JointCase, ...]
    parted: tuple[JointCase, ...]


def links_of(row: JointCase) -> Links:
    """Return what leads from a case to others: where the viewer takes no part in the other, nothing does."""
    found = _linked(row.pk, [one for one in (row.merged_into_id, row.parted_from_id) if one] or [row.pk])
    found = [one for one in found if one.pk != row.pk]
    by_id = {one.pk: one for one in found}
    return Links(
        by_id.get(row.merged_into_id),
        by_id.get(row.parted_from_id),
        tuple(one for one in found if one.merged_into_id == row.pk),
        tuple(one for one in found if one.parted_from_id == row.pk),
    )


@written_once
def _linked(case_id: UUID, others: list[UUID]) -> QuerySet[JointCase]:
    wanted = Q(pk__among=others) | Q(merged_into_id=case_id) | Q(parted_from_id=case_id)
    return JointCase.objects.filter(wanted).order_by("opened_at", "pk")


@dataclass(frozen=True)
class Led:
    """A case led by somebody of a team that the viewer leads. Whom it is about is not told before they lead it."""

    case_id: UUID
    reference: str
    case_type: str
    lead: str
    agency: str
    team: str
    is_stuck: bool
    """Whether nobody who may act leads it now."""

    @property
    def type_name(self) -> str:
        """The kind of case in words."""
        return case_type_of(self.case_type).name


def list_led(team: str = "") -> list[Led]:
    """Return the cases that the viewer may stand in for, first those whose lead may not act; of one team if named."""
    columns = ("case_id", "reference", "case_type", "lead", "agency", "team_id", "is_stuck")
    found = [Led(*row) for row in ask_rows("braid_cases_to_stand_in", columns)]
    found.sort(key=lambda one: (not one.is_stuck, one.reference))
    return [one for one in found if team in ("", one.team)]


def get_led(case_id: UUID) -> Led:
    """Return a case that the viewer may stand in for. Raises `NotThere`."""
    found = next((one for one in list_led() if one.case_id == case_id), None)
    if found is None:
        raise NotThere
    return found


def stand_in(sight: Sight, case_id: UUID, why: str) -> None:
    """Lead a case in place of its lead professional, who stays with it to edit. Raises `NotPossible`, `NotThere`.

    One's own row first, then who leads: there is never nobody who leads and may read it.
    """
    led = get_led(case_id)
    if why not in STANDING_IN:
        raise NotPossible("Choose from the list why you stand in")
    by = acting_of(sight)
    mine = CaseMember.objects.filter(case_id=case_id, username=by.username, left_at__isnull=True)
    # What they had in another seat ends: whoever leads sits where the lead sat.
    mine.exclude(organisation=by.organisation, agency=led.agency).update(left_at=now_of_database())
    if not mine.exists():
        cases.join(case_id, Member(by.username, by.organisation, led.agency))
    row = cases.get_row(case_id)
    noun = cases.noun_of(row)
    after = rules.stand_in(by, noun, teams_of(noun.lead.username))
    cases.write_members(row, noun, after)
    record_step(sight, "stood in", cases.people_of(row), "case", case=row.reference, reason=why)
