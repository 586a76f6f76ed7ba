"""The access matrix: which items users of a role see, by organisation, for one purpose today, and why others do not.

Every cell is asked of `decide` about a person whom the purpose concerns and nobody keeps away, so the page cannot say
anything else than what the pages about people do.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from braid.language.codes import CODE_LISTS
from braid.trust.agreements import Sharing
from braid.trust.decide import Actor, Decision, Held, Outcome, Subject, decide
from braid.trust.items import ITEMS, JOINED, Item
from braid.trust.roles import Role

SEEN = "Seen"
REASON_WORDS = {
    "no_agreement": "No agreement in force opens it",
    "purpose_not_permitted_to_role": "The purpose is not one of the role's",
    "item_not_permitted_to_role": "The role does not see it",
    "no_relationship": "The role reaches nobody for this purpose",
    "confirmation_needed": "After confirming with a second factor",
    "permitted": SEEN,
}
_BEST_FIRST = (Outcome.ALLOW, Outcome.STEP_UP, Outcome.MASK, Outcome.DENY)


@dataclass(frozen=True)
class Cell:
    """What users of one organisation get of an item, in words, and the agreements that open it."""

    organisation: str
    seen: bool
    words: str
    agreements: tuple[str, ...]


@dataclass(frozen=True)
class ItemRow:
    """An item: who sees it, and who does not, as (words, organisations)."""

    item: Item
    seen: tuple[tuple[str, tuple[str, ...]], ...]
    """Words are the agreements, and what is needed besides."""
    unseen: tuple[tuple[str, tuple[str, ...]], ...]
    """Words are the reason."""


def access_matrix(
    role: Role, purpose: str, organisations: Collection[str], flows: Iterable[Sharing], now: dt.datetime
) -> list[ItemRow]:
    """Return a row for each item. `flows` are those of agreements that are not suspended."""
    by_cell: dict[tuple[str, str], list[Sharing]] = defaultdict(list)
    for flow in flows:
        if flow.purpose == purpose:
            by_cell[flow.receiver, flow.item].append(flow)
    return [
        _row(item, [_cell(role, purpose, name, item, by_cell[name, item.code], now) for name in sorted(organisations)])
        for item in ITEMS.values()
    ]


def _row(item: Item, cells: list[Cell]) -> ItemRow:
    return ItemRow(
        item, _grouped(cell for cell in cells if cell.seen), _grouped(cell for cell in cells if not cell.seen)
    )


def _grouped(cells: Iterable[Cell]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    groups: dict[str, list[str]] = defaultdict(list)
    for cell in cells:
        under = f"under {', '.join(cell.agreements)}"
        words = cell.words if not cell.seen else under if cell.words == SEEN else f"{under}; {cell.words.lower()}"
        groups[words].append(cell.organisation)
    return tuple((words, tuple(names)) for words, names in sorted(groups.items()))


def _cell(role: Role, purpose: str, organisation: str, item: Item, flows: list[Sharing], now: dt.datetime) -> Cell:
    actor = Actor("somebody", organisation, role.code, True, tuple(flows), assurance=1)
    subject = Subject("anybody", concerned=frozenset({purpose}), at_home=frozenset({purpose}))
    providers = sorted({flow.provider for flow in flows}) or [JOINED]
    decisions = [
        decide(actor, subject, Held(item.code, provider, sensitivity), purpose, now)
        for provider in providers
        for sensitivity in CODE_LISTS["row_sensitivity"]
    ]
    best = min(decisions, key=_rank)
    agreements = {one.agreement_id for one in decisions if one.outcome is best.outcome and one.agreement_id}
    seen = best.outcome in (Outcome.ALLOW, Outcome.STEP_UP)
    words = REASON_WORDS.get(best.reason, best.reason)
    return Cell(organisation, seen, words, tuple(sorted(agreements)))


def _rank(decision: Decision) -> tuple[int, bool]:
    """Best outcome first; of two refusals the one about the role, because it says more than that none is in force."""
    return _BEST_FIRST.index(decision.outcome), decision.reason == "no_agreement"
