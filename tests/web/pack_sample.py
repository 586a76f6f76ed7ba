"""Two boards with a remit, a fund of their bodies, a commission and a study: everything that a pack can hold."""

import datetime as dt
from pathlib import Path
from uuid import UUID

from board_sample import (
    COMMISSIONING,
    WORDS,
    asked,
    decided,
    held,
    now,
    planned,
    prioritised,
    put_boards,
    write_boards_place,
)
from board_sample import seat_usual as seat_usual
from board_texts import BOARDS_WITH_REMIT
from care_teams import make_teams
from commissioned import TEAM, put_commission, put_round, put_service, terms_of_sample
from portfolio_sample import put_portfolio

from braid.place.money.entries import Order
from braid.web.access.context import asking_as
from braid.web.access.projections import Viewer
from braid.web.boards.keeping import ItemWords
from braid.web.funds import keeping as ledger
from braid.web.funds.definitions import funds
from braid.web.models import BoardDecision, Team
from braid.web.packs.keeping import keep_pack
from braid.web.portfolio.running import make_waiting
from braid.web.watch import known_asker

YEARS = range(2025, 2030)
FUND = """
[[fund]]
id = "ready"
name = "Ready for court"
basis = "s75"
host = "northmere-council"
from = 2025-04-01
to = 2030-03-31
approve_from_pence = 500000000
underspend = "share"
overspend = "share"
agreement = "An agreement"
aims = "Hearings that are ready"
functions = ["Functions of councils", "Functions of health bodies"]
shares = { northmere-council = 60, vale-hospital = 40 }
contribution = [
%s
]
[[fund.line]]
id = "posts"
name = "Coordinators"
paid_for = "posts"
statement = "court_readiness"
budget = [%s]
[[fund.line]]
id = "results"
name = "Hearings held"
paid_for = "outcomes"
outcome = "hearings_failed"
statement = "court_readiness"
budget = [%s]
"""
SECRET = ItemWords("decision", "Zebra matter", "Zebra asks", 15, "", confidential=True)


def write_packs_place(folder: Path) -> Path:
    """Write the place of the boards, the first with a remit, and a fund; return its folder."""
    write_boards_place(folder)
    (folder / "boards.toml").write_text(BOARDS_WITH_REMIT, encoding="utf-8")
    (folder / "funds.toml").write_text(fund_text(), encoding="utf-8")
    return folder


def fund_text() -> str:
    """Return the fund for enough years that the tests run in one of them."""
    given = "".join(
        f'  {{ body = "{body}", year = {year}, pence = {pence} }},\n'
        for body, pence in (("northmere-council", 6_000_000), ("vale-hospital", 4_000_000))
        for year in YEARS
    )
    posts = ", ".join(f"{{ year = {year}, pence = 7000000 }}" for year in YEARS)
    results = ", ".join(f"{{ year = {year}, pence = 3000000 }}" for year in YEARS)
    return FUND % (given, posts, results)


def put_everything_of_packs() -> None:
    """Put a board with a held meeting and one to come, money, people served and a study, as pages and owner do."""
    seat_usual()
    put_boards(range(2))
    put_money()
    put_served()
    put_portfolio()
    make_waiting(draws=5)


def put_money() -> None:
    """Open the year of the fund and post a commitment and two payments of this month."""
    fund, today = funds()["ready"], now().date()
    by = "test-finance_officer"
    with asking_as(by, ""):
        asker = Viewer(by, "finance_officer", "", "", "funds")
        ledger.open_year(asker, fund, today.year if today.month > 3 else today.year - 1)
        for kind, line, pence in (
            ("commitment", "posts", 900_000),
            ("actual", "posts", 345_678),
            ("actual", "results", 123_400),
        ):
            ledger.post(asker, Order(kind, fund.id, today, by, pence, line, note="Test"), funds())


SERVED = {"low": 23, "medium": 4, "high": 12}
"""How many were served by how much they need: of one band too few to show."""


def put_served() -> None:
    """Put a commission with people served in three bands, and a round that is due."""
    put_team()
    row = put_commission(terms=terms_of_sample())
    number = 0
    for band, count in SERVED.items():
        for _ in range(count):
            number += 1
            put_service(row, f"{number:032x}", band=band)
    put_round(row)


def put_team() -> None:
    """Put the teams of the sample, where they are not there yet."""
    with known_asker():
        if not Team.objects.filter(pk=TEAM).exists():
            make_teams()


def coming(*items: ItemWords) -> UUID:
    """Plan a meeting to come; return its id."""
    return planned(*items or (WORDS,))[0]


def kept(is_confidential: bool = False, meeting: UUID | None = None, moment: dt.datetime | None = None) -> UUID:
    """Make and keep a pack of the justice board, as its commissioner does on a page; return its id."""
    acts = COMMISSIONING
    with acts.asking():
        return keep_pack(acts.asker, acts.board, meeting, is_confidential, moment or now())


def put_secrets() -> None:
    """Put everything that can be confidential: an item with its paper, a decision in the place of a public one, an
    action, a priority."""
    _, (item,) = held(SECRET)
    with known_asker():
        public = BoardDecision.objects.filter(confidential=False).order_by("decided_at").first()
    decision = decided(item, title="Zebra decision", supersedes=public.pk)
    asked(item, decision)
    prioritised(decision, "Zebra priority")
