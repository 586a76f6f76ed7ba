"""The crosswalk page: what each standard calls what the common language has one code for. About nobody."""

from functools import partial

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from braid.extracts.crosswalk import LISTS
from braid.language.codes import CODE_LISTS
from braid.web.crosswalk import export_crosswalk, get_crossed_list, standards_of
from braid.web.published import find_published_run
from braid.web.views.files import hand_out
from braid.web.views.guards import anybody, only


@require_safe
@only(anybody)
def crosswalk(request: HttpRequest) -> HttpResponse:
    """Show one list of the common language beside the codes of every standard."""
    name = request.GET.get("list", next(iter(LISTS)))
    if name not in LISTS:
        raise Http404
    own = standards_of(find_published_run(), request.user.organisation)
    context = {
        "found": get_crossed_list(name, own),
        "lists": LISTS,
        "own": [CODE_LISTS["standard"][one] for one in own],
    }
    return render(request, "crosswalk.html", context | {"standards": CODE_LISTS["standard"]})


@require_safe
@only(anybody)
def crosswalk_file(request: HttpRequest, form: str) -> HttpResponse:
    """Hand out the whole crosswalk as a file; 404 before the first run."""
    run = find_published_run()
    return hand_out(request, run, form, "crosswalk", partial(export_crosswalk, run))
