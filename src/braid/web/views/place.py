"""The place page: how many wait for what and how long, and how fresh each source is."""

import base64
import datetime as dt
from collections.abc import Callable
from functools import partial

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from braid.store.exports import Export, ExportUnsafe, Form
from braid.trust.roles import ROLES
from braid.web.access.context import asking_as
from braid.web.access.projections import Viewer
from braid.web.charts import Bars, draw_bars
from braid.web.figures import Figures, PlaceFigures, get_place_figures
from braid.web.figures_table import export_figures
from braid.web.models import PublishedRun
from braid.web.recording import Facts, record
from braid.web.views.errors import not_exportable
from braid.web.views.guards import only

CONTENT_TYPES = {
    Form.CSV: "text/csv; charset=utf-8",
    Form.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Form.PDF: "application/pdf",
}
BAR_LENGTH, SMALL_BAR_LENGTH = 300, 110


@require_safe
@only(lambda role: role.sees_place)
def place(request: HttpRequest) -> HttpResponse:
    """Show the figures of the place."""
    figures = get_place_figures()
    context = {
        "run": figures.run,
        "kinds": figures.kinds,
        "tiles": first_of_each_article_backlog(figures.kinds),
        "chart": draw_bars([(row.kind_name, row.median_days) for row in figures.kinds], BAR_LENGTH),
        "districts": figures.districts,
        "multiples": _multiples(figures),
    }
    return render(request, "place.html", context)


@require_safe
@only(lambda role: role.sees_place)
def figures_file(request: HttpRequest, form: str) -> HttpResponse:
    """Hand out the figures of the place as a file, marked with whom it was made for; 404 before the first run."""
    figures = get_place_figures()
    return hand_out(request, figures.run, form, "figures", partial(export_figures, figures))


def hand_out(
    request: HttpRequest, run: PublishedRun | None, form: str, what: str, export: Callable[[Form, str, dt.date], Export]
) -> HttpResponse:
    """Answer with a file of figures, named for what it holds, once it is on record who gets it.

    `export` makes it of a form, whom it is for and the day. 404 without a run, and of a form that there is not.
    """
    if run is None or form not in set(Form):
        raise Http404
    made_for = f"{request.user.username} ({ROLES[request.user.role].name})"
    try:
        made = export(Form(form), made_for, dt.datetime.now(dt.UTC).date())
    except ExportUnsafe:
        return not_exportable(request)
    digest = str(made.manifest["file_sha256"])
    _record_export(request, {"what": what, "form": form, "run": run.run_id, "file": digest})
    response = HttpResponse(made.content, content_type=CONTENT_TYPES[Form(form)])
    response["Content-Disposition"] = f'attachment; filename="{what}-{run.as_of_date or "place"}.{form}"'
    response["Content-Digest"] = f"sha-256=:{_base64(digest)}:"
    return response


def _record_export(request: HttpRequest, details: dict[str, str]) -> None:
    """Write down who got which file, before they get it."""
    asker = Viewer(request.user.username, request.user.role, "", "", "figures file")
    with asking_as(asker.username, ""):
        record("exported", asker, facts=Facts(details=details))


def _base64(hexadecimal: str) -> str:
    return base64.b64encode(bytes.fromhex(hexadecimal)).decode()


def first_of_each_article_backlog(kinds: tuple[Figures, ...]) -> list[Figures]:
    """Return the leading kind of wait of each backlog that public debate names."""
    leading: dict[str, Figures] = {}
    for row in kinds:
        if row.article:
            leading.setdefault(row.backlog, row)
    return list(leading.values())


def _multiples(figures: PlaceFigures) -> list[tuple[Figures, Bars]]:
    """For each leading kind, a small chart of the median in every district."""
    return [
        (
            kind,
            draw_bars([(d.name, _median(d.by_kind.get(kind.kind))) for d in figures.districts], SMALL_BAR_LENGTH, 26),
        )
        for kind in first_of_each_article_backlog(figures.kinds)
    ]


def _median(figures: Figures | None) -> int | None:
    return figures.median_days if figures else None
