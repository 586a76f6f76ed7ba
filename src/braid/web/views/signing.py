"""Signing in by password and second factor, and out."""

from typing import Any

from csp.constants import NONCE, SELF
from csp.decorators import csp_replace
from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import LoginView
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_http_methods

from braid.web.forms import SignInForm
from braid.web.models import SecondFactor, User
from braid.web.refusal_record import record_sign_in, record_wrong_sign_in
from braid.web.second_factor import Answer, confirm
from braid.web.sign_in import keys
from braid.web.sign_in.attempts import attempt_of, count_miss, forget_misses, must_wait, remember_device
from braid.web.sign_in.forms import CodeForm, FirstPasswordForm
from braid.web.sign_in.owner import write_change
from braid.web.sign_in.provider import find_provider
from braid.web.sign_in.sessions import begin
from braid.web.sign_in.steps import Next, Pending, after_password, find_pending, keep_pending
from braid.web.vault.tasks import RECOVERY_USED, raise_task
from braid.web.views.errors import first_password_over, locked_out, no_second_factor

USING = "sign_in"
"""The action for which a key's challenge is drawn."""


@method_decorator(require_http_methods(["GET", "HEAD", "POST"]), name="dispatch")
class SignIn(LoginView):
    """The sign-in page; the page first asked for comes next. Where an identity provider is named it leads there."""

    template_name = "sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True
    is_recovery = False

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Say where one signs in."""
        by_provider = find_provider() is not None and not self.is_recovery
        return {**super().get_context_data(**kwargs), "by_provider": by_provider, "is_recovery": self.is_recovery}

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        """Check the password, unless this name, address or browser must wait; beside a provider in recovery alone."""
        name = str(request.POST.get("username", ""))
        if find_provider() is not None and not self.is_recovery:
            record_wrong_sign_in(name, "password_switched_off")
            return self.render_to_response(self.get_context_data(form=SignInForm(request)), status=403)
        if must_wait(attempt_of(request, name)):
            record_wrong_sign_in(name, "locked")
            return locked_out(request)
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: SignInForm) -> HttpResponse:
        """Open a session, or ask for the second factor first."""
        user = form.get_user()
        if self.is_recovery and not user.is_recovery:
            form.add_error(None, SignInForm.error_messages["invalid_login"])
            return self.form_invalid(form)
        target = self.get_success_url()
        step = after_password(user)
        if step in (Next.REFUSED, Next.OVER):
            record_wrong_sign_in(user.username, str(step))
            return no_second_factor(self.request) if step is Next.REFUSED else first_password_over(self.request)
        if step is Next.FACTOR:
            keep_pending(self.request.session, user, target, is_recovery=self.is_recovery)
            return redirect("sign_in_factor")
        return enter(self.request, Pending(user, target, self.is_recovery), "password")

    def form_invalid(self, form: SignInForm) -> HttpResponse:
        """Write the miss down; of the name only what is an account's."""
        name = str(self.request.POST.get("username", ""))
        attempt = attempt_of(self.request, name)
        count_miss(attempt)
        record_wrong_sign_in(name)
        return locked_out(self.request) if must_wait(attempt) else super().form_invalid(form)


def recovery(request: HttpRequest) -> HttpResponse:
    """Sign in by a sealed account, where an identity provider is named and does not answer."""
    if find_provider() is None:
        raise Http404
    return SignIn.as_view(is_recovery=True)(request)


def enter(request: HttpRequest, pending: Pending, method: str) -> HttpResponse:
    """Open the session of whoever showed all that opens one, unless their own password is still to be chosen."""
    if pending.user.first_password_until is None:
        return open_session(request, pending.user, method, pending.target)
    keep_pending(request.session, pending.user, pending.target, is_recovery=pending.is_recovery, shown=method)
    return redirect("first_password")


@require_http_methods(["GET", "HEAD", "POST"])
def first_password(request: HttpRequest) -> HttpResponse:
    """Take one's own password in place of the one that somebody else gave, and open the session then."""
    pending = find_pending(request.session)
    if pending is None or not pending.shown:
        return redirect("sign_in")
    form = FirstPasswordForm(pending.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = pending.user
        user.set_password(form.cleaned_data["new_password1"])
        user.first_password_until = None
        user.save(update_fields=["password", "first_password_until"])
        write_change(user, "first_password", "own password chosen")
        return open_session(request, user, pending.shown, pending.target)
    return render(request, "sign_in/first_password.html", {"form": form})


def open_session(request: HttpRequest, user: User, method: str, target: str) -> HttpResponse:
    """Begin the session, write it down under its own name, and go on to the page first asked for."""
    attempt = attempt_of(request, user.username)
    begin(request, user, method)
    record_sign_in(user, "signed_in", "recovery" if method == "recovery" else "sign in")
    if method == "recovery":
        raise_task(RECOVERY_USED, str(user.pk))
    forget_misses(attempt)
    response = HttpResponseRedirect(target)
    remember_device(request, response, user.username)
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@csp_replace({"script-src": [NONCE], "form-action": [SELF]})
def second_step(request: HttpRequest) -> HttpResponse:
    """Ask for the code or the key of whoever's password was right in this browser a moment ago."""
    pending = find_pending(request.session)
    if pending is None or pending.shown:
        return redirect("sign_in")
    site = keys.find_site(request)
    form = CodeForm(request.POST or None)
    fault, status = "", 200
    if request.method == "POST" and request.POST.get("signed"):
        answer, _ = keys.use(request.session, pending.user, site, request.POST["signed"], USING)
        if answer is keys.KeyAnswer.CONFIRMED:
            return enter(request, pending, _method(pending, "key"))
        form, fault = CodeForm(), key_words(answer)
        record_wrong_sign_in(pending.user.username, str(answer))
    elif request.method == "POST" and form.is_valid():
        found = confirm(pending.user, None, form.cleaned_data["code"], timezone.now())
        if found is Answer.CONFIRMED:
            return enter(request, pending, _method(pending, "code"))
        record_wrong_sign_in(pending.user.username, f"confirmation_{found}")
        if found is Answer.LOCKED:
            return locked_out(request)
        status = 503 if found is Answer.NOT_CHECKED else 200
        form.refuse(code_words(found))
    options = keys.ask_to_use(request.session, pending.user, site, USING) if site else None
    has_code = SecondFactor.objects.filter(user=pending.user).exists()
    context = {"form": form, "fault": fault, "options": options, "has_code": has_code, "nonce": request.csp_nonce}
    return render(request, "sign_in/factor.html", context, status=status)


def _method(pending: Pending, method: str) -> str:
    return "recovery" if pending.is_recovery else method


def key_words(answer: keys.KeyAnswer) -> str:
    """Return what to say of a key that is not taken."""
    if answer is keys.KeyAnswer.COPIED:
        return "This key may have been copied and is taken no more. The information governance leads have been told"
    return "The key was not taken. Try again, or use the code"


def code_words(answer: Answer) -> str:
    """Return what to say of a code that is not taken."""
    if answer is Answer.NOT_CHECKED:
        return "Your code cannot be checked just now. Somebody has been told"
    return "Enter a new code" if answer is not Answer.NO_FACTOR else "This account has no codes. Use your key"


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def sign_out(request: HttpRequest) -> HttpResponse:
    """Ask, and end the session on the form's button only, so that no link can do it.

    The button has a page of its own: its token changes with every answer, and the pages for what is hidden and what is
    absent must be the same to the byte. A session by an identity provider is ended there as well.
    """
    away = _end_at_provider(request)
    if request.method != "POST":
        page = render(request, "sign_out.html", {"by_provider": bool(away)})
        if away:
            page._csp_update = {"form-action": [_origin(away)]}
        return page
    record_sign_in(request.user, "signed_out", "sign out")
    logout(request)
    answer = HttpResponseRedirect(away) if away else redirect("sign_in")
    answer["Clear-Site-Data"] = '"cache", "storage"'  # no cookies: one of them knows this browser for the next sign-in
    return answer


def _end_at_provider(request: HttpRequest) -> str | None:
    provider = find_provider()
    if provider is None or request.session.get("method") != "provider":
        return None
    return provider.logout_address(request.session.get("id_token", ""), build_address(request, "sign_in"))


def build_address(request: HttpRequest, name: str) -> str:
    """Return the whole address of one of our pages, as people reach it."""
    return f"{'https' if settings.HTTPS else request.scheme}://{request.get_host()}{reverse(name)}"


def _origin(address: str) -> str:
    scheme, _, rest = address.partition("://")
    return f"{scheme}://{rest.partition('/')[0].partition('?')[0]}"
