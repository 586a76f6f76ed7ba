"""Who is what to whom by the sources, between persons rather than records: from when, by which standard, how surely.

A parent of somebody and a child of somebody is one relationship seen from two ends, so it is written from the child's;
one that is the same from both ends is written once. Nothing is added to what a source says: who lives with a child is
not its parent for that.
"""

from __future__ import annotations

import datetime as dt

import pyarrow as pa

from braid.language.household_findings import PERSON_RELATIONSHIP
from braid.people.households import Apart
from braid.store.engine import Engine

SAME_FROM_BOTH_ENDS = ("sibling", "partner", "ex_partner", "household", "respondent_in_case_with", "same_family_case")
STRICTNESS = ("normal", "special", "criminal", "safe_address")
"""Sensitivities of a row from the least strict."""


def create_relationships(engine: Engine, apart: Apart, as_of: dt.date) -> None:
    """Create `person_relationship` from `relationship` and `person_link`. A relationship that would lead across a seal
    is none: `apart` says on which sides of seals persons stand. A row without a day of its own is of `as_of`."""
    sides = sorted((person, *held) for person, helds in apart.items() for held in helds)
    names = ("person_id", "seal", "side")
    columns = {name: pa.array([row[place] for row in sides], pa.string()) for place, name in enumerate(names)}
    engine.load_arrow("person_apart", pa.table(columns))
    engine.create("relationship_said", _SAID)
    engine.create(PERSON_RELATIONSHIP.name, _FOUND.format(as_of=as_of))
    for name in ("person_apart", "relationship_said"):
        engine.forget(name)


_SAID = f"""
  select k.* from (
    select
      case when kind = 'child' then other when kind in {SAME_FROM_BOTH_ENDS} then least(one, other) else one end
        as person_id,
      case when kind = 'child' then one when kind in {SAME_FROM_BOTH_ENDS} then greatest(one, other) else other end
        as other_person_id,
      case when kind = 'child' then 'parent' else kind end as kind,
      standard, start_date, end_date, as_of_date, sensitivity,
      case when kind <> 'child' then legal_responsibility end as legal_responsibility
    from (
      select l.person_id as one, m.person_id as other, r.kind, r.standard, r.start_date, r.end_date, r.as_of_date,
        r.sensitivity, r.legal_responsibility
      from relationship r
      join person_link l on l.person_record_id = r.person_record_id
      join person_link m on m.person_record_id = r.other_person_record_id
      where l.person_id <> m.person_id
    ) as ends
  ) as k
  where not exists (
    select 1 from person_apart a join person_apart b on b.seal = a.seal and b.side <> a.side
    where a.person_id = k.person_id and b.person_id = k.other_person_id
  )
"""
"""Each row of a source from the end that it is written from. A child's own row says nothing of the responsibility for
the other."""
_STRICTEST = " ".join(f"when {place} then '{name}'" for place, name in enumerate(STRICTNESS))
_STRICT = " ".join(f"when '{name}' then {place}" for place, name in enumerate(STRICTNESS))
_FOUND = f"""
  select s.person_id, s.other_person_id, s.kind, s.standard, min(s.start_date) as from_date,
    case when count(*) = count(s.end_date) then max(s.end_date) end as to_date,
    coalesce(max(s.as_of_date), date '{{as_of}}') as as_of_date,
    case when count(s.legal_responsibility) > 0 then count_if(s.legal_responsibility) > 0 end as legal_responsibility,
    count(*) as assertions, max(n.standards) as standards,
    case max(case s.sensitivity {_STRICT} end) {_STRICTEST} end as sensitivity
  from relationship_said s
  join (
    select person_id, other_person_id, kind, count(distinct standard) as standards from relationship_said
    group by person_id, other_person_id, kind
  ) as n on n.person_id = s.person_id and n.other_person_id = s.other_person_id and n.kind = s.kind
  group by s.person_id, s.other_person_id, s.kind, s.standard
"""
