"""The rules of priority with their fairness, and the people whom they order."""

from functools import partial
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from braid.problems.priority.link_quality import SampleShown, from_json
from braid.web.access import get_ranking
from braid.web.access.context import asking_as
from braid.web.access.projections import RankingPage, Viewer
from braid.web.fairness import get_rules
from braid.web.fairness_table import export_fairness
from braid.web.link_error import export_link_errors, get_link_errors
from braid.web.link_reviews.seen import find_quality
from braid.web.pages import page_links
from braid.web.published import find_published_run
from braid.web.views.files import hand_out
from braid.web.views.guards import only, reason_words, role_of, with_reason
from braid.web.views.link_reviews import sees_quality


@require_safe
@only(lambda role: role.sees_place)
def rules(request: HttpRequest) -> HttpResponse:
    """Show the rules in words, whom they never reached, and how often linking is expected to err."""
    context = {
        "run": find_published_run(),
        "rules": get_rules(),
        "linking": get_link_errors(),
        "found_by_sample": _find_sample(request),
        "may_rank": role_of(request).sees_people,
    }
    return render(request, "rules.html", context)


def _find_sample(request: HttpRequest) -> SampleShown | None:
    """Return what the reviewed sample says of linking, where it says something and the reader may see its page."""
    if not sees_quality(role_of(request)):
        return None
    with asking_as(request.user.username, ""):
        found = find_quality()
    return from_json(found.told) if found and found.told else None


@require_safe
@only(lambda role: role.sees_place)
def fairness_file(request: HttpRequest, form: str) -> HttpResponse:
    """Hand out the figures of fairness as a file, marked with whom it was made for; 404 before the first run."""
    run = find_published_run()
    return hand_out(request, run, form, "fairness", partial(export_fairness, get_rules(), run))


@require_safe
@only(lambda role: role.sees_place)
def linking_file(request: HttpRequest, form: str) -> HttpResponse:
    """Hand out the expected error of linking as a file, marked with whom it was made for; 404 before the first run."""
    run = find_published_run()
    return hand_out(request, run, form, "linking", partial(export_link_errors, get_link_errors(), run))


@require_safe
@only(lambda role: role.sees_people)
@with_reason("ranking")
def ranking(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Show the people whom the rules of a problem statement order, and why."""
    found = get_ranking(viewer, request.GET.get("problem", ""), request.GET.get("page", 1))
    context = {"found": found, "reason": reason_words(viewer), "pages": _links(found) if found else None}
    return render(request, "ranking.html", context)


def _links(found: RankingPage) -> dict[str, object] | None:
    query = {"problem": found.problem}
    return page_links(found.page, found.page_count, lambda page: f"?{urlencode({**query, 'page': page})}")
