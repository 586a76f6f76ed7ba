"""Which flows of agreements are open: the one answer for pages, messages and datasets."""

from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Now

from braid.web.models import Flow, Suspension


def flows_not_suspended() -> QuerySet[Flow]:
    """Return the flows of every agreement that nobody has suspended, whenever they begin and end."""
    suspended = Suspension.objects.filter(lifted_at__isnull=True, agreement_id=OuterRef("agreement_id"))
    return Flow.objects.exclude(Exists(suspended))


def flows_in_force() -> QuerySet[Flow]:
    """Return the flows that are open now, by the clock of the database."""
    return flows_not_suspended().filter(live_from__lte=Now(), live_to__gt=Now())


def keys_in_force() -> frozenset[tuple[str, str, str, str, str]]:
    """Return agreement, its version, receiver, provider and item of each flow that is open now."""
    names = ("agreement_id", "agreement_version", "receiver", "provider", "item")
    return frozenset(flows_in_force().values_list(*names))
