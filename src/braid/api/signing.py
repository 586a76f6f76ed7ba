"""Who calls: the session of the web app, or a token in the `Authorization` header."""

from django.http import HttpRequest
from django.utils import timezone
from ninja.security import HttpBearer
from ninja.security.session import SessionAuth

from braid.web.accounts import digest_of
from braid.web.models import ApiToken, User

LONGEST_TOKEN = 200


class Session(SessionAuth):
    """The session of somebody who signed in to the web app."""


class Bearer(HttpBearer):
    """A token of a named human, sent as `Authorization: Bearer ...`."""

    def authenticate(self, request: HttpRequest, token: str) -> User | None:  # noqa: ARG002 - ninja's own shape
        """Return the user of a token that has not expired; `None` refuses."""
        if len(token) > LONGEST_TOKEN:
            return None
        found = ApiToken.objects.select_related("user").filter(digest=digest_of(token), expires_at__gt=timezone.now())
        holder = found.first()
        return holder.user if holder and holder.user.is_active else None
