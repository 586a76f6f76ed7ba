"""May this human read this document of a joint case, now? By taking part in a seat that it was opened to, and no more.

The first that refuses decides: whoever is kept from anybody the document or the case is about does not find it; then
purpose of the role, agreement, seat, side and the decision to share it; and of what another organisation gave, the
guard has let it go. The policies of the database say the same again in SQL.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from braid.trust.decide import Actor, Decision, Held, Outcome, Subject, find_forbidding, find_sharing
from braid.trust.items import JOINED
from braid.trust.roles import ROLES


@dataclass(frozen=True)
class SeatTaken:
    """A seat that the human who asks takes in a case now.

    `sides` are those that the kind of case shows the seat; `whole` is false for a restricted member. `people` are the
    ids of whom the case is about.
    """

    case: str
    purpose: str
    organisation: str
    agency: str
    whole: bool
    sides: frozenset[str]
    people: frozenset[str]


@dataclass(frozen=True)
class DocumentHeld:
    """What is known of a document: who gave it, its side, whom it is about, and to whom it was opened.

    `readers` are seats as (case, organisation, agency); `shared_with` organisations with whom it was decided to share
    it; `passed_for` those for whom the guard let it go.
    """

    organisation: str
    agency: str
    side: str
    people: frozenset[str]
    readers: frozenset[tuple[str, str, str]]
    shared_with: frozenset[str]
    passed_for: frozenset[str]


def decide_document(
    actor: Actor,
    document: DocumentHeld,
    seats: Iterable[SeatTaken],
    people: Mapping[str, Subject],
    purpose: str | None,
    now: dt.datetime,
) -> Decision:
    """Decide whether `actor` may read a document. `people` tells of each person whom it or a case of it is about.

    A person of whom nothing is known forbids nothing: a case may be about somebody whom the run no longer holds.
    """
    if _forbid(actor, document.people, people):
        return Decision(Outcome.DENY, _forbid(actor, document.people, people))
    role = ROLES.get(actor.role)
    if role is None or not actor.is_active or purpose is None or purpose not in role.purposes:
        return Decision(Outcome.DENY, "purpose_not_permitted_to_role")
    sharing = find_sharing(actor, Held("joint_case", JOINED), purpose, now)
    if sharing is None:
        return Decision(Outcome.DENY, "no_agreement")
    for seat in seats:
        if seat.purpose == purpose and _opens(actor, document, seat) and not _forbid(actor, seat.people, people):
            return Decision(Outcome.ALLOW, "permitted", sharing.agreement_id, "case")
    return Decision(Outcome.DENY, "no_relationship")


def _forbid(actor: Actor, ids: Iterable[str], people: Mapping[str, Subject]) -> str:
    """Return what forbids the actor any of these people, or nothing."""
    found = (find_forbidding(actor, people.get(person_id, Subject(person_id))) for person_id in sorted(ids))
    return next((reason for reason in found if reason), "")


def _opens(actor: Actor, document: DocumentHeld, seat: SeatTaken) -> bool:
    is_givers = document.organisation == seat.organisation
    return (
        seat.organisation == actor.organisation
        and (seat.case, seat.organisation, seat.agency) in document.readers
        and document.side in seat.sides
        and (seat.whole or (is_givers and document.agency == seat.agency))
        and (is_givers or (seat.organisation in document.shared_with and seat.organisation in document.passed_for))
    )
