"""Whom the demo's commission has served, so that one chain of the fictional place has every link. Everybody is made up.

Counts are published of months that are over, so a demo of one evening has none unless what happened is entered as of
its own days. Everything is concluded: nothing of it waits on anybody's list.
"""

import datetime as dt

from django.db import transaction
from django.utils import timezone

from braid.store.place_folder import Place
from braid.web.access.cohorts import list_concerned
from braid.web.care.kept import new_reference
from braid.web.models import (
    Commission,
    Referral,
    ServiceEpisode,
    ServiceSession,
    Team,
    User,
)
from braid.web.watch import known_asker

STATEMENT, LOT, TEAM, SERVICE = "victim_response", "advocacy", "lanternhouse-advocacy", "advocacy"
SENDS, ANSWERS = "demo-advocate", "demo-responder"
BANDS = ("high", "high", "medium")
"""Need of one after another, over and over."""
MOST_SERVED = 36
BACK_DAYS = 75
"""The first was referred so long ago; the others one a day after."""


def put_demo_served(place: Place) -> int:
    """Enter whom the commission of a fictional place served; return how many: none where some are there already."""
    with known_asker(), transaction.atomic():
        commission = Commission.objects.filter(state="open", terms__document__contains=f'"{TEAM}"').first()
        sender = User.objects.filter(username=SENDS).first()
        is_ready = place.is_example and commission and sender and Team.objects.filter(pk=TEAM).exists()
        if not is_ready or ServiceEpisode.objects.exists():
            return 0
        people = list_concerned(STATEMENT, MOST_SERVED)
        for number, person_id in enumerate(people):
            _serve(commission, sender, person_id, number)
        return len(people)


def _serve(commission: Commission, sender: User, person_id: str, number: int) -> None:
    sent = timezone.now() - dt.timedelta(days=BACK_DAYS - number)
    referral = Referral.objects.create(
        reference=new_reference("R"), purpose=commission.purpose, person_id=person_id, service=SERVICE, team_id=TEAM,
        urgency="routine", sent_by=SENDS, sent_from=sender.organisation, sent_at=sent, due_at=sent + dt.timedelta(10),
        state="done", answered_by=ANSWERS, answered_at=sent + dt.timedelta(2), ended_at=sent + dt.timedelta(35),
    )  # fmt: skip
    episode = ServiceEpisode.objects.create(
        referral=referral, commission=commission, terms_number=commission.in_force, lot=LOT, team_id=TEAM,
        need_band=BANDS[number % len(BANDS)], eligible_by="concerned", state="concluded",
        ended_at=sent + dt.timedelta(35), changed_by=ANSWERS, changed_at=sent + dt.timedelta(35),
    )  # fmt: skip
    for week in (1, 3):
        at = sent + dt.timedelta(weeks=week)
        ServiceSession.objects.create(episode=episode, at=at, attendance="yes", written_by=ANSWERS)
