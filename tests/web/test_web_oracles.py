"""What the database says besides rows tells the pages' role nothing about somebody hidden, or about anybody.

Each way is tried as the role of the pages, as a smuggled statement would, about somebody whom the asker is kept from
and about an id that nobody has; both must be answered the same. Each has a control: the same statement by the owner, or
with the right given, does tell.
"""

import pytest
from django.db import DatabaseError, connection
from published_sample import as_pages
from sample_run import CHILD, ONLY_HIDDEN, VICTIM

from braid.web.access.context import TELL_DATABASE
from braid.web.models import Barred
from braid.web.row_security import HIDDEN_LISTS, PROTECTED
from braid.web.watch import NoContext, known_asker

pytestmark = pytest.mark.django_db

ABSENT = "0" * 32
LISTING = ("test-listing_officer", "court_readiness")


@pytest.fixture
def hidden(published):
    """Somebody whom the listing officer is kept from, and who was theirs to see before."""
    with known_asker():
        Barred.objects.create(person_id=CHILD, username=LISTING[0])
    return CHILD


def answer_of(statement: str, asker: tuple[str, str] = LISTING, owner: bool = False) -> str:
    """All that comes back of a statement: its rows or its error with every field of it, ids and numbers of rows out."""

    def run(cursor) -> str:
        cursor.execute(TELL_DATABASE, asker)
        cursor.execute("savepoint before")
        try:
            cursor.execute(statement)
            rows = cursor.fetchall() if cursor.description else []
            return f"{cursor.statusmessage} {rows}"
        except DatabaseError as error:
            facts = error.__cause__.diag
            told = (facts.sqlstate, facts.message_primary, facts.message_detail, facts.message_hint, facts.context)
            return f"{told} {facts.constraint_name} {facts.table_name}"
        finally:
            cursor.execute("rollback to savepoint before")

    with known_asker(), connection.cursor() as cursor:
        if owner:
            return run(cursor)
        with as_pages():
            return run(cursor)


def both_answers(statement: str, hidden: str, **who) -> tuple[str, str]:
    """The answers about the hidden and the absent, with the ids blotted out."""
    return tuple(answer_of(statement.format(each), **who).replace(each, "ID") for each in (hidden, ABSENT))


ADD_PERSON = "insert into braid_person (person_id, household_id) values ('{0}', '')"
ADD_CHILD_ROW = "insert into braid_cohort (problem, statement, person_id, reason) values ('x', 'x', '{0}', '')"
IMMEDIATE = "set constraints all immediate; "
WRITES = {
    "a duplicate key": ADD_PERSON,
    "on conflict do nothing": f"{ADD_PERSON} on conflict do nothing",
    "on conflict do update": f"{ADD_PERSON} on conflict (person_id) do update set household_id = 'x'",
    "returning": f"{ADD_PERSON} on conflict do nothing returning person_id",
    "a foreign key": IMMEDIATE + ADD_CHILD_ROW,
    "a unique index of two columns": "insert into braid_reach (purpose, statement, ships, relation, person_id)"
    " values ('court_readiness', 'court_readiness', true, 'concerned', '{0}')",
    "a key of a table of one row each": "insert into braid_personidentity (person_id, given_name, family_name)"
    " values ('{0}', '', '')",
}
OWNER_IS_TOLD = set(WRITES) - {"on conflict do update"}


@pytest.mark.parametrize("way", WRITES)
def test_a_write_tells_nothing(way, hidden):
    of_hidden, of_absent = both_answers(WRITES[way], hidden)
    assert of_hidden == of_absent
    assert "42501" in of_hidden, "refused for want of the right, before a key is looked at"


@pytest.mark.parametrize("way", sorted(OWNER_IS_TOLD))
def test_the_same_write_tells_its_owner_or_the_test_shows_nothing(way, hidden):
    of_hidden, of_absent = both_answers(WRITES[way], hidden, owner=True)
    assert of_hidden != of_absent


def test_with_the_right_to_insert_a_key_would_tell(hidden):
    """The control of the rights: granted to the pages, the policies alone do not keep the key from telling."""
    with known_asker(), connection.cursor() as cursor:
        cursor.execute("grant insert on braid_person to braid_pages")
        cursor.execute("create policy anything on braid_person for insert to braid_pages with check (true)")
    of_hidden, of_absent = both_answers(ADD_PERSON, hidden)
    assert of_hidden != of_absent and "23505" in of_hidden


READS = {
    "for update": "select 1 from braid_person where person_id = '{0}' for update",
    "for key share": "select 1 from braid_person where person_id = '{0}' for key share",
    "an update": "update braid_personwait set kind = kind where person_id = '{0}'",
    "a delete": "delete from braid_person where person_id = '{0}'",
    "a count": "select count(*) from braid_personwait where person_id = '{0}'",
    "a function that says what it is given": "select 1 from braid_personwait where person_id = '{0}'"
    " and ('x' || person_id)::int = 1",
    "a division by nothing": "select 1 / (case when person_id = '{0}' then 0 else 1 end) from braid_personwait"
    " where person_id = '{0}'",
    "a join from one's own list": "select v from (values ('{0}')) as mine (v) join braid_person on person_id = v",
    "an aggregate over everybody": "select max(person_id), count(*) from braid_reach where person_id = '{0}'",
    "an emergency": "insert into braid_breakglass (username, organisation, role, person_id, purpose, reason,"
    " reference_kind, reference, colleague, live_from, live_to, review_due_at, reviewed_by, finding)"
    " values ('test-listing_officer', '', '', '{0}', 'court_readiness', 'x', '', 'INC-1', 'another',"
    " statement_timestamp(), statement_timestamp() + interval '1 hour', now(), '', '') returning purpose",
    "a conflict declared": "insert into braid_exclusionentry (subject_id, barred_username, barred_person_id, reason,"
    " reference, source, entered_by) values ('{0}', 'test-listing_officer', '', 'staff_knows', '', 'page',"
    " 'test-listing_officer') returning barred_username",
    "the vault": "select * from vault.read_field('{0}', 'vault.address')",
}


@pytest.mark.parametrize("way", READS)
def test_a_read_tells_nothing(way, hidden):
    of_hidden, of_absent = both_answers(READS[way], hidden)
    assert of_hidden == of_absent


@pytest.mark.parametrize("way", ["a count", "a function that says what it is given", "a join from one's own list"])
def test_the_same_read_tells_of_whom_the_asker_may_see_or_the_test_shows_nothing(way, published):
    of_seen, of_absent = both_answers(READS[way], CHILD)
    assert of_seen != of_absent


def test_a_function_in_a_condition_gets_no_row_that_the_policies_hide(hidden):
    """A function that raises what it is handed sees visible rows alone, however cheap it says it is."""
    with known_asker(), connection.cursor() as cursor:
        cursor.execute(
            "create function tell(text) returns boolean language plpgsql cost 0.0000001 as"
            " $$ begin if $1 in (select v from mine_said) then raise exception 'told'; end if; return true; end $$"
        )
        cursor.execute("create table mine_said (v text)")
        cursor.execute("insert into mine_said values (%s)", [hidden])
        cursor.execute("grant select on mine_said to braid_pages")
    statement = "select count(*) from braid_personwait where tell(person_id::text)"
    assert "told" not in answer_of(statement)
    assert "told" in answer_of(statement, owner=True)


def test_statistics_of_protected_tables_are_shown_to_nobody_of_the_pages(published):
    with known_asker(), connection.cursor() as cursor:
        cursor.execute(f"analyze {', '.join((*PROTECTED, *HIDDEN_LISTS))}")
    names = ", ".join(f"'{table}'" for table in (*PROTECTED, *HIDDEN_LISTS))
    statement = f"select count(*) from pg_stats where tablename in ({names})"
    assert answer_of(statement) == "SELECT 1 [(0,)]"
    assert answer_of(statement, owner=True) != "SELECT 1 [(0,)]"
    for catalogue in ("pg_statistic", "pg_statistic_ext_data", "pg_authid"):
        assert "42501" in answer_of(f"select * from {catalogue}")


def test_how_many_there_are_does_not_change_with_one_more_or_less_until_the_owner_counts(published):
    """`reltuples` is an estimate over everybody, of the last publication: hiding somebody changes nothing in it."""
    statement = "select relname, reltuples from pg_class where relname like 'braid_p%' order by 1"
    before = answer_of(statement)
    with known_asker():
        Barred.objects.create(person_id=CHILD, username=LISTING[0])
    assert answer_of(statement) == before


@pytest.mark.parametrize(
    "statement",
    [
        "explain select 1",
        " EXPLAIN (analyze) select 1",
        "select 1; explain select 1",
        "/* */ select 1;\nexplain select 1",
    ],
)
def test_a_plan_is_refused_before_the_database(statement, published):
    with known_asker(), as_pages(), pytest.raises(NoContext), connection.cursor() as cursor:
        cursor.execute(statement)


def test_what_a_plan_would_tell(hidden):
    """The control, and the residual: whoever holds the password of the pages' role and a connection of their own can
    have the rows counted that a policy filtered out. PostgreSQL has no right to withhold EXPLAIN by."""

    def plan_of(person_id: str) -> str:
        cursor.execute(TELL_DATABASE, LISTING)
        raw = connection.connection.execute(
            "explain (analyze, costs off, timing off, summary off) select * from braid_personwait"
            f" where person_id = '{person_id}'"
        )
        return "\n".join(row[0] for row in raw)

    with known_asker(), as_pages(), connection.cursor() as cursor:
        assert "Rows Removed by Filter: 6" in plan_of(hidden) and "Rows Removed by Filter: 6" not in plan_of(ABSENT)


def test_sequences_are_not_read(published):
    with known_asker(), connection.cursor() as cursor:
        cursor.execute(
            "select sequencename from pg_sequences where schemaname = 'public' and sequencename ~ %s",
            ["^braid_(reach|cohort|personrank|involvement|blocker|person|barred|admitted|tie|personalias)"],
        )
        names = [row[0] for row in cursor.fetchall()]
    assert len(names) >= 5
    for name in names:
        for statement in (f"select last_value from {name}", f"select nextval('{name}')", f"select currval('{name}')"):
            assert "42501" in answer_of(statement), statement
        assert "42501" not in answer_of(f"select last_value from {name}", owner=True)


def test_locks_say_nothing_about_a_person(published, client_of):
    """Advisory locks are of the whole published set: which are held does not depend on who is looked at."""
    locks = (
        "select classid, objid, objsubid, mode from pg_locks"
        " where locktype = 'advisory' and pid = pg_backend_pid() order by 1, 2, 3, 4"
    )
    before, held = answer_of(locks, owner=True), []
    for person in (CHILD, ONLY_HIDDEN, ABSENT):
        client_of("listing_officer", "court_readiness").get(f"/people/{person}/")
        held.append(answer_of(locks, owner=True))
    assert held[0] == held[1] == held[2] != before, "the lock of the published set, until the test's end"


@pytest.mark.parametrize("table", [*PROTECTED, *HIDDEN_LISTS])
def test_pages_can_neither_refer_to_nor_trigger_on_nor_empty_a_protected_table(table, published):
    for right in ("references", "trigger", "truncate", "delete"):
        assert answer_of(f"select has_table_privilege('{table}', '{right}')") == "SELECT 1 [(False,)]", right
    may_add = (
        table.removeprefix("braid_")
        in (
            "auditentry breakglass emergencyapproval exclusionentry restrictionentry safetytask"
            " outboxmessage outboxrecipient safecontact safecontactdigest contactrelease sharedecision"
            " referral replylink jointcase casemember casesubject casewait caseoffer careaction meeting"
            " agendaitem meetingreturn returnline attendance agencynote dissent minutesamendment jointplan"
            " plangoal goalaction planapproval planreview goalreview readinessday casereadiness"
            " unreadydecision plannedmove mover movenotice movecorrection responseevent draft"
            " casedocument documentsubject documentversion documentreader"
            " proposalanswer answeredperson listingchange appointmentsheet boardpaper"
            " simulationquestion"
            " boardseatholder boardmeeting boarditem meetingpaper boardattendance boardinterest boarddecision boardvote"
            " decisionlink boardaction boardactionstep boardrisk boardriskrating boardpriority boardpriorityend"
            " boardpack"
            " ledgerfund ledgerperiod ledgerentry ledgerline ledgerdecision"
            " commission commissionterms commissionsignature commissionposting reportinground roundreturn"
            " serviceepisode serviceplan servicesession outcomescore"
            " simulationquestion portfoliostudy portfoliochoice"
            " boardforecast"
            " linkanswer"
            " apitoken apianswer rightsrequest rightspause rightsstep rightsitem legalhold"
        ).split()
    )
    assert answer_of(f"select has_table_privilege('{table}', 'insert')") == f"SELECT 1 [({may_add},)]"
    assert "42501" in answer_of(f"create trigger mine before insert on {table} execute function braid_renew_effects()")


def test_no_id_of_an_entry_depends_on_a_person_that_the_asker_may_not_see(hidden):
    """Numbers of emergencies and conflicts grow by one whoever they are about, and there is no key over persons."""
    with known_asker(), connection.cursor() as cursor:
        cursor.execute(
            "select c.relname, pg_get_indexdef(i.indexrelid) from pg_index i join pg_class c on c.oid = i.indrelid"
            " where i.indisunique"
            " and c.relname in ('braid_breakglass', 'braid_exclusionentry', 'braid_restrictionentry')"
        )
        assert not [index for _, index in cursor.fetchall() if "person" in index or "subject" in index]


def test_what_fails_in_a_page_says_no_more_than_that_it_failed(published, client_of, monkeypatch):
    """A failing statement names a key in its error; the page that failed shows nothing of it."""
    client = client_of("advocate", "victim_response")
    client.raise_request_exception = False

    def fail(*arguments, **options):
        raise DatabaseError(f'duplicate key value violates unique constraint, Key (person_id)=("{VICTIM}")')

    monkeypatch.setattr("braid.web.access.person.record_look", fail)
    answer = client.get(f"/people/{VICTIM}/")
    assert answer.status_code == 500
    assert VICTIM not in answer.content.decode() and b"duplicate" not in answer.content
