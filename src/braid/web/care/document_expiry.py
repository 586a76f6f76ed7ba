"""Documents whose time is over, erased by the clock: the row and why stay, words and bytes go. As the owner of the
tables.

A document goes so long after the last case that it is in has ended. A case that was merged goes on in the other; one
that is open keeps everything in it; a hold beats the day.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from braid.care import documents
from braid.language.dates import london_date
from braid.web.acting import Actor
from braid.web.care.document_bytes import EMPTY
from braid.web.care.documents_seen import noun_of
from braid.web.models import CaseDocument, DocumentReader, DocumentSubject, DocumentVersion, JointCase
from braid.web.recording import Facts, record
from braid.web.watch import known_asker

CLOCK = Actor("", "", "", "", "documents")
"""Who did it, for the record: no human."""
MOST_MERGES = 50


def expire_due(clock: Callable[[], dt.datetime] = timezone.now) -> int:
    """Erase the documents whose time is over; return how many."""
    today, count = london_date(clock()), 0
    with known_asker():
        rows = list(CaseDocument.objects.filter(state="held", held_because="").order_by("pk"))
        ends = _ends(rows)
        for row in rows:
            goes = documents.goes_on(noun_of(row), ends[row.pk])
            if goes is not None and goes <= today:
                count += _expire(row.pk, clock())
    return count


def _ends(rows: Iterable[CaseDocument]) -> dict[UUID, dt.date | None]:
    """Return of each document on which day the last case that it is in ended; `None` while one is open."""
    listed = list(rows)
    cases = {one.pk: one for one in JointCase.objects.all()} if listed else {}
    there: dict[UUID, set[UUID]] = {row.pk: {row.case_id} for row in listed}
    readers = DocumentReader.objects.filter(document__in=list(there), ended_at__isnull=True)
    for document_id, case_id in readers.values_list("document_id", "case_id"):
        there[document_id].add(case_id)
    return {number: _last_end(cases, ids) for number, ids in there.items()}


def _last_end(cases: Mapping[UUID, JointCase], ids: Iterable[UUID]) -> dt.date | None:
    ends = [_end_of(cases, one) for one in ids]
    return None if None in ends else max(one for one in ends if one is not None)


def _end_of(cases: Mapping[UUID, JointCase], case_id: UUID) -> dt.date | None:
    """Return when a case ended, followed into the one that it was merged into."""
    case = cases[case_id]
    for _ in range(MOST_MERGES):
        if case.merged_into_id is None:
            break
        case = cases[case.merged_into_id]
    return london_date(case.closed_at) if case.state == "closed" and case.closed_at else None


@transaction.atomic
def _expire(document_id: UUID, now: dt.datetime) -> int:
    changed = CaseDocument.objects.filter(pk=document_id, state="held", held_because="").update(
        state="expired",
        ended_because=documents.EXPIRED,
        ended_at=now,
        title="",
        given_by="",
        version=F("version") + 1,
    )
    if not changed:
        return 0
    DocumentVersion.objects.filter(document=document_id).update(**EMPTY)
    row = CaseDocument.objects.get(pk=document_id)
    about = DocumentSubject.objects.filter(document=row).exclude(subject__person_id="")
    people = sorted(set(about.values_list("subject__person_id", flat=True)))
    details = {"what": "document expired", "document": row.reference, "retention": row.retention}
    record("changed", CLOCK, people or [""], Facts(channel="command", details=details))
    return 1
