"""Who is told of what happens: a system's address, kinds of events, and the secrets that sign; made by the lead."""

import base64
import datetime as dt
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from braid.language.steps import NotPossible
from braid.outbound.events import EVENT_KINDS, SECRET_BYTES, SECRET_PREFIX
from braid.store.vault_keys import KeyRing
from braid.trust.roles import ROLES, Role
from braid.web.models import ApiToken, User, WebhookDelivery, WebhookSecret, WebhookSubscription
from braid.web.outbound.words import SealedWords, open_words, seal_words
from braid.web.recording import Asker, Facts, record
from braid.web.systems.tokens import SYSTEM
from braid.web.vault.keys import open_key_ring

OVERLAP = dt.timedelta(days=2)
"""How long the secret before goes on signing beside a new one."""
KEPT_FOR = dt.timedelta(days=30)
"""How long what became of an event is kept, once it has ended."""


@dataclass(frozen=True)
class SubscriptionSeen:
    """A subscription with what became of its events, as counts; nothing of what they were about."""

    id: UUID
    system: str
    organisation: str
    purpose: str
    url: str
    kinds: tuple[str, ...]
    made_by: str
    made_at: dt.datetime
    ended_at: dt.datetime | None
    queued: int
    sent: int
    dead: int


@transaction.atomic
def subscribe(
    by: Asker, name: str, url: str, kinds: Collection[str], listed: Mapping[str, frozenset[str]]
) -> tuple[UUID, str]:
    """Let a system be told of events of some kinds; return the id, and the secret, which is shown this once.

    As the owner of the tables. It is told for the purpose and under the agreement of a token that it holds (of none,
    where its role sees nobody), and of what it may see. `listed` gives the addresses of each organisation. Raises
    `NotPossible`, `VaultKeyNotAvailable`.
    """
    system = User.objects.filter(username=f"{SYSTEM}{name}", is_system=True, is_active=True).first()
    if system is None:
        raise NotPossible("There is no system of that name. Make it a token first")
    token = live_tokens(system.pk).order_by("-created_at", "-pk").first()
    if token is None:
        raise NotPossible("The system has no token that holds. Make it one first")
    seen = kinds_of(ROLES.get(system.role))
    if not kinds or not set(kinds) <= set(seen):
        raise NotPossible(f"Choose among the kinds that its role may be told of: {', '.join(seen)}")
    if url not in listed.get(system.organisation, frozenset()):
        raise NotPossible(
            "The address is not listed for the organisation: add it to events of its inbox, in outbound.toml"
        )
    row = WebhookSubscription.objects.create(
        system=system,
        organisation=system.organisation,
        purpose=token.purpose,
        agreement_id=token.agreement_id,
        url=url,
        kinds=sorted(set(kinds)),
        made_by=by.username,
    )
    secret = _make_secret(row)
    _record(by, "webhook made", row)
    return row.pk, secret


def kinds_of(role: Role | None) -> list[str]:
    """Return the kinds of events that a role may be told of."""
    if role is None:
        return []
    sees = {"people": role.sees_people, "boards": role.governs, "place": role.sees_place}
    return [code for code, kind in EVENT_KINDS.items() if sees[kind.needs]]


def live_tokens(system_id: int) -> QuerySet[ApiToken]:
    """Return the tokens of a system that hold now."""
    return ApiToken.objects.filter(user=system_id, revoked_at=None, expires_at__gt=Now(), user__is_active=True)


@transaction.atomic
def renew_secret(by: Asker, subscription_id: UUID) -> str:
    """Return a new secret, shown this once; those before sign beside it for two days. Raises `NotPossible`."""
    row = _get(subscription_id)
    until = timezone.now() + OVERLAP
    WebhookSecret.objects.filter(Q(ends_at=None) | Q(ends_at__gt=until), subscription=row).update(ends_at=until)
    secret = _make_secret(row)
    _record(by, "webhook secret renewed", row)
    return secret


def _make_secret(row: WebhookSubscription) -> str:
    secret = secrets.token_bytes(SECRET_BYTES)
    kept = WebhookSecret(subscription=row)
    _seal_into(kept, open_key_ring(), secret)
    return SECRET_PREFIX + base64.b64encode(secret).decode()


def _seal_into(kept: WebhookSecret, ring: KeyRing, secret: bytes) -> None:
    sealed = seal_words(ring, _owner(kept), {"secret": base64.b64encode(secret).decode()})
    kept.key_id, kept.wrapped, kept.sealed = sealed.key_id, sealed.wrapped, sealed.sealed
    kept.save()


def _owner(kept: WebhookSecret) -> str:
    return f"webhook secret:{kept.pk}"


def open_secret(ring: KeyRing, kept: WebhookSecret) -> bytes:
    """Return a secret. Raises `VaultKeyNotAvailable` or `VaultSealBroken`."""
    words = open_words(ring, _owner(kept), SealedWords(kept.key_id, bytes(kept.wrapped), bytes(kept.sealed)))
    return base64.b64decode(words["secret"])


def secrets_of(ring: KeyRing, subscription_id: UUID) -> list[bytes]:
    """Return the secrets that sign for a subscription now, the newest first."""
    rows = WebhookSecret.objects.filter(Q(ends_at=None) | Q(ends_at__gt=timezone.now()), subscription=subscription_id)
    return [open_secret(ring, one) for one in rows.order_by("-made_at")]


def reseal_webhooks(ring: KeyRing) -> None:
    """Seal every secret anew under the ring's current key, in the caller's transaction."""
    for kept in WebhookSecret.objects.select_for_update():
        _seal_into(kept, ring, open_secret(ring, kept))


def forget_webhooks() -> None:
    """Erase the secrets that a lost key sealed: nothing is told until each is renewed."""
    WebhookSecret.objects.all().delete()


@transaction.atomic
def end_subscription(by: Asker, subscription_id: UUID) -> None:
    """End a subscription: what waits for it is not told. Raises `NotPossible`."""
    row = _get(subscription_id)
    if not WebhookSubscription.objects.filter(pk=row.pk, ended_at=None).update(ended_at=Now(), ended_by=by.username):
        raise NotPossible("It has ended already. Look at the list")
    _record(by, "webhook ended", row)


@transaction.atomic
def send_anew(by: Asker, subscription_id: UUID) -> int:
    """Try what could not be told again from the beginning; return how many. Raises `NotPossible`."""
    row = _get(subscription_id)
    dead = WebhookDelivery.objects.filter(subscription=row.pk, state="dead")
    count = dead.update(state="queued", attempts=0, next_attempt_at=Now(), ended_at=None)
    if not count:
        raise NotPossible("Nothing of it waits to be sent anew. Look at the list")
    _record(by, "webhook sent anew", row, events=count)
    return count


def _get(subscription_id: UUID) -> WebhookSubscription:
    row = WebhookSubscription.objects.filter(pk=subscription_id, ended_at=None).first()
    if row is None:
        raise NotPossible("There is no such subscription that goes on. Look at the list")
    return row


def list_subscriptions() -> list[SubscriptionSeen]:
    """Return the subscriptions that whoever asks may see, those that go on first."""
    counts = {name: Count("deliveries", filter=Q(deliveries__state=name)) for name in ("queued", "sent", "dead")}
    rows = WebhookSubscription.objects.select_related("system").annotate(**counts)
    names = "id organisation purpose url made_by made_at ended_at queued sent dead".split()
    seen = [
        SubscriptionSeen(
            system=row.system.username, kinds=tuple(row.kinds), **{name: getattr(row, name) for name in names}
        )
        for row in rows.order_by("made_at", "pk")
    ]
    return sorted(seen, key=lambda one: (one.ended_at is not None, one.system))


def forget_deliveries() -> int:
    """Delete what became of events long ago, as the owner of the tables; return how many."""
    return WebhookDelivery.objects.filter(ended_at__lt=timezone.now() - KEPT_FOR).exclude(state="dead").delete()[0]


def _record(by: Asker, what: str, row: WebhookSubscription, **more: int) -> None:
    details = {"what": what, "webhook": str(row.pk), "organisation": row.organisation, "purpose": row.purpose}
    record("account_changed", by, facts=Facts(details={**details, **more}))
