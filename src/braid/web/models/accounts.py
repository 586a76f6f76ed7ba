"""Named humans who sign in, and the tokens their programs send."""

from collections.abc import Iterator
from typing import ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models.functions import Now
from django.utils.crypto import salted_hmac

from braid.trust.roles import ROLES
from braid.web.models.base import Row

PER_MINUTE = 300
"""Requests a minute that a token may send unless it says otherwise."""


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
    is_system = models.BooleanField(default=False, db_default=False)
    """A machine of their organisation: nobody signs in with it, and it is shown nothing but by a token that holds."""
    provider_subject = models.CharField(max_length=255, blank=True, default="")
    """What the identity provider calls them; without it nobody signs in to this account by one."""
    is_recovery = models.BooleanField(default=False)
    """A sealed account for the day on which the identity provider does not answer: it alone keeps a password then."""
    first_password_until = models.DateTimeField(null=True)
    """Until when the password that somebody else gave them is taken, to choose their own by; empty once they have."""

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
    """A token that a program sends instead of a session. Only its SHA-256 is kept.

    One of a human is bound to nothing but its time. One of a system is bound to a purpose, to an agreement and, where
    `networks` names any, to the addresses it may be sent from. It ends by its time or revoked, and stays on record.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    purpose = models.CharField(max_length=40, blank=True, db_default="", default="")
    agreement_id = models.CharField(max_length=100, blank=True, db_default="", default="")
    networks = models.JSONField(default=list, db_default=[])
    """Networks in CIDR form; empty where it may be sent from anywhere."""
    per_minute = models.PositiveIntegerField(default=PER_MINUTE, db_default=PER_MINUTE)
    made_by = models.CharField(max_length=150, blank=True, db_default="", default="")
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.CharField(max_length=150, blank=True, db_default="", default="")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="token_has_a_rate", condition=models.Q(per_minute__gt=0)),
            models.CheckConstraint(
                name="token_is_bound_whole",
                condition=models.Q(purpose="", agreement_id="") | (~models.Q(purpose="") & ~models.Q(agreement_id="")),
            ),
        ]


class ApiUse(Row):
    """When the next request of a token would be on time: by it requests are spread to the token's rate."""

    token = models.OneToOneField(ApiToken, on_delete=models.CASCADE, primary_key=True, related_name="use")
    due_at = models.DateTimeField()


class ApiAnswer(Row):
    """What a write that a token sent under a key came to, so that it is done once however often it is sent.

    Of the key and of what was sent a digest is kept alone; the body holds ids, codes and versions, and nobody's value.
    """

    token = models.ForeignKey(ApiToken, on_delete=models.CASCADE, related_name="answers")
    key_digest = models.CharField(max_length=64)
    request_digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    body = models.TextField()
    location = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["token", "key_digest"], name="key_of_token_once")]
        indexes: ClassVar = [models.Index(fields=["expires_at"], name="api_answer_by_end")]
