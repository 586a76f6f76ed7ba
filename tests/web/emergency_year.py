"""A year of emergency access, drawn from a seed: people ask, leads acknowledge and review, and some of them late."""

import datetime as dt
import heapq
import random
from dataclasses import dataclass, field

from braid.trust.break_glass import REASONS, NotGranted, Request
from braid.web.models import Alert, User
from braid.web.overlay.emergencies import acknowledge, grant_access, review_access

START = dt.datetime(2026, 4, 1, tzinfo=dt.UTC)
DAYS = 365


@dataclass
class Year:
    """What happened: grants made, requests refused for want of a review, and each grant's review in hours."""

    grants: int = 0
    refused: int = 0
    review_hours: list[float] = field(default_factory=list)


def run_year(seed: int, asking: list[User], lead: User, people: list[str]) -> Year:
    """Play the events in the order of the clock, through the same functions as the pages."""
    draw, year, serial = random.Random(seed), Year(), 0
    events: list[tuple[dt.datetime, int, str, object]] = []

    def plan(at: dt.datetime, what: str, about: object) -> None:
        nonlocal serial
        serial += 1
        heapq.heappush(events, (at, serial, what, about))

    for day in range(DAYS):
        for _ in range(draw.choice((0, 1, 1, 2))):
            plan(START + dt.timedelta(days=day, minutes=draw.randrange(24 * 60)), "ask", draw.choice(asking))
    while events:
        at, _, what, about = heapq.heappop(events)
        if what == "ask":
            try:
                grant = grant_access(about, _request(draw, about, asking, people), at)
            except NotGranted:
                year.refused += 1
                continue
            year.grants += 1
            for alert in Alert.objects.filter(break_glass=grant):
                plan(at + dt.timedelta(minutes=draw.choice((5, 20, 50, 600))), "acknowledge", alert.pk)
            # One in six is left for three weeks, so that some users have two overdue at once.
            wait = dt.timedelta(days=21) if draw.random() < 1 / 6 else dt.timedelta(hours=draw.randrange(1, 24))
            plan(at + wait, "review", grant.pk)
        elif what == "acknowledge":
            told = Alert.objects.get(pk=about)
            acknowledge(User.objects.get(username=told.addressee) if told.addressee else lead, about, at)
        else:
            grant = review_access(lead, about, draw.choice(("justified", "justified", "not_justified")), at)
            year.review_hours.append((at - grant.live_from) / dt.timedelta(hours=1))
    return year


def _request(draw: random.Random, user: User, asking: list[User], people: list[str]) -> Request:
    colleague = draw.choice([other for other in asking if other != user])
    return Request(
        user.username,
        draw.choice(people),
        "school_from_ta",
        draw.choice(sorted(REASONS)),
        "incident",
        f"INC-{draw.randrange(10_000)}",
        colleague.username,
    )
