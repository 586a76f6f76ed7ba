"""Signing in and out."""

from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_http_methods

from braid.web.forms import SignInForm
from braid.web.refusal_record import record_sign_in, record_wrong_sign_in


@method_decorator(require_http_methods(["GET", "HEAD", "POST"]), name="dispatch")
class SignIn(LoginView):
    """The sign-in page; the page first asked for comes next."""

    template_name = "sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def form_valid(self, form: SignInForm) -> HttpResponse:
        """Sign in, and write it down under the new session."""
        answer = super().form_valid(form)
        record_sign_in(form.get_user(), "signed_in")
        return answer

    def form_invalid(self, form: SignInForm) -> HttpResponse:
        """Write the miss down; of the name only what is an account's."""
        record_wrong_sign_in(str(self.request.POST.get("username", "")))
        return super().form_invalid(form)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def sign_out(request: HttpRequest) -> HttpResponse:
    """Ask, and end the session on the form's button only, so that no link can do it.

    The button has a page of its own: its token changes with every answer, and the pages for what is hidden and what is
    absent must be the same to the byte.
    """
    if request.method != "POST":
        return render(request, "sign_out.html")
    record_sign_in(request.user, "signed_out", "sign out")
    logout(request)
    return redirect("sign_in")
