"""Studies and choices as they are kept: read by whoever governs, asked by them, chosen by whoever commissions.

Everything here runs inside `asking_as`: the policies decide what there is.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from braid.language.documents import parse
from braid.place.portfolio.model import Portfolio
from braid.place.portfolio.study import Study
from braid.web.access.sight import NotThere
from braid.web.models import PlacePortfolio, PortfolioChoice, PortfolioStudy
from braid.web.recording import Asker, Facts, record

MOST_WAITING = 3
"""Studies of one human that wait or are made at once."""
MOST_LISTED = 50


def find_portfolio() -> PlacePortfolio | None:
    """Return the portfolio that was published last, or None."""
    return PlacePortfolio.objects.order_by("-published_at", "pk").first()


def read_portfolio(row: PlacePortfolio) -> Portfolio:
    """Return the portfolio of a row."""
    return parse(row.document, Portfolio, "portfolio")


def find_own_study() -> PortfolioStudy | None:
    """Return the study of the newest file at its own budgets, or None."""
    found = PortfolioStudy.objects.filter(asked_by="").select_related("portfolio")
    return found.order_by("-portfolio__published_at", "pk").first()


def get_study(study_id: UUID) -> PortfolioStudy:
    """Return a study with its portfolio. Raises `NotThere`."""
    row = PortfolioStudy.objects.filter(pk=study_id).select_related("portfolio").first()
    if row is None:
        raise NotThere
    return row


def read_study(row: PortfolioStudy) -> Study:
    """Return what a study found."""
    return parse(row.document, Study, "study")


def list_studies() -> list[PortfolioStudy]:
    """Return the studies that were asked last, newest first, without what they found."""
    found = PortfolioStudy.objects.defer("document", "portfolio__document").select_related("portfolio")
    return list(found.order_by("-asked_at", "pk")[:MOST_LISTED])


def list_choices() -> list[PortfolioChoice]:
    """Return the choices that were written down last, newest first."""
    found = PortfolioChoice.objects.select_related("study").defer("study__document")
    return list(found.order_by("-written_at", "pk")[:MOST_LISTED])


def find_choice(row: PortfolioStudy) -> PortfolioChoice | None:
    """Return the choice of a study that stands, or None."""
    return PortfolioChoice.objects.filter(study=row.pk).order_by("-written_at", "pk").first()


def has_too_many(username: str) -> bool:
    """Whether so many studies of somebody wait that no other is taken."""
    waiting = PortfolioStudy.objects.filter(asked_by=username, state__in=("waiting", "running"))
    return waiting.count() >= MOST_WAITING


def ask(asker: Asker, portfolio: PlacePortfolio, budgets: Mapping[str, int]) -> UUID:
    """Keep the question what other budgets would buy, to be studied next; return its id."""
    row = PortfolioStudy(portfolio=portfolio, budgets=dict(budgets), asked_by=asker.username)
    PortfolioStudy.objects.append_one(row)
    record("changed", asker, facts=Facts(details={"what": "portfolio asked", "study": str(row.pk)}))
    return row.pk


@dataclass(frozen=True)
class Chosen:
    """What a board chose: a plan, why as a code, the board's id, the minute's reference and the day."""

    plan: str
    because: str
    board: str
    minute: str
    chosen_on: dt.date


def choose(asker: Asker, study: PortfolioStudy, chosen: Chosen) -> UUID:
    """Write down which plan a board chose; return the id by which a decision may link to it."""
    row = PortfolioChoice(study=study, written_by=asker.username, **vars(chosen))
    PortfolioChoice.objects.append_one(row)
    details = {"what": "portfolio chosen", "choice": str(row.pk), "plan": chosen.plan}
    record("changed", asker, facts=Facts(details=details))
    return row.pk
