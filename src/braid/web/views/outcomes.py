"""The pages of outcomes: where each stands, whether it moved, how it is measured and what may be said of changes."""

from functools import partial

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from braid.place.outcomes.control_charts import FEWEST, RULE_WORDS
from braid.trust.disclosure import STEP_BASE
from braid.web.access.projections import Viewer
from braid.web.boards.linked import linked_decisions
from braid.web.chains.reading import chains_through
from braid.web.outcomes.drawings import draw_control, draw_small
from braid.web.outcomes.reading import MOVES, read_frameworks, read_outcome
from braid.web.outcomes.tables import export_outcomes
from braid.web.published import find_published_run
from braid.web.views.files import hand_out
from braid.web.views.guards import as_asker, governs, only


@require_safe
@only(governs)
@as_asker("outcomes")
def outcomes(request: HttpRequest, _asker: Viewer) -> HttpResponse:
    """Show every outcome by framework: a small chart each, its target, whether it moved."""
    run, found = find_published_run(), read_frameworks()
    drawn = {one.id: draw_small(one) for framework in found for one in framework.outcomes}
    context = {"run": run, "frameworks": found, "drawn": drawn, "moves": MOVES}
    return render(request, "outcomes/list.html", context)


@require_safe
@only(governs)
@as_asker("outcomes")
def outcome(request: HttpRequest, _asker: Viewer, outcome_id: str) -> HttpResponse:
    """Show one outcome: chart, table, definition, what may be said of changes, by district."""
    one, framework = read_outcome(outcome_id)
    run = find_published_run()
    decisions, chains = linked_decisions("outcome", outcome_id), chains_through([outcome_id])
    context = {
        "run": run,
        "one": one,
        "framework": framework,
        "drawing": draw_control(one),
        "moves": MOVES,
        "rules": list(RULE_WORDS.values()),
        "fewest": FEWEST,
        "base": STEP_BASE,
        "decisions": decisions,
        "chains": chains,
    }
    return render(request, "outcomes/outcome.html", context)


@require_safe
@only(governs)
@as_asker("outcomes")
def outcomes_file(request: HttpRequest, _asker: Viewer, form: str, table: str) -> HttpResponse:
    """Hand out a table of outcomes as a file; 404 before there is one."""
    run, found = find_published_run(), read_frameworks()
    if run is None or not found:
        raise Http404
    return hand_out(request, run, form, f"outcomes-{table}", partial(export_outcomes, found, table, run))
