"""The pages of the service to one person that a commission pays for, and of what its provider returns."""

from functools import partial
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from braid.care.words import check_words
from braid.language.steps import NotPossible
from braid.place.commissions.eligibility import BASES, eligibility_in_words
from braid.place.commissions.rounds import FIGURES, give, shown_figures
from braid.place.commissions.states import (
    ATTENDANCES,
    BANDS,
    ENDED_EARLY,
    EPISODE,
    MOVED,
    NO_SESSION,
    SCORE,
    SCORES,
)
from braid.web.access.joint import find_names
from braid.web.access.projections import Viewer
from braid.web.access.sight import NotThere, Sight, looking
from braid.web.care.kept import acting_of, change, record_step
from braid.web.commissions import serving
from braid.web.commissions.forms import (
    AttendanceForm,
    EndEarlyForm,
    MoveForm,
    PlanForm,
    ReportForm,
    ReturnForm,
    ScoreForm,
    TimeForm,
)
from braid.web.commissions.place_files import files, outcome_names
from braid.web.commissions.seen import recorded_spans, see_returns
from braid.web.models import RoundReturn
from braid.web.views.care import attempt, done_of, uuid_of, version_of
from braid.web.views.guards import only, reason_words, sees_people, with_reason

WITHOUT_FORM = ("assess", "approve_plan", "return_plan", "conclude")


@require_http_methods(["GET", "HEAD", "POST"])
@only(sees_people)
@with_reason("referral service")
def referral_service(request: HttpRequest, viewer: Viewer, referral_id: UUID) -> HttpResponse:
    """Show the service of a referral to whoever may see that, and take the step that is theirs."""
    fault, status, kind = "", 200, request.POST.get("kind", "")
    with looking(viewer) as sight:
        service = serving.get_service(sight, referral_id)
        sent = _form_of(service, kind, request)
        if request.method == "POST":
            status = 400
            if sent is None or sent.is_valid():
                fault, status = attempt(partial(_step, sight, service, request, kind, sent))
                if not fault:
                    return redirect(f"{reverse('referral_service', args=[referral_id])}?done={kind}")
                service = serving.get_service(sight, referral_id)
        context = _context(sight, service, kind, sent) | {
            "fault": fault,
            "done": done_of(request),
            "reason": reason_words(viewer),
        }
    return render(request, "commissions/service.html", context, status=status)


def _outcomes(service: serving.Service) -> dict[str, str]:
    names = outcome_names(service.terms.statement)
    return {outcome: names.get(outcome, outcome) for outcome in service.terms.outcomes}


def _form_of(service: serving.Service, kind: str, request: HttpRequest | None = None) -> object:
    """Return the form that a step is sent with, filled in as it was sent; `None` for a step without one."""
    data = request.POST if request is not None else None
    if kind == "report":
        return ReportForm(data, outcomes=_outcomes(service))
    kinds = {
        "submit_plan": PlanForm,
        "vary_plan": PlanForm,
        "end_early": EndEarlyForm,
        "plan_session": TimeForm,
        "move_session": MoveForm,
        "attendance": AttendanceForm,
        "score": ScoreForm,
    }
    return kinds[kind](data) if kind in kinds else None


def _step(sight: Sight, service: serving.Service, request: HttpRequest, kind: str, sent: object) -> None:
    seen, given = version_of(request), sent.cleaned_data if sent is not None else {}
    thing = request.POST.get("thing", "")
    if kind in EPISODE.steps and kind != "report":
        serving.step_service(sight, service, seen, kind, given.get("words", ""), given.get("because", ""))
    elif kind in ("eligible", "not_eligible"):
        serving.say_eligible(sight, service, seen, kind == "eligible")
    elif kind == "plan_session":
        serving.plan_session(sight, service, sent.moment)
    elif kind == "move_session":
        serving.move_session(sight, service, uuid_of(thing), seen, sent.moment, given["because"])
    elif kind == "attendance":
        serving.write_session(sight, service, uuid_of(thing), seen, given["attendance"], given["why_not"])
    elif kind == "report":
        serving.report(sight, service, seen, sent.scores, sent.evidence, given["own_view"])
    elif kind == "score":
        step = request.POST.get("step", "")
        serving.answer_score(sight, service, uuid_of(thing), seen, step, given["why"], given["score"])
    else:
        raise NotPossible("There is no such step. Look at the page again")


def _context(sight: Sight, service: serving.Service, kind: str, sent: object) -> dict[str, object]:
    row, place = service.row, files()
    statement = place.statements.get(service.terms.statement)
    names = find_names(sight, [service.referral.person_id])
    is_shown = service.referral.person_id in names  # words about somebody are for whoever is shown who it is
    scores = [
        (one, _outcomes(service).get(one.outcome, one.outcome), serving.score_steps(sight, service, one))
        for one in row.scores.order_by("outcome", "pk")
    ]
    return {
        "one": service,
        "name": names.get(service.referral.person_id, ""),
        "is_shown": is_shown,
        "state": EPISODE.states[row.state].name,
        "band": BANDS[row.need_band],
        "basis": BASES[row.eligible_by],
        "judged": serving.judge(sight, service.referral, service.terms, service.lot) if is_shown else (),
        "eligibility": eligibility_in_words(statement, service.lot.eligibility, place.districts) if statement else (),
        "ended": ENDED_EARLY.get(row.ended_because, ""),
        "plans": list(row.plans.order_by("-number")),
        "sessions": list(row.sessions.order_by("at", "pk")),
        "scores": scores,
        "steps": [(code, EPISODE.steps[code].name) for code in service.steps if code in WITHOUT_FORM],
        "forms": {code: _form_of(service, code) for code in _forms(service)} | ({kind: sent} if sent else {}),
        "attendances": ATTENDANCES,
        "why_not": NO_SESSION,
        "moved": MOVED,
        "score_names": SCORES,
        "score_states": {code: one.name for code, one in SCORE.states.items()},
        "score_steps": {code: one.name for code, one in SCORE.steps.items()},
        "sent": sent,
        "kind": kind,
        "is_provider": "provider" in service.parts,
        "is_referrer": "referrer" in service.parts,
        "session_forms": "provider" in service.parts and row.state == "under_way",
        "now": timezone.now(),
    }


def _forms(service: serving.Service) -> list[str]:
    with_form = [code for code in service.steps if code not in WITHOUT_FORM]
    may_plan = "provider" in service.parts and service.row.state == "under_way"
    extra = ["plan_session", "attendance", "move_session"] if may_plan else []
    return [*with_form, *extra, "score"]


@require_safe
@only(sees_people)
@with_reason("returns")
def commission_returns(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """List the returns that are asked of the teams that whoever looks leads."""
    with looking(viewer) as sight:
        rows = _returns(sight).order_by("-of_round__due_date", "team__name", "pk")
        context = {"returns": see_returns(list(rows)), "done": done_of(request), "reason": reason_words(viewer)}
    return render(request, "commissions/returns.html", context)


def _returns(sight: Sight) -> object:
    mine = RoundReturn.objects.filter(team_id__in=acting_of(sight).leads)
    return mine.select_related("of_round__commission", "team")


@require_http_methods(["GET", "HEAD", "POST"])
@only(sees_people)
@with_reason("return")
def commission_return(request: HttpRequest, viewer: Viewer, return_id: UUID) -> HttpResponse:
    """Show and take the return of a team that whoever looks leads, beside what the records leave."""
    fault, status = "", 200
    with looking(viewer) as sight:
        row = _returns(sight).filter(pk=return_id).first()
        if row is None:
            raise NotThere
        recorded = recorded_spans(row.of_round.commission, row.of_round, row.team_id)
        form = ReturnForm(request.POST if request.method == "POST" else None)
        if request.method == "POST":
            status = 400
            if form.is_valid():
                fault, status = attempt(partial(_give, sight, row, version_of(request), form, recorded))
                if not fault:
                    return redirect(f"{reverse('commission_returns')}?done=given")
        context = {
            "one": see_returns([row])[0],
            "form": form,
            "recorded": recorded,
            "figures": FIGURES,
            "may_give": row.state in ("asked", "queried"),
            "fault": fault,
            "reason": reason_words(viewer),
        }
    return render(request, "commissions/return.html", context, status=status)


def _give(sight: Sight, row: RoundReturn, seen: int, form: ReturnForm, recorded: dict[str, tuple[int, int]]) -> None:
    given = form.cleaned_data
    check_words(given["narrative"])
    state = give(acting_of(sight), row.team_id, row.state, form.figures, given["risk"])
    change(
        row,
        seen,
        state=state,
        said=shown_figures(form.figures, recorded),
        recorded={code: list(span) for code, span in recorded.items()},
        risk=given["risk"],
        narrative=given["narrative"],
        given_on=timezone.localdate(),
        changed_by=sight.viewer.username,
    )
    record_step(sight, "return given", [], team=row.team_id)
