"""The second factor of an account: the secret of its one-time codes, sealed, and what was tried."""

from django.db import models
from django.db.models.functions import Now

from braid.web.models.accounts import User
from braid.web.models.base import Row


class SecondFactor(Row):
    """The secret of an account's one-time codes, sealed by the vault's key ring; an account without it has none."""

    user = models.OneToOneField(User, primary_key=True, on_delete=models.CASCADE, related_name="second_factor")
    key_id = models.CharField(max_length=40)
    wrapped = models.BinaryField()
    sealed = models.BinaryField()
    created_at = models.DateTimeField(db_default=Now())
    last_step = models.BigIntegerField(default=0)
    """The time step of the last code taken: neither it nor an older one is taken again."""
    wrong_codes = models.PositiveSmallIntegerField(default=0)
    locked_until = models.DateTimeField(null=True)
