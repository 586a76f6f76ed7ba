"""What the pages of joint work share: one attempt at one step, and the answer that fits what came of it."""

from collections.abc import Callable
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest

from braid.language.steps import NotPossible
from braid.web.care.kept import ChangedMeanwhile


def attempt(step: Callable[[], object]) -> tuple[str, int]:
    """Take a step, all or nothing; return what is in the way, or nothing, with the status of the page that says so."""
    try:
        with transaction.atomic():
            step()
    except ChangedMeanwhile as refusal:
        return str(refusal), 409
    except NotPossible as refusal:
        return str(refusal), 400
    return "", 302


def status_of(request: HttpRequest, status: int) -> int:
    """Return the status of a page that takes steps: what was sent and not taken is a conflict, or a bad request."""
    if request.method != "POST":
        return 200
    return status if status == 409 else 400


def done_of(request: HttpRequest) -> str:
    """Return the step that a page says was done; a page that refuses another step says nothing of the one before."""
    return "" if request.method == "POST" else request.GET.get("done", "")


def version_of(request: HttpRequest) -> int:
    """Return the version that whoever posts saw; one that nothing has where it is missing."""
    text = request.POST.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def uuid_of(text: str) -> UUID:
    """Return the id that a form names. Raises `NotPossible` for what is none."""
    try:
        return UUID(text)
    except ValueError:
        raise NotPossible("There is no such thing to work on. Look at the page again") from None
