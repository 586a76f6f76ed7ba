"""The vault: what is in it, who reads it, and what becomes of a reading that fails."""

import dataclasses
import shutil

import psycopg
import pytest
from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone
from published_sample import ENTRIES, as_pages
from sample_run import AS_OF, CANARIES, CHILD, CHILD_PROTECTED, ONE_WAIT, ONLY_HIDDEN, VICTIM, sample_tables, write_run
from vault_sample import ADVOCATE, VICTIMS, confirm_session, has_factor, query, read_as_pages

from braid.store.signing_key import open_key
from braid.store.vault_keys import VaultKeyNotAvailable, VaultSealBroken, create_key_ring, load_key_ring
from braid.trust.agreements import sharings
from braid.trust.decide import Actor, Held, Outcome, Subject, decide
from braid.trust.guard import Facts, Message, Part, Recipient, Refused, Released, check_outbound
from braid.trust.items import ITEMS
from braid.trust.roles import PURPOSES, ROLES
from braid.web.access.context import asking_as
from braid.web.audit_check import verify
from braid.web.key_rotation import replace_lost_key, rotate_vault
from braid.web.models import Barred, Cohort, Protection, PublishedRun, SafetyTask, SecondFactor, User
from braid.web.publish import NotPublishable, publish
from braid.web.row_security import find_faults
from braid.web.vault import recording
from braid.web.vault.erasing import erase_person
from braid.web.vault.filling import fill_vault
from braid.web.vault.keys import key_file, open_key_ring
from braid.web.vault.reading import VaultNotReadable
from braid.web.vault.recording import record_vault_read
from braid.web.vault.tokens import get_guard_tokens
from braid.web.watch import NoContext, known_asker

pytestmark = pytest.mark.django_db

VAULT_ITEMS = sorted(item for item in ITEMS if item.startswith("vault."))
ADDRESS_PAGE = f"/people/{VICTIM}/location/address/"


@pytest.fixture
def key_of_its_own(tmp_path, monkeypatch):
    """A key file that the test may break; the sample published under it."""
    monkeypatch.setattr(settings, "VAULT_KEY_FILE", str(tmp_path / "vault_key"))
    return tmp_path / "vault_key"


@pytest.fixture
def advocate(published, client_of, user_of):
    """The advocate, who has said why they look and has just confirmed."""
    has_factor(user_of("advocate"))
    return confirm_session(client_of("advocate", VICTIMS))


@pytest.fixture
def published_key(published):
    """The key file that the sample was sealed under."""
    return key_file()


# What is in it


def test_every_location_of_a_protected_person_is_in_the_vault(published):
    found = {item: {value.value for value in read_as_pages(VICTIM, item)} for item in VAULT_ITEMS}
    address, postcode = CANARIES["address"], CANARIES["postcode"]
    assert found == {
        "vault.address": {f"{address}, {postcode}", CANARIES["refuge"], CANARIES["old_address"], "100099999999"},
        "vault.postcode": {postcode},
        "vault.telephone": {CANARIES["telephone"]},
        "vault.district": {"Southwick Down"},
        "vault.school": {CANARIES["school"]},
        "vault.contacts": {
            CANARIES["worker"],
            CANARIES["team"],
            CANARIES["venue"],
            "Harbour Support",
            "Northmere Council",
        },
        "vault.entry": set(),
    }


def test_what_still_holds_comes_first_with_its_source_and_date(published):
    values = read_as_pages(VICTIM, "vault.address")
    assert [value.is_current for value in values] == [True, True, False, False]
    assert {value.source for value in values} == {"Northmere Council"}
    assert {value.as_of_date for value in values} == {AS_OF}
    assert {value.until_date for value in values[2:]} == {AS_OF.replace(month=8, day=17)}
    assert all(value.confidential for value in values)


def test_people_who_are_not_protected_have_no_row(published):
    with known_asker():
        protected = set(Protection.objects.values_list("person_id", flat=True))
    kept = {row[0] for row in query("select person_id from vault.field")}
    assert {row[0] for row in query("select person_id from vault.data_key")} == protected
    assert kept == {VICTIM, CHILD_PROTECTED} < protected, "ONLY_HIDDEN is protected, and no source says where"
    assert read_as_pages(ONLY_HIDDEN, "vault.address") == ()


def test_it_is_replaced_whole_with_the_published_set(published, sample, tmp_path):
    place, _ = sample
    tables = sample_tables(0)
    for row in tables["person"]:
        row["protected"] = row["person_id"] == VICTIM
    tables["stay"][0]["address_lines"] = "8 Another Road"
    publish(write_run(dataclasses.replace(place, folder=tmp_path), "moved", tables), place)
    assert {row[0] for row in query("select person_id from vault.field")} == {VICTIM}
    assert read_as_pages(VICTIM, "vault.address")[0].value == f"8 Another Road, {CANARIES['postcode']}"


@pytest.mark.parametrize("table", ["person_link", "stay", "person_record", "episode", "event"])
def test_a_run_without_a_table_leaves_the_vault_before(published, sample, tmp_path, table):
    place, _ = sample
    run = write_run(dataclasses.replace(place, folder=tmp_path), "broken", sample_tables(0))
    run.table(table).unlink()
    before = query("select * from vault.field order by 1, 2")
    with pytest.raises(NotPublishable, match=table):
        publish(run, place)
    assert query("select * from vault.field order by 1, 2") == before


def test_a_key_is_made_once_and_never_where_something_is_sealed(published, sample, key_of_its_own, user_of):
    place, run = sample
    kept = query("select * from vault.field order by 1, 2")
    with known_asker(), connection.cursor() as cursor:
        with pytest.raises(NotPublishable, match="--key-lost"):
            fill_vault(cursor, run, place)
        assert not key_of_its_own.exists(), "the vault is sealed under the key that is not there today"
        assert query("select * from vault.field order by 1, 2") == kept
        query("delete from vault.data_key")
        factor = SecondFactor.objects.create(user=user_of("advocate"), key_id="v1", wrapped=b"", sealed=b"")
        with pytest.raises(NotPublishable, match="--key-lost"):
            fill_vault(cursor, run, place)
        assert not key_of_its_own.exists(), "so is a second factor"
        factor.delete()
        fill_vault(cursor, run, place)
        first = load_key_ring(key_of_its_own)
        fill_vault(cursor, run, place)
        assert load_key_ring(key_of_its_own) == first


# Who reads it


def test_each_field_is_shown_on_a_page_of_its_own_to_the_advocate(advocate):
    page = advocate.get(f"/people/{VICTIM}/").content.decode()
    assert not [name for name, token in CANARIES.items() if token in page]
    for item in VAULT_ITEMS:
        code = item.removeprefix("vault.")
        assert f'href="/people/{VICTIM}/location/{code}/"' in page
        answer = advocate.get(f"/people/{VICTIM}/location/{code}/")
        assert answer.status_code == 200
        assert answer["Cache-Control"] == "no-store"
        shown = {name for name, token in CANARIES.items() if token in answer.content.decode()}
        assert shown == {
            "address": {"address", "postcode", "refuge", "old_address"},
            "postcode": {"postcode"},
            "telephone": {"telephone"},
            "school": {"school"},
            "contacts": {"worker", "team", "venue"},
        }.get(code, set()), code
    after = advocate.get(f"/people/{VICTIM}/").content.decode()
    assert not [name for name, token in CANARIES.items() if token in after], "shown for one answer only"


@pytest.mark.parametrize("role", [role for role in ROLES if role != "advocate"])
def test_nobody_else_is_offered_it(role, published, client_of):
    for purpose in sorted(ROLES[role].purposes):
        client = client_of(role, purpose)
        for person in (VICTIM, CHILD_PROTECTED, CHILD):
            assert b"/location/" not in client.get(f"/people/{person}/").content


def test_a_read_leaves_one_row_and_a_refusal_none_of_a_read(advocate, client_of, user_of):
    def rows():
        return list(ENTRIES.filter(page__startswith="vault").values_list("username", "person_id", "page"))

    advocate.get(ADDRESS_PAGE)
    assert rows() == [(ADVOCATE, VICTIM, "vault.address")]
    confirm_session(advocate, seconds_ago=300)
    assert advocate.get(ADDRESS_PAGE).status_code == 302
    assert rows()[1:] == [(ADVOCATE, VICTIM, "vault.address step_up")]
    confirm_session(advocate)
    assert advocate.get(f"/people/{CHILD_PROTECTED}/location/address/").status_code == 404
    assert rows()[2:] == [(ADVOCATE, CHILD_PROTECTED, "vault.address refused")]
    has_factor(user_of("analyst"))
    analyst = confirm_session(client_of("analyst", "school_from_ta"))
    assert analyst.get(f"/people/{CHILD_PROTECTED}/location/address/").status_code == 403
    assert rows()[3:] == [("test-analyst", CHILD_PROTECTED, "vault.address refused")]
    assert advocate.get("/people/%3Cb%3Eanything%3C/location/address/").status_code == 404
    assert rows()[4:] == [(ADVOCATE, "", "vault.address refused")], "what was typed is not kept"
    values = [token for token in CANARIES.values() for row in rows() if token in str(row)]
    assert values == []


def test_the_database_counts_every_call_too(advocate):
    advocate.get(ADDRESS_PAGE)
    rows = query("select username, purpose, person_id, item, permitted from vault.call")
    assert rows == [(ADVOCATE, VICTIMS, VICTIM, "vault.address", True)]


def test_what_cannot_be_recorded_is_not_shown(advocate, monkeypatch):
    def fail(**_):
        raise DatabaseError

    monkeypatch.setattr(recording, "record", fail)
    advocate.raise_request_exception = False
    answer = advocate.get(ADDRESS_PAGE)
    assert answer.status_code == 500
    assert CANARIES["address"].encode() not in answer.content


def test_a_hidden_person_is_as_absent_as_one_who_does_not_exist(advocate):
    with known_asker():
        Barred.objects.create(person_id=VICTIM, username=ADVOCATE)
    hidden, absent = advocate.get(ADDRESS_PAGE), advocate.get(f"/people/{'0' * 32}/location/address/")
    assert (hidden.status_code, hidden.content) == (404, absent.content) and absent.status_code == 404
    assert query("select count(*) from vault.call") == [(0,)], "the vault was not even asked"


@pytest.mark.parametrize("field", ["nothing", "identity", "vault", "address%20", "ADDRESS"])
def test_a_field_that_is_none_is_not_there(field, advocate):
    assert advocate.get(f"/people/{VICTIM}/location/{field}/").status_code == 404


def test_the_policies_of_the_vault_and_the_decision_agree(published):
    """Every user, purpose, person and item: the database permits what the decision lets through or steps up for."""
    run = PublishedRun.objects.get()
    from sample_agreements import sample_agreements

    flows = tuple(sharings(sample_agreements(), run.kinds, {item: set(held) for item, held in run.senders.items()}))
    with known_asker():
        Barred.objects.create(person_id=ONLY_HIDDEN, username=ADVOCATE)
        protected = set(Protection.objects.values_list("person_id", flat=True))
        concerned = {}
        for problem, person in Cohort.objects.values_list("problem", "person_id"):
            concerned.setdefault(person, set()).add(problem)
    permitted = 0
    for user in User.objects.all():
        actor = Actor(user.username, user.organisation, user.role, user.is_active, flows)
        for purpose in PURPOSES:
            with known_asker(), asking_as(user.username, purpose), connection.cursor() as cursor:
                for person in (CHILD, CHILD_PROTECTED, VICTIM, ONE_WAIT, ONLY_HIDDEN):
                    barred = frozenset({ADVOCATE}) if person == ONLY_HIDDEN else frozenset()
                    subject = Subject(person, concerned=frozenset(concerned.get(person, ())), excluded=barred)
                    for item in VAULT_ITEMS:
                        answer = decide(actor, subject, Held(item, ""), purpose, timezone.now()).outcome
                        cursor.execute("select braid_vault_permits(%s, %s)", [person, item])
                        expected = person in protected and answer in (Outcome.STEP_UP, Outcome.ALLOW)
                        assert cursor.fetchone() == (expected,), (user.username, purpose, person, item)
                        permitted += expected
    assert permitted == len(VAULT_ITEMS), "VICTIM, by the advocate"


# Past the pages


@pytest.mark.parametrize(
    "statement",
    [
        "select * from vault.field",
        "select count(*) from vault.field",
        "select person_id from vault.data_key",
        "select * from vault.call",
        "delete from vault.call",
        "insert into vault.data_key values ('x', 'v1', '')",
        "update vault.field set person_id = 'x'",
        "truncate vault.field",
        "lock table vault.field",
        "copy vault.field to stdout",
        "alter table vault.field owner to braid_pages",
        "create table vault.mine (id int)",
        "select braid_vault_permits('x', 'y')",
        "create function vault.mine() returns int language sql as 'select 1'",
        "update braid_secondfactor set sealed = ''",
        "insert into braid_secondfactor (user_id, key_id, wrapped, sealed) values (1, 'v1', '', '')",
    ],
)
def test_the_role_of_the_pages_has_no_right_on_the_vault(published, statement):
    with as_pages(), known_asker(), connection.cursor() as cursor:
        cursor.execute("savepoint before")
        with pytest.raises(DatabaseError) as refusal:
            cursor.execute(statement)
        cursor.execute("rollback to savepoint before")
    assert isinstance(refusal.value.__cause__, psycopg.errors.InsufficientPrivilege), refusal.value


def inject(statement: str, username: str = "", purpose: str = "") -> list[tuple]:
    """What a statement smuggled into a page gets: the pages' role, and whatever context the page had."""
    with as_pages(), known_asker(), connection.cursor() as cursor:
        cursor.execute(
            "select set_config('braid.username', %s, true), set_config('braid.purpose', %s, true)", [username, purpose]
        )
        cursor.execute("savepoint before")
        try:
            cursor.execute(statement)
            return cursor.fetchall()
        except DatabaseError:
            cursor.execute("rollback to savepoint before")
            raise


def test_an_injected_query_gets_ciphertext_of_one_field_and_leaves_its_row(published):
    (row,) = inject(f"select * from vault.read_field('{VICTIM}', 'vault.address')", ADVOCATE, VICTIMS)
    permitted, key_id, wrapped, sealed = row
    assert permitted and key_id and len(bytes(wrapped)) == 60 and len(bytes(sealed)) % 256 == 28
    told = repr(row).encode() + bytes(wrapped) + bytes(sealed)
    assert not [name for name, token in CANARIES.items() if token.encode() in told]
    assert query("select count(*) from vault.call where permitted") == [(1,)]


@pytest.mark.parametrize(
    "context", [("", ""), ("test-analyst", "school_from_ta"), (ADVOCATE, "school_from_ta"), ("nobody", VICTIMS)]
)
def test_an_injected_query_gets_nothing_without_the_rights_of_its_context_and_leaves_its_row(published, context):
    assert inject(f"select * from vault.read_field('{VICTIM}', 'vault.address')", *context) == [
        (False, None, None, None)
    ]
    assert query("select username, purpose, permitted from vault.call") == [(*context, False)]


@pytest.mark.parametrize(
    "statement",
    [
        "select f.* from unnest(array['vault.address', 'vault.postcode']) i, vault.read_field('{0}', i) f",
        "select f.* from braid_person p, vault.read_field(p.person_id, 'vault.address') f, generate_series(1, 2)",
        "select * from vault.read_field('{0}', 'vault.address') union all"
        " select * from vault.read_field('{0}', 'vault.school')",
        "with a as (select * from vault.read_field('{0}', 'vault.address')),"
        " b as (select * from vault.read_field('{0}', 'vault.address')) select * from a, b",
    ],
)
def test_an_injected_query_for_two_fields_gets_none(published, statement):
    with pytest.raises(DatabaseError, match="call_backend_statement_at_key"):
        inject(statement.format(VICTIM), ADVOCATE, VICTIMS)


def test_a_statement_about_the_vault_outside_a_context_is_refused_before_the_database(published):
    with pytest.raises(NoContext), connection.cursor() as cursor:
        cursor.execute("select * from vault.field")


@pytest.mark.parametrize(
    "statement",
    [
        "grant select on vault.field to braid_pages",
        "grant select (sealed) on vault.field to braid_pages",
        "grant insert on vault.data_key to braid_pages",
        "grant select on vault.call to public",
        "grant braid_vault to braid_pages",
        "alter role braid_vault login",
        "alter role braid_vault superuser",
        "grant execute on function vault.read_field(varchar, varchar) to public",
        "grant execute on function braid_vault_permits(varchar, varchar) to braid_pages",
        "alter function vault.read_field(varchar, varchar) reset search_path",
        "create function vault.all_fields() returns setof vault.field language sql security definer"
        " set search_path = pg_catalog as 'select * from vault.field'",
        "create function public.read_field() returns setof vault.field language sql security definer"
        " set search_path = pg_catalog as 'select * from vault.field'",
        "create view public.everything as select * from vault.field; grant select on public.everything to braid_pages",
        "drop schema vault cascade",
    ],
)
def test_what_would_open_the_vault_to_pages_is_found(published, statement):
    assert find_faults() == []
    with known_asker(), connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        cursor.execute(statement)
        assert find_faults()


# What fails, withholds


def open_tasks():
    return list(SafetyTask.objects.values_list("kind", "subject_id", "owner_role", "done_at"))


def assert_withheld(client):
    answer = client.get(ADDRESS_PAGE)
    assert answer.status_code == 503
    text = answer.content.decode()
    assert "Withheld." in text and not [name for name, token in CANARIES.items() if token in text]
    assert open_tasks() == [("vault_lookup_failed", VICTIM, "ig_lead", None)]
    assert set(ENTRIES.filter(page__startswith="vault").values_list("page", flat=True)) == {"vault.address withheld"}


SPOILT = {
    "moved from another field": "update vault.field f set sealed = o.sealed from vault.field o"
    " where o.person_id = f.person_id and o.item = 'vault.postcode' and f.item = 'vault.address'",
    "moved from another person, with the key": "with a as (update vault.data_key k set wrapped = o.wrapped from"
    " vault.data_key o where o.person_id <> k.person_id and k.person_id = '{0}' returning 1)"
    " update vault.field f set sealed = o.sealed from vault.field o, a where f.person_id = '{0}'"
    " and o.person_id <> f.person_id and o.item = 'vault.contacts'",
    "another key id": "update vault.data_key set key_id = 'v9-00000000'",
    "cut": "update vault.field set sealed = substr(sealed, 1, 20)",
    "empty": "update vault.field set sealed = ''",
    "no data key": "delete from vault.data_key",
    "an erased data key": "update vault.data_key set wrapped = ''",
    "no function": "alter function vault.read_field(varchar, varchar) rename to gone",
    "no right to call": "revoke execute on function vault.read_field(varchar, varchar) from braid_pages",
    "a database that disagrees": "delete from braid_roleright where kind = 'vault'",
}


@pytest.mark.parametrize("how", SPOILT)
def test_what_does_not_open_is_withheld_and_leaves_one_task(how, advocate):
    query(SPOILT[how].format(VICTIM))
    assert_withheld(advocate)
    assert_withheld(advocate)


@pytest.mark.parametrize("how", ["missing", "another", "malformed", "open to others", "a folder"])
def test_without_the_right_key_it_is_withheld_and_leaves_one_task(how, advocate, published_key, key_of_its_own):
    if how == "a folder":
        key_of_its_own.mkdir()
    elif how == "malformed":
        key_of_its_own.write_text("v1 broken\n")
    elif how == "open to others":
        shutil.copy(published_key, key_of_its_own)
        key_of_its_own.chmod(0o644)
    elif how == "another":
        create_key_ring(key_of_its_own)
    assert_withheld(advocate)
    assert_withheld(advocate)


def test_the_same_key_id_with_other_bytes_opens_nothing(advocate, key_of_its_own):
    create_key_ring(key_of_its_own)
    other = key_of_its_own.read_text().split()[1]
    (key_id,) = {row[0] for row in query("select key_id from vault.data_key")}
    key_of_its_own.write_text(f"{key_id} {other}\n")
    assert_withheld(advocate)


def test_every_flipped_byte_of_the_row_fails_closed(published):
    for column, table in (("sealed", "field"), ("wrapped", "data_key")):
        where = f"from vault.{table} where person_id = '{VICTIM}'" + (
            " and item = 'vault.school'" if table == "field" else ""
        )
        ((kept,),) = query(f"select {column} {where}")
        kept = bytes(kept)
        for position in range(len(kept)):
            flipped = kept[:position] + bytes([kept[position] ^ 0xFF]) + kept[position + 1 :]
            query(where.replace("from", "update", 1).replace(" where", f" set {column} = %s where"), flipped)
            with pytest.raises(VaultNotReadable):
                read_as_pages(VICTIM, "vault.school")
        query(where.replace("from", "update", 1).replace(" where", f" set {column} = %s where"), kept)
    assert read_as_pages(VICTIM, "vault.school")[0].value == CANARIES["school"]


def test_no_failure_says_a_value_a_key_or_a_person(advocate, caplog, capfd):
    key = key_file().read_text().split()[1]
    query("update vault.field set sealed = substr(sealed, 1, 40)")
    with pytest.raises(VaultNotReadable) as refusal:
        read_as_pages(VICTIM, "vault.address")
    assert advocate.get(ADDRESS_PAGE).status_code == 503
    said = "".join([caplog.text, *capfd.readouterr(), repr(refusal.value)])
    assert not [token for token in (*CANARIES.values(), key, VICTIM) if token in said]


def test_values_are_in_no_repr(published):
    seen = repr(read_as_pages(VICTIM, "vault.address"))
    assert not [token for token in CANARIES.values() if token in seen]


# Keys that change


def everything() -> dict[tuple[str, str], tuple]:
    return {
        (person, item): tuple((value.value, value.source) for value in read_as_pages(person, item))
        for person in (VICTIM,)
        for item in VAULT_ITEMS
    }


def test_rotation_keeps_all_readable_and_makes_the_old_key_useless(key_of_its_own, published, tmp_path):
    before, sealed = everything(), query("select sealed from vault.field order by person_id, item")
    assert before[VICTIM, "vault.telephone"] == ((CANARIES["telephone"], "Northmere Council"),)
    old = tmp_path / "old"
    shutil.copy(key_of_its_own, old)
    old_ring = load_key_ring(old)
    with known_asker():
        ring = rotate_vault()
    assert set(ring.keys).isdisjoint(old_ring.keys)
    assert everything() == before
    assert {row[0] for row in query("select key_id from vault.data_key")} == {ring.current}
    after = query("select sealed from vault.field order by person_id, item")
    assert {bytes(row[0]) for row in sealed}.isdisjoint(bytes(row[0]) for row in after)
    shutil.copy(old, key_of_its_own)
    for item in ("vault.address", "vault.telephone"):
        with pytest.raises(VaultNotReadable):
            read_as_pages(VICTIM, item)


def test_a_rotation_that_fails_leaves_all_readable(key_of_its_own, published):
    before = everything()
    query("update vault.field set sealed = substr(sealed, 1, 20) where person_id = %s", CHILD_PROTECTED)
    with pytest.raises(VaultSealBroken):
        rotate_vault()
    assert everything() == before, "the key before is still in the file"


def test_a_person_whose_data_key_is_erased_never_opens_again(key_of_its_own, published):
    assert read_as_pages(VICTIM, "vault.address")
    assert erase_person(VICTIM)
    assert not erase_person(VICTIM)
    for item in ("vault.address", "vault.postcode", "vault.telephone", "vault.school", "vault.contacts"):
        with pytest.raises(VaultNotReadable):
            read_as_pages(VICTIM, item)
    assert not get_guard_tokens([VICTIM], sent_by="x", reference="y").answered, "nothing about her may leave"
    rotate_vault()
    assert query("select count(*) from vault.field where person_id = %s", VICTIM) == [(0,)]
    assert query("select count(*) from vault.field where person_id = %s", CHILD_PROTECTED) != [(0,)]
    with pytest.raises(VaultNotReadable):
        read_as_pages(VICTIM, "vault.address")
    assert not get_guard_tokens([VICTIM], sent_by="x", reference="y").answered
    assert get_guard_tokens([ONLY_HIDDEN, CHILD], sent_by="x", reference="y").answered
    assert read_as_pages(ONLY_HIDDEN, "vault.address") == ()


def test_a_place_published_before_it_had_a_vault_is_filled_and_until_then_nothing_is_known(published, sample):
    place, run = sample
    assert not publish(run, place).changed
    for table in ("filled", "field", "data_key"):
        query(f"delete from vault.{table}")
    assert not get_guard_tokens([VICTIM], sent_by="x", reference="y").answered
    assert not get_guard_tokens([CHILD], sent_by="x", reference="y").answered, "nobody knows that she is not protected"
    with pytest.raises(VaultNotReadable):
        read_as_pages(VICTIM, "vault.address")
    assert publish(run, place).changed
    assert read_as_pages(VICTIM, "vault.telephone")[0].value == CANARIES["telephone"]
    assert get_guard_tokens([VICTIM], sent_by="x", reference="y").tokens


def test_a_lost_key_empties_the_vault_and_the_next_publication_fills_it(published, sample, key_of_its_own):
    place, run = sample
    with pytest.raises(VaultKeyNotAvailable, match="--key-lost"):
        open_key_ring()
    replace_lost_key()
    assert query("select count(*) from vault.field") == [(0,)]
    assert publish(run, place).changed
    assert read_as_pages(VICTIM, "vault.telephone")[0].value == CANARIES["telephone"]


# For the guard


def test_the_guard_gets_what_must_not_leave_and_the_record_says_so(published):
    given = get_guard_tokens([VICTIM, CHILD], sent_by="A. Sender", reference="LTR-1")
    assert given.answered
    found = {(token.kind, token.value) for token in given.tokens}
    assert {
        ("address", f"{CANARIES['address']}, {CANARIES['postcode']}"),
        ("venue", CANARIES["refuge"]),
        ("postcode", CANARIES["postcode"]),
        ("telephone", CANARIES["telephone"]),
        ("school", CANARIES["school"]),
        ("patch", CANARIES["worker"]),
        ("patch", CANARIES["team"]),
        ("venue", CANARIES["venue"]),
        ("provider", "Harbour Support"),
    } <= found
    assert {token.person_id for token in given.tokens} == {VICTIM}
    rows = ENTRIES.filter(page="vault guard").order_by("pk").values_list("person_id", "username", "reference")
    assert sorted(rows) == sorted([(VICTIM, "A. Sender", "LTR-1"), (CHILD, "A. Sender", "LTR-1")])
    assert not [token for token in CANARIES.values() if token in repr(given)]


def test_a_letter_with_a_token_of_the_vault_is_refused_and_one_without_leaves(published):
    given = get_guard_tokens([VICTIM], sent_by="A. Sender", reference="LTR-1")
    now = timezone.now()

    def send(text: str):
        part = Part("body", text.encode(), frozenset())
        message = Message(
            "LTR-1", "post", "A. Sender", (Recipient("gp", "post", "1 High Street"),), frozenset({VICTIM}), (part,)
        )
        facts = Facts(frozenset({"gp"}), frozenset({VICTIM}), vault_answered=given.answered)
        return check_outbound(message, facts, given.tokens, now)

    assert isinstance(send("Please see her on Tuesday."), Released)
    for canary in ("address", "postcode", "telephone", "refuge", "worker", "school", "venue"):
        assert isinstance(send(f"She is now at {CANARIES[canary]}."), Refused), canary


def test_for_the_pages_and_without_a_key_the_vault_did_not_answer_the_guard(published, key_of_its_own):
    def ask():
        return get_guard_tokens([VICTIM], sent_by="A. Sender", reference="LTR-1")

    assert not ask().answered, "the key is missing"
    create_key_ring(key_of_its_own)
    assert not ask().answered, "it is another key"
    with as_pages(), pytest.raises(DatabaseError):
        ask()  # the role of the pages may read no table of it, nor leave a task about somebody whom nobody sees
    assert open_tasks() == [("vault_lookup_failed", VICTIM, "ig_lead", None)]


def test_a_call_of_the_vault_without_an_entry_is_found_and_an_entry_without_a_call(advocate, tmp_path):
    """One field read through the page fits; a query smuggled into a page, and an entry alone, do not."""

    def misfits() -> set[str]:
        report = verify(connection.connection, open_key(tmp_path / "key", "log").public())
        return {misfit.rule for misfit in report.misfits}

    assert advocate.get(ADDRESS_PAGE).status_code == 200
    assert misfits() == set()
    with as_pages(), asking_as(ADVOCATE, VICTIMS), connection.cursor() as cursor:
        cursor.execute("select permitted from vault.read_field(%s, 'vault.telephone')", [VICTIM])
    assert misfits() == {"vault_call_without_entry"}
    record_vault_read(
        username=ADVOCATE, role="advocate", purpose=VICTIMS, reference="MTG-1", person_id=VICTIM, item="vault.telephone"
    )
    assert misfits() == set()
    record_vault_read(
        username=ADVOCATE, role="advocate", purpose=VICTIMS, reference="MTG-1", person_id=VICTIM, item="vault.school"
    )
    assert misfits() == {"vault_entry_without_call"}
