"""Decisions to share or not, as whoever accounts for the record reads them: ids and codes; each reading is recorded."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from braid.trust.agreement_terms import GATEWAYS
from braid.trust.disclosure_decisions import LEGAL_REASONS, OUTCOMES, WEIGHED
from braid.trust.roles import PURPOSES
from braid.web.access.entries import check_accounts, record_read
from braid.web.access.sight import NotThere, page_of
from braid.web.models import ShareDecision
from braid.web.recording import Asker

PAGE_SIZE = 50
FILTERS = ("outcome", "receiver")


@dataclass(frozen=True)
class DecisionSeen:
    """A decision in words, with the id of the person it is about and no name."""

    decided_at: dt.datetime
    decided_by: str
    purpose_name: str
    reference: str
    outcome_name: str
    receiver: str
    law: str
    reasons: tuple[str, ...]
    item_classes: str
    about: str
    """The part that a line is about of which nobody has an id; empty where it is about the person."""
    person_id: str


@dataclass(frozen=True)
class DecisionsPage:
    """One page of the decisions, newest first."""

    decisions: tuple[DecisionSeen, ...]
    count: int
    page: int
    page_count: int


def read_decisions(viewer: Asker, wanted: Mapping[str, str], page: object = 1) -> DecisionsPage:
    """Return a page of the decisions, narrowed by the keys of `FILTERS`, and record that it was read; in `asking_as`.

    Raises `NotPermitted` for a role that does not account for the record, `NotThere` for a page that there is not.
    """
    check_accounts(viewer.role)
    narrowed = {key: wanted[key] for key in FILTERS if wanted.get(key)}
    rows = ShareDecision.objects.filter(**narrowed).order_by("-decided_at", "-pk")
    found, paginator, number = page_of(rows, PAGE_SIZE, page)
    record_read(viewer, len(found), number=number, **narrowed)
    return DecisionsPage(tuple(map(_seen, found)), paginator.count, number, paginator.num_pages)


def find_decisions(viewer: Asker, wanted: Mapping[str, str], page: object = 1) -> DecisionsPage | None:
    """Return what `read_decisions` does, or `None` where there is no such page."""
    try:
        return read_decisions(viewer, wanted, page)
    except NotThere:
        return None


def _seen(row: ShareDecision) -> DecisionSeen:
    terms = [LEGAL_REASONS.get(row.reason), WEIGHED.get(row.detriment)]
    return DecisionSeen(
        decided_at=row.decided_at,
        decided_by=row.decided_by,
        purpose_name=PURPOSES.get(row.purpose, row.purpose),
        reference=row.reference,
        outcome_name=OUTCOMES.get(row.outcome, row.outcome),
        receiver=row.receiver,
        law=GATEWAYS[row.gateway].law if row.gateway in GATEWAYS else row.gateway,
        reasons=tuple(term.name for term in terms if term is not None),
        item_classes=row.item_classes,
        about=row.about,
        person_id=row.person_id,
    )
