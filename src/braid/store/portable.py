"""Portable SQL: one text for both engines, and a refusal of what would quietly differ between them.

Queries are written in DuckDB's dialect. `compile_sql` reads them, refuses every function that is not on the allow-list,
expands the `br_` macros for the engine, and renders the engine's own dialect. Measured differences that the list keeps
out: `date_diff('year')` counts boundaries on one engine and whole years on the other, `dayofweek` starts at 0 or 1.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import sqlglot
from sqlglot import exp

ENGINES = ("duckdb", "spark")

ALLOWED = frozenset(
    "abs and or any_value array_agg avg between case cast coalesce concat concat_ws count count_if dense_rank"
    " date_trunc exists first_value floor greatest group_concat if in is lag last_value lead least left length lower"
    " lpad max median min not nullif rank regexp_replace replace right round row_number split_part sqrt substring sum"
    " translate trim upper try_cast current_date exp ln log power ceil sign starts_with string_agg".split()
)
"""SQL functions that give the same rows on both engines."""

_YEARS_LIVED = (
    "cast(year({1}) - year({0}) - case when month({1}) * 100 + day({1}) < month({0}) * 100 + day({0})"
    " then 1 else 0 end as int)"
)
# Family Law Reform Act 1969 s.9: an age is reached when its anniversary begins. 29 February has none in a common year,
# and both engines' own functions put it on the 28th; until 1 March the year is not lived through.

_LISTED = "transform(array_sort(collect_list(named_struct('at', {1}, 'entry', {0}))), held -> held.entry)"

MACROS: dict[str, dict[str, str]] = {
    "br_days": {"duckdb": "date_diff('day', {0}, {1})", "spark": "datediff({1}, {0})"},
    "br_age": {"duckdb": _YEARS_LIVED, "spark": _YEARS_LIVED},
    "br_quantile": {"duckdb": "quantile_cont({0}, {1})", "spark": "percentile({0}, {1})"},
    "br_add_days": {"duckdb": "cast({0} + cast({1} as integer) as date)", "spark": "date_add({0}, {1})"},
    "br_year": {"duckdb": "extract(year from {0})", "spark": "year({0})"},
    "br_month": {"duckdb": "extract(month from {0})", "spark": "month({0})"},
    "br_day": {"duckdb": "extract(day from {0})", "spark": "day({0})"},
    "br_contains": {"duckdb": "contains({0}, {1})", "spark": "contains({0}, {1})"},
    "br_list": {"duckdb": "list({0} order by {1})", "spark": _LISTED},
    "br_entries": {"duckdb": "unnest({0})", "spark": "explode({0})"},
    "br_first_filled": {
        "duckdb": "arg_min({0}, {1})",
        "spark": "min_by({0}, case when {0} is not null then {1} end)",
    },
    "br_first": {"duckdb": "{0}[1]", "spark": "get({0}, 0)"},
    "br_matches": {"duckdb": "regexp_matches({0}, {1})", "spark": "regexp_like({0}, {1})"},
    "br_digest": {"duckdb": "cast(hash({*}, {~*}) >> 1 as bigint)", "spark": "xxhash64(to_json(struct({*})))"},
    "br_bucket": {"duckdb": "cast(hash({*}) >> 1 as bigint)", "spark": "xxhash64(to_json(struct({*})))"},
    "br_hash": {"duckdb": "sha256({0})", "spark": "sha2({0}, 256)"},
}
"""Our own functions, per engine. `{0}`, `{1}` are the arguments, `{*}` is all of them, `{~*}` each as text moved on by
one byte.

`br_digest` tells within one engine and one session whether rows are alike; its value means nothing anywhere else.
DuckDB 2.0 hashes eight bytes at a time, and two texts that differ by the same in the last byte of two of these may have
one hash. Moved on by one byte they do not differ so. `br_bucket` is cheaper, for where two values may have one number:
whoever asks looks at more than there is.
"""


class NotPortable(Exception):
    """The query uses something that the two engines do not agree on."""


@lru_cache(maxsize=1024)
def compile_sql(sql: str, engine: str) -> str:
    """Return `sql` (DuckDB dialect with `br_` macros) in the dialect of `engine`.

    Raises `NotPortable` naming every function outside the allow-list.
    """
    if engine not in ENGINES:
        raise ValueError(f"no engine {engine!r}; there are {', '.join(ENGINES)}")
    tree: Any = sqlglot.parse_one(sql, read="duckdb")
    refused = sorted({_name(node) for node in tree.find_all(exp.Func) if not _allowed(node)})
    if refused:
        allowed = ", ".join(sorted(ALLOWED | MACROS.keys()))
        raise NotPortable(f"not portable: {', '.join(refused)}; allowed are {allowed}")
    if "br_" in sql.lower():  # to copy a tree costs as much as to read it
        tree = tree.transform(lambda node: _expand(node, engine), copy=False)
    rendered: str = tree.sql(dialect=engine)
    return rendered


def _name(node: Any) -> str:
    return str(node.name if isinstance(node, exp.Anonymous) else node.sql_name()).lower()


def _allowed(node: Any) -> bool:
    name = _name(node)
    return name in ALLOWED or name in MACROS or isinstance(node, exp.Connector | exp.Cast | exp.Case)


def _expand(node: Any, engine: str) -> Any:
    """Replace a macro by what it means on `engine`, innermost first."""
    if not (isinstance(node, exp.Anonymous) and node.name.lower() in MACROS):
        return node
    arguments = [
        argument.transform(lambda inner: _expand(inner, engine)).sql(dialect=engine) for argument in node.expressions
    ]
    meant = MACROS[node.name.lower()][engine].replace("{*}", ", ".join(arguments))
    meant = meant.replace("{~*}", ", ".join(f"concat('~', {argument})" for argument in arguments))
    return sqlglot.parse_one(meant.format(*arguments) if "{0}" in meant else meant, read=engine)
