"""Accounts: named humans, one role each, and the tokens their programs send. Nothing secret is kept as it was given."""

import datetime as dt
import hashlib
import secrets

from django.db import transaction
from django.utils import timezone

from braid.web.models import ApiToken, SecondFactor, User
from braid.web.refusals import NoSuchUser
from braid.web.second_factor import Enrolment, enrol, get_demo_code

PASSWORD_BYTES = 18
TOKEN_DAYS = 90


def renew_user(user_name: str, display_name: str, role: str, organisation: str) -> str:
    """Add a user, or give them a new password, name, role and organisation; return the password, kept only as a hash.

    A new password ends every session that the old one opened.
    """
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    user, _ = User.objects.get_or_create(username=user_name, defaults={"display_name": display_name, "role": role})
    user.display_name, user.role, user.organisation, user.is_active = display_name, role, organisation, True
    user.is_demo = False
    user.set_password(password)
    user.save()
    return password


@transaction.atomic
def renew_token(user_name: str) -> str:
    """Return a new API token for a user and end their older ones. Raises `NoSuchUser`."""
    user = _get_user(user_name)
    user.api_tokens.all().delete()
    return create_api_token(user)


def renew_factor(user_name: str) -> Enrolment:
    """Return a new second factor for a user, shown this once; the older one ends. Raises `NoSuchUser`."""
    return enrol(_get_user(user_name))


def demo_code(user_name: str) -> str:
    """Return the code that a demo user's authenticator would show now. Raises `NoDemoUser`."""
    return get_demo_code(user_name, timezone.now())


@transaction.atomic
def close_user(user_name: str) -> None:
    """End a user's tokens, second factor, sessions and right to sign in. Raises `NoSuchUser`."""
    user = _get_user(user_name)
    user.api_tokens.all().delete()
    SecondFactor.objects.filter(user=user).delete()
    user.is_active = False
    user.set_unusable_password()
    user.save()


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
