"""Chains on pages: every link with its figure, day and source, gaps as gaps, and nobody sees what they may not."""

import csv
import datetime as dt
import html
import io
import re
import uuid
from dataclasses import replace
from types import SimpleNamespace

import pytest
from board_sample import COMMISSIONING, decided, held, now, seat_usual
from care_teams import make_teams
from chain_sample import OUTCOME, put_money, put_priority, put_size, put_value, seat_and_put_chain, write_chain_place
from commissioned import colleague, put_commission, terms_of_sample
from django.db import connection
from django.test.utils import CaptureQueriesContext
from portfolio_sample import put_studies
from sample_run import AS_OF

from braid.place.boards.links import LINK_KINDS
from braid.place.chain import CLOSERS, GAPS, HEADS
from braid.place.commissions.terms import Provider
from braid.trust.roles import ROLES
from braid.web.boards import deciding
from braid.web.boards.linked import FINDERS
from braid.web.chains import demo
from braid.web.chains.reading import _then_and_now
from braid.web.models import (
    Cohort,
    Commission,
    OutcomeDefinition,
    OutcomeFigure,
    Person,
    PortfolioChoice,
    PortfolioStudy,
    Protection,
    Referral,
    Team,
)
from braid.web.watch import known_asker

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def chain_place(tmp_path_factory, monkeypatch):
    folder = write_chain_place(tmp_path_factory.mktemp("chain"))
    monkeypatch.setenv("BRAID_PLACE", str(folder))
    return folder


def text_of(client, address):
    answer = client.get(address)
    assert answer.status_code == 200
    page = re.sub(r"<svg.*?</svg>", "", answer.content.decode().split("<main")[1], flags=re.DOTALL)
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", page).split()))


def test_a_whole_chain_has_each_link_with_figure_day_and_source(published, client_of):
    priority = seat_and_put_chain()
    put_size("therapy", 91, 900)
    page = text_of(client_of("board_member"), f"/chains/{priority}/")
    for words in (
        "Decision BD-",
        "now 84 days",
        "Published figure of outcomes, run",
        "£40,000 committed, £0 spent, of £80,000",
        "Ledger of Pool for victims, 2026-27",
        "Open to referrals; £100,000",
        "Have begun: lower need, 0; medium need, 0; higher need, 10",
        "Records of the service, counts to the nearest 5",
        "975 wait, 900 on 16 August 2026: 75 more; half of them have waited 105 days or longer",
        "Published sizes of backlogs, run",
        "There is something under each link",
    ):
        assert words in page
    assert not re.search(r"\bcaus", page.lower())
    assert not any(words in page for words in GAPS.values())


def test_gaps_are_told_with_who_closes_them_and_where(published, client_of):
    seat_usual()
    priority = put_priority(outcomes=())
    client = client_of("commissioner")
    answer = html.unescape(client.get(f"/chains/{priority}/").content.decode())
    for head in ("outcome", "money", "commission", "served"):
        assert GAPS[head] in answer
        assert CLOSERS[head] in answer
    for address in ("/boards/justice/", "/funds/", "/commissions/"):
        assert f'href="{address}"' in answer.split("<main")[1]
    assert "The first gap: outcome" in text_of(client, f"/chains/{priority}/")
    assert "gap gap gap gap" in text_of(client, "/chains/")


@pytest.mark.parametrize("people", [0, 3, 7])
def test_few_served_are_a_gap_and_no_count_of_them_is_said(people, published, client_of):
    priority = seat_and_put_chain(people)
    page = text_of(client_of("board_member"), f"/chains/{priority}/")
    assert GAPS["served"] in page
    assert "Have begun" not in page


def test_an_outcome_without_a_value_is_a_gap_with_who_closes_it_and_when(published, client_of):
    """Money, a commission and waits are still found by it. One value that was shown closes the gap."""
    priority = seat_and_put_chain()
    put_size("therapy", 91, 900)
    client = client_of("board_member")
    assert "There is something under each link" in text_of(client, f"/chains/{priority}/")
    put_value(None)
    page = text_of(client, f"/chains/{priority}/")
    assert "The first gap: outcome" in page
    assert "In each period that is over too few people were counted to show one." in page
    with known_asker():
        OutcomeFigure.objects.filter(outcome_id=OUTCOME).delete()
    page = text_of(client, f"/chains/{priority}/")
    assert "No value yet of:" in page and "In no period that is over do the extracts show everybody, or anybody" in page
    assert "Whoever runs Braid publishes it" in page
    assert "The first value is due with the run after 31 December 2026." in page
    assert "£40,000 committed" in page and "975 wait" in page
    (line,) = [row for row in csv.reader(io.StringIO(chain_csv(client, priority))) if "Gap" in row]
    assert any(cell.startswith("No value yet of:") for cell in line)
    assert re.search(r"gap 1 1 1 \d+ Outcome", text_of(client, "/chains/"))


def chain_csv(client, priority):
    return client.get(f"/chains/{priority}/links.csv").content.decode("utf-8-sig")


def test_what_an_older_braid_published_says_who_says_when(published, client_of):
    priority = seat_and_put_chain()
    with known_asker():
        OutcomeFigure.objects.filter(outcome_id=OUTCOME).delete()
        row = OutcomeDefinition.objects.get(pk=OUTCOME)
        del row.document["due"]
        row.save()
    assert "Whoever runs Braid publishes when a value is due" in text_of(client_of("analyst"), f"/chains/{priority}/")


def test_a_draft_is_no_commission(published, client_of):
    priority = seat_and_put_chain()
    with known_asker():
        Commission.objects.update(state="draft")
    assert GAPS["commission"] in text_of(client_of("board_member"), f"/chains/{priority}/")


def test_money_that_is_not_committed_is_a_gap(published, client_of):
    seat_usual()
    priority = put_priority()
    client = client_of("board_member")
    assert GAPS["money"] in text_of(client, f"/chains/{priority}/")
    put_money()
    assert GAPS["money"] not in text_of(client, f"/chains/{priority}/")


def test_then_and_now_are_published_sizes_before_and_after(published):
    day = dt.date(2026, 1, 1)
    sizes = [(day, 50), (day + dt.timedelta(30), None), (day + dt.timedelta(60), 40), (day + dt.timedelta(200), 30)]
    assert _then_and_now(sizes, day + dt.timedelta(70)) == (sizes[2], sizes[3])
    assert _then_and_now(sizes, day + dt.timedelta(45)) == (sizes[0], sizes[3])
    assert _then_and_now(sizes, day + dt.timedelta(300)) == (sizes[2], sizes[3])
    assert _then_and_now([*sizes, (day + dt.timedelta(210), None)], day) == (None, None)
    assert _then_and_now(sizes[-1:], day) == (None, sizes[3])


def test_a_priority_decided_in_confidence_has_no_chain_for_others(published, client_of):
    seat_usual()
    priority = put_priority("Not for everybody", confidential=True)
    outside = client_of("analyst")
    assert outside.get(f"/chains/{priority}/").status_code == 404
    assert outside.get(f"/chains/{priority}/links.csv").status_code == 404
    assert "Not for everybody" not in outside.get("/chains/").content.decode()
    assert "Not for everybody" not in outside.get(f"/outcomes/{OUTCOME}/").content.decode()
    member = client_of("board_member")
    assert "Not for everybody" in member.get("/chains/").content.decode()
    assert member.get(f"/chains/{priority}/").status_code == 200
    for address in ("/chains/", f"/chains/{priority}/", "/chains/links.csv"):
        assert "Confidential: Not for everybody" in member.get(address).content.decode()


@pytest.mark.parametrize("role", ROLES)
def test_who_governs_sees_chains_and_nobody_else(role, published, client_of):
    seat_usual()
    priority = put_priority()
    client, governs = client_of(role), ROLES[role].governs
    for address in ("/chains/", f"/chains/{priority}/", "/chains/links.csv", f"/chains/{priority}/links.xlsx"):
        assert client.get(address).status_code == (200 if governs else 403)


def test_the_file_has_the_links_and_the_gaps(published, client_of):
    seat_usual()
    put_priority()
    client = client_of("analyst")
    text = client.get("/chains/links.csv").content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert {row[2] for row in rows if len(row) == 9} >= set(HEADS.values())
    assert any("Gap" in row and GAPS["money"] in row and CLOSERS["money"] in row for row in rows)
    assert client.get("/chains/links.doc").status_code == 404
    assert client.get(f"/chains/{uuid.uuid4()}/links.csv").status_code == 404


def test_things_name_their_chains_and_the_decisions_about_them(published, client_of):
    priority = seat_and_put_chain()
    with known_asker():
        commission = Commission.objects.get()
    client = client_of("commissioner")
    for address in (
        f"/outcomes/{OUTCOME}/",
        "/funds/victims-pool/",
        f"/commissions/{commission.pk}/",
        "/boards/justice/",
    ):
        assert f'href="/chains/{priority}/"' in client.get(address).content.decode()


def test_one_more_priority_asks_nothing_more_of_the_database(published, client_of):
    seat_usual()
    client = client_of("board_member")
    asked = []
    for number in range(2):
        put_priority(f"Priority {number}")
        client.get("/chains/")
        with CaptureQueriesContext(connection) as queries:
            client.get("/chains/")
        asked.append(len(queries))
    assert asked[0] == asked[1]


def test_the_day_of_a_published_figure_is_its_own(published, client_of):
    seat_usual()
    priority = put_priority()
    assert f"{AS_OF.day} {AS_OF:%B %Y}. Published sizes" in text_of(client_of("analyst"), f"/chains/{priority}/")


def test_a_demo_has_served_enough_for_a_whole_chain_and_leaves_nothing_on_a_list(published, client_of):
    """Entered once, of a fictional place alone, and protected people are not among them."""
    seat_usual()
    put_money()
    make_teams()
    terms = terms_of_sample(fund="victims-pool")
    lot = replace(terms.lots[0], id=demo.LOT, providers=(Provider("vale-hospital", demo.TEAM, "prime"),))
    put_commission(terms=replace(terms, lots=(lot,)))
    colleague("advocate", "harbour", demo.SENDS)
    with known_asker():
        Team.objects.create(pk=demo.TEAM, name="Advocates", organisation="vale-hospital", services=["advocacy"])
        people = [Person.objects.create(person_id=f"{number:032x}") for number in range(100, 130)]
        Cohort.objects.bulk_create(
            Cohort(person=one, problem="victim_response", statement="victim_response", reason="") for one in people
        )
        Protection.objects.create(person=people[0])
    real, fictional = (SimpleNamespace(is_example=is_example) for is_example in (False, True))
    assert demo.put_demo_served(real) == 0
    served = demo.put_demo_served(fictional)
    assert served >= 29
    assert demo.put_demo_served(fictional) == 0
    with known_asker():
        assert set(Referral.objects.values_list("state", flat=True)) == {"done"}
        assert not Referral.objects.filter(person_id=people[0].pk).exists()
    page = text_of(client_of("board_member"), f"/chains/{put_priority()}/")
    assert re.search(r"Have begun: lower need, 0; medium need, \d+; higher need, \d+", page)


def test_every_kind_of_link_is_found_and_the_thing_names_the_decision(published, client_of):
    seat_and_put_chain()
    _, (item,) = held()
    decision, acts = decided(item, title="About several things"), COMMISSIONING
    choice = put_choice()
    with known_asker():
        commission = Commission.objects.get()
    about = {
        "outcome": (OUTCOME, f"/outcomes/{OUTCOME}/"),
        "fund": ("victims-pool", "/funds/victims-pool/"),
        "commission": (str(commission.pk), f"/commissions/{commission.pk}/"),
        "portfolio": (str(choice.pk), f"/portfolio/{choice.study_id}/"),
    }
    assert set(FINDERS) == set(LINK_KINDS)
    with acts.asking():
        for kind, (reference, _) in about.items():
            deciding.link_decision(acts.asker, acts.board, decision, kind, reference, now())
    client = client_of("commissioner")
    page = client.get(f"/boards/decisions/{decision}/").content.decode()
    assert "not found" not in page
    for _, address in about.values():
        assert f'href="{address}"' in page
        assert "About several things" in client.get(address).content.decode()


def put_choice():
    put_studies(range(1))
    with known_asker():
        study = PortfolioStudy.objects.filter(state="done").first()
        return PortfolioChoice.objects.create(
            study=study, plan="pooled", because="most_value", board="justice", chosen_on=AS_OF, written_by="somebody"
        )
