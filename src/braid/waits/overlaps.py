"""The time in which people who wait for one service wait for another too.

Time is counted in days of a person: two waits of one person for one service on one day are one day. Of the last 52
weeks only days count that are known of both services. On those before, only who waited on is known, and a share would
be that of long waits. Of a service whose ended waits no extract shows, the as-of date alone is known.
"""

from __future__ import annotations

import datetime as dt

from braid.store.engine import Engine
from braid.waits.model import WEEK_DAYS
from braid.waits.tallies import window_start


def create_service_overlap(engine: Engine, as_of: dt.date) -> None:
    """Create `service_overlap` from overlap_tally and service_measure: pairs of providers, and of kinds in place."""
    engine.create("service_known", _known(as_of))
    engine.create("service_overlap", _overlap(as_of))


def _known(as_of: dt.date) -> str:
    first = window_start(as_of) + dt.timedelta(days=1)
    return f"""
    select kind, organisation_id, coalesce(organisation_id, '') as organisation,
      greatest(coalesce(known_since_date, date '{as_of}'), date '{first}') as since_date
    from service_measure"""


def _person_days(day: str, since: str, as_of: dt.date) -> str:
    """Return the person-days from `since` to the as-of date, of changes on `day` (see `braid.waits.tallies`)."""
    return f"sum(m.change * br_days(greatest({day}, {since}), date '{as_of + dt.timedelta(days=1)}'))"


def _both(as_of: dt.date) -> str:
    since = "greatest(s.since_date, o.since_date)"
    return f"""
    select s.kind, s.organisation, o.kind as other_kind, o.organisation as other_organisation, {since} as since_date,
      sum(case when m.day > {since} then m.people else 0 end) as people,
      {_person_days("m.day", since, as_of)} as both_days
    from overlap_tally m
    join service_known s on s.kind = m.kind and s.organisation = coalesce(m.organisation_id, '')
    join service_known o on o.kind = m.other_kind and o.organisation = coalesce(m.other_organisation_id, '')
      and (m.organisation_id is null) = (m.other_organisation_id is null)
    group by s.kind, s.organisation, o.kind, o.organisation, {since}"""


def _overlap(as_of: dt.date) -> str:
    return f"""
    with both as (
      select * from ({_both(as_of)}) b where people > 0),
    pair as (
      select kind, organisation, other_kind, other_organisation, since_date, people, both_days from both
      union all
      select other_kind, other_organisation, kind, organisation, since_date, people, both_days from both),
    alone as (
      select s.kind, s.organisation, s.since_date, {_person_days("m.day", "s.since_date", as_of)} as person_days
      from (select distinct kind, organisation, since_date from pair) s
      join (select * from overlap_tally where other_kind is null) m
        on m.kind = s.kind and coalesce(m.organisation_id, '') = s.organisation
      group by s.kind, s.organisation, s.since_date)
    select p.kind, nullif(p.organisation, '') as organisation_id, p.other_kind,
      nullif(p.other_organisation, '') as other_organisation_id, p.since_date, p.people,
      cast(p.both_days as double) / {WEEK_DAYS} as both_weeks,
      cast(a.person_days as double) / {WEEK_DAYS} as service_weeks,
      cast(p.both_days as double) / a.person_days as share
    from pair p
    join alone a on a.kind = p.kind and a.organisation = p.organisation and a.since_date = p.since_date"""
