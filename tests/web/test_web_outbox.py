"""The outbox: one transaction for a message, decided at sending, at least once and never twice at the sink."""

import datetime as dt
import stat
from zoneinfo import ZoneInfo

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone
from published_sample import ENTRIES, REFERENCE, as_pages
from sample_run import CHILD, ONE_WAIT, VICTIM

from braid.language.schema import Sensitivity
from braid.language.steps import NotPossible
from braid.outbound import ChannelNotAvailable, ChannelRefused, Draft, NotReleased, Text
from braid.store.vault_keys import KeyRing, VaultKeyNotAvailable, VaultSealBroken
from braid.trust.guard import normal_contact
from braid.trust.overlay import Exclusion
from braid.web.access.context import asking_as
from braid.web.access.projections import Viewer
from braid.web.access.sight import looking
from braid.web.models import (
    Barred,
    OutboxMessage,
    OutboxRecipient,
    SafeContact,
    SafetyTask,
    Suspension,
    User,
)
from braid.web.outbound import outbox, postman
from braid.web.outbound.disclosures import Grounds
from braid.web.outbound.outbox import (
    NOT_TOLD,
    TELLING,
    WAITS_FOR_HOURS,
    cancel,
    list_messages,
    queue_message,
    told_reasons,
)
from braid.web.outbound.postman import MOST_ATTEMPTS, send_due
from braid.web.outbound.resealing import forget_outbound, reseal_outbound
from braid.web.outbound.route_file import load_ways
from braid.web.outbound.safe_contacts import add_safe_contact, confirm_kept, load_safe_contacts
from braid.web.outbound.words import SealedWords, open_words, owner_of_contact, owner_of_message
from braid.web.overlay.entries import add_entry
from braid.web.vault.keys import get_key_ring
from braid.web.watch import known_asker

pytestmark = pytest.mark.django_db

INBOX = """
[[inbox]]
organisation = "southwick-council"
address = "1 Hospital Road, Northmere"
telephone = "01632 960777"
"""
PRACTITIONER = Viewer("test-practitioner", "practitioner", "school_from_ta", REFERENCE, "message")
GROUNDS = Grounds("children_act_2004_s10", "service_needed")
WORDS = "Please send the outcome letter, reference CANARY-OF-THE-BODY"


@pytest.fixture
def place(published, sample, tmp_path):
    """The published sample's place, with a spool of its own."""
    place, _ = sample
    spool = f'[spool]\nfolder = "{tmp_path / "spool"}"\n'
    (place.folder / "outbound.toml").write_text(spool + INBOX, encoding="utf-8")
    yield place
    (place.folder / "outbound.toml").unlink()


@pytest.fixture
def spool(tmp_path):
    """Give the files that left."""
    return lambda: sorted((tmp_path / "spool").iterdir()) if (tmp_path / "spool").is_dir() else []


def write(words: str = WORDS, recipients=(("organisation", "southwick-council"),), channel: str = "letter") -> str:
    """Queue a message about the child as the pages' role; return its id.

    To an organisation without an agreement nothing is written: it is put in after, as where the agreement ended since.
    """
    pieces = (Text("Outcome", words, frozenset({Sensitivity.NORMAL})),)
    known = [one for one in recipients if one[1] not in ("vale-crown-court", "nobody-known")]
    draft = Draft(REFERENCE, channel, PRACTITIONER.username, frozenset({CHILD}), pieces, timezone.now())
    with as_pages(), looking(PRACTITIONER):
        message = queue_message(PRACTITIONER, draft, known or [("person", CHILD)], grounds=GROUNDS)
    with known_asker():
        OutboxRecipient.objects.filter(message=message).exclude(party_id__in=[one for _, one in recipients]).delete()
        for kind, party_id in (one for one in recipients if one not in known):
            OutboxRecipient.objects.create(message=message, kind=kind, party_id=party_id)
    return str(message.pk)


def send(place, seconds: float = 0):
    return send_due(place, load_ways(place), clock=lambda: timezone.now() + dt.timedelta(seconds=seconds))


def row(message_id: str) -> OutboxMessage:
    with known_asker():
        return OutboxMessage.objects.get(pk=message_id)


def tasks() -> list[tuple[str, str]]:
    return list(SafetyTask.objects.order_by("pk").values_list("kind", "subject_id"))


def test_a_message_waits_sealed_and_leaves_its_entry(place, spool):
    message_id = write()
    kept = row(message_id)
    assert kept.state == "queued" and spool() == []
    assert b"CANARY-OF-THE-BODY" not in bytes(kept.sealed)
    sealed = SealedWords(kept.key_id, bytes(kept.wrapped), bytes(kept.sealed))
    assert open_words(get_key_ring(), owner_of_message(kept.pk), sealed)["pieces"][0]["body"] == WORDS
    entry = ENTRIES.get(page="outbox")
    assert (entry.kind, entry.person_id, entry.details["message"]) == ("changed", CHILD, message_id)
    assert "CANARY" not in str(entry.details)


def test_a_message_that_cannot_be_recorded_is_not_kept(place, monkeypatch):
    monkeypatch.setattr(outbox, "record_queued", lambda *_: (_ for _ in ()).throw(DatabaseError))
    with pytest.raises(DatabaseError):
        write()
    with known_asker():
        assert not OutboxMessage.objects.exists() and not OutboxRecipient.objects.exists()


def test_without_a_key_nothing_is_kept(place, monkeypatch, client_of):
    def no_key():
        raise VaultKeyNotAvailable("no key")

    monkeypatch.setattr(outbox, "get_key_ring", no_key)
    form = {"recipients": [f"person:{CHILD}"], "channel": "letter", "body": WORDS, "classes": ["N"]}
    answer = client_of("practitioner", "school_from_ta").post(f"/people/{CHILD}/message/", form)
    assert answer.status_code == 400 and b"kept safely" in answer.content
    with known_asker():
        assert not OutboxMessage.objects.exists()


def test_it_leaves_once_is_erased_and_its_receipt_stays(place, spool):
    message_id = write()
    assert send(place) == {"sent": 1} and send(place, 9999) == {}
    (file,) = spool()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    kept = row(message_id)
    assert (kept.state, bytes(kept.sealed), bytes(kept.wrapped), kept.key_id) == ("sent", b"", b"", "")
    assert len(kept.draft_digest) == 64 and kept.ended_at is not None
    with known_asker():
        recipient = OutboxRecipient.objects.get()
    assert recipient.delivered_at and recipient.receipt["remote_id"] == file.name
    assert ENTRIES.get(kind="sent").details["message"] == message_id
    assert tasks() == []


@pytest.mark.parametrize("crashes", [1, 3])
def test_a_crash_after_delivery_repeats_under_the_same_key(crashes, place, spool, monkeypatch):
    """The channel got it, the commit never came: it is delivered again, and at the sink it is one."""
    message_id = write()
    keys, really = [], postman.deliver

    def crash(*arguments):
        receipt = really(*arguments)
        keys.append(receipt.remote_id)
        if len(keys) <= crashes:
            raise RuntimeError("killed between delivery and commit")
        return receipt

    monkeypatch.setattr(postman, "deliver", crash)
    for attempt in range(crashes):
        assert send(place, 40 * 4**attempt) == {"queued": 1}
        assert row(message_id).state == "queued", "nothing of the attempt is kept"
    assert send(place, 40 * 4**crashes) == {"sent": 1}
    assert len(keys) == crashes + 1 and len(set(keys)) == 1
    assert len(spool()) == 1
    assert ENTRIES.filter(kind="sent").count() == 1
    assert row(message_id).attempts == crashes + 1


def test_it_waits_longer_after_each_attempt_and_then_a_human_is_told(place, monkeypatch):
    message_id, at = write(), timezone.now()

    def closed(*_):
        raise ChannelNotAvailable("closed")

    monkeypatch.setattr(postman, "deliver", closed)
    waits = []
    for _ in range(MOST_ATTEMPTS):
        due = row(message_id).next_attempt_at
        if waits:
            early = due - dt.timedelta(seconds=1)
            assert send_due(place, load_ways(place), clock=lambda early=early: early) == {}
        now = max(due, at)
        outcome = send_due(place, load_ways(place), clock=lambda now=now: now)
        waits.append((row(message_id).next_attempt_at - max(due, at)).total_seconds())
    assert waits == [30, 120, 480, 1920, 7680]
    assert outcome == {"failed": 1} and row(message_id).refused_reasons == ["too_many_attempts"]
    assert tasks() == [("message_failed", message_id)]
    assert ENTRIES.get(kind="withheld").details["message"] == message_id


def test_a_message_that_kills_the_postman_each_time_ends_too(place, monkeypatch):
    message_id = write()
    monkeypatch.setattr(postman, "gather", lambda *_: (_ for _ in ()).throw(RuntimeError("poison")))
    for attempt in range(MOST_ATTEMPTS):
        assert send(place, 40 * 4**attempt) == {"queued": 1}
    assert send(place, 40 * 4**MOST_ATTEMPTS) == {"failed": 1}
    assert tasks() == [("message_failed", message_id)]


def test_a_poison_message_does_not_hold_up_the_next(place, monkeypatch, spool):
    poison, good = write("first"), write("second")
    really = postman.gather

    def gather(message, *rest):
        if str(message.pk) == poison:
            raise RuntimeError("poison")
        return really(message, *rest)

    monkeypatch.setattr(postman, "gather", gather)
    assert send(place) == {"queued": 1, "sent": 1}
    assert row(good).state == "sent" and len(spool()) == 1


def test_a_channel_that_refuses_leaves_a_task(place, monkeypatch):
    message_id = write()
    monkeypatch.setattr(postman, "deliver", lambda *_: (_ for _ in ()).throw(ChannelRefused("no")))
    assert send(place) == {"failed": 1}
    assert row(message_id).refused_reasons == ["channel_refused"]
    assert tasks() == [("message_failed", message_id)]


def test_of_two_recipients_the_one_who_got_it_gets_it_once(place, monkeypatch, spool, user_of):
    write(recipients=(("organisation", "southwick-council"), ("person", CHILD)))
    with looking(PRACTITIONER):
        kept = add_safe_contact(PRACTITIONER, CHILD, ["letter"], ["9 Mill Lane, Northmere"])
    with asking_as("test-ig_lead", ""):
        confirm_kept(user_of("ig_lead"), "contact", kept.pk)
    really, calls = postman.deliver, []

    def second_fails(*arguments):
        calls.append(arguments)
        if len(calls) == 2:
            raise ChannelNotAvailable("closed")
        return really(*arguments)

    monkeypatch.setattr(postman, "deliver", second_fails)
    assert send(place) == {"queued": 1} and len(spool()) == 1
    assert send(place, 40) == {"sent": 1} and len(spool()) == 2
    assert len(calls) == 3


def test_each_copy_is_on_record_and_what_left_of_a_refused_message_is_said(place, monkeypatch, spool, user_of):
    """The first copy left when an exclusion of the second reader was entered: the second does not leave."""
    message_id = write(recipients=(("organisation", "southwick-council"), ("user", "test-practitioner")))
    (place.folder / "outbound.toml").write_text(
        (place.folder / "outbound.toml").read_text(encoding="utf-8")
        + INBOX.replace("southwick", "northmere").replace("1 Hospital", "2 Hospital"),
        encoding="utf-8",
    )
    really = postman.deliver

    def then_exclude(*arguments):
        receipt = really(*arguments)
        with known_asker():
            User.objects.filter(username="test-practitioner").update(is_active=False)
        return receipt

    monkeypatch.setattr(postman, "deliver", then_exclude)
    assert send(place) == {"refused": 1}
    assert len(spool()) == 1
    sent, refused = ENTRIES.get(kind="sent"), ENTRIES.get(kind="refused")
    with known_asker():
        copy = OutboxRecipient.objects.get(delivered_at__isnull=False)
    assert (copy.kind, sent.details["recipient"], sent.details["copy"]) == (
        "organisation",
        copy.pk,
        copy.receipt["digest"],
    )
    assert (refused.details["delivered"], sent.person_id) == (1, CHILD)
    with asking_as("test-practitioner", ""):
        (seen_by_author,) = list_messages("test-practitioner")
    assert seen_by_author.state_name == "Partly sent" and str(seen_by_author.id) == message_id


def test_where_one_copy_may_not_leave_none_does(place, spool):
    write(recipients=(("organisation", "southwick-council"), ("organisation", "vale-crown-court")))
    assert send(place) == {"refused": 1} and spool() == []


def test_a_channel_that_will_not_take_one_copy_still_gets_the_others(place, monkeypatch, spool):
    (place.folder / "outbound.toml").write_text(
        (place.folder / "outbound.toml").read_text(encoding="utf-8") + INBOX.replace("southwick", "northmere"),
        encoding="utf-8",
    )
    message_id = write(recipients=(("organisation", "northmere-council"), ("organisation", "southwick-council")))
    really, calls = postman.deliver, []

    def refuse_first(*arguments):
        calls.append(arguments)
        if len(calls) == 1:
            raise ChannelRefused("no")
        return really(*arguments)

    monkeypatch.setattr(postman, "deliver", refuse_first)
    assert send(place) == {"failed": 1} and len(spool()) == 1
    assert row(message_id).refused_reasons == ["channel_refused"]
    assert ENTRIES.get(kind="withheld").details["delivered"] == 1


@pytest.mark.parametrize("error", [NotReleased("too old"), ChannelNotAvailable("closed")])
def test_what_the_channel_may_not_take_now_is_asked_again_later(error, place, monkeypatch, spool):
    write()
    with monkeypatch.context() as patched:
        patched.setattr(postman, "deliver", lambda *_: (_ for _ in ()).throw(error))
        assert send(place) == {"queued": 1}
    assert send(place, 40) == {"sent": 1} and len(spool()) == 1


@pytest.mark.parametrize("name", ["render", "deliver"])
def test_what_cannot_be_written_or_taken_ends_and_leaves_a_task(name, place, monkeypatch):
    message_id = write()
    monkeypatch.setattr(postman, name, lambda *_: (_ for _ in ()).throw(ValueError("a header")))
    assert send(place) == {"failed": 1}
    assert row(message_id).refused_reasons == [{"render": "not_renderable", "deliver": "channel_refused"}[name]]
    assert tasks() == [("message_failed", message_id)]


CHANGED_SINCE = {
    "the account is closed": lambda: User.objects.filter(username="test-practitioner").update(is_active=False),
    "the account has another role": lambda: User.objects.filter(username="test-practitioner").update(role="analyst"),
    "the account has no organisation": lambda: User.objects.filter(username="test-practitioner").update(
        organisation=""
    ),
    "the agreement is suspended": lambda: Suspension.objects.create(
        agreement_id="sample-school_from_ta", reason="breach", suspended_by="test-ig_lead"
    ),
    "the author is excluded": lambda: add_entry(
        User.objects.get(username="test-ig_lead"),
        Exclusion(CHILD, "staff_knows", "test-ig_lead", timezone.now(), barred_user="test-practitioner"),
    ),
}


@pytest.mark.parametrize("change", CHANGED_SINCE)
def test_whoever_may_no_longer_write_about_somebody_sends_nothing(change, place, spool, user_of):
    """Written yesterday by somebody who might: at sending it is asked anew, and the author is not told which it was."""
    message_id = write(channel="letter")
    user_of("ig_lead")
    with asking_as("test-ig_lead", ""):
        CHANGED_SINCE[change]()
    assert send(place) == {"refused": 1} and spool() == []
    assert row(message_id).refused_reasons == ["author_may_not"]
    assert tasks() == [("message_refused", message_id)]
    assert ENTRIES.get(kind="refused").reason == "author_may_not"


def test_whoever_no_longer_sees_a_recipient_sends_them_nothing(place, spool, user_of):
    """It is about another person, of whom nobody is kept: the reader alone is out of the author's sight."""
    message_id = write(recipients=(("person", ONE_WAIT),))
    with known_asker():
        Barred.objects.create(person_id=ONE_WAIT, username="test-practitioner")
    assert send(place) == {"refused": 1} and spool() == []
    assert row(message_id).refused_reasons == ["author_may_not"]


def test_a_partner_to_whom_no_agreement_for_the_purpose_opens_anything_gets_nothing(place, spool):
    """The crown court provides and receives nothing: it has an inbox, and still is no recipient."""
    inbox = INBOX.replace("southwick-council", "vale-crown-court")
    (place.folder / "outbound.toml").write_text(
        (place.folder / "outbound.toml").read_text(encoding="utf-8") + inbox, encoding="utf-8"
    )
    message_id = write(recipients=(("organisation", "vale-crown-court"),))
    assert send(place) == {"refused": 1} and spool() == []
    assert row(message_id).refused_reasons == ["unknown_recipient"]


def test_state_task_and_entry_appear_together_or_not_at_all(place, monkeypatch):
    """Refused is refused only with its task and its entry: where one cannot be written, the message still waits."""
    message_id = write(recipients=(("organisation", "nobody-known"),))
    monkeypatch.setattr(postman, "record_outcome", lambda *_: (_ for _ in ()).throw(DatabaseError))
    assert send(place) == {"queued": 1}
    assert row(message_id).state == "queued" and tasks() == []
    monkeypatch.undo()
    assert send(place, 40) == {"refused": 1}
    assert tasks() == [("message_refused", message_id)]
    assert ENTRIES.get(kind="refused").details["reason 1"] == "unknown_recipient"


def test_no_vault_no_message(place, monkeypatch):
    from braid.web.vault import tokens

    def no_key():
        raise VaultKeyNotAvailable("no key")

    message_id = write()
    monkeypatch.setattr(tokens, "get_key_ring", no_key)
    assert send(place) == {"refused": 1}
    assert row(message_id).refused_reasons == ["lookup_failed"]
    assert ("message_refused", message_id) in tasks() and ("vault_lookup_failed", CHILD) in tasks()


def test_a_message_is_taken_back_while_it_waits_and_not_later(place, user_of):
    first, second = write(), write("another")
    with as_pages(), asking_as(PRACTITIONER.username, ""):
        cancel(PRACTITIONER, first)
    assert row(first).state == "cancelled" and bytes(row(first).sealed) == b""
    assert send(place) == {"sent": 1}
    for message_id in (first, second):
        with pytest.raises(NotPossible), as_pages(), asking_as(PRACTITIONER.username, ""):
            cancel(PRACTITIONER, message_id)


def test_a_refusal_tells_its_author_nothing_that_locates_somebody(place):
    for code in TELLING:
        assert told_reasons([code]) == (NOT_TOLD,)
        assert told_reasons([code, "class_missing"]) == (NOT_TOLD,)
    assert told_reasons(["class_missing"]) != (NOT_TOLD,)


NARROWED = [
    # confirmed first, then what one human entered: channels, contact points, hours that hold
    ((["sms", "letter"], ["07700 900123", "9 Mill Lane"], (0, 24)), (["sms"], ["07700900123"], (9, 17))),
    ((["sms"], ["07700 900123"], (8, 12)), (["sms"], ["07700 900999"], (10, 20))),
    ((["sms"], ["07700 900123"], (8, 10)), (["letter"], ["07700 900123"], (11, 12))),
]


@pytest.mark.parametrize(("first", "then"), NARROWED)
def test_what_one_human_enters_narrows_at_once_and_leads_nowhere(first, then, place, user_of):
    lead = user_of("ig_lead")
    with looking(PRACTITIONER):
        kept = add_safe_contact(PRACTITIONER, CHILD, *first)
    with asking_as(lead.username, ""):
        confirm_kept(lead, "contact", kept.pk)
    with looking(PRACTITIONER):
        later = add_safe_contact(PRACTITIONER, CHILD, *then)
    with known_asker():
        held = load_safe_contacts([CHILD], {CHILD})[CHILD]
    points = {normal_contact(one) for one in first[1]} & {normal_contact(one) for one in then[1]}
    assert {normal_contact(one) for one in held.contacts} == points
    assert held.rule.channels == set(first[0]) & set(then[0])
    assert (held.rule.from_hour, held.rule.to_hour) == (max(first[2][0], then[2][0]), min(first[2][1], then[2][1]))
    with asking_as(lead.username, ""):
        confirm_kept(lead, "contact", later.pk)
    with known_asker():
        confirmed = load_safe_contacts([CHILD], {CHILD})[CHILD]
    assert confirmed.rule.channels == set(then[0]) and list(confirmed.contacts) == then[1]


def test_nobody_alone_leads_a_letter_elsewhere(place, spool):
    """Of a person who is not protected too: an entry that nobody has confirmed forbids, and is no new address."""
    with looking(PRACTITIONER):
        add_safe_contact(PRACTITIONER, CHILD, ["letter"], ["66 Elsewhere Road, Northmere"])
    message_id = write(recipients=(("person", CHILD),))
    assert send(place) == {"refused": 1} and spool() == []
    assert set(row(message_id).refused_reasons) & {"unknown_recipient", "unsafe_contact"}


def _at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/London"))


def _with_hours(user_of, hours: tuple[int, int]) -> None:
    with looking(PRACTITIONER):
        kept = add_safe_contact(PRACTITIONER, CHILD, ["sms"], ["07700 900123"], hours)
    with asking_as(user_of("ig_lead").username, ""):
        confirm_kept(user_of("ig_lead"), "contact", kept.pk)


def _due(message_id: str, at: dt.datetime) -> None:
    with known_asker():
        OutboxMessage.objects.filter(pk=message_id).update(created_at=at, next_attempt_at=at)


@pytest.mark.parametrize(
    ("evening", "too_early", "morning"),
    [
        ("2026-11-27 18:00", "2026-11-28 08:59", "2026-11-28 09:00"),
        ("2026-03-28 18:00", "2026-03-29 08:59", "2026-03-29 09:00"),
        ("2026-10-24 18:00", "2026-10-25 08:59", "2026-10-25 09:00"),
    ],
    ids=["an ordinary night", "the clocks go forward", "the clocks go back"],
)
def test_outside_safe_hours_it_waits_for_their_beginning(evening, too_early, morning, place, spool, user_of):
    """It uses up no attempt, leaves no task, and its author reads that it waits."""
    _with_hours(user_of, (9, 17))
    message_id = write(recipients=(("person", CHILD),), channel="sms")
    _due(message_id, _at(evening))
    ways = load_ways(place)
    assert send_due(place, ways, clock=lambda: _at(evening)) == {"queued": 1}
    kept = row(message_id)
    assert (kept.state, kept.attempts, kept.next_attempt_at) == ("queued", 0, _at(morning))
    with as_pages(), looking(PRACTITIONER):
        (seen_by_author,) = list_messages(PRACTITIONER.username)
    assert (seen_by_author.state_name, seen_by_author.reasons) == ("Waiting", (WAITS_FOR_HOURS,))
    assert send_due(place, ways, clock=lambda: _at(too_early)) == {} and spool() == [] and tasks() == []
    assert send_due(place, ways, clock=lambda: _at(morning)) == {"sent": 1} and len(spool()) == 1


def test_it_waits_for_safe_hours_seven_days_and_not_for_ever(place, spool, user_of):
    """A postman who is never there in those hours: after a week the message is refused, and a human is told."""
    _with_hours(user_of, (9, 17))
    message_id, first = write(recipients=(("person", CHILD),), channel="sms"), _at("2026-11-27 18:00")
    _due(message_id, first)
    evenings = [first + dt.timedelta(days=days) for days in range(9)]
    came = [send_due(place, load_ways(place), clock=lambda at=at: at) for at in evenings]
    assert came == [{"queued": 1}] * 8 + [{"refused": 1}]
    assert row(message_id).refused_reasons == ["unsafe_hour"] and tasks() == [("message_refused", message_id)]
    assert told_reasons(row(message_id).refused_reasons) == (NOT_TOLD,) and spool() == []


def test_who_can_be_reached_now_does_not_wait_for_who_cannot(place, spool, user_of):
    _with_hours(user_of, (9, 17))
    message_id = write(recipients=(("person", CHILD), ("organisation", "southwick-council")), channel="sms")
    evening, ways = _at("2026-11-27 18:00"), load_ways(place)
    _due(message_id, evening)
    assert send_due(place, ways, clock=lambda: evening) == {"queued": 1} and len(spool()) == 1
    assert row(message_id).next_attempt_at == _at("2026-11-28 09:00")
    assert send_due(place, ways, clock=lambda: _at("2026-11-28 09:00")) == {"sent": 1} and len(spool()) == 2


def test_the_same_words_twice_are_two_messages_at_the_other_end(place, spool):
    """Under one case reference, a month apart: neither takes the place of the other in the spool."""
    first, again = write(), write()
    assert send(place) == {"sent": 2} and len(spool()) == 2
    assert first != again


# --- what each human sees in the database -------------------------------------------------------------------------


def seen(username: str, table: str = "braid_outboxmessage", purpose: str = "school_from_ta") -> int:
    with as_pages(), asking_as(username, purpose), connection.cursor() as cursor:
        cursor.execute(f"select count(*) from {table}")
        return cursor.fetchone()[0]


def test_a_message_is_there_for_its_author_and_the_lead_alone(place):
    write()
    for table in ("braid_outboxmessage", "braid_outboxrecipient"):
        for role in ("analyst", "placement_officer", "listing_officer", "advocate", "board_member"):
            assert seen(f"test-{role}", table) == 0, role
        assert seen("test-practitioner", table) == seen("test-ig_lead", table) == 1


REFUSED = (
    "update braid_outboxmessage set state = 'sent', sealed = ''",
    "update braid_outboxmessage set attempts = 0",
    "update braid_outboxmessage set sent_by = 'test-analyst'",
    "update braid_outboxmessage set state = 'cancelled'",
    "delete from braid_outboxmessage",
    "update braid_outboxrecipient set party_id = 'x'",
    "select sealed from braid_safecontact",
    "delete from braid_safetytask",
    "update braid_safetytask set kind = 'x'",
)


@pytest.mark.parametrize("statement", REFUSED)
def test_the_pages_cannot_send_hide_or_read_past_the_policies(statement, place):
    write()
    with as_pages(), asking_as(PRACTITIONER.username, PRACTITIONER.purpose), connection.cursor() as cursor:
        with pytest.raises(DatabaseError), transaction.atomic():
            cursor.execute(statement)
        cursor.execute("select count(*) from braid_outboxmessage")
        assert cursor.fetchone() == (1,)


@pytest.mark.parametrize(
    ("sent_by", "purpose", "subjects"),
    [
        ("test-analyst", "school_from_ta", [CHILD]),
        ("test-practitioner", "court_readiness", [CHILD]),
        ("test-practitioner", "school_from_ta", [VICTIM]),
        ("test-practitioner", "school_from_ta", [CHILD, VICTIM]),
        ("test-practitioner", "school_from_ta", ["absent"]),
        ("test-practitioner", "school_from_ta", []),
    ],
)
def test_nobody_writes_as_another_or_about_whom_they_do_not_see(sent_by, purpose, subjects, place):
    """Whom one does not see and who does not exist are refused by the same words."""
    values = {"channel": "letter", "role": "practitioner", "reference": "A-1", "draft_digest": "0" * 64}
    now = timezone.now()
    message = OutboxMessage(
        sent_by=sent_by, purpose=purpose, subject_ids=subjects, created_at=now, next_attempt_at=now, **values
    )
    with (
        as_pages(),
        asking_as(PRACTITIONER.username, PRACTITIONER.purpose),
        pytest.raises(DatabaseError, match="row-level security"),
        transaction.atomic(),
    ):
        message.save(force_insert=True)


def test_what_left_keeps_no_words_in_the_database(place):
    message_id = write()
    with known_asker(), pytest.raises(IntegrityError), transaction.atomic():
        OutboxMessage.objects.filter(pk=message_id).update(state="sent")


# --- safe contacts and tasks ---------------------------------------------------------------------------------------


def test_a_safe_contact_of_a_protected_person_needs_a_second_human(place, user_of):
    advocate = Viewer("test-advocate", "advocate", "victim_response", REFERENCE, "contact")
    with as_pages(), looking(advocate):
        kept = add_safe_contact(advocate, VICTIM, ["sms"], ["07700 900123"])
    with known_asker():
        assert b"900123" not in bytes(SafeContact.objects.get(pk=kept.pk).sealed)
        assert load_safe_contacts([VICTIM], {VICTIM}) == {}, "one human alone opens nothing"
        unprotected = load_safe_contacts([VICTIM], set())
        assert not unprotected[VICTIM].is_confirmed, "of others it forbids, and leads nowhere"
    lead = user_of("ig_lead")
    with as_pages(), asking_as(lead.username, ""):
        confirm_kept(lead, "contact", kept.pk)
    with known_asker():
        assert load_safe_contacts([VICTIM], {VICTIM})[VICTIM].contacts == ("07700 900123",)
        with pytest.raises(IntegrityError), transaction.atomic():
            SafeContact.objects.filter(pk=kept.pk).update(second_by="test-advocate")
        with pytest.raises(IntegrityError, match="two_people_for_a_safe_contact"), transaction.atomic():
            SafeContact.objects.create(person_id=VICTIM, entered_by="test-advocate", second_by="test-advocate")
    with pytest.raises(NotPossible), as_pages(), asking_as(lead.username, ""):
        confirm_kept(lead, "contact", kept.pk)
    with pytest.raises(NotPossible), as_pages(), asking_as(lead.username, ""):
        confirm_kept(user_of("practitioner"), "contact", kept.pk)


def test_the_page_of_tasks_from_claim_to_done_erases_the_words(place, client_of, user_of):
    message_id = write(recipients=(("organisation", "nobody-known"),))
    send(place)
    SafetyTask.objects.update(due_at=timezone.now() - dt.timedelta(minutes=1))
    assert bytes(row(message_id).sealed) != b"", "the words stay while the task is open"
    lead = client_of("ig_lead")
    shown = lead.get("/tasks/").content.decode()
    assert message_id in shown and "Overdue" in shown and "A recipient is not known" in shown
    assert WORDS not in shown and CHILD not in shown
    number = SafetyTask.objects.get().pk
    assert lead.post("/tasks/", {"step": "finish", "id": number, "outcome": "other_way"}).status_code == 400
    assert lead.post("/tasks/", {"step": "claim", "id": number}).status_code == 302
    assert lead.post("/tasks/", {"step": "claim", "id": number}).status_code == 400
    assert lead.post("/tasks/", {"step": "finish", "id": number, "outcome": "nonsense"}).status_code == 400
    assert lead.post("/tasks/", {"step": "finish", "id": number, "outcome": "other_way"}).status_code == 302
    done = SafetyTask.objects.get()
    assert (done.outcome, done.done_by) == ("other_way", "test-ig_lead")
    assert bytes(row(message_id).sealed) == b"" and row(message_id).state == "refused"
    assert "No task is open" in lead.get("/tasks/").content.decode()


def test_one_sees_ones_own_messages_on_the_page(place, client_of):
    message_id = write()
    practitioner = client_of("practitioner", "school_from_ta")
    shown = practitioner.get("/messages/").content.decode()
    assert message_id in shown and WORDS not in shown and "Waiting" in shown
    assert message_id not in client_of("analyst", "school_from_ta").get("/messages/").content.decode()
    assert client_of("analyst").post("/messages/", {"message": message_id}).status_code == 400
    assert practitioner.post("/messages/", {"message": "no id"}).status_code == 400
    assert practitioner.post("/messages/", {"message": message_id}).status_code == 302
    assert row(message_id).state == "cancelled"


def test_drafts_and_safe_contacts_are_sealed_anew_when_the_key_changes(place, tmp_path):
    """Under a ring that holds both keys they are moved to the new one, and then open without the old."""
    message_id = write()
    with looking(PRACTITIONER):
        add_safe_contact(PRACTITIONER, CHILD, ["letter"], ["9 Mill Lane, Northmere"])
    old = get_key_ring()
    both = KeyRing("v2", {**old.keys, "v2": bytes(range(32))})
    alone = KeyRing("v2", {"v2": both.keys["v2"]})
    with known_asker(), transaction.atomic():
        reseal_outbound(both)
        contact = SafeContact.objects.get()
    kept = row(message_id)
    sealed = SealedWords(kept.key_id, bytes(kept.wrapped), bytes(kept.sealed))
    assert open_words(alone, owner_of_message(message_id), sealed)["pieces"][0]["body"] == WORDS
    sealed = SealedWords(contact.key_id, bytes(contact.wrapped), bytes(contact.sealed))
    assert open_words(alone, owner_of_contact(CHILD), sealed)["contacts"] == ["9 Mill Lane, Northmere"]
    with pytest.raises(VaultSealBroken):
        open_words(alone, owner_of_message(message_id), sealed)
    with known_asker(), transaction.atomic():
        forget_outbound()
    assert row(message_id).state == "cancelled" and bytes(row(message_id).sealed) == b""
