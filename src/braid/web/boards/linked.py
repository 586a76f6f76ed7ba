"""What decisions are about, found anew at each look: a finder for each kind, in one place.

A thing that its finder does not find is shown as what was written down, and said to be so. A room that brings things of
its own adds its finder to `FINDERS`: it takes ids and returns those it found.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from django.urls import reverse

from braid.place.boards.links import LINK_KINDS
from braid.web.funds.definitions import funds
from braid.web.models import (
    BoardDecision,
    Commission,
    DecisionLink,
    OutcomeDefinition,
    PortfolioChoice,
    ProblemStatement,
    SimulationQuestion,
)
from braid.web.portfolio.form import PLAN_NAMES


@dataclass(frozen=True)
class Found:
    """A thing as it is called, and where it stands."""

    title: str
    address: str


@dataclass(frozen=True)
class Linked:
    """A link as a page shows it. `found` is none where nobody knows the thing any more, or not yet."""

    kind: str
    kind_name: str
    reference: str
    found: Found | None


Finder = Callable[[Collection[str]], dict[str, Found]]


def _find_statements(references: Collection[str]) -> dict[str, Found]:
    rows = ProblemStatement.objects.filter(pk__in=references).values_list("pk", "words")
    return {pk: Found(words.get("name", pk), reverse("problem", args=[pk])) for pk, words in rows}


def _find_simulations(references: Collection[str]) -> dict[str, Found]:
    rows = SimulationQuestion.objects.filter(pk__in=references, ended_at=None).values_list("pk", "name")
    return {str(pk): Found(name, reverse("simulation", args=[pk])) for pk, name in rows}


def _find_decisions(references: Collection[str]) -> dict[str, Found]:
    rows = BoardDecision.objects.filter(pk__in=references).values_list("pk", "reference", "title")
    return {str(pk): Found(f"{name}: {title}", reverse("board_decision", args=[pk])) for pk, name, title in rows}


def _find_outcomes(references: Collection[str]) -> dict[str, Found]:
    rows = OutcomeDefinition.objects.filter(pk__in=references).values_list("pk", "document__name")
    return {pk: Found(name, reverse("outcome", args=[pk])) for pk, name in rows}


def _find_funds(references: Collection[str]) -> dict[str, Found]:
    known = funds()
    return {one: Found(known[one].name, reverse("fund", args=[one])) for one in references if one in known}


def _find_commissions(references: Collection[str]) -> dict[str, Found]:
    rows = Commission.objects.filter(pk__in=references).values_list("pk", "title")
    return {str(pk): Found(title, reverse("commission", args=[pk])) for pk, title in rows}


def _find_choices(references: Collection[str]) -> dict[str, Found]:
    rows = PortfolioChoice.objects.filter(pk__in=references).values_list("pk", "study_id", "plan", "chosen_on")
    return {
        str(pk): Found(
            f"{PLAN_NAMES.get(plan, plan)}, chosen on {day.day} {day:%B %Y}", reverse("portfolio_study", args=[study])
        )
        for pk, study, plan, day in rows
    }


FINDERS: Mapping[str, Finder] = {
    "statement": _find_statements,
    "simulation": _find_simulations,
    "decision": _find_decisions,
    "outcome": _find_outcomes,
    "fund": _find_funds,
    "commission": _find_commissions,
    "portfolio": _find_choices,
}
"""By kind of `LINK_KINDS`: one for each."""


def find_linked(links: Iterable[tuple[str, str]]) -> list[Linked]:
    """Return links, of kind and reference, as a page shows them: one question for each kind that occurs."""
    listed = list(links)
    found: dict[str, dict[str, Found]] = {}
    for kind in dict.fromkeys(kind for kind, _ in listed):
        finder = FINDERS.get(kind)
        found[kind] = finder([one for of_kind, one in listed if of_kind == kind]) if finder else {}
    return [Linked(kind, LINK_KINDS[kind].name, one, found[kind].get(one)) for kind, one in listed]


def linked_decisions(kind: str, reference: str) -> list[BoardDecision]:
    """Return the decisions that are about a thing, newest first, as far as whoever asks may see them."""
    ids = DecisionLink.objects.filter(kind=kind, reference=reference).values("decision_id")
    return list(BoardDecision.objects.filter(pk__in=ids).order_by("-decided_at", "pk"))
