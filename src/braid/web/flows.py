"""Which flows of agreements are open: the one answer for pages, messages and datasets."""

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Now

from braid.web.models import AgreementInForce, Flow, Suspension
from braid.web.written_once import written_once


def flows_not_suspended() -> QuerySet[Flow]:
    """Return the flows of every agreement that nobody has suspended, whenever they begin and end."""
    suspended = Suspension.objects.filter(lifted_at__isnull=True, agreement_id=OuterRef("agreement_id"))
    return Flow.objects.exclude(Exists(suspended))


def flows_in_force() -> QuerySet[Flow]:
    """Return the flows that are open now, by the clock of the database."""
    return flows_not_suspended().filter(live_from__lte=Now(), live_to__gt=Now())


@written_once
def _receivers(purpose: str) -> QuerySet[Flow, Any]:
    rows = flows_in_force().filter(purpose=purpose).exclude(receiver="")
    return rows.values_list("receiver", "agreement_id").distinct()


@written_once
def _gateways_named(purpose: str) -> QuerySet[AgreementInForce, Any]:
    return AgreementInForce.objects.filter(purpose=purpose).values_list("agreement_id", "terms__gateways")


def keys_in_force() -> frozenset[tuple[str, str, str, str, str]]:
    """Return agreement, its version, receiver, provider and item of each flow that is open now."""
    names = ("agreement_id", "agreement_version", "receiver", "provider", "item")
    return frozenset(flows_in_force().values_list(*names))


def gateways_in_force(purpose: str) -> dict[str, dict[str, tuple[str, ...]]]:
    """Return, for each receiver to whom an agreement for the purpose opens anything now, the gateways that it names.

    Each comes with the ids of the agreements that name it.
    """
    pairs, named = _receivers(purpose), dict(_gateways_named(purpose))
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for receiver, agreement_id in sorted(set(pairs)):
        of_receiver = found.setdefault(receiver, {})
        for gateway in named.get(agreement_id) or ():
            of_receiver[gateway] = (*of_receiver.get(gateway, ()), agreement_id)
    return found
