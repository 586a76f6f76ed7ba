"""The rules on looks: each by its smallest example, and over made-up logs how many are found, and who besides."""

from __future__ import annotations

import datetime as dt
import math

import pytest

from braid.trust.audit import Entry
from braid.trust.snooping import OWNER, RULES, find_snooping
from trust.snooping_world import WORKERS, World

AT = dt.datetime(2026, 4, 1, 10, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)


def look(number: int, at: dt.datetime = AT, **values) -> Entry:
    known = {"kind": "look", "username": "asmith", "role": "practitioner", "relation": "concerned", "page": "person"}
    known |= {"reference": f"MTG-{number}", "person_id": f"p{number}"}
    return Entry(number, at, **{**known, **values})


def rules_of(entries: list[Entry]) -> set[str]:
    return {finding.rule for finding in find_snooping(entries)}


def refused(number: int, at: dt.datetime) -> Entry:
    return look(number, at, kind="refused", relation="")


def others(count: int) -> list[Entry]:
    """Days of other users of the role on which they opened five people."""
    return [
        look(1000 + 10 * user + person, AT + user * 5 * MINUTE, username=f"other{user}", person_id=f"o{user}-{person}")
        for user in range(count)
        for person in range(5)
    ]


@pytest.mark.parametrize(
    ("rule", "just", "not_yet"),
    [
        ("without_relationship", [look(1, relation="")], [look(1, relation="household")]),
        ("off_duty", [look(1, AT.replace(hour=21, minute=0))], [look(1, AT.replace(hour=20, minute=59))]),
        ("off_duty", [look(1, AT.replace(hour=4, minute=59))], [look(1, AT.replace(hour=5))]),
        (
            "in_sequence",
            [look(n, AT + n * MINUTE * 10 / 11) for n in range(12)],
            [look(n, AT + n * MINUTE * 11 / 11.001) for n in range(11)],
        ),
        (
            "repeated",
            [look(n, AT + n * dt.timedelta(days=1.0), person_id="p", reference="MTG-1") for n in range(8)],
            [look(n, AT + n * dt.timedelta(days=1.01), person_id="p", reference="MTG-1") for n in range(8)],
        ),
        (
            "one_reference",
            [look(n, AT + n * 30 * MINUTE, reference="MTG-1") for n in range(12)],
            [look(n, AT + n * 30 * MINUTE, reference="MTG-1") for n in range(11)],
        ),
        (
            "probing",
            [refused(n, AT + n * 15 * MINUTE) for n in range(5)],
            [refused(n, AT + n * 15.1 * MINUTE) for n in range(5)],
        ),
        (
            "many_people",
            [*others(12), *(look(n, AT + n * 20 * MINUTE) for n in range(18))],
            [*others(12), *(look(n, AT + n * 20 * MINUTE) for n in range(17))],
        ),
    ],
)
def test_each_rule_at_its_threshold_and_just_before(rule, just, not_yet):
    """British Summer Time holds on 1 April: 21:00 UTC is 22:00, 05:00 UTC is 06:00."""
    assert rule in rules_of(just)
    assert rule not in rules_of(not_yet)


def test_a_finding_is_a_task_with_owner_and_day():
    (finding,) = find_snooping([look(1, relation="")])
    assert (finding.owner, finding.figure, finding.threshold, finding.unit) == (OWNER, 1, 1, "looks")
    assert finding.due_date == dt.date(2026, 4, 10), "five working days, Good Friday and Easter Monday left out"
    assert finding.entry_ids == (1,)


def test_lists_and_emergencies_are_no_choice_of_a_person():
    many = [look(n, AT.replace(hour=23), page="people") for n in range(60)]
    assert rules_of(many) == set()
    assert rules_of([look(1, AT.replace(hour=23), relation="break_glass")]) == set()


def test_the_order_of_entries_does_not_matter():
    entries = World(1, tuple(RULES)).entries
    assert find_snooping(entries) == find_snooping(reversed(entries))


def interval(hits: int, total: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share."""
    z, share = 1.96, hits / total
    centre = (share + z * z / (2 * total)) / (1 + z * z / total)
    half = z / (1 + z * z / total) * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    return centre - half, centre + half


FLOORS = {
    "without_relationship": (0.99, 0.005),
    "many_people": (0.85, 0.02),
    "in_sequence": (0.75, 0.01),
    "off_duty": (0.99, 0.11),
    "repeated": (0.75, 0.10),
    "one_reference": (0.85, 0.01),
    "probing": (0.80, 0.01),
}
"""Least share of snoopers found, and most share of honest workers pointed out in four weeks, of each rule."""


def measure(worlds: int) -> dict[str, tuple[int, int]]:
    """Return by rule how many snoopers were found, and how many honest workers were pointed out."""
    found, wrong = dict.fromkeys(RULES, 0), dict.fromkeys(RULES, 0)
    for seed in range(worlds):
        world = World(seed, tuple(RULES))
        pointed = {(finding.rule, finding.username) for finding in find_snooping(world.entries)}
        for username, kind in world.snoopers.items():
            found[kind] += (kind, username) in pointed
        for rule in RULES:
            wrong[rule] += sum((rule, username) in pointed for username in world.honest)
    return {rule: (found[rule], wrong[rule]) for rule in RULES}


@pytest.mark.parametrize("worlds", [60, pytest.param(400, marks=pytest.mark.slow)])
def test_recall_and_false_alarms_by_rule(worlds, capsys):
    counts = measure(worlds)
    with capsys.disabled():
        print(f"\n{worlds} snoopers of each rule, {worlds * WORKERS} honest workers, four weeks")
        for rule, (found, wrong) in counts.items():
            recall, alarms = interval(found, worlds), interval(wrong, worlds * WORKERS)
            print(
                f"{rule:22} found {found:4} of {worlds} ({recall[0]:.1%} to {recall[1]:.1%}),"
                f" pointed out wrongly {wrong:4} of {worlds * WORKERS} ({alarms[0]:.2%} to {alarms[1]:.2%})"
            )
    for rule, (found, wrong) in counts.items():
        least, most = FLOORS[rule]
        assert found / worlds >= least, rule
        assert wrong / (worlds * WORKERS) <= most, rule
