"""A rank frozen as it stood when somebody decided: the rules whole, the reasons, the place among how many.

Whoever reads the decision later can hold the rank against the rules that gave it, whatever has become of either.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from typing import Any

from braid.language.rule_files import RulesInvalid
from braid.problems.model import Statement
from braid.problems.priority.load import parse_rules
from braid.problems.priority.model import PriorityRules, Rank


def freeze(rank: Rank, of: int, rules: PriorityRules, run_id: str, as_of: dt.date) -> dict[str, Any]:
    """Return a rank among `of` people as a JSON document to keep with a decision. It names no person."""
    return {
        "problem": rules.problem,
        "run": run_id,
        "as_of": as_of.isoformat(),
        "position": rank.position,
        "of": of,
        "band": rules.bands[rank.band_position - 1].band_id,
        "points": rank.points,
        "reasons": [reason.reason_id for reason in rank.reasons],
        "longest_since": rank.longest_since.isoformat() if rank.longest_since else None,
        "rules": {"holds_from": rules.holds_from.isoformat(), "digest": rules.digest, "text": rules.text},
    }


def find_faults(document: Mapping[str, Any], statements: Mapping[str, Statement]) -> list[str]:
    """Return what in a frozen rank does not follow from the rules frozen with it; nothing where all of it does."""
    kept = document["rules"]
    if hashlib.sha256(kept["text"].encode()).hexdigest() != kept["digest"]:
        return ["the rules are not those whose digest was kept"]
    try:
        rules = parse_rules(kept["text"], "the rules of the decision", statements)
    except RulesInvalid as invalid:
        return [str(fault) for fault in invalid.faults]
    return [fault for holds, fault in _checks(document, rules) if not holds]


def _checks(document: Mapping[str, Any], rules: PriorityRules) -> tuple[tuple[bool, str], ...]:
    """Return what must hold of a frozen rank, each with what is wrong where it does not."""
    kept, held = document["rules"], document["reasons"]
    points = {entry.points_id: entry.points for entry in rules.points}
    bands = [band.band_id for band in rules.bands]
    return (
        (kept["holds_from"] == rules.holds_from.isoformat(), "the rules hold from another day"),
        (document["problem"] == rules.problem, "the rules are of another problem"),
        (document["band"] in bands, "the rules have no such band"),
        (document["band"] in held, "the band is not among the reasons"),
        (not set(held) - set(points) - {document["band"]}, "a reason is not in the rules"),
        (sum(points.get(name, 0) for name in held) == document["points"], "the reasons do not add up to the points"),
        (1 <= document["position"] <= document["of"], "the place is not among so many people"),
    )
