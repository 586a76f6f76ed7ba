"""The canary scanner on the side of who is accused: in no page, paper, plan or own view of whoever is not shown it.

A whole conference is played, its minutes are sent, and a plan is read by the person it is about. What comes out by each
of these ways is looked through as it left, with everything unfolded that is packed in it.
"""

import re

import pytest
from django.test import Client
from sample_run import VICTIM
from test_care_sides import ACCUSED, GROUNDS, TO_ARREST, WHY, begin, conference, decide_apart, give, seat, today
from test_care_steps import acting_as, teams  # noqa: F401
from test_web_minutes import HARBOUR, HOSPITAL, deliver, place, send  # noqa: F401

from braid.care.links import ViewWanted
from braid.trust.roles import VICTIM_RESPONSE
from braid.web.care import meetings, minutes, own_views, plans
from braid.web.care.meetings import AnswerGiven
from braid.web.models import AgendaItem, CareAction, CaseSubject, GoalAction, JointPlan, Meeting, PlanGoal
from braid.web.watch import known_asker
from canaries.needles import Canary
from canaries.scan import Report, Scanner

pytestmark = pytest.mark.django_db
OF_THE_ACCUSED = {
    "action": TO_ARREST,
    "reason": WHY,
    "note": "CANARY-note-of-the-accused",
    "correction": "CANARY-correction-of-the-accused",
    "line": "CANARY-line-of-the-accused",
    "dissent": "CANARY-dissent-of-the-accused",
}
NAME = {"name": ACCUSED}
OF_THE_HARMED = {
    "note": "CANARY-note-of-the-harmed",
    "line": "CANARY-line-of-the-harmed",
    "action": "CANARY-action-for-the-harmed",
    "goal": "CANARY-goal-of-the-harmed",
    "reason": "CANARY-reason-of-the-harmed",
}


def scanner_of(canaries: dict[str, str]) -> Scanner:
    return Scanner([Canary(name, "words", value) for name, value in canaries.items()])


@pytest.fixture
def played() -> tuple[Meeting, AgendaItem, str]:
    """A conference to the agreed minutes, with words of both sides by every way, and a code for their own view."""
    meeting, item = conference(to="gathering")
    lines = [
        AnswerGiven("risk", "accused", OF_THE_ACCUSED["line"], {}),
        AnswerGiven("risk", "harmed", OF_THE_HARMED["line"], {}),
    ]
    give("advocate", item, 1, *lines, grounds=GROUNDS)
    begin(meeting)
    with acting_as("advocate", VICTIM_RESPONSE) as sight:
        meetings.write_note(sight, item.pk, OF_THE_ACCUSED["note"], "accused")
        meetings.write_note(sight, item.pk, OF_THE_HARMED["note"], "harmed")
    decide_apart(item)
    with acting_as("advocate", VICTIM_RESPONSE) as sight:
        meetings.dissent(sight, item.pk, OF_THE_ACCUSED["dissent"])
    with acting_as("coordinator", VICTIM_RESPONSE) as sight:
        meetings.take_meeting_step(sight, meeting.pk, 4, "end")
    with acting_as("advocate", VICTIM_RESPONSE) as sight:
        minutes.amend(sight, item.pk, OF_THE_ACCUSED["correction"], "accused")
    with acting_as("coordinator", VICTIM_RESPONSE) as sight:
        meetings.take_meeting_step(sight, meeting.pk, 5, "agree")
    return meeting, item, plan_of(item)


def plan_of(item: AgendaItem) -> str:
    """A plan that was sent for approval, with the apart action linked as its owner could, and a code for it."""
    with acting_as("advocate", VICTIM_RESPONSE) as sight:
        plans.begin(sight, item.case_id)
        subject = CaseSubject.objects.get(case_id=item.case_id, part="harmed")
        plans.add_goal(sight, item.case_id, 1, subject.pk, OF_THE_HARMED["goal"], "person", today(20))
        goal = PlanGoal.objects.get()
        plans.add_action(sight, item.case_id, 2, goal.pk, OF_THE_HARMED["action"], "harbour-advocacy", today(3))
    with known_asker():
        apart = CareAction.objects.get(strand="apart")
        GoalAction.objects.create(plan=JointPlan.objects.get(), goal=goal, action=apart)
    with acting_as("advocate", VICTIM_RESPONSE) as sight:
        plans.set_review_day(sight, item.case_id, 3, today(20))
        plans.propose(sight, item.case_id, 4)
        return own_views.make_view(sight, item.case_id, subject.pk, ViewWanted("agree", "in_person", 5, "fits"))


def subject_of(item: AgendaItem) -> int:
    with known_asker():
        return CaseSubject.objects.get(case_id=item.case_id, part="harmed").pk


def addresses(meeting: Meeting, item: AgendaItem) -> list[str]:
    case = f"/cases/{item.case_id}/"
    of_case = [
        "",
        "people/",
        "readiness/",
        "response/",
        "response/accused/",
        "plan/",
        "plan/1/",
        f"plan/1/?for={subject_of(item)}",
    ]
    of_meeting = ["", "agenda/", "agenda.ics", "minutes/", "follow/"]
    return [
        *(case + page for page in of_case),
        *(f"/meetings/{meeting.pk}/{page}" for page in of_meeting),
        f"/agenda/{item.pk}/",
        *("/cases/", "/meetings/", "/work-list/", "/messages/", f"/people/{VICTIM}/"),
    ]


def read_all(client: Client, meeting: Meeting, item: AgendaItem, scanner: Scanner) -> tuple[Report, int]:
    """Look at each address and each that pages name of the case; return what was found, and how many were open."""
    report, seen, shown = Report(), set(), 0
    waiting = addresses(meeting, item)
    while waiting:
        address = waiting.pop()
        if address in seen:
            continue
        seen.add(address)
        answer = client.get(address)
        content = answer.getvalue()
        shown += answer.status_code == 200
        scanner.scan_bytes(address, content + repr(sorted(answer.headers.items())).encode(), report)
        found = re.findall(r'href="(/(?:cases|meetings|agenda)/[^"#?]*)"', content.decode(errors="replace"))
        waiting += [one for one in found if len(seen) < 60]
    return report, shown


@pytest.mark.parametrize(
    ("agency", "sight"),
    [("health", "whole"), ("housing", "whole"), ("education", "whole"), ("mental_health", "whole"), ("police", "own")],
)
def test_no_page_holds_a_canary_of_who_is_accused_for_a_seat_that_is_not_shown_them(
    teams,  # noqa: F811
    client_of,
    played,
    agency,
    sight,
):
    meeting, item, _ = played
    seat(agency, sight)
    is_asked = agency in ("health", "mental_health", "police")
    scanner = scanner_of(OF_THE_ACCUSED if is_asked else OF_THE_ACCUSED | NAME)
    report, shown = read_all(client_of("responder", VICTIM_RESPONSE), meeting, item, scanner)
    assert shown >= 8 and report.unopened == [] and sorted(report.hits) == []


def test_the_scanner_finds_each_canary_where_a_seat_is_shown_them(teams, client_of, played):  # noqa: F811
    meeting, item, _ = played
    scanner = scanner_of(OF_THE_ACCUSED | NAME)
    report, _ = read_all(client_of("advocate", VICTIM_RESPONSE), meeting, item, scanner)
    assert {hit.canary for hit in report.hits} == set(OF_THE_ACCUSED | NAME)


def test_no_page_holds_a_canary_of_who_was_harmed_for_a_seat_that_is_shown_who_is_accused(
    teams,  # noqa: F811
    client_of,
    played,
):
    meeting, item, _ = played
    seat("probation")
    report, shown = read_all(client_of("responder", VICTIM_RESPONSE), meeting, item, scanner_of(OF_THE_HARMED))
    assert shown >= 8 and sorted(report.hits) == []


def test_no_paper_that_leaves_holds_a_canary_of_who_is_accused_for_a_seat_that_is_not_shown_them(
    place,  # noqa: F811
    played,
    tmp_path,
):
    meeting, _, _ = played
    scanner = scanner_of(OF_THE_ACCUSED | NAME)
    send(meeting, [HOSPITAL])
    assert deliver(place) == {"sent": 1}
    report = Report()
    scanner.scan_folder(tmp_path / "spool", report)
    assert report.files >= 1 and report.unopened == [] and sorted(report.hits) == []
    send(meeting, [HARBOUR])
    assert deliver(place) == {"sent": 1}
    scanner.scan_folder(tmp_path / "spool", report)
    said = set(OF_THE_ACCUSED) - {"line"}
    assert {hit.canary for hit in report.hits} == said, "the advocate's copy; minutes hold no return and no name"


def test_the_own_view_and_the_plan_hold_no_canary_of_who_is_accused(teams, client_of, played):  # noqa: F811
    _, item, code = played
    scanner, report = scanner_of(OF_THE_ACCUSED | NAME), Report()
    own = Client().post("/own/", {"code": code}).content
    assert OF_THE_HARMED["action"].encode() in own, "it is their plan"
    scanner.scan_bytes("/own/", own, report)
    advocate = client_of("advocate", VICTIM_RESPONSE)
    for page in ("plan/", "plan/1/", f"plan/1/?for={subject_of(item)}", "plan/views/"):
        answer = advocate.get(f"/cases/{item.case_id}/{page}")
        assert answer.status_code == 200, page
        scanner.scan_bytes(page, answer.content, report)
    assert sorted(report.hits) == []
