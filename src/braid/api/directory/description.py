"""The description of the directory for machines (OpenAPI 3.1), made of the same list as the answers."""

from typing import Any

from django.http import HttpRequest

from braid.api.directory.query import MOST, PARAMETERS, USUAL, check_alone
from braid.api.directory.views import BASE, VERSION, answered

WORDS = {
    "page": ("integer", "Number of the page, from 1"),
    "per_page": ("integer", f"How many on a page: {USUAL} unless asked otherwise, {MOST} at most"),
    "search": ("string", "Words that stand in names and descriptions, all of them"),
    "minimum_age": ("number", "The service's own minimum age is this, or more"),
    "maximum_age": ("number", "The service's own maximum age is this, or less"),
    "taxonomy_term_id": ("string", "The kind of service"),
    "taxonomy_id": ("string", "The taxonomy of the kind of service"),
    "organization_id": ("string", "Who offers it"),
    "full": ("boolean", "Entries come whole, with what they have several of"),
}
"""Of each parameter its type, and what it does."""
LISTS = {
    "services": "service",
    "service_at_locations": "service_at_location",
    "organizations": "organization",
    "taxonomies": "taxonomy",
    "taxonomy_terms": "taxonomy_term",
}
"""The addresses of the standard, and the kind that each answers."""
_PAGE = {
    "total_items": {"type": "integer"},
    "total_pages": {"type": "integer"},
    "page_number": {"type": "integer"},
    "size": {"type": "integer"},
    "first_page": {"type": "boolean"},
    "last_page": {"type": "boolean"},
    "empty": {"type": "boolean"},
    "contents": {"type": "array", "items": {"type": "object"}},
}


@answered
def openapi(request: HttpRequest) -> dict[str, Any]:
    """Return the description of the directory as a document."""
    check_alone(request.GET)
    paths: dict[str, Any] = {"/": {"get": _operation("Which standard this is", [], {"type": "object"})}}
    for address, kind in LISTS.items():
        page = {"type": "object", "properties": _PAGE, "required": list(_PAGE)}
        paths[f"/{address}"] = {"get": _operation(f"Pages of {address}", list(PARAMETERS[kind]), page)}
        paths[f"/{address}/{{id}}"] = {"get": _operation(f"One of {address}, whole", ["id"], {"type": "object"})}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Directory of services, Open Referral UK", "version": VERSION},
        "servers": [{"url": request.build_absolute_uri(BASE)}],
        "paths": paths,
    }


def _operation(summary: str, parameters: list[str], schema: dict[str, Any]) -> dict[str, Any]:
    return {
        "summary": summary,
        "parameters": [_parameter(name) for name in parameters],
        "responses": {
            "200": {"description": summary, "content": {"application/json": {"schema": schema}}},
            "404": {"description": "There is none, or the place shows no directory"},
            "422": {"description": "A parameter is not known, or has not its form"},
        },
    }


def _parameter(name: str) -> dict[str, Any]:
    if name == "id":
        return {"in": "path", "name": "id", "required": True, "schema": {"type": "string"}}
    kind, words = WORDS[name]
    return {"in": "query", "name": name, "required": False, "description": words, "schema": {"type": kind}}
