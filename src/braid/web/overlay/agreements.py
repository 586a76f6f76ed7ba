"""Agreements as the lead reads and suspends them: validity, days left, the terms in words, and suspension by one."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from braid.language.steps import NotPossible
from braid.trust.agreement_terms import ARTICLE_6, ARTICLE_9, CONTROLLER_ROLES, GATEWAYS, SCHEDULE_1
from braid.trust.agreements import Agreement, Party, Sharing
from braid.trust.items import ITEMS
from braid.trust.roles import PURPOSES
from braid.web.flows import flows_not_suspended
from braid.web.models import AgreementInForce, Suspension, User
from braid.web.overlay.entries import check_lead
from braid.web.overlay.forms import SUSPENSION_REASONS
from braid.web.overlay.recording import record_change

ENDS_SOON = dt.timedelta(days=60)
_ORDER = tuple(Agreement.__dataclass_fields__)
_ORDER_OF_PARTY = tuple(Party.__dataclass_fields__)
_LABELS = {
    "id": "Agreement",
    "dpia": "Impact assessment",
    "article_6": "Lawful basis (article 6)",
    "article_9": "Condition (article 9)",
    "schedule_1": "Condition (schedule 1)",
}
_WORDS = {
    **{code: item.name for code, item in ITEMS.items()},
    **PURPOSES,
    **{
        code: f"{basis.name} ({basis.law})"
        for terms in (ARTICLE_6, ARTICLE_9, SCHEDULE_1)
        for code, basis in terms.items()
    },
    **{code: role.name for code, role in CONTROLLER_ROLES.items()},
    **{code: gateway.law for code, gateway in GATEWAYS.items()},
}


@dataclass(frozen=True)
class AgreementSeen:
    """An agreement and where it stands: `standing` is in force, not yet in force, ended or suspended."""

    row: AgreementInForce
    purpose: str
    parties: tuple[str, ...]
    standing: str
    days_left: int
    ends_soon: bool
    suspension: Suspension | None


def list_agreements(now: dt.datetime) -> list[AgreementSeen]:
    """Return every agreement that was put into force, soonest end first."""
    suspended = {one.agreement_id: one for one in Suspension.objects.filter(lifted_at__isnull=True)}
    return [_seen(row, suspended.get(row.pk), now) for row in AgreementInForce.objects.order_by("valid_to", "pk")]


def find_agreement(agreement_id: str, now: dt.datetime) -> AgreementSeen | None:
    """Return one agreement, or `None`."""
    return next((one for one in list_agreements(now) if one.row.pk == agreement_id), None)


def _seen(row: AgreementInForce, suspension: Suspension | None, now: dt.datetime) -> AgreementSeen:
    standing = "in force" if row.valid_from <= now < row.valid_to else "not yet in force"
    if now >= row.valid_to:
        standing = "ended"
    parties = row.terms.get("parties", [])
    return AgreementSeen(
        row=row,
        purpose=PURPOSES.get(row.purpose, row.purpose),
        parties=tuple(party.get("organisation", "") for party in parties if isinstance(party, dict)),
        standing="suspended" if suspension else standing,
        days_left=max(0, (row.valid_to - now).days),
        ends_soon=now < row.valid_to <= now + ENDS_SOON,
        suspension=suspension,
    )


@transaction.atomic
def suspend(by: User, agreement_id: str, reason: str) -> Suspension:
    """Suspend an agreement: nothing of it is open at the next statement. Raises `NotPossible`."""
    check_lead(by)
    if reason not in SUSPENSION_REASONS or not AgreementInForce.objects.filter(pk=agreement_id).exists():
        raise NotPossible("Choose a reason from the list")
    if Suspension.objects.filter(agreement_id=agreement_id, lifted_at__isnull=True).exists():
        raise NotPossible("The agreement is suspended already")
    made = Suspension.objects.create(agreement_id=agreement_id, suspended_by=by.username, reason=reason)
    record_change(by, "suspended", "agreement suspended", agreement=agreement_id, suspension=made.pk)
    return made


@transaction.atomic
def ask_to_lift(by: User, agreement_id: str) -> None:
    """Ask a second person to lift the suspension. Raises `NotPossible`."""
    found = _open_suspension(by, agreement_id)
    if found.lift_asked_by:
        raise NotPossible("Somebody asked to lift it already. Another lead decides")
    found.lift_asked_by, found.lift_asked_at = by.username, timezone.now()
    found.save(update_fields=["lift_asked_by", "lift_asked_at"])
    record_change(by, "changed", "asked to lift suspension", agreement=agreement_id, suspension=found.pk)


@transaction.atomic
def lift(by: User, agreement_id: str) -> None:
    """Lift the suspension that another person asked to lift. Raises `NotPossible`."""
    found = _open_suspension(by, agreement_id)
    if not found.lift_asked_by:
        raise NotPossible("First somebody asks to lift it; then another lead does")
    if found.lift_asked_by == by.username:
        raise NotPossible("Whoever asked to lift it may not lift it. Ask another information governance lead")
    found.lifted_by, found.lifted_at = by.username, timezone.now()
    found.save(update_fields=["lifted_by", "lifted_at"])
    record_change(by, "changed", "suspension lifted", agreement=agreement_id, suspension=found.pk)


def _open_suspension(by: User, agreement_id: str) -> Suspension:
    check_lead(by)
    rows = Suspension.objects.select_for_update().filter(agreement_id=agreement_id, lifted_at__isnull=True)
    found = rows.first()
    if found is None:
        raise NotPossible("The agreement is not suspended")
    return found


def open_flows() -> list[Sharing]:
    """Return the flows of every agreement that is not suspended."""
    return [Sharing(**row) for row in flows_not_suspended().values(*Sharing.__dataclass_fields__)]


def readable_terms(terms: dict[str, Any], order: Iterable[str] = _ORDER) -> list[tuple[str, Any]]:
    """Return the terms as (label, words), in the order of the agreement; of a list of tables, a list of such lists.

    Whatever is there is shown: a term that is not known stands last, under its own name.
    """
    known = [key for key in order if key in terms]
    rest = [key for key in terms if key not in known]
    return [(_label(key), _words(terms[key])) for key in (*known, *rest)]


def _label(key: str) -> str:
    return _LABELS.get(key, key.replace("_", " ").capitalize())


def _words(value: Any) -> Any:
    if isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
        return [readable_terms(one, _ORDER_OF_PARTY) for one in value]
    if isinstance(value, list):
        return ", ".join(str(_words(one)) for one in value) or "None"
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if value is None or value == "":
        return "None"
    return _WORDS.get(str(value)) or _moment(str(value))


def _moment(text: str) -> Any:
    """Return a moment as a moment, so that the page can say it in UK time; other text as it is."""
    try:
        found = dt.datetime.fromisoformat(text) if len(text) > len("2026-04-01") else None
    except ValueError:
        return text
    return found if found is not None and found.tzinfo is not None else text
