"""Who acts on the command line, and the entry of what they do. Import once Django is set up."""

from dataclasses import dataclass

from django.db import transaction

from braid.trust.roles import ROLES, Role
from braid.web.models import User
from braid.web.recording import Facts, record

CHANNEL = "command"


@dataclass(frozen=True)
class Actor:
    """A named human with an open account, or nobody where all but the page is empty; an entry's `Asker`."""

    username: str
    organisation: str
    role: str
    reference: str
    page: str
    purpose: str = ""


def find_actor(user_name: str, reference: str, page: str) -> Actor | None:
    """Return whoever has an open account of exactly that name and a role that there is, or `None`."""
    user = User.objects.filter(username=user_name, is_active=True, role__in=ROLES).first()
    return Actor(user.username, user.organisation, user.role, reference, page) if user else None


def list_open_accounts(roles: list[Role]) -> frozenset[str]:
    """Return the names of the accounts that are open and have one of `roles`."""
    codes = [role.code for role in roles]
    return frozenset(User.objects.filter(is_active=True, role__in=codes).values_list("username", flat=True))


def write_entry(kind: str, actor: Actor, facts: Facts) -> None:
    """Write one entry about nobody and commit it: what it says is done after, never before. Raises as `record` does.

    `durable`: inside another transaction it would go back with it, and the act would stay.
    """
    with transaction.atomic(durable=True):
        record(kind, actor, facts=facts)
