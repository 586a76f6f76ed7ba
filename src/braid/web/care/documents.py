"""Documents of a case as kept: added, replaced, opened to seats and closed again, withdrawn, held back from the clock.

Each step is in one transaction with its entries, and with a share decision for each organisation and each person where
another organisation is to read. Nothing goes to another organisation before the guard has read it: `document_guard`.
"""

import datetime as dt
import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from django.db import IntegrityError, transaction

from braid.care import documents
from braid.care.documents import APART, Seat
from braid.care.words import check_words
from braid.language.dates import london_date
from braid.language.schema import Sensitivity
from braid.language.steps import NotPossible
from braid.outbound.document_file import FileRefused, TakenFile, can_be_searched, take_file
from braid.store.vault_keys import VaultKeyNotAvailable, VaultSealBroken
from braid.web.access.documents import permitted_documents
from braid.web.access.sight import NotThere, Sight
from braid.web.care import cases
from braid.web.care.document_bytes import EMPTY, open_version, seal_version
from braid.web.care.document_scanner import scan
from braid.web.care.documents_seen import (
    case_read_in,
    file_name_of,
    get_row,
    longest_days,
    noun_of,
    seats_to_open,
)
from braid.web.care.kept import acting_of, case_type_of, change, new_reference, now_of_database, record_step
from braid.web.models import (
    CaseDocument,
    CaseMember,
    CaseSubject,
    DocumentReader,
    DocumentSubject,
    DocumentVersion,
    JointCase,
)
from braid.web.outbound.disclosures import Grounds, share_document, withhold_document
from braid.web.owner_functions import ask
from braid.web.vault.keys import get_key_ring

HELD_CLASSES = frozenset({Sensitivity.SPECIAL, Sensitivity.EXISTENCE})
"""What a document holds, whatever is in it: that somebody has a joint case is told by its being there."""
NO_KEY = "It cannot be kept safely just now, so nothing was kept. Try again later"
NOT_SEARCHED = (
    "The file holds a picture or a scan, whose words cannot be searched. Read all of it, and say below that it does not"
    " say where anybody protected lives or stays, or how to reach them; or let nobody outside your organisation read it"
)


@dataclass(frozen=True)
class FileGiven:
    """A file as it was sent: the name is looked at for its ending, and kept nowhere."""

    name: str
    content: bytes = field(repr=False)
    is_read_through: bool = False
    """Whether whoever gives it has read it and answers for what the guard cannot search."""


@dataclass(frozen=True)
class DocumentGiven:
    """What somebody says of a document that they add. `withheld` are seats that do not read it, each with its reason.

    `about` are keys of whom the case is about.
    """

    kind: str
    title: str
    given_by: str
    given_on: dt.date | None
    retention: str
    about: Collection[str]
    withheld: Mapping[Seat, str]
    grounds: Grounds
    file: FileGiven


def add_document(sight: Sight, case_id: UUID, side: str, given: DocumentGiven) -> CaseDocument:
    """Add a document to a case. Raises `NotPossible`, `NotThere`."""
    case, by = cases.get_row(case_id), acting_of(sight)
    noun, kind, now = cases.noun_of(case), case_type_of(case.case_type), now_of_database()
    member = documents.check_add(by, noun, kind, side)
    documents.check_described(given.kind, given.title, given.given_by, given.given_on, london_date(now))
    check_words(f"{given.title}\n{given.given_by}")
    documents.check_retention(given.retention, longest_days(sight))
    about = _subjects(case, side, given.about)
    giver = (member.organisation, member.agency)
    seats = documents.seats_for(kind, noun.members, side, giver)
    opened = [seat for seat in seats if not given.withheld.get(seat)]
    receivers = sorted({organisation for organisation, _ in opened} - {member.organisation})
    taken = _take(given.file, goes_out=bool(receivers))
    row = CaseDocument(
        reference=new_reference("DC"),
        case=case,
        side=side,
        kind=given.kind,
        title=given.title.strip(),
        given_by=given.given_by.strip(),
        given_on=given.given_on,
        organisation=member.organisation,
        agency=member.agency,
        added_by=by.username,
        added_at=now,
        retention=given.retention,
    )
    CaseDocument.objects.append_one(row)
    _open_to(sight, row, case, [giver])
    DocumentSubject.objects.append(DocumentSubject(document=row, subject=one) for one in about)
    _add_version(sight, row, 1, given.file, taken, now)
    _decide(sight, row, case, about, receivers, given.grounds)
    _withhold(sight, row, case, about, seats, receivers, given.withheld)
    _open_to(sight, row, case, opened)
    _record(sight, row, case, "document added", type=row.kind, readers=len(receivers))
    return row


def _subjects(case: JointCase, side: str, keys: Collection[str]) -> list[CaseSubject]:
    """Return whom of a case a document of a side is about. Raises `NotPossible` unless it is somebody of that side."""
    rows = CaseSubject.objects.filter(case=case, ended_at__isnull=True).order_by("pk")
    known = {str(one.pk): one for one in rows if bool(one.name_apart) == (side == APART)}
    if not keys or not set(keys) <= set(known):
        raise NotPossible("Choose whom the document is about")
    return [one for key, one in known.items() if key in set(keys)]


def _take(given: FileGiven, *, goes_out: bool) -> TakenFile:
    """Return the file as it may be kept. Raises `NotPossible` for what is not taken."""
    try:
        taken = take_file(given.name, given.content)
    except FileRefused as refusal:
        raise NotPossible(str(refusal)) from None
    scan(taken.content)
    if goes_out and not given.is_read_through and not can_be_searched(taken.content):
        raise NotPossible(NOT_SEARCHED)
    return taken


def _add_version(
    sight: Sight, row: CaseDocument, number: int, given: FileGiven, taken: TakenFile, now: dt.datetime
) -> None:
    version = DocumentVersion(
        document=row,
        number=number,
        file_kind=taken.kind.code,
        size_bytes=len(taken.content),
        sha256=hashlib.sha256(taken.content).hexdigest(),
        declared_free_by=sight.viewer.username if given.is_read_through else "",
        added_by=sight.viewer.username,
        added_at=now,
    )
    try:
        sealed = seal_version(get_key_ring(), version.pk, taken.content)
    except VaultKeyNotAvailable:
        raise NotPossible(NO_KEY) from None
    for column, value in sealed.items():
        setattr(version, column, value)
    DocumentVersion.objects.append_one(version)


def _people(case: JointCase, about: Iterable[CaseSubject]) -> list[str]:
    """Return the ids under which a decision on a document stands: of somebody apart, those of the case it is of."""
    return [one.person_id for one in about if one.person_id] or cases.people_of(case)


def _decide(
    sight: Sight,
    row: CaseDocument,
    case: JointCase,
    about: Iterable[CaseSubject],
    receivers: Iterable[str],
    grounds: Grounds,
) -> None:
    people = _people(case, about)
    for receiver in receivers:
        for person_id in people:
            share_document(sight.viewer, row.pk, case.reference, person_id, receiver, grounds, HELD_CLASSES)


def _withhold(
    sight: Sight,
    row: CaseDocument,
    case: JointCase,
    about: Iterable[CaseSubject],
    seats: Iterable[Seat],
    receivers: Collection[str],
    withheld: Mapping[Seat, str],
) -> None:
    """Keep that no seat of an organisation reads it, and why. Of two seats of one, one reason is said."""
    people = _people(case, about)
    reasons = {seat[0]: withheld[seat] for seat in seats if withheld.get(seat) and seat[0] not in receivers}
    for receiver, reason in sorted(reasons.items()):
        if receiver != row.organisation:
            for person_id in people:
                withhold_document(sight.viewer, row.pk, case.reference, person_id, receiver, reason, HELD_CLASSES)


def _open_to(sight: Sight, row: CaseDocument, case: JointCase, seats: Iterable[Seat]) -> None:
    DocumentReader.objects.append(
        DocumentReader(
            document=row, case=case, organisation=organisation, agency=agency, added_by=sight.viewer.username
        )
        for organisation, agency in seats
    )


def _record(sight: Sight, row: CaseDocument, case: JointCase, what: str, **details: str | int) -> None:
    """Write a step down for each person the document is about; of somebody apart, once and about nobody."""
    about = DocumentSubject.objects.filter(document=row).exclude(subject__person_id="")
    people = list(about.order_by("pk").values_list("subject__person_id", flat=True))
    record_step(sight, what, people, "case" if people else "", case=case.reference, document=row.reference, **details)


def _get(sight: Sight, document_id: UUID) -> tuple[CaseDocument, JointCase]:
    """Return a document that the viewer reads, and the case in which they do. Raises `NotThere`."""
    row = get_row(document_id)
    if not permitted_documents(sight, [row]):
        raise NotThere
    return row, cases.get_row(case_read_in(sight, row))


def replace_document(sight: Sight, document_id: UUID, seen: int, given: FileGiven) -> None:
    """Add a newer version, which the same seats read. Raises `NotPossible`, `NotThere`."""
    row, case = _get(sight, document_id)
    newest = DocumentVersion.objects.filter(document=row).order_by("-number").values_list("number", flat=True)[0]
    documents.check_replace(acting_of(sight), cases.noun_of(case), noun_of(row), newest)
    readers = DocumentReader.objects.filter(document=row, ended_at__isnull=True)
    taken = _take(given, goes_out=readers.exclude(organisation=row.organisation).exists())
    change(row, seen)
    _add_version(sight, row, newest + 1, given, taken, now_of_database())
    _record(sight, row, case, "document replaced", number=newest + 1)


def open_document_to(sight: Sight, document_id: UUID, seen: int, seat: Seat, grounds: Grounds) -> None:
    """Let one more seat of the case read a document that one's organisation gave. Raises `NotPossible`, `NotThere`."""
    row, case = _get(sight, document_id)
    noun = cases.noun_of(case)
    documents.check_gives(acting_of(sight), noun, noun_of(row))
    documents.check_open_to(case_type_of(case.case_type), noun.members, noun_of(row), seat)
    if seat not in seats_to_open(row, case):
        raise NotPossible("That seat reads it already. Look at the page again")
    change(row, seen)
    if seat[0] != row.organisation:
        about = [one.subject for one in DocumentSubject.objects.filter(document=row).select_related("subject")]
        _decide(sight, row, case, about, [seat[0]], grounds)
    _open_to(sight, row, case, [seat])
    _record(sight, row, case, "document opened", receiver=seat[0], seat=seat[1])


def close_document_to(sight: Sight, document_id: UUID, seen: int, key: str) -> None:
    """Close a document to a seat again: at the next statement nobody of it reads it. Raises `NotPossible`."""
    row, case = _get(sight, document_id)
    documents.check_gives(acting_of(sight), cases.noun_of(case), noun_of(row))
    number = int(key) if key.isascii() and key.isdigit() and len(key) < 16 else 0
    reader = DocumentReader.objects.filter(document=row, pk=number, ended_at__isnull=True).first()
    if reader is None or (reader.organisation, reader.agency) == (row.organisation, row.agency):
        raise NotPossible("There is no such reader. Look at the page again")
    change(row, seen)
    DocumentReader.objects.filter(pk=number).update(ended_at=now_of_database())
    _record(sight, row, case, "document closed", receiver=reader.organisation, seat=reader.agency)


def bring_document(sight: Sight, document_id: UUID, seen: int, into_id: UUID) -> None:
    """Bring a document of a merged case into the case it was merged into, for one's own seat there.

    By the organisation that gave it, and whoever else is to read it there is let to apart. Raises `NotPossible`.
    """
    row, _ = _get(sight, document_id)
    into = JointCase.objects.filter(pk=into_id).first()
    if into is None:
        raise NotPossible("There is no such case in which you take part. Look at the document again")
    member = documents.check_gives(acting_of(sight), cases.noun_of(into), noun_of(row))
    readers = DocumentReader.objects.filter(document=row, ended_at__isnull=True)
    if not readers.filter(case__merged_into=into).exists():
        raise NotPossible("It is of no case that was merged into that one")
    change(row, seen)
    try:
        with transaction.atomic():
            _open_to(sight, row, into, [(member.organisation, member.agency)])
    except IntegrityError:
        raise NotPossible("It is in that case already") from None
    _record(sight, row, into, "document brought into a case")


def withdraw_document(sight: Sight, document_id: UUID, seen: int, reason: str) -> None:
    """Withdraw a document: its words and the bytes of every version are erased. Raises `NotPossible`, `NotThere`."""
    row, case = _get(sight, document_id)
    state = documents.withdraw(acting_of(sight), cases.noun_of(case), noun_of(row), reason)
    _record(sight, row, case, "document withdrawn", reason=reason)
    change(
        row,
        seen,
        state=state,
        ended_because=reason,
        ended_by=sight.viewer.username,
        ended_at=now_of_database(),
        held_because="",
        title="",
        given_by="",
    )
    DocumentVersion.objects.filter(document=row).update(**EMPTY)


def hold_document(sight: Sight, document_id: UUID, seen: int, reason: str) -> None:
    """Put a hold on a document, so that the clock does not erase it; take it off where `reason` is empty."""
    row, case = _get(sight, document_id)
    documents.check_hold(acting_of(sight), cases.noun_of(case), noun_of(row), reason)
    change(row, seen, held_because=reason)
    _record(sight, row, case, "document held" if reason else "document let go", reason=reason)


def part_documents(
    sight: Sight, row: JointCase, made: JointCase, parted: Collection[CaseSubject], ids: Collection[UUID]
) -> None:
    """Let documents go with people who were parted into a case of their own. Raises `NotPossible`.

    Their readers' seats go with them: whoever comes into such a seat of the new case reads them there, and whoever
    stays in the old one alone reads them no longer.
    """
    if not ids:
        return
    keys = {str(one.pk) for one in parted}
    about: dict[UUID, set[str]] = {one: set() for one in ids}
    for document_id, subject_id in DocumentSubject.objects.filter(document__in=list(ids)).values_list(
        "document", "subject"
    ):
        about[document_id].add(str(subject_id))
    for of_one in about.values():
        documents.check_part(of_one, keys)
    if ask("braid_part_documents", row.pk, made.pk, list(about)) != len(about):
        raise NotPossible("One of the documents is not there any more. Look at the page again")
    for document in CaseDocument.objects.filter(pk__in=list(about)):
        _record(sight, document, made, "document parted")


@dataclass(frozen=True)
class HandedOut:
    """A version on its way to whoever asked for it."""

    file_name: str
    file_kind: str
    sha256: str
    content: bytes = field(repr=False)


def hand_out_document(sight: Sight, document_id: UUID, number: int) -> HandedOut:
    """Return the bytes of a version, and record who got which. Raises `NotThere`, `VaultKeyNotAvailable`,
    `VaultSealBroken`.
    """
    row, case = _get(sight, document_id)
    version = DocumentVersion.objects.filter(document=row, number=number).first()
    if version is None or row.state != "held" or not version.key_id:
        raise NotThere
    content = open_version(get_key_ring(), version)
    if hashlib.sha256(content).hexdigest() != version.sha256:
        raise VaultSealBroken("a document is not what was kept")
    about = DocumentSubject.objects.filter(document=row).exclude(subject__person_id="")
    people = list(about.order_by("pk").values_list("subject__person_id", flat=True))
    record_step(
        sight,
        "document handed out",
        people,
        "case" if people else "",
        kind="exported",
        case=case.reference,
        document=row.reference,
        number=number,
        file=version.sha256,
    )
    return HandedOut(file_name_of(row.reference, number, version.file_kind), version.file_kind, version.sha256, content)


def cases_to_bring(row: CaseDocument, username: str) -> list[JointCase]:
    """Return the open cases that its viewer works on, into which a case of a document was merged, and it was not."""
    readers = DocumentReader.objects.filter(document=row, ended_at__isnull=True)
    there = set(readers.values_list("case_id", flat=True))
    wanted = {one.merged_into_id for one in JointCase.objects.filter(pk__in=there, merged_into__isnull=False)}
    mine = CaseMember.objects.filter(username=username, right="edit", left_at__isnull=True)
    found = JointCase.objects.filter(pk__in=wanted - there, state="open", members__in=mine)
    return list(found.order_by("pk").distinct())
