"""Access in an emergency as kept: the grant, its approval, the alerts raised with it, its review, the monthly rate."""

import datetime as dt
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import Count, Q
from django.db.models.functions import Now, TruncMonth

from braid.language.steps import NotPossible
from braid.trust.break_glass import (
    CLOSING_FINDINGS,
    FINDINGS,
    GUARDIAN,
    OPEN_FOR,
    NotGranted,
    Request,
    Review,
    Standing,
    check_request,
    listable_items,
    review_due_at,
    standing_of,
    waits_for_approval,
)
from braid.trust.roles import ROLES
from braid.web.models import AgreementInForce, Alert, BreakGlass, EmergencyApproval, Hidden, User
from braid.web.overlay.entries import check_lead
from braid.web.overlay.recording import count_looks, record_change


@dataclass(frozen=True)
class AlertSeen:
    """An alert with where it stands, whose move it is, and whether who looks may. Of the person it holds nothing."""

    alert: Alert
    standing: Standing
    whose: tuple[str, ...]
    may: bool


@transaction.atomic
def grant_access(by: User, request: Request, now: dt.datetime | None = None) -> BreakGlass:
    """Grant four hours, raise the alerts and record it, all or nothing. Raises `NotGranted`.

    Whether the person exists, or is kept from this user, is not looked at: the answer would tell. What the grant opens
    is decided at each look, where exclusion, restriction, seal and agreement come first.
    """
    at = now or _database_now(by)
    role = ROLES.get(by.role)
    if not by.is_active or role is None or request.purpose not in role.purposes:
        raise NotGranted("Your role has no such purpose. Choose a purpose of your role")
    if not User.objects.filter(username=request.colleague, is_active=True).exists():
        raise NotGranted("There is no active user of the colleague's name. Check how they sign in")
    if not set(request.items) <= listable_items(role).keys():
        raise NotGranted("Your role does not see all of these items. Choose from the list")
    mine = BreakGlass.objects.filter(username=by.username)
    check_request(request, [_review(grant) for grant in mine], at)
    grant = BreakGlass.objects.create(
        username=by.username,
        organisation=by.organisation,
        role=by.role,
        person_id=request.person_id,
        purpose=request.purpose,
        reason=request.reason,
        reference_kind=request.reference_kind,
        reference=request.reference,
        colleague=request.colleague,
        items=sorted(set(request.items)),
        live_from=at,
        live_to=at + OPEN_FOR,
        alerted_at=at,
        review_due_at=review_due_at(at),
    )
    _raise_alerts(grant, at)
    about = (request.person_id, request.purpose, request.reference)
    record_change(by, "break_glass", "emergency access", *about, access=grant.pk, emergency=request.reason)
    return grant


def _raise_alerts(grant: BreakGlass, at: dt.datetime) -> None:
    """Tell the guardian, the colleague, and whoever joins the records under agreements of the purpose: their owner."""
    hosts = AgreementInForce.objects.filter(purpose=grant.purpose, valid_from__lte=at, valid_to__gt=at)
    owners = sorted({str(agreement.terms.get("host", "")) for agreement in hosts} - {""})
    told: list[dict[str, str]] = [
        {"told": "guardian", "owner_role": GUARDIAN},
        {"told": "colleague", "addressee": grant.colleague},
        *({"told": "record_owner", "organisation": owner} for owner in owners),
    ]
    Alert.objects.bulk_create(
        Alert(break_glass=grant, asked_by=grant.username, raised_at=at, **facts) for facts in told
    )


def _database_now(by: User) -> dt.datetime:
    """The database's clock: its policies compare with that one."""
    return User.objects.filter(pk=by.pk).annotate(now=Now()).values_list("now", flat=True).get()


def _review(grant: BreakGlass) -> Review:
    return Review(grant.username, grant.live_from, grant.review_due_at, grant.reviewed_at)


@transaction.atomic
def review_access(by: User, grant_id: int, finding: str, now: dt.datetime | None = None) -> BreakGlass:
    """Write down the finding of a review; one that is not justified ends the access at once. Raises `NotPossible`.

    More information leaves the review due. A finding that closed a review stays.
    """
    check_lead(by)
    at = now or _database_now(by)
    grant = BreakGlass.objects.select_for_update().filter(pk=grant_id, reviewed_at__isnull=True).first()
    if grant is None:
        raise NotPossible("There is no such access to review, or it is reviewed already. Look at the list again")
    if by.username in (grant.username, grant.colleague):
        raise NotPossible("Nobody reviews an access of their own, or one they were named for. Ask another lead")
    if EmergencyApproval.objects.filter(break_glass=grant, approved_by=by.username).exists():
        raise NotPossible("You approved what it opened, so another lead reviews it. Ask one")
    if finding not in FINDINGS:
        raise NotPossible("Choose a finding from the list")
    grant.finding, grant.reviewed_by = finding, by.username
    if finding in CLOSING_FINDINGS:
        grant.reviewed_at = at
    if finding == "not_justified" and grant.live_to > at:
        grant.ended_at = at
    grant.save(update_fields=["finding", "reviewed_by", "reviewed_at", "ended_at"])
    about = (grant.person_id, grant.purpose, grant.reference)
    record_change(by, "reviewed", "emergency access", *about, access=grant.pk, finding=finding)
    return grant


@transaction.atomic
def approve_access(by: User, grant_id: int, now: dt.datetime | None = None) -> EmergencyApproval:
    """Let a grant open the location and identity that it lists, for as long as it runs, and record it.

    Raises `NotPossible` where there is nothing to approve, or `by` may not: no lead, who asked, who was named for it,
    or somebody kept from the person. Why of these is not said: whom somebody is kept from is told to nobody.
    """
    check_lead(by)
    at = now or _database_now(by)
    grant = BreakGlass.objects.filter(pk=grant_id).first()
    if grant is None or not needs_approval(grant, at):
        raise NotPossible("There is no such access to approve, or it is approved or over. Look at the list again")
    is_party = by.username in (grant.username, grant.colleague)
    if is_party or Hidden.objects.filter(person_id=grant.person_id).exists():
        raise NotPossible("You may not approve this one. Ask another lead at once")
    try:
        with transaction.atomic():
            approval = EmergencyApproval.objects.create(
                break_glass=grant, asked_by=grant.username, approved_by=by.username
            )
    except IntegrityError:
        raise NotPossible("Somebody approved this one a moment ago. Look at the list again") from None
    record_change(by, "break_glass", "emergency access approved", grant.person_id, grant.purpose, access=grant.pk)
    return approval


def needs_approval(grant: BreakGlass, now: dt.datetime) -> bool:
    """Whether a grant runs and lists what it does not open before a second human approved."""
    runs = grant.ended_at is None and grant.reviewed_at is None and grant.live_from <= now < grant.live_to
    return runs and waits_for_approval(grant.items) and not hasattr(grant, "approval")


@transaction.atomic
def acknowledge(by: User, alert_id: int, now: dt.datetime | None = None) -> Alert:
    """Stop the clock of an alert. Raises `NotPossible` for whoever is not told by it, or where it was done before.

    A guardian's is any lead's; a record owner's is for somebody of that organisation who did not ask; a colleague's is
    for the colleague alone.
    """
    alert = Alert.objects.select_for_update().filter(pk=alert_id, acknowledged_at__isnull=True).first()
    if alert is None or not may_acknowledge(by, alert):
        raise NotPossible(
            "There is no such alert for you, or it is acknowledged already. A record owner's is for their organisation;"
            " a colleague's for the colleague. Look at the list again"
        )
    alert.acknowledged_by, alert.acknowledged_at = by.username, now or _database_now(by)
    alert.save(update_fields=["acknowledged_by", "acknowledged_at"])
    record_change(by, "changed", "alert acknowledged", alert=alert.pk)
    return alert


def may_acknowledge(by: User, alert: Alert) -> bool:
    """Whether an alert is for this user to acknowledge."""
    role = ROLES.get(by.role)
    if not by.is_active or role is None:
        return False
    if alert.told == "colleague":
        return by.username == alert.addressee
    if alert.told == "record_owner":
        return by.organisation == alert.organisation != "" and by.username != alert.asked_by
    return role.sees_audit


def list_alerts(now: dt.datetime, by: User) -> list[AlertSeen]:
    """Return the alerts that nobody acknowledged, oldest first, each with where it stands and whether `by` may.

    What a colleague is told is for the colleague alone.
    """
    rows = Alert.objects.filter(acknowledged_at__isnull=True).order_by("raised_at", "pk")
    rows = rows.filter(~Q(told="colleague") | Q(addressee=by.username))
    return [
        AlertSeen(row, standing_of(row.raised_at, row.acknowledged_at, now), _whose(row, now), may_acknowledge(by, row))
        for row in rows
    ]


def colleague_answered(grant: BreakGlass) -> dt.datetime | None:
    """Return when the colleague named said that they know of the access, or `None`."""
    rows = grant.alerts.filter(told="colleague")
    answered: dt.datetime | None = rows.values_list("acknowledged_at", flat=True).first()
    return answered


def _whose(alert: Alert, now: dt.datetime) -> tuple[str, ...]:
    """Return in words whose move an alert is: of a role, an organisation or one user; once overdue, the board's too."""
    owners = standing_of(alert.raised_at, alert.acknowledged_at, now).owners
    first = {"record_owner": f"Somebody of {alert.organisation}", "colleague": alert.addressee}.get(alert.told)
    return (first or ROLES[owners[0]].name, *(ROLES[owner].name for owner in owners[1:]))


def list_access(username: str = "") -> list[BreakGlass]:
    """Return the grants that the asker may see, of one user where named: those to review first, then the newest."""
    rows = BreakGlass.objects.filter(username=username) if username else BreakGlass.objects.all()
    rows = rows.select_related("approval")
    return sorted(rows, key=lambda row: (row.reviewed_at is not None, -row.live_from.timestamp()))


@dataclass(frozen=True)
class MonthlyRate:
    """Grants of a month beside the looks at people in it; `percent` is `None` without looks."""

    month: dt.date
    grants: int
    looks: int

    @property
    def percent(self) -> float | None:
        """Grants for each hundred looks."""
        return 100 * self.grants / self.looks if self.looks else None


def monthly_rates() -> list[MonthlyRate]:
    """Return the rate of emergency access of each month with a grant, newest first. Months are of UK time."""
    rows = BreakGlass.objects.annotate(month=TruncMonth("live_from")).values("month").annotate(n=Count("pk"))
    looks = count_looks()
    months = {row["month"].date(): row["n"] for row in rows}
    return [MonthlyRate(month, months[month], looks.get(month, 0)) for month in sorted(months, reverse=True)]
