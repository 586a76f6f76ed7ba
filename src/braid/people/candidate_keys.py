"""Which pairs of records are compared: those that share a key.

Every record has keys by rules such as "surname and birth date". They stand in one index, `candidate_key` (rule, hash,
record), which is made in one pass and joined to itself once, so that a pair is found once however many rules find it.
A key that too many records share says little. How many are too many is told for each rule by the sizes its keys have; a
larger key is divided by year of birth, sex, sector and initial until its parts are small enough, and the pairs that this
sets apart are counted. Queries are portable SQL over `records`, the linkage table with a whole number `unique_id`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True)
class Rule:
    """A way to find pairs: records with an equal `value` (SQL, a text or NULL) are compared.

    `lists` names columns that hold several texts; `value` calls an entry of the first `one`, of the second `other`.
    A rare rule holds only for values that few records share: it has no large keys, and nothing of it is lost.
    """

    name: str
    value: str
    lists: tuple[str, ...] = ()
    is_rare: bool = False


@dataclass(frozen=True)
class KeyCounts:
    """What became of the keys of a run."""

    keys: int
    """Entries of the index."""
    keys_refined: int
    """Keys that too many records share, and that were divided."""
    keys_over_cap: int
    """Parts that are too large after every division; their records are not compared by that rule."""
    pairs_lost: int
    """Pairs that share a key that was too large, and no part of it. Another rule may have found them all the same."""
    caps: Mapping[str, int]
    """By rule, how many records may share a key."""


class KeyEngine(Protocol):
    """What is needed of an engine: see `braid.store.engine.Engine`."""

    def create(self, name: str, sql: str) -> None:
        """Create or replace table `name` as the result of a portable query."""

    def rows(self, sql: str) -> list[dict[str, Any]]:
        """Return the rows of a portable query."""

    def forget(self, name: str) -> None:
        """Let go of table `name`."""


_FIRST, _LAST = "substring(forename, 1, 1)", "substring(surname, 1, 1)"
_SORTED_NAMES = "least(forename, surname) || '|' || greatest(forename, surname)"
_YEAR = "substring(birth, 1, 4)"

RULES = (
    Rule("nhs", "nhs"),
    Rule("upn", "one", ("upns",)),
    Rule("la_child", "la_child"),
    Rule("nino", "nino"),
    Rule("birth_place", "one || '|' || birth", ("postcodes",)),
    Rule("birth_surname", "one || '|' || birth", ("surname_groups",)),
    Rule("birth_forename", "one || '|' || birth", ("forename_groups",)),
    Rule("birth_initials", f"least({_FIRST}, {_LAST}) || greatest({_FIRST}, {_LAST}) || birth"),
    Rule("names_year", f"one || '|' || other || '|' || {_YEAR}", ("forename_groups", "surname_groups")),
    Rule("names_day", "one || '|' || other || '|' || day_of_year", ("forename_groups", "surname_groups")),
    Rule("swapped_names", f"{_SORTED_NAMES} || '|' || {_YEAR}"),
    Rule("place_forename", "one || '|' || other", ("postcodes", "forename_groups")),
    Rule("place_surname", f"one || '|' || other || '|' || {_FIRST}", ("postcodes", "surname_groups")),
    Rule("property_forename", "one || '|' || other", ("uprns", "forename_groups")),
    Rule("month_surname", f"one || '|' || {_FIRST} || '|' || substring(birth_date, 1, 7)", ("surname_groups",)),
    Rule("rare_names", _SORTED_NAMES, is_rare=True),
    Rule("rare_forename", "one", ("forenames",), is_rare=True),
    Rule("rare_surname", "one", ("surnames",), is_rare=True),
)
"""A pair is compared once, however many rules find it. Records without names are found by number or birth and place."""

DIVIDERS = ("birth_year", "sex", "sector", "initial")
"""What a large key is divided by, one after the other. Records that lack one stay together."""
SMALLEST_CAP = 40
"""A key of so few records is never too large, however small the place."""
PAIRS_A_RECORD = 2.0
"""Pairs for each record of the place that a rule may propose: from the largest key down, those beyond are divided."""
RARE_PAIRS_A_RECORD = 0.25
"""The same for rules of rare values: they find what shares nothing else, at the price of many pairs that are nobody."""

Histogram = Iterable[tuple[int, int]]
"""Sizes of keys of one rule, and how many keys have them."""


def make_candidates(engine: KeyEngine, record_count: int, rules: tuple[Rule, ...] = RULES) -> KeyCounts:
    """Create `candidate_pair` (`left_id` < `right_id`, each pair once) from `records`.

    Returns what became of the keys. `candidate_key` and `key_size` stay for who audits or keeps them.
    """
    engine.create("key_source", _SOURCE)
    engine.create("candidate_key", " union all ".join(_keys(place, rule) for place, rule in enumerate(rules)))
    engine.create("key_size", _SIZES.format("candidate_key"))
    sizes = _read_sizes(engine, len(rules))
    caps = [find_cap(rule, histogram, record_count) for rule, histogram in zip(rules, sizes, strict=True)]
    parts, counts = _divide(engine, rules, caps)
    engine.create("kept_key", " union all ".join(_kept(table, size, caps) for table, size in parts))
    engine.create("candidate_pair", _PAIRS)
    entries = int(engine.rows("select count(*) as found from candidate_key")[0]["found"])
    for name in ("key_source", "kept_key", *(name for part in parts for name in part)):
        engine.forget(name)
    return KeyCounts(entries, *counts, {rule.name: cap for rule, cap in zip(rules, caps, strict=True)})


def find_cap(rule: Rule, histogram: Histogram, record_count: int) -> int:
    """Return how many records may share a key of a rule.

    So many that all keys up to that size together propose no more pairs than the rule may, at most the square root of
    the number of records: then even if every key were as large, pairs would grow no faster than records to the power
    of one and a half. Never fewer than `SMALLEST_CAP`, or two for a rare rule.
    """
    smallest = 2 if rule.is_rare else SMALLEST_CAP
    largest = max(smallest, math.isqrt(record_count))
    left = record_count * (RARE_PAIRS_A_RECORD if rule.is_rare else PAIRS_A_RECORD)
    cap = largest
    for size, keys in sorted(histogram):
        left -= keys * count_pairs(size)
        if left < 0:
            cap = size - 1
            break
    return min(max(cap, smallest), largest)


def count_pairs(size: int) -> int:
    """Return the pairs among so many records."""
    return size * (size - 1) // 2


_SOURCE = """
  select unique_id, forename, forenames, forename_groups, surname, surnames, surname_groups, sex, postcodes, sector,
    uprns, nhs, upns, la_child, nino, birth_date, substring(birth_date, 1, 4) as birth_year,
    substring(birth_date, 6, 5) as day_of_year, substring(forename, 1, 1) as initial,
    substring(birth_date, 1, 4) || least(birth_date, coalesce(birth_date_swapped, birth_date))
      || greatest(birth_date, coalesce(birth_date_swapped, birth_date)) as birth
  from (
    select unique_id, forename, forenames, forename_groups, surname, surnames, surname_groups, sex, postcodes, sector,
      uprns, nhs, upns, la_child, nino, birth_date_swapped,
      case when coalesce(birth_doubt, '') <> 'placeholder' then birth_date end as birth_date
    from records
  ) as sound
"""
"""`birth` is the same text for a date and for the date with day and month changed over."""
_SIZES = "select rule, hash, count(*) as size from {0} group by rule, hash having count(*) > 1"
_PAIRS = """
  select distinct l.unique_id as left_id, r.unique_id as right_id
  from kept_key l join kept_key r on l.hash = r.hash and l.unique_id < r.unique_id
"""


def _keys(place: int, rule: Rule) -> str:
    source = "key_source"
    for alias, column in zip(("one", "other"), rule.lists, strict=False):
        source = f"(select *, br_entries({column}) as {alias} from {source})"
    select = "select distinct" if rule.lists else "select"  # two entries of a list may make one key
    return (
        f"{select} {place} as rule, br_digest({place}, value) as hash, unique_id"
        f" from (select unique_id, {rule.value} as value from {source} as entries) as valued where value is not null"
    )


def _kept(table: str, sizes: str, caps: list[int]) -> str:
    return (
        f"select k.rule, k.hash, k.unique_id from {table} k join {sizes} s on s.hash = k.hash"
        f" where s.size <= {_cap('s.rule', caps)}"
    )


def _read_sizes(engine: KeyEngine, rules: int) -> list[list[tuple[int, int]]]:
    found: list[list[tuple[int, int]]] = [[] for _ in range(rules)]
    for row in engine.rows("select rule, size, count(*) as keys from key_size group by rule, size"):
        found[row["rule"]].append((row["size"], row["keys"]))
    return found


def _divide(
    engine: KeyEngine, rules: tuple[Rule, ...], caps: list[int]
) -> tuple[list[tuple[str, str]], tuple[int, int, int]]:
    """Divide keys that are too large. Return tables of keys with their sizes; and of keys that are not of rare rules:
    how many were divided, how many are too large all the same, and how many pairs are lost."""
    parts = [("candidate_key", "key_size")]
    refined, _ = _count_wide(engine, "key_size", rules, caps)
    wide, lost = refined, 0
    for round_number, divider in enumerate(DIVIDERS):
        if not wide:
            break
        table, sizes = parts[-1]
        _, before = _count_wide(engine, sizes, rules, caps)
        engine.create(f"key_part_{round_number}", _parts(table, sizes, divider, rules, caps))
        parts.append((f"key_part_{round_number}", f"part_size_{round_number}"))
        engine.create(parts[-1][1], _SIZES.format(parts[-1][0]))
        lost += before - _count_all(engine, parts[-1][1])
        wide, _ = _count_wide(engine, parts[-1][1], rules, caps)
    left, left_pairs = _count_wide(engine, parts[-1][1], rules, caps)
    return parts, (refined, left, lost + left_pairs)


def _parts(table: str, sizes: str, divider: str, rules: tuple[Rule, ...], caps: list[int]) -> str:
    return f"""
      select k.rule, br_digest(k.hash, coalesce(r.{divider}, '')) as hash, k.unique_id
      from {table} k join {sizes} s on s.hash = k.hash join key_source r on r.unique_id = k.unique_id
      where s.size > {_cap("s.rule", caps)} and {_is_divided("s.rule", rules)}
    """


def _count_wide(engine: KeyEngine, sizes: str, rules: tuple[Rule, ...], caps: list[int]) -> tuple[int, int]:
    row = engine.rows(
        "select count(*) as keys, coalesce(sum(cast(size as double) * (size - 1) / 2), 0) as pairs"
        f" from {sizes} where size > {_cap('rule', caps)} and {_is_divided('rule', rules)}"
    )[0]
    return int(row["keys"]), int(row["pairs"])


def _count_all(engine: KeyEngine, sizes: str) -> int:
    rows = engine.rows(f"select coalesce(sum(cast(size as double) * (size - 1) / 2), 0) as pairs from {sizes}")
    return int(rows[0]["pairs"])


def _cap(rule: str, caps: Iterable[int]) -> str:
    return f"case {rule} {' '.join(f'when {place} then {cap}' for place, cap in enumerate(caps))} end"


def _is_divided(rule: str, rules: tuple[Rule, ...]) -> str:
    rare = [str(place) for place, one in enumerate(rules) if one.is_rare]
    return f"{rule} not in ({', '.join(rare)})" if rare else "true"
