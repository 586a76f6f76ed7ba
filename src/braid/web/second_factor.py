"""The second factor: one-time codes of six digits (RFC 6238, 30 seconds), each taken once, locked after five misses.

A session that was confirmed by one has assurance 2. An account without a second factor never has.
"""

import datetime as dt
import hmac
from dataclasses import dataclass, field
from enum import StrEnum

import pyotp
from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction

from braid.store.vault_keys import (
    KeyRing,
    VaultKeyNotAvailable,
    VaultSealBroken,
    WrappedKey,
    make_data_key,
    seal,
    unseal,
    unwrap,
)
from braid.web.models import SecondFactor, SecurityKey, User
from braid.web.refusals import NoDemoUser
from braid.web.vault.keys import get_key_ring, open_key_ring
from braid.web.vault.tasks import SECOND_FACTOR_UNREADABLE, raise_task

ISSUER = "Braid"
STEP_SECONDS = 30
WINDOW_STEPS = 1
"""A code of the step before and of the one after is taken too: clocks of telephones drift."""
MOST_WRONG = 5
LOCKED_FOR = dt.timedelta(minutes=15)
_FIELD = "second factor"


class Answer(StrEnum):
    """What came of a confirmation."""

    CONFIRMED = "confirmed"
    WRONG = "wrong"
    LOCKED = "locked"
    NO_FACTOR = "no_factor"
    NOT_CHECKED = "not_checked"
    """The secret could not be read: nobody is confirmed."""


@dataclass(frozen=True)
class Enrolment:
    """A new secret, shown this once; `uri` is what an authenticator takes in."""

    secret: str = field(repr=False)
    uri: str = field(repr=False)


@transaction.atomic
def enrol(user: User) -> Enrolment:
    """Give a user a new second factor, in place of an older one, as the owner. Raises `VaultKeyNotAvailable`."""
    secret = pyotp.random_base32()
    SecondFactor.objects.filter(user=user).delete()
    factor = SecondFactor(user=user)
    _seal_into(factor, open_key_ring(), secret)
    return Enrolment(secret, pyotp.TOTP(secret).provisioning_uri(name=user.username, issuer_name=ISSUER))


def reseal_factor(factor: SecondFactor, ring: KeyRing) -> None:
    """Seal a second factor anew under the ring's current key."""
    _seal_into(factor, ring, _secret(factor, ring))


def _seal_into(factor: SecondFactor, ring: KeyRing, secret: str) -> None:
    owner = _owner(factor)
    data_key, key = make_data_key(ring, owner)
    factor.key_id, factor.wrapped = key.key_id, key.wrapped
    factor.sealed = seal(data_key, secret, owner, key.key_id, _FIELD)
    factor.save()


def _secret(factor: SecondFactor, ring: KeyRing) -> str:
    owner = _owner(factor)
    data_key = unwrap(ring, owner, WrappedKey(factor.key_id, bytes(factor.wrapped)))
    return unseal(data_key, bytes(factor.sealed), owner, factor.key_id, _FIELD)


def _owner(factor: SecondFactor) -> str:
    return f"account:{factor.user_id}"


def get_demo_code(user_name: str, now: dt.datetime) -> str:
    """Return the code of a demo account at this moment. Raises `NoDemoUser` for any other account."""
    factor = SecondFactor.objects.filter(user__username=user_name, user__is_demo=True).first()
    if factor is None:
        raise NoDemoUser("no demo user of that name; codes of real accounts come from the human's own authenticator")
    return _code(_secret(factor, get_key_ring()), _step(now))


@transaction.atomic
def confirm(user: User, password: str | None, code: str, now: dt.datetime) -> Answer:
    """Check password and code together, and count the miss; the caller's transaction must go through either way.

    Both are always checked, so that neither the answer nor the time it takes says which was wrong. Without a password
    (`None`) the code alone is: where the password was right a moment ago, or an identity provider saw the human.
    """
    factor = SecondFactor.objects.select_for_update().filter(user=user).first()
    if factor is None:
        return Answer.NO_FACTOR
    if factor.locked_until is not None and now < factor.locked_until:
        return Answer.LOCKED
    try:
        step = _find_step(_secret(factor, get_key_ring()), code, now)
    except (VaultKeyNotAvailable, VaultSealBroken):
        raise_task(SECOND_FACTOR_UNREADABLE, str(user.pk))
        return Answer.NOT_CHECKED
    is_password = password is None or user.check_password(password)
    if is_password and step is not None and step > factor.last_step:
        _keep(factor, last_step=step, wrong_codes=0, locked_until=None)
        return Answer.CONFIRMED
    wrong = factor.wrong_codes + 1
    if wrong >= MOST_WRONG:
        _keep(factor, wrong_codes=0, locked_until=now + LOCKED_FOR)
        return Answer.LOCKED
    _keep(factor, wrong_codes=wrong)
    return Answer.WRONG


def _keep(factor: SecondFactor, **values: object) -> None:
    SecondFactor.objects.filter(pk=factor.pk).update(**values)


def _find_step(secret: str, code: str, now: dt.datetime) -> int | None:
    """Return the newest step whose code this is; every step is compared, each in the same time."""
    steps = range(_step(now) - WINDOW_STEPS, _step(now) + WINDOW_STEPS + 1)
    given = code.encode()
    found = [step for step in steps if hmac.compare_digest(_code(secret, step).encode(), given)]
    return max(found, default=None)


def _code(secret: str, step: int) -> str:
    return pyotp.TOTP(secret).generate_otp(step)


def _step(now: dt.datetime) -> int:
    return int(now.timestamp()) // STEP_SECONDS


VAULT, ACCOUNT = "vault", "account"
"""What a session may be confirmed for: to see what the vault holds, or to change how one signs in."""
CODE, PROVIDER = "code", "provider"


def keep_confirmation(
    session: SessionBase, now: dt.datetime, action: str = VAULT, key_id: int | None = None, *, by_provider: bool = False
) -> None:
    """Raise the session to assurance 2 under a new key, so that one stolen before is not raised with it.

    It holds for one action, and is lost with what confirmed it: a code's secret, the security key `key_id`, or the
    identity provider's name of the account.
    """
    session.cycle_key()
    session["assurance"], session["confirmed_at"], session["confirmed_for"] = 2, now.timestamp(), action
    session["confirmed_by"] = PROVIDER if by_provider else CODE if key_id is None else key_id


def find_confirmation(session: SessionBase, user: User, action: str = VAULT) -> tuple[int, dt.datetime | None]:
    """Return the session's assurance for an action and when it was confirmed.

    1 where it was confirmed for another, without a factor, or where what confirmed it was renewed or removed since.
    """
    at, by = session.get("confirmed_at"), session.get("confirmed_by")
    is_for_it = session.get("confirmed_for") == action
    if session.get("assurance") != 2 or not is_for_it or not isinstance(at, (int, float)):
        return 1, None
    confirmed_at = dt.datetime.fromtimestamp(at, dt.UTC)
    return (2, confirmed_at) if _still_there(user, by, confirmed_at) else (1, None)


def _still_there(user: User, by: object, confirmed_at: dt.datetime) -> bool:
    if by == CODE:
        return SecondFactor.objects.filter(user=user, created_at__lte=confirmed_at).exists()
    if by == PROVIDER:
        return bool(user.provider_subject)
    return isinstance(by, int) and SecurityKey.objects.filter(pk=by, user=user, stopped_at=None).exists()
