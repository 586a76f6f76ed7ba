"""What is handed to a person about who looked at them: no line of it may betray somebody who is protected."""

from __future__ import annotations

import datetime as dt
import itertools

from braid.trust.audit import KINDS, Entry
from braid.trust.own_view import LEFT_OUT, Secrets, find_reason_to_leave_out, share_out
from braid.trust.roles import PURPOSES, ROLES

AT = dt.datetime(2026, 11, 2, 10, tzinfo=dt.UTC)
SECRETS = Secrets(frozenset({"vale-police"}), frozenset({"public-protection"}))
PERSON = "p1"


def entry(**values) -> Entry:
    known = {"id": 1, "recorded_at": AT, "kind": "look", "username": "asmith", "organisation": "northmere"}
    known |= {"role": "practitioner", "purpose": "school_from_ta", "agreement_id": "school-places"}
    return Entry(**{**known, "relation": "concerned", "reference": "MTG-1", "person_id": PERSON, **values})


def test_an_ordinary_look_is_told():
    assert find_reason_to_leave_out(entry(), SECRETS) is None
    assert find_reason_to_leave_out(entry(relation="place", role="analyst"), SECRETS) is None


def test_each_reason_to_leave_out_by_its_example():
    cases = {
        "support": [entry(purpose="victim_response"), entry(role="advocate"), entry(role="advocate", purpose="")],
        "police_matter": [
            entry(organisation="vale-police"),
            entry(agreement_id="public-protection"),
            entry(agreement_id="school-places public-protection"),
        ],
        "protection": [entry(kind="vault_read"), entry(kind="withheld"), entry(reason="location_withheld")],
        "of_another": [entry(relation="household")],
        "emergency": [entry(kind="break_glass"), entry(relation="break_glass")],
        "decision": [entry(kind="disclosure"), entry(kind="disclosure", decision="deny", reason="harm_to_an_adult")],
        "not_known": [entry(purpose=""), entry(purpose="curiosity"), entry(role="gone")],
    }
    assert set(cases) == set(LEFT_OUT)
    for reason, examples in cases.items():
        assert [find_reason_to_leave_out(each, SECRETS) for each in examples] == [reason] * len(examples)


def test_over_every_combination_nothing_handed_out_names_what_is_secret():
    """Exhaustive over kinds, roles, purposes, relations and organisations, against the rule said the other way."""
    handed_count = 0
    for kind, role, purpose, relation, organisation in itertools.product(
        [*KINDS, "unheard"], [*ROLES, ""], [*PURPOSES, ""], ["concerned", "household", "break_glass", "place", ""],
        ["northmere", "vale-police"],
    ):  # fmt: skip
        one = entry(kind=kind, role=role, purpose=purpose, relation=relation, organisation=organisation)
        handed, left = share_out([one], PERSON, SECRETS)
        assert len(handed) + len(left) <= 1
        for each in handed:
            handed_count += 1
            assert each.purpose in {"school_from_ta", "court_readiness"}
            assert each.role in ROLES and each.role != "advocate"
            assert each.organisation != "vale-police"
            assert each.relation in {"concerned", "place", ""}
            assert each.kind in {"look", "changed", "sent", "exported"}
    assert handed_count > 0


def test_what_is_left_out_leaves_the_rest_as_it_was():
    """With or without secret entries between them, the same lines are handed out: nobody can tell."""
    open_ones = [entry(id=number) for number in range(4)]
    secret = [entry(id=10, purpose="victim_response"), entry(id=11, kind="vault_read")]
    other = [entry(id=20, person_id="p2")]
    mixed = [open_ones[0], secret[0], open_ones[1], *other, open_ones[2], secret[1], open_ones[3]]
    assert share_out(mixed, PERSON, SECRETS)[0] == share_out(open_ones, PERSON, SECRETS)[0] == tuple(open_ones)
    assert [reason for reason, _ in share_out(mixed, PERSON, SECRETS)[1]] == ["support", "protection"]
