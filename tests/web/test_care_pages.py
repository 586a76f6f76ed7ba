"""The pages of joint work, as forms that are filled in and sent: each step by the user whose step it is."""

import datetime as dt
import re

import pytest
from care_teams import make_teams
from django.utils import timezone
from published_sample import ENTRIES
from sample_run import CHILD, VICTIM

from braid.language.rule_files import RulesInvalid
from braid.trust.roles import SCHOOL_FROM_TA
from braid.web.case_type_files import FOLDER_SETTING, case_types
from braid.web.models import AgendaItem, CareAction, CaseOffer, CaseOpening, JointCase, Meeting, Referral
from braid.web.organisation_names import organisation_words
from braid.web.row_security import write_case_openings
from braid.web.served_place import PLACE_SETTING
from braid.web.watch import known_asker

pytestmark = pytest.mark.django_db


@pytest.fixture
def teams(published):
    """A team for each organisation at the table."""
    make_teams()


@pytest.fixture
def people(teams, client_of):
    """Clients that said why they look: of the advocate, the coordinator and the hospital, for victim response."""
    return {role: client_of(role, "victim_response") for role in ("advocate", "coordinator", "responder")}


def row(model):
    """The one row of a table."""
    with known_asker():
        return model.objects.get()


def done(answer) -> None:
    """The step was taken: the page leads on, and says no fault."""
    assert answer.status_code == 302, re.findall(r"error-summary.*?</div>", answer.content.decode(), re.DOTALL)[:2]


def test_a_referral_is_sent_refused_parked_and_not_sent_again_before_its_day(teams, client_of):
    practitioner, hospital = client_of("practitioner", "school_from_ta"), client_of("partner", "school_from_ta")
    sent = {"team": "hospital-safeguarding", "service": "health", "urgency": "urgent", "note": "Asthma", "since": ""}
    done(practitioner.post(f"/people/{CHILD}/refer/", sent))
    inbox = hospital.get("/work-list/").content.decode()
    address = f"/referrals/{row(Referral).pk}/"
    assert address in inbox and "Waiting" in inbox
    assert re.search(r"end of \d+ \w+ 20\d\d", inbox), (
        "a working day ends with the day, and not at nought the day after"
    )
    page = hospital.get(address).content.decode()
    assert "Asthma" in page and "Accept" in page
    tomorrow = timezone.localdate() + dt.timedelta(days=1)
    refused = {"step": "refuse", "version": "1", "refusal": "no_capacity", "parked_until": f"{tomorrow}"}
    done(hospital.post(address, refused))
    again = practitioner.post(f"/people/{CHILD}/refer/", sent)
    assert again.status_code == 400 and "parked until" in again.content.decode()
    assert "no capacity" in practitioner.get(address).content.decode()
    assert "Asthma" not in hospital.get(address).content.decode()


def test_somebody_who_answers_what_somebody_else_answered_reads_what_stands(teams, client_of):
    practitioner, hospital = client_of("practitioner", "school_from_ta"), client_of("partner", "school_from_ta")
    sent = {"team": "hospital-safeguarding", "service": "health", "urgency": "urgent"}
    done(practitioner.post(f"/people/{CHILD}/refer/", sent))
    address = f"/referrals/{row(Referral).pk}/"
    done(practitioner.post(address, {"step": "revoke", "version": "1"}))
    late = hospital.post(address, {"step": "accept", "version": "1"})
    assert late.status_code == 400 and "Revoked" in late.content.decode()


@pytest.mark.parametrize("words", ["lives at M1 1AE now", "ring 07700 900123", "write to a.b@example.org"])
def test_whereabouts_are_not_written_into_a_referral(teams, client_of, words):
    practitioner = client_of("practitioner", "school_from_ta")
    sent = {"team": "hospital-safeguarding", "service": "health", "urgency": "urgent", "note": words}
    answer = practitioner.post(f"/people/{CHILD}/refer/", sent)
    assert answer.status_code == 400
    assert "Take that out" in answer.content.decode()
    assert not _referrals()


def _referrals() -> int:
    with known_asker():
        return Referral.objects.count()


def test_a_marac_from_the_case_to_the_action_that_is_done(people):
    advocate, coordinator, hospital = people["advocate"], people["coordinator"], people["responder"]
    done(advocate.post(f"/people/{VICTIM}/case/", {"case_type": "marac", "agency": "advocate", "part": "harmed"}))
    case = f"/cases/{row(JointCase).pk}/"
    accused = {"kind": "subject", "subject-part": "accused", "subject-name_apart": "Kim Sample"}
    done(advocate.post(case, accused))
    for client, team, agency in (
        (coordinator, "vale-coordination", "coordination"),
        (hospital, "hospital-safeguarding", "health"),
    ):
        offer = {"kind": "offer", "offer-team": team, "offer-agency": agency}
        done(advocate.post(case, {**offer, "offer-right": "edit", "offer-sight": "whole"}))
        with known_asker():
            standing = CaseOffer.objects.get(state="offered")
        told = client.get(f"/offers/{standing.pk}/").content.decode()
        assert "Kim Sample" not in told and client.get(case).status_code == 404
        done(client.post(f"/offers/{standing.pk}/", {"step": "accept"}))
        assert client.get(case).status_code == 200
    for never in ("2036-12-09 10:00", "2020-01-01 10:00", "9999-12-31 23:59"):
        assert coordinator.post("/meetings/", {"case_type": "marac", "starts_at": never}).status_code == 400
    soon = timezone.localdate() + dt.timedelta(days=9)
    done(coordinator.post("/meetings/", {"case_type": "marac", "starts_at": f"{soon} 10:00"}))
    meeting = f"/meetings/{row(Meeting).pk}/"
    done(coordinator.post(meeting, {"kind": "agenda", "case": str(row(JointCase).pk), "version": "1"}))
    done(coordinator.post(meeting, {"kind": "step", "step": "ask_returns", "version": "2"}))
    item = f"/agenda/{row(AgendaItem).pk}/"
    assert item in hospital.get("/work-list/").content.decode()
    given = {
        "kind": "return",
        "version": "1",
        "contact.harmed": "Seen twice this month",
        "gateway": "crime_and_disorder_act_1998_s115",
        "necessity": "serious_harm",
        "not_harbour": "",
        "not_vale-authority": "not_necessary",
    }
    done(hospital.post(item, given))
    assert "Seen twice" not in advocate.get(item).content.decode(), "independent until it begins"
    there = {f"why_{agency}": "urgent" for agency in ("police", "childrens_social_care", "housing", "probation")}
    done(
        coordinator.post(
            meeting, {"kind": "attendance", "version": "3", "at_advocate": "present", "at_health": "remote", **there}
        )
    )
    done(coordinator.post(meeting, {"kind": "step", "step": "begin", "version": "4"}))
    assert "Seen twice" in advocate.get(item).content.decode()
    assert "Seen twice" not in coordinator.get(item).content.decode(), "withheld from the coordinator's organisation"
    done(hospital.post(item, {"kind": "note", "note-about": "harmed", "note-words": "The injuries fit the account"}))
    bare = {"kind": "decide", "decide-decision": "safety_plan", "decide-reason": "High risk", "version": "1"}
    refused = coordinator.post(item, bare)
    assert refused.status_code == 400 and "at least one action" in refused.content.decode()
    due = timezone.localdate() + dt.timedelta(days=2)
    action = {"decide-words_1": "Go through the plan", "decide-team_1": "harbour-advocacy", "decide-due_1": f"{due}"}
    done(coordinator.post(item, {**bare, **action}))
    done(hospital.post(item, {"kind": "dissent", "dissent-words": "A move should come first"}))
    done(coordinator.post(meeting, {"kind": "step", "step": "end", "version": "5"}))
    done(coordinator.post(meeting, {"kind": "step", "step": "agree", "version": "6"}))
    page = advocate.get(item).content.decode()
    assert "does not agree" in page and "A joint safety plan" in page
    assert "Go through the plan" in advocate.get("/work-list/").content.decode()
    step = {"kind": "action_step", "action": str(row(CareAction).pk), "step": "complete", "version": "1"}
    done(advocate.post(case, {**step, "action_step-code": "done"}))
    done(advocate.post(case, {"kind": "close", "close-outcome": "goals_met", "version": "1"}))
    kinds = list(ENTRIES.filter(page__in=("case", "agenda item", "meeting")).values_list("kind", flat=True))
    assert {"changed", "disclosure", "look"} <= set(kinds)


def test_who_takes_no_part_finds_nothing(people, client_of):
    done(
        people["advocate"].post(
            f"/people/{VICTIM}/case/", {"case_type": "marac", "agency": "advocate", "part": "harmed"}
        )
    )
    case = f"/cases/{row(JointCase).pk}/"
    for client in (people["responder"], people["coordinator"], client_of("practitioner", "school_from_ta")):
        absent = "/cases/00000000-0000-4000-8000-000000000000/"
        for method in (client.get, client.post):
            assert method(case).status_code == method(absent).status_code == 404
        assert row(JointCase).reference not in client.get("/cases/").content.decode()


def test_two_at_one_page_the_second_reads_what_the_first_did(people):
    advocate = people["advocate"]
    done(advocate.post(f"/people/{VICTIM}/case/", {"case_type": "marac", "agency": "advocate", "part": "harmed"}))
    case = f"/cases/{row(JointCase).pk}/"
    close = {"kind": "close", "close-outcome": "goals_met"}
    done(advocate.post(case, {**close, "version": "1"}))
    done(advocate.post(case, {"kind": "reopen", "version": "2"}))
    stale = advocate.post(case, {**close, "version": "1"})
    assert stale.status_code == 409
    assert "Somebody else changed this" in stale.content.decode()


def test_a_team_says_that_it_is_full_and_whoever_refers_reads_it(teams, client_of):
    hospital, practitioner = client_of("partner", "school_from_ta"), client_of("practitioner", "school_from_ta")
    done(hospital.post("/teams/hospital-safeguarding/", {"capacity": "full", "until": "", "version": "1"}))
    other = practitioner.post("/teams/hospital-safeguarding/", {"capacity": "open", "until": "", "version": "2"})
    assert other.status_code == 400
    assert "full" in practitioner.get(f"/people/{CHILD}/refer/").content.decode()
    sent = {"team": "hospital-safeguarding", "service": "health", "urgency": "standard"}
    assert practitioner.post(f"/people/{CHILD}/refer/", sent).status_code == 400
    done(practitioner.post(f"/people/{CHILD}/refer/", {**sent, "urgency": "same_day"}))


OWN_TYPE = """
id = "hospital_discharge"
version = "1.0"
name = "Discharge of somebody without a home"
short_name = "Discharge table"
purpose = "school_from_ta"
gateways = ["children_act_2004_s10"]
source = "A protocol that the place wrote"
independent = false
returns_due = 1
minutes_due = 1
review_after_days = 14

[[part]]
id = "patient"
name = "Patient"

[[question]]
id = "fit"
words = "From which day are they fit to go?"
about = ["patient"]
sensitivity = "special"

[[agency]]
id = "ward"
name = "Ward"
organisations = ["hospital", "council"]
must_attend = true
answers = ["fit"]
sees = ["fit@patient"]

[[decision]]
id = "home_found"
words = "A home is found"
needs_action = true
"""


def test_a_kind_of_case_that_the_place_wrote_is_there_like_those_that_come_with_braid(
    published, client_of, tmp_path, monkeypatch
):
    (tmp_path / "discharge.toml").write_text(OWN_TYPE, encoding="utf-8")
    monkeypatch.setenv(FOLDER_SETTING, str(tmp_path))
    write_case_openings()
    client = client_of("practitioner", SCHOOL_FROM_TA)
    opened = f"/people/{CHILD}/case/"
    assert "Discharge of somebody without a home" in client.get(opened).content.decode()
    done(client.post(opened, {"case_type": "hospital_discharge", "agency": "ward", "part": "patient"}))
    assert "Discharge table" in client.get("/cases/").content.decode()
    assert CaseOpening.objects.filter(case_type="hospital_discharge").count() == 1


def test_pages_name_organisations_as_the_place_does(teams, sample, client_of, monkeypatch):
    client = client_of("practitioner", SCHOOL_FROM_TA)
    assert "northmere-council" in client.get("/teams/").content.decode(), "an id, where no place is known"
    monkeypatch.setenv(PLACE_SETTING, str(sample[0].folder))
    named = client.get("/teams/").content.decode()
    assert "Northmere Council" in named and "northmere-council" not in named
    assert organisation_words("an-organisation-that-is-not-there") == "an-organisation-that-is-not-there"


def test_what_is_wrong_leads_to_the_form_that_was_sent_and_the_form_is_still_open(teams, client_of):
    client = client_of("practitioner", SCHOOL_FROM_TA)
    given = {"case_type": "complex_needs", "agency": "social_care", "part": "person"}
    case = client.post(f"/people/{CHILD}/case/", given).headers["Location"]
    wrong = client.post(case, {"kind": "action", "version": "1", "action-words": ""}).content.decode()
    assert "<title>Error: " in wrong and 'tabindex="-1" autofocus' in wrong
    assert '<a href="#id_action-words">' in wrong
    sent = {"kind": "action", "version": "1", "action-words": "Ring 07700 900123", "action-team": "northmere-education"}
    refused = client.post(case, {**sent, "action-due_on": f"{timezone.localdate()}"}).content.decode()
    assert re.search(r'<a href="#id_action-words">[^<]*telephone number', refused)
    assert re.search(r"<details[^>]* open>\s*<summary[^>]*><span[^>]*>Make an action<", refused)
    assert "Ring 07700 900123" in refused, "what was typed is kept"


def test_a_case_type_with_a_fault_says_file_rule_and_next_step(tmp_path, monkeypatch):
    (tmp_path / "discharge.toml").write_text(OWN_TYPE.replace("must_attend = true", "must_attend = false"))
    monkeypatch.setenv(FOLDER_SETTING, str(tmp_path))
    with pytest.raises(RulesInvalid, match="nobody must attend"):
        case_types()


def test_a_case_is_offered_to_every_team_of_an_organisation_with_a_seat_whatever_the_team_offers(people):
    """Education has a seat at a conference about risk, though nobody is referred to admissions for victim response."""
    advocate = people["advocate"]
    done(advocate.post(f"/people/{VICTIM}/case/", {"case_type": "marac", "agency": "advocate", "part": "harmed"}))
    page = advocate.get(f"/cases/{row(JointCase).pk}/").content.decode()
    offered = set(re.findall(r'<option value="([a-z-]+)">', page.split('id="id_offer-team"')[1].split("</select>")[0]))
    assert offered == {"harbour-advocacy", "hospital-safeguarding", "northmere-education", "vale-coordination"}
