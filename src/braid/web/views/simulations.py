"""The pages of simulations: the network of the place, questions to it, and what they were answered."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from braid.simulation.loads import loads
from braid.simulation.measures import Measure
from braid.simulation.model import Network
from braid.trust.roles import Role
from braid.web.access.projections import Viewer
from braid.web.access.sight import NotThere
from braid.web.boards.linked import linked_decisions
from braid.web.models import SimulationNetwork, SimulationQuestion
from braid.web.simulations.answers import read_answer, read_asked, read_sensitivity_answer, read_target_answer
from braid.web.simulations.asked import Asked, AskedSensitivity, AskedTarget
from braid.web.simulations.form import (
    SENSITIVITY_USUAL,
    TARGET_USUAL,
    USUAL,
    NameForm,
    ScenarioForm,
    SensitivityForm,
    TargetForm,
    filled_from,
    initial_of,
    initial_of_reach,
    initial_of_sensitivity,
    initial_of_target,
    most_scenarios,
    title_of,
    unit_of,
)
from braid.web.simulations.keeping import (
    MOST_WAITING,
    ask,
    find_asked_network,
    find_network,
    get_question,
    has_too_many,
    list_questions,
    read_measures,
    read_network,
    rename,
    run_again,
    take_away,
)
from braid.web.simulations.pictures import lists_of, pathways_of, swings_of
from braid.web.simulations.running import FAILURES
from braid.web.simulations.tables import export_answer
from braid.web.simulations.words import (
    VERDICTS,
    compare_in_words,
    say_change,
    say_figures,
    say_reach,
    say_sensitivity,
    say_swings,
    say_target,
)
from braid.web.views.care import done_of
from braid.web.views.files import OfRun, hand_out, hand_out_document
from braid.web.views.guards import as_asker, only

REFRESH_SECONDS = 2
STATES = {"waiting": "Waits for its turn", "running": "Runs", "done": "Answered", "failed": "Not answered"}
PAGES = {"scenarios": "answer", "target": "reach", "sensitivity": "swings"}
TOO_MANY = f"{MOST_WAITING} of your questions wait for an answer. Ask again when one of them is answered"
GONE = "The network that you asked of is no longer there: a new run has come in. Check what you filled in and ask again"


def simulates(role: Role) -> bool:
    """For `only`: roles that may ask what a decision would do to every queue."""
    return role.simulates


@require_safe
@only(simulates)
@as_asker("simulations")
def simulations(request: HttpRequest, asker: Viewer) -> HttpResponse:
    """Show the network of the place, and what was asked of it."""
    row = find_network()
    network = read_network(row) if row else None
    context = {
        "row": row,
        "network": network,
        "loads": _loads(network) if network else [],
        "present": sum(group.count for group in network.present) if network else 0,
        "questions": list_questions(),
        "asker": asker.username,
        "states": STATES,
        "done": done_of(request),
    }
    return render(request, "simulations/list.html", context)


def _loads(network: Network) -> list[dict[str, Any]]:
    """Return what each service has and is asked for, those asked for most first."""
    titles = {
        f"{one.id}.{step.id}": f"{title_of(one)}: {step.title or step.id}"
        for one in network.pathways
        for step in one.steps
    }
    found = [
        {
            "title": title_of(network.service(load.service)),
            "unit": unit_of(network.service(load.service)),
            "has": load.has,
            "asked": load.asked,
            "share": load.share,
            "is_least": load.is_least,
            "most": titles[load.steps[0]] if load.steps else "",
        }
        for load in loads(network)
    ]
    return sorted(found, key=lambda one: -one["share"])


@require_http_methods(["GET", "HEAD", "POST"])
@only(simulates)
@as_asker("simulations")
def ask_scenarios(request: HttpRequest, asker: Viewer) -> HttpResponse:
    """Show and take the form of scenarios. Adding one, or taking one away, keeps what is filled in."""
    row = _network_of(request)
    if row is None:
        return _no_network(request)
    network = read_network(row)
    most = most_scenarios(network)
    form, added = _scenario_form(request, network, most)
    fault = _fault(request, asker)
    if form.is_bound and form.is_valid() and not fault:
        return redirect("simulation", ask(asker, row, "scenarios", form.cleaned_data["name"], form.asked))
    context = {
        "row": row,
        "network": network,
        "form": form,
        "scenarios": list(form.scenarios),
        "most": most,
        "added": added,
        "fault": fault,
        "loads": {one["title"]: one for one in _loads(network)},
    }
    status = 400 if fault or (form.is_bound and form.errors) else 200
    return render(request, "simulations/ask.html", context, status=status)


def _scenario_form(request: HttpRequest, network: Network, most: int) -> tuple[ScenarioForm, int]:
    """Return the form as it was sent or begun, and which scenario was just added, or 0."""
    if request.method != "POST":
        initial, count = _begun(request, network)
        return ScenarioForm(None, network=network, scenarios=min(count, most), initial=initial), 0
    given = request.POST.get("scenarios", "")
    count = min(int(given) if given.isdecimal() and len(given) < 3 else 1, most)
    step, _, number = request.POST.get("step", "").partition(" ")
    if step == "add" and count < most:
        return _shown_again(request.POST, network, count + 1), count + 1
    if step == "remove" and number.isdecimal() and 1 <= int(number) <= count:
        return _shown_again(request.POST, network, count - 1, int(number)), 0
    return ScenarioForm(request.POST, network=network, scenarios=count), 0


def _shown_again(data: QueryDict, network: Network, count: int, without: int = 0) -> ScenarioForm:
    return ScenarioForm(None, network=network, scenarios=count, initial=filled_from(data.dict(), without))


def _begun(request: HttpRequest, network: Network) -> tuple[dict[str, Any], int]:
    """Return what a form begins with, and how many scenarios: those of a question to ask again with changes."""
    like = _find(request.GET.get("like", ""))
    if like is None:
        return dict(USUAL), 1
    asked = read_asked(like.kind, like.document)
    if isinstance(asked, Asked):
        return {**initial_of(asked, network), "name": like.name}, len(asked.scenarios)
    if isinstance(asked, AskedSensitivity):
        return dict(USUAL), 1
    found = read_target_answer(like.answer.document) if hasattr(like, "answer") else None
    return {**USUAL, **initial_of_reach(asked, found.reach.add if found else None, network)}, 1


@require_http_methods(["GET", "HEAD", "POST"])
@only(simulates)
@as_asker("simulations")
def ask_sensitivity(request: HttpRequest, asker: Viewer) -> HttpResponse:
    """Show and take the form of what moves a measure."""
    return _ask_short(request, asker, "sensitivity", SensitivityForm, SENSITIVITY_USUAL)


@require_http_methods(["GET", "HEAD", "POST"])
@only(simulates)
@as_asker("simulations")
def ask_target(request: HttpRequest, asker: Viewer) -> HttpResponse:
    """Show and take the form of a target to be reached by more of one service."""
    return _ask_short(request, asker, "target", TargetForm, TARGET_USUAL)


def _ask_short(
    request: HttpRequest,
    asker: Viewer,
    kind: str,
    form_class: type[TargetForm] | type[SensitivityForm],
    usual: Mapping[str, Any],
) -> HttpResponse:
    """Keep what a form of one screen asks, or show the form, filled in as a question that it is to be like."""
    row = _network_of(request)
    if row is None:
        return _no_network(request)
    network, measures = read_network(row), read_measures(row)
    initial = {**usual, **_like(request, kind, network, measures)}
    data = request.POST if request.method == "POST" else None
    form = form_class(data, network=network, measures=measures, initial=initial)
    fault = _fault(request, asker)
    if form.is_bound and form.is_valid() and not fault:
        return redirect("simulation", ask(asker, row, kind, form.cleaned_data["name"], form.asked))
    status = 400 if fault or (form.is_bound and form.errors) else 200
    return render(request, f"simulations/{kind}.html", {"row": row, "form": form, "fault": fault}, status=status)


def _like(request: HttpRequest, kind: str, network: Network, measures: Sequence[Measure]) -> dict[str, Any]:
    like = _find(request.GET.get("like", ""))
    if like is None or like.kind != kind:
        return {}
    asked = read_asked(like.kind, like.document)
    if isinstance(asked, AskedSensitivity):
        return {**initial_of_sensitivity(asked), "name": like.name}
    assert isinstance(asked, AskedTarget)
    return {**initial_of_target(asked, network, measures), "name": like.name}


def _no_network(request: HttpRequest) -> HttpResponse:
    return render(request, "simulations/none.html", {}, status=404 if request.method == "POST" else 200)


def _network_of(request: HttpRequest) -> SimulationNetwork | None:
    """Return the network that a form was made for, or the newest where there is none such any more."""
    return find_asked_network(request.POST.get("network", "")) or find_network()


def _fault(request: HttpRequest, asker: Viewer) -> str:
    """Return why nothing is asked whatever the form holds, or nothing."""
    if request.method != "POST" or request.POST.get("step") != "ask":
        return ""
    if find_asked_network(request.POST.get("network", "")) is None:
        return GONE
    return TOO_MANY if has_too_many(asker.username) else ""


def _find(question_id: str) -> SimulationQuestion | None:
    try:
        return get_question(UUID(question_id))
    except (ValueError, NotThere):
        return None


@require_http_methods(["GET", "HEAD", "POST"])
@only(simulates)
@as_asker("simulations")
def simulation(request: HttpRequest, asker: Viewer, simulation_id: UUID) -> HttpResponse:
    """Show a question with its answer, or how far it is; name it, run it again or take it away."""
    row = get_question(simulation_id)
    kind = request.POST.get("kind", "")
    form = NameForm(request.POST if kind == "rename" else None, initial={"name": row.name})
    if kind and (answer := _step(asker, row, kind, form)) is not None:
        return answer
    network = read_network(row.network)
    context = {
        "row": row,
        "form": form,
        "is_mine": row.asked_by == asker.username,
        "too_many": f"{TOO_MANY}.",
        "states": STATES,
        "failure": FAILURES.get(row.failure, ""),
        "is_open": row.state in ("waiting", "running"),
        "is_watched": request.GET.get("watch") != "no",
        "done": done_of(request),
        "verdicts": VERDICTS,
        "decisions": linked_decisions("simulation", str(row.pk)),
        **_asked_in_words(row, network),
        **(_answer_in_words(row, network) if hasattr(row, "answer") else {}),
    }
    response = render(request, f"simulations/{PAGES[row.kind]}.html", context, status=400 if form.errors else 200)
    if context["is_open"] and context["is_watched"] and request.method != "POST":
        response["Refresh"] = str(REFRESH_SECONDS)
    return response


def _step(asker: Viewer, row: SimulationQuestion, kind: str, form: NameForm) -> HttpResponse | None:
    here = reverse("simulation", args=[row.pk])
    if kind == "rename" and form.is_valid():
        rename(asker, row, form.cleaned_data["name"])
        return redirect(f"{here}?done=renamed")
    if kind == "again":
        if has_too_many(asker.username):
            return redirect(f"{here}?done=too_many")
        run_again(asker, row)
        return redirect(here)
    if kind == "take_away":
        take_away(asker, row)
        return redirect(f"{reverse('simulations')}?done=taken_away")
    return None


def _asked_in_words(row: SimulationQuestion, network: Network) -> dict[str, Any]:
    asked = read_asked(row.kind, row.document)
    if isinstance(asked, AskedSensitivity):
        return {"asked": asked, "asked_words": say_sensitivity(asked, read_measures(row.network))}
    if isinstance(asked, AskedTarget):
        return {"asked": asked, "asked_words": say_target(asked, network, read_measures(row.network))}
    changes = [(one.name, [say_change(change, network) for change in one.changes]) for one in asked.scenarios]
    return {"asked": asked, "changes": changes}


def _answer_in_words(row: SimulationQuestion, network: Network) -> dict[str, Any]:
    if row.kind == "target":
        reached = read_target_answer(row.answer.document)
        asked = read_asked(row.kind, row.document)
        return {"answer": reached, "reach": say_reach(reached, asked, network)}
    if row.kind == "sensitivity":
        found = read_sensitivity_answer(row.answer.document)
        return {"answer": found, "swings": say_swings(found, network), "drawing": swings_of(found, network)}
    answer = read_answer(row.answer.document)
    asked = read_asked(row.kind, row.document)
    return {
        "answer": answer,
        "compared": compare_in_words(answer, asked.scenarios, network),
        "figures": say_figures(answer),
        "advice": answer.advice,
        "lists": lists_of(answer),
        "pathways": pathways_of(answer),
    }


def _answered(simulation_id: UUID) -> SimulationQuestion:
    row = get_question(simulation_id)
    if row.kind != "scenarios" or not hasattr(row, "answer"):
        raise Http404
    return row


@require_safe
@only(simulates)
@as_asker("simulations")
def simulation_file(request: HttpRequest, _asker: Viewer, simulation_id: UUID, form: str, table: str) -> HttpResponse:
    """Hand out a table of an answer as a file."""
    row = _answered(simulation_id)
    run = OfRun(row.network.run_id, row.network.start_date)
    make = partial(export_answer, read_answer(row.answer.document), table, run_id=run.run_id)
    return hand_out(request, run, form, f"simulation-{table}", make)


@require_safe
@only(simulates)
@as_asker("simulations")
def simulation_document(request: HttpRequest, _asker: Viewer, simulation_id: UUID) -> HttpResponse:
    """Hand out an answer as the document that it is."""
    row = get_question(simulation_id)
    if not hasattr(row, "answer"):
        raise Http404
    run = OfRun(row.network.run_id, row.network.start_date)
    return hand_out_document(request, run, "simulation-answer", row.answer.document)
