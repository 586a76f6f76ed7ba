"""FHIR R4: what the pages show, to the same callers, with the same record; nothing is ignored, nobody is hinted at."""

import datetime as dt
import json
import re
import uuid
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st
from joint_sample import put_joint
from machines import make_machine
from published_sample import ENTRIES, REFERENCE
from sample_run import CANARIES, CHILD, ONLY_HIDDEN, VICTIM

from braid.api.fhir.catalogue import KINDS
from braid.api.fhir.outcome import ISSUES, NotAnswered
from braid.api.fhir.query import is_at, is_within, read_date, read_stretch
from braid.language.dates import LONDON
from braid.trust.snooping import ONE_BY_ONE
from braid.web.models import ApiUse, Barred, CareAction, Involvement, PersonWait, PublishedRun
from braid.web.watch import known_asker

pytestmark = pytest.mark.django_db
BASE = "/fhir/r4"
OF_PERSON = ("ServiceRequest", "Encounter", "EpisodeOfCare")
"""Kinds that are of the person alone, and of no case."""


def ask(machine, path: str, **headers: str):
    ApiUse.objects.all().delete()
    return machine.client.get(f"{BASE}{path}", headers=machine.headers(**headers))


def found(answer) -> list[dict]:
    """The resources of a bundle that match."""
    assert answer.status_code == 200, answer.content
    return [one["resource"] for one in answer.json().get("entry", ()) if one["search"]["mode"] == "match"]


def issue(answer, status: int) -> tuple[str, tuple[str, ...]]:
    """Code and parameters of a refusal, which is an outcome whoever refused."""
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/fhir+json"
    said = answer.json()
    assert said["resourceType"] == "OperationOutcome"
    (one,) = said["issue"]
    return one["code"], tuple(one.get("expression", ()))


@pytest.fixture
def council(published):
    return make_machine(role="practitioner")


@pytest.fixture
def charity(published):
    return make_machine("harbour-desk", role="advocate", purpose="victim_response")


def test_what_it_can_do_is_told_to_anybody_and_is_what_is_answered(published, council):
    said = Client().get(f"{BASE}/metadata").json()
    (rest,) = said["rest"]
    assert {one["type"] for one in rest["resource"]} == {"Patient", *KINDS}
    for one in rest["resource"]:
        for parameter in one["searchParam"]:
            path = f"/{one['type']}?{parameter['name']}=%20"
            assert issue(ask(council, path), 400)[1] == (f"http.{parameter['name']}",), path
        assert {each["code"] for each in one["interaction"]} == {"read", "search-type"}


def test_a_person_is_a_patient_with_what_may_be_shown_and_the_look_is_recorded(council):
    answer = ask(council, f"/Patient/{CHILD}")
    said = answer.json()
    assert answer["Content-Type"] == "application/fhir+json"
    assert (said["name"][0]["family"], said["name"][0]["given"], said["birthDate"]) == (
        "Example",
        ["Ada"],
        "2015-03-02",
    )
    assert said["address"] == [{"use": "home", "district": "Northmere"}]
    look = ENTRIES.get(kind="look")
    assert (look.person_id, look.page, look.channel, look.reference) == (CHILD, "api fhir patient", "api", REFERENCE)
    assert look.username == "system-northmere-housing"


def test_of_the_protected_no_place_is_told_and_the_label_only_to_who_may_know(charity):
    said = ask(charity, f"/Patient/{VICTIM}").json()
    assert "address" not in said
    assert [one["code"] for one in said["meta"]["security"]] == ["R"]
    joint = put_joint(VICTIM, charity.username, "victim_response")
    everything = said, *(ask(charity, f"/{kind}?patient={VICTIM}").json() for kind in KINDS)
    text = json.dumps(everything)
    assert joint.appointment in text
    assert "words of a second building" not in text
    assert not [one for one in CANARIES.values() if one in text]
    assert "Not shown" not in text
    assert "Withheld" not in text


def test_waits_are_requests(council):
    waits = council.get(f"/people/{CHILD}/waits").json()
    requests = {one["id"]: one for one in found(ask(council, f"/ServiceRequest?patient={CHILD}"))}
    assert set(requests) == {one["wait_id"] for one in (*waits["open"], *waits["ended"])}
    assert waits["open"]
    assert waits["ended"]
    for one in waits["open"]:
        request = requests[one["wait_id"]]
        assert (request["status"], request["authoredOn"]) == ("active", one["start_date"])
    assert {requests[one["wait_id"]]["status"] for one in waits["ended"]} == {"completed"}
    for status in ("active", "completed"):
        shown = found(ask(council, f"/ServiceRequest?subject=Patient/{CHILD}&status={status}"))
        assert {one["id"] for one in shown} == {key for key, one in requests.items() if one["status"] == status}


def test_the_latest_that_a_health_service_recorded_is_an_encounter(council):
    seen = council.get(f"/people/{CHILD}").json()["involvements"]
    (latest,) = [one["last_date"] for one in seen if one["service"] == "Hospital waiting list"]
    (one,) = found(ask(council, f"/Encounter?patient=Patient/{CHILD}"))
    assert one["period"] == {"start": latest, "end": latest}
    assert one == ask(council, f"/Encounter/{one['id']}").json()
    episodes = [each["id"] for each in found(ask(council, f"/EpisodeOfCare?patient={CHILD}"))]
    assert one["id"] in episodes
    other = next(each for each in episodes if each != one["id"])
    assert issue(ask(council, f"/Encounter/{other}"), 404) == ("not-found", ())


def test_whom_a_program_chose_counts_as_chosen_when_looks_are_examined(council):
    joint = put_joint(CHILD, council.username)
    for path in (f"/Patient/{CHILD}", f"/Patient?_id={CHILD}", *(f"/{kind}?patient={CHILD}" for kind in OF_PERSON)):
        assert ask(council, path).status_code == 200, path
    for path in (f"/ServiceRequest/{joint.wait}", f"/EpisodeOfCare/{joint.episode}", f"/Encounter/{joint.episode}"):
        assert ask(council, path).status_code == 200, path
    looks = list(ENTRIES.filter(kind="look").values_list("page", flat=True))
    assert len(looks) == 8
    assert set(looks) == {page for page in ONE_BY_ONE if page.startswith("api fhir")}


def test_services_are_episodes_by_ids_that_stay_when_a_run_is_published_anew(council):
    before = found(ask(council, f"/EpisodeOfCare?patient={CHILD}"))
    seen = council.get(f"/people/{CHILD}").json()["involvements"]
    assert sorted(one["type"][0]["text"] for one in before) == sorted(one["service"] for one in seen)
    with known_asker():
        rows = list(Involvement.objects.filter(person=CHILD).order_by("service", "pk"))
        Involvement.objects.filter(person=CHILD).delete()
        for row in rows:
            row.pk += 1000
        Involvement.objects.bulk_create(rows)
    after = found(ask(council, f"/EpisodeOfCare?patient={CHILD}"))
    assert [one["id"] for one in after] == [one["id"] for one in before]
    assert ask(council, f"/EpisodeOfCare/{before[0]['id']}").json()["patient"]["reference"] == f"Patient/{CHILD}"


def test_actions_are_tasks_of_whom_the_case_is_about_and_of_nobody_where_somebody_is_apart(charity):
    joint = put_joint(VICTIM, charity.username, "victim_response")
    (task,) = found(ask(charity, f"/Task?patient={VICTIM}"))
    assert (task["id"], task["for"]["reference"], task["status"]) == (joint.action, f"Patient/{VICTIM}", "requested")
    assert task == ask(charity, f"/Task/{joint.action}").json()
    with known_asker():
        CareAction.objects.filter(pk=joint.action).update(strand="apart", owner="somebody", state="done")
    assert found(ask(charity, f"/Task?patient={VICTIM}")) == []
    answer = ask(charity, f"/Task/{joint.action}")
    assert answer.status_code == 404 or "for" not in answer.json()


def test_appointments_are_those_of_the_case_without_their_place(charity):
    joint = put_joint(VICTIM, charity.username, "victim_response")
    (one,) = found(ask(charity, f"/Appointment?patient={VICTIM}"))
    assert (one["id"], one["status"], one["minutesDuration"]) == (joint.appointment, "proposed", 45)
    assert one["start"][11:16] == "10:10"
    assert one == ask(charity, f"/Appointment/{joint.appointment}").json()


@pytest.mark.parametrize("kind", ["Patient", *KINDS])
def test_who_is_hidden_is_as_absent_in_every_search_and_read(kind, council):
    parameter = "_id" if kind == "Patient" else "patient"
    put_joint(CHILD, council.username)
    shown = ask(council, f"/{kind}?{parameter}={CHILD}")
    with known_asker():
        Barred.objects.create(person_id=CHILD, username=council.username)
    hidden = ask(council, f"/{kind}?{parameter}={CHILD}")
    nobody = ask(council, f"/{kind}?{parameter}={'f' * 32}")
    assert hidden.content.replace(CHILD.encode(), b"") == nobody.content.replace(b"f" * 32, b"")
    assert found(hidden) == []
    for one in found(shown):
        refused = ask(council, f"/{kind}/{one['id']}")
        assert (refused.status_code, refused.content) == (404, ask(council, f"/{kind}/{'f' * 32}").content)


def test_searches_go_on_page_by_page_and_miss_and_repeat_nobody(council):
    whole = [one["id"] for one in found(ask(council, f"/ServiceRequest?patient={CHILD}"))]
    walked, address = [], f"/ServiceRequest?patient={CHILD}&_count=2"
    while address:
        answer = ask(council, address)
        walked += [one["id"] for one in found(answer)]
        links = {one["relation"]: one["url"] for one in answer.json()["link"]}
        assert "total" not in answer.json()
        address = links.get("next", "").partition(BASE)[2]
    assert walked == whole == sorted(whole)
    assert len(whole) > 4
    mine = ask(council, f"/ServiceRequest?patient={CHILD}&_count=2").json()["link"][1]["url"].partition("cursor=")[2]
    for path in (
        f"/ServiceRequest?patient={CHILD}&_count=3",
        f"/Encounter?patient={CHILD}&_count=2",
        "/Patient?_count=2",
    ):
        assert issue(ask(council, f"{path}&cursor={mine}"), 400) == ("value", ("http.cursor",))


def test_patients_are_walked_as_the_list_of_people_is(published):
    machine = make_machine(role="analyst", name="vale-analysis")
    people = [one["person_id"] for one in machine.get("/people?limit=100").json()["items"]]
    walked, address = [], "/Patient?_count=17"
    while address:
        answer = ask(machine, address)
        walked += [one["id"] for one in found(answer)]
        links = {one["relation"]: one["url"] for one in answer.json()["link"]}
        address = links.get("next", "").partition(BASE)[2]
    assert walked == people
    assert len(people) > 40
    assert set(ENTRIES.filter(page="api fhir patients").values_list("person_id", flat=True)) == set(people)


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("name=Ada%20Example", [CHILD]),
        ("name=Ada%20Example&birthdate=2015-03-02", [CHILD]),
        ("name=Ada%20Example&birthdate=2015", [CHILD]),
        ("name=Ada%20Example&birthdate=lt2015", []),
        ("name=Nobody%20Such", []),
        (f"identifier=urn:braid:person|{CHILD}", [CHILD]),
        (f"_id={CHILD}", [CHILD]),
    ],
)
def test_people_are_found_by_name_and_by_our_id(query, ids, council):
    assert [one["id"] for one in found(ask(council, f"/Patient?{query}"))] == ids
    looks = list(ENTRIES.filter(kind="look").values_list("person_id", flat=True))
    assert looks == ([CHILD] if "Nobody" not in query else [])


@pytest.mark.parametrize(
    ("path", "code", "named"),
    [
        ("/Patient?identifier=https://fhir.nhs.uk/Id/nhs-number|9990000018", "not-supported", "identifier"),
        ("/Patient?identifier=urn:braid:person|", "value", "identifier"),
        ("/Patient?identifier=x", "not-supported", "identifier"),
        ("/Patient?birthdate=2015-03-02", "invalid", ""),
        ("/Patient?name=Ada&_id=x", "invalid", ""),
        ("/Patient?name=a%00b", "invalid", "name"),
        ("/Patient?name=", "invalid", "name"),
        ("/Patient?gender=female", "not-supported", ""),
        ("/Patient?name:exact=Ada", "not-supported", ""),
        ("/Patient?_count=0", "value", "_count"),
        ("/ServiceRequest", "required", "patient"),
        ("/ServiceRequest?status=active", "required", "patient"),
        ("/ServiceRequest?patient=x&subject=x", "invalid", "patient"),
        ("/ServiceRequest?patient=Group/x", "value", "patient"),
        ("/ServiceRequest?patient=x&status=open", "code-invalid", "status"),
        ("/ServiceRequest?patient=x&authored=soon", "value", "authored"),
        ("/ServiceRequest?patient=x&authored=2026-02-30", "value", "authored"),
        ("/ServiceRequest?patient=x&authored=2026&authored=2027&authored=2028", "invalid", "authored"),
        ("/ServiceRequest?patient=x&patient=y", "invalid", "patient"),
        ("/ServiceRequest?patient=x&_sort=-date", "not-supported", ""),
        ("/ServiceRequest?patient=x&_include=ServiceRequest:subject", "not-supported", ""),
        ("/Task?patient=x&_lastUpdated=2026", "not-supported", ""),
        ("/ServiceRequest?patient=x&_lastUpdated=last week", "value", "_lastUpdated"),
        (f"/Patient/{CHILD}?_elements=name", "not-supported", ""),
    ],
)
def test_what_is_not_known_is_refused_by_name_and_never_by_value(path, code, named, council):
    answer = ask(council, path)
    said = issue(answer, 400)
    assert said[0] == code
    assert not named or f"http.{named}" in said[1]
    for value in ("9990000018", "soon", "2026-02-30", "female"):
        assert value not in answer.content.decode() or value not in path


def test_every_refusal_is_an_outcome_whoever_refuses(council):
    assert issue(Client().get(f"{BASE}/Patient"), 401)[0] == "login"
    assert issue(ask(council, "/Patient", X_Purpose="court_readiness"), 403)[0] == "forbidden"
    assert issue(ask(council, "/Patient", X_Reference="no"), 403)[0] == "forbidden"
    assert issue(ask(council, "/Observation"), 404)[0] == "not-found"
    assert issue(ask(council, "/Patient", Accept="application/fhir+xml"), 406)[0] == "not-supported"
    assert issue(ask(council, "/Patient?_format=xml"), 406)[0] == "not-supported"
    assert issue(council.client.post(f"{BASE}/Patient", {}, headers=council.headers()), 405)[0] == "not-supported"
    assert issue(ask(council, f"/Patient?name={'x' * 4000}"), 414)[0] == "too-long"
    slow = make_machine("slow-system", per_minute=6)
    answers = [slow.client.get(f"{BASE}/Patient?_count=1", headers=slow.headers()) for _ in range(3)]
    answer = next(one for one in answers if one.status_code != 200)
    assert issue(answer, 429)[0] == "throttled"
    assert answer["Retry-After"]


@pytest.mark.parametrize(
    "accept", ["application/fhir+json", "application/json", "*/*", "application/fhir+json; fhirVersion=4.0"]
)
def test_json_of_fhir_is_answered_with_a_tag(accept, council):
    answer = ask(council, f"/Patient/{CHILD}?_format=json", Accept=accept)
    assert answer.status_code == 200
    again = ask(council, f"/Patient/{CHILD}?_format=json", If_None_Match=answer["ETag"])
    assert (again.status_code, again.content) == (304, b"")


def test_more_to_show_asks_the_database_no_more_often(council):
    def statements(path: str) -> int:
        ask(council, path)
        with CaptureQueriesContext(connection) as captured:
            ask(council, path)
        return len(captured)

    joint = put_joint(CHILD, council.username)
    paths = [f"/{kind}?patient={CHILD}" for kind in KINDS if kind != "Appointment"]
    few = {path: statements(path) for path in [*paths, "/Patient?_count=1"]}
    with known_asker():
        action, wait = CareAction.objects.get(pk=joint.action), PersonWait.objects.filter(person=CHILD).first()
        known = list(Involvement.objects.filter(person=CHILD))
        for number in range(6):
            action.pk, action.words = uuid.uuid4(), f"Something else to do, number {number}"
            action.save(force_insert=True)
        PersonWait.objects.bulk_create([_like(wait, f"wait-{number}") for number in range(6)])
        Involvement.objects.bulk_create([_like(row, 10_000 + row.pk) for row in known])
    many = {path: statements(path) for path in paths}
    many["/Patient?_count=1"] = statements("/Patient?_count=9")
    assert many == few
    assert len(found(ask(council, f"/Task?patient={CHILD}"))) > 6
    assert len(found(ask(council, f"/EpisodeOfCare?patient={CHILD}"))) == 2 * len(known)


def _like(row, key):
    """Another row with the same content."""
    names = [field.attname for field in row._meta.concrete_fields if not field.generated]
    return type(row)(**{**{name: getattr(row, name) for name in names}, row._meta.pk.attname: key})


@given(
    st.dates(dt.date(1900, 1, 1), dt.date(2100, 1, 1)),
    st.integers(0, 900),
    st.dates(dt.date(1900, 1, 1), dt.date(2100, 1, 1)),
    st.sampled_from(["%Y", "%Y-%m", "%Y-%m-%d"]),
    st.sampled_from(["", "eq", "ne", "gt", "lt", "ge", "le"]),
)
def test_dates_are_compared_as_the_standard_says(start, length, wanted, form, prefix):
    """By a slow twin that goes through the days of both."""
    end = start + dt.timedelta(days=length)
    read, days = read_date(prefix + wanted.strftime(form))
    meant = [day for day in _days(dt.date(wanted.year, 1, 1), 366) if day.strftime(form) == wanted.strftime(form)]
    lasted = _days(start, length + 1)
    is_inside = all(day in set(meant) for day in lasted)
    slow = {
        "eq": is_inside,
        "ne": not is_inside,
        "gt": any(day > max(meant) for day in lasted),
        "lt": any(day < min(meant) for day in lasted),
    }
    slow |= {"ge": is_inside or slow["gt"], "le": is_inside or slow["lt"], "": is_inside}
    assert is_within(read, days, start, end) == slow[prefix]


def _days(first: dt.date, count: int) -> list[dt.date]:
    return [first + dt.timedelta(days=number) for number in range(count)]


def test_an_instant_is_the_day_that_it_is_in_london():
    assert read_date("ge2026-07-01T23:30:00Z")[1] == (dt.date(2026, 7, 2), dt.date(2026, 7, 2))
    for wrong in ("2026-07-01T23:30:00", "2026-13", "sa2026", "2026-07-01T99:00:00Z", "", "٢٠٢٦"):
        with pytest.raises(NotAnswered):
            read_date(wrong)


BEGINS, ENDS = (dt.datetime(year, 1, 1, tzinfo=dt.UTC) for year in (2026, 2028))
INSTANTS = st.integers(0, int((ENDS - BEGINS).total_seconds())).map(lambda after: BEGINS + dt.timedelta(seconds=after))


@given(
    INSTANTS,
    INSTANTS,
    st.sampled_from(["day", "month", "instant"]),
    st.sampled_from(["eq", "ne", "gt", "ge", "lt", "le"]),
)
def test_when_something_was_updated_is_compared_by_the_second_or_by_days_in_london(at, wanted, form, prefix):
    """By a slow twin that writes both down as text, which sorts as time does where the zone is the same."""
    there = {"day": "%Y-%m-%d", "month": "%Y-%m", "instant": "%Y-%m-%dT%H:%M:%S"}[form]
    if form == "instant":
        text, told = wanted.strftime(there), at.strftime(there)
        read, stretch = read_stretch(f"{prefix}{text}Z", "_lastUpdated")
    else:
        text, told = wanted.astimezone(LONDON).strftime(there), at.astimezone(LONDON).strftime(there)
        read, stretch = read_stretch(f"{prefix}{text}", "_lastUpdated")
    slow = {
        "eq": told == text,
        "ne": told != text,
        "gt": told > text,
        "ge": told >= text,
        "lt": told < text,
        "le": told <= text,
    }
    assert is_at(read, stretch, at) == slow[prefix]


def test_what_a_run_tells_was_updated_when_that_was_published_and_a_later_one_is_found(council):
    at = dt.datetime(2026, 11, 20, 3, 30, 15, 600_000, tzinfo=dt.UTC)
    PublishedRun.objects.update(published_at=at)
    told = "2026-11-20T03:30:15+00:00"
    of_run = [name for name, kind in KINDS.items() if kind.is_of_run]
    assert set(of_run) == set(OF_PERSON)
    for path in (f"/Patient?_id={CHILD}", "/Patient", *(f"/{kind}?patient={CHILD}" for kind in OF_PERSON)):
        everything = found(ask(council, path))
        assert {one["meta"]["lastUpdated"] for one in everything} == {told}, path
        single = ask(council, f"/{everything[0]['resourceType']}/{everything[0]['id']}").json()
        assert single["meta"]["lastUpdated"] == told
        sign = "&" if "?" in path else "?"
        for value, is_found in (
            ("ge2026-11-20T03:30:15Z", True), ("gt2026-11-20T03:30:15Z", False), ("gt2026-11-20T03:30:14Z", True),
            ("2026-11-20", True), ("gt2026-11-20", False), ("lt2026-11-20", False), ("2026-11", True),
        ):  # fmt: skip
            shown = found(ask(council, f"{path}{sign}_lastUpdated={value}"))
            assert shown == (everything if is_found else []), (path, value)
    for kind in KINDS.keys() - set(OF_PERSON):
        assert issue(ask(council, f"/{kind}?patient={CHILD}&_lastUpdated=2026"), 400)[0] == "not-supported"


def test_a_page_that_holds_the_last_has_no_next_and_the_page_before_leads_to_it(council):
    whole = [one["id"] for one in found(ask(council, f"/ServiceRequest?patient={CHILD}"))]
    for count in (1, len(whole) - 1, len(whole), len(whole) + 1):
        walked, sizes, address = [], [], f"/ServiceRequest?_count={count}&patient={CHILD}"
        while address:
            answer = ask(council, address)
            walked += [one["id"] for one in found(answer)]
            sizes.append(len(found(answer)))
            links = {one["relation"]: one["url"] for one in answer.json()["link"]}
            assert links["self"].partition("?")[2] == address.partition("?")[2], "a page says how it was asked for"
            address = links.get("next", "").partition(BASE)[2]
        full, rest = divmod(len(whole), count)
        assert sizes == [count] * full + ([rest] if rest else [])
        assert walked == whole


PAGE = (Path(__file__).resolve().parents[2] / "docs" / "reference" / "fhir.md").read_text(encoding="utf-8")


def test_the_examples_of_the_reference_answer_as_it_says(council):
    examples = re.findall(r"GET (\S+)\n-> (\d+)(?: (\S+))?", PAGE)
    assert len(examples) >= 4
    for path, status, code in examples:
        answer = ask(council, path.replace("{patient}", CHILD))
        assert answer.status_code == int(status), path
        assert not code or answer.json()["issue"][0]["code"] == code
        assert code or found(answer)


def test_the_reference_names_every_parameter_and_every_code_of_a_refusal():
    for kind in KINDS.values():
        (line,) = re.findall(rf"\| {kind.name} \| (`.*) \|", PAGE)
        assert set(re.findall(r"`([\w-]+)`", line)) == {one.name for one in kind.parameters}
    table = PAGE[PAGE.index("| status | issue code |") :]
    named = set(re.findall(r"`([a-z-]+)`", table[: table.index("\n\n")]))
    raised = {"required", "value", "code-invalid", "not-supported", "invalid"}
    assert named == {*ISSUES.values(), *raised}


def test_nobody_is_found_who_waits_for_what_the_purpose_does_not_open(council):
    assert found(ask(council, f"/Patient?_id={ONLY_HIDDEN}")) == []
    assert issue(ask(council, f"/Patient/{ONLY_HIDDEN}"), 404) == ("not-found", ())
