"""Requests about somebody's data for the command line: the same steps as on the pages, as a lead, by the policies.

No words of anybody come out: lines of items, and what will be given, are read on the pages after the second factor.
Import inside `web_app`.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.utils import timezone

from braid.language.steps import NotPossible
from braid.web.access import record_read
from braid.web.access.context import asking_as
from braid.web.models import RightsItem, RightsRequest, User
from braid.web.pages_role import seeing_as_pages
from braid.web.published import find_published_run
from braid.web.recording import Asker
from braid.web.rights import keeping, other_requests, seen
from braid.web.rights.forms import AskedForm, WishForm
from braid.web.rights.taking import take

ON_THE_PAGE = frozenset({"approve", "send_back"})
"""Steps of a request for access that a second human takes on the page where they see what will be given."""


@contextmanager
def _asking(by: Asker) -> Iterator[None]:
    with asking_as(by.username, ""), seeing_as_pages():
        yield


def list_all(by: Asker) -> list[dict[str, Any]]:
    """Return the requests that the lead may see, open ones by their last day, and record the look."""
    with _asking(by):
        found = seen.list_requests(by.username, timezone.now())
        record_read(by, len(found))
    return [_in_list(one) for one in found]


def _in_list(one: seen.RequestSeen) -> dict[str, Any]:
    row = one.row
    return {
        "request": row.reference,
        "kind": row.kind,
        "state": row.state,
        "subject_id": row.subject_id,
        "last_day": one.clock.last_day,
        "items": one.items,
        "undecided": one.undecided,
        "handled_by": row.handled_by,
        "second_by": row.second_by,
    }


def open_one(by: Asker, kind: str, given: Mapping[str, str]) -> dict[str, Any]:
    """Keep what somebody asked, held to the rules of the page's form. Raises `NotPossible`."""
    run = find_published_run()
    if kind == "access":
        form: Any = AskedForm(given)
    else:
        form = WishForm({**given, "kind": kind}, organisations=sorted(run.names) if run else ())
    if not form.is_valid():
        name = next(iter(form.errors))
        raise NotPossible(f"{name.replace('_', ' ')}: {form.errors[name][0]}")
    with _asking(by):
        user = _user(by)
        if kind == "access":
            row = keeping.open_request(user, keeping.Asked(**form.cleaned_data))
        else:
            row = other_requests.open_wish(user, other_requests.Wish(**form.cleaned_data))
        return {"request": row.reference, "state": row.state}


def take_step(by: Asker, reference: str, step: str, code: str, day: str, words: str) -> dict[str, Any]:
    """Take a step of a request, as its page does. Raises `NotPossible`."""
    with _asking(by):
        row = _find(reference)
        if row.kind == "access" and step in ON_THE_PAGE:
            raise NotPossible("What will be given is seen, let go and sent back on its page, after the second factor")
        given = {"because": code, "about": code, "reason": code, "shown_on": day, "words": words}
        take(_user(by), row, row.version, step, given)
        row.refresh_from_db()
        return {"request": row.reference, "state": row.state}


def decide(by: Asker, reference: str, number: int, kept: Iterable[int], ground: str) -> dict[str, Any]:
    """Decide which lines of an item are given, by their numbers on its page. Raises `NotPossible`."""
    with _asking(by):
        row = _find(reference)
        item = RightsItem.objects.filter(request=row, position=number).first()
        if item is None:
            raise NotPossible("The request has no item of that number. Look at braid rights export")
        keeping.decide_item(_user(by), row, item, kept, ground)
        left = RightsItem.objects.filter(request=row, decided_by="").count()
        return {"request": row.reference, "item": number, "undecided": left}


def export(by: Asker, reference: str) -> dict[str, Any]:
    """Return what became of a request: clock, steps, and each item with what was decided of it; nobody's words."""
    with _asking(by):
        row = _find(reference)
        one = seen.see_request(row, by.username, timezone.now())
        items = RightsItem.objects.filter(request=row).defer("sealed", "wrapped").order_by("position")
        document = {
            **_in_list(one),
            "asker": row.asker,
            "received_on": row.received_on,
            "shown_on": row.shown_on,
            "extended_because": row.extended_because,
            "basis": row.basis,
            "source": row.source,
            "answer": row.answer,
            "third_party": row.third_party,
            "harm": row.harm,
            "approved_digest": row.approved_digest,
            "closed_because": row.closed_because,
            "steps": [
                {"at": step.at, "what": step.what, "why": step.why, "by": step.by} for step in seen.list_steps(row)
            ],
            "decided": [
                {
                    "item": item.position,
                    "kind": item.kind,
                    "lines": item.line_count,
                    "never_told": item.locked_count,
                    "kept": sorted(item.kept),
                    "ground": item.ground,
                    "by": item.decided_by,
                    "at": item.decided_at,
                }
                for item in items
            ],
        }
        record_read(by, 1, row.subject_id, request=row.reference)
    return document


def _find(reference: str) -> RightsRequest:
    row = RightsRequest.objects.filter(reference=reference).first()
    if row is None:
        raise NotPossible("There is no request of that reference that you may see. Look at braid rights list")
    return row


def _user(by: Asker) -> User:
    return User.objects.get(username=by.username)
