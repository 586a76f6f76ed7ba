"""Accounts: named humans, one role each, and the tokens their programs send. Nothing secret is kept as it was given.

Every change is an entry in its own transaction: who made it, and of which account, role and organisation. A role that
reads the vault or accounts for the record, given or given a new second factor, leaves a task to the leads as well.
"""

import datetime as dt
import hashlib
import secrets

from django.db import transaction
from django.utils import timezone

from braid.language.steps import NotPossible
from braid.outbound.mail import is_address
from braid.trust.audit import is_code
from braid.trust.roles import ROLES
from braid.web.acting import Actor
from braid.web.models import ApiToken, SecondFactor, SecurityKey, User
from braid.web.recording import Asker, Facts, record
from braid.web.refusals import NoSuchUser
from braid.web.second_factor import Enrolment, enrol, get_demo_code
from braid.web.sign_in.sessions import end_all, end_everybodys
from braid.web.vault.tasks import ACCOUNT_WIDENED, raise_task

PASSWORD_BYTES = 18
TOKEN_DAYS = 90
FIRST_PASSWORD_FOR = dt.timedelta(days=7)
"""How long a password that was given is taken: its human chooses their own at the first sign-in."""
LEADS = tuple(code for code, role in ROLES.items() if role.sees_audit)
FIRST = Actor("", "", "", "", "first account")
"""Who makes the first lead of a place, when nobody can be named yet: recorded as nobody, and as the first account."""
DEMO = Actor("", "", "", "", "demo")
"""Who makes the accounts of a demo."""


def has_lead(besides: str = "") -> bool:
    """Whether the place has an open account, of somebody else than `besides`, that accounts for the record."""
    return User.objects.filter(role__in=LEADS, is_active=True).exclude(username=besides).exists()


def record_account(by: Asker, what: str, user: User) -> None:
    """Write down what was done to an account. A user name that is no code stands there as the account's number."""
    account = user.username if is_code(user.username) else f"number {user.pk}"
    details = {"what": what, "account": account, "role": user.role}
    if is_code(user.organisation):
        details["organisation"] = user.organisation
    record("account_changed", by, facts=Facts(details=details))


def tell_leads(user: User) -> None:
    """Leave the leads a task where an account reads the vault or the record."""
    role = ROLES.get(user.role)
    if role is not None and (role.sees_audit or role.vault_items):
        raise_task(ACCOUNT_WIDENED, str(user.pk))


def check_lead_stays(user_name: str) -> None:
    """Raise `NotPossible` where an account is the only lead of the place."""
    if User.objects.filter(username=user_name, role__in=LEADS, is_active=True).exists() and not has_lead(user_name):
        raise NotPossible("This is the only information governance lead of the place. Add another first")


def _check_human(user: User) -> None:
    if user.is_system:
        raise NotPossible("It is a system's account: nobody signs in with it. Its tokens are made by braid token new")


@transaction.atomic
def renew_user(
    by: Asker, user_name: str, display_name: str, role: str, organisation: str, email: str = "", subject: str = ""
) -> str:
    """Add a user, or give them a new password, name, role and organisation; return the password, kept only as a hash.

    A new password ends every session that the old one opened; it is good for `FIRST_PASSWORD_FOR`, to choose one's own
    by. Without `email` the address for reminders stays as it is,
    without `subject` what an identity provider calls them. Raises `NotPossible` where the last lead would be none, the
    address is not one, or another account has the subject.
    """
    if role not in LEADS:
        check_lead_stays(user_name)
    if email and not is_address(email):
        raise NotPossible("The e-mail address is not one. Give it as name@organisation")
    if subject and User.objects.filter(provider_subject=subject).exclude(username=user_name).exists():
        raise NotPossible("Another account has this subject")
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    user, is_new = User.objects.get_or_create(username=user_name, defaults={"display_name": display_name, "role": role})
    _check_human(user)
    user.display_name, user.role, user.organisation, user.is_active = display_name, role, organisation, True
    user.is_demo = user.is_recovery = False
    user.email, user.provider_subject = email or user.email, subject or user.provider_subject
    user.set_password(password)
    user.first_password_until = timezone.now() + FIRST_PASSWORD_FOR
    user.save()
    record_account(by, "account added" if is_new else "account renewed", user)
    tell_leads(user)
    return password


@transaction.atomic
def renew_token(by: Asker, user_name: str) -> str:
    """Return a new API token for a user and end their older ones. Raises `NoSuchUser`."""
    user = _get_user(user_name)
    _check_human(user)
    user.api_tokens.all().delete()
    record_account(by, "token renewed", user)
    return create_api_token(user)


@transaction.atomic
def renew_factor(by: Asker, user_name: str) -> Enrolment:
    """Return a new second factor for a user, shown this once; the older one ends. Raises `NoSuchUser`."""
    user = _get_user(user_name)
    _check_human(user)
    record_account(by, "second factor renewed", user)
    tell_leads(user)
    return enrol(user)


def demo_code(user_name: str) -> str:
    """Return the code that a demo user's authenticator would show now. Raises `NoDemoUser`."""
    return get_demo_code(user_name, timezone.now())


@transaction.atomic
def close_user(by: Asker, user_name: str) -> None:
    """End a user's tokens, second factor, sessions and right to sign in. Raises `NoSuchUser`, and `NotPossible` for the
    last lead."""
    user = _get_user(user_name)
    check_lead_stays(user_name)
    record_account(by, "account closed", user)
    user.api_tokens.all().delete()
    SecondFactor.objects.filter(user=user).delete()
    SecurityKey.objects.filter(user=user).delete()
    end_all([user.pk])
    user.is_active = False
    user.set_unusable_password()
    user.save()


@transaction.atomic
def end_sessions(by: Asker, user_name: str) -> int:
    """End every session of a user at once; return how many. Raises `NoSuchUser`."""
    user = _get_user(user_name)
    ended = end_all([user.pk])
    record_account(by, "sessions ended", user)
    return ended


@transaction.atomic
def end_sessions_of_all(by: Asker) -> int:
    """End every session of everybody at once; return how many."""
    ended = end_everybodys()
    record("account_changed", by, facts=Facts(details={"what": "sessions of all ended", "sessions": ended}))
    return ended


@transaction.atomic
def seal_recovery(by: Asker, user_name: str) -> tuple[str, Enrolment]:
    """Make an account one for recovery, with a new password and second factor, to be sealed; return both.

    It signs in where an identity provider is named and does not answer, never by that provider. Raises `NoSuchUser`.
    """
    user = _get_user(user_name)
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    user.is_recovery, user.provider_subject, user.is_demo = True, "", False
    user.set_password(password)
    user.first_password_until = None  # it lies in an envelope until the day, and is sealed anew after each use
    user.save()
    record_account(by, "recovery account sealed", user)
    raise_task(ACCOUNT_WIDENED, str(user.pk))
    return password, enrol(user)


def create_api_token(user: User, days: int = TOKEN_DAYS) -> str:
    """Return a new token for `user`, valid for `days` days. It is shown this once; only its digest is kept."""
    token = secrets.token_urlsafe(32)
    ApiToken.objects.create(user=user, digest=digest_of(token), expires_at=timezone.now() + dt.timedelta(days=days))
    return token


def digest_of(token: str) -> str:
    """Return what is kept of a token. It is random and long, so a plain hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def find_account(user_name: str) -> tuple[str, str] | None:
    """Return user name and role of an account that is open, or `None`."""
    return User.objects.filter(username=user_name, is_active=True).values_list("username", "role").first()


def has_demo_accounts() -> bool:
    """Whether the place has users of a demo."""
    return User.objects.filter(is_demo=True).exists()


def find_demo_account(role: str) -> tuple[str, str] | None:
    """Return user name and role of the first demo account of a role, or `None`: only a fictional place has them."""
    demo = User.objects.filter(role=role, is_demo=True, is_active=True).order_by("username")
    return demo.values_list("username", "role").first()


def _get_user(user_name: str) -> User:
    user = User.objects.filter(username=user_name).first()
    if user is None:
        raise NoSuchUser("no user of that name; add one with `braid user add`")
    return user
