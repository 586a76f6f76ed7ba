"""Who lives with whom, on a page: what an abuser's worker may not learn from it, and what a practitioner may.

Each test of what is not told holds the whole answer against that of a run which knows of no households: no word, no
count and no statement to the database may be otherwise.
"""

import dataclasses
import datetime as dt
import json
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from homes_sample import FAR, FORMER, HOMES, LEFT, LONG_AGO, NEW, OUTSIDER, PARENT, SINCE, SISTER, came, day, lives
from published_sample import ENTRIES, REFERENCE
from sample_run import AS_OF, CHILD, VICTIM, sample_tables, write_run

from braid.web.access import get_person
from braid.web.access.projections import Viewer
from braid.web.homes.publishing import QUIET_DAYS, Known, find_quiet, find_together
from braid.web.models import Barred, Cohabitant, HomeSpell, Kinship, PublishedRun
from braid.web.publish import publish
from braid.web.watch import known_asker

pytestmark = pytest.mark.django_db

PRACTITIONER = Viewer("test-practitioner", "practitioner", "school_from_ta", REFERENCE, "test")


@pytest.fixture
def publish_homes(published, sample, tmp_path, user_of):
    """Return how a run with these households is published."""
    place, _ = sample
    runs = iter(range(99))

    def put(homes, change=lambda tables: None):
        tables = sample_tables(10)
        tables.update({name: list(rows) for name, rows in homes.items()})
        change(tables)
        folder = tmp_path / str(next(runs))
        run = write_run(dataclasses.replace(place, folder=folder), f"2026-11-15-{folder.name}", tables)
        publish(run, place)

    return put


def household_of(person: str, viewer: Viewer = PRACTITIONER):
    return get_person(viewer, person).household


def answers(client_of, person: str, role: str = "practitioner") -> tuple[list[bytes], list[int]]:
    """Return page and API answer about a person, and how many statements each took."""
    client = client_of(role, "school_from_ta")
    headers = {"X-Purpose": "school_from_ta", "X-Reference": REFERENCE}
    found, counts = [], []
    for address, more in ((f"/people/{person}/", None), (f"/api/v1/people/{person}", headers)):
        with CaptureQueriesContext(connection) as queries:
            found.append(client.get(address, headers=more).content)
        counts.append(len(queries))
    return found, counts


def test_a_practitioner_reads_who_lives_with_somebody_since_when_and_what_they_are(publish_homes):
    publish_homes(HOMES)
    seen = household_of(CHILD)
    assert [(one.person_id, one.age, one.since_date, one.is_stated, one.how) for one in seen.members] == [
        (PARENT, "Adult", SINCE, True, "Moved in"),
        (SISTER, "Child", LONG_AGO, False, ""),
    ]
    parent, sister = seen.members
    assert parent.name == "Given10 Family10"
    assert [(one.kind, one.source, one.legal_responsibility) for one in parent.kinships] == [
        ("Carer", "Children in need census", None),
        ("Parent", "Housing register", True),
    ]
    assert parent.kinships[0].freshness.endswith("9 days old")
    assert sister.kinships == ()
    (former,) = seen.former
    assert (former.who, former.first_month, former.last_month, former.why) == (
        "An adult",
        LONG_AGO.replace(day=1),
        LEFT.replace(day=1),
        "Moved out",
    )


def test_the_parent_reads_as_the_child_does_from_the_other_end(publish_homes):
    publish_homes(HOMES)
    by_id = {one.person_id: one for one in household_of(PARENT).members}
    assert [one.kind for one in by_id[CHILD].kinships] == ["Child"]
    assert by_id[CHILD].kinships[0].legal_responsibility is None
    assert by_id[CHILD].how == "This person moved in"
    assert household_of(PARENT).former == (), "they never lived with whoever had left"


def test_the_page_says_it_in_words_headlines_first(publish_homes, client_of):
    publish_homes(HOMES)
    page = client_of("practitioner", "school_from_ta").get(f"/people/{CHILD}/").content.decode()
    told = page.split('id="household"')[1].split('id="involved"')[0]
    assert "Two people whom you may see live with them." in told
    assert "3 February 2025" in told and "Moved in." in told
    assert "First shown then; no source says since when." in told
    assert told.index("Given10") < told.index("with parental responsibility")
    assert f"An adult, {LONG_AGO:%B %Y} to {LEFT:%B %Y}. Moved out." in told


def test_who_lived_there_before_is_neither_named_nor_led_to(publish_homes, client_of):
    """Whoever left may live under another name: their person, and where they are, must not hang on where they were."""
    publish_homes(HOMES)
    for answer in answers(client_of, CHILD)[0]:
        assert FORMER.encode() not in answer and b"Given12" not in answer
        assert b"where-they-went" not in answer and LEFT.isoformat().encode() not in answer
    with known_asker():
        assert not HomeSpell.objects.filter(other=FORMER).exists()
        assert not Kinship.objects.filter(other=FORMER).exists()
        of_former = list(HomeSpell.objects.filter(person=FORMER).values_list("other", "is_own", "cause"))
    assert of_former == [(None, True, "moved_out")] * 2


def test_neither_care_nor_the_end_of_a_relationship_is_a_cause_that_is_published(publish_homes):
    homes = {
        "household_member": [
            lives("h1", CHILD, LONG_AGO, age_role="child"),
            lives("h1", PARENT, LONG_AGO, LEFT),
            lives("h1", SISTER, LONG_AGO, day(600), age_role="child"),
            lives("h1", NEW, day(400), age_role="child"),
        ],
        "household_event": [
            came("h1", PARENT, LEFT, "separated", "left"),
            came("h1", SISTER, day(600), "placed_in_care", "left"),
            came("h1", NEW, day(400), "returned_from_care"),
        ],
    }
    publish_homes(homes)
    with known_asker():
        causes = set(HomeSpell.objects.values_list("cause", flat=True))
    assert causes == {"", "moved_out"}


QUIET = {
    "protected": lambda tables: _mark(tables, protected=True, location_withheld=True),
    "a neighbour of somebody protected": lambda tables: _mark(tables, location_withheld=True),
    "an adopted child": lambda tables: tables["sealed_person"].append({"person_id": FORMER, "side": "adoptive"}),
    "a sealed identity": lambda tables: tables["sealed_person"].append({"person_id": FORMER, "side": "pre_adoptive"}),
    "waits for nothing, and protected": lambda tables: _add_outsider(tables, protected=True),
}


def _mark(tables, who: str = FORMER, **facts):
    for row in tables["person"]:
        if row["person_id"] == who:
            row.update(facts)


def _add_outsider(tables, **facts):
    like = next(row for row in tables["person"] if row["person_id"] == FORMER)
    tables["person"].append({**like, "person_id": OUTSIDER, **facts})
    tables["household_member"].append(lives("h1", OUTSIDER, LONG_AGO, day(700)))


@pytest.mark.parametrize("why", QUIET)
def test_nothing_is_told_of_who_once_lived_with_somebody_quiet(publish_homes, client_of, why):
    """The parent moved in after whoever is quiet had left: they never met, and the child's spells would still tell."""
    family = (CHILD, PARENT, SISTER)
    publish_homes({}, QUIET[why])
    without = [_unstamped(answers(client_of, one)) for one in family]
    publish_homes(HOMES, QUIET[why])
    assert [_unstamped(answers(client_of, one)) for one in family] == without
    with known_asker():
        assert not HomeSpell.objects.exists() and not Kinship.objects.exists() and not Cohabitant.objects.exists()


def _unstamped(answered) -> tuple[list[str], list[int]]:
    """Return answers without what differs from request to request."""
    pages, counts = answered
    return [re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", page.decode()) for page in pages], counts


def test_people_who_came_apart_less_than_a_year_ago_are_quiet_and_so_are_both_homes(publish_homes):
    """She left him for her sister a month ago and is in nobody's list: neither home tells anything for a year."""
    him, her, sister, child = PARENT, FORMER, SISTER, CHILD
    homes = {
        "household_member": [
            lives("old", him, LONG_AGO),
            lives("old", child, LONG_AGO, age_role="child"),
            lives("old", her, LONG_AGO, day(30)),
            lives("new", her, day(29)),
            lives("new", sister, LONG_AGO),
        ],
        "household_event": [came("old", her, day(30), "moved_out", "left"), came("new", her, day(29), "moved_in")],
    }
    publish_homes(homes)
    for one in (him, her, sister, child):
        seen = household_of(one)
        assert (seen.members, seen.former) == ((), ())
    later = [
        {**row, "to_date": row["to_date"] and day(400), "shown_to_date": day(400)} if row["to_date"] else row
        for row in homes["household_member"]
    ]
    publish_homes({**homes, "household_member": later, "household_event": []})
    assert [one.person_id for one in household_of(her).members] == [sister]
    assert [one.person_id for one in household_of(him).members] == [child]


def test_a_death_makes_nobody_quiet():
    together = find_together([[lives("h", "a", LONG_AGO), lives("h", "b", LONG_AGO, day(20))]])
    died = {("h", "b"): [came("h", "b", day(20), "died", "left")]}
    assert find_quiet(Known(together, {}), set(), AS_OF) == {"a", "b"}
    assert find_quiet(Known(together, died), set(), AS_OF) == set()


def test_spells_of_two_people_run_on_over_households():
    """A household that took another id when a third person left is one spell of the two who stayed."""
    rows = [
        [lives("h", "a", LONG_AGO, day(100)), lives("h", "b", LONG_AGO, day(100))],
        [lives("i", "a", day(99)), lives("i", "b", day(99))],
        [lives("j", "a", day(2000), day(1990)), lives("j", "b", day(1999), day(1995))],
    ]
    spells = find_together(rows)["a", "b"]
    assert [(one.first, one.last, one.is_open) for one in spells] == [
        (day(1999), day(1995), False),
        (LONG_AGO, AS_OF, True),
    ]


@pytest.mark.parametrize(
    "whom", [FORMER, PARENT, OUTSIDER], ids=["who left", "who lives there", "who waits for nothing"]
)
def test_whoever_is_kept_from_one_of_a_household_is_told_of_none(publish_homes, client_of, whom):
    """A worker who is barred from her finds his page as it is where nobody is known to live with him."""
    publish_homes({})
    with known_asker():
        Barred.objects.create(person_id=whom, username="test-practitioner")
    without = answers(client_of, CHILD)
    publish_homes(HOMES, _add_outsider)
    with known_asker():
        Barred.objects.get_or_create(person_id=whom, username="test-practitioner")
        assert HomeSpell.objects.filter(person=CHILD).exists()
        assert Cohabitant.objects.filter(person_id=CHILD, other_id=OUTSIDER).exists()
    assert _unstamped(answers(client_of, CHILD)) == _unstamped(without)


def test_who_is_not_within_reach_is_absent(publish_homes):
    def out_of_reach(tables):
        tables["cohort"] = [row for row in tables["cohort"] if row["person_id"] != PARENT]
        tables["blocker"] = [row for row in tables["blocker"] if row["person_id"] != PARENT]

    publish_homes(HOMES, out_of_reach)
    assert [one.person_id for one in household_of(CHILD).members] == [SISTER]


@pytest.mark.parametrize(
    ("role", "purpose", "whom"),
    [
        ("analyst", "school_from_ta", CHILD),
        ("listing_officer", "court_readiness", CHILD),
        ("advocate", "victim_response", VICTIM),
    ],
)
def test_roles_that_do_not_work_with_households_are_told_so_whoever_it_is(
    publish_homes, client_of, role, purpose, whom
):
    publish_homes(HOMES)
    seen = household_of(whom, Viewer(f"test-{role}", role, purpose, REFERENCE, "test"))
    assert (seen.is_open, seen.members, seen.former) == (False, (), ())
    page = client_of(role, purpose).get(f"/people/{whom}/").content.decode()
    assert "Who lives with somebody is not shown to your role for this purpose." in page


def test_a_source_is_told_to_whom_its_waits_are_open(publish_homes):
    """A placement officer does not learn from a relationship that children's social care knows the child."""
    publish_homes(HOMES)
    officer = Viewer("test-placement_officer", "placement_officer", "school_from_ta", REFERENCE, "test")
    (parent,) = [one for one in household_of(CHILD, officer).members if one.person_id == PARENT]
    assert [one.source for one in parent.kinships] == ["Housing register"]


def test_a_look_at_a_household_is_a_look_at_each_who_is_named(publish_homes, client_of):
    publish_homes(HOMES)
    before = ENTRIES.filter(kind="look").count()
    client_of("practitioner", "school_from_ta").get(f"/people/{CHILD}/")
    looks = list(ENTRIES.filter(kind="look").order_by("pk"))[before:]
    assert sorted(one.person_id for one in looks) == sorted([CHILD, PARENT, SISTER])
    relations = {one.person_id: one.relation for one in looks}
    assert set(relations.values()) == {"concerned"}


def test_no_more_statements_for_more_people(publish_homes, client_of):
    def count(*names: str) -> list[int]:
        members = [lives("h1", CHILD, LONG_AGO, age_role="child"), *(lives("h1", name, LONG_AGO) for name in names)]
        publish_homes({"household_member": members})
        return answers(client_of, CHILD)[1]

    one = count(PARENT)
    assert count(PARENT, SISTER, NEW, FAR) == one


def test_what_is_published_is_the_least(publish_homes):
    """Only people who wait, only spells of whom nobody is quiet; ids of others stand where no page may read them."""
    publish_homes(HOMES, lambda tables: tables["household_member"].append(lives("h1", OUTSIDER, LONG_AGO)))
    with known_asker():
        named = set(HomeSpell.objects.values_list("person", flat=True)) | set(
            HomeSpell.objects.exclude(other=None).values_list("other", flat=True)
        )
        assert OUTSIDER not in named
        assert Cohabitant.objects.filter(other_id=OUTSIDER).exists()
        kinds = set(Kinship.objects.values_list("kind", "standard"))
    assert kinds == {("parent", "housing_register"), ("child", "housing_register"), ("carer", "cin")}


def test_a_set_that_an_older_braid_published_is_published_again(published, sample):
    place, run = sample
    assert not publish(run, place).changed
    PublishedRun.objects.update(has_homes=False)
    assert publish(run, place).changed


def test_the_api_says_what_the_page_says(publish_homes, client_of):
    publish_homes(HOMES)
    _, answer = answers(client_of, CHILD)[0]
    told = json.loads(answer)["household"]
    assert told["is_open"] is True
    assert [(one["person_id"], one["since_date"]) for one in told["members"]] == [
        (PARENT, SINCE.isoformat()),
        (SISTER, LONG_AGO.isoformat()),
    ]
    assert [one["who"] for one in told["former"]] == ["An adult"]


def _lineage(one: str, other: str | None, change: str, days: int) -> dict:
    moment = dt.datetime.combine(day(days), dt.time(2), dt.UTC)
    row = {"person_id": one, "other_person_id": other, "change": change, "cause": "human_decision"}
    return {**row, "release": "1", "as_of_date": day(days), "known_at": moment}


@pytest.mark.parametrize(
    ("row", "is_told"),
    [
        (_lineage(FAR, SISTER, "split", QUIET_DAYS), False),
        (_lineage(SISTER, FAR, "split", 0), False),
        (_lineage(FAR, SISTER, "split", QUIET_DAYS + 1), True),
        (_lineage(FAR, SISTER, "merged", 0), True),
        (_lineage(FAR, NEW, "split", 0), True),
    ],
    ids=["a year ago", "tonight, by the other end", "longer ago", "merged", "others"],
)
def test_nothing_is_told_of_a_home_of_somebody_whom_linking_parted_within_a_year(publish_homes, row, is_told):
    """What was remembered of one may be the other's: with whom they lived, and where."""

    def change(tables):
        tables["person_lineage"] = [row]

    publish_homes(HOMES, change)
    with known_asker():
        assert HomeSpell.objects.filter(person=CHILD).exists() == is_told
        assert HomeSpell.objects.filter(person=SISTER).exists() == is_told
