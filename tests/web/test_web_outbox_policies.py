"""What the database lets a page do with messages, safe contacts, releases and tasks, past every form: each rule alone.

The statements run as the role of the pages with the context of a human, as a query smuggled into a page would.
"""

import datetime as dt
import re

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from published_sample import ENTRIES, REFERENCE, as_pages
from sample_agreements import CHILD as CHILD_ITEMS
from sample_agreements import HOST, agreement, sample_agreements
from sample_run import CHILD, VICTIM

from braid.language.schema import Sensitivity
from braid.language.steps import NotPossible
from braid.outbound import Draft, Text
from braid.web.access.context import asking_as
from braid.web.access.projections import Viewer
from braid.web.access.sight import looking
from braid.web.enforcement import enforce
from braid.web.models import (
    ContactRelease,
    OutboxMessage,
    OutboxRecipient,
    SafeContact,
    SafetyTask,
    Suspension,
    User,
)
from braid.web.outbound.disclosures import Grounds
from braid.web.outbound.outbox import queue_message
from braid.web.outbound.tasks import claim, finish
from braid.web.watch import known_asker

pytestmark = pytest.mark.django_db
PRACTITIONER, ANALYST, LEAD = "test-practitioner", "test-analyst", "test-ig_lead"
PURPOSE = "school_from_ta"
GROUNDS = Grounds("children_act_2004_s10", "service_needed")


@pytest.fixture(autouse=True)
def second_lead(published) -> User:
    return User.objects.create(username="test-ig_lead-2", role="ig_lead", organisation=HOST, display_name="Second")


def write(role: str = "practitioner") -> OutboxMessage:
    """Queue a message about the child, as the page of a role does."""
    viewer = Viewer(f"test-{role}", role, PURPOSE, REFERENCE, "message")
    pieces = (Text("", "Please send the letter.", frozenset({Sensitivity.NORMAL})),)
    draft = Draft(REFERENCE, "letter", viewer.username, frozenset({CHILD}), pieces, timezone.now())
    with as_pages(), looking(viewer):
        return queue_message(viewer, draft, [("organisation", "southwick-council")], grounds=GROUNDS)


def contact_of(person: str, entered_by: str, **changes: object) -> SafeContact:
    facts = {"key_id": "v1", "wrapped": b"w", "sealed": b"s", **changes}
    return SafeContact(person_id=person, entered_by=entered_by, entered_at=timezone.now(), **facts)


def release_of(person: str, entered_by: str, **changes: object) -> ContactRelease:
    facts = {"location_kind": "address", "party_kind": "organisation", "party_id": "vale-hospital", **changes}
    until = timezone.now() + dt.timedelta(days=9)
    return ContactRelease(
        person_id=person, entered_by=entered_by, reference=REFERENCE, until=until, entered_at=timezone.now(), **facts
    )


def save_as(username: str, row: object, purpose: str = PURPOSE) -> None:
    with as_pages(), asking_as(username, purpose):
        row.save(force_insert=True)


def refuses(username: str, row: object, purpose: str = PURPOSE) -> None:
    """The policies refuse the row, whoever it says that it is of."""
    with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
        save_as(username, row, purpose)


def changed_by(username: str, statement: str) -> int:
    """How many rows a statement changes in the context of a human; what is refused changes none."""
    try:
        with transaction.atomic(), as_pages(), asking_as(username, PURPOSE), connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.rowcount
    except DatabaseError as refusal:
        assert re.search("row-level security|this step does not follow", str(refusal)), refusal
        return 0


def seen_by(username: str, table: str, purpose: str = PURPOSE) -> int:
    with as_pages(), asking_as(username, purpose), connection.cursor() as cursor:
        cursor.execute(f"select count(id) from {table}")
        return cursor.fetchone()[0]


def test_nobody_adds_a_recipient_to_anothers_message_or_to_one_that_left():
    message = write()
    another = {"kind": "organisation", "party_id": "vale-hospital"}
    refuses(ANALYST, OutboxRecipient(message=message, **another))
    refuses(LEAD, OutboxRecipient(message=message, **another))
    refuses(PRACTITIONER, OutboxRecipient(message=message, delivered_at=timezone.now(), **another))
    save_as(PRACTITIONER, OutboxRecipient(message=message, **another))
    with known_asker():
        OutboxMessage.objects.filter(pk=message.pk).update(state="sent", sealed=b"")
    refuses(PRACTITIONER, OutboxRecipient(message=message, kind="organisation", party_id="harbour"))


@pytest.mark.parametrize("made", [contact_of, release_of])
def test_a_safe_contact_and_a_release_are_of_somebody_whom_their_author_sees(made):
    """Whom one does not see and who does not exist are refused alike; so is what says it was confirmed already."""
    for person, by in ((VICTIM, PRACTITIONER), ("absent", PRACTITIONER), (CHILD, ANALYST)):
        refuses(PRACTITIONER, made(person, by))
    refuses(LEAD, made(CHILD, LEAD))
    refuses(PRACTITIONER, made(CHILD, PRACTITIONER, second_by=LEAD))
    save_as(PRACTITIONER, made(CHILD, PRACTITIONER))


@pytest.mark.parametrize(("made", "table"), [(contact_of, "braid_safecontact"), (release_of, "braid_contactrelease")])
def test_a_lead_confirms_in_their_own_name_alone(made, table):
    save_as(PRACTITIONER, made(CHILD, PRACTITIONER))
    for username, second in (
        (PRACTITIONER, PRACTITIONER),
        (PRACTITIONER, LEAD),
        (ANALYST, ANALYST),
        (LEAD, "test-ig_lead-2"),
        (LEAD, PRACTITIONER),
    ):
        assert changed_by(username, f"update {table} set second_by = '{second}'") == 0, (username, second)
    assert changed_by(LEAD, f"update {table} set second_by = '{LEAD}'") == 1
    assert changed_by("test-ig_lead-2", f"update {table} set second_by = 'test-ig_lead-2'") == 0, "once"


def test_what_was_entered_is_there_for_its_author_and_the_lead_alone():
    save_as(PRACTITIONER, contact_of(CHILD, PRACTITIONER))
    save_as(PRACTITIONER, release_of(CHILD, PRACTITIONER))
    task = SafetyTask(kind="message_refused", subject_id=CHILD, owner_role="ig_lead", due_at=timezone.now())
    with known_asker():
        task.save()
    for table in ("braid_safecontact", "braid_contactrelease", "braid_safetytask"):
        of_author = int(table != "braid_safetytask")
        for username, rows in ((PRACTITIONER, of_author), (LEAD, 1), (ANALYST, 0), ("test-advocate", 0), ("", 0)):
            assert seen_by(username, table) == rows, (table, username)


def test_only_a_lead_takes_and_ends_a_task(user_of):
    with known_asker():
        task = SafetyTask.objects.create(kind="message_refused", owner_role="ig_lead", due_at=timezone.now())
    for step in (lambda: claim(user_of("analyst"), task.pk), lambda: finish(user_of("analyst"), task.pk, "other_way")):
        with known_asker(), pytest.raises(NotPossible, match="Only an information governance lead"):
            step()
    take = "update braid_safetytask set claimed_by = '{}', claimed_at = now()"
    for username, name in ((ANALYST, ANALYST), (PRACTITIONER, LEAD), (LEAD, "test-ig_lead-2")):
        assert changed_by(username, take.format(name)) == 0, (username, name)
    assert changed_by(LEAD, take.format(LEAD)) == 1
    ended = "update braid_safetytask set done_by = '{}', done_at = now(), outcome = 'other_way'"
    assert changed_by(LEAD, ended.format("test-ig_lead-2")) == 0
    assert changed_by(LEAD, ended.format(LEAD)) == 1
    assert changed_by(LEAD, "update braid_safetytask set done_at = null") == 0, "what is done stays done"


def test_nobody_leaves_a_task_that_is_done_or_taken_or_anothers():
    facts = {"kind": "vault_lookup_failed", "due_at": timezone.now()}
    for changes in ({"owner_role": "analyst"}, {"done_at": timezone.now()}, {"claimed_by": ANALYST}):
        row = SafetyTask(created_at=timezone.now(), **{"owner_role": "ig_lead", **facts, **changes})
        refused = pytest.raises(DatabaseError, match="row-level security")
        with refused, transaction.atomic(), as_pages(), asking_as(ANALYST, PURPOSE):
            SafetyTask.objects.bulk_create([row], ignore_conflicts=True)


def test_a_lead_erases_the_words_of_what_was_refused_alone():
    message = write()
    erase = "update braid_outboxmessage set key_id = '', wrapped = '', sealed = ''"
    for username in (LEAD, PRACTITIONER, ANALYST):
        assert changed_by(username, erase) == 0, "it still waits"
    with known_asker():
        OutboxMessage.objects.filter(pk=message.pk).update(state="refused")
    for username in (PRACTITIONER, ANALYST):
        assert changed_by(username, erase) == 0, username
    assert changed_by(LEAD, "update braid_outboxmessage set sealed = 'other words'") == 0
    assert changed_by(LEAD, "update braid_outboxmessage set state = 'queued', sealed = ''") == 0
    assert changed_by(LEAD, erase) == 1


@pytest.mark.parametrize("page", ["message", "contact"])
def test_opening_the_page_of_a_message_leaves_a_look(page, client_of):
    """Names of the person and of whoever lives with them stand on it: each is a look."""
    shown = client_of("practitioner", PURPOSE).get(f"/people/{CHILD}/{page}/")
    assert shown.status_code == 200
    looks = ENTRIES.filter(kind="look", username=PRACTITIONER, page=page)
    assert CHILD in set(looks.values_list("person_id", flat=True))
    assert looks.count() == shown.content.decode().count('value="person:') or page == "contact"


def test_a_partner_of_a_suspended_agreement_is_not_offered(client_of):
    """Two agreements for one purpose: what the other opens goes on, and its partners alone are written to."""
    another = agreement(PURPOSE, CHILD_ITEMS, {"vale-crown-court"}, id="another")
    enforce([*sample_agreements(), another])
    client = client_of("practitioner", PURPOSE)

    def offered() -> list[bool]:
        shown = client.get(f"/people/{CHILD}/message/").content.decode()
        return [f"organisation:{name}" in shown for name in ("southwick-council", "vale-crown-court")]

    assert offered() == [True, True]
    suspension = Suspension.objects.create(agreement_id="another", suspended_by="lead", reason="breach")
    assert offered() == [True, False]
    suspension.lift_asked_by, suspension.lifted_by, suspension.lifted_at = "lead", "second lead", timezone.now()
    suspension.save()
    assert offered() == [True, True]
