"""A database with many made-up people, written in SQL from their numbers alone: for measurements, at any size.

Each has two to four waits and lives with two others; one in so many is concerned by each problem statement, one in
thirty-three is protected, one in a thousand is barred from everybody, one in two thousand restricted to somebody else.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django.contrib.auth.hashers
from django.db import connection
from sample_agreements import ORGANISATIONS, sample_agreements
from sample_run import write_sample_place

from braid.trust.roles import ROLES
from braid.web.serve import place_database, secure_database
from braid.web.watch import known_asker

ID = "md5('person ' || n)::varchar"
WAITS = (  # kind, backlog, provider, sensitivity, for one person in so many
    ("register", "social_housing", "northmere-council", "normal", 1),
    ("care_proceedings", "care_proceedings", "vale-family-court", "special", 1),
    ("in_year_admission", "school_place", "northmere-council", "normal", 2),
    ("ehcp_plan", "send", "northmere-council", "special", 3),
)
PEOPLE = f"""
insert into braid_person (person_id, household_id) select {ID}, 'home ' || n / 3 from generate_series(1, %(n)s) n;
insert into braid_personidentity (person_id, given_name, family_name, birth_date)
    select {ID}, 'Given' || n, 'Family' || n % 5000, date '1950-01-01' + n % 25000 from generate_series(1, %(n)s) n;
insert into braid_protection (person_id) select {ID} from generate_series(33, %(n)s, 33) n;
insert into braid_persondistrict (person_id, district_code)
    select {ID}, 'E0899000' || 1 + n % 2 from generate_series(1, %(n)s) n where n % 33 <> 0;
insert into braid_cohort (problem, statement, person_id, reason)
    select p, p, {ID}, '' from generate_series(1, %(n)s) n,
    unnest(array['school_from_ta', 'victim_response', 'court_readiness']) with ordinality as each (p, i)
    where n % %(one_in)s = i;
insert into braid_barred (person_id, username)
    select {ID}, 'test-' || role from generate_series(500, %(n)s, 1000) n, unnest(%(roles)s::text[]) role;
insert into braid_admitted (person_id, username) select {ID}, 'somebody else' from generate_series(700, %(n)s, 2000) n;
insert into braid_involvement (person_id, provider, organisation_kind, place_wide_name, place_wide_contact, service,
        as_of_date, sensitivity)
    select {ID}, 'northmere-council', 'council', '', '', 'Housing register', date '2026-11-15', 'normal'
    from generate_series(1, %(n)s) n;
"""
WAIT = f"""
insert into braid_personwait (wait_id, person_id, kind, backlog, provider, organisation_kind, priority, start_date,
        start_event, elapsed_days, clock, rule_id, rule_version, explanation, as_of_date, sensitivity)
    select md5(%(kind)s || n), {ID}, %(kind)s, %(backlog)s, %(provider)s, 'council', '',
        date '2026-11-15' - (n::bigint * 7919 %% 900)::integer, 'Asked for', (n::bigint * 7919 %% 900)::integer,
        'no_limit', %(kind)s, '2026-04-01', '',
        date '2026-11-15', %(sensitivity)s
    from generate_series(1, %(n)s) n where n %% %(one_in)s = 0;
"""
REACH = """
insert into braid_reach (purpose, statement, ships, relation, person_id)
    select problem, statement, true, 'concerned', person_id from braid_cohort;
insert into braid_reach (purpose, statement, ships, relation, person_id)
    select distinct c.problem, c.statement, true, 'household', p.person_id
    from braid_cohort c join braid_person h on h.person_id = c.person_id
    join braid_person p on p.household_id = h.household_id;
insert into braid_blocker (blocker_id, person_id, problem, rule_id, held_wait_id, holder_type, holder_kind,
        holder_wait_id, holder_person_id, reason, evidence, owner_organisation, owner_role, next_action, sensitivity)
    select 'b' || w.wait_id, w.person_id, c.problem, 'rule', w.wait_id, 'evidence', 'outcome_letter', null, '', '', '',
        'council', 'Officer', '', 'normal' from braid_personwait w join braid_cohort c using (person_id)
    where w.kind = 'register';
"""
_EMPTY = (
    *(
        "personrank",
        "blocker",
        "cohort",
        "contact",
        "involvement",
        "reach",
        "personwait",
        "personidentity",
        "persondistrict",
    ),
    *("protection", "barred", "admitted", "person"),
)


@contextmanager
def many_people(folder: Path, people: int, concerned_one_in: int = 10) -> Iterator[None]:
    """Serve a place of so many people from a database of its own: migrated, with roles, policies and users."""
    place, run = write_sample_place(folder, 0)
    with place_database(folder) as (_, url):
        import_and_fill(place, run, people, concerned_one_in)
        secure_database(url)
        yield


def import_and_fill(place, run, people: int, concerned_one_in: int) -> None:
    """Publish the sample, so that agreements find who holds what, and put the people in the place of its own."""
    from braid.web.enforcement import enforce
    from braid.web.models import User
    from braid.web.publish import publish

    publish(run, place)
    enforce(sample_agreements())
    password = django.contrib.auth.hashers.make_password(None)
    User.objects.bulk_create(
        User(username=f"test-{role}", role=role, organisation=ORGANISATIONS[role], password=password) for role in ROLES
    )
    with known_asker(), connection.cursor() as cursor:
        for table in _EMPTY:
            cursor.execute(f"delete from braid_{table}")
        with _without_indexes(cursor, [f"braid_{table}" for table in _EMPTY]):
            _fill(cursor, people, concerned_one_in)
        cursor.execute("vacuum analyze")


@contextmanager
def _without_indexes(cursor, tables: list[str]) -> Iterator[None]:
    """Take constraints and indexes off these tables until the block ends: of a million people, each row would be looked
    up by every reference, one by one. They are made again as they were, and so check what was put in."""
    cursor.execute(
        "select c.conrelid::regclass::text, c.conname, pg_get_constraintdef(c.oid) from pg_constraint c"
        " where c.contype in ('f', 'p', 'u') and (c.conrelid::regclass::text = any(%(t)s) or c.confrelid <> 0"
        " and c.confrelid::regclass::text = any(%(t)s)) order by c.contype = 'f'",
        {"t": tables},
    )
    constraints = cursor.fetchall()
    for table, name, _ in reversed(constraints):
        cursor.execute(f'alter table {table} drop constraint "{name}"')
    cursor.execute("select indexname, indexdef from pg_indexes where tablename = any(%s)", [tables])
    indexes = cursor.fetchall()
    for name, _ in indexes:
        cursor.execute(f'drop index "{name}"')
    cursor.execute("set maintenance_work_mem = '512MB'")
    cursor.execute("set work_mem = '256MB'")
    yield
    for _, made_by in indexes:
        cursor.execute(made_by)
    for table, name, made_by in constraints:
        cursor.execute(f'alter table {table} add constraint "{name}" {made_by}')
    cursor.execute("reset maintenance_work_mem")
    cursor.execute("reset work_mem")


def _fill(cursor, people: int, concerned_one_in: int) -> None:
    """Put so many people into the emptied tables."""
    for statement in PEOPLE.strip().split(";\n"):
        cursor.execute(
            statement.replace("%", "%%").replace("%%(", "%("),
            {"n": people, "roles": list(ROLES), "one_in": concerned_one_in},
        )
    for kind, backlog, provider, sensitivity, one_in in WAITS:
        values = {"kind": kind, "backlog": backlog, "provider": provider, "sensitivity": sensitivity}
        cursor.execute(WAIT, {**values, "one_in": one_in, "n": people})
    cursor.execute("analyze")
    cursor.execute(REACH)


def person_id(number: int) -> str:
    """The id of the person of this number."""
    import hashlib

    return hashlib.md5(f"person {number}".encode(), usedforsecurity=False).hexdigest()
