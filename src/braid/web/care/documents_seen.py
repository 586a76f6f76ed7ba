"""Documents of a case as a seat sees them: those opened to it, with their versions and who else reads them."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from braid.care import documents
from braid.care.cases import Right
from braid.care.documents import APART, Document, Seat
from braid.language.dates import london_date
from braid.outbound.document_file import FILE_KINDS
from braid.web.access.documents import permitted_documents
from braid.web.access.sight import NotThere, Sight
from braid.web.care import cases
from braid.web.care.cases import CaseSeen, SubjectSeen
from braid.web.care.kept import case_type_of
from braid.web.models import (
    AgreementInForce,
    CaseDocument,
    CaseMember,
    DocumentCheck,
    DocumentReader,
    DocumentSubject,
    DocumentVersion,
    JointCase,
)

LONGEST_MERGED = 20
"""Merged cases whose documents are looked for, newest first."""


@dataclass(frozen=True)
class VersionSeen:
    """A version as its readers see it. `waits` and `held` name organisations that do not read it yet."""

    number: int
    file_name: str
    kind_name: str
    size: str
    added_by: str
    added_at: dt.datetime
    sha256: str
    is_there: bool
    """Whether its content can be handed out: it is not once the document ended, or the key was lost."""
    waits: tuple[str, ...]
    held: Mapping[str, tuple[str, ...]]
    """Where the guard held it back: codes of reasons by organisation."""


@dataclass(frozen=True)
class ReaderSeen:
    """A seat that reads a document, in which case."""

    case_id: UUID
    organisation: str
    agency: str
    agency_name: str
    is_givers: bool
    key: str


@dataclass(frozen=True)
class DocumentSeen:
    """A document as one of its readers sees it."""

    id: UUID
    reference: str
    case_id: UUID
    side: str
    kind_name: str
    title: str
    given_by: str
    given_on: dt.date
    organisation: str
    agency_name: str
    added_by: str
    added_at: dt.datetime
    retention_words: str
    hold_words: str
    state: str
    state_name: str
    ended_words: str
    ended_by: str
    ended_at: dt.datetime | None
    about: tuple[str, ...]
    versions: tuple[VersionSeen, ...]
    readers: tuple[ReaderSeen, ...]
    goes_on: dt.date | None
    is_mine: bool
    version: int

    @property
    def newest(self) -> VersionSeen | None:
        """The newest version that the viewer reads."""
        return self.versions[0] if self.versions else None

    @property
    def others(self) -> tuple[str, ...]:
        """The seats besides the giver's that it is opened to, in words."""
        return tuple(f"{one.organisation}, {one.agency_name.lower()}" for one in self.readers if not one.is_givers)

    @property
    def name(self) -> str:
        """Its title; of one that has ended, what kind it was."""
        return self.title or f"{self.kind_name} ({self.reference})"


@dataclass(frozen=True)
class DocumentsSeen:
    """The documents of one side of a case that a seat reads, and what it needs to add one."""

    case: CaseSeen
    side: str
    documents: tuple[DocumentSeen, ...]
    from_merged: tuple[DocumentSeen, ...]
    subjects: tuple[SubjectSeen, ...]
    seats: Mapping[Seat, str]
    """Seats that could be let to read a document of the viewer's, with their words."""
    retentions: Mapping[str, str]
    may_add: bool


def noun_of(row: CaseDocument) -> Document:
    """Return a row as the rules know it."""
    return Document(row.organisation, row.agency, row.side, row.state, row.retention, row.held_because)


def get_documents(sight: Sight, case_id: UUID, side: str) -> DocumentsSeen:
    """Return the documents of one side of a case, and record the look at its people. Raises `NotThere`."""
    seen = cases.get_case(sight, case_id)
    mine = seen.mine
    if not documents.sees_side(seen.case_type, mine.agency, side) or mine.organisation != sight.organisation:
        raise NotThere
    merged = JointCase.objects.filter(merged_into=case_id).order_by("-closed_at").values_list("pk", flat=True)
    ids = [case_id, *merged[:LONGEST_MERGED]]
    found = see_documents(sight, _rows_in(ids, side), seen)
    here = tuple(one for one in found if any(reader.case_id == case_id for reader in one.readers))
    giver = (mine.organisation, mine.agency)
    return DocumentsSeen(
        case=seen,
        side=side,
        documents=here,
        from_merged=tuple(one for one in found if one not in here),
        subjects=tuple(one for one in seen.subjects if one.apart == (side == APART)),
        seats=seat_words(seen, documents.seats_for(seen.case_type, seen.members, side, giver)),
        retentions=documents.retentions_within(longest_days(sight)),
        may_add=seen.state == "open" and mine.right is Right.EDIT,
    )


def seat_words(seen: CaseSeen, seats: Iterable[Seat]) -> dict[Seat, str]:
    """Return seats with their words: whose, and in which part."""
    return {seat: f"{seat[0]}, {seen.case_type.agencies[seat[1]].name.lower()}" for seat in seats}


def longest_days(sight: Sight) -> int | None:
    """Return the fewest days for which an agreement of the viewer's lets anything be kept; `None` where none says."""
    rows = AgreementInForce.objects.filter(agreement_id__in=sight.agreements.split())
    days = [terms.get("retention_days") for terms in rows.values_list("terms", flat=True)]
    return min((one for one in days if isinstance(one, int)), default=None)


def _rows_in(ids: Collection[UUID], side: str) -> list[CaseDocument]:
    readers = DocumentReader.objects.filter(case__in=ids, ended_at__isnull=True)
    rows = CaseDocument.objects.filter(pk__in=readers.values("document"), side=side)
    return list(rows.order_by("-given_on", "-added_at", "pk"))


def get_row(document_id: UUID) -> CaseDocument:
    """Return a document that the human of this transaction reads. Raises `NotThere`."""
    row = CaseDocument.objects.filter(pk=document_id).first()
    if row is None:
        raise NotThere
    return row


def get_document(sight: Sight, document_id: UUID) -> tuple[CaseSeen, DocumentSeen]:
    """Return a document with the case in which the viewer reads it, and record the look. Raises `NotThere`."""
    row = get_row(document_id)
    seen = cases.get_case(sight, case_read_in(sight, row))
    found = see_documents(sight, [row], seen)
    if not found:
        raise NotThere
    return seen, found[0]


def case_read_in(sight: Sight, row: CaseDocument) -> UUID:
    """Return the case in which the viewer reads a document: one that is open first, then its own. Raises `NotThere`."""
    readers = DocumentReader.objects.filter(document=row, ended_at__isnull=True, organisation=sight.organisation)
    found = {one.case_id: one.case.state for one in readers.select_related("case")}
    if not found:
        raise NotThere
    return min(found, key=lambda one: (found[one] != "open", one != row.case_id, str(one)))


def see_documents(sight: Sight, rows: Iterable[CaseDocument], seen: CaseSeen) -> list[DocumentSeen]:
    """Return documents as the viewer sees them, in the order given. As many statements for many as for one."""
    listed = permitted_documents(sight, rows)
    if not listed:
        return []
    ids = [row.pk for row in listed]
    versions, readers, about = (defaultdict(list) for _ in range(3))
    without_bytes = DocumentVersion.objects.filter(document__in=ids).defer("sealed", "wrapped")
    for version in without_bytes.order_by("-number"):
        versions[version.document_id].append(version)
    for reader in DocumentReader.objects.filter(document__in=ids, ended_at__isnull=True).order_by("pk"):
        readers[reader.document_id].append(reader)
    for one in DocumentSubject.objects.filter(document__in=ids).order_by("pk"):
        about[one.document_id].append(str(one.subject_id))
    checks: dict[tuple[UUID, str], DocumentCheck] = {
        (check.of_version_id, check.organisation): check for check in DocumentCheck.objects.filter(document__in=ids)
    }
    names = {one.key: one.name for one in seen.subjects}
    return [
        _seen(sight, row, seen, versions[row.pk], readers[row.pk], checks, [names.get(k, "") for k in about[row.pk]])
        for row in listed
    ]


def _seen(
    sight: Sight,
    row: CaseDocument,
    seen: CaseSeen,
    versions: Iterable[DocumentVersion],
    readers: Iterable[DocumentReader],
    checks: Mapping[tuple[UUID, str], DocumentCheck],
    about: Iterable[str],
) -> DocumentSeen:
    noun, listed = noun_of(row), list(readers)
    is_mine = row.organisation == sight.organisation
    others = sorted({one.organisation for one in listed} - {row.organisation}) if is_mine else []
    ended_on = london_date(_closed_at(seen)) if _closed_at(seen) else None
    return DocumentSeen(
        id=row.pk,
        reference=row.reference,
        case_id=row.case_id,
        side=row.side,
        kind_name=documents.KINDS.get(row.kind, row.kind),
        title=row.title,
        given_by=row.given_by,
        given_on=row.given_on,
        organisation=row.organisation,
        agency_name=_agency_name(seen, row.agency),
        added_by=row.added_by,
        added_at=row.added_at,
        retention_words=documents.RETENTIONS[row.retention][0],
        hold_words=documents.HOLDS.get(row.held_because, ""),
        state=row.state,
        state_name=documents.MACHINE.states[row.state].name,
        ended_words=documents.ENDINGS.get(row.ended_because, ""),
        ended_by=row.ended_by,
        ended_at=row.ended_at,
        about=tuple(one for one in about if one),
        versions=tuple(_version_seen(row, one, others, checks) for one in versions),
        readers=tuple(_reader_seen(seen, row, one) for one in listed),
        goes_on=documents.goes_on(noun, ended_on),
        is_mine=is_mine,
        version=row.version,
    )


def _closed_at(seen: CaseSeen) -> dt.datetime | None:
    """Return when a case ended that is closed. One that was merged goes on in the other."""
    return seen.closed_at if seen.state == "closed" else None


def _agency_name(seen: CaseSeen, agency: str) -> str:
    known = seen.case_type.agencies
    return known[agency].name if agency in known else agency


def _version_seen(
    row: CaseDocument,
    version: DocumentVersion,
    others: Iterable[str],
    checks: Mapping[tuple[UUID, str], DocumentCheck],
) -> VersionSeen:
    found = {one: checks.get((version.pk, one)) for one in others}
    kind = FILE_KINDS.get(version.file_kind)
    return VersionSeen(
        number=version.number,
        file_name=file_name_of(row.reference, version.number, version.file_kind),
        kind_name=kind.name if kind else version.file_kind,
        size=_size(version.size_bytes),
        added_by=version.added_by,
        added_at=version.added_at,
        sha256=version.sha256,
        is_there=row.state == "held" and bool(version.key_id),
        waits=tuple(one for one, check in found.items() if check is None),
        held={one: tuple(check.reasons) for one, check in found.items() if check is not None and check.state == "held"},
    )


def file_name_of(reference: str, number: int, file_kind: str) -> str:
    """Return the name under which a version is handed out: it says nothing of anybody, in no list of downloads."""
    kind = FILE_KINDS.get(file_kind)
    return f"{reference}-v{number}.{kind.endings[0] if kind else 'bin'}"


def _size(size_bytes: int) -> str:
    if size_bytes < 1000:
        return f"{size_bytes} bytes"
    return f"{size_bytes / 1000:.0f} kB" if size_bytes < 1_000_000 else f"{size_bytes / 1_000_000:.1f} MB"


def _reader_seen(seen: CaseSeen, row: CaseDocument, reader: DocumentReader) -> ReaderSeen:
    return ReaderSeen(
        reader.case_id,
        reader.organisation,
        reader.agency,
        _agency_name(seen, reader.agency),
        (reader.organisation, reader.agency) == (row.organisation, row.agency),
        str(reader.pk),
    )


def list_to_part(sight: Sight, row: JointCase, seen: CaseSeen) -> list[DocumentSeen]:
    """Return the documents that may go with people who are parted from a case: those that its lead reads there."""
    rows = [one for side in documents.SIDES for one in _rows_in([row.pk], side)]
    return [one for one in see_documents(sight, rows, seen) if one.state == "held" and one.case_id == row.pk]


def seats_to_open(row: CaseDocument, case: JointCase) -> tuple[Seat, ...]:
    """Return the seats of a case that could be let to read a document, and do not yet."""
    rows = CaseMember.objects.filter(case=case, left_at__isnull=True).order_by("joined_at", "pk")
    giver = (row.organisation, row.agency)
    could = documents.seats_for(case_type_of(case.case_type), map(cases.member_of, rows), row.side, giver)
    readers = DocumentReader.objects.filter(document=row, case=case, ended_at__isnull=True)
    known = set(readers.values_list("organisation", "agency"))
    return tuple(one for one in could if one not in known)
