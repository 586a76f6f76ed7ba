"""Views of one's own plan as kept: made and revoked by the lead; opened, with no account, by who holds the code."""

import datetime as dt
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from braid.care import links
from braid.care.links import Link, ViewWanted, check_said, digest_of, new_code, state_of
from braid.care.words import find_whereabouts
from braid.language.steps import NotPossible
from braid.web.access.joint import find_age
from braid.web.access.sight import Sight
from braid.web.care import cases
from braid.web.care.kept import acting_of, new_reference, now_of_database, record_step
from braid.web.care.link_door import knock_of, record_by_link
from braid.web.care.plans import check_plain, names_apart
from braid.web.models import CaseSubject, JointCase, OwnView, SafeContact
from braid.web.owner_functions import ask

PAGE = "own view"


@dataclass(frozen=True)
class ViewSeen:
    """A view of somebody's own plan as the members of the case see that it was made."""

    id: UUID
    reference: str
    subject_id: int
    aim_name: str
    hand_over_name: str
    fits: str
    made_by: str
    made_at: dt.datetime
    expires_at: dt.datetime
    state_name: str
    is_open: bool


def make_view(sight: Sight, case_id: UUID, subject_id: int, wanted: ViewWanted) -> str:
    """Make a view of their own plan for somebody whom the case is about; return its code, which is shown this once.

    Raises `NotPossible`, `NotThere`.
    """
    row = cases.get_row(case_id)
    subject = CaseSubject.objects.filter(case=row, pk=subject_id, ended_at__isnull=True).exclude(person_id="").first()
    if subject is None:
        raise NotPossible("Choose one of those whom the case is about. Whoever is kept apart is given no view")
    apart = tuple(names_apart(row))
    has_contact = _has_safe_contact(subject.person_id)
    links.check_own_view(
        acting_of(sight), cases.noun_of(row), wanted, find_age(sight, subject.person_id), has_contact, apart
    )
    check_plain(row, wanted.fits)
    code, now = new_code(), now_of_database()
    made = ask(
        "braid_make_own_view",
        *(uuid.uuid4(), row.pk, subject.pk, new_reference("OV"), digest_of(code)),
        *(wanted.aim, wanted.hand_over, wanted.fits.strip(), now + dt.timedelta(days=wanted.days)),
    )
    if not made:
        raise NotPossible("Only the lead professional of the case does that. Ask them")
    record_step(
        sight, "own view made", [subject.person_id], "case", "disclosure", case=row.reference, aim=wanted.aim,
        hand_over=wanted.hand_over, days=wanted.days,
    )  # fmt: skip
    return code


def _has_safe_contact(person_id: str) -> bool:
    """Whether a safe contact that a second person confirmed is in force, as far as the viewer sees."""
    rows = SafeContact.objects.filter(person_id=person_id).exclude(ended_how="refused").order_by("-entered_at", "-pk")
    newest = rows.values_list("second_by", "ended_how").first()
    return newest is not None and newest[0] != "" and newest[1] == ""


def list_views(row: JointCase) -> list[ViewSeen]:
    """Return the views that were made of plans of a case, newest first. That one closed for its person's safety is not
    told: of what is neither revoked nor expired it is said until when it lasts at most."""
    now = now_of_database()
    rows = OwnView.objects.filter(case=row).defer("digest", "was_protected").order_by("-made_at")
    return [_view_seen(one, now) for one in rows]


def _noun(row: OwnView) -> Link:
    return Link(row.expires_at, single_use=False, revoked=row.revoked_at is not None)


def _view_seen(row: OwnView, now: dt.datetime) -> ViewSeen:
    state = state_of(_noun(row), now)
    return ViewSeen(
        row.pk,
        row.reference,
        row.subject_id,
        links.AIMS.get(row.aim, ""),
        links.HAND_OVERS.get(row.hand_over, ""),
        row.fits,
        row.made_by,
        row.made_at,
        row.expires_at,
        links.MACHINE.states[state].name,
        state == "open",
    )


def revoke_view(sight: Sight, case_id: UUID, view_id: UUID) -> None:
    """Revoke a view: at the next statement its code opens nothing. Raises `NotPossible`, `NotThere`."""
    row = cases.get_row(case_id)
    view = OwnView.objects.filter(case=row, pk=view_id).defer("digest", "was_protected").first()
    if view is None:
        raise NotPossible("There is no such view. Look at the page again")
    cases.cases.check_leads(acting_of(sight), cases.noun_of(row))
    now = now_of_database()
    links.revoke(_noun(view), now)
    rows = OwnView.objects.filter(pk=view_id, revoked_at__isnull=True)
    if not rows.update(revoked_at=now, revoked_by=sight.viewer.username):
        raise NotPossible("It was revoked a moment ago")
    record_step(sight, "own view revoked", cases.people_of(row), "case", case=row.reference)


@dataclass(frozen=True)
class OwnAction:
    """What somebody does for the person, in plain words."""

    words: str
    team: str
    due_on: dt.date
    is_done: bool


@dataclass(frozen=True)
class OwnGoal:
    """A goal of the person."""

    words: str
    target_on: dt.date
    is_theirs: bool
    actions: tuple[OwnAction, ...]


@dataclass(frozen=True)
class OwnPlan:
    """A person's own plan as they read it: no name, place or number of anybody, and nothing of anybody else."""

    link: str
    case_reference: str
    purpose: str
    person_id: str
    expires_at: dt.datetime
    plan_id: str
    is_agreed: bool
    goals: tuple[OwnGoal, ...]
    review_on: dt.date | None
    meets_on: dt.date | None
    said: tuple[tuple[str, str, dt.datetime], ...]
    """What they said: stance, words, when."""


def open_own(typed: str) -> OwnPlan | None:
    """Return the plan that a code opens, and record the look; `None` for every code that opens nothing."""
    document = _document(typed)
    if document is None:
        return None
    found = _own_plan(document)
    knock = knock_of(found.link, found.purpose, found.case_reference, PAGE)
    record_by_link("look", knock, found.person_id, "own", what="own plan opened", plan=document["number"] or 0)
    return found


def _document(typed: str) -> Mapping[str, object] | None:
    given = ask("braid_open_own_view", digest_of(typed))
    return json.loads(given) if isinstance(given, str) else given


def _own_plan(document: Mapping[str, object]) -> OwnPlan:
    found = dict(document)
    return OwnPlan(
        link=found["link"],
        case_reference=found["case"],
        purpose=found["purpose"],
        person_id=found["person"],
        expires_at=dt.datetime.fromisoformat(found["expires"]),
        plan_id=found["plan"] or "",
        is_agreed=found["state"] == "approved",
        goals=tuple(_own_goal(goal) for goal in found["goals"]),
        review_on=_day(found["review_on"]),
        meets_on=_day(found["meets_on"]),
        said=tuple((one["stance"], one["words"], dt.datetime.fromisoformat(one["at"])) for one in found["said"]),
    )


def _day(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def _own_goal(goal: Mapping[str, object]) -> OwnGoal:
    return OwnGoal(
        goal["words"],
        dt.date.fromisoformat(goal["target_on"]),
        goal["whose"] in ("person", "agreed"),
        tuple(
            OwnAction(
                one["words"], one["team"], dt.date.fromisoformat(one["due_on"]), one["state"] in ("done", "checked")
            )
            for one in goal["actions"]
            if one["state"] != "cancelled"
        ),
    )


def say(typed: str, seen: OwnPlan, about: str, stance: str, words: str) -> None:
    """Keep what the person says about the version that they read. Said twice, it is kept once. Raises `NotPossible`."""
    check_said(stance, words, len(seen.said))
    if find_whereabouts(words):
        raise NotPossible(
            "Please leave out addresses, telephone numbers and e-mail addresses: others read this. Your words are"
            " still in the box"
        )
    if about != seen.plan_id or not seen.plan_id:
        raise NotPossible("Your plan has changed since you opened it. Read it again, and then say what you think")
    if any((one[0], one[1]) == (stance, words.strip()) for one in seen.said):
        return
    kept = ask("braid_say_own", digest_of(typed), UUID(about), stance, words.strip(), links.MOST_SAID)
    if not kept:
        raise NotPossible("This could not be kept. Close the page, and open it again with your code")
    knock = knock_of(seen.link, seen.purpose, seen.case_reference, PAGE)
    record_by_link("changed", knock, seen.person_id, "own", what="own words kept", stance=stance)
