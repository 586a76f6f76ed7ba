"""From `interventions.toml` of a place to what pages show of it. Runs as the owner of the tables."""

import logging

from django.db import transaction
from django.db.models.functions import Now

from braid.language.documents import fingerprint, write
from braid.language.rule_files import RulesInvalid
from braid.place.portfolio.load import find_portfolio
from braid.place.portfolio.model import Portfolio
from braid.store.place_folder import Place
from braid.web.models import PlacePortfolio, PortfolioStudy
from braid.web.published import take_turn
from braid.web.watch import known_asker

PORTFOLIO_LOCK = 7_303_046
log = logging.getLogger(__name__)


def show_portfolio(place: Place) -> bool:
    """Show the portfolio of a place unless pages show it; return whether it was not shown before.

    A file with faults is named in the log and shows nothing new: the place goes on without it.
    """
    try:
        portfolio = find_portfolio(place)
    except RulesInvalid as error:
        log.error("the portfolio is not shown: %s", error)
        return False
    return portfolio is not None and publish_portfolio(portfolio)


def publish_portfolio(portfolio: Portfolio) -> bool:
    """Show a portfolio from now on, and ask for its study; return whether it was not shown before.

    One that was shown before another is shown again with the study that it has: a file that somebody put back holds.
    """
    known = fingerprint(portfolio)
    with known_asker(), transaction.atomic():
        take_turn(PORTFOLIO_LOCK)
        shown = PlacePortfolio.objects.order_by("-published_at", "pk").first()
        if shown is not None and shown.fingerprint == known:
            return False
        if PlacePortfolio.objects.filter(fingerprint=known).update(published_at=Now()):
            return False
        row = PlacePortfolio.objects.create(name=portfolio.name, document=write(portfolio), fingerprint=known)
        PortfolioStudy.objects.create(portfolio=row)
    return True
