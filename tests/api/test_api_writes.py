"""Writes: by the rules of the pages, once for each key, against what was read, and on record."""

import datetime as dt

import pytest
from django.utils import timezone
from joint_sample import put_joint
from machines import make_machine, put_in_team, put_team_elsewhere
from published_sample import ENTRIES, as_pages
from sample_run import CHILD

from braid.web.access.context import Binding, asking_as, bound_by
from braid.web.models import ApiAnswer, CareAction, CaseMember, CaseOffer, Referral, Team, TeamMember
from braid.web.systems.answers import forget_answers
from braid.web.watch import known_asker

pytestmark = pytest.mark.django_db
NEW = {"team": "vale-clinic", "service": "health", "urgency": "urgent", "note": "words of a note"}


@pytest.fixture
def machine(published, user_of):
    """A machine in a team with joint work."""
    made = make_machine()
    put_in_team(made)
    put_team_elsewhere()
    return made


@pytest.fixture
def joint(machine):
    """What stands of joint work about the child, with the machine in it."""
    return put_joint(CHILD, machine.username)


def test_a_person_is_referred_once_however_often_it_is_sent(machine):
    first = machine.send(f"/people/{CHILD}/referrals", NEW, Idempotency_Key="key-of-a-referral")
    assert first.status_code == 201, first.content
    again = machine.send(f"/people/{CHILD}/referrals", NEW, Idempotency_Key="key-of-a-referral")
    assert (again.status_code, again.content, again["Location"]) == (201, first.content, first["Location"])
    assert (again.get("Idempotency-Replayed"), first.get("Idempotency-Replayed")) == ("true", None)
    with known_asker():
        row = Referral.objects.get()
    assert (row.sent_by, row.sent_from, row.note) == (machine.username, "northmere-council", "words of a note")
    assert machine.get(first["Location"].removeprefix("/api/v1")).json()["id"] == str(row.pk)
    assert ENTRIES.filter(kind="disclosure").count() == 1


def test_the_same_key_for_something_else_is_refused_and_changes_nothing(machine):
    path = f"/people/{CHILD}/referrals"
    machine.send(path, NEW, Idempotency_Key="key-of-a-referral")
    answer = machine.send(path, {**NEW, "urgency": "standard"}, Idempotency_Key="key-of-a-referral")
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:braid:problem:key_used")
    with known_asker():
        assert Referral.objects.count() == 1


def test_a_key_is_one_tokens_and_ends_after_a_day(machine):
    path = f"/people/{CHILD}/referrals"
    machine.send(path, NEW, Idempotency_Key="key-of-a-referral")
    other = make_machine("other-system")
    put_in_team(other)
    other_said = {**NEW, "urgency": "standard"}
    assert other.send(path, other_said, Idempotency_Key="key-of-a-referral").status_code == 201
    ApiAnswer.objects.update(expires_at=timezone.now() - dt.timedelta(seconds=1))
    again = machine.send(path, NEW, Idempotency_Key="key-of-a-referral")
    assert (again.status_code, "Idempotency-Replayed" in again.headers) == (409, False)
    assert forget_answers() == 2
    assert not ApiAnswer.objects.exists()


def test_what_was_refused_leaves_nothing_and_its_key_may_be_used_again(machine):
    path = f"/people/{CHILD}/referrals"
    wrong = machine.send(path, {**NEW, "team": "nowhere"}, Idempotency_Key="key-of-a-referral")
    assert (wrong.status_code, wrong.json()["type"]) == (409, "urn:braid:problem:not_possible")
    assert not ApiAnswer.objects.exists()
    assert machine.send(path, NEW, Idempotency_Key="key-of-a-referral").status_code == 201


def test_of_key_body_and_answer_nothing_is_kept_that_says_who(machine):
    machine.send(f"/people/{CHILD}/referrals", {**NEW, "note": "Ada Example"}, Idempotency_Key="ada.example.2013")
    kept = str(list(ApiAnswer.objects.values()))
    assert "Ada" not in kept
    assert "ada.example" not in kept
    assert CHILD not in kept
    with as_pages():
        assert not ApiAnswer.objects.exists()
        with bound_by(Binding(machine.token_id)), asking_as(machine.username, "school_from_ta"):
            assert ApiAnswer.objects.count() == 1


def test_where_somebody_is_is_not_written_into_a_note(machine):
    answer = machine.send(f"/people/{CHILD}/referrals", {**NEW, "note": "Now at 17 Willow Court"})
    assert answer.status_code == 409
    assert b"Willow" not in answer.content


@pytest.mark.parametrize("letter", ["\0", "\ud800"])
@pytest.mark.parametrize("name", ["team", "note"])
def test_a_text_that_no_database_keeps_is_refused(machine, name, letter):
    answer = machine.send(f"/people/{CHILD}/referrals", {**NEW, name: f"words{letter}"})
    assert answer.status_code == 422, answer.content
    with known_asker():
        assert not Referral.objects.exists()


def test_a_referral_is_answered_by_its_team_against_what_it_read(machine, joint):
    path = f"/referrals/{joint.referral}"
    read = machine.get(path)
    assert [one["code"] for one in read.json()["steps"]] == ["accept", "refuse"]
    refused = machine.send(f"{path}/answers", {"step": "refuse", "refusal": "nothing"}, If_Match=read["ETag"])
    assert refused.status_code == 409
    done = machine.send(f"{path}/answers", {"step": "accept"}, If_Match=read["ETag"])
    assert (done.status_code, done.json()["state"]) == (201, "accepted")
    assert machine.send(f"{path}/answers", {"step": "complete"}, If_Match=read["ETag"]).status_code == 412
    assert machine.send(f"{path}/answers", {"step": "complete"}, If_Match=machine.tag(path)).json()["state"] == "done"
    entries = ENTRIES.filter(kind="changed", username=machine.username)
    assert [one.details["what"] for one in entries.order_by("pk")] == ["referral accepted", "referral done"]


def test_nobody_answers_who_is_not_of_the_team(machine, joint):
    with known_asker():
        TeamMember.objects.filter(username=machine.username).update(ended_at=timezone.now())
    answer = machine.send(
        f"/referrals/{joint.referral}/answers", {"step": "accept"}, If_Match='"1-aaaaaaaaaaaaaaaaaaaaaa"'
    )
    assert answer.status_code == 404
    with known_asker():
        assert Referral.objects.get(pk=joint.referral).state == "pending"


def test_an_action_is_taken_on_and_done(machine, joint):
    with known_asker():
        action = CareAction.objects.get(case_id=joint.case)
    path = f"/actions/{action.pk}"
    assert machine.get("/actions").json()["items"][0]["id"] == str(action.pk)
    taken = machine.send(f"{path}/steps", {"step": "take_on"}, If_Match=machine.tag(path))
    assert (taken.status_code, machine.get(path).json()["is_mine"]) == (201, True)
    tag = machine.tag(path)
    assert machine.send(f"{path}/steps", {"step": "cancel", "result": "replaced"}, If_Match=tag).status_code == 409
    done = machine.send(f"{path}/steps", {"step": "complete", "result": "done"}, If_Match=tag)
    assert (done.status_code, done.json()["state"]) == (201, "done")
    seen = machine.get(path).json()
    assert (seen["state"], seen["result"]) == ("done", "done")


@pytest.mark.parametrize(("step", "state"), [("accept", "accepted"), ("decline", "declined")])
def test_an_offer_is_answered_once(machine, joint, step, state):
    path = f"/offers/{joint.offer}"
    tag = machine.tag(path)
    done = machine.send(f"{path}/answers", {"step": step}, If_Match=tag)
    assert (done.status_code, done.json()["state"]) == (201, state), done.content
    assert machine.send(f"{path}/answers", {"step": step}, If_Match=tag).status_code == 412
    with known_asker():
        offer = CaseOffer.objects.get(pk=joint.offer)
        joined = CaseMember.objects.filter(case=offer.case_id, username=machine.username, left_at=None).exists()
    assert (offer.state, joined) == (state, step == "accept")


def test_a_team_says_whether_it_takes_referrals(machine):
    path = "/teams/northmere-homes"
    tag = machine.tag(path)
    full = {"capacity": "full", "capacity_until": (timezone.localdate() + dt.timedelta(days=3)).isoformat()}
    answer = machine.send(path, full, method="patch", If_Match=tag)
    assert (answer.status_code, answer.json()["capacity"]) == (200, "full"), answer.content
    assert machine.send(path, full, method="patch", If_Match=tag).status_code == 412
    assert machine.send(path, full, method="patch").status_code == 428
    assert machine.get(path).json()["capacity"] == "full"
    with known_asker():
        Team.objects.create(id="another-team", name="x", organisation="vale-hospital", services=["health"])
    other = machine.send("/teams/another-team", full, method="patch", If_Match=machine.tag("/teams/another-team"))
    assert other.status_code == 409


def test_what_was_read_is_not_sent_again_while_it_stands(machine, joint):
    path = f"/referrals/{joint.referral}"
    first = machine.get(path)
    same = machine.get(path, If_None_Match=first["ETag"])
    assert (same.status_code, same.content, same["ETag"]) == (304, b"", first["ETag"])
    assert machine.get(path, If_None_Match=f'"x", W/{first["ETag"]}').status_code == 304
    assert machine.get(path, If_None_Match="*").status_code == 304
    machine.send(f"{path}/answers", {"step": "accept"}, If_Match=first["ETag"])
    assert machine.get(path, If_None_Match=first["ETag"]).status_code == 200
    looks = ENTRIES.filter(kind="look", page="api referral", person_id=CHILD)
    assert looks.count() == 5, "also who reads that it stands has looked"


def test_a_human_with_a_token_of_their_own_writes_as_themselves(published, user_of):
    from braid.web.accounts import create_api_token

    machine, user = make_machine(), user_of("practitioner")
    put_team_elsewhere()
    machine.token = create_api_token(user)
    assert machine.send(f"/people/{CHILD}/referrals", NEW).status_code == 403, "a human's token names no purpose"
    assert machine.send(f"/people/{CHILD}/referrals", NEW, X_Purpose="school_from_ta").status_code == 201
    with known_asker():
        assert Referral.objects.get().sent_by == user.username
