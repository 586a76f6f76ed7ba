"""Signing in by an identity provider: there, back, and what it says is over."""

import datetime as dt

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from braid.web.models import User
from braid.web.refusal_record import record_sign_in, record_wrong_sign_in
from braid.web.second_factor import ACCOUNT, VAULT, keep_confirmation
from braid.web.sign_in.issuer import ProviderAway
from braid.web.sign_in.provider import Begun, Provider, ProviderRefused, Seen, find_provider
from braid.web.sign_in.session_store import PROVIDER_SESSION
from braid.web.sign_in.sessions import begin, digest_provider_session, end_by_provider
from braid.web.views.signing import build_address

BEGUN = "provider_begun"
BEGUN_SECONDS = 10 * 60
WORDS = {
    "provider_said_no": "Your organisation's sign-in did not let you through, or you stopped it.",
    "provider_wrong_state": "This sign-in was begun in another window, or too long ago. Begin again.",
    "token_no_second_factor": (
        "Your organisation's sign-in did not ask you for a second factor. Braid lets nobody in by a password alone: ask"
        " your organisation to ask for one."
    ),
    "token_sign_in_too_old": "You signed in to your organisation too long ago. Sign in there anew.",
    "token_not_seen_again": "Your organisation's sign-in did not ask you anew. Begin again.",
    "token_names_another": "Your organisation's sign-in saw somebody else than who is signed in here.",
    "account_unknown": "No open account here is yours. Ask the information governance lead of the place for one.",
}
OTHERWISE = "What your organisation's sign-in answered does not fit. Begin again; if it happens twice, tell them."
AWAY = (
    "Your organisation's sign-in does not answer just now. Try again in a few minutes. Whoever is signed in goes"
    " on until their session ends."
)


@require_GET
def begin_at_provider(request: HttpRequest) -> HttpResponse:
    """Send the browser to the provider, and remember in its session what must come back."""
    provider = _provider()
    if request.user.is_authenticated:
        return HttpResponseRedirect(reverse("place"))
    wanted = request.GET.get("next", "")
    target = wanted if url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) else reverse("place")
    try:
        begun = provider.begin(build_address(request, "sign_in_provider_done"))
    except ProviderAway:
        return _say(request, AWAY, 503)
    request.session.flush()
    return _leave(request, begun, target)


@require_GET
@login_required
def again_at_provider(request: HttpRequest) -> HttpResponse:
    """Have whoever is signed in by the provider sign in there anew, before what is most sensitive."""
    provider = _provider()
    if not confirms_at_provider(request):
        raise Http404
    wanted = request.GET.get("next", "")
    target = wanted if url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) else reverse("people")
    try:
        begun = provider.begin(build_address(request, "sign_in_provider_done"), again=True)
    except ProviderAway:
        return _say(request, AWAY, 503)
    return _leave(request, begun, target, again=True)


def confirms_at_provider(request: HttpRequest) -> bool:
    """Whether whoever asks can be asked for anew by the provider that opened their session."""
    return find_provider() is not None and request.session.get("method") == "provider"


def _leave(request: HttpRequest, begun: Begun, target: str, *, again: bool = False) -> HttpResponse:
    request.session[BEGUN] = {
        "state": begun.state,
        "nonce": begun.nonce,
        "verifier": begun.verifier,
        "target": target,
        "at": timezone.now().timestamp(),
        "again": again,
    }
    return HttpResponseRedirect(begun.address)


@require_GET
def done_at_provider(request: HttpRequest) -> HttpResponse:
    """Open a session for whom the provider saw, where the account is open; else say why there is none.

    Where somebody was to sign in anew, their session is confirmed instead.
    """
    provider = _provider()
    kept = request.session.pop(BEGUN, None) or {}
    now = timezone.now()
    if not 0 <= now.timestamp() - kept.get("at", 0) < BEGUN_SECONDS:
        kept = {}
    begun = Begun("", kept.get("state", ""), kept.get("nonce", ""), kept.get("verifier", ""))
    is_again = bool(kept.get("again"))
    back = build_address(request, "sign_in_provider_done")
    again_from = dt.datetime.fromtimestamp(kept["at"], dt.UTC) if is_again else None
    try:
        seen = provider.finish(request.GET.dict(), begun, back, now, again_from=again_from)
    except ProviderAway:
        record_wrong_sign_in("", "provider_away")
        return _say(request, AWAY, 503)
    except ProviderRefused as refused:
        record_wrong_sign_in("", refused.reason)
        return _say(request, WORDS.get(refused.reason, OTHERWISE), 403)
    if is_again:
        return _confirm(request, seen, kept["target"])
    user = User.objects.filter(provider_subject=seen.subject).first()
    if user is None or not user.is_active or user.is_recovery:
        record_wrong_sign_in(user.username if user else "", "account_unknown")
        return _say(request, WORDS["account_unknown"], 403)
    return _open(request, user, seen, kept["target"])


def _open(request: HttpRequest, user: User, seen: Seen, target: str) -> HttpResponse:
    begin(request, user, "provider", provider_session=seen.sid, seen_at=seen.seen_at)
    request.session["id_token"] = seen.id_token
    record_sign_in(user, "signed_in", "sign in provider")
    return HttpResponseRedirect(target)


def _confirm(request: HttpRequest, seen: Seen, target: str) -> HttpResponse:
    """Raise the session of whoever the provider saw anew, for the one action that they were going to."""
    user = request.user
    if not user.is_authenticated or not user.provider_subject or seen.subject != user.provider_subject:
        record_wrong_sign_in(getattr(user, "username", ""), "token_names_another", "confirm")
        return _say(request, WORDS["token_names_another"], 403)
    keep_confirmation(request.session, timezone.now(), action_of(target), by_provider=True)
    request.session["id_token"] = seen.id_token
    if seen.sid:
        request.session[PROVIDER_SESSION] = digest_provider_session(seen.sid)
    record_sign_in(user, "signed_in", "confirm")
    return HttpResponseRedirect(target)


def action_of(target: str) -> str:
    """Return what a confirmation is for, by where somebody is going: how one signs in, or what the vault holds."""
    return ACCOUNT if target.startswith(reverse("own_sign_in")) else VAULT


@csrf_exempt
@require_POST
def ended_at_provider(request: HttpRequest) -> HttpResponse:
    """End what a signed logout token says is over (Back-Channel Logout 1.0, 2.5 to 2.8)."""
    provider = _provider()
    try:
        ended = provider.read_logout(str(request.POST.get("logout_token", "")), timezone.now())
    except ProviderAway:
        return JsonResponse({"error": "temporarily_unavailable"}, status=503)
    except ProviderRefused as refused:
        record_wrong_sign_in("", refused.reason, "sign in provider end")
        return JsonResponse({"error": "invalid_request"}, status=400)
    for user in end_by_provider(ended.subject, ended.sid, ended.said_at):
        record_sign_in(user, "signed_out", "sign in provider end")
    return HttpResponse(status=200)


def _provider() -> Provider:
    provider = find_provider()
    if provider is None:
        raise Http404
    return provider


def _say(request: HttpRequest, words: str, status: int) -> HttpResponse:
    return render(request, "sign_in/refused.html", {"words": words}, status=status)
