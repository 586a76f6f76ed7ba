"""The entries of the overlay: added by one person, lifted by two, listed with what they ask for.

Every change, its effects and its record are one transaction. Callers speak for a user who has signed in, inside
`asking_as`, or for the owner of the tables.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from braid.language.steps import NotPossible
from braid.trust.overlay import CONFLICT_REASONS, EXCLUSION_REASONS, RESTRICTION_REASONS, Entry, Exclusion
from braid.trust.overlay_change import Change, State, Step, asks, check_proposer, check_step, is_shortening
from braid.trust.roles import ROLES
from braid.web.models import ExclusionEntry, OverlayChange, RestrictionEntry, User
from braid.web.overlay.effects import renew_effects
from braid.web.overlay.recording import record_change

Kept = ExclusionEntry | RestrictionEntry
KINDS = {"exclusion": ExclusionEntry, "restriction": RestrictionEntry}


@dataclass(frozen=True)
class EntrySeen:
    """An entry in force as the page and the command line show it: ids and user names, never a person's name.

    `asks` says that its date has come and somebody must decide; `change` is the open proposal, if there is one.
    """

    kind: str
    id: int
    subject_id: str
    reference: str
    party: str
    reason: str
    source: str
    entered_by: str
    entered_at: dt.datetime
    until: dt.datetime | None
    asks: bool
    needs_subject: bool
    change: OverlayChange | None


def check_lead(by: User) -> None:
    """Raise `NotPossible` unless `by` is an active user whose role accounts for looks."""
    role = ROLES.get(by.role)
    if not by.is_active or role is None or not role.sees_audit:
        raise NotPossible("Only an information governance lead changes the overlay. Ask one")


@transaction.atomic
def add_entry(by: User, entry: Entry, source: str = "page", reference: str = "") -> Kept:
    """Add an exclusion or a restriction; in force with the end of the transaction. Whether the subject exists is not
    looked at. Raises `NotPossible`."""
    check_lead(by)
    return _add(by, entry, source, reference)


@transaction.atomic
def declare_conflict(by: User, subject_id: str, reference: str, reason: str) -> None:
    """Bar a user from a person whom they say they know, by id or by a reference for the lead to look up.

    It answers nothing, so that it tells nobody whether the person exists. Raises `NotPossible` for another reason.
    """
    if reason not in CONFLICT_REASONS:
        raise NotPossible("Choose how you know the person")
    entry = Exclusion(subject_id, reason, by.username, timezone.now(), barred_user=by.username)
    _add(by, entry, "declared", reference)


def _add(by: User, entry: Entry, source: str, reference: str) -> Kept:
    facts = {
        "subject_id": entry.subject,
        "reason": entry.reason,
        "reference": reference,
        "source": source,
        "entered_by": by.username,
        "until": entry.until,
    }
    if isinstance(entry, Exclusion):
        if entry.reason not in EXCLUSION_REASONS:
            raise NotPossible("Choose a reason for the exclusion from the list")
        parties = {"barred_username": entry.barred_user, "barred_person_id": entry.barred_person}
        kept: Kept = ExclusionEntry.objects.create(**facts, **parties)
    else:
        if entry.reason not in RESTRICTION_REASONS:
            raise NotPossible("Choose a reason for the restriction from the list")
        kept = RestrictionEntry.objects.create(**facts, admitted=sorted(entry.admitted))
    renew_effects()
    about = {"person_id": entry.subject, "reference": reference}
    record_change(by, "overlay_set", f"added {kind_of(kept)}", **about, entry=kept.pk)
    return kept


@transaction.atomic
def propose(by: User, kind: str, entry_id: int, change: Change, until: dt.datetime | None = None) -> OverlayChange:
    """Propose to lift an entry, or to let it ask at `until`; asking later than now is done at once, by one person.

    Raises `NotPossible` where a rule forbids it or the entry is not in force.
    """
    check_lead(by)
    entry = find_entry(kind, entry_id)
    if entry is None:
        raise NotPossible("There is no such entry in force. Look at the list again")
    check_proposer(by.username, getattr(entry, "barred_username", ""))
    at_once = change is Change.SHORTEN and not is_shortening(until_of(entry), until)
    try:
        with transaction.atomic():
            made = OverlayChange.objects.create(
                **{kind: entry},
                change="extend" if at_once else change,
                new_until=until,
                state=State.APPROVED if at_once else State.PROPOSED,
                proposed_by=by.username,
                decided_by=by.username if at_once else "",
                decided_at=timezone.now() if at_once else None,
            )
    except IntegrityError:
        raise NotPossible("A change to this entry is proposed already. Decide on that one first") from None
    what = "extended" if at_once else f"proposed {change}"
    record_change(by, "changed", what, entry.subject_id, change=made.pk, **{kind: entry_id})
    return made


@transaction.atomic
def decide_change(by: User, change_id: int, step: Step) -> OverlayChange:
    """Approve, refuse or withdraw a proposal. Raises `NotPossible` for the wrong person, or where it is decided."""
    check_lead(by)
    change = OverlayChange.objects.select_for_update().filter(pk=change_id).first()
    entry = find_entry(*_entry_of(change)) if change else None
    if change is None or entry is None:
        raise NotPossible("There is no such proposal. Look at the list again")
    barred = getattr(entry, "barred_username", "")
    change.state = check_step(State(change.state), step, change.proposed_by, by.username, barred)
    change.decided_by, change.decided_at = by.username, timezone.now()
    change.save(update_fields=["state", "decided_by", "decided_at"])
    renew_effects()
    is_lifted = change.change == Change.REMOVE and change.state == State.APPROVED
    done, of = "overlay_lifted" if is_lifted else "changed", {kind_of(entry): entry.pk}
    record_change(by, done, str(change.state), entry.subject_id, change=change.pk, **of)
    return change


def kind_of(entry: Kept) -> str:
    """Return `exclusion` or `restriction`."""
    return "exclusion" if isinstance(entry, ExclusionEntry) else "restriction"


def _entry_of(change: OverlayChange) -> tuple[str, int]:
    return ("exclusion", change.exclusion_id) if change.exclusion_id else ("restriction", change.restriction_id)


def find_entry(kind: str, entry_id: int) -> Kept | None:
    """Return an entry that is in force and that the asker may see; else `None`."""
    model = KINDS.get(kind)
    return in_force(model).filter(pk=entry_id).first() if model else None


def in_force(model: type[Kept]) -> QuerySet[Kept]:
    """Return the entries that nobody lifted, oldest first. No date ends one."""
    lifted = OverlayChange.objects.filter(change=Change.REMOVE, state=State.APPROVED)
    name = "exclusion" if model is ExclusionEntry else "restriction"
    ids = lifted.filter(**{f"{name}__isnull": False}).values(name)
    return model.objects.exclude(pk__in=ids).order_by("pk").prefetch_related("changes")


def until_of(entry: Kept) -> dt.datetime | None:
    """Return when the entry asks to be decided on: as entered, or as the last change that was approved says."""
    dated = [one for one in entry.changes.all() if one.state == State.APPROVED and one.change != Change.REMOVE]
    return max(dated, key=lambda one: (one.decided_at, one.pk)).new_until if dated else entry.until


def list_entries(now: dt.datetime) -> list[EntrySeen]:
    """Return the entries in force that the asker may see: those that ask first, then the newest."""
    seen = [_seen(entry, now) for model in KINDS.values() for entry in in_force(model)]
    return sorted(
        seen, key=lambda one: (not (one.asks or one.needs_subject or one.change), -one.entered_at.timestamp())
    )


def count_tasks(entries: Iterable[EntrySeen]) -> int:
    """Return how many entries ask for a decision, wait for a second person, or name nobody yet."""
    return sum(entry.asks or entry.needs_subject or entry.change is not None for entry in entries)


def _seen(entry: Kept, now: dt.datetime) -> EntrySeen:
    until = until_of(entry)
    return EntrySeen(
        kind=kind_of(entry),
        id=entry.pk,
        subject_id=entry.subject_id,
        reference=entry.reference,
        party=_party(entry),
        reason={**EXCLUSION_REASONS, **RESTRICTION_REASONS}.get(entry.reason, entry.reason),
        source=entry.source,
        entered_by=entry.entered_by,
        entered_at=entry.entered_at,
        until=until,
        asks=asks(until, now),
        needs_subject=entry.subject_id == "",
        change=next((one for one in entry.changes.all() if one.state == State.PROPOSED), None),
    )


def _party(entry: Kept) -> str:
    if isinstance(entry, RestrictionEntry):
        return f"only {', '.join(entry.admitted)}" if entry.admitted else "nobody is admitted"
    return f"user {entry.barred_username}" if entry.barred_username else f"person {entry.barred_person_id}"
