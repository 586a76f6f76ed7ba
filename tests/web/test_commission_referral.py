"""Places and grounds of lots when somebody is referred: refused with the rule and what to do, at the last place too."""

import dataclasses
import datetime as dt
import html
import threading
import uuid

import pytest
from care_teams import make_teams
from commissioned import LOT, REFERRER, TEAM, put_commission, put_service, terms_of_sample
from django.db import DatabaseError, connection, connections, transaction
from django.utils import timezone
from published_sample import ENTRIES, as_pages
from sample_run import VICTIM

from braid.web.access.context import asking_as
from braid.web.models import (
    Commission,
    CommissionSignature,
    CommissionTerms,
    Flow,
    Person,
    PersonDistrict,
    Protection,
    Referral,
    ServiceEpisode,
    Team,
    User,
)
from braid.web.served_place import PLACE_SETTING
from braid.web.watch import known_asker

HERE, ELSEWHERE = "E08990001", "E08990002"
SENT = {"team": TEAM, "service": "therapy", "urgency": "urgent", "note": "", "since": "", "need_band": "high"}


def with_lot(**more):
    terms = terms_of_sample()
    return dataclasses.replace(terms, lots=(dataclasses.replace(terms.lots[0], **more),))


@pytest.fixture
def referrer(published, sample, client_of, monkeypatch):
    monkeypatch.setenv(PLACE_SETTING, str(sample[0].folder))
    make_teams()
    return client_of("advocate", "victim_response")


def refer(client, person=VICTIM):
    answer = client.post(f"/people/{person}/refer/", SENT)
    return answer.status_code, html.unescape(answer.content.decode())


def sent():
    with known_asker():
        return Referral.objects.filter(sent_at__gte=timezone.now() - dt.timedelta(hours=1)).count()


def episodes_begun():
    with known_asker():
        return list(
            ServiceEpisode.objects.filter(state="referred", referral__sent_by=REFERRER, referral__person_id=VICTIM)
        )


def somebody():
    with known_asker():
        return Person.objects.create(person_id=uuid.uuid4().hex).pk


@pytest.mark.django_db
def test_a_full_lot_takes_nobody_and_the_referral_is_not_sent(referrer):
    row = put_commission(terms=with_lot(capacity=2))
    one = put_service(row, somebody(), state="under_way", score="")
    put_service(row, somebody(), state="referred", answer="pending", score="")
    status, page = refer(referrer)
    assert status == 400 and not sent()
    assert "Therapy of Therapy after abuse serves 2 at once, and every place is taken." in page
    assert "Refer again once a place is free" in page and "ask a commissioner of" in page
    with known_asker():
        ServiceEpisode.objects.filter(pk=one.pk).update(state="concluded")
    assert refer(referrer)[0] == 302 and sent() == 1, "a place was free"


@pytest.mark.django_db
@pytest.mark.parametrize("answer", ["refused", "revoked"])
def test_who_was_refused_or_taken_back_has_no_place(answer, referrer):
    row = put_commission(terms=with_lot(capacity=1))
    refusal = "criteria" if answer == "refused" else ""
    put_service(row, somebody(), state="referred", answer=answer, refusal=refusal, score="")
    assert refer(referrer)[0] == 302


@pytest.mark.django_db
def test_no_page_may_put_anybody_on_a_place_that_is_not_there(referrer):
    """The database itself keeps the last place, whatever a page does."""
    row = put_commission(terms=with_lot(capacity=1))
    assert refer(referrer)[0] == 302
    with known_asker():
        first = ServiceEpisode.objects.get()
        other = Referral.objects.create(
            reference="RF-2", purpose="victim_response", person_id=VICTIM, service="therapy", team_id=TEAM,
            urgency="urgent", sent_by=REFERRER, sent_from="harbour", due_at=timezone.now(), state="revoked",
        )  # fmt: skip

    def put():
        kept = ServiceEpisode(
            referral=other, commission=row, terms_number=1, lot=LOT, team_id=TEAM, changed_by=REFERRER
        )
        try:
            with as_pages(), transaction.atomic(), asking_as(REFERRER, "victim_response"):
                ServiceEpisode.objects.append_one(kept)
        except DatabaseError:
            with connection.cursor() as cursor:
                cursor.execute("reset role")
            return False
        return True

    assert not put()
    with known_asker():
        ServiceEpisode.objects.filter(pk=first.pk).update(state="ended_early")
    assert put()


@pytest.mark.django_db
def test_of_whom_the_referrer_may_not_see_where_they_live_no_refusal_tells_it(referrer):
    put_commission(terms=with_lot(districts=(HERE,)))
    assert refer(referrer)[0] == 302, "withheld: it cannot be told"
    (episode,) = episodes_begun()
    assert episode.eligible_by == ""
    address = f"/referrals/{episode.referral_id}/service/"
    page = html.unescape(referrer.get(address).content.decode())
    assert "cannot be told here" in page and "The conditions are met" in page
    with known_asker():
        Referral.objects.update(state="revoked")
        PersonDistrict.objects.update_or_create(person_id=VICTIM, defaults={"district_code": ELSEWHERE})
    assert "<strong>not met</strong>" not in referrer.get(address).content.decode()
    assert refer(referrer)[0] == 302, "of whose address is safe a refusal says nothing either"
    with known_asker():
        Referral.objects.update(state="revoked")
        Protection.objects.filter(person=VICTIM).delete()
    assert "<strong>not met</strong>" not in referrer.get(address).content.decode()
    assert refer(referrer)[0] == 302, "nor to a role that sees nobody's district"


@pytest.mark.django_db
def test_what_is_not_met_by_the_records_is_told_and_recorded_beside_the_referrers_word(referrer):
    put_commission(terms=with_lot(eligibility="all_of = [{ age_under = 18 }, { need = ['domestic_abuse'] }]"))
    assert refer(referrer)[0] == 302
    (episode,) = episodes_begun()
    assert episode.eligible_by == "", "the run knows them, and not what the lot asks besides"
    address = f"/referrals/{episode.referral_id}/service/"
    page = html.unescape(referrer.get(address).content.decode())
    assert "<strong>not met</strong>" in page and "<strong>cannot be told here</strong>" in page
    assert referrer.post(address, {"kind": "eligible", "version": "1"}).status_code == 302
    entry = [one.details for one in ENTRIES if one.details.get("what") == "service: eligibility said"][-1]
    assert (entry["met"], entry["not_met_by_record"]) == (1, 1)


@pytest.mark.django_db
def test_what_the_records_tell_and_meets_the_lot_needs_no_word(referrer):
    put_commission(terms=with_lot(eligibility="all_of = [{ age_at_least = 18 }]"))
    assert refer(referrer)[0] == 302
    assert [one.eligible_by for one in episodes_begun()] == ["concerned"]


TAKERS, CAPACITY, ROUNDS = 5, 2, 4


@pytest.fixture
def committed(django_db_setup, django_db_blocker):
    """An open commission and who refers to it: committed, and taken away again."""
    with django_db_blocker.unblock(), known_asker():
        now = timezone.now()
        day = dt.timedelta(days=1)
        Team.objects.create(id=TEAM, name="race", organisation="x", services=["therapy"])
        user = User.objects.create(username="racer", organisation="racers", role="advocate")
        Flow.objects.create(
            agreement_id="race", agreement_version="1", purpose="victim_response", receiver="racers", provider="",
            item="joint_case", live_from=now - day, live_to=now + day,
        )  # fmt: skip
        try:
            yield user
        finally:
            for model in (ServiceEpisode, Referral, CommissionSignature, CommissionTerms, Commission, Flow, Team):
                model.objects.all().delete()
            user.delete()
            connections.close_all()


def test_of_several_who_refer_to_the_last_places_at_once_no_more_than_there_are_get_one(committed):
    for _ in range(ROUNDS):
        row = put_commission(terms=with_lot(capacity=CAPACITY))
        took = take_at_once(row)
        assert len(took) == TAKERS and sum(took) == CAPACITY
        with known_asker():
            assert ServiceEpisode.objects.filter(commission=row).count() == CAPACITY


def take_at_once(row):
    took, together = [], threading.Barrier(TAKERS)

    def take():
        try:
            with asking_as("racer", "victim_response"), connection.cursor() as cursor:
                referral = Referral.objects.create(
                    reference=uuid.uuid4().hex[:20], purpose="victim_response", person_id=uuid.uuid4().hex,
                    service="therapy", team_id=TEAM, urgency="urgent", sent_by="racer", sent_from="racers",
                    due_at=timezone.now(),
                )  # fmt: skip
                together.wait()
                cursor.execute("select braid_has_place(%s, 1, %s)", [row.pk, LOT])
                (has_place,) = cursor.fetchone()
                if has_place:
                    ServiceEpisode.objects.create(
                        referral=referral, commission=row, terms_number=1, lot=LOT, team_id=TEAM, changed_by="racer"
                    )
            took.append(has_place)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=take) for _ in range(TAKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return took
