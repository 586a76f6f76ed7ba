"""Reporting rounds: what each provider returns for a period, held against what the records say."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from braid.care.model import Acting
from braid.language.steps import NotPossible
from braid.place.commissions.states import RETURN
from braid.trust.disclosure import Span, possible_counts, publishable_count, publishable_total

LONGEST_NARRATIVE = 2000
MOST_COUNTED = 100_000
FIGURES: Mapping[str, str] = {
    "referred": "People referred",
    "attached": "People whose service began",
    "sessions": "Sessions attended",
    "concluded": "Services concluded",
    "achieved": "Outcomes achieved",
}
RISKS: Mapping[str, str] = {
    "none": "Nothing to report",
    "staffing": "Posts are empty, or people are away",
    "waiting": "People wait longer than they should",
    "safety": "Something endangers people served or staff",
    "money": "The money will not last, or will not be spent",
    "other": "Something else, said in the narrative",
}
LEAST_DAYS_TO_ANSWER = 5


@dataclass(frozen=True)
class Round:
    """A period that providers report on, both days included, and the last day on which a return is in time."""

    from_date: dt.date
    to_date: dt.date
    due_date: dt.date


@dataclass(frozen=True)
class Difference:
    """A figure that a provider says (`None` where it is too small to be published), beside the lowest and the highest
    that the published counts of the records leave."""

    code: str
    said: int | None
    lowest: int
    highest: int

    @property
    def is_same(self) -> bool:
        """Whether the two agree, as far as published figures tell."""
        least, most = possible_counts(self.said)
        return least <= self.highest and self.lowest <= most


def check_round(new: Round, others: list[Round]) -> None:
    """Raise `NotPossible` unless a round can be asked for beside those that there are."""
    if not new.from_date <= new.to_date:
        raise NotPossible("The period ends before it begins. Change one of the days")
    if new.due_date < new.to_date + dt.timedelta(days=LEAST_DAYS_TO_ANSWER):
        raise NotPossible(f"Leave providers {LEAST_DAYS_TO_ANSWER} days at least after the period. Choose a later day")
    if any(new.from_date <= one.to_date and one.from_date <= new.to_date for one in others):
        raise NotPossible("The period overlaps that of another round. What falls into both would be told twice")


def give(by: Acting, team: str, state: str, figures: Mapping[str, int], risk: str) -> str:
    """Return the state of a return once the lead of a provider's team gave it. Raises `NotPossible`."""
    if team not in by.leads:
        raise NotPossible("The lead of the team that provides gives its return. Ask them")
    after = RETURN.after(state, "give")
    if set(figures) != set(FIGURES) or any(not 0 <= one <= MOST_COUNTED for one in figures.values()):
        raise NotPossible("Give every figure as a whole number")
    if risk not in RISKS:
        raise NotPossible("Choose the main risk from the list")
    return after


def is_late(state: str, due_date: dt.date, given_on: dt.date | None, today: dt.date) -> bool:
    """Whether a return is late: given after the last day, or not given by now."""
    day = today if state == "asked" or given_on is None else given_on
    return day > due_date


def span_of(parts: Iterable[int | None]) -> Span:
    """Return the lowest and the highest sum that published parts leave: nothing that they do not tell already."""
    spans = [possible_counts(part) for part in parts]
    return sum(low for low, _ in spans), sum(high for _, high in spans)


def shown_figures(figures: Mapping[str, int], recorded: Mapping[str, Span]) -> dict[str, int | None]:
    """Return what is kept of figures that a provider says, so that a return tells of nobody beside `recorded`."""
    return {code: _publishable(figures[code], recorded.get(code, (0, 0))) for code in FIGURES}


def _publishable(said: int, span: Span) -> int | None:
    """A figure within what the records leave is a total beside its parts; one that is not tells of no part."""
    low, high = span
    return publishable_total(said, span) if low <= said <= high else publishable_count(said)


def compare(said: Mapping[str, int | None], recorded: Mapping[str, Span]) -> list[Difference]:
    """Return every figure beside what the records leave."""
    return [Difference(code, said.get(code), *recorded.get(code, (0, 0))) for code in FIGURES]
