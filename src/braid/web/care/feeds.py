"""Calendar feeds: a secret address of one's own, renewed and ended on a page, and what stands in the calendar."""

import datetime as dt
import secrets

from django.db import transaction

from braid.care.calendar_feed import write_feed
from braid.trust.roles import ROLES
from braid.web.access.context import asking_as
from braid.web.access.projections import Viewer
from braid.web.access.sight import NotThere
from braid.web.accounts import digest_of
from braid.web.care.kept import acting, now_of_database
from braid.web.care.things import list_appointments, list_things
from braid.web.models import CalendarFeed, User
from braid.web.recording import Facts, record

TOKEN_BYTES = 32
LONGEST_TOKEN = 100


@transaction.atomic
def renew_feed(viewer: Viewer, user: User) -> str:
    """End a user's feed, make another, and return its secret: it is shown this once, and only its digest is kept."""
    _end(user)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    CalendarFeed.objects.append_one(CalendarFeed(user=user, digest=digest_of(token), made_at=now_of_database()))
    record("account_changed", viewer, facts=Facts(details={"what": "calendar feed renewed"}))
    return token


@transaction.atomic
def end_feed(viewer: Viewer, user: User) -> None:
    """End a user's feed; its address then answers as one that never was."""
    if _end(user):
        record("account_changed", viewer, facts=Facts(details={"what": "calendar feed ended"}))


def _end(user: User) -> int:
    return CalendarFeed.objects.filter(user=user, ended_at__isnull=True).update(ended_at=now_of_database())


def find_feed(user: User) -> dt.datetime | None:
    """Return since when a user has a feed; `None` where they have none."""
    row = CalendarFeed.objects.filter(user=user, ended_at__isnull=True).first()
    return row.made_at if row else None


def read_feed(token: str) -> bytes:
    """Return the calendar of whoever's secret this is, as their policies show it now. Raises `NotThere` for any other.

    Nothing in it names a person, so no look is taken.
    """
    rows = CalendarFeed.objects.filter(digest=digest_of(token[:LONGEST_TOKEN]), ended_at__isnull=True)
    row = rows.select_related("user").first()
    if row is None or not row.user.is_active or row.user.role not in ROLES:
        raise NotThere
    user, now = row.user, now_of_database()
    meetings, things = [], []
    for purpose in sorted(ROLES[user.role].purposes):
        with asking_as(user.username, purpose):
            things += list_things(acting(user.username, user.organisation, user.role), now)
            meetings += list_appointments(now)
    return write_feed(meetings, things, now, user.username)
