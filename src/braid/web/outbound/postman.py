"""The postman: takes messages that are due, asks the guard at that moment, and delivers or refuses.

A message is claimed in one transaction, which counts the attempt. Then, copy by copy, one transaction asks anew whether
everything that has not left may leave, over one published run, and another delivers that copy: publishing never waits
for a mail server. An end comes with its task and its audit entry, or not at all, and each copy with its own entry. A
channel takes a copy under a key that is the same each time, so that a crash after delivery and before the commit leads
to a repetition and not to a second message.
"""

import datetime as dt
import logging
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from braid.outbound import ChannelNotAvailable, ChannelRefused, Draft, NotReleased, Rendered, deliver, render
from braid.store.lake import Lake
from braid.store.place_folder import Place
from braid.store.vault_keys import VaultKeyNotAvailable, VaultSealBroken
from braid.trust.guard import Refused, Released, check_outbound
from braid.web.access.authors import may_send_answer, may_send_minutes, may_write_about
from braid.web.access.projections import Viewer
from braid.web.models import OutboxMessage, OutboxRecipient
from braid.web.outbound.drafts import from_words
from braid.web.outbound.facts import Knowledge, gather
from braid.web.outbound.leaving_notices import may_notice_leave, note_left
from braid.web.outbound.recording import PAGE, record_delivery, record_outcome
from braid.web.outbound.route_file import Ways
from braid.web.outbound.run_contacts import RunContacts
from braid.web.outbound.tasks import MESSAGE_FAILED, MESSAGE_REFUSED, leave_task
from braid.web.outbound.words import SealedWords, open_words, owner_of_message
from braid.web.published import find_published_run, hold_published_set
from braid.web.traces.tracing import begin_span
from braid.web.vault.keys import get_key_ring
from braid.web.watch import known_asker

MOST_ATTEMPTS = 5
FIRST_WAIT = dt.timedelta(seconds=30)
"""After the first attempt; each further wait is four times the one before."""
REFUSED_DUE = FAILED_DUE = dt.timedelta(days=1)
ONLY_THE_HOUR = ("unsafe_hour",)
LONGEST_WAIT = dt.timedelta(days=7)
"""How long a message waits for the hours in which its reader may be reached."""
Clock = Callable[[], dt.datetime]
logger = logging.getLogger(__name__)


class NotNow(Exception):
    """It cannot be decided now: no run is published, or its tables are not there. It is tried again."""


@dataclass(frozen=True)
class Stays:
    """A message that may not leave: why, as codes of the guard, and by when somebody must see to it."""

    reasons: tuple[str, ...]
    due: dt.datetime


@dataclass(frozen=True)
class Waits:
    """A message of which nothing but the hour is against what has not left: until when."""

    until: dt.datetime


@dataclass(frozen=True)
class Copy:
    """One recipient's copy: as rendered, and as the guard released it."""

    recipient: OutboxRecipient
    rendered: Rendered
    released: Released


def send_due(place: Place, ways: Ways, limit: int = 100, clock: Clock = timezone.now) -> Counter[str]:
    """Take at most `limit` messages that are due, each once; return how many ended in which state."""
    outcomes: Counter[str] = Counter()
    with known_asker():
        for _ in range(limit):
            claimed = _claim(clock())
            if claimed is None:
                break
            outcomes[_traced(place, ways, *claimed, clock)] += 1
    return outcomes


def _traced(place: Place, ways: Ways, message_id: uuid.UUID, parent: str, clock: Clock) -> str:
    """Take a message, as a part of the trace in which it was written."""
    with begin_span("message", parent) as span:
        state = _take(place, ways, message_id, clock)
        if span.trace_id:
            span.say(state=state)
        return state


@transaction.atomic
def _claim(now: dt.datetime) -> tuple[uuid.UUID, str] | None:
    """Count an attempt at the message that has been due longest; return its id and trace, `None` where none is due."""
    due = OutboxMessage.objects.filter(state="queued", next_attempt_at__lte=now)
    message = due.select_for_update(skip_locked=True).order_by("next_attempt_at", "pk").first()
    if message is None:
        return None
    message.attempts += 1
    message.next_attempt_at = now + FIRST_WAIT * 4 ** min(message.attempts - 1, MOST_ATTEMPTS)
    message.save(update_fields=["attempts", "next_attempt_at"])
    return message.pk, message.trace


def _take(place: Place, ways: Ways, message_id: uuid.UUID, clock: Clock) -> str:
    try:
        return _Delivery(place, ways, message_id, clock).run()
    except Exception as error:
        # Whatever it is, it must not stop the messages after it. Its text may hold a value, so its kind alone is said.
        logger.error("a message was not sent: %s; it is tried again", type(error).__name__)
        return "queued"


class _Delivery:
    """One attempt at one message: every copy that has not left is decided on, and delivered, once."""

    def __init__(self, place: Place, ways: Ways, message_id: uuid.UUID, clock: Clock) -> None:
        self._place, self._ways, self._message_id, self._clock = place, ways, message_id, clock
        self._tried: set[int] = set()
        self._is_refused = False

    def run(self) -> str:
        """Deliver what may leave; return the state in which the message ends, `queued` where it is tried again."""
        while isinstance(step := self._decide(), Copy):
            self._tried.add(step.recipient.pk)
            self._deliver(step)
        return step

    def _lock(self) -> OutboxMessage | None:
        rows = OutboxMessage.objects.select_for_update(of=("self",))
        return rows.filter(pk=self._message_id, state="queued").first()

    @transaction.atomic
    def _decide(self) -> Copy | str:
        """Return the next copy to deliver, or the state in which the message is.

        Every copy that was not tried in this attempt is decided on each time: what was entered while an earlier one
        was on its way holds for those after it.
        """
        hold_published_set()
        message = self._lock()
        if message is None:
            return "cancelled"
        now = self._clock()
        if message.attempts > MOST_ATTEMPTS:
            return _end(message, "failed", ("too_many_attempts",), now)
        waiting = list(message.recipients.filter(delivered_at__isnull=True).order_by("pk"))
        recipients = [one for one in waiting if one.pk not in self._tried]
        if not recipients:
            return self._close(message, is_whole=not waiting)
        try:
            decided = self._ask_guard(message, recipients, now)
        except (VaultKeyNotAvailable, VaultSealBroken):
            return _end(message, "refused", ("lookup_failed",), now)
        except ValueError:
            return _end(message, "failed", ("not_renderable",), now)
        if isinstance(decided, Stays):
            return _end(message, "refused", decided.reasons, now, decided.due)
        if not isinstance(decided, Waits):
            return decided[0]
        has_failed = len(recipients) < len(waiting)  # a copy that the channel did not take is tried again before that
        return self._close(message, is_whole=False) if has_failed else _wait(message, decided.until, now)

    def _ask_guard(
        self, message: OutboxMessage, recipients: list[OutboxRecipient], now: dt.datetime
    ) -> list[Copy] | Stays | Waits:
        author = Viewer(message.sent_by, message.role, message.purpose, message.reference, PAGE)
        if not _may_send(author, message, recipients):
            return Stays(("author_may_not",), now + REFUSED_DUE)
        known = gather(message, recipients, _run_contacts(self._place), self._ways.inboxes)
        return _decide_on(message, recipients, known, now)

    def _close(self, message: OutboxMessage, *, is_whole: bool) -> str:
        """Return what came of an attempt in which nothing is left to try."""
        if is_whole:
            note_left(message.pk, self._clock())
            return _end(message, "sent", (), self._clock())
        if self._is_refused:
            return _end(message, "failed", ("channel_refused",), self._clock())
        if message.attempts >= MOST_ATTEMPTS:
            return _end(message, "failed", ("too_many_attempts",), self._clock())
        return "queued"

    @transaction.atomic
    def _deliver(self, copy: Copy) -> None:
        """Deliver a copy and write down that it left; where it did not, the others are tried all the same."""
        message = self._lock()
        if message is None:  # taken back a moment ago
            return
        try:
            receipt = deliver(copy.rendered, copy.released, self._ways.routes, self._clock())
        except (ChannelNotAvailable, NotReleased):
            return
        except (ChannelRefused, ValueError):
            self._is_refused = True
            return
        copy.recipient.delivered_at = receipt.at
        copy.recipient.receipt = {"digest": receipt.digest, "remote_id": receipt.remote_id}
        copy.recipient.save(update_fields=["delivered_at", "receipt"])
        record_delivery(message, copy.recipient)


def _may_send(author: Viewer, message: OutboxMessage, recipients: list[OutboxRecipient]) -> bool:
    """Whether the author may send it now: of what a meeting decided by taking part, of an
    answer about somebody's data by the request, of all else by what they see.

    A notice of a move leaves only while its agreement stands and nobody has opened it again.
    """
    if message.rights_id is not None:
        return may_send_answer(author, message.rights_id, message.pk, [(one.kind, one.party_id) for one in recipients])
    if message.item_id is None:
        if not may_notice_leave(message.pk):
            return False
        to_people = [one.party_id for one in recipients if one.kind == "person"]
        return may_write_about(author, [*message.subject_ids, *to_people])
    receivers = [one.party_id if one.kind == "organisation" else "" for one in recipients]
    return may_send_minutes(author, message.item_id, message.pk, message.subject_ids, receivers)


def _run_contacts(place: Place) -> RunContacts:
    """Return the contact points of the run that is published: the vault was filled from the same one."""
    published = find_published_run()
    if published is None:
        raise NotNow("no run is published")
    return RunContacts(Lake(place.lake_folder).run(published.run_id))


def _decide_on(
    message: OutboxMessage, recipients: list[OutboxRecipient], known: Knowledge, now: dt.datetime
) -> list[Copy] | Stays | Waits:
    """Ask the guard about every copy. Where one may not leave, none does: they are one message.

    One that may leave at another hour waits for it, and holds up none that may leave now.
    """
    if not all(known.recipients[one.pk].contact for one in recipients):
        return Stays(_why_nowhere(known), now + REFUSED_DUE)
    words = open_words(
        get_key_ring(),
        owner_of_message(message.pk),
        SealedWords(message.key_id, bytes(message.wrapped), bytes(message.sealed)),
    )
    draft = from_words(
        words,
        reference=message.reference,
        channel=message.channel,
        sent_by=message.sent_by,
        subjects=frozenset(message.subject_ids),
        protected=known.around,
        message_id=str(message.pk),
    )
    local = timezone.localtime(now)
    answers = [_ask(draft, one, known, local) for one in recipients]
    refused = [answer for answer in answers if isinstance(answer, Refused) and answer.reasons != ONLY_THE_HOUR]
    if refused:
        reasons = sorted({reason for answer in refused for reason in answer.reasons})
        return Stays(tuple(reasons), min(answer.task.due for answer in refused))
    copies = [answer for answer in answers if isinstance(answer, Copy)]
    return copies or Waits(min(known.facts.safe_contacts[one.party_id].next_start(local) for one in recipients))


def _why_nowhere(known: Knowledge) -> tuple[str, ...]:
    """Return why a recipient has no contact point: not known, a rule that names none, or one that cannot be read."""
    ruled = any(not one.contact and one.party_id in known.facts.safe_contacts for one in known.recipients.values())
    found = {"unknown_recipient": True, "unsafe_contact": ruled, "lookup_failed": not known.facts.vault_answered}
    return tuple(sorted(reason for reason, holds in found.items() if holds))


def _ask(draft: Draft, recipient: OutboxRecipient, known: Knowledge, local: dt.datetime) -> Copy | Refused:
    party = known.recipients[recipient.pk]
    rendered = render(draft, (party,), known.releases, local)
    answer = check_outbound(rendered.message, known.facts, known.unknown_to(party), local)
    return Copy(recipient, rendered, answer) if isinstance(answer, Released) else answer


def _wait(message: OutboxMessage, until: dt.datetime, now: dt.datetime) -> str:
    """Let a message wait for the hours in which its reader may be reached; that is no attempt at the channel.

    It waits `LONGEST_WAIT` in all, and once in any case: a message may be due long after it was written.
    """
    has_waited = message.refused_reasons == list(ONLY_THE_HOUR)
    if has_waited and now - message.created_at > LONGEST_WAIT:
        return _end(message, "refused", ONLY_THE_HOUR, now, now + REFUSED_DUE)
    message.next_attempt_at, message.refused_reasons = until, list(ONLY_THE_HOUR)
    message.attempts = max(0, message.attempts - 1)
    message.save(update_fields=["next_attempt_at", "refused_reasons", "attempts"])
    return "queued"


def _end(
    message: OutboxMessage, state: str, reasons: tuple[str, ...], now: dt.datetime, due: dt.datetime | None = None
) -> str:
    """Write the end of a message, in the caller's transaction: its state, and where not all of it left its task and its
    audit entry. What left has an entry for each copy."""
    message.state, message.refused_reasons, message.ended_at = state, list(reasons), now
    if state == "sent":
        message.key_id, message.wrapped, message.sealed = "", b"", b""
    else:
        leave_task(MESSAGE_REFUSED if state == "refused" else MESSAGE_FAILED, message, due or now + FAILED_DUE)
        record_outcome(message, state, reasons)
    message.save(update_fields=["state", "refused_reasons", "ended_at", "key_id", "wrapped", "sealed"])
    return state
