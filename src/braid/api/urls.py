"""The API under /api/v1/: figures of the place, people and waits, joint work and plans, boards.

People need a purpose and a reference in the headers `X-Purpose` and `X-Reference`, as the pages ask for them. A person
whom the caller may not see is answered exactly as one who does not exist. How to write a client:
docs/reference/api.md.
"""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path
from ninja.errors import AuthenticationError, HttpError, ValidationError

from braid import __version__
from braid.api import board_work, boards, joint, people, place, referrals, work
from braid.api.callers import Bearer, Session
from braid.api.description import Api
from braid.api.problems import answer_problem
from braid.api.writes import Refusal
from braid.language.steps import NotPossible
from braid.store.vault_keys import VaultKeyNotAvailable
from braid.web.access import NotPermitted, NotThere
from braid.web.care.kept import ChangedMeanwhile
from braid.web.systems.answers import OtherRequest

api = Api(
    title="Braid",
    version=__version__,
    description="Who waits in several public services at once, and why. Every look at a person is recorded.",
    auth=[Bearer(), Session(csrf=False)],
    docs_url=None,
    urls_namespace="api",
)
for room in (place, people, referrals, work, joint, boards, board_work):
    api.add_router("", room.router)

PLAIN: dict[type[Exception], str] = {
    NotPermitted: "not_permitted",
    PermissionDenied: "not_permitted",
    NotThere: "not_found",
    Http404: "not_found",
    AuthenticationError: "no_caller",
    ChangedMeanwhile: "changed_meanwhile",
    OtherRequest: "key_used",
    VaultKeyNotAvailable: "not_now",
}
"""What is said of each refusal, always in the same words."""


def _say(code: str) -> object:
    def answer(_request: HttpRequest, _error: Exception) -> HttpResponse:
        return answer_problem(code)

    return answer


for kind, problem in PLAIN.items():
    api.add_exception_handler(kind, _say(problem))


@api.exception_handler(Refusal)
def _refused(_request: HttpRequest, error: Refusal) -> HttpResponse:
    return answer_problem(error.code)


@api.exception_handler(NotPossible)
def _not_possible(_request: HttpRequest, error: NotPossible) -> HttpResponse:
    """A rule says no: its words name the rule and the next step."""
    return answer_problem("not_possible", f"{error}.")


@api.exception_handler(HttpError)
def _not_readable(_request: HttpRequest, _error: HttpError) -> HttpResponse:
    """The body is no JSON: what stands in it is not repeated."""
    return answer_problem("not_readable")


@api.exception_handler(ValidationError)
def _not_valid(_request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Name the fields of ours that are not valid, never a value, nor a name that the caller chose."""
    return answer_problem("not_valid", fields=[_name_of(part) for part in error.errors])


def _name_of(part: dict) -> str:
    where = [each for each in part["loc"] if isinstance(each, str)]
    return "body" if part.get("type") == "extra_forbidden" or not where else where[-1]


urlpatterns = [path("v1/", api.urls)]
