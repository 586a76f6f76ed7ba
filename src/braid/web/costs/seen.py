"""What a page shows of costs: what cohorts cost each payer, and who pays and who saves by weeks of waiting."""

from collections.abc import Sequence
from dataclasses import dataclass

from braid.language.codes import EPISODE_KINDS, EVENT_KINDS, STAY_KINDS, WAIT_KINDS
from braid.place.bodies import BODY_KINDS
from braid.place.money.funds import Fund
from braid.place.money.savings import Change, PayerEffect, effects_of, givers_of
from braid.place.money.unit_costs import UnitCost, load_unit_costs
from braid.store.place_folder import Place
from braid.web.figures import Figures, get_place_figures
from braid.web.funds.definitions import body_names
from braid.web.funds.seen import year_in
from braid.web.models import CohortCost, ProblemStatement
from braid.web.served_place import of_served_place, served_bodies


@dataclass(frozen=True)
class CostSeen:
    """What a cohort costs one payer: `None` where it rests on too few."""

    payer: str
    people: int | None
    pounds: int | None


@dataclass(frozen=True)
class CohortSeen:
    """A cohort by its problem statement, with what it costs each payer, the dearest first."""

    title: str
    costs: tuple[CostSeen, ...]


@of_served_place
def unit_costs(place: Place | None) -> tuple[UnitCost, ...]:
    """Return the unit costs of the place, read at each start."""
    return load_unit_costs(place) if place else ()


def payer_name(payer: str) -> str:
    """Return what a payer is called: a body, or a kind of body."""
    return body_names().get(payer) or BODY_KINDS.get(payer, payer)


def cost_words(cost: UnitCost) -> str:
    """Return what a unit cost is of, in words."""
    if cost.table == "wait":
        return f"Wait: {WAIT_KINDS[cost.code].name}"
    names = {"stay": STAY_KINDS, "episode": EPISODE_KINDS, "event": EVENT_KINDS}[cost.table]
    return f"{cost.table.capitalize()}: {names[cost.code]}"


def list_cohorts() -> tuple[list[CohortSeen], CohortCost | None]:
    """Return the cohorts with their costs, and one row for the days that they are of; none before the first run."""
    rows = list(CohortCost.objects.order_by("statement", "payer"))
    titles = {one: words["name"] for one, words in ProblemStatement.objects.values_list("problem_id", "words")}
    found: dict[str, list[CostSeen]] = {}
    for row in rows:
        found.setdefault(row.statement, []).append(CostSeen(payer_name(row.payer), row.people, row.pounds))
    cohorts = [
        CohortSeen(titles.get(one, one), tuple(sorted(costs, key=lambda cost: -(cost.pounds or 0))))
        for one, costs in sorted(found.items())
    ]
    return cohorts, rows[0] if rows else None


def kinds_to_save() -> list[Figures]:
    """Return the kinds of wait that have a cost a week and whose number waiting is published."""
    costed = {cost.code for cost in unit_costs() if cost.table == "wait"}
    return [one for one in get_place_figures().kinds if one.kind in costed and one.waiting]


def effects(kind: Figures, weeks: int, fund: Fund | None, price_pence: int) -> tuple[PayerEffect, ...]:
    """Return who pays and who saves where everybody who waits for a kind of thing waits so many weeks less.

    The price is paid by the bodies of a fund in proportion to what they agreed to give (`givers_of`) in the newest year
    of it that has begun. A body pays under its own name where unit costs name it, else as its kind.
    """
    run = get_place_figures().run
    assert kind.waiting is not None
    day = run.as_of_date if run else None
    if day is None:
        return ()
    paid_by: dict[str, int] = {}
    for body, pence in givers_of(fund, year_in(fund, day)).items() if fund else ():
        payer = _payer_of(body, unit_costs())
        paid_by[payer] = paid_by.get(payer, 0) + pence
    return effects_of([Change(kind.kind, kind.waiting, weeks)], unit_costs(), day, price_pence, paid_by)


def _payer_of(body: str, costs: Sequence[UnitCost]) -> str:
    named = {cost.payer for cost in costs}
    bodies = served_bodies()
    kind = bodies[body].kind if body in bodies else body
    return body if body in named or kind not in named else kind
