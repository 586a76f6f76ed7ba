"""What the bodies of the place may buy jointly, and which plan the board chose."""

from django.urls import reverse

from braid.place.drawings import Bar, draw_bars
from braid.place.packs import PackFigure
from braid.place.portfolio.study import Study
from braid.store.exports import PackSection, PackTable
from braid.web.models import PortfolioChoice, PortfolioStudy
from braid.web.packs.digests import digest_of
from braid.web.packs.scope import PackPart, Scope
from braid.web.portfolio.form import BECAUSE, PLAN_NAMES
from braid.web.portfolio.keeping import find_own_study, read_study
from braid.web.portfolio.words import say_pounds, say_share
from braid.web.templating import day_words

TITLE = "What may be bought jointly"
ABOUT = (
    "What is brought is in pounds of the boards' own weights: what they say outcomes are worth to them, not money that"
    " is saved."
)


def make_portfolio(scope: Scope) -> PackPart:
    """Return what each purse brings, and the choice of this board; nothing before there is a study."""
    row = find_own_study()
    if scope.is_past or row is None or row.state != "done":
        return PackPart()
    found, choice = read_study(row), _choice(row, scope)
    bars = [Bar(PLAN_NAMES[plan.name], plan.value, say_pounds(plan.value)) for plan in found.plans]
    rows = tuple((PLAN_NAMES[plan.name], say_pounds(plan.value), say_pounds(plan.pence / 100)) for plan in found.plans)
    section = PackSection(
        TITLE,
        (draw_bars("What each purse brings", bars),),
        (_price_words(found), choice, found.portfolio.note, ABOUT),
        tables=(PackTable("What each purse brings and costs", ("Plan", "Brings", "Costs"), rows),),
    )
    digest = digest_of([row.portfolio.fingerprint, row.pk, choice])
    return PackPart((section,), (_price(found, scope),), (("study of the portfolio", digest),))


def _price_words(found: Study) -> str:
    share = say_share(found.price_of_silo)
    return f"The price of separate purses: for the same money, one purse brings {share} more."


def _choice(row: PortfolioStudy, scope: Scope) -> str:
    """Return what this board chose of the study last, in words."""
    chosen = PortfolioChoice.objects.filter(study=row.pk, board=scope.board.id, written_at__lte=scope.moment)
    last = chosen.order_by("-written_at", "pk").first()
    if last is None:
        return "This board has chosen no plan."
    name, why = PLAN_NAMES[last.plan], BECAUSE[last.because]
    return f"This board chose on {day_words(last.chosen_on)}: {name}. Why: {why}."


def _price(found: Study, scope: Scope) -> PackFigure:
    share = found.price_of_silo
    return PackFigure(
        "portfolio:price", "The price of separate purses", share, say_share(share), scope.day.isoformat(),
        reverse("portfolio"), True,
    )  # fmt: skip
