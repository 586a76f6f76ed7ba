"""Outcomes on pages: what is published is in steps and stays as it was shown; who governs sees it, and nobody else."""

import datetime as dt
import re
from pathlib import Path

import pytest
from published_sample import as_pages
from sample_run import AS_OF, PLACE_TOML, _count, sample_tables, write_run

from braid.store.place_folder import load_place
from braid.trust.roles import ROLES
from braid.web.access.context import asking_as
from braid.web.models import OutcomeDefinition, OutcomeFigure, OutcomeFramework
from braid.web.outcomes.drawings import draw_control
from braid.web.outcomes.publishing import has_outcomes, publish_outcomes
from braid.web.outcomes.reading import read_frameworks, read_outcome
from braid.web.watch import known_asker

pytestmark = pytest.mark.django_db

GOVERNING = {code for code, role in ROLES.items() if role.governs}
OWN = """[[outcome]]
id = "attendance_90"
name = "Pupils who attend"
why = "Ours"
better = "higher"
figure = "share"
period = "week"
counted = { of = "pupils" }
met = { attended_percent = 90 }
baseline = { value = 74, source = "last year" }
target = { path = "linear", from = 2026-02-16, by = 2026-11-16, value = 95 }
[[outcome.change]]
what = "Clubs before school"
from = 2026-09-07
else_changed = "A new bus route."
"""


@pytest.fixture
def board(published, client_of):
    return client_of("board_member")


def text_of(client, address):
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def words_of(page):
    """The words of a page without its pictures, whose coordinates are numbers too."""
    main = re.sub(r"<svg.*?</svg>", "", page.split("<main")[1], flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


def figures(outcome, district=""):
    with known_asker():
        found = OutcomeFigure.objects.filter(outcome_id=outcome, district_code=district)
        return {row.last_date: row.value for row in found.order_by("last_date")}


def publish(folder: Path, changes=(), own=""):
    """Publish a run whose counts are the sample's with some changed, of a place with its own outcomes or none."""
    folder.mkdir()
    (folder / "place.toml").write_text(PLACE_TOML, encoding="utf-8")
    if own:
        (folder / "outcomes.toml").write_text(own, encoding="utf-8")
    place, tables = load_place(folder), sample_tables(0)
    for values in changes:
        _count(tables, *values)
    run = write_run(place, "again", tables)
    with known_asker():
        publish_outcomes(run, place, AS_OF + dt.timedelta(weeks=1))
        assert has_outcomes(run)


def test_every_framework_is_there_with_its_outcomes_and_what_is_not_measured(board):
    page = text_of(board, "/outcomes/")
    for words in (
        "Supporting Families headline outcomes",
        "Problem statements",
        "Pupils who attend 90 per cent or more",
        "Not measured here, because no extract holds income",
        "Financial stability",
        "Moved for the better",
    ):
        assert words in page
    for exact in ("747", "561", "648", "633", "86.7"):
        assert exact not in words_of(page)


def test_an_outcome_shows_chart_table_definition_interval_and_districts(board):
    page = text_of(board, "/outcomes/attendance_90/")
    for words in (
        "A point beyond the limits",
        "87 per cent",
        "84 to 89",
        "Attended 90 per cent or more of their sessions",
        "Wilson",
        "Northmere",
        "No change is stated",
        "persistently absent",
    ):
        assert words in page
    for exact in ("747", "648", "633", "114"):
        assert exact not in words_of(page)
    assert page.count("<circle") == 40


def test_what_is_not_there_is_not_there(board):
    assert board.get("/outcomes/none_such/").status_code == 404
    assert board.get("/outcomes/periods.doc").status_code == 404


def test_a_count_is_in_steps_of_ten_and_not_by_district(published):
    assert set(figures("children_in_temporary").values()) == {None, 90.0}
    assert figures("children_in_temporary", "E08990001") == {}


def test_shares_by_district_are_of_the_last_period_alone(published):
    assert figures("attendance_90", "E08990001") == {AS_OF: 87.0}
    assert figures("attendance_90", "E08990002") == {AS_OF: 85.0}


def test_a_period_stays_as_it_was_shown_and_a_new_one_is_added(published, tmp_path):
    before = figures("attendance_90")
    later = AS_OF + dt.timedelta(weeks=1)
    with known_asker():
        OutcomeFigure.objects.filter(outcome_id="attendance_90", last_date=AS_OF).update(value=11)
    publish(tmp_path / "p", [("attendance_90", AS_OF + dt.timedelta(days=1), later, None, 747, 500)])
    after = figures("attendance_90")
    assert after == {**before, AS_OF: 11, later: 67.0}


def test_another_measure_under_the_same_name_begins_another_series(published, tmp_path):
    publish(tmp_path / "p", own=OWN.replace("attended_percent = 90", "attended_percent = 80"))
    with known_asker():
        definition = OutcomeDefinition.objects.get(pk="attendance_90")
        kept = OutcomeFigure.objects.filter(outcome_id="attendance_90", district_code="")
        assert kept.count() == 80
        assert kept.filter(digest=definition.digest).count() == 40
        assert len(read_outcome("attendance_90")[0].series) == 40


def test_a_target_and_a_change_are_shown_with_what_else_changed(board, tmp_path):
    publish(tmp_path / "p", own=OWN)
    page = text_of(board, "/outcomes/attendance_90/")
    for words in (
        "74 per cent (last year)",
        "95 per cent by 16 November 2026",
        "Worse than the way to the target asks for",
        "30 weeks before 7 September 2026 and 10 after",
        "+12 percentage points",
        "A new bus route.",
        "do not show that one thing brought another about",
    ):
        assert words in page
    assert "caus" not in page.split("<main")[1].lower()


def test_agreed_limits_begin_anew_and_the_chart_has_two_phases(published, tmp_path):
    publish(tmp_path / "p", own=f'{OWN}recalculates = "The board agreed in October."\n')
    with known_asker():
        one, _ = read_outcome("attendance_90")
        drawing = draw_control(one)
    assert len(drawing.phases) == 2
    assert drawing.way
    assert not one.signals


def test_a_run_from_before_there_were_outcomes_says_nothing(published, tmp_path):
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "place.toml").write_text(PLACE_TOML, encoding="utf-8")
    place, tables = load_place(tmp_path / "p"), sample_tables(0)
    del tables["outcome_count"]
    run = write_run(place, "old", tables)
    with known_asker():
        publish_outcomes(run, place, AS_OF)
        assert read_frameworks() == ()
        assert has_outcomes(run)
        assert OutcomeFigure.objects.exists()


def test_a_digest_follows_the_measure_and_not_the_target(published, tmp_path):
    publish(tmp_path / "p", own=OWN)
    with known_asker():
        assert len(set(OutcomeFigure.objects.filter(outcome_id="attendance_90").values_list("digest"))) == 1


@pytest.mark.parametrize("role", sorted(ROLES))
def test_rows_are_there_for_whose_role_governs_alone(role, published):
    for table in (OutcomeFramework, OutcomeDefinition, OutcomeFigure):
        with asking_as(f"test-{role}", ""), as_pages():
            seen = table.objects.exists()
        assert seen is (role in GOVERNING), table


@pytest.mark.parametrize(("address", "words"), [("periods", "Pupils who attend 90"), ("districts", "Northmere")])
def test_files_hold_what_pages_show(board, address, words):
    answer = board.get(f"/outcomes/{address}.csv")
    assert answer.status_code == 200
    content = answer.content.decode("utf-8-sig")
    assert words in content
    assert ("[c]" in content) is (address == "periods")
    assert "747" not in content and "648" not in content
