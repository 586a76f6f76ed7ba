"""What witnesses fetch without signing in: the newest checkpoint and proofs. Hashes and counts, nothing personal."""

import base64

from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from braid.web.audit_log import find_newest_note, find_signed_proof

PLAIN = "text/plain; charset=utf-8"


@require_safe
def checkpoint(_request: HttpRequest) -> HttpResponse:
    """Answer the newest signed checkpoint as a note; 404 before the first."""
    note = find_newest_note(connection)
    if note is None:
        raise Http404
    return HttpResponse(note, content_type=PLAIN)


@require_safe
def consistency(_request: HttpRequest, old: int, new: int) -> HttpResponse:
    """Answer the proof that the log of `new` entries begins with that of `old`: one hash in base64 a line.

    404 for sizes beyond the newest checkpoint: what is not signed is not proved.
    """
    proof = find_signed_proof(connection, old, new)
    if proof is None:
        raise Http404
    return HttpResponse("".join(f"{base64.b64encode(step).decode()}\n" for step in proof), content_type=PLAIN)
