"""The outbound guard over papers of boards: before anybody prints one, as before anything else leaves.

Whoever asked for a paper saw what is on it; on a desk others read it too. It is searched for the locations of protected
people, and for who is kept from whom, with the facts of this moment. Runs as the owner of the tables, since the pages
may read no location.
"""

import datetime as dt
import logging
from collections import Counter
from collections.abc import Callable
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from braid.language.documents import parse
from braid.language.schema import Sensitivity
from braid.store.lake import Lake
from braid.store.place_folder import Place
from braid.store.vault_keys import VaultKeyNotAvailable, VaultSealBroken
from braid.trust.guard import Message, Part, Released, check_outbound
from braid.web.access.projections import Viewer
from braid.web.models import BoardPaper, ProposalPerson, SafetyTask, User
from braid.web.outbound.facts import gather
from braid.web.outbound.readings import Reader, Reading
from braid.web.outbound.run_contacts import RunContacts
from braid.web.outbound.tasks import PAPER_HELD
from braid.web.proposals.papers import PaperContent
from braid.web.proposals.sealing import open_paper
from braid.web.published import find_published_run
from braid.web.recording import Facts, record
from braid.web.vault.keys import get_key_ring
from braid.web.watch import known_asker

KEPT_FOR = dt.timedelta(days=1)
"""After that a paper is erased, printed or not."""
TASK_DUE = dt.timedelta(days=1)
PAGE = "paper guard"
CLASSES = frozenset({Sensitivity.IDENTITY, Sensitivity.LOCATION})
"""What a paper of a board holds: names of those whom its reader sees, and units where they could live."""
Clock = Callable[[], dt.datetime]
logger = logging.getLogger(__name__)


def check_papers(place: Place, limit: int = 100, clock: Clock = timezone.now) -> Counter[str]:
    """Read the papers that wait for it and erase those whose time is over; return how many ended how."""
    outcomes: Counter[str] = Counter()
    with known_asker():
        BoardPaper.objects.filter(asked_at__lt=clock() - KEPT_FOR).delete()
        waiting = BoardPaper.objects.filter(state="waiting").order_by("asked_at", "pk")
        due = list(waiting.values_list("pk", flat=True)[:limit])
        published = find_published_run() if due else None
        run = RunContacts(Lake(place.lake_folder).run(published.run_id)) if published else None
        for paper_id in due if run else ():
            try:
                with transaction.atomic():
                    outcomes[_check(paper_id, run, clock())] += 1
            except Exception as error:
                # Whatever it is, the next one is read all the same. Its text may hold a value, so its kind is said.
                logger.error("a paper was not read: %s; it is tried again", type(error).__name__)
                outcomes["waits"] += 1
    return outcomes


def _check(paper_id: UUID, run: RunContacts, now: dt.datetime) -> str:
    row = BoardPaper.objects.select_for_update().get(pk=paper_id)
    # Whoever asked sees no row of somebody who waits for nothing: who is on it altogether is said here.
    about = ProposalPerson.objects.filter(proposal__in=row.proposals).values_list("person_id", flat=True)
    row.people = sorted({*row.people, *about})
    try:
        reasons = _ask(row, run, now)
    except (VaultKeyNotAvailable, VaultSealBroken):
        reasons = ("lookup_failed",)
    state = "held" if reasons else "passed"
    BoardPaper.objects.filter(pk=row.pk).update(state=state, reasons=list(reasons), people=row.people, checked_at=now)
    if reasons:
        _record_held(row, reasons)
        task = SafetyTask(kind=PAPER_HELD, subject_id=str(row.pk), owner_role="ig_lead", due_at=now + TASK_DUE)
        SafetyTask.objects.bulk_create([task], ignore_conflicts=True)
    return state


def _ask(row: BoardPaper, run: RunContacts, now: dt.datetime) -> tuple[str, ...]:
    """Return why the guard holds a paper back; nothing where it lets it go."""
    content = parse(open_paper(get_key_ring(), row), PaperContent, "paper")
    people, to = tuple(row.people), Reader(1, row.made_by, "user")
    leaving = Reading(people, "paper", row.made_by, row.reference, row.purpose)
    known = gather(leaving, [to], run, {row.organisation: {"page": f"the pages of {row.organisation}"}})
    party = known.recipients[to.pk]
    message = Message(
        reference=row.reference,
        channel="paper",
        sent_by=row.made_by,
        recipients=(party,),
        subjects=frozenset(people),
        parts=(Part("paper", "\n".join(content.words()).encode("utf-8"), CLASSES),),
        releases=known.releases,
        payload_sha256=row.sha256,
        message_id=str(row.pk),
    )
    answer = check_outbound(message, known.facts, known.unknown_to(party), timezone.localtime(now))
    return () if isinstance(answer, Released) else answer.reasons


def _record_held(row: BoardPaper, reasons: tuple[str, ...]) -> None:
    role = User.objects.filter(username=row.made_by).values_list("role", flat=True).first() or ""
    asker = Viewer(row.made_by, role, row.purpose, row.reference, PAGE)
    codes = {f"reason {number}": code for number, code in enumerate(reasons, 1)}
    details = {"what": row.kind, "form": "paper", "paper": str(row.pk), "file": row.sha256, **codes}
    facts = Facts(decision="deny", reason=reasons[0], channel="paper", details=details)
    record("refused", asker, list(row.people), facts)
