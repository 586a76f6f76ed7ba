"""Agreements put into force: from files to the flows that decisions rest on, whole, in one transaction."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction

from braid.trust.agreements import Agreement, sharings
from braid.web.models import AgreementInForce, Flow
from braid.web.published import find_published_run


@transaction.atomic
def enforce(agreements: Iterable[Agreement], terms: Mapping[str, Any] | None = None) -> int:
    """Replace the flows by those of `agreements`, and what the pages show of them by `terms`; return how many flows.

    Flows need to know who holds which rows, so the published run must be there; before the first run nothing is open.
    """
    known = list(agreements)
    run = find_published_run()
    flows = sharings(known, run.kinds, {item: set(held) for item, held in run.senders.items()}) if run else []
    Flow.objects.all().delete()
    Flow.objects.bulk_create([Flow(**flow.__dict__) for flow in flows], batch_size=2000)
    AgreementInForce.objects.all().delete()
    AgreementInForce.objects.bulk_create(
        _in_force(agreement, (terms or {}).get(agreement.id, {})) for agreement in known
    )
    return len(flows)


def _in_force(agreement: Agreement, terms: Mapping[str, Any]) -> AgreementInForce:
    text = json.dumps(terms, sort_keys=True, default=str)
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
