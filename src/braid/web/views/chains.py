"""The pages of chains: every priority with its six links, and one priority with each link's figure, day and source."""

from functools import partial
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from braid.place.chain import HEADS
from braid.store.exports import COLOURS
from braid.web.access.projections import Viewer
from braid.web.chains.pictures import draw_chain, draw_chains
from braid.web.chains.reading import ChainSeen, get_chain, list_chains
from braid.web.chains.tables import export_chains
from braid.web.models import PublishedRun
from braid.web.published import find_published_run
from braid.web.views.files import OfRun, hand_out
from braid.web.views.guards import as_asker, governs, only

CLOSED_ON = {
    "outcome": "boards",
    "money": "funds",
    "commission": "commissions",
    "served": "commissions",
    "waits": "backlogs",
}
"""The page on which a gap is closed, or seen to be closed, by the head of the link."""


@require_safe
@only(governs)
@as_asker("chains")
def chains(request: HttpRequest, _asker: Viewer) -> HttpResponse:
    """Show the chain of every standing priority: six cells each, filled or a gap."""
    found = list_chains()
    drawing = draw_chains([one.chain for one in found]) if found else None
    context = {"found": found, "heads": list(HEADS.values()), "drawing": drawing, "colours": COLOURS}
    return render(request, "chains/list.html", context)


@require_safe
@only(governs)
@as_asker("chains")
def chain(request: HttpRequest, _asker: Viewer, priority_id: UUID) -> HttpResponse:
    """Show the chain of one priority: each link with its figure, day and source, and what would close each gap."""
    one = get_chain(priority_id)
    context = {"one": one, "drawing": draw_chain(one.chain), "colours": COLOURS, "closed_on": CLOSED_ON}
    return render(request, "chains/chain.html", context)


@require_safe
@only(governs)
@as_asker("chains")
def chains_file(request: HttpRequest, _asker: Viewer, form: str) -> HttpResponse:
    """Hand out the links of every standing priority as a file."""
    return _file(request, find_published_run(), list_chains(), form)


@require_safe
@only(governs)
@as_asker("chains")
def chain_file(request: HttpRequest, _asker: Viewer, priority_id: UUID, form: str) -> HttpResponse:
    """Hand out the links of one priority as a file."""
    return _file(request, find_published_run(), [get_chain(priority_id)], form)


def _file(request: HttpRequest, run: PublishedRun | None, found: list[ChainSeen], form: str) -> HttpResponse:
    if run is None or not found:
        raise Http404
    make = partial(export_chains, [one.chain for one in found], run.run_id)
    return hand_out(request, OfRun(run.run_id, run.as_of_date), form, "chains", make)
