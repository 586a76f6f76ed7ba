"""Links for a reply to a referral, as kept: made by whoever sent it; used once by whoever answers, with no account."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from braid.care import links
from braid.care.links import Link, digest_of, new_code, state_of
from braid.care.referrals import MACHINE, URGENCIES, Answer, Referral, answer_by_link
from braid.care.services import SERVICES
from braid.language.steps import NotPossible, is_possible
from braid.web.access.sight import Sight
from braid.web.care.kept import acting_of, new_reference, now_of_database, record_step, teams_of
from braid.web.care.link_door import knock_of, record_by_link
from braid.web.care.referrals import get_row
from braid.web.models import ReplyLink
from braid.web.owner_functions import ask, ask_row

PAGE = "reply"
_COLUMNS = (
    "link_reference reference purpose person_id service team team_name urgency sent_by sent_from sent_at due_at"
    " expires_at"
).split()


@dataclass(frozen=True)
class ReplyLinkSeen:
    """A link for a reply as whoever sent the referral sees it."""

    id: int
    reference: str
    made_by: str
    made_at: dt.datetime
    expires_at: dt.datetime
    state_name: str
    is_open: bool


@dataclass(frozen=True)
class Asked:
    """A referral as whoever holds the code of its link sees it: what is asked and until when. Not who the person is."""

    link: str
    reference: str
    purpose: str
    service_name: str
    team_name: str
    urgency_name: str
    sent_from: str
    due_at: dt.datetime
    expires_at: dt.datetime
    noun: Referral


def make_link(sight: Sight, referral_id: UUID) -> str:
    """Make a link for a reply; return its code, which is shown this once. Raises `NotPossible`, `NotThere`."""
    row, now, code = get_row(referral_id), now_of_database(), new_code()
    links.check_reply_link(acting_of(sight), row.sent_by, row.sent_from, row.state, teams_of(row.sent_by))
    made = ReplyLink(
        referral=row,
        reference=new_reference("RL"),
        digest=digest_of(code),
        made_by=sight.viewer.username,
        expires_at=links.reply_expires_at(row.due_at, now),
    )
    ReplyLink.objects.append_one(made)
    record_step(sight, "reply link made", [row.person_id], "referral", referral=row.reference, link=made.reference)
    return code


def may_make(sight: Sight, referral_id: UUID) -> bool:
    """Whether the viewer may make a link for a referral that they see. Raises `NotThere` for one that they do not."""
    row, by = get_row(referral_id), acting_of(sight)
    theirs = teams_of(row.sent_by)
    return is_possible(lambda: links.check_reply_link(by, row.sent_by, row.sent_from, row.state, theirs))


def list_links(referral_id: UUID) -> list[ReplyLinkSeen]:
    """Return the links of a referral, newest first; none to whoever did not send it, and does not lead who did.

    Raises `NotThere` for a referral that the viewer does not see.
    """
    row, now = get_row(referral_id), now_of_database()
    rows = ReplyLink.objects.filter(referral=row).defer("digest").order_by("-made_at", "-pk")
    return [_seen(one, row.state, now) for one in rows]


def _noun(row: ReplyLink, state: str) -> Link:
    return Link(
        row.expires_at,
        single_use=True,
        used=row.used_at is not None,
        revoked=row.revoked_at is not None,
        holds=state == MACHINE.first,
    )


def _seen(row: ReplyLink, state: str, now: dt.datetime) -> ReplyLinkSeen:
    stands = state_of(_noun(row, state), now)
    name = links.MACHINE.states[stands].name
    return ReplyLinkSeen(row.pk, row.reference, row.made_by, row.made_at, row.expires_at, name, stands == "open")


def revoke_link(sight: Sight, referral_id: UUID, link_id: int) -> None:
    """Revoke a link for a reply. Raises `NotPossible`, `NotThere`."""
    row, now = get_row(referral_id), now_of_database()
    link = ReplyLink.objects.filter(referral=row, pk=link_id).defer("digest").first()
    if link is None:
        raise NotPossible("There is no such link. Look at the page again")
    links.revoke(_noun(link, row.state), now)
    rows = ReplyLink.objects.filter(pk=link_id, used_at__isnull=True, revoked_at__isnull=True)
    if not rows.update(revoked_at=now, revoked_by=sight.viewer.username):
        raise NotPossible("It was used or revoked a moment ago. Look at the referral again")
    record_step(sight, "reply link revoked", [row.person_id], "referral", referral=row.reference)


def open_reply(typed: str) -> Asked | None:
    """Return what a code asks, and record the look; `None` for every code that opens nothing."""
    row = ask_row("braid_open_reply", _COLUMNS, digest_of(typed))
    if row is None:
        return None
    found = _asked(*row)
    knock = knock_of(found.link, found.purpose, found.reference, PAGE)
    record_by_link(
        "look", knock, found.noun.person_id, "referral", what="referral opened by link", team=found.noun.team
    )
    return found


def _asked(
    link: str, reference: str, purpose: str, person_id: str, service: str, team: str, team_name: str,
    urgency: str, sent_by: str, sent_from: str, sent_at: dt.datetime, due_at: dt.datetime, expires_at: dt.datetime,
) -> Asked:  # fmt: skip
    return Asked(
        link,
        reference,
        purpose,
        SERVICES[service].name,
        team_name,
        URGENCIES[urgency].name,
        sent_from,
        due_at,
        expires_at,
        Referral(person_id, service, team, urgency, sent_by, sent_from, sent_at, due_at),
    )


def answer(typed: str, asked: Asked, given: Answer) -> Referral:
    """Answer a referral by its link, once. Raises `NotPossible`; of two who answer at once, for one of them."""
    after = answer_by_link(asked.noun, given, asked.expires_at, now_of_database())
    knock = knock_of(asked.link, asked.purpose, asked.reference, PAGE)
    values = [digest_of(typed), after.state, after.refusal, after.parked_until, knock.username]
    if not ask("braid_answer_reply", *values):
        raise NotPossible("It was answered a moment ago. Ask whoever sent it to you how it stands")
    record_by_link(
        "changed", knock, asked.noun.person_id, "referral", what=f"referral {after.state} by link",
        refusal=after.refusal, team=asked.noun.team,
    )  # fmt: skip
    return after
