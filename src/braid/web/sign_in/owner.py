"""Who hears of a change to how somebody signs in: the leads, where the account reads the vault or the record."""

from braid.trust.roles import ROLES
from braid.web.models import User
from braid.web.vault.tasks import ACCOUNT_WIDENED, raise_task

TOLD = frozenset({"security key added", "password changed"})
"""Changes after which somebody else could sign in."""


def tell_of_change(user: User, what: str) -> None:
    """Leave the leads a task where such an account has a new way in."""
    role = ROLES.get(user.role)
    if what in TOLD and role is not None and (role.sees_audit or role.vault_items):
        raise_task(ACCOUNT_WIDENED, str(user.pk))
