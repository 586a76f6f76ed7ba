"""The addresses of the directory, as Open Referral UK 3 has them: no token, no purpose, and nobody in any answer.

Where the place does not show its directory every address is one that is not there.
"""

import json
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from braid.api.directory.query import Asked, NotAsked, check_alone, read_query
from braid.api.problems import answer_problem
from braid.place.directory import Node, page_of
from braid.place.own_services import TAXONOMY, TERMS
from braid.web.directory.seen import find_entry, find_page, is_directory_there

BASE = "/oruk/v3"
VERSION = "3.0"
PROFILE = "https://openreferraluk.org"
FIXED: dict[str, tuple[Node, ...]] = {"taxonomy": (TAXONOMY,), "taxonomy_term": tuple(TERMS.values())}
"""Kinds of which the words are the place's own, by code."""


def answered(view: Callable[..., Node | None]) -> Callable[..., HttpResponse]:
    """Answer what a view returns as JSON; `None`, and everything of a place that shows no directory, is not found."""

    @csrf_exempt
    @require_http_methods(["GET"])
    @wraps(view)
    def asked(request: HttpRequest, **parts: Any) -> HttpResponse:
        if not is_directory_there():
            return answer_problem("not_found")
        try:
            said = view(request, **parts)
        except NotAsked as refused:
            return answer_problem("not_valid", fields=refused.fields)
        if said is None:
            return answer_problem("not_found")
        return HttpResponse(json.dumps(said, ensure_ascii=False), content_type="application/json")

    return asked


@answered
def about(request: HttpRequest) -> Node:
    """Say which standard this is."""
    check_alone(request.GET)
    return {"version": VERSION, "profile": PROFILE, "openapi_url": request.build_absolute_uri(f"{BASE}/openapi.json")}


def listing(kind: str) -> Callable[..., HttpResponse]:
    """Return the view of the pages of a kind."""

    @answered
    def pages(request: HttpRequest) -> Node:
        asked = read_query(kind, request.GET)
        found, total = _fixed(kind, asked) if kind in FIXED else _kept(request, kind, asked)
        return page_of(found, total, asked.number, asked.size)

    return pages


def _fixed(kind: str, asked: Asked) -> tuple[Sequence[Node], int]:
    entries = FIXED[kind] if asked.taxonomy in ("", TAXONOMY["id"]) else ()
    return entries[(asked.number - 1) * asked.size : asked.number * asked.size], len(entries)


def _kept(request: HttpRequest, kind: str, asked: Asked) -> tuple[Sequence[Node], int]:
    """Return entries of the database: of one with many of something only what it has one of, unless asked whole.

    There is one taxonomy: a service that has a term of ours is of it, and of another there is none.
    """
    if asked.taxonomy and asked.taxonomy != TAXONOMY["id"]:
        return (), 0
    found, total = find_page(kind, asked.wanted, asked.number, asked.size)
    if asked.is_full:
        return found, total
    return [_brief(request, kind, one) for one in found], total


def _brief(request: HttpRequest, kind: str, node: Node) -> Node:
    """Return an entry without lists; a service has its address here as its page, as lists of the standard want one."""
    if kind == "service_at_location":
        inner = {name: _single(node[name]) for name in ("location", "service")}
        return {**_single(node), **inner}
    page = {"url": request.build_absolute_uri(f"{BASE}/services/{node['id']}")} if kind == "service" else {}
    return {**_single(node), **page}


def _single(node: Node) -> Node:
    return {name: value for name, value in node.items() if not isinstance(value, list)}


def reading(kind: str) -> Callable[..., HttpResponse]:
    """Return the view of one entry of a kind, whole."""

    @answered
    def read(request: HttpRequest, directory_id: str) -> Node | None:
        check_alone(request.GET)
        if kind in FIXED:
            return next((one for one in FIXED[kind] if one["id"] == directory_id), None)
        return find_entry(kind, directory_id)

    return read
