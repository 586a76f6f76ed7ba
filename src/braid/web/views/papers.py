"""Print versions of boards: asked for on a board, handed out here once the outbound guard has read them."""

from collections.abc import Callable
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from braid.store.vault_keys import VaultKeyNotAvailable, VaultSealBroken
from braid.trust.roles import Role
from braid.web.access.projections import Viewer
from braid.web.access.sight import Sight, looking
from braid.web.outbound.outbox import NOT_TOLD
from braid.web.proposals.papers import BOARDS, hand_out_paper
from braid.web.views.guards import only, reason_words, with_reason


def works_with_boards(role: Role) -> bool:
    """For `only`: roles that work with plans of any kind that pages show."""
    return bool(set(role.plans) & set(BOARDS))


def print_board(viewer: Viewer, ask: Callable[[Sight], UUID]) -> HttpResponse | None:
    """Ask for a paper and go to it; `None` where what is on it cannot be read just now."""
    with looking(viewer) as sight:
        try:
            paper_id = ask(sight)
        except (VaultKeyNotAvailable, VaultSealBroken):
            return None
    return redirect("paper", paper_id)


@require_safe
@only(works_with_boards)
@with_reason("paper")
def paper(request: HttpRequest, viewer: Viewer, paper_id: UUID) -> HttpResponse:
    """Hand out a paper to whoever asked for it, once the guard has let it go; until then say how it stands."""
    seen, status = None, 200
    with looking(viewer) as sight:
        try:
            seen = hand_out_paper(sight, paper_id)
        except (VaultKeyNotAvailable, VaultSealBroken):
            status = 503
    context = {"paper": seen, "boards": BOARDS, "reason": reason_words(viewer), "held": NOT_TOLD}
    template = "papers/paper.html" if seen and seen.content else "papers/waits.html"
    return render(request, template, context, status=status)
