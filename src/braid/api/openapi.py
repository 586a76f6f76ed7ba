"""The API's description as a document, the same bytes each time."""

import json

from braid.api.urls import api


def openapi_document() -> str:
    """Return the OpenAPI document that is served at /api/v1/openapi.json and kept at docs/reference/openapi.json."""
    return json.dumps(api.get_openapi_schema(), indent=2, sort_keys=True) + "\n"
