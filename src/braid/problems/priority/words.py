"""Priority rules in words, and why one person comes before another."""

from __future__ import annotations

from collections.abc import Mapping

from braid.problems.priority.model import PriorityRules, Rank
from braid.problems.words import cohort_in_words

TIES = "Between equal points the longest wait comes first; who is still equal shares a place."


def explain(rules: PriorityRules, districts: Mapping[str, str] | None = None) -> list[str]:
    """Return the rules as lines of plain words; `districts` names the districts of the place by code."""
    known = districts or {}
    lines = [f"They hold from {_day(rules)}. Basis: {rules.basis}"]
    for number, band in enumerate(rules.bands, start=1):
        whom = cohort_in_words(band.when, known) if band.when else "everybody else"
        lines.append(f"Band {number}, {band.name}: {whom}.")
    lines += [f"{entry.points} points, {entry.reason}: {cohort_in_words(entry.when, known)}." for entry in rules.points]
    return [*lines, TIES]


def _day(rules: PriorityRules) -> str:
    return f"{rules.holds_from.day} {rules.holds_from:%B %Y}"


def why_not(this: Rank, other: Rank, rules: PriorityRules) -> str:
    """Return, in a sentence about `this` person, what sets the two apart: the first thing in which they differ."""
    if this.band_position != other.band_position:
        own, others = (rules.bands[rank.band_position - 1] for rank in (this, other))
        return f"{_order(this, other)}: this is band {this.band_position}, {own.name}, and the other {others.name}."
    if this.points != other.points:
        only = _only(this, other)
        reasons = f" ({only})" if only else ""
        return f"{_order(this, other)}: in the same band, {this.points} points against {other.points}{reasons}."
    if this.longest_since != other.longest_since:
        return f"{_order(this, other)}: the same band and points, and {_length(this, other)}."
    return "Neither comes first: the rules do not tell the two apart."


def _order(this: Rank, other: Rank) -> str:
    return "Comes first" if this.position < other.position else "Comes later"


def _only(this: Rank, other: Rank) -> str:
    """Return the reasons for points that one has and the other has not."""
    own, others = set(this.reasons), set(other.reasons)
    said = [(reason, "this alone") for reason in this.reasons if reason not in others]
    said += [(reason, "the other alone") for reason in other.reasons if reason not in own]
    return "; ".join(f"{whose}: {reason.reason}, {reason.points}" for reason, whose in said if reason.points)


def _length(this: Rank, other: Rank) -> str:
    if this.longest_since is None:
        return "the other waits where this one does not"
    if other.longest_since is None:
        return "this one waits where the other does not"
    days = abs((this.longest_since - other.longest_since).days)
    longer = "a longer" if this.longest_since < other.longest_since else "a shorter"
    return f"{longer} wait, by {days} {'day' if days == 1 else 'days'}"
