"""What the command line refuses in the name of trust."""

from __future__ import annotations

from braid.trust.roles import ROLES, Role


class RefusedByTrust(Exception):
    """The role may not have what was asked for. Exit code 5. The message says which rule and what to do."""


def role_that_sees_people(code: str) -> Role:
    """Return the role called `code`; raise `RefusedByTrust` where it does not exist or never sees a person."""
    role = ROLES.get(code)
    if role is None:
        raise RefusedByTrust(f"no role {code!r}; roles are {', '.join(sorted(ROLES))}")
    if not role.sees_people:
        raise RefusedByTrust(f"the role {code!r} sees figures, never people; ask with a role that works with them")
    return role
