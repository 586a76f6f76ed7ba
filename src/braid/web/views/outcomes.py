"""The pages of outcomes: where each stands, whether it moved, how it is measured and what may be said of changes."""

from functools import partial

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from braid.place.outcomes.control_charts import FEWEST, RULE_WORDS
from braid.trust.disclosure import STEP_BASE
from braid.trust.roles import Role
from braid.web.access.context import asking_as
from braid.web.boards.linked import linked_decisions
from braid.web.chains.reading import chains_through
from braid.web.models import PublishedRun
from braid.web.outcomes.drawings import draw_control, draw_small
from braid.web.outcomes.reading import MOVES, SeenFramework, read_frameworks, read_outcome
from braid.web.outcomes.tables import export_outcomes
from braid.web.published import find_published_run
from braid.web.views.files import hand_out
from braid.web.views.guards import only


def governs(role: Role) -> bool:
    """For `only`: roles that see boards and what they decide about."""
    return role.governs


@require_safe
@only(governs)
def outcomes(request: HttpRequest) -> HttpResponse:
    """Show every outcome by framework: a small chart each, its target, whether it moved."""
    run, found = _read(request)
    drawn = {one.id: draw_small(one) for framework in found for one in framework.outcomes}
    context = {"run": run, "frameworks": found, "drawn": drawn, "moves": MOVES}
    return render(request, "outcomes/list.html", context)


@require_safe
@only(governs)
def outcome(request: HttpRequest, outcome_id: str) -> HttpResponse:
    """Show one outcome: chart, table, definition, what may be said of changes, by district."""
    with asking_as(request.user.username, ""):
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
def outcomes_file(request: HttpRequest, form: str, table: str) -> HttpResponse:
    """Hand out a table of outcomes as a file; 404 before there is one."""
    run, found = _read(request)
    if run is None or not found:
        raise Http404
    return hand_out(request, run, form, f"outcomes-{table}", partial(export_outcomes, found, table, run))


def _read(request: HttpRequest) -> tuple[PublishedRun | None, tuple[SeenFramework, ...]]:
    """Return the published run and every framework, both of one moment."""
    with asking_as(request.user.username, ""):
        return find_published_run(), read_frameworks()
