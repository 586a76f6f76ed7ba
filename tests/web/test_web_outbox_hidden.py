"""Whoever is kept from a person neither sees nor changes what stands about them in the outbox, the lead included."""

import uuid

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from outbox_sample import put_about
from published_sample import as_pages
from sample_agreements import HOST
from sample_run import CHILD, ONE_WAIT, VICTIM

from braid.web.access.context import asking_as
from braid.web.models import Admitted, Barred, ContactRelease, OutboxMessage, SafeContact, SafetyTask, User
from braid.web.outbound.listing import list_unseen_tasks
from braid.web.watch import known_asker

pytestmark = pytest.mark.django_db

LEAD = "test-ig_lead"
OF_WHAT_LEAVES = tuple(
    f"braid_{name}"
    for name in "outboxmessage outboxrecipient safecontact contactrelease safetytask sharedecision".split()
)
NOBODY = uuid.UUID(int=7).hex


def keep_away(username: str, person_id: str = CHILD) -> None:
    with known_asker():
        Barred.objects.create(person_id=person_id, username=username)


def seen_of(username: str) -> dict[str, set[str]]:
    """The ids of all rows that a bare query of the pages' role gets for this human, by table."""
    with as_pages(), asking_as(username, "school_from_ta"), connection.cursor() as cursor:
        found = {}
        for table in OF_WHAT_LEAVES:
            cursor.execute(f"select id from {table}")
            found[table] = {str(row[0]) for row in cursor.fetchall()}
        return found


def changed_by(username: str, statement: str) -> int:
    """How many rows a bare statement of the pages' role reaches for this human; it is taken back."""
    with as_pages(), asking_as(username, "school_from_ta"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
        transaction.set_rollback(True)
        return cursor.rowcount


@pytest.mark.parametrize("how", ["excluded", "restricted_to_another"])
def test_a_lead_who_is_kept_from_a_person_sees_nothing_that_stands_about_them(how, published):
    about, other = put_about(CHILD), put_about(ONE_WAIT)
    both = seen_of(LEAD)
    assert {table: len(rows) for table, rows in both.items()} == dict(
        zip(OF_WHAT_LEAVES, (4, 4, 4, 4, 4, 2), strict=True)
    )
    if how == "excluded":
        keep_away(LEAD)
    else:
        with known_asker():
            Admitted.objects.create(person_id=CHILD, username="somebody else")
    seen = seen_of(LEAD)
    assert seen["braid_outboxmessage"] == {other.queued, other.refused}
    assert len(seen["braid_outboxrecipient"]) == 2
    assert seen["braid_safecontact"] == {str(other.contact), str(other.held_contact)}
    assert seen["braid_contactrelease"] == {str(other.release), str(other.held_release)}
    assert seen["braid_sharedecision"] == {str(other.decision)}
    assert seen["braid_safetytask"] == {str(other.message_task), str(other.vault_task)}
    by_author = seen_of("test-practitioner")["braid_outboxmessage"]
    assert (about.queued in by_author) is (how == "excluded"), "their author is not the one who is excluded"


def test_an_author_who_is_kept_from_the_subject_later_loses_the_message(published):
    about = put_about(CHILD)
    assert seen_of("test-practitioner")["braid_outboxmessage"] == {about.queued, about.refused}
    keep_away("test-practitioner")
    assert not any(seen_of("test-practitioner").values())


def test_who_is_to_receive_it_is_a_person_too(published):
    """A message about one and a release of one, to another from whom the lead is kept."""
    put_about(ONE_WAIT, party=("person", CHILD))
    keep_away(LEAD)
    seen = seen_of(LEAD)
    assert not seen["braid_outboxmessage"] and not seen["braid_outboxrecipient"] and not seen["braid_contactrelease"]
    assert len(seen["braid_safecontact"]) == 2 and len(seen["braid_safetytask"]) == 1, "that is about the subject alone"


CHANGES = (
    *(
        f"update braid_{table} set {step}"
        for table in ("safecontact", "contactrelease")
        for step in (
            f"second_by = '{LEAD}' where second_by = ''",
            f"ended_how = 'refused', ended_by = '{LEAD}', ended_at = now() where second_by = ''",
            f"ended_how = 'withdrawn', ended_by = '{LEAD}', ended_at = now() where second_by <> ''",
        )
    ),
    "update braid_outboxmessage set sealed = '' where true",
    f"update braid_safetytask set claimed_by = '{LEAD}'",
)


@pytest.mark.parametrize("statement", CHANGES)
def test_a_lead_who_is_kept_from_a_person_changes_nothing_that_stands_about_them(statement, published):
    """Also by a statement without a condition, which the policies of reading do not reach."""
    put_about(CHILD)
    with known_asker():
        OutboxMessage.objects.filter(state="queued").delete()
    assert changed_by(LEAD, statement) > 0
    keep_away(LEAD)
    assert changed_by(LEAD, statement) == 0


INSERTS = {
    "release to": "insert into braid_contactrelease (location_kind, person_id, party_kind, party_id, reference,"
    f" entered_by, second_by, until) values ('address', '{ONE_WAIT}', 'person', '{{0}}', 'A-1', 'test-analyst', '',"
    " now()) returning id",
    "release of": "insert into braid_contactrelease (location_kind, person_id, party_kind, party_id, reference,"
    " entered_by, second_by, until) values ('address', '{0}', 'organisation', 'x', 'A-1', 'test-analyst', '', now())"
    " returning id",
    "safe contact": "insert into braid_safecontact (person_id, key_id, wrapped, sealed, entered_by, second_by)"
    " values ('{0}', '', '', '', 'test-analyst', '') returning id",
    "message about": "insert into braid_outboxmessage (id, channel, sent_by, role, purpose, reference, subject_ids,"
    " key_id, wrapped, sealed, draft_digest, state, attempts, refused_reasons) values (gen_random_uuid(), 'letter',"
    " 'test-analyst', '', 'school_from_ta', '', '[\"{0}\"]', '', '', '', '', 'queued', 0, '[]') returning id",
    "decision": "insert into braid_sharedecision (outcome, gateway, reason, detriment, decided_by, role, purpose,"
    " reference, person_id, receiver, item_classes, agreement_ids) values ('withheld', '', 'not_necessary', '',"
    " 'test-analyst', '', 'school_from_ta', '', '{0}', 'x', 'N', '') returning id",
    "task": "insert into braid_safetytask (kind, subject_id, owner_role, due_at, claimed_by, done_by, outcome)"
    " values ('vault_lookup_failed', '{0}', 'ig_lead', now(), '', '', '') returning kind",
    "task of another kind": "insert into braid_safetytask (kind, subject_id, owner_role, due_at, claimed_by, done_by,"
    " outcome) values ('second_factor_unreadable', '{0}', 'ig_lead', now(), '', '', '')",
}


def answer_to(statement: str) -> str:
    with as_pages(), asking_as("test-analyst", "school_from_ta"), connection.cursor() as cursor:
        try:
            with transaction.atomic():
                cursor.execute(statement)
                transaction.set_rollback(True)
                return str(cursor.statusmessage)
        except DatabaseError as error:
            return f"{error.__cause__.diag.sqlstate} {error.__cause__.diag.message_primary}"


@pytest.mark.parametrize("way", INSERTS)
def test_what_is_entered_about_somebody_hidden_is_refused_as_about_somebody_absent(way, published):
    statement = INSERTS[way]
    if way not in ("task", "task of another kind"):
        assert answer_to(statement.format(CHILD)) == "INSERT 0 1", "or the comparison shows nothing"
    keep_away("test-analyst")
    hidden, absent = answer_to(statement.format(CHILD)), answer_to(statement.format(NOBODY))
    assert hidden == absent and "42501" in hidden


def test_the_page_answers_an_excluded_lead_as_if_there_were_nothing(published, client_of):
    lead = client_of("ig_lead")
    empty = lead.get("/tasks/").content
    about = put_about(CHILD)
    assert lead.get("/tasks/").content != empty
    keep_away(LEAD)
    assert lead.get("/tasks/").content == empty
    for step, number in (
        *(("claim", one) for one in (about.message_task, about.vault_task)),
        *(("finish", one) for one in (about.message_task, about.vault_task)),
        *(("refuse_contact", about.contact), ("refuse_release", about.release), ("confirm_release", about.release)),
        *(("withdraw_contact", about.held_contact), ("withdraw_release", about.held_release)),
    ):
        form = {"step": step, "outcome": "other_way"}
        hidden, absent = (lead.post("/tasks/", {**form, "id": each}) for each in (number, 999_999))
        assert (hidden.status_code, hidden.content) == (
            absent.status_code,
            absent.content,
        ) and hidden.status_code == 400
    with known_asker():
        assert not SafetyTask.objects.exclude(claimed_by="").exists()
        assert not SafeContact.objects.exclude(second_by__in=("", "another")).exists()
        assert not ContactRelease.objects.exclude(second_by__in=("", "another")).exists()
        assert not SafeContact.objects.exclude(ended_how="").exists()
        assert not ContactRelease.objects.exclude(ended_how="").exists()


def test_what_no_lead_sees_is_listed_without_anybodys_value(published):
    about = put_about(CHILD)
    assert list_unseen_tasks() == []
    keep_away(LEAD)
    unseen = list_unseen_tasks()
    assert {(row["what"], row["number"]) for row in unseen} == {
        ("task: message_refused", about.message_task),
        ("task: vault_lookup_failed", about.vault_task),
        ("safe contact to confirm", about.contact),
        ("release to confirm", about.release),
    }
    assert {key for row in unseen for key in row} == {"what", "number", "since", "due"}
    assert CHILD not in str(unseen) and about.refused not in str(unseen)


def test_another_lead_sees_it_and_one_whose_account_is_closed_does_not(published):
    put_about(CHILD)
    keep_away(LEAD)
    second = User.objects.create(username="test-ig_lead-2", role="ig_lead", organisation=HOST)
    assert list_unseen_tasks() == []
    User.objects.filter(pk=second.pk).update(is_active=False)
    assert len(list_unseen_tasks()) == 4


def test_what_is_done_or_confirmed_is_not_missed(published):
    put_about(VICTIM)
    keep_away(LEAD, VICTIM)
    with known_asker():
        SafetyTask.objects.update(done_at=timezone.now())
        SafeContact.objects.filter(second_by="").update(second_by="another")
        ContactRelease.objects.filter(second_by="").update(second_by="another")
    assert list_unseen_tasks() == []


def test_the_owner_reads_on_as_the_owner(published):
    put_about(CHILD)
    list_unseen_tasks()
    with known_asker():
        assert SafetyTask.objects.count() == 2
