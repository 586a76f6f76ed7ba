"""The page of searches: one box, what was typed never in an address, and an answer that tells nothing of the hidden."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from braid.web.access.projections import Viewer
from braid.web.access.sight import looking
from braid.web.care.forms import FindForm
from braid.web.care.searching import TooOften, search
from braid.web.views.guards import only, posted, reason_words, sees_people, with_reason


@require_http_methods(["GET", "HEAD", "POST"])
@only(sees_people)
@with_reason("find")
def find(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Find a person by name, or a referral, case or meeting by its reference, among what one may see."""
    form, found, fault, status = FindForm(posted(request)), None, "", 200
    if request.method == "POST" and form.is_valid():
        with looking(viewer) as sight:
            try:
                found = search(sight, form.cleaned_data["words"])
            except TooOften as refusal:
                fault, status = str(refusal), 429
    context = {"form": form, "found": found, "fault": fault, "reason": reason_words(viewer)}
    return render(request, "care/find.html", context, status=400 if form.errors else status)
