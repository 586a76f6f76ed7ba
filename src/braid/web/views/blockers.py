"""What holds up what over the place, and the problem statements: published figures, and no person."""

from functools import partial

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from braid.language.codes import BACKLOGS
from braid.trust.unblocking import ACTION, ALL_BACKLOGS, RESOURCE, TEAM
from braid.web.charts import draw_flows
from braid.web.forms import NOT_OFFERED
from braid.web.graph_figures import EVERY_BACKLOG, get_blocker_figures, get_statements
from braid.web.graph_tables import export_blockers, export_statements
from braid.web.views.files import hand_out
from braid.web.views.guards import only, role_of


class BlockersForm(forms.Form):
    """What is counted together, and in which backlog: both choose among tables that are all published."""

    scope = forms.ChoiceField(
        required=False,
        label="Count together",
        choices=[(ACTION, "Actions"), (TEAM, "Teams"), (RESOURCE, "Resources")],
        error_messages=NOT_OFFERED,
    )
    backlog = forms.ChoiceField(
        required=False,
        label="Waits in",
        choices=[(ALL_BACKLOGS, EVERY_BACKLOG), *((code, backlog.name) for code, backlog in BACKLOGS.items())],
        error_messages=NOT_OFFERED,
    )


@require_safe
@only(lambda role: role.sees_place)
def blockers(request: HttpRequest) -> HttpResponse:
    """Show what would free most, which resource holds up which backlog, and deadlocks between services."""
    form = BlockersForm(request.GET)
    figures = get_blocker_figures()
    context = {"form": form, "run": figures.run, "rows": (), "is_valid": form.is_valid()}
    if form.is_valid():
        scope, backlog = form.cleaned_data["scope"] or ACTION, form.cleaned_data["backlog"]
        drawn = draw_flows([(row.holder, row.backlog_name, row.held_waits) for row in figures.held_by])
        context |= {
            "scope": scope,
            "backlog": backlog,
            "backlog_name": dict(form.fields["backlog"].choices)[backlog],
            "rows": figures.of(scope, backlog),
            "held_by": figures.held_by,
            "flows": drawn,
            "deadlocks": figures.deadlocks,
        }
    return render(request, "blockers.html", context, status=200 if form.is_valid() else 400)


@require_safe
@only(lambda role: role.sees_place)
def blockers_file(request: HttpRequest, form: str) -> HttpResponse:
    """Hand out what holds up what as a file; 404 before the first run."""
    figures = get_blocker_figures()
    return hand_out(request, figures.run, form, "blockers", partial(export_blockers, figures))


@require_safe
@only(lambda role: role.sees_place)
def problems(request: HttpRequest) -> HttpResponse:
    """List the problem statements."""
    run, statements = get_statements()
    return render(request, "problems.html", {"run": run, "statements": statements})


@require_safe
@only(lambda role: role.sees_place)
def problem(request: HttpRequest, problem_id: str) -> HttpResponse:
    """Show a problem statement: whom it concerns, what holds up what and whose move it is, what would prove it."""
    run, statements = get_statements()
    found = [statement for statement in statements if statement.problem_id == problem_id]
    if not found:
        raise Http404
    may_list = found[0].words["purpose_code"] in role_of(request).purposes
    context = {"run": run, "statement": found[0], "may_list": may_list}
    return render(request, "statement.html", context)


@require_safe
@only(lambda role: role.sees_place)
def problems_file(request: HttpRequest, form: str) -> HttpResponse:
    """Hand out the problem statements as a file; 404 before the first run."""
    run, statements = get_statements()
    return hand_out(request, run, form, "problems", partial(export_statements, run, statements))
