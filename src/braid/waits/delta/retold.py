"""Who has a wait that several feeds tell, of which another is the newest now than was in the run before.

What the newest extract says of such a wait holds, so that it may be otherwise although no row of the person is.
"""

from __future__ import annotations

from braid.store.engine import Engine
from braid.waits.sources import same_wait_sql


def create_retold(engine: Engine) -> None:
    """Create `retold_person`: person_id. Reads wait, person_link and `feed_move` (`braid.waits.delta.changes`)."""
    engine.create(
        "wait_extract",
        """
        select distinct w.organisation_id, w.kind, w.feed, w.as_of_date,
          coalesce(m.from_date, w.as_of_date) as from_date, coalesce(m.to_date, w.as_of_date) as to_date
        from wait w left join feed_move m on m.feed = w.feed where w.as_of_date is not null""",
    )
    engine.create("wait_crossing", _CROSSING)
    engine.create("retold_person", _RETOLD)


_CROSSING = """
select distinct a.organisation_id, a.kind, a.feed as feed, b.feed as other_feed, b.as_of_date as other_date
from wait_extract a
join wait_extract b on b.organisation_id = a.organisation_id and b.kind = a.kind and b.feed <> a.feed
where a.from_date <> a.to_date
  and (case when a.from_date < b.from_date then -1 when a.from_date > b.from_date then 1 else 0 end)
    <> (case when a.to_date < b.to_date then -1 when a.to_date > b.to_date then 1 else 0 end)"""
"""Extracts of which the one was before the other then, and is not now."""

_TOLD = "select w.*, l.person_id from wait w join person_link l on l.person_record_id = w.person_record_id"
_SAME = " and ".join(f"{ours} = {theirs}" for ours, theirs in zip(same_wait_sql("a"), same_wait_sql("b"), strict=True))
_RETOLD = f"""
select distinct a.person_id from ({_TOLD}) a
join wait_crossing c on c.organisation_id = a.organisation_id and c.kind = a.kind and c.feed = a.feed
join ({_TOLD}) b on b.feed = c.other_feed and b.as_of_date = c.other_date and {_SAME}"""
