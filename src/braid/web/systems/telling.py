"""The telling of events: each that is due, once, if its system may see what it is about at this moment.

An event is claimed in one transaction, which counts the try, and told in another that writes down what came of it. Of
one thing events are told in the order in which they happened; what is about another thing does not wait. What the
system may not see is never told, and takes no number of what it is told: who counts finds no gap.
"""

import datetime as dt
import logging
import time
from collections import Counter
from collections.abc import Callable, Collection
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from braid.outbound import ChannelNotAvailable, ChannelRefused
from braid.outbound.egress import Egress, post_out
from braid.outbound.events import EVENT_KINDS, MOST_ATTEMPTS, sign_event, wait_after, write_event
from braid.outbound.routes import Routes
from braid.store.vault_keys import VaultKeyNotAvailable, VaultSealBroken
from braid.trust.roles import ROLES
from braid.web.access.context import Binding, asking_as, bound_by
from braid.web.access.projections import Viewer
from braid.web.models import (
    BoardDecision,
    CareAction,
    CaseOffer,
    JointCase,
    Referral,
    WebhookDelivery,
    WebhookSubscription,
)
from braid.web.pages_role import seeing_as_pages
from braid.web.recording import Facts, record
from braid.web.systems.subscriptions import kinds_of, live_tokens, secrets_of
from braid.web.traces.tracing import begin_span
from braid.web.vault.keys import get_key_ring
from braid.web.vault.tasks import WEBHOOK_DEAD, raise_task
from braid.web.watch import known_asker

Clock = Callable[[], dt.datetime]
SUBJECTS = {
    "referral": Referral,
    "offer": CaseOffer,
    "action": CareAction,
    "case": JointCase,
    "board": BoardDecision,
}
"""Of what an event is, by the first part of its kind."""
NO_ANSWER = "no_answer"
logger = logging.getLogger(__name__)


def tell_due(routes: Routes, limit: int = 100, clock: Clock = timezone.now) -> Counter[str]:
    """Tell at most `limit` events that are due, each once; return how many ended in which state.

    Whose machine did not answer is told nothing more in this turn: each event would wait for it as long again, and
    everybody else's with it.
    """
    outcomes: Counter[str] = Counter()
    silent: set[UUID] = set()
    with known_asker():
        for _ in range(limit):
            claimed = _claim(clock(), silent)
            if claimed is None:
                break
            try:
                outcomes[_traced(routes, *claimed, clock, silent)] += 1
            except Exception as error:  # whatever it is, it must not stop the events after it
                logger.error("an event was not told: %s; it is tried again", type(error).__name__)
                outcomes["queued"] += 1
    return outcomes


def _traced(routes: Routes, delivery_id: int, parent: str, clock: Clock, silent: set[UUID]) -> str:
    """Tell an event, as a part of the trace of the request in which it happened."""
    with begin_span("event", parent) as span:
        state = _tell(routes, delivery_id, clock, silent)
        if span.trace_id:
            span.say(state=state)
        return state


@transaction.atomic
def _claim(now: dt.datetime, silent: Collection[UUID]) -> tuple[int, str] | None:
    """Count a try at the event that has been due longest; return its id and trace, `None` where none is due."""
    earlier = WebhookDelivery.objects.filter(
        subscription=OuterRef("subscription"), subject_id=OuterRef("subject_id"), state="queued", pk__lt=OuterRef("pk")
    )
    due = WebhookDelivery.objects.filter(~Exists(earlier), state="queued", next_attempt_at__lte=now)
    due = due.exclude(subscription_id__in=silent)
    row = due.select_for_update(of=("self",), skip_locked=True).order_by("next_attempt_at", "pk").first()
    if row is None:
        return None
    row.attempts += 1
    row.next_attempt_at = now + wait_after(row.attempts)
    row.save(update_fields=["attempts", "next_attempt_at"])
    return row.pk, row.trace


@transaction.atomic
def _tell(routes: Routes, delivery_id: int, clock: Clock, silent: set[UUID]) -> str:
    """Tell an event, and write down what came of it; return its state."""
    row = WebhookDelivery.objects.select_for_update().filter(pk=delivery_id, state="queued").first()
    if row is None:
        return "ended"
    subscription = WebhookSubscription.objects.select_for_update().select_related("system").get(pk=row.subscription_id)
    if subscription.ended_at is not None:
        return _end(row, "ended", clock())
    token = live_tokens(subscription.system_id).filter(
        purpose=subscription.purpose, agreement_id=subscription.agreement_id
    )
    binding = token.order_by("-expires_at", "pk").values_list("pk", flat=True).first()
    if binding is None:
        return _fail(row, subscription, "no_token", clock())
    if not _may_see(subscription, Binding(binding, subscription.agreement_id), row.kind, row.subject_id):
        return _end(row, "not_shown", clock())
    if row.number is None:
        subscription.last_number += 1
        subscription.save(update_fields=["last_number"])
        row.number = subscription.last_number
    fault, is_final = _post(routes, subscription, row)
    if fault == NO_ANSWER:
        silent.add(subscription.pk)
    if fault:
        return _fail(row, subscription, fault, clock(), is_final=is_final)
    _record(subscription, row)
    return _end(row, "sent", clock())


def _may_see(subscription: WebhookSubscription, binding: Binding, kind: str, subject_id: UUID) -> bool:
    """Whether the policies show the system what an event is about, asked as the system, in the role of the pages."""
    if kind not in kinds_of(ROLES.get(subscription.system.role)):
        return False
    if EVENT_KINDS[kind].needs == "place":
        return True
    model = SUBJECTS[kind.partition(".")[0]]
    with bound_by(binding), asking_as(subscription.system.username, subscription.purpose), seeing_as_pages():
        return bool(model.objects.filter(pk=subject_id).exists())


def _post(routes: Routes, subscription: WebhookSubscription, row: WebhookDelivery) -> tuple[str, bool]:
    """Post an event; return the code of what was in the way, or nothing, and whether trying again cannot mend it."""
    try:
        secrets = secrets_of(get_key_ring(), subscription.pk)
    except (VaultKeyNotAvailable, VaultSealBroken):
        secrets = []
    if not secrets:
        return "no_secret", False
    key = str(row.message_id)
    body = write_event(key, row.kind, str(row.subject_id), row.number, row.happened_at, row.detail)
    listed = routes.event_urls.get(subscription.organisation, frozenset())
    egress = Egress(listed, routes.networks, routes.timeout_seconds)
    try:
        status = post_out(subscription.url, body, sign_event(body, key, int(time.time()), secrets), egress)
    except ChannelRefused:
        return "not_listed", True
    except ChannelNotAvailable:
        return NO_ANSWER, False
    return ("", False) if 200 <= status < 300 else (f"status_{status}", False)


def _fail(
    row: WebhookDelivery, subscription: WebhookSubscription, fault: str, now: dt.datetime, *, is_final: bool = False
) -> str:
    row.last_fault = fault
    if not is_final and row.attempts < MOST_ATTEMPTS:
        row.save(update_fields=["last_fault", "number"])
        return "queued"
    raise_task(WEBHOOK_DEAD, str(subscription.pk))
    return _end(row, "dead", now)


def _end(row: WebhookDelivery, state: str, now: dt.datetime) -> str:
    row.state, row.ended_at = state, now
    row.save(update_fields=["state", "ended_at", "last_fault", "number"])
    return state


def _record(subscription: WebhookSubscription, row: WebhookDelivery) -> None:
    asker = Viewer(subscription.system.username, subscription.system.role, subscription.purpose, "", "webhook")
    details = {"what": "event told", "kind": row.kind, "event": str(row.message_id), "webhook": str(subscription.pk)}
    facts = Facts(organisation=subscription.organisation, reason="released", channel="webhook", details=details)
    record("sent", asker, facts=facts)
