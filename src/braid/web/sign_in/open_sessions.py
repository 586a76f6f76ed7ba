"""The query that each request begins with: the session that its cookie opens, and the account that it is of."""

import datetime as dt

from django.db.models import QuerySet

from braid.web.models import SignedSession
from braid.web.written_once import written_once


@written_once
def open_sessions(digest: str, now: dt.datetime) -> QuerySet[SignedSession]:
    """Return the one session of this digest that has not ended, with its account, or none."""
    return SignedSession.objects.filter(pk=digest, expire_date__gt=now).select_related("user")
