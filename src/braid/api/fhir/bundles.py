"""Answers to searches: a Bundle of type searchset, page by page. It never says how many there are."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest

from braid.api.fhir.elements import Resource
from braid.api.fhir.outcome import outcome
from braid.api.fhir.query import Search

BASE = "/fhir/r4"


def bundle(
    request: HttpRequest, kind: str, search: Search, found: Sequence[Resource], follows: str | None, warning: str = ""
) -> Resource:
    """Return a page of what was found; `follows` is the cursor of the next, `warning` what to know of the search."""
    base = request.build_absolute_uri(BASE)
    address = f"{base}/{kind}"
    links = [{"relation": "self", "url": _with(address, search.given, search.begins_at)}]
    if follows is not None:
        links.append({"relation": "next", "url": _with(address, search.given, follows)})
    entries: list[Any] = [
        {"fullUrl": f"{base}/{kind}/{one['id']}", "resource": one, "search": {"mode": "match"}} for one in found
    ]
    if warning:
        said = outcome("incomplete", "There may be more", warning, severity="warning")
        entries.append({"resource": said, "search": {"mode": "outcome"}})
    page: Resource = {"resourceType": "Bundle", "type": "searchset", "link": links}
    return {**page, "entry": entries} if entries else page


def _with(address: str, given: Sequence[tuple[str, str]], cursor: str) -> str:
    asked = [*given, *([("cursor", cursor)] if cursor else [])]
    return f"{address}?{urlencode(asked)}" if asked else address
