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


NO_VALUE = "No value yet of: {name}. In no period that is over do the extracts show everybody, or anybody at all."
TOO_FEW = "No value yet of: {name}. In each period that is over too few people were counted to show one."
VALUE_CLOSES = (
    "Whoever runs Braid publishes it, from the partners' extracts. The first value is due with the run after {until}"
)
IF_WHOLE = ", where the extracts show everybody from {since} on; else a {period} later"


def value_gap(name: str, period: str, first: dt.date, last: dt.date, *, is_few: bool, if_whole: bool) -> Gap:
    """Return the gap of an outcome without a value: the next period, of that kind, in which one is due.

    `is_few`: periods were published already, none with a value. `if_whole`: it is due where extracts show all of it.
    """
    until, since = (f"{day.day} {day:%B %Y}" for day in (last, first))
    closes = VALUE_CLOSES.format(until=until)
    if is_few:
        return Gap(TOO_FEW.format(name=name), f"{closes}, if enough people were counted by then.")
    return Gap(
        NO_VALUE.format(name=name), closes + (IF_WHOLE.format(since=since, period=period) if if_whole else "") + "."
    )


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
    lacks: Gap | None = None
    """What the thing has not yet: it is there, leads on, and is a gap all the same."""


@dataclass(frozen=True)
class Gap:
    """What is missing in a chain, what would close it and who may do it."""

    words: str
    closes: str


@dataclass(frozen=True)
class Step:
    """All links under one head, or why there is none."""

    head: str
    name: str
    links: tuple[Link, ...]

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """What is missing: everything where there is no link, else what each link lacks."""
        if not self.links:
            return (Gap(GAPS[self.head], CLOSERS.get(self.head, "")),)
        return tuple(link.lacks for link in self.links if link.lacks)

    @property
    def is_gap(self) -> bool:
        """Whether nothing stands under the head, or something of which there is no figure yet."""
        return bool(self.gaps)


@dataclass(frozen=True)
class Chain:
    """The chain of one priority."""

    title: str
    board: str
    steps: tuple[Step, ...]

    @property
    def is_whole(self) -> bool:
        """Whether there is a link under each head, and none that lacks its figure."""
        return not any(step.is_gap for step in self.steps)

    @property
    def broken_at(self) -> str:
        """The name of the first head with a gap; empty where there is none."""
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
    steps = tuple(Step(head, name, tuple(found[head])) for head, name in HEADS.items())
    return Chain(priority.title, board, steps)


def _about(links: Sequence[Link]) -> frozenset[str]:
    return frozenset[str]().union(*(link.about for link in links))
