"""A change to how somebody signs in, as it is written down, and who hears of it: the leads, where the account reads the
vault or the record."""

from braid.trust.roles import ROLES
from braid.web.access.context import asking_as
from braid.web.models import User
from braid.web.recording import Facts, record
from braid.web.vault.tasks import ACCOUNT_WIDENED, raise_task

TOLD = frozenset({"security key added", "password changed"})
"""Changes after which somebody else could sign in."""


def tell_of_change(user: User, what: str) -> None:
    """Leave the leads a task where such an account has a new way in."""
    role = ROLES.get(user.role)
    if what in TOLD and role is not None and (role.sees_audit or role.vault_items):
        raise_task(ACCOUNT_WIDENED, str(user.pk))


def write_change(user: User, page: str, what: str, **counts: int) -> None:
    """Write down what somebody changed of their own sign-in."""
    with asking_as(user.username, ""):
        tell_of_change(user, what)
        record("account_changed", _Own(user.username, user.role, page), facts=Facts(details={"what": what, **counts}))


class _Own:
    """Who changes their own account, as an entry names them."""

    purpose = reference = ""

    def __init__(self, username: str, role: str, page: str) -> None:
        self.username, self.role, self.page = username, role, page
