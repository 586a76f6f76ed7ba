"""The page and the command line give one answer: whom a role may see in several backlogs, and what about them."""

from contextlib import closing
from dataclasses import replace

import pytest
from django.db import connection

from braid.pipeline import open_run
from braid.trust.roles import ROLES
from braid.web.access import get_people, people
from braid.web.access import list_people as list_as_command_line
from braid.web.access.projections import PeopleFilter, Viewer
from braid.web.models import Cohort, PersonDistrict
from braid.web.published import estimate_waits
from braid.web.watch import known_asker
from listing_reference import list_people

pytestmark = pytest.mark.django_db
ASKED = [(role, purpose) for role in ROLES.values() for purpose in sorted(role.purposes)]
TABLES = ("person", "person_wait", "blocker", "cohort")


def _on_the_pages(role, purpose):
    viewer = Viewer(f"test-{role.code}", role.code, purpose, "MTG-2026-041", "people")
    first = get_people(viewer, PeopleFilter())
    pages = [first, *(get_people(viewer, PeopleFilter(), number) for number in range(2, first.page_count + 1))]
    return {
        person.person_id: (person.backlog_count, person.wait_count, person.longest_days, person.total_days)
        for page in pages
        for person in page.people
    }


@pytest.mark.parametrize(("role", "purpose"), ASKED, ids=lambda value: getattr(value, "code", value))
def test_the_pages_and_a_slow_twin_agree(sample, published, role, purpose):
    _, run = sample
    with closing(open_run(run, names=TABLES)) as engine:
        listed = list_people(engine, replace(role, purposes=frozenset({purpose})))
    as_the_twin_has_it = {
        person["person_id"]: (
            len(person["backlogs"]),
            len(person["waits"]),
            person["longest_days"],
            person["total_days"],
        )
        for person in listed
    }
    assert as_the_twin_has_it == _on_the_pages(role, purpose)


@pytest.mark.parametrize(("role", "purpose"), ASKED, ids=lambda value: getattr(value, "code", value))
def test_page_and_command_line_agree(published, role, purpose):
    viewer = Viewer(f"test-{role.code}", role.code, purpose, "MTG-2026-041", "waits")
    listed = list_as_command_line(viewer)
    assert _on_the_pages(role, purpose) == {
        person["person_id"]: (
            len(person["backlogs"]),
            len(person["waits"]),
            person["longest_days"],
            person["total_days"],
        )
        for person in listed
    }
    ordered = [(-person["longest_days"], person["person_id"]) for person in listed]
    assert ordered == sorted(ordered)


def test_the_comparison_has_something_to_compare(sample):
    _, run = sample
    with closing(open_run(run, names=TABLES)) as engine:
        sizes = {role.code: len(list_people(engine, role)) for role in ROLES.values()}
    assert sizes["analyst"] > 20
    assert sizes["practitioner"] > 20
    assert sizes["advocate"] > 0
    assert sizes["board_member"] == 0


@pytest.mark.parametrize("few", [0, people.FEW], ids=["longest first", "few within reach"])
@pytest.mark.parametrize("most_waits", [7, 30])
@pytest.mark.parametrize("role", ["analyst", "practitioner"])
def test_a_list_that_is_cut_holds_who_waits_longest(published, monkeypatch, role, most_waits, few):
    viewer = Viewer(f"test-{role}", role, "school_from_ta", "MTG-2026-041", "people")
    everybody = [person["person_id"] for person in list_as_command_line(viewer)]
    monkeypatch.setattr(people, "MOST_WAITS", most_waits)
    monkeypatch.setattr(people, "MOST_WAITS_READ", most_waits)
    monkeypatch.setattr(people, "FEW", few)
    monkeypatch.setattr(people, "estimate_waits", lambda: None)
    found = get_people(viewer, PeopleFilter())
    assert found.is_cut
    assert 0 < found.count < len(everybody)
    pages = [found, *(get_people(viewer, PeopleFilter(), number) for number in range(2, found.page_count + 1))]
    listed = [person.person_id for page in pages for person in page.people]
    assert listed == everybody[: found.count]
    by_total = get_people(viewer, PeopleFilter(sort="total"))
    totals = [person.total_days for person in by_total.people]
    assert totals == sorted(totals, reverse=True)
    assert {person.person_id for person in by_total.people} <= set(listed)


@pytest.mark.parametrize(
    ("waits", "most", "apart"),
    [(None, 1000, people.FEW), (0, 1000, 0), (20, 1, 1), (15_000, 1000, 866), (3_000_000, 5000, people.FEW)],
)
def test_the_larger_the_place_the_more_people_are_read_apart(monkeypatch, waits, most, apart):
    monkeypatch.setattr(people, "estimate_waits", lambda: waits)
    assert people._most_read_apart(most) == apart


def test_the_database_says_how_many_waits_the_place_has_once_it_has_counted(published):
    with known_asker(), connection.cursor() as cursor:
        cursor.execute("analyze braid_personwait")
        cursor.execute("select count(*) from braid_personwait")
        assert estimate_waits() == cursor.fetchone()[0] > 0


@pytest.mark.parametrize("sort", people.SORTS)
def test_each_order_is_of_what_is_shown(published, sort):
    viewer = Viewer("test-analyst", "analyst", "school_from_ta", "MTG-2026-041", "people")
    found = get_people(viewer, PeopleFilter(sort=sort))
    assert not found.is_cut
    key = {"longest": "longest_days", "total": "total_days", "backlogs": "backlog_count", "blockers": "blocker_count"}
    order = [(-getattr(person, key[sort]), person.person_id) for person in found.people]
    assert order == sorted(order)
    assert len(order) > 20


@pytest.mark.parametrize("few", [0, people.FEW], ids=["many match", "few match"])
@pytest.mark.parametrize("role", ["analyst", "practitioner"])
def test_filters_keep_whoever_matches_with_all_their_waits(published, monkeypatch, role, few):
    monkeypatch.setattr(people, "FEW", few)
    monkeypatch.setattr(people, "estimate_waits", lambda: None)
    viewer = Viewer(f"test-{role}", role, "school_from_ta", "MTG-2026-041", "people")
    everybody = {person["person_id"]: person for person in list_as_command_line(viewer)}
    waits = [wait for person in everybody.values() for wait in person["waits"]]
    for name in ("kind", "backlog"):
        for code in {wait[name] for wait in waits}:
            found = _listed(viewer, PeopleFilter(**{name: code}))
            held = {one: person for one, person in everybody.items() if code in {w[name] for w in person["waits"]}}
            assert {one: person.wait_count for one, person in found.items()} == {
                one: len(person["waits"]) for one, person in held.items()
            }, code
    with known_asker():
        district = PersonDistrict.objects.filter(person__in=list(everybody)).first().district_code
        there = set(PersonDistrict.objects.filter(district_code=district).values_list("person_id", flat=True))
        concerned = set(Cohort.objects.filter(statement="school_from_ta").values_list("person_id", flat=True))
    assert set(_listed(viewer, PeopleFilter(district=district))) == there & set(everybody) != set()
    assert set(_listed(viewer, PeopleFilter(problem="school_from_ta"))) == concerned & set(everybody) != set()
    both = PeopleFilter(district=district, problem="school_from_ta")
    assert set(_listed(viewer, both)) == there & concerned & set(everybody)


def _listed(viewer, wanted):
    first = get_people(viewer, wanted)
    pages = [first, *(get_people(viewer, wanted, number) for number in range(2, first.page_count + 1))]
    return {person.person_id: person for page in pages for person in page.people}
