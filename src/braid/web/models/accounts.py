"""Named humans who sign in, and the tokens their programs send."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models.functions import Now

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


class ApiToken(Row):
    """A token that a program sends instead of a session. Only its SHA-256 is kept."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
