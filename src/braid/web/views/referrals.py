"""The pages of referrals: refer a person, a referral, the teams and their capacity, and everybody's work list."""

from functools import partial
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from braid.care.referrals import Answer
from braid.care.services import SERVICES
from braid.care.teams import CAPACITIES, check_capacity_change
from braid.care.words import check_words
from braid.web.access.joint import find_names
from braid.web.access.projections import Viewer
from braid.web.access.sight import NotThere, Sight, looking
from braid.web.care import (
    actions,
    case_changes,
    cases,
    meetings,
    minutes,
    moves_seen,
    overdue,
    readiness,
    referrals,
    reviews,
)
from braid.web.care.forms import CapacityForm, LookAgainForm, ReferForm, RefuseForm
from braid.web.care.kept import acting_of, change, load_team, record_step
from braid.web.care.plans_seen import list_due
from braid.web.commissions import serving
from braid.web.models import Team
from braid.web.views.care import attempt, done_of, version_of
from braid.web.views.guards import only, posted, reason_words, sees_people, with_reason


@require_safe
@only(sees_people)
@with_reason("work")
def work(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """List what is mine, my teams', overdue, and what waits on others."""
    with looking(viewer) as sight:
        members: cases.Members = {}
        of_teams, returns = actions.list_of_teams(sight, members), meetings.list_returns_due(sight)
        context = {
            "my_actions": [one for one in of_teams if one.owner == viewer.username],
            "returns": returns,
            "reviews": reviews.list_reviews(sight),
            "to_agree": minutes.list_to_agree(sight),
            "inbox": referrals.list_inbox(sight),
            "offers": cases.list_offers(sight),
            "stuck": [one for one in case_changes.list_led() if one.is_stuck],
            "plans": list_due(sight),
            "items": readiness.list_not_in_time(sight, members),
            "notices": moves_seen.list_due(sight),
            "to_confirm": moves_seen.list_to_confirm(sight),
            "team_actions": [one for one in of_teams if one.owner != viewer.username],
            "overdue": overdue.list_overdue(sight),
            "waiting": [one for one in referrals.list_sent(sight) if one.state == "pending"],
            "offered": cases.list_offered(sight),
            "to_check": actions.list_to_check(sight, members),
            "awaited": meetings.list_returns_awaited(sight),
            "teams": sorted(acting_of(sight).teams),
            "me": viewer.username,
            "reason": reason_words(viewer),
        }
    return render(request, "care/work.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@only(sees_people)
@with_reason("refer")
def refer(request: HttpRequest, viewer: Viewer, person_id: str) -> HttpResponse:
    """Refer a person to a team's inbox; what is open for them already is shown first."""
    fault, status = "", 200
    with looking(viewer) as sight:
        referrals.check_sees(sight, person_id)
        teams = referrals.list_teams(viewer.purpose)
        form = ReferForm(posted(request), teams=teams, purpose=viewer.purpose, today=timezone.localdate())
        if request.method == "POST" and form.is_valid():
            fault, status = attempt(partial(_send, sight, person_id, form.cleaned_data))
            if not fault:
                return redirect(f"{reverse('work')}?done=referred")
        context = {
            "form": form,
            "fault": fault,
            "person_id": person_id,
            "name": find_names(sight, [person_id]).get(person_id, ""),
            "alike": referrals.find_alike(person_id),
            "reason": reason_words(viewer),
        }
    return render(request, "care/refer.html", context, status=_status(form, status))


def _send(sight: Sight, person_id: str, given: dict) -> None:
    check_words(given["note"])
    row = referrals.send(
        sight, person_id, given["team"], given["service"], given["urgency"], given["note"], given["since"]
    )
    serving.begin(sight, row, given["need_band"])


def _status(form: object, status: int) -> int:
    return status if status in (400, 409) else 400 if form.errors else 200


@require_http_methods(["GET", "HEAD", "POST"])
@only(sees_people)
@with_reason("referral")
def referral(request: HttpRequest, viewer: Viewer, referral_id: UUID) -> HttpResponse:
    """Show a referral to whoever sent or received it; answer it, or take it back."""
    fault, status, step = "", 200, request.POST.get("step", "")
    with looking(viewer) as sight:
        referrals.get_row(referral_id)
        form = RefuseForm(request.POST if step == "refuse" else None)
        again = LookAgainForm(request.POST if step == "look_again" else None)
        sent = {"refuse": form, "look_again": again}.get(step)
        if request.method == "POST" and (sent is None or sent.is_valid()):
            given = sent.cleaned_data if sent else {}
            fault, status = attempt(partial(_answer, sight, referral_id, version_of(request), step, given))
            if not fault:
                return redirect(f"{reverse('referral', args=[referral_id])}?done={step}")
        one = referrals.get_referral(sight, referral_id)
        context = {
            "one": one,
            "service": serving.find_service(sight, referral_id),
            "frozen": referrals.find_ranks_at_acceptance(sight, one),
            "form": form,
            "again": again,
            "fault": fault,
            "done": done_of(request),
            "reason": reason_words(viewer),
        }
    return render(request, "care/referral.html", context, status=_status(again if again.errors else form, status))


def _answer(sight: Sight, referral_id: UUID, seen: int, step: str, given: dict) -> None:
    if step == "revoke":
        referrals.revoke_referral(sight, referral_id, seen)
    elif step == "look_again":
        referrals.look_again(sight, referral_id, seen, given["look_again_on"])
    else:
        answer = Answer(step, given.get("refusal", ""), given.get("parked_until"))
        referrals.answer_referral(sight, referral_id, seen, answer)


@require_safe
@only(sees_people)
@with_reason("teams")
def teams(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """List the teams of the place: what they offer, and whether they can take referrals."""
    with looking(viewer) as sight:
        mine = acting_of(sight).teams
        rows = [
            (row, [SERVICES[one].name for one in row.services if one in SERVICES], CAPACITIES[row.capacity].name)
            for row in referrals.list_teams(viewer.purpose)
        ]
    context = {"rows": rows, "mine": mine, "reason": reason_words(viewer)}
    return render(request, "care/teams.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@only(sees_people)
@with_reason("team")
def team(request: HttpRequest, viewer: Viewer, team_id: str) -> HttpResponse:
    """Say whether one's team can take referrals."""
    fault, status = "", 200
    with looking(viewer) as sight:
        row = Team.objects.filter(pk=team_id).first()
        if row is None:
            raise NotThere
        form = CapacityForm(posted(request), initial={"capacity": row.capacity, "until": row.capacity_until})
        if request.method == "POST" and form.is_valid():
            fault, status = attempt(partial(_say_capacity, sight, row, version_of(request), form.cleaned_data))
            if not fault:
                return redirect(f"{reverse('team', args=[team_id])}?done=said")
        context = {
            "team": row,
            "is_mine": row.pk in acting_of(sight).teams,
            "led": case_changes.list_led(row.pk),
            "capacity": CAPACITIES[row.capacity].name,
            "services": [SERVICES[one].name for one in row.services if one in SERVICES],
            "form": form,
            "fault": fault,
            "done": done_of(request),
            "reason": reason_words(viewer),
        }
    return render(request, "care/team.html", context, status=_status(form, status))


def _say_capacity(sight: Sight, row: Team, seen: int, given: dict) -> None:
    by, noun = acting_of(sight), load_team(row.pk)
    check_capacity_change(by, noun, given["capacity"], given["until"], timezone.localdate())
    with transaction.atomic():
        change(row, seen, capacity=given["capacity"], capacity_until=given["until"])
        record_step(sight, "capacity said", [], team=row.pk, capacity=given["capacity"])
