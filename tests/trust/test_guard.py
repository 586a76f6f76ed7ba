"""Nothing that leads to a protected person leaves, however it is written; and harmless messages do leave."""

from __future__ import annotations

import base64
import dataclasses
import datetime as dt
import gzip
import hashlib
import html
import itertools
import json
import quopri
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pytest

from braid.language.schema import Sensitivity
from braid.trust.guard import Facts, Message, Part, Recipient, Refused, Release, Released, SafeContact, check_outbound
from braid.trust.locations import Token, find_tokens

NOW = dt.datetime(2026, 11, 27, 10, tzinfo=dt.UTC)
TOKENS = (
    Token("p1", "address", "12 Larchwood Road, Exampleton, ZZ99 1AB"),
    Token("p1", "telephone", "07700 900123"),
    Token("p1", "school", "Saint Agnès Primary School"),
    Token("p1", "uprn", "999000111222"),
    Token("p1", "position", "51.50742, -0.12784"),
)
WAYS = {
    "plain": str.encode,
    "squashed": lambda text: text.lower().replace(" ", "").replace(",", "").encode(),
    "html": lambda text: "".join(f"&#{ord(letter)};" for letter in text).encode(),
    "html named": lambda text: html.escape(text).encode(),
    "url": lambda text: quote(text, safe="").encode(),
    "json": lambda text: json.dumps("".join(text)).encode(),
    "quoted-printable": lambda text: quopri.encodestring(text.encode(), quotetabs=True),
    "base64": lambda text: base64.b64encode(text.encode()),
    "base64 +1": lambda text: base64.b64encode(b"x" + text.encode()),
    "base64 +2": lambda text: base64.b64encode(b"xy" + text.encode() + b" z"),
    "base64 in other letters": lambda text: b"abc" + base64.b64encode(text.encode()),
    "base64 of base64": lambda text: base64.b64encode(base64.b64encode(text.encode())),
    "utf-16-le": lambda text: text.encode("utf-16-le"),
    "utf-16-be": lambda text: b"x" + text.encode("utf-16-be"),
    "md5": lambda text: hashlib.md5(text.encode(), usedforsecurity=False).hexdigest().encode(),
    "sha1": lambda text: hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest().upper().encode(),
    "sha256": lambda text: hashlib.sha256(text.encode()).digest(),
}
FACTS = Facts(
    parties=frozenset({"ex", "gran", "council", "p1"}),
    known_persons=frozenset({"p1"}),
    protected=frozenset({"p1"}),
    kept_from={"p1": frozenset({"ex"})},
    contact_parties={"1 Old Lane, ZZ98 2CD": frozenset({"p1", "ex"}), "07700 900777": frozenset({"p1", "ex"})},
    may_know={"p1": frozenset({"p1"})},
    safe_contacts={"p1": SafeContact(frozenset({"sms"}), frozenset({"07700 900555"}), 9, 17)},
    vault_answered=True,
)
NORMAL = frozenset({Sensitivity.NORMAL})


def _message(content: bytes = b"Your review is on Monday.", to: str = "council", **changes) -> Message:
    contact = changes.pop("contact", f"{to}@post.example")
    part = Part("body", content, changes.pop("classes", NORMAL))
    message = Message("r1", "email", "w1", (Recipient(to, "email", contact),), frozenset(), (part,))
    return dataclasses.replace(message, **changes)


def _reasons(message: Message, facts: Facts = FACTS) -> tuple[str, ...]:
    answer = check_outbound(message, facts, TOKENS, NOW)
    return answer.reasons if isinstance(answer, Refused) else ()


WRITTEN = [
    pytest.param(way, token, id=f"{token.kind} {way}")
    for token in TOKENS
    for way in WAYS
    if token.kind != "position" or way not in ("squashed", "md5", "sha1", "sha256")  # found as two numbers alone
]


@pytest.mark.parametrize(("way", "token"), WRITTEN)
@pytest.mark.parametrize("to", ["ex", "council"])
def test_a_location_is_refused_in_every_way_of_writing_it(way: str, token: Token, to: str) -> None:
    assert "location" in _reasons(_message(b"See " + WAYS[way](token.value) + b" .", to))


@pytest.mark.parametrize(
    "text",
    [
        "Go to zz991ab today",
        "No 12, near ZZ99, ask there",
        "12 larchwood road",
        "+447700900123",
        "00447700900123",
        "07700-900-123",
        "(07700) 900123",
        "+44 (0)7700 900123",
        "lat 51.507421 long -0.127839",
        "St at SAINT AGNES PRIMARY SCHOOL",
        "Saint Agnes Primry School",
        "Sait Agnes Primary School",
        "12 L\u0430r\u0441hw\u043e\u043ed R\u043e\u0430d",
    ],
)
def test_a_location_is_found_as_people_write_it(text: str) -> None:
    assert find_tokens(text, TOKENS)


HARMLESS = [
    f"{opening} {body}"
    for opening in ("Dear Sam,", "Hello,", "To the panel:", "Reminder.", "Ref 2026/118.")
    for body in (
        "Your review is on Monday at 10.",
        "Call us on 01632 960001.",
        "The court sits at 1 High Street, ZZ97 3EF.",
        "There are 12 families waiting 99 days.",
        "51.2 per cent of 0.1278 million.",
        "A new school place is offered.",
        "Call 07700 900124 after noon.",
        "Please send form A12 by 3 May.",
        "The hearing moved to 14:30.",
        "14 Oakwood Road, ZZ96 1AB is let.",
        "Hash d41d8cd98f00b204e9800998ecf8427e.",
        "UPRN 999000111223 is empty.",
        "Primary care is full.",
        "VGhpcyBpcyBoYXJtbGVzcyB0ZXh0Lg==",
        "Saint Bertram Secondary College",
        "The larch in the road fell.",
        "Your bid is in place 7.",
        "Nobody was in when we called.",
        "The sum is 7,700.90 pounds.",
        "An interpreter is booked.",
    )
]


def test_harmless_messages_are_released() -> None:
    refused = [text for text in HARMLESS if _reasons(_message(text.encode()))]
    print(f"{len(refused)} of {len(HARMLESS)} harmless messages refused")
    assert not refused


def test_every_doubt_withholds() -> None:
    assert _reasons(_message(to="stranger")) == ("unknown_recipient",)
    assert _reasons(_message(recipients=())) == ("no_recipient",)
    assert _reasons(_message(classes=None)) == ("class_missing",)
    assert _reasons(_message(), dataclasses.replace(FACTS, vault_answered=False)) == ("lookup_failed",)
    assert _reasons(_message(subjects=frozenset({"p9"}))) == ("subject_unknown",)
    assert _reasons(_message(parts=(Part("plan.jpg", b"\xff\xd8", NORMAL, False),))) == ("unsearchable",)


def test_a_release_opens_one_kind_to_one_recipient_until_its_end() -> None:
    text, release = b"Call 07700 900123", Release("telephone", "p1", "council", "w1", NOW + dt.timedelta(hours=1))
    assert not _reasons(_message(text, releases=(release,)))
    for changes in ({"party_id": "gran"}, {"kind": "address"}, {"until": NOW}, {"by": ""}):
        assert _reasons(_message(text, releases=(dataclasses.replace(release, **changes),))) == ("location",)
    to_ex = dataclasses.replace(release, party_id="ex")
    assert _reasons(_message(text, "ex", releases=(to_ex,))) == ("location",)


def test_a_letter_to_the_old_shared_home_and_a_call_to_the_shared_number_are_refused() -> None:
    about = frozenset({"p1"})
    assert "shared_contact" in _reasons(_message(to="p1", contact="1 OLD LANE ZZ98 2CD", subjects=about))
    assert "shared_contact" in _reasons(_message(to="p1", contact="+44 7700 900777", subjects=about))
    assert "excluded" in _reasons(_message(to="ex", subjects=about))


def test_support_is_told_to_nobody_else_and_contact_keeps_to_the_safe_rule() -> None:
    about, tells = frozenset({"p1"}), frozenset({Sensitivity.EXISTENCE})
    assert _reasons(_message(subjects=about, classes=tells)) == ("existence",)
    safe = _message(to="p1", contact="+447700900555", channel="sms", subjects=about, classes=tells)
    assert not _reasons(safe)
    assert _reasons(dataclasses.replace(safe, channel="letter")) == ("unsafe_contact",)
    answer = check_outbound(safe, FACTS, TOKENS, NOW.replace(hour=17))
    assert isinstance(answer, Refused) and answer.reasons == ("unsafe_hour",)


def test_nothing_but_the_guard_makes_a_released_message() -> None:
    answer = check_outbound(_message(), FACTS, TOKENS, NOW)
    assert isinstance(answer, Released)
    with pytest.raises(PermissionError):
        Released(answer.message, answer.audit)
    with pytest.raises((PermissionError, ValueError)):
        dataclasses.replace(answer, message=_message(b"other"))


def test_a_refusal_leaves_a_task_and_a_fact_and_tells_no_value() -> None:
    answer = check_outbound(_message(b"Call 07700 900123"), FACTS, TOKENS, NOW)
    assert isinstance(answer, Refused)
    assert answer.task.due > NOW and answer.audit.outcome == "refused"
    assert "900123" not in repr(answer) + repr(TOKENS) + repr(_message(b"Call 07700 900123"))


@pytest.mark.parametrize(
    "content",
    [
        gzip.compress(b"1 Old Lane"),
        b"PK\x03\x04 a workbook",
        b"%PDF-1.7 a letter",
        b"\xd0\xcf\x11\xe0 an old file",
        b"\xff\xd8\xff",
    ],
    ids=["gzip", "zip", "pdf", "ole", "picture"],
)
def test_what_cannot_be_searched_is_withheld_whoever_says_it_can(content: bytes) -> None:
    assert _reasons(_message(parts=(Part("file", content, NORMAL, True),))) == ("unsearchable",)


def test_what_unfolds_too_far_to_be_searched_is_withheld(monkeypatch: pytest.MonkeyPatch) -> None:
    unfolds = b"%26amp; " * 40
    assert not _reasons(_message(unfolds))
    monkeypatch.setattr("braid.trust.locations._MOST_BYTES", 400)
    assert _reasons(_message(unfolds)) == ("unsearchable",)
    assert not _reasons(_message())


def test_the_house_of_a_flat_is_found_without_the_flat_and_a_lone_number_is_not():
    flat = Token("p1", "address", "Flat 3, 17 Willow Court, Southwick Down, QB99 9ZZ")
    assert find_tokens("She is at 17 Willow Court now.", [flat]) == [flat]
    assert find_tokens("Flat 3 is free, and so is house 17.", [flat]) == []


def test_everybody_who_reads_at_a_point_needs_the_release() -> None:
    """Against a naive twin: readers of a shared point, who of them has a release, and who is kept from the person."""
    text, parties = b"Call 07700 900123", ("gran", "council", "p1")
    until = NOW + dt.timedelta(hours=1)
    seen = set()
    for shared, released, kept in itertools.product(_subsets(parties), _subsets(parties), _subsets(("gran", "ex"))):
        for to in parties:
            releases = tuple(Release("telephone", "p1", party, "w1", until) for party in sorted(released))
            facts = dataclasses.replace(
                FACTS,
                contact_parties={"x@post.example": shared},
                kept_from={"p1": kept},
                safe_contacts={},
                protected=frozenset(),
            )
            told = _reasons(_message(text, to, contact="x@post.example", releases=releases), facts)
            is_open = all((reader == "p1" or reader in released) and reader not in kept for reader in shared | {to})
            assert ("location" not in told) is is_open, (to, shared, released, kept)
            seen.add(is_open)
    assert seen == {True, False}


def _subsets(parties: tuple[str, ...]) -> list[frozenset[str]]:
    sizes = range(len(parties) + 1)
    return [frozenset(chosen) for size in sizes for chosen in itertools.combinations(parties, size)]


NAMED = dataclasses.replace(
    FACTS,
    known_persons=frozenset({"p1", "gran", "ex", "asks"}),
    supported_names={"asks": frozenset({("Una Maria", "O'Hara-Finch")})},
    may_know={"asks": frozenset({"asks", "helpers"})},
    parties=frozenset({"gran", "council", "asks", "helpers"}),
)


@pytest.mark.parametrize(
    "text",
    [
        "Una O'Hara-Finch has asked us about you.",
        "UNA MARIA OHARA FINCH called",
        "O'Hara-Finch, Una",
        "unaoharafinch.docx",
        "Una Maria O\u2019Hara Finch's file",
        base64.b64encode(b"from Una O'Hara-Finch").decode(),
    ],
)
@pytest.mark.parametrize("to", ["gran", "council"])
def test_the_name_of_who_has_support_is_told_to_nobody_who_may_not_know(text: str, to: str) -> None:
    assert _reasons(_message(text.encode(), to), NAMED) == ("existence",)
    assert not _reasons(_message(text.encode(), to), dataclasses.replace(NAMED, supported_names={}))


def test_a_name_is_told_to_the_person_to_who_helps_and_to_a_partner_about_them() -> None:
    text, about = b"Dear Una O'Hara-Finch,", frozenset({"asks"})
    for to in ("asks", "helpers"):
        assert not _reasons(_message(text, to), NAMED)
    shared = dataclasses.replace(NAMED, contact_parties={"asks@post.example": frozenset({"asks", "gran"})})
    assert not _reasons(_message(text, "asks"), shared), "what goes to somebody names them"
    assert not _reasons(_message(text, "council", subjects=about), NAMED)
    assert _reasons(_message(text, "gran", subjects=about), NAMED) == ("existence",)
    for harmless in (
        b"Una is here.",
        b"The O'Hara-Finch rooms",
        b"Luna Ohara Finchley",
        b"Una said that Sam O'Hara-Finch",
    ):
        assert not _reasons(_message(harmless, "gran"), NAMED)


@pytest.mark.parametrize(
    ("hours", "now", "begins"),
    [
        ((9, 17), "2026-11-27 18:00", "2026-11-28 09:00+00:00"),
        ((9, 17), "2026-11-27 08:59", "2026-11-27 09:00+00:00"),
        ((9, 17), "2026-03-28 18:00", "2026-03-29 09:00+01:00"),  # the clocks go forward in the night
        ((9, 17), "2026-10-24 18:00", "2026-10-25 09:00+00:00"),  # and back
        ((1, 2), "2026-03-28 12:00", "2026-03-29 02:00+01:00"),  # an hour that is not there
        ((1, 2), "2026-10-24 12:00", "2026-10-25 01:00+01:00"),  # an hour that comes twice
    ],
)
def test_hours_begin_next_by_the_clock_of_the_place(hours: tuple[int, int], now: str, begins: str) -> None:
    local = dt.datetime.fromisoformat(now).replace(tzinfo=ZoneInfo("Europe/London"))
    assert SafeContact(frozenset(), frozenset(), *hours).next_start(local) == dt.datetime.fromisoformat(begins)
