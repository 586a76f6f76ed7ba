"""Links without an account, by the pages: a person's view of their own plan, a reply to a referral, and hostile use."""

import datetime as dt
import re

import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone
from published_sample import ENTRIES
from sample_run import CHILD, VICTIM
from test_care_steps import acting_as, refer, teams  # noqa: F401 - a fixture
from test_plan_steps import GOAL, approved, draft, soon, step, subject_of

from braid.care.links import MOST_MISSES, MOST_SAID, ViewWanted, digest_of, new_code
from braid.care.referrals import Answer
from braid.language.steps import NotPossible
from braid.store.signing_key import open_key
from braid.trust.roles import SCHOOL_FROM_TA, VICTIM_RESPONSE
from braid.web import hold_back
from braid.web.audit_check import verify
from braid.web.care import cases, own_views, plans, referrals, reply_links
from braid.web.care.kept import ChangedMeanwhile
from braid.web.care.link_door import knock_of, record_by_link
from braid.web.models import (
    CaseMember,
    CaseSubject,
    ExclusionEntry,
    JointCase,
    OwnView,
    OwnWords,
    Person,
    PersonIdentity,
    Protection,
    Referral,
    ReplyLink,
    RestrictionEntry,
    SafeContact,
    Suspension,
    TeamMember,
    User,
)
from braid.web.overlay.effects import renew_effects
from braid.web.watch import known_asker

pytestmark = pytest.mark.django_db
WANTED = ViewWanted("follow", "in_person", 7, "She is fourteen and asked for it herself")


def view(case_id, wanted=WANTED, role="advocate") -> str:
    with acting_as(role, VICTIM_RESPONSE) as sight:
        return own_views.make_view(sight, case_id, subject_of(case_id), wanted)


def reply_code(referral) -> str:
    with acting_as("practitioner", SCHOOL_FROM_TA) as sight:
        return reply_links.make_link(sight, referral.pk)


def blotted(answer) -> tuple:
    """Status, words and headers of an answer, without the token of its forms."""
    words = re.sub(rb'(name="csrfmiddlewaretoken" value=")[^"]+', rb"\1", answer.content)
    return answer.status_code, words, {name: text for name, text in answer.headers.items() if name != "Expires"}


@pytest.fixture
def nobody():
    """A browser of somebody without an account."""
    return Client()


def test_a_person_reads_their_own_plan_and_says_what_they_think(teams, nobody, client_of):  # noqa: F811
    case_id = approved()
    code = view(case_id)
    page = nobody.post("/own/", {"code": f"  {code.lower().replace('-', ' ')} "})
    text = page.content.decode()
    assert (
        page.status_code == 200 and GOAL in text and "Go through the safety plan" in text and "Leave this page" in text
    )
    with known_asker():
        born = PersonIdentity.objects.get(pk=VICTIM)
    assert born.given_name not in text and born.family_name not in text and VICTIM not in text
    plan_id = re.search(r'name="plan" value="([^"]+)"', text)[1]
    said = {"code": code, "plan": plan_id, "step": "say", "stance": "disagree", "words": "I want it sooner"}
    for _ in range(2):
        assert "Your words are kept" in nobody.post("/own/", said).content.decode()
    with known_asker():
        assert OwnWords.objects.count() == 1, "sent twice, kept once"
    refused = nobody.post("/own/", {**said, "words": "I live at M1 1AE"})
    assert refused.status_code == 400 and "leave out addresses" in refused.content.decode()
    assert "I live at M1 1AE" in refused.content.decode(), "and what was typed is still there"
    shown = client_of("advocate", "victim_response").get(f"/cases/{case_id}/plan/").content.decode()
    assert "I want it sooner" in shown and "I do not agree with this plan" in shown
    mine = ENTRIES.filter(username__startswith="link OV-")
    assert set(mine.values_list("kind", "person_id", "relation")) == {
        ("look", VICTIM, "own"),
        ("changed", VICTIM, "own"),
    }


def test_nothing_of_the_code_is_kept_or_stands_in_an_address(teams, nobody, client_of):  # noqa: F811
    case_id = approved()
    advocate = client_of("advocate", "victim_response")
    form = {"kind": "make", "subject": str(subject_of(case_id)), "aim": "follow", "days": "7", "hand_over": "in_person"}
    made = advocate.post(f"/cases/{case_id}/plan/views/", {**form, "fits": "Asked for it"})
    code = re.search(r'id="code">([0-9A-Z-]+)<', made.content.decode())[1]
    assert made.status_code == 200 and "Location" not in made.headers
    assert code not in advocate.get(f"/cases/{case_id}/plan/views/").content.decode(), "shown once"
    opened = nobody.post("/own/", {"code": code})
    assert opened.headers["Cache-Control"] == "no-store" and opened.headers["Referrer-Policy"] == "same-origin"
    assert "noindex" in opened.headers["X-Robots-Tag"] and "braid_session" not in opened.cookies
    plain = code.replace("-", "")
    with known_asker(), connection.cursor() as cursor:
        for table in ("braid_ownview", "braid_auditentry", "braid_linkmiss", "braid_signedsession"):
            cursor.execute(f"select coalesce(string_agg(t::text, ' '), '') from {table} t")
            kept = cursor.fetchone()[0]
            assert code not in kept and plain not in kept
        for table in ("braid_ownview", "braid_replylink"):
            cursor.execute("select has_column_privilege('braid_pages', %s, 'digest', 'select')", [table])
            assert cursor.fetchone() == (False,)


ENDS = {
    "unknown": lambda case_id: None,
    "revoked": lambda case_id: OwnView.objects.update(revoked_at=timezone.now(), revoked_by="x"),
    "expired": lambda case_id: OwnView.objects.update(expires_at=timezone.now()),
    "case closed": lambda case_id: JointCase.objects.update(state="closed", outcome="goals_met"),
    "lead changed": lambda case_id: CaseMember.objects.filter(is_lead=True).update(is_lead=False),
    "lead left": lambda case_id: CaseMember.objects.filter(is_lead=True).update(left_at=timezone.now()),
    "account closed": lambda case_id: User.objects.filter(username="test-advocate").update(is_active=False),
    "moved on": lambda case_id: User.objects.filter(username="test-advocate").update(organisation="vale-hospital"),
    "no part of the case": lambda case_id: CaseSubject.objects.update(ended_at=timezone.now()),
    "agreement suspended": lambda case_id: _suspend(),
    "restricted since": lambda case_id: RestrictionEntry.objects.create(
        subject_id=VICTIM, admitted=["test-advocate"], reason="witness", entered_by="z"
    ),
    "kept from the lead": lambda case_id: _bar(),
    "safe contact since": lambda case_id: _contact(),
    "gone from the run": lambda case_id: CaseSubject.objects.update(person_id="f" * 32),
}


def _suspend():
    with connection.cursor() as cursor:
        cursor.execute("select distinct agreement_id from braid_flow")
        for (agreement_id,) in cursor.fetchall():
            Suspension.objects.create(agreement_id=agreement_id, suspended_by="lead", reason="breach")


def _bar():
    OwnView.objects.update(made_at=timezone.now() + dt.timedelta(days=1))  # so that the entry alone does not close it
    ExclusionEntry.objects.create(
        subject_id=VICTIM, reason="staff_knows", barred_username="test-advocate", entered_by="z"
    )
    renew_effects()


def _contact():
    SafeContact.objects.create(person_id=VICTIM, entered_by="z", key_id="k", wrapped=b"", sealed=b"")


def test_a_code_that_opens_nothing_gets_the_same_bytes_whyever(teams, nobody):  # noqa: F811
    case_id = approved()
    code = view(case_id)
    unknown = blotted(nobody.post("/own/", {"code": new_code()}))
    assert unknown[0] == 404
    for how, end in ENDS.items():
        assert nobody.post("/own/", {"code": code}).status_code == 200, how
        with transaction.atomic():
            with known_asker():
                end(case_id)
            ended = new_code() if how == "unknown" else code
            said = {"code": ended, "step": "say", "stance": "agree", "words": "", "plan": "x"}
            for sent in ({"code": ended}, said):
                assert blotted(nobody.post("/own/", sent)) == unknown, how
            transaction.set_rollback(True)


def test_the_view_closes_where_they_came_under_protection_since(teams, nobody):  # noqa: F811
    case_id = approved()
    with known_asker():
        Protection.objects.filter(pk=VICTIM).delete()
    code = view(case_id)
    assert nobody.post("/own/", {"code": code}).status_code == 200
    with known_asker():
        Protection.objects.create(person=Person.objects.get(pk=VICTIM))
    assert nobody.post("/own/", {"code": code}).status_code == 404
    again = view(case_id)
    assert nobody.post("/own/", {"code": again}).status_code == 200, "made by somebody who knows how to reach them now"


def test_who_may_make_a_view_and_for_whom(teams):  # noqa: F811
    case_id = draft()
    with acting_as("advocate", VICTIM_RESPONSE) as sight:
        cases.add_subject(sight, case_id, "accused", name_apart="Kim Sample")
    with known_asker():
        apart = CaseSubject.objects.get(name_apart="Kim Sample").pk
    with pytest.raises(NotPossible, match="lead professional"):
        view(case_id, role="responder")
    with acting_as("advocate", VICTIM_RESPONSE) as sight, pytest.raises(NotPossible, match="kept apart"):
        own_views.make_view(sight, case_id, apart, WANTED)
    with pytest.raises(NotPossible, match="no safe contact"):
        view(case_id, ViewWanted("follow", "safe_contact", 7, "x"))
    with known_asker():
        PersonIdentity.objects.filter(pk=VICTIM).update(birth_date=timezone.localdate() - dt.timedelta(days=15 * 365))
    with pytest.raises(NotPossible, match="child"):
        view(case_id, ViewWanted("follow", "in_person", 7))
    with known_asker():
        PersonIdentity.objects.filter(pk=VICTIM).update(birth_date=timezone.localdate() - dt.timedelta(days=40 * 365))
    assert view(case_id, ViewWanted("follow", "in_person", 7))


def test_a_draft_is_shown_to_nobody_and_what_changed_meanwhile_is_not_agreed_to(teams, nobody):  # noqa: F811
    case_id = draft()
    code = view(case_id, ViewWanted("agree", "in_person", 7, "Asked for it"))
    assert GOAL not in nobody.post("/own/", {"code": code}).content.decode()
    step("propose", case_id)
    page = nobody.post("/own/", {"code": code}).content.decode()
    assert GOAL in page and "not agreed yet" in page
    said = {"code": code, "step": "say", "stance": "agree", "words": ""}
    for other in ("", "x", "00000000-0000-4000-8000-000000000000"):
        late = nobody.post("/own/", {**said, "plan": other})
        assert late.status_code == 400 and "has changed" in late.content.decode()
    with known_asker():
        assert not OwnWords.objects.exists()


def test_words_are_kept_so_many_times_and_no_more(teams, nobody):  # noqa: F811
    code = view(approved())
    plan_id = re.search(r'name="plan" value="([^"]+)"', nobody.post("/own/", {"code": code}).content.decode())[1]
    said = {"code": code, "plan": plan_id, "step": "say", "stance": "say"}
    statuses = [nobody.post("/own/", {**said, "words": f"word {n}"}).status_code for n in range(MOST_SAID + 1)]
    assert statuses == [200] * MOST_SAID + [400]


def test_a_partner_without_an_account_answers_once(teams, nobody, client_of):  # noqa: F811
    row = refer()
    code = reply_code(row)
    page = nobody.post("/reply/", {"code": code}).content.decode()
    assert row.reference in page and "Asthma" not in page and CHILD not in page
    with known_asker():
        who = PersonIdentity.objects.get(pk=CHILD)
    assert who.family_name not in page and who.given_name not in page
    tomorrow = soon(1)
    answer = {"code": code, "step": "refuse", "refusal": "no_capacity", "parked_until": ""}
    without_day = nobody.post("/reply/", answer)
    assert without_day.status_code == 400 and "Say from which day" in without_day.content.decode()
    done = nobody.post("/reply/", {**answer, "parked_until": f"{tomorrow}"})
    assert "recorded" in done.content.decode()
    unknown = blotted(nobody.post("/reply/", {"code": new_code()}))
    assert blotted(nobody.post("/reply/", {**answer, "parked_until": f"{tomorrow}"})) == unknown, "a replay"
    with known_asker():
        kept = Referral.objects.get()
    assert (kept.state, kept.refusal, kept.parked_until) == ("refused", "no_capacity", tomorrow)
    assert kept.answered_by.startswith("link RL-")
    entries = ENTRIES.filter(username=kept.answered_by)
    assert set(entries.values_list("kind", "person_id")) == {("look", CHILD), ("changed", CHILD)}
    page = client_of("practitioner", "school_from_ta").get(f"/referrals/{row.pk}/").content.decode()
    assert "no capacity" in page


REPLY_ENDS = {
    "revoked": lambda row: _revoke(row),
    "expired": lambda row: ReplyLink.objects.update(expires_at=timezone.now()),
    "sender gone": lambda row: User.objects.filter(username="test-practitioner").update(is_active=False),
    "agreement suspended": lambda row: _suspend(),
    "answered by the team": lambda row: _answer(row),
    "taken back": lambda row: _take_back(row),
}


def _revoke(row):
    with acting_as("practitioner", SCHOOL_FROM_TA) as sight:
        (one,) = reply_links.list_links(row.pk)
        reply_links.revoke_link(sight, row.pk, one.id)
        with pytest.raises(NotPossible, match="revoked by now"):
            reply_links.revoke_link(sight, row.pk, one.id)


def _answer(row):
    with acting_as("partner", SCHOOL_FROM_TA) as sight:
        referrals.answer_referral(sight, row.pk, 1, Answer("accept"))


def _take_back(row):
    with acting_as("practitioner", SCHOOL_FROM_TA) as sight:
        referrals.revoke_referral(sight, row.pk, 1)


def test_a_reply_link_that_ended_answers_like_one_that_never_was(teams, nobody):  # noqa: F811
    row = refer()
    code = reply_code(row)
    unknown = blotted(nobody.post("/reply/", {"code": new_code()}))
    for how, end in REPLY_ENDS.items():
        assert nobody.post("/reply/", {"code": code}).status_code == 200, how
        with transaction.atomic():
            with known_asker():
                end(row)
            for sent in ({"code": code}, {"code": code, "step": "accept"}):
                assert blotted(nobody.post("/reply/", sent)) == unknown, how
            transaction.set_rollback(True)


def test_a_use_of_a_link_without_an_entry_is_found(teams, nobody, tmp_path):  # noqa: F811
    """An answer through the page fits; one through the database alone, and an entry alone, do not."""

    def misfits() -> set[str]:
        return {one.rule for one in verify(connection.connection, open_key(tmp_path / "key", "log").public()).misfits}

    row = refer()
    code = reply_code(row)
    with transaction.atomic():
        assert "recorded" in nobody.post("/reply/", {"code": code, "step": "accept"}).content.decode()
        assert misfits() == set()
        record_by_link("changed", knock_of("RL-NONE-00", SCHOOL_FROM_TA, "x", "reply"), CHILD, "referral")
        assert misfits() == {"link_entry_without_use"}
        transaction.set_rollback(True)
    with connection.cursor() as cursor:
        values = [digest_of(code), "accepted", "", None, "nobody"]
        cursor.execute("select braid_answer_reply(%s, %s, %s, %s, %s)", values)
        assert cursor.fetchone() == (True,)
    assert misfits() == {"link_use_without_entry"}


def test_who_may_make_a_link_for_a_reply(teams):  # noqa: F811
    row = refer()
    with acting_as("partner", SCHOOL_FROM_TA) as sight:
        assert not reply_links.may_make(sight, row.pk) and reply_links.list_links(row.pk) == []
        with pytest.raises(NotPossible, match="whoever sent it"):
            reply_links.make_link(sight, row.pk)
        assert not ReplyLink.objects.exists()


def test_a_team_without_an_account_is_referred_to(teams, nobody):  # noqa: F811
    with known_asker():
        TeamMember.objects.filter(team_id="hospital-safeguarding").update(ended_at=timezone.now())
    code = reply_code(refer())
    assert "recorded" in nobody.post("/reply/", {"code": code, "step": "accept"}).content.decode()


def test_behind_a_proxy_who_guesses_shuts_no_link_for_others(teams, nobody, settings):  # noqa: F811
    settings.PROXY = True
    for _ in range(MOST_MISSES):
        nobody.post("/reply/", {"code": "wrong"}, headers={"X-Forwarded-For": "192.0.2.5"})
    shut = nobody.post("/reply/", {"code": "wrong"}, headers={"X-Forwarded-For": "192.0.2.5"})
    other = nobody.post("/reply/", {"code": "wrong"}, headers={"X-Forwarded-For": "192.0.2.6"})
    assert (shut.status_code, other.status_code) == (429, 404)


def test_after_many_wrong_codes_no_code_is_looked_at(teams, nobody):  # noqa: F811
    code = view(approved())
    for _ in range(MOST_MISSES):
        assert nobody.post("/own/", {"code": new_code()}).status_code == 404
    shut = nobody.post("/own/", {"code": code})
    assert shut.status_code == 429 and blotted(shut) == blotted(nobody.post("/own/", {"code": new_code()}))
    assert nobody.post("/reply/", {"code": code}).status_code == 429
    assert Client(REMOTE_ADDR="192.0.2.7").post("/own/", {"code": code}).status_code == 200, "others go on"
    with connection.cursor() as cursor:
        cursor.execute("update braid_linkmiss set at = at - interval '16 minutes'")
    assert nobody.post("/own/", {"code": code}).status_code == 200


def test_whatever_is_typed_is_answered(teams, nobody):  # noqa: F811
    for typed in ("", "x", "\x00", "é" * 200, "9" * 5000):
        assert {nobody.post(page, {"code": typed}).status_code for page in ("/own/", "/reply/")} == {404}, typed[:9]


def test_every_answer_to_a_code_leaves_at_a_fixed_moment(teams, nobody, settings, monkeypatch):  # noqa: F811
    settings.ABSENT_FLOOR_MS, held, code = 1, [], view(approved())
    monkeypatch.setattr(hold_back, "wait_for_multiple", lambda *given: held.append(given))
    for page in ("/own/", "/reply/"):
        nobody.get(page)
        assert not held
        for typed in (code, new_code()):
            nobody.post(page, {"code": typed})
        assert len(held) == 2
        held.clear()


def test_two_organisations_that_approve_at_once_do_not_both_wait(teams):  # noqa: F811
    """Each names the version that it saw; the row is locked, so that the second counts what the first did."""
    case_id = draft()
    step("propose", case_id)
    with acting_as("advocate", VICTIM_RESPONSE) as sight, pytest.raises(ChangedMeanwhile):
        plans.approve(sight, case_id, 1)
    for role in ("advocate", "responder", "coordinator"):
        step("approve", case_id, role=role)
