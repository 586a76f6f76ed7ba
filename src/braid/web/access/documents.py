"""`decide_document()` over the documents that the database let through: it has the last word on each.

That it was decided to share a document with the viewer's organisation, and that the guard let it go to them, is the
database's answer: neither the ledger nor the guard's findings are theirs to read. All else is decided here again.
"""

import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from uuid import UUID

from braid.care.cases import Sight as SightOfCase
from braid.care.documents import SIDES, sees_side
from braid.trust.decide import Outcome
from braid.trust.documents import DocumentHeld, SeatTaken, decide_document
from braid.trust.items import JOINED
from braid.web.access.decisions import decisions_on
from braid.web.access.sight import Sight
from braid.web.case_type_files import case_types
from braid.web.models import CaseDocument, CaseMember, CaseSubject, DocumentReader, DocumentSubject

log = logging.getLogger(__name__)


def permitted_documents(sight: Sight, rows: Iterable[CaseDocument]) -> list[CaseDocument]:
    """Return the documents that the decision allows, in the order given. As many statements for many as for one."""
    listed = list(rows)
    if not listed:
        return []
    ids = [row.pk for row in listed]
    about, readers = _people_of(ids), defaultdict(set)
    for row in DocumentReader.objects.filter(document__in=ids, ended_at__isnull=True):
        readers[row.document_id].add((str(row.case_id), row.organisation, row.agency))
    seats = _seats(sight, {case for of_one in readers.values() for case, _, _ in of_one})
    everybody = {one for of_one in about.values() for one in of_one} | {one for seat in seats for one in seat.people}
    subjects = decisions_on(sight, sorted(everybody)).subjects if everybody else {}
    purpose, actor = sight.viewer.purpose, sight.actor_for(sight.viewer.purpose, JOINED, "joint_case")
    mine = frozenset({sight.organisation})
    allowed = []
    for row in listed:
        held = DocumentHeld(
            row.organisation, row.agency, row.side, frozenset(about[row.pk]), frozenset(readers[row.pk]), mine, mine
        )
        decision = decide_document(actor, held, seats, subjects, purpose, sight.now)
        if decision.outcome is Outcome.ALLOW:
            allowed.append(row)
        else:
            log.error("A document that the database let through was denied: %s.", decision.reason)
    return allowed


def _people_of(ids: Collection[UUID]) -> Mapping[UUID, set[str]]:
    found: dict[UUID, set[str]] = defaultdict(set)
    rows = DocumentSubject.objects.filter(document__in=ids).exclude(subject__person_id="")
    for document_id, person_id in rows.values_list("document_id", "subject__person_id"):
        found[document_id].add(person_id)
    return found


def _seats(sight: Sight, cases: Collection[str]) -> list[SeatTaken]:
    """Return the seats that the viewer takes in these cases, with the people of each."""
    people: dict[UUID, set[str]] = defaultdict(set)
    subjects = CaseSubject.objects.filter(case__in=sorted(cases), ended_at__isnull=True).exclude(person_id="")
    for case_id, person_id in subjects.values_list("case_id", "person_id"):
        people[case_id].add(person_id)
    members = CaseMember.objects.filter(
        case__in=sorted(cases), username=sight.viewer.username, left_at__isnull=True
    ).select_related("case")
    kinds = case_types()
    return [
        SeatTaken(
            case=str(one.case_id),
            purpose=one.case.purpose,
            organisation=one.organisation,
            agency=one.agency,
            whole=one.sight == SightOfCase.WHOLE,
            sides=frozenset(
                side
                for side in SIDES
                if one.case.case_type in kinds and sees_side(kinds[one.case.case_type], one.agency, side)
            ),
            people=frozenset(people[one.case_id]),
        )
        for one in members
    ]
