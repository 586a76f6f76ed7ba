"""Users for a demo: one for each role and a second lead, each with a fresh random password and a second factor."""

import secrets

from django.contrib.auth.hashers import make_password
from django.db import transaction

from braid.store.place_folder import Place
from braid.trust.roles import ROLES
from braid.web.accounts import DEMO
from braid.web.boards.demo import enter_boards
from braid.web.care.team_list import join_demo_users
from braid.web.commissions.demo import put_demo_commission
from braid.web.models import User
from braid.web.recording import Facts, record
from braid.web.second_factor import enrol

PASSWORD_BYTES = 12
WORKPLACES = {
    "practitioner": "council",
    "placement_officer": "council",
    "listing_officer": "court",
    "advocate": "voluntary",
    "partner": "icb",
    "responder": "police",
}
"""The kind of organisation a role works for; every other works for the authority."""


SECOND = "-2"
"""What follows a role's code for its second user."""
SECONDS = {
    f"ig_lead{SECOND}": "authority",
    f"finance_officer{SECOND}": "authority",
    f"commissioner{SECOND}": "icb",
}
"""Roles with a second user, and the kind of organisation that one works for: what widens access and what is posted
takes two humans, and a joint commission two bodies."""


def new_demo_passwords() -> dict[str, str]:
    """Return a fresh random password for each role, and for the second users of `SECONDS`."""
    return {code: secrets.token_urlsafe(PASSWORD_BYTES) for code in (*ROLES, *SECONDS)}


@transaction.atomic
def create_demo_users(passwords: dict[str, str], place: Place) -> list[tuple[str, str, str]]:
    """Create or renew a demo user for each role in `passwords`; return (role name, username, password) in order.

    One entry says that a demo made them, and how many.
    """
    signs = []
    for code, password in passwords.items():
        role = ROLES[code.removesuffix(SECOND)]
        name = f"{role.name}, second" if code.endswith(SECOND) else role.name
        username = f"demo-{code.replace('_', '-')}"
        values = {
            "display_name": f"{name} (demo)",
            "role": role.code,
            "organisation": _workplace(code, place),
            "password": make_password(password),
            "is_demo": True,
        }
        user, _ = User.objects.update_or_create(username=username, defaults=values)
        enrol(user)
        signs.append((name, username, password))
    join_demo_users()
    enter_boards(place)
    put_demo_commission()
    details = {"what": "demo accounts renewed", "accounts": len(signs)}
    record("account_changed", DEMO, facts=Facts(details=details))
    return signs


def _workplace(code: str, place: Place) -> str:
    """Return the place's first organisation of the kind that a role, or a second user of it, works for; none where the
    place has none."""
    kind = SECONDS.get(code, WORKPLACES.get(code, "authority"))
    return next((organisation.id for organisation in place.organisations if organisation.kind == kind), "")
