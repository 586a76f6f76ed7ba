"""The rows of the run before that still hold, moved to the new as-of date.

Of whoever a night does not touch, only what the days alone move is otherwise: a wait that runs has waited longer, a
limit is nearer or further past, an extract that came again bears its new date. Each of these is a sum or a date here,
and never a decision: who would be decided about anew is touched.
"""

from __future__ import annotations

import datetime as dt

from braid.store.engine import Engine
from braid.waits.delta.changes import EARLIER, SOURCES
from braid.waits.delta.people import Night
from braid.waits.tallies import overlap_tally_sql

TOUCHED_ROWS = "touched_"
"""Prefix of the tables that hold what was reckoned anew for the people whom the night touches."""

_UNTOUCHED = "not exists (select 1 from touched_person x where x.person_id = t.person_id)"


def create_service_moves(engine: Engine, standard_services: str, feed_services: str) -> None:
    """Create `service_move` and `ambiguous_person`: how the extract date of an involvement moves.

    `service_move`: organisation_id, service, from_date, to_date. Several feeds may stand behind one service, and an
    involvement bears the newest of their dates. It moves with them where the feeds agree on which date became which
    and none overtook another; otherwise everybody the service knows is reckoned anew. The arguments name the tables of
    what a standard and a feed are called.
    """
    feeds = " union ".join(f"select organisation_id, feed, standard from {name}" for name in SOURCES[:4])
    engine.create(
        "service_feed",
        f"""
        select distinct t.organisation_id, coalesce(f.service, s.service, t.standard) as service, t.feed
        from ({feeds}) t left join {feed_services} f on f.feed = t.feed
        left join {standard_services} s on s.standard = t.standard""",
    )
    engine.create(
        "service_feed_move",
        """
        select s.organisation_id, s.service, s.feed, m.from_date, m.to_date
        from service_feed s left join feed_move m on m.feed = s.feed""",
    )
    engine.create("ambiguous_service", _AMBIGUOUS)
    engine.create(
        "service_move",
        """
        select distinct organisation_id, service, from_date, to_date from service_feed_move m
        where from_date is not null and not exists (
          select 1 from ambiguous_service a where a.organisation_id = m.organisation_id and a.service = m.service)""",
    )
    engine.create(
        "ambiguous_person",
        f"""
        select distinct i.person_id from {EARLIER}involvement i
        join ambiguous_service a on a.organisation_id = i.organisation_id and a.service = i.service""",
    )


_AMBIGUOUS = """
select distinct a.organisation_id, a.service
from service_feed_move a join service_feed_move b on b.organisation_id = a.organisation_id and b.service = a.service
where (a.from_date <= b.from_date and a.to_date > b.to_date)
  or (a.from_date is null and b.to_date <> b.from_date)"""
"""Feeds that disagree on a date, of which one overtook another, or of which one has many dates while another moved."""


def person_wait_sql(night: Night) -> str:
    """Return the query of `person_wait`."""
    return f"""
    select t.wait_id, t.person_id, t.kind, t.backlog, t.feed, t.case_record_id, t.organisation_id, t.priority,
      t.start_date, t.start_event, t.stop_date, t.extended_to_date, t.exception, t.counted_from_date, t.pauses,
      t.elapsed_days + case when t.stop_date is null then {night.days} else 0 end as elapsed_days,
      t.due_date, t.due_date_other, t.days_left - {night.days} as days_left, t.clock, t.rule_id, t.rule_version,
      t.explanation, coalesce(m.to_date, t.as_of_date) as as_of_date, t.sensitivity
    from {EARLIER}person_wait t left join feed_move m on m.feed = t.feed and m.from_date = t.as_of_date
    where {_UNTOUCHED}
    union all select * from {TOUCHED_ROWS}person_wait"""


def involvement_sql() -> str:
    """Return the query of `involvement`."""
    return f"""
    select t.person_id, t.organisation_id, t.service, t.since_date, t.last_date, t.worker, t.team,
      coalesce(m.to_date, t.as_of_date) as as_of_date, t.sensitivity
    from {EARLIER}involvement t left join service_move m on m.organisation_id = t.organisation_id
      and m.service = t.service and m.from_date = t.as_of_date
    where {_UNTOUCHED}
    union all select * from {TOUCHED_ROWS}involvement"""


def by_person_sql(name: str) -> str:
    """Return the query of a finding by person in which nothing moves with the days."""
    return f"select t.* from {EARLIER}{name} t where {_UNTOUCHED} union all select * from {TOUCHED_ROWS}{name}"


def multi_backlog_sql(night: Night) -> str:
    """Return the query of `multi_backlog`."""
    return f"""
    select t.person_id, t.district_code, t.backlogs, t.backlog_count, t.wait_count,
      t.longest_days + {night.days} as longest_days, t.total_days + {night.days} * t.wait_count as total_days,
      t.blocker_count
    from {EARLIER}multi_backlog t where {_UNTOUCHED}
    union all select * from {TOUCHED_ROWS}multi_backlog"""


def person_path_sql(night: Night) -> str:
    """Return the query of `person_path`. All on a path are waits but perhaps what it begins with."""
    waits = "t.steps + case when t.begin_holder_type = 'wait' then 1 else 0 end"
    return f"""
    select t.person_id, t.held_waits, t.end_wait_id, t.steps, t.path_days + {night.days} * ({waits}) as path_days,
      t.path_waits_over, t.path_days_over + {night.days} * t.path_waits_over as path_days_over,
      t.stands_days - {night.days} as stands_days, t.begin_holder_id, t.begin_holder_type, t.begin_holder_kind,
      t.deadlock_id, t.root_holder_id, t.root_holder_type, t.root_holder_kind, t.root_held_waits, t.root_freed_waits,
      t.sensitivity
    from {EARLIER}person_path t where {_UNTOUCHED}
    union all select * from {TOUCHED_ROWS}person_path"""


def deadlock_sql(night: Night) -> str:
    """Return the query of `deadlock`. A deadlock whose people are touched is one of `earlier_deadlock_blocker`'s."""
    return f"""
    select t.deadlock_id, t.wait_count, t.person_count, t.organisations, t.kinds, t.rules,
      t.total_days + {night.days} * t.wait_count as total_days, t.waits_over,
      t.total_days_over + {night.days} * t.waits_over as total_days_over, t.sensitivity
    from {EARLIER}deadlock t where not exists (
      select 1 from {EARLIER}deadlock_blocker b join touched_person x on x.person_id = b.person_id
      where b.deadlock_id = t.deadlock_id)
    union all select * from {TOUCHED_ROWS}deadlock"""


def unblock_action_sql(night: Night) -> str:
    """Return the query of `unblock_action`; the place in the order is found anew over all."""
    columns = """holder_id, holder_type, holder_kind, holder_person_id, is_held, deadlock_id, owner_organisation,
      owner_role, next_action, action_count, held_directly"""
    return f"""
    with moved as (
      select {columns}, {_moved("t", night.days)}, sensitivity
      from {EARLIER}unblock_action t where not exists (
        select 1 from {EARLIER}unblock_wait w join touched_person x on x.person_id = w.person_id
        where w.holder_id = t.holder_id)
      union all select {columns}, {_moved("t", 0)}, sensitivity from {TOUCHED_ROWS}unblock_action t)
    select {columns}, {_IN_WEEKS}, row_number() over (order by {_ORDER}, holder_id) as position, sensitivity
    from moved"""


def unblock_measure_sql(night: Night) -> str:
    """Return the query of `unblock_measure`: those before, less what the touched people added, plus what they add.

    `before_unblock_measure` holds what they added. Each thing that holds, and each person, adds in one place alone,
    since what holds up what never leads out of the touched people or into them. Things that hold are counted over all
    backlogs, so their number comes from the row of all of them.
    """
    words = "unblock_id, scope, backlog, owner_organisation, owner_role, next_action, holder_type, holder_kind"
    counts = (*_COUNTS, *_DAYS)
    sources = ((f"{EARLIER}unblock_measure", "", night.days), ("before_unblock_measure", "-", night.days))
    parts = " union all ".join(
        f"select {words}, {', '.join(f'{sign}{name} as {name}' for name in counts)}"
        f" from (select {words}, {_moved('t', days)} from {source} t) moved"
        for source, sign, days in (*sources, (f"{TOUCHED_ROWS}unblock_measure", "", 0))
    )
    holders = " union all ".join(
        f"select unblock_id, {sign}holders as holders from {source} where backlog is null"
        for source, sign, _ in (*sources, (f"{TOUCHED_ROWS}unblock_measure", "", 0))
    )
    sums = ", ".join(f"sum({name}) as {name}" for name in counts)
    return f"""
    select {", ".join(f"s.{name}" for name in words.split(", "))}, h.holders, {_IN_WEEKS},
      row_number() over (partition by s.scope, s.backlog order by {_ORDER}, s.unblock_id) as position
    from (select {words}, {sums} from ({parts}) parts group by {words} having sum(held_waits) > 0) s
    join (select unblock_id, sum(holders) as holders from ({holders}) h group by unblock_id) h
      on h.unblock_id = s.unblock_id"""


_COUNTS = ("held_waits", "held_people", "held_waits_over", "freed_waits", "freed_people", "freed_waits_over")
_DAYS = ("held_days", "held_days_over", "freed_days", "freed_days_over")
_ORDER = "freed_waits desc, freed_days desc, freed_days_over desc, held_waits desc, held_days desc"
_IN_WEEKS = ", ".join(
    (
        "held_waits, held_people, cast(held_days as double) / 7 as held_weeks, held_waits_over",
        "cast(held_days_over as double) / 7 as held_weeks_over, freed_waits, freed_people",
        "cast(freed_days as double) / 7 as freed_weeks, freed_waits_over",
        "cast(freed_days_over as double) / 7 as freed_weeks_over",
    )
)


def _moved(of: str, days: int) -> str:
    """Return the counts of an effect, and its weeks as whole days, so many days later."""
    moved = ", ".join(
        f"cast(round({of}.{name.replace('days', 'weeks')} * 7) as bigint) + {days} * {of}.{waits} as {name}"
        for name, waits in zip(_DAYS, ("held_waits", "held_waits_over", "freed_waits", "freed_waits_over"), strict=True)
    )
    return f"{', '.join(f'{of}.{name}' for name in _COUNTS)}, {moved}"


def tally_queries(as_of: dt.date) -> dict[str, str]:
    """Return the query of each tally: the one before, less what the touched people added, plus what they add."""
    overlap = "kind, organisation_id, other_kind, other_organisation_id, day"
    return {
        "wait_tally": _summed(
            "wait_tally",
            "kind, backlog, organisation_id, district_code, start_date, stop_date, due_date, clock",
            "waits",
        ),
        "people_tally": _summed("people_tally", "counted, kind, organisation_id, district_code", "people"),
        "overlap_tally": overlap_tally_sql(_parts("overlap_tally", overlap, ("change", "people")), as_of),
    }


def _summed(name: str, keys: str, count: str) -> str:
    parts = _parts(name, keys, (count,))
    return f"select {keys}, sum({count}) as {count} from ({parts}) parts group by {keys} having sum({count}) <> 0"


def _parts(name: str, keys: str, counts: tuple[str, ...]) -> str:
    return " union all ".join(
        f"select {keys}, {', '.join(f'{sign}{count} as {count}' for count in counts)} from {source}{name}"
        for source, sign in ((EARLIER, ""), ("before_", "-"), (TOUCHED_ROWS, ""))
    )
