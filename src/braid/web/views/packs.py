"""Board packs: made by the commissioner of a board, kept, read as a page, handed out as files."""

import datetime as dt
from functools import partial
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from braid.language.documents import write
from braid.store.exports import COLOURS, heads_of, is_figure
from braid.web.access.projections import Viewer
from braid.web.boards.files import get_board
from braid.web.boards.seen import list_meetings
from braid.web.care.kept import now_of_database
from braid.web.models import BoardPack
from braid.web.packs.form import PackForm
from braid.web.packs.handing import export_made, run_of
from braid.web.packs.keeping import get_pack, keep_pack, list_packs, may_make
from braid.web.packs.making import read_pack
from braid.web.views.care import attempt, uuid_of
from braid.web.views.files import OfRun, hand_out, hand_out_document
from braid.web.views.guards import as_asker, governs, only

DOCUMENT = "json"


@require_http_methods(["GET", "HEAD", "POST"])
@only(governs)
@as_asker("packs")
def board_packs(request: HttpRequest, asker: Viewer, board_id: str) -> HttpResponse:
    """Show the packs of a board, and let its commissioner make one."""
    shown, now = get_board(board_id), now_of_database()
    may = may_make(asker, shown, now)
    if request.method == "POST" and not may:
        return HttpResponse(status=403)
    form = PackForm(request.POST if request.method == "POST" else None, meetings=list_meetings(shown)) if may else None
    fault, status = "", 200
    if request.method == "POST":
        made: list[UUID] = []
        if form.is_valid():
            fault, status = attempt(lambda: made.append(_keep(asker, shown, form, now)))
        else:
            status = 400
        if made and status == 302:
            return redirect("board_pack", made[0])
    context = {"board": shown, "packs": list_packs(shown), "form": form, "fault": fault}
    return render(request, "packs/list.html", context, status=status)


def _keep(asker: Viewer, shown: object, form: PackForm, now: dt.datetime) -> UUID:
    given = form.cleaned_data
    meeting = uuid_of(given["meeting"]) if given["meeting"] else None
    return keep_pack(asker, shown, meeting, given["made_for"] == "members", now)


@require_safe
@only(governs)
@as_asker("packs")
def board_pack(request: HttpRequest, _asker: Viewer, pack_id: UUID) -> HttpResponse:
    """Show a pack as it was made."""
    row = get_pack(pack_id)
    made = read_pack(row)
    context = {
        "row": row,
        "board": get_board(row.board_id),
        "made": made,
        "colours": COLOURS,
        "is_figure": is_figure,
        "heads_of": heads_of,
    }
    return render(request, "packs/pack.html", context)


@require_safe
@only(governs)
@as_asker("packs")
def board_pack_file(request: HttpRequest, _asker: Viewer, pack_id: UUID, form: str) -> HttpResponse:
    """Hand out a pack as a tagged PDF, as a workbook, or as the document that it is."""
    row = get_pack(pack_id)
    made, of = read_pack(row), _run_of(row)
    if form == DOCUMENT:
        return hand_out_document(request, of, "board-pack", write(made))
    if form not in ("pdf", "xlsx"):
        raise Http404
    return hand_out(request, of, form, "board-pack", partial(export_made, made, of.run_id))


def _run_of(row: BoardPack) -> OfRun:
    return OfRun(run_of(row), row.of_date)
