"""The pages of joint plans, as forms that are filled in and sent: each step by the user whose step it is."""

import re

import pytest
from sample_run import VICTIM
from test_care_pages import done, people  # noqa: F401 - a fixture
from test_care_steps import join, open_marac, teams  # noqa: F401 - a fixture
from test_plan_steps import GOAL, soon, subject_of, version

from braid.web.models import CareAction, JointPlan, OwnView, PersonIdentity
from braid.web.watch import known_asker

pytestmark = pytest.mark.django_db


@pytest.fixture
def case_id(people):  # noqa: F811
    made = open_marac().pk
    join(made, "hospital-safeguarding", "health", "responder")
    join(made, "vale-coordination", "coordination", "coordinator", sight_of_case="own")
    return made


def send(client, case_id, kind: str, **given: object):
    """Send a form of the plan as its page would, with the version that stands."""
    with known_asker():
        stands = version(case_id) if JointPlan.objects.exists() else 0
    fields = {f"{kind}-{name}": str(value) for name, value in given.items()}
    return client.post(f"/cases/{case_id}/plan/", {"kind": kind, "version": str(stands), **fields})


def goal_of(page: str) -> str:
    return re.search(r'name="goal" value="([^"]+)"', page)[1]


def test_a_plan_from_its_draft_to_its_second_version(people, case_id):  # noqa: F811
    advocate, coordinator, hospital = people["advocate"], people["coordinator"], people["responder"]
    address = f"/cases/{case_id}/plan/"
    assert "There is no plan yet" in advocate.get(address).content.decode()
    assert address in advocate.get(f"/cases/{case_id}/").content.decode()
    done(send(advocate, case_id, "begin"))
    subject = subject_of(case_id)
    told = {"subject": subject, "whose": "person", "target_on": soon()}
    where = send(advocate, case_id, "goal", words="A flat away from M1 1AE", **told)
    assert where.status_code == 400 and "Take that out" in where.content.decode() and "M1 1AE" in where.content.decode()
    done(send(advocate, case_id, "goal", words=GOAL, **told))
    goal = goal_of(advocate.get(address).content.decode())
    action = {"goal": goal, "words": "Go through the safety plan", "team": "harbour-advocacy", "due_on": soon(3)}
    done(send(advocate, case_id, "action", **action))
    done(send(advocate, case_id, "action", **{**action, "words": "Book a room", "team": "vale-coordination"}))
    done(send(advocate, case_id, "review_day", day=soon(20)))
    done(send(advocate, case_id, "propose"))
    assert address in hospital.get("/work-list/").content.decode()
    restricted = coordinator.get(address).content.decode()
    assert "Book a room" in restricted and GOAL not in restricted and "safety plan" not in restricted
    changed = send(hospital, case_id, "ask_change", reason="missing", words="A follow-up at the clinic")
    done(changed)
    assert "A follow-up at the clinic" in advocate.get(address).content.decode()
    done(send(advocate, case_id, "propose"))
    for client in (hospital, advocate, coordinator):
        done(send(client, case_id, "approve"))
    page = advocate.get(address).content.decode()
    assert "Approved" in page and "Begin a new version" in page
    done(send(advocate, case_id, "review", result_1="on_the_way", words_1="Better", next_on=soon(40)))
    assert "At the last review: on the way" in advocate.get(address).content.decode()
    done(send(advocate, case_id, "begin"))
    page = advocate.get(address).content.decode()
    assert "version 2" in page and GOAL in page
    assert "Approved" in advocate.get(f"{address}1/").content.decode()
    assert advocate.get(f"{address}3/").status_code == advocate.get(f"{address}0/").status_code == 404
    done(send(advocate, case_id, "end", reason="in_error"))
    assert "version 1" in advocate.get(address).content.decode(), "the one that holds"


def test_the_printed_plan_has_plain_words_and_nobodys_name(people, case_id):  # noqa: F811
    advocate, coordinator = people["advocate"], people["coordinator"]
    done(send(advocate, case_id, "begin"))
    subject = subject_of(case_id)
    done(send(advocate, case_id, "goal", words=GOAL, subject=subject, whose="person", target_on=soon()))
    with known_asker():
        who = PersonIdentity.objects.get(pk=VICTIM)
    version_page = advocate.get(f"/cases/{case_id}/plan/1/").content.decode()
    assert f"?for={subject}" in version_page
    paper = advocate.get(f"/cases/{case_id}/plan/1/?for={subject}").content.decode()
    assert GOAL in paper and who.family_name not in paper and "not agreed yet" in paper
    assert not {word for word in ("Braid", "dvocate", "MARAC", "Weather") if word in paper}, "whose paper it is"
    for wrong in ("999", "x", "-1"):
        assert advocate.get(f"/cases/{case_id}/plan/1/?for={wrong}").status_code == 404
    assert coordinator.get(f"/cases/{case_id}/plan/1/?for={subject}").status_code == 404, "own part alone"


def test_who_changes_what_somebody_else_changed_reads_it_and_keeps_their_words(people, case_id):  # noqa: F811
    advocate, hospital = people["advocate"], people["responder"]
    done(send(advocate, case_id, "begin"))
    told = {"goal-subject": str(subject_of(case_id)), "goal-whose": "person", "goal-target_on": f"{soon()}"}
    first = {"kind": "goal", "version": "1", "goal-words": "The first", **told}
    done(advocate.post(f"/cases/{case_id}/plan/", first))
    late = hospital.post(f"/cases/{case_id}/plan/", {**first, "goal-words": "The second"})
    assert late.status_code == 409
    text = late.content.decode()
    assert "Somebody else changed this" in text and "The first" in text and "The second" in text


def test_views_are_made_by_the_lead_and_seen_by_who_sees_the_whole(people, case_id):  # noqa: F811
    advocate, coordinator, hospital = people["advocate"], people["coordinator"], people["responder"]
    address = f"/cases/{case_id}/plan/views/"
    assert coordinator.get(address).status_code == 404
    wanted = {"kind": "make", "subject": str(subject_of(case_id)), "aim": "follow", "hand_over": "in_person"}
    for days in ("0", "29", "x", ""):
        refused = advocate.post(address, {**wanted, "days": days, "fits": "kept"})
        assert refused.status_code == 400 and "from 1 to 28" in refused.content.decode()
        assert "kept" in refused.content.decode()
    refused = hospital.post(address, {**wanted, "days": "7", "fits": "Asked for it"})
    assert refused.status_code == 400 and "lead professional" in refused.content.decode()
    assert "The code" in advocate.post(address, {**wanted, "days": "7", "fits": "Asked for it"}).content.decode()
    with known_asker():
        made = OwnView.objects.get()
        assert not CareAction.objects.exists()
    assert made.reference in hospital.get(address).content.decode()
    done(advocate.post(address, {"kind": "revoke", "view": str(made.pk)}))
    assert "Revoked" in advocate.get(address).content.decode()
    for view in ("x", "00000000-0000-4000-8000-000000000000"):
        assert advocate.post(address, {"kind": "revoke", "view": view}).status_code in (400, 404)
    assert advocate.post(address, {"kind": "nothing"}).status_code == 400
    assert advocate.post(f"/cases/{case_id}/plan/", {"kind": "nothing"}).status_code == 400
