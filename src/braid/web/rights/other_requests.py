"""Corrections, restrictions and erasures as kept, and holds: the steps of each, by one human or by two.

Every function runs inside `asking_as`, for an information governance lead; row security shows nobody else a row.
"""

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from braid.language.steps import NotPossible
from braid.store.vault_keys import VaultKeyNotAvailable
from braid.trust.subject_rights import Line, check_asker, check_basis, check_second, machine_of
from braid.trust.subject_rights_terms import ANSWERS, CLOSINGS, HOLDS, SECOND_DECIDES
from braid.web.access.projections import Viewer
from braid.web.access.sight import NotThere
from braid.web.care.kept import new_reference
from braid.web.models import LegalHold, RightsItem, RightsRequest, User
from braid.web.overlay.entries import check_lead
from braid.web.recording import Facts, record
from braid.web.rights.keeping import change, note
from braid.web.rights.sealed_lines import seal_lines
from braid.web.vault.keys import get_key_ring

PAGE = "rights request"
HOLD_PAGE = "legal hold"
LONGEST_WORDS = 1000
NO_KEY = "It cannot be kept safely just now, so nothing was kept. Try again later"
_BY_BRAID = frozenset({"erase", "gather", "leave", "deliver", "hold"})


@dataclass(frozen=True)
class Wish:
    """What somebody asks beside access: the kind, about whom, who asks, since when, and the ground in law.

    Of a correction: the organisation whose record it is, and what is wrong in the words of whoever asks.
    """

    kind: str
    subject_id: str
    asker: str
    asker_person_id: str
    received_on: object
    shown_on: object
    basis: str = ""
    source: str = ""
    words: str = ""


@transaction.atomic
def open_wish(by: User, wish: Wish) -> RightsRequest:
    """Keep what somebody asked. Whether anybody of the id is known is not looked at. Raises `NotPossible`."""
    check_lead(by)
    machine = machine_of(wish.kind)
    if wish.kind == "access":
        raise NotPossible("Access is asked for in its own form")
    check_asker(wish.subject_id, wish.asker, wish.asker_person_id)
    check_basis(wish.kind, wish.basis)
    if wish.kind == "rectification" and (not wish.source or not wish.words.strip()):
        raise NotPossible("Say whose record it is, and what is wrong in it")
    row = RightsRequest(
        reference=new_reference("RR"),
        handled_by=by.username,
        state=machine.first,
        **{name: value for name, value in vars(wish).items() if name != "words"},
    )
    RightsRequest.objects.append_one(row)
    if wish.kind == "rectification":
        _keep_words(row, wish.words.strip()[:LONGEST_WORDS])
    note(by, row, "open")
    return row


def _keep_words(row: RightsRequest, words: str) -> None:
    item = RightsItem(
        request=row, position=1, kind="note", title="What is wrong", source=row.source, line_count=1, locked_count=0
    )
    try:
        sealed = seal_lines(get_key_ring(), item.pk, [Line("In the words of whoever asked", words, "S")])
    except VaultKeyNotAvailable:
        raise NotPossible(NO_KEY) from None
    for column, value in sealed.items():
        setattr(item, column, value)
    RightsItem.objects.append_one(item)


@transaction.atomic
def move_wish(by: User, row: RightsRequest, seen: int, step: str, code: str = "") -> None:
    """Take a step of a correction, a restriction or an erasure. Raises `NotPossible`.

    What lets go, ends a restriction or refuses it is a second human's; all else is that of whoever handles it.
    """
    check_lead(by)
    if step in _BY_BRAID:
        raise NotPossible("Braid does that by itself")
    after = machine_of(row.kind).after(row.state, step)
    is_second = step in SECOND_DECIDES
    if is_second:
        check_second(row.handled_by, by.username)
    elif row.handled_by != by.username:
        raise NotPossible("Whoever handles the request does that: take it over first")
    values = _values(row, step, code, by)
    change(row, seen, state=after, **values)
    note(by, row, step, code)


def _values(row: RightsRequest, step: str, code: str, by: User) -> dict[str, object]:
    if step == "close":
        if code not in CLOSINGS:
            raise NotPossible("Choose why it ends")
        return {"closed_because": code, "ended_at": timezone.now()}
    if step == "answer":
        if code not in ANSWERS:
            raise NotPossible("Choose what the source said")
        return {"answer": code, "ended_at": timezone.now()}
    if step in ("send", "restrict", "propose") and row.shown_on is None:
        raise NotPossible("Nothing is done before it was shown who asks")
    if step == "approve":
        return {"second_by": by.username, "held_because": ""}
    return {"second_by": by.username, "ended_at": timezone.now()} if step == "end" else {}


@transaction.atomic
def place_hold(by: User, person_id: str, reason: str, reference: str) -> LegalHold:
    """Keep everything of a person from being erased, at once. Whether there is such a person is not looked at."""
    check_lead(by)
    if reason not in HOLDS:
        raise NotPossible("Choose why it is held")
    row = LegalHold(person_id=person_id, reason=reason, reference=reference, placed_by=by.username)
    LegalHold.objects.append_one(row)
    _record(by, row, "hold placed")
    return row


@transaction.atomic
def move_hold(by: User, hold_id: UUID, step: str) -> None:
    """Ask to lift a hold, or lift it as a second human; keep it where the asking was wrong. Raises `NotPossible`."""
    check_lead(by)
    row = LegalHold.objects.filter(pk=hold_id, lifted_at=None).first()
    if row is None:
        raise NotThere
    if step == "ask" and not row.lift_asked_by:
        values: dict[str, object] = {"lift_asked_by": by.username, "lift_asked_at": timezone.now()}
    elif step == "lift" and row.lift_asked_by:
        if by.username == row.lift_asked_by:
            raise NotPossible("Whoever asked to lift it does not lift it: ask another information governance lead")
        values = {"lifted_by": by.username, "lifted_at": timezone.now()}
    elif step == "keep" and row.lift_asked_by:
        values = {"lift_asked_by": "", "lift_asked_at": None}
    else:
        raise NotPossible("That does not follow. Look at the page again")
    if not LegalHold.objects.filter(pk=row.pk, lifted_at=None, lift_asked_by=row.lift_asked_by).update(**values):
        raise NotPossible("Somebody else changed it meanwhile. Look at the page again")
    _record(by, row, f"hold {step}")


def _record(by: User, row: LegalHold, what: str) -> None:
    viewer = Viewer(by.username, by.role, "", row.reference, HOLD_PAGE)
    facts = Facts(organisation=by.organisation, details={"what": what, "hold": str(row.pk), "reason": row.reason})
    record("changed", viewer, (row.person_id,), facts)
