"""A portfolio small enough to be studied in a test: three bodies, five interventions, one of them too late."""

import datetime as dt

from braid.place.portfolio.model import (
    EffectOn,
    Estimate,
    Interaction,
    Joined,
    Offer,
    Portfolio,
    Purse,
    Size,
    Source,
    Weight,
)
from braid.web.models import PortfolioStudy
from braid.web.portfolio.publishing import publish_portfolio
from braid.web.portfolio.running import make_waiting
from braid.web.watch import known_asker

DAY = dt.date(2027, 4, 1)


def _offer(name: str, lead: str, costs: dict[str, int], brings: dict[str, float], day: dt.date = DAY) -> Offer:
    effects = tuple(
        EffectOn("journey_minutes", body, (Estimate(value / 2, value, value * 2),), "pilot")
        for body, value in brings.items()
    )
    sizes = (Size("one", 1, costs),)
    return Offer(name.lower(), name, "Made up.", lead, day, sizes, 0, "", (), "", "school_from_ta", effects)


def small_portfolio(name: str = "Sample portfolio") -> Portfolio:
    """Return a portfolio in which aims differ: what one body could buy brings most to another."""
    return Portfolio(
        name,
        "Made up for tests.",
        DAY,
        dt.date(2028, 3, 31),
        (Weight("journey_minutes", "Journeys", "minutes saved", 200, 100, 500, "agreed"),),
        (Source("pilot", "A pilot", "before_after", 0.5),),
        (Purse("council", "The Council", 90_000), Purse("health", "Health", 80_000), Purse("police", "Police", 20_000)),
        (
            _offer("Buses", "council", {"council": 70_000}, {"council": 300.0, "health": 500.0}),
            _offer("Clinics", "health", {"health": 60_000}, {"health": 400.0}),
            _offer("Desks", "health", {"health": 50_000, "police": 10_000}, {"council": 900.0, "police": 200.0}),
            _offer("Forms", "health", {"health": 1_000}, {"health": 10.0}),
            _offer("Later", "police", {"police": 5_000}, {"police": 900.0}, dt.date(2029, 1, 1)),
        ),
        (Interaction("buses", "desks", "journey_minutes", "council", Estimate(-80, -50, 0), "pilot", "both"),),
        (),
        (Joined("desks", "forms", "one of them decides"),),
    )


def put_portfolio() -> None:
    """Publish the portfolio as the owner of the tables; its study waits."""
    publish_portfolio(small_portfolio())


def put_studies(numbers: range, asked_by: str = "test-ig_lead") -> str:
    """Put a study for each number, all of them like that of the file; return the id of the last."""
    put_portfolio()
    make_waiting(draws=5)
    with known_asker():
        made = PortfolioStudy.objects.get(asked_by="")
        for _ in numbers:
            row = PortfolioStudy.objects.create(
                portfolio=made.portfolio, asked_by=asked_by, state="done", document=made.document
            )
    return str(row.pk)
