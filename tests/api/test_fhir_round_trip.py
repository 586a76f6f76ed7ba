"""What is served keeps the rules of FHIR and UK Core, and the FHIR reader of Braid reads the same people out of it."""

import datetime as dt
import json

import pytest
from fhir_checker import check
from joint_sample import put_joint
from machines import make_machine
from sample_run import CHILD, VICTIM
from test_fhir import BASE, ask, found
from test_fhir_rules import OURS, published_profiles

from braid.extracts.model import Source
from braid.extracts.read import read_file
from braid.language.dates import london_date
from braid.web.models import PersonWait
from braid.web.watch import known_asker

pytestmark = pytest.mark.django_db


@pytest.fixture
def served(published) -> dict[str, list[dict]]:
    """Everything that two machines are served of a child and of a victim, by kind."""
    council = make_machine(role="practitioner")
    charity = make_machine("harbour-desk", role="advocate", purpose="victim_response")
    put_joint(CHILD, council.username)
    put_joint(VICTIM, charity.username, "victim_response")
    with known_asker():
        wait = PersonWait.objects.filter(person=CHILD, kind="register").first()
        values = {"kind": "rtt", "backlog": "hospital_treatment", "start_event": "received", "priority": "fhir:urgent"}
        PersonWait.objects.filter(pk=wait.pk).update(**values, provider="vale-hospital", stop_date=None)
    bundles = []
    for machine, person in ((council, CHILD), (charity, VICTIM)):
        bundles.append(ask(machine, f"/Patient?_id={person}"))
        bundles += [ask(machine, f"/{kind}?patient={person}") for kind in OURS if kind != "Patient"]
    for answer in bundles:
        assert check(answer.json()) == []
    resources = [one for answer in bundles for one in found(answer)]
    return {kind: [one for one in resources if one["resourceType"] == kind] for kind in OURS}


def test_everything_that_is_served_keeps_our_rules(served):
    assert all(served.values()), [kind for kind, of in served.items() if not of]
    for kind, of in served.items():
        for resource in of:
            assert check(resource) == [], kind
    council = make_machine("northmere-other")
    assert check(ask(council, "/metadata").json()) == []
    assert check(ask(council, "/Patient?_count=3").json()) == []
    for refused in (f"/Patient/{'f' * 32}", "/Task", "/Patient?_format=xml", "/nothing"):
        assert check(ask(council, refused).json()) == [], refused


def test_everything_that_is_served_keeps_the_published_profiles(served):
    profiles = published_profiles()
    for of in served.values():
        for resource in of:
            assert profiles.check(resource) == []


def test_our_reader_reads_the_same_people_waits_and_events(served, tmp_path):
    resources = [
        {"fullUrl": f"https://x{BASE}/{kind}/{one['id']}", "resource": one} for kind, of in served.items() for one in of
    ]
    path = tmp_path / "bundle.json"
    path.write_text(json.dumps({"resourceType": "Bundle", "type": "searchset", "entry": resources}), encoding="utf-8")
    reading = read_file(path, Source("feed-one", "organisation-one", "fhir_ukcore", 2026, "2026-11-15"))
    assert not reading.rejects
    records = reading.records
    people = {row["partner_record_id"]: row for row in records["person_record"]}
    assert set(people) == {CHILD, VICTIM}
    assert (people[CHILD]["given_name"], people[CHILD]["family_name"]) == ("Ada", "Example")
    assert str(people[CHILD]["birth_date"]) == "2015-03-02"
    _same_waits(served["ServiceRequest"], records)
    _same_events(served, records)
    stays = {(row["person_record_id"], row.get("address_lines"), row.get("confidential")) for row in records["stay"]}
    ids = {key: row["record_id"] for key, row in people.items()}
    assert stays == {(ids[CHILD], "Northmere", False), (ids[VICTIM], None, True)}


def _same_waits(requests: list[dict], records: dict) -> None:
    (wait,) = records["wait"]
    (rtt,) = [one for one in requests if one["code"]["coding"][0]["code"] == "rtt"]
    assert (str(wait["start_date"]), wait["start_event"], wait["priority"], wait["episode_ref"]) == (
        rtt["authoredOn"],
        "received",
        "fhir:urgent",
        rtt["id"],
    )
    episodes = {(row["episode_ref"], row["kind"]): str(row["start_date"]) for row in records["episode"]}
    for one in requests:
        kind = "rtt_pathway" if one is rtt else "health_request"
        assert episodes[one["id"], kind] == one["authoredOn"]


def _same_events(served: dict[str, list[dict]], records: dict) -> None:
    events = {row["kind"]: row for row in records["event"] if row["kind"] == "appointment"}
    (appointment,) = served["Appointment"]
    starts = dt.datetime.fromisoformat(appointment["start"])
    assert str(events["appointment"]["start_date"]) == str(london_date(starts))
    assert events["appointment"]["status"] == "proposed"
    tasks = [row for row in records["event"] if row["kind"] == "referral"]
    assert sorted(str(row["planned_date"]) for row in tasks) == sorted(
        one["restriction"]["period"]["end"] for one in served["Task"]
    )
    contacts = [str(row["start_date"]) for row in records["event"] if row["kind"] == "contact"]
    assert contacts == [one["period"]["start"] for one in served["Encounter"]]
    known = {row["episode_ref"] for row in records["episode"] if row["kind"] == "community_health"}
    assert known == {one["id"] for one in served["EpisodeOfCare"]}
