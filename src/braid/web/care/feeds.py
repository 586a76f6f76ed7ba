"""Calendar feeds: a secret address of one's own, renewed and ended on a page, and what stands in the calendar."""

import datetime as dt
import secrets
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q

from braid.care.calendar_feed import Appointment, write_feed
from braid.language.dates import london_date
from braid.trust.roles import ROLES
from braid.web.access.context import asking_as
from braid.web.access.projections import Viewer
from braid.web.access.sight import NotThere
from braid.web.accounts import digest_of
from braid.web.care.appointment_calendar import at_minute
from braid.web.care.appointments import list_agreed_of_own
from braid.web.care.kept import now_of_database
from braid.web.care.things import FEED_BACK, list_appointments, list_case_days, list_things
from braid.web.models import BoardMeeting, BoardSeatHolder, CalendarFeed, User
from braid.web.recording import Facts, record

TOKEN_BYTES = 32
LONGEST_TOKEN = 100


@transaction.atomic
def renew_feed(viewer: Viewer, user: User) -> str:
    """End a user's feed, make another, and return its secret: it is shown this once, and only its digest is kept."""
    _end(user)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    CalendarFeed.objects.append_one(
        CalendarFeed(user=user, digest=digest_of(token), made_at=now_of_database(), made_for=_account_mark(user))
    )
    record("account_changed", viewer, facts=Facts(details={"what": "calendar feed renewed"}))
    return token


@transaction.atomic
def end_feed(viewer: Viewer, user: User) -> None:
    """End a user's feed; its address then answers as one that never was."""
    if _end(user):
        record("account_changed", viewer, facts=Facts(details={"what": "calendar feed ended"}))


def _end(user: User) -> int:
    return CalendarFeed.objects.filter(user=user, ended_at__isnull=True).update(ended_at=now_of_database())


def _account_mark(user: User) -> str:
    """What an account is known by to its feed: another password, role or organisation is another account to it."""
    return digest_of("\0".join((user.username, user.role, user.organisation, user.password)))


@dataclass(frozen=True)
class FeedSeen:
    """A feed as its owner sees it: since when it is there, and when a calendar program last read it."""

    made_at: dt.datetime
    last_read_at: dt.datetime | None


def find_feed(user: User) -> FeedSeen | None:
    """Return the feed of a user that still answers; `None` where they have none."""
    row = CalendarFeed.objects.filter(user=user, ended_at__isnull=True, made_for=_account_mark(user)).first()
    return FeedSeen(row.made_at, row.last_read_at) if row else None


def read_feed(token: str) -> bytes:
    """Return the calendar of whoever's secret this is, as their policies show it now. Raises `NotThere` for any other.

    Nothing in it names a person, so no look is taken; its owner sees when it was last read. A feed answers for the
    account as it was when the feed was made: it ends with the password, the role or the organisation.
    """
    rows = CalendarFeed.objects.filter(digest=digest_of(token[:LONGEST_TOKEN]), ended_at__isnull=True)
    row = rows.select_related("user").first()
    if row is None or not row.user.is_active or row.user.role not in ROLES or row.made_for != _account_mark(row.user):
        raise NotThere
    user, now = row.user, now_of_database()
    CalendarFeed.objects.filter(pk=row.pk).update(last_read_at=now)
    role, today = ROLES[user.role], london_date(now)
    timed, things, days = [], [], []
    for purpose in sorted(role.purposes):
        with asking_as(user.username, purpose):
            things += list_things(now)
            timed += list_appointments(now)
            timed += [_agreed(*one) for one in list_agreed_of_own(user.username, today)]
            days += list_case_days(now)
    if role.governs:
        with asking_as(user.username, ""):
            timed += _board_meetings(user.username, now)
    return write_feed(timed, things, now, user.username, days)


def _board_meetings(username: str, now: dt.datetime) -> list[Appointment]:
    """Return the meetings of the boards on which somebody holds a seat today: those to come, and of the last month."""
    today = london_date(now)
    lasting = Q(until_date__isnull=True) | Q(until_date__gte=today)
    seats = BoardSeatHolder.objects.filter(lasting, username=username, from_date__lte=today, ended_at=None)
    rows = BoardMeeting.objects.filter(board_id__in=seats.values("board_id"), starts_at__gt=now - FEED_BACK)
    return [
        Appointment(
            str(row.pk),
            "",
            row.starts_at,
            row.length_minutes,
            is_cancelled=row.state == "cancelled",
            revision=row.version,
            what="Board meeting",
        )
        for row in rows.order_by("starts_at", "pk")
    ]


def _agreed(need: str, day: dt.date, start: int, end: int) -> Appointment:
    return Appointment(need, "", at_minute(day, start), end - start, revision=None, what="Appointment")
