"""Agreements put into force: from files to the flows that decisions rest on, whole, in one transaction."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict

from django.db import transaction

from braid.trust.agreements import Agreement, sharings
from braid.trust.coverage import coverages
from braid.web.models import AgreementInForce, Covered, Flow
from braid.web.published import find_published_run


@transaction.atomic
def enforce(agreements: Iterable[Agreement]) -> int:
    """Replace the flows, and what the pages show of the agreements, by those of `agreements`; return how many flows.

    Flows need to know who holds which rows, so the published run must be there; before the first run nothing is open.
    """
    known = list(agreements)
    run = find_published_run()
    flows = sharings(known, run.kinds, {item: set(held) for item, held in run.senders.items()}) if run else []
    Flow.objects.all().delete()
    Flow.objects.bulk_create([Flow(**flow.__dict__) for flow in flows], batch_size=2000)
    Covered.objects.all().delete()
    Covered.objects.bulk_create(Covered(**each.__dict__) for each in coverages(known))
    AgreementInForce.objects.all().delete()
    AgreementInForce.objects.bulk_create(map(_in_force, known))
    return len(flows)


def _in_force(agreement: Agreement) -> AgreementInForce:
    terms = asdict(agreement)
    if not agreement.statements:  # an agreement from before there was such a term keeps its digest
        del terms["statements"]
    text = json.dumps(terms, sort_keys=True, default=_plain)
    return AgreementInForce(
        agreement_id=agreement.id,
        version=agreement.version,
        title=agreement.title,
        purpose=agreement.purpose,
        valid_from=agreement.valid_from,
        valid_to=agreement.valid_to,
        digest=hashlib.sha256(text.encode()).hexdigest(),
        terms=json.loads(text),
    )


def _plain(value: object) -> object:
    """Return sets as sorted lists and moments as text, so that the same terms have the same digest."""
    return sorted(value) if isinstance(value, frozenset) else str(value)
