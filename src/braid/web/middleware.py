"""What every answer carries: nothing of a signed-in page is kept by a browser or a proxy, and sessions end."""

import time
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse

from braid.web.refusal_record import record_refusal_of
from braid.web.request_facts import in_request

SIGNED_IN_AT, RENEWED_AT = "signed_in_at", "renewed_at"
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
    """Sign out whoever has been signed in for longer than `LONGEST_SESSION_SECONDS`, however busy they were.

    A session is written again, to last anew, once in `SESSION_RENEW_SECONDS` and not at every page: it ends that much
    early at most, and never late.
    """

    def answer(request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            now = int(time.time())
            started = request.session.setdefault(SIGNED_IN_AT, now)
            if now - started > settings.LONGEST_SESSION_SECONDS:
                logout(request)
            elif now - request.session.get(RENEWED_AT, 0) >= settings.SESSION_RENEW_SECONDS:
                request.session[RENEWED_AT] = now
        return get_response(request)

    return answer


def record_refusals(get_response: Answer) -> Answer:
    """Let entries name the request, and write down an answer that refuses: outside of the transaction that the page's
    refusal takes back. What cannot be written down is an error, and nothing is then shown."""

    def answer(request: HttpRequest) -> HttpResponse:
        with in_request(request.session) as facts:
            request.request_id = facts.request_id
            response = get_response(request)
            record_refusal_of(request, response, facts)
        return response

    return answer
