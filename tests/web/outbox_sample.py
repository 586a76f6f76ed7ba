"""What stands about one person: a message, its task, a task of the vault, a decision, and safe contacts and releases,
of each one that waits and one that a second human confirmed."""

import datetime as dt
from dataclasses import dataclass

from django.utils import timezone
from published_sample import REFERENCE

from braid.web.models import ContactRelease, OutboxMessage, OutboxRecipient, SafeContact, SafetyTask, ShareDecision
from braid.web.watch import known_asker


@dataclass(frozen=True)
class About:
    """The ids of everything that stands about one person; `queued` still waits, `refused` left `message_task`."""

    queued: str
    refused: str
    message_task: int
    vault_task: int
    contact: int
    release: int
    decision: int
    held_contact: int
    held_release: int


def put_about(
    person_id: str, author: str = "test-practitioner", party: tuple[str, str] = ("organisation", "x")
) -> About:
    """Put one of each into the tables as their owner."""
    now = timezone.now()
    due = now + dt.timedelta(days=1)
    with known_asker():
        queued, refused = (_message(person_id, author, party, state) for state in ("queued", "refused"))
        tasks = [
            SafetyTask.objects.create(kind=kind, subject_id=subject, owner_role="ig_lead", due_at=due)
            for kind, subject in (("message_refused", str(refused.pk)), ("vault_lookup_failed", person_id))
        ]
        contacts = [_contact(person_id, second_by) for second_by in ("another", "")]
        releases = [_release(person_id, party, second_by) for second_by in ("another", "")]
        decision = ShareDecision.objects.create(
            outcome="withheld",
            reason="not_necessary",
            decided_by=author,
            role="practitioner",
            purpose="school_from_ta",
            reference=REFERENCE,
            person_id=person_id,
            receiver="northmere-council",
            item_classes="N",
        )
    return About(
        str(queued.pk),
        str(refused.pk),
        *(one.pk for one in tasks),
        contacts[1].pk,
        releases[1].pk,
        decision.pk,
        contacts[0].pk,
        releases[0].pk,
    )


def _contact(person_id: str, second_by: str) -> SafeContact:
    return SafeContact.objects.create(
        person_id=person_id, key_id="k", wrapped=b"w", sealed=b"s", entered_by="somebody", second_by=second_by
    )


def _release(person_id: str, party: tuple[str, str], second_by: str) -> ContactRelease:
    return ContactRelease.objects.create(
        location_kind="address",
        person_id=person_id,
        party_kind=party[0],
        party_id=party[1],
        reference=REFERENCE,
        entered_by="somebody",
        second_by=second_by,
        until=timezone.now() + dt.timedelta(days=1),
    )


def _message(person_id: str, author: str, party: tuple[str, str], state: str) -> OutboxMessage:
    now = timezone.now()
    message = OutboxMessage.objects.create(
        channel="letter",
        sent_by=author,
        role="practitioner",
        purpose="school_from_ta",
        reference=REFERENCE,
        subject_ids=[person_id],
        sealed=b"words",
        draft_digest="0" * 64,
        state=state,
        created_at=now,
        next_attempt_at=now,
    )
    OutboxRecipient.objects.create(message=message, kind=party[0], party_id=party[1])
    return message
