"""Named humans who sign in, and the tokens their programs send."""

from collections.abc import Iterator

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models.functions import Now
from django.utils.crypto import salted_hmac

from braid.trust.roles import ROLES
from braid.web.models.base import Row


class User(AbstractUser):
    """A named human who signs in, with one role in one organisation."""

    first_name = None
    last_name = None
    display_name = models.CharField(max_length=100)
    organisation = models.CharField(max_length=80, blank=True)
    """The partner they work for, as place.toml names it; without one no agreement covers them."""
    is_demo = models.BooleanField(default=False)
    """Made for a demo: whoever runs the place may have its one-time codes printed."""
    role = models.CharField(max_length=40, choices=[(role.code, role.name) for role in ROLES.values()])
    provider_subject = models.CharField(max_length=255, blank=True, default="")
    """What the identity provider calls them; without it nobody signs in to this account by one."""
    is_recovery = models.BooleanField(default=False)
    """A sealed account for the day on which the identity provider does not answer: it alone keeps a password then."""

    class Meta(AbstractUser.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=("provider_subject",),
                condition=~models.Q(provider_subject=""),
                name="provider_names_one_account",
            )
        ]

    def get_session_auth_hash(self) -> str:
        """Return what each session of the account must carry: another password, role or organisation ends them all."""
        return self._hash_of(settings.SECRET_KEY)

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        """Give the same under each older secret that the settings still take."""
        for secret in settings.SECRET_KEY_FALLBACKS:
            yield self._hash_of(secret)

    def _hash_of(self, secret: str) -> str:
        who = (self.password, self.role, self.organisation, self.provider_subject, str(self.is_recovery))
        said = "\n".join(who)
        return salted_hmac("braid.web.models.accounts.User", said, secret=secret, algorithm="sha256").hexdigest()


class ApiToken(Row):
    """A token that a program sends instead of a session. Only its SHA-256 is kept."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
