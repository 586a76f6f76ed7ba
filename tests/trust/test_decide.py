"""The decision against a naive specification over every case there is."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import replace
from itertools import product

from braid.trust.agreements import Sharing
from braid.trust.decide import (
    Actor,
    Grant,
    Held,
    Outcome,
    Subject,
    decide,
    decide_minutes,
    may_receive_minutes,
    permitted_rows,
)
from braid.trust.roles import PURPOSES, ROLES, Reach
from naive_decision import naive, naive_minutes

NOW = dt.datetime(2026, 11, 27, 12, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
PEOPLE_WORKING = [*ROLES, "stranger"]
AIMS = [*PURPOSES, "curiosity", None]
PROVIDERS = ("council", "")
CODES = (
    "identity",
    "district",
    "household",
    "blockers",
    "involvements",
    "contacts",
    "waits.school_place",
    "waits.victim_support",
    "vault.address",
)
LISTED = frozenset({"identity", "district", "blockers", "involvements", "vault.address"})
"""What some grants ask for by name; the others ask for waits alone."""
SENSITIVITIES = ("normal", "special", "safe_address", "unheard_of")


def _flows(purpose: str) -> tuple[Sharing, ...]:
    """Everything open to `here` for one purpose, but the contacts, which ended this very moment."""
    return tuple(
        Sharing("a", "1", purpose, "here", provider, code, NOW - HOUR, NOW if code == "contacts" else NOW + HOUR)
        for provider in PROVIDERS
        for code in CODES
    )


SUBJECTS = tuple(
    Subject("p", protected, sealed, excluded, restricted, concerned, at_home, in_case, referred, grants)
    for protected in (False, True)
    for sealed, excluded, restricted in (
        (False, frozenset(), None),
        (True, frozenset(), None),
        (False, frozenset({"u"}), None),
        (False, frozenset(), frozenset({"u"})),
        (False, frozenset(), frozenset({"other"})),
    )
    for concerned, at_home, in_case, referred, grants in (
        (frozenset(), frozenset(), frozenset(), frozenset(), ()),
        (frozenset({"school_from_ta"}), frozenset(), frozenset(), frozenset(), ()),
        (frozenset(), frozenset({"school_from_ta", "victim_response"}), frozenset(), frozenset(), ()),
        (frozenset(PURPOSES), frozenset(), frozenset(), frozenset(), ()),
        (frozenset(), frozenset(), frozenset(), frozenset(), (Grant("u", "court_readiness", NOW, NOW + HOUR),)),
        (
            frozenset(),
            frozenset(),
            frozenset(),
            frozenset(),
            (Grant("u", "victim_response", NOW - HOUR, NOW, frozenset(CODES), approved=True),),
        ),
        (frozenset(), frozenset(), frozenset(), frozenset(), (Grant("u", "victim_response", NOW, NOW + HOUR, LISTED),)),
        (
            frozenset(),
            frozenset(),
            frozenset(),
            frozenset(),
            (Grant("u", "victim_response", NOW, NOW + HOUR, LISTED, approved=True),),
        ),
        (
            frozenset(),
            frozenset(),
            frozenset(),
            frozenset(),
            (Grant("u", "court_readiness", NOW, NOW + HOUR, LISTED, approved=True),),
        ),
        (frozenset(), frozenset(), frozenset({"school_from_ta"}), frozenset(), ()),
        (frozenset(), frozenset(), frozenset(), frozenset({"victim_response"}), ()),
    )
)
ACTORS = tuple(
    Actor("u", organisation, role, active, _flows(flows), assurance, confirmed)
    for role in PEOPLE_WORKING
    for organisation, active, flows, assurance, confirmed in (
        ("here", True, "school_from_ta", 1, None),
        ("here", True, "court_readiness", 2, NOW),
        ("here", True, "victim_response", 2, NOW - dt.timedelta(minutes=5)),
        ("here", True, "victim_response", 2, NOW - dt.timedelta(minutes=5) + dt.timedelta.resolution),
        ("here", True, "victim_response", 1, NOW),
        ("elsewhere", True, "school_from_ta", 2, NOW),
        ("here", False, "school_from_ta", 2, NOW),
    )
)


def test_the_decision_agrees_with_the_naive_specification_over_the_whole_lattice() -> None:
    """Every actor, person, item, provider, row sensitivity and purpose of the lattice: no disagreement."""
    found: Counter[str] = Counter()
    held_items = [Held(*one) for one in product(CODES, (*PROVIDERS, "nobody"), SENSITIVITIES)]
    for actor, subject, held, purpose in product(ACTORS, SUBJECTS, held_items, AIMS):
        outcome = str(decide(actor, subject, held, purpose, NOW).outcome)
        assert outcome == naive(actor, subject, held, purpose, NOW), (actor.role, subject, held, purpose)
        found[outcome] += 1
    assert found.keys() == {"allow", "mask", "step_up", "deny"}
    assert sum(found.values()) > 1_000_000
    print(f"{sum(found.values()):,} decisions, no disagreement: {dict(found)}")


def test_minutes_are_sent_by_taking_part_alone_over_the_whole_lattice() -> None:
    """Every actor, person, row sensitivity and purpose: whoever reaches somebody in another way may not for that."""
    found: Counter[tuple[str, str]] = Counter()
    joint = Sharing("a", "1", "", "here", "", "joint_case", NOW - HOUR, NOW + HOUR)
    items = [Held(code, "", sensitivity) for code in ("joint_case", "identity") for sensitivity in SENSITIVITIES]
    for actor, subject, held, purpose in product(ACTORS, SUBJECTS, items, AIMS):
        flows = (*actor.sharings, *(replace(joint, purpose=one.purpose) for one in actor.sharings[:1]))
        sender = replace(actor, sharings=flows)
        decision = decide_minutes(sender, subject, held, purpose, NOW)
        assert str(decision.outcome) == naive_minutes(sender, subject, held, purpose, NOW), (actor.role, subject, held)
        found[str(decision.outcome), decision.relation] += 1
    assert {one for one in found if one[0] == "allow"} == {("allow", "case")}
    assert found["allow", "case"] > 40


def test_minutes_go_to_who_takes_part_and_to_whom_it_was_decided() -> None:
    for receiver, there, shared in product(("", "a", "b"), ((), ("a",), ("a", "b", "")), ((), ("a",), ("a", "b", ""))):
        wanted = receiver != "" and receiver in there and receiver in shared
        assert may_receive_minutes(receiver, there, shared) is wanted


def test_a_forbid_wins_over_every_permit() -> None:
    """An exclusion added to any situation denies it, whatever else permits."""
    for actor, subject in product(ACTORS, SUBJECTS):
        barred = replace(subject, excluded=frozenset({"u"}))
        for purpose in PURPOSES:
            assert decide(actor, barred, Held("identity", ""), purpose, NOW).outcome is Outcome.DENY


def test_no_agreement_no_rows_and_no_fields() -> None:
    for actor, subject, code, purpose in product(ACTORS, SUBJECTS, CODES, PURPOSES):
        bare = replace(actor, sharings=())
        assert decide(bare, subject, Held(code, ""), purpose, NOW).outcome is Outcome.DENY


def test_only_the_analyst_reaches_the_whole_place() -> None:
    assert [code for code, role in ROLES.items() if role.reach == "place"] == ["analyst"]


def test_location_of_a_protected_person_is_shown_to_nobody() -> None:
    for actor, subject, provider, purpose in product(ACTORS, SUBJECTS, PROVIDERS, PURPOSES):
        hidden = replace(subject, protected=True)
        for code in ("district", "contacts"):
            assert decide(actor, hidden, Held(code, provider), purpose, NOW).outcome is not Outcome.ALLOW


def test_board_and_governance_see_no_person() -> None:
    for code in ("board_member", "ig_lead"):
        assert not ROLES[code].sees_people
        assert all(permitted_rows(ROLES[code], purpose) == (frozenset(), frozenset()) for purpose in PURPOSES)


def test_only_the_advocate_sees_support_for_victims() -> None:
    """And, of the people in joint cases of theirs alone, whoever sits at the table with the advocate."""
    knowing = {code: role for code, role in ROLES.items() if "safe_address" in role.row_sensitivities}
    assert {code for code, role in knowing.items() if role.reach is not Reach.CASE} == {"advocate"}
    assert {code for code, role in knowing.items() if role.reach is Reach.CASE} == {"coordinator", "responder"}
    assert {code for code, role in knowing.items() if role.vault_items} == {"advocate"}
