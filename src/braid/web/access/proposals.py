"""Proposals of plans: the policies let a row through, `decide()` has the last word on everybody it is about."""

import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from braid.trust.decide import decide_together
from braid.trust.items import JOINED, PLAN_ITEMS
from braid.web.access.decisions import decisions_on
from braid.web.access.sight import NotPermitted, Sight
from braid.web.models import Proposal, ProposalPerson

log = logging.getLogger(__name__)


def check_sees_plans(sight: Sight, kind: str) -> None:
    """Raise `NotPermitted` unless the role works with plans of this kind, for this purpose."""
    if kind not in sight.role.plans:
        raise NotPermitted


def permitted_proposals(sight: Sight, rows: Iterable[Proposal]) -> list[Proposal]:
    """Return the proposals that the decision allows, in the order given: one denied is absent."""
    kept = list(rows)
    people = people_of(kept)
    decisions = decisions_on(sight, {person_id for ids in people.values() for person_id in ids})
    sensitivity = min(sight.sensitivities)
    permitted = []
    for row in kept:
        item = PLAN_ITEMS[row.kind]
        if decide_together(decisions.on(person_id, item, JOINED, sensitivity) for person_id in people[row.pk]):
            permitted.append(row)
        else:
            log.error("A row of %s that the database let through was denied.", item)
    return permitted


def people_of(rows: Collection[Proposal]) -> Mapping[object, list[str]]:
    """Return whom each of these proposals is about, by its id."""
    found: defaultdict[object, list[str]] = defaultdict(list)
    for proposal_id, person_id in ProposalPerson.objects.filter(proposal__in=rows).values_list("proposal", "person_id"):
        found[proposal_id].append(person_id)
    return found
