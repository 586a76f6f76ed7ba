"""Why there is no answer: problem details (RFC 9457) for every refusal under /api/, whoever refused.

A problem has a code that a program reads, a status, and words for a human. It names fields and rules, never a value,
and nothing in it differs between somebody who is hidden and somebody who does not exist.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass

from django.http import HttpResponse

CONTENT_TYPE = "application/problem+json"
TYPE = "urn:braid:problem:{}"


@dataclass(frozen=True)
class Kind:
    """A kind of problem: its status, and what it says."""

    status: int
    title: str
    detail: str


KINDS: dict[str, Kind] = {
    "not_readable": Kind(400, "The request cannot be read", "Send what the description of the API says, in UTF-8."),
    "key_missing": Kind(
        400,
        "Idempotency-Key is missing",
        "Send an Idempotency-Key of 8 to 64 letters, digits, hyphens, full stops and underscores, new for each write.",
    ),
    "no_caller": Kind(
        401, "Nobody is known who asks", "Send a token that holds as Authorization: Bearer, or sign in to the web app."
    ),
    "not_permitted": Kind(
        403,
        "Not permitted",
        "Your role, the purpose in X-Purpose or the reference in X-Reference does not allow it.",
    ),
    "wrong_network": Kind(
        403, "Not from here", "The token is bound to networks, and was sent from none of them. Ask whoever made it."
    ),
    "agreement_not_in_force": Kind(
        403,
        "The agreement is not in force",
        "The agreement that the token is bound to has ended, was suspended, or opens nothing to you. Ask whoever made"
        " the token.",
    ),
    "token_needed": Kind(403, "A token is needed", "A session of the web app reads. Send a token for what writes."),
    "not_found": Kind(404, "Not found", "There is nothing of that address for you."),
    "method": Kind(405, "Not by this method", "The header Allow says which methods the address takes."),
    "not_acceptable": Kind(406, "Only JSON is answered", "Accept application/json."),
    "not_possible": Kind(409, "The step may not be taken", "Read the resource again, and look at its steps."),
    "changed_meanwhile": Kind(
        412,
        "It was changed meanwhile",
        "Read the resource again, and send the write anew with its ETag if it still holds.",
    ),
    "too_large": Kind(413, "Too much was sent", "A request has a body of up to 64 KiB."),
    "uri_too_long": Kind(414, "The address is too long", "An address has up to 4,000 characters."),
    "not_json": Kind(415, "Only JSON is taken", "Send application/json in UTF-8, without a content coding."),
    "not_valid": Kind(422, "Not valid", "Look at what the description of the API says of these fields."),
    "key_used": Kind(
        422,
        "The Idempotency-Key was used for another request",
        "Send a new key for each write, and the same to repeat.",
    ),
    "match_missing": Kind(
        428,
        "If-Match is missing",
        "Read the resource, and send its ETag in If-Match, so that nobody undoes what they did"
        " not see. A star names nothing that was read.",
    ),
    "too_often": Kind(429, "Too many requests", "Try again after the seconds that Retry-After says."),
    "failed": Kind(500, "Something went wrong with us", "Nothing was changed. Try again in a few minutes."),
    "not_now": Kind(503, "Not just now", "Try again later."),
}
"""Every problem that is answered, by its code."""
OF_STATUS = {
    400: "not_readable",
    401: "no_caller",
    403: "not_permitted",
    404: "not_found",
    405: "method",
    406: "not_acceptable",
    409: "not_possible",
    412: "changed_meanwhile",
    413: "too_large",
    414: "uri_too_long",
    415: "not_json",
    422: "not_valid",
    428: "match_missing",
    429: "too_often",
    503: "not_now",
}
"""The code of a refusal that came from elsewhere: from Django, or a server before us."""


def write_problem(code: str, detail: str = "", fields: Collection[str] = ()) -> bytes:
    """Return a problem as JSON, the same bytes each time. `detail` takes the place of the usual words."""
    kind = KINDS[code]
    said: dict[str, object] = {
        "type": TYPE.format(code),
        "title": kind.title,
        "status": kind.status,
        "detail": detail or kind.detail,
    }
    if fields:
        said["fields"] = sorted(set(fields))
    return json.dumps(said).encode()


def answer_problem(code: str, detail: str = "", fields: Collection[str] = ()) -> HttpResponse:
    """Return the answer that says a problem."""
    body = write_problem(code, detail, fields)
    response = HttpResponse(body, content_type=CONTENT_TYPE, status=KINDS[code].status)
    response["Cache-Control"] = "no-store"
    if code == "no_caller":
        response["WWW-Authenticate"] = 'Bearer realm="braid"'
    return response


def is_problem(response: HttpResponse) -> bool:
    """Whether an answer says a problem in its own form already."""
    return str(response.get("Content-Type", "")).startswith(CONTENT_TYPE)


def turn_into_problem(response: HttpResponse) -> HttpResponse:
    """Return a refusal that came from elsewhere as a problem; its headers stay, its words go."""
    code = OF_STATUS.get(response.status_code) or ("failed" if response.status_code >= 500 else "not_readable")
    body = write_problem(code)
    if KINDS[code].status != response.status_code:
        body = json.dumps({**json.loads(body), "status": response.status_code}).encode()
    response.content = body
    response["Content-Type"] = CONTENT_TYPE
    response["Content-Length"] = str(len(body))
    if response.status_code == 401 and "WWW-Authenticate" not in response:
        response["WWW-Authenticate"] = 'Bearer realm="braid"'
    return response
