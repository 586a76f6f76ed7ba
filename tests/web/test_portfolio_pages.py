"""The portfolio on pages: studied beside the server, shown in words and pictures, chosen by a board, taken away."""

import datetime as dt
import json
from dataclasses import replace

import pytest
from board_sample import OWN, PREPARES, seat, write_boards_place
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from portfolio_sample import put_portfolio, small_portfolio
from published_sample import as_pages

from braid.language.documents import parse, write
from braid.language.example_mark import EXAMPLE_MARK
from braid.place.portfolio.study import Study
from braid.store.place_folder import load_place
from braid.trust.roles import ROLES
from braid.web.access.context import asking_as
from braid.web.models import AuditEntry, PlacePortfolio, PortfolioChoice, PortfolioStudy
from braid.web.portfolio import running
from braid.web.portfolio.demo import enter_history
from braid.web.portfolio.keeping import MOST_WAITING, find_own_study, find_portfolio
from braid.web.portfolio.publishing import publish_portfolio, show_portfolio
from braid.web.portfolio.running import FAILURES, make_waiting
from braid.web.portfolio.words import say_pounds, say_share
from braid.web.queued_work import MOST_TRIES
from braid.web.watch import known_asker

pytestmark = pytest.mark.django_db

GOVERNING = {role.code for role in ROLES.values() if role.governs}
DRAWS = 10
CHOICE = {"plan": "no_loser", "because": "nobody_loses", "board": "health-and-wellbeing", "minute": "2026/11-4"}
CHOICE |= {"chosen_on": "2026-11-20"}


@pytest.fixture
def put(published):
    put_portfolio()


@pytest.fixture
def studied(put):
    assert make_waiting(draws=DRAWS) == 1
    with known_asker():
        return PortfolioStudy.objects.get()


def text_of(client, address):
    return client.get(address).content.decode()


def test_before_the_place_says_anything_the_page_says_how_to(published, client_of):
    client = client_of("board_member")
    assert "interventions.toml" in text_of(client, "/portfolio/")
    assert "interventions.toml" in text_of(client, "/portfolio/ask/")
    assert client.post("/portfolio/ask/", {}).status_code == 404


def test_a_portfolio_is_published_once_and_asks_for_its_own_study(put):
    assert not publish_portfolio(small_portfolio())
    with known_asker():
        assert PlacePortfolio.objects.count() == PortfolioStudy.objects.count() == 1
        assert PortfolioStudy.objects.get().asked_by == ""


def test_a_file_that_is_put_back_is_shown_again_with_its_study(put):
    """Somebody tries other budgets in the file and takes them back: pages show the file as it is."""
    first = small_portfolio()
    with known_asker():
        PlacePortfolio.objects.update(published_at=timezone.now() - dt.timedelta(days=2))
    assert publish_portfolio(replace(first, name="Tried out"))
    with known_asker():
        assert find_portfolio().name == "Tried out"
        PlacePortfolio.objects.filter(name="Tried out").update(published_at=timezone.now() - dt.timedelta(days=1))
    assert not publish_portfolio(first)
    with known_asker():
        assert find_portfolio().name == first.name == find_own_study().portfolio.name
        assert PlacePortfolio.objects.count() == PortfolioStudy.objects.count() == 2


def test_a_file_with_faults_shows_nothing_and_says_so_in_the_log(published, tmp_path, caplog):
    (tmp_path / "place.toml").write_text('[place]\nid = "here"\nname = "Here"\n', encoding="utf-8")
    place = load_place(tmp_path)
    assert not show_portfolio(place), "there is no file"
    (tmp_path / "interventions.toml").write_text("[[outcome]]\n", encoding="utf-8")
    assert not show_portfolio(place)
    assert "interventions.toml" in caplog.text


def test_a_demo_begins_with_a_choice_and_a_question_once(put, tmp_path):
    (tmp_path / "place.toml").write_text(
        '[place]\nid = "here"\nname = "Here"\nas_of = "2026-11-15"\n', encoding="utf-8"
    )
    place = load_place(tmp_path)
    assert not enter_history(place), "a place that is not fictional"
    place.truth_folder.mkdir()
    (place.truth_folder / EXAMPLE_MARK).touch()
    assert enter_history(place)
    assert not enter_history(place)
    with known_asker():
        choice = PortfolioChoice.objects.get()
        assert (choice.plan, choice.chosen_on, choice.written_by) == (
            "no_loser",
            dt.date(2026, 11, 15),
            "demo-commissioner",
        )
        asked = PortfolioStudy.objects.get(state="waiting")
        assert asked.asked_by == "demo-board-member"
        assert asked.budgets == {"council": 72_000, "health": 64_000, "police": 16_000}


def test_the_page_waits_and_then_shows_price_plans_bodies_and_what_would_change_it(put, client_of):
    client = client_of("board_member")
    waiting = client.get("/portfolio/")
    assert waiting["Refresh"] == "2" and "Waits for its turn" in waiting.content.decode()
    assert not client.get("/portfolio/?watch=no").has_header("Refresh")
    make_waiting(draws=DRAWS)
    response = client.get("/portfolio/")
    assert response.status_code == 200 and not response.has_header("Refresh")
    page = response.content.decode()
    with known_asker():
        study = parse(PortfolioStudy.objects.get().document, Study, "study")
    assert study.price_of_silo and say_share(study.price_of_silo) in page
    for plan in study.plans:
        assert say_pounds(plan.value) in page
    for payer, payee, pence in study.sharing.payments:
        names = {purse.body: purse.name for purse in study.portfolio.purses}
        assert f"{names[payer]} pays {names[payee]} £{pence / 100:,.2f}" in page
    for offer in study.portfolio.offers:
        assert offer.name in page
    for words in ("What would change it", "What the boards say a unit is worth", "“Desks” is bought, and excludes it"):
        assert words in page
    assert "after the period" in page, "what cannot begin yet is named, with why"
    assert "No board has chosen" in page and "Write down the choice" not in page
    assert page.count("<svg") == 3 and page.count('role="img"') == 3


def test_other_budgets_are_asked_by_form_and_studied(studied, client_of):
    client = client_of("board_member")
    form = {f"purse{number}": "500" for number in range(3)}
    wrong = client.post("/portfolio/ask/", {**form, "purse1": "-1"})
    assert wrong.status_code == 400 and "as whole pounds" in wrong.content.decode()
    answer = client.post("/portfolio/ask/", form)
    assert answer.status_code == 302
    assert make_waiting(draws=DRAWS) == 1
    page = text_of(client, answer["Location"])
    assert "Portfolio with other budgets" in page and "£500" in page
    with known_asker():
        row = PortfolioStudy.objects.get(pk=answer["Location"].split("/")[2])
        assert row.budgets == {purse.body: 50_000 for purse in small_portfolio().purses}
        assert AuditEntry.objects.filter(kind="changed", details__what="portfolio asked").count() == 1
    assert "Other budgets" in text_of(client, "/portfolio/")
    for _ in range(MOST_WAITING):
        assert client.post("/portfolio/ask/", form).status_code == 302
    full = client.post("/portfolio/ask/", form)
    assert full.status_code == 400 and "of your studies wait" in full.content.decode()


def test_a_commissioner_writes_down_what_a_board_chose_and_nobody_else(studied, client_of):
    address = f"/portfolio/{studied.pk}/"
    board, commissioner = client_of("board_member"), client_of("commissioner")
    assert board.post(address, CHOICE).status_code == 404
    for field, value in (("plan", "all"), ("board", "a board!"), ("chosen_on", "2999-01-01"), ("minute", "<b>")):
        refused = commissioner.post(address, {**CHOICE, field: value})
        assert refused.status_code == 400 and f'id="id_{field}-error"' in refused.content.decode(), field
    assert commissioner.post(address, CHOICE).status_code == 302
    assert commissioner.post(address, {**CHOICE, "plan": "pooled", "because": "most_value"}).status_code == 302
    with known_asker():
        first, second = PortfolioChoice.objects.order_by("written_at")
        assert (first.plan, second.plan) == ("no_loser", "pooled"), "the first is kept"
        assert second.chosen_on == dt.date(2026, 11, 20) and second.written_by == "test-commissioner"
        assert AuditEntry.objects.filter(details__what="portfolio chosen", details__choice=str(second.pk)).exists()
    page = text_of(board, address)
    assert str(second.pk) in page and "It brings most" in page and "2026/11-4" in page


def test_the_choice_of_a_board_is_written_down_by_its_own_commissioner(studied, client_of, tmp_path, monkeypatch):
    """A pack says "this board chose": a commissioner of another board cannot make it say so."""
    monkeypatch.setenv("BRAID_PLACE", str(write_boards_place(tmp_path)))
    address, commissioner = f"/portfolio/{studied.pk}/", client_of("commissioner")
    seat(PREPARES, OWN, "safety")
    for board in ("justice", "health-and-wellbeing"):
        refused = commissioner.post(address, {**CHOICE, "board": board})
        assert refused.status_code == 400 and "whose commissioner you are" in refused.content.decode()
    assert commissioner.post(address, {**CHOICE, "board": "safety"}).status_code == 302
    with known_asker():
        assert [one.board for one in PortfolioChoice.objects.all()] == ["safety"]


def test_files_hold_the_figures_of_the_page(studied, client_of):
    client = client_of("board_member")
    study = parse(studied.document, Study, "study")
    csv = client.get(f"/portfolio/{studied.pk}/sharing.csv")
    text = csv.content.decode("utf-8-sig")
    for purse in study.portfolio.purses:
        line = next(one for one in text.splitlines() if one.startswith((purse.name, f'"{purse.name}')))
        assert f",{study.sharing.transfers[purse.body]}," in line
    for table in ("interventions", "plans"):
        assert client.get(f"/portfolio/{studied.pk}/{table}.xlsx").status_code == 200
    assert client.get(f"/portfolio/{studied.pk}/plans.pdf")["Content-Type"] == "application/pdf"
    assert client.get(f"/portfolio/{studied.pk}/plans.exe").status_code == 404
    document = client.get(f"/portfolio/{studied.pk}/study.json")
    assert json.loads(document.content) == json.loads(write(study))


def test_what_fails_says_why_and_the_next_one_is_made(put, client_of, monkeypatch):
    client = client_of("board_member")
    monkeypatch.setattr(running, "study", lambda *_, **__: 1 / 0)
    assert make_waiting(draws=DRAWS) == 1
    assert FAILURES["fault"] in text_of(client, "/portfolio/")
    with known_asker():
        PortfolioStudy.objects.update(state="waiting", tries=MOST_TRIES)
    make_waiting(draws=DRAWS)
    assert FAILURES["interrupted"] in text_of(client, "/portfolio/")


def test_a_study_that_is_stopped_waits_again(put):
    assert make_waiting(is_stopped=iter([False, True, True]).__next__, draws=DRAWS) == 1
    with known_asker():
        row = PortfolioStudy.objects.get()
        assert (row.state, row.tries) == ("waiting", 0)


@pytest.mark.parametrize("role", sorted(ROLES))
def test_only_who_governs_may_see_or_ask(studied, client_of, role):
    client = client_of(role)
    status = 200 if role in GOVERNING else 403
    for address in (
        "/portfolio/",
        "/portfolio/ask/",
        f"/portfolio/{studied.pk}/",
        f"/portfolio/{studied.pk}/plans.csv",
    ):
        assert client.get(address).status_code == status, address


@pytest.mark.parametrize("role", sorted(ROLES))
def test_the_database_itself_holds_to_the_roles(studied, user_of, role):
    user = user_of(role)
    values = {"budgets": {}, "state": "waiting"}
    chosen = {"plan": "pooled", "because": "most_value", "board": "b", "chosen_on": dt.date(2026, 1, 1)}
    with as_pages(), asking_as(user.username, ""):
        assert PortfolioStudy.objects.count() == PlacePortfolio.objects.count() == (role in GOVERNING)

        def adds(row, rows):
            try:
                with transaction.atomic():
                    rows.append_one(row)
            except DatabaseError:
                return False
            return True

        def study(**more):
            return PortfolioStudy(portfolio_id=studied.portfolio_id, **{"asked_by": user.username, **values, **more})

        assert adds(study(), PortfolioStudy.objects) == (role in GOVERNING)
        assert not adds(study(asked_by="somebody"), PortfolioStudy.objects)
        assert not adds(study(asked_by=""), PortfolioStudy.objects)
        assert not adds(study(state="done"), PortfolioStudy.objects)
        assert not adds(study(document="made up"), PortfolioStudy.objects)
        mine = PortfolioChoice(study_id=studied.pk, written_by=user.username, **chosen)
        assert adds(mine, PortfolioChoice.objects) == ROLES[role].commissions
        other = PortfolioChoice(study_id=studied.pk, written_by="somebody", **chosen)
        assert not adds(other, PortfolioChoice.objects)
        for table in ("placeportfolio", "portfoliostudy", "portfoliochoice"):
            for words in (f"update braid_{table} set id = id", f"delete from braid_{table}"):
                with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                    cursor.execute(words)
