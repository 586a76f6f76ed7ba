"""What somebody wants to say, what would leave, and what came of it."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass, field

from braid.language.schema import Sensitivity
from braid.store.exports import ExportTable, Form, Purpose
from braid.trust.guard import Message

Classes = frozenset[Sensitivity]


class DraftRefused(ValueError):
    """The draft cannot be made into what the channel carries. Names the place, the rule and the next step."""


class NotReleased(PermissionError):
    """What should leave is not what the guard released, or was released too long ago: ask the guard again."""


class ChannelNotAvailable(Exception):
    """The channel does not answer or asks to come later: try again. Names the step, never a contact or a value."""


class ChannelUncertain(ChannelNotAvailable):
    """The channel fell silent while it took it: it may have left. Try again where a repetition is known at the end."""


class ContactPutOff(ChannelNotAvailable):
    """The channel answers, and does not take it for this recipient now, as where a mailbox is full: try again later."""


class ChannelRefused(Exception):
    """The channel will not take it, now or later: a human decides. Names the step, never a contact or a value."""


@dataclass(frozen=True)
class Text:
    """A piece of words. `classes` says what it holds; `None` means nobody said, and the guard then withholds.

    `about` are the persons whom the piece concerns; empty means every subject of the draft.
    """

    title: str
    body: str = field(repr=False)
    classes: Classes | None = None
    about: frozenset[str] = frozenset()


@dataclass(frozen=True)
class File:
    """A file to go with it. `declared_free_by` names who has looked at a picture and answers for what it shows."""

    name: str
    content: bytes = field(repr=False)
    classes: Classes | None = None
    about: frozenset[str] = frozenset()
    declared_free_by: str = ""


@dataclass(frozen=True)
class TableFile:
    """A table for the one exporter: what, in which form, for whom and until when."""

    table: ExportTable
    form: Form
    purpose: Purpose
    classes: Classes | None = None
    about: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Sender:
    """What a message says of where it comes from. Neutral: it must not tell that anybody is offered support."""

    name: str = "Correspondence"
    email: str = "correspondence@place.example"
    sms_name: str = "MESSAGE"


@dataclass(frozen=True)
class Draft:
    """What somebody wants to say, without any contact point.

    `written_at` is an instant with its zone: it stands in the message, so that the same draft gives the same bytes.
    `starts_at`, `ends_at`, `venue` and `venue_classes` are of a calendar entry. `protected` are the subjects known to
    be protected; `None` means not known, and everybody then counts as protected. `may_know_of_annex` are the parties
    whose copy of a bundle may say that an annex exists. `message_id` names the message at the other end: it is the same
    each time that it is tried, and another message has another. `mark` stands at the foot of every page of a document.
    `is_automatic`: no human wrote it, and nothing answers it.
    """

    reference: str
    channel: str
    sent_by: str
    subjects: frozenset[str]
    pieces: tuple[Text | File | TableFile, ...]
    written_at: dt.datetime
    sender: Sender = Sender()
    starts_at: dt.datetime | None = None
    ends_at: dt.datetime | None = None
    venue: str = field(default="", repr=False)
    protected: frozenset[str] | None = None
    may_know_of_annex: frozenset[str] = frozenset()
    message_id: str = ""
    mark: str = ""
    is_automatic: bool = False


@dataclass(frozen=True)
class Rendered:
    """What would leave, as bytes, and what the guard must read: `message.parts` is all that a recipient could read.

    `cover` is the sheet that lies beside a file in the spool and says where it goes; empty where the file says it.
    """

    message: Message
    payload: bytes = field(repr=False)
    file_name: str
    media_type: str
    cover: bytes = field(default=b"", repr=False)

    @property
    def digest(self) -> str:
        """The SHA-256 (hexadecimal) of the bytes that leave, the cover sheet before the file."""
        return hashlib.sha256(self.cover + self.payload).hexdigest()


@dataclass(frozen=True)
class Receipt:
    """What came of a delivery: no contact and no word of it. `digest` is the SHA-256 of the payload (hexadecimal)."""

    channel: str
    at: dt.datetime
    digest: str
    remote_id: str
