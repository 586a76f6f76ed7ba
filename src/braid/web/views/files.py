"""Handing out a table of published figures as a file, marked with whom it was made for, and on record."""

import base64
import datetime as dt
import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse

from braid.store.exports import Export, ExportUnsafe, Form
from braid.trust.roles import ROLES
from braid.web.access.context import asking_as
from braid.web.access.projections import Viewer
from braid.web.models import PublishedRun
from braid.web.recording import Facts, record
from braid.web.views.errors import not_exportable

CONTENT_TYPES = {
    Form.CSV: "text/csv; charset=utf-8",
    Form.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Form.PDF: "application/pdf",
}
DOCUMENT_TYPE = "application/json"


@dataclass(frozen=True)
class OfRun:
    """Which run a file is of, and which day stands in its name: a published run says both likewise."""

    run_id: str
    as_of_date: dt.date | None


Make = Callable[[Form, str, dt.date], Export]
"""Makes the file of a form, for somebody, on a day."""


def hand_out(request: HttpRequest, run: PublishedRun | OfRun | None, form: str, what: str, make: Make) -> HttpResponse:
    """Return the file that `make` makes; 404 before the first run or for a form that there is not. `what` names it."""
    if run is None or form not in set(Form):
        raise Http404
    made_for = f"{request.user.username} ({ROLES[request.user.role].name})"
    try:
        export = make(Form(form), made_for, dt.datetime.now(dt.UTC).date())
    except ExportUnsafe:
        return not_exportable(request)
    digest = export.manifest["file_sha256"]
    _record_export(request, run.run_id, form, what, digest)
    return _file(export.content, CONTENT_TYPES[Form(form)], f"{what}-{run.as_of_date or 'place'}.{form}", digest)


def hand_out_document(request: HttpRequest, run: OfRun, what: str, document: str) -> HttpResponse:
    """Return a document of counts, about nobody, as a file of JSON; on record like every other file."""
    content = document.encode("utf-8")
    digest = hashlib.sha256(content).hexdigest()
    _record_export(request, run.run_id, "json", what, digest)
    return _file(content, DOCUMENT_TYPE, f"{what}-{run.as_of_date}.json", digest)


def _file(content: bytes, content_type: str, name: str, digest: str) -> HttpResponse:
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Content-Digest"] = f"sha-256=:{_base64(digest)}:"
    return response


def _record_export(request: HttpRequest, run_id: str, form: str, what: str, digest: str) -> None:
    """Write down who got which file, before they get it."""
    asker = Viewer(request.user.username, request.user.role, "", "", f"{what} file")
    details = {"what": what, "form": form, "run": run_id, "file": digest}
    with asking_as(asker.username, ""):
        record("exported", asker, facts=Facts(details=details))


def _base64(hexadecimal: str) -> str:
    return base64.b64encode(bytes.fromhex(hexadecimal)).decode()
