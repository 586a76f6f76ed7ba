"""What if, for a person: the waits that the viewer sees with and without a change, and nothing of those they do not."""

import datetime as dt
import json
import re
from html import unescape

import pytest
from django.apps import apps
from django.db import connection
from published_sample import ENTRIES
from sample_run import AS_OF, CHILD, VICTIM
from test_web_paths import HOW, absent_and_hidden  # noqa: F401 - a fixture

from braid.language.calendars import Calendar
from braid.trust.roles import ROLES
from braid.waits.changes import shipped_changes
from braid.web.calendar_document import calendar_document, read_calendar
from braid.web.watch import known_asker
from braid.web.what_if_forms import NotADay, WhatIfForm, changes_for, read_when

pytestmark = pytest.mark.django_db

URL = f"/people/{CHILD}/what-if/"
WEEK_6_OR_9 = {"change_a": "placement_ends", "when_a": "week 6", "when_b": "9", "look": "week 9"}


def cells(page: bytes) -> dict[str, list[str]]:
    """The rows of the table by the kind of wait: the words of each cell."""
    body = page.decode().split("<tbody", 1)[1].split("</tbody>", 1)[0]
    rows = {}
    for row in body.split("<tr")[1:]:
        parts = re.findall(r"<t[dh] [^>]*>(.*?)</t[dh]>", row, re.DOTALL)
        words = [unescape(" ".join(part.split())) for part in parts]
        rows[words[0].rsplit(">", 1)[-1]] = words[1:]
    return rows


def test_week_6_against_week_9_side_by_side(published, client_of):
    answer = client_of("practitioner", "school_from_ta").get(URL, WEEK_6_OR_9)
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "A: The placement ends and the household moves into another one (week 6, 27 December 2026)" in page
    assert "B: The placement ends and the household moves into another one (week 9, 17 January 2027)" in page
    rows = cells(answer.content)
    without, week_6, week_9 = rows["Temporary accommodation"]
    assert "Since 30 August 2026" in without
    assert "Begins again" in week_6 and "Since 27 December 2026" in week_6
    assert "Begins again" in week_9 and "Since 17 January 2027" in week_9
    assert "each offer of accommodation is one of its own" in week_6 and "Rests on law." in week_6
    assert "Ends" in rows["Family in bed and breakfast"][1]
    assert "As without it" in rows["EHC plan"][1]


def test_what_is_held_by_what_ends_is_free(published, client_of):
    page = client_of("practitioner", "school_from_ta").get(URL, {"change_a": "home_let", "when_a": "week 1"}).content
    rows = cells(page)
    assert "Ends" in rows["Temporary accommodation"][1]
    assert "Nothing holds it up any more" in rows["EHC plan"][1]
    assert "As without it" in rows["School place in the year"][1], "the letter is still missing"
    assert (
        "Held up by: Missing evidence: outcome letter; Temporary accommodation" in rows["School place in the year"][0]
    )


def test_a_change_begins_clocks_of_kinds_that_the_role_may_see(published, client_of):
    asked = {"change_a": "moves_council", "when_a": "week 1"}
    rows = cells(client_of("practitioner", "school_from_ta").get(URL, asked).content)
    assert rows["Notice of placement out of area"][0].endswith("Not there")
    assert "Housing Act 1996 s.208. Rests on law." in rows["Notice of placement out of area"][1]
    listing = client_of("listing_officer", "court_readiness").get(
        URL, {**asked, "change_a": "hearing_adjourned", "until_a": "week 3"}
    )
    assert set(cells(listing.content)) == {"Care proceedings"}


def test_each_role_is_offered_what_says_something_of_waits_it_may_see():
    assert "trial_ends" not in changes_for(ROLES["analyst"]) and "trial_ends" in changes_for(ROLES["advocate"])
    assert set(changes_for(ROLES["listing_officer"])) < set(shipped_changes())
    assert changes_for(ROLES["board_member"]) == {}


def test_hidden_waits_and_blockers_leave_no_trace(absent_and_hidden, client_of):  # noqa: F811
    asked = {"change_a": "placement_ends", "when_a": "week 1", "change_b": "home_let", "when_b": "week 2"}
    answers = {}
    for how in ("", *HOW):
        absent_and_hidden(how)
        for role in ("practitioner", "analyst"):
            answers[how, role] = client_of(role, "school_from_ta").get(URL, asked).content
    for how in HOW:
        for role in ("practitioner", "analyst"):
            assert answers[how, role] == answers["", role], how


def test_the_advocate_sees_what_the_others_do_not(published, client_of):
    """The control: what is hidden from others would change the page."""
    page = client_of("advocate", "victim_response").get(
        f"/people/{VICTIM}/what-if/", {"change_a": "trial_ends", "when_a": "0"}
    )
    rows = cells(page.content)
    assert "Ends" in rows["Crown Court trial"][1] and "Therapy after harm" in rows


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({}, None),
        ({"change_a": ""}, "Choose a change"),
        ({"change_a": "no such"}, "Choose one from the list"),
        ({"change_a": "trial_ends", "when_a": "1"}, "Choose one from the list"),
        ({"change_a": "home_let"}, "Enter a day or a week"),
        ({"change_a": "home_let", "when_a": "soon"}, "Enter a day, for example 2027-01-18, or a week"),
        ({"change_a": "home_let", "when_a": "2026-11-14"}, "Enter a day from 2026-11-15 on"),
        ({"change_a": "home_let", "when_a": "week 105"}, "within 104 weeks"),
        ({"change_a": "home_let", "when_a": "9" * 40}, "at most 20 characters"),
        ({"change_a": "hearing_adjourned", "when_a": "1"}, "Enter the day of the new hearing"),
        ({"change_a": "hearing_adjourned", "when_a": "2", "until_a": "1"}, "a second day that comes after the first"),
        ({"change_a": "home_let", "when_a": "9", "look": "week 6"}, "on or after the day of each change"),
        ({"change_a": "home_let", "when_a": "1", "change_b": "home_let"}, "Enter a day or a week"),
    ],
)
def test_what_cannot_be_asked_is_said_with_its_next_step(sent, words, published, client_of):
    answer = client_of("practitioner", "school_from_ta").get(URL, sent)
    assert answer.status_code == (400 if words else 200)
    page = unescape(answer.content.decode())
    assert words is None or words in page
    assert "Each wait without the change" not in page


def test_nothing_is_kept_but_the_look(published, client_of):
    def sizes():
        tables = [model._meta.db_table for model in apps.get_models() if model._meta.managed]
        with known_asker(), connection.cursor() as cursor:
            found = {}
            for table in tables:
                cursor.execute(f'select count(*) from "{table}"')
                found[table] = cursor.fetchone()[0]
        return found

    client = client_of("practitioner", "school_from_ta")
    client.get(URL)
    before, looks = sizes(), ENTRIES.filter(kind="look", person_id=CHILD).count()
    assert client.get(URL, WEEK_6_OR_9).status_code == 200
    grown = {table for table, size in sizes().items() if size != before[table]}
    assert grown <= {"braid_auditentry", "braid_auditleaf", "braid_auditnode"}
    assert ENTRIES.filter(kind="look", person_id=CHILD).count() == looks + 1
    assert "placement" not in json.dumps([entry.details for entry in ENTRIES.filter(person_id=CHILD)])


def test_a_day_and_a_week_are_read():
    assert read_when(" week 2 ", AS_OF) == read_when("2", AS_OF) == AS_OF + dt.timedelta(weeks=2)
    assert read_when("2026-12-24", AS_OF) == dt.date(2026, 12, 24)
    for wrong in ("", "week", "-1", "24.12.2026", "2026-13-01", "week 1000"):
        with pytest.raises(NotADay):
            read_when(wrong, AS_OF)


def test_the_second_option_is_the_first_change_on_another_day():
    form = WhatIfForm(WEEK_6_OR_9, role=ROLES["analyst"], as_of=AS_OF, calendar=Calendar())
    assert form.is_valid()
    assert [[each.change.code for each in planned] for planned in form.options.values()] == [["placement_ends"]] * 2


def test_the_school_days_of_the_place_are_published(published, sample):
    place, _ = sample
    calendar = read_calendar(calendar_document(place.calendar))
    assert calendar == place.calendar and calendar.terms
    assert read_calendar({}) == Calendar()
