"""What PostgreSQL holds of a person: waits as worked out, referrals, joint cases, minutes, documents, messages, looks.

Read as the owner of the tables, inside `known_asker`. Words that people wrote are cut into lines, so that a human may
keep one and withhold another.
"""

import dataclasses
import re
from collections.abc import Iterable, Iterator

from braid.care.documents import KINDS as DOCUMENT_KINDS
from braid.care.services import SERVICES
from braid.language.dates import london_date
from braid.language.schema import Sensitivity
from braid.outbound.document_file import readings
from braid.store.vault_keys import KeyRing
from braid.trust.audit import KINDS, Entry
from braid.trust.disclosure_decisions import OUTCOMES
from braid.trust.own_view import share_out
from braid.trust.roles import PURPOSES, ROLES, VICTIM_RESPONSE
from braid.trust.subject_rights import Line
from braid.trust.subject_rights_terms import POLICE, SUPPORT
from braid.web.access.entries import get_secrets
from braid.web.care.document_bytes import open_version
from braid.web.models import (
    AgencyNote,
    AgendaItem,
    AuditEntry,
    CaseDocument,
    CaseSubject,
    Cohort,
    DocumentVersion,
    OutboxMessage,
    PersonWait,
    Referral,
    ReturnLine,
    ShareDecision,
)
from braid.web.rights.lake_items import Found

MOST_LINES = 400
"""Lines of one document: what is longer is read in the document itself, and the last line says so."""
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
_NORMAL, _SPECIAL, _EXISTENCE = (one.value for one in (Sensitivity.NORMAL, Sensitivity.SPECIAL, Sensitivity.EXISTENCE))


def find_in_place(ring: KeyRing, person_id: str) -> Iterator[Found]:
    """Yield what the tables hold of the person."""
    yield from _waits(person_id)
    yield from _referrals(person_id)
    cases = list(CaseSubject.objects.filter(person_id=person_id, in_error=False).select_related("case").order_by("pk"))
    for subject in cases:
        yield from _case(subject)
    yield from _documents(ring, person_id)
    yield from _messages(person_id)
    yield from _decisions(person_id)
    yield from _looks(person_id)


def sentences(label: str, text: str, sensitivity: str = _SPECIAL) -> list[Line]:
    """Return words as lines, a sentence each."""
    found = [part.strip() for part in _SENTENCE.split(text) if part.strip()]
    return [Line(label, part, sensitivity) for part in found]


def _waits(person_id: str) -> Iterator[Found]:
    for row in PersonWait.objects.filter(person_id=person_id).order_by("start_date", "pk"):
        lines = [
            Line("What is waited for", row.kind.replace("_", " "), _SPECIAL),
            Line("Since", row.start_date.isoformat()),
            *([Line("Ended", row.stop_date.isoformat())] if row.stop_date else []),
            *([Line("Last day by law", row.due_date.isoformat())] if row.due_date else []),
            *sentences("How it was reckoned", row.explanation, _NORMAL),
        ]
        yield _guarded("wait", "A wait as Braid reckons it", lines, row.as_of_date, tells=_is_secret(row.sensitivity))
    for row in Cohort.objects.filter(person_id=person_id).order_by("pk"):
        lines = [Line("The problem statement", row.statement or row.problem)]
        tells = row.problem == VICTIM_RESPONSE
        yield _guarded("wait", "A problem statement that concerns the person", lines, None, tells=tells)


def _is_secret(sensitivity: str) -> bool:
    return sensitivity == "safe_address"


def _guarded(
    kind: str, title: str, lines: list[Line], held_on: object, *, tells: bool, about: Iterable[str] = ()
) -> Found:
    """Return what was found; where that it is there tells of support, its words are marked as such for the check."""
    marked = [dataclasses.replace(line, sensitivity=_EXISTENCE) for line in lines] if tells else lines
    return Found(kind, title, tuple(marked), "", held_on, frozenset(about))  # type: ignore[arg-type]


def _referrals(person_id: str) -> Iterator[Found]:
    for row in Referral.objects.filter(person_id=person_id).select_related("team").order_by("sent_at", "pk"):
        service = SERVICES.get(row.service)
        lines = [
            Line("Referred to", row.team.name, _SPECIAL),
            Line("For", getattr(service, "name", row.service), _SPECIAL),
            Line("State", row.state.replace("_", " ")),
            *sentences("What was written", row.note),
        ]
        tells = row.purpose == VICTIM_RESPONSE
        yield _guarded("case", "A referral", lines, london_date(row.sent_at), tells=tells)


def _case(subject: CaseSubject) -> Iterator[Found]:
    case, tells = subject.case, subject.case.purpose == VICTIM_RESPONSE
    others = CaseSubject.objects.filter(case=case).exclude(person_id="").exclude(person_id=subject.person_id)
    about = set(others.values_list("person_id", flat=True))
    lines = [
        Line("Kind of case", case.case_type.replace("_", " "), _SPECIAL),
        Line("The part of the person", subject.part.replace("_", " "), _SPECIAL),
        Line("State", case.state.replace("_", " ")),
    ]
    yield _guarded("case", "A joint case", lines, london_date(case.opened_at), tells=tells, about=about)
    for item in AgendaItem.objects.filter(case=case, apart=False).select_related("meeting").order_by("pk"):
        yield from _item(item, subject, tells=tells, about=about)


def _item(item: AgendaItem, subject: CaseSubject, *, tells: bool, about: set[str]) -> Iterator[Found]:
    day = london_date(item.meeting.starts_at)
    returned = ReturnLine.objects.filter(source__item=item, part=subject.part, ended_at__isnull=True).order_by("pk")
    words = [line for row in returned for line in sentences("Said before the meeting", row.words)]
    notes = AgencyNote.objects.filter(item=item, about__in=("", "*", subject.part)).order_by("pk")
    words += [line for row in notes for line in sentences("Said at the meeting", row.words)]
    if item.decision:
        words.append(Line("Decided", item.decision.replace("_", " "), _SPECIAL))
        words += sentences("Because", item.reason)
    if words:
        yield _guarded("minutes", "A meeting on a joint case", words, day, tells=tells, about=about)


def _documents(ring: KeyRing, person_id: str) -> Iterator[Found]:
    rows = CaseDocument.objects.filter(subjects__subject__person_id=person_id, state="held").select_related("case")
    for row in rows.distinct().order_by("given_on", "pk"):
        about = set(row.subjects.exclude(subject__person_id="").values_list("subject__person_id", flat=True))
        lines = [
            Line("Document", DOCUMENT_KINDS.get(row.kind, row.kind)),
            Line("Title", row.title, _SPECIAL),
            Line("Given by", row.given_by, _SPECIAL),
        ]
        version = DocumentVersion.objects.filter(document=row).exclude(key_id="").order_by("-number").first()
        if version is not None:
            lines += _words_of(open_version(ring, version))
        yield Found(
            "document",
            "A document of a joint case",
            tuple(
                dataclasses.replace(one, sensitivity=_EXISTENCE) if row.case.purpose == VICTIM_RESPONSE else one
                for one in lines
            ),
            row.organisation,
            row.given_on,
            frozenset(about - {person_id}),
        )


def _words_of(content: bytes) -> list[Line]:
    """Return what a file says, a sentence a line; what nobody can read says so, and a human reads the file."""
    leaves = readings(content)
    pages = [leaf for leaf in leaves if leaf.name == "PDF pages"] or [leaf for leaf in leaves if leaf.name != "name"]
    found = [line for leaf in pages if not leaf.closed for line in sentences("It says", leaf.content.decode())]
    if any(leaf.closed for leaf in pages) or len(found) > MOST_LINES:
        found = [*found[:MOST_LINES], Line("It says", "More than can be read here: see the document itself.")]
    return found


def _messages(person_id: str) -> Iterator[Found]:
    for row in OutboxMessage.objects.filter(subject_ids__contains=[person_id], rights_id=None).order_by("created_at"):
        lines = [Line("Sent by", row.channel.replace("_", " ")), Line("What became of it", row.state)]
        day, about = london_date(row.created_at), set(row.subject_ids) - {person_id}
        tells = row.purpose == VICTIM_RESPONSE
        yield _guarded("message", "A message about the person", lines, day, tells=tells, about=about)


def _decisions(person_id: str) -> Iterator[Found]:
    for row in ShareDecision.objects.filter(person_id=person_id).order_by("decided_at", "pk"):
        lines = [
            Line("To share or not", OUTCOMES.get(row.outcome, row.outcome)),
            Line("With", row.receiver, _SPECIAL),
            Line("Why", (row.reason or row.detriment).replace("_", " "), _SPECIAL),
        ]
        tells = row.purpose == VICTIM_RESPONSE
        yield _guarded("message", "A decision to share or not", lines, london_date(row.decided_at), tells=tells)


def _looks(person_id: str) -> Iterator[Found]:
    names = [each.name for each in dataclasses.fields(Entry)]
    rows = AuditEntry.objects.filter(person_id=person_id).order_by("recorded_at", "pk").values_list(*names)
    handed, left = share_out((Entry(*values) for values in rows), person_id, get_secrets())
    lines = [Line(KINDS[one.kind], _look(one)) for one in handed]
    lines += [Line("Not said", "", _EXISTENCE, POLICE if code == "police_matter" else SUPPORT) for code, _ in left]
    if lines:
        yield Found("look", "Who looked, and what for", tuple(lines))


def _look(entry: Entry) -> str:
    role = ROLES[entry.role].name if entry.role in ROLES else entry.role
    day = london_date(entry.recorded_at).isoformat()
    return f"{day}, {entry.organisation or 'organisation not recorded'}, {role}, for {PURPOSES[entry.purpose]}"
