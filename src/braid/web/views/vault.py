"""The pages of the vault: confirm who you are, and one field of one person for one answer."""

import dataclasses
from urllib.parse import urlencode

from csp.constants import NONCE
from csp.decorators import csp_replace
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_http_methods

from braid.web.access import NotPermitted, NotThere
from braid.web.access.projections import Viewer
from braid.web.access.vault import KIND_NAMES, StepUpNeeded, read_vault_field
from braid.web.forms import ConfirmForm
from braid.web.refusal_record import record_sign_in, record_wrong_sign_in
from braid.web.second_factor import Answer, confirm, find_confirmation, keep_confirmation
from braid.web.sign_in import keys
from braid.web.sign_in.steps import has_code
from braid.web.views.errors import locked_out, no_second_factor, not_found, not_permitted
from braid.web.views.guards import only, reason_words, with_reason
from braid.web.views.provider import action_of, confirms_at_provider
from braid.web.views.signing import key_words


@require_GET
@only(lambda role: role.sees_people)
@with_reason("location")
def location(request: HttpRequest, viewer: Viewer, person_id: str, field: str) -> HttpResponse:
    """Show one field of a protected person; ask for the second factor first where that was over five minutes ago."""
    assurance, confirmed_at = find_confirmation(request.session, request.user)
    viewer = dataclasses.replace(viewer, assurance=assurance, confirmed_at=confirmed_at)
    try:
        seen = read_vault_field(viewer, person_id, field, timezone.now())
    except StepUpNeeded:
        return HttpResponseRedirect(f"{reverse('confirm')}?{urlencode({'next': request.get_full_path()})}")
    except NotPermitted:
        return not_permitted(request)
    except NotThere:
        return not_found(request)
    context = {"seen": seen, "kind_names": KIND_NAMES, "person_id": person_id, "reason": reason_words(viewer)}
    return render(request, "location.html", context, status=200 if seen.values is not None else 503)


@require_http_methods(["GET", "HEAD", "POST"])
@csp_replace({"script-src": [NONCE]})
@login_required
def confirm_identity(request: HttpRequest) -> HttpResponse:
    """Ask for password and one-time code, or for a security key, and go on to the page first asked for.

    It confirms the session for one action: what the vault holds, or how one signs in, by where they were going.
    """
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    target = wanted if url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) else reverse("people")
    action = action_of(target)
    form = ConfirmForm(request.POST or None, has_password=request.user.has_usable_password())
    site, fault, answer = keys.find_site(request), "", None
    if request.method == "POST" and request.POST.get("signed"):
        form = ConfirmForm(has_password=request.user.has_usable_password())
        signed, key_id = keys.use(request.session, request.user, site, request.POST["signed"], action)
        if signed is keys.KeyAnswer.CONFIRMED:
            return _confirmed(request, target, action, key_id)
        record_wrong_sign_in(request.user.username, str(signed), "confirm")
        fault = key_words(signed)
    elif request.method == "POST" and form.is_valid():
        answer = confirm(request.user, form.password_given(), form.cleaned_data["code"], timezone.now())
        if answer is Answer.CONFIRMED:
            return _confirmed(request, target, action, None)
        record_wrong_sign_in(request.user.username, f"confirmation_{answer}", "confirm")
        if answer is Answer.LOCKED:
            return locked_out(request)
        if answer is Answer.NO_FACTOR:
            return no_second_factor(request)
        not_checked = answer is Answer.NOT_CHECKED
        form.refuse("Your code cannot be checked just now. Somebody has been told." if not_checked else "")
    options = keys.ask_to_use(request.session, request.user, site, action) if site else None
    by_provider = confirms_at_provider(request)
    context = {"form": form, "next": target, "action": action, "options": options, "fault": fault}
    context |= {"by_provider": by_provider, "has_code": not by_provider or has_code(request.user)}
    status = 503 if answer is Answer.NOT_CHECKED else 200
    return render(request, "confirm.html", {**context, "nonce": request.csp_nonce}, status=status)


def _confirmed(request: HttpRequest, target: str, action: str, key_id: int | None) -> HttpResponse:
    keep_confirmation(request.session, timezone.now(), action, key_id)
    record_sign_in(request.user, "signed_in", "confirm")
    return HttpResponseRedirect(target)
