"""The kinds of plans, each with its documents, its independent checker, and the module of its engine.

The engine is named, not imported: whoever reads or checks a plan needs no solver.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from braid.language.documents import DocumentInvalid, Faults, check_faults, read_document
from braid.language.rule_files import Fault
from braid.planning.agendas import checker as agendas_checker
from braid.planning.agendas import model as agendas_model
from braid.planning.appointments import checker as appointments_checker
from braid.planning.appointments import model as appointments_model
from braid.planning.contract import Checked, Limits, Plan, PlanRefused
from braid.planning.listing import checker as listing_checker
from braid.planning.listing import faults as listing_faults
from braid.planning.listing import model as listing_model
from braid.planning.placements import checker as placements_checker
from braid.planning.placements import model as placements_model
from braid.planning.portfolio import checker as portfolio_checker
from braid.planning.portfolio import model as portfolio_model


@dataclass(frozen=True)
class Header:
    """What every problem file begins with; its other fields are its kind's."""

    kind: str


@dataclass(frozen=True)
class Kind:
    """A kind of plan: what is read, what is answered, who checks it and who solves it."""

    name: str
    title: str
    help: str
    """One sentence for the command line: what the plan decides."""
    problem: type[Any]
    plan: type[Plan]
    faults: Faults
    check: Callable[[Any, Any], Checked]
    engine: str
    """The module whose `solve(problem, limits, before)` makes a plan."""

    def read_problem(self, path: Path) -> Any:
        """Return the problem in a file. Raises `DocumentInvalid`."""
        problem = read_document(path, self.problem)
        check_faults(path.name, self.faults(problem))
        return problem

    def read_plan(self, path: Path) -> Any:
        """Return the plan in a file. Raises `DocumentInvalid`."""
        return read_document(path, self.plan)

    def solve(self, problem: Any, limits: Limits, before: Any = None) -> Any:
        """Return a checked plan. Raises `PlanRefused` where the checker does not pass it."""
        plan = import_module(self.engine).solve(problem, limits, before)
        checked = self.check(problem, plan)
        if not checked.passes:
            raise PlanRefused("; ".join(map(str, checked.broken[:5])))
        return plan


KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            name="portfolio",
            title="Portfolio of joint interventions",
            help="Choose which joint interventions to buy, at what scale, out of whose purse.",
            problem=portfolio_model.PortfolioProblem,
            plan=portfolio_model.PortfolioPlan,
            faults=portfolio_model.faults,
            check=portfolio_checker.check,
            engine="braid.planning.portfolio.run",
        ),
        Kind(
            name="listing",
            title="Court lists",
            help="List hearings before judges, in rooms, when they are ready: soon, in time, before the same judge.",
            problem=listing_model.Problem,
            plan=listing_model.ListingPlan,
            faults=listing_faults.faults,
            check=listing_checker.check,
            engine="braid.planning.listing.run",
        ),
        Kind(
            name="placements",
            title="Placements in temporary accommodation",
            help="Place households in units, each child's way to school before all, within law, stock and money.",
            problem=placements_model.Problem,
            plan=placements_model.PlacementPlan,
            faults=placements_model.faults,
            check=placements_checker.check,
            engine="braid.planning.placements.run",
        ),
        Kind(
            name="appointments",
            title="Joint appointments",
            help="Book the appointments of people harmed as one plan: soon, few days out, never near who harmed them.",
            problem=appointments_model.AppointmentsProblem,
            plan=appointments_model.AppointmentsPlan,
            faults=appointments_model.faults,
            check=appointments_checker.check,
            engine="braid.planning.appointments.run",
        ),
        Kind(
            name="agendas",
            title="Agendas of meetings",
            help="Put cases on the agendas of meetings: who is needed is there, urgent first, short in the room.",
            problem=agendas_model.AgendasProblem,
            plan=agendas_model.AgendasPlan,
            faults=agendas_model.faults,
            check=agendas_checker.check,
            engine="braid.planning.agendas.run",
        ),
    )
}
"""Every kind of plan by its name."""


def kind_of(path: Path) -> Kind:
    """Return the kind of a problem file, which its field `kind` names. Raises `DocumentInvalid`."""
    name = read_document(path, Header).kind
    if name not in KINDS:
        rule, next_step = "it is no kind of problem that can be planned", f"write one of {', '.join(KINDS)}"
        raise DocumentInvalid([Fault(path.name, "kind", rule, next_step)])
    return KINDS[name]
