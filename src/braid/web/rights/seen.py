"""Requests, items and what will be given as the pages show them, each reading of words with its entry.

Every function runs inside `asking_as`, for an information governance lead.
"""

import datetime as dt
from dataclasses import dataclass, field

from django.db.models import Count, Q

from braid.language.dates import london_date
from braid.store.vault_keys import VaultKeyNotAvailable, VaultSealBroken
from braid.trust.rights_clock import RequestClock
from braid.trust.roles import ROLES
from braid.trust.step_up import is_confirmed
from braid.trust.subject_rights import Decision, Line, machine_of, may_open_lines, outcome_of
from braid.trust.subject_rights_terms import (
    ANSWERS,
    ASKERS,
    BASES,
    CLOSINGS,
    EXTENSIONS,
    GROUNDS,
    HOLDS,
    KINDS,
    LETTERS,
    SENDINGS_BACK,
)
from braid.web.access.projections import Viewer
from braid.web.access.sight import NotThere
from braid.web.access.vault import StepUpNeeded
from braid.web.models import Hidden, LegalHold, RightsItem, RightsPause, RightsRequest, RightsStep
from braid.web.recording import Facts, record
from braid.web.rights.keeping import clock_of
from braid.web.rights.pack import KINDS as ITEM_KINDS
from braid.web.rights.pack import Told, compose
from braid.web.rights.sealed_lines import open_lines
from braid.web.rights.working import HELD
from braid.web.vault.keys import get_key_ring

OUTCOMES = {"undecided": "Not decided", "give": "Given", "part": "Given in part", "withhold": "Withheld"}
STEPS = {
    "open": "Opened",
    "identity": "Shown who asks",
    "pause": "Clock stopped: what is meant was asked",
    "resume": "Clock goes on",
    "extend": "Extended by two months",
    "take_over": "Taken over",
    "tell": "Told in a letter",
}
REASONS = {
    **SENDINGS_BACK,
    **EXTENSIONS,
    **HELD,
    **ANSWERS,
    **LETTERS,
    **{code: term.name for code, term in CLOSINGS.items()},
}


class NotReadable(Exception):
    """What was gathered does not open now: no key, or changed bytes. Nothing of it is shown."""


@dataclass(frozen=True)
class RequestSeen:
    """A request as the pages show it: ids and codes in words, its clock, and nobody's name."""

    row: RightsRequest
    kind: str
    law: str
    asker: str
    state: str
    held: str
    basis: str
    answer: str
    clock: RequestClock
    is_open: bool
    is_mine: bool
    items: int = 0
    undecided: int = 0


@dataclass(frozen=True)
class StepSeen:
    """A step in words; `by` is empty where Braid took it."""

    what: str
    why: str
    by: str
    at: dt.datetime


@dataclass(frozen=True)
class ItemSeen:
    """An item without its words: of which kind it is, from whom, and what was decided."""

    row: RightsItem
    kind: str
    outcome: str
    ground: str
    law: str


@dataclass(frozen=True)
class LineSeen:
    """A line of an item, its number, whether it is kept, and what was found in it, in words."""

    number: int
    line: Line = field(repr=False)
    is_kept: bool
    locked: str
    hint: str


def list_requests(username: str, now: dt.datetime) -> list[RequestSeen]:
    """Return the requests that the asker may see: open ones by their last day, then the rest, the newest first."""
    rows = RightsRequest.objects.annotate(
        items_in=Count("items"), items_left=Count("items", filter=Q(items__decided_by=""))
    ).prefetch_related("pauses")
    seen = [_seen(row, username, now, row.items_in, row.items_left) for row in rows]
    far = dt.date.max
    return sorted(
        seen,
        key=lambda one: (
            not one.is_open,
            (one.clock.last_day or far) if one.is_open else far,
            -one.row.opened_at.timestamp(),
        ),
    )


def see_request(row: RightsRequest, username: str, now: dt.datetime) -> RequestSeen:
    """Return one request as its page shows it."""
    items = RightsItem.objects.filter(request=row)
    return _seen(row, username, now, items.count(), items.filter(decided_by="").count())


def _seen(row: RightsRequest, username: str, now: dt.datetime, items: int, undecided: int) -> RequestSeen:
    state = machine_of(row.kind).states[row.state]
    pauses: list[RightsPause] = list(row.pauses.all())
    basis = BASES.get(row.kind, {}).get(row.basis)
    return RequestSeen(
        row=row,
        kind=KINDS[row.kind].name,
        law=KINDS[row.kind].law,
        asker=ASKERS[row.asker].name,
        state=state.name,
        held=HELD.get(row.held_because, HOLD_WORDS if row.held_because == "hold" else ""),
        basis=f"{basis.name} ({basis.law})" if basis else "",
        answer=ANSWERS.get(row.answer, ""),
        clock=clock_of(row, pauses, london_date(now)),
        is_open=not state.ends,
        is_mine=row.handled_by == username,
        items=items,
        undecided=undecided,
    )


HOLD_WORDS = "A hold is in force: nothing is erased before two people lift it."


def list_steps(row: RightsRequest) -> list[StepSeen]:
    """Return the steps of a request, oldest first."""
    names = {code: step.name for code, step in machine_of(row.kind).steps.items()} | STEPS
    rows = RightsStep.objects.filter(request=row).order_by("taken_at", "pk")
    return [
        StepSeen(names.get(one.step, one.step), REASONS.get(one.reason, one.reason), one.taken_by, one.taken_at)
        for one in rows
    ]


def list_items(row: RightsRequest) -> list[tuple[str, list[ItemSeen]]]:
    """Return the items of a request by kind, each kind in words, without anybody's words."""
    found: dict[str, list[ItemSeen]] = {}
    for item in RightsItem.objects.filter(request=row).defer("sealed", "wrapped").order_by("position"):
        found.setdefault(item.kind, []).append(_item_seen(item))
    names = {**ITEM_KINDS, "letter": "Letters to whoever asked"}
    return [(names.get(kind, "In the words of whoever asked"), items) for kind, items in found.items()]


def _item_seen(item: RightsItem) -> ItemSeen:
    decision = Decision(frozenset(item.kept), item.ground) if item.decided_by else None
    ground = GROUNDS.get(item.ground)
    outcome = OUTCOMES[outcome_of(item.line_count, decision)]
    return ItemSeen(item, item.kind, outcome, ground.name if ground else "", ground.law if ground else "")


def open_item(viewer: Viewer, row: RightsRequest, number: int, now: dt.datetime) -> tuple[ItemSeen, list[LineSeen]]:
    """Return an item with its lines, and record that they were read.

    Raises `StepUpNeeded`, `NotThere`, `NotReadable`.
    """
    _check_opens(viewer, row, now)
    item = RightsItem.objects.filter(request=row, position=number).first()
    if item is None:
        raise NotThere
    try:
        lines = open_lines(get_key_ring(), item)
    except (VaultKeyNotAvailable, VaultSealBroken):
        raise NotReadable from None
    _record(viewer, row, len(lines), {"what": "rights item read", "item": item.position})
    kept = (
        set(item.kept) if item.decided_by else {n for n, line in enumerate(lines) if not line.locked and not line.hint}
    )
    return _item_seen(item), [
        LineSeen(n, line, n in kept, _ground(line.locked), _ground(line.hint)) for n, line in enumerate(lines)
    ]


def open_pack(viewer: Viewer, row: RightsRequest, now: dt.datetime) -> Told:
    """Return what will be given, as it stands, and record that it was read.

    Raises `StepUpNeeded`, `NotThere` where nothing is given in its state, `NotReadable`.
    """
    _check_opens(viewer, row, now)
    if row.kind != "access" or row.state not in ("deciding", "review", "approved"):
        raise NotThere
    try:
        told = compose(get_key_ring(), row)
    except (VaultKeyNotAvailable, VaultSealBroken):
        raise NotReadable from None
    lines = sum(len(lines) for _, lines in told.sections)
    _record(viewer, row, lines, {"what": "rights pack read", "pack": told.digest})
    return told


def _check_opens(viewer: Viewer, row: RightsRequest, now: dt.datetime) -> None:
    """Raise `StepUpNeeded` without a second factor just now, `NotThere` where the trust rules open nothing."""
    if not is_confirmed(viewer.assurance, viewer.confirmed_at, now):
        raise StepUpNeeded
    people = {row.subject_id, row.asker_person_id}
    for about in RightsItem.objects.filter(request=row).values_list("about", flat=True):
        people |= set(about)
    is_hidden = Hidden.objects.filter(person_id__in=people).exists()
    if not may_open_lines(ROLES[viewer.role].sees_audit, is_hidden, is_confirmed=True):
        raise NotThere


def _ground(code: str) -> str:
    return GROUNDS[code].name if code in GROUNDS else ""


def _record(viewer: Viewer, row: RightsRequest, count: int, details: dict[str, str | int]) -> None:
    facts = Facts(row_count=count, item_classes="S", details={**details, "request": row.reference})
    asker = Viewer(viewer.username, viewer.role, "", row.reference, viewer.page)
    record("look", asker, (row.subject_id,), facts)


@dataclass(frozen=True)
class HoldSeen:
    """A hold in force in words."""

    row: LegalHold
    reason: str
    law: str


def list_holds() -> list[HoldSeen]:
    """Return the holds in force that the asker may see, the newest first."""
    rows = LegalHold.objects.filter(lifted_at=None).order_by("-placed_at", "pk")
    return [HoldSeen(row, HOLDS[row.reason].name, HOLDS[row.reason].law) for row in rows]
