"""The channels: what each makes of a draft, and the one way out, which what the guard did not release never passes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from braid.language.schema import Sensitivity
from braid.outbound.annex import leave_out_annex
from braid.outbound.calendar_entry import leave_out_venue, make_calendar
from braid.outbound.containers import unfold
from braid.outbound.content import Content
from braid.outbound.mail import make_mail
from braid.outbound.model import Draft, DraftRefused, File, NotReleased, Receipt, Rendered
from braid.outbound.paper import make_bundle, make_letter, make_minutes
from braid.outbound.pictures import is_picture
from braid.outbound.routes import Routes
from braid.outbound.table_export import make_export
from braid.outbound.telephone import make_call_script, make_sms
from braid.outbound.ways_out import by_mail, by_webhook, into_spool
from braid.outbound.webhook import make_webhook
from braid.trust.guard import Message, Part, Recipient, Release, Released

Make = Callable[[Draft, Recipient], Content]
Choose = Callable[[Draft, Recipient, tuple[Release, ...]], Draft]
Send = Callable[[Rendered, Routes], str]
LONGEST_HOLD = dt.timedelta(minutes=10)
"""How old a release may be when the message leaves: contact points and exclusions are those of the moment."""


@dataclass(frozen=True)
class Channel:
    """One way to reach somebody: how a draft becomes bytes for one recipient, and where they go.

    `choose` leaves out what this recipient's copy must not hold.
    """

    code: str
    name: str
    make: Make
    send: Send
    choose: Choose = field(default=lambda draft, _recipient, _releases: draft)


CHANNELS: Mapping[str, Channel] = MappingProxyType(
    {
        channel.code: channel
        for channel in (
            Channel("email", "E-mail", make_mail, by_mail),
            Channel("letter", "Letter", make_letter, into_spool),
            Channel("sms", "Text message", make_sms, into_spool),
            Channel("call_script", "Call script", make_call_script, into_spool),
            Channel("bundle", "Bundle", make_bundle, into_spool, leave_out_annex),
            Channel("minutes", "Minutes", make_minutes, into_spool),
            Channel("export", "Export", make_export, into_spool),
            Channel("calendar", "Calendar entry", make_calendar, by_mail, leave_out_venue),
            Channel("webhook", "Message to a partner's machine", make_webhook, by_webhook),
        )
    }
)


def render(
    draft: Draft,
    recipients: tuple[Recipient, ...],
    releases: tuple[Release, ...] = (),
    now: dt.datetime | None = None,
) -> Rendered:
    """Return what would leave for the one recipient at `now` (an instant; by default the clock's).

    The same bytes for the same draft and releases; a release whose time is over opens nothing.

    Raises `DraftRefused` for a channel that is not known, more or fewer than one recipient, or a draft that the channel
    cannot carry. For several recipients see `render_each`: each copy is searched for its own reader.
    """
    channel = CHANNELS.get(draft.channel)
    if channel is None:
        raise DraftRefused(f"The channel of the draft is not one of {', '.join(CHANNELS)}: choose one.")
    if len(recipients) != 1:
        raise DraftRefused("A message is made for one recipient at a time: make one for each.")
    if draft.written_at.tzinfo is None:
        raise DraftRefused("Draft.written_at has no zone: give an instant with its zone.")
    at = now or dt.datetime.now(dt.UTC)
    live = tuple(release for release in releases if release.is_live(at))
    content = channel.make(channel.choose(draft, recipients[0], live), recipients[0])
    message = Message(
        draft.reference,
        draft.channel,
        draft.sent_by,
        recipients,
        draft.subjects,
        _parts(content),
        live,
        message_id=draft.message_id,
    )
    made = Rendered(message, content.payload, content.file_name, content.media_type, content.cover.encode())
    return replace(made, message=replace(message, payload_sha256=made.digest))


def render_each(
    draft: Draft,
    recipients: tuple[Recipient, ...],
    releases: tuple[Release, ...] = (),
    now: dt.datetime | None = None,
) -> tuple[Rendered, ...]:
    """Return one rendered copy for each recipient, in their order."""
    return tuple(render(draft, (recipient,), releases, now) for recipient in recipients)


def deliver(rendered: Rendered, released: Released, routes: Routes, now: dt.datetime | None = None) -> Receipt:
    """Send what the guard released, at `now` (an instant; by default the clock's).

    Raises `NotReleased` unless the guard released this very message at most `LONGEST_HOLD` ago and read these very
    bytes; `ChannelNotAvailable` to try again; `ChannelRefused` for good.
    """
    at = now or dt.datetime.now(dt.UTC)
    check_released(rendered, released, at)
    remote_id = CHANNELS[rendered.message.channel].send(rendered, routes)
    return Receipt(rendered.message.channel, at, rendered.message.payload_sha256, remote_id)


def check_released(rendered: Rendered, released: Released, at: dt.datetime) -> None:
    """Raise `NotReleased` unless bytes and message are those that the guard read."""
    if not isinstance(released, Released) or released.message != rendered.message:
        raise NotReleased("The message is not the one that was released: ask the guard again.")
    if rendered.digest != released.message.payload_sha256:
        raise NotReleased("The bytes are not those that were released: render the draft and ask the guard again.")
    if abs(at - released.audit.at) > LONGEST_HOLD:
        raise NotReleased("The release is too old: resolve the contact point and ask the guard again.")
    read = {part.content for part in released.message.parts}
    inside = unfold(rendered.file_name, rendered.payload)
    if (
        rendered.file_name.encode() not in read
        or (rendered.cover and rendered.cover not in read)
        or any(leaf.content not in read for leaf in inside)
    ):
        raise NotReleased("The bytes hold what the guard did not read: render the draft and ask the guard again.")


def _parts(content: Content) -> tuple[Part, ...]:
    """Return everything that a recipient could read, the payload unfolded. What stays closed says so.

    A human can answer for a picture alone, not for a file that is encrypted or of a kind nobody knows.
    """
    classes = _classes(content)
    pictures = [piece for piece in content.pieces if isinstance(piece, File) and is_picture(piece.content)]
    answering = {picture.content: picture.declared_free_by for picture in pictures}
    parts = [Part("file name", content.file_name.encode(), classes)]
    parts += [Part(name, text.encode(), classes) for name, text in content.outside]
    parts += [Part("cover sheet", content.cover.encode(), classes)] if content.cover else []
    for leaf in unfold(content.file_name, content.payload):
        by = answering.get(leaf.content, "") if leaf.closed else ""
        parts.append(Part(leaf.name, leaf.content, classes, not leaf.closed, by))
    return tuple(parts)


def _classes(content: Content) -> frozenset[Sensitivity] | None:
    """Return all classes of what is in the payload; None where anything has none."""
    found: set[Sensitivity] = set()
    for piece in content.pieces:
        if piece.classes is None:
            return None
        found |= piece.classes
    return frozenset(found)
