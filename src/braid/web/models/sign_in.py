"""What signing in rests on: sessions, security keys, what was missed, tokens of organisations that keep accounts."""

from django.contrib.sessions.base_session import AbstractBaseSession, BaseSessionManager
from django.db import models
from django.db.models.functions import Now

from braid.web.models.accounts import User
from braid.web.models.base import Row


class SignedSession(AbstractBaseSession):
    """A session. Its key here is a digest of what the browser sends: whoever reads the table opens nothing with it."""

    session_key = models.CharField(primary_key=True, max_length=64)
    user = models.ForeignKey(User, on_delete=models.DO_NOTHING, null=True, db_constraint=False, related_name="+")
    """Whose it is; of nobody while somebody signs in. No constraint: to write a session, no account is looked at."""
    started_at = models.DateTimeField(db_default=Now())
    method = models.CharField(max_length=20, blank=True)
    """How it was opened: a code of `braid.web.sign_in.sessions.METHODS`."""
    provider_session = models.CharField(max_length=64, blank=True, db_index=True)
    """A digest of the session at the identity provider, which may end it; empty without one."""

    objects = BaseSessionManager()

    class Meta(AbstractBaseSession.Meta):
        verbose_name = "session"
        verbose_name_plural = "sessions"

    def __str__(self) -> str:
        """Name the table only."""
        return "a row of braid_signedsession"


class SecurityKey(Row):
    """A security key or passkey of an account: the public half alone, and how often it has signed."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="security_keys")
    credential_id = models.BinaryField(unique=True)
    public_key = models.BinaryField()
    sign_count = models.BigIntegerField(default=0)
    name = models.CharField(max_length=60)
    made_at = models.DateTimeField(db_default=Now())
    last_used_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)
    """When its counter went back, as a copy's would: it is taken no more."""


class SignInMiss(models.Model):
    """How often signing in failed by a name, from an address or in a browser, each as a keyed digest, and the wait."""

    digest = models.CharField(primary_key=True, max_length=64)
    misses = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField()
    wait_until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        """Name the table only."""
        return "a row of braid_signinmiss"


class ProvisioningToken(Row):
    """The token by which an organisation keeps its own accounts (SCIM); its SHA-256 alone is kept."""

    organisation = models.CharField(max_length=80)
    roles = models.JSONField(default=list)
    """The roles it may give, as codes; it gives no other."""
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
