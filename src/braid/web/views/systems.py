"""The page of systems: the tokens of machines, and what they are told; for the lead, and for who leads a team there."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from braid.language.steps import NotPossible
from braid.outbound.events import EVENT_KINDS
from braid.trust.roles import PURPOSES
from braid.web.access.context import asking_as
from braid.web.access.projections import Viewer
from braid.web.second_factor import find_confirmation
from braid.web.systems.subscriptions import end_subscription, list_subscriptions, send_anew
from braid.web.systems.tokens import list_system_tokens, renew_system_token, revoke_system_token
from braid.web.views.care import attempt, done_of, uuid_of
from braid.web.views.guards import anybody, only
from braid.web.views.tasks import number_in

NOT_CONFIRMED = "A new token is made after your second factor. Confirm first, and press the button again"


@require_http_methods(["GET", "HEAD", "POST"])
@only(anybody)
def systems(request: HttpRequest) -> HttpResponse:
    """List the tokens and subscriptions that whoever looks answers for; renew, revoke, send anew, end."""
    fault, status, made = "", 200, []
    asker = Viewer(request.user.username, request.user.role, "", "", "systems")
    with asking_as(asker.username, ""):
        if request.method == "POST":
            fault, status = attempt(lambda: made.extend(_take(request, asker)))
            if not fault and not made:
                return redirect(f"{reverse('systems')}?done=recorded")
        context = {
            "tokens": list_system_tokens(timezone.now()),
            "subscriptions": list_subscriptions(),
            "purposes": PURPOSES,
            "kinds": {code: kind.name for code, kind in EVENT_KINDS.items()},
            "fault": fault,
            "made": made[0] if made else "",
            "done": done_of(request) == "recorded",
        }
    return render(request, "systems.html", context, status=status if fault else 200)


def _take(request: HttpRequest, asker: Viewer) -> list[str]:
    """Take the step that was posted; return the token that it made, if it made one. Raises `NotPossible`."""
    step = request.POST.get("step", "")
    if step == "renew":
        if find_confirmation(request.session, request.user)[0] < 2:
            raise NotPossible(NOT_CONFIRMED)
        return [renew_system_token(asker, number_in(request))[0]]
    if step == "revoke":
        revoke_system_token(asker, number_in(request))
    elif step in ("again", "end"):
        subscription: UUID = uuid_of(request.POST.get("id", ""))
        (send_anew if step == "again" else end_subscription)(asker, subscription)
    else:
        raise NotPossible("Choose what to do")
    return []
