"""`braid plan silo`: what separate purses cost the bodies of a place, from its `interventions.toml`."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from braid.cli.arguments import AsJson, PlaceFolder
from braid.cli.output import errors, output, plain, print_json, print_table
from braid.language.documents import as_json_document
from braid.language.rule_files import Fault, RulesUnreadable
from braid.place.portfolio.load import FILE, find_portfolio
from braid.place.portfolio.study import DRAWS, SEED, Study, study
from braid.planning.kinds import KINDS
from braid.planning.portfolio.draws import Band
from braid.store.place_folder import load_place

NAMES = {
    "silo": "separate purses",
    "aligned": "separate purses, one aim",
    "pooled": "one purse",
    "no_loser": "one purse, nobody loses",
    "least_regret": "one purse, least regret",
}


def silo(
    folder: PlaceFolder = Path(),
    draws: Annotated[
        int, typer.Option("--draws", min=2, max=5000, help="Draws of what is believed of effects.")
    ] = DRAWS,
    seed: Annotated[int, typer.Option("--seed", min=0, help="The same seed gives the same study.")] = SEED,
    as_json: AsJson = False,
) -> int:
    """Say what separate purses cost the bodies of a place, how sure that is, who gains, and who would pay whom.

    Reads interventions.toml of the place folder (docs/place/portfolio.md). Exit code 3 where there is none.

    Example: braid plan silo demo
    """
    portfolio = find_portfolio(load_place(folder))
    if portfolio is None:
        next_step = "write what the bodies may buy jointly: docs/place/portfolio.md"
        raise RulesUnreadable([Fault(FILE, "file", "there is no such file", next_step)])
    began = time.perf_counter()
    found = study(portfolio, KINDS["portfolio"].solve, draws=draws, seed=seed)
    if as_json:
        print_json(as_json_document(found))
        return 0
    show(found)
    errors.print(f"{draws} draws, {time.perf_counter() - began:.1f} s")
    return 0


def show(found: Study) -> None:
    """Print a study in words and tables."""
    output.print(plain(found.portfolio.note), markup=False)
    regrets = {regret.plan: regret for regret in found.uncertainty.regrets}
    rows = [
        (NAMES[p.name], _pounds(p.value), _pounds(p.pence / 100), _pounds(regrets[p.name].worst)) for p in found.plans
    ]
    print_table("In pounds of the boards' own weights", ("plan", "brings", "costs", "worst regret"), rows)
    band = _band(found.uncertainty.price_of_silo)
    output.print(
        f"The price of the silo is {_share(found.price_of_silo)}, in 95 of 100 draws {band}:"
        f" {_share(found.misaligned_aims)} by aims that differ, then {_share(found.ring_fences)} by ring-fences."
        f" That nobody loses costs {_share(found.protection)}."
    )
    names = {purse.body: purse.name for purse in found.portfolio.purses}
    silo_has, sharing = found.plan("silo").by_body, found.sharing
    print_table(
        "What each body has",
        ("body", "apart", "in one purse", "fair share"),
        [(names[b], _pounds(silo_has[b]), _pounds(sharing.has[b]), _pounds(sharing.fair[b])) for b in found.budgets],
    )
    for payer, payee, pence in sharing.payments:
        output.print(plain(f"{names[payer]} pays {names[payee]} £{pence / 100:,.2f}"), markup=False)


def _pounds(value: float) -> str:
    return f"{value:,.0f}"


def _share(share: float | None) -> str:
    return "no share of nothing" if share is None else f"{share:.1%}"


def _band(band: Band) -> str:
    return "without an interval" if band.low is None else f"{_share(band.low)} to {_share(band.high)}"
