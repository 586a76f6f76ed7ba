"""Print versions of boards: read by the outbound guard first, theirs alone who asked, and each an export on record."""

import datetime as dt
import re
import uuid
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone
from listing_sample import OUT_OF_REACH, put_listing
from plan_sample import ADULT, UNITS, sample_problem, write_plan, write_whole_run
from published_sample import ENTRIES, as_pages
from sample_agreements import sample_agreements
from sample_run import CANARIES, CHILD, ONE_WAIT, VICTIM, person_id, write_sample_place

from braid.problems.plans.placement_sheets import reference_of
from braid.store.lake import Run
from braid.store.place_folder import Place
from braid.store.plan_folder import open_plan_key
from braid.web.access.context import asking_as
from braid.web.enforcement import enforce
from braid.web.key_rotation import replace_lost_key, rotate_vault
from braid.web.models import (
    Barred,
    BoardPaper,
    ExclusionEntry,
    Proposal,
    ProposalAnswer,
    ProposalPerson,
    SafetyTask,
    Tie,
)
from braid.web.overlay.effects import renew_effects
from braid.web.proposals.paper_guard import KEPT_FOR, check_papers
from braid.web.proposals.papers import HELD_FOR
from braid.web.proposals.publishing import show_plans
from braid.web.publish import publish
from braid.web.watch import known_asker

pytestmark = pytest.mark.django_db
PURPOSE = "school_from_ta"
BOARD = "/placements/"


@dataclass(frozen=True)
class World:
    """A place whose plans are shown."""

    place: Place
    run: Run

    def reference(self, name: str) -> str:
        return reference_of(open_plan_key(self.place.lake_folder), sample_problem()[1][name])


@pytest.fixture
def world(tmp_path: Path, db: None) -> World:
    """A place of its own, with everybody of the plan's households in its run."""
    place, _ = write_sample_place(tmp_path / "place", 8)
    run = write_whole_run(place, "2026-11-15-whole", 8)
    write_plan(place, run)
    publish(run, place)
    enforce(sample_agreements())
    return World(place, run)


@pytest.fixture
def officer(world: World, client_of) -> Client:
    return client_of("placement_officer", PURPOSE)


def ask(client: Client, address: str = f"{BOARD}print/", **given: str) -> str:
    """Ask for a paper; return its address."""
    answer = client.post(address, {"show": "all", **given})
    assert answer.status_code == 302, answer.status_code
    assert re.fullmatch(r"/papers/[0-9a-f-]{36}/", answer["Location"])
    return answer["Location"]


def read(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def address_of(name: str) -> str:
    with known_asker():
        rows = ProposalPerson.objects.filter(person_id=sample_problem()[1][name][0])
        return f"{BOARD}{rows.values_list('proposal', flat=True)[0]}/"


def test_a_board_is_printed_once_the_guard_has_read_it_and_each_time_is_an_export(world, officer):
    paper = ask(officer)
    waiting = read(officer, paper)
    assert "The outbound guard is reading it" in waiting and "HH-" not in waiting
    assert not ENTRIES.filter(kind="exported").exists()
    assert dict(check_papers(world.place)) == {"passed": 1}
    page = read(officer, paper)
    for name in ("family", "pair", "crowded"):
        assert world.reference(name) in page
    assert "Day 36 of 42 in bed and breakfast" in page and "Households that move" in page and "Dee Example" in page
    assert "<nav" not in page and "<form" not in page and 'class="app-header"' not in page
    assert "Made for" in page and "School from temporary accommodation" in page and "MTG-2026-041" in page
    entries = ENTRIES.filter(kind="exported", page="paper")
    assert {entry.person_id for entry in entries} == {CHILD, ONE_WAIT, ADULT, person_id(12), person_id(15)}
    entry, once = entries.latest("recorded_at"), entries.count()
    assert (entry.purpose, entry.reference, entry.reason) == (PURPOSE, "MTG-2026-041", "released")
    assert {name: entry.details[name] for name in ("what", "form")} == {"what": "placements", "form": "paper"}
    with known_asker():
        assert entry.details["file"] == BoardPaper.objects.get().sha256
    assert not [unit for unit in UNITS if unit in str(entry.details)]
    read(officer, paper)
    assert ENTRIES.filter(kind="exported", page="paper").count() == 2 * once


def test_a_household_is_printed_with_what_was_decided(world, officer):
    officer.post(address_of("family"), {"kind": "accept", "version": ""})
    paper = ask(officer, address_of("family"), kind="print")
    check_papers(world.place)
    page = read(officer, paper)
    assert f"Placement of {world.reference('family')}" in page and "Today: N/bnb" in page
    assert "What was decided" in page and "accepted" in page and "Could be chosen instead" in page
    assert "not yet moved" in page


def test_of_a_list_that_is_filtered_what_is_shown_is_printed(world, officer):
    nothing = officer.post(f"{BOARD}print/", {"show": "accepted"})
    assert nothing.status_code == 404, "there is nothing to print"
    officer.post(address_of("family"), {"kind": "accept", "version": ""})
    paper = ask(officer, show="accepted")
    check_papers(world.place)
    page = read(officer, paper)
    assert world.reference("family") in page and world.reference("crowded") not in page
    assert officer.post(f"{BOARD}print/", {"show": "all", "page": "7"}).status_code == 404


def test_a_paper_is_there_for_who_asked_for_it_alone(world, officer, client_of):
    paper = ask(officer)
    check_papers(world.place)
    for role, purpose in (("analyst", PURPOSE), ("listing_officer", "court_readiness")):
        other = client_of(role, purpose)
        hidden, absent = other.get(paper), other.get(f"/papers/{uuid.uuid4()}/")
        assert hidden.status_code == absent.status_code == 404
        assert hidden.content == absent.content
    assert client_of("practitioner", PURPOSE).get(paper).status_code == 403


def test_whoever_is_kept_from_one_of_a_paper_has_it_no_more(world, officer):
    paper = ask(officer)
    check_papers(world.place)
    assert world.reference("family") in read(officer, paper)
    with known_asker():
        Barred.objects.create(person_id=ONE_WAIT, username="test-placement_officer")
    assert officer.get(paper).status_code == 404
    check_papers(world.place)
    again = ask(officer)
    check_papers(world.place)
    page = read(officer, again)
    assert world.reference("family") not in page and world.reference("pair") in page


def test_what_would_say_where_a_protected_person_is_is_held_back_and_the_lead_has_the_task(world, officer, client_of):
    """Words of an answer that got past the form: the guard reads what is printed, and tells whoever asked nothing."""
    with known_asker():
        Tie.objects.create(person_id=CHILD, other_id=VICTIM)
        row = Proposal.objects.get(pk=address_of("family").split("/")[2])
        ProposalAnswer.objects.create(
            proposal=row, kind="placements", purpose=PURPOSE, organisation=row.organisation, answer="refused",
            token="0" * 64, is_proposed=False, reason="other", words=f"She is at {CANARIES['address']}", run_id="r",
            plan_fingerprint="f", answered_by="somebody", answered_at=timezone.now(),
        )  # fmt: skip
    paper = ask(officer, address_of("family"), kind="print")
    assert dict(check_papers(world.place)) == {"held": 1}
    page = read(officer, paper)
    assert "It was not let go" in page and "governance lead has a task" in page
    assert "HH-" not in page and CANARIES["address"] not in page and "location" not in page.lower()
    assert not ENTRIES.filter(kind="exported").exists()
    refused = ENTRIES.filter(kind="refused", page="paper guard")
    assert {entry.details["reason 1"] for entry in refused} == {"location"}
    lead = client_of("ig_lead")
    tasks = lead.get("/tasks/").content.decode()
    assert "The print version of a board was held back" in tasks and "location of a protected person" in tasks
    with known_asker():
        assert SafetyTask.objects.get().kind == "paper_held"
        ExclusionEntry.objects.create(
            subject_id=CHILD, barred_username="test-ig_lead", reason="relative", entered_by="z"
        )
        renew_effects()
    assert "print version" not in lead.get("/tasks/").content.decode(), "kept from the person, kept from the task"


def test_nothing_is_let_go_while_the_safe_addresses_cannot_be_read(world, officer, settings, tmp_path):
    paper = ask(officer)
    kept, settings.VAULT_KEY_FILE = settings.VAULT_KEY_FILE, str(tmp_path / "nothing")
    assert dict(check_papers(world.place)) == {"held": 1}
    assert officer.post(f"{BOARD}print/", {"show": "all"}).status_code == 503
    settings.VAULT_KEY_FILE = kept
    assert "It was not let go" in read(officer, paper)
    with known_asker():
        assert BoardPaper.objects.get().reasons == ["lookup_failed"]


def test_a_paper_is_of_one_moment_and_erased_after_a_day(world, officer):
    paper = ask(officer)
    check_papers(world.place)
    with known_asker():
        BoardPaper.objects.update(checked_at=timezone.now() - HELD_FOR - dt.timedelta(seconds=1))
    page = read(officer, paper)
    assert "Its time is over" in page and "HH-" not in page
    assert dict(check_papers(world.place, clock=lambda: timezone.now() + KEPT_FOR)) == {}
    with known_asker():
        assert not BoardPaper.objects.exists()
    assert officer.get(paper).status_code == 404


def test_a_newer_plan_takes_the_papers_of_the_one_before_with_it(world, officer):
    paper = ask(officer)
    problem, _ = sample_problem()
    write_plan(world.place, world.run, type(problem)(**{**vars(problem), "moves_per_day": 1}))
    with known_asker():
        assert show_plans(world.run, world.place)
        assert not BoardPaper.objects.exists()
    assert officer.get(paper).status_code == 404


@pytest.mark.parametrize(
    ("who", "changes"),
    [
        ("test-placement_officer", {}),
        ("test-placement_officer", {"made_by": "test-analyst"}),
        ("test-placement_officer", {"state": "passed"}),
        ("test-placement_officer", {"organisation": "southwick-council"}),
        ("test-placement_officer", {"kind": "listing"}),
        ("test-placement_officer", {"proposals": [str(uuid.UUID(int=1))]}),
        ("test-practitioner", {"made_by": "test-practitioner"}),
    ],
)
def test_the_database_takes_a_paper_that_waits_from_who_asks_for_it_alone(world, officer, user_of, who, changes):
    user_of("practitioner")
    values = {
        "kind": "placements", "purpose": PURPOSE, "organisation": "northmere-council", "asked_at": timezone.now(),
        "made_by": "test-placement_officer", "proposals": [address_of("family").split("/")[2]], "people": [CHILD],
        "sha256": "0" * 64, "key_id": "k", "wrapped": b"w", "sealed": b"s",
    }  # fmt: skip

    def put() -> None:
        with as_pages(), asking_as(who, PURPOSE), transaction.atomic():
            BoardPaper.objects.append_one(BoardPaper(**{**values, **changes}))

    if changes:
        with pytest.raises(DatabaseError):
            put()
    else:
        put()
    with pytest.raises(DatabaseError), as_pages(), asking_as("test-placement_officer", PURPOSE), transaction.atomic():
        BoardPaper.objects.update(state="passed", checked_at=timezone.now())


def test_what_is_to_be_printed_rests_sealed_and_opens_under_a_new_key(world, officer):
    paper = ask(officer)
    check_papers(world.place)
    with connection.cursor() as cursor:
        cursor.execute("select string_agg(b::text, '') from braid_boardpaper b")
        kept = cursor.fetchone()[0]
    assert "HH-" not in kept and b"HH-".hex() not in kept and not [u for u in UNITS if u.encode().hex() in kept]
    rotate_vault()
    assert world.reference("family") in read(officer, paper)
    replace_lost_key()
    with known_asker():
        assert not BoardPaper.objects.exists()


def test_the_listing_board_is_printed_week_by_week_with_what_is_taken(tmp_path, db, client_of, user_of):
    place, _ = write_sample_place(tmp_path / "place", 40)
    run = write_whole_run(place, "2026-11-15-list", 40)
    put_listing(run, place)
    publish(run, place)
    enforce(sample_agreements())
    client = client_of("listing_officer", "court_readiness")
    board = read(client, "/listing/")
    assert "Print version" in board
    paper = ask(client, "/listing/print/", page="1")
    assert dict(check_papers(place)) == {"passed": 1}
    page = read(client, paper)
    assert "Week of 16 November 2026" in page and "Judge Ash" in page and "Taken" in page and "Before and after" in page
    on_board = set(re.findall(r">(HE-[\w-]+)</a>", board))
    assert on_board and all(reference in page for reference in on_board)
    assert CANARIES["address"] not in page and OUT_OF_REACH not in page and "ZC26" not in page
    entry = ENTRIES.filter(kind="exported", page="paper").latest("recorded_at")
    assert entry.details["what"] == "listing"
