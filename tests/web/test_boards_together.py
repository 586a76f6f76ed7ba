"""Two boards together: what is published of their lists, the common agenda on its page, and the pack for both."""

import html
import io
from dataclasses import replace

import pytest
from board_sample import (
    COMMISSIONING,
    WORDS,
    decided,
    held,
    now,
    prioritised,
    seat_usual,
    write_boards_place,
)
from board_texts import BOARDS_TOML
from pypdf import PdfReader

from braid.language.findings import TABLES
from braid.store.duckdb_engine import DuckDBEngine
from braid.trust.roles import ROLES
from braid.web.boards import deciding
from braid.web.models import BoardOverlap, BoardRemit, BoardWaitShare, UnblockFigure
from braid.web.together.publishing import show_board_lists
from braid.web.watch import known_asker

pytestmark = pytest.mark.django_db
REMIT = """[board.remit]
statements = ["{statement}"]
backlogs = ["{backlog}"]
"""
FUND = """
[[fund]]
id = "pool"
name = "Money of the north"
basis = "aligned"
host = "northmere-council"
from = 2026-04-01
to = 2028-03-31
approve_from_pence = 100
underspend = "carry"
overspend = "carry"
contribution = [{ body = "northmere-council", year = 2026, pence = 100 }]
[[fund.line]]
id = "beds"
name = "Beds"
paid_for = "services"
"""
REMITS = {
    "justice": {"statements": ["court_readiness"], "backlogs": ["care_proceedings"]},
    "safety": {"statements": ["school_from_ta"], "backlogs": ["school_place"]},
}
LISTS = [
    {"boards": "justice", "people": 30},
    {"boards": "justice safety", "people": 24},
    {"boards": "safety", "people": 50},
]
WAITS = [
    {"board": "justice", "owner_board": "safety", "people": 24, "waits": 30, "weeks": 600.0},
    {"board": "justice", "owner_board": "justice", "people": 54, "waits": 54, "weeks": 400.0},
    {"board": "safety", "owner_board": "", "people": 3, "waits": 3, "weeks": 5.0},
]


@pytest.fixture
def boards_place(tmp_path, monkeypatch):
    folder = write_boards_place(tmp_path)
    first, second = BOARDS_TOML.split("[[board]]")[1:]
    remits = [REMIT.format(statement=one["statements"][0], backlog=one["backlogs"][0]) for one in (*REMITS.values(),)]
    text = "".join(f"[[board]]{part}{remit}" for part, remit in zip((first, second), remits, strict=True))
    (folder / "boards.toml").write_text(text, encoding="utf-8")
    monkeypatch.setenv("BRAID_PLACE", str(folder))
    return folder


@pytest.fixture
def counted(sample, tmp_path):
    """The sample's run with lists of two boards counted in it."""
    _, run = sample
    made = replace(run, folder=tmp_path / "run")
    (tmp_path / "run").mkdir()
    engine = DuckDBEngine()
    for name, rows in (("board_list", LISTS), ("board_wait", WAITS)):
        engine.load_rows(TABLES[name], rows)
        made.table(name).parent.mkdir(parents=True, exist_ok=True)
        engine.write(TABLES[name], made.table(name))
    engine.close()
    stages = {**run.manifest["stages"], "place": {"remits": REMITS}}
    return replace(made, manifest={**run.manifest, "stages": stages})


@pytest.fixture
def shown(published, boards_place, counted):
    show_board_lists(counted)


def bands() -> dict[str, tuple[int, int]]:
    with known_asker():
        return {row.boards: (row.low, row.high) for row in BoardOverlap.objects.all()}


def test_bands_and_shares_alone_are_published(published, counted):
    assert show_board_lists(counted) == 1
    low, high = bands()["justice safety"]
    assert low <= 24 <= high
    assert (low, high) != (24, 24)
    with known_asker():
        shares = {(row.board_id, row.owner_board_id): row.share for row in BoardWaitShare.objects.all()}
    assert shares == {("justice", "safety"): 60, ("justice", "justice"): 40}


def test_lists_are_cut_once(published, counted):
    """Other remits are another cut of the same people: nothing is published of it until somebody lets it."""
    show_board_lists(counted)
    assert show_board_lists(counted) == 1
    other = {**REMITS, "safety": {"statements": [], "backlogs": ["school_place"]}}
    cut_anew = replace(counted, manifest={**counted.manifest, "stages": {"place": {"remits": other}}})
    assert show_board_lists(cut_anew) == 0
    assert bands() == {}
    with known_asker():
        BoardRemit.objects.all().delete()
    assert show_board_lists(cut_anew) == 1


def test_a_page_says_whose_remit_was_changed_and_what_a_place_does(shown, client_of, boards_place):
    """The lists were published by the remits that stood in the file; another remit is told, with what it was."""
    page = client_of("analyst").get("/boards-together/").content.decode()
    assert "lists are cut once" not in page
    with known_asker():
        BoardRemit.objects.filter(board_id="safety").update(backlogs=["bnb_family"])
        BoardOverlap.objects.all().delete()
    page = html.unescape(client_of("analyst").get("/boards-together/").content.decode())
    assert "lists were first published by other remits than those of today" in page
    assert "lists are cut once" in page and "Put back in boards.toml what stood there" in page


def test_a_run_without_lists_shows_none(published, sample):
    assert show_board_lists(sample[1]) == 0
    assert bands() == {}


@pytest.mark.parametrize("role", ROLES)
def test_who_governs_sees_the_common_agenda_and_nobody_else(role, shown, client_of):
    response = client_of(role).get("/boards-together/")
    assert response.status_code == (200 if ROLES[role].governs else 403)
    if ROLES[role].governs:
        page = response.content.decode()
        for words in (
            "Sample Justice Board",
            "Sample Safety Partnership",
            "about 60%",
            "Side by side",
            "What is not known",
        ):
            assert words in page


def test_the_agenda_says_who_holds_up_whom(shown, client_of):
    with known_asker():
        UnblockFigure.objects.create(
            scope="action", backlog="care_proceedings", position=1, owner_organisation="voluntary", owner_role="Worker",
            next_action="Send the report of the harbour", holder_type="", holder_kind="", held_waits=40, held_weeks=300,
            held_hidden=0, freed_waits=10, freed_weeks=90, freed_hidden=0,
        )  # fmt: skip
    page = client_of("board_member").get("/boards-together/?one=justice&other=safety").content.decode()
    # the same kinds of bodies sit on both boards, so that nothing is one board's move alone
    assert "Send the report of the harbour" not in page
    assert "People of Sample Justice Board wait on lists of Sample Safety Partnership" in page


def test_one_board_alone_and_a_wrong_one_say_what_to_do(shown, client_of):
    client = client_of("commissioner")
    for query in ("?one=justice&other=justice", "?one=nowhere"):
        response = client.get(f"/boards-together/{query}")
        assert response.status_code == 200
        assert "Choose two different boards" in response.content.decode()
        assert client.get(f"/boards-together/pack.pdf{query}").status_code == 404


def test_the_pack_for_both_has_what_the_page_has(shown, client_of):
    client = client_of("board_member")
    response = client.get("/boards-together/pack.pdf?one=justice&other=safety")
    assert response.status_code == 200
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(response.content)).pages)
    for words in ("Sample Justice Board and Sample Safety Partnership", "about 60%", "What is not known"):
        assert words.replace(" ", "") in text.replace(" ", "").replace("\n", "")
    assert client.get("/boards-together/pack.xlsx?one=justice&other=safety").status_code == 200
    assert client.get("/boards-together/pack.csv?one=justice&other=safety").status_code == 404


def pack_text(client) -> str:
    response = client.get("/boards-together/pack.pdf?one=justice&other=safety")
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(response.content)).pages)
    return text.replace(" ", "").replace("\n", "")


def test_what_was_decided_in_confidence_is_in_no_page_for_two_boards(shown, client_of):
    """Members of one board see their own secret everywhere else; here they would hand it to the other board."""
    seat_usual()
    _, (open_item, secret_item) = held(WORDS, replace(WORDS, confidential=True))
    prioritised(decided(open_item, title="In public"), "Shown priority")
    prioritised(decided(secret_item, title="In confidence"), "Hushed priority")
    for role in ("board_member", "commissioner", "finance_officer"):
        client = client_of(role)
        page = client.get("/boards-together/?one=justice&other=safety").content.decode()
        assert "Shown priority" in page
        assert "Hushed priority" not in page
        assert "Shownpriority" in pack_text(client)
        assert "Hushedpriority" not in pack_text(client)


def test_a_fund_of_a_decision_that_was_not_carried_is_none_of_the_board(shown, boards_place, client_of):
    (boards_place / "funds.toml").write_text(FUND, encoding="utf-8")
    seat_usual()
    _, (item,) = held()
    decision = decided(item, vote="against")
    with COMMISSIONING.asking():
        deciding.link_decision(COMMISSIONING.asker, COMMISSIONING.board, decision, "fund", "pool", now())
    assert "Money of the north" not in client_of("board_member").get("/boards-together/").content.decode()
    _, (item,) = held()
    carried = decided(item)
    with COMMISSIONING.asking():
        deciding.link_decision(COMMISSIONING.asker, COMMISSIONING.board, carried, "fund", "pool", now())
    assert "Money of the north" in client_of("board_member").get("/boards-together/").content.decode()
