"""What every write has in common: the tag of what was read, a key by which it is done once, and a receipt.

All of it is one transaction with the step itself. A receipt names what was done to what, by ids and codes: it is kept
for whoever sends the same again, and so holds nobody's value.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from ninja import Header

from braid.language.steps import NotPossible
from braid.web.access.projections import Viewer
from braid.web.access.sight import Sight, looking
from braid.web.care.kept import ChangedMeanwhile
from braid.web.systems.answers import claim_key, digest_request, keep_answer

KEY = re.compile(r"[A-Za-z0-9._-]{8,64}")
TAG = re.compile(r'"(\d{1,9})-[A-Za-z0-9_-]{22}"')
IfMatch = Annotated[str, Header(alias="If-Match", description="Required: the ETag of what was read")]
IdempotencyKey = Annotated[
    str,
    Header(alias="Idempotency-Key", description="Required: 8 to 64 characters, new for each write, kept for 24 hours"),
]


class Refusal(Exception):
    """A write that is refused for how it was sent. `code` is one of `braid.api.problems.KINDS`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Done:
    """What a write came to: the receipt, and where what it was done to is read."""

    said: dict[str, object]
    location: str
    status: int = 201


def versions_of(if_match: str) -> frozenset[int]:
    """Return the versions that If-Match names. Raises `Refusal` where it names nothing that was read.

    A weak tag, or one that is none of ours, names no version: it never matches (RFC 9110, 13.1.1).
    """
    if if_match.strip() in ("", "*"):
        raise Refusal("match_missing")
    found = (TAG.fullmatch(each.strip()) for each in if_match.split(","))
    return frozenset(int(each[1]) for each in found if each)


def check_version(versions: frozenset[int], version: int) -> None:
    """Raise `ChangedMeanwhile` unless the caller named the version that there is."""
    if version not in versions:
        raise ChangedMeanwhile


def write_once(request: HttpRequest, viewer: Viewer, key: str, step: Callable[[Sight], Done]) -> HttpResponse:
    """Take a step under a key, once: of the same request again, say what it came to before.

    Raises `Refusal` for a key that is missing or was used for another request, and as the step does.
    """
    if not KEY.fullmatch(key):
        raise Refusal("key_missing")
    token_id = request.caller.token.pk
    digest = digest_request(request.method, request.path_info, viewer.purpose, request.body)
    with looking(viewer) as sight:
        claim = claim_key(token_id, key, digest)
        if claim.answer is not None:
            response = _receipt(claim.answer.status, claim.answer.body, claim.answer.location)
            response["Idempotency-Replayed"] = "true"
            return response
        done = step(sight)
        body = json.dumps(done.said, default=str)
        keep_answer(token_id, claim, done.status, body, done.location)
    return _receipt(done.status, body, done.location)


def write(viewer: Viewer, step: Callable[[Sight], Done]) -> HttpResponse:
    """Take a step that may be repeated without harm, all or nothing."""
    with looking(viewer) as sight, transaction.atomic():
        done = step(sight)
    return _receipt(done.status, json.dumps(done.said, default=str), done.location)


def _receipt(status: int, body: str, location: str) -> HttpResponse:
    response = HttpResponse(body, content_type="application/json", status=status)
    response["Location"] = location
    return response


REFUSED_BY_RULES = (NotPossible,)
