"""Who may open a page at all, and the viewer that a page about people looks as."""

from collections.abc import Callable
from functools import wraps
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from braid.trust.roles import PURPOSES, ROLES, Role
from braid.web.access import NotPermitted, NotThere
from braid.web.access.context import asking_as
from braid.web.access.projections import Viewer
from braid.web.reasons import find_reason

View = Callable[..., HttpResponse]


def role_of(request: HttpRequest) -> Role:
    """Return the role of who is signed in; refuse an account without one."""
    role = ROLES.get(request.user.role)
    if role is None:
        raise PermissionDenied
    return role


def only(may_open: Callable[[Role], bool]) -> Callable[[View], View]:
    """Open a page to the signed-in whose role satisfies `may_open`; the others get 403, the rest the sign-in page."""

    def guard(view: View) -> View:
        @login_required
        @wraps(view)
        def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
            if not may_open(role_of(request)):
                raise PermissionDenied
            return _with_status(view, request, *args, **kwargs)

        return guarded

    return guard


def _with_status(view: View, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
    try:
        return view(request, *args, **kwargs)
    except NotPermitted:
        raise PermissionDenied from None
    except NotThere:
        raise Http404 from None


def with_reason(page: str) -> Callable[[View], View]:
    """Hand a page about people its viewer; without a reason, ask for one first."""

    def ask(view: View) -> View:
        @wraps(view)
        def asked(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
            reason = find_reason(request.session, role_of(request))
            if reason is None:
                return HttpResponseRedirect(f"{reverse('reason')}?{urlencode({'next': request.get_full_path()})}")
            viewer = Viewer(request.user.username, request.user.role, *reason, page)
            return view(request, viewer, *args, **kwargs)

        return asked

    return ask


def lead_of(request: HttpRequest, page: str) -> Viewer:
    """Return who reads the record on a page of the lead's: for no purpose of a look, and under no reference."""
    return Viewer(request.user.username, request.user.role, "", "", page)


def posted(request: HttpRequest) -> object:
    """Return what was posted, also where it is empty, for a form to refuse; `None` where nothing was."""
    return request.POST if request.method == "POST" else None


def anybody(_role: Role) -> bool:
    """For `only`: every role that is signed in."""
    return True


def governs(role: Role) -> bool:
    """For `only`: roles that may see boards, what they decide, and what is bought for everybody."""
    return role.governs


def as_asker(page: str) -> Callable[[View], View]:
    """Hand a page about nobody who asks, for no purpose, and let the database know them until it is made."""

    def ask(view: View) -> View:
        @wraps(view)
        def asked(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
            asker = Viewer(request.user.username, request.user.role, "", "", page)
            with asking_as(asker.username, ""):
                return view(request, asker, *args, **kwargs)

        return asked

    return ask


def sees_people(role: Role) -> bool:
    """For `only`: roles that could ever be shown a person; whom, is decided row by row."""
    return role.sees_people


def reason_words(viewer: Viewer) -> dict[str, str]:
    """Return why the viewer looks, as pages show it."""
    return {"purpose": PURPOSES[viewer.purpose], "reference": viewer.reference}
