"""Person records, identifiers and stays into one comparable row a record: the linkage table.

All of it is portable SQL on the engine, whatever the number of records; names are read in
`braid.people.standardise_names`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import pyarrow as pa

from braid.people import standardise_names
from braid.people.standardise_names import create_names
from braid.store.engine import Engine

TEXTS = pa.list_(pa.string())
LINKAGE_SCHEMA = pa.schema(
    [
        ("record_id", pa.string()),
        ("feed", pa.string()),
        ("council", pa.string()),
        ("forename", pa.string()),
        ("forenames", TEXTS),
        ("forename_groups", TEXTS),
        ("surname", pa.string()),
        ("surnames", TEXTS),
        ("surname_groups", TEXTS),
        ("birth_date", pa.string()),
        ("birth_date_swapped", pa.string()),
        ("birth_vague", pa.bool_()),
        ("birth_doubt", pa.string()),
        ("sex", pa.string()),
        ("postcode", pa.string()),
        ("postcodes", TEXTS),
        ("sector", pa.string()),
        ("district", pa.string()),
        ("uprns", TEXTS),
        ("nhs", pa.string()),
        ("upn", pa.string()),
        ("upns", TEXTS),
        ("former_upns", TEXTS),
        ("la_child", pa.string()),
        ("nino", pa.string()),
    ]
)
"""One row a person record. Dates are ISO text; `birth_vague` marks a date that stands for a period or was made up, and
`birth_doubt` says which: `placeholder`, `period` or `first_of_january`; `birth_date_swapped` is there where day and
month may have been changed over. `sector` and `district` are of the first postcode, where it has the form of one.
`la_child` leads with its council, for two councils give the same number to two children."""

UNVERIFIED = ("02", "03", "04", "05", "06", "07", "08")
"""NHS number status codes other than 01 (NHS Data Model and Dictionary): present but not verified, or to be traced."""
DUMMIES = tuple(
    "nhs 0123456789|nhs 1234567881|nhs 4010232137|nhs 9434765870|nhs 9434765919|nhs 9876543210"
    "|nino AA000000A|nino AA123456A|nino AB123456A|nino AB123456C".split("|")
)
"""Numbers whose check holds and that stand for nobody: examples of guidance and rows of keys, typed to fill a field."""
PLACEHOLDER_DATES = ("0001-01-01", "1753-01-01", "1800-01-01", "1899-12-30", "1899-12-31", "1900-01-01", "1901-01-01")
"""Where calendars of databases and spreadsheets begin: a birth date of nobody who is alive."""


def standardise(engine: Engine) -> pa.Table:
    """Return the linkage table of every row of `person_record`, ordered by record id."""
    create_names(engine)
    for name, query in _STEPS:
        engine.create(name, query)
    table = engine.arrow(f"select {', '.join(LINKAGE_SCHEMA.names)} from linkage_row order by record_id")
    for name in (*standardise_names.TABLES, *(name for name, _ in _STEPS)):
        engine.forget(name)
    return table.cast(LINKAGE_SCHEMA)


def read_identifiers(engine: Engine, records: Iterable[str] | None = None) -> dict[str, dict[str, list[str]]]:
    """Return the identifiers whose check holds, by record and scheme; an unverified NHS number is `nhs_unverified`.
    With `records`, of these alone."""
    found: dict[str, dict[str, list[str]]] = defaultdict(dict)
    asked = ""
    if records is not None:
        engine.load_arrow("asked_record", pa.table({"record_id": pa.array(sorted(set(records)), pa.string())}))
        asked = "join asked_record a on a.record_id = h.person_record_id"
    held = engine.arrow(
        f"select h.person_record_id, h.scheme, h.value from ({IDENTIFIERS}) as h {asked}"
        " order by h.person_record_id, h.scheme, h.value"
    )
    engine.forget("asked_record")
    for record_id, scheme, value in zip(*(column.to_pylist() for column in held.columns), strict=True):
        found[record_id].setdefault(scheme, []).append(value)
    return found


def _listed(values: tuple[str, ...]) -> str:
    return ", ".join(f"'{value}'" for value in values)


IDENTIFIERS = f"""
  select distinct person_record_id, value,
    case when scheme = 'nhs' and regexp_replace(coalesce(status, ''), '^.*:', '') in ({_listed(UNVERIFIED)})
      then 'nhs_unverified' else scheme end as scheme
  from identifier where check_result <> 'fail' and concat(scheme, ' ', value) not in ({_listed(DUMMIES)})
"""
"""What a record holds of each scheme, each value once."""

_ONLY = "case when min({0}) = max({0}) then min({0}) end"
"""The one value; a record that holds two of what a person has once says nothing certain."""
_NUMBERS = f"""
  select person_record_id, coalesce({_ONLY.format("nhs")}, {_ONLY.format("nhs_unverified")}) as nhs,
    {_ONLY.format("upn")} as upn, {_ONLY.format("la_child")} as la_child, {_ONLY.format("nino")} as nino
  from (
    select person_record_id, case when scheme = 'nhs' then value end as nhs,
      case when scheme = 'nhs_unverified' then value end as nhs_unverified,
      case when scheme = 'upn' then value end as upn, case when scheme = 'la_child' then value end as la_child,
      case when scheme = 'nino' then value end as nino
    from ({IDENTIFIERS}) as held
  ) as by_scheme group by person_record_id
"""


def _pupil_numbers(schemes: str) -> str:
    return f"""
      select person_record_id, br_list(value, place) as numbers from (
        select person_record_id, value, min(case when scheme = 'upn' then '1' else '2' end || value) as place
        from ({IDENTIFIERS}) as held where scheme in ({schemes}) group by person_record_id, value
      ) as each_once group by person_record_id
    """


_FORM = "^[A-Z]{1,2}[0-9][A-Z0-9]?[0-9][A-Z]{2}$"
_REPAIRED = """
  case length(compact)
    when 5 then translate(left(compact, 1), '01', 'OI') || translate(substring(compact, 2, 1), 'OI', '01')
    when 6 then translate(left(compact, 1), '01', 'OI') || substring(compact, 2, 1)
      || translate(substring(compact, 3, 1), 'OI', '01')
    when 7 then translate(left(compact, 2), '01', 'OI') || translate(substring(compact, 3, 2), 'OI', '01')
  end || translate(left(right(compact, 3), 1), 'OIL', '011') || right(compact, 2)
"""
"""O and 0, I and 1 are told apart by where they stand: no postcode district ends in the letters I or O, and an inward
code begins with a digit (Royal Mail, Programmers' Guide to the Postcode Address File)."""
_POSTCODE = f"""
  select written,
    case when is_one then concat(left(code, length(code) - 3), ' ', right(code, 3)) else upper(trim(written)) end
      as postcode,
    case when is_one then concat(left(code, length(code) - 3), ' ', left(right(code, 3), 1)) end as sector,
    case when is_one then left(code, length(code) - 3) end as district
  from (
    select written, code, coalesce(br_matches(code, '{_FORM}'), false) as is_one from (
      select written, {_REPAIRED} as code from (
        select distinct postcode as written, upper(regexp_replace(postcode, '[^A-Za-z0-9]+', '', 'g')) as compact
        from stay where postcode is not null
      ) as compacted
    ) as repaired
  ) as tried
"""
_MAY_BE_COMPARED = "not coalesce(confidential, true) and kind <> 'refuge'"
"""A refuge is shared by strangers, and a safe address is never compared."""
_STAY = f"""
  select person_record_id, postcode, min(place) as place from (
    select s.person_record_id, p.postcode, row_number() over (
      partition by s.person_record_id
      order by case when s.end_date is null then 0 else 1 end, case when starts_with(s.kind, 'ta_') then 1 else 0 end,
        coalesce(s.start_date, date '0001-01-01') desc, s.postcode
    ) as place
    from stay s join linkage_postcode p on p.written = s.postcode where {_MAY_BE_COMPARED}
  ) as ordered group by person_record_id, postcode
"""
"""Every postcode a record holds, the best first: still open, then a home not a stop-gap, then latest."""
_ADDRESS = """
  select h.person_record_id, h.postcodes, b.postcode, p.sector, p.district
  from (select person_record_id, br_list(postcode, place) as postcodes from linkage_stay group by person_record_id) as h
  join (
    select s.person_record_id, s.postcode from linkage_stay s
    join (select person_record_id, min(place) as place from linkage_stay group by person_record_id) as m
      on m.person_record_id = s.person_record_id and m.place = s.place
  ) as b on b.person_record_id = h.person_record_id
  left join (
    select postcode, max(sector) as sector, max(district) as district from linkage_postcode group by postcode
  ) as p on p.postcode = b.postcode
"""
_PROPERTY = f"""
  select person_record_id, br_list(uprn, uprn) as uprns from (
    select distinct person_record_id, regexp_replace(uprn, '^0+', '') as uprn
    from stay where br_matches(uprn, '^[0-9]+$') and {_MAY_BE_COMPARED}
  ) as plain where length(uprn) between 2 and 12 group by person_record_id
"""
_WRITTEN = f"""
  select record_id, feed, organisation_id, given_name, family_name, other_names, sex,
    cast(birth_date as varchar) as born, br_day(birth_date) as day, br_month(birth_date) as month,
    case
      when birth_date is null then null
      when cast(birth_date as varchar) in ({_listed(PLACEHOLDER_DATES)}) then 'placeholder'
      when coalesce(birth_date_precision, 'day') <> 'day' then 'period'
      when br_day(birth_date) = 1 and br_month(birth_date) = 1 then 'first_of_january'
    end as birth_doubt
  from person_record
"""
_ROW = f"""
  select r.record_id, r.feed, r.organisation_id as council,
    br_first(f.words) as forename,
    case when r.other_names is null then f.words else fo.words end as forenames,
    case when r.other_names is null then f.forms else fo.forms end as forename_groups,
    br_first(s.words) as surname,
    case when r.other_names is null then s.words else so.words end as surnames,
    case when r.other_names is null then s.forms else so.forms end as surname_groups,
    r.born as birth_date,
    case when coalesce(r.birth_doubt, '') in ('', 'first_of_january') and r.day <= 12 and r.day <> r.month
      then concat(substring(r.born, 1, 5), substring(r.born, 9, 2), '-', substring(r.born, 6, 2)) end
      as birth_date_swapped,
    case when r.born is not null then r.birth_doubt is not null end as birth_vague,
    r.birth_doubt,
    case when r.sex in ('female', 'male') then r.sex end as sex,
    a.postcode, a.postcodes, a.sector, a.district, u.uprns,
    n.nhs, n.upn, pupil.numbers as upns, former.numbers as former_upns,
    case when n.la_child is not null then concat(r.organisation_id, '|', n.la_child) end as la_child, n.nino
  from ({_WRITTEN}) as r
  left join linkage_name f on f.kind = 'forename' and f.written = r.given_name
  left join linkage_name s on s.kind = 'surname' and s.written = r.family_name
  left join linkage_name_of fo on fo.kind = 'forename' and fo.record_id = r.record_id
  left join linkage_name_of so on so.kind = 'surname' and so.record_id = r.record_id
  left join linkage_address a on a.person_record_id = r.record_id
  left join linkage_property u on u.person_record_id = r.record_id
  left join ({_NUMBERS}) as n on n.person_record_id = r.record_id
  left join ({_pupil_numbers("'upn', 'former_upn'")}) as pupil on pupil.person_record_id = r.record_id
  left join ({_pupil_numbers("'former_upn'")}) as former on former.person_record_id = r.record_id
"""
_STEPS = (
    ("linkage_postcode", _POSTCODE),
    ("linkage_stay", _STAY),
    ("linkage_address", _ADDRESS),
    ("linkage_property", _PROPERTY),
    ("linkage_row", _ROW),
)
