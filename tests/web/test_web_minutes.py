"""Minutes: each seat reads its part, they are corrected until agreed, and a copy leaves by taking part alone."""

import datetime as dt
import io

import pypdf
import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from published_sample import ENTRIES, REFERENCE, as_pages
from sample_run import CANARIES, CHILD, VICTIM
from test_care_steps import acting_as, join, open_marac, teams  # noqa: F401

from braid.care.meetings import Decision
from braid.language.schema import Sensitivity
from braid.language.steps import NotPossible
from braid.outbound import Draft, Text
from braid.trust.roles import VICTIM_RESPONSE
from braid.web.access.projections import Viewer
from braid.web.access.sight import NotThere, looking
from braid.web.care import agendas, cases, chasing, meetings, minutes, reviews
from braid.web.care.meetings import ActionWanted, AnswerGiven
from braid.web.care.meetings import Grounds as ReturnGrounds
from braid.web.models import (
    AgencyNote,
    AgendaItem,
    Attendance,
    CareAction,
    CaseMember,
    CaseSubject,
    ExclusionEntry,
    Meeting,
    MeetingReturn,
    OutboxMessage,
    OutboxRecipient,
    ShareDecision,
    Suspension,
)
from braid.web.outbound.disclosures import Grounds
from braid.web.outbound.outbox import queue_message
from braid.web.outbound.postman import send_due
from braid.web.outbound.route_file import load_ways
from braid.web.overlay.effects import renew_effects
from braid.web.watch import known_asker

pytestmark = pytest.mark.django_db
GROUNDS = Grounds("crime_and_disorder_act_1998_s115", "joint_decision")
COORDINATOR = Viewer("test-coordinator", "coordinator", VICTIM_RESPONSE, REFERENCE, "minutes")
HOSPITAL, HARBOUR = "vale-hospital", "harbour"
NOTE, WITHHELD = "The injuries fit the account", "Kept from the coordinator"


@pytest.fixture
def place(teams, sample, tmp_path):  # noqa: F811
    """The sample's place with teams, a spool, and inboxes of the two partners."""
    found, _ = sample
    lines = [f'[spool]\nfolder = "{tmp_path / "spool"}"\n']
    lines += [f'[[inbox]]\norganisation = "{one}"\naddress = "1 Post Room, {one}"\n' for one in (HOSPITAL, HARBOUR)]
    (found.folder / "outbound.toml").write_text("\n".join(lines), encoding="utf-8")
    yield found
    (found.folder / "outbound.toml").unlink()


def hold(agree: bool = True, hospital_sight: str = "whole") -> tuple[Meeting, AgendaItem]:
    """A conference about the victim, chaired by a coordinator, with a hospital and an advocate; decided and ended."""
    row = open_marac()
    join(row.pk, "vale-coordination", "coordination", "coordinator")
    join(row.pk, "hospital-safeguarding", "health", "responder", sight_of_case=hospital_sight)
    with acting_as("coordinator", VICTIM_RESPONSE) as sight:
        meeting = meetings.plan_meeting(sight, "marac", timezone.now() + dt.timedelta(days=9))
        item = meetings.put_on_agenda(sight, meeting.pk, row.pk)
        meetings.take_meeting_step(sight, meeting.pk, 1, "ask_returns")
    with acting_as("responder", VICTIM_RESPONSE) as sight:
        answers = [AnswerGiven("risk", "harmed", WITHHELD, {"vale-authority": "not_necessary"})]
        meetings.give_return(
            sight, item.pk, 1, answers, ReturnGrounds("crime_and_disorder_act_1998_s115", "serious_harm")
        )
    with acting_as("coordinator", VICTIM_RESPONSE) as sight:
        there = dict.fromkeys(("police", "childrens_social_care", "housing", "probation"), ("", "urgent"))
        meetings.write_attendance(
            sight,
            meeting.pk,
            Meeting.objects.get(pk=meeting.pk).version,
            {**there, "advocate": ("present", ""), "health": ("remote", "")},
        )
        meetings.take_meeting_step(sight, meeting.pk, 3, "begin")
    with acting_as("responder", VICTIM_RESPONSE) as sight:
        meetings.write_note(sight, item.pk, NOTE, "harmed")
    with acting_as("coordinator", VICTIM_RESPONSE) as sight:
        wanted = [ActionWanted("Go through the plan", "harbour-advocacy", timezone.localdate() + dt.timedelta(days=2))]
        meetings.decide(sight, item.pk, 1, Decision("safety_plan", "High risk"), wanted)
        meetings.take_meeting_step(sight, meeting.pk, 4, "end")
        if agree:
            meetings.take_meeting_step(sight, meeting.pk, 5, "agree")
    return meeting, item


def send(meeting: Meeting, wanted=()) -> int:
    with acting_as("coordinator", VICTIM_RESPONSE) as sight:
        return minutes.send_minutes(sight, meeting.pk, wanted, GROUNDS)


def deliver(place) -> dict[str, int]:
    return dict(send_due(place, load_ways(place)))


def messages() -> list[OutboxMessage]:
    with known_asker():
        return list(OutboxMessage.objects.prefetch_related("recipients").order_by("created_at", "pk"))


def papers(tmp_path) -> list[str]:
    """The words of each PDF in the spool."""
    files = sorted((tmp_path / "spool").glob("minutes-*.pdf")) if (tmp_path / "spool").is_dir() else []
    return [
        " ".join(" ".join(page.extract_text().split()) for page in pypdf.PdfReader(io.BytesIO(one.read_bytes())).pages)
        for one in files
    ]


def test_each_organisation_gets_its_copy_although_the_chair_sees_no_wait(place, tmp_path):
    meeting, _ = hold()
    with as_pages(), looking(COORDINATOR), connection.cursor() as cursor:
        cursor.execute("select count(*) from braid_personwait")
        assert cursor.fetchone() == (0,), "the chair sees no wait of anybody"
    assert send(meeting) == 2
    assert deliver(place) == {"sent": 2}
    found = papers(tmp_path)
    assert len(found) == 2
    for words in found:
        assert "A joint safety plan" in words and "High risk" in words and NOTE in words and "Go through" in words
        assert WITHHELD not in words, "what was returned beforehand is no part of minutes"
        assert "Chair: Meeting coordinator (test), " in words
        assert f"Minutes of {meeting.reference}, made for" in words and "use until" in words
    assert sum(f"made for {HOSPITAL}" in one for one in found) == 1
    with known_asker():
        shared = ShareDecision.objects.filter(message_id__in=[one.pk for one in messages()])
        assert {(one.person_id, one.receiver, one.outcome) for one in shared} == {
            (VICTIM, HOSPITAL, "shared"),
            (VICTIM, HARBOUR, "shared"),
        }
    kinds = set(ENTRIES.filter(page="outbox").values_list("kind", flat=True))
    assert kinds == {"changed", "sent"}
    with pytest.raises(NotPossible, match="have got these minutes"):
        send(meeting)


def test_a_restricted_part_gets_what_it_said_and_what_it_does(place, tmp_path):
    meeting, _ = hold(hospital_sight="own")
    with acting_as("responder", VICTIM_RESPONSE) as sight:
        (mine,) = minutes.get_minutes(sight, meeting.pk).items
        assert (mine.minuted.decision, mine.minuted.reason, len(mine.minuted.notes)) == ("", "", 1)
    send(meeting, [HOSPITAL])
    assert deliver(place) == {"sent": 1}
    (words,) = papers(tmp_path)
    assert NOTE in words and "High risk" not in words and "Go through the plan" not in words


def test_minutes_are_sent_by_the_chair_once_agreed_to_who_takes_part(place):
    meeting, _ = hold(agree=False)
    with pytest.raises(NotPossible, match="once they are agreed"):
        send(meeting)
    with acting_as("coordinator", VICTIM_RESPONSE) as sight:
        meetings.take_meeting_step(sight, meeting.pk, 5, "agree")
        with pytest.raises(NotPossible, match="organisations that take part"):
            minutes.send_minutes(sight, meeting.pk, ["northmere-council"], GROUNDS)
    with acting_as("advocate", VICTIM_RESPONSE) as sight, pytest.raises(NotPossible, match="Only the chair"):
        minutes.send_minutes(sight, meeting.pk, [HOSPITAL], GROUNDS)
    with acting_as("coordinator", VICTIM_RESPONSE) as sight, pytest.raises(NotPossible, match="Choose a law"):
        minutes.send_minutes(sight, meeting.pk, [HOSPITAL], Grounds("nothing", "joint_decision"))
    assert messages() == []


def _leaves(case_id) -> None:
    CaseMember.objects.filter(case_id=case_id, username="test-coordinator").update(left_at=timezone.now())


def _receiver_leaves(case_id) -> None:
    CaseMember.objects.filter(case_id=case_id, organisation=HOSPITAL).update(left_at=timezone.now())


def _one_more(case_id) -> None:
    CaseSubject.objects.create(case_id=case_id, part="child", person_id=CHILD, added_by="somebody")


def _excluded(_case_id) -> None:
    ExclusionEntry.objects.create(
        subject_id=VICTIM, reason="staff_knows", barred_username="test-coordinator", entered_by="test-ig_lead"
    )
    renew_effects()


def _suspended(_case_id) -> None:
    Suspension.objects.create(agreement_id=f"sample-{VICTIM_RESPONSE}", suspended_by="test-ig_lead", reason="breach")


def _closed(case_id) -> None:
    cases.JointCase.objects.filter(pk=case_id).update(state="closed", outcome="goals_met")


def _not_decided(_case_id) -> None:
    with connection.cursor() as cursor:
        cursor.execute("alter table braid_sharedecision disable trigger user")
        cursor.execute("delete from braid_sharedecision where message_id is not null")
        cursor.execute("alter table braid_sharedecision enable trigger user")


@pytest.mark.parametrize("since", [_leaves, _receiver_leaves, _one_more, _excluded, _suspended, _closed, _not_decided])
def test_what_changed_since_it_was_written_holds_when_it_leaves(place, tmp_path, since):
    meeting, item = hold()
    send(meeting, [HOSPITAL])
    with known_asker():
        since(item.case_id)
    assert deliver(place) == {"refused": 1}
    assert papers(tmp_path) == []


def test_an_address_told_in_a_sentence_does_not_leave_with_the_minutes(place, tmp_path):
    meeting, item = hold(agree=False)
    with acting_as("responder", VICTIM_RESPONSE) as sight:
        meetings.write_note(sight, item.pk, f"She is at {CANARIES['address']} now", "harmed")
    with acting_as("coordinator", VICTIM_RESPONSE) as sight:
        meetings.take_meeting_step(sight, meeting.pk, 5, "agree")
    send(meeting)
    assert deliver(place) == {"refused": 2}
    assert papers(tmp_path) == [] and {reason for one in messages() for reason in one.refused_reasons} == {"location"}


def _draft(channel="minutes", subjects=(VICTIM,)) -> Draft:
    pieces = (Text("", "Words", frozenset({Sensitivity.SPECIAL})),)
    return Draft(REFERENCE, channel, COORDINATOR.username, frozenset(subjects), pieces, timezone.now())


def _queue(draft: Draft, receiver=("organisation", HOSPITAL), item_id=None, viewer=COORDINATOR) -> None:
    with transaction.atomic(), as_pages(), looking(viewer):
        queue_message(viewer, draft, [receiver], grounds=GROUNDS, item_id=item_id)


def test_the_database_lets_minutes_out_by_taking_part_and_nothing_else(place):
    """Past every form: each condition alone, as a statement smuggled into a page would."""
    meeting, item = hold()
    for draft, receiver, item_id in (
        (_draft(), ("organisation", HOSPITAL), None),  # about somebody whose waits the chair does not see
        (_draft(subjects=(VICTIM, CHILD)), ("organisation", HOSPITAL), item.pk),  # about somebody besides
        (_draft(subjects=(CHILD,)), ("organisation", HOSPITAL), item.pk),  # about somebody else
        (_draft(), ("organisation", "northmere-council"), item.pk),  # to who takes no part
        (_draft(), ("person", VICTIM), item.pk),  # to a person
    ):
        with pytest.raises(DatabaseError, match="row-level security"):
            _queue(draft, receiver, item_id)
    with pytest.raises(DatabaseError, match="minutes_go_as_minutes"):
        _queue(_draft("letter"), item_id=item.pk)
    advocate = Viewer("test-advocate", "advocate", VICTIM_RESPONSE, REFERENCE, "minutes")
    draft = Draft(REFERENCE, "minutes", "test-advocate", frozenset({VICTIM}), _draft().pieces, timezone.now())
    with pytest.raises(DatabaseError, match="row-level security"):
        _queue(draft, item_id=item.pk, viewer=advocate)  # who takes part and does not chair
    _queue(_draft(), item_id=item.pk)
    with known_asker():
        CaseMember.objects.filter(case_id=item.case_id, username="test-coordinator").update(sight="own")
    with pytest.raises(DatabaseError, match="row-level security"):
        _queue(_draft(), item_id=item.pk)
    assert len(messages()) == 1 and meeting


def test_a_recipient_who_takes_no_part_is_not_put_beside_one_who_does(place):
    _, item = hold()
    _queue(_draft(), item_id=item.pk)
    (message,) = messages()
    refused = pytest.raises(DatabaseError, match="row-level security")
    with refused, transaction.atomic(), as_pages(), looking(COORDINATOR):
        OutboxRecipient.objects.create(message=message, kind="organisation", party_id="northmere-council")


def test_minutes_are_corrected_with_who_and_when_until_they_are_agreed(teams):  # noqa: F811
    meeting, item = hold(agree=False)
    with acting_as("advocate", VICTIM_RESPONSE) as sight:
        minutes.amend(sight, item.pk, "The plan is for two weeks", "harmed")
        with pytest.raises(NotPossible, match="what is to be corrected"):
            minutes.amend(sight, item.pk, "  ", "harmed")
    with acting_as("responder", VICTIM_RESPONSE) as sight:
        (seen,) = minutes.get_minutes(sight, meeting.pk).items
        (said,) = seen.minuted.amendments
        assert (said.words, said.by, said.organisation) == ("The plan is for two weeks", "test-advocate", HARBOUR)
        assert said.at
    with acting_as("coordinator", VICTIM_RESPONSE) as sight:
        meetings.take_meeting_step(sight, meeting.pk, 5, "agree")
        before = minutes.get_minutes(sight, meeting.pk).items
    with acting_as("advocate", VICTIM_RESPONSE) as sight:
        for late in (
            lambda: minutes.amend(sight, item.pk, "Late", "harmed"),
            lambda: meetings.write_note(sight, item.pk, "Late", "harmed"),
            lambda: meetings.dissent(sight, item.pk, "Late"),
        ):
            with pytest.raises(NotPossible):
                late()
    with acting_as("coordinator", VICTIM_RESPONSE) as sight, pytest.raises(NotPossible, match="stays"):
        meetings.write_attendance(
            sight, meeting.pk, Meeting.objects.get(pk=meeting.pk).version, {"police": ("present", "")}
        )
    with acting_as("coordinator", VICTIM_RESPONSE) as sight:
        assert minutes.get_minutes(sight, meeting.pk).items == before


def test_agreed_minutes_do_not_change_by_their_owner_neither(teams):  # noqa: F811
    meeting, item = hold()
    more = {"item": item, "organisation": HOSPITAL, "agency": "health", "words": "Late", "written_by": "x"}
    team = {"team_id": "harbour-advocacy", "words": "Late", "due_on": timezone.localdate(), "made_by": "x"}
    tries = (
        lambda: AgendaItem.objects.filter(pk=item.pk).update(reason="Another"),
        lambda: AgendaItem.objects.create(meeting=meeting, case_id=open_marac().pk, position=2),
        lambda: Attendance.objects.filter(meeting=meeting).update(attendance="absent"),
        lambda: Attendance.objects.filter(meeting=meeting).delete(),
        lambda: AgencyNote.objects.create(**more),
        lambda: AgencyNote.objects.filter(item=item).update(words="Another"),
        lambda: AgencyNote.objects.filter(item=item).delete(),
        lambda: CareAction.objects.create(case_id=item.case_id, item=item, **team),
        lambda: Meeting.objects.filter(pk=meeting.pk).update(state="held"),
    )
    with known_asker():
        for change in tries[2:] + tries[:1]:
            with pytest.raises(DatabaseError, match="agreed minutes do not change"), transaction.atomic():
                change()
        done = CareAction.objects.filter(item=item).update(state="done", result="done")
    assert done == 1, "what is to do goes on"


def test_who_takes_no_part_finds_no_minutes(place, client_of):
    meeting, _ = hold()
    address = f"/meetings/{meeting.pk}/minutes/"
    with known_asker():
        ExclusionEntry.objects.create(
            subject_id=VICTIM, reason="staff_knows", barred_username="test-responder", entered_by="test-ig_lead"
        )
        renew_effects()
    for role, purpose in (("responder", "victim_response"), ("practitioner", "school_from_ta")):
        client = client_of(role, purpose)
        assert client.get(address).status_code == client.post(address, {"kind": "agree"}).status_code == 404
    assert client_of("advocate", "victim_response").get(address).status_code == 200


def test_the_page_agrees_corrects_and_sends(place, client_of):
    meeting, item = hold(agree=False)
    address = f"/meetings/{meeting.pk}/minutes/"
    coordinator, advocate = client_of("coordinator", "victim_response"), client_of("advocate", "victim_response")
    amend = {"kind": "amend", "item": str(item.pk), "about": "harmed"}
    refused = advocate.post(address, {**amend, "words": "She moved to M1 1AE"})
    assert refused.status_code == 400 and "M1 1AE" in refused.content.decode(), "what was typed is kept"
    assert advocate.post(address, {**amend, "words": "The plan is for two weeks"}).status_code == 302
    assert "The plan is for two weeks" in coordinator.get(address).content.decode()
    agree = {"kind": "agree", "version": "5"}
    assert advocate.post(address, agree).status_code == 400
    assert coordinator.post(address, agree).status_code == 302
    late = advocate.post(address, {**amend, "words": "Late"})
    assert late.status_code == 400 and "until they are agreed" in late.content.decode()
    sent = {
        "kind": "send",
        "receiver": "",
        "gateway": "crime_and_disorder_act_1998_s115",
        "necessity": "joint_decision",
    }
    assert coordinator.post(address, {**sent, "gateway": ""}).status_code == 400
    assert coordinator.post(address, sent).status_code == 302
    page = coordinator.get(address).content.decode()
    assert page.count("Waiting") == 2 and WITHHELD not in page
    assert "Sent" not in advocate.get(address).content.decode()


def test_the_length_of_a_meeting_is_held_against_its_cases(teams, client_of):  # noqa: F811
    first = open_marac()
    join(first.pk, "vale-coordination", "coordination", "coordinator")
    coordinator = client_of("coordinator", "victim_response")
    with acting_as("coordinator", VICTIM_RESPONSE) as sight:
        meeting = meetings.plan_meeting(sight, "marac", timezone.now() + dt.timedelta(days=9))
        item = meetings.put_on_agenda(sight, meeting.pk, first.pk)
        agendas.give_minutes(sight, meeting.pk, 1, item.pk, 95)
    address = f"/meetings/{meeting.pk}/"
    page = coordinator.get(address).content.decode()
    assert "95 of 90 minutes" in page and "5 minutes too long" in page
    assert coordinator.post(address, {"kind": "length", "minutes": "120", "version": "2"}).status_code == 302
    assert "95 of 120 minutes" in coordinator.get(address).content.decode()
    assert coordinator.post(address, {"kind": "length", "minutes": "5000", "version": "3"}).status_code == 400


def test_a_case_that_was_decided_comes_back_on_its_day_and_is_carried_over(teams, client_of):  # noqa: F811
    meeting, item = hold(agree=False)
    with known_asker():
        kept = AgendaItem.objects.get(pk=item.pk)
    assert kept.review_on is not None and 20 < (kept.review_on - timezone.localdate()).days <= 28
    with acting_as("advocate", VICTIM_RESPONSE) as sight:
        assert reviews.list_reviews(sight) == [], "it is not soon"
    with known_asker():
        AgendaItem.objects.filter(pk=item.pk).update(review_on=timezone.localdate() + dt.timedelta(days=3))
    with acting_as("advocate", VICTIM_RESPONSE) as sight:
        (due,) = reviews.list_reviews(sight)
        assert not due.silence.is_overdue
    with acting_as("coordinator", VICTIM_RESPONSE) as sight:
        assert reviews.list_reviews(sight) == [], "it is the lead's"
        again = meetings.plan_meeting(sight, "marac", timezone.now() + dt.timedelta(days=9))
        early = meetings.plan_meeting(sight, "marac", timezone.now() + dt.timedelta(days=1))
        assert reviews.cases_to_carry(early) == []
        ((row, _),) = reviews.cases_to_carry(again)
    coordinator = client_of("coordinator", "victim_response")
    carry = {"kind": "put", "case": str(row.pk), "meeting": str(again.pk), "version": "1"}
    assert "1 to carry over" in coordinator.get(f"/meetings/{again.pk}/").content.decode()
    assert "To be looked at again by" in coordinator.get(f"/meetings/{again.pk}/agenda/").content.decode()
    assert coordinator.post(f"/meetings/{again.pk}/agenda/", carry).status_code == 302
    with acting_as("advocate", VICTIM_RESPONSE) as sight:
        assert reviews.list_reviews(sight) == [], "it is on an agenda"
    assert meeting.pk != again.pk


def test_the_chair_reads_what_is_overdue_and_to_whom_it_has_risen(teams):  # noqa: F811
    meeting, item = hold(agree=False)
    with acting_as("coordinator", VICTIM_RESPONSE):
        assert [one.what for one in chasing.list_chased(meeting.pk, True)] == []
    long_ago = timezone.now() - dt.timedelta(days=20)
    with known_asker():
        CareAction.objects.filter(item=item).update(due_on=long_ago.date())
        MeetingReturn.objects.filter(item=item, agency="advocate").update(due_at=long_ago)
    with acting_as("coordinator", VICTIM_RESPONSE):
        found = {one.what: one for one in chasing.list_chased(meeting.pk, True)}
    assert set(found) == {"Return", "Action"}
    assert found["Action"].risen_to == ("test-advocate", "test-coordinator"), "the team's lead, and the asker's"
    assert found["Return"].risen_to == ("test-advocate",)
    with acting_as("advocate", VICTIM_RESPONSE):
        assert chasing.list_chased(meeting.pk, False) == []


def test_what_came_of_a_case_is_of_its_kind(teams, client_of):  # noqa: F811
    row = open_marac()
    advocate = client_of("advocate", "victim_response")
    address = f"/cases/{row.pk}/"
    assert "The risk is lower" in advocate.get(address).content.decode()
    wrong = {"kind": "close", "version": "1", "close-outcome": "school_kept"}
    assert advocate.post(address, wrong).status_code == 400
    assert advocate.post(address, {**wrong, "close-outcome": "risk_lower"}).status_code == 302
    assert "the risk is lower" in advocate.get(address).content.decode()


def test_a_case_of_another_meeting_is_not_moved(teams):  # noqa: F811
    meeting, item = hold(agree=False)
    with acting_as("coordinator", VICTIM_RESPONSE) as sight:
        other = meetings.plan_meeting(sight, "marac", timezone.now() + dt.timedelta(days=9))
        for step in (
            lambda: agendas.move_case(sight, other.pk, 1, item.pk, "up"),
            lambda: agendas.give_minutes(sight, other.pk, 1, item.pk, 5),
            lambda: agendas.give_length(sight, meeting.pk, 4, 60),
        ):
            with pytest.raises(NotPossible), transaction.atomic():
                step()
    with acting_as("practitioner", "school_from_ta") as sight, pytest.raises(NotThere):
        agendas.move_case(sight, other.pk, 1, item.pk, "up")


def test_pages_of_a_meeting_ask_no_more_for_many_cases_than_for_one(teams, client_of):  # noqa: F811
    coordinator = client_of("coordinator", "victim_response")
    counts: list[dict[str, int]] = []
    with known_asker():
        meeting = Meeting.objects.create(
            reference="MT-MANY-22",
            case_type="marac",
            purpose=VICTIM_RESPONSE,
            chair="test-coordinator",
            organisation="vale-authority",
            starts_at=timezone.now(),
            ended_at=timezone.now(),
            state="held",
        )
    for several in (1, 5):
        for _ in range(several):
            row = open_marac()
            join(row.pk, "vale-coordination", "coordination", "coordinator")
            with known_asker():
                item = AgendaItem.objects.create(meeting=meeting, case=row, position=1, state="put_off")
                more = {"item": item, "organisation": HOSPITAL, "agency": "health", "words": "w", "written_by": "x"}
                AgencyNote.objects.create(**more)
                day = {"due_on": timezone.localdate() - dt.timedelta(days=9), "made_by": "test-advocate"}
                CareAction.objects.create(case=row, item=item, team_id="harbour-advocacy", words="w", **day)
        found = {}
        for address in (f"/meetings/{meeting.pk}/", f"/meetings/{meeting.pk}/minutes/", "/work-list/"):
            coordinator.get(address)
            with CaptureQueriesContext(connection) as captured:
                assert coordinator.get(address).status_code == 200
            found[address] = len(captured)
        counts.append(found)
    assert counts[0] == counts[1] and max(counts[0].values()) <= 56
