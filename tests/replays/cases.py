"""The breaches that were a message: what was done elsewhere, done here by every channel that could carry it."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils import timezone
from outbound_world import (
    ADOPTED,
    ADOPTIVE_HOME,
    ADOPTIVE_LOCATIONS,
    BIRTH_FATHER,
    CHILD,
    EX,
    FATHER,
    LOCATIONS,
    LODGER,
    MOTHER,
    NEW_HOME,
    NEW_PHONE,
    OLD_HOME,
    OUTSIDER,
    SCHOOL,
    SHARED_PHONE,
)
from post_office import TO_PEOPLE, PostOffice

from braid.language.schema import Sensitivity
from braid.outbound import Text
from braid.trust.overlay import Exclusion
from braid.trust.roles import VICTIM_RESPONSE
from braid.web.access.context import asking_as
from braid.web.outbound.facts import CONTACT_KINDS
from braid.web.overlay.entries import add_entry

PLAIN, SPECIAL = (
    frozenset({Sensitivity.NORMAL}),
    frozenset({Sensitivity.SPECIAL}),
)
WHERE = f"They live at {NEW_HOME[0]}, {NEW_HOME[1]}, and may be rung on {NEW_PHONE}."
ADDRESS = "{}, {}"


@dataclass(frozen=True)
class Case:
    """One breach: what happened, how it is done here, why it must be refused, and what may not be in what left."""

    happened: str
    prepare: Callable[[PostOffice], None]
    act: Callable[[PostOffice, str], str]
    """Write the message by a channel; return its id."""
    reasons: Callable[[str], tuple[str, ...]]
    channels: tuple[str, ...]
    secrets: tuple[str, ...] = LOCATIONS


def _reach_father(office: PostOffice) -> None:
    contacts = [ADDRESS.format(*OLD_HOME), SHARED_PHONE, "frank@mail.example"]
    office.make_safe(FATHER, contacts)


def _mother_at_old_points(office: PostOffice) -> None:
    office.make_safe(MOTHER, [ADDRESS.format(*OLD_HOME), SHARED_PHONE, "maya@mail.example"])


def _both_parents(office: PostOffice) -> None:
    _reach_father(office)
    office.make_safe(MOTHER, [ADDRESS.format(*NEW_HOME), NEW_PHONE, "maya@mail.example"])


def _former_partners(office: PostOffice) -> None:
    _reach_father(office)
    office.make_safe(EX, ["5 Ferry Road, Northmere, QB93 5EE", "07700 900302", "erin@mail.example"])


def _adoption(office: PostOffice) -> None:
    lead = office.users["ig_lead"]
    with asking_as(lead.username, ""):
        add_entry(lead, Exclusion(ADOPTED, "court_order", lead.username, timezone.now(), barred_person=BIRTH_FATHER))
    office.make_safe(BIRTH_FATHER, ["31 Station Road, Northmere, QB94 4DD", "07700 900500", "bram@mail.example"])


def _partner_of_enquirer(office: PostOffice) -> None:
    office.make_safe(LODGER, [ADDRESS.format(*OLD_HOME), "07700 900600", "lee@mail.example"])


def _nothing(_office: PostOffice) -> None:
    pass


def _shared(channel: str) -> tuple[str, ...]:
    return ("shared_contact",) if CONTACT_KINDS[channel] in ("address", "telephone") else ()


BY_POST_OR_TELEPHONE = tuple(code for code in TO_PEOPLE if CONTACT_KINDS[code] in ("address", "telephone"))
EVERY = tuple(TO_PEOPLE)

CASES = {
    "charnwood_old_shared_home": Case(
        "A letter with the new address went to the old shared home (Charnwood, 2023).",
        _mother_at_old_points,
        lambda office, channel: office.write("advocate", MOTHER, [MOTHER], channel, WHERE, classes=["L"]),
        lambda channel: ("location", *_shared(channel)),
        tuple(code for code in EVERY if code != "bundle"),  # a bundle leaves the piece out; see the test of its own
    ),
    "wakefield_court_bundle": Case(
        "A court bundle named the mother's and children's address to the father (Wakefield, 2022).",
        _reach_father,
        lambda office, channel: office.queue(
            "practitioner",
            [CHILD],
            [FATHER],
            channel,
            Text("Index", "Statement of the mother", PLAIN),
            Text("", WHERE, PLAIN),
        ),
        lambda _channel: ("excluded", "location"),
        EVERY,
    ),
    "bolton_voicemail_on_shared_number": Case(
        "A voicemail for her was left on a number that the husband answered (Bolton at Home).",
        _mother_at_old_points,
        lambda office, channel: office.write("advocate", MOTHER, [MOTHER], channel, "Please ring us about your visit."),
        lambda _channel: ("existence", "shared_contact"),
        BY_POST_OR_TELEPHONE,
    ),
    "copy_to_both_parents": Case(
        "A copy of a letter to one parent went to the other (one of four safe addresses given away).",
        _both_parents,
        lambda office, channel: office.queue(
            "practitioner", [CHILD], [MOTHER, FATHER], channel, Text("School", f"A place at {SCHOOL}.", PLAIN)
        ),
        lambda _channel: ("excluded", "location"),
        EVERY,
    ),
    "auto_letter_of_a_partner_system": Case(
        "A partner's system was given the new address and wrote to everybody on the file.",
        _nothing,
        lambda office, channel: office.write("analyst", MOTHER, ["organisation:northmere-council"], channel, WHERE),
        lambda _channel: ("location",),
        (*EVERY, "webhook"),
    ),
    "adopted_children_to_birth_father": Case(
        "The birth father was told the adopted children's address.",
        _adoption,
        lambda office, channel: office.write(
            "practitioner", BIRTH_FATHER, [BIRTH_FATHER], channel, f"Nell now lives at {ADOPTIVE_HOME[0]}."
        ),
        lambda _channel: ("location",),
        EVERY,
        ADOPTIVE_LOCATIONS,
    ),
    "risk_assessment_to_ex_partners": Case(
        "An unredacted risk assessment was sent to two former partners.",
        _former_partners,
        lambda office, channel: office.queue(
            "practitioner", [FATHER], [EX, FATHER], channel, Text("Risk assessment", f"Risk is high. {WHERE}", SPECIAL)
        ),
        lambda _channel: ("location",),
        EVERY,
    ),
    "enquirer_told_to_the_partner": Case(
        "Partners were told that women had asked about them.",
        _partner_of_enquirer,
        lambda office, channel: office.queue(
            "advocate",
            [OUTSIDER],
            [LODGER],
            channel,
            Text("Your details", "Olu Outside has asked us about you.", PLAIN),
            purpose=VICTIM_RESPONSE,
        ),
        lambda _channel: ("existence",),
        EVERY,
        ("Olu Outside",),
    ),
}
"""Every case by the name of its replay."""

ELSEWHERE = {
    "lambeth_redaction_undone": "test_replay_redaction.py",
    "psni_hidden_worksheet": "test_replay_hidden_worksheet.py",
    "two_people_on_one_nhs_number": "test_replay_one_number.py",
    "advanced_one_account_without_a_second_factor": "test_replay_second_factor.py",
    "capita_ignored_alert": "test_replay_ignored_alert.py",
}
"""The replays that are no message, by name, and the file that holds each."""
