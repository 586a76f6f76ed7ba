"""Agreements as the lead reads and suspends them: validity, days left, the terms in words, and suspension by one."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from braid.trust.agreements import Sharing
from braid.trust.items import ITEMS
from braid.trust.overlay_change import NotPossible
from braid.trust.roles import PURPOSES
from braid.web.models import AgreementInForce, Flow, Suspension, User
from braid.web.overlay.entries import check_lead
from braid.web.overlay.forms import SUSPENSION_REASONS
from braid.web.overlay.recording import record_change

ENDS_SOON = dt.timedelta(days=60)


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
    record_change(by, f"suspended agreement {made.pk}")
    return made


@transaction.atomic
def ask_to_lift(by: User, agreement_id: str) -> None:
    """Ask a second person to lift the suspension. Raises `NotPossible`."""
    found = _open_suspension(by, agreement_id)
    if found.lift_asked_by:
        raise NotPossible("Somebody asked to lift it already. Another lead decides")
    found.lift_asked_by, found.lift_asked_at = by.username, timezone.now()
    found.save(update_fields=["lift_asked_by", "lift_asked_at"])
    record_change(by, f"asked to lift suspension {found.pk}")


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
    record_change(by, f"lifted suspension {found.pk}")


def _open_suspension(by: User, agreement_id: str) -> Suspension:
    check_lead(by)
    rows = Suspension.objects.select_for_update().filter(agreement_id=agreement_id, lifted_at__isnull=True)
    found = rows.first()
    if found is None:
        raise NotPossible("The agreement is not suspended")
    return found


def open_flows() -> list[Sharing]:
    """Return the flows of every agreement that is not suspended."""
    suspended = Suspension.objects.filter(lifted_at__isnull=True).values("agreement_id")
    names = list(Sharing.__dataclass_fields__)
    return [Sharing(**row) for row in Flow.objects.exclude(agreement_id__in=suspended).values(*names)]


def readable_terms(terms: dict[str, Any]) -> list[tuple[str, Any]]:
    """Return the terms in their order as (label, words); of a list of tables, a list of such lists."""
    return [(_label(key), _words(value)) for key, value in terms.items()]


def _label(key: str) -> str:
    return key.replace("_", " ").capitalize()


def _words(value: Any) -> Any:
    if isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
        return [readable_terms(one) for one in value]
    if isinstance(value, list):
        return ", ".join(str(_words(one)) for one in value) or "None"
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if value is None or value == "":
        return "None"
    return ITEMS[value].name if value in ITEMS else PURPOSES.get(value, _moment(str(value)))


def _moment(text: str) -> Any:
    """Return a moment as a moment, so that the page can say it in UK time; other text as it is."""
    try:
        found = dt.datetime.fromisoformat(text) if len(text) > len("2026-04-01") else None
    except ValueError:
        return text
    return found if found is not None and found.tzinfo is not None else text
