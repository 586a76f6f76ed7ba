"""Tokens of systems: made by the information governance lead, changed and revoked by whoever leads a team there too.

A system is an account that nobody signs in with: with a role, in an organisation, by a name of its own, so that record,
agreements, exclusions, restrictions and opt-outs hold for it as for a human. Each of its tokens is bound to a purpose,
to an agreement, to a time and, where somebody says so, to networks. Of a token only a digest is kept; it is shown once.
"""

import datetime as dt
import ipaddress
import re
import secrets
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models.functions import Now
from django.utils import timezone

from braid.language.steps import NotPossible
from braid.trust.roles import PURPOSES, ROLES, Role
from braid.web.accounts import digest_of
from braid.web.flows import flows_in_force
from braid.web.models import AgreementInForce, ApiToken, User
from braid.web.models.accounts import PER_MINUTE
from braid.web.recording import Asker, Facts, record
from braid.web.vault.tasks import ACCOUNT_WIDENED, raise_task

PREFIX = "braid_"
"""By which a token that lies about is known for one, by those who search for secrets."""
SYSTEM = "system-"
NAME = re.compile(r"[a-z][a-z0-9-]{2,58}[a-z0-9]")
DAYS, MOST_DAYS, RENEWED_DAYS = 90, 365, 90
MOST_PER_MINUTE = 6000
FOR_DIGEST = "select set_config('braid.token_digest', %s, true)"


@dataclass(frozen=True)
class Wanted:
    """A token as it is asked for: for which system, and what it is bound to."""

    name: str
    organisation: str
    role: str
    purpose: str = ""
    agreement_id: str = ""
    days: int = DAYS
    networks: tuple[str, ...] = ()
    per_minute: int = PER_MINUTE


@dataclass(frozen=True)
class TokenSeen:
    """A token as whoever answers for it sees it: nothing to open anything with."""

    id: int
    system: str
    organisation: str
    role: str
    purpose: str
    agreement_id: str
    networks: tuple[str, ...]
    per_minute: int
    made_by: str
    created_at: dt.datetime
    expires_at: dt.datetime
    revoked_at: dt.datetime | None
    revoked_by: str
    state: str


def may_be_system(role: Role) -> bool:
    """Whether a machine may have a role: none that accounts for the record, which a human does."""
    return not role.sees_audit


def check_wanted(wanted: Wanted) -> None:
    """Raise `NotPossible` where a token may not be made as asked for, saying what to do."""
    if not NAME.fullmatch(wanted.name):
        raise NotPossible("A system's name has 4 to 60 small letters, digits and hyphens, and begins with a letter")
    role = ROLES.get(wanted.role)
    if role is None or not may_be_system(role):
        known = ", ".join(code for code, one in ROLES.items() if may_be_system(one))
        raise NotPossible(f"A system has one of the roles {known}")
    if not 0 < wanted.days <= MOST_DAYS:
        raise NotPossible(f"A token holds for 1 to {MOST_DAYS} days")
    if not 0 < wanted.per_minute <= MOST_PER_MINUTE:
        raise NotPossible(f"A token is for 1 to {MOST_PER_MINUTE} requests a minute")
    for network in wanted.networks:
        _check_network(network)
    _check_bound(wanted, role)


def _check_network(network: str) -> None:
    try:
        ipaddress.ip_network(network)
    except ValueError:
        raise NotPossible("A network is written as 10.1.0.0/16 or 2001:db8::/32, its host bits empty") from None


def _check_bound(wanted: Wanted, role: Role) -> None:
    if not role.sees_people:
        if wanted.purpose or wanted.agreement_id:
            raise NotPossible(f"The role {role.code} sees nobody: leave purpose and agreement out")
        return
    if wanted.purpose not in role.purposes:
        known = ", ".join(code for code in PURPOSES if code in role.purposes)
        raise NotPossible(f"The role {role.code} looks for {known}. Choose one of its purposes")
    found = AgreementInForce.objects.filter(pk=wanted.agreement_id, purpose=wanted.purpose).exists()
    opens = flows_in_force().filter(agreement_id=wanted.agreement_id, receiver=wanted.organisation).exists()
    if not (found and opens):
        raise NotPossible("No agreement of that name is in force that opens anything to it for the purpose")


@transaction.atomic
def make_token(by: Asker, wanted: Wanted) -> tuple[str, int]:
    """Return a new token and its number; its system is made where it is new. Raises `NotPossible`.

    As the owner of the tables. The leads get a task where a system is new.
    """
    check_wanted(wanted)
    name = f"{SYSTEM}{wanted.name}"
    shown = f"System {wanted.name}"
    user, is_new = User.objects.get_or_create(
        username=name,
        defaults={
            "display_name": shown,
            "role": wanted.role,
            "organisation": wanted.organisation,
            "is_system": True,
            "password": "!",
        },
    )
    if not user.is_system or (user.role, user.organisation) != (wanted.role, wanted.organisation):
        raise NotPossible("There is an account of that name with another role or organisation. Choose another name")
    if not user.is_active:
        raise NotPossible("That system was closed. Choose another name")
    if is_new:
        raise_task(ACCOUNT_WIDENED, str(user.pk))
    token, row = _keep_new(user, by.username, wanted.days, _binding_of(wanted))
    _record(by, "system token made", row)
    return token, row.pk


def _binding_of(wanted: Wanted) -> dict[str, object]:
    return {
        "purpose": wanted.purpose,
        "agreement_id": wanted.agreement_id,
        "networks": list(wanted.networks),
        "per_minute": wanted.per_minute,
    }


def _keep_new(user: User, made_by: str, days: int, binding: dict[str, object]) -> tuple[str, ApiToken]:
    token = PREFIX + secrets.token_urlsafe(32)
    expires_at = timezone.now() + dt.timedelta(days=days)
    row = ApiToken(user=user, digest=digest_of(token), expires_at=expires_at, made_by=made_by, **binding)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(FOR_DIGEST, [row.digest])  # so that whoever adds it may read back its number
        row.save(force_insert=True)
        cursor.execute(FOR_DIGEST, [""])
    return token, row


@transaction.atomic
def renew_system_token(by: Asker, token_id: int) -> tuple[str, int]:
    """Return a new token bound as another one that holds, for at most 90 days, and its number. The other one holds on,
    until it is revoked or over: a machine changes from one to the other without a gap.

    Inside `asking_as`: the policies let whoever leads a team of the organisation, and the lead. Raises `NotPossible`.
    """
    row = _find(token_id)
    if row is None or row.revoked_at is not None or not row.user.is_active:
        raise NotPossible("That token was revoked, or is none of your organisation's. Ask the lead for a new one")
    names = ("purpose", "agreement_id", "networks", "per_minute")
    token, made = _keep_new(row.user, by.username, RENEWED_DAYS, {name: getattr(row, name) for name in names})
    _record(by, "system token renewed", made)
    return token, made.pk


@transaction.atomic
def revoke_system_token(by: Asker, token_id: int) -> None:
    """End a token at the next statement. Raises `NotPossible`."""
    row = _find(token_id)
    ended = ApiToken.objects.filter(pk=token_id, revoked_at__isnull=True, user__is_system=True)
    if row is None or not ended.update(revoked_at=Now(), revoked_by=by.username):
        raise NotPossible("There is no such token that holds. Look at the list")
    _record(by, "system token revoked", row)


def _find(token_id: int) -> ApiToken | None:
    return ApiToken.objects.select_related("user").filter(pk=token_id, user__is_system=True).first()


def list_system_tokens(now: dt.datetime) -> list[TokenSeen]:
    """Return the tokens of systems that whoever asks may see, those that hold first, by system."""
    rows = ApiToken.objects.select_related("user").filter(user__is_system=True)
    return sorted(
        (_seen(row, now) for row in rows),
        key=lambda one: (one.state != "holds", one.system, one.expires_at, one.id),
    )


def _seen(row: ApiToken, now: dt.datetime) -> TokenSeen:
    state = "revoked" if row.revoked_at else "over" if row.expires_at <= now else "holds"
    return TokenSeen(
        row.pk,
        row.user.username,
        row.user.organisation,
        row.user.role,
        row.purpose,
        row.agreement_id,
        tuple(row.networks),
        row.per_minute,
        row.made_by,
        row.created_at,
        row.expires_at,
        row.revoked_at,
        row.revoked_by,
        state,
    )


def find_token(token: str) -> ApiToken | None:
    """Return the token that somebody sent with its account, where both hold at this moment."""
    digest = digest_of(token)
    rows = ApiToken.objects.select_related("user").filter(digest=digest, revoked_at=None, expires_at__gt=Now())
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(FOR_DIGEST, [digest])
        found = rows.filter(user__is_active=True).first()
        cursor.execute(FOR_DIGEST, [""])
    return found


def is_from(networks: list[str], address: str) -> bool:
    """Whether an address is in one of these networks; in any where there are none."""
    if not networks:
        return True
    try:
        sent_from = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(sent_from in ipaddress.ip_network(network) for network in networks)


def is_agreement_in_force(row: ApiToken) -> bool:
    """Whether what a token is bound to opens anything to its organisation now; true of one that is bound to nothing."""
    if not row.agreement_id:
        return True
    found = flows_in_force().filter(agreement_id=row.agreement_id, receiver=row.user.organisation)
    return found.filter(purpose=row.purpose).exists()


def _record(by: Asker, what: str, row: ApiToken) -> None:
    details = {
        "what": what,
        "account": row.user.username,
        "role": row.user.role,
        "organisation": row.user.organisation,
        "token": row.pk,
        "purpose": row.purpose,
        "agreement": row.agreement_id,
    }
    record("account_changed", by, facts=Facts(details={key: value for key, value in details.items() if value}))
