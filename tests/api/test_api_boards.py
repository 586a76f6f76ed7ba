"""What boards meet about and want, by the API: as described, as far as a seat shows it, and without anybody's name."""

import json
from uuid import uuid4

import pytest
from board_sample import ItemWords, decided, held, prioritised, risked, seat_usual, sent, write_boards_place
from jsonschema import Draft202012Validator
from machines import make_machine

from braid.api.openapi import openapi_document
from braid.web.models import ApiUse, BoardMeeting, User
from braid.web.watch import known_asker

pytestmark = pytest.mark.django_db
DOCUMENT = json.loads(openapi_document())
OPEN = ItemWords("decision", "Rooms for families", "Decide it", 5, "", confidential=False)
SECRET = ItemWords("decision", "Pay of a chief officer", "Decide it in private", 5, "", confidential=True)


@pytest.fixture
def member(published, user_of, tmp_path, monkeypatch):
    """A machine of a role that governs, of an organisation that holds no seat, beside a board with its seats."""
    monkeypatch.setenv("BRAID_PLACE", str(write_boards_place(tmp_path)))
    user_of("board_member"), user_of("commissioner")
    seat_usual()
    return make_machine("board-papers", "board_member", "", organisation="northmere-council")


def ask(machine, path: str, described: str):
    """Ask, and hold the answer to what is said of the address."""
    ApiUse.objects.all().delete()
    answer = machine.get(path)
    assert answer.status_code == 200, (path, answer.content)
    said = DOCUMENT["paths"][f"/api/v1{described}"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    Draft202012Validator({**said, "components": DOCUMENT["components"]}).validate(answer.json())
    names = User.objects.exclude(username="").values_list("username", "display_name")
    text = json.dumps(answer.json())
    assert not [name for pair in names for name in pair if name and name in text]
    return answer.json()


def test_an_agenda_has_its_papers_and_what_is_confidential_is_absent_for_who_has_no_seat(member):
    meeting, _ = sent(OPEN, SECRET)
    one = ask(member, f"/boards/justice/meetings/{meeting}", "/boards/{board_id}/meetings/{board_meeting_id}")
    assert [item["title"] for item in one["items"]] == [OPEN.title]
    (item,) = one["items"]
    assert item["paper"]["edition"] == 1 and item["paper"]["recommendation"]
    assert one["papers_out_at"] and one["state_name"]
    assert SECRET.title not in json.dumps(one)
    listed = ask(member, "/boards/justice/meetings", "/boards/{board_id}/meetings")
    assert [each["id"] for each in listed["items"]] == [str(meeting)]
    for path in (f"/boards/justice/meetings/{uuid4()}", f"/boards/nowhere/meetings/{meeting}"):
        assert member.get(path).status_code == 404


def test_what_was_said_is_told_once_the_minutes_are_agreed(member):
    meeting, (item,) = held(OPEN)
    decision = decided(item)
    path, described = f"/boards/justice/meetings/{meeting}", "/boards/{board_id}/meetings/{board_meeting_id}"
    with known_asker():
        row = BoardMeeting.objects.get(pk=meeting)
        row.items.update(discussion="Words of the minutes")
    before = ask(member, path, described)["items"][0]
    assert before["discussion"] == "" and before["decisions"] == [str(decision)]
    with known_asker():
        BoardMeeting.objects.filter(pk=meeting).update(state="agreed", agreed_at=row.starts_at, agreed_by="x")
    assert ask(member, path, described)["items"][0]["discussion"] == "Words of the minutes"


def test_risks_and_priorities_are_told_with_their_newest_rating_and_their_decision(member):
    _, (item,) = held(OPEN)
    decision = decided(item)
    risk, priority = risked(), prioritised(decision)
    (one,) = ask(member, "/boards/justice/risks", "/boards/{board_id}/risks")["items"]
    assert (one["id"], one["cause"], one["likelihood_before"], one["impact_after"]) == (str(risk), "A cause", 4, 3)
    (one,) = ask(member, "/boards/justice/priorities", "/boards/{board_id}/priorities")["items"]
    assert (one["id"], one["decision_id"], one["statements"]) == (str(priority), str(decision), ["court_readiness"])


def test_outcomes_are_told_as_they_were_published_and_not_more(member):
    listed = ask(member, "/outcomes", "/outcomes")["items"]
    assert listed
    for one in listed:
        whole = ask(member, f"/outcomes/{one['id']}", "/outcomes/{outcome_id}")
        assert {name: whole[name] for name in one} == one
        assert all(each["value"] is None or each["value"] % each["step"] < 1e-9 for each in whole["periods"])
    assert member.get("/outcomes/nowhere").status_code == 404


def test_whoever_does_not_govern_is_refused_all_of_it(published):
    machine = make_machine()
    for path in ("/outcomes", "/outcomes/attendance_90", "/boards/justice/risks", "/boards/justice/priorities"):
        assert machine.get(path).status_code == 403, path
    assert machine.get(f"/boards/justice/meetings/{uuid4()}").status_code == 403
