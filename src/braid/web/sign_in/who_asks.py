"""Whose request it is: the account that was read with the session, where the session fits it in every respect."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare
from django.utils.functional import SimpleLazyObject

READS_BY_KEY = "django.contrib.auth.backends.ModelBackend"
"""The way of signing in whose accounts are rows of ours and nothing else: that of every session that Braid opens."""


class WhoAsks(AuthenticationMiddleware):
    """Django's middleware, without a statement of its own for the account."""

    def process_request(self, request: HttpRequest) -> None:
        """Let the request say who asks, once it is asked for."""
        super().process_request(request)
        request.user = SimpleLazyObject(lambda: find_user(request))


def find_user(request: HttpRequest) -> Any:
    """Return who is signed in, as Django's `get_user` does, whom whatever is not plain is left to.

    An account that is closed, and a session of another account or another password, role or organisation, are not
    plain: Django ends the session then, or knows an older secret by which it holds.
    """
    session = request.session
    named = session.get(SESSION_KEY)  # reads the session, and its account with it
    account = getattr(session, "account", None)
    plain = (
        account is not None
        and account.is_active
        and str(account.pk) == named
        and session.get(BACKEND_SESSION_KEY) == READS_BY_KEY
        and READS_BY_KEY in settings.AUTHENTICATION_BACKENDS
        and constant_time_compare(session.get(HASH_SESSION_KEY, ""), account.get_session_auth_hash())
    )
    return account if plain else get_user(request)
