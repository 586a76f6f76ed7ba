"""Requests about somebody's data on their pages: two humans, one clock, and nothing there for who may not know."""

import dataclasses
import datetime as dt
import re
import uuid

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone
from published_sample import ENTRIES, as_pages
from rights_desk import Desk, lead
from rights_sample import put_request
from sample_run import CANARIES, CHILD, ONE_WAIT, VICTIM

from braid.language.dates import london_date
from braid.web.access.context import asking_as
from braid.web.access.projections import Viewer
from braid.web.key_rotation import replace_lost_key, rotate_vault
from braid.web.models import (
    Barred,
    LegalHold,
    OutboxMessage,
    Referral,
    RightsItem,
    RightsRequest,
    RightsStep,
    Team,
)
from braid.web.rights import working
from braid.web.rights.keeping import clock_of
from braid.web.watch import known_asker

pytestmark = pytest.mark.django_db
ABSENT = "0" * 32


@pytest.fixture
def desk(published, sample):
    """Two leads over the sample."""
    return Desk(sample[0], lead("lead-one"), lead("lead-two"))


def test_a_request_goes_from_the_letter_to_the_outbox_with_two_humans(desk):
    request_id = desk.open(CHILD)
    assert desk.row(request_id).state == "waiting" and desk.work() == 1
    page = desk.one.get(f"/rights/{request_id}/").content.decode()
    assert "What Braid worked out" in page and "items to decide" in desk.one.get("/rights/").content.decode()
    assert "Ada" not in page, "nobody's words stand on the page of the request"
    assert desk.step(request_id, "submit").status_code == 400, "every item is decided first"
    desk.decide(request_id)
    assert desk.step(request_id, "submit").status_code == 302
    assert desk.approve(request_id, desk.one).status_code == 400, "whoever decided does not let it go"
    assert desk.approve(request_id, harm="").status_code == 400, "nor does anybody who says nothing of harm"
    assert desk.approve(request_id, digest="0" * 64).status_code == 409, "nor what they did not see"
    assert desk.approve(request_id).status_code == 302 and desk.work() == 1
    row = desk.row(request_id)
    assert (row.state, row.handled_by, row.second_by) == ("leaving", "lead-one", "lead-two")
    with known_asker():
        message = OutboxMessage.objects.get(pk=row.message_id)
        assert (message.channel, message.subject_ids, message.rights_id) == ("bundle", [CHILD], row.pk)
        assert list(message.recipients.values_list("kind", "party_id")) == [("person", CHILD)]
    kinds = [one.details.get("what") for one in ENTRIES.filter(reference=row.reference)]
    assert {"rights request open", "rights item read", "rights pack read", "rights request approve"} <= set(kinds)


def test_what_was_gathered_of_a_protected_person_holds_no_location(desk):
    with known_asker():
        team = Team.objects.create(id="team-of-rights", name="A team", organisation="vale-hospital")
        note = f"She was seen. They say that she lives at {CANARIES['address']} now. She is well."
        due = timezone.now()
        Referral.objects.create(reference="x", person_id=VICTIM, team=team, note=note, service="health", due_at=due)
    request_id = desk.open(VICTIM)
    desk.work()
    lines = [line for _, lines in desk.lines(request_id) for line in lines]
    words = " ".join(line.words for line in lines)
    assert lines and any(line.locked == "location" for line in lines)
    for name in ("address", "postcode", "telephone", "refuge", "worker", "team", "school", "venue", "old_address"):
        assert CANARIES[name] not in words, name
    assert "She was seen." in words, "the sentences beside it are there for a human to decide on"


def test_lines_open_after_the_second_factor_alone(desk, client_of):
    request_id = desk.open(CHILD)
    desk.work()
    plain = client_of("ig_lead")
    for page in (f"/rights/{request_id}/items/1/", f"/rights/{request_id}/pack/"):
        assert plain.get(page).status_code == 302 and "/confirm/" in plain.get(page)["Location"]
        assert desk.two.get(page).status_code == 200
    assert plain.get(f"/rights/{request_id}/").status_code == 200


def test_a_request_is_absent_for_who_is_kept_from_anybody_in_it(desk):
    for subject, asker, parent in ((CHILD, "self", ""), (ONE_WAIT, "parent", CHILD)):
        request_id = desk.open(subject, asker=asker, parent=parent)
        with known_asker():
            Barred.objects.get_or_create(person_id=CHILD, username="lead-two")
        absent = uuid.uuid4()
        for page in ("", "items/1/", "pack/"):
            hidden, nobody = (desk.two.get(f"/rights/{one}/{page}") for one in (request_id, absent))
            assert (hidden.status_code, hidden.content) == (nobody.status_code, nobody.content) == (404, nobody.content)
        assert desk.row(request_id).reference not in desk.two.get("/rights/").content.decode()
        assert desk.row(request_id).reference in desk.one.get("/rights/").content.decode()


def test_a_request_is_absent_for_who_is_kept_from_a_third_person_in_an_item(desk):
    request_id = put_request(CHILD, "lead-one", "deciding")
    assert desk.two.get(f"/rights/{request_id}/").status_code == 200
    with known_asker():
        RightsItem.objects.filter(request=request_id).update(about=[ONE_WAIT])
        Barred.objects.create(person_id=ONE_WAIT, username="lead-two")
    assert desk.two.get(f"/rights/{request_id}/").status_code == 404
    assert desk.one.get(f"/rights/{request_id}/").status_code == 200


def test_hidden_and_absent_subjects_are_opened_alike(desk):
    with known_asker():
        Barred.objects.create(person_id=CHILD, username="lead-one")
    today = london_date(timezone.now()).isoformat()
    answers = []
    for subject in (CHILD, ABSENT):
        form = {"asked-subject_id": subject, "asked-asker": "self", "asked-received_on": today}
        answers.append(desk.one.post("/rights/", {"form": "access", "asked-channel": "bundle", **form}))
    assert [one.status_code for one in answers] == [302, 302] and answers[0]["Location"] == answers[1]["Location"]


def test_the_clock_stands_still_is_extended_once_and_ends(desk):
    request_id = desk.open(CHILD, **{"asked-shown_on": ""})
    assert b"Begins once it was shown who asks" in desk.one.get("/rights/").content
    desk.work()
    desk.decide(request_id)
    assert desk.step(request_id, "submit").status_code == 400, "nothing is given before it was shown who asks"
    today = london_date(timezone.now())
    assert desk.step(request_id, "identity", shown_on=today.isoformat()).status_code == 302
    assert desk.step(request_id, "pause").status_code == 302 and desk.step(request_id, "pause").status_code == 400
    assert b"Stands still" in desk.one.get(f"/rights/{request_id}/").content
    assert desk.step(request_id, "resume").status_code == 302 and desk.step(request_id, "resume").status_code == 400
    assert desk.step(request_id, "extend", because="complex").status_code == 302
    assert desk.step(request_id, "extend", because="complex").status_code == 400
    row = desk.row(request_id)
    with known_asker():
        clock = clock_of(row, row.pauses.all(), today)
    assert clock.days_paused == 1 and clock.last_day > clock.extend_by > today
    assert desk.step(request_id, "close", reason="").status_code == 400
    assert desk.step(request_id, "close", reason="withdrawn", client=desk.two).status_code == 400, "not theirs"
    assert desk.step(request_id, "close", reason="withdrawn").status_code == 302
    assert desk.step(request_id, "submit").status_code in (400, 409)


def test_an_extension_after_the_first_month_is_refused(desk):
    long_ago = (london_date(timezone.now()) - dt.timedelta(days=70)).isoformat()
    request_id = desk.open(CHILD, **{"asked-received_on": long_ago, "asked-shown_on": long_ago})
    assert b"Overdue" in desk.one.get("/rights/").content
    assert desk.step(request_id, "extend", because="complex").status_code == 400


def test_what_is_decided_after_it_was_seen_is_not_let_go(desk):
    request_id = desk.open(CHILD)
    desk.work()
    desk.decide(request_id)
    desk.step(request_id, "submit")
    desk.approve(request_id)
    with known_asker():  # behind everybody's back
        item = RightsItem.objects.filter(request=request_id).exclude(kept=[]).first()
        RightsItem.objects.filter(pk=item.pk).update(kept=[])
    desk.work()
    row = desk.row(request_id)
    assert (row.state, row.held_because, row.second_by, row.message_id) == ("deciding", "changed", "", None)


def test_send_back_take_over_and_stale_versions(desk):
    request_id = desk.open(CHILD)
    desk.work()
    desk.decide(request_id)
    desk.step(request_id, "submit")
    form = {"step": "send_back", "reason": "harm", "version": str(desk.row(request_id).version)}
    assert desk.two.post(f"/rights/{request_id}/pack/", {**form, "reason": ""}).status_code == 400
    assert desk.two.post(f"/rights/{request_id}/pack/", form).status_code == 302
    assert desk.two.post(f"/rights/{request_id}/", {"step": "take_over", "version": "1"}).status_code == 409
    assert desk.step(request_id, "take_over", client=desk.two).status_code == 302
    assert desk.row(request_id).handled_by == "lead-two"
    assert desk.one.post(f"/rights/{request_id}/items/1/", {"kept": []}).status_code == 400, "theirs no more"


def test_the_database_refuses_what_the_pages_would_not_do(desk):
    request_id = put_request(CHILD, "lead-one", "review")

    def tried(change, username="lead-one"):
        try:
            with as_pages(), asking_as(username, ""), transaction.atomic():
                return change()
        except (DatabaseError, IntegrityError):
            return 0

    rows = lambda: RightsRequest.objects.filter(pk=request_id)  # noqa: E731
    seal = {"third_party": "agreed", "harm": "no_harm", "approved_digest": "x"}
    assert tried(lambda: rows().update(state="approved", second_by="lead-one", **seal)) == 0, "one human for both"
    assert tried(lambda: rows().update(state="approved", second_by="lead-two", **seal)) == 0, "in another's name"
    assert tried(lambda: rows().update(state="given")) == 0
    assert tried(lambda: RightsItem.objects.filter(request=request_id).update(kept=[0])) == 0, "while it is reviewed"
    assert tried(lambda: RightsStep.objects.filter(request=request_id).delete()) == 0
    assert tried(lambda: rows().count(), "test-practitioner") == 0
    assert tried(lambda: RightsItem.objects.count(), "test-practitioner") == 0
    assert tried(lambda: LegalHold.objects.count(), "test-analyst") == 0
    message = OutboxMessage(channel="bundle", sent_by="lead-one", role="ig_lead", purpose="", reference="x")
    message.subject_ids, message.rights_id, message.draft_digest = [CHILD], request_id, "x"
    assert tried(lambda: message.save(force_insert=True) or 1) == 0, "Braid alone answers"
    assert tried(lambda: rows().update(state="approved", second_by="lead-two", **seal), "lead-two") == 1


def test_keys_change_and_are_lost(desk):
    request_id = desk.open(CHILD)
    desk.work()
    before = [line.words for _, lines in desk.lines(request_id) for line in lines]
    rotate_vault()
    assert [line.words for _, lines in desk.lines(request_id) for line in lines] == before
    replace_lost_key()
    assert desk.row(request_id).state == "waiting", "it is gathered again"


def test_nobody_else_learns_that_a_request_exists(desk, client_of):
    request_id = desk.open(CHILD)
    desk.work()
    reference = desk.row(request_id).reference
    client = client_of("practitioner", "school_from_ta")
    for page in (f"/people/{CHILD}/", "/people/", "/messages/", "/find/"):
        assert reference not in client.get(page).content.decode()
    account = desk.one.get(f"/audit/person/{CHILD}/").content.decode()
    assert reference not in account and "lead-one" not in re.sub(r"(?s)<header.*?</header>", "", account)


def test_a_fault_says_its_kind_and_the_request_waits(desk, monkeypatch, caplog):
    request_id = desk.open(CHILD)
    monkeypatch.setattr(working, "gather_request", lambda *_: (_ for _ in ()).throw(ValueError("Ada Example")))
    assert desk.work() == 0 and desk.row(request_id).state == "waiting"
    assert "ValueError" in caplog.text and "Ada" not in caplog.text


def test_the_viewer_of_an_answer_is_judged_again_when_it_leaves(desk):
    from braid.web.access.authors import may_send_answer

    request_id = desk.through(CHILD)
    row = desk.row(request_id)
    author = Viewer("lead-two", "ig_lead", "", row.reference, "outbox")
    to = [("person", CHILD)]
    with known_asker():
        assert may_send_answer(author, row.pk, row.message_id, to)
        assert not may_send_answer(author, row.pk, uuid.uuid4(), to)
        assert not may_send_answer(author, row.pk, row.message_id, [("person", ONE_WAIT)])
        assert not may_send_answer(dataclasses.replace(author, username="lead-one"), row.pk, row.message_id, to)
        Barred.objects.create(person_id=CHILD, username="lead-two")
        assert not may_send_answer(author, row.pk, row.message_id, to)


def test_what_is_held_rests_sealed(desk):
    request_id = desk.open(CHILD)
    desk.work()
    with known_asker(), connection.cursor() as cursor:
        cursor.execute("select i::text from braid_rightsitem i where request_id = %s", [request_id])
        text = " ".join(row for (row,) in cursor.fetchall())
    assert "Counted in calendar days" not in text and "Calendar" not in text
