"""Why not this unit? What the board answers about a unit of the council's stock, asked by its reference.

The sheet of the stock is opened for a household that the viewer sees, and nothing of it is listed but references that
the viewer has begun to write: of a unit that cannot be told of, its district and its rooms are nowhere on the page.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from braid.language.documents import parse
from braid.planning.placements.shortlists import PROPOSED
from braid.problems.plans.answers import ACCEPTED
from braid.problems.plans.placement_sheets import HouseholdSheet
from braid.problems.plans.why_not import StockSheet, WhyNot, why_not
from braid.web.access.joint import find_names
from braid.web.access.sight import NotThere, Sight
from braid.web.models import District, Proposal, ProposalAnswer, ShownPlan
from braid.web.proposals.board import KIND, get_proposal, pounds
from braid.web.proposals.sealing import open_plan
from braid.web.proposals.words import difference_words, journey_words, unit_words, why_not_words
from braid.web.vault.keys import get_key_ring

LONGEST_REFERENCE = 80
REFERENCES_SHOWN = 20


@dataclass(frozen=True)
class AnswerToQuestion:
    """Why a unit is not the one proposed, in words; what the unit is, where that may be told."""

    reference: str
    lines: tuple[str, ...]
    unit: str
    journeys: tuple[tuple[str, str], ...]
    """Of each child at school: name, and how long and far the way is and how that is known."""
    differences: tuple[str, ...]
    counts_more: int | None
    """By how much it counts more than the one proposed; null where it does not, or that is not told."""
    is_proposed: bool


@dataclass(frozen=True)
class QuestionSeen:
    """The page of a question about one household."""

    row: Proposal
    sheet: HouseholdSheet
    asked: str
    answer: AnswerToQuestion | None
    references: tuple[str, ...]
    """References that hold what was asked, where it is none itself."""
    is_cut: bool


def get_question(sight: Sight, proposal_id: UUID, asked: str) -> QuestionSeen:
    """Return the answer about the unit of a reference, or references like it. Raises `NotPermitted`, `NotThere`.

    Raises `VaultKeyNotAvailable`, `VaultSealBroken`.
    """
    row, sheet = get_proposal(sight, proposal_id)
    names = find_names(sight, sheet.people)
    asked = asked.strip()[:LONGEST_REFERENCE]
    stock = _open_stock() if asked else None
    if stock is None:
        return QuestionSeen(row, sheet, asked, None, (), is_cut=False)
    unit = stock.find_unit(asked, sheet)
    if unit is not None:
        found = why_not(stock, sheet, unit, is_accepted=_is_accepted_for_others(row, stock.token(unit)))
        return QuestionSeen(row, sheet, asked, _answer(unit, found, names), (), is_cut=False)
    references = stock.find_references(asked, REFERENCES_SHOWN + 1, sheet)
    return QuestionSeen(row, sheet, asked, None, references[:REFERENCES_SHOWN], len(references) > REFERENCES_SHOWN)


def _is_accepted_for_others(row: Proposal, token: str) -> bool:
    """Whether a unit was accepted for another household that the viewer sees."""
    standing = ProposalAnswer.objects.filter(kind=KIND, answer=ACCEPTED, ended_at__isnull=True, token=token)
    return bool(token) and standing.exclude(proposal=row).exists()


def _open_stock() -> StockSheet:
    shown = ShownPlan.objects.filter(kind=KIND, sealed__isnull=False).first()
    if shown is None:
        raise NotThere
    return parse(open_plan(get_key_ring(), shown), StockSheet, "stock")


def _answer(reference: str, found: WhyNot, names: Mapping[str, str]) -> AnswerToQuestion:
    more = found.counts_more
    estimated = {each.child for each in found.journeys if each.reckoned == "estimate"}
    return AnswerToQuestion(
        reference=reference,
        lines=tuple(why_not_words(code) for code in found.codes),
        unit=_unit_line(found),
        journeys=tuple((names.get(each.child, "A child"), journey_words(each)) for each in found.journeys),
        differences=tuple(difference_words(each, names, estimated) for each in found.differences),
        counts_more=round(more) if more is not None and round(more) > 0 else None,
        is_proposed=PROPOSED in found.codes,
    )


def _unit_line(found: WhyNot) -> str:
    if found.unit is None:
        return ""
    unit = found.unit
    district = District.objects.filter(code=unit.district).values_list("name", flat=True).first() or unit.district
    return f"{unit_words(unit)}. {district}. {pounds(unit.night_pence)} a night"
