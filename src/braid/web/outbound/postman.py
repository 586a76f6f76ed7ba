"""The postman: takes messages that are due, asks the guard at that moment, and delivers or refuses.

A message is claimed in one transaction, which counts the attempt, and settled in another, which holds its row: state,
task and audit entry appear together or not at all. A channel takes a message under a key that is the same each time, so
that a crash after delivery and before the commit leads to a repetition and not to a second message.
"""

import datetime as dt
import logging
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from braid.outbound import ChannelNotAvailable, ChannelRefused, Draft, DraftRefused, Rendered, deliver, render
from braid.store.lake import Lake
from braid.store.place_folder import Place
from braid.store.vault_keys import VaultKeyNotAvailable, VaultSealBroken
from braid.trust.guard import Refused, Released, check_outbound
from braid.web.models import OutboxMessage, OutboxRecipient
from braid.web.outbound.drafts import from_words
from braid.web.outbound.facts import Knowledge, gather
from braid.web.outbound.recording import record_outcome
from braid.web.outbound.route_file import Ways
from braid.web.outbound.run_contacts import RunContacts
from braid.web.outbound.tasks import MESSAGE_FAILED, MESSAGE_REFUSED, leave_task
from braid.web.outbound.words import SealedWords, open_words, owner_of_message
from braid.web.published import find_published_run, hold_published_set
from braid.web.vault.keys import get_key_ring
from braid.web.watch import known_asker

MOST_ATTEMPTS = 5
FIRST_WAIT = dt.timedelta(seconds=30)
"""After the first attempt; each further wait is four times the one before."""
REFUSED_DUE = FAILED_DUE = dt.timedelta(days=1)
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
            message_id = _claim(clock())
            if message_id is None:
                break
            outcomes[_take(place, ways, message_id, clock)] += 1
    return outcomes


@transaction.atomic
def _claim(now: dt.datetime) -> uuid.UUID | None:
    """Count an attempt at the message that has been due longest, and return its id; `None` where none is due."""
    due = OutboxMessage.objects.filter(state="queued", next_attempt_at__lte=now)
    message = due.select_for_update(skip_locked=True).order_by("next_attempt_at", "pk").first()
    if message is None:
        return None
    message.attempts += 1
    message.next_attempt_at = now + FIRST_WAIT * 4 ** min(message.attempts - 1, MOST_ATTEMPTS)
    message.save(update_fields=["attempts", "next_attempt_at"])
    return message.pk


def _take(place: Place, ways: Ways, message_id: uuid.UUID, clock: Clock) -> str:
    try:
        with transaction.atomic():
            hold_published_set()
            rows = OutboxMessage.objects.select_for_update().filter(pk=message_id, state="queued")
            message = rows.first()
            return "cancelled" if message is None else _settle(place, ways, message, clock)
    except Exception as error:
        # Whatever it is, it must not stop the messages after it. Its text may hold a value, so its kind alone is said.
        logger.error("a message was not sent: %s; it is tried again", type(error).__name__)
        return "queued"


def _settle(place: Place, ways: Ways, message: OutboxMessage, clock: Clock) -> str:
    """Decide on a message and do what was decided; return the state in which it ends."""
    if message.attempts > MOST_ATTEMPTS:
        return _end(message, "failed", ("too_many_attempts",), clock())
    recipients = list(message.recipients.filter(delivered_at__isnull=True).order_by("pk"))
    try:
        known = gather(message, recipients, _run_contacts(place), ways.inboxes)
        decided = _decide(message, recipients, known, clock())
    except (VaultKeyNotAvailable, VaultSealBroken):
        return _end(message, "refused", ("lookup_failed",), clock())
    except DraftRefused:
        return _end(message, "failed", ("not_renderable",), clock())
    if isinstance(decided, Stays):
        return _end(message, "refused", decided.reasons, clock(), decided.due)
    return _deliver(message, decided, ways, clock)


def _run_contacts(place: Place) -> RunContacts:
    """Return the contact points of the run that is published: the vault was filled from the same one."""
    published = find_published_run()
    if published is None:
        raise NotNow("no run is published")
    return RunContacts(Lake(place.lake_folder).run(published.run_id))


def _decide(
    message: OutboxMessage, recipients: list[OutboxRecipient], known: Knowledge, now: dt.datetime
) -> list[Copy] | Stays:
    """Ask the guard about every copy. Where one may not leave, none does: they are one message."""
    if not all(known.recipients[one.pk].contact for one in recipients):
        return Stays(("unknown_recipient",), now + REFUSED_DUE)
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
    )
    answers = [_ask(draft, one, known, timezone.localtime(now)) for one in recipients]
    refused = [answer for answer in answers if isinstance(answer, Refused)]
    if refused:
        reasons = sorted({reason for answer in refused for reason in answer.reasons})
        return Stays(tuple(reasons), min(answer.task.due for answer in refused))
    return [answer for answer in answers if isinstance(answer, Copy)]


def _ask(draft: Draft, recipient: OutboxRecipient, known: Knowledge, local: dt.datetime) -> Copy | Refused:
    party = known.recipients[recipient.pk]
    rendered = render(draft, (party,), known.releases)
    answer = check_outbound(rendered.message, known.facts, known.unknown_to(party), local)
    return Copy(recipient, rendered, answer) if isinstance(answer, Released) else answer


def _deliver(message: OutboxMessage, copies: list[Copy], ways: Ways, clock: Clock) -> str:
    """Deliver each copy that was not delivered before; what was stays recorded where a later one fails."""
    for copy in copies:
        try:
            receipt = deliver(copy.rendered, copy.released, ways.routes, clock())
        except ChannelNotAvailable:
            if message.attempts >= MOST_ATTEMPTS:
                return _end(message, "failed", ("too_many_attempts",), clock())
            return "queued"
        except ChannelRefused:
            return _end(message, "failed", ("channel_refused",), clock())
        copy.recipient.delivered_at = receipt.at
        copy.recipient.receipt = {"digest": receipt.digest, "remote_id": receipt.remote_id}
        copy.recipient.save(update_fields=["delivered_at", "receipt"])
    return _end(message, "sent", (), clock())


def _end(
    message: OutboxMessage, state: str, reasons: tuple[str, ...], now: dt.datetime, due: dt.datetime | None = None
) -> str:
    """Write the end of a message: its state, its task and its audit entry, in the caller's transaction."""
    message.state, message.refused_reasons, message.ended_at = state, list(reasons), now
    if state == "sent":
        message.key_id, message.wrapped, message.sealed = "", b"", b""
    else:
        leave_task(MESSAGE_REFUSED if state == "refused" else MESSAGE_FAILED, message, due or now + FAILED_DUE)
    message.save(update_fields=["state", "refused_reasons", "ended_at", "key_id", "wrapped", "sealed"])
    record_outcome(message, state, reasons)
    return state
