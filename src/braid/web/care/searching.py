"""A search on a page: how often one may, and the entry that each leaves."""

import datetime as dt

from braid.language.steps import NotPossible
from braid.web.access.search import Found, find
from braid.web.access.sight import Sight
from braid.web.care.kept import now_of_database
from braid.web.models import SearchMade, User
from braid.web.recording import Facts, record

LIMITS = ((dt.timedelta(minutes=1), 20), (dt.timedelta(hours=1), 200))
"""How many searches one may make within a time."""


class TooOften(NotPossible):
    """Somebody searches more often than a human who looks for somebody does."""

    def __init__(self) -> None:
        super().__init__("You have searched many times in a short while. Wait a minute and search again")


def search(sight: Sight, words: str) -> Found:
    """Search, and write down that it was done: for what purpose and how many people were found, and not for what.

    Raises `TooOften`. As many statements for whoever is hidden as for whoever is not there.
    """
    user = User.objects.get(username=sight.viewer.username)
    now = now_of_database()
    mine = SearchMade.objects.filter(user=user)
    if any(mine.filter(made_at__gt=now - within).count() >= most for within, most in LIMITS):
        raise TooOften
    SearchMade.objects.append_one(SearchMade(user=user, made_at=now))
    found = find(sight, words)
    details = {"what": "search", "people": len(found.people), "references": len(found.references)}
    facts = Facts(
        organisation=sight.organisation,
        agreement_ids=sight.agreements,
        item_classes="I",
        row_count=len(found.people),
        details=details,
    )
    record("look", sight.viewer, facts=facts)
    return found
