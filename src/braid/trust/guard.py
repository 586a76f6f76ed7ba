"""The outbound guard: may this message leave, to these recipients? On any doubt it does not.

Most known harm to victims came through letters, mails and files that were allowed to be sent. So a message is refused
where it holds a location of a protected person that is not released to all who read there, where the contact point is
shared with somebody it must be kept from, where it tells that support exists or names somebody who has it, and where
anything is not known.
Pure: facts in, answer out. A channel sends only a `Released`, which nothing but `check_outbound` makes.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import InitVar, dataclass, field

from braid.language.schema import Sensitivity
from braid.trust.locations import FullName, PayloadTooLarge, Token, find_names, find_tokens, normalise, unfold

REASONS = {
    "unknown_recipient": "A recipient is not known. Choose a recorded person or organisation.",
    "no_recipient": "No recipient is declared. Name everybody who will receive it.",
    "class_missing": "A part of the message has no class. Declare what it holds.",
    "unsearchable": "A part cannot be searched. Send text, or have it declared free of locations by name.",
    "lookup_failed": "The safe addresses could not be read. Try again when the vault answers.",
    "subject_unknown": "A subject's protection is not known. Link the record first.",
    "location": "It holds a location of a protected person that is not released to a recipient.",
    "excluded": "A recipient is excluded from a person whom the message concerns.",
    "shared_contact": "A recipient's contact point is, or was, shared with somebody it must be kept from.",
    "existence": "It would tell that support exists to a recipient who may not know.",
    "unsafe_contact": "The contact is outside what the person has said is safe.",
    "unsafe_hour": "It is outside the hours in which the person has said that they may be reached.",
}
_TASK_DUE = dt.timedelta(days=1)
_PACKED = (b"PK", b"\x1f\x8b", b"%PDF", b"BZh", b"\xfd7zXZ", b"7z\xbc\xaf", b"Rar!", b"\xd0\xcf\x11\xe0", b"{\\rtf")
"""How archives, office files and PDF begin: their text is packed or broken up, and a search of the bytes misses it."""
_SEAL = object()


@dataclass(frozen=True)
class Recipient:
    """A party and the contact point as resolved at this moment; `party_id` is empty for the public."""

    party_id: str
    contact_kind: str
    contact: str = field(repr=False)


@dataclass(frozen=True)
class Part:
    """One piece that a recipient could read: body, subject line, sender, envelope, file name, calendar title.

    `classes` are declared by whoever made it; `None` means nobody did. `declared_free_by` names the human who answers
    for a part that cannot be searched (a picture).
    """

    name: str
    content: bytes = field(repr=False)
    classes: frozenset[Sensitivity] | None = None
    is_searchable: bool = True
    declared_free_by: str = ""


@dataclass(frozen=True)
class Release:
    """One kind of location of one person, released by a named human to one recipient until an instant."""

    kind: str
    person_id: str
    party_id: str
    by: str
    until: dt.datetime

    def is_live(self, now: dt.datetime) -> bool:
        """Whether a human answers for it and its time is not over."""
        return bool(self.by) and now < self.until


@dataclass(frozen=True)
class Message:
    """What is to be sent. `parts` is everything a recipient could read, the outside of the envelope included.

    `payload_sha256` is the digest (hexadecimal) of the bytes that will leave, of which `parts` is the reading.
    `message_id` is the same each time that this message is tried, and no other message's.
    """

    reference: str
    channel: str
    sent_by: str
    recipients: tuple[Recipient, ...]
    subjects: frozenset[str]
    parts: tuple[Part, ...]
    releases: tuple[Release, ...] = ()
    payload_sha256: str = ""
    message_id: str = ""


@dataclass(frozen=True)
class SafeContact:
    """How a person may be reached: channels, numbers or addresses (normal form not needed), and hours of the day."""

    channels: frozenset[str]
    contacts: frozenset[str] = field(repr=False)
    from_hour: int = 0
    to_hour: int = 24

    def next_start(self, now: dt.datetime) -> dt.datetime:
        """Return when the hours begin next after `now`, an instant in the zone of the place. An hour that the clocks
        leave out begins as the clocks have gone forward."""
        begins = [
            dt.datetime.combine(now.date() + dt.timedelta(days=days), dt.time(self.from_hour), now.tzinfo)
            for days in range(3)
        ]
        return next(at.astimezone(dt.UTC) for at in begins if at.astimezone(dt.UTC) > now.astimezone(dt.UTC))


@dataclass(frozen=True)
class Facts:
    """What is known at the instant of sending.

    `parties` are all known recipients; `known_persons` all subjects whose protection was looked up; `kept_from` maps a
    person to the parties excluded from them; `contact_parties` maps a contact point to every party who uses or used it;
    `may_know` maps a person to the parties who may know that support exists; `supported_names` maps whoever has support
    that is a secret, near the recipients and subjects, to their names. `vault_answered` is false if any location could
    not be read.
    """

    parties: frozenset[str]
    known_persons: frozenset[str]
    protected: frozenset[str] = frozenset()
    kept_from: dict[str, frozenset[str]] = field(default_factory=dict)
    contact_parties: dict[str, frozenset[str]] = field(default_factory=dict, repr=False)
    may_know: dict[str, frozenset[str]] = field(default_factory=dict)
    supported_names: dict[str, frozenset[FullName]] = field(default_factory=dict, repr=False)
    safe_contacts: dict[str, SafeContact] = field(default_factory=dict)
    vault_answered: bool = False


@dataclass(frozen=True)
class Task:
    """Work that a refusal leaves: who owns it, why, and when it is due."""

    owner_role: str
    reference: str
    reasons: tuple[str, ...]
    due: dt.datetime


@dataclass(frozen=True)
class AuditFact:
    """What the log keeps of an attempt: codes and a hash of what was to be sent, never a value."""

    at: dt.datetime
    sent_by: str
    reference: str
    channel: str
    outcome: str
    reasons: tuple[str, ...]
    payload_sha256: str = ""


@dataclass(frozen=True)
class Released:
    """A message that the guard let go. Only `check_outbound` can make one."""

    message: Message
    audit: AuditFact
    seal: InitVar[object] = None

    def __post_init__(self, seal: object) -> None:
        """Raise `PermissionError` where anything but the guard makes one."""
        if seal is not _SEAL:
            raise PermissionError("Released is made by check_outbound alone: ask the guard.")


@dataclass(frozen=True)
class Refused:
    """A message that stays: codes of `REASONS`, the task it leaves and what the log keeps."""

    reasons: tuple[str, ...]
    task: Task
    audit: AuditFact


def check_outbound(message: Message, facts: Facts, tokens: Iterable[Token], now: dt.datetime) -> Released | Refused:
    """Release or refuse `message` at `now` (an instant in the zone of the place). All reasons are given, sorted."""
    held = list(tokens)
    reasons = tuple(sorted(_doubts(message, facts) | _dangers(message, facts, held, now)))
    outcome = "refused" if reasons else "released"
    audit = AuditFact(
        now, message.sent_by, message.reference, message.channel, outcome, reasons, message.payload_sha256
    )
    if reasons:
        return Refused(reasons, Task("ig_lead", message.reference, reasons, now + _TASK_DUE), audit)
    return Released(message, audit, _SEAL)


def _can_search(part: Part) -> bool:
    """Whether a text search of the bytes would see what they say; whoever made the part may say no, never yes."""
    if not part.is_searchable or part.content.startswith(_PACKED):
        return False
    try:
        part.content.decode("utf-16" if part.content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _doubts(message: Message, facts: Facts) -> set[str]:
    """Return what is not known. Each alone withholds the message."""
    parties = {recipient.party_id for recipient in message.recipients}
    found = {
        "no_recipient": not message.recipients,
        "unknown_recipient": not parties <= facts.parties or any(not r.contact for r in message.recipients),
        "class_missing": not message.parts or any(part.classes is None for part in message.parts),
        "unsearchable": any(not _can_search(part) and not part.declared_free_by for part in message.parts),
        "lookup_failed": not facts.vault_answered,
        "subject_unknown": not message.subjects <= facts.known_persons,
    }
    return {reason for reason, holds in found.items() if holds}


def _dangers(message: Message, facts: Facts, tokens: list[Token], now: dt.datetime) -> set[str]:
    reasons = set()
    try:
        read = [unfold(text) for part in message.parts for text in (part.name.encode(), part.content)]
        found = [token for text in read for token in find_tokens(text, tokens)]
        named = {person for text in read for person in find_names(text, facts.supported_names)}
    except PayloadTooLarge:
        found, named, reasons = [], set(), {"unsearchable"}
    for recipient in message.recipients:
        readers = _readers(recipient, facts)
        if any(not _is_released(token, readers, message, facts, now) for token in found):
            reasons.add("location")
        reasons |= _about_subjects(message, recipient, readers, facts)
        if any(_tells_support(person, recipient, readers, message, facts) for person in named):
            reasons.add("existence")
        reasons |= _about_contact(message, recipient, facts, now)
    return reasons


def _readers(recipient: Recipient, facts: Facts) -> frozenset[str]:
    """Return everybody who may read what arrives there: the party, and whoever shares or shared the contact point."""
    wanted = normal_contact(recipient.contact)
    shared = (parties for contact, parties in facts.contact_parties.items() if normal_contact(contact) == wanted)
    return frozenset({recipient.party_id}).union(*shared)


def _is_released(token: Token, readers: frozenset[str], message: Message, facts: Facts, now: dt.datetime) -> bool:
    """Whether the token may reach everybody who reads there: each has a release, or it is their own location.

    An exclusion of any reader beats every release.
    """
    if readers & facts.kept_from.get(token.person_id, frozenset()):
        return False
    told = {
        release.party_id
        for release in message.releases
        if (release.kind, release.person_id) == (token.kind, token.person_id) and release.is_live(now)
    }
    return readers <= told | {token.person_id}


def _tells_support(person: str, recipient: Recipient, readers: frozenset[str], message: Message, facts: Facts) -> bool:
    """Whether a name tells a reader that somebody has support.

    What goes to the person names them; what goes to a partner about them does, and its class says what it tells.
    """
    if person == recipient.party_id or (person in message.subjects and recipient.party_id not in facts.known_persons):
        return False
    return not readers <= facts.may_know.get(person, frozenset())


def _about_subjects(message: Message, recipient: Recipient, readers: frozenset[str], facts: Facts) -> set[str]:
    reasons = set()
    tells = any(part.classes and Sensitivity.EXISTENCE in part.classes for part in message.parts)
    for person in message.subjects:
        kept_from = facts.kept_from.get(person, frozenset())
        if recipient.party_id in kept_from:
            reasons.add("excluded")
        elif readers & kept_from:
            reasons.add("shared_contact")
        if tells and not readers <= facts.may_know.get(person, frozenset()):
            reasons.add("existence")
    return reasons


def _about_contact(message: Message, recipient: Recipient, facts: Facts, now: dt.datetime) -> set[str]:
    """Return what of the person's rule it does not keep to. A protected person without a rule is not contacted."""
    rule = facts.safe_contacts.get(recipient.party_id)
    if rule is None:
        return {"unsafe_contact"} if recipient.party_id in facts.protected else set()
    contacts = {normal_contact(contact) for contact in rule.contacts}
    is_safe = message.channel in rule.channels and normal_contact(recipient.contact) in contacts
    in_hours = rule.from_hour <= now.hour < rule.to_hour
    return ({"unsafe_contact"} if not is_safe else set()) | ({"unsafe_hour"} if not in_hours else set())


def normal_contact(contact: str) -> str:
    """Return a contact point's normal form; a telephone number loses its prefix, which people write in many ways."""
    plain = normalise(contact)
    return re.sub(r"^(?:0044|44|0)0?", "", plain) if plain.isdigit() else plain
