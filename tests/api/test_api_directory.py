"""The directory of services by address: as the standard has it, to anybody, about nobody, and read back the same."""

import datetime as dt
import json
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from commissioned import put_commission, terms_of_sample
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sample_run import CANARIES

from braid.care.services import SERVICES
from braid.care.team_file import TeamEntry
from braid.extracts.model import Reading, Source
from braid.extracts.read import read_file
from braid.language.records import LOCATION, ORGANISATION, SERVICE
from braid.place.directory import page_of
from braid.store.duckdb_engine import DuckDBEngine
from braid.store.lake import Run
from braid.store.place_folder import PlaceInvalid, load_place
from braid.web.directory.publishing import show_directory
from braid.web.models import DirectoryEntry
from shared import shared_folder

pytestmark = pytest.mark.django_db
BASE = "/oruk/v3"
TABLES = (ORGANISATION, SERVICE, LOCATION)
DESK = TeamEntry("northmere-homes", "Housing options", "northmere-council", ("homelessness", "placement"),
                 contact="homes@northmere.example", is_listed=True)  # fmt: skip
QUIET = TeamEntry("northmere-marac", "Never told", "northmere-council", ("advocacy",), contact="01632 960009")
KINDS = {"services": "service", "organizations": "organization", "service_at_locations": "service_at_location"}
SPECS = {"location": "location", "organization": "organization", "service": "service", "addresses": "address",
         "schedules": "schedule", "service_areas": "service_area", "taxonomy_term": "taxonomy_term",
         "service_at_locations": "service_at_location"}  # fmt: skip


def read_document(folder: Path, document: object, feed: str = "feed-one") -> Reading:
    path = folder / f"{feed}.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return read_file(path, Source(feed, "northmere-council", "oruk", 2026, "2026-11-15"))


def write_run(folder: Path, readings: list[Reading]) -> Run:
    """Put what was read into a run of its own."""
    folder.mkdir(exist_ok=True)
    for table in TABLES:
        rows = [row for reading in readings for row in reading.records.get(table.name, ())]
        with closing(DuckDBEngine()) as engine:
            engine.load_rows(table, rows)
            engine.write(table, folder / f"{table.name}.parquet")
    return Run("run-of-directory", folder, {})


@pytest.fixture
def partners(tmp_path) -> list[Reading]:
    """What two partners tell: the published example, and a page of eleven."""
    full = json.loads(shared_folder("fixtures", "oruk", "service_full.json").read_text(encoding="utf-8"))
    offered = [
        {"id": f"s-{n:02d}", "name": f"Club {n}", "status": "active", "minimum_age": n, "maximum_age": n + 5,
         "organization": {"id": f"o-{n % 3}", "name": f"Charity {n % 3}", "description": "x"},
         "service_at_locations": [{"id": f"at-{n}", "location": {"id": f"l-{n}", "location_type": "physical",
                                   "addresses": [{"address_1": "1 High Street", "postal_code": "QB1 1AA"}]}}]}
        for n in range(11)
    ]  # fmt: skip
    return [read_document(tmp_path, full), read_document(tmp_path, {"contents": offered}, "feed-two")]


@pytest.fixture
def shown(published, sample, tmp_path, partners):
    """The directory of the place, as anybody reads it: two partners', one listed team, one open commission."""
    put_commission()
    put_commission("draft", terms_of_sample(title="Not open yet"))
    place = replace(sample[0], is_directory_public=True)
    show_directory(write_run(tmp_path / "run", partners), place, [DESK, QUIET])
    return Client()


def get(client: Client, path: str, status: int = 200):
    answer = client.get(f"{BASE}{path}")
    assert answer.status_code == status, (path, answer.content)
    return answer.json()


def every(client: Client, address: str, size: int = 4, more: str = "") -> list[dict]:
    """All entries, page by page, as the pages themselves say that there are more."""
    found, number, total = [], 1, None
    while True:
        page = get(client, f"/{address}?page={number}&per_page={size}{more}")
        total = page["total_items"] if total is None else total
        assert page == page_of(page["contents"], total, number, size)
        assert page["size"] == len(page["contents"]) <= size
        found += page["contents"]
        if page["last_page"]:
            assert len(found) == total
            return found
        assert page["size"] == size
        number += 1


def holds(node: dict, kind: str) -> None:
    """Hold an object, and all that is in it, to the published schemas: what is required, and the codes of lists."""
    schema = json.loads(shared_folder("fixtures", "specs", "oruk", f"{kind}.json").read_text(encoding="utf-8"))
    assert set(schema["required"]) <= set(node), (kind, sorted(node))
    for name, value in node.items():
        told = schema["properties"].get(name)
        if told is None:
            assert (kind, name) in {("service_at_location", "service"), ("taxonomy_term", "term")}, (kind, name)
            continue
        assert not told.get("enum") or value in told["enum"], (kind, name)
        for inner in value if isinstance(value, list) else [value]:
            if name in SPECS and isinstance(inner, dict):
                holds(inner, SPECS[name])


def test_it_is_read_by_anybody_page_by_page_and_each_entry_whole_as_the_schemas_have_it(shown):
    assert get(shown, "/")["version"] == "3.0"
    for address, kind in KINDS.items():
        listed = every(shown, address)
        assert [one["id"] for one in listed] == sorted(one["id"] for one in listed)
        assert len(listed) > 4
        for one in listed:
            holds(one, kind)
            whole = get(shown, f"/{address}/{one['id']}")
            holds(whole, kind)
            assert not [name for name, value in one.items() if isinstance(value, list)]
            assert {name for name, value in whole.items() if not isinstance(value, list)} <= set(one)
    for address in ("taxonomies", "taxonomy_terms"):
        listed = every(shown, address)
        assert all(get(shown, f"/{address}/{one['id']}") == one for one in listed)
        for one in listed:
            assert {"id", "name", "description"} <= set(one)
            if address == "taxonomy_terms":
                holds(one, "taxonomy_term")
    assert {one["term"] for one in every(shown, "taxonomy_terms")} == set(SERVICES)


def test_what_is_served_is_read_back_as_the_same_records(shown, partners, tmp_path):
    contents = every(shown, "services", more="&full=true")
    read = read_document(tmp_path, page_of(contents, len(contents), 1, 100))
    assert {one.rule for one in read.issues} <= {"record_repeated"}, "an organisation stands in each of its services"
    told = {"organisation": "organisation_ref", "service": "service_ref", "location": "location_ref"}
    for table, key in told.items():
        of = [name for name in next(t for t in TABLES if t.name == table).names if name.startswith(
            ("organisation_ref", "service_ref", "location_ref", "name", "status", "minimum", "maximum", "assured",
             "url", "kind", "latitude", "longitude", "postcode", "uprn"))]  # fmt: skip
        before = {row[key]: [row.get(name) for name in of] for one in partners for row in one.records.get(table, ())}
        after = {row[key]: [row.get(name) for name in of] for row in read.records.get(table, ())}
        assert before.items() <= after.items(), table
        own = {one["organization"]["id"] if table == "organisation" else one["id"] for one in contents}
        assert set(after) - set(before) <= own
    assert len(read.records["service"]) == len(contents) == 12 + 2 + 1


def test_the_places_own_services_and_open_commissions_stand_in_it_without_money_or_unlisted_teams(shown):
    services = {one["name"]: one for one in every(shown, "services", more="&full=true")}
    desk = services["Homelessness and housing options: Housing options"]
    assert desk["email"] == DESK.contact
    assert desk["organization"]["name"] == "Northmere Council"
    lot = services["Therapy and counselling: Therapy"]
    terms = terms_of_sample()
    assert lot["schedules"][0]["valid_to"] == str(terms.lots[0].window_to)
    assert {one["name"] for one in lot["service_areas"]} == {"Northmere", "Southwick Down"}
    assert lot["status"] == "active"
    assert "Therapy after abuse" in lot["description"]
    text = json.dumps(list(services.values()))
    for secret in ("Never told", "Not open yet", "10000000", "30000", terms.fund, *CANARIES.values()):
        assert secret not in text, secret


def test_a_lot_whose_window_is_over_is_inactive_and_who_commissions_no_more_is_gone(published, sample, tmp_path):
    terms, today = terms_of_sample(), timezone.localdate()
    over = replace(terms.lots[0], window_from=today - dt.timedelta(days=60), window_to=today - dt.timedelta(days=1))
    row = put_commission(terms=replace(terms, lots=(over,)))
    place = replace(sample[0], is_directory_public=True)
    show_directory(None, place, [])
    (one,) = get(Client(), "/services")["contents"]
    assert one["status"] == "inactive"
    type(row).objects.filter(pk=row.pk).update(state="ended")
    show_directory(None, place, [DESK])
    assert {one["name"].rpartition(": ")[2] for one in get(Client(), "/services")["contents"]} == {"Housing options"}


def test_where_the_place_does_not_say_so_nothing_of_it_is_there(published, sample, tmp_path, partners):
    assert not load_place(sample[0].folder).is_directory_public
    show_directory(write_run(tmp_path / "run", partners), sample[0], [DESK])
    assert not DirectoryEntry.objects.exists()
    for path in ("/", "/services", "/services/s-01", "/taxonomies", "/openapi.json", "/services?page=0"):
        answer = Client().get(f"{BASE}{path}")
        assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json"), path


def test_what_place_toml_says_of_it_is_true_or_false(sample, tmp_path):
    text = (sample[0].folder / "place.toml").read_text(encoding="utf-8")
    for said, is_public in (("public = true", True), ("public = false", False), ("", False)):
        (tmp_path / "place.toml").write_text(f"{text}\n[directory]\n{said}\n", encoding="utf-8")
        assert load_place(tmp_path).is_directory_public is is_public
    for wrong in ('[directory]\npublic = "yes"', "directory = 1"):
        head = f"{wrong}\n{text}" if wrong.startswith("directory") else f"{text}\n{wrong}"
        (tmp_path / "place.toml").write_text(head, encoding="utf-8")
        with pytest.raises(PlaceInvalid, match="public is true or false"):
            load_place(tmp_path)


def test_lists_are_narrowed_by_each_parameter_as_a_look_at_every_entry_finds(shown):
    everything = every(shown, "services", more="&full=true")

    def ids(query: str) -> set[str]:
        return {one["id"] for one in every(shown, "services", more=f"&{query}")}

    assert ids("search=Club%2010") == {"s-10"}
    assert ids("search=no%20such%20thing") == set()
    for words in ("CHARITY 0 club", "charity 2", "therapy abuse"):
        fits = {
            one["id"]
            for one in everything
            for said in [" ".join(map(str, (one["name"], one.get("description", ""), one["organization"]["name"])))]
            if all(word.lower() in said.lower() for word in words.split())
        }
        assert ids("search=" + words.replace(" ", "%20")) == fits != set(), words
    assert ids("minimum_age=8") == {one["id"] for one in everything if one.get("minimum_age", -1) >= 8}
    assert ids("maximum_age=7.5") == {one["id"] for one in everything if one.get("maximum_age", 999) <= 7.5}
    assert ids("organization_id=o-1") == {"s-01", "s-04", "s-07", "s-10"}
    terms = {one["term"]: one["id"] for one in every(shown, "taxonomy_terms")}
    of = {one["id"]: [each["taxonomy_term"]["term"] for each in one.get("attributes", ())] for one in everything}
    assert ids(f"taxonomy_term_id={terms['therapy']}") == {one for one, said in of.items() if "therapy" in said}
    (taxonomy,) = every(shown, "taxonomies")
    assert ids(f"taxonomy_id={taxonomy['id']}") == {one for one, said in of.items() if said}
    assert len(ids(f"taxonomy_id={taxonomy['id']}")) == 3
    assert ids("taxonomy_id=another") == set()
    assert get(shown, "/services?page=99")["empty"] is True


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("page=0", "page"), ("page=x", "page"), ("per_page=101", "per_page"), ("per_page=-1", "per_page"),
        ("minimum_age=nan", "minimum_age"), ("maximum_age=old", "maximum_age"), ("full=yes", "full"),
        ("page=1&page=2", "page"), ("postcode=QB1%201AA", "query"), ("proximity=10", "query"), ("day=MO", "query"),
        ("search=" + "x" * 201, "search"), ("search=%00", "search"), ("organization_id=%00", "organization_id"),
    ],
)  # fmt: skip
def test_nothing_that_is_asked_is_ignored_and_no_value_is_repeated(shown, query, field):
    said = get(shown, f"/services?{query}", 422)
    assert said["fields"] == [field]
    assert "QB1" not in json.dumps(said)


def test_an_id_of_nothing_and_of_another_kind_is_not_found_and_a_tag_spares_the_rest(shown):
    for path in ("/services/nothing", "/organizations/s-01", "/services/o-1", "/taxonomies/x"):
        get(shown, path, 404)
    answer = shown.get(f"{BASE}/services/s-01")
    assert shown.get(f"{BASE}/services/s-01", headers={"If-None-Match": answer["ETag"]}).status_code == 304


def test_its_description_names_each_address_and_parameter_that_is_answered(shown):
    said = get(shown, "/openapi.json")
    for path, one in said["paths"].items():
        names = [each["name"] for each in one["get"]["parameters"] if each["in"] == "query"]
        if "{id}" not in path:
            get(shown, path)
        for name in names:
            get(shown, f"{path}?{name}={'true' if name == 'full' else '1'}")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 300), st.integers(1, 100))
def test_pages_hold_each_entry_once_in_order(total, size):
    entries = [{"id": number} for number in range(total)]
    found, number = [], 1
    while True:
        page = page_of(entries[(number - 1) * size : number * size], total, number, size)
        found += page["contents"]
        assert page["first_page"] is (number == 1)
        assert page["empty"] is (page["size"] == 0)
        if page["last_page"]:
            assert page["total_pages"] == number
            break
        number += 1
    assert found == entries
