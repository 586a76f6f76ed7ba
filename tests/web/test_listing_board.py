"""The listing board: what one sees of a court list, what one may decide of it, and what becomes of the list by it."""

import html as html_module
import re
import uuid
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import InternalError, ProgrammingError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from listing_sample import (
    ASH,
    BIRCH,
    CASES,
    KEPT_AWAY,
    OTHERS,
    OUT_OF_REACH,
    PEOPLE,
    court_problem,
    drop_listing,
    keep_officer_away,
    put_listing,
)
from published_sample import ENTRIES, as_pages
from sample_run import CHILD

from braid.cli import plan as plan_command
from braid.language.documents import write
from braid.planning.contract import Limits
from braid.planning.listing.checker import broken_places
from braid.planning.listing.measures import measures_of
from braid.planning.listing.model import Attendance, Place, sittings_of
from braid.planning.listing.reasons import why_not_earlier
from braid.problems.plans import listing
from braid.problems.plans.court_lists import only_seen, present_places, veto
from braid.problems.plans.listing_decisions import DecidedHearing, apply_hearing_decisions
from braid.store.duckdb_engine import DuckDBEngine
from braid.store.plan_folder import plan_folder
from braid.web.access.context import asking_as
from braid.web.access.projections import Viewer
from braid.web.access.proposals import permitted_proposals
from braid.web.access.sight import looking
from braid.web.enforcement import enforce
from braid.web.key_rotation import replace_lost_key, rotate_vault
from braid.web.models import (
    AnsweredPerson,
    ListingChange,
    Proposal,
    ProposalAnswer,
    ProposalChoice,
    ProposalPerson,
    Protection,
    ShownPlan,
    User,
)
from braid.web.proposals import court as courts
from braid.web.proposals import listing_answering, listing_hearing
from braid.web.proposals.listing_offers import list_offered
from braid.web.proposals.listing_words import hearing_span
from braid.web.proposals.publishing import forget_proposals, show_plans
from braid.web.watch import known_asker

pytestmark = pytest.mark.django_db
REASON = "court_readiness"
BOARD = "/listing/"


@pytest.fixture
def listed(published, sample):
    """The list of the sample, shown; and the plan."""
    place, run = sample
    plan = put_listing(run, place)
    keep_officer_away("test-listing_officer")
    assert show_plans(run, place)
    yield plan
    drop_listing(run, place)


@pytest.fixture
def officer(listed, client_of) -> Client:
    return client_of("listing_officer", REASON)


def viewer() -> Viewer:
    return Viewer("test-listing_officer", "listing_officer", REASON, "MTG-2026-041", "listing")


def court() -> courts.Court:
    """The list as the listing officer of the court has it."""
    with as_pages(), looking(viewer()) as sight:
        found = courts.find_court_list(sight)
        assert found is not None
        return found


def address_of(name: str) -> str:
    found = court()
    return f"{BOARD}{found.rows[name].pk}/"


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def words_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def send(client: Client, name: str, kind: str, status: int = 302, version: int | None = None, **fields):
    """Take a step on a hearing; return the answer."""
    given = {"kind": kind, "version": court().version if version is None else version, **fields}
    answer = client.post(address_of(name), given)
    assert answer.status_code == status, (answer.status_code, words_of(answer.content.decode())[:900])
    return answer


def standing_answer(name: str) -> ProposalAnswer:
    with known_asker():
        return ProposalAnswer.objects.get(proposal=court().rows[name], ended_at__isnull=True)


def take_back(client: Client, name: str, status: int = 302):
    return send(client, name, "take_back", status, answer=str(standing_answer(name).pk))


def sessions_of(found: courts.Court, name: str, place: Place) -> range:
    start = found.sittings.position(place.start)
    return range(start, start + found.hearings[name].length_sessions)


def is_sound(found: courts.Court) -> bool:
    """Whether the list keeps every rule, by the checker over the places alone."""
    return not broken_places(found.standing.problem, found.standing.places)


def test_the_board_shows_hearings_one_sees_and_takes_the_sessions_of_others(officer, listed):
    html = page(officer, BOARD)
    found = court()
    assert set(found.rows) == {f"R{number}" for number in range(1, 9)}
    hidden = {name for name in found.hearings if name not in found.rows}
    assert hidden == {"P1", "P2", "S1"} and hidden <= set(found.standing.places)
    for name in found.hearings:
        assert (found.planned.references[name] in html) == (name in found.rows), name
    assert "Taken: " in html and "HIDDEN" not in html
    for words in ("New", "Moved", "Notified, held", "Hearings that move"):
        assert words in html, words
    moved = words_of(html.split("Hearings that move")[1].split("</ul>")[0])
    assert found.planned.references["R3"] in moved and "today Wed 20 Jan morning" in moved


def test_every_session_of_the_court_is_on_the_grid(officer):
    """Nothing of the diary looks free that is not: in the row of the judge stand all days of all hearings."""
    found = court()
    pages = [page(officer, f"{BOARD}?page={number}").split('id="weeks"')[1] for number in (1, 2)]
    for name, place in found.standing.places.items():
        rows = [re.search(rf">{place.judge}</th>(.*?)</tr>", text, re.S)[1] for text in pages]
        days = hearing_span(found.sittings, found.hearings[name], place)
        here = f", {days}" if name in found.rows else f"Taken: {days}"
        assert any(here in row for row in rows), (name, here)


def test_sums_are_over_the_hearings_one_sees(officer):
    """As of a court that has no others: by the measures of a smaller problem, today and by the list."""
    found = court()
    seen = tuple(each for each in found.planned.problem.hearings if each.id in found.rows)
    problem = replace(found.planned.problem, hearings=seen)
    shown = dict(re.findall(r'<th[^>]+scope="row"[^>]*>([^<]+)</th><td[^>]+>([^<]+)</td>', page(officer, BOARD)))
    shown_after = dict(
        re.findall(
            r'<th[^>]+scope="row"[^>]*>([^<]+)</th><td[^>]+>[^<]+</td><td[^>]+>([^<]+)</td>', page(officer, BOARD)
        )
    )
    for places, cells in ((present_places(problem), shown), (found.standing.places, shown_after)):
        measured = measures_of(problem, {name: place for name, place in places.items() if name in found.rows})
        assert cells["Hearings without a place"] == str(measured.unlisted)
        assert cells["Weeks waited after they could be listed"] == f"{measured.mean_wait_weeks * len(seen):.1f}"
        assert cells["Before another than the allocated judge"] == str(measured.judge_changes)
    assert shown["Hearings of today that move"] == "0" and shown_after["Hearings of today that move"] == "2"
    assert len(seen) == 8 and shown["Hearings without a place"] == "5"


def test_another_organisation_finds_nothing(listed, client_of, user_of):
    client = client_of("listing_officer", REASON)
    there = address_of("R1")
    references = [row.reference for row in known_rows()]
    User.objects.filter(username="test-listing_officer").update(organisation="vale-crown-court")
    client = client_of("listing_officer", REASON)  # the session of before has ended
    html = page(client, BOARD)
    assert "There is no court list of your organisation" in html and "Judge" not in html
    assert not any(reference in html for reference in references)
    assert client.get(there).status_code == 404
    assert client.post(there, {"kind": "accept", "version": 0}).status_code == 404
    assert b"BEGIN:VEVENT" not in client.get(f"{BOARD}hearings.ics").content
    # The crown court is a party without the item: with it, still not this court's list.
    with as_pages(), asking_as("test-listing_officer", REASON):
        assert not ShownPlan.objects.exists() and not Proposal.objects.exists() and not ListingChange.objects.exists()


def known_rows() -> list[Proposal]:
    with known_asker():
        return list(Proposal.objects.filter(kind="listing"))


def test_a_council_that_receives_the_item_sees_no_list(listed, client_of):
    """The item is open to the councils too: the list is the court's own, and so is what was decided of it."""
    client = client_of("listing_officer", REASON)
    send(client, "R5", "accept")
    User.objects.filter(username="test-listing_officer").update(organisation="northmere-council")
    client = client_of("listing_officer", REASON)  # the session of before has ended
    assert "There is no court list of your organisation" in page(client, BOARD)
    with as_pages(), asking_as("test-listing_officer", REASON):
        assert not ShownPlan.objects.exists() and not Proposal.objects.exists() and not ListingChange.objects.exists()


@pytest.mark.parametrize("role", ["analyst", "practitioner", "placement_officer", "partner", "coordinator"])
def test_no_other_role_opens_it(role, listed, client_of):
    for address in (BOARD, f"{BOARD}hearings.ics", address_of("R1")):
        assert client_of(role, REASON).get(address).status_code == 403


def test_without_an_agreement_there_is_nothing(listed, client_of):
    there = address_of("R1")
    enforce([])
    client = client_of("listing_officer", REASON)
    assert "There is no court list" in page(client, BOARD)
    assert client.get(there).status_code == 404


def test_a_hidden_hearing_is_like_one_that_is_not_there(officer):
    with known_asker():
        hidden = Proposal.objects.get(reference=court().planned.references["P1"])
    for number in (hidden.pk, uuid.uuid4()):
        assert officer.get(f"{BOARD}{number}/").status_code == 404
        for kind in ("accept", "refuse", "move", "take_back"):
            assert officer.post(f"{BOARD}{number}/", {"kind": kind, "version": 0}).status_code == 404
    with as_pages(), asking_as("test-listing_officer", REASON):
        assert not Proposal.objects.filter(pk=hidden.pk).exists()
        assert not ProposalPerson.objects.filter(person_id__in=[KEPT_AWAY, OUT_OF_REACH]).exists()
        assert not ProposalChoice.objects.filter(proposal=hidden.pk).exists()
        assert Proposal.objects.count() == 8


def test_a_case_of_which_nobody_is_known_is_taken_too(officer, sample):
    place, run = sample
    before = page(officer, BOARD).split('id="weeks"')[1].split("</table>")[0]
    put_listing(run, place, people={**PEOPLE, "ZC26-HIDDEN-S": {"children": [], "others": []}})
    with known_asker():
        forget_proposals()  # the plan is the same: shown anew with the next publication
    assert show_plans(run, place)
    assert len(known_rows()) == 10
    again = page(officer, BOARD).split('id="weeks"')[1].split("</table>")[0]
    assert re.sub(r"/listing/[^/]+/", "", again) == re.sub(r"/listing/[^/]+/", "", before)


def test_a_court_lists_the_hearings_of_somebody_with_a_safe_address_too(listed, officer):
    """It says of nobody where they live; of their person's page the officer sees no more than of anybody's."""
    with known_asker():
        Protection.objects.create(person_id=CHILD)
    assert "Ada Example" in words_of(page(officer, address_of("R2")))


def test_the_page_of_a_hearing_says_what_it_waits_for_and_why_it_is_not_earlier(officer):
    html = words_of(page(officer, address_of("R2")))
    assert "Ada Example" in html and "child of the case" in html
    assert "ready as likely as not by Mon 30 Nov 2026, morning, in two of three such cases within 3 days" in html
    assert "Guardian, the whole of it; Social worker, the whole of it" in html
    assert "It may be listed from" in html and "G1" not in html and "S1" not in html
    assert ENTRIES.filter(kind="look", person_id=CHILD).exists()


def test_a_day_that_nobody_means_is_refused(officer):
    answer = send(officer, "R5", "refuse", 400, **{"refuse-reason": "attendance", "refuse-day": "9999-12-31"})
    assert "more than a year after the list ends" in answer.content.decode()


def test_no_reason_names_who_attends_a_hearing_that_one_may_not_see(officer):
    """The guardian of a hidden hearing is elsewhere: that she is stands in no reason of her other hearings."""
    seen = court()
    hidden = {each.id for each in seen.decided.values()} - set(seen.rows)
    assert any(each.attendance for each in seen.decided.values() if each.id in hidden)
    for name in seen.rows:
        lines = words_of(page(officer, address_of(name)))
        told = [line for line in lines.splitlines() if "is at another hearing" in line]
        busy = {person.person for other in seen.rows if other != name for person in seen.decided[other].attendance}
        mine = {each.person for each in seen.decided[name].attendance}
        assert not told or mine & busy, name


def test_reasons_are_the_same_whoever_attends_what_one_may_not_see(officer):
    """Were everybody at every hidden hearing, no reason would say so; whoever sees all would read it."""
    found = court()
    problem = found.standing.problem
    everybody = tuple(Attendance(one.id) for one in problem.people)
    crowded = replace(
        problem,
        hearings=tuple(
            each if each.id in found.rows else replace(each, attendance=everybody) for each in problem.hearings
        ),
    )
    full = replace(found, standing=replace(found.standing, problem=crowded))
    told, whole = (
        [why_not_earlier(listing, found.standing.places, name) for name in found.rows]
        for listing in (listing_hearing._as_seen(full), crowded)
    )
    assert told == [
        why_not_earlier(listing_hearing._as_seen(found), found.standing.places, name) for name in found.rows
    ]
    assert told != whole, "the control: the crowd does stand in the way"


def test_what_is_offered_is_the_same_whoever_attends_what_one_may_not_see(officer):
    """No comparison of hearings tells whom a hidden one needs: with everybody at each of them, or nobody."""
    found = court()
    problem, first = found.standing.problem, found.sittings.name(0)
    everybody = tuple(Attendance(one.id) for one in problem.people)

    def offered(attendance: tuple[Attendance, ...] | None) -> dict[str, set[tuple[str, str]]]:
        hearings = tuple(
            each if each.id in found.rows or attendance is None else replace(each, attendance=attendance)
            for each in problem.hearings
        )
        asked = replace(found, standing=replace(found.standing, problem=replace(problem, hearings=hearings)))
        return {
            name: {(each.judge, each.start) for each in list_offered(asked, found.hearings[name], [ASH, BIRCH], first)}
            for name in found.rows
        }

    crowded = tuple(each if each.id in found.rows else replace(each, attendance=everybody) for each in problem.hearings)
    full = replace(found.standing, problem=replace(problem, hearings=crowded))
    assert only_seen(full, set(found.rows)) == only_seen(found.standing, set(found.rows)), "for one more judge-day"
    assert offered(None) == offered(everybody) == offered(())
    assert sum(map(len, offered(None).values())) > 20, "there is something left to offer"


def test_a_hearing_that_nobody_must_attend_may_be_beside_one_that_is_hidden(officer):
    found = court()
    hearing = replace(found.hearings["R7"], attendance=())
    alone = tuple(hearing if each.id == "R7" else each for each in found.standing.problem.hearings)
    asked = replace(found, standing=replace(found.standing, problem=replace(found.standing.problem, hearings=alone)))
    first = found.sittings.name(0)
    beside, apart = (
        {(each.judge, each.start) for each in list_offered(asked, one, [ASH, BIRCH], first, 1_000)}
        for one in (hearing, found.hearings["R7"])
    )
    assert apart < beside


def test_what_one_may_not_see_stands_still_even_where_it_would_gain(officer):
    found = court()
    late = replace(found.standing.places["P2"], judge=ASH, start="2027-01-18 am")
    standing = replace(found.standing, places={**found.standing.places, "P2": late})
    assert standing.is_sound
    decided = DecidedHearing("R6", not_before="2027-01-04 am")
    everything = {each.id for each in standing.problem.hearings}
    moved = [veto(standing, seen, decided).moved for seen in (set(found.rows), everything)]
    names = [{one.hearing for one in each} for each in moved]
    assert "P2" not in names[0] and "R6" in names[0]
    assert "P2" in names[1], "the control: seen, it takes what became free"


def test_a_proposal_that_the_policies_let_through_is_denied_all_the_same(officer):
    found = court()
    with known_asker():
        hidden = Proposal.objects.get(reference=found.planned.references["P1"])
    with as_pages(), looking(viewer()) as sight:
        assert permitted_proposals(sight, [hidden, found.rows["R2"]]) == [found.rows["R2"]]


def test_an_acceptance_locks_a_hearing_and_is_taken_back(officer):
    place = court().standing.places["R5"]
    send(officer, "R5", "accept")
    found = court()
    assert found.decided["R5"].hold == "locked" and found.decided["R5"].present == place
    assert found.standing.places["R5"] == place and is_sound(found)
    board = page(officer, BOARD)
    assert "It stays on" in board and "Locked" in board
    assert standing_answer("R5").is_proposed and standing_answer("R5").answered_by == "test-listing_officer"
    assert ENTRIES.filter(kind="changed", details__what="proposal accepted").exists()
    send(officer, "R5", "accept", 400)
    send(officer, "R5", "refuse", 400, **{"refuse-reason": "attendance"})
    take_back(officer, "R5")
    assert court().decided["R5"].hold == "free" and court().current == ()
    assert "It stays on" not in page(officer, BOARD)


def test_a_veto_of_the_judge_repairs_the_list_and_is_undone(officer):
    before = court()
    judge = before.standing.places["R7"].judge
    assert before.standing.places["R8"].judge == judge, "both of the case are before one judge"
    answer = send(officer, "R7", "refuse", **{"refuse-reason": "judge"})
    found = court()
    other = BIRCH if judge == ASH else ASH
    assert {found.standing.places[name].judge for name in ("R7", "R8")} == {other}
    assert is_sound(found) and found.decided["R7"].hold == "free"
    html = words_of(page(officer, answer["Location"]))
    assert "What it changed, of the hearings that you see" in html and f"{judge} does not hear the case" in html
    take_back(officer, "R7")
    assert court().standing == before.standing


def test_a_veto_gives_the_sessions_to_who_is_ready_and_moves_few(officer):
    before = court()
    send(officer, "R8", "refuse", **{"refuse-reason": "not_ready", "refuse-day": "2027-01-11"})
    found = court()
    assert is_sound(found)
    again = found.standing.places.get("R8")
    assert again is None or again.start >= "2027-01-11"
    changed = {name for name in found.hearings if found.standing.places.get(name) != before.standing.places.get(name)}
    assert "R8" in changed and len(changed - {"R8"}) <= 3
    assert not changed & {"P1", "P2", "S1", "R1"}, "neither what one does not see nor what is held moves"


def test_a_notified_hearing_moves_only_where_somebody_refuses_it(officer):
    send(officer, "R1", "accept", 400)
    offered = page(officer, f"{address_of('R1')}?judge={BIRCH}&from=2026-11-23")
    assert "it can only be refused where it is" in offered and "Move it" not in offered
    send(officer, "R1", "refuse", **{"refuse-reason": "attendance", "refuse-words": "The guardian is ill"})
    found = court()
    assert found.standing.places["R1"].start > "2026-11-19 am" and is_sound(found)


def test_a_locked_hearing_of_the_courts_own_stays(officer, sample):
    place, run = sample
    problem = court_problem()
    hearings = tuple(replace(each, hold="locked") if each.id == "R1" else each for each in problem.hearings)
    put_listing(run, place, replace(problem, hearings=hearings))
    assert show_plans(run, place)
    answer = send(officer, "R1", "refuse", 400, **{"refuse-reason": "attendance"})
    assert "It is locked in this list" in answer.content.decode()


def test_a_hearing_is_moved_where_the_rules_let_it(officer):
    before = court()
    assert "The rules offer no session" in page(officer, f"{address_of('R5')}?judge={BIRCH}&from=2027-01-11")
    address = f"{address_of('R6')}?judge={BIRCH}&from=2027-01-11"
    html = page(officer, address)
    starts = re.findall(r'<option value="(\d{4}-\d\d-\d\d [ap]m)">', html)
    assert starts and all(start >= "2027-01-11" for start in starts) and len(starts) <= 20
    asked = {"judge": BIRCH, "from": "2027-01-11"}
    nowhere = {**asked, "move-place": "2026-11-16 am", "move-reason": "judge"}
    assert "Choose a session" in send(officer, "R6", "move", 400, **nowhere).content.decode()
    send(officer, "R6", "move", **asked, **{"move-place": starts[0], "move-reason": "child"})
    found = court()
    assert found.standing.places["R6"].start == starts[0] and found.standing.places["R6"].judge == BIRCH
    assert found.decided["R6"].hold == "locked" and is_sound(found)
    take_back(officer, "R6")
    assert court().standing == before.standing


def test_every_place_that_is_offered_passes_the_checker(officer):
    """Slowly, one by one: what is offered keeps every rule with all else as it is.

    What is not offered breaks one, or would be at the time of a hearing that is not seen.
    """
    found = court()
    unseen = {
        session
        for name, place in found.standing.places.items()
        if name not in found.rows
        for session in sessions_of(found, name, place)
    }
    free = [name for name in found.rows if found.decided[name].hold == "free"]
    sittings = sittings_of(found.standing.problem)
    problem, tried, left_out = found.standing.problem, 0, 0
    for name in free:
        hearing, here = found.decided[name], found.standing.places[name]
        for judge in (ASH, BIRCH):
            offered = {place.start for place in list_offered(found, hearing, [judge], sittings.name(0))}
            last = max((sittings.position(start) for start in offered), default=sittings.count - 1)
            for position in range(last + 1):
                place = replace(here, judge=judge, start=sittings.name(position))
                keeps = not broken_places(problem, {**found.standing.places, name: place})
                is_own = (place.judge, place.start) == (here.judge, here.start)
                is_beside = not unseen.isdisjoint(sessions_of(found, name, place))
                assert (keeps and not is_beside) == (place.start in offered) or is_own, (name, place)
                tried += 1
                left_out += keeps and is_beside and not is_own
    assert tried > 300 and left_out


def query_of(address: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(address).query)


def test_the_grid_says_where_a_hearing_could_be_and_leads_there(officer):
    found = court()
    hearing, number = found.decided["R3"], found.rows["R3"].pk
    judges = [each.id for each in found.standing.problem.judges]
    offered = {(place.judge, place.start) for place in list_offered(found, hearing, judges, "2000-01-03 am", 10_000)}
    shown = {}
    for at in (1, 2):
        html = page(officer, f"{BOARD}{number}/places/?page={at}")
        links = [html_module.unescape(each) for each in re.findall(rf'href="(/listing/{number}/\?judge=[^"]+)"', html)]
        assert "is being moved" in html and ">Move<" not in html
        assert ("The rules offer it no other session in the weeks on this page" in html) == (not links)
        shown |= {(asked["judge"][0], asked["place"][0]): link for link in links if (asked := query_of(link))}
    assert set(shown) == offered and {judge for judge, _ in shown} == {ASH, BIRCH}
    for (_, start), link in shown.items():
        assert f'<option value="{start}" selected' in page(officer, link).split('id="id_move-place"')[1]
    assert f"/{number}/places/?page=1#weeks" in page(officer, BOARD), "each hearing that is free has the link"
    assert court().version == found.version, "looking moves nothing"


def test_what_is_held_hidden_or_no_hearing_is_moved_nowhere(officer):
    with known_asker():
        hidden = Proposal.objects.get(reference=court().planned.references["P1"]).pk
    for number in (court().rows["R1"].pk, hidden, uuid.uuid4()):
        assert officer.get(f"{BOARD}{number}/places/").status_code == 404


def test_answers_build_on_each_other_and_the_first_cannot_go_alone(officer):
    before = court()
    send(officer, "R8", "refuse", **{"refuse-reason": "not_ready", "refuse-day": "2027-01-11"})
    middle = court()
    takers = [
        name for name in middle.rows if name != "R8" and middle.standing.places[name] != before.standing.places[name]
    ]
    assert takers, "somebody takes the sessions"
    send(officer, takers[0], "accept")
    answer = take_back(officer, "R8", 400)
    assert "builds on it" in answer.content.decode()
    assert court().standing.places == middle.standing.places
    take_back(officer, takers[0])
    take_back(officer, "R8")
    assert court().standing == before.standing


def test_of_two_at_once_the_second_reads_first_what_the_first_did(officer):
    version = court().version
    send(officer, "R5", "accept", version=version)
    for kind, name, fields in (
        ("accept", "R7", {}),
        ("refuse", "R7", {"refuse-reason": "attendance"}),
        ("take_back", "R5", {"answer": str(standing_answer("R5").pk)}),
    ):
        answer = send(officer, name, kind, 409, version=version, **fields)
        assert "changed this while you had it open" in answer.content.decode()
    assert len(court().current) == 1


def test_the_database_keeps_the_changes_of_a_list_in_one_row(officer, monkeypatch):
    """Were both let through, the second one's number is taken: nothing of it is kept."""
    send(officer, "R5", "accept")
    made = listing_answering._sealed

    def numbered_alike(*args):
        row = made(*args)
        row.number = 1
        return row

    monkeypatch.setattr(listing_answering, "_sealed", numbered_alike)
    send(officer, "R7", "accept", 409)
    with known_asker():
        assert ProposalAnswer.objects.count() == 1 and ListingChange.objects.count() == 1


def test_hostile_input_is_refused_in_words(officer):
    there = address_of("R5")
    for query in (
        "judge=nobody&day=2027-01-11",
        "judge=Judge+Ash&day=x",
        "judge=Judge+Ash&day=2026-12-25",
        "judge=Judge+Ash&day=9999-99-99",
        "judge=&day=2027-01-11",
        "judge=Judge+Birch&day=2026-12-02",
    ):
        answer = officer.get(f"{BOARD}?{query}")
        assert answer.status_code == 400 and b"There is a problem" in answer.content, query
    for number in ("0", "99", "x", "-1", "1e9", "²"):
        assert officer.get(BOARD, {"page": number}).status_code == 404
    for query in ("judge=nobody", "judge=Judge+Ash&from=x", "from=9999-12-31", "judge=<script>", "from=0001-01-01"):
        answer = officer.get(f"{there}?{query}")
        assert answer.status_code == 200 and b"<script>" not in answer.content, query
    for fields in (
        {"kind": "nothing"},
        {},
        {"kind": "take_back"},
        {"kind": "take_back", "answer": "x"},
        {"kind": "take_back", "answer": str(uuid.uuid4())},
        {"kind": "refuse"},
        {"kind": "refuse", "refuse-reason": "<b>"},
        {"kind": "refuse", "refuse-reason": "other"},
        {"kind": "refuse", "refuse-reason": "not_ready"},
        {"kind": "refuse", "refuse-reason": "judge", "refuse-day": "2027-01-11"},
        {"kind": "refuse", "refuse-reason": "not_ready", "refuse-day": "2026-11-16"},
        {"kind": "refuse", "refuse-reason": "not_ready", "refuse-day": "0001-01-01"},
        {"kind": "move", "judge": "nobody", "move-place": "x", "move-reason": "judge"},
        {"kind": "move", "judge": ASH, "move-place": "2027-01-11 am|x", "move-reason": "judge"},
    ):
        answer = officer.post(there, {"version": court().version, **fields})
        assert answer.status_code == 400 and b"There is a problem" in answer.content, fields
    assert officer.post(there, {"kind": "accept", "version": "1" * 50}).status_code == 409
    with known_asker():
        assert not ProposalAnswer.objects.exists()


def test_one_more_judge_day_is_reckoned_over_what_one_sees(officer):
    answer = words_of(page(officer, f"{BOARD}?judge=Judge+Ash&day=2026-12-03"))
    assert re.search(r"One more day of Judge Ash on Thu 3 Dec 2026 would buy", answer)
    assert court().current == ()


def test_the_calendar_names_nobody(officer):
    send(officer, "R8", "accept")
    send(officer, "R5", "accept")
    send(officer, "R7", "refuse", **{"refuse-reason": "attendance"}, status=302)
    text = officer.get(f"{BOARD}hearings.ics").content.decode()
    found = court()
    assert text.count("BEGIN:VEVENT") == 6, "five days of one hearing, one of the other"
    for name in ("R8", "R5"):
        assert f"SUMMARY:Hearing {found.planned.references[name]}" in text
    assert found.planned.references["R7"] not in text
    for word in ("Ada", "Given", "CANARY", "Judge", "HIDDEN"):
        assert word not in text
    start = found.standing.places["R8"].start
    assert f"DTSTART:{start[:10].replace('-', '')}T100000Z" in text
    left = ENTRIES.filter(kind="exported", details__what="accepted hearings")
    assert {entry.person_id for entry in left} == {OTHERS[1], OTHERS[2], OTHERS[3]}, "and whom it is about, on record"


def test_answers_outlive_a_publication_and_the_next_plan_is_told(officer, listed, sample):
    place, run = sample
    send(officer, "R5", "accept")
    send(officer, "R7", "refuse", **{"refuse-reason": "judge"})
    places = court().standing.places
    decided = listing_answering.read_decided_hearings()
    assert [each.hearing for each in decided] == ["R5", "R7"] and decided[0].place == places["R5"]
    problem, lost = apply_hearing_decisions(court_problem(), decided)
    assert lost == 0
    put_listing(run, place, problem)
    assert show_plans(run, place) and not show_plans(run, place)
    found = court()
    assert found.current == () and found.standing.places["R5"] == places["R5"]
    assert found.standing.places["R7"].judge != listed_judge(listed, "R7")
    html = words_of(page(officer, address_of("R7")))
    assert "It was decided on an earlier list" in html
    take_back(officer, "R7")
    assert [each.hearing for each in listing_answering.read_decided_hearings()] == ["R5"]


def listed_judge(plan, name: str) -> str:
    return next(each.place.judge for each in plan.placed if each.hearing == name)


def test_a_plan_that_breaks_a_rule_is_not_shown(published, sample, client_of, caplog):
    place, run = sample
    plan = put_listing(run, place)
    path = plan_folder(place.lake_folder, run, "listing") / "plan.json"
    text = write(plan).replace('"2026-11-19 am"', '"2026-11-20 am"')
    assert text != write(plan)
    path.write_text(text, encoding="utf-8")
    try:
        assert not show_plans(run, place)
        assert "its checker does not pass it" in caplog.text
        assert "There is no court list" in page(client_of("listing_officer", REASON), BOARD)
    finally:
        drop_listing(run, place)


def test_lists_and_changes_survive_a_new_key_and_end_with_a_lost_one(officer, settings, tmp_path):
    send(officer, "R5", "accept")
    before = court()
    rotate_vault()
    assert court().standing == before.standing
    replace_lost_key()
    with known_asker():
        assert not ShownPlan.objects.exists() and not ListingChange.objects.filter(ended_at__isnull=True).exists()
        assert not ProposalAnswer.objects.filter(ended_at__isnull=True).exists()
    assert listing_answering.read_decided_hearings() == []


def test_nothing_of_a_list_rests_in_clear(officer):
    send(officer, "R5", "refuse", **{"refuse-reason": "judge"})
    with known_asker(), connection.cursor() as cursor:
        for table in ("shownplan", "proposal", "listingchange"):
            cursor.execute(f"select string_agg(t::text, ' ') from braid_{table} t")
            text = cursor.fetchone()[0]
            for word in (*CASES, "guardian", "Judge", "Ada Example"):
                assert word not in text and word.encode().hex() not in text, (table, word)


def test_policies_keep_pages_from_writing_for_others(officer):
    send(officer, "R5", "accept")
    with known_asker():
        answer, change = ProposalAnswer.objects.get(), ListingChange.objects.get()
        assert set(AnsweredPerson.objects.values_list("person_id", flat=True)) == set(CASES["ZC26-CANARY-C"])
    with as_pages(), asking_as("test-listing_officer", REASON):
        with pytest.raises((ProgrammingError, InternalError)), transaction.atomic():
            ListingChange.objects.filter(pk=change.pk).update(ended_at="2026-01-01T00:00Z")  # its answer stands
        with pytest.raises((ProgrammingError, InternalError)), transaction.atomic():
            ListingChange.objects.filter(pk=change.pk).update(sealed=b"x")
        with pytest.raises((ProgrammingError, InternalError)), transaction.atomic():
            ProposalAnswer.objects.filter(pk=answer.pk).update(answer="refused")
        with pytest.raises((ProgrammingError, InternalError)), transaction.atomic():
            ListingChange.objects.append_one(
                ListingChange(answer=answer, organisation="vale-crown-court", plan_fingerprint="x", number=9)
            )


def test_planning_a_place_takes_what_was_decided_and_shows_the_list(officer, sample, monkeypatch):
    """As `braid plan place` does it, from a run that poses the problem of the sample."""
    place, run = sample
    send(officer, "R5", "accept")
    before = court()
    people = {case: listing.Parties(children=each) for case, each in CASES.items()}
    posed = listing.Posed(court_problem(), people, (), listing.Left())
    monkeypatch.setattr(listing, "pose", lambda engine, as_of: posed)
    monkeypatch.setattr(plan_command, "open_tables", lambda run, names: DuckDBEngine())
    planned = plan_command.list_and_show(place, run, Limits(seconds=0.3))
    hearing = next(each for each in planned.problem.hearings if each.id == "R5")
    kept = before.standing.places["R5"]
    assert (hearing.hold, hearing.present, planned.left.decisions_lost) == ("locked", kept, 0)
    after = court()
    assert after.shown.fingerprint != before.shown.fingerprint and set(after.rows) == set(before.rows)
    assert after.standing.places["R5"] == kept and "It stays on" in page(officer, BOARD)


def test_the_board_asks_the_database_no_more_often_where_more_was_decided(officer):
    def asked() -> int:
        page(officer, BOARD)
        with CaptureQueriesContext(connection) as queries:
            page(officer, BOARD)
        return len(queries)

    send(officer, "R5", "accept")
    with_one = asked()
    for name in ("R6", "R7", "R8"):
        send(officer, name, "accept")
    assert asked() == with_one <= 25
