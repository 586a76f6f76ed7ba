"""Writing the record: the one function through which every audit entry is made, in the transaction that it is about.

An entry that cannot be written raises, and what it is about is neither shown nor done.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from django.db.models import QuerySet

from braid.language.person_ids import is_person_id
from braid.trust.audit import check_entry
from braid.web.models import AgreementInForce, AuditEntry, User
from braid.web.request_facts import current_request
from braid.web.watch import known_asker
from braid.web.written_once import written_once


class Asker(Protocol):
    """Who looks or acts, for what, under which reference, on which page."""

    username: str
    role: str
    purpose: str
    reference: str
    page: str


@dataclass(frozen=True)
class Facts:
    """What an entry holds beyond who, why and whom; empty where it does not apply.

    `agreement_ids` are ids with one space between, `item_classes` class letters or items likewise. `relations` gives
    each person id the relationship under which they were reached. `details` hold codes and counts alone. Where session,
    assurance or request are empty, they are those of the request in which it is written; an empty channel is its page,
    or the command line where there is no request.
    """

    organisation: str = ""
    session_digest: str = ""
    assurance: int = 0
    agreement_ids: str = ""
    relations: Mapping[str, str] = field(default_factory=dict)
    item_classes: str = ""
    decision: str = "allow"
    reason: str = "permitted"
    row_count: int = 1
    channel: str = ""
    request_id: str = ""
    details: Mapping[str, str | int] = field(default_factory=dict)


def record(kind: str, viewer: Asker, person_ids: Sequence[str] = ("",), facts: Facts = Facts()) -> None:
    """Write one entry for each person, or one about nobody; call it inside the transaction of what it records.

    What is no person's id is not kept: it came from whoever asked, and may be a number of somebody.
    Raises `EntryInvalid` where the kind is not known or something other than a code would be kept.
    """
    check_entry(kind, facts.item_classes, facts.details)
    request = current_request()
    request.has_refusal |= kind == "refused" and request.request_id != ""
    versions, policy_hash = _policy(facts.agreement_ids.split())
    organisation = facts.organisation or _organisation(viewer.username)
    entry = AuditEntry(
        kind=kind,
        username=viewer.username,
        organisation=organisation,
        role=viewer.role,
        session_digest=facts.session_digest or request.session_digest,
        assurance=facts.assurance or request.assurance,
        purpose=viewer.purpose,
        agreement_id=facts.agreement_ids,
        agreement_version=versions,
        reference=viewer.reference,
        item_classes=facts.item_classes,
        decision=facts.decision,
        reason=facts.reason,
        row_count=facts.row_count,
        page=viewer.page,
        channel=facts.channel or ("page" if request.request_id else "command"),
        request_id=facts.request_id or request.request_id,
        policy_hash=policy_hash,
        details=dict(facts.details),
    )
    whom = {
        "person_id": [person_id if is_person_id(person_id) else "" for person_id in person_ids],
        "relation": [facts.relations.get(person_id, "") for person_id in person_ids],
    }
    with known_asker():
        AuditEntry.objects.append_alike(entry, whom)


def _organisation(username: str) -> str:
    return User.objects.filter(username=username).values_list("organisation", flat=True).first() or ""


@written_once
def _agreements() -> QuerySet[AgreementInForce, Any]:
    return AgreementInForce.objects.order_by("pk").values_list("agreement_id", "version", "digest")


def _policy(agreement_ids: Sequence[str]) -> tuple[str, str]:
    """Return the versions of these agreements, and one hash over every agreement in force."""
    rows = _agreements()
    versions = {agreement_id: version for agreement_id, version, _ in rows}
    known = " ".join(versions[agreement_id] for agreement_id in agreement_ids if agreement_id in versions)
    text = "".join(f"{agreement_id} {version} {digest}\n" for agreement_id, version, digest in rows)
    return known, hashlib.sha256(text.encode()).hexdigest()
