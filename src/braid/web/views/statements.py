"""What a public body states of its pages to everybody, without a sign-in; nothing of a person and nothing of a run."""

import datetime as dt

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from braid.web.served_place import served_answerable

LOOKED_AT = dt.date(2026, 11, 30)
"""When the pages were last gone through for what the statement says of them."""


@require_safe
@transaction.non_atomic_requests
def accessibility(request: HttpRequest) -> HttpResponse:
    """State how accessible the pages are, what is not known, and whom to ask.

    What must stand in it: Public Sector Bodies (Websites and Mobile Applications) (No. 2) Accessibility Regulations
    2018, regulation 8, and the model statement of the Government Digital Service.
    """
    return render(request, "accessibility.html", {"answerable": served_answerable(), "looked_at": LOOKED_AT})
