"""Deciding: what the votes of those present come to under the terms of reference."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from braid.language.steps import NotPossible
from braid.place.boards.quorum import missing_for_quorum
from braid.place.boards.terms import RULES, Board, Member

VOTES: Mapping[str, str] = {"for": "For", "against": "Against", "abstains": "Abstains"}
INTERESTS: Mapping[str, str] = {
    "pecuniary": "A pecuniary interest",
    "other": "Another interest",
}
LONGEST_AHEAD = dt.timedelta(days=5 * 366)


@dataclass(frozen=True)
class Verdict:
    """What a vote comes to: carried or not, by which rule, and why, in words."""

    carried: bool
    rule: str
    why: str


def check_votes(board: Board, present: Collection[Member], votes: Mapping[Member, str]) -> None:
    """Raise `NotPossible` unless the board is quorate and exactly those present with a vote have voted."""
    missing = missing_for_quorum(board, present)
    if missing:
        raise NotPossible(
            f"There is no quorum for this: {'; '.join(missing)}. It may be discussed and not decided. Put it on the"
            " agenda of another meeting"
        )
    if set(votes) != set(board.voting) & set(present) or not set(votes.values()) <= VOTES.keys():
        raise NotPossible("Enter a vote for each voting member who is there for this item, and for nobody else")


def judge(board: Board, present: Collection[Member], votes: Mapping[Member, str], matter: str = "") -> Verdict:
    """Return what the votes come to. `matter` is the id of a reserved matter, or nothing. Raises as `check_votes`."""
    check_votes(board, present, votes)
    if not matter:
        return _judge_usual(board, votes)
    reserved = board.terms.matter(matter)
    if reserved.all_present and not set(board.voting) <= set(present):
        return Verdict(False, reserved.rule, "not everybody is there, and this matter needs everybody")
    unwilling = [board.terms.seat(seat).name for seat in reserved.needs if not _agrees(board, seat, votes)]
    if unwilling:
        return Verdict(False, reserved.rule, f"this matter needs the agreement of: {', '.join(unwilling)}")
    return _judge_by(reserved.rule, board, votes)


def _agrees(board: Board, seat: str, votes: Mapping[Member, str]) -> bool:
    """Whether every member of a seat votes for it; an empty seat agrees to nothing."""
    of_seat = [one for one in board.voting if one.seat == seat]
    return bool(of_seat) and all(votes.get(one) == "for" for one in of_seat)


def _judge_usual(board: Board, votes: Mapping[Member, str]) -> Verdict:
    deciding = board.terms.deciding
    first = _judge_by(deciding.rule, board, votes)
    if first.carried or not deciding.fallback:
        return first
    return _judge_by(deciding.fallback, board, votes)


def _judge_by(rule: str, board: Board, votes: Mapping[Member, str]) -> Verdict:
    deciding, given = board.terms.deciding, list(votes.values())
    in_favour, against = given.count("for"), given.count("against")
    chair = votes.get(board.chair, "")
    if deciding.chair_in_majority and chair != "for":
        return Verdict(False, rule, "nothing is carried without the chair")
    if rule == "majority" and in_favour == against and in_favour and deciding.casting_vote and chair == "for":
        return Verdict(True, rule, f"{in_favour} for, {against} against, by the chair's casting vote")
    carried = {
        "consensus": in_favour > 0 and not against,
        "majority": in_favour > against,
        "two_thirds": in_favour > 0 and 3 * in_favour >= 2 * (in_favour + against),
        "unanimous": in_favour > 0 and not against,
    }[rule]
    tie = ", a tie" if rule == "majority" and in_favour == against else ""
    abstains = given.count("abstains")
    return Verdict(carried, rule, f"{in_favour} for, {against} against, {abstains} abstained{tie}; {RULES[rule]}")


def check_decision(title: str, words: str, reasons: str, review_date: dt.date, today: dt.date) -> None:
    """Raise `NotPossible` for a decision without what, why and when it is looked at again."""
    if not title.strip() or not words.strip():
        raise NotPossible("Enter what is decided")
    if not reasons.strip():
        raise NotPossible("Enter why: whoever reads the decision later was not there")
    if not today < review_date <= today + LONGEST_AHEAD:
        raise NotPossible("Choose a day to come, within five years, on which the decision is looked at again")


def check_supersede(board_id: str, earlier_board: str, earlier_carried: bool, superseded: bool) -> None:
    """Raise `NotPossible` unless an earlier decision of the same board still stands."""
    if earlier_board != board_id:
        raise NotPossible("A board supersedes its own decisions alone")
    if not earlier_carried or superseded:
        raise NotPossible("That decision does not stand any more, so there is nothing to supersede")
