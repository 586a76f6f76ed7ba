"""The pages of what leaves: write a message about a person, one's own messages, how somebody may be reached."""

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from braid.language.steps import NotPossible
from braid.store.vault_keys import VaultKeyNotAvailable
from braid.web.access.context import asking_as
from braid.web.access.correspondents import get_correspondents
from braid.web.access.projections import Viewer
from braid.web.access.sight import looking
from braid.web.outbound.disclosures import withhold
from braid.web.outbound.forms import MessageForm, ReleaseForm, SafeContactForm, WithholdForm
from braid.web.outbound.outbox import cancel, list_messages, queue_message
from braid.web.outbound.safe_contacts import add_release, add_safe_contact
from braid.web.outbound.standing import list_standing
from braid.web.views.care import done_of
from braid.web.views.guards import only, posted, reason_words, sees_people, with_reason
from braid.web.views.tasks import ENDINGS, number_in

NO_KEY = "It cannot be kept safely just now, so nothing was kept. Try again later"


@require_http_methods(["GET", "HEAD", "POST"])
@only(sees_people)
@with_reason("message")
def message(request: HttpRequest, viewer: Viewer, person_id: str) -> HttpResponse:
    """Write a message about a person; it goes into the outbox, and the page sends nothing.

    To an organisation it takes a law and a reason. A second form keeps that something is not shared with somebody.
    """
    fault, is_withheld = "", request.POST.get("kind") == "withhold"
    with looking(viewer) as sight:
        known = get_correspondents(sight, person_id)
        form = MessageForm(None if is_withheld else posted(request), known=known)
        withheld = WithholdForm(request.POST if is_withheld else None, known=known)
        if request.method == "POST" and (withheld if is_withheld else form).is_valid():
            fault = _withhold(viewer, person_id, withheld) if is_withheld else _queue(viewer, person_id, form)
            if not fault:
                here = f"{reverse('message', args=[person_id])}?done=withheld"
                return redirect(here if is_withheld else f"{reverse('messages')}?done=queued")
    context = {
        "form": form,
        "withheld": withheld,
        "known": known,
        "fault": fault,
        "reason": reason_words(viewer),
        "done": done_of(request) == "withheld",
    }
    return render(request, "message.html", context, status=400 if fault or form.errors or withheld.errors else 200)


def _queue(viewer: Viewer, person_id: str, form: MessageForm) -> str:
    """Put a valid form's message into the outbox; return what is in the way, or nothing."""
    try:
        queue_message(viewer, form.draft(viewer, [person_id]), form.parties(), grounds=form.grounds())
    except NotPossible as refusal:
        return str(refusal)
    except VaultKeyNotAvailable:
        return NO_KEY
    return ""


def _withhold(viewer: Viewer, person_id: str, form: WithholdForm) -> str:
    """Keep that something is not shared; return what is in the way, or nothing."""
    given = form.cleaned_data
    try:
        withhold(viewer, person_id, given["receiver"], given["reason"], given["classes"], given["gateway"])
    except NotPossible as refusal:
        return str(refusal)
    return ""


@require_http_methods(["GET", "HEAD", "POST"])
@only(sees_people)
def messages(request: HttpRequest) -> HttpResponse:
    """List one's own messages and where they stand; cancel one that waits."""
    fault = ""
    viewer = Viewer(request.user.username, request.user.role, "", "", "messages")
    with asking_as(request.user.username, ""):
        if request.method == "POST":
            try:
                cancel(viewer, request.POST.get("message", ""))
                return redirect(f"{reverse('messages')}?done=cancelled")
            except (NotPossible, ValidationError):
                fault = "The message has left, or was cancelled before. Look at the list again"
        mine = list_messages(request.user.username)
    context = {"messages": mine, "fault": fault, "done": done_of(request)}
    return render(request, "messages.html", context, status=400 if fault else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@only(sees_people)
@with_reason("contact")
def contact(request: HttpRequest, viewer: Viewer, person_id: str) -> HttpResponse:
    """Enter how a person may be reached, or what may be told to whom; a second human confirms it. End what one, or a
    colleague of one's role, entered."""
    fault, kind = "", request.POST.get("kind", "")
    with looking(viewer) as sight:
        known = get_correspondents(sight, person_id)
        forms = {
            "contact": SafeContactForm(request.POST if kind == "contact" else None),
            "release": ReleaseForm(request.POST if kind == "release" else None, known=known),
        }
        form = forms.get(kind)
        if request.method == "POST":
            done = ""
            if kind in ENDINGS:
                fault, done = _end(request, viewer, person_id, kind), "ended"
            elif form is not None and form.is_valid():
                fault, done = _enter(viewer, person_id, kind, form.cleaned_data), "entered"
            if done and not fault:
                return redirect(f"{reverse('contact', args=[person_id])}?done={done}")
        standing = list_standing(timezone.now(), person_id, known.people)
    context = {
        "standing": standing,
        "me": viewer.username,
        "forms": forms,
        "known": known,
        "fault": fault,
        "reason": reason_words(viewer),
        "done": done_of(request),
    }
    return render(request, "contact.html", context, status=400 if request.method == "POST" else 200)


def _end(request: HttpRequest, viewer: Viewer, person_id: str, step: str) -> str:
    """End what was entered about the person; return what is in the way, or nothing."""
    end, kind = ENDINGS[step]
    standing = {one.id for one in list_standing(timezone.now(), person_id) if one.kind == kind}
    number = number_in(request)
    try:
        end(request.user, kind, number if number in standing else 0, viewer.reference, viewer.purpose)
    except NotPossible as refusal:
        return str(refusal)
    return ""


def _enter(viewer: Viewer, person_id: str, kind: str, given: dict) -> str:
    """Enter what the form holds; return what is in the way, or nothing."""
    try:
        if kind == "contact":
            hours = (given["from_hour"] or 0, given["to_hour"] or 24)
            add_safe_contact(viewer, person_id, given["channels"], given["contacts"].splitlines(), hours)
        else:
            party_kind, party_id = given["recipient"].split(":", 1)
            add_release(viewer, person_id, given["location_kind"], party_kind, party_id, given["until"])
    except NotPossible as refusal:
        return str(refusal)
    except VaultKeyNotAvailable:
        return NO_KEY
    return ""
