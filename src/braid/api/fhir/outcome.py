"""Why there is no answer, as an OperationOutcome (HL7 FHIR R4, 3.1.0): the same refusals as the API's, the same words.

An outcome names parameters and rules, never a value, and is the same for somebody who is hidden and somebody who does
not exist.
"""

import json
from collections.abc import Collection, Mapping
from typing import Any

from django.http import HttpResponse

from braid.api.problems import KINDS, OF_STATUS, TYPE

CONTENT_TYPE = "application/fhir+json"
ISSUES: Mapping[str, str] = {
    "not_readable": "invalid",
    "no_caller": "login",
    "not_permitted": "forbidden",
    "wrong_network": "forbidden",
    "agreement_not_in_force": "forbidden",
    "not_found": "not-found",
    "method": "not-supported",
    "not_acceptable": "not-supported",
    "uri_too_long": "too-long",
    "not_valid": "invalid",
    "too_often": "throttled",
    "failed": "exception",
    "not_now": "transient",
}
"""The code of an issue (HL7 FHIR R4, issue-type) for each code of a problem that a reader can meet."""


class NotAnswered(Exception):
    """A search or a read that is refused for what it asks. `issue` is a code of issue-type; the words hold no value."""

    def __init__(self, issue: str, words: str, parameters: Collection[str] = (), status: int = 400) -> None:
        super().__init__(words)
        self.issue, self.words, self.parameters, self.status = issue, words, tuple(parameters), status


def outcome(issue: str, title: str, words: str, parameters: Collection[str] = (), severity: str = "error") -> Any:
    """Return an OperationOutcome of one issue; `parameters` are names that we know, in a search."""
    said: dict[str, Any] = {
        "severity": severity,
        "code": issue,
        "details": {"text": title},
        "diagnostics": words,
    }
    if parameters:
        said["expression"] = [f"http.{name}" for name in sorted(set(parameters))]
    return {"resourceType": "OperationOutcome", "issue": [said]}


def answer_outcome(said: NotAnswered) -> HttpResponse:
    """Return the answer to what is refused for what it asks."""
    body = json.dumps(outcome(said.issue, "Not answered", said.words, said.parameters))
    return HttpResponse(body, content_type=CONTENT_TYPE, status=said.status)


def turn_into_outcome(response: HttpResponse) -> HttpResponse:
    """Return a refusal, in problem details or from elsewhere, as an OperationOutcome; its headers stay."""
    if str(response.get("Content-Type", "")).startswith(CONTENT_TYPE):
        return response
    code = OF_STATUS.get(response.status_code) or ("failed" if response.status_code >= 500 else "not_readable")
    detail = KINDS[code].detail
    if str(response.get("Content-Type", "")).startswith("application/problem+json"):
        said = json.loads(response.content)
        code, detail = str(said["type"]).removeprefix(TYPE.format("")), said["detail"]
    if code == "not_acceptable":
        detail = "Accept application/fhir+json or application/json."
    response.content = json.dumps(outcome(ISSUES.get(code, "invalid"), KINDS[code].title, detail)).encode()
    response["Content-Type"] = CONTENT_TYPE
    response["Content-Length"] = str(len(response.content))
    return response
