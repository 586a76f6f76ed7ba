"""The pages for what did not work, in the same look and with the same words for what is hidden and what is absent."""

import sys
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import engines

from braid.store.place_folder import PlaceInvalid
from braid.web.no_database import cannot_serve
from braid.web.page_limits import RETRY_SECONDS, waited_too_long
from braid.web.served_place import Marks, served_marks

AGAIN_SECONDS = 60
"""After how long to try again where the database cannot serve: it comes back once there is room."""


def _problem(request: HttpRequest, status: int, title: str, *paragraphs: str) -> HttpResponse:
    return render(request, "problem.html", {"title": title, "paragraphs": paragraphs}, status=status)


def not_permitted(request: HttpRequest, *_: object, **__: object) -> HttpResponse:
    """403: the role may not open this page."""
    return _problem(
        request,
        403,
        "Your role may not see this page",
        "What a role may see follows from the agreements between the partners of this place.",
        "If you need it for your work, ask the information governance lead.",
    )


def not_found(request: HttpRequest, *_: object, **__: object) -> HttpResponse:
    """404: the page is not there, or not there for this viewer."""
    return _problem(
        request,
        404,
        "Page not found",
        "If you typed the address, check that it is correct.",
        "Records change with every run: go back to the list and look again.",
    )


def bad_request(request: HttpRequest, *_: object, **__: object) -> HttpResponse:
    """400: the request could not be read."""
    return _problem(request, 400, "The request could not be read", "Go back and try again.")


def form_expired(request: HttpRequest, *_: object, **__: object) -> HttpResponse:
    """403 for a form without its token: most often a page left open too long."""
    return _problem(
        request,
        403,
        "This form is no longer valid",
        "It was open for too long. Go back, reload the page and try again.",
    )


def not_exportable(request: HttpRequest) -> HttpResponse:
    """409: the file that was written was not what was to be written, and was thrown away."""
    return _problem(
        request,
        409,
        "This file could not be made",
        "A name may have letters that the fonts of a PDF lack. Download the table of text or the workbook instead.",
        "If it happens with every kind of file, tell whoever runs Braid here.",
    )


def not_openable(request: HttpRequest) -> HttpResponse:
    """503: a document that is there could not be opened just now: no key, or not what was kept."""
    return _problem(
        request,
        503,
        "This document cannot be opened just now",
        "It is kept under a key that does not answer, or does not open it. Nothing of it was shown.",
        "Try again later. If it stays so, tell whoever runs Braid here, or ask whoever gave it for another copy.",
    )


def locked_out(request: HttpRequest, *_: object, **__: object) -> HttpResponse:
    """429 after too many wrong sign-ins; the same words whether the account is there or not."""
    return _problem(
        request,
        429,
        "Too many wrong sign-ins",
        "Signing in by this name is locked here for a while, for 15 minutes at most. Nothing else has changed.",
        "A browser in which you signed in before goes on: what others try elsewhere does not lock you out there.",
    )


def no_second_factor(request: HttpRequest) -> HttpResponse:
    """403: the account has no second factor, so that nothing in the vault opens for it."""
    return _problem(
        request,
        403,
        "Your account has no second factor",
        "Nobody signs in to a place of real people by a password alone, and where a protected person can be found is"
        " shown only to accounts that have a second factor.",
        "Ask whoever runs Braid here for one.",
    )


def first_password_over(request: HttpRequest) -> HttpResponse:
    """403: the password was given too long ago, and nobody chose their own by it."""
    return _problem(
        request,
        403,
        "The password that you were given is over",
        "It was good for seven days, to choose your own.",
        "Ask whoever gave it to you for another.",
    )


def failed(_request: HttpRequest) -> HttpResponse:
    """500: something went wrong with us. Drawn without the user, because the database may be what failed.

    503 where the page waited for the database for as long as it may, or where the database cannot serve anybody just
    now and will again: what the page did is taken back, and may be done again.
    """
    fault = sys.exc_info()[1]
    if waited_too_long(fault):
        return _answer_later(RETRY_SECONDS, *TOO_LONG)
    if cannot_serve(fault):
        return _answer_later(AGAIN_SECONDS, "This does not work just now", *WENT_WRONG[1:])
    return HttpResponse(_plain_page(*WENT_WRONG), status=500)


def _answer_later(seconds: int, *words: str) -> HttpResponse:
    answer = HttpResponse(_plain_page(*words), status=503)
    answer["Retry-After"] = str(seconds)
    return answer


WENT_WRONG = (
    "Something went wrong",
    "Nothing was changed. Try again in a few minutes.",
    "If it happens again, tell whoever runs Braid here.",
)
TOO_LONG = (
    "This page took too long",
    "Nothing was changed: what you sent was not done, in part neither. Somebody else was changing the same, or the"
    " database has too much to do.",
    "Wait ten seconds and try again. If it happens again, tell whoever runs Braid here.",
)


def _plain_page(title: str, *paragraphs: str) -> str:
    template = engines.all()[0].env.get_template("problem.html")
    nobody: dict[str, Any] = {"signed_in": None, "navigation": "", "marks": _marks()}
    return template.render(title=title, paragraphs=paragraphs, **nobody)


def _marks() -> Marks:
    """Return the marks of the place; none where its files are what failed."""
    try:
        return served_marks()
    except (PlaceInvalid, OSError):
        return Marks()
