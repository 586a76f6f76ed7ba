"""The edge of the API: what holds of every request and every answer under /api/ and /fhir/, whichever address it is.

Outside: whatever refuses, refuses in problem details. At the door, before a transaction begins: who asks, whether their
token may be sent from there and so often, what they accept and send. On the way out: the tag of what was answered.
"""

import base64
import hashlib
from collections.abc import Callable
from functools import cache

from django.http import HttpRequest, HttpResponse

from braid.api.callers import find_caller
from braid.api.fhir.outcome import turn_into_outcome
from braid.api.problems import answer_problem, is_problem, turn_into_problem
from braid.web.access.context import bound_by
from braid.web.request_facts import current_request, find_address
from braid.web.systems.rates import take_turn
from braid.web.systems.tokens import is_agreement_in_force, is_from

API, FHIR, DIRECTORY = "/api/", "/fhir/", "/oruk/"
LARGEST_BODY = 64 * 1024
LONGEST_ADDRESS = 4000
WRITES = frozenset({"POST", "PATCH"})
JSON = frozenset({"*/*", "application/*", "application/json"})
FHIR_JSON = JSON | {"application/fhir+json"}
View = Callable[..., HttpResponse]


def is_api(request: HttpRequest) -> bool:
    """Whether an address is one of the API."""
    return request.path_info.startswith((API, FHIR, DIRECTORY))


def is_fhir(request: HttpRequest) -> bool:
    """Whether an address is one of those that answer in FHIR."""
    return request.path_info.startswith(FHIR)


def in_problems(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Let every refusal under /api/ be one in problem details, and under /fhir/ an outcome; stands outside of what may
    refuse."""

    def answer(request: HttpRequest) -> HttpResponse:
        if is_api(request) and len(request.get_full_path()) > LONGEST_ADDRESS:
            response = answer_problem("uri_too_long")
        else:
            response = get_response(request)
        if not is_api(request) or response.status_code < 400:
            return response
        if is_fhir(request):
            return turn_into_outcome(response)
        return response if is_problem(response) else turn_into_problem(response)

    return answer


@cache
def methods_of() -> dict[str, frozenset[str]]:
    """Return the methods of each address that asks who calls, by its route as the map of addresses writes it."""
    from braid.api.urls import api

    found: dict[str, set[str]] = {}
    for prefix, router in api._routers:
        for path, view in router.path_operations.items():
            route = "/".join(part for part in (prefix.strip("/"), path.strip("/")) if part)
            for operation in view.operations:
                found.setdefault(route.replace("{", "<").replace("}", ">"), set()).update(operation.methods)
    return {f"api/v1/{route}": frozenset(methods) for route, methods in found.items()}


@cache
def asked_routes() -> dict[str, frozenset[str]]:
    """Return the methods of each address that asks who calls, those in FHIR among them."""
    from braid.api.fhir.urls import FHIR_METHODS

    return methods_of() | FHIR_METHODS


class Door:
    """Who asks and what they may send, before a transaction begins; the tag of what is answered, after."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Stand innermost, after sessions and the record of refusals."""
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer; what a request was bound to ends with it."""
        if not is_api(request):
            return self._get_response(request)
        with bound_by(None):
            return tagged(request, self._get_response(request))

    def process_view(self, request: HttpRequest, _view: View, _args: object, _kwargs: object) -> HttpResponse | None:
        """Refuse at the door, or let the request in with its caller."""
        if not is_api(request) or request.resolver_match is None:
            return None
        methods = asked_routes().get(request.resolver_match.route)
        if methods is None or request.method not in methods:
            return None  # the description, or an address that does not take this method
        code, wait = _find_refusal(request)
        if not code:
            return None
        response = answer_problem(code)
        if wait:
            response["Retry-After"] = str(wait)
            current_request().has_refusal = True  # the record is not a place to be filled by who asks too often
        return response


def _find_refusal(request: HttpRequest) -> tuple[str, int]:
    """Return the code of what is in the way, or nothing, and after how many seconds to try again."""
    caller = find_caller(request)
    if caller is None:
        return "no_caller", 0
    request.caller = caller
    if caller.token is not None:
        request.auth = caller.user  # whose refusal is recorded
        if not is_from(caller.token.networks, find_address(request)):
            return "wrong_network", 0
        if wait := take_turn(caller.token):
            return "too_often", wait
        if not is_agreement_in_force(caller.token):
            return "agreement_not_in_force", 0
    elif request.method in WRITES:
        return "token_needed", 0
    if not _accepts(request.headers.get("Accept", ""), FHIR_JSON if is_fhir(request) else JSON):
        return "not_acceptable", 0
    return (_fault_of_body(request) if request.method in WRITES else ""), 0


def _accepts(accept: str, kinds: frozenset[str]) -> bool:
    """Whether an Accept header takes one of the kinds: what it names with a weight of nothing, it refuses."""
    if not accept.strip():
        return True
    for part in accept.split(","):
        kind, *parameters = (each.strip().lower() for each in part.split(";"))
        weights = [each.partition("=")[2] for each in parameters if each.startswith("q=")]
        if kind in kinds and not any(weight.strip("0.") == "" for weight in weights):
            return True
    return False


def _fault_of_body(request: HttpRequest) -> str:
    kind, *parameters = (each.strip().lower() for each in request.headers.get("Content-Type", "").split(";"))
    charsets = {each.partition("=")[2].strip('"') for each in parameters if each.startswith("charset=")}
    if kind != "application/json" or not charsets <= {"utf-8", "utf8"}:
        return "not_json"
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        return "not_json"
    length = request.headers.get("Content-Length", "")
    return "too_large" if length.isdecimal() and int(length) > LARGEST_BODY else ""


def tagged(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Give what was read its tag; where the caller has it already, answer 304 without a body.

    A strong tag over the bytes. Of what has a version, the version stands before it: a write asks that alone, so that
    what is said beside it, as a name that the night changed, is no reason to refuse.
    """
    if response.status_code != 200 or request.method != "GET" or response.streaming:
        return response
    digest = base64.urlsafe_b64encode(hashlib.sha256(response.content).digest())[:22].decode()
    version = getattr(request, "version", None)
    tag = f'"{digest}"' if version is None else f'"{version}-{digest}"'
    if _has(request.headers.get("If-None-Match", ""), tag):
        response.status_code = 304
        response.content = b""
        del response["Content-Type"]
    response["ETag"] = tag
    return response


def _has(header: str, tag: str) -> bool:
    """Whether If-None-Match names a tag, by the weak comparison that it asks for (RFC 9110, 13.1.2)."""
    named = [each.strip().removeprefix("W/") for each in header.split(",")]
    return header.strip() == "*" or tag in named
