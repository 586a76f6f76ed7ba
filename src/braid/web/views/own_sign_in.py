"""One's own sign-in: the sessions that are open, the keys, the password. What changes one asks who it is first."""

from collections.abc import Callable
from functools import wraps
from urllib.parse import urlencode

from csp.constants import NONCE
from csp.decorators import csp_replace
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from braid.trust.step_up import CONFIRMED_FOR, is_confirmed
from braid.web.models import SecondFactor
from braid.web.second_factor import ACCOUNT, find_confirmation
from braid.web.sign_in import keys
from braid.web.sign_in.forms import KeyForm, OwnPasswordForm
from braid.web.sign_in.owner import write_change
from braid.web.sign_in.sessions import end_named, end_others, list_sessions
from braid.web.sign_in.steps import has_factor
from braid.web.views.errors import no_second_factor, not_found
from braid.web.views.provider import confirms_at_provider

View = Callable[..., HttpResponse]


def confirmed(view: View) -> View:
    """Let whoever confirmed within five minutes, for this, change how they sign in; ask the others first."""

    @login_required
    @wraps(view)
    def asked(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if may_change(request):
            return view(request, *args, **kwargs)
        if not has_factor(request.user) and not confirms_at_provider(request):
            return no_second_factor(request)
        return HttpResponseRedirect(f"{reverse('confirm')}?{urlencode({'next': request.get_full_path()})}")

    return asked


def may_change(request: HttpRequest) -> bool:
    """Whether a second factor confirmed it for this; for a first key, whether the provider saw them just now."""
    now = timezone.now()
    if is_confirmed(*find_confirmation(request.session, request.user, ACCOUNT), now):
        return True
    by_provider = request.session.get("method") == "provider" and not has_factor(request.user)
    age = now.timestamp() - request.session.get("signed_in_at", 0)
    return by_provider and 0 <= age < CONFIRMED_FOR.total_seconds()


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def own_sign_in(request: HttpRequest) -> HttpResponse:
    """Show the sessions and factors of whoever asks; end one of the sessions, or all others, once they confirmed it."""
    user, key = request.user, request.session.session_key
    if request.method == "POST":
        return _end_sessions(request)
    context = {
        "sessions": list_sessions(user, key),
        "keys": keys.list_keys(user),
        "has_code": SecondFactor.objects.filter(user=user).exists(),
        "has_password": user.has_usable_password(),
        "can_add": keys.find_site(request) is not None,
        "done": request.GET.get("done", ""),
    }
    return render(request, "sign_in/own.html", context)


@confirmed
def _end_sessions(request: HttpRequest) -> HttpResponse:
    user, key = request.user, request.session.session_key
    ended = end_others(user, key) if "others" in request.POST else end_named(user, request.POST.get("session", ""))
    _write(request, "sessions ended", sessions=ended)
    return redirect(f"{reverse('own_sign_in')}?done=ended")


@require_http_methods(["GET", "HEAD", "POST"])
@csp_replace({"script-src": [NONCE]})
@confirmed
def add_key(request: HttpRequest) -> HttpResponse:
    """Register a security key or passkey."""
    site = keys.find_site(request)
    if site is None:
        return not_found(request)
    form, fault = KeyForm(request.POST or None), ""
    if request.method == "POST" and form.is_valid():
        try:
            keys.register(request.session, request.user, site, form.cleaned_data["made"], form.cleaned_data["name"])
        except keys.KeyRefused as refused:
            fault = str(refused)
        else:
            _write(request, "security key added")
            return redirect(f"{reverse('own_sign_in')}?done=added")
    try:
        options = keys.ask_to_register(request.session, request.user, site)
    except keys.KeyRefused as refused:
        options, fault = "", str(refused)
    context = {"form": form, "fault": fault, "options": options, "nonce": request.csp_nonce}
    return render(request, "sign_in/add_key.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@confirmed
def remove_key(request: HttpRequest, key_id: int) -> HttpResponse:
    """Ask, and remove a key of whoever asks; every other session of theirs ends with it."""
    key = next((one for one in keys.list_keys(request.user) if one.pk == key_id), None)
    if key is None:
        return not_found(request)
    if request.method != "POST":
        return render(request, "sign_in/remove_key.html", {"key": key})
    keys.remove(request.user, key_id)
    ended = end_others(request.user, request.session.session_key)
    _write(request, "security key removed", sessions=ended)
    return redirect(f"{reverse('own_sign_in')}?done=removed")


@require_http_methods(["GET", "HEAD", "POST"])
@confirmed
def own_password(request: HttpRequest) -> HttpResponse:
    """Take another password from whoever knows the one of now; every other session ends."""
    if not request.user.has_usable_password():
        return not_found(request)
    form = OwnPasswordForm(request.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        request.user.set_password(form.cleaned_data["new_password1"])
        request.user.first_password_until = None
        request.user.save(update_fields=["password", "first_password_until"])
        update_session_auth_hash(request, request.user)
        ended = end_others(request.user, request.session.session_key)
        _write(request, "password changed", sessions=ended)
        return redirect(f"{reverse('own_sign_in')}?done=password")
    return render(request, "sign_in/password.html", {"form": form})


def _write(request: HttpRequest, what: str, **counts: int) -> None:
    write_change(request.user, "own_sign_in", what, **counts)
