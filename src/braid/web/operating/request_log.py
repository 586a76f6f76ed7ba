"""One line of the log and one count for each request: which page, how it ended, how long it took; never about whom.

A page is named by its route, as `people/<str:person_id>/`, and never by its address. The line carries the number of the
request that entries of the audit log carry too, and the trace of a proxy that sends one (W3C Trace Context), so that a
fault can be followed without a name in any log.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse

from braid.web.operating.metrics import count_request
from braid.web.traces.spans import Span
from braid.web.traces.tracing import PARENT, Asked, begin_span

NO_ROUTE = "none"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
logger = logging.getLogger("braid.requests")


def observe(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Count each request and, where `LOG_REQUESTS` says so, write its line; stands before every other middleware."""

    def answer(request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        with begin_span("request", request.headers.get("traceparent", "")) as span:
            response = _answer_traced(get_response, request, span) if span.trace_id else get_response(request)
        seconds = time.perf_counter() - began
        route, method = find_route(request), find_method(request)
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
                    "trace_id": span.trace_id or find_trace(request.headers.get("traceparent", "")),
                    "span_id": span.span_id,
                },
            )
        return response

    return answer


def _answer_traced(
    get_response: Callable[[HttpRequest], HttpResponse], request: HttpRequest, span: Span
) -> HttpResponse:
    """Answer, and say in the span which route it was, how it ended, and how much the database was asked for it."""
    asked = Asked()
    with connection.execute_wrapper(asked):
        response = get_response(request)
    span.say(
        route=find_route(request),
        method=find_method(request),
        status=response.status_code,
        queries=asked.queries,
        database_milliseconds=round(asked.seconds * 1000, 3),
    )
    span.is_fault = response.status_code >= 500
    return response


def find_method(request: HttpRequest) -> str:
    """Return the method of a request, `other` where it is none of HTTP's own."""
    return request.method if request.method in METHODS else "other"


def find_route(request: HttpRequest) -> str:
    """Return the route of an address as the map of addresses writes it; `none` where it has none."""
    match = request.resolver_match
    return match.route or "/" if match is not None else NO_ROUTE


def find_trace(header: str) -> str:
    """Return the trace id of a `traceparent` header; empty where it is none. What else it holds is not kept."""
    found = PARENT.fullmatch(header)
    return found[1] if found else ""
