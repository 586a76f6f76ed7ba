"""Hidden and absent get the same statements, the same bytes, and an answer at the same moment after the request."""

import re
import time
import uuid
from contextlib import contextmanager

import numpy as np
import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from published_sample import REFERENCE
from relationships import ABSENT, person_in, relate, write_relationships
from sample_agreements import sample_agreements
from timing_pairs import THRESHOLD, measure, welch_t
from vault_sample import confirm_session, has_factor

from braid.trust.roles import ROLES
from braid.web import hold_back
from braid.web.enforcement import enforce
from braid.web.publish import publish

pytestmark = pytest.mark.django_db

NOT_FOR = {
    "practitioner": (
        *("none", "break_glass_over", "break_glass_of_another", "excluded", "excluded_break_glass"),
        *("restricted_out", "admitted_without_relationship"),
    ),
    "advocate": ("none", "household", "excluded", "excluded_break_glass", "restricted_out"),
    "analyst": ("excluded", "excluded_break_glass", "restricted_out"),
}
"""Of three roles of different reach, in which relationships somebody is hidden from them."""
PURPOSE = {"practitioner": "school_from_ta", "advocate": "victim_response", "analyst": "court_readiness"}


@pytest.fixture(scope="session")
def related_run(tmp_path_factory):
    """A run with somebody in every relationship, as files."""
    return write_relationships(tmp_path_factory.mktemp("related"))


@pytest.fixture
def related(db, related_run, user_of):
    """The run published, agreements in force, and everybody related to everybody."""
    place, run = related_run
    publish(run, place)
    enforce(sample_agreements())
    users = [has_factor(user_of(role)) for role in ROLES]
    relate(users)


def ways_to_ask(client, role):
    """Every address that takes a person's id, and how it is asked about one."""
    headers = {"X-Purpose": PURPOSE[role], "X-Reference": REFERENCE}
    form = {"reason": "immediate_danger", "reference_kind": "incident", "reference": REFERENCE}
    form |= {"purpose": PURPOSE[role], "colleague": "test-ig_lead"}
    return {
        "page": lambda person: client.get(f"/people/{person}/"),
        "api": lambda person: client.get(f"/api/people/{person}", headers=headers),
        "location": lambda person: client.get(f"/people/{person}/location/address/"),
        "break_glass": lambda person: client.post("/break-glass/", {**form, "person_id": person}),
        "conflict": lambda person: client.post("/conflicts/", {"subject_id": person, "reason": "staff_knows"}),
    }


def asked(way, person_id):
    """Ask, take back what it changed; return the answer and the statements, ids and moments blotted out."""
    with (
        transaction.atomic(),
        CaptureQueriesContext(
            connection,
        ) as captured,
    ):
        answer = way(person_id)
        transaction.set_rollback(True)
    statements = [
        re.sub(r"'[^']*'|\b\d+\b|\"s\d+_x\d+\"", "?", query["sql"].replace(person_id, "?")) for query in captured
    ]
    return answer, statements


@pytest.mark.parametrize("role", NOT_FOR)
def test_hidden_and_absent_run_the_same_statements_and_get_the_same_bytes(role, related, client_of):
    client = confirm_session(client_of(role, PURPOSE[role]))
    for name, way in ways_to_ask(client, role).items():
        asked(way, person_in(ABSENT))  # so that what is loaded once is loaded
        absent, of_absent = asked(way, person_in(ABSENT))
        assert len(of_absent) > 5 or (name, role) == ("location", "analyst")
        for relationship in NOT_FOR[role]:
            for person in ("open", "protected"):
                hidden, of_hidden = asked(way, person_in(relationship, person))
                assert of_hidden == of_absent, (name, relationship, person)
                assert (hidden.status_code, hidden.content) == (absent.status_code, absent.content)
                assert {**hidden.headers, "Expires": ""} == {**absent.headers, "Expires": ""}, (name, relationship)


def test_somebody_seen_runs_other_statements_or_the_comparison_shows_nothing(related, client_of):
    client = confirm_session(client_of("practitioner", PURPOSE["practitioner"]))
    ways = ways_to_ask(client, "practitioner")
    for name in ("page", "api"):
        assert asked(ways[name], person_in("concerned"))[1] != asked(ways[name], person_in(ABSENT))[1], name


@pytest.mark.parametrize("role", ["practitioner", "advocate"])
def test_what_says_no_about_somebody_is_held_until_the_floor(role, related, client_of, settings):
    settings.ABSENT_FLOOR_MS = 150
    client = confirm_session(client_of(role, PURPOSE[role]))
    for name, way in ways_to_ask(client, role).items():
        if (name, role) == ("location", "practitioner"):
            continue  # refused whoever it is, before anything is looked up
        for person_id in (person_in("none"), person_in(ABSENT)):
            start = time.perf_counter()
            way(person_id)
            assert time.perf_counter() - start >= 0.15, name


def test_what_takes_longer_than_the_floor_waits_for_the_next_multiple(monkeypatch):
    clock = [10.0]
    monkeypatch.setattr(hold_back.time, "perf_counter", lambda: clock.__setitem__(0, clock[0] + 1e-5) or clock[0])
    monkeypatch.setattr(hold_back.time, "sleep", lambda seconds: clock.__setitem__(0, clock[0] + seconds))
    for took, leaves in ((0.01, 0.1), (0.0999, 0.1), (0.101, 0.2), (0.25, 0.3)):
        clock[0] = 10.0 + took
        hold_back.wait_for_multiple(10.0, 0.1)
        assert clock[0] == pytest.approx(10.0 + leaves, abs=1e-4), took


def test_who_is_shown_is_not_held(related, client_of, settings, monkeypatch):
    settings.ABSENT_FLOOR_MS = 150
    held = []
    monkeypatch.setattr(hold_back, "wait_for_multiple", lambda *a: held.append(a))
    client = client_of("practitioner", PURPOSE["practitioner"])
    for route in (f"/people/{person_in('concerned')}/", "/people/", "/", "/conflicts/", "/nothing-here/"):
        client.get(route)
    assert held == []
    client.get(f"/people/{person_in('none')}/")
    assert len(held) == 1


def test_welch_t_is_that_of_the_textbook():
    """Worked by hand: means 3 and 6, variances 2.5 and 10, five values each: -3 / sqrt(0.5 + 2)."""
    t = welch_t(np.array([1.0, 2, 3, 4, 5]), np.array([2.0, 4, 6, 8, 10]))
    assert t == pytest.approx(-3 / np.sqrt(2.5))
    assert welch_t(np.array([1.0]), np.array([2.0, 3.0])) == 0


def test_a_difference_of_two_parts_in_a_hundred_is_seen_and_none_is_not():
    draw = np.random.default_rng(5)
    samples = iter(np.concatenate([draw.gamma(8, 1, 40_000)]))

    def clock_for(extra):
        at = [0.0]

        def ask(person_id):
            at[0] += next(samples) + (extra if person_id == "hidden" else 0)

        return ask, lambda: at[0]

    for extra, is_seen in ((0.0, False), (0.3, True)):
        ask, now = clock_for(extra)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(time, "perf_counter", now)
            pairs = measure(ask, ["hidden"], ["absent"], 8_000)
        assert (pairs.largest_t >= THRESHOLD) is is_seen, extra


@pytest.mark.slow
@pytest.mark.parametrize("way", ["page", "api", "location", "break_glass", "conflict"])
def test_no_address_tells_hidden_from_absent_by_time(way, related, client_of, settings):
    """In one process, 2,000 pairs with a floor of 60 ms; `benchmarks/hidden_or_absent.py` takes as many as wanted."""
    settings.ABSENT_FLOOR_MS = 60
    client = confirm_session(client_of("advocate", PURPOSE["advocate"]))
    ask = ways_to_ask(client, "advocate")[way]

    @contextmanager
    def taken_back():
        with transaction.atomic():
            yield
            transaction.set_rollback(True)

    hidden = [person_in(each, person) for each in NOT_FOR["advocate"] for person in ("open", "protected")]
    absent = [str(uuid.UUID(int=number)) for number in range(len(hidden))]
    started = timezone.now()
    pairs = measure(ask, hidden, absent, 2_000, around=taken_back)
    print(f"{way}: |t| {pairs.largest_t:.2f} over 2,000 pairs, {timezone.now() - started}")
    assert pairs.largest_t < THRESHOLD
