"""The outbound guard over documents: before another organisation reads one, and again with each published run.

A document was written by somebody else, and whoever added it may not know what is in it. So it is read as a message is
that leaves: for the locations of protected persons, and for who is kept from whom. Until it has passed for an
organisation, nobody there finds it; where it is held back, the information governance lead has a task. Runs as the
owner of the tables, since the pages may read no location.
"""

import datetime as dt
import logging
from collections import Counter
from collections.abc import Callable, Collection
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from braid.language.schema import Sensitivity
from braid.outbound.document_file import readings
from braid.store.lake import Lake
from braid.store.place_folder import Place
from braid.store.vault_keys import VaultKeyNotAvailable, VaultSealBroken
from braid.trust.guard import Message, Part, Released, check_outbound
from braid.web.access.projections import Viewer
from braid.web.care.document_bytes import open_version
from braid.web.models import (
    CaseSubject,
    DocumentCheck,
    DocumentReader,
    DocumentSubject,
    DocumentVersion,
    SafetyTask,
    ShareDecision,
    User,
)
from braid.web.outbound.facts import Knowledge, gather
from braid.web.outbound.readings import Reader, Reading
from braid.web.outbound.run_contacts import RunContacts
from braid.web.outbound.tasks import DOCUMENT_HELD
from braid.web.published import find_published_run
from braid.web.recording import Facts, record
from braid.web.vault.keys import get_key_ring
from braid.web.watch import known_asker

HELD_AGAIN = dt.timedelta(minutes=10)
"""How soon one that was held back is read again: what held it may have been released by two people."""
TASK_DUE = dt.timedelta(days=1)
PAGE = "document guard"
CLASSES = frozenset({Sensitivity.SPECIAL, Sensitivity.EXISTENCE})
Clock = Callable[[], dt.datetime]
logger = logging.getLogger(__name__)


def check_due(place: Place, limit: int = 100, clock: Clock = timezone.now) -> Counter[str]:
    """Read the versions that wait for it, each for every organisation that is to read it; return how many ended how."""
    outcomes: Counter[str] = Counter()
    with known_asker():
        published = find_published_run()
        due = _due(published.published_at, clock(), limit) if published else []
        run = RunContacts(Lake(place.lake_folder).run(published.run_id)) if due else None
        for version_id in due:
            try:
                with transaction.atomic():
                    outcomes.update(_check(version_id, run, clock()))
            except Exception as error:
                # Whatever it is, the next one is read all the same. Its text may hold a value, so its kind is said.
                logger.error("a document was not read: %s; it is tried again", type(error).__name__)
                outcomes["waits"] += 1
    return outcomes


def _due(published_at: dt.datetime, now: dt.datetime, limit: int) -> list[UUID]:
    """Return the versions that some organisation is to read for which it was not read since the run was published."""
    fresh = DocumentCheck.objects.filter(
        Q(state="passed") | Q(checked_at__gt=now - HELD_AGAIN),
        of_version=OuterRef("document__versions"),
        organisation=OuterRef("organisation"),
        checked_at__gte=published_at,
    )
    readers = DocumentReader.objects.filter(
        ended_at__isnull=True, document__state="held", document__versions__key_id__gt=""
    ).exclude(organisation=F("document__organisation"))
    waiting = readers.filter(~Exists(fresh)).order_by("document__versions__pk")
    return list(waiting.values_list("document__versions__pk", flat=True).distinct()[:limit])


def _check(version_id: UUID, run: RunContacts, now: dt.datetime) -> list[str]:
    versions = DocumentVersion.objects.select_for_update(of=("self",)).select_related("document__case")
    version = versions.get(pk=version_id)
    row = version.document
    if row.state != "held" or not version.key_id:
        return []
    readers = DocumentReader.objects.filter(document=row, ended_at__isnull=True).exclude(organisation=row.organisation)
    names = sorted(set(readers.values_list("organisation", flat=True)))
    shared = ShareDecision.objects.filter(document_id=row.pk, outcome="shared", receiver__in=names)
    to = [Reader(number, name) for number, name in enumerate(sorted(set(shared.values_list("receiver", flat=True))), 1)]
    people = _people(version)
    leaving = Reading(people, "document", version.added_by, row.reference, row.case.purpose, row.pk)
    try:
        known = gather(leaving, to, run, {one.party_id: {"page": f"the pages of {one.party_id}"} for one in to})
        parts = _parts(version, open_version(get_key_ring(), version))
    except (VaultKeyNotAvailable, VaultSealBroken):
        return [_keep(version, one.party_id, ("lookup_failed",), people, now) for one in to]
    return [_keep(version, one.party_id, _ask(version, people, parts, known, one, now), people, now) for one in to]


def _people(version: DocumentVersion) -> tuple[str, ...]:
    """Return the ids of everybody whom the document or its case is about."""
    about = DocumentSubject.objects.filter(document=version.document).values("subject")
    subjects = CaseSubject.objects.filter(
        Q(pk__in=about) | Q(case=version.document.case_id, ended_at__isnull=True)
    ).exclude(person_id="")
    return tuple(sorted(set(subjects.values_list("person_id", flat=True))))


def _parts(version: DocumentVersion, content: bytes) -> tuple[Part, ...]:
    """Return everything that a reader could read. A human answers for a part that cannot be searched, or nobody."""
    row, by = version.document, version.declared_free_by
    parts = [Part("title", f"{row.title}\n{row.given_by}".encode(), CLASSES)]
    return (
        *parts,
        *(Part(one.name, one.content, CLASSES, not one.closed, by if one.closed else "") for one in readings(content)),
    )


def _ask(
    version: DocumentVersion,
    people: Collection[str],
    parts: tuple[Part, ...],
    known: Knowledge,
    to: Reader,
    now: dt.datetime,
) -> tuple[str, ...]:
    """Return why the guard holds a version back from an organisation; nothing where it lets it go."""
    party, row = known.recipients[to.pk], version.document
    message = Message(
        reference=row.reference,
        channel="document",
        sent_by=version.added_by,
        recipients=(party,),
        subjects=frozenset(people),
        parts=parts,
        releases=known.releases,
        payload_sha256=version.sha256,
        message_id=str(version.pk),
    )
    answer = check_outbound(message, known.facts, known.unknown_to(party), timezone.localtime(now))
    return () if isinstance(answer, Released) else answer.reasons


def _keep(
    version: DocumentVersion, organisation: str, reasons: tuple[str, ...], people: Collection[str], now: dt.datetime
) -> str:
    """Keep what the guard said, with its entry where it is news, and the task where it is held back."""
    row, state = version.document, "held" if reasons else "passed"
    before = DocumentCheck.objects.filter(of_version=version, organisation=organisation).first()
    DocumentCheck.objects.update_or_create(
        of_version=version,
        organisation=organisation,
        defaults={"document": row, "state": state, "reasons": list(reasons), "checked_at": now},
    )
    if before is None or before.state != state:
        codes = {f"reason {number}": code for number, code in enumerate(reasons, 1)}
        details = {"document": row.reference, "number": version.number, "receiver": organisation, **codes}
        role = User.objects.filter(username=version.added_by).values_list("role", flat=True).first() or ""
        asker = Viewer(version.added_by, role, row.case.purpose, row.case.reference, PAGE)
        facts = Facts(
            decision="deny" if reasons else "allow",
            reason=reasons[0] if reasons else "released",
            channel="document",
            details={**details, "file": version.sha256},
        )
        record("refused" if reasons else "sent", asker, sorted(people) or [""], facts)
    if reasons:
        task = SafetyTask(kind=DOCUMENT_HELD, subject_id=str(row.pk), owner_role="ig_lead", due_at=now + TASK_DUE)
        SafetyTask.objects.bulk_create([task], ignore_conflicts=True)
    return state
