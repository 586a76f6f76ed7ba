"""Readiness, planned moves and the response to whoever was harmed, as pages: each step by the user whose step it is."""

import datetime as dt
import re

import pytest
from care_teams import make_teams
from django.db import ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from joint_sample import put_beside, put_joint
from published_sample import ENTRIES, REFERENCE, as_pages
from sample_run import CANARIES, CHILD, CHILD_PROTECTED, ONE_WAIT, VICTIM

from braid.care.moves import Mover
from braid.care.readiness import Given
from braid.language.steps import NotPossible
from braid.trust.roles import VICTIM_RESPONSE
from braid.web.access.projections import WITHHELD, Viewer
from braid.web.access.sight import NotThere, looking
from braid.web.care import moves, notices, readiness, response
from braid.web.care.moves import MoveGiven
from braid.web.models import (
    AgendaItem,
    CareAction,
    CaseMember,
    CaseReadiness,
    CaseSubject,
    ExclusionEntry,
    JointCase,
    Meeting,
    MoveCorrection,
    MoveNotice,
    OutboxMessage,
    PlannedMove,
    ReadinessDay,
    ResponseEvent,
    ReturnLine,
    SafeContact,
    SafetyTask,
    ShareDecision,
    Team,
    UnreadyDecision,
    User,
)
from braid.web.outbound.postman import send_due
from braid.web.outbound.route_file import load_ways
from braid.web.overlay.effects import renew_effects
from braid.web.watch import known_asker

pytestmark = pytest.mark.django_db
INBOX = (
    '[[inbox]]\norganisation = "southwick-council"\nemail = "notices@southwick.example"\naddress = "1 Hall, Southwick"'
)


@pytest.fixture
def teams(published):
    """A team for each organisation at the table."""
    make_teams()


def row(model, **which):
    """The one row of a table."""
    with known_asker():
        return model.objects.get(**which)


def done(answer) -> None:
    """The step was taken: the page leads on, and says no fault."""
    assert answer.status_code == 302, re.findall(r"error-summary.*?</div>", answer.content.decode(), re.DOTALL)[:2]


def refused(answer, words: str, status: int = 400) -> None:
    """The step was not taken, and the page says why."""
    assert (answer.status_code, words in answer.content.decode()) == (status, True), words


def seat(username: str, organisation: str, agency: str, sight: str = "whole", right: str = "edit") -> None:
    """Put somebody into a seat of the one case, as the owner of the tables."""
    with known_asker():
        CaseMember.objects.update_or_create(
            case=JointCase.objects.get(),
            username=username,
            defaults={"organisation": organisation, "agency": agency, "right": right, "sight": sight},
        )


def today() -> dt.date:
    return timezone.localdate()


@pytest.fixture
def court(teams, client_of):
    """A readiness case of care proceedings, led by the practitioner for children's social care, and its address."""
    client = client_of("practitioner", "court_readiness")
    given = {"case_type": "family_readiness", "agency": "childrens_social_care", "part": "child"}
    done(client.post(f"/people/{CHILD}/case/", given))
    return client, f"/cases/{row(JointCase).pk}/"


def tick(client, case: str, item: str, step: str, version: int, **given: str):
    """Take a step of a readiness item by its form."""
    given = {f"item-{name}": value for name, value in given.items()}
    return client.post(
        f"{case}readiness/", {"kind": "item", "item": item, "step": step, "version": str(version), **given}
    )


def test_a_case_is_ready_once_nothing_required_is_open(court, client_of):
    client, case = court
    page = client.get(f"{case}readiness/").content.decode()
    assert "Not ready" in page and "16 of its required items are open" in page and "nothing is due" in page
    assert "LA5" in page and "the social work assessment, filed and served" in page, "the court's own reasons"
    assert "nobody takes part in that seat" in page
    refused(tick(client, case, "threshold", "complete", 0, evidence="Filed"), "seat that owns it")
    refused(tick(client, case, "care_plan", "complete", 0), "what shows that it is there")
    refused(tick(client, case, "care_plan", "complete", 0, evidence="Sent to M1 1AE"), "Take that out")
    refused(tick(client, case, "care_plan", "ask_drop", 0), "Choose why it is not needed")
    refused(tick(client, case, "no_such", "take", 0), "There is no such")
    refused(tick(client, case, "care_plan", "fly", 0), "Only the lead professional")
    done(tick(client, case, "care_plan", "take", 0))
    refused(tick(client, case, "care_plan", "complete", 0, evidence="Filed"), "Somebody else changed this", 409)
    done(tick(client, case, "care_plan", "complete", 1, evidence="Filed on the portal, page 40"))
    refused(tick(client, case, "threshold", "drop", 0, reason="does_not_apply"), "another seat agrees first")
    items = [one for one in readiness_items("family_readiness") if one != "care_plan"]
    for item in items:
        done(tick(client, case, item, "ask_drop", 0, reason="does_not_apply"))
    refused(tick(client, case, "threshold", "agree_drop", 1), "Your own seat asked")
    assert "Not ready" in client.get(f"{case}readiness/").content.decode(), "one seat alone drops nothing"
    seat("test-partner", "vale-hospital", "health")
    health = client_of("partner", "court_readiness")
    asked = health.get("/work-list/").content.decode()
    assert asked.count("my seat is asked whether it is needed") == len(items)
    for item in items:
        done(tick(health, case, item, "agree_drop", 1))
    page = client.get(f"{case}readiness/").content.decode()
    assert "<strong>Ready.</strong>" in page and "Filed on the portal" in page
    assert row(CaseReadiness, item="care_plan").changed_by == "test-practitioner"
    assert (row(CaseReadiness, item="threshold").changed_by, row(CaseReadiness, item="threshold").asked_by_agency) == (
        "test-partner",
        "childrens_social_care",
    )
    assert ENTRIES.filter(page="readiness", kind="changed", person_id=CHILD).count() == 32


def test_the_seat_that_owns_an_item_objects_and_it_stays_open(court, client_of):
    client, case = court
    done(tick(client, case, "expert_report", "ask_drop", 0, reason="does_not_apply"))
    seat("test-partner", "vale-hospital", "health", sight="own")
    seat("test-coordinator", "vale-authority", "coordination")
    other = client_of("coordinator", "court_readiness")
    refused(tick(other, case, "expert_report", "agree_drop", 1), "The seat that owns it agrees or objects")
    owner = client_of("partner", "court_readiness")
    page = owner.get(f"{case}readiness/").content.decode()
    assert "Your seat is asked whether it is needed" in page
    done(tick(owner, case, "expert_report", "object", 1))
    assert row(CaseReadiness, item="expert_report").state == "open"
    # Past every rule, the database lets no seat agree to what it asked itself.
    done(tick(client, case, "expert_report", "ask_drop", 2, reason="does_not_apply"))
    viewer = Viewer("test-practitioner", "practitioner", "court_readiness", REFERENCE, "t")
    refusal = pytest.raises(ProgrammingError, match="row-level security")
    with as_pages(), looking(viewer), refusal, transaction.atomic():
        CaseReadiness.objects.filter(item="expert_report").update(state="not_needed", changed_by="test-practitioner")


def test_the_day_of_a_hearing_is_moved_vacated_and_written_by_the_courts_seat(court, client_of):
    client, case = court
    address = f"{case}readiness/"
    day = {"kind": "day", "day-what": "hearing", "version": "0", "day-day": f"{today() + dt.timedelta(days=4)}"}
    done(client.post(address, day))
    done(client.post(address, {**day, "version": "1", "day-day": f"{today() + dt.timedelta(days=5)}"}))
    page = client.get(address).content.decode()
    assert "It was moved to another day".lower() in page.lower() and "in 5 days" in page
    end = {"kind": "day_end", "version": "2"}
    refused(client.post(address, end), "Choose why it does not hold")
    refused(client.post(address, {**end, "day_end-because": "vacated", "version": "1"}), "Somebody else", 409)
    done(client.post(address, {**end, "day_end-because": "vacated"}))
    page = client.get(address).content.decode()
    assert "nothing is due and nothing is late" in page and "vacated" in page
    refused(client.post(address, {**end, "day_end-because": "vacated"}), "No day is written down")
    refused(client.post(address, {**day, "version": "2"}), "Somebody else", 409)
    with known_asker():
        kept = list(ReadinessDay.objects.order_by("version").values_list("ended_because", "version"))
    assert kept == [("moved", 1), ("vacated", 2)], "nothing that was written is lost"
    # The court fixes the day of its hearing: its own seat writes it, and no other but the lead.
    seat("test-partner", "vale-hospital", "health")
    other = client_of("partner", "court_readiness")
    refused(other.post(address, day), "Only the lead professional or the court")
    assert "Write down the day" not in other.get(address).content.decode()
    seat("test-partner", "vale-hospital", "court_listing")
    done(other.post(address, day))
    assert row(ReadinessDay, ended_at=None).set_by == "test-partner"


def readiness_items(kind: str) -> list[str]:
    return [one.id for one in readiness.case_type_of(kind).readiness]


def test_what_will_be_late_is_said_weeks_before_the_hearing(court):
    client, case = court
    day = {"kind": "day", "day-what": "hearing", "version": "0"}
    refused(client.post(f"{case}readiness/", {**day, "day-day": f"{today() - dt.timedelta(days=1)}"}), "from today on")
    done(client.post(f"{case}readiness/", {**day, "day-day": f"{today() + dt.timedelta(days=70)}"}))
    page = client.get(f"{case}readiness/").content.decode()
    assert "in 70 days" in page and "It will not be ready in time" in page
    late = re.search(r"now, so that the slot.*?</ul>", page, re.DOTALL)[0]
    assert "Report of the expert" in late and "Judge, room" not in late
    assert "Assessments of family and friends" in client.get("/work-list/").content.decode()
    done(tick(client, case, "timetable", "say_late", 0, expected_on=f"{today() + dt.timedelta(days=69)}"))
    assert "as its owner says" in client.get(f"{case}readiness/").content.decode()
    stale = client.post(f"{case}readiness/", {**day, "day-day": f"{today() + dt.timedelta(days=80)}"})
    refused(stale, "Somebody else changed this", 409)
    done(client.post(f"{case}readiness/", {**day, "version": "1", "day-day": f"{today() + dt.timedelta(days=300)}"}))
    assert "It will not be ready in time" not in client.get(f"{case}readiness/").content.decode().replace("\n", " ")


def test_without_a_hearing_the_next_meeting_gives_the_day(court):
    _, case = court
    with known_asker():
        meeting = Meeting.objects.create(
            reference="MT-1", case_type="family_readiness", purpose="court_readiness", chair="test-coordinator",
            organisation="vale-authority", starts_at=timezone.now() + dt.timedelta(days=5), state="planned",
        )  # fmt: skip
        AgendaItem.objects.create(meeting=meeting, case=JointCase.objects.get(), position=1)
    assert "Meeting on" in court[0].get(f"{case}readiness/").content.decode()


def test_a_restricted_member_sees_the_items_of_their_own_seat_and_not_whether_the_case_is_ready(court, client_of):
    client, case = court
    done(tick(client, case, "care_plan", "complete", 0, evidence="CANARY of the plan"))
    seat("test-partner", "vale-hospital", "health", sight="own")
    restricted = client_of("partner", "court_readiness")
    page = restricted.get(f"{case}readiness/").content.decode()
    assert "You see the items of your own seat" in page and "Report of the expert" in page
    for other in ("CANARY", "Threshold", "Not ready", "Ready.", "care plan"):
        assert other not in page, other
    refused(tick(restricted, case, "care_plan", "reopen", 1), "There is no such step")
    refused(tick(restricted, case, "expert_report", "drop", 0, reason="covered"), "lead professional")
    done(tick(restricted, case, "expert_report", "complete", 0, evidence="Filed"))
    with as_pages(), looking(Viewer("test-partner", "partner", "court_readiness", REFERENCE, "test")):
        assert set(CaseReadiness.objects.values_list("item", flat=True)) == {"expert_report"}, "the policies say so too"


def test_a_meeting_does_not_say_ready_while_an_item_is_open_unless_its_chair_writes_why(court, client_of):
    seat("test-coordinator", "vale-authority", "coordination")
    with known_asker():
        meeting = Meeting.objects.create(
            reference="MT-1", case_type="family_readiness", purpose="court_readiness", chair="test-coordinator",
            organisation="vale-authority", starts_at=timezone.now(), state="in_session",
        )  # fmt: skip
        item = AgendaItem.objects.create(meeting=meeting, case=JointCase.objects.get(), position=1)
    chair, address = client_of("coordinator", "court_readiness"), f"/agenda/{item.pk}/"
    assert "Threshold document filed" in chair.get(address).content.decode()
    ready = {"kind": "decide", "decide-decision": "ready", "decide-reason": "All is there", "version": "1"}
    refused(chair.post(address, ready), "The case is not ready")
    assert row(AgendaItem).state == "listed"
    other = {**ready, "decide-decision": "tell_court", "decide-words_1": "Tell the court",
             "decide-team_1": "vale-coordination", "decide-due_1": f"{today()}"}  # fmt: skip
    done(chair.post(address, {**ready, "decide-unready": "The judge has said that the rest may follow"}))
    assert row(AgendaItem).state == "decided"
    kept = row(UnreadyDecision)
    assert kept.written_by == "test-coordinator" and set(kept.still_open) == set(readiness_items("family_readiness"))
    page = chair.get(address).content.decode()
    assert "although it was not ready" in page and "The judge has said" in page and "Threshold" in page
    refused(chair.post(address, other), "discussed already")


@pytest.fixture
def panel(teams, client_of):
    """A placement case led by the practitioner; the page of its moves."""
    client = client_of("practitioner", "school_from_ta")
    given = {"case_type": "placement_panel", "agency": "placement", "part": "child"}
    done(client.post(f"/people/{CHILD}/case/", given))
    with known_asker():
        CaseSubject.objects.create(case=JointCase.objects.get(), part="parent", person_id=ONE_WAIT, added_by="x")
    return client, f"/cases/{row(JointCase).pk}/move/"


def plan(client, address: str, **more: str):
    """Plan a move of the child, who keeps the school, and of a parent, ten days ago."""
    given = {
        "planned_on": f"{today() - dt.timedelta(days=10)}",
        "leaves": "yes",
        "application": "HL-7",
        "moves_0": "kept",
        "exam_0": "yes",
        "moves_1": "adult",
        "asked": "parent",
        **more,
    }
    return client.post(address, {"kind": "plan", **{f"plan-{name}": value for name, value in given.items()}})


def step(client, address: str, what: str, days_ago: int | None = None):
    """Take a step of the one move."""
    move = row(PlannedMove)
    day = "" if days_ago is None else f"{today() - dt.timedelta(days=days_ago)}"
    given = {"kind": "move", "move": str(move.pk), "version": str(move.version), "step": what, "move-day": day}
    return client.post(address, given)


def hand_over(client, page: str, **more: str):
    """Hand the notice of section 208 over to the outbox."""
    notice = row(MoveNotice, kind="s208")
    given = {
        "receiver": "southwick-council",
        "channel": "letter",
        "gateway": "children_act_2004_s10",
        "necessity": "service_needed",
        "function": "main",
        "address": "12 Sample Row, Southwick Down",
        **more,
    }
    fields = {f"send-{name}": value for name, value in given.items()}
    return client.post(
        page,
        {"kind": "send", "notice": str(notice.pk), "version": str(notice.version), "step": "hand_over", **fields},
    )


def test_a_move_out_of_the_district_with_its_notices_to_the_end(panel):
    client, address = panel
    refused(plan(client, address, moves_0="", moves_1="", exam_0=""), "Choose who moves")
    refused(plan(client, address, moves_0="adult"), "year of examinations")
    refused(plan(client, address, planned_on="2020-01-01"), "within a year")
    done(plan(client, address))
    page = client.get(address).content.decode()
    assert (
        page.count('id="notice-') == 3
        and "GP practice of <bdi>" in page
        and "The clock has not begun" in page
        and "<mark>" in page
    )
    refused(hand_over(client, address), "made available")
    refused(step(client, address, "make"), "day on which it happened")
    done(step(client, address, "make", 16))
    page = client.get(address).content.decode()
    assert "Overdue" in page and "Housing Act 1996 s.208" in page, "14 days beginning with the day, and it is the 17th"
    assert "the other district" in client.get("/work-list/").content.decode()
    assert step(client, address, "agree", 1).status_code == 400, "nobody agrees who was not asked"
    done(step(client, address, "ask"))
    done(step(client, address, "agree", 3))
    done(step(client, address, "details", 2))
    page = client.get(address).content.decode()
    last = today() - dt.timedelta(days=2) + dt.timedelta(days=13)
    assert f"it would be {last:%-d %B %Y}; not in force" in page.replace("\xa0", " ").replace("&nbsp;", " ")
    refused(hand_over(client, address, address=""), "Enter the address")
    refused(hand_over(client, address, receiver="northmere-council"), "Choose who receives it")
    done(hand_over(client, address))
    kept = row(OutboxMessage)
    assert kept.subject_ids == sorted([CHILD, ONE_WAIT]) and row(ShareDecision, person_id=CHILD).outcome == "shared"
    notice = row(MoveNotice, kind="s208")
    assert (notice.state, notice.message_id) == ("handed_over", kept.pk)
    sent = {"kind": "notice", "notice": str(notice.pk), "version": str(notice.version), "step": "mark_sent"}
    refused(client.post(address, {**sent, "notice-day": f"{today()}"}), "It waits in the outbox")
    done(client.post(address, {**sent, "step": "reopen"}))
    assert row(OutboxMessage).state == "cancelled", "what is opened again does not leave meanwhile"
    sent["version"] = str(row(MoveNotice, kind="s208").version)
    done(client.post(address, {**sent, "notice-day": f"{today()}"}))
    refused(client.post(address, {**sent, "notice-day": f"{today()}"}), "Sent")
    add = {"kind": "body", "move": str(row(PlannedMove).pk), "version": "1", "body-child": "0", "body-body": "school"}
    refused(client.post(address, add), "It is there already")
    done(client.post(address, {**add, "body-body": "health_visiting"}))
    assert row(MoveNotice, body="health_visiting").state == "open"
    other = row(MoveNotice, body="school")
    not_sent = {"kind": "notice", "notice": str(other.pk), "version": "1", "step": "mark_not_sent"}
    refused(client.post(address, not_sent), "Choose why it is not sent")
    done(client.post(address, {**not_sent, "notice-reason": "not_in_force"}))
    page = client.get(address).content.decode()
    assert "12 Sample Row" not in page and "the section is not in force" in page
    with known_asker():
        assert not PlannedMove.objects.filter(to_district__gt="").exists()


def test_the_notice_leaves_for_the_one_mailbox_of_the_council(panel, sample, tmp_path):
    client, address = panel
    done(plan(client, address))
    done(step(client, address, "make", 1))
    done(hand_over(client, address))
    place, _ = sample
    (place.folder / "outbound.toml").write_text(f'[spool]\nfolder = "{tmp_path / "spool"}"\n{INBOX}', encoding="utf-8")
    try:
        send_due(place, load_ways(place), clock=timezone.now)
    finally:
        (place.folder / "outbound.toml").unlink()
    assert row(OutboxMessage).state == "sent"
    assert "The message: sent" in client.get(address).content.decode()


def test_districts_are_written_down_only_where_everybodys_may_be_shown(panel, client_of):
    client, address = panel
    page = client.get(address).content.decode()
    assert ("plan-to_district" in page) is True, "everybody's district is known and not withheld"
    same = {"from_district": "E08990001", "to_district": "E08990001"}
    refused(plan(client, address, **same), "Both districts are the same")
    done(plan(client, address, from_district="E08990001", to_district="E08990002"))
    assert "From: Northmere. To: Southwick Down" in client.get(address).content.decode()
    seat("test-partner", "vale-hospital", "health")
    seen = client_of("partner", "school_from_ta").get(address).content.decode()
    assert "Move of" in seen and "To: Southwick Down" not in seen, "a role that sees no location reads none"
    assert "From: Not known. To: Not known" in seen
    with known_asker():
        CaseSubject.objects.create(
            case=JointCase.objects.get(), part="child", person_id=CHILD_PROTECTED, added_by="test-practitioner"
        )
    assert "plan-to_district" not in client.get(address).content.decode()


def test_nothing_about_a_protected_mover_leaves_or_tells_of_the_protection(panel, sample, tmp_path):
    client, address = panel
    with known_asker():
        CaseSubject.objects.filter(person_id=CHILD).update(person_id=CHILD_PROTECTED)
    done(plan(client, address))
    done(step(client, address, "make", 1))
    page = client.get(address).content.decode()
    assert "From: Not known. To: Not known" in page and "protected" not in page.lower() and WITHHELD not in page
    assert "A notice that you hand over does not leave" in page
    with as_pages(), looking(Viewer("test-practitioner", "practitioner", "school_from_ta", REFERENCE, "t")) as sight:
        given = MoveGiven(today(), True, (Mover(CHILD_PROTECTED, "kept"),), "", "", "E08990002")
        with pytest.raises(NotPossible, match="may not be written here"):
            moves.plan_move(sight, row_id(), given)
    done(hand_over(client, address))
    place, _ = sample
    (place.folder / "outbound.toml").write_text(f'[spool]\nfolder = "{tmp_path / "spool"}"\n{INBOX}', encoding="utf-8")
    try:
        send_due(place, load_ways(place), clock=timezone.now)
    finally:
        (place.folder / "outbound.toml").unlink()
    assert row(OutboxMessage).state == "refused" and row(SafetyTask).owner_role == "ig_lead"
    page = client.get("/messages/").content.decode() + client.get(address).content.decode()
    assert "It was held back" in page and "protected" not in page.lower()
    assert not [name for name, token in CANARIES.items() if token in page]


def send(place, tmp_path, clock=timezone.now) -> str:
    """Let the postman go his round; return how the one message stands."""
    inboxes = f'{INBOX}\n[[inbox]]\norganisation = "vale-hospital"\naddress = "1 Post Room"'
    (place.folder / "outbound.toml").write_text(f'[spool]\nfolder = "{tmp_path / "spool"}"\n{inboxes}', "utf-8")
    try:
        send_due(place, load_ways(place), clock=clock)
    finally:
        (place.folder / "outbound.toml").unlink()
    return OutboxMessage.objects.order_by("-created_at").values_list("state", flat=True)[0]


def agree(client, address: str) -> None:
    """Plan the move, made available yesterday, with an agreement that the bodies are told."""
    done(plan(client, address))
    for what, days_ago in (("make", 1), ("ask", None), ("agree", 1), ("details", 1)):
        done(step(client, address, what, days_ago))


def tell_practice(client, address: str):
    """Hand the notice to the GP practice over, under an agreement that the hospital is in."""
    notice = row(MoveNotice, body="gp_practice")
    given = {"receiver": "vale-hospital", "channel": "letter", "gateway": "children_act_2004_s10",
             "necessity": "service_needed"}  # fmt: skip
    fields = {f"send-{name}": value for name, value in given.items()}
    named = {"notice": str(notice.pk), "version": str(notice.version), "step": "hand_over"}
    return client.post(address, {"kind": "send", **named, **fields})


def notice_step(client, address: str, kind: str, what: str, **given: str):
    """Take a step of the one notice of a kind of law."""
    notice = row(MoveNotice, kind=kind) if kind == "s208" else row(MoveNotice, body=kind)
    named = {"kind": "notice", "notice": str(notice.pk), "version": str(notice.version), "step": what}
    return client.post(address, {**named, **{f"notice-{name}": value for name, value in given.items()}})


def test_once_the_agreement_is_taken_back_nothing_that_rests_on_it_leaves(panel, sample, tmp_path):
    client, address = panel
    agree(client, address)
    done(tell_practice(client, address))
    done(hand_over(client, address))
    done(step(client, address, "refuse"))
    with known_asker():
        states = dict(MoveNotice.objects.values_list("body", "state"))
        messages = {one.pk: one for one in OutboxMessage.objects.all()}
    assert (states["gp_practice"], states["receiving_council"]) == ("open", "handed_over"), "section 208 needs none"
    told = messages[row(MoveNotice, body="gp_practice").message_id]
    assert (told.state, bytes(told.sealed)) == ("cancelled", b"")
    with known_asker():
        send(sample[0], tmp_path)
    assert row(MoveNotice, kind="s208").state == "sent" and row(MoveNotice, body="gp_practice").state == "open"
    assert row(OutboxMessage, pk=told.pk).state == "cancelled"
    refused(tell_practice(client, address), "Without the agreement of the parent nobody is told")


def test_an_agreement_that_does_not_stand_is_asked_again_at_the_door(panel, sample, tmp_path):
    """Whatever took it back: the postman reads it at the instant of leaving."""
    client, address = panel
    agree(client, address)
    done(tell_practice(client, address))
    with known_asker():
        PlannedMove.objects.update(agreement="refused", agreed_on=None)
        assert send(sample[0], tmp_path) == "refused"
    assert row(OutboxMessage).refused_reasons == ["author_may_not"] and row(SafetyTask).owner_role == "ig_lead"


def test_what_would_put_somebody_in_danger_does_not_leave_whoever_says_so(panel, sample, tmp_path, client_of):
    client, address = panel
    agree(client, address)
    done(hand_over(client, address))
    seat("test-partner", "vale-hospital", "health")
    colleague = client_of("partner", "school_from_ta")
    assert "In the outbox" in colleague.get(address).content.decode()
    done(notice_step(colleague, address, "s208", "mark_not_sent", reason="withheld"))
    assert row(OutboxMessage).state == "cancelled", "who wrote it need not be there"
    with known_asker():
        assert send(sample[0], tmp_path) == "cancelled"
    assert (row(MoveNotice, kind="s208").state, row(MoveNotice, kind="s208").reason) == ("not_sent", "withheld")
    assert ENTRIES.filter(details__what="notice: message taken back", username="test-partner").exists()


def test_what_has_left_is_not_called_unsent_and_a_move_called_off_stops_what_waits(panel, sample, tmp_path):
    client, address = panel
    done(plan(client, address))
    with known_asker():  # made available, and called off all the same: what waits is stopped
        PlannedMove.objects.update(available_on=today(), version=2)
    done(hand_over(client, address))
    done(step(client, address, "call_off"))
    assert (row(OutboxMessage).state, row(MoveNotice, kind="s208").reason) == ("cancelled", "not_moved")


def test_a_message_that_its_author_takes_back_opens_its_notice_again(panel):
    client, address = panel
    agree(client, address)
    done(hand_over(client, address))
    done(client.post("/messages/", {"message": str(row(OutboxMessage).pk)}))
    assert (row(OutboxMessage).state, row(MoveNotice, kind="s208").state) == ("cancelled", "open")


def test_what_has_left_is_sent_by_itself_and_its_clock_ends(panel, sample, tmp_path):
    client, address = panel
    agree(client, address)
    done(hand_over(client, address))
    waiting = row(MoveNotice, kind="s208")
    with known_asker():
        assert send(sample[0], tmp_path) == "sent"
    notice = row(MoveNotice, kind="s208")
    assert (notice.state, notice.sent_on) == ("sent", today()), "no false breach of what left"
    stale = {"kind": "notice", "notice": str(waiting.pk), "version": str(waiting.version), "step": "mark_not_sent"}
    refused(client.post(address, {**stale, "notice-reason": "withheld"}), "It is sent by now")
    with known_asker():  # as if the postman had delivered it a moment ago and not yet written so
        MoveNotice.objects.filter(pk=notice.pk).update(state="handed_over", sent_on=None)
    stale["version"] = str(notice.version)
    refused(client.post(address, {**stale, "notice-reason": "withheld"}), "The message has left")
    refused(client.post(address, {**stale, "step": "reopen"}), "The message has left")
    assert row(OutboxMessage).state == "sent"


def test_a_wrong_day_is_corrected_with_a_reason_and_what_stood_there_stays(panel):
    client, address = panel
    agree(client, address)
    done(hand_over(client, address))
    move = row(PlannedMove)
    fact = {"kind": "fact", "move": str(move.pk), "version": str(move.version), "fact-fact": "available_on",
            "fact-reason": "typed_wrong", "fact-day": f"{today() - dt.timedelta(days=3)}"}  # fmt: skip
    refused(client.post(address, {**fact, "fact-reason": ""}), "Choose why it is corrected")
    refused(client.post(address, {**fact, "fact-day": ""}), "Enter the right day")
    refused(client.post(address, {**fact, "version": "1"}), "Somebody else changed this", 409)
    done(client.post(address, fact))
    assert row(PlannedMove).available_on == today() - dt.timedelta(days=3)
    assert (row(OutboxMessage).state, row(MoveNotice, kind="s208").state) == ("cancelled", "open"), "a wrong day waits"
    kept = row(MoveCorrection)
    assert (kept.was, kept.reason, kept.corrected_by) == (
        today() - dt.timedelta(days=1),
        "typed_wrong",
        "test-practitioner",
    )
    page = client.get(address).content.decode()
    assert "stood there. It was typed wrongly." in page
    fact |= {"version": str(row(PlannedMove).version), "fact-reason": "not_so", "fact-day": ""}
    done(client.post(address, fact))
    assert (row(PlannedMove).state, row(PlannedMove).available_on) == ("planned", None)
    refused(step(client, address, "details", 1), "It is written down already")


def test_what_was_marked_as_sent_by_mistake_is_opened_again(panel, sample, tmp_path):
    client, address = panel
    agree(client, address)
    done(notice_step(client, address, "s208", "mark_sent", day=f"{today()}"))
    notice = row(MoveNotice, kind="s208")
    wrong = {"kind": "sent", "notice": str(notice.pk), "version": str(notice.version)}
    refused(client.post(address, wrong), "Choose why it is opened again")
    done(client.post(address, {**wrong, "sent-reason": "not_so"}))
    assert (row(MoveNotice, kind="s208").state, row(MoveCorrection).was) == ("open", today())
    assert "It was not sent" in client.get(address).content.decode()
    done(hand_over(client, address))
    with known_asker():
        send(sample[0], tmp_path)
    wrong["version"] = str(row(MoveNotice, kind="s208").version)
    refused(client.post(address, {**wrong, "sent-reason": "not_so"}), "It left by the outbox")
    done(client.post(address, {**wrong, "sent-reason": "wrong_content"}))


def test_each_body_of_each_child_has_a_notice_that_names_that_child_alone(panel):
    client, address = panel
    with known_asker():
        case = JointCase.objects.get()
        CaseSubject.objects.create(case=case, part="child", person_id=CHILD_PROTECTED, added_by="x")
    refused(plan(client, address, asked=""), "Choose who is asked")
    done(plan(client, address, moves_2="none", asked="2"))
    with known_asker():
        made = sorted(MoveNotice.objects.filter(kind="s213aa").values_list("mover__person_id", "body"))
    assert made == sorted(
        [
            (CHILD, "gp_practice"),
            (CHILD, "school"),
            (CHILD_PROTECTED, "gp_practice"),
            (CHILD_PROTECTED, "health_visiting"),
        ]
    )
    page = client.get(address).content.decode()
    assert "The applicant, who is 16 or 17" in page and "213AA" in page
    drafts = re.findall(r'summary-text">The draft.*?</div>', page, re.DOTALL)
    by_agreement = [one for one in drafts if "which is not in force" in one]
    assert len(by_agreement) == 4, "each says that no duty binds"
    names = {
        re.search(r"<p[^>]*>([^<]*) was placed in temporary", one)[1] for one in by_agreement if "[name of" not in one
    }
    assert len(names) == 2, names


def test_a_notice_by_agreement_says_so_with_names_of_organisations(panel, sample, tmp_path, monkeypatch):
    client, address = panel
    agree(client, address)
    said = []
    original = notices.in_words
    monkeypatch.setattr(notices, "in_words", lambda draft: said.append(original(draft)) or said[-1])
    done(tell_practice(client, address))
    words = "\n".join(said)
    assert "no notice under section 213AA of the Housing Act 1996, which is not in force" in words
    assert "under Children Act 2004 section 10" in words
    assert "vale-hospital" not in words and "northmere-council" not in words, "organisations by name"
    assert "was placed in temporary accommodation" in words
    page = client.get(address).content.decode()
    assert "From: Northmere" in page


def test_a_second_move_under_one_application_tells_nobody_again_and_one_called_off_tells_nobody(panel):
    client, address = panel
    done(plan(client, address))
    done(step(client, address, "make", 1))
    done(step(client, address, "ask"))
    done(step(client, address, "agree", 1))
    done(step(client, address, "details", 1))
    for body in ("gp_practice", "school"):
        notice = row(MoveNotice, body=body)
        sent = {"kind": "notice", "notice": str(notice.pk), "version": "1", "step": "mark_sent"}
        done(client.post(address, {**sent, "notice-day": f"{today()}"}))
    done(plan(client, address, planned_on=f"{today()}"))
    with known_asker():
        second = PlannedMove.objects.get(state="planned")
        assert set(MoveNotice.objects.filter(move=second).values_list("kind", flat=True)) == {"s208"}
    off = {"kind": "move", "move": str(second.pk), "version": "1", "step": "call_off", "move-day": ""}
    done(client.post(address, off))
    assert row(MoveNotice, move=second).reason == "not_moved"


def test_a_restricted_member_and_another_purpose_find_no_moves(panel, client_of):
    _, address = panel
    seat("test-partner", "vale-hospital", "health", sight="own")
    restricted = client_of("partner", "school_from_ta")
    assert restricted.get(address).status_code == 404
    assert restricted.get(address.replace("move", "readiness")).status_code == 200
    assert client_of("practitioner", "school_from_ta").get(address.replace("move", "response")).status_code == 404


@pytest.fixture
def marac(teams, client_of):
    """A case of the victim, led by the advocate, with somebody accused in it; the page of its response."""
    advocate = client_of("advocate", "victim_response")
    done(advocate.post(f"/people/{VICTIM}/case/", {"case_type": "marac", "agency": "advocate", "part": "harmed"}))
    case = f"/cases/{row(JointCase).pk}/"
    done(
        advocate.post(
            case, {"kind": "subject", "subject-part": "accused", "subject-name_apart": "CANARY-of-the-accused"}
        )
    )
    return advocate, f"{case}response/"


def test_the_response_is_one_plan_over_what_stands_elsewhere(marac):
    advocate, address = marac
    page = advocate.get(address).content.decode()
    assert page.index("Safe contact") < page.index("Health and forensic examination")
    assert "no safe way that you may see is confirmed" in page
    assert "Nothing planned" in page and "CANARY-of-the-accused" not in page
    assert "Therapy after harm" in page and "Crown Court trial" in page, "waits of the run"
    at = timezone.localtime() - dt.timedelta(hours=30)
    event = {"kind": "event", "event-kind": "incident", "event-at": f"{at:%Y-%m-%d %H:%M}", "event-enhanced": ""}
    refused(advocate.post(address, event), "Choose what happened")
    done(advocate.post(address, {**event, "event-act_oral": "yes", "event-act_vaginal": "yes"}))
    page = advocate.get(address).content.decode()
    assert "Vaginal samples" in page and "Samples from the mouth" in page and "Anal samples" not in page
    decision = {**event, "event-kind": "decision", "event-enhanced": "yes"}
    refused(advocate.post(address, {**decision, "event-act_oral": "yes"}), "Leave it out")
    done(advocate.post(address, decision))
    page = advocate.get(address).content.decode()
    assert "1 working day under enhanced rights" in page and "Victims&#39; Code 2021" in page
    kept = row(ResponseEvent, kind="decision")
    ended = {"kind": "ended", "event": str(kept.pk), "version": "1", "ended-day": f"{today()}"}
    done(advocate.post(address, ended))
    refused(advocate.post(address, {**ended, "version": "2"}), "There is no such step")
    action = {"kind": "action", "strand": "therapy", "action-words": "Book the assessment",
              "action-team": "harbour-advocacy", "action-due_on": f"{today() + dt.timedelta(days=2)}"}  # fmt: skip
    refused(advocate.post(address, {**action, "strand": "apart"}), "There is no such step")
    done(advocate.post(address, action))
    page = advocate.get(address).content.decode()
    therapy = re.search(r'id="strand-therapy".*?</section>', page, re.DOTALL)[0]
    assert "Book the assessment" in therapy and "<strong>Next:</strong> Book the assessment" in therapy
    assert not [name for name, token in CANARIES.items() if token in page]


def test_whether_enhanced_rights_apply_is_asked_and_never_silently_no(marac):
    advocate, address = marac
    at = timezone.localtime() - dt.timedelta(hours=30)
    event = {"kind": "event", "event-kind": "decision", "event-at": f"{at:%Y-%m-%d %H:%M}", "event-enhanced": ""}
    refused(advocate.post(address, event), "Say whether enhanced rights apply, or that it is not known yet")
    assert not row_exists(ResponseEvent)
    done(advocate.post(address, {**event, "event-enhanced": "unknown"}))
    page = advocate.get(address).content.decode()
    assert row(ResponseEvent).is_enhanced is None and "1 working day under enhanced rights" in page
    assert "whether enhanced rights apply is not known: the shorter time counts" in page
    kept = row(ResponseEvent)
    known = {"kind": "correct", "event": str(kept.pk), "version": "1", "correct-reason": "learned_later",
             "correct-at": f"{at:%Y-%m-%d %H:%M}", "correct-enhanced": "no", "correct-ended_on": ""}  # fmt: skip
    done(advocate.post(address, known))
    assert "1 working day under enhanced rights" not in advocate.get(address).content.decode()


def row_exists(model) -> bool:
    with known_asker():
        return model.objects.exists()


def test_what_started_a_clock_is_corrected_and_what_stood_there_stays(marac, client_of):
    advocate, address = marac
    at = timezone.localtime() - dt.timedelta(hours=30)
    event = {"kind": "event", "event-kind": "decision", "event-at": f"{at:%Y-%m-%d %H:%M}", "event-enhanced": "no"}
    done(advocate.post(address, event))
    first = row(ResponseEvent)
    done(advocate.post(address, {"kind": "ended", "event": str(first.pk), "version": "1", "ended-day": f"{today()}"}))
    right = {"kind": "correct", "event": str(first.pk), "version": "2", "correct-reason": "typed_wrong",
             "correct-at": f"{at:%Y-%m-%d %H:%M}", "correct-enhanced": "no", "correct-ended_on": ""}  # fmt: skip
    refused(advocate.post(address, {**right, "correct-ended_on": f"{today()}"}), "That is what stands there")
    refused(advocate.post(address, {**right, "correct-reason": ""}), "Choose why it is corrected")
    refused(advocate.post(address, {**right, "version": "1"}), "Somebody else changed this", 409)
    done(advocate.post(address, right))
    with known_asker():
        old, new = ResponseEvent.objects.get(pk=first.pk), ResponseEvent.objects.get(wrong_at=None)
    assert (old.wrong_because, old.wrong_by, old.ended_on) == ("typed_wrong", "test-advocate", today())
    assert (new.instead_of, new.ended_on, new.at) == (first.pk, None, first.at), "the end of the clock was wrong"
    page = advocate.get(address).content.decode()
    assert "Before it was corrected" in page and "Write down when it was done" in page
    again = {**right, "event": str(new.pk), "version": "1", "correct-reason": "not_so"}
    done(advocate.post(address, again))
    page = advocate.get(address).content.decode()
    assert "Written down, and not so" in page and "Write down when it was done" not in page
    refused(advocate.post(address, again), "There is no such step")


def test_what_happened_is_corrected_by_seats_that_are_shown_it_alone(marac, client_of):
    advocate, address = marac
    at = timezone.localtime() - dt.timedelta(hours=3)
    event = {"kind": "event", "event-at": f"{at:%Y-%m-%d %H:%M}", "event-act_anal": "yes", "event-kind": "incident"}
    done(advocate.post(address, event))
    kept = row(ResponseEvent)
    right = {"kind": "correct", "event": str(kept.pk), "version": "1", "correct-reason": "typed_wrong",
             "correct-at": f"{at:%Y-%m-%d %H:%M}", "correct-act_oral": "yes"}  # fmt: skip
    seat("test-responder", "vale-hospital", "housing")
    housing = client_of("responder", "victim_response")
    refused(housing.post(address, right), "There is no such step")
    viewer = Viewer("test-responder", "responder", VICTIM_RESPONSE, REFERENCE, "test")
    with as_pages(), looking(viewer):
        wrong = {"wrong_at": timezone.now(), "wrong_by": "test-responder", "wrong_because": "not_so"}
        assert ResponseEvent.objects.filter(kind="incident").update(**wrong) == 0
    done(advocate.post(address, right))
    page = advocate.get(address).content.decode()
    assert "Samples from the mouth" in page and "Anal samples" not in page
    assert "Anal penetration" in page, "what stood there is kept, for who is shown what happened"
    assert "penetration" not in housing.get(address).content.decode().lower()


def test_a_confirmed_way_is_said_and_not_shown(marac):
    advocate, address = marac
    done(advocate.post(
        f"/people/{VICTIM}/contact/",
        {"kind": "contact", "contact-channels": "letter", "contact-contacts": "CANARY 9 Mill Lane"},
    ))  # fmt: skip
    assert "no safe way that you may see" in advocate.get(address).content.decode(), "one human alone confirms nothing"
    with known_asker():
        SafeContact.objects.update(second_by="test-ig_lead", second_at=timezone.now())
    page = advocate.get(address).content.decode()
    assert "a safe way is confirmed" in page and "Mill Lane" not in page


def test_the_two_sides_are_pages_apart_and_each_seat_finds_its_own(marac, client_of):
    advocate, address = marac
    apart = f"{address}accused/"
    page = advocate.get(apart).content.decode()
    assert "CANARY-of-the-accused" in page and VICTIM not in page
    action = {"kind": "action", "action-words": "Consider an order", "action-team": "harbour-advocacy",
              "action-due_on": f"{today()}"}  # fmt: skip
    done(advocate.post(apart, action))
    assert "Consider an order" in advocate.get(apart).content.decode()
    assert "Consider an order" not in advocate.get(address).content.decode()
    kept = row(CareAction)
    taken = {"kind": "step", "action": str(kept.pk), "step": "complete", "version": "1", "code": "done"}
    refused(advocate.post(apart, {**taken, "action": "x"}), "There is no such thing")
    refused(advocate.post(apart, {"kind": "fly"}), "There is no such step")
    done(advocate.post(apart, taken))
    refused(advocate.post(apart, taken), "done by now")
    case = address.removesuffix("response/")
    absent = "/cases/00000000-0000-4000-8000-000000000000/response/"
    # Health is shown whoever was harmed and nothing of who is accused: there is no other side for it, on no page.
    seat("test-responder", "vale-hospital", "health")
    health = client_of("responder", "victim_response")
    assert health.get(address).status_code == 200
    for url in (apart, absent):
        assert (health.get(url).status_code, health.post(url, action).status_code) == (404, 404)
    assert "accused" not in health.get(address).content.decode().lower()
    for url in (case, "/work-list/"):
        assert "Consider an order" not in health.get(url).content.decode(), url
    # Probation is shown who is accused alone.
    seat("test-responder", "vale-hospital", "probation")
    probation = client_of("responder", "victim_response")
    assert (probation.get(address).status_code, probation.get(apart).status_code) == (404, 200)
    seen = probation.get(apart).content.decode()
    assert VICTIM not in seen and "/people/" not in re.search(r"<main.*?</main>", seen, re.DOTALL)[0]
    viewer = Viewer("test-responder", "responder", VICTIM_RESPONSE, REFERENCE, "test")
    with as_pages(), looking(viewer) as sight, pytest.raises(NotThere):
        response.get_response(sight, row_id())
    with as_pages(), looking(viewer) as sight:
        assert response.get_apart(sight, row_id()).names == ("CANARY-of-the-accused",)
    seat("test-responder", "vale-hospital", "police", sight="own")
    restricted = client_of("responder", "victim_response")
    assert (restricted.get(address).status_code, restricted.get(apart).status_code) == (404, 404)


def row_id():
    """The id of the one case, as the owner of the tables."""
    with known_asker():
        return JointCase.objects.values_list("pk", flat=True).get()


def test_what_happened_is_there_for_seats_that_are_shown_it(marac, client_of):
    advocate, address = marac
    at = timezone.localtime() - dt.timedelta(hours=3)
    event = {"kind": "event", "event-at": f"{at:%Y-%m-%d %H:%M}", "event-act_anal": "yes", "event-kind": "incident"}
    done(advocate.post(address, event))
    seat("test-responder", "vale-hospital", "housing")
    housing = client_of("responder", "victim_response")
    page = housing.get(address).content.decode()
    assert "Anal samples" not in page and "What happened" not in page
    assert housing.post(address, event).status_code == 400
    with as_pages(), looking(Viewer("test-responder", "responder", VICTIM_RESPONSE, REFERENCE, "test")):
        assert not ResponseEvent.objects.exists()
    with known_asker():
        assert ResponseEvent.objects.count() == 1
        assert not ReturnLine.objects.exists() and not CareAction.objects.exists()


def test_whoever_only_sees_the_case_takes_no_step(marac, client_of):
    _, address = marac
    seat("test-responder", "vale-hospital", "health", right="view")
    client = client_of("responder", "victim_response")
    page = client.get(address).content.decode()
    assert "Make an action" not in page
    case = address.removesuffix("response/")
    refused(tick(client, case, "dash", "take", 0), "not work on it")
    viewer = Viewer("test-responder", "responder", VICTIM_RESPONSE, REFERENCE, "test")
    with as_pages(), looking(viewer) as sight, pytest.raises(NotPossible, match="see the case and not work"):
        readiness.take_step(sight, row_id(), "dash", 0, "take", Given())


def statements_of(client, address: str) -> int:
    """How often a page asks the database; it is asked once before."""
    assert client.get(address).status_code == 200
    with CaptureQueriesContext(connection) as captured:
        client.get(address)
    return len(captured)


def test_no_page_asks_more_often_where_a_case_has_more_of_everything(teams, client_of):
    counts = {}
    for role, purpose, person in (("practitioner", "school_from_ta", CHILD), ("advocate", VICTIM_RESPONSE, VICTIM)):
        joint = put_joint(person, f"test-{role}", purpose)
        client = client_of(role, purpose)
        pages = ("readiness/", "move/") if role == "practitioner" else ("readiness/", "response/", "response/accused/")
        addresses = [f"/cases/{joint.case}/{page}" for page in pages] + ["/work-list/"]
        with known_asker():
            case, now, team = JointCase.objects.get(pk=joint.case), timezone.now(), Team.objects.first()
            CareAction.objects.create(
                case=case, team=team, words="The first", due_on=today(), made_by="x", strand="apart"
            )
        before = {address: statements_of(client, address) for address in addresses}
        with known_asker():
            for number in range(11):
                put_beside(case, person, User.objects.get(username=f"test-{role}"), purpose, now, first=False)
                for strand in ("apart", "therapy"):
                    CareAction.objects.create(
                        case=case, team=team, words=f"To do {number}", due_on=today(), made_by="x", strand=strand
                    )
        counts |= {address: (before[address], statements_of(client, address)) for address in addresses}
    assert {address: count for address, count in counts.items() if count[1] > count[0]} == {}
    assert max(after for _, after in counts.values()) <= 56, counts


def test_whoever_is_kept_from_somebody_of_the_case_finds_none_of_its_pages(marac, client_of):
    advocate, address = marac
    with known_asker():
        ExclusionEntry.objects.create(
            subject_id=VICTIM, reason="staff_knows", barred_username="test-advocate", entered_by="test-ig_lead"
        )
        renew_effects()
    absent = "/cases/00000000-0000-4000-8000-000000000000"
    case = address.removesuffix("/response/")
    for page in ("/readiness/", "/response/", "/response/accused/", "/move/"):
        assert advocate.get(case + page).status_code == advocate.get(absent + page).status_code == 404, page
    viewer = Viewer("test-advocate", "advocate", VICTIM_RESPONSE, REFERENCE, "test")
    with as_pages(), looking(viewer):
        for table in (CaseReadiness, ResponseEvent, PlannedMove, CareAction, UnreadyDecision, MoveNotice):
            assert not table.objects.exists(), table


def test_what_a_meeting_decides_about_who_is_accused_is_of_their_side(marac, client_of):
    advocate, address = marac
    seat("test-coordinator", "vale-authority", "coordination")
    seat("test-responder", "vale-hospital", "health")
    with known_asker():
        meeting = Meeting.objects.create(
            reference="MT-1", case_type="marac", purpose=VICTIM_RESPONSE, chair="test-coordinator",
            organisation="vale-authority", starts_at=timezone.now(), state="in_session",
        )  # fmt: skip
        item = AgendaItem.objects.create(meeting=meeting, case=JointCase.objects.get(), position=1)
    decide = {"kind": "decide", "version": "1", "decide-decision": "disrupt", "decide-reason": "It goes on",
              "decide-words_1": "Consider an order", "decide-team_1": "vale-coordination",
              "decide-due_1": f"{today()}"}  # fmt: skip
    chair = client_of("coordinator", VICTIM_RESPONSE)
    done(chair.post(f"/agenda/{item.pk}/", decide))
    assert row(CareAction).strand == "apart"
    health = client_of("responder", VICTIM_RESPONSE)
    assert "Consider an order" not in health.get(f"/agenda/{item.pk}/").content.decode()
    assert "Consider an order" not in health.get(address).content.decode()
    assert "Consider an order" in advocate.get(f"{address}accused/").content.decode()
    assert f"/agenda/{item.pk}/" in advocate.get(address.removesuffix("response/")).content.decode(), "its meetings"


@pytest.mark.parametrize(
    ("agency", "right", "sight", "may"),
    [
        ("health", "edit", "whole", {"own item", "move", "report", "incident"}),
        ("health", "edit", "own", {"own item"}),
        ("health", "view", "whole", set()),
        ("housing", "edit", "whole", {"own item", "move", "report"}),
        ("probation", "edit", "whole", {"own item", "move", "apart"}),
    ],
)
def test_the_database_lets_nobody_write_what_their_seat_may_not(marac, agency, right, sight, may):
    """Past every rule and page: each row is put in as the role of the pages, and the policies alone decide."""
    seat("test-responder", "vale-hospital", agency, sight=sight, right=right)
    case, me, now = row_id(), {"changed_by": "test-responder"}, timezone.now()
    with known_asker():
        team = Team.objects.get(pk="harbour-advocacy")
    writes = {
        "own item": CaseReadiness(case_id=case, item="dash", agency=agency, **me),
        "others item": CaseReadiness(case_id=case, item="safe_contact", agency="advocate", **me),
        "for somebody else": CaseReadiness(case_id=case, item="other", agency=agency, changed_by="test-advocate"),
        "day": ReadinessDay(case_id=case, what="hearing", day=today(), set_by="test-responder"),
        "move": PlannedMove(case_id=case, planned_on=today(), leaves_district=True, made_by="test-responder"),
        "report": ResponseEvent(case_id=case, kind="report", at=now, entered_by="test-responder"),
        "incident": ResponseEvent(case_id=case, kind="incident", at=now, acts=["oral"], entered_by="test-responder"),
        "apart": CareAction(
            case_id=case, team=team, words="Words", due_on=today(), made_by="test-responder", strand="apart"
        ),
    }
    viewer = Viewer("test-responder", "responder", VICTIM_RESPONSE, REFERENCE, "test")
    written = set()
    for name, made in writes.items():
        with as_pages(), looking(viewer):
            try:
                with transaction.atomic():
                    type(made).objects.append_one(made)
                written.add(name)
            except ProgrammingError as refusal:
                assert "row-level security" in str(refusal), name
    assert written == may
    with as_pages(), looking(viewer):
        changed = CaseReadiness.objects.exclude(agency=agency).update(state="done", evidence="x", **me)
        assert (changed, JointCase.objects.filter(state="open").count()) == (0, 1)


@pytest.mark.parametrize("is_there", [True, False])
def test_closing_a_case_tells_nothing_of_the_other_side_and_leaves_it_with_its_team(marac, client_of, is_there):
    """The lead sits in the seat of health, which is shown nothing of who is accused; a seat of the police is."""
    advocate, address = marac
    case = address.removesuffix("response/")
    if is_there:
        action = {"kind": "action", "action-words": "Consider an order", "action-team": "harbour-advocacy",
                  "action-due_on": f"{today()}"}  # fmt: skip
        done(advocate.post(f"{address}accused/", action))
    with known_asker():
        CaseMember.objects.update(is_lead=False, agency="police")
    seat("test-responder", "vale-hospital", "health")
    with known_asker():
        CaseMember.objects.filter(username="test-responder").update(is_lead=True)
    lead = client_of("responder", "victim_response")
    before = lead.get(case).content.decode()
    assert "Consider an order" not in before and "a side that you are not shown" in before
    done(lead.post(case, {"kind": "close", "close-outcome": "risk_lower", "version": "1"}))
    assert row(JointCase).state == "closed", "the answer is the same whether or not something is to do there"
    if not is_there:
        return
    kept = row(CareAction)
    assert kept.state == "open"
    apart = f"{address}accused/"
    assert "Consider an order" in advocate.get("/work-list/").content.decode(), "its team has it as before"
    with known_asker():
        CareAction.objects.update(due_on=today() - dt.timedelta(days=1))
    assert "owns it too" in advocate.get(apart).content.decode(), "and it rises by the clock"
    step = {"kind": "step", "action": str(kept.pk), "version": "1"}
    done(advocate.post(apart, {**step, "step": "complete", "code": "done"}))
    refused(advocate.post(apart, {**step, "step": "check", "version": "2"}), "Nobody checks what they did themselves")
    seat("test-coordinator", "vale-authority", "coordination")
    other = client_of("coordinator", "victim_response")
    assert "Consider an order" in other.get("/work-list/").content.decode(), (
        "it is to be checked by a seat of that side"
    )
    done(other.post(apart, {**step, "step": "check", "version": "2"}))
    assert row(CareAction).state == "checked"
    assert "Consider an order" not in lead.get("/work-list/").content.decode()


def test_where_the_lead_is_shown_that_side_nobody_else_checks_it(marac, client_of):
    advocate, address = marac
    action = {"kind": "action", "action-words": "Consider an order", "action-team": "harbour-advocacy",
              "action-due_on": f"{today()}"}  # fmt: skip
    done(advocate.post(f"{address}accused/", action))
    seat("test-coordinator", "vale-authority", "coordination")
    other = client_of("coordinator", "victim_response")
    step = {"kind": "step", "action": str(row(CareAction).pk), "version": "1", "step": "cancel", "code": "not_needed"}
    refused(other.post(f"{address}accused/", step), "Only the lead professional")
    case = address.removesuffix("response/")
    refused(advocate.post(case, {"kind": "close", "close-outcome": "risk_lower", "version": "1"}), "1 of its actions")
