"""Addresses for machines that watch the server: it lives, it is ready, what it counted. None tells of a person."""

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from braid.web.operating.health import ask_health, find_unready, find_warnings
from braid.web.operating.metrics import CONTENT_TYPE, may_read, write_metrics


@require_safe
@transaction.non_atomic_requests
def live(_request: HttpRequest) -> HttpResponse:
    """Say that this process answers, whatever became of the database: one that does not is to be started anew."""
    return JsonResponse({"status": "live"})


@require_safe
@transaction.non_atomic_requests
def ready(_request: HttpRequest) -> HttpResponse:
    """Say whether requests may be sent here: 200, or 503 with the codes of what is missing."""
    health = ask_health()
    unready = find_unready(health)
    body = {"status": "unready" if unready else "ready", "missing": unready, "warnings": find_warnings(health)}
    return JsonResponse(body, status=503 if unready else 200)


@require_safe
@transaction.non_atomic_requests
def metrics(request: HttpRequest) -> HttpResponse:
    """Give what was counted to who holds the token; to everybody else there is no such page."""
    if not may_read(request.headers.get("Authorization", "")):
        raise Http404
    return HttpResponse(write_metrics(), content_type=CONTENT_TYPE)
