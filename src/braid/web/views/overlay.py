"""The pages of the safety overlay: entries with their changes by two people, and conflicts that anybody declares."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from braid.language.steps import NotPossible
from braid.trust.overlay import Entry, Exclusion, Restriction
from braid.trust.overlay_change import Change, Step
from braid.web.access import record_read
from braid.web.access.context import asking_as
from braid.web.overlay.entries import EntrySeen, add_entry, decide_change, declare_conflict, list_entries, propose
from braid.web.overlay.forms import AskAgainForm, ConflictForm, ExclusionForm, RestrictionForm
from braid.web.views.care import done_of
from braid.web.views.guards import anybody, lead_of, only, posted
from braid.web.views.trust import accounts_for_looks

FORMS = {"exclusion": ExclusionForm, "restriction": RestrictionForm}


@require_http_methods(["GET", "HEAD", "POST"])
@only(accounts_for_looks)
def overlay(request: HttpRequest) -> HttpResponse:
    """List the entries in force, and add one."""
    forms = {kind: form() for kind, form in FORMS.items()}
    kind = request.POST.get("kind", "")
    if request.method == "POST" and kind in FORMS:
        form = forms[kind] = FORMS[kind](request.POST)
        if form.is_valid():
            with asking_as(request.user.username, ""):
                given = form.cleaned_data
                add_entry(request.user, _entry(request, kind, given), reference=given["reference"])
            return redirect(f"{reverse('trust_overlay')}?done=added")
    with asking_as(request.user.username, ""):
        entries = list_entries(timezone.now())
        record_read(lead_of(request, "trust overlay"), len(entries))
    context = {"entries": entries, "forms": forms, "done": done_of(request) == "added"}
    refused = request.method == "POST"
    return render(request, "trust_overlay.html", context, status=400 if refused else 200)


def _entry(request: HttpRequest, kind: str, given: dict) -> Entry:
    common = {
        "subject": given["subject_id"],
        "reason": given["reason"],
        "entered_by": request.user.username,
        "since": timezone.now(),
        "until": given["until"],
    }
    if kind == "exclusion":
        return Exclusion(**common, barred_user=given["barred_username"], barred_person=given["barred_person_id"])
    return Restriction(**common, admitted=given["admitted"])


@require_http_methods(["GET", "HEAD", "POST"])
@only(accounts_for_looks)
def overlay_entry(request: HttpRequest, kind: str, entry_id: int) -> HttpResponse:
    """Show one entry; propose to lift it or set when it asks; decide on what somebody else proposed."""
    with asking_as(request.user.username, ""):
        entries = list_entries(timezone.now())
        entry = next((one for one in entries if (one.kind, one.id) == (kind, entry_id)), None)
        if entry is not None:
            record_read(lead_of(request, "trust overlay entry"), 1, entry.subject_id, **{kind: entry_id})
    if entry is None:
        raise Http404
    form, fault, step = AskAgainForm(), "", request.POST.get("step", "")
    if request.method == "POST":
        if step == "ask_again":
            form = AskAgainForm(request.POST)
        if step != "ask_again" or form.is_valid():
            fault = _take(request, entry, step, form)
            if not fault:
                return redirect("trust_overlay")
    context = {"entry": entry, "form": form, "fault": fault, "me": request.user.username}
    return render(request, "trust_overlay_entry.html", context, status=400 if fault or form.errors else 200)


def _take(request: HttpRequest, entry: EntrySeen, step: str, form: AskAgainForm) -> str:
    """Take a step with an entry; return what is in the way, or nothing."""
    try:
        with asking_as(request.user.username, ""):
            if step == "propose_removal":
                propose(request.user, entry.kind, entry.id, Change.REMOVE)
            elif step == "ask_again":
                propose(request.user, entry.kind, entry.id, Change.SHORTEN, form.cleaned_data["until"])
            elif step in set(Step) and entry.change is not None:
                decide_change(request.user, entry.change.pk, Step(step))
            else:
                return "Choose what to do with the entry"
    except NotPossible as refusal:
        return str(refusal)
    return ""


@require_http_methods(["GET", "HEAD", "POST"])
@only(anybody)
def conflicts(request: HttpRequest) -> HttpResponse:
    """Let anybody who is signed in say that they know a person. The answer is the same whoever that is."""
    form = ConflictForm(posted(request))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        with asking_as(request.user.username, ""):
            declare_conflict(request.user, given["subject_id"], given["reference"], given["reason"])
        return redirect(f"{reverse('conflicts')}?done=recorded")
    context = {"form": form, "done": done_of(request) == "recorded"}
    return render(request, "conflicts.html", context, status=400 if form.errors else 200)
