"""Of several who answer by one code at the same moment, on connections of their own, exactly one wins."""

import datetime as dt
import threading
from collections.abc import Iterator

import pytest
from django.db import connection, connections
from django.utils import timezone

from braid.care.links import digest_of, new_code
from braid.trust.roles import SCHOOL_FROM_TA
from braid.web.models import Flow, Referral, ReplyLink, Team, User
from braid.web.watch import known_asker

TIMES, AT_ONCE = 8, 4
DAY = dt.timedelta(days=1)


@pytest.fixture
def waiting(django_db_setup, django_db_blocker) -> Iterator[list[tuple[Referral, str]]]:
    """Referrals that wait, each with the code of its link: committed, and taken away again."""
    with django_db_blocker.unblock(), known_asker():
        now = timezone.now()
        team = Team.objects.create(id="race", name="race", organisation="x", services=["health"])
        user = User.objects.create(username="racer", organisation="racers", role="practitioner")
        flow = Flow.objects.create(
            agreement_id="race", agreement_version="1", purpose=SCHOOL_FROM_TA, receiver="racers", provider="",
            item="joint_case", live_from=now - DAY, live_to=now + DAY,
        )  # fmt: skip
        made = [_referral(team, number, now) for number in range(TIMES)]
        try:
            yield made
        finally:
            for model in (ReplyLink, Referral):
                model.objects.all().delete()
            for row in (flow, user, team):
                row.delete()
            connections.close_all()


def _referral(team: Team, number: int, now: dt.datetime) -> tuple[Referral, str]:
    code = new_code()
    row = Referral.objects.create(
        reference=f"RF-{number}", purpose=SCHOOL_FROM_TA, person_id=f"{number:032x}", service="health", team=team,
        urgency="urgent", sent_by="racer", sent_from="racers", due_at=now + DAY,
    )  # fmt: skip
    ReplyLink.objects.create(
        referral=row, reference=f"RL-{number}", digest=digest_of(code), made_by="racer", expires_at=now + DAY
    )
    return row, code


def test_of_several_who_use_a_code_at_once_exactly_one_wins(waiting):
    for row, code in waiting:
        answers = _answer_at_once(code)
        assert sum(answers) == 1 and len(answers) == AT_ONCE
        kept = Referral.objects.get(pk=row.pk)
        assert (kept.version, kept.state in ("accepted", "refused")) == (2, True)


def _answer_at_once(code: str) -> list[bool]:
    answers: list[bool] = []
    together = threading.Barrier(AT_ONCE)

    def answer(state: str) -> None:
        try:
            with connection.cursor() as cursor:
                together.wait()
                values = [digest_of(code), state, "criteria" if state == "refused" else "", None, "link RL"]
                cursor.execute("select braid_answer_reply(%s, %s, %s, %s, %s)", values)
                answers.append(cursor.fetchone()[0])
        finally:
            connections.close_all()

    threads = [threading.Thread(target=answer, args=[("accepted", "refused")[n % 2]]) for n in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers
