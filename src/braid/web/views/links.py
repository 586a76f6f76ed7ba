"""The pages of whoever has no account: one's own plan, and a reply to a referral, each by a code that is typed.

A code stands in no address, and nothing of it stays in a session: it is sent with each form. Every code that opens
nothing gets the same page to the byte, and every answer to a code leaves at a fixed moment (`hold_back`).
"""

from collections.abc import Callable
from functools import partial, wraps
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from braid.care.referrals import Answer
from braid.language.steps import NotPossible
from braid.web.access.projections import Viewer
from braid.web.access.sight import Sight, looking
from braid.web.care import own_views, reply_links
from braid.web.care.link_door import is_shut, note_miss, source_of
from braid.web.care.own_views import OwnPlan
from braid.web.care.plan_forms import CodeForm, ReplyForm, SayForm
from braid.web.care.reply_links import Asked
from braid.web.views.care import attempt, done_of
from braid.web.views.guards import only, reason_words, sees_people, with_reason

Page = Callable[[HttpRequest], HttpResponse]
CLOSED, SHUT = 404, 429


def to_nobody_else(page: Page) -> Page:
    """Let an answer lead no search engine here.

    That no other site is told where its reader came from holds for every page (`SECURE_REFERRER_POLICY`); with
    `no-referrer` a browser would name no origin for a form, and the form would be refused.
    """

    @wraps(page)
    def answer(request: HttpRequest) -> HttpResponse:
        response = page(request)
        response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
        return response

    return answer


@require_http_methods(["GET", "HEAD", "POST"])
@to_nobody_else
def own(request: HttpRequest) -> HttpResponse:
    """Ask for a code; show whoever has one their own plan, and keep what they say about it."""
    if request.method != "POST":
        return render(request, "own/code.html", {"form": CodeForm()})
    return _behind(request, "own", own_views.PAGE, own_views.open_own, _own)


@require_http_methods(["GET", "HEAD", "POST"])
@to_nobody_else
def reply(request: HttpRequest) -> HttpResponse:
    """Ask for a code; show whoever has one what is asked of their team, and take their answer, once."""
    if request.method != "POST":
        return render(request, "reply/code.html", {"form": CodeForm()})
    return _behind(request, "reply", reply_links.PAGE, reply_links.open_reply, _reply)


def _behind(
    request: HttpRequest, name: str, page: str, find: Callable[[str], object], show: Callable[..., HttpResponse]
) -> HttpResponse:
    """Answer what a code opens: not looked at after too many wrong ones, and the same page whyever it opens nothing."""
    source = source_of(request)
    if is_shut(source):
        return render(request, f"{name}/closed.html", {"is_shut": True}, status=SHUT)
    code = request.POST.get("code", "")[:200]
    found = find(code)
    if found is None:
        note_miss(source, page)
        return render(request, f"{name}/closed.html", {"is_shut": False}, status=CLOSED)
    return show(request, code, found)


def _own(request: HttpRequest, code: str, found: OwnPlan) -> HttpResponse:
    fault, kept, says = "", False, request.POST.get("step") == "say"
    form = SayForm(request.POST if says else None)
    if says and form.is_valid():
        given = form.cleaned_data
        about = request.POST.get("plan", "")
        fault, _ = attempt(partial(own_views.say, code, found, about, given["stance"], given["words"]))
        kept = not fault
        if kept:
            found, form = own_views.open_own(code) or found, SayForm()
    context = {"own": found, "form": form, "code": code, "fault": fault, "kept": kept}
    return render(request, "own/plan.html", context, status=400 if says and not kept else 200)


def _reply(request: HttpRequest, code: str, found: Asked) -> HttpResponse:
    fault, answers = "", request.POST.get("step", "") != ""
    form = ReplyForm(request.POST if answers else None)
    if answers and form.is_valid():
        given = form.cleaned_data
        answered = Answer(given["step"], given["refusal"], given["parked_until"])
        fault, _ = attempt(partial(reply_links.answer, code, found, answered))
        if not fault:
            return render(request, "reply/done.html", {"asked": found, "is_accepted": given["step"] == "accept"})
    context = {"asked": found, "form": form, "code": code, "fault": fault}
    return render(request, "reply/referral.html", context, status=400 if answers else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@only(sees_people)
@with_reason("reply links")
def referral_links(request: HttpRequest, viewer: Viewer, referral_id: UUID) -> HttpResponse:
    """Show to whoever sent a referral, and their lead, the links for a reply to it, and to its team that there are none
    for them; make one, or revoke it.

    The code of a new one is shown in this answer and never again.
    """
    fault, code, kind = "", "", request.POST.get("kind", "")
    with looking(viewer) as sight:
        reply_links.get_row(referral_id)
        if request.method == "POST":
            made: list[str] = []
            fault, _ = attempt(partial(_link_step, sight, request, referral_id, made))
            if not fault and not made:
                return redirect(f"{reverse('referral_links', args=[referral_id])}?done={kind}")
            code = "".join(made)
        row = reply_links.get_row(referral_id)
        context = {
            "reference": row.reference,
            "referral_id": referral_id,
            "team": row.team.name,
            "links": reply_links.list_links(referral_id),
            "may_make": reply_links.may_make(sight, referral_id),
            "fault": fault,
            "code": code,
            "done": done_of(request),
            "reason": reason_words(viewer),
        }
    return render(request, "care/reply_links.html", context, status=400 if fault else 200)


def _link_step(sight: Sight, request: HttpRequest, referral_id: UUID, made: list[str]) -> None:
    kind = request.POST.get("kind", "")
    if kind == "make":
        made.append(reply_links.make_link(sight, referral_id))
    elif kind == "revoke":
        number = request.POST.get("link", "")
        if not (number.isascii() and number.isdigit() and len(number) < 18):
            raise NotPossible("There is no such link. Look at the page again")
        reply_links.revoke_link(sight, referral_id, int(number))
    else:
        raise NotPossible("There is no such step. Look at the page again")
