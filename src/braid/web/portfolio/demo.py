"""A fictional history of the portfolio for a demo, entered through the functions that pages use."""

import datetime as dt

from braid.store.place_folder import Place
from braid.web.access.context import asking_as
from braid.web.access.projections import Viewer
from braid.web.models import PortfolioChoice
from braid.web.portfolio.keeping import Chosen, ask, choose, find_own_study, find_portfolio, read_portfolio
from braid.web.portfolio.running import make_waiting
from braid.web.watch import known_asker

LESS = 0.8
"""Of their budgets, what the bodies bring in the question that a demo has asked."""
BOARD, MINUTE = "health-and-wellbeing", "2026/11-4"


def enter_history(place: Place) -> bool:
    """Enter what a board chose and what somebody asked, where the place is fictional and nothing is there yet.

    Makes the place's own study first: some ten seconds. Returns whether anything was entered.
    """
    with known_asker():
        row = find_portfolio()
        if not place.is_example or row is None or PortfolioChoice.objects.exists():
            return False
    make_waiting()
    with known_asker():
        study = find_own_study()
    if study is None or study.state != "done":
        return False
    portfolio = read_portfolio(row)
    with asking_as("demo-commissioner", ""):
        day = place.as_of or dt.datetime.now(dt.UTC).date()
        commissioner = Viewer("demo-commissioner", "commissioner", "", "", "portfolio")
        choose(commissioner, study, Chosen("no_loser", "nobody_loses", BOARD, MINUTE, day))
    with asking_as("demo-board-member", ""):
        member = Viewer("demo-board-member", "board_member", "", "", "portfolio")
        ask(member, row, {purse.body: round(purse.pence * LESS) for purse in portfolio.purses})
    return True
