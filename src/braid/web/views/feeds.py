"""The pages of the feeds: how fresh each source is, what was read of it, what is missing and what changed suddenly."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from braid.language.codes import CODE_LISTS
from braid.trust.roles import Role
from braid.web.feed_history import draw_rows, list_feeds
from braid.web.published import find_published_run
from braid.web.views.guards import only


def reads_sources(role: Role) -> bool:
    """For `only`: roles that read sources."""
    return role.reads_sources


@require_safe
@only(reads_sources)
def feeds(request: HttpRequest) -> HttpResponse:
    """List the feeds, those that changed suddenly or are late first."""
    found = list_feeds(find_published_run())
    context = {"feeds": found, "changed": [one for one in found if one.alerts]}
    return render(request, "feeds.html", context | {"standards": CODE_LISTS["standard"]})


@require_safe
@only(reads_sources)
def feed(request: HttpRequest, feed_id: str) -> HttpResponse:
    """Show one feed over its last runs."""
    found = next((one for one in list_feeds(find_published_run()) if one.feed == feed_id), None)
    if found is None:
        raise Http404
    context = {"feed": found, "chart": draw_rows(found), "standards": CODE_LISTS["standard"]}
    return render(request, "feed.html", context)
