"""Who calls: a human by the session of the web app, or a program by a token. Found at the door, first of all."""

from dataclasses import dataclass
from typing import Annotated

from django.http import HttpRequest
from ninja import Header
from ninja.security import HttpBearer
from ninja.security.session import SessionAuth

from braid.trust.roles import ROLES
from braid.web.access import NotPermitted
from braid.web.access.context import Binding, bind
from braid.web.access.projections import Viewer
from braid.web.models import ApiToken, User
from braid.web.reasons import find_fault, tidy_reference
from braid.web.request_facts import current_request, digest_token
from braid.web.systems.tokens import find_token

LONGEST_TOKEN = 200
Purpose = Annotated[
    str,
    Header(
        alias="X-Purpose", description="Code of a purpose of the caller's role; that of a system's token if left out"
    ),
]
Reference = Annotated[str, Header(alias="X-Reference", description="Reference of a case, an incident or a meeting")]


@dataclass(frozen=True)
class Caller:
    """Who asks, and by which token; by a session where there is none."""

    user: User
    token: ApiToken | None = None


class Bearer(HttpBearer):
    """A token of a system or of a named human, sent as `Authorization: Bearer ...`."""

    def authenticate(self, request: HttpRequest, token: str) -> User | None:  # noqa: ARG002 - ninja's own shape
        """Return the account that the door found by the token."""
        caller = caller_of(request)
        return caller.user if caller is not None and caller.token is not None else None


class Session(SessionAuth):
    """The session of somebody who signed in to the web app."""


def caller_of(request: HttpRequest) -> Caller | None:
    """Return who was found at the door."""
    return getattr(request, "caller", None)


def find_caller(request: HttpRequest) -> Caller | None:
    """Return who asks, by their token where one was sent; `None` where nobody is known, or the token does not hold.

    What is asked from here on is asked by the token: the database is told it with each statement about people.
    """
    sent = request.headers.get("Authorization")
    if sent is None:
        return Caller(request.user) if request.user.is_authenticated else None
    scheme, _, token = sent.partition(" ")
    if scheme.lower() != "bearer" or not 0 < len(token) <= LONGEST_TOKEN or "\0" in token:
        return None
    row = find_token(token)
    if row is None:
        return None
    bind(Binding(row.pk, row.agreement_id))
    current_request().token_digest = digest_token(row.pk)
    return Caller(row.user, row)


def viewer_of(request: HttpRequest, purpose: str, reference: str, page: str) -> Viewer:
    """Return the viewer as whom people are looked at. Raises `NotPermitted` without permitted purpose and reference."""
    caller = request.caller
    if caller.token is not None and caller.token.purpose:
        purpose = purpose or caller.token.purpose
        if purpose != caller.token.purpose:
            raise NotPermitted
    role, reference = ROLES.get(caller.user.role), tidy_reference(reference)
    if role is None or not role.sees_people or find_fault(role, purpose, reference):
        raise NotPermitted
    return Viewer(caller.user.username, role.code, purpose, reference, page)


def check_sees_place(request: HttpRequest) -> None:
    """Raise `NotPermitted` for a role that does not see figures of the place."""
    role = ROLES.get(request.caller.user.role)
    if role is None or not role.sees_place:
        raise NotPermitted


def asker_who_governs(request: HttpRequest, page: str) -> Viewer:
    """Return who asks about boards, for no purpose. Raises `NotPermitted` for a role that does not see them."""
    role = ROLES.get(request.caller.user.role)
    if role is None or not role.governs:
        raise NotPermitted
    return Viewer(request.caller.user.username, role.code, "", "", page)
