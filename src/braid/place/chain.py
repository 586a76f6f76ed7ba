"""The chain of a priority: from what a board wants, over outcome, money and commission, to people served and waits.

Each link has its figure, its day and its source. Where a link is missing the chain says so and what would close it: a
chain with a gap is told as a chain with a gap. Nothing here says that one link caused the next.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

HEADS: Mapping[str, str] = {
    "priority": "Priority",
    "outcome": "Outcome",
    "money": "Money",
    "commission": "Commission",
    "served": "People served",
    "waits": "Waits",
}
"""The links of a chain, in order."""
GAPS: Mapping[str, str] = {
    "priority": "No board has made this a priority.",
    "outcome": "The priority names no outcome: nobody has said what would show that it worked.",
    "money": "No money is committed to these outcomes in any fund's ledger.",
    "commission": "Nothing is commissioned for these outcomes.",
    "served": "Nobody has been served yet, or so few that it is not published.",
    "waits": "No published measure says whether waits became shorter.",
}
"""What is said where a link is missing."""
CLOSERS: Mapping[str, str] = {
    "outcome": "The commissioner of the board names an outcome with the decision that changes the priority.",
    "money": "A finance officer commits money on a line of a fund that is for one of these outcomes.",
    "commission": "A commissioner draws up a commission that desires one of these outcomes.",
    "served": "A team of the commission takes referrals up. A month counts once it is over, of eight people or more.",
    "waits": "The board names the problem statement whose waits it means, and runs publish sizes on further days.",
}
"""What would close a gap, and who may do it."""


@dataclass(frozen=True)
class Link:
    """One thing in a chain: what it is, its figure in words, of which day, and where it is from.

    `about` holds the ids by which the next link finds it: outcomes, statements, commissions.
    """

    head: str
    title: str
    figure: str
    day: dt.date | None
    source: str
    address: str = ""
    about: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Step:
    """All links under one head, or why there is none."""

    head: str
    name: str
    links: tuple[Link, ...]
    gap: str

    @property
    def closes(self) -> str:
        """What would close the gap, and who may do it; empty where there is none."""
        return CLOSERS.get(self.head, "") if self.is_gap else ""

    @property
    def is_gap(self) -> bool:
        """Whether nothing stands under the head."""
        return not self.links


@dataclass(frozen=True)
class Chain:
    """The chain of one priority."""

    title: str
    board: str
    steps: tuple[Step, ...]

    @property
    def is_whole(self) -> bool:
        """Whether there is a link under each head."""
        return not any(step.is_gap for step in self.steps)

    @property
    def broken_at(self) -> str:
        """The name of the first head without a link; empty where there is none."""
        return next((step.name for step in self.steps if step.is_gap), "")


Followed = Callable[[Mapping[str, Sequence[Link]]], frozenset[str]]
FOLLOWS: Mapping[str, Followed] = {
    "outcome": lambda found: _about(found["priority"]),
    "money": lambda found: _about(found["outcome"]),
    "commission": lambda found: _about(found["outcome"]) | _about(found["money"]),
    "served": lambda found: _about(found["commission"]),
    "waits": lambda found: _about(found["priority"]) | _about(found["outcome"]),
}
"""By which ids each head finds its links, given those under the heads before it."""


def build_chain(priority: Link, board: str, links: Mapping[str, Sequence[Link]]) -> Chain:
    """Return the chain of a priority, of all links of the place by head.

    A link belongs to the chain where it shares an id with what is before it: an outcome with the priority, money with
    an outcome, a commission with an outcome or with the money, people served with a commission.
    """
    found: dict[str, Sequence[Link]] = {"priority": (priority,)}
    for head, ids_of in FOLLOWS.items():
        ids = ids_of(found)
        found[head] = tuple(link for link in links.get(head, ()) if link.about & ids)
    steps = tuple(Step(head, name, tuple(found[head]), GAPS[head]) for head, name in HEADS.items())
    return Chain(priority.title, board, steps)


def _about(links: Sequence[Link]) -> frozenset[str]:
    return frozenset[str]().union(*(link.about for link in links))
