"""The overlay for the command line: acts for a named lead, as the owner of the tables. Import inside `web_app`."""

from pathlib import Path
from typing import Any

from django.utils import timezone

from braid.trust.overlay import Exclusion, Restriction
from braid.trust.overlay_change import Change, Step
from braid.web.access import record_read
from braid.web.access.context import asking_as
from braid.web.models import User
from braid.web.overlay.agency_list import load_list
from braid.web.overlay.entries import add_entry, decide_change, kind_of, list_entries, propose
from braid.web.overlay.forms import ExclusionForm, RestrictionForm
from braid.web.pages_role import seeing_as_pages
from braid.web.recording import Asker
from braid.web.refusals import NoSuchUser, OverlayListInvalid
from braid.web.watch import known_asker


def add(by: str, kind: str, given: dict[str, str]) -> dict[str, Any]:
    """Add an entry from the words of the command line, held to the rules of the page's form."""
    form = (RestrictionForm if kind == "restriction" else ExclusionForm)({f"{kind}-{k}": v for k, v in given.items()})
    if not form.is_valid():
        name = next(iter(form.errors))
        raise OverlayListInvalid(f"{name.replace('_', ' ')}: {form.errors[name][0]}")
    user, fields = _lead(by), form.cleaned_data
    common: dict[str, Any] = {
        "subject": fields["subject_id"],
        "reason": fields["reason"],
        "entered_by": by,
        "since": timezone.now(),
        "until": fields["until"],
    }
    with known_asker():
        if kind == "restriction":
            kept = add_entry(user, Restriction(**common, admitted=fields["admitted"]), "command", fields["reference"])
        else:
            parties = {"barred_user": fields["barred_username"], "barred_person": fields["barred_person_id"]}
            kept = add_entry(user, Exclusion(**common, **parties), "command", fields["reference"])
    return {"kind": kind_of(kept), "id": kept.pk}


def load(by: str, path: Path) -> dict[str, Any]:
    """Load the list of the place folder."""
    with known_asker():
        return {"added": load_list(_lead(by), path)}


def entries(reader: Asker) -> list[dict[str, Any]]:
    """Return the entries in force that the policies let the reader see, those to decide on first, and record it."""
    with asking_as(reader.username, ""), seeing_as_pages():
        seen = list_entries(timezone.now())
        record_read(reader, len(seen))
    return [
        {
            "entry": f"{one.kind}/{one.id}",
            "subject_id": one.subject_id,
            "party": one.party,
            "reason": one.reason,
            "entered_by": one.entered_by,
            "until": one.until,
            "asks": one.asks,
            "change": one.change.pk if one.change else None,
            "change_proposed_by": one.change.proposed_by if one.change else None,
        }
        for one in seen
    ]


def propose_removal(by: str, kind: str, entry_id: int) -> dict[str, Any]:
    """Propose to lift an entry."""
    with known_asker():
        change = propose(_lead(by), kind, entry_id, Change.REMOVE)
    return {"change": change.pk, "state": change.state}


def approve(by: str, change_id: int) -> dict[str, Any]:
    """Approve a change that somebody else proposed."""
    with known_asker():
        change = decide_change(_lead(by), change_id, Step.APPROVE)
    return {"change": change.pk, "state": change.state}


def _lead(name: str) -> User:
    user = User.objects.filter(username=name).first()
    if user is None:
        raise NoSuchUser("no user of that name; say with --by as which information governance lead you act")
    return user
