"""Two boards side by side: what each wants, measures, decides and spends, and the common agenda that follows."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from braid.place.boards.terms import Board
from braid.place.common_agenda import KINDS, compare_boards, derive_agenda, gaps
from braid.store.exports import COLOURS
from braid.web.access.projections import Viewer
from braid.web.boards.files import boards
from braid.web.care.kept import now_of_database
from braid.web.published import find_published_run
from braid.web.together.pack import export_together, make_pack
from braid.web.together.pictures import draw_common
from braid.web.together.seen import get_known, get_side
from braid.web.views.files import OfRun, hand_out
from braid.web.views.guards import as_asker, governs, only

PACK_FORMS = ("pdf", "xlsx")


@require_safe
@only(governs)
@as_asker("boards together")
def boards_together(request: HttpRequest, _asker: Viewer) -> HttpResponse:
    """Show two boards side by side with their common agenda; the first two of the place where none were chosen."""
    return render(request, "together/page.html", _shown(request))


def _shown(request: HttpRequest) -> dict[str, object]:
    listed = list(boards().values())
    one, other = _chosen(request)
    items = [{"value": board.id, "text": board.name} for board in listed]
    context: dict[str, object] = {"items": items, "one": one, "other": other, "agenda": None, "colours": COLOURS}
    if one is None or other is None or one is other or find_published_run() is None:
        return context
    now = now_of_database()
    sides, known = (get_side(one, now), get_side(other, now)), get_known()
    return context | {
        "agenda": derive_agenda(*sides, known),
        "kinds": KINDS,
        "gaps": gaps(*sides, known),
        "lines": compare_boards(*sides, known),
        "day": known.day,
        "pictures": draw_common(*sides, known),
    }


def _chosen(request: HttpRequest) -> tuple[Board | None, Board | None]:
    """Return the two boards that were asked for; the first two of the place where none were, none for a wrong id."""
    known = boards()
    first = [*known.values(), None, None]
    one, other = (request.GET.get(name) for name in ("one", "other"))
    return (known.get(one) if one else first[0]), (known.get(other) if other else first[1])


@require_safe
@only(governs)
@as_asker("boards together")
def boards_together_file(request: HttpRequest, _asker: Viewer, form: str) -> HttpResponse:
    """Hand out the common agenda of two boards as a pack for both."""
    one, other = _chosen(request)
    run = find_published_run()
    if one is None or other is None or one is other or run is None or form not in PACK_FORMS:
        raise Http404
    now = now_of_database()
    pack = make_pack(get_side(one, now), get_side(other, now), get_known(), run)
    made = OfRun(run.run_id, run.as_of_date)
    return hand_out(
        request,
        made,
        form,
        "boards-together",
        lambda kind, made_for, today: export_together(pack, run.run_id, kind, made_for, today),
    )
