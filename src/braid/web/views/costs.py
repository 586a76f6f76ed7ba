"""The page of costs: what cohorts cost each payer, and who pays and who saves by weeks of waiting."""

from functools import partial

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from braid.web.access.projections import Viewer
from braid.web.charts import draw_bars
from braid.web.costs.form import SavingForm
from braid.web.costs.seen import cost_words, effects, kinds_to_save, list_cohorts, payer_name, unit_costs
from braid.web.costs.tables import export_costs
from braid.web.funds.definitions import funds
from braid.web.views.files import OfRun, hand_out
from braid.web.views.guards import as_asker, governs, only

LONGEST_BAR = 240


@require_safe
@only(governs)
@as_asker("costs")
def costs_page(request: HttpRequest, _asker: Viewer) -> HttpResponse:
    """Show what cohorts cost each payer; answer who pays and who saves where it is asked."""
    cohorts, row = list_cohorts()
    kinds = kinds_to_save()
    form = SavingForm(request.GET if "wait" in request.GET else None, kinds=kinds, funds=funds())
    found = None
    if form.is_bound and form.is_valid():
        given = form.cleaned_data
        kind = next(one for one in kinds if one.kind == given["wait"])
        fund = funds()[given["fund"]]
        shown = effects(kind, given["weeks"], fund, given["price"])
        found = {"kind": kind, "weeks": given["weeks"], "fund": fund, "price": given["price"], "effects": shown}
    context = {
        "cohorts": [
            (one, draw_bars([(cost.payer, cost.pounds) for cost in one.costs], LONGEST_BAR)) for one in cohorts
        ],
        "row": row,
        "form": form,
        "kinds": kinds,
        "found": found,
        "payer_name": payer_name,
        "unit_costs": [(cost_words(one), one) for one in unit_costs()],
        "has_funds": bool(funds()),
    }
    return render(request, "costs/costs.html", context, status=400 if form.is_bound and form.errors else 200)


@require_safe
@only(governs)
@as_asker("costs")
def costs_file(request: HttpRequest, _asker: Viewer, form: str) -> HttpResponse:
    """Hand out what cohorts cost each payer as a file."""
    cohorts, row = list_cohorts()
    run = OfRun(row.run_id, row.until_date) if row else None
    return hand_out(request, run, form, "costs", partial(export_costs, cohorts, row.run_id if row else ""))
