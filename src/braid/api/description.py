"""What the description of the API says of every address, added to what ninja writes of each."""

from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from braid.api.problems import CONTENT_TYPE
from braid.api.schemas import ProblemDetails

PREFIX = "/api/v1/"
NAME = "ProblemDetails"
ALWAYS = {
    "401": "Nobody is known who asks",
    "403": "Not permitted",
    "404": "Nothing of that address for the caller",
    "405": "Not by this method",
    "406": "Only JSON is answered",
    "414": "The address is too long",
    "422": "Not valid",
    "429": "Too many requests; Retry-After says when to try again",
    "500": "Something went wrong with us",
    "503": "Not just now",
}
ON_WRITES = {
    "400": "The body cannot be read, or Idempotency-Key is missing",
    "409": "The step may not be taken: the detail says by which rule",
    "412": "It was changed meanwhile",
    "413": "More than 64 KiB",
    "415": "Only JSON is taken",
    "428": "If-Match is missing",
}
TAG = {"ETag": {"description": "What If-None-Match and If-Match name", "schema": {"type": "string"}}}


class Api(NinjaAPI):
    """The API; its description says of each address what the edge adds to it."""

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        """Return the description, with problems, tags and conditions at every address."""
        document = super().get_openapi_schema(path_prefix=path_prefix or PREFIX, path_params=path_params)
        document["components"]["schemas"][NAME] = ProblemDetails.json_schema()
        for operations in document["paths"].values():
            for method, operation in operations.items():
                _complete(method, operation)
        return document


def _complete(method: str, operation: dict[str, Any]) -> None:
    responses = {str(status): one for status, one in operation["responses"].items()}
    problems = ALWAYS | (ON_WRITES if method in ("post", "patch") else {})
    for status, words in problems.items():
        content = {CONTENT_TYPE: {"schema": {"$ref": f"#/components/schemas/{NAME}"}}}
        responses[status] = {"description": words, "content": content}
    if method == "get":
        responses["200"]["headers"] = TAG
        responses["304"] = {"description": "The caller has it already: If-None-Match names its ETag", "headers": TAG}
        operation.setdefault("parameters", []).append(
            {
                "in": "header",
                "name": "If-None-Match",
                "required": False,
                "schema": {"type": "string"},
                "description": "ETags of what the caller has",
            }
        )
    operation["responses"] = dict(sorted(responses.items()))
