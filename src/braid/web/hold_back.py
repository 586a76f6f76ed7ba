"""Answers that must not tell whether somebody exists leave at fixed moments after the request came in.

A query for somebody hidden reads rows that a query for somebody absent does not find: the words of the answers are the
same, the microseconds are not. So an answer that says no about one person, and every answer to a form that names one,
waits for the next multiple of `ABSENT_FLOOR_MS`. What is slower than the floor waits for the one after, so that a busy
server tells no more than a quiet one. Answers that show somebody are not held.
"""

import math
import time
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

Answer = Callable[[HttpRequest], HttpResponse]
NAMED_IN_FORM = frozenset(
    {"break_glass", "conflicts", "find", "messages", "own", "reply", "rights", "rights_holds", "tasks", "trust_overlay"}
)
"""Addresses whose forms name a person, or what is about one, and whose answers are the same whoever that is."""
NAMED_IN_ADDRESS = frozenset(
    "person_id entry_id access_id contact_id referral_id case_id led_id offer_id meeting_id item_id document_id"
    " proposal_id hearing_id paper_id pair_id care_action_id wait_id request_id episode_id appointment_id"
    " token".split()
)
"""Parameters of addresses that are the id of a person, or of what is about one; or a secret."""
_LAST_STRETCH = 0.0003
"""Seconds before the moment that are waited for awake: how long a sleep overruns depends on how long it was."""


def hold_back(get_response: Answer) -> Answer:
    """Hold answers that say no about somebody until the next multiple of the floor after the request came in."""

    def answer(request: HttpRequest) -> HttpResponse:
        arrived = time.perf_counter()
        response = get_response(request)
        if settings.ABSENT_FLOOR_MS and says_no_about_somebody(request, response):
            wait_for_multiple(arrived, settings.ABSENT_FLOOR_MS / 1000)
        return response

    return answer


def says_no_about_somebody(request: HttpRequest, response: HttpResponse) -> bool:
    """Whether the answer must not tell a hidden person from an absent one.

    A person stands in the address by the name `person_id`: any address that takes one is held, without a list to keep.
    Objects about a person are named likewise. A search that names somebody says so of itself, since it answers that it
    found nothing and not that there is nobody.
    """
    match = request.resolver_match
    if match is None:
        return False
    if getattr(request, "found_nobody", False):
        return True
    if NAMED_IN_ADDRESS & match.kwargs.keys():
        return response.status_code == 404
    return request.method == "POST" and match.url_name in NAMED_IN_FORM


def wait_for_multiple(start: float, floor: float) -> None:
    """Wait until the next multiple of `floor` seconds after `start` on the performance counter."""
    until = start + floor * max(1, math.ceil((time.perf_counter() - start) / floor))
    time.sleep(max(0.0, until - time.perf_counter() - _LAST_STRETCH))
    while time.perf_counter() < until:
        pass
