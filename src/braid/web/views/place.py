"""The place page: how many wait for what and how long, and how fresh each source is."""

from functools import partial

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from braid.web.charts import Bars, draw_bars
from braid.web.figures import Figures, PlaceFigures, get_place_figures
from braid.web.figures_table import export_figures
from braid.web.views.files import hand_out
from braid.web.views.guards import only

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
