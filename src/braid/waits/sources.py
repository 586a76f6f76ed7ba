"""Waits that several feeds of one organisation tell: one wait, with each of their records behind it.

The rule, and which source stands before which, is in `sources.toml`; a place says otherwise of a feed in `place.toml`.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources

import pyarrow as pa

from braid.store.engine import Engine
from braid.waits.model import CLOCK_PER_CASE, case_reference, case_reference_sql, quoted

Precedence = Mapping[str, int]
"""What a place says of single feeds: their place among the sources of a wait, the smaller the earlier."""

NOT_SAID: Precedence = {}


@cache
def standards_in_order() -> tuple[str, ...]:
    """Return the standards in the order in which they are believed of a wait that several tell."""
    document = tomllib.loads(resources.files("braid.waits").joinpath("sources.toml").read_text(encoding="utf-8"))
    return tuple(document["order"])


def place_of(feed: str, standard: str, said: Precedence = NOT_SAID) -> int:
    """Return the place of a feed among the sources of a wait: what the place said of it, else its standard's."""
    order = standards_in_order()
    return said.get(feed, order.index(standard) + 1 if standard in order else len(order) + 1)


def load_precedence(engine: Engine, said: Precedence) -> None:
    """Load `standard_precedence` and `feed_precedence`, which `precedence_sql` reads."""
    order = standards_in_order()
    for name, key, rows in (
        ("standard_precedence", "standard", {one: number for number, one in enumerate(order, 1)}),
        ("feed_precedence", "feed", dict(said)),
    ):
        columns = {key: pa.array(list(rows), pa.string()), "precedence": pa.array(list(rows.values()), pa.int64())}
        engine.load_arrow(name, pa.table(columns))


def precedence_sql(row: str) -> tuple[str, str]:
    """Return portable SQL of the place of a row's feed among the sources, and the joins that it needs."""
    last = len(standards_in_order()) + 1
    return f"coalesce(fp.precedence, sp.precedence, {last})", (
        f"left join feed_precedence fp on fp.feed = {row}.feed"
        f" left join standard_precedence sp on sp.standard = {row}.standard"
    )


def same_wait_sql(row: str) -> tuple[str, ...]:
    """Return portable SQL of what makes rows of several feeds one wait; a case without a name is its feed's own."""
    case = f"coalesce({case_reference_sql(f'{row}.episode_ref')}, concat('feed ', {row}.feed))"
    by_case = f"case when {row}.kind in ({quoted(CLOCK_PER_CASE)}) then {case} else '' end"
    return (f"{row}.person_id", f"{row}.organisation_id", f"{row}.kind", f"{row}.start_date", by_case)


def same_wait(row: Mapping[str, object]) -> tuple[object, ...]:
    """Return what `same_wait_sql` says of a row."""
    case = ""
    if row["kind"] in CLOCK_PER_CASE:
        case = f"feed {row['feed']}" if row["episode_ref"] is None else case_reference(str(row["episode_ref"]))
    return (row["person_id"], row["organisation_id"], row["kind"], row["start_date"], case)


def one_wait_of_several_sources() -> str:
    """Return the query of `wait_once` with its totals of stays, each wait once however many feeds tell it.

    Columns as `wait_once` has them, with counted_from_date and pauses. `case_record_id` stays that of the newest.
    """
    key = ", ".join(same_wait_sql("o"))
    newest = "o.as_of_date desc, o.precedence, o.record_id"
    counted = "coalesce(t.counted_from_date, o.start_date), o.as_of_date desc, o.precedence, o.record_id"
    return f"""
    select * from (
      select first_value(o.record_id) over (partition by {key} order by o.precedence, o.record_id) as record_id,
        o.person_record_id, o.person_id, o.feed, o.kind, o.episode_ref, o.case_record_id, o.organisation_id,
        o.priority, o.start_date, o.start_event, o.stop_date, o.extended_to_date, o.exception, o.as_of_date,
        first_value(t.counted_from_date) over (partition by {key} order by {counted}) as counted_from_date,
        first_value(t.pauses) over (partition by {key} order by {counted}) as pauses,
        max(o.sensitivity_rank) over (partition by {key}) as sensitivity_rank,
        row_number() over (partition by {key} order by {newest}) as place
      from wait_once o left join stay_total t on t.stay_record_id = o.record_id) told
    where place = 1"""


def count_told_again(engine: Engine, as_of: dt.date) -> dict[str, int]:
    """Return of each feed how many of its waits another feed of its organisation tells too; none are left out.

    Reads wait and person_link of the whole place.
    """
    engine.create("wait_shared", _SHARED)
    key = ", ".join(f"{part} as key{number}" for number, part in enumerate(same_wait_sql("w")))
    names = ", ".join(f"key{number}" for number in range(5))
    engine.create(
        "wait_told",
        f"""
        select distinct feed, {names} from (
          select w.feed, {key} from (
            select w.*, l.person_id from wait w join person_link l on l.person_record_id = w.person_record_id
            where w.start_date <= date '{as_of}' and (w.stop_date is null or w.stop_date >= w.start_date)) w
          join wait_shared s on s.organisation_id = w.organisation_id and s.kind = w.kind) told""",
    )
    rows = engine.rows(
        f"select feed, count(*) as n from (select feed, count(*) over (partition by {names}) as feeds from wait_told) t"
        " where feeds > 1 group by feed order by feed"
    )
    return {row["feed"]: int(row["n"]) for row in rows}


_SHARED = """
select organisation_id, kind from wait group by organisation_id, kind having min(feed) <> max(feed)"""
"""Kinds of wait that several feeds of an organisation tell: nothing else can be told twice."""
