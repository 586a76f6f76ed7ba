"""One line of the log and one count for each request: which page, how it ended, how long it took; never about whom.

A page is named by its route, as `people/<str:person_id>/`, and never by its address. The line carries the number of the
request that entries of the audit log carry too, and the trace of a proxy that sends one (W3C Trace Context), so that a
fault can be followed without a name in any log.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from braid.web.operating.metrics import count_request

NO_ROUTE = "none"
TRACE = re.compile(r"00-(?!0+-)([0-9a-f]+)-(?!0+-)([0-9a-f]+)-[0-9a-f][0-9a-f]")
"""A `traceparent` header of version 00: trace id and span id, of 32 and 16 digits. All zeros are no trace."""
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
logger = logging.getLogger("braid.requests")


def observe(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Count each request and, where `LOG_REQUESTS` says so, write its line; stands before every other middleware."""

    def answer(request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        response = get_response(request)
        seconds = time.perf_counter() - began
        route, method = find_route(request), request.method if request.method in METHODS else "other"
        count_request(route, method, response.status_code, seconds)
        if settings.LOG_REQUESTS:
            logger.info(
                "request",
                extra={
                    "route": route,
                    "method": method,
                    "status": response.status_code,
                    "milliseconds": round(seconds * 1000, 1),
                    "request_id": getattr(request, "request_id", ""),
                    "trace_id": find_trace(request.headers.get("traceparent", "")),
                },
            )
        return response

    return answer


def find_route(request: HttpRequest) -> str:
    """Return the route of an address as the map of addresses writes it; `none` where it has none."""
    match = request.resolver_match
    return match.route or "/" if match is not None else NO_ROUTE


def find_trace(header: str) -> str:
    """Return the trace id of a `traceparent` header; empty where it is none. What else it holds is not kept."""
    found = TRACE.fullmatch(header)
    return found[1] if found and (len(found[1]), len(found[2])) == (32, 16) else ""
