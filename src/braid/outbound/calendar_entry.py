"""Calendar entries (RFC 5545), carried by mail: a neutral title, and no venue that was not released to the reader."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from braid.language.ics_text import as_file, escape, instant
from braid.language.schema import Sensitivity
from braid.outbound.content import Content, get_texts, write_out
from braid.outbound.mail import make_mail
from braid.outbound.model import Draft, DraftRefused, File, Text
from braid.trust.guard import Recipient, Release

TITLE = "Appointment"
"""Of every entry: a calendar is shared with families and colleagues."""


def leave_out_venue(draft: Draft, recipient: Recipient, releases: tuple[Release, ...]) -> Draft:
    """Return the draft without its venue where a protected subject's venue is not released to the recipient."""
    concerned = draft.subjects if draft.protected is None else draft.subjects & draft.protected
    wanted = {("venue", person, recipient.party_id) for person in concerned}
    released = {(release.kind, release.person_id, release.party_id) for release in releases}
    return draft if wanted <= released else replace(draft, venue="")


def make_calendar(draft: Draft, recipient: Recipient) -> Content:
    """Return a mail with the entry attached. There is no organiser, no guest list and no alarm that could ring."""
    texts = get_texts(draft)
    starts, ends = draft.starts_at, draft.ends_at
    if starts is None or ends is None or starts.tzinfo is None or ends.tzinfo is None or ends <= starts:
        raise DraftRefused("A calendar entry needs a start and a later end, each an instant with its zone: give both.")
    said = f"{draft.reference}\0{recipient.party_id}\0{draft.message_id or draft.written_at.isoformat()}"
    mark = hashlib.sha256(said.encode()).hexdigest()[:32]
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Calendar//EN",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        f"UID:{mark}@{draft.sender.email.rpartition('@')[2]}",
        f"DTSTAMP:{instant(draft.written_at)}",
        f"DTSTART:{instant(starts)}",
        f"DTEND:{instant(ends)}",
        f"SUMMARY:{TITLE}",
        f"DESCRIPTION:{escape(write_out(texts))}",
        *([f"LOCATION:{escape(draft.venue)}"] if draft.venue else []),
        "CLASS:PRIVATE",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    entry = as_file(lines)
    location = frozenset({Sensitivity.LOCATION}) if draft.venue else frozenset[Sensitivity]()
    known = [text.classes for text in texts]
    classes = None if None in known else location.union(*(held for held in known if held is not None))
    pieces = (Text("", "An appointment is attached.", frozenset()), File("appointment.ics", entry, classes))
    return make_mail(replace(draft, pieces=pieces), recipient)
