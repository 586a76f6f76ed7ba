"""The record of refusals, and of signing in and out. A refusal is written after the page's transaction went back."""

from dataclasses import dataclass

from django.db import transaction
from django.http import HttpRequest, HttpResponse

from braid.language.person_ids import is_person_id
from braid.trust.roles import PURPOSES
from braid.web.models import User
from braid.web.reasons import REFERENCE, kept_reason, tidy_reference
from braid.web.recording import Facts, record
from braid.web.request_facts import RequestFacts

REASONS = {401: "wrong_token", 403: "not_permitted", 404: "not_there", 429: "locked"}
"""What is recorded of an answer, by its status."""
_LONGEST_PAGE = 40


@dataclass(frozen=True)
class _Asker:
    username: str
    role: str
    purpose: str
    reference: str
    page: str


def record_refusal_of(request: HttpRequest, response: HttpResponse, facts: RequestFacts) -> None:
    """Write down an answer that refuses, unless the page has done so. A person who is hidden and one who does not exist
    leave the same entry; an id that could not be one is not kept."""
    if facts.has_refusal or response.status_code not in REASONS or not _is_worth(request, response.status_code):
        return
    found = request.resolver_match
    person_id = str(found.kwargs.get("person_id", "")) if found else ""
    asker = _asker(request, found.view_name if found else "none")
    reason = REASONS[response.status_code]
    with transaction.atomic():
        record(
            "refused",
            asker,
            (person_id if is_person_id(person_id) else "",),
            Facts(decision="deny", reason=reason, channel="api" if asker.page.startswith("api") else "page"),
        )


def _is_worth(request: HttpRequest, status: int) -> bool:
    """Whether an answer says something of who asked: not every address that somebody mistypes."""
    if status == 401:
        return "Authorization" in request.headers
    if status == 404:
        return _user(request) is not None and request.resolver_match is not None
    return status == 429 or _user(request) is not None


def _user(request: HttpRequest) -> User | None:
    for user in (getattr(request, "auth", None), getattr(request, "user", None)):
        if isinstance(user, User) and user.is_authenticated:
            return user
    return None


def _asker(request: HttpRequest, page: str) -> _Asker:
    user = _user(request)
    purpose, reference = kept_reason(request.session) or (
        request.headers.get("X-Purpose", ""),
        tidy_reference(request.headers.get("X-Reference", "")),
    )
    return _Asker(
        username=user.username if user else "",
        role=user.role if user else "",
        purpose=purpose if purpose in PURPOSES else "",
        reference=reference if REFERENCE.fullmatch(reference) else "",
        page=page.replace(":", " ")[:_LONGEST_PAGE],
    )


def record_sign_in(user: User, kind: str, page: str = "sign in") -> None:
    """Write down that somebody signed in (also by a second factor) or out, in the transaction that does it."""
    record(kind, _Asker(user.username, user.role, "", "", page), facts=Facts(organisation=user.organisation))


def record_wrong_sign_in(username: str, reason: str = "wrong_sign_in", page: str = "sign in") -> None:
    """Write down a failed sign-in or confirmation. A name that is nobody's is not kept: it may be a password."""
    known = User.objects.filter(username=username).first()
    asker = _Asker(known.username if known else "", known.role if known else "", "", "", page)
    record("refused", asker, facts=Facts(decision="deny", reason=reason))
