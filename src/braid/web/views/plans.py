"""The pages of joint plans: the plan of a case, its versions, and views of their own plan for those it is about."""

from functools import partial
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from braid.care.actions import CANCELLATIONS, RESULTS
from braid.care.links import ViewWanted
from braid.language.steps import NotPossible
from braid.web.access.projections import Viewer
from braid.web.access.sight import NotThere, Sight, looking
from braid.web.care import actions, cases, own_views, plans
from braid.web.care.plan_forms import (
    AskChangeForm,
    EndPlanForm,
    GoalActionForm,
    GoalForm,
    LinkActionForm,
    OwnViewForm,
    ReviewDayForm,
    ReviewForm,
)
from braid.web.care.plans_seen import PlanSeen, get_plan
from braid.web.views.care import attempt, done_of, status_of, uuid_of, version_of
from braid.web.views.guards import only, reason_words, sees_people, with_reason


@require_http_methods(["GET", "HEAD", "POST"])
@only(sees_people)
@with_reason("plan")
def plan(request: HttpRequest, viewer: Viewer, case_id: UUID) -> HttpResponse:
    """Show the joint plan of a case to who takes part, and take a step of it."""
    fault, status, kind = "", 200, request.POST.get("kind", "")
    with looking(viewer) as sight:
        seen = get_plan(sight, case_id)
        forms = _forms(request, seen, kind)
        form = forms.get(kind)
        if request.method == "POST" and (form is None or form.is_valid()):
            fault, status = attempt(partial(_step, sight, request, case_id, kind, form))
            if not fault:
                return redirect(f"{reverse('plan', args=[case_id])}?done={kind}")
            seen = get_plan(sight, case_id)
        context = {
            "plan": seen,
            "forms": forms,
            "fault": fault,
            "codes": {"done": RESULTS, "cancelled": CANCELLATIONS},
            "done": done_of(request),
            "reason": reason_words(viewer),
        }
    return render(request, "care/plan.html", context, status=status_of(request, status))


def _forms(request: HttpRequest, seen: PlanSeen, kind: str) -> dict[str, object]:
    def data(name: str) -> object:
        return request.POST if name == kind else None

    teams = actions.teams_at_table(cases.get_row(seen.case_id)) if seen.may_work else {}
    return {
        "goal": GoalForm(data("goal"), prefix="goal", subjects=seen.subjects),
        "action": GoalActionForm(data("action"), prefix="action", goals=seen.goals, teams=teams),
        "link": LinkActionForm(data("link"), prefix="link", goals=seen.goals, actions=seen.other_actions),
        "review_day": ReviewDayForm(data("review_day"), prefix="review_day", initial={"day": seen.review_on}),
        "ask_change": AskChangeForm(data("ask_change"), prefix="ask_change"),
        "review": ReviewForm(data("review"), prefix="review", goals=seen.holding.goals if seen.holding else ()),
        "end": EndPlanForm(data("end"), prefix="end"),
    }


def _step(sight: Sight, request: HttpRequest, case_id: UUID, kind: str, form: object) -> None:
    seen, given = version_of(request), form.cleaned_data if form else {}
    if kind == "begin":
        plans.begin(sight, case_id)
    elif kind == "goal":
        subject = int(given["subject"])
        plans.add_goal(sight, case_id, seen, subject, given["words"], given["whose"], given["target_on"])
    elif kind == "end_goal":
        plans.end_goal(sight, case_id, seen, uuid_of(request.POST.get("goal", "")))
    elif kind == "action":
        goal = uuid_of(given["goal"])
        plans.add_action(sight, case_id, seen, goal, given["words"], given["team"], given["due_on"])
    elif kind == "link":
        plans.link_action(sight, case_id, seen, uuid_of(given["goal"]), uuid_of(given["action"]))
    elif kind == "unlink":
        goal, action = (uuid_of(request.POST.get(name, "")) for name in ("goal", "action"))
        plans.unlink_action(sight, case_id, seen, goal, action)
    elif kind == "review_day":
        plans.set_review_day(sight, case_id, seen, given["day"])
    elif kind == "review":
        plans.review(sight, case_id, seen, form.results(), given["next_on"])
    elif kind == "ask_change":
        plans.ask_change(sight, case_id, seen, given["reason"], given["words"])
    elif kind == "end":
        plans.end(sight, case_id, seen, given["reason"])
    elif kind in STEPS:
        STEPS[kind](sight, case_id, seen)
    else:
        raise NotPossible("There is no such step. Look at the plan again")


STEPS = {"propose": plans.propose, "take_back": plans.take_back, "approve": plans.approve}


@require_safe
@only(sees_people)
@with_reason("plan version")
def plan_version(request: HttpRequest, viewer: Viewer, case_id: UUID, number: int) -> HttpResponse:
    """Show one version of a plan; with `for`, as it is printed for one of those it is about, in plain words."""
    with looking(viewer) as sight:
        seen = get_plan(sight, case_id, number)
    subject = request.GET.get("for", "")
    context = {"plan": seen, "reason": reason_words(viewer)}
    if not subject:
        return render(request, "care/plan_version.html", context)
    goals = [one for one in seen.goals if str(one.subject_id) == subject]
    if not goals:
        raise NotThere
    return render(request, "care/plan_paper.html", {**context, "goals": goals})


@require_http_methods(["GET", "HEAD", "POST"])
@only(sees_people)
@with_reason("own views")
def own_views_of_case(request: HttpRequest, viewer: Viewer, case_id: UUID) -> HttpResponse:
    """Show to who sees the whole of a case which views of their own plan were given; the lead makes and revokes them.

    The code of a new one is shown in this answer and never again.
    """
    fault, status, code, kind = "", 200, "", request.POST.get("kind", "")
    with looking(viewer) as sight:
        seen = get_plan(sight, case_id)
        if not seen.is_whole:
            raise NotThere
        form = OwnViewForm(request.POST if kind == "make" else None, subjects=seen.subjects)
        if request.method == "POST" and (kind != "make" or form.is_valid()):
            made: list[str] = []
            fault, status = attempt(partial(_view_step, sight, request, case_id, form, made))
            if not fault and not made:
                return redirect(f"{reverse('own_views', args=[case_id])}?done={kind}")
            code = "".join(made)
        context = {
            "plan": seen,
            "views": own_views.list_views(cases.get_row(case_id)),
            "form": OwnViewForm(subjects=seen.subjects) if code else form,
            "fault": fault,
            "code": code,
            "done": done_of(request),
            "reason": reason_words(viewer),
        }
    return render(request, "care/own_views.html", context, status=200 if code else status_of(request, status))


def _view_step(sight: Sight, request: HttpRequest, case_id: UUID, form: OwnViewForm, made: list[str]) -> None:
    kind = request.POST.get("kind", "")
    if kind == "make":
        given = form.cleaned_data
        wanted = ViewWanted(given["aim"], given["hand_over"], given["days"], given["fits"])
        made.append(own_views.make_view(sight, case_id, int(given["subject"]), wanted))
    elif kind == "revoke":
        own_views.revoke_view(sight, case_id, uuid_of(request.POST.get("view", "")))
    else:
        raise NotPossible("There is no such step. Look at the page again")
