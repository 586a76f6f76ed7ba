"""From the costs of people in a run to what pages show of them. Runs as the owner of the tables.

Costs of a person never leave the engine: what is kept are sums over the people of a cohort, through disclosure control.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from contextlib import closing
from typing import Any

from django.db import transaction

from braid.pipeline import open_run
from braid.place.money.costs import NEEDED, create_person_cost
from braid.place.money.unit_costs import UnitCost, load_unit_costs
from braid.store.engine import Engine
from braid.store.lake import Run
from braid.store.place_folder import Place
from braid.trust.sums import publish_sum
from braid.web.models import CohortCost
from braid.web.published import take_turn
from braid.web.watch import known_asker

COSTS_LOCK = 7_303_043
YEAR_OF_DAYS = 365
PENCE = 100
TABLES = (*NEEDED, "cohort")
_TOTALS = """
select c.problem, p.payer, count(*) as people, sum(p.pence) as pence from cohort c join (
  select person_id, payer, cast(sum(pence) as bigint) as pence from person_cost group by person_id, payer) p
  on p.person_id = c.person_id
group by c.problem, p.payer order by c.problem, p.payer"""


def show_costs(run: Run, place: Place) -> int:
    """Show what the cohorts of a run cost each payer over its last year of days; return how many rows there are.

    Replaces what was shown. None where the place has no unit costs, or the run has not the tables for it. Raises
    `RulesInvalid` where the file of unit costs has a fault.
    """
    costs = load_unit_costs(place)
    until = dt.date.fromisoformat(run.manifest["as_of"])
    first = until - dt.timedelta(days=YEAR_OF_DAYS)
    rows = _published(run, costs, first, until) if costs and _has_tables(run) else []
    with known_asker(), transaction.atomic():
        take_turn(COSTS_LOCK)
        CohortCost.objects.all().delete()
        CohortCost.objects.bulk_create(rows)
    return len(rows)


def _has_tables(run: Run) -> bool:
    return all(run.table(name).is_file() for name in TABLES)


def _published(run: Run, costs: Iterable[UnitCost], first: dt.date, until: dt.date) -> list[CohortCost]:
    with closing(open_run(run, names=TABLES)) as engine:
        totals = cohort_totals(engine, costs, first, until)
    return [_row(run, one, first.replace(day=1), until) for one in totals]


def cohort_totals(engine: Engine, costs: Iterable[UnitCost], first: dt.date, until: dt.date) -> list[dict[str, Any]]:
    """Return the exact people and pence of each cohort and payer: for disclosure control, and for nobody to see."""
    create_person_cost(engine, list(costs), first, until)
    return engine.rows(_TOTALS)


def _row(run: Run, total: Mapping[str, Any], first: dt.date, until: dt.date) -> CohortCost:
    people, pounds = publish_sum(total["pence"] / PENCE, total["people"])
    return CohortCost(
        run_id=run.id,
        statement=total["problem"],
        payer=total["payer"],
        from_date=first,
        until_date=until,
        people=people,
        pounds=pounds,
    )
