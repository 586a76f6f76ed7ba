"""Keeping decisions to share or not: in the transaction of the message they are for, and each with its entry."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from braid.language.schema import Sensitivity
from braid.language.steps import NotPossible
from braid.outbound import Draft
from braid.trust.disclosure_decisions import (
    DETRIMENTS,
    SHARED,
    WITHHELD,
    DecisionInvalid,
    check_decision,
)
from braid.trust.disclosure_decisions import ShareDecision as Decision
from braid.web.access.projections import Viewer
from braid.web.flows import gateways_in_force
from braid.web.models import OutboxMessage, ShareDecision, User
from braid.web.recording import Facts, record

Gateways = Mapping[str, Mapping[str, Collection[str]]]


@dataclass(frozen=True)
class Grounds:
    """Why something is shared: codes of a gateway, of a necessity, and of what came of weighing the detriment."""

    gateway: str
    necessity: str
    weighing: str = ""


def find_receivers(viewer: Viewer, recipients: Iterable[tuple[str, str]]) -> list[str]:
    """Return the organisations that a message to these recipients is a disclosure to, in their order by id.

    A colleague of whoever writes is none; another organisation's human is that organisation.
    """
    known = list(recipients)
    found = {party_id for kind, party_id in known if kind == "organisation"}
    names = [party_id for kind, party_id in known if kind == "user"]
    if names:
        places = dict(
            User.objects.filter(username__in=[*names, viewer.username]).values_list("username", "organisation")
        )
        found |= {places.get(name, "") for name in names} - {places.get(viewer.username, "")}
    return sorted(found)


def record_shared(viewer: Viewer, message: OutboxMessage, draft: Draft, receivers: list[str], grounds: Grounds) -> None:
    """Keep that what a message holds is shared with each receiver, for each subject. Raises `NotPossible`."""
    gateways = gateways_in_force(viewer.purpose)
    for person_id in sorted(draft.subjects):
        for receiver in receivers:
            decision = _to_share(viewer, viewer.reference, person_id, receiver, grounds, _classes_of(draft))
            _keep(viewer, decision, gateways, message)


def _to_share(
    viewer: Viewer,
    reference: str,
    person_id: str,
    receiver: str,
    grounds: Grounds,
    classes: frozenset[Sensitivity],
) -> Decision:
    return Decision(
        outcome=SHARED,
        gateway=grounds.gateway,
        reason=grounds.necessity,
        detriment=grounds.weighing,
        decider=viewer.username,
        reference=reference,
        person_id=person_id,
        receiver=receiver,
        item_classes=classes,
    )


def _to_withhold(
    viewer: Viewer,
    reference: str,
    person_id: str,
    receiver: str,
    reason: str,
    classes: frozenset[Sensitivity],
    gateway: str = "",
) -> Decision:
    """Return a refusal: `reason` is a code of `REFUSALS` or of `DETRIMENTS`."""
    is_detriment = reason in DETRIMENTS
    return Decision(
        outcome=WITHHELD,
        gateway=gateway,
        reason="" if is_detriment else reason,
        detriment=reason if is_detriment else "",
        decider=viewer.username,
        reference=reference,
        person_id=person_id,
        receiver=receiver,
        item_classes=classes,
    )


@transaction.atomic
def withhold(
    viewer: Viewer,
    person_id: str,
    receiver: str,
    reason: str,
    classes: Collection[str],
    gateway: str = "",
) -> ShareDecision:
    """Keep that something about a person is not shared with an organisation of the place; nothing is sent.

    `reason` is a code of `REFUSALS` or of `DETRIMENTS`. Runs inside `asking_as`. Raises `NotPossible`.
    """
    held = frozenset(map(Sensitivity, classes))
    decision = _to_withhold(viewer, viewer.reference, person_id, receiver, reason, held, gateway)
    return _keep(viewer, decision, gateways_in_force(viewer.purpose))


def share_document(
    viewer: Viewer,
    document_id: UUID,
    reference: str,
    person_id: str,
    receiver: str,
    grounds: Grounds,
    classes: frozenset[Sensitivity],
) -> ShareDecision:
    """Keep that a document of a case is shared with an organisation, for one person. Raises `NotPossible`."""
    decision = _to_share(viewer, reference, person_id, receiver, grounds, classes)
    return _keep(viewer, decision, gateways_in_force(viewer.purpose), document_id=document_id)


def withhold_document(
    viewer: Viewer,
    document_id: UUID,
    reference: str,
    person_id: str,
    receiver: str,
    reason: str,
    classes: frozenset[Sensitivity],
) -> ShareDecision:
    """Keep that a document of a case is not shared with an organisation, and why. Raises `NotPossible`."""
    decision = _to_withhold(viewer, reference, person_id, receiver, reason, classes)
    return _keep(viewer, decision, gateways_in_force(viewer.purpose), document_id=document_id)


def _classes_of(draft: Draft) -> frozenset[Sensitivity]:
    """Return every class that a piece declares; all of them where one piece does not say."""
    found: set[Sensitivity] = set()
    for piece in draft.pieces:
        declared = getattr(piece, "classes", None)
        found |= set(Sensitivity) if declared is None else declared
    return frozenset(found)


def _keep(
    viewer: Viewer,
    decision: Decision,
    gateways: Gateways,
    message: OutboxMessage | None = None,
    document_id: UUID | None = None,
) -> ShareDecision:
    named = gateways.get(decision.receiver, {})
    try:
        check_decision(decision, named)
    except DecisionInvalid as refusal:
        raise NotPossible(str(refusal)) from None
    agreements = " ".join(sorted(named.get(decision.gateway, ())))
    classes = " ".join(sorted(decision.item_classes))
    kept = ShareDecision.objects.create(
        outcome=decision.outcome,
        gateway=decision.gateway,
        reason=decision.reason,
        detriment=decision.detriment,
        decided_by=decision.decider,
        role=viewer.role,
        purpose=viewer.purpose,
        reference=decision.reference,
        person_id=decision.person_id,
        receiver=decision.receiver,
        item_classes=classes,
        agreement_ids=agreements,
        message_id=message.pk if message else None,
        document_id=document_id,
    )
    _record(viewer, kept, message)
    return kept


def _record(viewer: Viewer, kept: ShareDecision, message: OutboxMessage | None) -> None:
    number: UUID | None = message.pk if message else None
    record(
        "disclosure",
        viewer,
        (kept.person_id,),
        Facts(
            agreement_ids=kept.agreement_ids,
            item_classes=kept.item_classes,
            decision="allow" if kept.outcome == SHARED else "deny",
            reason=kept.reason or kept.detriment,
            channel=message.channel if message else "page",
            details={
                "share decision": kept.pk,
                "outcome": kept.outcome,
                "receiver": kept.receiver,
                "gateway": kept.gateway,
                "detriment": kept.detriment,
                **({"message": str(number)} if number else {}),
            },
        ),
    )
