"""What every answer carries: nothing of a signed-in page is kept by a browser or a proxy, and sessions end."""

import time
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse

SIGNED_IN_AT = "signed_in_at"
Answer = Callable[[HttpRequest], HttpResponse]


def private_answers(get_response: Answer) -> Answer:
    """Mark every page as not to be stored, and switch off browser features that no page uses."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response["Cache-Control"] = "no-store"
        response["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
        return response

    return answer


def end_long_sessions(get_response: Answer) -> Answer:
    """Sign out whoever has been signed in for longer than `LONGEST_SESSION_SECONDS`, however busy they were."""

    def answer(request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            started = request.session.setdefault(SIGNED_IN_AT, int(time.time()))
            if time.time() - started > settings.LONGEST_SESSION_SECONDS:
                logout(request)
        return get_response(request)

    return answer
