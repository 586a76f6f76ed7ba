"""What joins a guarded record without a human: a trusted identifier that nothing speaks against, never a score.

Both records hold the number of a register that gives each person one (NHS number and unique pupil number, both with a
check; a council's own number of a child, within that council). They were born on one day, their forenames fit where
both have one, their sex fits, and no record anywhere holds the number with anything else: two people on one number are
a confusion (NHS England's word) and go to a human. A record without a forename shows less, so it also needs the sex,
and no feed may hold its number twice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from braid.people.model import NO_FACTS, Edge, Facts
from braid.people.names import forename_groups

Number = tuple[str, str]
"""A scheme and a value."""
COLUMNS = ("record_id", "feed", "forename", "birth_date", "birth_vague", "sex", "la_child")


@dataclass(frozen=True)
class Witness:
    """What one record says of its person, as standardised."""

    feed: str
    forename: str | None
    birth_date: str | None
    birth_vague: bool | None
    sex: str | None
    numbers: frozenset[Number]


def find_doubts(edges: Iterable[Edge], records: pa.Table, facts: Mapping[str, Facts]) -> dict[Edge, str]:
    """Return of each edge why it is not certain, as a code of `proposal_cause`; certain edges are left out.

    `records` is the linkage table. An edge that names a record which it does not hold raises `KeyError`.
    """
    witnesses = _witnesses(records, facts)
    holders: dict[Number, list[Witness]] = defaultdict(list)
    for witness in witnesses.values():
        for number in witness.numbers:
            holders[number].append(witness)
    doubts = ((edge, find_doubt(witnesses[edge.left], witnesses[edge.right], holders)) for edge in edges)
    return {edge: doubt for edge, doubt in doubts if doubt}


def find_doubt(left: Witness, right: Witness, holders: Mapping[Number, list[Witness]]) -> str:
    """Return why two records are not joined without a human; empty where nothing speaks against it.

    `holders` are all records that hold a number.
    """
    shared = left.numbers & right.numbers
    if not shared:
        return "identifier"
    if left.birth_date != right.birth_date or left.birth_vague is not False:
        return "birth_date"
    if not _forenames_fit(left.forename, right.forename):
        return "forename"
    is_nameless = left.forename is None or right.forename is None
    if left.sex != right.sex and (is_nameless or (left.sex and right.sex)):
        return "sex"
    is_clear = any(not _is_confused(holders[number], is_nameless) for number in shared)
    return "" if is_clear else "confusion"


def _is_confused(holders: list[Witness], is_nameless: bool) -> bool:
    """Tell whether the records that hold a number cannot be one person, or one of its nameless holders may be another.

    Forenames are held against the first: initials and nicknames fit several, so each is asked of each.
    """
    if len({holder.birth_date for holder in holders if holder.birth_date}) > 1:
        return True
    if len({holder.sex for holder in holders if holder.sex}) > 1:
        return True
    names = sorted({holder.forename for holder in holders if holder.forename})
    if any(not _forenames_fit(one, other) for place, one in enumerate(names) for other in names[place + 1 :]):
        return True
    return is_nameless and len({holder.feed for holder in holders}) < len(holders)


def _forenames_fit(left: str | None, right: str | None) -> bool:
    """Tell whether two folded forenames may be one name: equal, forms of one name, an initial, or one missing."""
    if not left or not right or left == right:
        return True
    if len(left) == 1 or len(right) == 1:
        return left[0] == right[0]
    return not set(forename_groups(left)).isdisjoint(forename_groups(right))


def _witnesses(records: pa.Table, facts: Mapping[str, Facts]) -> dict[str, Witness]:
    rows: list[dict[str, Any]] = records.select(COLUMNS).to_pylist()
    return {
        row["record_id"]: Witness(
            feed=row["feed"],
            forename=row["forename"],
            birth_date=row["birth_date"],
            birth_vague=row["birth_vague"],
            sex=row["sex"],
            numbers=frozenset(_numbers(facts.get(row["record_id"], NO_FACTS), row["la_child"])),
        )
        for row in rows
    }


def _numbers(facts: Facts, la_child: str | None) -> Iterator[Number]:
    yield from ((scheme, value) for scheme, value in facts.claims.items() if scheme in ("nhs", "upn"))
    if la_child:
        yield "la_child", la_child
