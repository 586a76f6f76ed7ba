"""The pages on which humans review links: the queue, one pair, and who relied on a join that was wrong."""

from dataclasses import replace
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from braid.language.codes import CODE_LISTS
from braid.problems.priority.link_quality import from_json
from braid.trust.audit import KINDS
from braid.trust.roles import Role
from braid.web.access import record_read
from braid.web.access.context import asking_as
from braid.web.access.looks import list_looked
from braid.web.access.projections import NOT_FOR_ROLE, NOT_KNOWN, NOT_RECORDED, Viewer
from braid.web.link_reviews.drawing import draw_waterfall
from braid.web.link_reviews.form import AnswerForm, SittingForm, find_sitting, find_what, keep_sitting
from braid.web.link_reviews.relied import list_relied
from braid.web.link_reviews.seen import (
    MOST_SHOWN,
    PairSeen,
    answer,
    find_agreement,
    find_decision,
    find_next,
    find_quality,
    get_pair,
    list_decided,
    list_open,
    record_look,
)
from braid.web.link_reviews.sheets import SCHEMES
from braid.web.models import District
from braid.web.views.care import attempt, done_of
from braid.web.views.guards import as_asker, only, role_of

PRECISIONS = {"day": "", "month": "month alone", "quarter": "quarter alone", "year": "year alone"}
OTHER = "Other names"


def reviews_links(role: Role) -> bool:
    """For `only`: roles that decide on links."""
    return role.decides_links


def sees_quality(role: Role) -> bool:
    """For `only`: roles that decide on links, or see what boards see."""
    return role.decides_links or role.governs


@require_http_methods(["GET", "HEAD", "POST"])
@only(reviews_links)
@as_asker("links")
def link_reviews(request: HttpRequest, asker: Viewer) -> HttpResponse:
    """List the pairs to look at, and those that were decided; begin a sitting under a reference."""
    form = SittingForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        keep_sitting(request.session, form.cleaned_data["reference"], form.cleaned_data["what"])
        found = find_next(asker, form.cleaned_data["what"])
        return redirect("link_review", found) if found else redirect("link_reviews")
    pairs, has_more = list_open(asker)
    decided = list_decided(asker)
    record_read(asker, len(pairs) + len(decided))
    context = {
        "pairs": pairs,
        "has_more": has_more,
        "most": MOST_SHOWN,
        "decided": decided,
        "agreement": find_agreement(),
        "has_sample": find_next(asker, "sample") is not None,
        "form": form,
        "sitting": find_sitting(request.session),
        "is_done": done_of(request) == "answered",
    }
    return render(request, "links/queue.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@only(reviews_links)
@as_asker("link review")
def link_review(request: HttpRequest, asker: Viewer, pair_id: UUID) -> HttpResponse:
    """Show one pair, and take what a reviewer says of it; the next pair comes by itself."""
    sitting = find_sitting(request.session)
    pair = get_pair(asker, pair_id)
    if not sitting:
        return redirect(f"{reverse('link_reviews')}#begin")
    viewer = replace(asker, reference=sitting)
    form, fault, status = AnswerForm(request.POST if request.method == "POST" else None), "", 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            given = form.cleaned_data
            fault, status = attempt(lambda: answer(viewer, pair, given["round"], given["reason"]))
        if status == 302:
            found = find_next(viewer, find_what(request.session))
            done = "?done=answered"
            return redirect(
                f"{reverse('link_review', args=[found])}{done}" if found else f"{reverse('link_reviews')}{done}"
            )
    record_look(viewer, pair)
    context = {
        "pair": pair,
        "form": form,
        "fault": fault,
        "sitting": sitting,
        "is_done": done_of(request) == "answered",
        "picture": draw_waterfall(pair.sheet["fields"]),
        "rows": _rows(pair, role_of(request)),
        "decision": find_decision(pair) if pair.state != "open" else None,
    }
    return render(request, "links/pair.html", context, status=status)


def _rows(pair: PairSeen, role: Role) -> list[tuple[str, str, str, bool]]:
    """Return what both records say, field by field: name, one side, the other, and whether they differ."""
    one, other = pair.sheet["sides"]
    sexes = CODE_LISTS["sex"]
    rows = [
        ("Given names", one["given"], other["given"]),
        ("Family name", one["family"], other["family"]),
        (OTHER, one["other"], other["other"]),
        ("Date of birth", _birth(one), _birth(other)),
        ("Sex", sexes.get(one["sex"], ""), sexes.get(other["sex"], "")),
    ]
    for scheme in one["numbers"]:
        rows.append((SCHEMES[scheme], one["numbers"][scheme], other["numbers"][scheme]))
    told = [(name, ours, theirs) for name, ours, theirs in rows if name != OTHER or ours or theirs]
    return [_row(*one, NOT_RECORDED) for one in told] + [_districts(pair, role)]


def _row(name: str, ours: str, theirs: str, absent: str) -> tuple[str, str, str, bool]:
    """Return a row; two differ where both say something, and something else."""
    return name, ours or absent, theirs or absent, bool(ours and theirs and ours != theirs)


def _birth(side: dict[str, str]) -> str:
    words = PRECISIONS.get(side["precision"], "")
    return f"{side['birth']} ({words})" if words and side["birth"] else side["birth"]


def _districts(pair: PairSeen, role: Role) -> tuple[str, str, str, bool]:
    if not role.sees_location:
        return ("District", NOT_FOR_ROLE, NOT_FOR_ROLE, False)
    names = dict(District.objects.values_list("code", "name"))
    ours, theirs = (names.get(side["district"], "") for side in pair.sheet["sides"])
    return _row("District", ours, theirs, NOT_KNOWN)


@require_safe
@only(sees_quality)
@as_asker("link quality")
def link_quality(request: HttpRequest, _asker: Viewer) -> HttpResponse:
    """Show how often linking errs, by what humans found in pairs drawn by chance: figures about nobody."""
    found = find_quality()
    told = from_json(found.told) if found and found.told else None
    context = {
        "current": from_json(found.current) if found else None,
        "told": told,
        "undecidable": told.undecidable if told else (),
        "may_review": reviews_links(role_of(request)),
    }
    return render(request, "links/quality.html", context)


@require_safe
@only(reviews_links)
def link_relied(request: HttpRequest, pair_id: UUID) -> HttpResponse:
    """List what rests on the ids of a pair, of what the reviewer may see: whom a wrong join has misled."""
    role, sitting = role_of(request), find_sitting(request.session)
    if not sitting:
        with asking_as(request.user.username, ""):
            get_pair(Viewer(request.user.username, request.user.role, "", "", "link relied"), pair_id)
        return redirect(f"{reverse('link_reviews')}#begin")
    viewer = Viewer(request.user.username, request.user.role, "", sitting, "link relied")
    with asking_as(viewer.username, ""):
        pair = get_pair(viewer, pair_id)
        record_look(viewer, pair)
    people = [
        {
            "id": person_id,
            "relied": list_relied(viewer, role, person_id),
            "looked": list_looked(viewer, person_id) if role.sees_audit else [],
        }
        for person_id in pair.person_ids
    ]
    context = {"pair": pair, "people": people, "accounts": role.sees_audit, "kinds": KINDS}
    return render(request, "links/relied.html", context)
