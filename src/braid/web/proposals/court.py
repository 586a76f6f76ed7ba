"""The court list as it stands for one viewer: the plan, what people changed of it since, and which hearings they see.

Whoever works with the list has its sessions whole, so that the court's diary never looks empty where it is not. Which
case is heard in them they learn of those hearings alone that trust lets through.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from braid.language.documents import parse
from braid.planning.listing.model import Case, Hearing, HearingType, Sittings, sittings_of
from braid.problems.plans.court_lists import Change, CourtList, Standing, stand
from braid.store.vault_keys import KeyRing
from braid.web.access.proposals import check_sees_plans, permitted_proposals
from braid.web.access.sight import NotThere, Sight
from braid.web.models import ListingChange, Proposal, ShownPlan
from braid.web.proposals.listing_publishing import LISTING
from braid.web.proposals.sealing import open_change, open_plan
from braid.web.published import ANSWER_LOCK, take_turn
from braid.web.vault.keys import get_key_ring

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Court:
    """A list as it stands. `changes` are those that stand, by their answer, of this plan and of earlier ones."""

    shown: ShownPlan
    planned: CourtList
    rows: Mapping[str, Proposal]
    """By hearing, the proposals that the viewer sees."""
    changes: Mapping[UUID, Change]
    current: tuple[Change, ...]
    """Those of this plan, in their order."""
    standing: Standing
    version: int
    """From 1; grows with each change and each one taken back."""
    sittings: Sittings
    hearings: Mapping[str, Hearing]
    """As the plan has them."""
    decided: Mapping[str, Hearing]
    """With what was decided since."""
    cases: Mapping[str, Case]
    types: Mapping[str, HearingType]
    roles: Mapping[str, str]
    """By somebody who attends, their role."""

    def hearing_of(self, proposal_id: UUID) -> Hearing:
        """Return the hearing that a proposal is of, as the plan has it. Raises `NotThere` unless the viewer sees it."""
        name = self.planned.hearings.get(str(proposal_id), "")
        if name not in self.rows:
            raise NotThere
        return self.hearings[name]


def find_court_list(sight: Sight) -> Court | None:
    """Return the list of the viewer's own court; `None` where there is none, or it is another's.

    Raises `NotPermitted`, `VaultKeyNotAvailable`, `VaultSealBroken`.
    """
    check_sees_plans(sight, LISTING)
    shown = ShownPlan.objects.filter(kind=LISTING, organisation=sight.organisation).exclude(organisation="").first()
    if shown is None:
        return None
    ring = get_key_ring()
    planned = parse(open_plan(ring, shown), CourtList, "list")
    proposals = Proposal.objects.filter(kind=LISTING, organisation=sight.organisation).defer("sealed", "wrapped")
    permitted = permitted_proposals(sight, proposals.order_by("position"))
    rows = {name: row for row in permitted if (name := planned.hearings.get(str(row.pk)))}
    made = list(ListingChange.objects.filter(organisation=sight.organisation).order_by("made_at", "number"))
    changes = _open_changes(ring, [row for row in made if row.ended_at is None])
    of_plan = [row for row in made if row.plan_fingerprint == shown.fingerprint]
    current = tuple(changes[row.answer_id] for row in of_plan if row.ended_at is None)
    problem, standing = planned.problem, _stand(planned, current)
    return Court(
        shown=shown,
        planned=planned,
        rows=rows,
        changes=changes,
        current=current,
        standing=standing,
        version=1 + len(of_plan) + sum(row.ended_at is not None for row in made),
        sittings=sittings_of(problem),
        hearings={each.id: each for each in problem.hearings},
        decided={each.id: each for each in standing.problem.hearings},
        cases={each.id: each for each in problem.cases},
        types={each.id: each for each in problem.types},
        roles={each.id: each.role for each in problem.people},
    )


def get_court_list(sight: Sight, proposal_id: UUID) -> Court:
    """Return the same for one hearing. Raises `NotThere` besides, before anything is opened that is not theirs."""
    check_sees_plans(sight, LISTING)
    row = Proposal.objects.filter(pk=proposal_id, kind=LISTING).first()
    if row is None or not permitted_proposals(sight, [row]):
        raise NotThere
    court = find_court_list(sight)
    if court is None:
        raise NotThere
    return court


def hold_list() -> None:
    """Let whoever else changes a court list wait until this transaction ends."""
    take_turn(ANSWER_LOCK)


def _open_changes(ring: KeyRing, rows: Sequence[ListingChange]) -> dict[UUID, Change]:
    return {row.answer_id: parse(open_change(ring, row), Change, "change") for row in rows}


def _stand(planned: CourtList, changes: Sequence[Change]) -> Standing:
    found = stand(planned, changes)
    if found is None:
        log.error("The changes of the court list do not hold together; the list is shown as it was planned.")
        found = Standing(planned.problem, {each.hearing: each.place for each in planned.placed})
    return found
