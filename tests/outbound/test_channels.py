"""What each channel carries, read back by a reader that had no part in writing it; and bytes that were not released."""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import email
import email.policy
import hashlib
import hmac
import io
import json
import socket
import stat
import struct
import time
import zlib
from pathlib import Path

import icalendar
import openpyxl
import pytest
from outgoing import (
    ADDRESS,
    CONTACTS,
    LOCATES,
    NORMAL,
    NOW,
    SAID,
    TOKENS,
    ask,
    draft_for,
    reasons,
    release,
    send,
    table_of,
    to,
)
from outgoing import rendered_for as rendered
from pypdf import PdfReader

from braid.language.schema import Sensitivity
from braid.outbound import (
    CHANNELS,
    ChannelNotAvailable,
    ChannelRefused,
    DraftRefused,
    File,
    NotReleased,
    Routes,
    Text,
    check_text_at_save,
    deliver,
    render,
    render_each,
)
from braid.outbound.annex import ANNEX
from braid.outbound.telephone import count_segments
from braid.store.exports import Form
from braid.trust.guard import Recipient, Released

SPOOLED = ("letter", "sms", "call_script", "bundle", "minutes", "export")
SECRET = b"a secret of the partner and of us"


def pdf_words(payload: bytes) -> list[str]:
    return [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(payload)).pages]


def test_the_nine_channels() -> None:
    assert " ".join(CHANNELS) == "email letter sms call_script bundle minutes export calendar webhook"
    assert all(code == channel.code for code, channel in CHANNELS.items())


@pytest.mark.parametrize("channel", CHANNELS)
def test_the_same_draft_gives_the_same_bytes_and_the_guard_releases_them(channel: str) -> None:
    first, again = rendered(channel), rendered(channel)
    assert first == again
    assert first.message.payload_sha256 == hashlib.sha256(first.cover + first.payload).hexdigest()
    assert reasons(first) == ()


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("words", [f"She lives at {ADDRESS}.", "Ring 0770\n0 900123", "999000111222"])
def test_a_location_is_refused_on_every_channel(channel: str, words: str) -> None:
    assert reasons(rendered(channel, words)) == ("location",)


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_piece_without_classes_is_withheld_on_every_channel(channel: str) -> None:
    draft = draft_for(channel)
    pieces = tuple(dataclasses.replace(piece, classes=None) for piece in draft.pieces)
    assert "class_missing" in reasons(render(dataclasses.replace(draft, pieces=pieces), (to(channel),), ()))


@pytest.mark.parametrize("channel", CHANNELS)
def test_what_was_not_released_does_not_leave(channel: str, tmp_path: Path) -> None:
    made, other, routes = rendered(channel), rendered(channel, "Other words."), Routes(spool_folder=tmp_path / "spool")
    answer = ask(made)
    assert isinstance(answer, Released)
    digest = hashlib.sha256(other.payload).hexdigest()
    forged = dataclasses.replace(made.message, payload_sha256=digest)
    cases = {
        "other message": (other, answer),
        "other bytes": (dataclasses.replace(made, payload=other.payload), answer),
        "other recipient": (
            dataclasses.replace(made, message=dataclasses.replace(made.message, recipients=(Recipient("x", "", "y"),))),
            answer,
        ),
        "bytes that the parts do not tell": (
            dataclasses.replace(made, message=forged, payload=other.payload),
            ask(dataclasses.replace(made, message=forged)),
        ),
        "another file name": (dataclasses.replace(made, file_name="12-larchwood-road.pdf"), answer),
    }
    for case, (what, released) in cases.items():
        with pytest.raises(NotReleased):
            deliver(what, released, routes, NOW)
            pytest.fail(case)
    for at in (NOW + dt.timedelta(minutes=11), NOW - dt.timedelta(minutes=11)):
        with pytest.raises(NotReleased):
            deliver(made, answer, routes, at)
    refused = ask(rendered(channel, ADDRESS))
    with pytest.raises(NotReleased):
        deliver(made, refused, routes, NOW)  # type: ignore[arg-type]
    assert not (tmp_path / "spool").exists()


@pytest.mark.parametrize("channel", SPOOLED)
def test_the_spool_holds_whole_files_for_its_owner_alone(channel: str, tmp_path: Path) -> None:
    made, folder = rendered(channel), tmp_path / "spool"
    receipt = send(made, Routes(spool_folder=folder))
    assert send(made, Routes(spool_folder=folder)) == receipt
    file, *cover = sorted(folder.iterdir())
    assert [path.read_bytes() for path in cover] == ([made.cover] if made.cover else [])
    assert bool(cover) is (channel == "export")
    assert file.name == receipt.remote_id and file.read_bytes() == made.payload
    assert {stat.S_IMODE(path.stat().st_mode) for path in (file, *cover)} == {0o600} and stat.S_IMODE(
        folder.stat().st_mode
    ) == 0o700
    assert receipt.digest == made.message.payload_sha256 and CONTACTS[channel] not in repr(receipt)
    other = render(draft_for(channel, reference="case-2"), (to(channel),), ())
    assert send(other, Routes(spool_folder=folder)).remote_id != receipt.remote_id


def test_a_closed_spool_is_tried_again(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for routes in (Routes(), Routes(spool_folder=tmp_path / "file")):
        with pytest.raises(ChannelNotAvailable):
            send(rendered("letter"), routes)


def test_a_mail_arrives_as_it_was_released(mailbox) -> None:
    box, port = mailbox
    files = (File("plan.txt", b"Bring form A.", NORMAL),)
    made = rendered("email", pieces=(Text("Your review", SAID, NORMAL), *files))
    receipt = send(made, Routes("127.0.0.1", port, smtp_tls=False))
    ((sender, recipients, content),) = box.arrived
    assert content == made.payload and recipients == [CONTACTS["email"]] and sender == "correspondence@place.example"
    read = email.message_from_bytes(content, policy=email.policy.default)
    assert read.get_body().get_content().replace("\r\n", "\n") == f"Your review\n\n{SAID}\n"
    assert [part.get_content() for part in read.iter_attachments()] == ["Bring form A."]
    assert read["Message-ID"] == receipt.remote_id and read["Subject"] == "A message for you"
    assert set(read.keys()) == {"From", "To", "Subject", "Date", "MIME-Version", "Content-Type", "Message-ID"}
    assert socket.gethostname().encode() not in content and b"worker-1" not in content and b"case-1" not in content


def test_a_mail_server_that_refuses_for_now_or_for_good(mailbox) -> None:
    box, port = mailbox
    routes = Routes("127.0.0.1", port, smtp_tls=False)
    for answer, error in (("450 busy", ChannelNotAvailable), ("550 unknown", ChannelRefused)):
        box.answers = [answer]
        with pytest.raises(error) as told:
            send(rendered("email"), routes)
        assert CONTACTS["email"] not in str(told.value)
    with pytest.raises(ChannelNotAvailable):
        send(rendered("email"), Routes("127.0.0.1", port))  # it offers no encryption, and none is not taken
    with pytest.raises(ChannelNotAvailable):
        send(rendered("email"), Routes("127.0.0.1", _closed_port(), smtp_tls=False))
    for closed, why in ((Routes(), "set up"), (Routes("192.0.2.1", port, smtp_tls=False), "needs encryption")):
        with pytest.raises(ChannelNotAvailable, match=why):
            send(rendered("email"), closed)
    assert box.arrived == []


def _closed_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.mark.parametrize(
    "contact", ["a@b.example\nBcc: x@y.example", "a b@c.example", "no address", "a@b", "ü@b.example"]
)
def test_a_contact_that_is_no_address_is_refused(contact: str) -> None:
    with pytest.raises(DraftRefused):
        render(draft_for("email"), (Recipient("council", "email", contact),), ())


def test_a_letter_says_its_words_and_nothing_else() -> None:
    made = rendered("letter", "First.\n\nSecond #let [x] $a$ *b* £5.")
    address = "Example Council 1 Test Street Exampleton ZZ98 2CD"
    said = "Your review First. Second #let [x] $a$ *b* £5."
    assert pdf_words(made.payload) == [f"{address} 27 November 2026 Letter {said} 1"]
    read = PdfReader(io.BytesIO(made.payload))
    assert set(read.metadata) <= {"/Title", "/Creator"} and read.metadata.title == "Letter"
    assert "Typst" in read.metadata.creator and not read.attachments
    outside = {part.name: part.content.decode() for part in made.message.parts}["outside of the envelope"]
    assert outside == CONTACTS["letter"]


def test_a_letter_whose_envelope_locates_is_refused_until_released() -> None:
    at_home = Recipient("council", "letter", ADDRESS)
    assert reasons(render(draft_for("letter"), (at_home,), ())) == ("location",)
    assert reasons(render(draft_for("letter"), (at_home,), (release("address", "council"),), NOW)) == ()


def bundle_pieces() -> tuple[Text, ...]:
    return (
        Text("Statement", "The mother's statement.", NORMAL),
        Text("Where they live", f"They live at {ADDRESS}.", LOCATES, frozenset({"p1"})),
        Text("Father's home", "He lives at 1 Test Street.", LOCATES, frozenset({"p2"})),
    )


def test_a_bundle_is_made_for_each_reader_and_its_annex_leaves_no_trace() -> None:
    draft = draft_for("bundle", pieces=bundle_pieces(), subjects=frozenset({"p2"}))
    readers = tuple(Recipient(party, "bundle", "room 1") for party in ("court", "father", "council"))
    draft = dataclasses.replace(draft, may_know_of_annex=frozenset({"council", "court"}))
    court, father, council = render_each(draft, readers, (release("address", "court"),), NOW)
    both = "27 November 2026 Bundle Statement The mother's statement."
    home = "Father's home He lives at 1 Test Street."
    assert pdf_words(court.payload) == ["room 1", f"{both} Where they live They live at {ADDRESS}. {home} 1"]
    assert pdf_words(council.payload) == ["room 1", f"{both} {home} {ANNEX} 1"]
    without = render(
        dataclasses.replace(draft, pieces=bundle_pieces()[::2]), readers[1:2], (release("address", "court"),), NOW
    )
    assert father.payload == without.payload, "nothing hints at what was left out"
    assert [reasons(one) for one in (court, father, council)] == [(), (), ()]


def test_an_annex_opens_for_a_released_address_alone_and_until_its_end() -> None:
    """A released telephone number opens no annex, and a release whose time is over opens nothing at all."""
    draft = draft_for("bundle", pieces=bundle_pieces()[:2], subjects=frozenset({"p1"}))
    court = (Recipient("court", "bundle", "room 1"),)

    def is_open(kind: str, at: dt.datetime) -> bool:
        return ADDRESS in pdf_words(render(draft, court, (release(kind, "court"),), at).payload)[1]

    end = release("address", "court").until
    assert is_open("address", end - dt.timedelta(microseconds=1))
    assert not is_open("address", end) and not is_open("telephone", NOW)


def test_a_venue_is_told_until_the_end_of_its_release() -> None:
    hers = draft_for("calendar", venue="Larchwood Hall", subjects=frozenset({"p1"}))
    opened = release("venue", "council")
    for at, is_told in ((opened.until - dt.timedelta(microseconds=1), True), (opened.until, False)):
        made = render(hers, (to("calendar"),), (opened,), at)
        assert any(b"Larchwood" in part.content for part in made.message.parts) is is_told


def test_a_bundle_in_doubt_leaves_out_and_the_guard_searches_what_stays() -> None:
    reader = (Recipient("council", "bundle", "room 1"),)
    unknown = draft_for("bundle", pieces=bundle_pieces(), protected=None)
    assert ADDRESS not in pdf_words(render(unknown, reader, ()).payload)[1]
    assert "1 Test Street" not in pdf_words(render(unknown, reader, ()).payload)[1]
    wrongly = (Text("Note", f"At {ADDRESS}", NORMAL),)
    assert reasons(render(draft_for("bundle", pieces=wrongly), reader, ())) == ("location",)


def test_minutes_say_their_words() -> None:
    assert pdf_words(rendered("minutes").payload) == ["room 1", f"27 November 2026 Minutes Your review {SAID} 1"]


@pytest.mark.parametrize("channel", ["bundle", "minutes", "export"])
def test_whoever_posts_it_looks_nothing_up_and_the_cover_is_searched(channel: str, tmp_path: Path) -> None:
    """The address of that moment is in what leaves; it is in what the guard reads, and in the digest."""
    council = Recipient("council", channel, CONTACTS["letter"])
    made = render(draft_for(channel), (council,), ())
    lines = CONTACTS["letter"].split("\n")
    sheet = made.cover.decode() if channel == "export" else pdf_words(made.payload)[0]
    assert " ".join(lines) in " ".join(sheet.split())
    part = {part.name: part.content.decode() for part in made.message.parts}["cover sheet"]
    assert all(line in part for line in lines) and reasons(made) == ()
    at_home = render(draft_for(channel), (Recipient("council", channel, ADDRESS),), ())
    assert reasons(at_home) == ("location",)
    elsewhere = dataclasses.replace(made, cover=at_home.cover, payload=at_home.payload)
    with pytest.raises(NotReleased):
        deliver(elsewhere, ask(made), Routes(spool_folder=tmp_path / "spool"), NOW)
    assert not (tmp_path / "spool").exists()


@pytest.mark.parametrize("channel", SPOOLED)
def test_a_message_has_its_own_file_and_keeps_it_when_tried_again(channel: str, tmp_path: Path) -> None:
    """The same words under the same reference, a month later, are another message; the same message has one file."""
    routes = Routes(spool_folder=tmp_path / "spool")
    first, later = (rendered(channel, message_id=one) for one in ("m-1", "m-2"))
    names = [send(one, routes).remote_id for one in (first, later, first)]
    assert names[0] == names[2] != names[1]
    changed = rendered(channel, "Other words.", message_id="m-1")
    assert send(changed, routes).remote_id == names[0], "tried again with other bytes it takes the place of the first"
    assert len([path for path in (tmp_path / "spool").iterdir() if not path.name.endswith(".cover.txt")]) == 2


def test_mails_and_appointments_of_two_messages_are_two() -> None:
    for channel, mark in (("email", b"Message-ID: "), ("calendar", b"Message-ID: "), ("calendar", b"UID:")):
        texts = [b"".join(part.content for part in rendered(channel, message_id=one).message.parts) for one in "aba"]
        first, other, again = (text.split(mark)[1].split(b"\r\n")[0] for text in texts)
        assert first == again != other


def test_a_text_message_is_one_file_with_its_segments() -> None:
    read = json.loads(rendered("sms").payload)
    assert read == {
        "to": "07700900555",
        "from": "MESSAGE",
        "text": f"Your review\n\n{SAID}",
        "coding": "gsm7",
        "segments": 1,
    }
    with pytest.raises(DraftRefused):
        rendered("sms", "x" * 1000)


@pytest.mark.parametrize(
    ("words", "coding", "segments"),
    [
        ("a" * 160, "gsm7", 1),
        ("a" * 161, "gsm7", 2),
        ("a" * 306, "gsm7", 2),
        ("a" * 307, "gsm7", 3),
        ("€" * 80, "gsm7", 1),
        ("€" * 81, "gsm7", 2),
        ("€" * 153, "gsm7", 3),  # 76 in each, as none is parted
        ("ł" * 70, "ucs2", 1),
        ("ł" * 71, "ucs2", 2),
        ("😀" * 35, "ucs2", 1),
        ("😀" * 36, "ucs2", 2),
        ("😀" * 67, "ucs2", 3),  # 33 in each
    ],
)
def test_segments_as_the_standard_counts_them(words: str, coding: str, segments: int) -> None:
    assert count_segments(words) == (coding, segments)


def test_a_call_script_shows_the_one_number_and_forbids_the_machine() -> None:
    words = rendered("call_script").payload.decode()
    assert "Ring this number and no other: 07700900555" in words and SAID in words
    assert "Never leave a message" in words
    assert words.index("Never leave a message") < words.index(SAID)


def test_a_calendar_entry_is_read_by_another_program(mailbox) -> None:
    box, port = mailbox
    words = "Bring: form A; form B, and £5.\n" + "A long line. " * 20
    made = rendered("calendar", words, venue="Room 2, Town Hall", subjects=frozenset({"p2"}))
    send(made, Routes("127.0.0.1", port, smtp_tls=False))
    (attached,) = email.message_from_bytes(box.arrived[0][2], policy=email.policy.default).iter_attachments()
    content = attached.get_payload(decode=True)
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))
    (event,) = icalendar.Calendar.from_ical(content).walk("VEVENT")
    assert str(event["DESCRIPTION"]) == f"Your review\n\n{words}" and str(event["LOCATION"]) == "Room 2, Town Hall"
    assert (event.start, event.end) == (draft_for("calendar").starts_at, draft_for("calendar").ends_at)
    assert str(event["SUMMARY"]) == "Appointment" and "ORGANIZER" not in event and "ATTENDEE" not in event


def test_a_calendar_entry_has_no_venue_that_was_not_released() -> None:
    hers = draft_for("calendar", venue="Larchwood Hall", subjects=frozenset({"p1"}))
    made = render(hers, (to("calendar"),), ())
    assert b"LOCATION" not in b"".join(part.content for part in made.message.parts) and reasons(made) == ()
    released = render(hers, (to("calendar"),), (release("venue", "council"),), NOW)
    assert reasons(released) == () and any(b"Larchwood Hall" in part.content for part in released.message.parts)
    others = render(hers, (to("calendar"),), (release("venue", "court"),), NOW)
    assert not any(b"Larchwood" in part.content for part in others.message.parts)


@pytest.mark.parametrize("form", list(Form))
def test_an_export_is_the_exporters_own(form: Form) -> None:
    made = rendered("export", pieces=(table_of(SAID, form),))
    assert reasons(made) == () and made.file_name == f"export.{form.value}"
    if form is Form.CSV:
        assert list(csv.reader(io.StringIO(made.payload.decode("utf-8-sig"))))[1][0] == SAID
    elif form is Form.XLSX:
        assert openpyxl.load_workbook(io.BytesIO(made.payload))["Figures"]["A2"].value == SAID
    else:
        assert SAID in " ".join(pdf_words(made.payload))
    assert reasons(rendered("export", pieces=(table_of("At 12 Larchwood Road", form),))) == ("location",)


def test_a_webhook_is_signed_and_known_by_its_key(partner) -> None:
    url = f"http://127.0.0.1:{partner.server_port}/in?x=1"
    made = render(draft_for("webhook"), (Recipient("council", "webhook", url),), ())
    routes = Routes(webhook_urls=frozenset({url}), webhook_secret=SECRET)
    receipt = send(made, routes)
    assert send(made, routes).remote_id == receipt.remote_id
    (path, headers, body), (_, again, _) = partner.arrived
    assert path == "/in?x=1" and body == made.payload
    assert json.loads(body)["pieces"] == [{"title": "Your review", "body": SAID}]
    assert headers["Idempotency-Key"] == again["Idempotency-Key"] == receipt.remote_id
    sent = headers["Webhook-Timestamp"]
    assert abs(int(sent) - time.time()) < 60
    expected = hmac.new(SECRET, f"{sent}.".encode() + body, hashlib.sha256).hexdigest()
    assert headers["Webhook-Signature"] == f"v1={expected}"


@pytest.mark.parametrize(
    ("status", "error"),
    [
        *((status, ChannelRefused) for status in (301, 302, 303, 307, 308, 400, 403, 404, 410)),
        *((status, ChannelNotAvailable) for status in (408, 425, 429, 500, 502, 503)),
    ],
)
def test_a_partners_machine_that_does_not_take_it(partner, status: int, error: type[Exception]) -> None:
    url = f"http://127.0.0.1:{partner.server_port}/in"
    made = render(draft_for("webhook"), (Recipient("council", "webhook", url),), ())
    partner.statuses = [status]
    with pytest.raises(error):
        send(made, Routes(webhook_urls=frozenset({url}), webhook_secret=SECRET))
    assert [path for path, *_ in partner.arrived] == ["/in"], "no redirect is followed"


def test_a_webhook_goes_to_listed_addresses_alone(partner) -> None:
    url = f"http://127.0.0.1:{partner.server_port}/in"
    made = render(draft_for("webhook"), (Recipient("council", "webhook", url),), ())
    with pytest.raises(ChannelRefused):
        send(made, Routes(webhook_urls=frozenset({f"{url}/other"}), webhook_secret=SECRET))
    with pytest.raises(ChannelNotAvailable):
        send(made, Routes(webhook_urls=frozenset({url}), webhook_secret=b"short"))
    plain = render(draft_for("webhook"), (Recipient("council", "webhook", "http://partner.example/in"),), ())
    with pytest.raises(ChannelRefused):
        send(plain, Routes(webhook_urls=frozenset({"http://partner.example/in"}), webhook_secret=SECRET))
    dead = f"http://127.0.0.1:{_closed_port()}/in"
    lost = render(draft_for("webhook"), (Recipient("council", "webhook", dead),), ())
    with pytest.raises(ChannelNotAvailable):
        send(lost, Routes(webhook_urls=frozenset({dead}), webhook_secret=SECRET))
    assert partner.arrived == []


def png(*extra: bytes) -> bytes:
    """A picture of one point, with chunks that a camera or program could add."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    points = chunk(b"IDAT", zlib.compress(b"\0\0\0\0"))
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
    return (
        b"\x89PNG\r\n\x1a\n"
        + head
        + b"".join(chunk(data[:4], data[4:]) for data in extra)
        + points
        + chunk(b"IEND", b"")
    )


def jpeg(*extra: bytes) -> bytes:
    """The segments of a small picture (not its points' meaning), with what a camera could add."""

    def segment(kind: int, data: bytes) -> bytes:
        return bytes((0xFF, kind)) + struct.pack(">H", len(data) + 2) + data

    head = (
        segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0")
        + segment(0xDB, b"\0" * 65)
        + segment(0xC0, b"\x08\0\1\0\1\1\1\x11\0")
    )
    added = b"".join(segment(data[0], data[1:]) for data in extra)
    return (
        b"\xff\xd8" + head[:18] + added + head[18:] + segment(0xDA, b"\1\1\0\0?\0") + b"\x01\xff\0\xff\xd0\x02\xff\xd9"
    )


@pytest.mark.parametrize(
    ("with_more", "bare"),
    [
        (png(b"tEXt" + ADDRESS.encode(), b"eXIf" + b"GPS", b"iTXtx"), png()),
        (jpeg(b"\xe1Exif\0\0" + ADDRESS.encode(), b"\xfe" + ADDRESS.encode(), b"\xedPhotoshop"), jpeg()),
        (jpeg() + ADDRESS.encode(), jpeg()),
        (png() + ADDRESS.encode(), png()),
    ],
)
def test_a_picture_leaves_without_metadata_and_only_if_somebody_answers_for_it(with_more: bytes, bare: bytes) -> None:
    def made(by: str):
        return rendered(
            "email", pieces=(Text("Plan", "See it.", NORMAL), File("plan", with_more, NORMAL, declared_free_by=by))
        )

    assert reasons(made("")) == ("unsearchable",)
    assert reasons(made("lead-1")) == ()
    sent = email.message_from_bytes(made("lead-1").payload, policy=email.policy.default)
    (attached,) = sent.iter_attachments()
    assert attached.get_payload(decode=True) == bare


def test_nobody_can_answer_for_a_file_of_another_kind() -> None:
    pieces = (Text("Plan", "See it.", NORMAL), File("plan.bin", b"\x00\x01\x02", NORMAL, declared_free_by="lead-1"))
    assert reasons(rendered("email", pieces=pieces)) == ("unsearchable",)


@pytest.mark.parametrize(
    ("channel", "changes"),
    [
        ("pigeon", {}),
        ("letter", {"pieces": ()}),
        ("letter", {"pieces": (File("a.txt", b"a", NORMAL),)}),
        ("letter", {"written_at": dt.datetime(2026, 11, 27)}),  # noqa: DTZ001 - without a zone, to be refused
        ("calendar", {"ends_at": None}),
        ("calendar", {"ends_at": dt.datetime(2026, 11, 1, tzinfo=dt.UTC)}),
        ("email", {"pieces": (table_of("x"),)}),
        ("export", {"pieces": (Text("a", "b", NORMAL),)}),
    ],
)
def test_a_draft_that_a_channel_cannot_carry_is_refused(channel: str, changes: dict) -> None:
    with pytest.raises(DraftRefused):
        render(draft_for(channel, **changes), (to(channel if channel in CONTACTS else "email"),), ())


def test_one_copy_for_each_recipient() -> None:
    for readers in ((), (to("email"), to("email", "court"))):
        with pytest.raises(DraftRefused):
            render(draft_for("email"), readers, ())


def test_that_support_exists_is_told_on_no_channel_to_who_may_not_know() -> None:
    for channel in CHANNELS:
        draft = draft_for(channel, subjects=frozenset({"p1"}))
        tells = frozenset({Sensitivity.EXISTENCE})
        pieces = tuple(dataclasses.replace(piece, classes=tells) for piece in draft.pieces)
        made = render(dataclasses.replace(draft, pieces=pieces), (to(channel),), ())
        assert reasons(made) == ("existence",), channel


def test_text_is_looked_at_as_it_is_saved() -> None:
    assert check_text_at_save("Ring 07700-900123 or call at 12 Larchwood Road", TOKENS) == (
        "location.address",
        "location.telephone",
    )
    assert check_text_at_save("Nothing to see.", TOKENS) == ()
