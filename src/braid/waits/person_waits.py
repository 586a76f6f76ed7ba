"""From asserted waits to the clocks of persons: each clock once, the trial of a victim's case, and the reckoning."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pyarrow as pa

from braid.language.calendars import Calendar
from braid.language.clock_model import Reckoning
from braid.language.clocks import reckon
from braid.language.codes import WAIT_KINDS
from braid.store.engine import Engine
from braid.waits.model import (
    CLOCK_PER_CASE,
    RECURRING,
    case_reference_sql,
    code_sql,
    quoted,
    rank_sql,
    sensitivity_rank,
    stated_extensions,
)
from braid.waits.sources import NOT_SAID, Precedence, load_precedence, one_wait_of_several_sources, precedence_sql
from braid.waits.stay_totals import create_stay_total, explain_total, stated_pauses

_COLUMNS = """record_id, person_record_id, person_id, feed, kind, episode_ref, case_record_id, organisation_id,
 priority, start_date, start_event, stop_date, extended_to_date, exception, as_of_date"""
_TOLD = f"{_COLUMNS}, precedence"

_KEEP_FIRST = "start_date, case when stop_date is null then 1 else 0 end, stop_date, record_id"
"""Of repeated assertions the earliest start is kept; at the same start the one that says it ended."""


def create_person_wait(engine: Engine, calendar: Calendar, as_of: dt.date, precedence: Precedence = NOT_SAID) -> None:
    """Create `person_wait` from wait, episode and person_link, as seen on `as_of`.

    `precedence` is what the place says of its feeds, where several tell one wait (`braid.waits.sources`).

    A wait that begins later, ends before it begins, is of an unknown kind or belongs to no person is left out (see
    `count_waits`). A stop after the as-of date has not happened yet: the wait runs.
    """
    create_distinct_waits(engine, as_of, precedence)
    engine.load_arrow("wait_reckoned", _reckon_all(engine, calendar, as_of))
    engine.create("person_wait", _person_wait(as_of))


def create_distinct_waits(engine: Engine, as_of: dt.date, precedence: Precedence = NOT_SAID) -> None:
    """Create `wait_distinct`, each clock once and not yet reckoned, and the tables that `count_waits` counts."""
    engine.load_arrow("wait_kind_known", _known_kinds())
    load_precedence(engine, precedence)
    engine.create("wait_asserted", _asserted(as_of))
    engine.create("wait_by_start", _each_start_once())
    engine.create("wait_once", _each_case_from_one_record())
    create_stay_total(engine)
    engine.create("wait_told_once", one_wait_of_several_sources())
    engine.create("wait_victim_case", VICTIM_CASES)
    engine.create("wait_inherited", _INHERITED)
    engine.create("wait_distinct", _DISTINCT)


def count_waits(engine: Engine, as_of: dt.date) -> dict[str, int]:
    """Return the counts of `WaitSummary`, once `wait_distinct` exists."""
    read = engine.rows(_read_counts(as_of))[0]
    tables = ("wait_asserted", "wait_once", "wait_told_once", "wait_inherited")
    kept = {name: engine.rows(f"select count(*) as n from {name}")[0]["n"] for name in tables}
    alone = engine.rows(
        "select count(*) as n from wait_victim_case v where not exists (select 1 from wait_told_once w"
        f" where w.kind = 'crown_trial' and {case_reference_sql('w.episode_ref')} = v.case_ref)"
    )[0]["n"]
    return {
        **{name: int(count or 0) for name, count in read.items()},
        "repeated": kept["wait_asserted"] - kept["wait_once"],
        "told_again": kept["wait_once"] - kept["wait_told_once"],
        "inherited": kept["wait_inherited"],
        "victims_without_case": alone,
    }


def _known_kinds() -> pa.Table:
    kinds = list(WAIT_KINDS.values())
    return pa.table(
        {
            "kind": [kind.code for kind in kinds],
            "backlog": [kind.backlog for kind in kinds],
            "kind_rank": pa.array([sensitivity_rank(kind.sensitivity) for kind in kinds], pa.int64()),
        }
    )


def _countable(day: dt.date) -> str:
    return f"w.start_date <= date '{day}' and (w.stop_date is null or w.stop_date >= w.start_date)"


def _asserted(as_of: dt.date) -> str:
    precedence, joins = precedence_sql("w")
    return f"""
    select w.record_id, w.person_record_id, l.person_id, w.feed, w.kind, w.episode_ref,
      w.record_id as case_record_id, w.organisation_id, w.priority, w.start_date, w.start_event,
      case when w.stop_date <= date '{as_of}' then w.stop_date end as stop_date, w.extended_to_date,
      case when w.extended_to_date is null then w.exception end as exception,
      coalesce(w.as_of_date, date '{as_of}') as as_of_date,
      {precedence} as precedence, greatest(k.kind_rank, {rank_sql("w.sensitivity")}) as sensitivity_rank
    from wait w {joins}
    join person_link l on l.person_record_id = w.person_record_id
    join wait_kind_known k on k.kind = w.kind
    where {_countable(as_of)}"""


_SAME_START = f"""person_id, feed, kind, start_date,
 case when kind in ({quoted(CLOCK_PER_CASE)}) then coalesce(episode_ref, '') else '' end"""
_SAME_CASE = f"""person_id, feed, kind,
 case when episode_ref is null or kind in ({quoted(RECURRING)}) then concat('record ', record_id)
 else concat('case ', episode_ref) end"""


def _each_start_once() -> str:
    return f"""
    select {_TOLD}, sensitivity_rank from (
      select {_TOLD}, max(sensitivity_rank) over (partition by {_SAME_START}) as sensitivity_rank,
        row_number() over (partition by {_SAME_START} order by {_KEEP_FIRST}) as place
      from wait_asserted) ranked
    where place = 1"""


def _each_case_from_one_record() -> str:
    """Keep the clocks of a case that its first record asserts: another record of the person repeats them."""
    return f"""
    select {_TOLD}, sensitivity_rank from (
      select {_TOLD}, max(sensitivity_rank) over (partition by {_SAME_CASE}) as sensitivity_rank,
        first_value(person_record_id) over (partition by {_SAME_CASE} order by {_KEEP_FIRST}) as first_record_id
      from wait_by_start) ranked
    where person_record_id = first_record_id"""


VICTIM_CASES = f"""
select l.person_id, {case_reference_sql("e.episode_ref")} as case_ref, min(e.record_id) as referral_id
from episode e join person_link l on l.person_record_id = e.person_record_id
where e.kind = 'criminal_case' and e.role = 'victim' and e.episode_ref is not null
group by l.person_id, {case_reference_sql("e.episode_ref")}"""

_INHERITED = f"""
with trial as (
  select {_COLUMNS}, {case_reference_sql("episode_ref")} as case_ref from wait_told_once
  where kind = 'crown_trial' and episode_ref is not null),
ended as (
  select case_ref, case when count(stop_date) = count(*) then max(stop_date) end as stop_date
  from trial group by case_ref),
first as (
  select * from (
    select trial.*, row_number() over (partition by case_ref order by start_date, record_id) as place from trial
  ) ranked where place = 1)
select substring(br_hash(concat(f.record_id, '|', v.referral_id)), 1, 20) as record_id, f.person_record_id,
  v.person_id, f.feed, f.kind, f.case_ref as episode_ref, v.referral_id as case_record_id,
  f.organisation_id, f.priority, f.start_date,
  'trial of the case the referral names' as start_event, e.stop_date, f.extended_to_date, f.exception, f.as_of_date,
  {sensitivity_rank("safe_address")} as sensitivity_rank
from wait_victim_case v join first f on f.case_ref = v.case_ref join ended e on e.case_ref = v.case_ref"""

_DISTINCT = f"""
select {_COLUMNS}, counted_from_date, pauses, sensitivity_rank from wait_told_once
union all select {_COLUMNS}, cast(null as date) as counted_from_date, cast(null as varchar) as pauses, sensitivity_rank
from wait_inherited"""

_CLOCK_KEY = ("kind", "start_date", "stop_date", "extended_to_date", "exception", "counted_from_date", "pauses")


def _reckon_all(engine: Engine, calendar: Calendar, as_of: dt.date) -> pa.Table:
    """Reckon each distinct clock once: a million waits share far fewer starts and stops."""
    keys = engine.rows(f"select distinct {', '.join(_CLOCK_KEY)} from wait_distinct")
    reckonings = [_reckon(key, calendar, as_of) for key in keys]
    day, text = pa.date32(), pa.string()
    return pa.table(
        {
            **{name: pa.array([key[name] for key in keys], _key_type(name)) for name in _CLOCK_KEY},
            "due_date": pa.array([found.due_date for found in reckonings], day),
            "due_date_other": pa.array([found.due_date_other for found in reckonings], day),
            "days_left": pa.array([found.days_left for found in reckonings], pa.int64()),
            "clock": pa.array([found.clock for found in reckonings], text),
            "rule_id": pa.array([found.rule_id for found in reckonings], text),
            "rule_version": pa.array([found.rule_version for found in reckonings], text),
            "explanation": pa.array([found.explanation for found in reckonings], text),
        }
    )


def _key_type(name: str) -> pa.DataType:
    return pa.date32() if name.endswith("_date") else pa.string()


def _reckon(key: dict[str, Any], calendar: Calendar, as_of: dt.date) -> Reckoning:
    found = reckon(
        key["kind"],
        key["counted_from_date"] or key["start_date"],
        as_of,
        calendar,
        stop=key["stop_date"],
        extensions=stated_extensions(key["extended_to_date"]),
        pauses=stated_pauses(key["pauses"]),
        exception=key["exception"],
    )
    return explain_total(found, key["counted_from_date"])


def _person_wait(as_of: dt.date) -> str:
    same_clock = " and ".join(
        f"coalesce(cast(d.{name} as varchar), '') = coalesce(cast(r.{name} as varchar), '')" for name in _CLOCK_KEY[2:]
    )
    return f"""
    select d.record_id as wait_id, d.person_id, d.kind, k.backlog, d.feed, d.case_record_id, d.organisation_id,
      d.priority, d.start_date, d.start_event, d.stop_date, d.extended_to_date, d.exception,
      d.counted_from_date, d.pauses,
      br_days(d.start_date, coalesce(d.stop_date, date '{as_of}')) as elapsed_days,
      r.due_date, r.due_date_other, r.days_left, r.clock, r.rule_id, r.rule_version, r.explanation, d.as_of_date,
      {code_sql("d.sensitivity_rank")} as sensitivity
    from wait_distinct d
    join wait_kind_known k on k.kind = d.kind
    join wait_reckoned r on r.kind = d.kind and r.start_date = d.start_date and {same_clock}"""


def _read_counts(as_of: dt.date) -> str:
    linked_known = "l.person_record_id is not null and k.kind is not null"
    late = f"w.start_date > date '{as_of}'"
    return f"""
    select count(*) as waits_read,
      sum(case when l.person_record_id is null then 1 else 0 end) as unlinked,
      sum(case when l.person_record_id is not null and k.kind is null then 1 else 0 end) as unknown_kind,
      sum(case when {linked_known} and {late} then 1 else 0 end) as begins_later,
      sum(case when {linked_known} and not {late} and w.stop_date < w.start_date then 1 else 0 end)
        as ended_before_start
    from wait w
    left join person_link l on l.person_record_id = w.person_record_id
    left join wait_kind_known k on k.kind = w.kind"""
