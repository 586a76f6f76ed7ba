"""What the tests of the channels share: a place of known parties, drafts for each channel, and one way to send."""

from __future__ import annotations

import datetime as dt

from braid.language.schema import Sensitivity
from braid.outbound import Draft, Rendered, Routes, TableFile, Text, deliver, render
from braid.store.exports import ExportTable, Form, Purpose
from braid.trust.guard import Facts, Recipient, Refused, Release, Released, check_outbound
from braid.trust.locations import Token

NOW = dt.datetime(2026, 11, 27, 10, 30, tzinfo=dt.UTC)
NORMAL, LOCATES = frozenset({Sensitivity.NORMAL}), frozenset({Sensitivity.LOCATION})
ADDRESS = "12 Larchwood Road, Exampleton, ZZ99 1AB"
TOKENS = (
    Token("p1", "address", ADDRESS),
    Token("p1", "telephone", "07700 900123"),
    Token("p1", "school", "Saint Agnes Primary School"),
    Token("p1", "venue", "Larchwood Hall"),
    Token("p1", "uprn", "999000111222"),
)
FACTS = Facts(
    parties=frozenset({"council", "father", "court"}),
    known_persons=frozenset({"p1", "p2"}),
    protected=frozenset({"p1"}),
    kept_from={"p1": frozenset({"father"})},
    may_know={"p1": frozenset({"court"})},
    vault_answered=True,
)
CONTACTS = {
    "email": "team@council.example",
    "letter": "Example Council\n1 Test Street\nExampleton\nZZ98 2CD",
    "sms": "07700 900555",
    "call_script": "07700 900555",
    "bundle": "room 1",
    "minutes": "room 1",
    "export": "room 1",
    "calendar": "team@council.example",
    "webhook": "http://127.0.0.1:1/in",
}
SAID = "The review is on Monday; bring form A, please. It costs £5."


def draft_for(channel: str, words: str = SAID, **changes: object) -> Draft:
    """Return a draft that says `words` on a channel."""
    pieces: tuple[object, ...] = (Text("Your review", words, NORMAL),)
    if channel == "export":
        pieces = (table_of(words),)
    given: dict[str, object] = {
        "reference": "case-1",
        "channel": channel,
        "sent_by": "worker-1",
        "subjects": frozenset({"p2"}),
        "pieces": pieces,
        "written_at": dt.datetime(2026, 11, 27, 9, tzinfo=dt.UTC),
        "starts_at": dt.datetime(2026, 12, 1, 14, tzinfo=dt.UTC),
        "ends_at": dt.datetime(2026, 12, 1, 15, tzinfo=dt.UTC),
        "protected": frozenset({"p1"}),
    }
    return Draft(**{**given, **changes})  # type: ignore[arg-type]


def table_of(words: str, form: Form = Form.XLSX) -> TableFile:
    purpose = Purpose("Example Council", "2026-11-27-test", NOW.date(), NOW.date())
    return TableFile(ExportTable("Reviews", "test", ("what", "count"), ((words, 3),)), form, purpose, NORMAL)


def to(channel: str, party: str = "council") -> Recipient:
    return Recipient(party, channel, CONTACTS[channel])


def rendered_for(channel: str, words: str = SAID, **changes: object) -> Rendered:
    return render(draft_for(channel, words, **changes), (to(channel),), ())


def ask(rendered: Rendered, facts: Facts = FACTS) -> Released | Refused:
    return check_outbound(rendered.message, facts, TOKENS, NOW)


def reasons(rendered: Rendered, facts: Facts = FACTS) -> tuple[str, ...]:
    answer = ask(rendered, facts)
    return answer.reasons if isinstance(answer, Refused) else ()


def send(rendered: Rendered, routes: Routes):
    """Send what the guard releases; fail the test where it refuses."""
    answer = ask(rendered)
    assert isinstance(answer, Released), answer.reasons
    return deliver(rendered, answer, routes, NOW)


def release(kind: str, party: str, person: str = "p1") -> Release:
    return Release(kind, person, party, "lead-1", NOW + dt.timedelta(hours=1))
