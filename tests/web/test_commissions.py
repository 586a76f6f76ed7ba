"""A joint commission on pages: drawn up, signed, served, scored, paid; and what of it nobody may see."""

import dataclasses
import datetime as dt
import html
import re

import pytest
from care_teams import make_teams
from commissioned import (
    BODIES,
    LOT,
    OUTCOMES,
    REFERRER,
    TEAM,
    colleague,
    put_commission,
    put_everything,
    put_round,
    put_service,
    terms_of_sample,
)
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone
from published_sample import ENTRIES, REFERENCE, as_pages
from sample_run import ONLY_HIDDEN, VICTIM

from braid.care.referrals import REFUSALS
from braid.example.write import write_example
from braid.place.commissions.safeguards import is_held, payable_units
from braid.store.place_folder import load_place
from braid.trust.disclosure import publishable_count
from braid.trust.roles import ROLES
from braid.web.access.context import asking_as
from braid.web.care.team_list import load_teams, renew_teams
from braid.web.commissions.demo import put_demo_commission
from braid.web.commissions.forms import TermsForm, initial_of, lot_ids
from braid.web.commissions.keeping import read_terms
from braid.web.commissions.place_files import files, known
from braid.web.models import (
    Commission,
    CommissionPosting,
    CommissionTerms,
    ExclusionEntry,
    OutcomeScore,
    Referral,
    RoundReturn,
    ServiceEpisode,
    ServicePlan,
    ServiceSession,
    TeamMember,
)
from braid.web.overlay.effects import renew_effects
from braid.web.served_place import PLACE_SETTING
from braid.web.watch import known_asker

pytestmark = pytest.mark.django_db

OF_PEOPLE = (ServiceEpisode, ServicePlan, ServiceSession, OutcomeScore)
GOVERNING = [role for role in ROLES if ROLES[role].governs]


@pytest.fixture
def place(published, sample, monkeypatch):
    """The place's files known to pages, and a team for each organisation."""
    monkeypatch.setenv(PLACE_SETTING, str(sample[0].folder))
    make_teams()
    return sample[0]


def signed_in(user, purpose=""):
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    if purpose:
        client.post("/reason/", {"purpose": purpose, "reference": REFERENCE})
    return client


@pytest.fixture
def sides(place, client_of):
    """Commissioners of both bodies, a finance officer, referrer, provider, and the lead of the referrer's team."""
    third = colleague("advocate", "harbour", "test-advocate-lead")
    with known_asker():
        TeamMember.objects.create(team_id="harbour-advocacy", username=third.username, is_lead=True)
    return {
        "authority": client_of("commissioner"),
        "hospital": signed_in(colleague("commissioner", "vale-hospital")),
        "finance": client_of("finance_officer"),
        "referrer": client_of("advocate", "victim_response"),
        "provider": client_of("responder", "victim_response"),
        "third": signed_in(third, "victim_response"),
    }


def text_of(client, address):
    answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    return html.unescape(answer.content.decode())


def done(answer):
    shown = re.sub(r"<[^>]+>|\s+", " ", " ".join(re.findall(r"error-summary.*?</ul>", answer.content.decode(), re.S)))
    assert answer.status_code == 302, shown
    return answer["Location"].split("?")[0]


def post(client, address, kind, version=1, **more):
    return client.post(address, {"kind": kind, "version": str(version), **more})


def kept(model):
    with known_asker():
        return model.objects.get()


def sent_terms(**more):
    """The form of terms, filled in as the sample's."""
    form = TermsForm(None, statement="victim_response", lots=1, initial=initial_of(terms_of_sample()))
    filled = {name: form.initial.get(name, "") for name in form.fields}
    return {**filled, "statement": "victim_response", "lots": "1", "step": "keep", **more}


def draw_up(client, **more):
    with known_asker():
        data = sent_terms(**more)
    return client.post("/commissions/draw-up/", data)


def test_from_draft_to_a_confirmed_score_and_its_payment(sides):
    address = done(draw_up(sides["authority"]))
    assert "Draft" in text_of(sides["authority"], address)
    done(post(sides["authority"], address, "sign", 1, number="1"))
    assert "Signed by" in text_of(sides["hospital"], address)
    done(post(sides["hospital"], address, "sign", 2, number="1"))
    assert kept(Commission).state == "agreed" and kept(Commission).in_force == 1
    done(post(sides["authority"], address, "open", 3))
    sent = {"team": TEAM, "service": "therapy", "urgency": "urgent", "note": "", "since": "", "need_band": "high"}
    done(sides["referrer"].post(f"/people/{VICTIM}/refer/", sent))
    episode = kept(ServiceEpisode)
    assert (episode.eligible_by, episode.need_band, episode.lot) == ("concerned", "high", LOT)
    referral = f"/referrals/{episode.referral_id}/"
    assert "Paid for by a joint commission" in text_of(sides["provider"], referral)
    done(sides["provider"].post(referral, {"step": "accept", "version": "1"}))
    service = f"{referral}service/"
    serve(sides, service)
    scores = {score.outcome: score for score in kept_scores()}
    assert {one.state for one in scores.values()} == {"said"}
    page = text_of(sides["referrer"], service)
    assert "Slept through the night" in page and "I can go out again" in page
    for outcome in OUTCOMES:
        done(post(sides["referrer"], service, "score", 1, step="confirm", thing=scores[outcome].pk))
    with known_asker():
        OutcomeScore.objects.update(is_drawn=False)
        row = Commission.objects.get()
    assert "Nothing is due" in text_of(sides["authority"], address), "one person's price would tell of them"
    for number in range(11):
        put_service(row, f"{number + 100:032x}")
    page = text_of(sides["authority"], address)
    assert "£3,000.00" in page and "£5,000.00" in page and "Post this payment" not in page
    done(post(sides["finance"], address, "pay", row.version))
    with known_asker():
        postings = {(one.component, one.score): (one.units, one.pence) for one in CommissionPosting.objects.all()}
    assert postings == {("attachment", ""): (10, 300_000), ("outcome", "achieved"): (10, 500_000)}
    assert "£8,000.00 paid of £100,000.00" in text_of(sides["authority"], address)
    again = post(sides["finance"], address, "pay", row.version)
    assert again.status_code == 400 and "Nothing is due" in again.content.decode()
    details = {one.details.get("what") for one in ENTRIES}
    assert details >= {"commission signed", "commission open", "service begun", "service: reported", "commission paid"}


def kept_scores():
    with known_asker():
        return list(OutcomeScore.objects.filter(state="said"))


def serve(sides, service):
    """Assess, plan, meet once and report, each step by whose it is."""
    done(post(sides["provider"], service, "assess", 1))
    done(post(sides["provider"], service, "submit_plan", 2, words="Twelve sessions of therapy, weekly"))
    done(post(sides["referrer"], service, "approve_plan", 3))
    day = timezone.localdate()
    done(post(sides["provider"], service, "plan_session", 4, on=f"{day - dt.timedelta(days=1)}", at="10:30"))
    session = kept(ServiceSession)
    came = {"attendance": "yes", "why_not": "", "thing": session.pk}
    done(post(sides["provider"], service, "attendance", 1, **came))
    done(post(sides["provider"], service, "conclude", 4))
    report = {f"score-{OUTCOMES[0]}": "achieved", f"score-{OUTCOMES[1]}": "achieved", "own_view": "I can go out again"}
    report |= {f"evidence-{outcome}": "Slept through the night" for outcome in OUTCOMES}
    done(post(sides["provider"], service, "report", 5, **report))


def test_the_form_says_every_rule_that_terms_break_and_keeps_what_was_filled_in(sides):
    lot = {f"{LOT}-share-attachment": "1", f"{LOT}-attachment": "10.00"}
    answer = draw_up(sides["authority"], **lot)
    page = html.unescape(answer.content.decode())
    assert answer.status_code == 400 and "shares do not come to the whole" in page and "less than 20%" in page
    assert 'value="Therapy after abuse"' in page and not Commission.objects.exists()
    answer = draw_up(sides["authority"], title="", value="1.234")
    assert "Enter a title" in answer.content.decode() and answer.status_code == 400
    answer = draw_up(sides["authority"], problem="Ring 01632 960001")
    assert answer.status_code == 400 and "telephone" in answer.content.decode()
    added = draw_up(sides["authority"], step="add")
    assert added.status_code == 200 and 'id="lot-2"' in added.content.decode()
    assert 'value="vale-hospital" checked' in added.content.decode()


def test_nobody_signs_for_another_body_and_none_twice(sides, client_of):
    with known_asker():
        data = sent_terms()
    address = done(sides["authority"].post("/commissions/draw-up/", data))
    assert post(client_of("analyst"), address, "sign", 1, number="1").status_code == 400
    assert post(client_of("board_member"), address, "sign", 1, number="2").status_code == 400
    done(post(client_of("board_member"), address, "sign", 1, number="1"))
    again = post(sides["authority"], address, "sign", 2, number="1")
    assert again.status_code == 400 and "signed these terms already" in again.content.decode()
    stale = post(sides["hospital"], address, "sign", 1, number="1")
    assert stale.status_code == 409, "somebody signed meanwhile"
    assert post(sides["authority"], address, "open", 2).status_code == 400, "not agreed yet"


def test_no_terms_hold_in_the_database_that_a_body_has_not_signed(sides):
    address = done(draw_up(sides["authority"]))
    done(post(sides["authority"], address, "sign", 1, number="1"))

    def changed(**values):
        try:
            with as_pages(), transaction.atomic(), asking_as("test-commissioner", ""):
                return Commission.objects.update(changed_by="test-commissioner", **values)
        except DatabaseError:
            with connection.cursor() as cursor:
                cursor.execute("reset role")
            return 0

    assert not changed(state="open", in_force=1) and not changed(state="agreed", in_force=2)
    assert changed(title="Other words") == 1
    done(post(sides["hospital"], address, "sign", 2, number="1"))
    assert changed(state="open", in_force=1) == 1 and not changed(in_force=2)


def test_a_variation_holds_once_all_signed_and_old_terms_stay(sides):
    row = put_commission()
    address = f"/commissions/{row.pk}/"
    with known_asker():
        data = sent_terms(value="120000.00", reason="More people come than was thought", version="1")
    assert sides["authority"].post(f"{address}vary/", {**data, "reason": " "}).status_code == 400
    done(sides["authority"].post(f"{address}vary/", data))
    assert "of £100,000.00" in text_of(sides["authority"], address)
    done(post(sides["authority"], address, "sign", 2, number="2"))
    assert kept(Commission).in_force == 1
    done(post(sides["hospital"], address, "sign", 3, number="2"))
    assert kept(Commission).in_force == 2 and kept(Commission).state == "open"
    assert "of £120,000.00" in text_of(sides["authority"], address)
    with known_asker():
        assert CommissionTerms.objects.count() == 2


def test_who_orders_does_not_pay_and_who_pays_orders_nothing(sides):
    row = put_commission()
    for number in range(12):
        put_service(row, f"{number + 100:032x}")
    address = f"/commissions/{row.pk}/"
    assert post(sides["authority"], address, "pay", 1).status_code == 400
    assert post(sides["finance"], address, "close", 1).status_code == 400
    assert sides["finance"].get("/commissions/draw-up/").status_code == 403
    done(post(sides["finance"], address, "pay", 1))


def test_the_settlement_is_exact_and_for_whoever_keeps_the_ledger_alone(sides):
    row = put_commission("ended")
    for number in range(3):
        put_service(row, f"{number + 100:032x}")
    address = f"/commissions/{row.pk}/"
    assert "Nothing is due" in text_of(sides["authority"], address)
    assert "£1,500.00" in text_of(sides["finance"], address)
    done(post(sides["finance"], address, "pay", 1))
    with known_asker():
        assert sum(one.pence for one in CommissionPosting.objects.all()) == 3 * 80_000
        assert all(one.is_final for one in CommissionPosting.objects.all())
    assert "£0.00 paid" in text_of(sides["authority"], address) and "£1,500.00" not in text_of(
        sides["hospital"], address
    )


@pytest.mark.parametrize(
    ("more", "paid"),
    [
        ({}, {"attachment", "outcome"}),
        ({"eligible_by": ""}, set()),
        ({"eligible_by": "not_eligible"}, set()),
        ({"eligible_by": "attested"}, {"attachment", "outcome"}),
        ({"sessions": 0}, {"outcome"}),
        ({"score_state": "said"}, {"attachment"}),
        ({"score_state": "questioned"}, {"attachment"}),
        ({"score_state": "disputed"}, {"attachment"}),
        ({"score_state": "dismissed"}, {"attachment"}),
        ({"is_drawn": True}, {"attachment"}),
        ({"is_drawn": True, "score_state": "verified"}, {"attachment", "outcome"}),
        ({"is_drawn": True, "score_state": "overturned"}, {"attachment"}),
        ({"score": "not"}, {"attachment"}),
    ],
)
def test_each_safeguard_decides_what_is_paid(more, paid, place):
    row = put_commission()
    for number in range(10):
        put_service(row, f"{number + 100:032x}", **more)
    found = payable(row)
    assert {one for (one, *_), units in found.items() if units} - {"held", "session"} == paid, "sessions have no price"


def payable(row, username="test-commissioner"):
    """What the database says may be paid, as the pages ask."""
    with as_pages(), asking_as(username, ""), connection.cursor() as cursor:
        cursor.execute("select component, outcome, score, units from braid_payable_units(%s)", [row.pk])
        return {tuple(found[:3]): found[3] for found in cursor.fetchall()}


@pytest.mark.parametrize("count", [1, 7, 8, 9, 10, 14, 15])
def test_steps_in_the_database_are_those_of_the_rules(count, place):
    row = put_commission()
    for number in range(count):
        put_service(row, f"{number + 100:032x}", sessions=2)
    assert payable(row)["attachment", "", ""] == payable_units(count, count)
    assert payable(row)["session", "", ""] == payable_units(2 * count, count)
    assert counts(row)["high", "referred"] == publishable_count(count)
    assert counts(row)["high", "sessions"] == (publishable_count(2 * count) if count >= 8 else None)


def counts(row, username="test-commissioner", team=""):
    with as_pages(), asking_as(username, ""), connection.cursor() as cursor:
        cursor.execute(
            "select band, what, shown from braid_service_counts(%s, %s, '2000-01-01', '2400-01-01')", [row.pk, team]
        )
        return {(band, what): shown for band, what, shown in cursor.fetchall()}


@pytest.mark.parametrize(("verified", "overturned"), [(0, 1), (0, 2), (18, 2), (17, 2)])
def test_held_lots_in_the_database_are_those_of_the_rules(verified, overturned, place):
    row = put_commission()
    for number in range(verified + overturned):
        state = "verified" if number < verified else "overturned"
        put_service(row, f"{number + 100:032x}", score_state=state, is_drawn=True)
    assert (("held", "", "") in payable(row)) == is_held(verified, overturned)


def test_refusals_are_counted_apart_from_what_a_person_declined(place):
    row = put_commission()
    for number, (code, reason) in enumerate(REFUSALS.items()):
        for each in range(8):
            put_service(
                row,
                f"{100 * number + each + 1000:032x}",
                answer="refused",
                refusal=code,
                state="referred",
                sessions=0,
                score="",
                band="low" if reason.by_person else "high",
            )
    found = counts(row)
    assert found["low", "declined"] and ("low", "refused") not in found
    assert found["high", "refused"] and ("high", "declined") not in found


def test_counts_are_of_months_that_are_over(place):
    row = put_commission()
    for number in range(10):
        put_service(row, f"{number + 100:032x}", back_days=0)
    assert counts(row) == {}


def test_creaming_is_said_on_the_page(sides):
    row = put_commission()
    for band, refused, taken in (("low", 8, 40), ("high", 30, 15)):
        for number in range(refused + taken):
            is_refused = number < refused
            put_service(
                row,
                f"{number + 100:032x}{band}"[-32:],
                band=band,
                answer="refused" if is_refused else "accepted",
                refusal="need_is_higher" if is_refused else "",
                state="referred",
                score="",
                sessions=0,
            )
    page = text_of(sides["authority"], f"/commissions/{row.pk}/")
    assert "those of higher need are refused more often" in page and "67% (52 to 79)" in page


def seen_by(username, purpose):
    """How many rows of each table about people somebody sees, as pages ask."""
    with as_pages(), asking_as(username, purpose):
        return {model.__name__: model.objects.count() for model in OF_PEOPLE}


NOTHING = dict.fromkeys((model.__name__ for model in OF_PEOPLE), 0)
ONE = dict.fromkeys((model.__name__ for model in OF_PEOPLE), 1)


def test_whoever_sees_the_referral_sees_its_service_and_nobody_else(sides):
    row = put_commission()
    put_service(row, VICTIM)
    assert seen_by(REFERRER, "victim_response") == seen_by("test-responder", "victim_response") == ONE
    assert seen_by("test-advocate-lead", "victim_response") == ONE
    for role in ROLES:
        for purpose in ("", *ROLES[role].purposes):
            if role not in ("advocate", "responder"):
                assert seen_by(f"test-{role}", purpose) == NOTHING, (role, purpose)
    assert seen_by("test-responder", "school_from_ta") == NOTHING, "for another purpose"
    other = colleague("responder", "northmere-council")
    assert seen_by(other.username, "victim_response") == NOTHING, "another provider"
    with known_asker():
        TeamMember.objects.filter(username="test-responder").update(ended_at=timezone.now())
    assert seen_by("test-responder", "victim_response") == NOTHING, "who left the team"


def test_who_is_kept_from_somebody_finds_neither_service_nor_page(sides):
    row = put_commission()
    episode = put_service(row, VICTIM)
    service = f"/referrals/{episode.referral_id}/service/"
    assert sides["provider"].get(service).status_code == 200
    with known_asker():
        ExclusionEntry.objects.create(
            subject_id=VICTIM, barred_username="test-responder", reason="relative", entered_by="z", source="page"
        )
        renew_effects()
    assert seen_by("test-responder", "victim_response") == NOTHING
    assert sides["provider"].get(service).status_code == 404
    assert post(sides["provider"], service, "end_early", 1, because="lost_contact").status_code == 404
    nobodys = "/referrals/00000000-0000-4000-8000-000000000000/service/"
    assert sides["provider"].get(service).content == sides["provider"].get(nobodys).content


def test_hidden_people_are_counted_and_nothing_more(sides):
    row = put_everything([ONLY_HIDDEN, VICTIM])
    page = text_of(sides["authority"], f"/commissions/{row.pk}/")
    assert "too few to show" in page
    for words in (VICTIM, ONLY_HIDDEN, "words of evidence", "words of somebody served", "words of a service plan"):
        assert words not in page


def test_the_database_keeps_each_step_to_its_side(sides):
    row = put_commission()
    episode = put_service(row, VICTIM, score_state="said", is_drawn=None)
    with known_asker():
        score = OutcomeScore.objects.get()

    def changed(username, **values):
        try:
            with as_pages(), transaction.atomic(), asking_as(username, "victim_response"):
                return OutcomeScore.objects.filter(pk=score.pk).update(**values)
        except DatabaseError:
            with connection.cursor() as cursor:
                cursor.execute("reset role")
            return 0

    assert not changed("test-responder", state="confirmed", confirmed_by="test-responder", is_drawn=False)
    assert not changed("test-responder", state="verified", verified_by="test-responder")
    assert not changed(REFERRER, state="verified", verified_by=REFERRER)
    assert not changed("test-commissioner", state="confirmed")
    assert changed(REFERRER, state="confirmed", confirmed_by=REFERRER, is_drawn=True) == 1
    assert not changed(REFERRER, state="verified", verified_by=REFERRER), "nobody verifies what they confirmed"
    assert changed("test-advocate-lead", state="verified", verified_by="test-advocate-lead") == 1
    assert episode.pk


def test_a_question_a_dispute_and_a_third_human(sides):
    row = put_commission()
    episode = put_service(row, VICTIM, score_state="said", is_drawn=None)
    service = f"/referrals/{episode.referral_id}/service/"
    thing = kept(OutcomeScore).pk

    def step(who, code, version, **more):
        return post(sides[who], service, "score", version, step=code, thing=thing, **more)

    assert step("referrer", "question", 1).status_code == 400, "says why"
    done(step("referrer", "question", 1, why="She told me that nothing came of it"))
    done(step("provider", "say_again", 2, score="partly"))
    assert kept(OutcomeScore).score == "partly"
    done(step("referrer", "question", 3, why="Nor in part"))
    done(step("provider", "dispute", 4, why="The notes of six sessions say otherwise"))
    assert step("referrer", "uphold", 5).status_code == 400 and step("provider", "uphold", 5).status_code == 400
    done(step("third", "uphold", 5))
    assert kept(OutcomeScore).state == "verified" and payable(row)["outcome", OUTCOMES[0], "partly"] == 0


def test_who_the_run_does_not_know_is_eligible_by_the_referrers_word_alone(sides):
    row = put_commission()
    episode = put_service(row, VICTIM, state="referred", eligible_by="", score="")
    service = f"/referrals/{episode.referral_id}/service/"
    assert post(sides["provider"], service, "eligible", 1).status_code == 400
    done(post(sides["referrer"], service, "eligible", 1))
    assert kept(ServiceEpisode).eligible_by == "attested"


def test_a_session_is_moved_and_written_down_with_why_it_did_not_take_place(sides):
    row = put_commission()
    episode = put_service(row, VICTIM, state="under_way", sessions=0, score="")
    service = f"/referrals/{episode.referral_id}/service/"
    day = timezone.localdate()
    done(post(sides["provider"], service, "plan_session", 1, on=f"{day + dt.timedelta(days=2)}", at="09:00"))
    thing = kept(ServiceSession).pk
    early = post(sides["provider"], service, "attendance", 1, thing=thing, attendance="yes", why_not="")
    assert early.status_code == 400 and "has not begun" in early.content.decode()
    later = f"{day + dt.timedelta(days=3)}"
    done(post(sides["provider"], service, "move_session", 1, thing=thing, on=later, at="11:00", because="safety"))
    with known_asker():
        ServiceSession.objects.update(at=timezone.now() - dt.timedelta(hours=1))
    missing = post(sides["provider"], service, "attendance", 2, thing=thing, attendance="no", why_not="")
    assert missing.status_code == 400
    done(post(sides["provider"], service, "attendance", 2, thing=thing, attendance="no", why_not="logistics_worker"))
    assert "The worker was not there" in text_of(sides["referrer"], service)
    assert "moved one time, last: for safety" in text_of(sides["referrer"], service)


def test_words_that_say_where_somebody_is_are_not_kept(sides):
    row = put_commission()
    episode = put_service(row, VICTIM, state="assessed", score="")
    service = f"/referrals/{episode.referral_id}/service/"
    answer = post(sides["provider"], service, "submit_plan", 1, words="Visit at 17 Willow Court")
    assert answer.status_code == 400 and "house number" in answer.content.decode()


def test_a_referral_outside_window_service_or_commission_is_a_referral_like_any_other(sides):
    today = timezone.localdate()
    terms = terms_of_sample()
    late = terms.lots[0].__class__(**{**vars(terms.lots[0]), "window_to": today - dt.timedelta(days=1)})
    put_commission(terms=terms_of_sample(lots=(late,)))
    put_commission("closed")
    sent = {"team": TEAM, "service": "therapy", "urgency": "urgent", "note": "", "since": "", "need_band": ""}
    done(sides["referrer"].post(f"/people/{VICTIM}/refer/", sent))
    with known_asker():
        assert not ServiceEpisode.objects.exists()
    address = f"/referrals/{kept(Referral).pk}/"
    assert "Commissioned service" not in text_of(sides["provider"], address)
    assert sides["provider"].get(f"{address}service/").status_code == 404


def test_a_round_is_asked_for_given_queried_and_accepted(sides):
    row = put_commission()
    for number in range(20):
        put_service(row, f"{number + 100:032x}")
    address = f"/commissions/{row.pk}/rounds/"
    first = timezone.localdate().replace(day=1)
    period = {"from_date": f"{first - dt.timedelta(days=70)}", "to_date": f"{first - dt.timedelta(days=1)}"}
    assert post(sides["authority"], address, "ask", 0, **period, due_date=f"{first}").status_code == 400
    done(post(sides["authority"], address, "ask", 0, **period, due_date=f"{first + dt.timedelta(days=9)}"))
    returned = kept(RoundReturn)
    mine = f"/commission-returns/{returned.pk}/"
    assert mine in text_of(sides["provider"], "/commission-returns/")
    assert "18" in text_of(sides["provider"], mine)
    given = {"referred": "20", "attached": "20", "sessions": "3", "concluded": "20", "achieved": "20"}
    given |= {"risk": "staffing", "narrative": "Two posts were empty", "version": "1"}
    done(sides["provider"].post(mine, given))
    page = text_of(sides["authority"], address)
    assert "Two posts were empty" in page and page.count("Differs") == 1 and "too few to show" in page
    done(post(sides["authority"], address, "query", 2, **{"return": returned.pk, "query": "Only three sessions?"}))
    assert "Only three sessions?" in text_of(sides["provider"], mine)
    done(sides["provider"].post(mine, {**given, "sessions": "20", "version": "3"}))
    assert "Differs" not in text_of(sides["authority"], address)
    done(post(sides["authority"], address, "accept", 4, **{"return": returned.pk}))
    assert kept(RoundReturn).state == "accepted"


def test_a_return_is_its_own_teams_leads_alone(sides, client_of):
    returned = put_round(put_commission())
    assert sides["provider"].get(f"/commission-returns/{returned.pk}/").status_code == 200
    assert sides["referrer"].get(f"/commission-returns/{returned.pk}/").status_code == 404
    assert "Nothing is asked of your teams" in text_of(sides["referrer"], "/commission-returns/")
    assert client_of("commissioner").get("/commission-returns/").status_code == 403


@pytest.mark.parametrize("role", GOVERNING)
def test_whoever_governs_reads_and_whoever_sees_people_does_not(role, place, client_of):
    row = put_everything([VICTIM])
    client = client_of(role)
    for page in ("", "rounds/"):
        assert client.get(f"/commissions/{row.pk}/{page}").status_code == 200
    for table in ("counts", "postings"):
        for form in ("csv", "xlsx", "pdf"):
            answer = client.get(f"/commissions/{row.pk}/{table}.{form}")
            assert answer.status_code == 200 and VICTIM.encode() not in answer.content
    assert "[c]" in client.get(f"/commissions/{row.pk}/counts.csv").content.decode()
    assert client.get(f"/commissions/{row.pk}/counts.exe").status_code == 404


@pytest.mark.parametrize("role", [role for role in ROLES if not ROLES[role].governs])
def test_the_functions_answer_nothing_to_whoever_does_not_govern(role, place):
    row = put_commission()
    for number in range(20):
        put_service(row, f"{number + 100:032x}")
    assert payable(row, f"test-{role}") == {} and counts(row, f"test-{role}") == {}
    own = counts(row, f"test-{role}", TEAM)
    assert bool(own) == (role == "responder"), "the lead of the team reads its own published counts"


def test_what_terms_may_name_comes_from_the_place(place):
    files.cache_clear()
    with known_asker():
        found = known()
    assert set(BODIES) <= set(found.bodies) and found.statements["victim_response"] == "victim_response"
    assert found.teams[TEAM] == ("vale-hospital", ("health", "therapy"))


def test_a_demo_begins_with_a_commission_that_two_bodies_signed(published, tmp_path, monkeypatch):
    write_example(tmp_path, people=500, seed=1)
    monkeypatch.setenv(PLACE_SETTING, str(tmp_path))
    renew_teams(load_teams(load_place(tmp_path)))
    put_demo_commission()
    put_demo_commission()
    row = kept(Commission)
    assert (row.state, row.in_force, row.purpose) == ("open", 1, "victim_response")
    with known_asker():
        assert CommissionTerms.objects.count() == 1
        assert sorted(RoundReturn.objects.values_list("team_id", flat=True)) == [
            "arden-vale-icb-community-health",
            "lanternhouse-advocacy",
        ]
        assert not ServiceEpisode.objects.exists(), "nobody is made up"
        terms = read_terms(row)[1]
        again = sent_again(terms)
    form = TermsForm(again, statement=terms.statement, lots=2, varied=True, before=[lot.id for lot in terms.lots])
    with known_asker():
        assert form.is_valid(), form.errors
        assert in_order(form.terms) == in_order(terms)


def in_order(terms):
    """Terms with the shares of each lot in one order, which says nothing."""
    lots = (dataclasses.replace(lot, shares=tuple(sorted(lot.shares, key=str))) for lot in terms.lots)
    return dataclasses.replace(terms, lots=tuple(lots))


def sent_again(terms) -> dict:
    """What a page sends of terms that nobody changed."""
    with known_asker():
        form = TermsForm(None, statement=terms.statement, lots=len(terms.lots), varied=True, initial=initial_of(terms))
        return {
            "reason": "Nothing changes",
            **{field.name: field.value() for field in form if field.value() is not None},
        }


def test_lots_keep_their_ids_and_a_further_one_has_a_fresh_one():
    assert lot_ids([], 2) == ["lot1", "lot2"]
    assert lot_ids(["therapy", "lot2"], 4) == ["therapy", "lot2", "lot1", "lot3"]
    assert lot_ids(["therapy", "advocacy"], 1) == ["therapy"]
