"""What if, for a cohort: waits that the viewer sees of whom a purpose concerns, counted; who is hidden is absent."""

import contextlib
import dataclasses
import json
import re
from collections import Counter
from html import unescape

import pytest
from published_sample import ENTRIES, REFERENCE
from sample_run import AS_OF, person_id, sample_tables, write_run

from braid.cli.refusals import RefusedByTrust
from braid.cli.what_if import waits_of_cohort, what_if
from braid.language.codes import WAIT_KINDS
from braid.problems.load import shipped_statements
from braid.trust.disclosure import publishable_count
from braid.waits.changes import shipped_changes
from braid.waits.what_if import Planned
from braid.waits.what_if_cohort import count_upshots
from braid.web.access import get_cohort_what_if, get_what_if
from braid.web.access.projections import Viewer
from braid.web.access.what_if import Plan
from braid.web.calendar_document import read_calendar
from braid.web.models import Barred, Cohort, PublishedRun
from braid.web.publish import publish
from braid.web.watch import known_asker

pytestmark = pytest.mark.django_db

URL = "/problems/school_from_ta/what-if/"
ASKED = {"change_a": "placement_ends", "when_a": "week 6", "when_b": "week 9"}


def plan(*codes: str) -> Plan:
    run = PublishedRun.objects.get()
    on = AS_OF.replace(day=22)
    options = {code: (Planned(shipped_changes()[code], on),) for code in codes}
    return Plan(options, AS_OF, AS_OF.replace(month=12), read_calendar(run.calendar))


def viewer(role: str = "practitioner") -> Viewer:
    return Viewer(f"test-{role}", role, "school_from_ta", REFERENCE, "what if of a cohort")


def counted(problem: str, wanted: Plan):
    return get_cohort_what_if(viewer("analyst"), problem, "school_from_ta", wanted)


@pytest.fixture
def fourth(published, sample, tmp_path, client_of):
    """A run with a fourth statement, for the purpose of a shipped one; it concerns 12 of the children of that one."""
    place = dataclasses.replace(sample[0], folder=tmp_path)
    tables = sample_tables(40)
    row = {"problem": "fourth", "purpose": "school_from_ta", "reason": "Because."}
    tables["cohort"] += [{**row, "person_id": person_id(number)} for number in range(10, 22)]
    own = dataclasses.replace(shipped_statements()[0], problem_id="fourth", name="A fourth statement")
    run = write_run(place, "fourth", tables, own=(own,))
    publish(run, place)
    return place, run


def test_pages_api_and_command_of_a_fourth_statement_tell_of_its_own_people_alone(fourth, client_of):
    _, run = fourth
    own = {person_id(number) for number in range(10, 22)}
    client = client_of("analyst", "school_from_ta")
    page = client.get("/problems/fourth/").content.decode()
    (link,) = re.findall(r'href="(/people/\?problem=[^"]+)"', page)
    assert set(re.findall(r'href="/people/([0-9a-f]{32})/"', client.get(link).content.decode())) == own
    headers = {"X-Purpose": "school_from_ta", "X-Reference": REFERENCE}
    answer = client.get("/api/v1/people?problem=fourth", headers=headers).json()
    assert {person["person_id"] for person in answer["items"]} == own and answer["next"] is None
    assert client.get("/api/v1/people?problem=school_from_ta", headers=headers).json()["next"] is not None
    wanted = plan("placement_ends", "moves_council")
    people = waits_of_cohort(run, "fourth")
    for option, planned in enumerate(wanted.options.values()):
        counts = count_upshots(people, planned, wanted.calendar, wanted.as_of, wanted.looked_at)
        told = {(WAIT_KINDS[k].name, u): count for (k, u), count in counts.items() if u != "unchanged" and count}
        page = {(row.kind_name, row.upshot): row.counts[option] for row in counted("fourth", wanted)}
        assert {key: publishable_count(count) for key, count in told.items()} == {
            key: count for key, count in page.items() if count != 0
        }
    assert told and counted("fourth", wanted) != counted("school_from_ta", wanted)


@pytest.mark.parametrize(
    ("codes", "least"), [(("home_let", "moves_council"), 7), (("school_place_asked_for", "becomes_looked_after"), 3)]
)
def test_it_is_what_the_pages_of_its_people_say_one_by_one(codes, least, published):
    wanted = plan(*codes)
    with known_asker():
        concerned = list(Cohort.objects.filter(problem="school_from_ta").values_list("person_id", flat=True))
    one_by_one = [Counter(), Counter()]
    for person in concerned:
        for wait in get_what_if(viewer(), person, wanted).waits:
            for counter, outcome in zip(one_by_one, wait.options, strict=True):
                if outcome and outcome.upshot != "unchanged":
                    counter[wait.kind_name, outcome.upshot] += 1
    shown = {(row.kind_name, row.upshot): row.counts for row in counted("school_from_ta", wanted)}
    assert shown.keys() == one_by_one[0].keys() | one_by_one[1].keys()
    assert len(shown) >= least
    for key, counts in shown.items():
        for count, counter in zip(counts, one_by_one, strict=True):
            number = counter[key]
            assert count is None if 1 <= number <= 7 else abs(count - number) <= 2
            assert (count == 0) == (number == 0)


def test_the_page_lays_two_options_side_by_side(published, client_of):
    page = unescape(client_of("practitioner", "school_from_ta").get(URL, ASKED).content.decode())
    assert "A: The placement ends" in page and "B: The placement ends" in page
    assert "Begins again" in page and ">40<" in page.replace("\n", "")
    assert client_of("practitioner", "school_from_ta").get(URL, {"change_a": "x"}).status_code == 400
    assert client_of("practitioner", "school_from_ta").get("/problems/none/what-if/").status_code == 404


def test_who_is_hidden_is_as_absent_as_who_is_not_there(published, client_of):
    client = client_of("practitioner", "school_from_ta")
    everybody = client.get(URL, ASKED).content
    hidden = [person_id(number) for number in range(10, 30)]
    with known_asker():
        Barred.objects.bulk_create(Barred(person_id=person, username="test-practitioner") for person in hidden)
    without_hidden = client.get(URL, ASKED).content
    with known_asker():
        Barred.objects.all().delete()
        Cohort.objects.filter(person__in=hidden).delete()
    assert client.get(URL, ASKED).content == without_hidden != everybody


def test_a_role_without_the_purpose_gets_nothing(published, client_of):
    assert client_of("listing_officer", "court_readiness").get(URL).status_code == 403
    assert client_of("advocate", "victim_response").get(URL).status_code == 403
    assert client_of("board_member").get(URL).status_code == 403


def test_the_command_counts_exactly_what_the_asker_sees_and_leaves_an_entry(published, sample, monkeypatch, capsys):
    place, _ = sample
    monkeypatch.setattr("braid.cli.what_if.asking_app", lambda _folder: contextlib.nullcontext(place))
    asked = {"problem": "school_from_ta", "change": "placement_ends", "week": 1, "look": 2, "as_json": True}
    before = ENTRIES.filter(kind="look").count()
    assert what_if(place.folder, **asked, by="test-practitioner", reference=REFERENCE) == 0
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert {row["waits"] for row in rows if row["upshot"] == "ended"} == {2}, "two children in bed and breakfast"
    entry = ENTRIES.filter(kind="look").order_by("-id").first()
    assert ENTRIES.filter(kind="look").count() == before + 1
    assert (entry.username, entry.reference, entry.row_count) == ("test-practitioner", REFERENCE, 42)
    for by, reference in (("test-practitioner", ""), ("test-advocate", REFERENCE), ("nobody", REFERENCE)):
        with pytest.raises(RefusedByTrust):
            what_if(place.folder, **asked, by=by, reference=reference)
    assert ENTRIES.filter(kind="look").count() == before + 1


def test_the_look_is_recorded_with_how_many_were_counted_and_names_nobody(published, client_of):
    client_of("practitioner", "school_from_ta").get(URL, ASKED)
    entry = ENTRIES.filter(kind="look").order_by("-id").first()
    assert (entry.person_id, entry.row_count, entry.page) == ("", 42, "what if of a cohort")
    assert entry.purpose == "school_from_ta" and entry.reference == REFERENCE
