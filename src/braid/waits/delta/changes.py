"""What is not as it was in the run before: records, links and persons, by a digest of their content.

An extract comes whole every time, so a record that nobody touched comes again with another file hash, another place in
the file and another extract date. Its content is everything else. The extract date of a feed whose records all bear
one date has **moved** with the feed, and is mended in the findings without reckoning anything anew; any other extract
date is content.

Tables of the run before have the prefix `earlier_`.
"""

from __future__ import annotations

from braid.language.findings import TABLES
from braid.language.schema import Table
from braid.store.engine import Engine
from braid.waits.model import case_reference_sql

SOURCES = ("person_record", "episode", "wait", "event", "stay", "need")
"""Source tables that a finding about waits rests on."""

FINDING_SOURCES = ("person_link", "person")

EARLIER = "earlier_"
NOT_CONTENT = ("file_sha256", "row_ref", "quality", "as_of_date")
PERSON_CONTENT = ("person_id", "birth_date", "district_code", "protected", "location_withheld")
LINK_CONTENT = ("person_record_id", "person_id")

IN_A_CASE = ("episode", "wait", "event")
"""Source tables whose rows name a case that several people may share."""


def create_changes(engine: Engine) -> None:
    """Create `feed_move`, `changed_row`, `changed_record` and `changed_person` from both runs' tables.

    `feed_move`: feed, from_date, to_date. `changed_row`: record_id and person_record_id of rows that only one of the
    runs holds, with the keys of their cases. `changed_record`: person records linked otherwise. `changed_person`: ids
    of persons who are described otherwise, are new, or are gone.
    """
    _create_moves(engine)
    parts = [part for name in SOURCES for part in _changed_rows(engine, TABLES[name])]
    engine.create("changed_row", " union all ".join(parts))
    links, persons = (f"br_digest({', '.join(names)})" for names in (LINK_CONTENT, PERSON_CONTENT))
    engine.create("changed_record", _either_side("person_link", links, "person_record_id"))
    engine.create("changed_person", _either_side("person", persons, "person_id"))


def record_column(name: str) -> str:
    """Return the column of a source table that names the person record."""
    return "record_id" if name == "person_record" else "person_record_id"


def keys_sql(name: str) -> tuple[str, str]:
    """Return SQL of the two keys under which a row may share a case with rows of other people; null for none.

    A case goes by its reference at one organisation; a criminal case by its reference alone, since the referral of a
    victim names the court's. References are compared as `braid.waits.model.case_reference` does, and people who share
    a key for no reason are looked at for nothing: that costs time and changes no finding.
    """
    if name not in IN_A_CASE:
        return "cast(null as bigint)", "cast(null as bigint)"
    reference = case_reference_sql("t.episode_ref")
    ours = f"case when t.episode_ref is not null then br_digest('case', t.organisation_id, {reference}) end"
    criminal = {
        "wait": "t.kind = 'crown_trial'",
        "episode": "t.kind = 'criminal_case' and t.role = 'victim'",
        "event": "1 = 0",
    }[name]
    return ours, f"case when t.episode_ref is not null and {criminal} then br_digest('crime', {reference}) end"


def _create_moves(engine: Engine) -> None:
    for prefix, name in (("", "feed_dates"), (EARLIER, "earlier_feed_dates")):
        tables = " union all ".join(
            f"select feed, min(as_of_date) as first, max(as_of_date) as last, count(*) - count(as_of_date) as undated"
            f" from {prefix}{table} group by feed"
            for table in SOURCES
        )
        engine.create(
            name,
            f"select feed, min(first) as day from ({tables}) d group by feed"
            " having min(first) = max(last) and sum(undated) = 0",
        )
    engine.create(
        "feed_move",
        "select n.feed, e.day as from_date, n.day as to_date from feed_dates n"
        " join earlier_feed_dates e on e.feed = n.feed",
    )


def _changed_rows(engine: Engine, table: Table) -> tuple[str, str]:
    """Create the digests of a source table in both runs; return the queries of the rows that only one of them holds."""
    content = ", ".join(f"t.{name}" for name in table.names if name not in NOT_CONTENT)
    digest = f"br_digest({content}, case when m.feed is null then t.as_of_date end)"
    for prefix in ("", EARLIER):
        engine.create(
            f"{prefix}digest_{table.name}",
            f"select t.record_id, {digest} as digest from {prefix}{table.name} t"
            " left join feed_move m on m.feed = t.feed",
        )
    ours, criminal = keys_sql(table.name)

    def only_in(prefix: str, other: str) -> str:
        return f"""
        select t.record_id, t.{record_column(table.name)} as person_record_id, {ours} as case_key,
          {criminal} as crime_key
        from {prefix}{table.name} t join {prefix}digest_{table.name} d on d.record_id = t.record_id
        where not exists (select 1 from {other}digest_{table.name} o where o.digest = d.digest)"""

    return only_in("", EARLIER), only_in(EARLIER, "")


def _either_side(table: str, digest: str, column: str) -> str:
    """Return the query of a column's values in rows that only one of the runs holds."""

    def only_in(prefix: str, other: str) -> str:
        return f"""
        select {column} from {prefix}{table} t where not exists (
          select 1 from (select {digest} as digest from {other}{table}) o where o.digest = {digest})"""

    return f"select distinct {column} from ({only_in('', EARLIER)} union all {only_in(EARLIER, '')}) c"
