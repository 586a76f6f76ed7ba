"""The pages of documents: those of one side of a case, one document, and a version of it handed out as a file."""

import base64
from functools import partial
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from braid.care.documents import APART, HARMED
from braid.language.steps import NotPossible
from braid.outbound.document_file import FILE_KINDS
from braid.store.vault_keys import VaultKeyNotAvailable, VaultSealBroken
from braid.trust.roles import VICTIM_RESPONSE
from braid.web.access.projections import Viewer
from braid.web.access.sight import Sight, looking
from braid.web.care import documents
from braid.web.care.cases import CaseSeen
from braid.web.care.document_forms import AddForm, HoldForm, OpenForm, ReplaceForm, WithdrawForm
from braid.web.care.documents_seen import (
    DocumentSeen,
    get_document,
    get_documents,
    get_row,
    seat_words,
    seats_to_open,
)
from braid.web.flows import gateways_in_force
from braid.web.models import JointCase
from braid.web.outbound.outbox import told_reasons
from braid.web.uploads import is_too_large
from braid.web.views.care import attempt, done_of, status_of, uuid_of, version_of
from braid.web.views.errors import not_openable
from braid.web.views.guards import only, reason_words, sees_people, with_reason

ATTACHED = "sandbox; default-src 'none'; frame-ancestors 'none'"
"""What a browser may do with a file, should it open it all the same: nothing."""


@require_http_methods(["GET", "HEAD", "POST"])
@only(sees_people)
@with_reason("documents")
def documents_page(request: HttpRequest, viewer: Viewer, case_id: UUID) -> HttpResponse:
    """Show the documents of those whom a case is about to a seat that is shown them; add one."""
    return _documents(request, viewer, case_id, HARMED)


@require_http_methods(["GET", "HEAD", "POST"])
@only(sees_people)
@with_reason("documents apart")
def documents_apart(request: HttpRequest, viewer: Viewer, case_id: UUID) -> HttpResponse:
    """Show the documents of the side of who is accused to a seat that is shown it; add one."""
    return _documents(request, viewer, case_id, APART)


def _documents(request: HttpRequest, viewer: Viewer, case_id: UUID, side: str) -> HttpResponse:
    fault, status = "", 200
    with looking(viewer) as sight:
        seen = get_documents(sight, case_id, side)
        form = AddForm(
            request.POST if request.method == "POST" else None,
            request.FILES if request.method == "POST" else None,
            prefix="add",
            seen=seen,
            laws=_laws(viewer, seen.seats),
            is_too_large=is_too_large(request),
        )
        if request.method == "POST" and form.is_valid():
            fault, status = attempt(lambda: documents.add_document(sight, case_id, side, form.given()))
            if not fault:
                name = "documents" if side == HARMED else "documents_apart"
                return redirect(f"{reverse(name, args=[case_id])}?done=added")
    context = {
        "seen": seen,
        "form": form,
        "fault": fault,
        "told": told_reasons,
        "back": _back(seen.case, side, viewer),
        "done": done_of(request),
        "reason": reason_words(viewer),
    }
    return render(request, "care/documents.html", context, status=status_of(request, status))


def _laws(viewer: Viewer, seats: object) -> list[str]:
    """Return the laws that an agreement in force names for any organisation of these seats."""
    gateways = gateways_in_force(viewer.purpose)
    return sorted({law for organisation, _ in seats for law in gateways.get(organisation, {})})


def _back(seen: CaseSeen, side: str, viewer: Viewer) -> str:
    """Return where a page of documents leads back to: of the side of who is accused, to that side."""
    name = "response_apart" if side == APART and viewer.purpose == VICTIM_RESPONSE else "case"
    return reverse("case" if seen.mine.sight == "own" else name, args=[seen.id])


@require_http_methods(["GET", "HEAD", "POST"])
@only(sees_people)
@with_reason("document")
def document_page(request: HttpRequest, viewer: Viewer, document_id: UUID) -> HttpResponse:
    """Show a document to whoever reads it, with its versions and who else does; take a step of it."""
    fault, status, kind = "", 200, request.POST.get("kind", "")
    with looking(viewer) as sight:
        case, seen = get_document(sight, document_id)
        forms = _forms(request, viewer, case, seen, kind)
        form = forms.get(kind)
        if request.method == "POST" and (form is None or form.is_valid()):
            fault, status = attempt(partial(_step, sight, request, document_id, kind, form))
            if not fault:
                return redirect(f"{reverse('document', args=[document_id])}?done={kind}")
            case, seen = get_document(sight, document_id)
        row = get_row(document_id)
        bring = documents.cases_to_bring(row, viewer.username) if seen.is_mine and seen.state == "held" else []
    context = {
        "case": case,
        "document": seen,
        "forms": forms,
        "kind": kind,
        "bring": bring,
        "edits": case.mine.right == "edit",
        "gives": seen.is_mine and case.mine.right == "edit" and case.state == "open" and seen.state == "held",
        "speaks": (seen.is_mine or case.mine.is_lead) and case.mine.right == "edit" and seen.state == "held",
        "told": told_reasons,
        "page_of_side": "documents" if seen.side == HARMED else "documents_apart",
        "fault": fault,
        "done": done_of(request),
        "reason": reason_words(viewer),
    }
    return render(request, "care/document.html", context, status=status_of(request, status))


def _forms(request: HttpRequest, viewer: Viewer, case: CaseSeen, seen: DocumentSeen, kind: str) -> dict[str, object]:
    seats = seats_to_open(get_row(seen.id), JointCase.objects.get(pk=case.id)) if seen.is_mine else ()

    def data(name: str) -> object:
        return request.POST if name == kind else None

    return {
        "replace": ReplaceForm(
            data("replace"),
            request.FILES if kind == "replace" else None,
            prefix="replace",
            is_too_large=is_too_large(request),
        ),
        "open": OpenForm(data("open"), prefix="open", seats=seat_words(case, seats), laws=_laws(viewer, seats)),
        "withdraw": WithdrawForm(data("withdraw"), prefix="withdraw"),
        "hold": HoldForm(data("hold"), prefix="hold"),
    }


def _step(sight: Sight, request: HttpRequest, document_id: UUID, kind: str, form: object) -> None:
    seen = version_of(request)
    if kind == "replace":
        documents.replace_document(sight, document_id, seen, form.given())
    elif kind == "open":
        documents.open_document_to(sight, document_id, seen, form.seat_given(), form.grounds())
    elif kind == "close":
        documents.close_document_to(sight, document_id, seen, request.POST.get("reader", ""))
    elif kind == "bring":
        documents.bring_document(sight, document_id, seen, uuid_of(request.POST.get("case", "")))
    elif kind == "withdraw":
        documents.withdraw_document(sight, document_id, seen, form.cleaned_data["reason"])
    elif kind == "hold":
        documents.hold_document(sight, document_id, seen, form.cleaned_data["reason"])
    elif kind == "let_go":
        documents.hold_document(sight, document_id, seen, "")
    else:
        raise NotPossible("There is no such step. Look at the document again")


@require_safe
@only(sees_people)
@with_reason("document file")
def document_file(request: HttpRequest, viewer: Viewer, document_id: UUID, number: int) -> HttpResponse:
    """Hand out a version of a document to whoever reads it, never to be opened in the page, and on record."""
    try:
        with looking(viewer) as sight:
            given = documents.hand_out_document(sight, document_id, number)
    except (VaultKeyNotAvailable, VaultSealBroken):
        return not_openable(request)
    kind = FILE_KINDS.get(given.file_kind)
    response = HttpResponse(given.content, content_type=kind.media_type if kind else "application/octet-stream")
    response["Content-Disposition"] = f'attachment; filename="{given.file_name}"'
    response["Content-Digest"] = f"sha-256=:{base64.b64encode(bytes.fromhex(given.sha256)).decode()}:"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = ATTACHED
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
