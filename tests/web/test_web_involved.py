"""Who is involved: newest first, how late each source is, which team to call; no date tells who is withheld."""

import dataclasses
import datetime as dt
from pathlib import Path

import pytest
from published_sample import REFERENCE
from sample_run import AS_OF, CHILD, CHILD_PROTECTED, COUNCIL, sample_tables, write_run

from braid.care.team_file import TeamEntry, parse_teams
from braid.language.rule_files import RulesInvalid
from braid.store.place_folder import Feed, Organisation, Place
from braid.web.access import get_person
from braid.web.access.projections import Viewer
from braid.web.models import Involvement, PersonWait
from braid.web.publish import publish
from braid.web.publish_involved import find_sources, oldest_by_feed
from braid.web.watch import known_asker

ANALYST = Viewer("test-analyst", "analyst", "school_from_ta", REFERENCE, "test")
CARE, EARLIER = "Children's social care", AS_OF - dt.timedelta(days=21)


@pytest.fixture
def late(published, sample, tmp_path):
    """Publish a run in which the open child's council sent its extract three weeks before, and sends weekly."""
    place, _ = sample
    feed = Feed("northmere-cin", COUNCIL, "cin", 2026, CARE, every_days=7)
    place = dataclasses.replace(place, feeds=(*place.feeds, feed))
    tables = sample_tables(0)
    for row in tables["involvement"]:
        if row["person_id"] == CHILD and row["service"] == CARE:
            row["as_of_date"], row["last_date"] = EARLIER, EARLIER
    for row in tables["person_wait"]:
        if row["person_id"] == CHILD and row["organisation_id"] == COUNCIL:
            row["as_of_date"] = EARLIER
    publish(write_run(dataclasses.replace(place, folder=tmp_path), "late", tables), place)


@pytest.mark.django_db
def test_services_come_newest_first_and_say_how_late_their_extract_is(late, user_of):
    user_of("analyst")
    seen = get_person(ANALYST, CHILD)
    days = [each.last_date for each in seen.involvements]
    assert days == sorted(days, reverse=True)
    (care,) = [each for each in seen.involvements if each.service == CARE]
    assert (care.is_late, care.or_later) == (True, False)
    assert care.freshness == "Comes weekly; this one is 21 days old, 14 days late"
    assert seen.late_involvements == 1
    assert all(not each.is_late for each in seen.involvements if each.service != CARE)


@pytest.mark.django_db
def test_the_page_marks_a_late_source_in_words_and_says_how_many_services_there_are(late, client_of):
    shown = client_of("analyst", "school_from_ta").get(f"/people/{CHILD}/").content.decode()
    involved = shown.split('id="involved"')[1]
    assert "Late</strong>" in involved
    assert "14 days late" in involved
    assert "newest activity first" in involved
    assert "call before you rely on it" in involved
    assert involved.count('data-label="Whom to call"') == len(involved.split('data-label="Last seen"')) - 1 > 0


@pytest.mark.django_db
def test_the_date_of_an_extract_does_not_tell_a_partner_that_is_withheld(late, user_of):
    with known_asker():
        hidden = Involvement.objects.get(person=CHILD_PROTECTED, service=CARE)
        waits = PersonWait.objects.filter(person=CHILD_PROTECTED, organisation_kind="council")
        own = PersonWait.objects.filter(person=CHILD, organisation_kind="council")
        assert hidden.provider == "kind:council"
        assert hidden.as_of_date == EARLIER
        kinds = set(own.values_list("kind", flat=True))
        assert waits.filter(kind__in=kinds).exists()
        assert {wait.as_of_date for wait in waits.filter(kind__in=kinds)} == {EARLIER}
    user_of("analyst")
    (care,) = [each for each in get_person(ANALYST, CHILD_PROTECTED).involvements if each.service == CARE]
    assert care.or_later


def _place(folder: Path, *feeds: Feed) -> Place:
    councils = tuple(Organisation(f"{name}-council", name, "council") for name in ("north", "south"))
    return Place(folder, "p", "P", AS_OF, councils, (), feeds)


def _row(council: str, as_of: dt.date) -> dict[str, object]:
    return {"organisation_id": council, "service": CARE, "as_of_date": as_of}


def test_a_withheld_partner_has_the_oldest_extract_and_the_longest_rhythm_of_its_kind(tmp_path):
    feeds = [
        Feed(f"{n}-cin", f"{n}-council", "cin", 2026, CARE, every_days=d) for n, d in (("north", 7), ("south", 30))
    ]
    rows = [_row("north-council", AS_OF), _row("south-council", EARLIER)]
    sources = find_sources(_place(tmp_path, *feeds), [], rows, AS_OF)
    told, *withheld = (sources.shown(rows[0], "council", is_told=True), *(
        sources.shown(row, "council", is_told=False) for row in rows
    ))  # fmt: skip
    assert told == {"as_of_date": AS_OF, "every_days": 7}
    assert withheld == [{"as_of_date": EARLIER, "every_days": 30}] * 2


def test_evidence_of_a_withheld_partner_bears_the_oldest_extract_of_its_standard(tmp_path):
    feeds = [Feed(f"{name}-cin", f"{name}-council", "cin", 2026, CARE) for name in ("north", "south")]
    court = dataclasses.replace(feeds[0], id="court", organisation="court", standard="fpl")
    place = _place(tmp_path, *feeds, court)
    place = dataclasses.replace(place, organisations=(*place.organisations, Organisation("court", "Court", "court")))
    dates = {"north-cin": ("cin", "2026-11-15"), "south-cin": ("cin", "2026-11-01"), "court": ("fpl", "2026-11-08")}
    rows = [{"feed": feed, "standard": standard, "as_of_date": day} for feed, (standard, day) in dates.items()]
    oldest = oldest_by_feed(place, [*rows, {"feed": "x", "standard": "cin", "as_of_date": None}])
    assert oldest == {"north-cin": dt.date(2026, 11, 1), "south-cin": dt.date(2026, 11, 1)}


def test_the_rhythm_is_that_of_the_folders_where_the_place_states_none(tmp_path):
    for weeks in range(4):
        day = AS_OF - dt.timedelta(weeks=weeks)
        (tmp_path / "extracts" / "north-cin" / day.isoformat()).mkdir(parents=True)
    feed = Feed("north-cin", "north-council", "cin", 2026, CARE)
    assert _place(tmp_path, feed).rhythm_days(feed, AS_OF) == 7
    assert _place(tmp_path, feed).rhythm_days(feed, AS_OF - dt.timedelta(weeks=2)) is None


def test_the_one_team_of_the_organisation_that_offers_the_service_is_called(tmp_path):
    feed = Feed("north-cin", "north-council", "cin", 2026, CARE)
    desk = TeamEntry("a", "Front door", "north-council", ("childrens_social_care",), contact="duty desk")
    other = dataclasses.replace(desk, id="b", organisation="south-council")
    found = find_sources(_place(tmp_path, feed), [desk, other], [], AS_OF)
    assert found.team(_row("north-council", AS_OF)) == desk
    twice = find_sources(_place(tmp_path, feed), [desk, dataclasses.replace(desk, id="c")], [], AS_OF)
    assert twice.team(_row("north-council", AS_OF)) is None


def test_a_team_may_say_how_its_desk_is_reached():
    text = '[[team]]\nid = "a"\nname = "A"\norganisation = "north"\nservices = ["legal"]\n'
    assert parse_teams(text + 'contact = "duty desk, 01632 960100"\n', ["north"])[0].contact.startswith("duty desk")
    assert parse_teams(text, ["north"])[0].contact == ""
    with pytest.raises(RulesInvalid):
        parse_teams(text + "contact = 5\n", ["north"])
