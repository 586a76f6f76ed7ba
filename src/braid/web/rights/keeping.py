"""Requests as kept: opened, their clock, decided item by item, let go by a second human. Each step with its entry.

Every function runs inside `asking_as`, for an information governance lead; row security shows nobody else a row.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from braid.language.dates import london_date
from braid.language.steps import NotPossible
from braid.trust.rights_clock import Pause, RequestClock, read_clock
from braid.trust.subject_rights import check_asker, check_findings, check_second, decide_lines, machine_of
from braid.trust.subject_rights_terms import ACCESS, CLOSINGS, EXTENSIONS, SENDINGS_BACK
from braid.web.access.projections import Viewer
from braid.web.access.sight import NotThere
from braid.web.care.kept import ChangedMeanwhile, new_reference
from braid.web.models import RightsItem, RightsPause, RightsRequest, RightsStep, User
from braid.web.overlay.entries import check_lead
from braid.web.recording import Facts, record
from braid.web.rights.pack import compose
from braid.web.rights.sealed_lines import open_lines
from braid.web.vault.keys import get_key_ring

PAGE = "rights request"
CHANNELS = {"bundle": "By post", "email": "By e-mail, to an address that they said is safe"}
NOT_APPROVED = {"second_by": "", "third_party": "", "harm": "", "approved_digest": ""}


@dataclass(frozen=True)
class Asked:
    """What somebody asked: about whom, who asks, since when, and how what is told reaches them."""

    subject_id: str
    asker: str
    asker_person_id: str
    received_on: dt.date
    shown_on: dt.date | None
    channel: str


@transaction.atomic
def open_request(by: User, asked: Asked) -> RightsRequest:
    """Keep that somebody asked; it is gathered beside the pages. Whether anybody of the id is known is not looked at.

    Raises `NotPossible`.
    """
    check_lead(by)
    check_asker(asked.subject_id, asked.asker, asked.asker_person_id)
    if asked.received_on > london_date(timezone.now()):
        raise NotPossible("The request came on a day that is not over yet. Enter the day on which it came")
    if asked.channel not in CHANNELS:
        raise NotPossible("Choose how what is told reaches them")
    row = RightsRequest(reference=new_reference("RR"), handled_by=by.username, **vars(asked))
    RightsRequest.objects.append_one(row)
    note(by, row, "open")
    return row


def find_request(request_id: UUID) -> RightsRequest:
    """Return a request that the asker may see. Raises `NotThere`."""
    row = RightsRequest.objects.filter(pk=request_id).first()
    if row is None:
        raise NotThere
    return row


def clock_of(row: RightsRequest, pauses: Iterable[RightsPause], today: dt.date) -> RequestClock:
    """Return the clock of a request."""
    spans = [Pause(one.first_on, one.last_on) for one in pauses]
    return read_clock(row.received_on, row.shown_on, spans, bool(row.extended_because), today)


@transaction.atomic
def show_identity(by: User, row: RightsRequest, seen: int, shown_on: dt.date) -> None:
    """Keep the day on which it was shown who asks. Raises `NotPossible`."""
    check_lead(by)
    if row.shown_on is not None:
        raise NotPossible("It was shown before who asks")
    if shown_on > london_date(timezone.now()):
        raise NotPossible("Enter a day that has come")
    change(row, seen, shown_on=shown_on)
    note(by, row, "identity")


@transaction.atomic
def pause(by: User, row: RightsRequest, seen: int) -> None:
    """Stop the clock, since what is meant is asked. Raises `NotPossible`."""
    check_lead(by)
    _check_open(row)
    change(row, seen)
    try:
        with transaction.atomic():
            RightsPause.objects.append_one(
                RightsPause(request=row, first_on=london_date(timezone.now()), entered_by=by.username)
            )
    except IntegrityError:
        raise NotPossible("The clock stands still already") from None
    note(by, row, "pause")


@transaction.atomic
def resume(by: User, row: RightsRequest, seen: int) -> None:
    """Let the clock go on, since the answer came. Raises `NotPossible`."""
    check_lead(by)
    if not RightsPause.objects.filter(request=row, last_on=None).update(last_on=london_date(timezone.now())):
        raise NotPossible("The clock is running")
    change(row, seen)
    note(by, row, "resume")


@transaction.atomic
def extend(by: User, row: RightsRequest, seen: int, because: str) -> None:
    """Give the request two more months, which whoever asked is told of. Raises `NotPossible`."""
    check_lead(by)
    _check_open(row)
    today = london_date(timezone.now())
    clock = clock_of(row, row.pauses.all(), today)
    if because not in EXTENSIONS:
        raise NotPossible("Choose why more time is needed")
    if row.extended_because:
        raise NotPossible("It has been extended once, and cannot be again")
    if clock.extend_by is None or today > clock.extend_by:
        raise NotPossible("An extension is told before the first month is over; that day has gone by")
    change(row, seen, extended_because=because, extended_on=today)
    note(by, row, "extend", because)


@transaction.atomic
def decide_item(by: User, row: RightsRequest, item: RightsItem, kept: Iterable[int], ground: str) -> None:
    """Decide which lines of an item are given, and why the others are not. Raises `NotPossible`."""
    check_lead(by)
    if row.state != "deciding":
        raise NotPossible("Nothing of it is decided now: it is not gathered yet, or with a second person")
    if row.handled_by != by.username:
        raise NotPossible("Whoever handles the request decides: take it over first")
    if item.kind == "letter":
        raise NotPossible("It is a letter to whoever asked, and nothing to decide on")
    decision = decide_lines(open_lines(get_key_ring(), item), kept, ground)
    changed = RightsItem.objects.filter(pk=item.pk).update(
        kept=sorted(decision.kept), ground=decision.ground, decided_by=by.username, decided_at=timezone.now()
    )
    if not changed:
        raise NotThere
    details = {"what": "rights item decided", "request": row.reference, "item": item.position}
    _record(by, row, {**details, "kept": len(decision.kept), "of": item.line_count, "ground": decision.ground})


@transaction.atomic
def take_over(by: User, row: RightsRequest, seen: int) -> None:
    """Handle a request in the place of whoever did; what a second human found before counts no more."""
    check_lead(by)
    if row.state in ("review", "approved", "leaving", "proposed", "ending"):
        raise NotPossible("It is with a second person now. Send it back first")
    _check_open(row)
    if row.handled_by == by.username:
        raise NotPossible("You handle it already")
    change(row, seen, handled_by=by.username, **NOT_APPROVED)
    note(by, row, "take_over")


@transaction.atomic
def take_step(by: User, row: RightsRequest, seen: int, step: str, reason: str = "") -> None:
    """Take a step of whoever handles it: lay it before a second person, gather again, close. Raises `NotPossible`."""
    check_lead(by)
    if step not in ("submit", "again", "close"):
        raise NotPossible("Choose what to do")
    after = ACCESS.after(row.state, step)
    if row.handled_by != by.username:
        raise NotPossible("Whoever handles the request does that: take it over first")
    more: dict[str, object] = {}
    if step == "close":
        if reason not in CLOSINGS:
            raise NotPossible("Choose why it ends")
        more = {"closed_because": reason, "ended_at": timezone.now()}
    if step == "submit":
        _check_ready(row)
    change(row, seen, state=after, **more)
    note(by, row, step, reason)


def _check_ready(row: RightsRequest) -> None:
    if row.shown_on is None:
        raise NotPossible("Nothing is given before it was shown who asks")
    left = RightsItem.objects.filter(request=row, decided_by="").count()
    if left:
        raise NotPossible(f"Decide on every item first: {left} left")


@transaction.atomic
def answer_review(
    by: User, row: RightsRequest, seen: int, step: str, seen_digest: str, third_party: str, harm: str, reason: str
) -> None:
    """Let what was seen go, or send it back, as the second human. Raises `NotPossible`."""
    check_lead(by)
    if step not in ("approve", "send_back"):
        raise NotPossible("Choose what to do")
    after = ACCESS.after(row.state, step)
    check_second(row.handled_by, by.username)
    if step == "send_back":
        if reason not in SENDINGS_BACK:
            raise NotPossible("Choose why it goes back")
        change(row, seen, state=after, **NOT_APPROVED)
        note(by, row, step, reason)
        return
    check_findings(third_party, harm)
    digest = compose(get_key_ring(), row).digest
    if digest != seen_digest:
        raise ChangedMeanwhile
    approved = {"second_by": by.username, "third_party": third_party, "harm": harm, "approved_digest": digest}
    change(row, seen, state=after, held_because="", **approved)
    note(by, row, step)


def _check_open(row: RightsRequest) -> None:
    if machine_of(row.kind).states[row.state].ends:
        raise NotPossible("It has ended")


def change(row: RightsRequest, seen: int, **values: object) -> None:
    """Change a request whose version is the one that was seen. Raises `ChangedMeanwhile`."""
    if not RightsRequest.objects.filter(pk=row.pk, version=seen).update(version=F("version") + 1, **values):
        raise ChangedMeanwhile


def note(by: User, row: RightsRequest, step: str, reason: str = "") -> None:
    """Write down a step, in the transaction that takes it: beside the request, and in the record."""
    RightsStep.objects.append_one(RightsStep(request=row, step=step, reason=reason, taken_by=by.username))
    _record(by, row, {"what": f"rights request {step}", "request": row.reference, "reason": reason})


def _record(by: User, row: RightsRequest, details: dict[str, str | int]) -> None:
    viewer = Viewer(by.username, by.role, "", row.reference, PAGE)
    kept = {key: value for key, value in details.items() if value != ""}
    record("changed", viewer, (row.subject_id,), Facts(organisation=by.organisation, details=kept))
