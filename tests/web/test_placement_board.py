"""The placement board: who sees what a plan proposes, who decides, and what the next plan takes from it."""

import json
import re
import shutil
from dataclasses import replace
from html import unescape

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from plan_sample import ADULT, KEY, NORTHMERE, UNITS, sample_problem, write_plan
from proposal_sample import put_proposal, unit_of
from published_sample import ENTRIES, as_pages
from sample_agreements import sample_agreements
from sample_run import AS_OF, CHILD, CHILD_PROTECTED, ONE_WAIT, person_id, sample_tables, write_run, write_sample_place

from braid.language.dates import london_date
from braid.language.documents import write
from braid.planning.kinds import KINDS
from braid.planning.placements.model import Household
from braid.problems.plans.decisions import apply_decisions
from braid.problems.plans.placement_sheets import reference_of
from braid.problems.plans.run import PLAN_FILE
from braid.store.plan_folder import KEY_FILE, open_plan_key
from braid.web.access.context import asking_as
from braid.web.enforcement import enforce
from braid.web.key_rotation import replace_lost_key, rotate_vault
from braid.web.models import (
    AnsweredPerson,
    Barred,
    CaseMember,
    CaseSubject,
    JointCase,
    MoveNotice,
    Mover,
    PlannedMove,
    Proposal,
    ProposalAnswer,
    ProposalPerson,
    Protection,
    ShownPlan,
    Suspension,
    User,
)
from braid.web.proposals.answering import read_decided
from braid.web.proposals.publishing import show_plans
from braid.web.publish import publish
from braid.web.templating import day_words
from braid.web.watch import known_asker

pytestmark = pytest.mark.django_db
PURPOSE = "school_from_ta"
BOARD = "/placements/"


@pytest.fixture
def planned(published, sample):
    """The sample's plan, shown; its files are taken away again, since the place is that of all tests."""
    place, run = sample
    key = place.lake_folder / "plans" / KEY_FILE
    folder = write_plan(place, run)
    key.write_text(KEY.hex(), encoding="utf-8")
    with known_asker():
        assert show_plans(run, place)
    yield folder
    shutil.rmtree(folder.parent)
    key.unlink(missing_ok=True)


@pytest.fixture
def officer(planned, client_of):
    return client_of("placement_officer", PURPOSE)


def page_of(client, name: str) -> str:
    return f"{BOARD}{number_of(name)}/"


def number_of(name: str) -> str:
    """The id of the proposal for a household of the sample's problem."""
    _, people = sample_problem()
    with known_asker():
        return str(ProposalPerson.objects.filter(person_id=people[name][0]).values_list("proposal", flat=True)[0])


def read(client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def version_of(name: str) -> str:
    """The version of a household's page: what stands of its answers."""
    with known_asker():
        rows = ProposalAnswer.objects.filter(proposal=number_of(name), ended_at=None).order_by("answered_at")
        return " ".join(str(row.pk) for row in rows)


def send(client, name: str, kind: str, **fields):
    return client.post(page_of(client, name), {"kind": kind, "version": version_of(name), **fields})


def done(answer) -> None:
    assert answer.status_code == 302, re.findall(r'error-summary__list">(.*?)</ul>', answer.content.decode(), re.S)


def token_of(page: str, unit: str) -> str:
    return re.search(rf'<option value="([0-9a-f]{{64}})"[^>]*>{unit}:', page)[1]


def decided(units=UNITS) -> set[tuple[str, bool]]:
    return {(each.unit, each.is_accepted) for each in read_decided(KEY, units)}


def references(page: str) -> list[str]:
    return re.findall(r">(HH-\w{4}-\w{3}), <bdi>", page)


def reference(name: str) -> str:
    return reference_of(KEY, sample_problem()[1][name])


def test_an_officer_sees_the_households_of_their_council_the_most_pressing_first(officer):
    page = read(officer, f"{BOARD}?show=all")
    assert references(page)[0] == reference("family")
    assert set(references(page)) == {reference(name) for name in ("family", "pair", "crowded")}
    assert "Day 36 of 42 in bed and breakfast" in page
    assert "Dee Example" in page or "Ada Example" in page
    assert "1 in an examination year" in page


def test_before_and_after_are_sums_over_who_is_seen(officer, client_of, planned):
    def row(page: str, name: str) -> list[str]:
        cells = re.search(rf'scope="row">{name}</th>(.*?)</tr>', page, re.S)[1]
        return re.findall(r">([^<>]+)</td>", cells)

    problem, _ = sample_problem()
    plan = KINDS["placements"].read_plan(planned / PLAN_FILE)
    moved = {step.household for step in plan.moves.steps}
    page = read(officer, BOARD)
    assert row(page, "Households that move") == ["3", "0", str(len(moved - {"south"}))]
    assert row(page, "Households where they may not be") == ["3", "2", "0"]
    assert row(page, "Families in bed and breakfast") == ["3", "1", "0"]
    cost = {each.id: each.night_pence for each in problem.units}
    now = sum(cost[each.unit] for each in plan.placements if each.household != "south") / 100
    assert row(page, "Cost of a night")[2] == f"£{now:,.0f}"
    analyst = read(client_of("analyst", PURPOSE), BOARD)
    assert row(analyst, "Cost of a night")[2] != f"£{now:,.0f}"


def test_a_household_stands_beside_today_and_what_else_could_be(officer):
    page = read(officer, page_of(officer, "family"))
    assert "It has fewer bedrooms than the household needs" in page
    assert "by estimate; whether within reach is not known" in page
    assert "N/4" in page and "could be chosen instead" in page
    assert "3 people; 2 bedrooms needed" in page
    assert f'href="/people/{CHILD}/"' in page and f'href="/people/{ONE_WAIT}/"' in page
    assert ADULT not in page, "who waits for nothing has no page and no name here"
    assert '<svg class="app-chart app-sketch"' in page
    assert all(mark in page for mark in (">A</text>", ">B</text>", ">S1</text>"))


def test_accepted_refused_and_chosen_are_what_the_next_plan_takes(officer):
    done(send(officer, "family", "accept"))
    assert "Accepted" in read(officer, page_of(officer, "family"))
    with known_asker():
        taken = {each.unit: each for each in read_decided(KEY, UNITS)}
    assert [each.is_accepted for each in taken.values()] == [True], "and nothing else"
    assert next(iter(taken.values())).people == {CHILD, ONE_WAIT, ADULT}
    page = read(officer, page_of(officer, "crowded"))
    done(send(officer, "crowded", "refuse", **{"refuse-reason": "household_declined"}))
    done(
        send(
            officer,
            "crowded",
            "choose",
            **{"choose-unit": token_of(page, "N/4"), "choose-reason": "school", "choose-words": "Nearer to her tutor"},
        )
    )
    assert ("N/4", True) in decided()
    assert len(decided()) == 3, "the refusal of one unit stays beside the acceptance of another"
    early = send(officer, "crowded", "refuse", **{"refuse-reason": "household_declined"})
    assert early.status_code == 400 and "take the acceptance back first" in early.content.decode()
    shown = read(officer, page_of(officer, "crowded"))
    assert "N/4" in shown and "schooling speaks against it" in shown and "Nearer to her tutor" in shown
    counts = re.findall(r"(Accepted|Refused|To be answered) \((\d+)\)", read(officer, f"{BOARD}?show=all"))
    assert dict(counts)["Accepted"] == "2"


def why_not(client, name: str, unit: str) -> str:
    """What the page answers about a unit, as text."""
    html = client.get(f"{page_of(client, name)}why-not/", {"unit": unit})
    assert html.status_code == 200
    main = re.search(r"<main.*?</main>", html.content.decode(), re.S)[0]
    return unescape(" ".join(re.sub(r"<form.*?</form>|<[^>]+>", " ", main, flags=re.S).split()))


def test_of_any_unit_of_the_stock_it_is_said_why_it_is_not_proposed(officer, planned):
    """By its reference as the stock list has it: the rules, who has it without a name, or by how much it is worse."""
    plan = KINDS["placements"].read_plan(planned / PLAN_FILE)
    placed = {each.household: each.unit for each in plan.placements}
    assert "It is the unit that the plan proposes" in why_not(officer, "family", placed["family"])
    assert "N/4" not in placed.values() and "It has more bedrooms than" in why_not(officer, "pair", "N/4")
    assert "It is where the household lives today" in why_not(officer, "family", "N/bnb")
    held = why_not(officer, "family", placed["crowded"])
    assert "A household has it, in the plan or by what was decided since" in held
    free = next(unit for unit in ("S/1", "S/2") if unit not in placed.values())
    worse = why_not(officer, "family", free)
    assert "it counts more than the proposed unit" in worse
    assert "It is outside the district that owes the duty" in worse and "By the prices of the plan it counts" in worse
    assert "Southwick" in worse and "Ada Example" in worse and "by estimate" in worse


def test_of_a_unit_that_somebody_has_neither_district_nor_rooms_are_said(officer, planned):
    """Whoever has it, whoever lives there today and whatever rule it breaks: the answer is the same sentence."""
    plan = KINDS["placements"].read_plan(planned / PLAN_FILE)
    placed = {each.household: each.unit for each in plan.placements}
    said = set()
    assert placed["pair"] == "N/2", "too small for the family"
    for unit in (placed["crowded"], placed["pair"]):
        answer = why_not(officer, "family", unit)
        said.add(answer.replace(unit, "UNIT"))
        assert "bedrooms" not in answer and "Northmere" not in answer and "Southwick" not in answer
    assert len(said) == 1
    answer = said.pop()
    assert "A household has it, in the plan or by what was decided since" in answer
    assert "better" not in answer, "also of a household that was never planned"


def test_of_another_councils_stock_nothing_is_found_but_what_is_offered_anyway(officer, planned):
    """A unit that another council's household has is answered like a reference that is not there."""
    plan = KINDS["placements"].read_plan(planned / PLAN_FILE)
    held = {each.household: each.unit for each in plan.placements}["south"]
    absent = why_not(officer, "family", "S/9").replace("S/9", "UNIT")
    assert "No unit of that reference" in absent
    assert why_not(officer, "family", held).replace(held, "UNIT") == absent
    page = read(officer, f"{page_of(officer, 'family')}why-not/?unit=S%2F")
    assert held not in page and "S/1" in page, "free, and offered to the family"


def test_a_part_of_a_reference_finds_references_and_an_unknown_one_nothing(officer):
    page = read(officer, f"{page_of(officer, 'family')}why-not/?unit=n%2F")
    assert re.findall(r"why-not/\?unit=([^\"]+)\"", page) == [
        "N%2F1", "N%2F2", "N%2F3", "N%2F4", "N%2Fbnb"
    ]  # fmt: skip
    assert "No unit of that reference" in why_not(officer, "family", "X/9")
    assert "No unit of that reference" in why_not(officer, "family", "X" * 500)
    empty = read(officer, f"{page_of(officer, 'family')}why-not/")
    assert "Reference of the unit" in empty and "No unit of that reference" not in empty


def test_a_question_is_a_look_on_record_and_names_no_unit(officer):
    read(officer, f"{page_of(officer, 'family')}why-not/?unit=N%2F2")
    entries = ENTRIES.filter(kind="look", page="placement why not")
    assert {entry.person_id for entry in entries} == {CHILD, ONE_WAIT}
    assert all(unit not in str(entry.details) for entry in entries for unit in UNITS)


def test_whoever_may_not_see_the_household_asks_of_no_unit(officer, client_of):
    address = f"{page_of(officer, 'family')}why-not/?unit=N%2F2"
    with known_asker():
        Barred.objects.create(person_id=ONE_WAIT, username="test-placement_officer")
    hidden = officer.get(address)
    absent = officer.get(f"{BOARD}00000000-0000-4000-8000-000000000000/why-not/?unit=N%2F2")
    assert hidden.status_code == absent.status_code == 404 and hidden.content == absent.content
    assert client_of("practitioner", PURPOSE).get(address).status_code == 403


def test_no_answer_tells_where_a_neighbour_of_somebody_protected_lives(tmp_path, db, user_of, client_of):
    """Asked of every unit of the stock: of the unit in which it lives no more is said than of any other like it."""
    place, _ = write_sample_place(tmp_path / "place", 8)
    tables = sample_tables(8)
    for row in tables["person"]:
        row["location_withheld"] |= row["person_id"] == person_id(12)
    run = write_run(place, "2026-11-15-neighbour", tables)
    problem, _ = sample_problem()
    twin = replace(next(each for each in problem.units if each.id == "N/1"), id="N/9")
    staying = tuple(replace(each, may_move=each.id != "pair") for each in problem.households)
    nobody = Household("nobody", NORTHMERE, 2, current_unit="N/9", may_move=False)
    write_plan(place, run, replace(problem, units=(*problem.units, twin), households=(*staying, nobody)))
    publish(run, place)
    enforce(sample_agreements())
    client = client_of("placement_officer", PURPOSE)
    page = read(client, f"{BOARD}{number_of('pair')}/")
    assert "Which unit that is, is not known here" in page and "The plan proposes that it stays there" in page
    said = {unit: why_not(client, "pair", unit).replace(unit, "UNIT") for unit in (*UNITS, "N/9")}
    assert not [answer for answer in said.values() if "lives today" in answer or "plan proposes" in answer]
    assert "A household has it, in the plan or by what was decided since" in said["N/1"] and said["N/1"] == said["N/9"]


def test_where_a_household_lives_is_shown_until_it_has_moved(officer, planned, sample):
    """The next plan proposes what was accepted; today is what the run says, and beside it since when it is accepted."""
    place, run = sample
    before = read(officer, page_of(officer, "family"))
    assert "not yet moved" not in before
    done(send(officer, "family", "accept"))
    problem, people = sample_problem()
    units = {each.id for each in problem.units}
    with known_asker():
        decided_ones = read_decided(KEY, UNITS)
    households, _ = apply_decisions(problem.households, people, decided_ones, units)
    write_plan(place, run, replace(problem, households=tuple(households)))
    with known_asker():
        assert show_plans(run, place)
        accepted_on = day_words(london_date(ProposalAnswer.objects.get().answered_at))
    page = read(officer, page_of(officer, "family"))
    assert f"Accepted on {accepted_on}, not yet moved" in page
    today = re.search(r'<section class="app-unit" aria-labelledby="unit-A">(.*?)</section>', page, re.S)[1]
    assert "Today: " in today and "N/bnb" in today
    board = read(officer, f"{BOARD}?show=accepted")
    assert "Today: Bed and breakfast, 1 bedroom" in board and f"Accepted on {accepted_on}, not yet moved" in board
    accepted = {each.unit for each in decided_ones}.pop()
    moved = tuple(
        replace(each, current_unit=accepted, bed_and_breakfast_days=0) if each.id == "family" else
        replace(each, current_unit=None) if each.current_unit == accepted else each for each in households
    )  # fmt: skip
    write_plan(place, run, replace(problem, households=moved))
    with known_asker():
        assert show_plans(run, place)
    page = read(officer, page_of(officer, "family"))
    assert "Accepted" in page and "not yet moved" not in page


def test_a_family_that_shares_a_unit_has_its_days_and_its_unit_of_today(officer, planned, sample):
    place, run = sample
    problem, _ = sample_problem()
    sharing = tuple(
        replace(each, current_unit=None, shared_unit="N/bnb", bed_and_breakfast_days=40)
        if each.id == "crowded"
        else each
        for each in problem.households
    )
    write_plan(place, run, replace(problem, households=sharing))
    with known_asker():
        assert show_plans(run, place)
    page = read(officer, page_of(officer, "crowded"))
    assert "Day 40 of 42 in bed and breakfast" in page
    today = re.search(r'<section class="app-unit" aria-labelledby="unit-A">(.*?)</section>', page, re.S)[1]
    assert "N/bnb" in today and "It has fewer bedrooms than the household needs" in today
    assert references(read(officer, f"{BOARD}?show=all"))[0] == reference("crowded"), (
        "two days are left, of the other six"
    )


def test_what_was_decided_can_be_taken_back(officer):
    done(send(officer, "family", "accept"))
    with known_asker():
        answer = ProposalAnswer.objects.get(ended_at=None)
    done(send(officer, "family", "take_back", answer=str(answer.pk)))
    assert decided() == set()
    again = send(officer, "family", "take_back", answer=str(answer.pk))
    assert again.status_code == 400 and "taken back already" in again.content.decode()
    with known_asker():
        kept = ProposalAnswer.objects.get()
        assert (kept.ended_by, kept.answer) == ("test-placement_officer", "accepted"), "it stays on record"


def test_of_two_who_answer_one_is_told(officer):
    """Whoever had the page open before somebody refused does not undo the refusal unseen."""
    stale = version_of("family")
    done(send(officer, "family", "refuse", **{"refuse-reason": "school"}))
    answer = officer.post(page_of(officer, "family"), {"kind": "accept", "version": stale})
    assert answer.status_code == 409 and "Somebody else changed this" in answer.content.decode()
    assert {is_accepted for _, is_accepted in decided()} == {False}


def test_an_acceptance_ends_with_the_households_place_in_the_plan(officer, planned, sample):
    """Its unit would stand accepted for somebody whom nobody sees."""
    place, run = sample
    done(send(officer, "crowded", "accept"))
    done(send(officer, "pair", "refuse", **{"refuse-reason": "school"}))
    problem, _ = sample_problem()
    staying = tuple(each for each in problem.households if each.id not in ("crowded", "pair"))
    write_plan(place, run, type(problem)(**{**vars(problem), "households": staying}))
    with known_asker():
        assert show_plans(run, place)
        ended = {row.answer: row.ended_at is not None for row in ProposalAnswer.objects.all()}
    assert ended == {"accepted": True, "refused": False}


def test_a_chain_is_accepted_as_a_whole(officer):
    names = ("family", "pair", "crowded")
    with known_asker():
        chains = {name: Proposal.objects.get(pk=number_of(name)).chain for name in names}
    together = [name for name in names if chains[name] is not None and chains[name] == chains["crowded"]]
    assert len(together) > 1, chains
    page = read(officer, page_of(officer, "crowded"))
    assert all(reference(name) in page for name in together)
    done(send(officer, "crowded", "chain"))
    with known_asker():
        assert ProposalAnswer.objects.filter(ended_at=None, answer="accepted").count() == len(together)
    again = send(officer, "crowded", "chain")
    assert again.status_code == 400 and "answered already" in again.content.decode()


@pytest.mark.parametrize(
    ("kind", "fields", "words"),
    [
        ("refuse", {}, "choose a reason"),
        ("refuse", {"refuse-reason": "other"}, "Say in words what the other reason is"),
        ("refuse", {"refuse-reason": "school", "refuse-words": "They stay at M1 1AE"}, "a postcode"),
        ("refuse", {"refuse-reason": "because"}, "choose a reason"),
        ("choose", {"choose-unit": "f" * 64, "choose-reason": "school"}, "Choose a unit from the list"),
        ("choose", {"choose-unit": "N/1", "choose-reason": "school"}, "Choose a unit from the list"),
        ("take_back", {"answer": "no id"}, "no such thing"),
        ("dance", {}, "no such step"),
        ("", {}, "no such step"),
    ],
)
def test_what_cannot_be_taken_is_refused_and_kept_nowhere(officer, kind, fields, words):
    answer = send(officer, "family", kind, **fields)
    page = answer.content.decode()
    assert answer.status_code == 400
    assert words in page
    assert "M1 1AE" not in re.sub(r"<textarea.*?</textarea>", "", page, flags=re.S)
    with known_asker():
        assert not ProposalAnswer.objects.exists()


def test_an_accepted_move_is_planned_in_a_joint_case_with_its_notices(planned, officer, user_of):
    """Of those whom the case is about, by whoever works on the whole of it; before it is accepted, not at all."""
    with known_asker():
        case = JointCase.objects.create(
            reference="JC-1", case_type="placement_panel", purpose=PURPOSE, opened_by="test-placement_officer"
        )
        CaseSubject.objects.create(case=case, part="child", person_id=CHILD, added_by="x")
        seat = CaseMember.objects.create(
            case=case, username="test-placement_officer", organisation="northmere-council", agency="placement",
            right="edit", sight="own",
        )  # fmt: skip
    early = send(officer, "family", "move", case=str(case.pk))
    assert early.status_code == 400 and "Accept a proposal first" in early.content.decode()
    done(send(officer, "family", "accept"))
    assert "JC-1" not in read(officer, page_of(officer, "family"))
    refused = send(officer, "family", "move", case=str(case.pk))
    assert refused.status_code == 400 and "no open joint case" in refused.content.decode()
    with known_asker():
        CaseMember.objects.filter(pk=seat.pk).update(sight="whole")
    assert "Plan the move and its notices in JC-1" in read(officer, page_of(officer, "family"))
    answer = send(officer, "family", "move", case=str(case.pk))
    assert (answer.status_code, answer["Location"]) == (302, f"/cases/{case.pk}/move/")
    with known_asker():
        move = PlannedMove.objects.get()
        assert (move.planned_on, move.leaves_district, move.to_district) == (AS_OF, False, "")
        assert list(Mover.objects.values_list("person_id", "school")) == [(CHILD, "kept")]
        assert set(MoveNotice.objects.values_list("kind", flat=True)) == {"s213aa"}


def test_one_unit_goes_to_one_household(officer):
    page = read(officer, page_of(officer, "crowded"))
    for name, status in (("crowded", 302), ("family", 400)):
        token = token_of(page, "N/4")
        answer = send(officer, name, "choose", **{"choose-unit": token, "choose-reason": "better_elsewhere"})
        assert answer.status_code == status, name
    assert "cannot be let just now" in answer.content.decode()
    assert decided() == {("N/4", True)}


def test_a_unit_that_was_accepted_for_another_household_cannot_be_chosen_and_is_not_said_to_be(officer):
    page = read(officer, page_of(officer, "crowded"))
    free = why_not(officer, "family", "N/4")
    assert "among the units that can be chosen instead" in free
    choice = {"choose-unit": token_of(page, "N/4"), "choose-reason": "better_elsewhere"}
    done(send(officer, "crowded", "choose", **choice))
    taken = why_not(officer, "family", "N/4")
    assert "A household has it" in taken and "can be chosen instead" not in taken and "bedrooms" not in taken
    assert "can be chosen instead" in why_not(officer, "crowded", "N/4"), "of its own it is said as before"


def test_who_owes_the_duty_decides_and_who_looks_on_for_the_place_does_not(planned, client_of, user_of):
    analyst = client_of("analyst", PURPOSE)
    assert len(references(read(analyst, f"{BOARD}?show=all"))) == 4
    page = read(analyst, page_of(analyst, "family"))
    assert "owes this household its duty, and decides" in page and 'value="accept"' not in page
    assert send(analyst, "family", "accept").status_code == 400
    southern = user_of("placement_officer")
    with known_asker():
        User.objects.filter(pk=southern.pk).update(organisation="southwick-council")
    client = client_of("placement_officer", PURPOSE)
    assert references(read(client, f"{BOARD}?show=all")) == [reference("south")]
    assert client.get(page_of(client, "family")).status_code == 404
    assert send(client, "family", "accept").status_code == 404
    with known_asker():
        assert not ProposalAnswer.objects.exists()


def test_whoever_is_kept_from_one_of_a_household_finds_nothing_of_it(officer):
    """Not in the list, the counts, the sums, a chain, or how many others would like a unit."""
    before = {name: read(officer, page_of(officer, name)) for name in ("pair", "crowded")}
    assert "other household" in before["crowded"]
    with known_asker():
        Barred.objects.create(person_id=ONE_WAIT, username="test-placement_officer")
        family = number_of("family")
    page = read(officer, f"{BOARD}?show=all")
    assert set(references(page)) == {reference("pair"), reference("crowded")}
    assert "All (2)" in page and reference("family") not in page and "Example" not in page
    hidden, absent = officer.get(f"{BOARD}{family}/"), officer.get(f"{BOARD}00000000-0000-4000-8000-000000000000/")
    assert hidden.status_code == absent.status_code == 404
    assert hidden.content == absent.content
    for name in ("pair", "crowded"):
        assert reference("family") not in read(officer, page_of(officer, name))
    assert "N/bnb" not in page


def test_without_an_agreement_in_force_there_is_no_board(officer):
    assert references(read(officer, f"{BOARD}?show=all"))
    Suspension.objects.create(agreement_id="sample-school_from_ta", suspended_by="lead", reason="breach")
    page = read(officer, f"{BOARD}?show=all")
    assert references(page) == [] and "There is no plan" in page
    assert officer.get(page_of(officer, "family")).status_code == 404


def test_an_agreement_without_the_item_opens_no_place_at_all(officer):
    school, *others = sample_agreements()
    parties = tuple(
        type(party)(**{**vars(party), "receives": party.receives - {"placement"}}) for party in school.parties
    )
    enforce([type(school)(**{**vars(school), "parties": parties}), *others])
    assert references(read(officer, f"{BOARD}?show=all")) == []
    with as_pages(), asking_as("test-placement_officer", PURPOSE):
        assert not Proposal.objects.exists() and not ShownPlan.objects.exists()


def test_a_proposal_about_somebody_protected_is_there_for_nobody(published, client_of):
    """Whatever was published: the database shows it to no role, and says so of one that becomes protected as well."""
    about = put_proposal(CHILD_PROTECTED, "northmere-council")
    for role in ("placement_officer", "analyst"):
        client = client_of(role, PURPOSE)
        assert client.get(f"{BOARD}{about.proposal}/").status_code == 404
        assert unit_of(CHILD_PROTECTED) not in read(client, f"{BOARD}?show=all")
    other = put_proposal(CHILD, "northmere-council")
    officer = client_of("placement_officer", PURPOSE)
    assert unit_of(CHILD) in read(officer, f"{BOARD}{other.proposal}/")
    with known_asker():
        Protection.objects.create(person_id=CHILD)
    assert officer.get(f"{BOARD}{other.proposal}/").status_code == 404


def test_who_became_protected_since_the_plan_was_made_is_left_out_of_what_is_shown(tmp_path, db, user_of, client_of):
    """And of a neighbour, whose location is withheld for their sake, it is not shown where they are."""
    place, _ = write_sample_place(tmp_path / "place", 8)
    tables = sample_tables(8)
    for row in tables["person"]:
        row["protected"] |= row["person_id"] == person_id(15)
        row["location_withheld"] |= row["person_id"] in (person_id(15), person_id(12))
    run = write_run(place, "2026-11-15-protected", tables)
    write_plan(place, run)
    publish(run, place)
    enforce(sample_agreements())
    client = client_of("placement_officer", PURPOSE)
    page = read(client, f"{BOARD}?show=all")
    key = open_plan_key(place.lake_folder)
    names = {name: reference_of(key, sample_problem()[1][name]) for name in ("family", "pair", "crowded")}
    assert set(references(page)) == {names["family"], names["pair"]}
    pair = read(client, f"{BOARD}{number_of('pair')}/")
    assert "Which unit that is, is not known here" in pair
    assert "N/1" not in re.sub(r'<section class="app-unit".*?</section>', "", pair, flags=re.S)
    assert names["pair"] not in read(client, f"{BOARD}{number_of('family')}/")


def test_a_plan_that_its_checker_does_not_pass_is_not_shown(published, sample, caplog):
    place, run = sample
    folder = write_plan(place, run)
    try:
        plan = json.loads((folder / PLAN_FILE).read_text())
        plan["placements"][0]["unit"], plan["placements"][1]["unit"] = (
            plan["placements"][1]["unit"],
            plan["placements"][0]["unit"],
        )
        (folder / PLAN_FILE).write_text(json.dumps(plan))
        with known_asker():
            assert not show_plans(run, place)
            assert not ShownPlan.objects.exists() and not Proposal.objects.exists()
        assert "its checker does not pass it" in caplog.text
        (folder / PLAN_FILE).write_text("{")
        with known_asker():
            assert not show_plans(run, place)
    finally:
        shutil.rmtree(folder.parent)


def test_a_newer_plan_takes_the_place_of_the_one_shown_and_answers_follow(officer, planned, sample):
    place, run = sample
    done(send(officer, "family", "accept"))
    was = number_of("family")
    with known_asker():
        assert not show_plans(run, place), "the same plan is not shown again"
    problem, _ = sample_problem()
    write_plan(place, run, type(problem)(**{**vars(problem), "moves_per_day": 1}))
    with known_asker():
        assert show_plans(run, place)
    assert number_of("family") != was
    assert "Accepted" in read(officer, page_of(officer, "family"))
    assert officer.get(f"{BOARD}{was}/").status_code == 404
    with known_asker():
        answer = ProposalAnswer.objects.get()
        assert str(answer.proposal_id) == number_of("family")


def test_an_answer_to_a_plan_that_is_shown_no_more_is_refused_by_the_database(officer):
    with known_asker():
        row = Proposal.objects.get(pk=number_of("family"))
        plan = ShownPlan.objects.get()
        ShownPlan.objects.update(fingerprint="another")
    made = _answer(row, plan)
    with pytest.raises(DatabaseError), as_pages(), asking_as("test-placement_officer", PURPOSE), transaction.atomic():
        ProposalAnswer.objects.append_one(made)


def _answer(row: Proposal, plan: ShownPlan, **changes) -> ProposalAnswer:
    values = {
        "proposal": row,
        "kind": "placements",
        "purpose": PURPOSE,
        "organisation": row.organisation,
        "answer": "accepted",
        "token": "0" * 64,
        "is_proposed": True,
        "run_id": plan.run_id,
        "plan_fingerprint": plan.fingerprint,
        "answered_by": "test-placement_officer",
    }
    return ProposalAnswer(**{**values, **changes})


@pytest.mark.parametrize(
    ("who", "changes"),
    [
        ("test-placement_officer", {"answered_by": "test-analyst"}),
        ("test-placement_officer", {"organisation": "southwick-council"}),
        ("test-analyst", {"answered_by": "test-analyst"}),
        ("test-practitioner", {"answered_by": "test-practitioner"}),
    ],
)
def test_the_database_takes_an_answer_from_whoever_decides_alone(planned, user_of, who, changes):
    with known_asker():
        row, plan = Proposal.objects.get(pk=number_of("family")), ShownPlan.objects.get()
    with pytest.raises(DatabaseError), as_pages(), asking_as(who, PURPOSE), transaction.atomic():
        ProposalAnswer.objects.append_one(_answer(row, plan, **changes))


def test_a_new_run_takes_the_proposals_with_it_and_answers_wait_for_the_next_plan(officer, planned, sample):
    place, run = sample
    done(send(officer, "family", "accept"))
    shutil.rmtree(planned)
    with known_asker():
        assert show_plans(run, place) is False
        assert not Proposal.objects.exists()
        assert ProposalAnswer.objects.get().proposal_id is None
    assert "There is no plan" in read(officer, BOARD)
    write_plan(place, run)
    with known_asker():
        assert show_plans(run, place)
        assert str(ProposalAnswer.objects.get().proposal_id) == number_of("family")


def test_sheets_rest_sealed_and_open_under_a_new_key(officer, planned):
    with connection.cursor() as cursor:
        cursor.execute("select string_agg(p::text, '') from braid_proposal p")
        kept = cursor.fetchone()[0]
    assert not [unit for unit in UNITS if unit.encode().hex() in kept or f'"{unit}"' in kept]
    with known_asker():
        before = bytes(Proposal.objects.get(pk=number_of("family")).sealed)
    rotate_vault()
    with known_asker():
        assert bytes(Proposal.objects.get(pk=number_of("family")).sealed) != before
    assert "N/bnb" in read(officer, page_of(officer, "family"))
    replace_lost_key()
    with known_asker():
        assert not Proposal.objects.exists()
    assert "There is no plan" in read(officer, BOARD)


def test_a_board_whose_sheets_cannot_be_opened_says_so_and_shows_nothing(officer, settings, tmp_path):
    settings.VAULT_KEY_FILE = str(tmp_path / "nothing")
    for address in (f"{BOARD}?show=all", page_of(officer, "family")):
        answer = officer.get(address)
        assert answer.status_code == 503
        assert "cannot be read just now" in answer.content.decode() and "HH-" not in answer.content.decode()


def test_accepted_moves_leave_as_days_and_references_alone_and_on_record(officer):
    done(send(officer, "family", "accept"))
    answer = officer.get(f"{BOARD}moves.ics")
    text = answer.content.decode()
    assert answer["Content-Type"].startswith("text/calendar")
    assert f"SUMMARY:Move {reference('family')}" in text.replace("\r\n ", "")
    assert f"DTSTART;VALUE=DATE:{AS_OF:%Y%m%d}" in text
    for secret in ("Ada", "Example", "Northmere", CHILD, *UNITS):
        assert secret not in text
    entry = ENTRIES.filter(kind="exported").latest("recorded_at")
    assert entry.details == {"what": "accepted moves", "form": "ics", "moves": 1}
    exported = ENTRIES.filter(kind="exported").values_list("person_id", flat=True)
    assert set(exported) == {CHILD, ONE_WAIT, ADULT}


def test_each_look_and_each_decision_is_on_record(officer):
    read(officer, page_of(officer, "family"))
    looked = set(ENTRIES.filter(kind="look", page="placement").values_list("person_id", flat=True))
    shown = ENTRIES.filter(kind="changed", details__what="plan shown").get()
    assert (shown.person_id, shown.details["plan"]) == ("", "placements")
    assert looked == {CHILD, ONE_WAIT, person_id(12), person_id(15)}, "those of its chain are named too"
    done(send(officer, "family", "accept"))
    entries = ENTRIES.filter(kind="changed", page="placement")
    assert {entry.details["what"] for entry in entries} == {"proposal accepted"}
    assert {entry.person_id for entry in entries} == {CHILD, ONE_WAIT, ADULT}
    assert all(unit not in str(entry.details) for entry in entries for unit in UNITS)


def test_each_household_that_the_board_shows_is_looked_at_whoever_stands_for_it(officer):
    read(officer, f"{BOARD}?show=all")
    looked = set(ENTRIES.filter(kind="look", page="placements").values_list("person_id", flat=True))
    assert looked == {CHILD, ONE_WAIT, person_id(12), person_id(15)}


def test_for_another_purpose_the_board_says_which_one_it_serves(planned, client_of):
    page = read(client_of("analyst", "court_readiness"), BOARD)
    assert "School from temporary accommodation" in page and references(page) == []


def test_who_was_decided_on_is_kept_with_the_answer(officer):
    done(send(officer, "family", "accept"))
    with known_asker():
        assert set(AnsweredPerson.objects.values_list("person_id", flat=True)) == {CHILD, ONE_WAIT, ADULT}
    assert write(sample_problem()[0])


def test_a_question_asks_the_database_as_often_whatever_the_stock(officer, planned, sample):
    place, run = sample
    address = f"{page_of(officer, 'family')}why-not/"
    few = [_count(officer, address, unit) for unit in ("N/", "N/2", "N/4")]
    problem, _ = sample_problem()
    more = tuple(replace(problem.units[4], id=f"N/x{number}") for number in range(50))
    write_plan(place, run, replace(problem, units=(*problem.units, *more)))
    with known_asker():
        assert show_plans(run, place)
    address = f"{page_of(officer, 'family')}why-not/"
    assert [_count(officer, address, unit) for unit in ("N/", "N/2", "N/4")] == few
    assert max(few) <= 56


def _count(client, address: str, unit: str) -> int:
    client.get(address, {"unit": unit})
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address, {"unit": unit}).status_code == 200
    return len(captured)
