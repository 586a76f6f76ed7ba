"""Who acts on the command line, and the entry of what they do. Import once Django is set up."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import transaction

from braid.trust.roles import ROLES, Role
from braid.web.access.context import asking_as
from braid.web.models import Hidden, User
from braid.web.overlay.effects import renew_effects
from braid.web.pages_role import seeing_as_pages
from braid.web.recording import Facts, record
from braid.web.securing import secure_new_database
from braid.web.watch import known_asker


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
    user = User.objects.filter(username=user_name, is_active=True, role__in=ROLES, is_system=False).first()
    return Actor(user.username, user.organisation, user.role, reference, page) if user else None


def find_hidden(actor: Actor) -> frozenset[str]:
    """Return the ids of the people who do not exist for whoever acts: excluded, or restricted to others."""
    _make_policies()
    with asking_as(actor.username, actor.purpose):
        return frozenset(Hidden.objects.values_list("person_id", flat=True))


@contextmanager
def reading_as(actor: Actor) -> Iterator[None]:
    """Let the policies decide, in one transaction, what is read for whoever acts, as for them on a page."""
    _make_policies()
    with asking_as(actor.username, actor.purpose), seeing_as_pages():
        yield


def _make_policies() -> None:
    """Where nobody has served the place yet, make what works out from the entries who is kept from whom."""
    if secure_new_database():
        with known_asker():
            renew_effects()


def list_open_accounts(roles: list[Role]) -> frozenset[str]:
    """Return the names of the accounts that are open and have one of `roles`."""
    codes = [role.code for role in roles]
    return frozenset(User.objects.filter(is_active=True, role__in=codes).values_list("username", flat=True))


def write_entry(kind: str, actor: Actor, facts: Facts, person_ids: Sequence[str] = ("",)) -> None:
    """Write an entry about each person, or one about nobody, and commit: what it says is done after, never before.

    Raises as `record` does.

    `durable`: inside another transaction it would go back with it, and the act would stay.
    """
    with transaction.atomic(durable=True):
        record(kind, actor, person_ids, facts)
