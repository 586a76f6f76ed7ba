"""Which pairs of records are compared: those that share a key.

Every record has keys by rules such as "surname and birth date". They stand in one index, `candidate_key` (rule, hash,
record), which is made in one pass and joined to itself once, so that a pair is found once however many rules find it.
A key that too many records share says little. How many are too many the sizes of a rule's own keys tell, or the rule
itself; a larger key of a place is divided by year of birth, sex, sector and initial until its parts are small enough,
and the pairs that this sets apart are counted. Queries are portable SQL over `records`, a linkage table with a whole
number `unique_id`: that of a place, or of brought tables (`braid.people.files.design`).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True)
class Rule:
    """A way to find pairs: records with an equal `value` (SQL, a text or NULL) are compared.

    `lists` names columns that hold several texts; `value` calls an entry of the first `one`, of the second `other`.
    `wanted` is a condition that at least one of the two records must meet. `pairs_a_record` is how many pairs the rule
    may propose for each record of the place: its largest keys, beyond that, are divided. A rare rule is one of values
    that few records share: its large keys are no keys of it, and nothing of it is lost. `cap` says how many records may
    share a key of a rule that is not to learn it from the sizes of its keys.
    """

    name: str
    value: str
    lists: tuple[str, ...] = ()
    wanted: str = "true"
    pairs_a_record: float = 1.0
    is_rare: bool = False
    cap: int | None = None


@dataclass(frozen=True)
class KeyPlan:
    """How the pairs of a kind of linkage table are found.

    `source` is a query of `records` with `unique_id` and all that the rules and the `dividers` name.
    """

    source: str
    rules: tuple[Rule, ...]
    dividers: tuple[str, ...] = ()


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
_INITIALS = f"least({_FIRST}, {_LAST}) || greatest({_FIRST}, {_LAST})"
_SORTED_NAMES = "least(forename, surname) || '|' || greatest(forename, surname)"
_YEAR, _MONTH = "birth_year", "substring(birth_date, 1, 7)"
_UNDATED = "birth_date is null or birth_vague"

RULES = (
    Rule("nhs", "nhs"),
    Rule("upn", "one", ("upns",)),
    Rule("la_child", "la_child"),
    Rule("nino", "nino"),
    Rule("birth_place", "one || '|' || birth", ("postcodes",)),
    Rule("birth_surname", "one || '|' || birth", ("surname_groups",)),
    Rule("birth_forename", "one || '|' || birth", ("forename_groups",)),
    Rule("birth_initials", f"{_INITIALS} || birth"),
    Rule(
        "names_year",
        f"one || '|' || other || '|' || {_YEAR}",
        ("forename_groups", "surname_groups"),
        pairs_a_record=0.5,
    ),
    Rule("names_day", "one || '|' || other || '|' || day_of_year", ("forename_groups", "surname_groups")),
    Rule("swapped_names", f"{_SORTED_NAMES} || '|' || {_YEAR}", pairs_a_record=0.5),
    Rule("place_forename", "one || '|' || other", ("postcodes", "forename_groups")),
    Rule("place_surname", f"one || '|' || other || '|' || {_FIRST}", ("postcodes", "surname_groups")),
    Rule("property_forename", "one || '|' || other", ("uprns", "forename_groups")),
    Rule("month_surname", f"one || '|' || {_FIRST} || '|' || {_MONTH}", ("surname_groups",)),
    Rule("undated_names", "one || '|' || other", ("forename_groups", "surname_groups"), _UNDATED),
    Rule("undated_surname", "one || '|' || sector", ("surname_groups",), _UNDATED),
    Rule("undated_place", f"one || '|' || {_INITIALS}", ("postcodes",), _UNDATED),
    Rule("rare_birth", "case when forename is not null then birth end", pairs_a_record=0.1, is_rare=True),
    Rule("rare_forename", "one", ("forenames",), _UNDATED, pairs_a_record=0.1, is_rare=True),
    Rule("rare_surname", "one", ("surnames",), _UNDATED, pairs_a_record=0.1, is_rare=True),
)
"""A pair is compared once, however many rules find it. Most rules are narrow. What they miss is found by rules of rare
values, and of records without dates, which give way by themselves as a place grows. Records without a name are compared
where they share a number, or birth and place: what birth date and sex alone say joins nobody."""

DIVIDERS = ("birth_year", "sex", "sector", "initial")
"""What a large key is divided by, one after the other. Records that lack one stay together."""
SMALLEST_CAP = 40
"""A key of so few records is never too large, however small the place."""
Histogram = Iterable[tuple[int, int]]
"""Sizes of the keys of one rule, and how many pairs all keys of that size propose."""


def make_candidates(
    engine: KeyEngine, record_count: int, plan: KeyPlan, caps: Mapping[str, int] | None = None
) -> KeyCounts:
    """Create `candidate_pair` (`left_id` < `right_id`, each pair once) from `records`.

    Returns what became of the keys. `caps` say by rule how many records may share a key (default: `find_cap`).
    """
    engine.create("key_source", plan.source)
    engine.create("candidate_key", _every_key(plan.rules))
    counts = _pair(engine, record_count, plan, caps)
    engine.forget("key_source")
    return counts


def _every_key(rules: Sequence[Rule], **among: str) -> str:
    return " union all ".join(_keys(place, rule, **among) for place, rule in enumerate(rules))


def _pair(engine: KeyEngine, record_count: int, plan: KeyPlan, said: Mapping[str, int] | None) -> KeyCounts:
    """Create `candidate_pair` from `candidate_key` and `key_source`; return what became of the keys."""
    rules = plan.rules
    engine.create("key_size", _SIZES.format("candidate_key"))
    if said is None:
        sizes = _read_sizes(engine, len(rules))
        caps = [find_cap(rule, histogram, record_count) for rule, histogram in zip(rules, sizes, strict=True)]
    else:
        caps = [said[rule.name] for rule in rules]
    parts, counts = _divide(engine, plan, caps)
    engine.create("kept_key", " union all ".join(_kept(table, size, caps) for table, size in parts))
    engine.create("candidate_pair", _PAIRS)
    entries = int(engine.rows("select count(*) as found from candidate_key")[0]["found"])
    for name in ("kept_key", *(name for part in parts for name in part)):
        engine.forget(name)
    return KeyCounts(entries, *counts, {rule.name: cap for rule, cap in zip(rules, caps, strict=True)})


def renew_candidates(engine: KeyEngine, plan: KeyPlan, earlier: KeyCounts) -> KeyCounts:
    """Create the `candidate_pair` that `make_candidates` would by the caps of `earlier`, from what changed.

    `records` are those of now. `records_then` are the rows that changed ones had, with a number below zero each;
    `changed_record` are the numbers that they have now, new ones among them. `candidate_then` are the earlier pairs of
    two records that did not change, by their numbers of now. `earlier` is what was counted then.

    A pair of two such records comes or goes only by a key that a changed record has or had: with it the key may have
    become too large, or be so no longer. All keys of a changed record are made again, with whoever shares them, once as
    they are and once as they were. A pair that none of these finds any more may have another key: it is asked for all
    keys that its two records share.
    """
    then = plan.source.replace("from records", "from records_then")
    engine.create("key_source", f"select * from ({plan.source}) as now union all select * from ({then}) as old")
    engine.create(
        "changed_source",
        "select k.* from key_source k where k.unique_id < 0"
        " or exists (select 1 from changed_record c where c.unique_id = k.unique_id)",
    )
    engine.create("asked_value", f"select distinct rule, value from ({_every_value(plan.rules)}) as told")
    engine.create("touched_key", _every_key(plan.rules, asked="asked_value"))
    stands = "not exists (select 1 from changed_record c where c.unique_id = k.unique_id)"
    counts, pairs = [], (("pair_now", "k.unique_id >= 0"), ("pair_then", stands))
    for name, condition in pairs:
        engine.create("candidate_key", f"select * from touched_key k where {condition}")
        counts.append(_pair(engine, 0, plan, earlier.caps))
        engine.create(name, "select * from candidate_pair where left_id >= 0")
    engine.create("pair_gone", _GONE)
    _restore(engine, plan, earlier)
    engine.create("candidate_pair", _RENEWED)
    for name in ("key_source", "changed_source", "asked_value", "touched_key", "pair_now", "pair_then", "pair_gone"):
        engine.forget(name)
    now, was = counts
    return KeyCounts(
        earlier.keys - was.keys + now.keys,
        earlier.keys_refined - was.keys_refined + now.keys_refined,
        earlier.keys_over_cap - was.keys_over_cap + now.keys_over_cap,
        earlier.pairs_lost - was.pairs_lost + now.pairs_lost,
        earlier.caps,
    )


def _restore(engine: KeyEngine, plan: KeyPlan, earlier: KeyCounts) -> None:
    """Take out of `pair_gone` what keys find that no changed record has or had."""
    engine.create(
        "changed_source",
        "select k.* from key_source k join ("
        "select left_id as unique_id from pair_gone union select right_id from pair_gone) as g"
        " on g.unique_id = k.unique_id",
    )
    engine.create("shared_value", _every_value(plan.rules))
    engine.create(
        "asked_value",
        "select distinct l.rule, l.value from pair_gone g join shared_value l on l.unique_id = g.left_id"
        " join shared_value r on r.unique_id = g.right_id and r.rule = l.rule and r.value = l.value"
        " where not exists (select 1 from asked_value a where a.rule = l.rule and a.value = l.value)",
    )
    if engine.rows("select count(*) as found from asked_value")[0]["found"]:
        engine.create(
            "candidate_key",
            f"select * from ({_every_key(plan.rules, asked='asked_value')}) as k where k.unique_id >= 0",
        )
        _pair(engine, 0, plan, earlier.caps)
        engine.create("pair_gone", _STILL_GONE)
    engine.forget("shared_value")


_GONE = """
  select t.left_id, t.right_id from pair_then t
  where not exists (select 1 from pair_now n where n.left_id = t.left_id and n.right_id = t.right_id)
"""
_STILL_GONE = """
  select g.left_id, g.right_id from pair_gone g
  where not exists (select 1 from candidate_pair p where p.left_id = g.left_id and p.right_id = g.right_id)
"""
_RENEWED = """
  select left_id, right_id from pair_now
  union
  select t.left_id, t.right_id from candidate_then t
  where not exists (select 1 from pair_gone g where g.left_id = t.left_id and g.right_id = t.right_id)
"""


def find_cap(rule: Rule, histogram: Histogram, record_count: int) -> int:
    """Return how many records may share a key of a rule.

    So many that all keys up to that size together propose no more pairs than the rule may, at most the square root of
    the number of records: then even if every key were as large, pairs would grow no faster than records to the power
    of one and a half. Never fewer than `SMALLEST_CAP`, or two for a rare rule. A rule that says its cap has that one.
    """
    if rule.cap is not None:
        return rule.cap
    smallest = 2 if rule.is_rare else SMALLEST_CAP
    largest = max(smallest, math.isqrt(record_count))
    left = record_count * rule.pairs_a_record
    cap = largest
    for size, pairs in sorted(histogram):
        left -= pairs
        if left < 0:
            cap = size - 1
            break
    return min(max(cap, smallest), largest)


_SOURCE = """
  select unique_id, forename, forenames, forename_groups, surname, surnames, surname_groups, sex, postcodes, sector,
    uprns, nhs, upns, la_child, nino, birth_date, birth_vague, substring(birth_date, 1, 4) as birth_year,
    substring(birth_date, 6, 5) as day_of_year, substring(forename, 1, 1) as initial,
    substring(birth_date, 1, 4) || least(birth_date, coalesce(birth_date_swapped, birth_date))
      || greatest(birth_date, coalesce(birth_date_swapped, birth_date)) as birth
  from (
    select unique_id, forename, forenames, forename_groups, surname, surnames, surname_groups, sex, postcodes, sector,
      uprns, nhs, upns, la_child, nino, birth_date_swapped, birth_vague,
      case when coalesce(birth_doubt, '') <> 'placeholder' then birth_date end as birth_date
    from records
  ) as sound
"""
"""`birth` is the same text for a date and for the date with day and month changed over."""
PLACE_KEYS = KeyPlan(_SOURCE, RULES, DIVIDERS)
"""How the pairs of a place are found."""
_SIZES = """
  select rule, hash, size,
    cast((size * cast(size - 1 as double) - (size - wanted) * cast(size - wanted - 1 as double)) / 2 as bigint) as pairs
  from (
    select rule, hash, count(*) as size, count_if(is_wanted) as wanted from {0} group by rule, hash having count(*) > 1
  ) as counted
"""
_PAIRS = """
  select distinct l.unique_id as left_id, r.unique_id as right_id
  from kept_key l join kept_key r on l.hash = r.hash and l.unique_id < r.unique_id
  where l.is_wanted or r.is_wanted
"""


def _keys(place: int, rule: Rule, asked: str = "") -> str:
    """Return a query of the keys of a rule over `key_source`; with `asked`, of those alone whose rule and value it
    holds."""
    select = "select distinct" if rule.lists else "select"  # two entries of a list may make one key
    digest = f"br_digest({place}, v.value)"
    join = f" join {asked} a on a.rule = {place} and a.value = v.value" if asked else ""
    return (
        f"{select} {place} as rule, {digest} as hash, v.unique_id, v.is_wanted"
        f" from ({_values(rule, 'key_source')}) as v{join} where v.value is not null"
    )


def _values(rule: Rule, source: str) -> str:
    """Return a query of the values of a rule, by record, over `source`; some are null."""
    for alias, column in zip(("one", "other"), rule.lists, strict=False):
        source = f"(select *, br_entries({column}) as {alias} from {source})"
    return (
        f"select unique_id, coalesce({rule.wanted}, false) as is_wanted, {rule.value} as value from {source} as entries"
    )


def _every_value(rules: Sequence[Rule]) -> str:
    return " union all ".join(
        f"select {place} as rule, v.value, v.unique_id from ({_values(rule, 'changed_source')}) as v"
        " where v.value is not null"
        for place, rule in enumerate(rules)
    )


def _kept(table: str, sizes: str, caps: list[int]) -> str:
    return (
        f"select k.rule, k.hash, k.unique_id, k.is_wanted from {table} k join {sizes} s on s.hash = k.hash"
        f" where s.size <= {_cap('s.rule', caps)}"
    )


def _read_sizes(engine: KeyEngine, rules: int) -> list[list[tuple[int, int]]]:
    found: list[list[tuple[int, int]]] = [[] for _ in range(rules)]
    for row in engine.rows("select rule, size, sum(pairs) as pairs from key_size group by rule, size"):
        found[row["rule"]].append((row["size"], int(row["pairs"])))
    return found


def _divide(engine: KeyEngine, plan: KeyPlan, caps: list[int]) -> tuple[list[tuple[str, str]], tuple[int, int, int]]:
    """Divide keys that are too large. Return tables of keys with their sizes; and of keys that are not of rare rules:
    how many were divided, how many are too large all the same, and how many pairs are lost."""
    rules = plan.rules
    parts = [("candidate_key", "key_size")]
    wide, _ = _count_wide(engine, "key_size", rules, caps)
    refined, lost = wide if plan.dividers else 0, 0
    for round_number, divider in enumerate(plan.dividers):
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
      select k.rule, br_digest(k.hash, coalesce(r.{divider}, '')) as hash, k.unique_id, k.is_wanted
      from {table} k join {sizes} s on s.hash = k.hash join key_source r on r.unique_id = k.unique_id
      where s.size > {_cap("s.rule", caps)} and {_is_divided("s.rule", rules)}
    """


def _count_wide(engine: KeyEngine, sizes: str, rules: tuple[Rule, ...], caps: list[int]) -> tuple[int, int]:
    row = engine.rows(
        "select count(*) as keys, coalesce(sum(pairs), 0) as pairs"
        f" from {sizes} where size > {_cap('rule', caps)} and {_is_divided('rule', rules)}"
    )[0]
    return int(row["keys"]), int(row["pairs"])


def _count_all(engine: KeyEngine, sizes: str) -> int:
    return int(engine.rows(f"select coalesce(sum(pairs), 0) as pairs from {sizes}")[0]["pairs"])


def _cap(rule: str, caps: Sequence[int]) -> str:
    return f"case {rule} {' '.join(f'when {place} then {cap}' for place, cap in enumerate(caps))} end"


def _is_divided(rule: str, rules: tuple[Rule, ...]) -> str:
    rare = [str(place) for place, one in enumerate(rules) if one.is_rare]
    return f"{rule} not in ({', '.join(rare)})" if rare else "true"
