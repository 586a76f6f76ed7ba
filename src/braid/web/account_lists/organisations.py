"""Accounts that an organisation keeps by itself (SCIM 2.0: RFC 7643, 7644), by a token of its own.

It adds, changes and closes accounts of its own, and gives and takes the roles that its token names: never one that
accounts for the record, never an account of another organisation, of the demo or for recovery, nor one that a lead gave
a role beyond the token. A function of the owner decides it, for whoever shows the token; pages may write no account.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Collection
from dataclasses import dataclass, replace

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from braid.language.steps import NotPossible
from braid.outbound.mail import is_address
from braid.trust.audit import is_code
from braid.trust.roles import ROLES
from braid.web.accounts import LEADS, digest_of, tell_leads
from braid.web.models import ProvisioningToken, User
from braid.web.recording import Asker, Facts, record

TOKEN_DAYS = 180
LONGEST_TOKEN = 200
KEPT_BY_HAND = ("system-", "demo-")
"""How names begin that the place gives: a lead who keeps a system from somebody must not meet another's account."""


class NotKept(Exception):
    """What was asked of an account is not done. `status` is that of HTTP, `kind` that of RFC 7644, table 9."""

    def __init__(self, status: int, words: str, kind: str = "") -> None:
        super().__init__(words)
        self.status, self.words, self.kind = status, words, kind


@dataclass(frozen=True)
class Keeper:
    """An organisation that shows its token."""

    token: str
    organisation: str
    roles: tuple[str, ...]


@dataclass(frozen=True)
class Account:
    """An account as its organisation keeps it; `id` is none before it is added."""

    id: int | None
    user_name: str
    display_name: str
    role: str = ""
    email: str = ""
    subject: str = ""
    is_active: bool = True


@transaction.atomic
def make_token(by: Asker, organisation: str, roles: Collection[str], days: int = TOKEN_DAYS) -> str:
    """Return a new token for an organisation, shown this once; its older ones end. Raises `NotPossible`."""
    wrong = [role for role in roles if role not in ROLES or role in LEADS]
    if wrong:
        raise NotPossible("An organisation may give any role but one that accounts for the record")
    ProvisioningToken.objects.filter(organisation=organisation).delete()
    token = secrets.token_urlsafe(32)
    expires = timezone.now() + dt.timedelta(days=days)
    ProvisioningToken.objects.create(
        organisation=organisation, roles=sorted(roles), digest=digest_of(token), expires_at=expires
    )
    details = {"what": "provisioning token renewed", "roles": len(roles)}
    if is_code(organisation):
        details["organisation"] = organisation
    record("account_changed", by, facts=Facts(details=details))
    return token


def find_keeper(token: str) -> Keeper | None:
    """Return the organisation of a token in force; `None` refuses."""
    if not token or len(token) > LONGEST_TOKEN:
        return None
    found = ProvisioningToken.objects.filter(digest=digest_of(token), expires_at__gt=timezone.now()).first()
    return Keeper(token, found.organisation, tuple(found.roles)) if found else None


def list_accounts(keeper: Keeper, user_name: str | None = None) -> list[Account]:
    """Return the accounts that an organisation keeps, by user name; of those, the one of a name."""
    rows = User.objects.filter(organisation=keeper.organisation, is_demo=False, is_recovery=False, is_system=False)
    if user_name is not None:
        rows = rows.filter(username__iexact=user_name)
    return [_account(row) for row in rows.order_by("username") if row.role in ("", *keeper.roles)]


def find_account(keeper: Keeper, account_id: int) -> Account:
    """Return one of the accounts. Raises `NotKept` with 404, the same for what is another's and what is not there."""
    found = next((one for one in list_accounts(keeper) if one.id == account_id), None)
    if found is None:
        raise NotKept(404, "There is no such account of this organisation")
    return found


@transaction.atomic
def keep(keeper: Keeper, account: Account) -> Account:
    """Make an account so, and write it down. Raises `NotKept` where it may not be, or another has its name."""
    _check(account)
    before = find_account(keeper, account.id) if account.id is not None else None
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "select braid_keep_account(%s, %s, %s, %s, %s, %s, %s, %s)",
                [
                    keeper.token,
                    account.id,
                    account.user_name,
                    account.display_name,
                    account.role,
                    account.email,
                    account.subject,
                    account.is_active,
                ],
            )
            done = int(cursor.fetchone()[0])
    except IntegrityError:
        raise NotKept(*_REFUSED[-5]) from None
    if done < 0:
        raise NotKept(*_REFUSED[done])
    _write_down(keeper, before, replace(account, id=done))
    return replace(account, id=done)


_REFUSED = {
    -1: (401, "The token is not in force"),
    -2: (403, "This organisation may not give this role"),
    -3: (404, "There is no such account of this organisation"),
    -4: (
        400,
        "A user name stays as it is: exclusions, teams and the record know the human by it. Change the name that is"
        " shown, or ask the information governance lead of the place",
        "mutability",
    ),
    -5: (409, "Another account has this name or this subject", "uniqueness"),
}
"""What the function of the database says where it does nothing: the status, the words and the kind."""


def record_not_kept(keeper: Keeper) -> None:
    """Write down that an organisation asked for what it may not."""
    said = Facts(keeper.organisation, decision="deny", reason="not_permitted", channel="api")
    record("refused", _Organisation(), facts=said)


def _check(account: Account) -> None:
    if not account.user_name.isprintable() or not account.display_name.isprintable() or " " in account.user_name:
        raise NotKept(400, "A name is one line that can be printed, and userName has no space", "invalidValue")
    if account.user_name.casefold().startswith(KEPT_BY_HAND):
        raise NotKept(400, "Names of systems and of the demo are given by the place", "invalidValue")
    if not account.user_name.strip() or len(account.user_name) > 150 or len(account.display_name) > 100:
        raise NotKept(400, "userName has 1 to 150 characters, a name at most 100", "invalidValue")
    if len(account.subject) > 255 or (account.email and (len(account.email) > 254 or not is_address(account.email))):
        raise NotKept(
            400, "externalId has at most 255 characters; an e-mail address is name@organisation", "invalidValue"
        )


def _write_down(keeper: Keeper, before: Account | None, now: Account) -> None:
    what = "account added" if before is None else "account renewed"
    if before is not None and before.is_active and not now.is_active:
        what = "account closed"
    account = now.user_name if is_code(now.user_name) else f"number {now.id}"
    details = {"what": what, "account": account, "role": now.role}
    if is_code(keeper.organisation):
        details["organisation"] = keeper.organisation
    record("account_changed", _Organisation(), facts=Facts(keeper.organisation, channel="api", details=details))
    if now.is_active and (before is None or before.role != now.role):
        tell_leads(User.objects.get(pk=now.id))


def _account(row: User) -> Account:
    return Account(
        row.pk, row.username, row.display_name, row.role, row.email, row.provider_subject, is_active=row.is_active
    )


class _Organisation:
    """An entry's asker: no human, but the organisation that the entry names."""

    username = role = purpose = reference = ""
    page = "scim"
